"""Remembers, on disk, headers in which everything was worked out without a single diagnostic.

What is remembered is a beginning of a unit (frontend/included.py), the program's own declarations among its headers
included: what comes behind can only disturb a declaration by naming it, and what is named is never left out
(frontend/needed.py).  So a unit that begins with what is known here may be compiled without the rest of it; what is new
gets everything checked once.  Configure scripts depend on that: they ask whether a header compiles.

The headers of the program are treated as those of the system: the text decides, not the folder, so that a library's
headers that come by -I are as quick as those of /usr/include.  A header that was changed makes new beginnings and is
parsed whole; so does another choice of warnings, since warnings about the program's own headers must come.

The memory is a table of fixed size, one small file per entry: a later entry may take the place of an earlier one.  A
damaged entry is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cpc.cache import cache_root
from cpc.diag import Diagnostic
from cpc.frontend.included import Beginning, Headers, before_file, headers_of
from cpc.options import Options
from cpc.unchanged import compiler_stamp, write_whole

_DIGITS = 4  # of the hash name the place in the table: 65,536 places


def read_headers(text: str, options: Options) -> Headers:
    """The headers of a preprocessed unit, named by all that decides about what is said about them."""
    stamp = compiler_stamp(options.preprocessor.command[0])
    dialect = (options.preprocessor.c23, sorted(options.preprocessor.free_words))
    standard = (dialect, options.target.triple, options.builtins, options.policy)
    return headers_of(text, f"{stamp} {standard}\0")


def known_end(headers: Headers) -> int:
    """Where the longest beginning that is known ends; 0 when there is none."""
    return next((each.end for each in reversed(headers.beginnings) if _known(each)), 0)


def remember(headers: Headers, text: str, found: Iterable[Diagnostic], known: int) -> None:
    """Remembers the beginnings longer than `known` of a unit that came without errors: those before the first header
    that a warning in `found` is about."""
    faulty = {item.loc.file for item in found}
    limit = min((before_file(text, name) for name in faulty if headers.has(name)), default=len(text))
    try:
        for each in headers.beginnings:
            if known < each.end <= limit:
                write_whole(_place(each), each.key.encode())
    except OSError:  # no place for a cache
        return


def _known(beginning: Beginning) -> bool:
    try:
        return _place(beginning).read_bytes() == beginning.key.encode()
    except OSError:
        return False


def _place(beginning: Beginning) -> Path:
    return cache_root() / "headers" / beginning.key[:_DIGITS]
