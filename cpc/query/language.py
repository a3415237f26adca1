"""Reads queries (query.lark) and says which functions of a graph they mean, or which automaton over its functions.

A path is a regular expression whose letters are sets of functions.  It becomes the position automaton of Glushkov: a
state is an occurrence of a letter, so a run through it names the functions one after the other and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

from cpc.query.graph import CallGraph, Wanted

Functions = frozenset[str]


class QueryError(Exception):
    """The text of a query is wrong; the message says where."""


@dataclass(frozen=True, slots=True)
class Automaton:
    """`letters[p]` are the functions that position p accepts, None: any.  `named` are those that the text names."""

    letters: tuple[Functions | None, ...]
    first: frozenset[int]
    last: frozenset[int]
    follow: dict[int, frozenset[int]]
    named: Functions


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a path: can it be empty, with which positions does it begin and end, what follows what in it."""

    empty: bool
    first: frozenset[int]
    last: frozenset[int]
    follow: tuple[tuple[int, int], ...] = ()


def functions(graph: CallGraph, text: str) -> Functions:
    """The functions that the expressions in `text` mean, together.  Raises QueryError."""
    reader = _Reader(graph)
    return cast(Functions, _read(reader, "nodes", text))


def path(graph: CallGraph, text: str) -> Automaton:
    """The automaton of a path.  Raises QueryError."""
    reader = _Reader(graph)
    part = cast(_Part, _read(reader, "path", text))
    follow: dict[int, set[int]] = {p: set() for p in range(len(reader.letters))}
    for before, after in part.follow:
        follow[before].add(after)
    follow_of = {p: frozenset(after) for p, after in follow.items()}
    return Automaton(tuple(reader.letters), part.first, part.last, follow_of, reader.named)


def _read(reader: _Reader, start: str, text: str) -> object:
    try:
        return reader.transform(_parser().parse(text, start=start))
    except UnexpectedInput as error:
        if isinstance(error, UnexpectedToken) and error.token.type == "$END":
            raise QueryError("more is expected at the end") from None
        raise QueryError(f"this does not fit: '{text[error.pos_in_stream or 0 :]}'") from None
    except VisitError as error:
        if isinstance(error.orig_exc, QueryError):
            raise error.orig_exc from None
        raise


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("query.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", start=["nodes", "path"])


_STEPS: dict[str, Callable[[CallGraph, Functions], set[str]]] = {
    ":callers": lambda graph, ids: {c for id_ in ids for c in graph.callers_of(id_, Wanted(external=True))},
    ":callees": lambda graph, ids: {c for id_ in ids for c in graph.calls_of(id_, Wanted())},
    ":all_callers": lambda graph, ids: graph.all_callers(ids),
    ":all_callees": lambda graph, ids: graph.all_callees(ids),
}


@v_args(inline=True)
class _Reader(Transformer[Token, object]):
    """From the leaves up: sets of functions, then parts of a path, whose letters are numbered as they come."""

    def __init__(self, graph: CallGraph) -> None:
        super().__init__()
        self.graph = graph
        self.letters: list[Functions | None] = []
        self.named: Functions = frozenset()

    # ---- sets ----

    def nodes(self, *sets: Functions) -> Functions:
        return frozenset().union(*sets)

    def word(self, name: str) -> Functions:
        found = self.graph.named(str(name))
        if not found:
            self.graph.unknown.append(str(name))
        self.named |= found
        return found

    def quoted(self, text: Token) -> Functions:
        return self.word(re.sub(r"\\(.)", r"\1", text[1:-1]))

    def regex(self, text: Token) -> Functions:
        pattern = text[1:-1].replace("\\/", "/")
        try:
            found = re.compile(pattern)
        except re.error as error:
            raise QueryError(f"'{pattern}' is not a regular expression: {error}") from None
        return frozenset(id_ for id_ in self.graph.nodes if found.search(self.graph.program.name(id_)))

    def label(self, name: Token) -> Functions:
        labels = self.graph.labels
        if str(name) not in labels:
            raise QueryError(f"there is no label '{name}'; there are {', '.join(sorted(labels))}")
        return frozenset(labels[str(name)])

    def everything(self) -> Functions:
        return frozenset(self.graph.nodes)

    def negated(self, inner: Functions) -> Functions:
        return frozenset(self.graph.nodes) - inner

    def step(self, inner: Functions, operator: Token) -> Functions:
        return frozenset(_STEPS[str(operator)](self.graph, inner))

    def both(self, *sets: Functions) -> Functions:
        return sets[0].intersection(*sets[1:])

    def either(self, *sets: Functions) -> Functions:
        return frozenset().union(*sets)

    # ---- paths ----

    def _letter(self, ids: Functions | None) -> _Part:
        self.letters.append(ids)
        position = frozenset((len(self.letters) - 1,))
        return _Part(False, position, position)

    def one(self, ids: Functions) -> _Part:
        return self._letter(ids)

    def anything(self) -> _Part:
        return self.star(self._letter(None))

    def star(self, part: _Part) -> _Part:
        again = tuple((end, begin) for end in part.last for begin in part.first)
        return _Part(True, part.first, part.last, part.follow + again)

    def sequence(self, *parts: _Part) -> _Part:
        found = parts[0]
        for part in parts[1:]:
            found = _Part(
                found.empty and part.empty,
                found.first | part.first if found.empty else found.first,
                found.last | part.last if part.empty else part.last,
                found.follow + part.follow + tuple((end, begin) for end in found.last for begin in part.first),
            )
        return found

    def path(self, *parts: _Part) -> _Part:
        return _Part(
            any(part.empty for part in parts),
            frozenset().union(*(part.first for part in parts)),
            frozenset().union(*(part.last for part in parts)),
            tuple(pair for part in parts for pair in part.follow),
        )
