"""Load by wrk: one run, and what it counted."""

import json
import subprocess
from dataclasses import dataclass

from processes import cpu_microseconds

# Latencies are in microseconds. What wrk calls an error of status is an answer over 399.
SCRIPT = """
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.body = [==[%s]==]
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('\\nDONE {"requests":%%d,"microseconds":%%d,"p50":%%.1f,"p99":%%.1f,"failed":%%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""
# About what a page's system prompt and wish come to.
PROMPT = "Write a page about the lighthouse keepers of the northern coast, with a table of dates. " * 12


@dataclass
class Target:
    """Something that answers chat completions; `pid` is the process whose time is counted."""

    name: str
    port: int
    pid: int
    models: dict


@dataclass
class Run:
    requests_a_second: float
    p50: float
    p99: float
    cpu_a_request: float


def run(folder, target, words, streamed, connections, seconds):
    """One run against `target`, for answers of `words` words."""
    messages = [{"role": "system", "content": PROMPT}, {"role": "user", "content": "generate this page"}]
    body = {"model": target.models[words], "messages": messages, "stream": streamed}
    script = folder / "load.lua"
    script.write_text(SCRIPT % json.dumps(body))
    url = f"http://127.0.0.1:{target.port}/v1/chat/completions"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(script), url]
    before = cpu_microseconds(target.pid)
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spent = cpu_microseconds(target.pid) - before
    done = json.loads(said.rpartition("DONE ")[2])
    if done["failed"] or not done["requests"]:
        raise SystemExit(f"{target.name} did not answer every request:\n{said}")
    return Run(
        requests_a_second=done["requests"] * 1e6 / done["microseconds"],
        p50=done["p50"],
        p99=done["p99"],
        cpu_a_request=spent / done["requests"],
    )
