"""The fuzzers' targets on their seeds, on what they once found, and on a few hundred new inputs.

`python -m tests.devices.fuzz` is the real thing.  A fuzzer that finds nothing proves something only when it would find
something: the target `wrong` has a fault for that.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.devices.fuzz import seeds
from tests.devices.fuzz.build import HERE, build
from tests.devices.fuzz.run import TARGETS, fuzz, replay


@pytest.fixture(scope="module")
def fuzzer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("target", TARGETS)
def test_no_target_finds_anything_at_once(fuzzer: Path, target: str, tmp_path: Path) -> None:
    seeds.write(tmp_path / "seeds")
    found = sorted((HERE / "findings" / target).glob("*"))
    done = replay(fuzzer, target, [*sorted((tmp_path / "seeds" / target).iterdir()), *found])
    assert not done.failed, done.output[-5000:]
    done = fuzz(fuzzer, target, [tmp_path / "inputs" / target, tmp_path / "seeds" / target], 1)
    assert not done.failed, done.output[-5000:]
    assert done.executions > len(seeds.inputs(target))


def test_a_fault_is_found(fuzzer: Path, tmp_path: Path) -> None:
    done = fuzz(fuzzer, "wrong", [tmp_path / "inputs" / "wrong"], 60)
    assert done.failed
    assert "heap-buffer-overflow" in done.output and "in run_wrong" in done.output
