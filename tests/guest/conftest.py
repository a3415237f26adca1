"""Fixtures of the guest tests: the VMM as cpc compiles it, and empty disks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cpc.runtime_library import build_vmm


@pytest.fixture(scope="session")
def vmm() -> Path:
    return build_vmm()


@pytest.fixture
def make_disk(tmp_path: Path) -> Callable[[int], Path]:
    """Makes an empty sparse disk of so many MiB."""

    def make(mebibytes: int) -> Path:
        path = tmp_path / "disk.img"
        with open(path, "wb") as image:
            image.truncate(mebibytes << 20)
        return path

    return make
