"""Compiles a program with gcc and with cpc and compares what the two do.

cpc runs in a forked child of this process: its modules are loaded once for hundreds of programs, and a crash of the
compiler ends the child only.  `compare` establishes one of the verdicts below; it never raises for a fault of cpc.

Rejected: one `python -m cpc` for each program, whose start-up costs more than compiling a page of C.
"""

from __future__ import annotations

import difflib
import itertools
import os
import pickle
import signal
import subprocess
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cpc.deep import run_deep
from cpc.diag import Diagnostics, render
from cpc.driver import Options, compile_text
from cpc.frontend.preprocess import Preprocessor, preprocess

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
    """`options` are preprocessor options of both compilers; `gcc` are more options of gcc alone."""

    options: tuple[str, ...] = ()
    gcc: tuple[str, ...] = ("-w", "-O0", "-Wno-psabi")
    seconds: float = 10.0
    levels: tuple[str, ...] = LEVELS
    needs_output: bool = True


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
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
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


def _compile(source: Path, settings: Settings) -> Compiled:
    diags = Diagnostics()
    objects = {}
    try:
        text = preprocess(str(source), Preprocessor(("-O0", *settings.options)), diags)
        for level in settings.levels if text is not None else ():
            data = compile_text(text or "", str(source), "obj", Options(level=level), diags)
            if data is None:
                break
            objects[level] = data
    except Exception:  # the very fault this looks for
        return Compiled(traceback=traceback.format_exc())
    errors = [d for d in diags.sorted() if d.severity == "error"]
    return Compiled(objects, render(errors), frozenset(d.code for d in errors))


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
    command = ["gcc", *settings.gcc, *settings.options, source, "-o", program, *LIBRARIES]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return Verdict("skipped", f"gcc refuses it: {done.stderr}")
    outcome = _run(program, settings.seconds)
    if isinstance(outcome, str):
        return Verdict("skipped", f"under gcc it {outcome}")
    if settings.needs_output and not outcome[1]:
        return Verdict("skipped", "under gcc it prints nothing")
    return outcome


def _run(program: Path, seconds: float) -> Outcome | str:
    try:
        done = subprocess.run([program], capture_output=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return f"does not end within {seconds:.0f} s"
    return done.returncode, done.stdout


def _difference(expected: Outcome, found: Outcome | str) -> str:
    if isinstance(found, str):
        return f"under cpc it {found}"
    status = f"gcc's exits with {expected[0]}, cpc's with {found[0]}\n" if found[0] != expected[0] else ""
    old, new = (outcome[1].decode("utf-8", "backslashreplace").splitlines() for outcome in (expected, found))
    lines = difflib.unified_diff(old, new, "gcc", "cpc", n=0, lineterm="")
    return status + "\n".join(itertools.islice(lines, 40))
