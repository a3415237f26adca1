"""Compilers behind one call: words of a command line in, how it went out.

cpc runs in a forked child of this process, so that its modules are loaded once for thousands of programs, and a crash
ends the child only.  Every child is bounded in time and memory.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cpc import cli

COMPILE_SECONDS = 60
MEMORY = 4 << 30


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` as subprocess has it: negative for a signal; None when the time was over."""

    status: int | None
    output: str = ""

    @property
    def ok(self) -> bool:
        return self.status == 0


Compiler = Callable[[Sequence[str], Path], Outcome]


def run_program(argv: Sequence[str], folder: Path, seconds: float) -> Outcome:
    """`argv` in `folder`, with nothing to read; what it prints on both streams, cut at a megabyte."""
    with tempfile.TemporaryFile() as sink:
        try:
            child = subprocess.Popen(
                argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
            )
        except OSError as error:
            return Outcome(127, str(error))
        try:
            status: int | None = child.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            status = None
        return Outcome(status, _text(sink))


def system_compiler(name: str) -> Compiler:
    return lambda words, folder: run_program([name, *words], folder, COMPILE_SECONDS)


def cpc_compiler(words: Sequence[str], folder: Path) -> Outcome:
    """`cpc cc WORDS` in a forked child."""
    with tempfile.TemporaryFile() as sink:
        child = os.fork()
        if child == 0:
            _compile(words, folder, sink.fileno())
        status = _wait(child)
        return Outcome(status, _text(sink))


def _compile(words: Sequence[str], folder: Path, sink: int) -> None:
    """The child: never returns."""
    status = 70
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        os.chdir(folder)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        status = cli.main(["cc", *words])
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _wait(child: int) -> int | None:
    end = time.monotonic() + COMPILE_SECONDS
    pause = 0.002
    while time.monotonic() < end:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(pause)
        pause = min(pause * 1.3, 0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _text(sink: object) -> str:
    sink.seek(0)  # type: ignore[attr-defined]
    return sink.read(1 << 20).decode("utf-8", "backslashreplace")  # type: ignore[attr-defined, no-any-return]


COMPILERS: dict[str, Compiler] = {
    "gcc": system_compiler("gcc"),
    "clang": system_compiler("clang-19"),
    "cpc": cpc_compiler,
}
