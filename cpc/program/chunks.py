"""Cuts a preprocessed unit into chunks that units share, and those into declarations that are found by name.

A *chunk* is the text between two markers that enter or leave a header, joined with its neighbours until its brackets
balance.  The same chunk comes in hundreds of units: it is cut into pieces (needed.py) once a process.  What the unit
itself wrote, between and behind its headers, is `Cut.own`; it is not cut.  Files that are included but not called .h
belong to it: templates and generated tables, which use what was declared before them.

Requires: the output of `cc -E`, as stretches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cpc.frontend import needed
from cpc.program.stretches import Stretch

_TEMPLATE = re.compile(r'# \d+ "[^"\n]*(?:[^"\n]{2}(?<!\.h)|\.inc)"')
_MARKER = re.compile(r'^# (\d+) ("(?:[^"\\\n]|\\.)*")[^\n]*\n', re.M)


_MOST_TEXT = 8 << 20  # characters of headers that a process keeps: some 150 MB with all that they declare


class _Everything(frozenset[str]):
    """Every file is a header here."""

    def __contains__(self, _: object) -> bool:
        return True


_HEADERS = _Everything()


@dataclass(slots=True, eq=False)
class Piece:
    """Some declarations of a header, as text with a marker before it.  `names` is what it may declare; None: it has
    an effect of its own and is always read, and may declare any word in it.  `symbols` is what it was parsed to
    (environment.py); `kept` is that as another process left it, pickled (kept_headers.py)."""

    text: str
    names: frozenset[str] | None
    typedefs: bool  # whether it may declare some
    symbols: Any = None
    kept: bytes = b""


@dataclass(slots=True, eq=False)
class Chunk:
    pieces: list[Piece]


Index = dict[str, list[tuple[Chunk, list[Piece]]]]


@dataclass(slots=True)
class Cut:
    """`own` is the unit's own text, `chunks` the headers in order."""

    own: str
    chunks: list[Chunk]
    index: Index
    order: dict[Piece, int] = field(default_factory=dict)  # where each piece stands, the first time
    _place: dict[Chunk, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._place = {chunk: place for place, chunk in reversed(list(enumerate(self.chunks)))}
        pieces = [piece for chunk in sorted(self._place, key=self._place.__getitem__) for piece in chunk.pieces]
        self.order = {piece: place for place, piece in enumerate(pieces)}

    def declaring(self, name: str) -> list[Piece]:
        """The pieces of headers that may declare `name`, in order, each once."""
        here = [
            (place, pieces)
            for chunk, pieces in self.index.get(name, ())
            if (place := self._place.get(chunk)) is not None
        ]
        if len(here) > 1:
            here.sort(key=lambda found: found[0])
        return [piece for _, pieces in here for piece in pieces]

    def always(self) -> Iterator[Piece]:
        """The pieces that have an effect of their own."""
        return (piece for chunk in self._place for piece in chunk.pieces if piece.names is None)


@dataclass(slots=True)
class Chunks:
    """The chunks seen so far by this process, by text; all are forgotten when they get too many.  `_index`: name ->
    the chunks and pieces that may declare it.  `load` finds a chunk that another process knew."""

    load: Callable[[str], Chunk | None] = lambda text: None
    _known: dict[str, Chunk | None] = field(default_factory=dict)
    _index: Index = field(default_factory=dict)
    _size: int = 0

    def cut(self, parts: Iterable[Stretch]) -> Cut | None:
        """None where the markers or brackets do not nest: then the whole text is the unit's own."""
        if self._size > _MOST_TEXT:
            self._known, self._index, self._size = {}, {}, 0
        own: list[str] = []
        chunks: list[Chunk] = []
        waiting = ""
        mixed = False  # whether `waiting` has text of the unit itself
        segments = list(_segments(parts))
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
        return Cut("".join(own), chunks, self._index)

    @property
    def known(self) -> dict[str, Chunk | None]:
        return self._known

    def _whole(self, text: str, own: bool) -> bool:
        return _balanced(text) if own else self._chunk(text) is not None

    def _chunk(self, text: str) -> Chunk | None:
        if text in self._known:
            return self._known[text]
        chunk = self.load(text)
        if chunk is None:
            pieces = _pieces(text)
            chunk = Chunk(pieces) if pieces is not None else None
        self._known[text] = chunk
        if chunk is not None:
            for name, found in _by_name(chunk.pieces).items():
                self._index.setdefault(name, []).append((chunk, found))
            self._size += len(text)
        return chunk


def _segments(parts: Iterable[Stretch]) -> Iterator[tuple[int, str]]:
    """(depth of inclusion, text) between markers that enter and leave."""
    depth = 0
    texts: list[str] = []
    for part in parts:
        border = part.flags[:2]
        if border in (" 1", " 2"):
            if texts:
                yield depth, "".join(texts)
            texts = []
            depth += 1 if border == " 1" else -1
        texts.append(part.text)
    yield depth, "".join(texts)


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
    return Piece(f"# {line} {marker[2]}\n{body}", names, "typedef" in body)


def _by_name(pieces: Iterable[Piece]) -> dict[str, list[Piece]]:
    found: dict[str, list[Piece]] = {}
    for piece in pieces:
        for name in needed._words(piece.text) if piece.names is None else piece.names:
            found.setdefault(name, []).append(piece)
    return found
