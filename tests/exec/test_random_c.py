"""Random C from csmith: what gcc computes is what cpc computes, at -O0 and -O2; 50 small programs, 2,000 in the lab."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.exec.random_programs import check, missing
from tests.exec.reduce_program import smallest, undefined

# Programs of ten seeds a test; those that csmith or gcc's code takes long for are left out.
SLOW = (1030, 1036, 1037, 1039, 1052)
SMALL = [[s for s in range(first, first + 11) if s not in SLOW] for first in range(1000, 1055, 11)]


def test_fifty_are_compared() -> None:
    assert sum(map(len, SMALL)) >= 50


@pytest.mark.parametrize("seeds", SMALL, ids=lambda seeds: str(seeds[0]))
def test_checksums_equal_gcc(seeds: list[int]) -> None:
    assert not missing()
    for seed in seeds:
        verdict = check(seed, size="small")
        assert verdict.kind == "same", verdict.text


def test_undefined_programs_are_told_from_faults(tmp_path: Path) -> None:
    program = tmp_path / "program.i"
    for value, wanted in (("7.5f", ""), ("1e20f", "outside the range")):
        program.write_text(f"float f = {value}; int main(void) {{ return (int)f == 3; }}\n", encoding="ascii")
        assert wanted in (found := undefined(program)) and bool(found) == bool(wanted)


def test_reducer_keeps_what_shows_the_fault() -> None:
    text = "int a;\nint b;\nint f(void) { a = 1; b = 2; return a; }\nint c;\n"
    assert smallest(text, lambda rest: "b = 2" in rest and "int b" in rest) == "int b; b = 2;"


@pytest.mark.lab
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("first", range(10_000, 18_000, 200))
def test_fifty_of_two_thousand_checksums_equal_gcc(first: int) -> None:
    """Fifty programs of all sizes that end, from seed `first` on."""
    assert not missing()
    compared = 0
    for seed in itertools.count(first):
        verdict = check(seed)
        assert verdict.kind in ("same", "skipped"), verdict.text
        compared += verdict.kind == "same"
        if compared == 50:
            return
        assert seed < first + 200, "most programs do not end"
