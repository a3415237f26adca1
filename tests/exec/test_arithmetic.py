"""Random arithmetic on all types: what gcc computes is what cpc computes, at -O0 and -O2, and nothing is undefined."""

from __future__ import annotations

import pytest

from tests.exec.arithmetic_programs import check, sanitized


@pytest.mark.parametrize("seed", range(1, 11))
def test_results_equal_gcc(seed: int) -> None:
    verdict = check(seed)
    assert verdict.kind == "same", verdict.text


@pytest.mark.lab
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("first", range(1000, 2000, 50))
def test_a_thousand_results_equal_gcc(first: int) -> None:
    for seed in range(first, first + 50):
        verdict = check(seed)
        assert verdict.kind == "same", verdict.text


@pytest.mark.lab
def test_nothing_is_undefined() -> None:
    for seed in range(1, 51):
        verdict = sanitized(seed)
        assert verdict.kind == "same", verdict.text
