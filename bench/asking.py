"""One streamed chat completion, timed from outside: whoever serves it, the clock is the caller's."""

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

PATIENCE = 600


@dataclass
class Answer:
    prompt_tokens: int
    tokens: int
    first: float
    """Seconds to the first token."""
    whole: float
    """Seconds to the end."""
    text: str

    @property
    def read_a_second(self):
        return self.prompt_tokens / self.first

    @property
    def written_a_second(self):
        return (self.tokens - 1) / (self.whole - self.first)


def ask(port, model, messages, most):
    body = {"model": model, "messages": messages, "max_tokens": most, "temperature": 0, "stream": True,
            "stream_options": {"include_usage": True}}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    begun = time.monotonic()
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"content-type": "application/json"})
    response = connection.getresponse()
    if response.status != 200:
        raise SystemExit(f"{response.status} from port {port}: {response.read().decode()}")
    first, pieces, usage = None, [], None
    for line in response:
        if not line.startswith(b"data: {"):
            continue
        chunk = json.loads(line.removeprefix(b"data: "))
        usage = chunk.get("usage") or usage
        text = "".join(choice["delta"].get("content") or "" for choice in chunk.get("choices", []))
        if text:
            first = first or time.monotonic()
            pieces.append(text)
    ended = time.monotonic()
    connection.close()
    # llama-cpp-python's server tells no usage in a stream; its pieces are its tokens.
    tokens = usage["completion_tokens"] if usage else len(pieces)
    prompt = usage["prompt_tokens"] if usage else 0
    return Answer(prompt, tokens, (first or ended) - begun, ended - begun, "".join(pieces))


def ask_at_once(port, model, all_messages, most):
    """All of them at the same moment; the tokens of all, and the seconds until the last has ended."""
    begun = time.monotonic()
    with ThreadPoolExecutor(len(all_messages)) as pool:
        answers = list(pool.map(lambda messages: ask(port, model, messages, most), all_messages))
    return sum(answer.tokens for answer in answers), time.monotonic() - begun
