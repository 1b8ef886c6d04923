import assert from "node:assert/strict";
import test from "node:test";

import {
  AbortedError,
  AllTiersFailedError,
  BrokenOffError,
  generateWithLLM,
  LLMError,
  RefusedError,
  TimeoutError,
  UnreachableError,
  type Message,
} from "../lib/llm-router.js";
import { end, event, refuse, scripted, stream } from "./scripted.js";

const messages: Message[] = [{ role: "user", content: "Hi" }];
const answered = { "x-tierfall-tier": "2", "x-tierfall-attempts": "1=timeout@5000ms,2=ok@812ms", "x-request-id": "r1" };

test("a whole answer is its text, who gave it, and what became of the others", async (t) => {
  const { baseUrl, asked } = await scripted(t, (response) => {
    stream(response, answered);
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    response.write(event({ role: "assistant", content: "" }) + event({ reasoning_content: "hm" }) + event({ content: "Grüß" }));
    response.end(event({ content: " dich" }) + event({}, { usage }) + end("length"));
  });
  const answer = await generateWithLLM(messages, { baseUrl, apiKey: "k", maxTokens: 9, body: { seed: 7, model: "x" } });
  assert.deepEqual(answer, {
    content: "Grüß dich",
    reasoning: "hm",
    toolCalls: [],
    finishReason: "length",
    tier: 2,
    attempts: [
      { tier: 1, outcome: "timeout", ms: 5000 },
      { tier: 2, outcome: "ok", ms: 812 },
    ],
    model: "m",
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    requestId: "r1",
  });
  assert.equal(asked[0]?.url, "/v1/chat/completions");
  assert.equal(asked[0]?.headers.authorization, "Bearer k");
  assert.equal(asked[0]?.headers["x-tierfall-deadline-ms"], "300000");
  const options = { include_usage: true };
  assert.deepEqual(asked[0]?.body, { seed: 7, model: "auto", messages, stream: true, stream_options: options, max_tokens: 9 });
});

test("the pieces come as they are sent, and the whole is there too, asked for once", async (t) => {
  let say = (_: string): void => {};
  const { baseUrl, asked } = await scripted(t, (response) => {
    stream(response, answered);
    say = (text) => void response.write(text);
    say(event({ content: "one" }));
  });
  const tokens: string[] = [];
  const generation = generateWithLLM(messages, { baseUrl, onToken: (text) => tokens.push(text) });
  const pieces = generation[Symbol.asyncIterator]();
  assert.deepEqual(await pieces.next(), { done: false, value: "one" });
  say(event({ content: " two" }));
  assert.deepEqual(await pieces.next(), { done: false, value: " two" });
  say(end());
  assert.equal((await pieces.next()).done, true);
  assert.equal((await generation).content, "one two");
  assert.deepEqual(tokens, ["one", " two"]);
  assert.equal(asked.length, 1);
  assert.throws(() => generation[Symbol.asyncIterator](), TypeError);
});

test("a stream may be cut anywhere: within a letter, a line, a CRLF", async (t) => {
  const bytes = Buffer.from((": hello\r\n\r\n" + event({ content: "日本語 \r\n ok" }) + end()).replaceAll("\n", "\r\n"));
  const { baseUrl } = await scripted(t, async (response) => {
    stream(response);
    for (const byte of bytes) {
      response.write(Uint8Array.of(byte));
      await new Promise(setImmediate);
    }
    response.end();
  });
  assert.equal((await generateWithLLM(messages, { baseUrl })).content, "日本語 \r\n ok");
});

test("a switch of tiers is told, and the last one is who answered", async (t) => {
  const { baseUrl } = await scripted(t, (response) => {
    stream(response, { ...answered, "x-tierfall-tier": "1" });
    response.end(event({ content: "a" }) + ": tierfall waiting\n\n: tierfall tier=3 seam=1\n\n" + event({ content: "b" }) + end());
  });
  const tiers: number[] = [];
  const answer = await generateWithLLM(messages, { baseUrl, onTier: (tier) => tiers.push(tier) });
  assert.deepEqual(tiers, [1, 3]);
  assert.equal(answer.tier, 3);
  assert.equal(answer.content, "ab");
});

test("a tool call is put together from its pieces", async (t) => {
  const call = (index: number, id: string | undefined, part: object) => event({ tool_calls: [{ index, id, function: part }] });
  const { baseUrl } = await scripted(t, (response) => {
    stream(response);
    response.write(call(0, "c1", { name: "page", arguments: '{"a"' }) + call(0, undefined, { arguments: ":1}" }));
    response.end(call(1, "c2", { name: "hours", arguments: "{}" }) + end("tool_calls"));
  });
  const { toolCalls, finishReason } = await generateWithLLM(messages, { baseUrl });
  assert.equal(finishReason, "tool_calls");
  assert.deepEqual(toolCalls.map((call) => [call.id, call.function.name, call.function.arguments]), [
    ["c1", "page", '{"a":1}'],
    ["c2", "hours", "{}"],
  ]);
});

test("the answer is a body for a browser", async (t) => {
  const { baseUrl } = await scripted(t, (response) => {
    stream(response);
    response.end(event({ content: "ü" }) + event({ content: "!" }) + end());
  });
  const response = new Response(generateWithLLM(messages, { baseUrl }).toReadableStream());
  assert.equal(await response.text(), "ü!");
});

test("a body whose answer breaks off breaks off too, and one that is cancelled cancels the request", async (t) => {
  const server = await scripted(t, (response) => {
    stream(response);
    response.write(event({ content: "half" }));
    if (server.asked.length === 1) response.end();
  });
  const broken = new Response(generateWithLLM(messages, { baseUrl: server.baseUrl }).toReadableStream());
  await assert.rejects(broken.text(), { name: "BrokenOffError" });
  await generateWithLLM(messages, { baseUrl: server.baseUrl }).toReadableStream().cancel();
  const reader = generateWithLLM(messages, { baseUrl: server.baseUrl }).toReadableStream().getReader();
  await reader.read();
  await reader.cancel();
  await server.left;
});

test("where no tier can answer, the error says of each why", async (t) => {
  const attempts = [{ tier: 1, name: "One", reason: "timeout after 5000ms", status: null, ms: 5000 }];
  const { baseUrl } = await scripted(t, (response) =>
    refuse(response, 503, { message: "All LLM tiers failed", code: "all_tiers_failed", attempts }),
  );
  const failure = await generateWithLLM(messages, { baseUrl }).catch((reason: unknown) => reason);
  assert.ok(failure instanceof AllTiersFailedError && failure instanceof LLMError && failure instanceof Error);
  assert.equal(failure.name, "AllTiersFailedError");
  assert.equal(failure.message, "All LLM tiers failed");
  assert.equal(failure.status, 503);
  assert.equal(failure.requestId, "r1");
  assert.deepEqual(failure.attempts, [{ tier: 1, name: "One", outcome: "timeout after 5000ms", status: null, ms: 5000 }]);
});

test("each refusal is of its class, and reaches who reads as well as who awaits", async (t) => {
  for (const [status, error, Class, code] of [
    [401, { message: "no key", code: "invalid_api_key" }, RefusedError, "invalid_api_key"],
    [400, { message: "flagged", code: "content_filter" }, RefusedError, "content_filter"],
    [500, null, LLMError, "no_answer"],
  ] as const) {
    const { baseUrl } = await scripted(t, (response) => refuse(response, status, error));
    const generation = generateWithLLM(messages, { baseUrl });
    const is = { name: Class.name, status, code };
    await assert.rejects(generation[Symbol.asyncIterator]().next(), is);
    await assert.rejects(generation.then(), is);
  }
});

test("an answer that breaks off is an error that holds what had come", async (t) => {
  const breaks = [
    { how: "an error", rest: `data: {"error":{"message":"The answer broke off","code":"answer_broke_off"}}\n\n` },
    { how: "an end without an end", rest: "" },
    { how: "nonsense", rest: "data: {nonsense\n\n" },
  ];
  for (const { how, rest } of breaks) {
    const { baseUrl } = await scripted(t, (response) => {
      stream(response, answered);
      response.end(event({ content: "half" }) + rest);
    });
    const failure = await generateWithLLM(messages, { baseUrl }).catch((reason: unknown) => reason);
    assert.ok(failure instanceof BrokenOffError, how);
    assert.equal(failure.content, "half");
    assert.equal(failure.attempts.length, 2);
    assert.equal(failure.code, "answer_broke_off");
  }
});

test("a connection that is cut within the answer breaks it off", async (t) => {
  const { baseUrl } = await scripted(t, async (response) => {
    stream(response, answered);
    response.write(event({ content: "half" }), () => setImmediate(() => response.destroy()));
  });
  const pieces: string[] = [];
  const reading = (async () => {
    for await (const piece of generateWithLLM(messages, { baseUrl })) pieces.push(piece);
  })();
  await assert.rejects(reading, { name: "BrokenOffError", content: "half" });
  assert.deepEqual(pieces, ["half"]);
});

test("a silence within the answer, and a request without end, are timeouts, and the server sees the caller go", async (t) => {
  // Time enough for the answer to begin, on a busy machine too.
  for (const limits of [{ idleTimeoutMs: 2000 }, { timeoutMs: 2000 }]) {
    const server = await scripted(t, (response) => {
      stream(response, answered);
      response.write(event({ content: "half" }));
    });
    const failure = await generateWithLLM(messages, { baseUrl: server.baseUrl, ...limits }).catch((reason: unknown) => reason);
    assert.ok(failure instanceof TimeoutError, JSON.stringify(limits));
    assert.equal(failure.code, "timeout");
    await server.left;
  }
});

test("an answer that does not begin is a timeout too", async (t) => {
  const server = await scripted(t, () => {});
  await assert.rejects(generateWithLLM(messages, { baseUrl: server.baseUrl, timeoutMs: 2000 }).then(), TimeoutError);
  await server.left;
  assert.equal(server.asked[0]?.headers["x-tierfall-deadline-ms"], "2000");
});

test("who aborts, and who leaves the loop, cancels the request", async (t) => {
  const script = (response: Parameters<Parameters<typeof scripted>[1]>[0]): void => {
    stream(response, answered);
    response.write(event({ content: "half" }));
  };
  const first = await scripted(t, script);
  const controller = new AbortController();
  const onToken = (): void => controller.abort();
  const aborted = generateWithLLM(messages, { baseUrl: first.baseUrl, signal: controller.signal, onToken });
  await assert.rejects(aborted.then(), { name: "AbortedError", code: "aborted", content: "half" });
  await first.left;

  const second = await scripted(t, script);
  const generation = generateWithLLM(messages, { baseUrl: second.baseUrl });
  for await (const _ of generation) break;
  await second.left;
  await assert.rejects(generation.then(), AbortedError);

  const signal = AbortSignal.abort();
  const third = await scripted(t, script);
  await assert.rejects(generateWithLLM(messages, { baseUrl: third.baseUrl, signal }).then(), AbortedError);
  assert.equal(third.asked.length, 0);
});

test("where nobody listens, the error says what to look at", async (t) => {
  // A port that was free a moment ago.
  const { createServer } = await import("node:net");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  const failure = await generateWithLLM(messages, { baseUrl: `http://127.0.0.1:${port}/v1` }).catch((reason: unknown) => reason);
  assert.ok(failure instanceof UnreachableError);
  assert.match(failure.message, /TIERFALL_BASE_URL/);
  t.diagnostic(failure.message);
});

test("the address and the key may lie in the environment", async (t) => {
  const { baseUrl, asked } = await scripted(t, (response) => {
    stream(response);
    response.end(end());
  });
  process.env["TIERFALL_BASE_URL"] = `${baseUrl}/`;
  process.env["TIERFALL_API_KEY"] = "from-the-environment";
  t.after(() => {
    delete process.env["TIERFALL_BASE_URL"];
    delete process.env["TIERFALL_API_KEY"];
  });
  await generateWithLLM(messages, { model: "private" });
  assert.equal(asked[0]?.url, "/v1/chat/completions");
  assert.equal(asked[0]?.headers.authorization, "Bearer from-the-environment");
  assert.equal(asked[0]?.body["model"], "private");
});
