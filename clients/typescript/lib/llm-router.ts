/**
 * Asks Tierfall: one request, answered by the first tier that can. Needs nothing but `fetch`, so this one file can be put into
 * any project.
 *
 *     const answer = await generateWithLLM(messages);                       // whole
 *     for await (const text of generateWithLLM(messages)) write(text);      // as it comes
 *     return new Response(generateWithLLM(messages).toReadableStream());    // on to a browser
 */

export interface Message {
  role: "system" | "developer" | "user" | "assistant" | "tool";
  content: string | readonly ContentPart[] | null;
  name?: string;
  tool_calls?: readonly ToolCall[];
  tool_call_id?: string;
}

export type ContentPart =
  | { type: "text"; text: string }
  | { type: "image_url"; image_url: { url: string; detail?: "auto" | "low" | "high" } };

export interface ToolCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

export interface Options {
  /** Where Tierfall is, up to `/v1`. Else `TIERFALL_BASE_URL` of the environment, else `http://127.0.0.1:7860/v1`. */
  baseUrl?: string;
  /** A key of `TIERFALL_API_KEYS`, where it asks for one. Else `TIERFALL_API_KEY` of the environment. */
  apiKey?: string;
  /** A route, or `tier-N` to pin one tier. `auto`, which is the default, is the whole cascade. */
  model?: string;
  temperature?: number;
  topP?: number;
  maxTokens?: number;
  stop?: string | readonly string[];
  tools?: readonly unknown[];
  responseFormat?: unknown;
  /** Further members of the request's body, as they are. */
  body?: Record<string, unknown>;
  /** Cancels the request, up to the tier that answers. */
  signal?: AbortSignal;
  /** For the whole request, in milliseconds; Tierfall is told, and divides it among its tiers. Default: 300000. */
  timeoutMs?: number;
  /**
   * For a silence once the answer has begun, in milliseconds. Tierfall breaks a silence every ten seconds, so that a longer one
   * is a dead connection. Default: 30000.
   */
  idleTimeoutMs?: number;
  /** Told each piece of the answer. */
  onToken?: (text: string) => void;
  /** Told each piece of what the model thinks before it answers. */
  onReasoning?: (text: string) => void;
  /** Told which tier answers: at the beginning, and where another one carries the answer on. */
  onTier?: (tier: number) => void;
  /** Asked instead of the global `fetch`. */
  fetch?: typeof fetch;
}

/** What became of one tier. */
export interface Attempt {
  tier: number;
  /** `ok`, `timeout`, or why it failed or was not asked. */
  outcome: string;
  /** How long it took; `null` where that is not said. */
  ms: number | null;
  /** What people call the tier, where that is said. */
  name?: string;
  /** The HTTP status that it answered with, where it did. */
  status?: number | null;
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** A whole answer. */
export interface Answer {
  content: string;
  reasoning: string;
  toolCalls: ToolCall[];
  /** `stop`, `length`, `tool_calls`, `content_filter`. */
  finishReason: string;
  /** The tier that answered, or that finished the answer. */
  tier: number | null;
  attempts: Attempt[];
  /** The model that answered. */
  model: string | null;
  usage: Usage | null;
  requestId: string | null;
}

interface Details {
  status?: number | undefined;
  code?: string | undefined;
  attempts?: Attempt[] | undefined;
  requestId?: string | null | undefined;
  content?: string | undefined;
  cause?: unknown;
}

/** Why there is no whole answer. Which it is, is its class. */
export class LLMError extends Error {
  /** The HTTP status of Tierfall's answer; 0 where there was none. */
  readonly status: number;
  /** For programs: Tierfall's own code, or one of `timeout`, `aborted`, `unreachable`, `answer_broke_off`. */
  readonly code: string;
  /** What became of each tier, as far as it is known. */
  readonly attempts: Attempt[];
  readonly requestId: string | null;
  /** What had come of the answer by then. */
  readonly content: string;

  constructor(message: string, details: Details = {}) {
    super(message, { cause: details.cause });
    this.name = new.target.name;
    this.status = details.status ?? 0;
    this.code = details.code ?? "no_answer";
    this.attempts = details.attempts ?? [];
    this.requestId = details.requestId ?? null;
    this.content = details.content ?? "";
  }
}

/** No tier could answer: `attempts` says of each why. */
export class AllTiersFailedError extends LLMError {}
/** The request itself was refused: malformed, without a key, or against a provider's rules. Asking again changes nothing. */
export class RefusedError extends LLMError {}
/** The answer broke off, and no tier could carry it on: `content` is what had come. */
export class BrokenOffError extends LLMError {}
/** The time was up. */
export class TimeoutError extends LLMError {}
/** The caller gave up. */
export class AbortedError extends LLMError {}
/** Tierfall could not be reached. */
export class UnreachableError extends LLMError {}

/** Asks `messages`. Nothing is sent before the answer is awaited or read. */
export function generateWithLLM(messages: readonly Message[], options: Options = {}): Generation {
  return new Generation(messages, options);
}

/** An answer to come: awaited as a whole, or read piece by piece, or both, in whichever order. It is asked for once. */
export class Generation implements PromiseLike<Answer>, AsyncIterable<string> {
  readonly #pieces: AsyncGenerator<string, void, void>;
  readonly #whole: Promise<Answer>;
  #read = false;

  constructor(messages: readonly Message[], options: Options) {
    const settle = {} as Settle;
    this.#whole = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
    // Who only reads is told of a failure there.
    this.#whole.catch(() => {});
    this.#pieces = ask(messages, options, settle);
  }

  then<A = Answer, B = never>(
    whole?: ((answer: Answer) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (!this.#read) {
      this.#read = true;
      void drain(this.#pieces);
    }
    return this.#whole.then(whole, failed);
  }

  catch<B = never>(failed?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Answer | B> {
    return this.then(undefined, failed);
  }

  /** The pieces of the answer as they come. Leaving the loop cancels the request. */
  [Symbol.asyncIterator](): AsyncIterator<string, void, void> {
    if (this.#read) throw new TypeError("This answer is read already: ask again to read it again");
    this.#read = true;
    return this.#pieces;
  }

  /** The answer as a body of UTF-8, for a `Response`. Cancelling it cancels the request. */
  toReadableStream(): ReadableStream<Uint8Array> {
    const pieces = this[Symbol.asyncIterator]();
    const encoder = new TextEncoder();
    return new ReadableStream({
      async pull(controller) {
        const piece = await pieces.next();
        if (piece.done) controller.close();
        else controller.enqueue(encoder.encode(piece.value));
      },
      async cancel() {
        await pieces.return?.();
      },
    });
  }
}

interface Settle {
  resolve: (answer: Answer) => void;
  reject: (reason: unknown) => void;
}

async function drain(pieces: AsyncGenerator<string, void, void>): Promise<void> {
  try {
    for await (const _ of pieces);
  } catch {
    // The whole answer's promise has been told.
  }
}

async function* ask(messages: readonly Message[], options: Options, settle: Settle): AsyncGenerator<string, void, void> {
  const limits = new Limits(options);
  const heard = new Heard(options);
  try {
    const response = await request(messages, options, limits);
    heard.begins(response);
    for await (const line of lines(response, limits)) {
      yield* heard.line(line);
      if (heard.done) break;
    }
    settle.resolve(heard.answer());
  } catch (reason) {
    const failure = limits.explain(reason, heard);
    settle.reject(failure);
    throw failure;
  } finally {
    limits.over();
    // Says something only where the reader left before the end: a promise is settled once.
    settle.reject(new AbortedError("The answer was not read to its end", { code: "aborted", ...heard.soFar() }));
  }
}

async function request(messages: readonly Message[], options: Options, limits: Limits): Promise<Response> {
  const base = (options.baseUrl ?? environment("TIERFALL_BASE_URL") ?? "http://127.0.0.1:7860/v1").replace(/\/+$/, "");
  const key = options.apiKey ?? environment("TIERFALL_API_KEY");
  const headers: Record<string, string> = {
    "Content-Type": "application/json",
    Accept: "text/event-stream",
    "x-tierfall-deadline-ms": String(limits.wholeMs),
  };
  if (key) headers["Authorization"] = `Bearer ${key}`;
  const body = {
    ...options.body,
    model: options.model ?? "auto",
    messages,
    stream: true,
    stream_options: { include_usage: true },
    temperature: options.temperature,
    top_p: options.topP,
    max_tokens: options.maxTokens,
    stop: options.stop,
    tools: options.tools,
    response_format: options.responseFormat,
  };
  const send = options.fetch ?? fetch;
  const init = { method: "POST", headers, body: JSON.stringify(body), signal: limits.signal };
  const response = await send(`${base}/chat/completions`, init);
  if (response.ok) return response;
  throw refusal(response, await response.text().catch(() => ""));
}

/** The lines of a stream of events. */
async function* lines(response: Response, limits: Limits): AsyncGenerator<string, void, void> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      limits.quiet();
      const { done, value } = await reader.read();
      if (done) break;
      // A CR at the end may be half a CRLF.
      const all = (rest + value).split(/\r\n|\n|\r(?!$)/);
      rest = all.pop() ?? "";
      yield* all;
    }
    if (rest) yield rest;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** What has been heard of an answer. */
class Heard {
  #content = "";
  #reasoning = "";
  #finish: string | null = null;
  /** Whether nothing follows, even where the connection stays open. */
  done = false;
  #tier: number | null = null;
  #attempts: Attempt[] = [];
  #model: string | null = null;
  #usage: Usage | null = null;
  #requestId: string | null = null;
  readonly #calls: ToolCall[] = [];
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  begins({ headers }: Response): void {
    this.#requestId = headers.get("x-request-id");
    this.#attempts = attempts(headers.get("x-tierfall-attempts"));
    this.#answers(Number(headers.get("x-tierfall-tier")));
  }

  *line(line: string): Generator<string, void, void> {
    const tier = /^: ?tierfall tier=(\d+)/.exec(line)?.[1];
    if (tier) return this.#answers(Number(tier));
    if (!line.startsWith("data:")) return;
    const data = line.slice(5).trim();
    if (data === "[DONE]") this.done = true;
    else if (data) yield* this.#chunk(JSON.parse(data));
  }

  *#chunk(chunk: Chunk): Generator<string, void, void> {
    if (chunk.error) throw brokenOff(chunk.error.message, this.soFar());
    this.#model = chunk.model ?? this.#model;
    this.#usage = chunk.usage ?? this.#usage;
    const choice = chunk.choices?.[0];
    if (!choice) return;
    this.#finish = choice.finish_reason ?? this.#finish;
    const { content, reasoning_content, reasoning, tool_calls } = choice.delta ?? {};
    const thought = reasoning_content || reasoning;
    if (thought) {
      this.#reasoning += thought;
      this.#options.onReasoning?.(thought);
    }
    for (const call of tool_calls ?? []) this.#call(call);
    if (content) {
      this.#content += content;
      this.#options.onToken?.(content);
      yield content;
    }
  }

  #call({ index = 0, id, function: part }: CallDelta): void {
    const call = (this.#calls[index] ??= { id: "", type: "function", function: { name: "", arguments: "" } });
    if (id) call.id = id;
    call.function.name += part?.name ?? "";
    call.function.arguments += part?.arguments ?? "";
  }

  #answers(tier: number): void {
    if (!tier || tier === this.#tier) return;
    this.#tier = tier;
    this.#options.onTier?.(tier);
  }

  answer(): Answer {
    if (!this.done && !this.#finish) throw brokenOff("The answer broke off", this.soFar());
    return {
      content: this.#content,
      reasoning: this.#reasoning,
      toolCalls: this.#calls.filter(Boolean),
      finishReason: this.#finish ?? "stop",
      tier: this.#tier,
      attempts: this.#attempts,
      model: this.#model,
      usage: this.#usage,
      requestId: this.#requestId,
    };
  }

  soFar(): Pick<LLMError, "attempts" | "requestId" | "content"> {
    return { attempts: this.#attempts, requestId: this.#requestId, content: this.#content };
  }
}

interface Chunk {
  model?: string;
  usage?: Usage | null;
  error?: { message?: string };
  choices?: {
    finish_reason?: string | null;
    delta?: {
      content?: string | null;
      reasoning_content?: string | null;
      reasoning?: string | null;
      tool_calls?: CallDelta[] | null;
    };
  }[];
}

interface CallDelta {
  index?: number;
  id?: string;
  function?: { name?: string; arguments?: string };
}

/** The caller's patience: a signal that ends the request, and why it did. */
class Limits {
  readonly signal: AbortSignal;
  readonly wholeMs: number;
  readonly #idleMs: number;
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #whole: ReturnType<typeof setTimeout>;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #why: "timeout" | "silence" | undefined;

  constructor({ signal, timeoutMs = 300_000, idleTimeoutMs = 30_000 }: Options) {
    this.signal = this.#controller.signal;
    this.wholeMs = Math.max(1, Math.round(timeoutMs));
    this.#idleMs = idleTimeoutMs;
    this.#caller = signal;
    this.#whole = setTimeout(() => this.#end("timeout"), this.wholeMs);
    if (signal?.aborted) this.#left();
    else signal?.addEventListener("abort", this.#left, { once: true });
  }

  readonly #left = (): void => this.#controller.abort(this.#caller?.reason);

  #end(why: "timeout" | "silence"): void {
    this.#why ??= why;
    this.#controller.abort();
  }

  /** A silence begins. */
  quiet(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#end("silence"), this.#idleMs);
  }

  over(): void {
    clearTimeout(this.#whole);
    clearTimeout(this.#idle);
    this.#caller?.removeEventListener("abort", this.#left);
    this.#controller.abort();
  }

  /** What `reason` is to the caller. */
  explain(reason: unknown, heard: Heard): LLMError {
    const soFar = { ...heard.soFar(), cause: reason };
    if (this.#why === "timeout") {
      return new TimeoutError(`No whole answer within ${this.wholeMs} ms`, { code: "timeout", ...soFar });
    }
    if (this.#why === "silence") {
      return new TimeoutError(`Nothing came for ${this.#idleMs} ms: the connection is dead`, { code: "timeout", ...soFar });
    }
    if (this.#caller?.aborted) return new AbortedError("The request was cancelled", { code: "aborted", ...soFar });
    if (reason instanceof LLMError) return reason;
    if (soFar.requestId !== null || soFar.content) return brokenOff("The answer broke off", soFar);
    const message = "Tierfall cannot be reached: is it running, and is baseUrl (or TIERFALL_BASE_URL) its address up to /v1?";
    return new UnreachableError(message, { code: "unreachable", ...soFar });
  }
}

function brokenOff(message: string | undefined, soFar: Details): BrokenOffError {
  return new BrokenOffError(message || "The answer broke off", { status: 200, code: "answer_broke_off", ...soFar });
}

function refusal(response: Response, text: string): LLMError {
  const { error } = parsed(text);
  const told = error?.attempts?.map(({ reason, ...rest }) => ({ ...rest, outcome: reason }));
  const details = {
    status: response.status,
    code: error?.code ?? error?.type ?? undefined,
    attempts: told ?? attempts(response.headers.get("x-tierfall-attempts")),
    requestId: response.headers.get("x-request-id"),
  };
  const message = error?.message || `Tierfall answered with status ${response.status}`;
  if (details.code === "all_tiers_failed") return new AllTiersFailedError(message, details);
  if (response.status < 500) return new RefusedError(message, details);
  return new LLMError(message, details);
}

interface Refusal {
  error?: {
    message?: string;
    type?: string | null;
    code?: string | null;
    attempts?: { tier: number; name: string; reason: string; status: number | null; ms: number | null }[];
  };
}

function parsed(text: string): Refusal {
  try {
    return (JSON.parse(text) as Refusal | null) ?? {};
  } catch {
    return {};
  }
}

/** Reads `1=timeout@5000ms,2=ok@812ms`. */
function attempts(header: string | null): Attempt[] {
  return (header ?? "").split(",").flatMap((part) => {
    const [, tier, outcome, ms] = /^\s*(\d+)=(.*?)(?:@(\d+)ms)?\s*$/.exec(part) ?? [];
    return tier && outcome !== undefined ? [{ tier: Number(tier), outcome, ms: ms === undefined ? null : Number(ms) }] : [];
  });
}

/** A variable of the environment, where there is one: not in a browser. */
function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}
