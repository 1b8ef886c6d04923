"""The processes that a benchmark starts: ended by their own ids, their CPU time and memory read from /proc."""

import os
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

READY_WITHIN = 20.0
STOPPED_WITHIN = 5.0
MICROSECONDS_A_TICK = 1_000_000 / os.sysconf("SC_CLK_TCK")


def free_port():
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(command, port, log, **options):
    """Runs `command` until the end of the block; the block begins once it accepts connections on `port`."""
    with open(log, "w") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=output, **options)
    try:
        await_port(process, port, log)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def await_port(process, port, log):
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"{process.args[0]} does not serve: {Path(log).read_text().strip() or 'it says nothing'}")


def cpu_microseconds(pid):
    """User and system time of a process and of its children, to one tick of the kernel's clock."""
    # The name in the second field may hold blanks; behind its bracket the state is field 3, the times are 14 and 15.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) * MICROSECONDS_A_TICK
    return own + sum(cpu_microseconds(child) for child in children(pid))


def resident_mib(pid):
    """What a process and its children hold of the memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    own = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1024
    return own + sum(resident_mib(child) for child in children(pid))


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
