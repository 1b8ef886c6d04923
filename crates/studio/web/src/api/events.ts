import type { Told } from './types';

const NAMES = new Set(['tier', 'token', 'file', 'patch', 'check', 'choices', 'error', 'done']);

/** Cuts a stream of server-sent events into what it tells. What is no event of ours is passed over. */
export class Events {
  private rest = '';

  /** What `chunk` completes. A chunk may end anywhere, also within a line. */
  push(chunk: string): Told[] {
    const blocks = (this.rest + chunk).replaceAll('\r\n', '\n').split('\n\n');
    this.rest = blocks.pop() ?? '';
    return blocks.flatMap(told);
  }
}

function told(block: string): Told[] {
  let name = '';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, field, value = ''] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
    if (field === 'event') name = value;
    if (field === 'data') data.push(value);
  }
  if (!NAMES.has(name)) return [];
  try {
    return [{ event: name, ...JSON.parse(data.join('\n')) } as Told];
  } catch {
    return [];
  }
}

/** Reads `body` to its end. */
export async function* read(body: ReadableStream<Uint8Array>): AsyncGenerator<Told[]> {
  const events = new Events();
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const all = events.push(value);
      if (all.length > 0) yield all;
    }
  } finally {
    reader.releaseLock();
  }
}
