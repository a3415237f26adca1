"""Random structs, unions and scalars travel between gcc's, clang's and cpc's objects in both directions, unharmed."""

from __future__ import annotations

import pytest

from tests.exec.abi_programs import MACHINES, check


def check_all(seeds: range, machine: str) -> None:
    for seed in seeds:
        verdict = check(seed, machine=MACHINES[machine])
        assert verdict.kind in ("same", "skipped"), verdict.text


# 100, 125 and 137 have unnamed bit-fields and empty structs, 1071 a union of a vector and an integer.
@pytest.mark.parametrize("seed", [*range(1, 6), 100, 125, 137, 1071])
def test_calls_across_compilers(seed: int) -> None:
    check_all(range(seed, seed + 1), "x86-64")


def test_calls_across_compilers_of_aarch64() -> None:
    check_all(range(5, 6), "aarch64")


@pytest.mark.lab
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("first", range(1000, 1500, 50))
def test_five_hundred_programs(first: int) -> None:
    check_all(range(first, first + 50), "x86-64")


@pytest.mark.lab
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("first", range(2000, 2100, 50))
def test_hundred_programs_of_aarch64(first: int) -> None:
    check_all(range(first, first + 50), "aarch64")
