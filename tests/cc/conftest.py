"""`cpc` as the tests of the commands run it: in this process, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cpc.cli import main


@dataclass(frozen=True)
class Result:
    """What one run did."""

    status: int
    out: str
    err: str


Cpc = Callable[..., Result]


@pytest.fixture
def cpc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cpc:
    """Runs `cpc WORDS...` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Result:
        capfd.readouterr()
        try:
            status = main(list(words))
        except SystemExit as end:  # argparse
            status = int(end.code or 0)
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Result(status, out, err)

    return run
