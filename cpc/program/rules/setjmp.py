"""W0507: a coroutine suspends between setjmp and a later longjmp.

if (!setjmp(env)) { co_read(fd); }          <- a longjmp to env finds a stack that is no more, or another thread's

co_read(fd);
longjmp(s->env, 1);                         <- the same from the other side: who called setjmp did so before
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cpc.diag import Note
from cpc.loc import Loc
from cpc.program.facts import COROUTINE, Call, Event, FunctionFacts
from cpc.program.rules.base import Context, Finding, Rule
from cpc.program.rules.flow import events, states

_SETJMP = frozenset(("setjmp", "_setjmp", "sigsetjmp", "__sigsetjmp"))
_LONGJMP = frozenset(("longjmp", "_longjmp", "siglongjmp"))


class Place(NamedTuple):
    loc: Loc
    waits: bool


class _Set:
    """The places where setjmp was called, and, with the name of the callee, where the function waited since."""

    def __init__(self, context: Context, fn: FunctionFacts) -> None:
        self._context, self._fn = context, fn

    def __call__(self, state: frozenset[Place], event: Event) -> frozenset[Place]:
        call = self._fn.calls[int(event.what)] if event.kind == "call" else None
        if call is None:
            return state
        if call.callee in _SETJMP:
            return frozenset((Place(call.loc, False),))
        return state | {Place(call.loc, True)} if self._context.suspends(call) else state


def check(context: Context) -> Iterator[Finding]:
    for fn in context.functions(COROUTINE):
        if not any(call.callee in _SETJMP | _LONGJMP for call in fn.calls):
            continue
        step = _Set(context, fn)
        for state, event in events(fn, step, states(fn, step)):
            call = fn.calls[int(event.what)] if event.kind == "call" else None
            set_at = sorted((place.loc for place in state if not place.waits), key=str)
            waited_at = sorted((place.loc for place in state if place.waits), key=str)
            if call is not None and set_at and context.suspends(call):
                yield _finding(
                    fn, call, f"calls {context.callee_words(call)} after setjmp, whose stack is gone then",
                    [Note(loc, "setjmp is called here") for loc in set_at],
                )  # fmt: skip
                break
            if call is not None and call.callee in _LONGJMP and waited_at and not set_at:
                yield _finding(
                    fn, call, "calls longjmp after a suspension: the stack of whoever called setjmp may be gone",
                    [Note(waited_at[0], "the coroutine waits here")],
                )  # fmt: skip
                break


def _finding(fn: FunctionFacts, call: Call, message: str, notes: list[Note]) -> Finding:
    advice = "suspend before setjmp, or return an error instead of longjmp"
    return RULE.finding(call.loc, f"'{fn.name}' {message}", fn.id, help=advice, notes=notes)


RULE = Rule("W0507", "warning", check)
