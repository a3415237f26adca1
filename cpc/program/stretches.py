"""Preprocessed text as the stretches between its line markers.

    # 12 "include/block/block.h" 1        Stretch(12, "include/block/block.h", " 1", both lines)
    int bdrv_flush(BlockDriverState *);

One split instead of a search for markers by each who needs them: a unit of QEMU has 7,000 in 1.7 MB.  Names of files
are as they are between the quotes, without `/./` and `/x/../`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

_HEAD = re.compile(r'(\d+) "((?:[^"\\\n]|\\.)*)"([^\n]*)')


class Stretch(NamedTuple):
    """`text` begins with the marker and ends with the line before the next one.  The text before the first marker, if
    there is any, is a stretch without a marker: its line is 0 and its file is ''."""

    line: int
    file: str
    flags: str  # ' 1 3'
    text: str

    @property
    def body(self) -> str:
        """The text behind the marker."""
        return self.text.partition("\n")[2] if self.line or self.file else self.text


def stretches(text: str) -> list[Stretch]:
    """`text` in order, all of it."""
    found: list[Stretch] = []
    tidy: dict[str, str] = {}
    parts = text.split("\n# ")
    parts[1:] = [f"# {part}" for part in parts[1:]]
    last = len(parts) - 1
    for number, part in enumerate(parts):
        whole = part if number == last else f"{part}\n"
        head = _HEAD.match(part, 2) if part.startswith("# ") else None
        if head is not None:
            line, name, flags = head.groups()
            file = tidy.get(name) or tidy.setdefault(name, _tidy(name))
            if file != name:
                whole = f'# {line} "{file}"{flags}{whole[head.end() :]}'
            found.append(Stretch(int(line), file, flags, whole))
        elif found:
            found[-1] = found[-1]._replace(text=found[-1].text + whole)
        elif whole:
            found.append(Stretch(0, "", "", whole))
    return found


def joined(parts: Iterable[Stretch]) -> str:
    """The text of stretches."""
    return "".join(part.text for part in parts)


def _tidy(name: str) -> str:
    """`name` without detours."""
    return os.path.normpath(name) if "/./" in name or "/../" in name or "//" in name or name[:2] == "./" else name
