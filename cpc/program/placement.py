"""Which plain functions run in coroutines only: each call of them is made by a coroutine_fn, behind a guard, or by
another of these, and their address goes nowhere but to pointers that are called in coroutines.

    int coroutine_fn vmdk_co_do_create(..., BlockBackend *(*extent_fn)(...)) { ... extent_fn(...); }
    static BlockBackend *vmdk_co_create_cb(...)           runs in coroutines only: given to extent_fn and to no other
    static int vmdk_create_extent(...)                    runs in coroutines only: called by the one above

The greatest such set is taken, so functions that only call each other are in it when nobody else calls them.
"""

from __future__ import annotations

from collections.abc import Callable, Set

from cpc.program.facts import COROUTINE, Call
from cpc.program.program import Program


class Placement:
    def __init__(self, program: Program) -> None:
        self._program = program

    def only_in_coroutines(self, asked: Callable[[str], bool]) -> frozenset[str]:
        """The set.  `asked`: of these functions the calls in units that were not read count too; for others only
        those that are known."""
        program = self._program
        found = self._largest({id_ for id_ in program.functions if not program.color(id_) and self._is_reached(id_)})
        if program.complete:
            return found
        left = {id_ for id_ in found if program.functions[id_].internal or not asked(id_) or not program.unread(id_)}
        return self._largest(left)

    def runs_only_there(self, id_: str, plain: Set[str]) -> bool:
        """Whether a function, of any annotation, is used, and in coroutines only.  `plain`: the set."""
        return self._is_reached(id_) and self._called(id_, plain) and self._addressed(id_, plain)

    def _is_reached(self, id_: str) -> bool:
        return bool(self._program.incoming.get(id_) or self._program.flows_of.get(id_))

    def _largest(self, found: set[str]) -> frozenset[str]:
        """What is left when those are gone that somebody else calls; then only what they called is asked again."""
        waiting: Set[str] = found
        while True:
            gone = {id_ for id_ in waiting if not (self._called(id_, found) and self._addressed(id_, found))}
            if not gone:
                return frozenset(found)
            found = found - gone
            waiting = {edge.callee for id_ in gone for edge in self._program.edges(id_)} & found

    def _called(self, id_: str, plain: Set[str]) -> bool:
        """By name: `_addressed` knows about calls through pointers."""
        edges = (edge for edge in self._program.incoming.get(id_, ()) if edge.call.callee)
        return all(self.in_coroutine(edge.caller, edge.call, plain) for edge in edges)

    def _addressed(self, id_: str, plain: Set[str]) -> bool:
        flows = self._program.flows_of.get(id_, ())
        return all(flow.typed and self._called_in_coroutines(flow.slot, plain) for flow in flows)

    def in_coroutine(self, caller: str, call: Call, plain: Set[str]) -> bool:
        """Whether a call is made in a coroutine; `plain`: plain functions that are taken to run in one."""
        if call.guard:
            return call.guard == "coroutine"
        return self._program.is_coroutine(caller) or caller in plain

    # ---- pointers ----

    def called_through(self, slot: str, plain: Set[str]) -> bool:
        """Whether all known calls through a slot itself are made in coroutines."""
        plainly = (item for item in self._program.calls_through.get(slot, ()) if item[1].guard != "coroutine")
        return all(self._program.is_coroutine(caller) or caller in plain for caller, _ in plainly)

    def _called_in_coroutines(self, slot: str, plain: Set[str]) -> bool:
        """Whether what is in a slot is called in coroutines only: its type says so, or its calls do."""
        seen = {slot}
        waiting = [slot]
        calls = 0
        while waiting:
            at = waiting.pop()
            color = self._program.slot_color(at)
            if color == COROUTINE:
                calls += 1
                continue
            if color or not self._is_closed(at):
                return False
            for caller, call in self._program.calls_through.get(at, ()):
                if not self.in_coroutine(caller, call, plain):
                    return False
                calls += 1
            for flow in self._program.flows_from.get(at, ()):
                if not flow.typed:
                    return False
                if flow.slot not in seen:
                    seen.add(flow.slot)
                    waiting.append(flow.slot)
        return calls > 0

    def _is_closed(self, slot: str) -> bool:
        """Whether every use of a slot is in what was read."""
        program = self._program
        kind, _, rest = slot.partition(" ")
        owner = rest.rpartition(" ")[0]
        if kind in ("local", "parameter"):
            return owner in program.functions
        if kind == "member":
            declared = program.slots.get(slot)
            return program.complete or (declared is not None and declared.loc.file.endswith(".c"))
        return kind == "variable" and (program.complete or ":" in rest)
