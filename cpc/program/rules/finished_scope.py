"""W0513: a pointer to an object of a block is used in a coroutine when the block has ended.

    if (small) {
        char bounce[512];
        buf = bounce;
    }
    co_read(fd, buf);                       <- W0513: bounce is gone, and its place in the frame may be another's

Compound literals live as long as the block around them, and what a statement expression declares ends with it.  Said
of a coroutine_fn that suspends between the time when the pointer was set and its use, or in the use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cpc.diag import Note
from cpc.loc import Loc
from cpc.program.facts import COROUTINE, Event, FunctionFacts
from cpc.program.rules.base import Context, Finding, Rule
from cpc.program.rules.flow import events, objects_of, states

_INDEX = re.compile(r"\[[^]]*\]")


class Pointing(NamedTuple):
    """`holder`, a variable or a path, is the address of `local` since `line`.  `ended`: where control left the block;
    `waited`: a suspension came since."""

    holder: str
    local: str
    line: int
    ended: int = 0
    waited: bool = False


class _Pointers:
    def __init__(self, context: Context, fn: FunctionFacts) -> None:
        self._context, self._fn = context, fn

    def __call__(self, state: frozenset[Pointing], event: Event) -> frozenset[Pointing]:
        what = str(event.what)
        match event.kind:
            case "set":
                name = what.partition(" = ")[0]
                return frozenset(p for p in state if p.holder != name and not p.holder.startswith(f"{name}."))
            case "write" if state:
                return frozenset(p for p in state if p.holder != what)
            case "point":
                holder, _, local = what.partition(" = ")
                holder = _whole(holder)
                kept = frozenset(p for p in state if p.holder != holder or "[]" in holder)
                is_object = local and not local.startswith("(")
                return kept | {Pointing(holder, local, event.line)} if is_object else kept
            case "end" if state:
                return frozenset(p._replace(ended=event.line) if p.local == what and not p.ended else p for p in state)
            case "call" if state:
                call = self._fn.calls[int(event.what)]
                kept = frozenset(p for p in state if f"&{p.holder}" not in call.args)
                return frozenset(p._replace(waited=True) for p in kept) if self._context.suspends(call) else kept
            case _:
                return state


def check(context: Context) -> Iterator[Finding]:
    for fn in context.functions(COROUTINE):
        if not any(event.kind == "end" for block in fn.blocks for event in block.events):
            continue
        step = _Pointers(context, fn)
        told: set[tuple[str, str]] = set()
        for state, event in events(fn, step, states(fn, step)):
            waits = context.waits(fn, event)
            for pointing in sorted(p for p in state if p.ended and (p.waited or waits)):
                if (pointing.holder, pointing.local) in told or not _uses(fn, event, pointing.holder, waits):
                    continue
                told.add((pointing.holder, pointing.local))
                yield _finding(fn, event, pointing)


def _uses(fn: FunctionFacts, event: Event, holder: str, waits: bool) -> bool:
    """Whether an event follows the pointer, or hands it or the object that it is in to another function, one that waits
    when the object is not a variable."""
    if holder in map(_whole, objects_of(event)):
        return True
    if event.kind == "call":
        args = [_whole(arg) for arg in fn.calls[int(event.what)].args if arg]
        if waits and any(holder.startswith(f"{arg}->") for arg in args):
            return True
        return holder in args or any(holder.startswith(f"{arg[1:]}.") for arg in args if arg[0] == "&")
    return False


def _whole(path: str) -> str:
    """A path with any index for one that is given: all elements of an array are taken for one."""
    return _INDEX.sub("[]", path)


def _finding(fn: FunctionFacts, event: Event, pointing: Pointing) -> Finding:
    name, _, place = pointing.local.partition(":")
    line, _, column = place.partition(":")
    words = f"'{name}'" if name else "a compound literal"
    return RULE.finding(
        Loc(fn.loc.file, event.line, event.column),
        f"'{pointing.holder}' points to {words} of a block that has ended",
        fn.id,
        help=f"declare {words if name else 'an object'} where '{pointing.holder}' is declared",
        notes=(
            Note(Loc(fn.loc.file, int(line), int(column or 1)), f"{words} is declared here"),
            Note(Loc(fn.loc.file, pointing.ended, 1), "its block ends here"),
        ),
    )


RULE = Rule("W0513", "warning", check)
