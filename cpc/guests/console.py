"""Runs the process of a guest machine, shows its console, and reads the job's verdict from it."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cpc.guests.initrd import EXIT_MARK, READY_MARK
from cpc.processes import end_with_parent

TIMED_OUT = 124
NO_VERDICT = 125

_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` is the job's exit status, TIMED_OUT, or NO_VERDICT when the guest ended without one; `machine` is
    the exit status of the machine's process; `text` is everything on the console."""

    status: int
    machine: int
    text: str


def run_job(
    command: Sequence[str],
    *,
    timeout: float,
    ready_timeout: float | None = None,
    attempts: int = 1,
    echo: bool = True,
    env: Mapping[str, str] | None = None,
) -> Outcome:
    """Run the machine until it ends.  A machine that has not reached its init after `ready_timeout` seconds is
    started again, `attempts` times in all (emulated machines are known to hang in early boot now and then)."""
    for attempt in range(attempts):
        last = attempt == attempts - 1
        outcome = _run_once(command, timeout, None if last else ready_timeout, echo, env)
        if outcome is not None:
            return outcome
        print("cpc: the guest did not reach its init; starting it again", file=sys.stderr)
    raise AssertionError("the last attempt always has an outcome")


def _run_once(
    command: Sequence[str], timeout: float, ready_timeout: float | None, echo: bool, env: Mapping[str, str] | None
) -> Outcome | None:
    start = time.monotonic()
    console = bytearray()
    shown = 0
    with started(command, env) as process:
        for chunk in _chunks(process, start + timeout):
            console += chunk.replace(b"\r", b"")
            if echo and (end := console.rfind(b"\n") + 1) > shown:
                sys.stdout.write(console[shown:end].decode(errors="replace"))
                sys.stdout.flush()
                shown = end
            ready = READY_MARK.encode() in console
            if ready_timeout is not None and not ready and time.monotonic() - start > ready_timeout:
                return None
        timed_out = time.monotonic() - start >= timeout
    text = console.decode(errors="replace")
    status = TIMED_OUT if timed_out else _verdict(text)
    return Outcome(status, process.returncode, text)


def _verdict(text: str) -> int:
    for line in reversed(text.splitlines()):
        mark, found, status = line.partition(EXIT_MARK)
        if found and not mark and status.strip().isdigit():
            return int(status)
    return NO_VERDICT


def _chunks(process: subprocess.Popen[bytes], deadline: float) -> Iterator[bytes]:
    """What the process writes, until it closes its output or the deadline passes; an empty chunk now and then."""
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if not selector.select(min(left, 1.0)):
                yield b""
                continue
            chunk = os.read(process.stdout.fileno(), _CHUNK)
            if not chunk:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.1, min(10.0, left)))
                return
            yield chunk


@contextlib.contextmanager
def started(command: Sequence[str], env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """The machine's process with its output on a pipe, in a process group of its own that is gone at the end:
    User-mode Linux is many processes."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=end_with_parent,
        env=None if env is None else {**os.environ, **env},
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
