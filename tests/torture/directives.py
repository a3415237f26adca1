"""The DejaGnu directives of gcc's tests, `/* { dg-options "-fwrapv" { target lp64 } } */`, for one target.

Words are Tcl's: bare, in quotes, or a list in braces.  A selector is an expression over globs of target triples and
names of effective targets.  An effective target that is not known to be absent counts as present, so that no test is
left out by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

Word = str | list["Word"]

_DIRECTIVE = re.compile(r"\{\s*(dg-[\w-]+)")
_ABSENT = {
    "ia32",
    "ilp32",
    "llp64",
    "x32",
    "int16",
    "short_enums",
    "freestanding",
    "newlib",
    "newlib_nano_io",
    "nonpic",
}
_ABSENT |= {"run_expensive_tests", "vxworks_kernel", "simulator", "default_packed", "stack_size"}
_FOREIGN = re.compile(r"(arm|aarch64|mips|powerpc|sparc|s390|avr|riscv|loongarch|msp430|ti_c)\w*$")


@dataclass(frozen=True, slots=True)
class Directive:
    """`name` without dg-, and its words."""

    name: str
    words: tuple[Word, ...]


def directives_of(text: str) -> Iterator[Directive]:
    """All directives of a test; what is no well-formed list is no directive."""
    for found in _DIRECTIVE.finditer(text):
        read = _Reader(text, found.start()).word()
        if isinstance(read, list) and read and isinstance(read[0], str):
            yield Directive(read[0].removeprefix("dg-"), tuple(read[1:]))


class _Reader:
    """Tcl words from `at` on, within one line or a few."""

    def __init__(self, text: str, at: int) -> None:
        self.text, self.at = text, at

    def word(self) -> Word | None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        start = self.text[self.at : self.at + 1]
        if start == "{":
            return self._list()
        if start == '"':
            return self._quoted()
        found = re.compile(r"[^\s{}]+").match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found[0]

    def _list(self) -> Word | None:
        self.at += 1
        words: list[Word] = []
        while (word := self.word()) is not None:
            words.append(word)
        if self.text[self.at : self.at + 1] != "}":
            return None
        self.at += 1
        return words

    def _quoted(self) -> str | None:
        found = re.compile(r'"((?:[^"\\]|\\.)*)"').match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found[1]


@dataclass(frozen=True, slots=True)
class Machine:
    """A target as its triple; answers selectors."""

    triple: str

    def matches(self, selector: Word) -> bool:
        """Is this the target of `{ x86_64-*-* && { ! ia32 } }`?  Words without an operator mean any of them."""
        if isinstance(selector, str):
            if " " in selector.strip():
                return any(self.matches(word) for word in selector.split())
            return self._named(selector)
        words = [word for word in selector if word not in ("target", "xfail")]
        for operator, combine in (("||", any), ("&&", all)):
            if operator in words:
                return combine([self.matches(part) for part in _split(words, operator)])
        if words and words[0] == "!":
            return not self.matches(words[1:])
        return any(self.matches(word) for word in words)

    def _named(self, name: str) -> bool:
        if name.startswith("!"):
            return not self._named(name[1:])
        if "-" in name or "*" in name:
            return fnmatchcase(self.triple, name)
        return self.has(name)

    def has(self, name: str) -> bool:
        """Is the effective target `name` present?"""
        return name not in _ABSENT and (not _FOREIGN.match(name) or name.startswith(self.triple.split("-")[0]))


def _split(words: list[Word], operator: str) -> Iterator[list[Word]]:
    part: list[Word] = []
    for word in words:
        if word == operator:
            yield part
            part = []
        else:
            part.append(word)
    yield part
