"""Diagnostics: what goes wrong, where, and how it is worded on the terminal.

Every stage records into one `Diagnostics`; nobody prints.  The driver renders the whole list once, sorted by
place, in Clang's form with Rust's code:

    devices/blk.c:85:31: error[E0101]: 'blk_unrealize' calls coroutine_fn 'co_fdatasync' but is not coroutine_fn
       85 |     case BLK_T_FLUSH:  return co_fdatasync(blk->fd);
          |                               ^~~~~~~~~~~~
    devices/blk.c:134:13: note: 'blk_unrealize' is declared here
      help: mark it 'static void coroutine_fn blk_unrealize'

Messages are lower case, without full stop, and quote source with '...'.  Codes: E00xx syntax, E01xx coroutine
rules, E02xx types, E03xx unsupported C, W02xx advice (codes.py has a long text for each).

Columns come from the preprocessed text, so on a line that uses macros they point somewhere else in the source
line.  `render` therefore looks for one of the names that the message quotes before it trusts the column.
Rejected: exceptions as the only way to report.  They stop at the first fault; here only `abort` raises, and the
loop over external declarations catches it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import NoReturn

from cpc.loc import NO_LOC, Loc


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that explains a diagnostic."""

    loc: Loc
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault.  `severity` is 'error' or 'warning'; `help` says how to mend it, or is empty; `option` is the -W
    option that a warning was settled by (cpc/warnings), shown in brackets behind the message."""

    severity: str
    code: str
    loc: Loc
    message: str
    help: str = ""
    notes: tuple[Note, ...] = ()
    option: str = ""


class Abort(Exception):
    """Raised by `Diagnostics.abort`: the current external declaration is given up, the next one goes on."""


@dataclass(slots=True)
class Diagnostics:
    """Collects diagnostics.  The same message at the same place is kept once: an expression that is built twice
    (once to learn its type) reports its faults twice."""

    items: list[Diagnostic] = field(default_factory=list)
    _seen: set[tuple[str, Loc, str]] = field(default_factory=set)

    def error(self, code: str, loc: Loc, message: str, *, help: str = "", notes: Sequence[Note] = ()) -> None:
        """Records an error; compilation goes on to find more, but makes no output."""
        self._add(Diagnostic("error", code, loc, message, help, tuple(notes)))

    def warning(self, option: str, loc: Loc, message: str, *, help: str = "", notes: Sequence[Note] = ()) -> None:
        """Records advice; `option` is its code (W02xx)."""
        self._add(Diagnostic("warning", option, loc, message, help, tuple(notes)))

    def abort(self, code: str, loc: Loc, message: str, *, help: str = "", notes: Sequence[Note] = ()) -> NoReturn:
        """Records an error and gives up the current external declaration."""
        self.error(code, loc, message, help=help, notes=notes)
        raise Abort(message)

    def extend(self, others: Iterable[Diagnostic]) -> None:
        for diagnostic in others:
            self._add(diagnostic)

    def drop_warnings(self, files: Set[str] | None = None) -> None:
        """Forgets the warnings about these files (system headers), or all of them."""
        self.items = [d for d in self.items if d.severity == "error" or not (files is None or d.loc.file in files)]

    def _add(self, diagnostic: Diagnostic) -> None:
        key = (diagnostic.code, diagnostic.loc, diagnostic.message)
        if key not in self._seen:
            self._seen.add(key)
            self.items.append(diagnostic)

    @property
    def has_errors(self) -> bool:
        return any(d.severity == "error" for d in self.items)

    @property
    def leave_no_module(self) -> bool:
        """Whether there is an error that no lint can look beyond: one that is not about the coroutine rules."""
        return any(d.severity == "error" and not d.code.startswith("E01") for d in self.items)

    def sorted(self) -> list[Diagnostic]:
        """By file in order of first appearance, then by place; faults of one place keep their order."""
        files: dict[str, int] = {}
        for diagnostic in self.items:
            files.setdefault(diagnostic.loc.file, len(files))
        return sorted(self.items, key=lambda d: (files[d.loc.file], d.loc.line, d.loc.column))


# ---- rendering ----------------------------------------------------------------------------------------------

_QUOTED = re.compile(r"'([A-Za-z_$][\w$]*)'")
_WORD = re.compile(r"[A-Za-z_$][\w$]*|[^\s\w]|\d\w*")
_COLORS = {"error": "\x1b[1;31m", "warning": "\x1b[1;35m", "note": "\x1b[1;36m", "caret": "\x1b[1;32m"}
_LONGEST_SOURCE_LINE = 300
MOST_SHOWN = 100  # by the commands that compile


@dataclass(slots=True)
class SourceLines:
    """Reads source lines for rendering; a file that cannot be read has no lines."""

    _files: dict[str, list[str]] = field(default_factory=dict)

    def line(self, loc: Loc) -> str | None:
        if loc.file not in self._files:
            self._files[loc.file] = _read_lines(loc.file)
        lines = self._files[loc.file]
        return lines[loc.line - 1] if 0 < loc.line <= len(lines) else None


def _read_lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read().split("\n")
    except (OSError, ValueError):  # ValueError: a NUL in a file name of a line marker
        return []


def render(
    diagnostics: Iterable[Diagnostic], sources: SourceLines | None = None, *, color: bool = False, limit: int = 0
) -> str:
    """The text for people: one block per diagnostic, each ends with a newline.  With `limit`, a last line says how
    many more there are: one missing header can make thousands."""
    sources = sources or SourceLines()
    found = list(diagnostics)
    shown = found[:limit] if limit else found
    text = "".join(_render_one(d, sources, color) for d in shown)
    if len(shown) < len(found):
        text += f"cpc: {len(found) - len(shown)} more diagnostics are not shown\n"
    return text


def _render_one(diagnostic: Diagnostic, sources: SourceLines, color: bool) -> str:
    label = f"{diagnostic.severity}[{diagnostic.code}]" if diagnostic.code else diagnostic.severity
    option = f" [{diagnostic.option}]" if diagnostic.option else ""
    out = _headline(diagnostic.loc, label, diagnostic.message, sources, color, option)
    for note in diagnostic.notes:
        out += _headline(note.loc, "note", note.message, sources, color)
    if diagnostic.help:
        out += f"  help: {diagnostic.help}\n"
    return out


def _headline(loc: Loc, label: str, message: str, sources: SourceLines, color: bool, option: str = "") -> str:
    """`place: label: message`, and for all but notes the source line with a caret."""
    source = sources.line(loc)
    start, length = caret(source, loc.column, message) if source is not None else (loc.column - 1, 0)
    shown = f"{_COLORS[label.split('[')[0]]}{label}\x1b[0m" if color else label
    out = f"{_place(loc, start + 1)}{shown}: {_printable(message)}{option}\n"
    if source is None or label == "note" or len(source) > _LONGEST_SOURCE_LINE:
        return out
    pad = "".join("\t" if c == "\t" else " " for c in source[:start])
    underline = "^" + "~" * (length - 1)
    if color:
        underline = f"{_COLORS['caret']}{underline}\x1b[0m"
    return f"{out}{loc.line:5} | {_printable(source)}\n      | {pad}{underline}\n"


def _place(loc: Loc, column: int) -> str:
    if loc == NO_LOC or not loc.file:
        return "cpc: "
    if loc.line == 0:
        return f"{loc.file}: "
    return f"{loc.file}:{loc.line}:{column}: " if column > 0 else f"{loc.file}:{loc.line}: "


def _printable(text: str) -> str:
    """Control characters of hostile input must not reach the terminal; a linker's message has several lines."""
    return "".join(c if c in "\t\n" or c.isprintable() else "\ufffd" for c in text)


def caret(source: str, column: int, message: str) -> tuple[int, int]:
    """(index, length) of what to underline in `source`, the line that a message is about."""
    names = _QUOTED.findall(message)
    at_column = _WORD.match(source, column - 1) if 0 < column <= len(source) else None
    if at_column and (not names or at_column.group() in names):
        return column - 1, len(at_column.group())
    uses = [
        (abs(use.start() - column + 1), use.start(), len(name))
        for name in names
        for use in re.finditer(rf"(?<![\w$]){re.escape(name)}(?![\w$])", source)
    ]
    # What stands before the place is not meant, unless macros or letters beyond ASCII have moved the columns.
    moved = column > len(source) or not source.isascii()
    uses = [use for use in uses if use[1] >= column - 1] or (uses if moved else [])
    if uses:
        _, start, length = min(uses)
        return start, length
    if at_column:
        return column - 1, len(at_column.group())
    first = len(source) - len(source.lstrip())
    return (min(column - 1, len(source)), 1) if column > 0 else (first, 1)
