"""Where a diagnostic's token stands in the source: the preprocessor moves what is on a line.

`cc -E` joins white space, drops comments and puts text in the place of macros, so that columns of its output are no
columns of the file.  Here the tokens of both lines are put side by side: a token that both have is found again; one
that a macro made is at the name of the macro.  A place that cannot be told stays as it was.

Done for the few lines that diagnostics are about, when they are known: nothing is noted while a text is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from cpc.diag import Diagnostic, SourceLines
from cpc.loc import Loc

_MARKER = re.compile(r"#[ \t]*(?:line[ \t]+)?(\d+)(?:[ \t]+\"((?:[^\"\\]|\\.)*)\")?")
_TOKEN = re.compile(
    r"(?P<blank>\s+|/\*.*?(?:\*/|\Z)|//.*)|\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|[^\W\d][\w$]*|\.?\d[\w.]*|\S"
)
_MOST_TOKENS = 500
Place = tuple[str, int]
Tokens = list[tuple[str, int]]  # text and column


def in_source(found: Iterable[Diagnostic], text: str, filename: str) -> list[Diagnostic]:
    """The diagnostics about a preprocessed text with columns of the files that it was made of."""
    items = list(found)
    places = {(loc.file, loc.line) for item in items for loc in _locs(item) if loc.column}
    if not places:
        return items
    sources, rows = SourceLines(), _rows(text, filename, places)

    def moved(loc: Loc) -> Loc:
        source = sources.line(loc) if loc.column else None
        column = _column(rows.get((loc.file, loc.line), ()), source, loc.column) if source is not None else None
        return loc if column is None else replace(loc, column=column)

    return [
        replace(item, loc=moved(item.loc), notes=tuple(replace(note, loc=moved(note.loc)) for note in item.notes))
        for item in items
    ]


def _locs(item: Diagnostic) -> list[Loc]:
    return [item.loc, *(note.loc for note in item.notes)]


def _rows(text: str, filename: str, places: set[Place]) -> Mapping[Place, list[str]]:
    """What the text has for these lines of files; several rows where a macro of the system is on the line."""
    found: dict[Place, list[str]] = {}
    file, line = filename, 1
    for row in text.split("\n"):
        marker = _MARKER.match(row)
        if marker is not None:
            line = int(marker[1])
            file = re.sub(r"\\(.)", r"\1", marker[2]) if marker[2] is not None else file
            continue
        if (file, line) in places:
            found.setdefault((file, line), []).append(row)
        line += 1
    return found


def _column(rows: Sequence[str], source: str, column: int) -> int | None:
    """The column in `source` of the token at `column` of one of `rows`."""
    made: Tokens = []
    starts: list[int] = []
    for row in rows:
        tokens = _tokens(row)
        starts += [len(made) + i for i, (_, at) in enumerate(tokens) if at == column]
        made += tokens
    written = _tokens(source)
    if len(starts) != 1 or not written or max(len(made), len(written)) > _MOST_TOKENS:
        return None
    index = starts[0]
    pairs = SequenceMatcher(None, [t for t, _ in made], [t for t, _ in written], autojunk=False)
    for _, low, high, first, last in pairs.get_opcodes():
        if low <= index < high:
            same = last - first == high - low and made[index][0] == written[first + index - low][0]
            return written[first + index - low if same else min(first, len(written) - 1)][1]
    return None


def _tokens(line: str) -> Tokens:
    return [(m.group(), m.start() + 1) for m in _TOKEN.finditer(line) if m["blank"] is None]
