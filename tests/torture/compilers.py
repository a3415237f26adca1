"""Compilers as functions: words in, how it ended out.

cpc is imported once and every compilation is a fork of that process: starting Python anew 3,200 times would take
longer than the compiling.  The child is what `cpc cc` is, with its own session, a limit of memory, and a deadline.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

MEMORY = 6 << 30
SECONDS = 300  # the machine may be busy; a hang is longer


@dataclass(frozen=True, slots=True)
class Ended:
    """`status` is the exit status, negative for a signal, None when the time was over."""

    status: int | None
    errors: str


Compiler = Callable[[Sequence[str], Path], Ended]


def run_cpc(words: Sequence[str], folder: Path) -> Ended:
    """`cpc cc WORDS` in `folder`."""
    with tempfile.TemporaryFile() as errors:
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            _be_cpc(words, folder, errors.fileno())
        status = _wait(child)
        errors.seek(0)
        return Ended(status, errors.read().decode("utf-8", "replace"))


def load_cpc() -> None:
    """Imports what the forks need; done once in each worker, where a first compilation also starts LLVM."""
    import cpc.commands.cc
    import cpc.driver  # noqa: F401

    with tempfile.TemporaryDirectory(prefix="cpc-torture.") as name:
        source = Path(name) / "empty.c"
        source.write_text("int main(void) { return 0; }\n")
        run_cpc(["-c", str(source)], Path(name))


def _be_cpc(words: Sequence[str], folder: Path, errors: int) -> None:
    status = 70
    try:
        os.setsid()
        os.chdir(folder)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        null = os.open(os.devnull, os.O_RDWR)
        for number, file in ((0, null), (1, null), (2, errors)):
            os.dup2(file, number)
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        from cpc.cli import main

        status = main(["cc", *words])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stderr.flush()
        os._exit(status)


def _wait(child: int) -> int | None:
    """The status of the child, which is stopped with all it started when the time is over."""
    handle = os.pidfd_open(child)
    try:
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        late = not waiting.poll(SECONDS * 1000)
    finally:
        os.close(handle)
    if late:
        os.killpg(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return None if late else status


def run_program(command: Sequence[str]) -> Compiler:
    """Another compiler, by its name and first options."""

    def run(words: Sequence[str], folder: Path) -> Ended:
        return run_limited([*command, *words], folder, SECONDS)

    return run


def run_limited(argv: Sequence[str], folder: Path, seconds: float) -> Ended:
    """Any program, with a deadline for it and what it starts."""
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            argv,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        status: int | None = None
        try:
            status = child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        errors.seek(0)
        return Ended(status, errors.read(100_000).decode("utf-8", "replace"))
