"""The table in README is true: every row has a program here (support.py), which compiles, or fails with its code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cpc.cc_options import read_command
from cpc.diag import Diagnostics
from cpc.driver import compile_file
from tests.cc.support import SUPPORTED, UNSUPPORTED

README = Path(__file__).resolve().parents[2] / "README.md"


def codes(folder: Path, standard: str, text: str) -> list[str]:
    path = folder / "row.c"
    path.write_text(text + "\n")
    words = ["-std=gnu2x"] if standard == "C23" else ["-std=gnu89"] if standard == "C89" else []
    diags = Diagnostics()
    data = compile_file(str(path), "obj", read_command([*words, "-w", "-c", str(path)]).options(), diags)
    assert (data is None) == diags.has_errors
    return [d.code for d in diags.items]


@pytest.mark.parametrize(("standard", "name", "text"), SUPPORTED, ids=[row[1][:40] for row in SUPPORTED])
def test_supported(tmp_path: Path, standard: str, name: str, text: str) -> None:
    assert codes(tmp_path, standard, text) == []


@pytest.mark.parametrize(("standard", "name", "code", "text"), UNSUPPORTED, ids=[row[1][:40] for row in UNSUPPORTED])
def test_unsupported(tmp_path: Path, standard: str, name: str, code: str, text: str) -> None:
    assert codes(tmp_path, standard, text) == [code]


def test_the_table_says_the_same() -> None:
    rows = re.findall(r"^\| (C\d+|GNU|coroutines) \| (.*) \| (yes|E\d{4}) \|$", README.read_text(), re.M)
    assert rows == [(s, n, "yes") for s, n, _ in SUPPORTED] + [(s, n, c) for s, n, c, _ in UNSUPPORTED]
