"""One coroutine program under every implementation: gcc on stackful coroutines, the interpreter on the IR after the
front end and after each pass, cpc at -O0, -O2 and -O3, and one of four compilers by way of portable C.

All in this process, and parsed once.  Random programs come 25 in one; nine of ten are interpreted for the first of
their rounds only: interpreting all rounds eleven times took longer than everything else together.
"""

from __future__ import annotations

import pickle
import subprocess
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cpc.backend import objfile
from cpc.backend.llvm import emit_module
from cpc.backend.portable.unit import emit_c
from cpc.diag import Diagnostics, render
from cpc.driver import Options, build_module
from cpc.frontend.preprocess import Preprocessor, preprocess
from cpc.ir.errors import IRError
from cpc.ir.interp import run_module
from cpc.ir.ops import Module
from cpc.link import link
from cpc.passes import PIPELINE, Pass, run_passes
from tests.generate.coroutine_programs import first_rounds, generate
from tests.portable.build import COMPILERS, compile_portable, link_portable
from tests.stackful.build import INCLUDES, LIBRARIES, ROOT, stackful_archive

LEVELS = ("0", "2", "3")
STEPS = 300_000  # programs that run longer are only compared compiled
TOGETHER = 25  # how many random programs are best made one


class Fault(Exception):
    """What is wrong with a program."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What the program prints and how it ends when it begins at the function `entry`."""

    entry: str
    expected: str


def compare(seeds: Sequence[int]) -> str:
    """What is wrong with the program of `seeds`, or ''."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "program.c"
        source.write_text(generate(seeds))
        entry = "main" if seeds[0] // TOGETHER % 10 == 0 else "once"
        return compare_file(source, Path(folder), steps=STEPS * len(seeds), entry=entry)


def compare_file(source: Path, folder: Path, steps: int = STEPS, entry: str = "main", by_c: int = 1) -> str:
    """What is wrong with the program `source`, or ''; files go to `folder`.  The interpreter runs its `entry`, main or
    once (coroutine_programs.py), for up to `steps` steps.  `by_c`: 1 compiler of portable C or 2, gcc and clang, at
    levels that differ."""
    first = zlib.crc32(source.read_bytes()) % len(COMPILERS)
    compilers = (COMPILERS[first], COMPILERS[(first + 2) % 4 ^ 1])[:by_c]
    try:
        module, expected = _compare(source, folder, steps, entry)
        for compiler in compilers:
            _compare_portable(module, compiler, expected, folder)
    except Fault as fault:
        return str(fault)
    return ""


def _compare(source: Path, folder: Path, limit: int, entry: str) -> tuple[Module, str]:
    """The module after the passes, and what the program prints."""
    expected = _reference(source, folder)
    trace = Trace(entry, expected if entry == "main" else first_rounds(expected))
    diags = Diagnostics()
    preprocessor = Preprocessor(("-isystem", str(ROOT / "runtime/include")))
    preprocessed = preprocess(str(source), preprocessor, diags)
    module = None if preprocessed is None else build_module(preprocessed, str(source), Options(preprocessor), diags)
    if module is None:
        raise Fault(f"refused: {render(diags.sorted())[:2000]}")
    plain = pickle.loads(pickle.dumps(module))  # a third of what copy.deepcopy takes
    steps = _interpret("build", module, trace, limit) if limit else 0

    def observe(step: Pass, seen: Module) -> None:
        _interpret_after(step, seen, trace, steps)

    done = run_passes(module, diags, PIPELINE, [observe])
    if not done or not run_passes(plain, diags, [step for step in PIPELINE if not step.optimises]):
        raise Fault(f"refused: {render(diags.sorted())[:2000]}")
    for level in LEVELS:
        found = _compiled(plain if level == "0" else module, level, folder)
        if found != expected:
            raise Fault(f"-O{level}: {_difference(expected, found)}")
    return module, expected


def _compare_portable(module: Module, compiler: Sequence[str], expected: str, folder: Path) -> None:
    unit = compile_portable(emit_c(module), compiler, folder / "portable.o")
    found = _run(link_portable([unit], compiler, folder / "portable"))
    if found != expected:
        raise Fault(f"{' '.join(compiler)}: {_difference(expected, found)}")


def _reference(source: Path, folder: Path) -> str:
    program = folder / "reference"
    gcc = ["gcc", "-std=gnu11", "-O1", "-w", *INCLUDES]
    subprocess.run([*gcc, source, stackful_archive(), *LIBRARIES, "-lm", "-o", program], cwd=ROOT, check=True)
    output = _run(program)
    if not output.startswith("0 "):
        raise Fault(f"the reference ended with {output[:200]}")
    return output


def _interpret_after(step: Pass, module: Module, trace: Trace, steps: int) -> None:
    # Until spill fills in `saves`, a suspension would lose everything.
    if steps and step.name != "frame_layout":
        _interpret(f"after {step.name}", module, trace, 10 * steps)


def _interpret(when: str, module: Module, trace: Trace, limit: int) -> int:
    """The steps it took, or 0 when the front end's IR takes more than `limit`."""
    try:
        result = run_module(module, trace.entry, max_steps=limit)
    except IRError as error:
        if when == "build" and "still running" in error.message:
            return 0
        raise Fault(f"{when}: {error.where}: {error.message}") from None
    found = f"{result.status} \n{result.output}"
    if found != trace.expected:
        raise Fault(f"{when}: {_difference(trace.expected, found)}")
    return result.steps


def _compiled(module: Module, level: str, folder: Path) -> str:
    options = Options(level=level)
    target, program = folder / f"cpc{level}.o", folder / f"cpc{level}"
    target.write_bytes(objfile.generate(emit_module(module, options.emit_options()), "obj", options.code_options()))
    diags = Diagnostics()
    if not link([str(target), "-lm"], str(program), diags):
        raise Fault(f"-O{level}: {render(diags.sorted())}")
    return _run(program)


def _run(program: Path) -> str:
    try:
        done = subprocess.run([program], capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return "timeout"
    return f"{done.returncode} {done.stderr.decode()[:500]}\n{done.stdout.decode()}"


def _difference(expected: str, found: str) -> str:
    pairs = zip(expected.splitlines(), found.splitlines(), strict=False)
    for number, (wanted, got) in enumerate(pairs):
        if wanted != got:
            return f"line {number}: expected '{wanted}', found '{got}'"
    return f"{len(expected.splitlines())} lines expected, {len(found.splitlines())} found"
