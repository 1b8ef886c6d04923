// What OpenAI's SDK for Node makes of the gateway at argv[2], as one JSON object; argv[4] is the folder that it is installed in.

import { createRequire } from "node:module";

const [, , gateway, key, sdk] = process.argv;
const { OpenAI } = createRequire(`${sdk}/`)("openai");
const client = new OpenAI({ baseURL: gateway, apiKey: key, maxRetries: 0 });
const messages = [{ role: "user", content: "Say the words." }];
const tools = [{ type: "function", function: { name: "f", parameters: { type: "object" } } }];
const chat = client.chat.completions;
const came = {};

/** The text of a stream, and its first event without an id or a choice. */
async function read(stream) {
  let text = "";
  let odd = null;
  for await (const chunk of stream) {
    if (odd === null && !(chunk.id && chunk.choices?.length)) odd = JSON.stringify(chunk);
    text += (chunk.choices ?? []).map((choice) => choice.delta.content ?? "").join("");
  }
  return { text, odd };
}

async function refused(call) {
  try {
    return { answered: await call() };
  } catch (error) {
    const { status, code } = error;
    return status ? { error: error.constructor.name, status, code } : { error: error.constructor.name };
  }
}

came["a silence"] = await read(await chat.create({ model: "tier-1", messages, stream: true }));
const hurried = { timeout: 3000 };
came["a token a second"] = await read(await chat.create({ model: "tier-2", messages, stream: true }, hurried));
came["whole and hurried"] = await refused(() => chat.create({ model: "tier-2", messages }, hurried));

const [call] = (await chat.create({ model: "tier-3", messages, tools })).choices[0].message.tool_calls;
came["a call"] = [Boolean(call.id), call.function.name, JSON.parse(call.function.arguments)];
const parts = { id: "", name: "", arguments: "" };
for await (const chunk of await chat.create({ model: "tier-3", messages, tools, stream: true })) {
  for (const part of chunk.choices[0]?.delta.tool_calls ?? []) {
    parts.id += part.id ?? "";
    parts.name += part.function.name ?? "";
    parts.arguments += part.function.arguments ?? "";
  }
}
came["a streamed call"] = [Boolean(parts.id), parts.name, JSON.parse(parts.arguments)];

const stranger = client.withOptions({ apiKey: "wrong" });
came["a bad key"] = await refused(() => stranger.chat.completions.create({ model: "auto", messages }));
const long = [{ role: "user", content: "x".repeat(3 * 1024 * 1024) }];
came["a bad key and three megabytes"] = await refused(() => stranger.chat.completions.create({ model: "auto", messages: long }));

const whole = await chat.create({ model: "tier-4", messages }).withResponse();
came["raw"] = {
  tier: whole.response.headers.get("x-tierfall-tier"),
  id: whole.response.headers.get("x-request-id") === whole.data._request_id,
  text: whole.data.choices[0].message.content,
};
const streamed = await chat.create({ model: "tier-4", messages, stream: true }).withResponse();
const { headers } = streamed.response;
came["raw stream"] = { tier: headers.get("x-tierfall-tier"), id: Boolean(headers.get("x-request-id")), ...(await read(streamed.data)) };
came["usage"] = [];
for await (const { usage } of await chat.create({ model: "tier-4", messages, stream: true, stream_options: { include_usage: true } })) {
  if (usage) came["usage"].push(usage.completion_tokens);
}
came["models"] = [(await client.models.retrieve("auto")).id, (await client.models.list()).data.some(({ id }) => id === "tier-1")];
console.log(JSON.stringify(came));
