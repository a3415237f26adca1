"""The language clause by clause: each program of `c/` does under cpc -O0 and -O2 what it does under gcc.

The first line of a program says what it proves.  A program is its own input and prints; gcc's output is the reference.
What programs of `levels/` print depends on the level of optimisation, so they are compared with gcc's at the same.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.exec.compare import LEVELS, Settings, compare

PROGRAMS = sorted((Path(__file__).parent / "c").glob("*.c"))
BY_LEVEL = sorted((Path(__file__).parent / "levels").glob("*.c"))


@pytest.mark.parametrize("source", PROGRAMS, ids=lambda path: path.stem)
def test_output_equals_gcc(source: Path) -> None:
    verdict = compare(source)
    assert verdict.kind == "same", verdict.text


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("source", BY_LEVEL, ids=lambda path: path.stem)
def test_output_equals_gcc_at_the_same_level(source: Path, level: str) -> None:
    verdict = compare(source, Settings(gcc=("-w", f"-O{level}"), levels=(level,)))
    assert verdict.kind == "same", verdict.text


def test_fortified_programs_are_not_stopped() -> None:
    """glibc's checks ask __builtin_dynamic_object_size, which may be larger than the object, never smaller."""
    settings = Settings(options=("-O2", "-D_FORTIFY_SOURCE=3"), gcc=("-w",), levels=("2",))
    verdict = compare(Path(__file__).parent / "levels" / "fortified.c", settings)
    assert verdict.kind == "same", verdict.text
