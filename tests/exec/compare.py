"""Compiles a program with gcc and with cpc and compares what the two do.

cpc runs in a forked child of this process: its modules are loaded once for hundreds of programs, and a crash of the
compiler ends the child only.  `compare` establishes one of the verdicts below; it never raises for a fault of cpc.

Rejected: one `python -m cpc` for each program, whose start-up costs more than compiling a page of C.
"""

from __future__ import annotations

import difflib
import gc
import itertools
import os
import pickle
import signal
import subprocess
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cpc.backend import objfile
from cpc.backend.llvm import emit_module
from cpc.deep import run_deep
from cpc.diag import Diagnostics, render
from cpc.driver import Options, Stopwatch, build_module, compile_text, lower, reporting_internal_errors
from cpc.frontend.preprocess import Preprocessor, preprocess
from cpc.frontend.target import X86_64, Target
from cpc.warnings.policy import Policy

LEVELS = ("0", "2")
LIBRARIES = ("-lm", "-pthread", "-latomic")
COMPILE_SECONDS = 240  # the machine may be busy; a hang is longer


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kind` is 'same', 'skipped' (gcc refused the program, or it does not end), 'refused' (cpc gave errors, none of
    them internal) or 'wrong'."""

    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """`options` are preprocessor options of both compilers; `gcc` are more options of gcc alone.  A program that takes
    more than `seconds` of the CPU does not end.  `front_end_once` generates code for every level from one IR, the one
    of -O2; unoptimised code has other IR only in that it lacks what alias analysis is told."""

    options: tuple[str, ...] = ()
    gcc: tuple[str, ...] = ("-w", "-O0", "-Wno-psabi")
    seconds: int = 10
    levels: tuple[str, ...] = LEVELS
    needs_output: bool = True
    front_end_once: bool = False
    target: Target = X86_64


@dataclass(frozen=True, slots=True)
class Compiled:
    """What the child hands back: objects by level, or the diagnostics or the traceback."""

    objects: dict[str, bytes] = field(default_factory=dict)
    diagnostics: str = ""
    codes: frozenset[str] = frozenset()
    traceback: str = ""


def compare(source: Path, settings: Settings = Settings()) -> Verdict:
    """Builds `source` with gcc -O0 and with cpc at each level, runs all, and compares output and exit status."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        expected = _reference(source, settings, folder)
        if isinstance(expected, Verdict):
            return expected
        made = compile_forked(source, settings)
        if fault := _fault(made):
            return fault
        for level, data in made.objects.items():
            program = folder / f"cpc{level}"
            linked = link([data], program)
            found = linked or _run(program, settings.seconds * 3)
            if found != expected:
                return Verdict("wrong", f"-O{level} differs: {_difference(expected, found)}")
    return Verdict("same")


def link(objects: Sequence[bytes], program: Path) -> str:
    """Links objects with gcc; the linker's messages when it fails."""
    files = []
    for i, data in enumerate(objects):
        files.append(program.with_name(f"{program.name}.{i}.o"))
        files[-1].write_bytes(data)
    done = subprocess.run(["gcc", *files, "-o", program, *LIBRARIES], capture_output=True, text=True, check=False)
    return f"does not link: {done.stderr}" if done.returncode else ""


def compile_forked(source: Path, settings: Settings) -> Compiled:
    """`source` compiled by cpc in a child process at each level."""
    _warm()
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        gc.disable()  # it would walk, and so copy, what the parent has loaded
        os.close(read_end)
        status = 1
        try:
            signal.alarm(COMPILE_SECONDS)
            with os.fdopen(write_end, "wb") as stream:
                pickle.dump(run_deep(lambda: _compile(source, settings)), stream)
            status = 0
        finally:
            os._exit(status)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as stream:
        data = stream.read()
    _, status = os.waitpid(child, 0)
    if status != 0:
        return Compiled(traceback=f"the compiler died or hung: wait status {status}")
    result: Compiled = pickle.loads(data)
    return result


@cache
def _warm() -> None:
    """Loads and starts in this process what every child would have to."""
    assert run_deep(lambda: compile_text("int main(void) { return 0; }", "warm.c", "obj", Options(), Diagnostics()))


def _compile(source: Path, settings: Settings) -> Compiled:
    diags = Diagnostics()
    objects = {}
    preprocessor = Preprocessor(("-O0", *settings.options))
    try:
        if source.suffix == ".i":
            text: str | None = source.read_text(encoding="utf-8", errors="surrogateescape")
        else:
            text = preprocess(str(source), preprocessor, diags)
        if text is not None and settings.front_end_once:
            objects = _objects(text, source, settings, diags)
        for level in settings.levels if text is not None and not settings.front_end_once else ():
            options = Options(preprocessor, level=level, target=settings.target)
            data = compile_text(text or "", str(source), "obj", options, diags)
            if data is None:
                break
            objects[level] = data
    except Exception:  # the very fault this looks for
        return Compiled(traceback=traceback.format_exc())
    errors = [d for d in diags.sorted() if d.severity == "error"]
    return Compiled(objects, render(errors), frozenset(d.code for d in errors))


def _objects(text: str, source: Path, settings: Settings, diags: Diagnostics) -> dict[str, bytes]:
    """An object for each level from one run of the front end and the passes; none when there were errors."""
    options = Options(policy=Policy(silent=True), target=settings.target)
    with reporting_internal_errors(str(source), diags):
        module = build_module(text, str(source), options, diags)
        if module is None or not lower(module, options, diags, Stopwatch(options.dumps)):
            return {}
        made = {}
        for level in settings.levels:
            options = Options(level=level, target=settings.target)
            made[level] = objfile.generate(emit_module(module, options.emit_options()), "obj", options.code_options())
        return made
    return {}


def _fault(made: Compiled) -> Verdict | None:
    """The verdict when there are no objects to run."""
    if made.traceback:
        return Verdict("wrong", made.traceback)
    if "E0007" in made.codes:
        return Verdict("wrong", made.diagnostics)
    return Verdict("refused", made.diagnostics) if made.diagnostics else None


Outcome = tuple[int, bytes]


def _reference(source: Path, settings: Settings, folder: Path) -> Outcome | Verdict:
    program = folder / "gcc"
    command: list[str | Path] = ["gcc", *settings.gcc, *settings.options, source, "-o", program, *LIBRARIES]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return Verdict("skipped", f"gcc refuses it: {done.stderr}")
    outcome = _run(program, settings.seconds)
    if isinstance(outcome, str):
        return Verdict("skipped", f"under gcc it {outcome}")
    if settings.needs_output and not outcome[1]:
        return Verdict("skipped", "under gcc it prints nothing")
    return outcome


def _run(program: Path, seconds: int) -> Outcome | str:
    """Exit status and output.  The wall clock only bounds programs that sleep: the machine may be busy."""
    command: list[str | Path] = ["prlimit", f"--cpu={seconds}", "--core=0", program]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=60 + 10 * seconds, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return "sleeps"
    if done.returncode == -signal.SIGXCPU or done.returncode == -signal.SIGKILL:
        return f"does not end within {seconds} s"
    return done.returncode, done.stdout


def _difference(expected: Outcome, found: Outcome | str) -> str:
    if isinstance(found, str):
        return f"under cpc it {found}"
    status = f"gcc's exits with {expected[0]}, cpc's with {found[0]}\n" if found[0] != expected[0] else ""
    old, new = (outcome[1].decode("utf-8", "backslashreplace").splitlines() for outcome in (expected, found))
    lines = difflib.unified_diff(old, new, "gcc", "cpc", n=0, lineterm="")
    return status + "\n".join(itertools.islice(lines, 40))
