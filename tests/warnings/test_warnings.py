"""Warnings come under gcc's names, on gcc's lines.

Each file in c/ says its options in the first line, and behind `//~` the names that are expected on a line.  cpc must
say exactly these; gcc 12 too, so that the expectations are gcc's and not ours.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from cpc.cc_options import read_command
from cpc.diag import Diagnostics
from cpc.driver import build_module
from cpc.frontend.preprocess import preprocess

FILES = sorted((Path(__file__).parent / "c").glob("*.c"))
Found = set[tuple[int, str]]


def expected(path: Path) -> Found:
    found = set()
    for number, line in enumerate(path.read_text().split("\n"), 1):
        _, mark, names = line.partition("//~")
        found |= {(number, name) for name in names.split()} if mark else set()
    return found


def options(path: Path) -> list[str]:
    return path.read_text().split("\n", 1)[0].partition("options:")[2].split()


def warnings_of(path: Path, words: list[str]) -> Found:
    """What cpc says, compiled in this process."""
    diags = Diagnostics()
    how = read_command([*words, "-c", str(path)]).options()
    text = preprocess(str(path), how.preprocessor, diags)
    assert text is not None
    build_module(text, str(path), how, diags)
    assert not diags.has_errors, diags.items
    return {(d.loc.line, d.option.removeprefix("-W")) for d in diags.items if d.option}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_cpc_says_what_is_expected(path: Path) -> None:
    found, wanted = warnings_of(path, options(path)), expected(path)
    assert (sorted(found - wanted), sorted(wanted - found)) == ([], []), "(too much, missing)"


def gcc_is_12() -> bool:
    done = subprocess.run(["gcc", "-dumpversion"], capture_output=True, text=True, check=False)
    return done.stdout.strip().split(".")[0] == "12"


# What gcc says beside, and cpc has not: they are not of interest here.
OTHERS = {"infinite-recursion", "pedantic", "int-in-bool-context", "bool-compare"}


@pytest.mark.skipif(not gcc_is_12(), reason="the expectations are those of gcc 12")
@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_gcc_says_the_same(path: Path) -> None:
    command = ["gcc", "-fsyntax-only" if "-O2" in options(path) else "-S", "-o", "/dev/null", *options(path), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    said = re.findall(rf"^{re.escape(str(path))}:(\d+):\d+: warning: .* \[-W([^]=]+)=?\]$", done.stderr, re.M)
    found = {(int(line), name) for line, name in said if name not in OTHERS}
    wanted = expected(path)
    assert (sorted(found - wanted), sorted(wanted - found)) == ([], []), "(too much, missing)"
