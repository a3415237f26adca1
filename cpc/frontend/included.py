"""The headers of a preprocessed unit: which files they are, and where the unit's beginnings end.

A *beginning* is the text of a unit up to the end of a file that the unit itself includes.  Units begin alike: most
of a project's files include the same headers in the same order.  What of a beginning decides about its meaning is
`Beginning.key`, a hash of the text of the headers with their markers, and of what the unit itself has between them
without its name, its line numbers and its blank lines.

Requires: the output of `cc -E` with line markers.  Establishes: nothing where the markers do not nest.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

_MARKER = re.compile(r"^# \d+ (\"(?:[^\"\\\n]|\\.)*\")([ \t0-9]*)\n", re.M)
_BLANK = re.compile(r"^(?:[ \t]*|# \d+ \"[^\n]*)\n", re.M)


@dataclass(frozen=True, slots=True)
class Beginning:
    """text[:end] of a unit, which ends with a header; the marker that leads back to the unit is behind it."""

    end: int
    key: str


@dataclass(slots=True)
class Headers:
    """`files`: the quoted names of files that are only ever included.  `beginnings`: by length."""

    files: set[str] = field(default_factory=set)
    beginnings: list[Beginning] = field(default_factory=list)

    def has(self, name: str) -> bool:
        return _quoted(name) in self.files


def before_file(text: str, name: str) -> int:
    """Where the file `name` begins in the text of a unit; the end of the text when it does not."""
    at = text.find(_quoted(name))
    return at if at >= 0 else len(text)


def _quoted(name: str) -> str:
    """As line markers have it."""
    return '"{}"'.format(re.sub(r"([\"\\])", r"\\\1", name))


def headers_of(text: str, decisive: str = "") -> Headers:
    """The headers of a unit; `decisive` is what else decides about the meaning of text."""
    found = Headers()
    hashed = hashlib.sha256(decisive.encode("utf-8", "surrogateescape"))
    own: set[str] = set()
    depth = start = 0
    for marker in _MARKER.finditer(text):
        name, flags = marker.groups()
        if " 1" in flags:
            if depth == 0:
                hashed.update(_bytes("\1" + _BLANK.sub("", text[start : marker.start()])))
                start = marker.start()
            depth += 1
            found.files.add(name)
        elif " 2" in flags:
            depth -= 1
            if depth < 0:
                return Headers()
            if depth == 0:
                hashed.update(_bytes("\2" + text[start : marker.start()]))
                start = marker.start()
                found.beginnings.append(Beginning(start, hashed.hexdigest()))
        if depth == 0:
            own.add(name)
    found.files -= own
    return found


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
