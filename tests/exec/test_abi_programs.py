"""Random structs, unions and scalars travel between gcc's objects and cpc's in both directions, unharmed."""

from __future__ import annotations

import pytest

from tests.exec.abi_programs import check


@pytest.mark.parametrize("seed", range(1, 9))
def test_calls_across_compilers(seed: int) -> None:
    verdict = check(seed)
    assert verdict.kind == "same", verdict.text


@pytest.mark.lab
@pytest.mark.parametrize("seed", range(100, 600))
def test_many_calls_across_compilers(seed: int) -> None:
    verdict = check(seed)
    assert verdict.kind == "same", verdict.text
