"""The fuzzer's inputs of fixed seeds: diagnostics, never a traceback, a hang or a memory blow-up."""

from __future__ import annotations

import time

import pytest

from tests.frontend.fuzz import run


def test_fixed_seeds() -> None:
    count, faults = run(range(250))
    assert count == 250 and not faults, faults


@pytest.mark.lab
@pytest.mark.timeout(4000)
def test_an_hour() -> None:
    _, faults = run(range(1_000_000, 1 << 62), time.monotonic() + 3600)
    assert not faults, faults
