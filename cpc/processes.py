"""Child processes that never outlive us: a guest, daemon or compiler left behind would hold a disk or a CPU."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def end_with_parent() -> None:
    """For `preexec_fn`: the kernel kills this process when the thread that started it is gone, however it went."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def end_on_sigterm() -> None:
    """Let SIGTERM unwind the stack as Ctrl-C does, so that temporary folders go and children are stopped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def run_in_foreground(command: Sequence[str], env: Mapping[str, str] | None = None, grace: float = 0.0) -> int:
    """Runs a machine that has our terminal, and returns its exit status.  It gets a process group of its own, in the
    terminal's foreground, of which nothing is left at the end: User-mode Linux is many processes.  When we are told to
    end, so is the machine, which has `grace` seconds for it."""
    terminal = sys.stdin.fileno() if sys.stdin.isatty() else None
    with _SignalsHeldBack() as signals:  # one that came while the machine starts would leave it behind
        process = subprocess.Popen(command, env=None if env is None else {**os.environ, **env}, process_group=0)
        return _wait_for(process, terminal, grace, signals)


def _wait_for(process: subprocess.Popen[bytes], terminal: int | None, grace: float, signals: _SignalsHeldBack) -> int:
    try:
        signals.let_through()
        if terminal is not None:
            _give_terminal(terminal, process.pid)
        return process.wait()
    except SystemExit:
        if grace > 0:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(grace)
        raise
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if terminal is not None:
            _give_terminal(terminal, os.getpgrp())


class _SignalsHeldBack:
    """SIGINT and SIGTERM wait until `let_through`, or the end; the machine does not inherit that."""

    def __enter__(self) -> _SignalsHeldBack:
        self._came: list[int] = []
        self._before = {n: signal.signal(n, self._note) for n in (signal.SIGINT, signal.SIGTERM)}
        return self

    def _note(self, number: int, frame: object) -> None:
        self._came.append(number)

    def let_through(self) -> None:
        """Raises what their handlers raise."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}
        while self._came:
            signal.raise_signal(self._came.pop())

    def __exit__(self, *exception: object) -> None:
        self.let_through()


def _give_terminal(terminal: int, group: int) -> None:
    """Makes `group` the terminal's foreground group.  Whoever is in the background gets SIGTTOU for it: ignored."""
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        os.tcsetpgrp(terminal, group)
    finally:
        signal.signal(signal.SIGTTOU, before)
