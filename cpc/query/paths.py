"""Finds the paths of a call graph that an automaton accepts: each function at most once, callers first.

There can be more simple paths than anybody has time for, so what cannot end well is not begun: the pairs of function
and position from which an end can be reached are found first, backwards and in linear time.  The paths then come one
by one, sorted, and the caller stops when it has enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from cpc.query.graph import CallGraph, Wanted
from cpc.query.language import Automaton

_State = tuple[str, int]


def find_paths(graph: CallGraph, automaton: Automaton, wanted: Wanted) -> Iterator[tuple[str, ...]]:
    """The paths, as ids.  What is not defined here is on them when it is wanted, or when the query names it."""
    good = _leading_to_an_end(graph, automaton, wanted)
    starts = _by_function(state for state in good if state[1] in automaton.first)
    path: list[str] = []
    on_path: set[str] = set()
    waiting: list[Iterator[tuple[str, frozenset[int]]]] = [iter([(id_, starts[id_]) for id_ in graph.sorted(starts)])]
    while waiting:
        step = next(waiting[-1], None)
        if step is None:
            waiting.pop()
            if path:
                on_path.discard(path.pop())
            continue
        id_, positions = step
        if id_ in on_path:
            continue
        path.append(id_)
        on_path.add(id_)
        if positions & automaton.last:
            yield tuple(path)
        after = frozenset(p for position in positions for p in automaton.follow[position])
        waiting.append(_next(graph, id_, after, good, wanted))


def _next(
    graph: CallGraph, id_: str, positions: frozenset[int], good: set[_State], wanted: Wanted
) -> Iterator[tuple[str, frozenset[int]]]:
    for callee in graph.calls_of(id_, Wanted(wanted.refs, external=True)) if positions else ():
        found = frozenset(p for p in positions if (callee, p) in good)
        if found:
            yield callee, found


def _by_function(states: Iterable[_State]) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for id_, position in states:
        found.setdefault(id_, set()).add(position)
    return {id_: frozenset(positions) for id_, positions in found.items()}


def _leading_to_an_end(graph: CallGraph, automaton: Automaton, wanted: Wanted) -> set[_State]:
    before: dict[int, list[int]] = {p: [] for p in range(len(automaton.letters))}
    for position, following in automaton.follow.items():
        for after in following:
            before[after].append(position)
    asked = Wanted(wanted.refs, external=True)
    shown = {id_ for id_ in graph.nodes if graph.shows(id_, asked if id_ in automaton.named else wanted)}

    @cache
    def callers(id_: str) -> list[str]:
        return [caller for caller in graph.callers_of(id_, wanted) if caller in shown]

    def accepts(position: int, id_: str) -> bool:
        letter = automaton.letters[position]
        return letter is None or id_ in letter

    waiting = [(id_, position) for id_ in shown for position in automaton.last if accepts(position, id_)]
    good = set(waiting)
    while waiting:
        id_, position = waiting.pop()
        for earlier in before[position]:
            for caller in callers(id_):
                state = (caller, earlier)
                if state not in good and accepts(earlier, caller):
                    good.add(state)
                    waiting.append(state)
    return good
