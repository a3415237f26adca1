"""W0514: memory of alloca, or a variable length array, is kept while a coroutine waits; alloca in a loop that waits.

char *name = alloca(len);
co_read(fd, name, len);
use(name);                              <- W0514: the stack, or the frame, of each waiting request is `len` larger

while (more(s)) {
    p = alloca(64);                     <- W0514: nothing is given back before the function returns
    co_read(fd, p, 64);
}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cpc.diag import Note
from cpc.loc import Loc
from cpc.program.facts import COROUTINE, Event, FunctionFacts
from cpc.program.rules.base import Context, Finding, Rule
from cpc.program.rules.flow import behind, events, objects_of, states

_ALLOCA = frozenset(("alloca", "alloca_with_align", "alloca_with_align_and_max"))


class Kept(NamedTuple):
    """`name` is or holds memory of the stack since `line`; `what` says which.  `waited`: the place of a suspension."""

    name: str
    what: str
    line: int
    waited: tuple[int, int] | None = None


class _Memory:
    def __init__(self, context: Context, fn: FunctionFacts) -> None:
        self._context, self._fn = context, fn

    def __call__(self, state: frozenset[Kept], event: Event) -> frozenset[Kept]:
        what = str(event.what)
        match event.kind:
            case "set" | "point":
                name, _, local = what.partition(" = ")
                kept = frozenset(k for k in state if k.name != name)
                is_memory = event.kind == "point" and local.startswith("(")
                return kept | {Kept(name, local.strip("()"), event.line)} if is_memory else kept
            case "call" if state and self._context.waits(self._fn, event):
                place = event.line, event.column
                return frozenset(k if k.waited else k._replace(waited=place) for k in state)
            case _:
                return state


def check(context: Context) -> Iterator[Finding]:
    for fn in context.functions(COROUTINE):
        yield from _kept(context, fn)
        yield from _in_loops(context, fn)


def _kept(context: Context, fn: FunctionFacts) -> Iterator[Finding]:
    if not any(event.kind == "point" and " = (" in str(event.what) for block in fn.blocks for event in block.events):
        return
    step = _Memory(context, fn)
    told: set[str] = set()
    for state, event in events(fn, step, states(fn, step)):
        args = fn.calls[int(event.what)].args if event.kind == "call" else ()
        used = {*objects_of(event), *args, *([str(event.what)] if event.kind == "use" else [])}
        for kept in sorted(state, key=lambda k: (k.name, k.line)):
            if kept.waited and kept.name in used and kept.name not in told:
                told.add(kept.name)
                yield RULE.finding(
                    Loc(fn.loc.file, kept.line, 1),
                    f"'{kept.name}', {kept.what}, is kept while '{fn.name}' waits",
                    fn.id,
                    help="allocate it, or give it a constant size",
                    notes=(
                        Note(Loc(fn.loc.file, *kept.waited), "the coroutine waits here"),
                        Note(Loc(fn.loc.file, event.line, event.column), "it is used here"),
                    ),
                )


def _in_loops(context: Context, fn: FunctionFacts) -> Iterator[Finding]:
    for number, block in enumerate(fn.blocks):
        for event in block.events:
            call = fn.calls[int(event.what)] if event.kind == "call" else None
            if call is None or call.callee not in _ALLOCA:
                continue
            waits = _wait_in_loop(context, fn, number)
            if waits is not None:
                yield RULE.finding(
                    call.loc,
                    f"'{fn.name}' calls alloca in a loop that waits, and keeps all of it until it returns",
                    fn.id,
                    help="allocate it before the loop, or with malloc",
                    notes=(Note(waits, "the coroutine waits here"),),
                )


def _wait_in_loop(context: Context, fn: FunctionFacts, block: int) -> Loc | None:
    """The first suspension on a way from a block to itself."""
    for other in sorted(behind(fn, block)):
        if block not in behind(fn, other):
            continue
        for event in fn.blocks[other].events:
            if context.waits(fn, event):
                return fn.calls[int(event.what)].loc
    return None


RULE = Rule("W0514", "warning", check)
