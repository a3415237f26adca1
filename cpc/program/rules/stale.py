"""W0505: a pointer to a thread-local variable is used after a suspension.  W0506: so is what a field held before it.

    struct stats *mine = &thread_stats;
    co_read(fd);
    mine->reads++;                          <- W0505: the coroutine may run in another thread now

    int n = s->in_flight;
    co_read(fd);
    s->in_flight = n + 1;                   <- W0506: another coroutine may have counted meanwhile

W0506 is said where a field is written back from a copy that is older than a suspension, and the function did not
look at the field in between: an update that another coroutine made is lost.  Suspensions with a CoMutex held do not
count.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cpc.diag import Note
from cpc.loc import Loc
from cpc.program.facts import COROUTINE, Event, FunctionFacts
from cpc.program.rules import locks
from cpc.program.rules.base import Context, Finding, Rule
from cpc.program.rules.flow import events, states


class Copy(NamedTuple):
    """Local `name` was set from `path` at `line`; `old`: a suspension came since, at `line` and `column`."""

    name: str
    path: str
    line: int
    old: tuple[int, int] | None = None


class Copies:
    """How the events of one function change what its variables hold.  `held`: the numbers of calls under a lock."""

    def __init__(self, context: Context, fn: FunctionFacts, held: frozenset[int] = frozenset()) -> None:
        self._context, self._fn, self._held = context, fn, held

    def __call__(self, state: frozenset[Copy], event: Event) -> frozenset[Copy]:
        what = str(event.what)
        match event.kind:
            case "set":
                name, _, paths = what.partition(" = ")
                kept = frozenset(copy for copy in state if copy.name != name)
                return kept | {Copy(name, path, event.line) for path in paths.split()}
            case "read" | "test" | "write":
                return frozenset(copy for copy in state if copy.path != what)
            case "call" if event.what not in self._held and self._context.waits(self._fn, event):
                place = event.line, event.column
                return frozenset(copy if copy.old else copy._replace(old=place) for copy in state)
            case _:
                return state


def _order(copy: Copy) -> tuple[str, str, int, tuple[int, int]]:
    return copy.name, copy.path, copy.line, copy.old or (0, 0)


def check_thread_locals(context: Context) -> Iterator[Finding]:
    for fn in context.functions(COROUTINE):
        if not fn.thread_locals:
            continue
        step = Copies(context, fn)
        told: set[str] = set()
        for state, event in events(fn, step, states(fn, step)):
            for copy in sorted(state, key=_order):
                root = copy.path.removeprefix("&").split(".")[0].split("[")[0]
                is_pointer = copy.path.startswith("&") and root in fn.thread_locals
                if (
                    event.kind == "use"
                    and event.what == copy.name
                    and copy.old
                    and is_pointer
                    and copy.name not in told
                ):
                    told.add(copy.name)
                    yield THREAD_RULE.finding(
                        Loc(fn.loc.file, event.line, event.column),
                        f"'{copy.name}' points to the thread-local '{root}' of the thread before a suspension",
                        fn.id,
                        help="take its address again",
                        notes=(Note(Loc(fn.loc.file, *copy.old), "the coroutine may change its thread here"),),
                    )


def check_fields(context: Context) -> Iterator[Finding]:
    protected = locks.Protected(context)
    for fn in context.functions(COROUTINE):
        if _writes_back(fn) and any(_lost_updates(fn, Copies(context, fn))):
            yield from _lost_updates(fn, Copies(context, fn, protected.calls_of(fn)))


def _lost_updates(fn: FunctionFacts, step: Copies) -> Iterator[Finding]:
    used: dict[str, tuple[int, int]] = {}
    for state, event in events(fn, step, states(fn, step)):
        if event.kind == "use":
            used[str(event.what)] = event.line, event.column
        if event.kind != "write" or "->" not in str(event.what):
            continue
        for copy in sorted(state, key=_order):
            if copy.path == event.what and copy.old and used.get(copy.name, (0, 0))[0] == event.line:
                yield FIELD_RULE.finding(
                    Loc(fn.loc.file, event.line, event.column),
                    f"'{copy.path}' is set from '{copy.name}', a copy from before a suspension",
                    fn.id,
                    help=f"read '{copy.path}' again after the suspension, or hold a CoMutex over it",
                    notes=(
                        Note(Loc(fn.loc.file, copy.line, 1), f"'{copy.name}' is read here"),
                        Note(Loc(fn.loc.file, *copy.old), "another coroutine may change it here"),
                    ),
                )


def _writes_back(fn: FunctionFacts) -> bool:
    """Whether a function writes any field that it has set a variable from."""
    written: set[int | str] = set()
    read: set[str] = set()
    for block in fn.blocks:
        for event in block.events:
            if event.kind == "write":
                written.add(event.what)
            elif event.kind == "set":
                read.update(str(event.what).split(" = ", 1)[1].split())
    return not written.isdisjoint(read)


THREAD_RULE = Rule("W0505", "warning", check_thread_locals)
FIELD_RULE = Rule("W0506", "warning", check_fields)
