"""Every construct of C around suspension points: a program for each in constructs/, with its name.

The trace of each is the same under gcc with stackful coroutines, in the interpreter after every pass, compiled by cpc
at -O0, -O2 and -O3, and by gcc and clang by way of portable C, when the program never suspends, always, and sometimes
(constructs/construct.h).
A program whose first comment says "not interpreted" uses what the interpreter does not know.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generate.compare import STEPS, compare_file

PROGRAMS = sorted((Path(__file__).parent / "constructs").glob("*.c"))


@pytest.mark.parametrize("source", PROGRAMS, ids=lambda path: path.stem)
def test_trace_is_the_same_everywhere(source: Path, tmp_path: Path) -> None:
    interpreted = "not interpreted" not in source.read_text().split("*/", 1)[0]
    assert compare_file(source, tmp_path, steps=STEPS if interpreted else 0, by_c=2) == ""
