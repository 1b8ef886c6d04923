"""What OpenAI's SDK for Python makes of the gateway at sys.argv[1], as one JSON object."""

import json
import sys

import openai

gateway, key = sys.argv[1:]
client = openai.OpenAI(base_url=gateway, api_key=key, max_retries=0)
messages = [{"role": "user", "content": "Say the words."}]
tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
chat = client.chat.completions
came = {}


def read(stream):
    """The text of a stream, and that of its first event without an id or a choice."""
    text, odd = "", None
    for chunk in stream:
        if odd is None and not (chunk.id and chunk.choices):
            odd = repr(chunk)
        text += "".join(choice.delta.content or "" for choice in chunk.choices)
    return {"text": text, "odd": odd}


def refused(call):
    try:
        return {"answered": repr(call())}
    except openai.APIStatusError as error:
        return {"error": type(error).__name__, "status": error.status_code, "code": error.code}
    except openai.APIError as error:
        return {"error": type(error).__name__}


came["a silence"] = read(chat.create(model="tier-1", messages=messages, stream=True))
hurried = client.with_options(timeout=3)
came["a token a second"] = read(hurried.chat.completions.create(model="tier-2", messages=messages, stream=True))
came["whole and hurried"] = refused(lambda: hurried.chat.completions.create(model="tier-2", messages=messages))

call = chat.create(model="tier-3", messages=messages, tools=tools).choices[0].message.tool_calls[0]
came["a call"] = [bool(call.id), call.function.name, json.loads(call.function.arguments)]
parts = {"id": "", "name": "", "arguments": ""}
for chunk in chat.create(model="tier-3", messages=messages, tools=tools, stream=True):
    for part in (chunk.choices[0].delta.tool_calls or []) if chunk.choices else []:
        parts["id"] += part.id or ""
        parts["name"] += part.function.name or ""
        parts["arguments"] += part.function.arguments or ""
came["a streamed call"] = [bool(parts["id"]), parts["name"], json.loads(parts["arguments"])]

stranger = client.with_options(api_key="wrong")
came["a bad key"] = refused(lambda: stranger.chat.completions.create(model="auto", messages=messages))
long = [{"role": "user", "content": "x" * 3 * 1024 * 1024}]
came["a bad key and three megabytes"] = refused(lambda: stranger.chat.completions.create(model="auto", messages=long))

raw = chat.with_raw_response.create(model="tier-4", messages=messages)
answer = raw.parse()
came["raw"] = {
    "tier": raw.headers["x-tierfall-tier"],
    "id": raw.headers["x-request-id"] == answer._request_id,
    "text": answer.choices[0].message.content,
}
raw = chat.with_raw_response.create(model="tier-4", messages=messages, stream=True)
came["raw stream"] = {"tier": raw.headers["x-tierfall-tier"], "id": bool(raw.headers["x-request-id"]), **read(raw.parse())}
came["usage"] = [
    chunk.usage.completion_tokens
    for chunk in chat.create(model="tier-4", messages=messages, stream=True, stream_options={"include_usage": True})
    if chunk.usage
]
came["models"] = [client.models.retrieve("auto").id, "tier-1" in [model.id for model in client.models.list()]]
print(json.dumps(came))
