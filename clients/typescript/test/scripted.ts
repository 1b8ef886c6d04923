/** A server on loopback that answers as it is told, and remembers what it was asked. */

import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface Asked {
  url: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

export type Script = (response: ServerResponse, asked: Asked) => void | Promise<void>;

export interface Scripted {
  /** Up to `/v1`. */
  baseUrl: string;
  asked: Asked[];
  /** Settles when a caller has closed a connection whose answer was not at its end. */
  left: Promise<void>;
}

export async function scripted(test: TestContext, script: Script): Promise<Scripted> {
  const asked: Asked[] = [];
  let leaves = (): void => {};
  const left = new Promise<void>((resolve) => (leaves = resolve));
  const server = createServer(async (request, response) => {
    // Before anything is waited for: the caller may leave meanwhile.
    response.on("close", () => response.writableEnded || leaves());
    const one = { url: request.url ?? "", headers: request.headers, body: JSON.parse((await text(request)) || "null") };
    asked.push(one);
    await script(response, one);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked, left };
}

async function text(request: IncomingMessage): Promise<string> {
  let all = "";
  for await (const piece of request.setEncoding("utf8")) all += piece;
  return all;
}

/** One event of an answer. */
export function event(delta: unknown, more: object = {}): string {
  return `data: ${JSON.stringify({ model: "m", choices: [{ index: 0, delta, finish_reason: null }], ...more })}\n\n`;
}

export function end(finish_reason = "stop"): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason }] })}\n\ndata: [DONE]\n\n`;
}

export function stream(response: ServerResponse, headers: Record<string, string> = {}): void {
  response.writeHead(200, { "content-type": "text/event-stream", ...headers });
  response.flushHeaders();
}

export function refuse(response: ServerResponse, status: number, error: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "x-request-id": "r1" }).end(JSON.stringify({ error }));
}
