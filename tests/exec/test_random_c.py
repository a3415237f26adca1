"""Random C from csmith: what gcc computes is what cpc computes, at -O0 and -O2."""

from __future__ import annotations

import pytest

from tests.exec.random_programs import check, missing

FEW = (2, 4, 8, 9, 10)  # programs that end at once
MANY = range(1000, 3000)


@pytest.mark.parametrize("seed", FEW)
def test_checksum_equals_gcc(seed: int) -> None:
    assert not missing()
    verdict = check(seed)
    assert verdict.kind == "same", verdict.text


@pytest.mark.lab
@pytest.mark.parametrize("seed", MANY)
def test_many_checksums_equal_gcc(seed: int) -> None:
    assert not missing()
    verdict = check(seed)
    if verdict.kind == "skipped":
        pytest.skip(verdict.text)
    assert verdict.kind == "same", verdict.text
