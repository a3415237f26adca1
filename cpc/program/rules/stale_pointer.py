"""W0515: a pointer that was read from an object before a suspension is followed after it, while others change it.

    struct child *c = s->child;
    co_read(c->fd);                         suspends: another coroutine may call set_child meanwhile
    c->reads++;                             <- W0515

    static void coroutine_fn set_child(struct s *s, struct child *c) { free(s->child); s->child = c; }

    if (s->child) { co_read(s->fd); s->child->reads++; }        <- W0515 too, when somebody sets it to NULL

Not said where the field is looked at again after the suspension, where a CoMutex is held over it (by a caller too), or
where the object was counted (a call of something like ref, with the pointer).

Who changes it must be able to run meanwhile.  Not meant are functions that make an object, begin or end its life, by
their names (open, create, close, ...); those that assert that they run in QEMU's main thread, which waits for all
requests before it changes the graph, and what only these call; and the one that starts the coroutine.  Structures
that are variables of a coroutine_fn belong to one request, and nobody else changes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from cpc.diag import Note
from cpc.loc import Loc
from cpc.program.facts import COROUTINE, Change, Event, FunctionFacts
from cpc.program.rules import locks
from cpc.program.rules.base import Context, Finding, Rule
from cpc.program.rules.flow import events, objects_of, states
from cpc.program.signs import ALL, excludes

_COUNTS = re.compile(r"(^|_)(ref|get|hold|pin|inc|begin)(_|$)")
_MAKES_LIST = "open reopen create init new alloc realize setup negotiate invalidate load"
_ENDS_LIST = "close free destroy finalize unrealize cleanup exit fini uninit deinit start stop done"
_MAKES, _ENDS = frozenset(_MAKES_LIST.split()), frozenset(_ENDS_LIST.split())
_MOST_KNOWN = 4  # variables whose signs are told apart
_MAIN_THREAD = "qemu_in_main_thread"  # what GLOBAL_STATE_CODE() asserts


class Copy(NamedTuple):
    """Local `name` was set in `line` from `member`, the pointer at `path`; `old`: where a suspension came since.  With
    `name` the path itself it was only asked then whether it is null.  `known`: what the conditions on the way said."""

    name: str
    member: str
    path: str
    line: int
    old: tuple[int, int] | None = None
    known: frozenset[str] = frozenset()


class _Copies:
    """How the events of one function change what its variables hold."""

    def __init__(self, context: Context, fn: FunctionFacts, held: frozenset[int]) -> None:
        self._context, self._fn, self._held = context, fn, held
        told = [str(e.what) for block in fn.blocks for e in block.events if e.kind == "known"]
        names = {what.partition(":")[0] for what in told}
        self._counts = frozenset(what for what in told if len(names) <= _MOST_KNOWN)

    def __call__(self, state: frozenset[Copy], event: Event) -> frozenset[Copy]:
        what = str(event.what)
        match event.kind:
            case "set":
                name = what.partition(" = ")[0]
                return frozenset(copy for copy in state if copy.name != name)
            case "held":
                name, _, source = what.partition(" = ")
                member, _, path = source.partition(" ")
                return state | {Copy(name, member, path, event.line)}
            case "tested":
                member, _, path = what.partition(" ")
                return frozenset(c for c in state if c.name != path) | {Copy(path, member, path, event.line)}
            case "read" | "address" if state:
                return frozenset(copy for copy in state if copy.path != what or copy.name == what)
            case "test" | "write" if state:
                return frozenset(copy for copy in state if copy.path != what)
            case "call" if state:
                return self._called(state, event)
            case "known" if state and what in self._counts:
                return frozenset(self._known(state, what))
            case _:
                return state

    def _known(self, state: frozenset[Copy], what: str) -> Iterator[Copy]:
        """The copies that may come here, where a condition holds or, with all signs, is not known any more."""
        name, _, signs = what.partition(":")
        for copy in state:
            if signs == ALL:
                yield copy._replace(known=frozenset(k for k in copy.known if not k.startswith(f"{name}:")))
            elif not any(excludes(what, other) for other in copy.known):
                yield copy._replace(known=copy.known | {what})

    def _called(self, state: frozenset[Copy], event: Event) -> frozenset[Copy]:
        number = int(event.what)
        call = self._fn.calls[number]
        program = self._context.program
        state = frozenset(copy for copy in state if f"&{copy.name}" not in call.args)
        if any(_COUNTS.search(program.name(target)) for target in program.targets(call)):
            state = frozenset(copy for copy in state if copy.name not in call.args)
        if number in self._held or not self._context.suspends(call):
            return state
        place = event.line, event.column
        return frozenset(copy if copy.old else copy._replace(old=place) for copy in state)


class _Writers:
    """Who changes which pointers of shared objects while coroutines wait."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def of(self, member: str, fn: FunctionFacts, *, null: bool = False) -> tuple[FunctionFacts, Change] | None:
        """The first that may run while `fn` waits; coroutines before others.  With `null` one that leaves no object."""
        program = self._context.program
        found = [
            (writer, change)
            for writer, change in self._changes.get(member, ())
            if writer.id != fn.id and not (null and change.how == "write") and not self._runs(writer, fn)
        ]
        return min(found, key=lambda item: not program.is_coroutine(item[0].id), default=None)

    def _runs(self, writer: FunctionFacts, fn: FunctionFacts) -> bool:
        """Whether `writer` calls `fn` or starts a coroutine of it; a coroutine that reaches it waits for it."""
        program = self._context.program
        if any(flow.function == writer.id for flow in program.flows_of.get(fn.id, ())):
            return True
        if not program.is_coroutine(writer.id):
            return fn.id in program.callees(writer.id)
        if not program.incoming.get(fn.id) and program.flows_of.get(fn.id):
            return True  # a callback: of what was not read, which the writer may call
        return program.path(writer.id, lambda id_: id_ == fn.id) is not None

    @cached_property
    def _changes(self) -> dict[str, list[tuple[FunctionFacts, Change]]]:
        context = self._context
        of_requests = {tag for fn in context.functions(COROUTINE) for tag in fn.records}
        found: dict[str, list[tuple[FunctionFacts, Change]]] = {}
        for fn in context.program.functions.values():
            if not fn.changes or fn.id in self._in_main_thread or begins_or_ends(context, fn):
                continue
            for change in fn.changes:
                if change.member.rpartition(".")[0] not in of_requests:
                    found.setdefault(change.member, []).append((fn, change))
        return found

    @cached_property
    def _in_main_thread(self) -> frozenset[str]:
        """The functions that assert it, and those that only these call."""
        program = self._context.program
        asserting = {edge.caller for edge in program.incoming.get(_MAIN_THREAD, ())}
        others = {id_ for id_ in program.functions if id_ not in asserting and not program.incoming.get(id_)}
        waiting = list(others)
        while waiting:
            for edge in program.edges(waiting.pop()):
                if edge.callee not in others and edge.callee not in asserting:
                    others.add(edge.callee)
                    waiting.append(edge.callee)
        return frozenset(program.functions.keys() - others)


def begins_or_ends(context: Context, fn: FunctionFacts) -> bool:
    """Whether a function is part of the beginning of an object's life, or a plain one of its end, by its name."""
    words = set(fn.name.lower().split("_"))
    return bool(words & _MAKES) or (bool(words & _ENDS) and not context.program.is_coroutine(fn.id))


def check(context: Context) -> Iterator[Finding]:
    writers = _Writers(context)
    protected = locks.Protected(context)
    for fn in context.functions(COROUTINE):
        if begins_or_ends(context, fn) or not any(writers.of(member, fn) for member in _members(fn)):
            continue
        found = list(_followed(context, fn, writers, frozenset()))
        held_over = protected.calls_of(fn) if found else frozenset()
        yield from _followed(context, fn, writers, held_over) if held_over else found


def _members(fn: FunctionFacts) -> set[str]:
    """The pointers in objects that a function copies, or asks for."""
    told = [e for block in fn.blocks for e in block.events if e.kind in ("held", "tested")]
    return {str(event.what).split(" ")[2 if event.kind == "held" else 0] for event in told}


def _followed(context: Context, fn: FunctionFacts, writers: _Writers, held: frozenset[int]) -> Iterator[Finding]:
    """Where a function follows a pointer that is older than a suspension; `held`: the calls under a lock."""
    step = _Copies(context, fn, held)
    told: set[tuple[str, int]] = set()
    for state, event in events(fn, step, states(fn, step)):
        followed = objects_of(event) + (fn.calls[int(event.what)].args if event.kind == "call" else ())
        for copy in sorted(c for c in state if c.old and c.name in followed):
            writer = writers.of(copy.member, fn, null=copy.name == copy.path)
            if writer is not None and (copy.name, copy.line) not in told:
                told.add((copy.name, copy.line))
                yield _finding(fn, event, copy, *writer)


def _finding(fn: FunctionFacts, event: Event, copy: Copy, writer: FunctionFacts, change: Change) -> Finding:
    file = fn.loc.file
    what = {"free": "frees what it points to", "null": "makes it null"}.get(change.how, "changes it")
    message = f"'{copy.name}' is '{copy.path}' from before a suspension; '{writer.name}' may have changed that"
    if copy.name == copy.path:
        message = f"'{copy.path}' was there before a suspension; '{writer.name}' may have taken it away"
    return RULE.finding(
        Loc(file, event.line, event.column),
        message,
        fn.id,
        help=f"look at '{copy.path}' again after the suspension, or hold a CoMutex or a reference over it",
        notes=(
            Note(Loc(file, copy.line, 1), f"'{copy.path}' is read here"),
            Note(Loc(file, *(copy.old or (0, 0))), "the coroutine waits here"),
            Note(Loc(writer.loc.file, change.line, change.column), f"'{writer.name}' {what}: '{change.path}'"),
        ),
    )


RULE = Rule("W0515", "warning", check)
