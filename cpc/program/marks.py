"""Puts annotations back that the preprocessor took away: macros such as QEMU's coroutine_fn, defined empty.

    source           int coroutine_fn bdrv_co_flush(BlockDriverState *bs);
    preprocessed     int  bdrv_co_flush(BlockDriverState *bs);
    result           int  __attribute__((annotate("coroutine_fn")))
                     # 12 "include/block/block-io.h"
                          bdrv_co_flush(BlockDriverState *bs);

The source of every file that markers name is searched for the macros; each use is found again in the preprocessed line
by the word that follows it.  Lines and columns stay what they were.  Where the macro left an annotation of its own,
nothing is added.

Rejected: defining the macro on the command line (the project's #define comes later and wins); a copy of the header
that defines it (includes relative to its folder are lost, and every place in it moves).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field

from cpc.program.stretches import Stretch
from cpc.unchanged import Stamp, stamp_of

_NOT_CODE = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:[^\"\\\n]|\\.)*\"", re.S)
_DIRECTIVE = re.compile(r"^[ \t]*#[^\n]*(?:\\\n[^\n]*)*", re.M)
_FOLLOWING = re.compile(r"[\s]*((?:[(*]\s*)*)([^\W\d]\w*)")
_ARGUMENTS = re.compile(r"\s*\((?:[^()]|\([^()]*\))*\)(?=\s*[\w*])")  # of a macro: a name has no word behind them
_MOST_FOLLOWING = 6  # macros may stand between the annotation and a word that is left


@dataclass(frozen=True, slots=True, eq=False)
class _Mark:
    """A use of a macro: the words behind it, as (line, how many '(' and '*' before it, the word)."""

    color: str
    line: int
    following: tuple[tuple[int, int, str], ...]


@dataclass(slots=True)
class Marks:
    """`macros`: name -> color.  The sources that were read are kept for all units of the process, until they change."""

    macros: Mapping[str, str]
    _files: dict[str, tuple[Stamp, list[int], list[_Mark]]] = field(default_factory=dict)

    def restore(self, parts: list[Stretch]) -> list[Stretch]:
        """The preprocessed text with its annotations."""
        placed: set[_Mark] = set()
        sources: dict[str, tuple[list[int], list[_Mark]]] = {}
        return [self._restored(part, sources, placed) for part in parts]

    def _restored(
        self, part: Stretch, sources: dict[str, tuple[list[int], list[_Mark]]], placed: set[_Mark]
    ) -> Stretch:
        known = sources.get(part.file)
        if known is None:
            known = sources[part.file] = self._marks(part.file)
        lines, marks = known
        if not marks:
            return part
        if part.flags.startswith(" 1"):  # the file is included, perhaps again
            placed.difference_update(marks)
        at = bisect_left(lines, part.line - _MOST_FOLLOWING)
        if at == len(lines):
            return part
        body = part.body
        if lines[at] > part.line + body.count("\n"):
            return part
        head = part.text[: len(part.text) - len(body)]
        return part._replace(text=head + _marked(body, part.line, marks[at:], part.file, placed))

    def _marks(self, path: str) -> tuple[list[int], list[_Mark]]:
        stamp = stamp_of(path)
        known = self._files.get(path)
        if known is None or known[0] != stamp:
            marks = self._read(path)
            known = self._files[path] = stamp, [mark.line for mark in marks], marks
        return known[1:]

    def _read(self, path: str) -> list[_Mark]:
        if path.startswith("<"):
            return []
        try:
            with open(path, encoding="utf-8", errors="replace") as stream:
                source = stream.read()
        except OSError:
            return []
        if not any(macro in source for macro in self.macros):
            return []
        source = _DIRECTIVE.sub(_blank, _NOT_CODE.sub(_blank, source))
        found: list[_Mark] = []
        for use in re.finditer(rf"\b(?:{'|'.join(map(re.escape, self.macros))})\b", source):
            found.append(_Mark(self.macros[use.group()], source.count("\n", 0, use.start()) + 1, _words(source, use)))
        return found


def _blank(found: re.Match[str]) -> str:
    return "\n" * found.group().count("\n") or " "


def _words(source: str, use: re.Match[str]) -> tuple[tuple[int, int, str], ...]:
    words: list[tuple[int, int, str]] = []
    at = use.end()
    line = source.count("\n", 0, at) + 1
    while len(words) < _MOST_FOLLOWING and (found := _FOLLOWING.match(source, at)):
        line += source.count("\n", at, found.start(2))
        words.append((line, len(re.sub(r"\s", "", found[1])), found[2]))
        at = found.end()
        arguments = _ARGUMENTS.match(source, at)
        if arguments is not None:
            line += source.count("\n", at, arguments.end())
            at = arguments.end()
        elif source[at : at + 1] in ("(", ")"):  # the name that is declared
            break
    return tuple(words)


def _marked(body: str, first: int, marks: list[_Mark], path: str, placed: set[_Mark]) -> str:
    """A stretch of lines from one file, the first of which is `first`, with the annotations not yet placed."""
    lines = body.split("\n")
    last = first + len(lines)
    for mark in marks:
        if mark.line >= last:
            break
        if mark in placed:
            continue
        for line, before, word in mark.following:
            if not first <= line < last:
                continue
            marker = f'# {line} "{path}"'
            if _mark_line(lines, line - first, before, word, f"{_attribute(mark.color)}\n{marker}\n"):
                placed.add(mark)
                break
    return "\n".join(lines)


def _attribute(color: str) -> str:
    return f'__attribute__((annotate("{color}")))'


def _mark_line(lines: list[str], index: int, before: int, word: str, mark: str) -> bool:
    """Puts `mark` before a word and the `before` signs in front of it; True when it is there."""
    text = lines[index]
    found = re.search(rf"\b{re.escape(word)}\b", text)
    if found is None:
        return False
    if "annotate" in text or (index and "annotate" in lines[index - 1] and lines[index - 1].rstrip().endswith("))")):
        return True
    at = found.start()
    for _ in range(before):
        at = len(text[:at].rstrip()) - 1
    if at < 0 or (before and text[at] not in "(*"):
        return False
    lines[index] = f"{text[:at]}{mark}{' ' * at}{text[at:]}"
    return True
