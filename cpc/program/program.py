"""`Program`: the facts of all units linked into one call graph, and the questions that rules and queries ask.

    program = Program()
    for facts in collect(jobs): program.add(facts)
    program.callees("bdrv_co_flush"); program.targets(call); program.color("bdrv_co_flush"); program.callers(id)

A function that several units have (inline functions of headers) is kept once; a second definition of an external one
(a stub, another program's main) is kept as `FILE:NAME`.  A call through a pointer may reach
every function that flows into its slot: through assignments, initialisers, arguments and results, from slot to slot,
in any order (a flow-insensitive, field-based points-to analysis).

Order: everything is in order of source file, so that the same program gives the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, TypeVar

from cpc.diag import Diagnostic
from cpc.program.facts import (
    BLOCKING,
    COLORS,
    COROUTINE,
    MIXED,
    Call,
    Declaration,
    Flow,
    FunctionFacts,
    Parameter,
    Slot,
    UnitFacts,
)
from cpc.program.unread import Unread

_T = TypeVar("_T")
_TRUTH = {"0": False, "false": False, "NULL": False, "nullptr": False, "1": True, "true": True}


class Edge(NamedTuple):
    """`caller` may call `callee` by `call`."""

    caller: str
    call: Call
    callee: str


@dataclass
class Program:
    functions: dict[str, FunctionFacts] = field(default_factory=dict)
    declarations: dict[str, list[Declaration]] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    noreturn: set[str] = field(default_factory=set)
    must_check: set[str] = field(default_factory=set)
    sources: list[str] = field(default_factory=list)
    faults: list[Diagnostic] = field(default_factory=list)
    recolored_slots: frozenset[str] = frozenset()  # whose calls have another color than their facts say
    others: Unread = field(default_factory=Unread)  # the units of the program that are known but were not read
    _seen_flows: set[Flow] = field(default_factory=set)
    _edges: dict[str, tuple[Edge, ...]] = field(default_factory=dict)
    _definitions: dict[str, list[tuple[FunctionFacts, list[Declaration]]]] = field(default_factory=dict)

    def add(self, unit: UnitFacts) -> None:
        """Links one more unit.  Ask nothing before the last was added and `link` was called."""
        self.sources.append(unit.source)
        self.faults += unit.faults
        for fn in unit.functions:
            known_ones = self._definitions.setdefault(fn.id, [])
            if all(fn.loc != other.loc for other, _ in known_ones):
                known_ones.append((fn, unit.declarations.get(fn.id, [])))
        for id_, declarations in unit.declarations.items():
            known = self.declarations.setdefault(id_, [])
            known += [d for d in declarations if d not in known]
        for id_, slot in unit.slots.items():
            before = self.slots.get(id_)
            if before is None or (not before.loc.line and slot.loc.line):
                self.slots[id_] = slot
        new = [flow for flow in unit.flows if flow not in self._seen_flows]
        self._seen_flows.update(new)
        self.flows += new
        self.aliases.update(unit.aliases)
        self.noreturn |= unit.noreturn
        self.must_check |= unit.must_check

    def link(self) -> Program:
        """Puts what came in the order of finished jobs into that of the sources."""
        for id_, definitions in self._definitions.items():
            definitions.sort(key=lambda item: ("/stubs/" in item[0].loc.file, *_order(item[0])))
            self.functions[id_] = definitions[0][0]
            for fn, declarations in definitions[1:]:
                self._another(fn, declarations)
        self.functions = dict(sorted(self.functions.items(), key=lambda item: (*_order(item[1]), item[0])))
        self.flows.sort(key=lambda flow: (flow.loc.file, flow.loc.line, flow.loc.column, flow.slot, flow.source))
        self.sources.sort()
        return self

    def _another(self, fn: FunctionFacts, declarations: list[Declaration]) -> None:
        """A second definition of an external function, for another program (a stub): calls mean the first one."""
        id_ = f"{fn.loc.file}:{fn.name}"
        self.functions[id_] = replace(fn, id=id_)
        self.declarations[id_] = declarations
        self.declarations[fn.id] = [d for d in self.declarations.get(fn.id, ()) if d.loc != fn.loc or not d.defined]

    def recolored(self, colors: Mapping[str, str]) -> Program:
        """The program with other annotations of these functions, in all of their declarations, and of these slots; with
        the typedef of a slot all others of that type change, too."""
        declarations, slots = dict(self.declarations), dict(self.slots)
        changed: set[str] = set()
        for id_, color in colors.items():
            if id_ in slots:
                place = self.annotated_at(id_)
                for slot in (place, *self.slots_annotated_at(place)):
                    slots[slot] = replace(slots[slot], color=color)
                    changed.add(slot)
                for fn in self.declared_as(place):
                    declarations[fn] = [replace(d, color=color) if d.type == place else d for d in declarations[fn]]
                for fn, number in self._parameter(place):
                    declarations[fn] = [_with_parameter(d, number, color) for d in declarations[fn]]
            else:
                declarations[id_] = [d if d.type else replace(d, color=color) for d in declarations.get(id_, ())]
        recolored_slots = self.recolored_slots | changed
        other = replace(self, declarations=declarations, slots=slots, recolored_slots=recolored_slots)
        vars(other).update((name, known) for name, known in vars(self).items() if name in _WITHOUT_COLORS)
        return other

    # ---- functions ----

    @property
    def complete(self) -> bool:
        """Whether no unit of the program is known that was not read."""
        return not self.others.paths

    def unread(self, id_: str) -> bool:
        """Whether the text of a unit that was not read names a function, which it may then call."""
        return self.others.names(self.name(id_))

    def marked_unread(self, id_: str) -> Declaration | None:
        """The definition of an external function in a unit that was not read, if the text has it with a mark."""
        return self.others.marked(id_)

    def color(self, id_: str) -> str:
        """The annotation of a function: that of any of its declarations."""
        return self._colors.get(id_, "")

    @cached_property
    def _colors(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for id_, declarations in self.declarations.items():
            colors = {d.color for d in declarations}
            found[id_] = next((color for color in COLORS if color in colors), "")
        return found

    def is_coroutine(self, id_: str) -> bool:
        return self.color(id_) == COROUTINE

    def is_mixed(self, id_: str) -> bool:
        return self.color(id_) == MIXED

    def is_blocking(self, id_: str) -> bool:
        return self.color(id_) == BLOCKING

    def name(self, id_: str) -> str:
        """The C name of a function id."""
        return id_.rsplit(":", 1)[-1]

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """C name -> ids, of every function that is defined or declared."""
        found: dict[str, list[str]] = {}
        for id_ in sorted({*self.functions, *self.declarations}):
            found.setdefault(self.name(id_), []).append(id_)
        return found

    def defined(self, id_: str) -> FunctionFacts | None:
        """The definition, by way of aliases."""
        for _ in range(len(self.aliases) + 1):
            if id_ in self.functions:
                return self.functions[id_]
            if id_ not in self.aliases:
                return None
            id_ = self.aliases[id_]
        return None

    # ---- pointers ----

    def slot_color(self, id_: str) -> str:
        slot = self.slots.get(id_)
        return slot.color if slot is not None else ""

    def slot_words(self, id_: str) -> str:
        """A slot in a message: "member 'bdrv_co_flush' of struct BlockDriver"."""
        slot = self.slots.get(id_)
        return slot.words if slot is not None else f"'{id_.split(' ')[-1]}'"

    def annotated_at(self, id_: str) -> str:
        """The slot or typedef where the annotation of a slot stands."""
        slot = self.slots.get(id_)
        return slot.type if slot is not None and slot.type in self.slots else id_

    def slots_annotated_at(self, place: str) -> tuple[str, ...]:
        """The slots that have their annotation from this slot or typedef."""
        return self._typed.get(place, (place,))

    def _parameter(self, slot: str) -> Iterator[tuple[str, int]]:
        """The function that a slot is a parameter of, and its number."""
        words = slot.split(" ")
        if words[0] == "parameter" and len(words) == 3 and words[1] in self.declarations:
            yield words[1], int(words[2])

    def parameters(self, slot: str) -> Iterator[Parameter]:
        """The declarations of a parameter that say themselves whether it is annotated."""
        for fn, number in self._parameter(slot):
            yield from (p for d in self.declarations[fn] for p in d.parameters if p.number == number)

    def declared_as(self, place: str) -> tuple[str, ...]:
        """The ids of the functions that are declared by this typedef, somewhere."""
        return self._declared.get(place, ())

    @cached_property
    def _declared(self) -> dict[str, tuple[str, ...]]:
        found = _grouped((d.type, id_) for id_, known in self.declarations.items() for d in known if d.type)
        return {place: tuple(sorted(set(ids))) for place, ids in found.items()}

    @cached_property
    def _typed(self) -> dict[str, tuple[str, ...]]:
        found = _grouped((slot.type, id_) for id_, slot in self.slots.items() if slot.type)
        return {place: tuple(sorted(ids)) for place, ids in found.items()}

    @cached_property
    def flows_into(self) -> dict[str, list[Flow]]:
        """Slot -> the flows into it."""
        return _grouped((flow.slot, flow) for flow in self.flows)

    @cached_property
    def flows_of(self) -> dict[str, list[Flow]]:
        """Function id -> the flows that take its address."""
        return _grouped((flow.source.id, flow) for flow in self.flows if flow.source.kind == "function")

    @cached_property
    def flows_from(self) -> dict[str, list[Flow]]:
        """Slot -> the flows from it to others."""
        return _grouped((flow.source.id, flow) for flow in self.flows if flow.source.kind == "slot")

    @cached_property
    def flows_of_function(self) -> dict[str, list[Flow]]:
        """Function id -> the flows that are written in it."""
        return _grouped((flow.function, flow) for flow in self.flows)

    @cached_property
    def _pointed(self) -> dict[tuple[str, bool], tuple[str, ...]]:
        return {}

    def slot_targets(self, slot: str, *, cast: bool = True) -> tuple[str, ...]:
        """The ids of the functions that a slot may hold; without `cast` only those of its own type."""
        known = self._pointed.get((slot, cast))
        if known is not None:
            return known
        found: dict[str, None] = {}
        seen = {slot}
        waiting = [slot]
        while waiting:
            for flow in self._into(waiting.pop()):
                if flow.source.cast and not cast:
                    continue
                if flow.source.kind == "function":
                    found[flow.source.id] = None
                elif flow.source.id not in seen:
                    seen.add(flow.source.id)
                    waiting.append(flow.source.id)
        answer = self._pointed[slot, cast] = tuple(sorted(found))
        return answer

    def _into(self, slot: str) -> Iterator[Flow]:
        """The flows into a slot, those of calls through pointers included: what is passed as argument 2 of a call
        through slot S gets into parameter 2 of all targets of S."""
        yield from self.flows_into.get(slot, ())
        words = slot.split(" ")
        if words[0] == "parameter" and len(words) == 3:
            for holder in self._holders.get(words[1], ()):
                yield from self.flows_into.get(f"parameter {holder} {words[2]}", ())

    @cached_property
    def _holders(self) -> dict[str, list[str]]:
        """Function id -> the slots it is put into directly."""
        found: dict[str, list[str]] = {}
        for flow in self.flows:
            if flow.source.kind == "function":
                holders = found.setdefault(flow.source.id, [])
                if flow.slot not in holders:
                    holders.append(flow.slot)
        return found

    # ---- calls ----

    def targets(self, call: Call) -> tuple[str, ...]:
        """The ids of the functions that a call may reach; () when nothing is known."""
        if call.callee:
            return (call.callee,)
        return self.slot_targets(call.slot) if call.slot else ()

    def call_color(self, call: Call) -> str:
        """What a call's callee is declared to be: the function, or the type of the pointer."""
        if call.callee:
            return self.color(call.callee)
        known = "" if call.slot in self.recolored_slots else call.color
        return known or (self.slot_color(call.slot) if call.slot else "")

    @cached_property
    def calls_through(self) -> dict[str, list[tuple[str, Call]]]:
        """Slot -> the calls through it, and who makes them."""
        calls = ((fn.id, call) for fn in self.functions.values() for call in fn.calls if call.slot)
        return _grouped((call.slot, (caller, call)) for caller, call in calls)

    def edges(self, id_: str) -> tuple[Edge, ...]:
        """The calls of a function, in order."""
        known = self._edges.get(id_)
        if known is None:
            fn = self.defined(id_)
            calls = fn.calls if fn is not None else ()
            own = fn.id if fn is not None else id_
            known = self._edges[id_] = tuple(Edge(own, c, target) for c in calls for target in self.targets(c))
        return known

    @cached_property
    def incoming(self) -> dict[str, list[Edge]]:
        """Function id -> the calls that may reach it."""
        found: dict[str, list[Edge]] = {}
        for id_ in self.functions:
            for edge in self.edges(id_):
                found.setdefault(edge.callee, []).append(edge)
        return found

    def reaching(self, goals: Iterable[str], through: Callable[[Edge], bool], stops: Callable[[str], bool]) -> set[str]:
        """The functions from which a way leads to one of `goals` over edges that `through` allows; none leads
        through a function where `stops` holds.  One walk backward: whoever asks about many functions asks here
        first, and for the way itself (`path`) of those only that have one."""
        found: set[str] = set()
        waiting = list(goals)
        while waiting:
            for edge in self.incoming.get(waiting.pop(), ()):
                if edge.caller not in found and through(edge):
                    found.add(edge.caller)
                    if not stops(edge.caller):
                        waiting.append(edge.caller)
        return found

    def callees(self, id_: str) -> list[str]:
        return sorted({edge.callee for edge in self.edges(id_)})

    def callers(self, id_: str) -> list[str]:
        return sorted({edge.caller for edge in self.incoming.get(id_, ())})

    def path(
        self,
        start: str,
        goal: Callable[[str], bool],
        follow: Callable[[Edge], bool] = lambda edge: True,
        before: Edge | None = None,
    ) -> list[Edge] | None:
        """A shortest way from `start` to a function of which `goal` holds, over edges that `follow` allows.  No call
        is on it that the constant arguments of the one before exclude; `before`: the call of `start`."""
        came: dict[str, Edge] = {}
        seen: set[str] = set()
        waiting = [start]
        for at in waiting:
            for edge in self.edges(at):
                if edge.callee in seen or not follow(edge) or _is_excluded(edge.call, came.get(at, before)):
                    continue
                seen.add(edge.callee)
                came[edge.callee] = edge
                if goal(edge.callee):
                    return _way(came, start, edge.callee)
                waiting.append(edge.callee)
        return None


_WITHOUT_COLORS = frozenset(
    name for name, what in vars(Program).items() if isinstance(what, cached_property) and name != "_colors"
)  # what is known of a program whatever its annotations are


def _grouped(items: Iterable[tuple[str, _T]]) -> dict[str, list[_T]]:
    found: dict[str, list[_T]] = {}
    for key, item in items:
        found.setdefault(key, []).append(item)
    return found


def _with_parameter(declaration: Declaration, number: int, color: str) -> Declaration:
    parameters = tuple(p._replace(color=color) if p.number == number else p for p in declaration.parameters)
    return replace(declaration, parameters=parameters)


def _way(came: dict[str, Edge], start: str, end: str) -> list[Edge]:
    way = [came[end]]
    while way[-1].caller != start:
        way.append(came[way[-1].caller])
    return way[::-1]


def _is_excluded(call: Call, outer: Edge | None) -> bool:
    """Whether a call is not made where its function is called by `outer`: f(s, false) and `if (force) call();`."""
    if outer is None:
        return False
    for condition in call.when:
        number, args = int(condition.removeprefix("!")), outer.call.args
        known = _TRUTH.get(args[number]) if number < len(args) else None
        if known is not None and known == condition.startswith("!"):
            return True
    return False


def _order(fn: FunctionFacts) -> tuple[str, int, int]:
    return fn.loc.file, fn.loc.line, fn.loc.column


def linked(units: Iterable[UnitFacts]) -> Program:
    """The program of these units."""
    program = Program()
    for unit in units:
        program.add(unit)
    return program.link()
