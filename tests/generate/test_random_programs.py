"""A hundred random coroutine programs, the same every time; five thousand others in the lab.

A second hundred is in test_more_random_programs.py: two workers share them, since tests are handed out by file.
"""

from __future__ import annotations

import pytest

from tests.generate.compare import TOGETHER, compare


@pytest.mark.timeout(900)
@pytest.mark.parametrize("first", range(1, 101, TOGETHER))
def test_every_implementation_prints_the_same(first: int) -> None:
    assert compare(range(first, first + TOGETHER)) == ""


@pytest.mark.lab
@pytest.mark.parametrize("first", range(1001, 6001, 5 * TOGETHER))
def test_of_many_programs(first: int) -> None:
    for seed in range(first, first + 5 * TOGETHER, TOGETHER):
        assert compare(range(seed, seed + TOGETHER)) == ""
