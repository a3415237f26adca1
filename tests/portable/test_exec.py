"""The programs of tests/exec by way of portable C: gcc and clang at -O0 and -O2 print what the reference prints, and
compile without a warning of -Wall.

Coroutine programs are compared with stackful gcc, plain ones with gcc.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest

from cpc.deep import run_deep
from tests.exec.compare import Verdict
from tests.exec.random_programs import HEADERS, missing, write_program
from tests.portable.build import COMPILERS, compile_portable, link_portable, portable_c, run
from tests.stackful.build import FLAGS, INCLUDES, stackful_archive
from tests.stackful.build import LIBRARIES as STACKFUL_LIBRARIES
from tests.tools import ROOT

EXEC = ROOT / "tests/exec"
GCC = ("gcc", "-w", "-O0", "-Wno-psabi")
LIBRARIES = ("-lm", "-pthread", "-latomic")
# clang before 18 passes an __int128 that is on the stack where its own va_arg does not look for it.
# Before 17 it loses the results of asm goto.
CLANG_CANNOT = ("variable_arguments", "varargs", "asm_goto")
# gcc 12 crashes (pass `sink`) on results of asm goto that are stored into a frame, and takes an alias of an ifunc for
# its resolver.
GCC_CANNOT = (("gcc", "-O2", "asm_goto"), ("gcc", "-O2", "linker_names"))
COROUTINES = sorted((EXEC / "coroutines").glob("*.c"))
PROGRAMS = sorted((EXEC / "programs").glob("*.c"))
# gcc and clang move operations across fetestexcept; intrinsics of the processor are E0331.
NOT_PORTABLE = ("nested_pointers", "float_environment", "intrinsics")
CLAUSES = sorted(path for path in (EXEC / "c").glob("*.c") if path.stem not in NOT_PORTABLE)


def check(source: Path, expected: tuple[int, bytes], folder: Path, *, coroutines: bool = False) -> None:
    text = run_deep(lambda: portable_c(source))
    for compiler in COMPILERS:
        if compiler[0] == "clang" and source.stem in CLANG_CANNOT:
            continue
        if (*compiler, source.stem) in GCC_CANNOT:
            continue
        program = folder / "-".join(compiler)
        unit = compile_portable(text, compiler, program.with_suffix(".o"), "-Wall", "-Werror", "-Wno-psabi")
        assert run(link_portable([unit], compiler, program, coroutines=coroutines)) == expected, compiler


def by_gcc(source: Path, folder: Path, *words: str) -> tuple[int, bytes]:
    reference = folder / "reference"
    subprocess.run([*GCC, *words, source, "-o", reference, *LIBRARIES], check=True)
    return run(reference)


@pytest.mark.parametrize("source", COROUTINES, ids=lambda path: path.stem)
def test_coroutines(source: Path, tmp_path: Path) -> None:
    reference = tmp_path / "reference"
    gcc: list[str | Path] = ["gcc", *FLAGS, *INCLUDES, source, stackful_archive(), *STACKFUL_LIBRARIES, "-o", reference]
    subprocess.run(gcc, cwd=ROOT, check=True)
    expected = run(reference)
    assert expected[0] == 0 and expected[1]
    check(source, expected, tmp_path, coroutines=True)


@pytest.mark.parametrize("source", PROGRAMS, ids=lambda path: path.stem)
def test_programs(source: Path, tmp_path: Path) -> None:
    check(source, by_gcc(source, tmp_path), tmp_path)


@pytest.mark.lab
@pytest.mark.parametrize("source", CLAUSES, ids=lambda path: path.stem)
def test_clauses(source: Path, tmp_path: Path) -> None:
    check(source, by_gcc(source, tmp_path), tmp_path)


@pytest.mark.lab
@pytest.mark.parametrize("seed", range(5000, 5200))
def test_random_c(seed: int) -> None:
    """csmith's programs."""
    assert not missing()
    verdict = random_verdict(seed)
    if verdict.kind == "skipped":
        pytest.skip(verdict.text)
    assert verdict.kind == "same", verdict.text


def random_verdict(seed: int) -> Verdict:
    """gcc's own -O0 against one of the four compilers by way of portable C."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, reference = folder / f"random{seed}.c", folder / "reference"
        compiler = COMPILERS[seed % len(COMPILERS)]
        try:
            write_program(seed, source)
        except subprocess.SubprocessError as fault:
            return Verdict("skipped", f"csmith fails: {fault}")
        subprocess.run([*GCC, "-I", HEADERS, source, "-o", reference, *LIBRARIES], check=True)
        try:
            done = subprocess.run([reference], capture_output=True, timeout=5, check=False)
        except subprocess.TimeoutExpired:
            return Verdict("skipped", "does not end in time")
        text = run_deep(lambda: portable_c(source, ("-I", HEADERS)))
        unit = compile_portable(text, compiler, folder / "unit.o")
        found = run(link_portable([unit], compiler, folder / "program", coroutines=False))
        if found != (done.returncode, done.stdout):
            return Verdict("wrong", f"csmith seed {seed}, {' '.join(compiler)}: {found} for {done}")
    return Verdict("same")
