"""W0503: a coroutine suspends while it holds a lock of its thread.  W0504: a lock that is held across a suspension is
released on some paths only.

    qemu_mutex_lock(&s->lock); co_read(s->fd); qemu_mutex_unlock(&s->lock);         <- W0503: others of the thread hang

    qemu_co_mutex_lock(&s->lock);
    if (co_read(s->fd) < 0)
        return -EIO;                                                                <- W0504
    qemu_co_mutex_unlock(&s->lock);

Locks are known by the names of the functions that take them, an object by its text in the argument; guards
(QEMU_LOCK_GUARD, RCU_READ_LOCK_GUARD) by their cleanup.  Not reported: calls that are given the lock, and those of
functions that release a lock which they did not take (helpers that are called with it held).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from cpc.diag import Note
from cpc.loc import Loc
from cpc.program.facts import COROUTINE, Call, Event, FunctionFacts
from cpc.program.program import Program
from cpc.program.rules.base import Context, Finding, Rule
from cpc.program.rules.flow import at_exits, events, states

_THREAD, _CO = "thread lock", "CoMutex"
GUARDS = {"qemu_lockable_auto_lock": "qemu_lockable_auto_unlock", "rcu_read_auto_lock": "rcu_read_auto_unlock"}
_PAIRS = {
    "pthread_mutex_lock": ("pthread_mutex_unlock", _THREAD),
    "pthread_spin_lock": ("pthread_spin_unlock", _THREAD),
    "pthread_rwlock_rdlock": ("pthread_rwlock_unlock", _THREAD),
    "pthread_rwlock_wrlock": ("pthread_rwlock_unlock", _THREAD),
    "g_mutex_lock": ("g_mutex_unlock", _THREAD),
    "g_rec_mutex_lock": ("g_rec_mutex_unlock", _THREAD),
    "qemu_mutex_lock": ("qemu_mutex_unlock", _THREAD),
    "qemu_mutex_lock_impl": ("qemu_mutex_unlock_impl", _THREAD),
    "qemu_rec_mutex_lock": ("qemu_rec_mutex_unlock", _THREAD),
    "qemu_rec_mutex_lock_impl": ("qemu_rec_mutex_unlock_impl", _THREAD),
    "qemu_spin_lock": ("qemu_spin_unlock", _THREAD),
    "rcu_read_lock": ("rcu_read_unlock", "RCU read lock"),
    "qemu_co_mutex_lock": ("qemu_co_mutex_unlock", _CO),
    "qemu_co_rwlock_rdlock": ("qemu_co_rwlock_unlock", "CoRwlock"),
    "qemu_co_rwlock_wrlock": ("qemu_co_rwlock_unlock", "CoRwlock"),
}
_CLEANUPS = {
    "glib_autoptr_cleanup_QemuLockable": "qemu_lockable_auto_unlock",
    "glib_autoptr_cleanup_RCUReadAuto": "rcu_read_auto_unlock",
}
_RELEASES = frozenset(release for release, _ in _PAIRS.values())
OF_COROUTINES = (_CO, "CoRwlock")
_RELEASED = {release: kind for release, kind in _PAIRS.values() if kind in OF_COROUTINES}
_MOST_HELPERS = 3  # between a call and the release of its caller's lock
_LOCKING = ("lock", "acquire", "begin", "end", "enter", "leave", "wait")


class Held(NamedTuple):
    """A lock that was taken at `loc`, to be released by `release`; `text` is the object."""

    kind: str
    text: str
    release: str
    loc: Loc


class Locks:
    """How the events of one function change what is held."""

    def __init__(self, context: Context, fn: FunctionFacts) -> None:
        self._context, self._fn = context, fn

    def __call__(self, state: frozenset[Held], event: Event) -> frozenset[Held]:
        if event.kind != "call":
            return state
        call = self._fn.calls[int(event.what)]
        for name in self.names(call):
            if name in _PAIRS:
                release, kind = _PAIRS[name]
                return state | {Held(kind, self._object(call), release, call.loc)}
            if name in GUARDS:
                taken = self._guarded(call, name)
                return state if taken is None else state | {taken}
            if name in _RELEASES:
                return frozenset(h for h in state if h.release != name or h.text not in (self._object(call), ""))
            if name in GUARDS.values() or name in _CLEANUPS:
                mine = [h for h in state if h.release == _CLEANUPS.get(name, name)]
                return state - {max(mine, key=lambda h: (h.loc.line, h.loc.column))} if mine else state
        return state

    def names(self, call: Call) -> list[str]:
        return [self._context.program.name(target) for target in self._context.program.targets(call)]

    def _object(self, call: Call) -> str:
        return call.args[0] if call.args else ""

    def _guarded(self, call: Call, name: str) -> Held | None:
        """What a guard takes: the functions that are put into the QemuLockable on its line tell."""
        if name == "rcu_read_auto_lock":
            return Held("RCU read lock", "", GUARDS[name], call.loc)
        flows = self._context.program.flows_of_function.get(self._fn.id, ())
        takers = {
            self._context.program.name(f.source.id).replace("qemu_lockable_", "qemu_")
            for f in flows
            if f.slot == "member QemuLockable.lock" and f.loc.line == call.loc.line and f.source.kind == "function"
        }
        kinds = {_PAIRS[taker][1] for taker in takers if taker in _PAIRS}
        return Held(kinds.pop(), f"guard:{call.loc.line}", GUARDS[name], call.loc) if len(kinds) == 1 else None


def released(program: Program, call: Call) -> str:
    """The kind of the lock of coroutines that a call by name releases, or ''."""
    return _RELEASED.get(program.name(call.callee), "") if call.callee else ""


def guarded(context: Context, fn: FunctionFacts) -> Iterator[Held]:
    """The locks of coroutines that guards of a function release, each once."""
    if not any(call.guard != "coroutine" and context.program.name(call.callee) in GUARDS for call in fn.calls):
        return
    step = Locks(context, fn)
    told = set()
    for state, event in events(fn, step, states(fn, step)):
        if event.kind != "call":
            continue
        for held in state - step(state, event):
            if held.kind in OF_COROUTINES and held.text.startswith("guard:") and held.loc not in told:
                told.add(held.loc)
                yield held


def check(context: Context) -> Iterator[Finding]:
    dropping = _releasing(context)
    for fn in _lockers(context):
        step = Locks(context, fn)
        told: set[Loc] = set()
        for state, event in events(fn, step, states(fn, step)):
            call = fn.calls[int(event.what)] if event.kind == "call" else None
            if (
                call is None
                or not _suspends(context, call, step)
                or dropping.intersection(context.program.targets(call))
            ):
                continue
            for held in sorted(state, key=_order):
                released_inside = held.text and any(held.text in arg for arg in call.args)
                if held.kind in OF_COROUTINES or released_inside or held.loc in told:
                    continue
                told.add(held.loc)
                yield RULE.finding(
                    call.loc,
                    f"'{fn.name}' holds a {held.kind}{_of(held)} while it calls {context.callee_words(call)}",
                    fn.id,
                    help="release it before, or use a CoMutex",
                    notes=(Note(held.loc, "it is taken here"),),
                )


def check_balance(context: Context) -> Iterator[Finding]:
    for fn in _lockers(context):
        if any(word in fn.name for word in _LOCKING):
            continue  # to leave with a lock is what it is for
        step = Locks(context, fn)
        may, must = states(fn, step), states(fn, step, must=True)
        held_at = at_exits(fn, step, must)
        free_at = at_exits(fn, step, may)
        across = _held_across(context, fn, step, may)
        foreign = _released_untaken(fn, step, may)
        always = {held for state in held_at.values() for held in state if held in across and held.text not in foreign}
        for held in sorted(always, key=_order):
            if any(all(h.text != held.text for h in state) for state in free_at.values()):
                yield BALANCE_RULE.finding(
                    held.loc,
                    f"'{fn.name}' suspends with the {held.kind}{_of(held)}, and releases it on some paths only",
                    fn.id,
                    help="release it on every path, or use a guard",
                )


def _held_across(context: Context, fn: FunctionFacts, step: Locks, may: dict[int, frozenset[Held]]) -> frozenset[Held]:
    found: set[Held] = set()
    for state, event in events(fn, step, may):
        if event.kind == "call" and _suspends(context, fn.calls[int(event.what)], step):
            found |= state
    return frozenset(found)


def _released_untaken(fn: FunctionFacts, step: Locks, may: dict[int, frozenset[Held]]) -> frozenset[str]:
    """The objects that a function releases where it has not taken them: its caller has."""
    found = {""}
    for state, event in events(fn, step, may):
        call = fn.calls[int(event.what)] if event.kind == "call" else None
        if call is None or not call.args or not _RELEASES.intersection(step.names(call)):
            continue
        if all(held.text != call.args[0] for held in state):
            found.add(call.args[0])
    return frozenset(found)


def _releasing(context: Context) -> frozenset[str]:
    """The functions that may release a lock of their caller's, themselves or in what they call."""
    program = context.program
    found = {id_ for id_ in program.declarations if program.name(id_).startswith("qemu_co_queue_wait")}
    for fn in program.functions.values():
        step = Locks(context, fn)
        releases = any(_RELEASES.intersection(step.names(call)) for call in fn.calls)
        if releases and len(_released_untaken(fn, step, states(fn, step))) > 1:
            found.add(fn.id)
    for _ in range(_MOST_HELPERS):
        callers = {edge.caller for id_ in found for edge in program.incoming.get(id_, ()) if edge.call.callee}
        found |= callers
    return frozenset(found)


class Protected:
    """Which suspensions happen with a lock of coroutines held, so that what it protects stays as it is."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def calls_of(self, fn: FunctionFacts) -> frozenset[int]:
        """The numbers of the calls of a function that are made with such a lock, its own or its callers', and that do
        not release it meanwhile."""
        own = self._own(fn)
        if fn.id not in self._dropping and fn.id in self._under_lock:
            own = frozenset(range(len(fn.calls)))
        targets = self._context.program.targets
        return frozenset(number for number in own if not self._dropping.intersection(targets(fn.calls[number])))

    def _own(self, fn: FunctionFacts) -> frozenset[int]:
        if fn.id not in self._locking:
            return frozenset()
        step = Locks(self._context, fn)
        return frozenset(
            int(event.what)
            for state, event in events(fn, step, states(fn, step, must=True))
            if event.kind == "call" and any(held.kind in OF_COROUTINES for held in state)
        )

    @cached_property
    def _locking(self) -> frozenset[str]:
        return frozenset(fn.id for fn in _lockers(self._context))

    @cached_property
    def _dropping(self) -> frozenset[str]:
        return _releasing(self._context)

    @cached_property
    def _under_lock(self) -> frozenset[str]:
        """The functions that are called, and with such a lock only."""
        program = self._context.program
        held = {(fn.id, fn.calls[number].loc) for fn in _lockers(self._context) for number in self._own(fn)}
        others = {id_ for id_ in program.functions if not program.incoming.get(id_)}
        waiting = list(others)
        while waiting:
            for edge in program.edges(waiting.pop()):
                if edge.callee not in others and (edge.caller, edge.call.loc) not in held:
                    others.add(edge.callee)
                    waiting.append(edge.callee)
        return frozenset(program.functions.keys() - others)


def _lockers(context: Context) -> Iterator[FunctionFacts]:
    """The coroutine functions that take any lock."""
    known = {*_PAIRS, *GUARDS}
    name = context.program.name
    for fn in context.functions(COROUTINE):
        if any(name(target) in known for call in fn.calls for target in context.program.targets(call)):
            yield fn


def _suspends(context: Context, call: Call, step: Locks) -> bool:
    locking = {*_PAIRS, *_RELEASES}
    return context.suspends(call) and not locking.intersection(step.names(call))


def _order(held: Held) -> tuple[str, int, int]:
    return held.text, held.loc.line, held.loc.column


def _of(held: Held) -> str:
    text = held.text.removeprefix("&")
    return f" '{text}'" if text and not text.startswith("guard:") else ""


RULE = Rule("W0503", "warning", check)
BALANCE_RULE = Rule("W0504", "warning", check_balance)
