"""Annotations put into the source, and taken out: `cpc lint --fix`.

    static int raw_flush(BlockDriverState *bs)   ->   static int coroutine_fn raw_flush(BlockDriverState *bs)

At the definition and every declaration that differs, where the project writes it (house_style.py); nothing else of the
text changes.  A declaration whose name does not stand in its line (a macro makes it) cannot be changed; it is told.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from cpc.loc import Loc
from cpc.program.facts import COLORS
from cpc.program.house_style import HouseStyle
from cpc.program.program import Program
from cpc.program.rules import Repair

_QUOTED = re.compile(r"'(\w+)'")
_MOST_LINES = 8  # that a declaration may take before its name


class _Edit(NamedTuple):
    """A declaration of `name` at `loc` has the annotation `old` and gets `new`, as it stands in `like`."""

    loc: Loc
    name: str
    old: str
    new: str
    like: tuple[Loc, ...] = ()
    defined: bool = False


@dataclass(slots=True)
class Changes:
    """`texts`: file -> (old, new) text of what changes.  `refused`: places that cannot be changed."""

    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    refused: list[Loc] = field(default_factory=list)

    def folder(self) -> str:
        """The nearest folder, from the one that the process is in upwards, that all files are below."""
        return os.path.commonpath([os.getcwd(), *(os.path.dirname(os.path.abspath(path)) for path in self.texts)])

    def diff(self, folder: str) -> str:
        """As a unified diff, with the names that files have in `folder`, for patch -p1."""
        parts: list[str] = []
        for path, (old, new) in sorted(self.texts.items()):
            name = os.path.relpath(path, folder)
            lines = difflib.unified_diff(lines_of(old), lines_of(new), f"a/{name}", f"b/{name}")
            parts += [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
        return "".join(parts)

    def write(self) -> None:
        """Raises OSError."""
        self._write(1)

    def undo(self) -> None:
        self._write(0)

    def _write(self, which: int) -> None:
        for path, texts in self.texts.items():
            with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as stream:
                stream.write(texts[which])


def lines_of(text: str) -> list[str]:
    """With their ends; str.splitlines would end them at form feeds, too."""
    return [line for line in re.split(r"(?<=\n)", text) if line]


def changes(program: Program, repairs: Iterable[Repair], macros: Mapping[str, str] | None = None) -> Changes:
    """What these repairs change.  `macros`: color -> the macro to write for it, when that has another name."""
    spelled = macros or {}
    found = Changes()
    places: dict[str, list[_Edit]] = {}
    for edit in _edits(program, repairs):
        places.setdefault(edit.loc.file, []).append(edit)
    style = HouseStyle(frozenset((*COLORS, *spelled.values())), _marked_files(program))
    for path, edits in places.items():
        _change_file(path, edits, spelled, style, found)
    return found


def _edits(program: Program, repairs: Iterable[Repair]) -> Iterator[_Edit]:
    for repair in repairs:
        if repair.slot:
            slot = program.slots[repair.slot]
            parameters = list(program.parameters(repair.slot))
            yield from (
                _Edit(p.loc, p.name, p.color, repair.color) for p in parameters if p.name and p.color != repair.color
            )
            if parameters:
                continue
            quoted = _QUOTED.search(slot.words)
            if quoted is not None and slot.loc.line:
                yield _Edit(slot.loc, quoted[1], slot.color, repair.color)
            continue
        name, declarations = program.name(repair.function), program.declarations.get(repair.function, [])
        like = tuple(d.loc for d in declarations if d.color == repair.color)
        for d in declarations:
            if d.color != repair.color and not d.type:
                yield _Edit(d.loc, name, d.color, repair.color, like, d.defined)


def _marked_files(program: Program) -> Iterator[str]:
    return (d.loc.file for declarations in program.declarations.values() for d in declarations if d.color)


def _change_file(path: str, edits: list[_Edit], macros: Mapping[str, str], style: HouseStyle, found: Changes) -> None:
    try:
        old = _read(path)
    except OSError:
        found.refused += [edit.loc for edit in edits]
        return
    lines = old.split("\n")
    for edit in sorted(edits, key=lambda e: (e.loc.line, e.loc.column), reverse=True):
        loc, name = edit.loc, edit.name
        at = _column(lines, loc, name)
        if at is not None and not edit.defined and _is_typedefed(lines[loc.line - 1], at, name):
            at = None
        done = at is not None and (not edit.old or _remove(lines, loc.line - 1, at, edit.old, macros))
        if done and edit.new:
            at = _column(lines, loc, name)
            assert at is not None
            place = sum(len(line) + 1 for line in lines[: loc.line - 1]) + at
            text = style.insert("\n".join(lines), place, macros.get(edit.new, edit.new), _named(edit.like, name))
            lines = text.split("\n")
        if not done:
            found.refused.append(loc)
    new = "\n".join(lines)
    if new != old:
        found.texts[path] = old, new


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as stream:
        return stream.read()


def _named(places: Iterable[Loc], name: str) -> list[tuple[str, int]]:
    """The texts of these declarations and where the name is in them."""
    found: list[tuple[str, int]] = []
    for loc in places:
        with suppress(OSError):
            text = _read(loc.file)
            lines = text.split("\n")
            column = _column(lines, loc, name)
            if column is not None:
                found.append((text, sum(len(line) + 1 for line in lines[: loc.line - 1]) + column))
    return found


def _is_typedefed(text: str, at: int, name: str) -> bool:
    """Whether the name of a pointer stands without its parameters: `Handler *name;`."""
    return re.match(r"\s*(?:[;=,)\[]|$)", text[at + len(name) :]) is not None and "(" not in text[:at][-3:]


def _column(lines: list[str], loc: Loc, name: str) -> int | None:
    """Where the name stands in its line: followed by parameters, nearest to the place that is known."""
    if not 0 < loc.line <= len(lines):
        return None
    text = lines[loc.line - 1]
    uses = list(re.finditer(rf"(?<![\w$]){re.escape(name)}(?![\w$])", text))
    called = [use for use in uses if re.match(r"\s*(?:\(|\)\s*\(|$)", text[use.end() :])]
    return min((use.start() for use in called or uses), key=lambda at: abs(at - loc.column + 1), default=None)


def _remove(lines: list[str], index: int, at: int, color: str, macros: Mapping[str, str]) -> bool:
    """Takes the annotation out that stands nearest before the name, not before the declaration begins."""
    words = {color, macros.get(color, color)}
    if color == COLORS[1]:
        words.add("blocking_fn")
    spelled = "|".join(sorted(map(re.escape, words)))
    pattern = re.compile(
        rf"\b(?:{spelled})\b|__attribute__\s*\(\(\s*annotate\s*\(\s*\"{color}\"\s*\)\s*\)\)|\[\[cpc::{color}\]\]"
    )
    for number in range(index, max(index - _MOST_LINES, 0) - 1, -1):
        text = lines[number]
        if number < index and (not text.strip() or text.rstrip().endswith((";", "}", "*/", ":")) or text[0] == "#"):
            return False  # another declaration
        uses = list(pattern.finditer(text, 0, at if number == index else len(text)))
        if uses:
            use = uses[-1]
            head, tail = text[: use.start()], text[use.end() :]
            lines[number] = head.rstrip() + tail if not tail.strip() else head + tail.lstrip(" ")
            return True
    return False
