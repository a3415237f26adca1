"""W0507: a coroutine suspends between setjmp and a later longjmp.

if (!setjmp(env)) { co_read(fd); }          <- a longjmp to env finds a stack that is no more, or another thread's
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.diag import Note
from cpc.loc import Loc
from cpc.program.facts import COROUTINE, Event, FunctionFacts
from cpc.program.rules.base import Context, Finding, Rule
from cpc.program.rules.flow import events, states

_SETJMP = frozenset(("setjmp", "_setjmp", "sigsetjmp", "__sigsetjmp"))


class _Set:
    """The places where setjmp was called."""

    def __init__(self, fn: FunctionFacts) -> None:
        self._fn = fn

    def __call__(self, state: frozenset[Loc], event: Event) -> frozenset[Loc]:
        call = self._fn.calls[int(event.what)] if event.kind == "call" else None
        return state | {call.loc} if call is not None and call.callee in _SETJMP else state


def check(context: Context) -> Iterator[Finding]:
    for fn in context.functions(COROUTINE):
        if not any(call.callee in _SETJMP for call in fn.calls):
            continue
        step = _Set(fn)
        for state, event in events(fn, step, states(fn, step)):
            call = fn.calls[int(event.what)] if event.kind == "call" else None
            if call is not None and state and context.suspends(call):
                yield RULE.finding(
                    call.loc,
                    f"'{fn.name}' calls {context.callee_words(call)} after setjmp, whose stack is gone then",
                    fn.id,
                    help="suspend before setjmp, or return an error instead of longjmp",
                    notes=tuple(Note(loc, "setjmp is called here") for loc in sorted(state, key=str)),
                )
                break


RULE = Rule("W0507", "warning", check)
