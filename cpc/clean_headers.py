"""Remembers, on disk, headers in which everything was worked out without a single diagnostic.

A unit's headers are its text up to the end of the last system header, the program's own declarations among them
included: what comes behind can only disturb a declaration by naming it, and what is named is never left out
(frontend/needed.py).  So a unit with headers that are known here may be compiled without the rest of them; one whose
headers are new gets everything checked once.  Configure scripts depend on that: they ask whether a header compiles.

The memory is a table of fixed size, one small file per entry: a later entry may take the place of an earlier one.  A
damaged entry is none.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from cpc.cache import cache_root
from cpc.frontend.needed import headers_of
from cpc.frontend.preprocess import Preprocessor
from cpc.unchanged import compiler_stamp, write_whole

_DIGITS = 4  # of the hash name the place in the table: 65,536 places


def key_of(text: str, preprocessor: Preprocessor) -> str | None:
    """The name of the headers of a preprocessed unit; None when it has none."""
    headers = headers_of(text)
    if headers is None:
        return None
    decisive = f"{compiler_stamp(preprocessor.command[0])} {preprocessor.c23}\0".encode()
    return hashlib.sha256(decisive + headers.encode("utf-8", "surrogateescape")).hexdigest()


def known(key: str) -> bool:
    try:
        return _place(key).read_bytes() == key.encode()
    except OSError:
        return False


def remember(key: str) -> None:
    try:
        write_whole(_place(key), key.encode())
    except OSError:  # no place for a cache
        return


def _place(key: str) -> Path:
    return cache_root() / "headers" / key[:_DIGITS]
