"""The language clause by clause: each program of `c/` does under cpc -O0 and -O2 what it does under gcc.

The first line of a program says what it proves.  A program is its own input and prints; gcc's output is the reference.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.exec.compare import compare

PROGRAMS = sorted((Path(__file__).parent / "c").glob("*.c"))


@pytest.mark.parametrize("source", PROGRAMS, ids=lambda path: path.stem)
def test_output_equals_gcc(source: Path) -> None:
    verdict = compare(source)
    assert verdict.kind == "same", verdict.text
