import type { Content, DiffLine, Edit, Edited, Project, Request, Studio, Summary } from './types';

/** The server refused, or could not be reached. `message` is a sentence for the user. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    /** The HTTP status; 0 where the server could not be reached. */
    readonly status: number,
    /** The server's word for the reason; `offline` where it could not be reached. */
    readonly code: string,
    message: string,
    /** Where another tab was quicker: the version that stands there now. */
    readonly head: number | null = null,
  ) {
    super(message);
  }
}

const UNREACHED = 'The Studio cannot be reached. Nothing was lost; it will be tried again.';

/** The Studio's server, asked with the key that `key` gives. */
export class Client {
  constructor(
    private readonly key: () => string | null,
    private readonly refusedKey: () => void = () => {},
  ) {}

  studio = () => this.json<Studio>('GET', '/api/studio');
  projects = () => this.json<{ projects: Summary[] }>('GET', '/api/projects').then(({ projects }) => projects);
  create = (name?: string) => this.json<Summary>('POST', '/api/projects', name === undefined ? {} : { name });
  project = (id: string) => this.json<Project>('GET', at(id));
  change = (id: string, change: { name?: string; network?: boolean }) => this.json<unknown>('PATCH', at(id), change);
  remove = (id: string) => this.json<void>('DELETE', at(id));
  /** A version, with the preview of its page at `path`, or of its first one. */
  content = (id: string, version: number, path?: string) =>
    this.json<Content>('GET', `${at(id)}/versions/${version}${path === undefined ? '' : `?path=${encodeURIComponent(path)}`}`);
  diff = (id: string, from: number, to: number) =>
    this.json<{ lines: DiffLine[] }>('GET', `${at(id)}/diff?from=${from}&to=${to}`).then(({ lines }) => lines);
  request = (id: string, request: Request) => this.json<{ generation: string } | Edited>('POST', `${at(id)}/requests`, request);
  stop = (id: string) => this.json<void>('POST', `${at(id)}/stop`, {});
  edit = (id: string, base: number, edit: Edit, page: { path?: string } = {}) =>
    this.json<Edited>('POST', `${at(id)}/edits`, { base, edit, ...page });
  /** Shows another version than the one that is shown here: where another tab shows a third one, that is a conflict. */
  goTo = (id: string, version: number, base: number) => this.json<Project>('POST', `${at(id)}/head`, { version, base });

  /** The project's page as a zip file. */
  async exported(id: string): Promise<Blob> {
    return (await this.ask('GET', `${at(id)}/export`)).blob();
  }

  /** What a running (or the last) generation says, from its beginning; nothing where there is none. */
  async events(id: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array> | null> {
    const answer = await this.ask('GET', `${at(id)}/events`, undefined, { signal, headers: { accept: 'text/event-stream' } });
    return answer.status === 204 ? null : answer.body;
  }

  private async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.ask(method, path, body);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  private async ask(method: string, path: string, body?: unknown, options: RequestInit = {}): Promise<Response> {
    const headers = new Headers(options.headers);
    const key = this.key();
    if (key) headers.set('authorization', `Bearer ${key}`);
    if (body !== undefined) headers.set('content-type', 'application/json');
    let answer: Response;
    try {
      answer = await fetch(path, { ...options, method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new Refused(0, 'offline', UNREACHED);
    }
    if (answer.ok) return answer;
    if (answer.status === 401) this.refusedKey();
    throw refusal(answer.status, await answer.text().catch(() => ''));
  }
}

/** What the server meant with `status` and `body`. */
export function refusal(status: number, body: string): Refused {
  const said = parsed(body);
  const error = record(said.error);
  const head = typeof said.head === 'number' ? said.head : typeof error.head === 'number' ? error.head : null;
  const code = typeof error.code === 'string' ? error.code : `http_${status}`;
  const message = typeof error.message === 'string' ? error.message : `The Studio answered with an error (${status}).`;
  return new Refused(status, code, message, head);
}

function parsed(body: string): Record<string, unknown> {
  try {
    return record(JSON.parse(body));
  } catch {
    return {};
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function at(id: string): string {
  return `/api/projects/${encodeURIComponent(id)}`;
}
