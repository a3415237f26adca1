"""Where a diagnostic is, as other programs want it: a file, a line and a range of columns in the source line.

Lines and columns count from 1 and in characters.  A place without a line means the file as a whole.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cpc.diag import SourceLines, caret
from cpc.loc import Loc


@dataclass(frozen=True, slots=True)
class Place:
    """`end` is the column behind the last character.  `file` is relative when it lies below the current folder."""

    file: str
    line: int
    column: int
    end: int


def place_of(loc: Loc, message: str, sources: SourceLines) -> Place:
    """The range that the text form underlines."""
    file = relative(loc.file)
    if loc.line <= 0:
        return Place(file, 0, 0, 0)
    source = sources.line(loc)
    if source is None:
        return Place(file, loc.line, max(loc.column, 1), max(loc.column, 1) + 1)
    start, length = caret(source, loc.column, message)
    return Place(file, loc.line, start + 1, start + 1 + length)


def relative(file: str) -> str:
    """The shortest true name: below the current folder a relative one.  '' stays ''."""
    if not file:
        return ""
    path = Path(os.path.abspath(file))
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
