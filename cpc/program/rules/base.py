"""What a rule over whole programs is: a code, and a function that reads a `Context` and yields findings.

A finding is a diagnostic, the function that it is about, and perhaps the repair: an annotation to add or to remove.
Rules change nothing and keep nothing; what several of them ask is answered once, by the context.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, field
from functools import cached_property

from cpc.diag import Diagnostic, Note
from cpc.loc import Loc
from cpc.program.facts import COROUTINE, MIXED, Call, Event, FunctionFacts
from cpc.program.placement import Placement
from cpc.program.program import Edge, Program

YIELD = "qemu_coroutine_yield"
SELF = "qemu_coroutine_self"
ASKS = frozenset((SELF, "qemu_in_coroutine", YIELD))
_SWITCHING_LIST = (
    "qio_channel_readv_all qio_channel_readv_all_eof qio_channel_readv_full_all qio_channel_readv_full_all_eof"
    " qio_channel_read_all qio_channel_read_all_eof qio_channel_writev_all qio_channel_writev_full_all"
    " qio_channel_write_all"
)
_WAKING = frozenset(("qemu_co_queue_next", "qemu_co_queue_restart_all"))  # let others run, but later
_ANYWHERE_LIST = (
    "qemu_coroutine_create qemu_coroutine_enter qemu_coroutine_enter_if_inactive qemu_aio_coroutine_enter aio_co_enter"
    " aio_co_wake aio_co_schedule"
)
_ANYWHERE = frozenset(_ANYWHERE_LIST.split())  # for everybody, though they ask which coroutine they run in
_MESSAGES = frozenset(
    ("error_printf", "error_vprintf", "monitor_printf", "monitor_puts", "monitor_vprintf", "qemu_log")
)
_GUARDS = frozenset(("qemu_lockable_auto_lock", "qemu_lockable_auto_unlock"))  # of what `guarding` tells
_CO_LOCKERS = frozenset(("qemu_lockable_co_mutex_lock", "qemu_co_mutex_lock"))
_SWITCHING = frozenset(_SWITCHING_LIST.split())  # QEMU's io/, which marks them coroutine_mixed_fn since 8.1


_SAYS_SO = re.compile(r"(?:^|_)co_")  # a name, by QEMU's convention


def says_so(id_: str) -> bool:
    """Whether the name of a function or a pointer says that it is for coroutines."""
    return _SAYS_SO.search(re.split(r"[ .:]", id_)[-1]) is not None


@dataclass(frozen=True, slots=True)
class Settings:
    """`blocking`: functions of the project that block, beside those of libc and those marked no_coroutine_fn."""

    blocking: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Repair:
    """Give `function` (an id) the annotation `color` at its definition and every declaration; '' takes it away.  With
    `slot` it is that pointer that is annotated, and `function` is ''."""

    function: str
    color: str
    slot: str = ""

    @property
    def subject(self) -> str:
        """The id of what is annotated."""
        return self.slot or self.function


@dataclass(frozen=True, slots=True)
class Finding:
    diagnostic: Diagnostic
    function: str = ""
    repair: Repair | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """`severity` is 'error' or 'warning'."""

    code: str
    severity: str
    check: Callable[[Context], Iterator[Finding]]

    def finding(
        self,
        loc: Loc,
        message: str,
        function: str = "",
        *,
        help: str = "",
        notes: Iterable[Note] = (),
        repair: Repair | None = None,
    ) -> Finding:
        return Finding(Diagnostic(self.severity, self.code, loc, message, help, tuple(notes)), function, repair)


@dataclass
class Context:
    program: Program
    settings: Settings = field(default_factory=Settings)
    _needs: dict[tuple[str, bool], bool | None] = field(default_factory=dict)

    # ---- words ----

    def callee_words(self, call: Call) -> str:
        """A callee with what it is: "coroutine_fn 'co_read'"."""
        if call.callee:
            color = self.program.color(call.callee)
            return f"{color} '{self.program.name(call.callee)}'".lstrip()
        words = self.program.slot_words(call.slot) if call.slot else "a pointer"
        return f"a {self.program.call_color(call)} through {words}".replace("a  ", "a function ")

    def declared_here(self, id_: str) -> tuple[Note, ...]:
        """Where a function is: its definition, or its first declaration."""
        declarations = self.program.declarations.get(id_, [])
        place = next((d.loc for d in declarations if d.defined), declarations[0].loc if declarations else None)
        return (Note(place, f"'{self.program.name(id_)}' is declared here"),) if place is not None else ()

    def way_notes(self, way: Iterable[Edge]) -> tuple[Note, ...]:
        """A path of calls, one note each."""
        name = self.program.name
        return tuple(Note(e.call.loc, f"'{name(e.caller)}' calls '{name(e.callee)}'") for e in way)

    # ---- calls ----

    def functions(self, *colors: str) -> Iterator[FunctionFacts]:
        """The functions defined in the program that have one of these colors, in order."""
        return (fn for fn in self.program.functions.values() if self.program.color(fn.id) in colors)

    def calls_coroutine(self, call: Call) -> bool:
        return self.program.call_color(call) == COROUTINE

    @cached_property
    def may_suspend(self) -> frozenset[str]:
        """The functions that may reach a yield: by calls of coroutine_fn, of mixed functions, and of plain ones that
        should be coroutine_fn.  A coroutine_fn or mixed function of which no definition is known may."""
        program = self.program
        found = {
            id_
            for id_ in program.declarations
            if program.name(id_) == YIELD
            or (program.color(id_) in (COROUTINE, MIXED) and program.defined(id_) is None)
            or self._is_known_to_switch(id_)
        } | self.guarding
        callers: dict[str, list[str]] = {}
        for fn in program.functions.values():
            for call in fn.calls:
                if call.guard == "plain" or not self.matters(call):
                    continue
                targets = program.targets(call)
                if not targets and self.calls_coroutine(call):
                    found.add(fn.id)
                for target in targets:
                    if target not in _WAKING and target not in _ANYWHERE and target not in self._opaque:
                        callers.setdefault(target, []).append(fn.id)
        waiting = list(found)
        while waiting:
            for caller in callers.get(waiting.pop(), ()):
                if caller not in found:
                    found.add(caller)
                    waiting.append(caller)
        return frozenset(found)

    @cached_property
    def guarding(self) -> frozenset[str]:
        """The functions that make a QemuLockable of a lock of coroutines, for a guard (QEMU_LOCK_GUARD)."""
        flows = self.program.flows_into.get("member QemuLockable.lock", ())
        return frozenset(flow.function for flow in flows if self.program.name(flow.source.id) in _CO_LOCKERS)

    @cached_property
    def _opaque(self) -> frozenset[str]:
        """The functions by which guards take and release a lock of any kind: who uses them says which."""
        by_name = self.program.by_name
        return frozenset(id_ for name in _GUARDS for id_ in by_name.get(name, ()))

    def waits(self, fn: FunctionFacts, event: Event) -> bool:
        """Whether an event of a function is a call that may suspend the coroutine."""
        return event.kind == "call" and self.suspends(fn.calls[int(event.what)])

    def matters(self, call: Call) -> bool:
        """Whether what a call reaches does: not where the process ends behind it, unless it waits before; nor what
        QEMU's messages reach, a terminal, for which they wait only when they are replayed."""
        return (not call.ends or self.calls_coroutine(call)) and call.callee not in _MESSAGES

    def suspends(self, call: Call) -> bool:
        """Whether a call may suspend the coroutine that makes it."""
        if call.guard == "plain":
            return False
        color = self.program.call_color(call)
        if color not in (COROUTINE, MIXED):
            return False
        targets = self.program.targets(call)
        return not targets or any(target in self.may_suspend and target not in _WAKING for target in targets)

    def is_misplaced(self, fn: FunctionFacts, call: Call) -> bool:
        """Whether a call in a plain function is one of a coroutine_fn, and may be made outside a coroutine; or the
        function has no use there: it asserts qemu_in_coroutine()."""
        return self.calls_coroutine(call) and (call.guard != "coroutine" or fn.asserted)

    @cached_property
    def misplaced(self) -> dict[str, Call]:
        """Plain functions that call a coroutine_fn where they may be outside a coroutine -> the first such call."""
        found: dict[str, Call] = {}
        for fn in self.functions("", "no_coroutine_fn"):
            for call in fn.calls:
                if self.is_misplaced(fn, call):
                    found.setdefault(fn.id, call)
        return found

    @cached_property
    def switching(self) -> frozenset[str]:
        """Functions, not coroutine_fn, that suspend when they run in a coroutine: those that ask where they run, the
        mixed ones, and what is known of QEMU's libraries where they were not read."""
        program = self.program
        asking = {
            fn.id
            for fn in self.functions("", MIXED)
            if any(call.guard == "coroutine" and self.suspends(call) for call in fn.calls)
        }
        declared = {id_ for id_ in program.declarations if program.is_mixed(id_) and id_ in self.may_suspend}
        unknown = {id_ for id_ in program.declarations if self._is_known_to_switch(id_)}
        return frozenset(asking | declared | unknown)

    def _is_known_to_switch(self, id_: str) -> bool:
        return id_ in _SWITCHING and not self.program.color(id_) and self.program.defined(id_) is None

    @cached_property
    def _placement(self) -> Placement:
        return Placement(self.program)

    @cached_property
    def only_in_coroutines(self) -> frozenset[str]:
        """Plain functions that are known to run in coroutines only (placement.py)."""
        asked = self.reaches_suspension | self.asking
        return self._placement.only_in_coroutines(asked.__contains__)

    @cached_property
    def asking(self) -> frozenset[str]:
        """Plain functions that ask which coroutine they run in, without a test whether they do."""
        return frozenset(
            fn.id
            for fn in self.functions("")
            if any(self.program.name(call.callee) == SELF and not call.guard for call in fn.calls)
        )

    def runs_in_coroutines(self, id_: str) -> bool:
        """Whether a function, of any annotation, is used, and in coroutines only, as far as is known."""
        return self._placement.runs_only_there(id_, self.only_in_coroutines)

    @cached_property
    def leads_to_suspension(self) -> frozenset[str]:
        """Functions that call one that is misplaced or switching, directly or through plain ones, by name."""
        return self._leading(self.misplaced.keys() | self.switching)

    @cached_property
    def leads_to_misplaced(self) -> frozenset[str]:
        """The same, of one that is misplaced."""
        return self._leading(self.misplaced)

    def _leading(self, goals: Iterable[str]) -> frozenset[str]:
        program = self.program

        def by_name(edge: Edge) -> bool:
            return bool(edge.call.callee) and not edge.call.guard and self.matters(edge.call)

        return frozenset(program.reaching(goals, by_name, lambda id_: bool(program.color(id_))))

    @cached_property
    def reaches_suspension(self) -> frozenset[str]:
        """Functions that call a coroutine_fn where they may be outside a coroutine, or suspend when they are in one;
        and plain ones that call these."""
        goals = self.misplaced.keys() | self.switching

        def plainly(edge: Edge) -> bool:
            return not edge.call.guard and not self.program.color(edge.caller) and self.matters(edge.call)

        return frozenset(goals | self.program.reaching(goals, plainly, lambda id_: False))

    def may_be_marked(self, id_: str) -> bool:
        """Whether coroutine_fn on a function breaks no caller that is known to be outside coroutines."""
        program = self.program
        if id_ in self.only_in_coroutines or (says_so(id_) and self.runs_in_coroutines(id_)):
            return True
        return not program.incoming.get(id_) and not program.flows_of.get(id_) and program.name(id_) != "main"

    def needs_coroutine(self, id_: str, *, trusting: bool = False, needless: Set[str] = frozenset()) -> bool | None:
        """Whether a function calls what is for coroutines, directly or through plain functions, or asks which one it
        runs in; None when it calls what was not read, unless all of the program was: libraries know no coroutines.
        `trusting`: what was not read and is declared plain is plain.  `needless`: functions whose annotation says
        nothing."""
        if needless:
            return self._ask_needs(id_, trusting, needless)
        key = id_, trusting
        if key not in self._needs:
            self._needs[key] = self._ask_needs(id_, trusting, needless)
        return self._needs[key]

    def _ask_needs(self, id_: str, trusting: bool, needless: Set[str]) -> bool | None:
        program = self.program
        if program.defined(id_) is None:
            return None
        unknown = False
        seen = {id_}
        waiting = [id_]
        while waiting:
            fn = program.defined(waiting.pop())
            if fn is not None and fn.id in self.guarding:
                return True
            for call in filter(self.matters, fn.calls if fn is not None else ()):
                targets = program.targets(call)
                if program.call_color(call) in (COROUTINE, MIXED) and call.callee not in needless:
                    return True
                unknown = unknown or not (targets or (trusting and call.slot))
                for target in targets:
                    if target in _ANYWHERE or target in self._opaque:
                        continue
                    if program.name(target) in ASKS or target in self.may_suspend:
                        return True
                    unknown = unknown or not (trusting or program.defined(target) or self._is_system(target))
                    if target not in seen:
                        seen.add(target)
                        waiting.append(target)
        return None if unknown and not program.complete else False

    def _is_system(self, id_: str) -> bool:
        """Whether a function is declared by the system, which knows no coroutines."""
        places = [d.loc.file for d in self.program.declarations.get(id_, ())]
        return bool(places) and all(path.startswith("/usr/include/") for path in places)

    def edge_in_coroutine(self, edge: Edge) -> bool:
        """Whether a call is made in a coroutine."""
        return self._placement.in_coroutine(edge.caller, edge.call, self.only_in_coroutines)

    def called_in_coroutines(self, slot: str) -> bool:
        """Whether all known calls through a slot are made in coroutines."""
        return self._placement.called_through(slot, self.only_in_coroutines)
