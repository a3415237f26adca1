"""Golden tests: an input beside its expected output, and expectations on the very line they are about.

* `compare(path, text)` compares `text` with the file `path`; with `pytest --update` it rewrites the file instead.
  Inspect the diff, and make a change of dumps a commit of its own.
* `cases(folder, "*.ir")` are the inputs of a folder, for `pytest.mark.parametrize`, with readable ids.
* `expected_errors(text)` are the expectations written in the input itself: `; error: text` in IR, `//~ E0101: text` in
  C.  They are redundant with the golden output on purpose, since that is made by the program under test.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any

import pytest

_EXPECTED = re.compile(r"(?:;\s*error:|//~)\s*(.*?)\s*\Z")


class Golden:
    """What the fixture `golden` gives: compares, or rewrites under --update."""

    def __init__(self, update: bool) -> None:
        self.update = update

    def compare(self, path: Path, text: str) -> None:
        if self.update:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
            return
        if not path.exists():
            pytest.fail(f"{path} is missing: run pytest --update and inspect it")
        wanted = path.read_text(encoding="utf-8")
        if wanted != text:
            diff = difflib.unified_diff(wanted.splitlines(), text.splitlines(), str(path), "now", lineterm="", n=3)
            pytest.fail("\n".join(diff), pytrace=False)


def cases(folder: Path, pattern: str) -> list[Any]:
    """The inputs of `folder` that match, as parameters.  An empty folder is an error: it would test nothing."""
    found = sorted(folder.glob(pattern))
    if not found:
        raise FileNotFoundError(f"no {pattern} in {folder}")
    return [pytest.param(path, id=path.stem) for path in found]


def expected_errors(text: str) -> list[tuple[int, str]]:
    """(line, message) of each expectation in `text`, lines counted from 1."""
    lines = enumerate(text.splitlines(), 1)
    return [(number, match[1]) for number, line in lines if (match := _EXPECTED.search(line))]
