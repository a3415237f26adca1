"""The units of a program that are known but were not read: what their texts say, without parsing them.

`names` finds a word anywhere; `marked` the definition of a function with external linkage that has an annotation:

    int coroutine_fn pr_manager_execute(PRManager *pr_mgr, ...) {        in a unit that is known

The texts are read once, when something asks, and kept for all programs that share the object.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from cpc.loc import Loc
from cpc.program.facts import Declaration

_WORD = re.compile(rb"\w")
_MARK = re.compile(rb"coroutine_(?:mixed_)?fn\b")
_DEFINITION = re.compile(rb"[\w\s*]{0,80}?\b(\w+)\s*\((?:[^(){};]|\([^(){};]*\)){0,2000}\)\s*\{")  # behind a mark
_NOT_ONE = (b"static", b"typedef", b"/", b"*", b"#")


@dataclass(eq=False)
class Unread:
    """`paths` of the units; those that cannot be read say nothing."""

    paths: tuple[str, ...] = ()
    _names: dict[str, bool] = field(default_factory=dict)

    def read(self) -> None:
        """Reads the texts, which takes a while; whoever asks does so otherwise."""
        _ = self._text

    def names(self, name: str) -> bool:
        """Whether a text has this word."""
        if name not in self._names:
            self._names[name] = self._find(name.encode())
        return self._names[name]

    def marked(self, name: str) -> Declaration | None:
        """The definition of an external function that is annotated there."""
        return self._marked.get(name)

    def _find(self, name: bytes) -> bool:
        text = self._text
        at = text.find(name)
        while at >= 0:  # much faster than to search for the word by an expression
            if not (_WORD.match(text[at - 1 : at]) or _WORD.match(text[at + len(name) : at + len(name) + 1])):
                return True
            at = text.find(name, at + 1)
        return False

    @cached_property
    def _marked(self) -> dict[str, Declaration]:
        found: dict[str, Declaration] = {}
        text = self._text
        starts = [0, *accumulate(len(part) + 1 for part in self._texts)]
        for mark in _MARK.finditer(text):
            start = mark.start() - 3 * (text[mark.start() - 3 : mark.start()] == b"no_")
            before = text[text.rfind(b"\n", 0, start) + 1 : start].lstrip()
            use = _DEFINITION.match(text, mark.end())
            if use is not None and not before.startswith(_NOT_ONE):
                number, at = bisect_right(starts, start) - 1, use.start(1)
                line = text.count(b"\n", starts[number], at) + 1
                loc = Loc(self.paths[number], line, at - text.rfind(b"\n", 0, at))
                found.setdefault(use[1].decode(), Declaration(loc, text[start : mark.end()].decode(), True))
        return found

    @cached_property
    def _text(self) -> bytes:
        return b"\n".join(self._texts)

    @cached_property
    def _texts(self) -> list[bytes]:
        """One for each path."""
        texts: list[bytes] = []
        for path in self.paths:
            try:
                texts.append(Path(path).read_bytes())
            except OSError:
                texts.append(b"")
        return texts
