"""Compilers behind one call: words of a command line in, how it went out.  Every child is bounded in time."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.torture.compilers import run_cpc

COMPILE_SECONDS = 60
_MOST_SHOWN = 1 << 20  # bytes


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
    """`argv` in `folder`, with nothing to read; what it prints on both streams."""
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
        sink.seek(0)
        return Outcome(status, sink.read(_MOST_SHOWN).decode("utf-8", "backslashreplace"))


def _system(name: str) -> Compiler:
    return lambda words, folder: run_program([name, *words], folder, COMPILE_SECONDS)


def _cpc(words: Sequence[str], folder: Path) -> Outcome:
    ended = run_cpc(words, folder)
    return Outcome(ended.status, ended.errors)


_CLANG = "clang-19" if shutil.which("clang-19") else "clang"
COMPILERS: dict[str, Compiler] = {"gcc": _system("gcc"), "clang": _system(_CLANG), "cpc": _cpc}
