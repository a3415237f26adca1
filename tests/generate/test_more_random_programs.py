"""The second hundred of the random coroutine programs of test_random_programs.py."""

from __future__ import annotations

import pytest

from tests.generate.compare import TOGETHER, compare


@pytest.mark.timeout(900)
@pytest.mark.parametrize("first", range(101, 201, TOGETHER))
def test_every_implementation_prints_the_same(first: int) -> None:
    assert compare(range(first, first + TOGETHER)) == ""
