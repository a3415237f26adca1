"""Forty random coroutine programs, the same every time (coroutine_programs.py runs more, with other seeds)."""

from __future__ import annotations

import pytest

from tests.generate.compare import compare


@pytest.mark.parametrize("seed", range(1, 41))
def test_every_implementation_prints_the_same(seed: int) -> None:
    assert compare(seed) == ""
