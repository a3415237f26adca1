"""The control-flow graph of a function while it is read: blocks that events are added to, and what guards them.

`Graph.finish` leaves out what control cannot reach, finds out where qemu_in_coroutine() is known (a forward dataflow
over the edges that test it), and gives the blocks and calls of facts.py.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from cpc.program.facts import Block, Call, Event

GUARDS = ("coroutine", "plain")


@dataclass(slots=True)
class _Open:
    """A block: `edges` are (block, what holds there: a guard, or a condition of `Call.when`); `returns`: control leaves
    the function behind it."""

    events: list[Event] = field(default_factory=list)
    edges: list[tuple[int, str]] = field(default_factory=list)
    returns: bool = False


@dataclass(slots=True)
class Graph:
    blocks: list[_Open] = field(default_factory=lambda: [_Open()])
    calls: list[Call] = field(default_factory=list)
    at: int = 0  # the block that events go to

    def new(self) -> int:
        """A block that nothing leads to yet."""
        self.blocks.append(_Open())
        return len(self.blocks) - 1

    def jump(self, to: int, guard: str = "") -> None:
        self.blocks[self.at].edges.append((to, guard))

    def end(self, *, returns: bool = False) -> None:
        """Control does not go on; what comes next is reached by a label only."""
        self.blocks[self.at].returns = returns
        self.at = self.new()

    def event(self, kind: str, what: int | str, line: int, column: int) -> None:
        self.blocks[self.at].events.append(Event(kind, what, line, column))

    def call(self, call: Call) -> None:
        self.calls.append(call)
        self.event("call", len(self.calls) - 1, call.loc.line, call.loc.column)

    def finish(
        self, changed: Set[str] = frozenset()
    ) -> tuple[tuple[Block, ...], tuple[Call, ...], frozenset[int], bool]:
        """Blocks, calls with their guards, the numbers of the blocks that return, and whether they all do so where
        qemu_in_coroutine() holds.  `changed`: parameters whose value changes: conditions say nothing of them."""
        guards = self._guards()
        conditions = self._conditions(changed)
        ending = self._ending()
        told = {holds.partition(":")[0] for held in conditions.values() for holds in held}
        number = {old: new for new, old in enumerate(sorted(guards))}
        calls: list[Call] = []
        blocks: list[Block] = []
        for old in number:
            events = [Event("known", holds, 0, 0) for holds in conditions[old] if ":" in holds]
            for event in self.blocks[old].events:
                if event.kind == "known" and str(event.what).partition(":")[0] not in told:
                    continue
                if event.kind == "call":
                    assert isinstance(event.what, int)
                    call = self.calls[event.what]
                    when = tuple(holds for holds in conditions[old] if ":" not in holds)
                    calls.append(call._replace(guard=guards[old], when=when, ends=old in ending))
                    event = event._replace(what=len(calls) - 1)
                events.append(event)
            successors = dict.fromkeys(number[to] for to, _ in self.blocks[old].edges if to in number)
            blocks.append(Block(tuple(events), tuple(successors)))
        returning = [old for old in number if self.blocks[old].returns]
        asserted = bool(returning) and all(guards[old] == "coroutine" for old in returning)
        return tuple(blocks), tuple(calls), frozenset(number[old] for old in returning), asserted

    def _guards(self) -> dict[int, str]:
        """For each block that is reached the guard that holds in it."""
        known: dict[int, str] = {0: ""}
        waiting = [0]
        while waiting:
            block = waiting.pop()
            state = known[block]
            for to, holds in self.blocks[block].edges:
                guard = holds if holds in GUARDS else ""
                if guard and state and guard != state:
                    continue
                after = guard or state
                if to not in known:
                    known[to] = after
                elif known[to] != after and known[to]:
                    known[to] = ""
                else:
                    continue
                waiting.append(to)
        return known

    def _conditions(self, changed: Set[str]) -> dict[int, tuple[str, ...]]:
        """For each block that is reached the conditions that hold in it."""
        known: dict[int, frozenset[str]] = {0: frozenset()}
        waiting = [0]
        while waiting:
            block = waiting.pop()
            for to, holds in self.blocks[block].edges:
                after = known[block]
                if holds and holds not in GUARDS and holds.removeprefix("!").partition(":")[0] not in changed:
                    after = after | {holds}
                before = known.get(to)
                known[to] = after if before is None else before & after
                if known[to] != before:
                    waiting.append(to)
        return {block: tuple(sorted(conditions)) for block, conditions in known.items()}

    def _ending(self) -> set[int]:
        """The blocks behind which no way leads on, neither to a return nor round a loop: the process ends."""
        found: set[int] = set()
        before: dict[int, list[int]] = {}
        left = [len(block.edges) for block in self.blocks]
        for number, block in enumerate(self.blocks):
            for to, _ in block.edges:
                before.setdefault(to, []).append(number)
        waiting = [number for number, block in enumerate(self.blocks) if not block.edges and not block.returns]
        while waiting:
            number = waiting.pop()
            found.add(number)
            for one in before.get(number, ()):
                left[one] -= 1
                if not left[one] and not self.blocks[one].returns:
                    waiting.append(one)
        return found
