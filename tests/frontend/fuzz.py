"""Fuzzes the compiler's front: whatever the bytes are, the answer is diagnostics.

    python -m tests.frontend.fuzz --minutes 60 --seed 1 [--keep FOLDER]
    python -m tests.frontend.fuzz --show SEED

Of ten inputs seven (fuzz_inputs.py) go through parser, sema, build, lints, passes and LLVM's verifier in a child
process, under the options that are drawn for each (every standard, both targets, -g, C as output); the others
(fuzz_more.py) are programs that mostly compile, at -O2 down to the object, text of the IR, command lines, and files
for `cpc lint`.  A fault is a traceback, an internal error (E0007), silence about an input that was refused, more than
10 s of the CPU, more than 1 GB, or a dead process.  Faults are named by the seed of their input; --keep writes the
inputs to a folder.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from cpc.deep import STACK_BYTES, run_deep
from cpc.diag import Diagnostics, render
from cpc.driver import Options, compile_text
from cpc.frontend.dialect import Dialect
from cpc.frontend.preprocess import Preprocessor
from cpc.frontend.target import AARCH64, X86_64
from tests.frontend.fuzz_inputs import make, programs
from tests.frontend.fuzz_more import check_command, check_gentle, check_ir, check_lint, command, gentle, ir_text

STANDARDS = ("gnu17", "gnu17", "gnu11", "c11", "c99", "gnu89", "c90", "c2x", "gnu2x")
MOST_SECONDS = 10
MOST_BYTES = 1 << 30
_WAITING_SECONDS = 900  # the wall clock says little on a busy machine; it is for a child that sleeps
_MOST_KEPT_BYTES = 400 << 20  # by a child between inputs: pages of its deep stack, what LLVM and the allocator keep
_STARTING_SECONDS = 600  # a child preprocesses the real programs before its first input


@dataclass(frozen=True, slots=True)
class Fault:
    seed: int
    text: str


def options_of(seed: int) -> tuple[str, Options]:
    """What is made of the input of this seed, and how."""
    rng = random.Random(~seed)
    preprocessor = Preprocessor((f"-std={rng.choice(STANDARDS)}",))
    options = Options(
        preprocessor=preprocessor,
        dialect=Dialect(c90=preprocessor.c90, ms_extensions=rng.random() < 0.1, trapv=rng.random() < 0.1),
        level=rng.choice("0012"),
        target=rng.choice((X86_64, X86_64, X86_64, AARCH64)),
        debug=rng.random() < 0.3,
        wrapv=rng.random() < 0.2,
        builtins=rng.random() < 0.9,
    )
    return rng.choice(("llvm", "llvm", "llvm", "c")), options


def compile_input(data: bytes, kind: str, options: Options) -> str:
    """What is wrong with the answer to `data`; empty when nothing is."""
    diags = Diagnostics()
    text = data.decode("utf-8", "surrogateescape")
    try:
        made = run_deep(lambda: compile_text(text, "input.c", kind, options, diags))
        shown = render(diags.sorted())
    except Exception:
        return traceback.format_exc(limit=-6)
    if any(d.code == "E0007" for d in diags.items):
        return shown
    if made is None and not diags.has_errors:
        return "refused without a diagnostic"
    if any(d.severity == "error" and not d.loc.file for d in diags.items):
        return "an error without a place:\n" + shown
    return ""


def check(seed: int) -> str:
    """The fault of the input of this seed."""
    match seed % 10:
        case 7:
            return check_gentle(seed)
        case 8:
            return check_ir(seed)
        case 9:
            return check_lint(seed) if seed % 20 == 9 else check_command(seed)
        case _:
            return compile_input(make(seed), *options_of(seed))


def text_of(seed: int) -> bytes:
    """The input of this seed, to be looked at."""
    match seed % 10:
        case 7:
            return gentle(seed).encode("utf-8", "surrogateescape")
        case 8:
            return ir_text(seed).encode("utf-8", "surrogateescape")
        case 9 if seed % 20 == 19:
            return repr(command(seed)).encode()
        case _:
            return make(seed)


def _child(pipe: Connection) -> None:
    """The child: one deep stack for all its inputs, since a stack outlives its thread for a while."""
    resource.setrlimit(resource.RLIMIT_AS, (STACK_BYTES + 3 * MOST_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # it ends a child that takes too much of the CPU
    run_deep(lambda: _serve(pipe))


def _serve(pipe: Connection) -> None:
    """Answers seeds with texts of faults until the pipe closes."""
    programs()  # takes long, which is no input's fault
    pipe.send("ready")
    while True:
        try:
            seed = pipe.recv()
        except EOFError:
            return
        Path("/proc/self/clear_refs").write_text("5")  # the peak of memory starts anew
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
        fault = check(seed)
        signal.setitimer(signal.ITIMER_PROF, 0)
        peak = _peak()
        if not fault and peak > MOST_BYTES:
            fault = f"took {peak >> 20} MB"
        pipe.send((fault, _memory("VmRSS") > _MOST_KEPT_BYTES))


def _peak() -> int:
    """The most memory in bytes since the last reset."""
    return _memory("VmHWM")


def _memory(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(field))


class Child:
    """A child process, started again after it died, hung or grew."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = self._context.Pipe()
        self._process: BaseProcess = self._context.Process(target=_child, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        if not self._pipe.poll(_STARTING_SECONDS):
            raise RuntimeError("the child does not start")
        self._pipe.recv()

    def check(self, seed: int) -> str:
        """The fault of one input."""
        self._pipe.send(seed)
        if not self._pipe.poll(_WAITING_SECONDS):
            self.stop()
            self._start()
            return f"no answer for {_WAITING_SECONDS} s"
        try:
            fault, grown = self._pipe.recv()
            if grown:
                self.stop()
                self._start()
            return str(fault)
        except (EOFError, ConnectionResetError):
            self._process.join()
            code = self._process.exitcode
            self._start()
            late = f"took more than {MOST_SECONDS} s of the CPU"
            return late if code == -signal.SIGPROF else f"the process died with {code}"

    def stop(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()


def run(seeds: Iterable[int], deadline: float = float("inf"), keep: Path | None = None) -> tuple[int, list[Fault]]:
    """Checks inputs until the deadline: how many, and the faults."""
    child = Child()
    faults: list[Fault] = []
    count = 0
    try:
        for seed in seeds:
            if time.monotonic() > deadline:
                break
            count += 1
            text = child.check(seed)
            if text:
                faults.append(Fault(seed, text))
                print(f"seed {seed}: {text}", file=sys.stderr, flush=True)
                if keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{seed}.c").write_bytes(text_of(seed))
    finally:
        child.stop()
    return count, faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--keep", type=Path, help="a folder for inputs with faults")
    parser.add_argument("--show", type=int, metavar="SEED", help="write the input of a seed and end")
    args = parser.parse_args()
    if args.show is not None:
        sys.stdout.buffer.write(text_of(args.show))
        return 0
    count, faults = run(range(args.seed, 1 << 62), time.monotonic() + 60 * args.minutes, args.keep)
    print(f"{count} inputs from seed {args.seed}, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
