"""Cuts a preprocessed unit into chunks that units share, and those into declarations that are found by name.

A *chunk* is the text between two markers that enter or leave a header, joined with its neighbours until its brackets
balance.  The same chunk comes in hundreds of units: it is cut into pieces (needed.py) once a process.  What the unit
itself wrote, between and behind its headers, is `Cut.own`; it is not cut.  Files that are included but not called .h
belong to it: templates and generated tables, which use what was declared before them.

Requires: the output of `cc -E` with line markers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cpc.frontend import needed

_BORDER = re.compile(r'^# \d+ "(?:[^"\\\n]|\\.)*" ([12])[^\n]*\n', re.M)
_TEMPLATE = re.compile(r'# \d+ "[^"\n]*(?:[^"\n]{2}(?<!\.h)|\.inc)"')
_MARKER = re.compile(r'^# (\d+) ("(?:[^"\\\n]|\\.)*")[^\n]*\n', re.M)


_MOST_TEXT = 24 << 20  # characters of headers that a process keeps


class _Everything(frozenset[str]):
    """Every file is a header here."""

    def __contains__(self, _: object) -> bool:
        return True


_HEADERS = _Everything()


@dataclass(slots=True, eq=False)
class Piece:
    """Some declarations of a header, as text with a marker before it.  `names` is what it may declare; None: it has
    an effect of its own and is always read, and may declare any word in it.  `symbols` is what it was parsed to
    (environment.py)."""

    text: str
    names: frozenset[str] | None
    symbols: Any = None


@dataclass(slots=True, eq=False)
class Chunk:
    pieces: list[Piece]
    declaring: dict[str, list[Piece]]


@dataclass(slots=True)
class Cut:
    """`own` is the unit's own text, `chunks` the headers in order."""

    own: str
    chunks: list[Chunk]
    _found: dict[str, list[Piece]] = field(default_factory=dict)

    def declaring(self, name: str) -> list[Piece]:
        """The pieces of headers that may declare `name`, in order."""
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = [p for c in self.chunks if name in c.declaring for p in c.declaring[name]]
        return found

    def always(self) -> Iterator[Piece]:
        """The pieces that have an effect of their own."""
        return (piece for chunk in self.chunks for piece in chunk.pieces if piece.names is None)


@dataclass(slots=True)
class Chunks:
    """The chunks seen so far by this process, by text; all are forgotten when they get too many."""

    _known: dict[str, Chunk] = field(default_factory=dict)
    _size: int = 0

    def cut(self, text: str) -> Cut | None:
        """None where the markers or brackets do not nest: then the whole text is the unit's own."""
        if self._size > _MOST_TEXT:
            self._known, self._size = {}, 0
        own: list[str] = []
        chunks: list[Chunk] = []
        waiting = ""
        mixed = False  # whether `waiting` has text of the unit itself
        segments = list(_segments(text))
        for number, (depth, segment) in enumerate(segments):
            if depth < 0:
                return None
            waiting = waiting + segment
            mixed = mixed or depth == 0 or _TEMPLATE.match(segment) is not None
            if number + 1 < len(segments) and not self._whole(waiting, mixed):
                continue
            if mixed:
                own.append(waiting)
            else:
                chunk = self._chunk(waiting)
                if chunk is None:
                    return None
                chunks.append(chunk)
            waiting, mixed = "", False
        return Cut("".join(own), chunks)

    def _whole(self, text: str, own: bool) -> bool:
        return _balanced(text) if own else self._chunk(text) is not None

    def _chunk(self, text: str) -> Chunk | None:
        known = self._known.get(text)
        if known is None:
            pieces = _pieces(text)
            if pieces is None:
                return None
            known = self._known[text] = Chunk(pieces, _by_name(pieces))
            self._size += len(text)
        return known


def _segments(text: str) -> Iterator[tuple[int, str]]:
    """(depth of inclusion, text) between markers that enter and leave."""
    depth = start = 0
    for found in _BORDER.finditer(text):
        if found.start() > start:
            yield depth, text[start : found.start()]
        depth += 1 if found.group(1) == "1" else -1
        start = found.start()
    yield depth, text[start:]


def _balanced(text: str) -> bool:
    """Whether no declaration is open at the end."""
    try:
        needed._cut(text, frozenset())
    except needed._Unsure:
        return False
    return True


def _pieces(text: str) -> list[Piece] | None:
    try:
        cut = needed._cut(text, _HEADERS)
        return [_piece(text, cut, piece) for piece in cut.pieces]
    except needed._Unsure:
        return None


def _piece(text: str, cut: needed._Cut, piece: needed._Piece) -> Piece:
    body = text[piece.start : piece.end]
    names = needed._summary(body, tuple(e - piece.start for e in piece.ends))
    begin, end = cut.marks[piece.marker] if piece.marker >= 0 else (0, 0)
    marker = _MARKER.match(text, begin)
    if marker is None:  # a pragma stands between
        marker = next(m for m in reversed(list(_MARKER.finditer(text, 0, piece.start))))
        end = marker.end()
    line = int(marker[1]) + text.count("\n", end, piece.start)
    return Piece(f"# {line} {marker[2]}\n{body}", names)


def _by_name(pieces: Iterable[Piece]) -> dict[str, list[Piece]]:
    found: dict[str, list[Piece]] = {}
    for piece in pieces:
        for name in needed._words(piece.text) if piece.names is None else piece.names:
            found.setdefault(name, []).append(piece)
    return found
