"""Forward dataflow over the blocks of a function: which facts may hold before each event.

A state is a set of facts; where paths meet it is their union (`may`) or intersection (`must`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from cpc.program.facts import Event, FunctionFacts

_FOLLOWED = re.compile(r"->|\[")
Fact = TypeVar("Fact")
Step = Callable[[frozenset[Fact], Event], frozenset[Fact]]


def states(fn: FunctionFacts, step: Step[Fact], *, must: bool = False) -> dict[int, frozenset[Fact]]:
    """The state at the beginning of each block that is reached; nothing holds at the entry."""
    known: dict[int, frozenset[Fact]] = {0: frozenset()} if fn.blocks else {}
    waiting = list(known)
    while waiting:
        block = waiting.pop()
        state = known[block]
        for event in fn.blocks[block].events:
            state = step(state, event)
        for to in fn.blocks[block].successors:
            if to not in known:
                known[to] = state
            else:
                joined = known[to] & state if must else known[to] | state
                if joined == known[to]:
                    continue
                known[to] = joined
            waiting.append(to)
    return known


def events(
    fn: FunctionFacts, step: Step[Fact], known: dict[int, frozenset[Fact]]
) -> Iterator[tuple[frozenset[Fact], Event]]:
    """Each event of the blocks that are reached, with the state before it."""
    for block in sorted(known):
        state = known[block]
        for event in fn.blocks[block].events:
            yield state, event
            state = step(state, event)


def at_exits(fn: FunctionFacts, step: Step[Fact], known: dict[int, frozenset[Fact]]) -> dict[int, frozenset[Fact]]:
    """The state at the end of each block that returns."""
    found: dict[int, frozenset[Fact]] = {}
    for block in sorted(fn.returning & known.keys()):
        state = known[block]
        for event in fn.blocks[block].events:
            state = step(state, event)
        found[block] = state
    return found


def objects_of(event: Event) -> tuple[str, ...]:
    """The pointers that an event follows: what comes before '->', '[' or behind '*' in its path, of each length.

    read s->list->first: 's->list', 's'; through p: 'p'"""
    what = str(event.what)
    if event.kind == "through":
        return (what,)
    if event.kind not in ("read", "test", "write", "address"):
        return ()
    return tuple(what[: m.start()].lstrip("*") for m in _FOLLOWED.finditer(what)) + (
        (what.lstrip("*"),) if what.startswith("*") else ()
    )


def behind(fn: FunctionFacts, start: int) -> set[int]:
    """The blocks that control may come to after a block; with it when it is in a loop."""
    found: set[int] = set()
    waiting = [start]
    while waiting:
        new = [to for to in fn.blocks[waiting.pop()].successors if to not in found]
        found.update(new)
        waiting += new
    return found
