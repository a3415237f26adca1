"""Keeps what a process learned of headers for the next one: a unit that was edited is read again, its headers are not.

A file of the cache folder per chunk (chunks.py), named by a hash of its text and of the parts of cpc that read it: its
pieces, and of those that somebody asked for what they declare and say.  Pieces whose meaning names of the unit itself
decided are not kept.  What is asked for first in another unit is parsed then, and the file is written again at the end
of that process.

Rejected: one file per unit, which would hold the same headers hundreds of times.
"""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cpc.cache import cache_root
from cpc.program.chunks import Chunk, Piece
from cpc.unchanged import write_whole

_PLACE = "headers"
_SMALLEST = 500  # characters: less is parsed as fast as it is found


@dataclass(slots=True)
class KeptHeaders:
    """`stamp` tells the cpc that made an entry.  `_written`: chunk -> how many of its pieces were known when it was
    read or written last."""

    stamp: str
    _written: dict[str, int] = field(default_factory=dict)

    def load(self, text: str) -> Chunk | None:
        """The chunk with this text, when an earlier process knew it."""
        if len(text) < _SMALLEST:
            return None
        try:
            texts, names, typedefs, symbols = pickle.loads(self._place(text).read_bytes())
        except Exception:  # not there, or damaged in one of the many ways that pickle has words for
            return None
        self._written[text] = len(symbols)
        pieces = [Piece(t, n, d) for t, n, d in zip(texts, names, typedefs, strict=True)]
        for number, data in symbols.items():
            pieces[number].kept = data
        return Chunk(pieces)

    def save(self, known: dict[str, Chunk | None]) -> None:
        """Writes what is new in the chunks of a process."""
        for text, chunk in known.items():
            if chunk is None or len(text) < _SMALLEST:
                continue
            asked = {n: piece for n, piece in enumerate(chunk.pieces) if _is_done(piece.symbols) or piece.kept}
            if self._written.get(text) == len(asked):
                continue
            self._written[text] = len(asked)
            pieces = chunk.pieces
            symbols = {n: piece.kept or pickle.dumps(piece.symbols, 5) for n, piece in asked.items()}
            entry = [p.text for p in pieces], [p.names for p in pieces], [p.typedefs for p in pieces], symbols
            write_whole(self._place(text), pickle.dumps(entry, 5))

    def _place(self, text: str) -> Path:
        name = hashlib.sha256(f"{self.stamp}\0{text}".encode("utf-8", "surrogateescape")).hexdigest()
        return cache_root() / _PLACE / name[:2] / name[2:]


def _is_done(symbols: Any) -> bool:
    """Whether all that a piece says was read, so that no syntax tree is left, and says the same in every unit."""
    return symbols is not None and symbols.unit is None and symbols.lasting
