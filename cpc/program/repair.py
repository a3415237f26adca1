"""Annotations put into the source, and taken out: `cpc lint --fix`.

    static int raw_flush(BlockDriverState *bs)   ->   static int coroutine_fn raw_flush(BlockDriverState *bs)

At the definition and every declaration that differs; nothing else of the text changes.  A declaration whose name does
not stand in its line (a macro makes it) cannot be changed; it is told.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cpc.loc import Loc
from cpc.program.facts import COLORS, Declaration
from cpc.program.program import Program
from cpc.program.rules import Repair

_QUOTED = re.compile(r"'(\w+)'")
_MOST_LINES = 8  # that a declaration may take before its name


@dataclass(slots=True)
class Changes:
    """`texts`: file -> (old, new) text of what changes.  `refused`: places that cannot be changed."""

    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    refused: list[Loc] = field(default_factory=list)

    def diff(self) -> str:
        """As a unified diff."""
        parts: list[str] = []
        for path, (old, new) in sorted(self.texts.items()):
            name = os.path.relpath(path)
            lines = difflib.unified_diff(
                old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{name}", f"b/{name}"
            )
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


def changes(program: Program, repairs: Iterable[Repair], macros: Mapping[str, str] | None = None) -> Changes:
    """What these repairs change.  `macros`: color -> the macro to write for it, when that has another name."""
    found = Changes()
    places: dict[str, list[tuple[Loc, str, Declaration, str]]] = {}
    for repair in repairs:
        if repair.slot:
            slot = program.slots[repair.slot]
            quoted = _QUOTED.search(slot.words)
            if quoted is not None and slot.loc.line:
                declared = Declaration(slot.loc, slot.color, False)
                places.setdefault(slot.loc.file, []).append((slot.loc, quoted[1], declared, repair.color))
            continue
        for declaration in program.declarations.get(repair.function, ()):
            if declaration.color != repair.color:
                name = program.name(repair.function)
                places.setdefault(declaration.loc.file, []).append((declaration.loc, name, declaration, repair.color))
    for path, edits in places.items():
        _change_file(path, edits, macros or {}, found)
    return found


def _change_file(
    path: str, edits: list[tuple[Loc, str, Declaration, str]], macros: Mapping[str, str], found: Changes
) -> None:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as stream:
            old = stream.read()
    except OSError:
        found.refused += [loc for loc, *_ in edits]
        return
    lines = old.split("\n")
    for loc, name, declaration, color in sorted(edits, key=lambda e: (e[0].line, e[0].column), reverse=True):
        at = _column(lines, loc, name)
        if at is not None and not declaration.defined and _is_typedefed(lines[loc.line - 1], at, name):
            at = None
        done = at is not None and (not declaration.color or _remove(lines, loc.line - 1, at, declaration, macros))
        if done and color:
            at = _column(lines, loc, name)
            assert at is not None
            _insert(lines, loc.line - 1, at, macros.get(color, color))
        if not done:
            found.refused.append(loc)
    new = "\n".join(lines)
    if new != old:
        found.texts[path] = old, new


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


def _insert(lines: list[str], index: int, at: int, macro: str) -> None:
    """Before the name, and before the parenthesis of `(*name)`; at the end of the line before when the name begins its
    line."""
    text = lines[index]
    before = text[:at].rstrip()
    if before.endswith("*") and not re.search(r"\([\s*]*$", before):
        lines[index] = f"{before}{macro} {text[at:]}"  # char *coroutine_fn name(
        return
    while before.endswith(("*", "(")):
        before = before[:-1].rstrip()
    if before:
        rest = text[len(before) :].lstrip()
        lines[index] = f"{before} {macro} {rest}"
    elif index and re.search(r"[\w*]\s*$", lines[index - 1]) and not lines[index - 1].lstrip().startswith(("#", "/")):
        end = "\r" if lines[index - 1].endswith("\r") else ""
        lines[index - 1] = f"{lines[index - 1].rstrip()} {macro}{end}"
    else:
        lines[index] = f"{text[:at]}{macro} {text[at:]}"


def _remove(lines: list[str], index: int, at: int, declaration: Declaration, macros: Mapping[str, str]) -> bool:
    """Takes the annotation out that stands nearest before the name, not before the declaration begins."""
    color = declaration.color
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
