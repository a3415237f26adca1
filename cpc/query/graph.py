"""The call graph that queries are about: functions, three kinds of edges, labels, and filters.

Edges.  'call' is a call by name.  'ref' takes the address of a function.  'pointer' is a call through a pointer that
the function may be the target of (program.py); it is only there when it is asked for.  Between two functions the
first of these that holds is the edge's kind.

Labels are the annotations, 'static', 'inline', 'external' (declared and not defined here), and those of a session.
A filter hides functions, or the edges into or out of some; what is hidden is in no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cpc.program.facts import COLORS
from cpc.program.program import Program

CALL, POINTER, REF = "call", "pointer", "ref"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which edges and functions a question is about."""

    refs: bool = False
    external: bool = False


class CallGraph:
    def __init__(self, program: Program, *, pointers: bool = False) -> None:
        self.program = program
        self.callees: dict[str, dict[str, str]] = {}
        self.callers: dict[str, set[str]] = {}
        for id_ in (*program.functions, *program.declarations):
            self._add(id_)
        for id_, fn in program.functions.items():
            for call in fn.calls:
                if call.callee:
                    self._edge(id_, call.callee, CALL)
            for edge in program.edges(id_) if pointers else ():
                self._edge(id_, edge.callee, POINTER)
        for flow in program.flows:
            if flow.source.kind == "function" and flow.function:
                self._edge(flow.function, flow.source.id, REF)
        self.nodes = self.sorted(self.callees)
        self.labels = self._labels()
        self.filter = Filter()
        self.unknown: list[str] = []  # names in queries that no function has, until somebody tells

    def _add(self, id_: str) -> None:
        self.callees.setdefault(id_, {})
        self.callers.setdefault(id_, set())

    def _edge(self, caller: str, callee: str, kind: str) -> None:
        self._add(caller)
        self._add(callee)
        self.callees[caller].setdefault(callee, kind)
        self.callers[callee].add(caller)

    def _labels(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {label: set() for label in (*COLORS, "static", "inline", "external")}
        for id_ in self.nodes:
            color = self.program.color(id_)
            if color:
                found[color].add(id_)
            fn = self.program.defined(id_)
            if fn is None:
                found["external"].add(id_)
            else:
                found["static"].update((id_,) if fn.internal else ())
                found["inline"].update((id_,) if fn.inline else ())
        return found

    # ---- names ----

    def text(self, id_: str) -> str:
        """How a function is printed: its name, with its file where the name alone is not enough."""
        name = self.program.name(id_)
        return name if len(self.program.by_name.get(name, ())) <= 1 else id_

    def sorted(self, ids: Iterable[str]) -> list[str]:
        """By name, and then by file."""
        return sorted(ids, key=lambda id_: (self.program.name(id_), id_))

    def named(self, name: str) -> frozenset[str]:
        """The functions of this C name or id."""
        ids = self.program.by_name.get(name, ())
        return frozenset(ids if ids else (name,) if name in self.callees else ())

    # ---- neighbours ----

    def calls_of(self, id_: str, wanted: Wanted) -> list[str]:
        """Whom it calls, as far as the filter shows them."""
        return self.sorted(
            to for to in self.callees[id_] if self.shows(to, wanted) and self._shows_edge(id_, to, wanted)
        )

    def callers_of(self, id_: str, wanted: Wanted) -> list[str]:
        return self.sorted(c for c in self.callers[id_] if self.shows(c, wanted) and self._shows_edge(c, id_, wanted))

    def all_callees(self, ids: Iterable[str]) -> set[str]:
        """All that can be reached over edges of any kind, whatever the filter; the start too."""
        return _reached(ids, lambda id_: self.callees[id_])

    def all_callers(self, ids: Iterable[str]) -> set[str]:
        return _reached(ids, lambda id_: self.callers[id_])

    def is_external(self, id_: str) -> bool:
        return id_ in self.labels["external"]

    def shows(self, id_: str, wanted: Wanted) -> bool:
        return (wanted.external or not self.is_external(id_)) and self.filter.shows(id_)

    def _shows_edge(self, caller: str, callee: str, wanted: Wanted) -> bool:
        if caller in self.filter.without_callees or callee in self.filter.without_callers:
            return False
        return self.callees[caller][callee] != REF or (wanted.refs and not self.is_external(callee))

    # ---- filters ----

    def omit(self, ids: Iterable[str], *, callers: bool, callees: bool) -> None:
        """Hides functions; or only the edges into (out of) them and all their callers (callees), and whom that leaves
        without any edge."""
        some = list(ids)
        if not callers and not callees:
            self.filter.omit(some)
            return
        touched: set[str] = set()
        if callers:
            found = self.all_callers(some)
            self.filter.without_callers |= found
            touched |= found.union(*(self.callers[id_] for id_ in found))
        if callees:
            found = self.all_callees(some)
            self.filter.without_callees |= found
            touched |= found.union(*(self.callees[id_] for id_ in found))
        everything = Wanted(refs=True, external=True)
        self.filter.omit(
            id_ for id_ in touched if not self.calls_of(id_, everything) and not self.callers_of(id_, everything)
        )

    def keep(self, ids: Iterable[str], *, callers: bool, callees: bool) -> None:
        """Shows functions again, and all their callers (callees)."""
        some = set(ids)
        found = set(some)
        found |= self.all_callers(some) if callers else set()
        found |= self.all_callees(some) if callees else set()
        self.filter.keep(found)


@dataclass(slots=True)
class Filter:
    """`by_default`: functions that nothing was said of are shown."""

    omitted: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    without_callers: set[str] = field(default_factory=set)
    without_callees: set[str] = field(default_factory=set)
    by_default: bool = True

    def shows(self, id_: str) -> bool:
        return id_ in self.kept or (self.by_default and id_ not in self.omitted)

    def omit(self, ids: Iterable[str]) -> None:
        found = set(ids)
        self.omitted |= found
        self.kept -= found

    def keep(self, ids: Iterable[str]) -> None:
        found = set(ids)
        self.kept |= found
        self.omitted -= found


def _reached(ids: Iterable[str], neighbours: Callable[[str], Iterable[str]]) -> set[str]:
    found = set(ids)
    waiting = list(found)
    while waiting:
        for next_ in neighbours(waiting.pop()):
            if next_ not in found:
                found.add(next_)
                waiting.append(next_)
    return found
