"""E0107: a CoMutex or a CoRwlock is released by a function that is not for coroutines.

    void blk_done(void *opaque)                     a callback of the event loop
    {
        struct s *s = opaque;
        qemu_co_mutex_unlock(&s->lock);             <- error: the coroutine that holds it is not the one that runs here
    }

By the names of the functions, whatever their declarations say, and by guards (QEMU_LOCK_GUARD).  Takes the place of
E0101 for these calls.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.program.facts import Call, FunctionFacts
from cpc.program.rules import locks, plain_calls_coroutine
from cpc.program.rules.base import Context, Finding, Rule
from cpc.program.rules.flow import events, states


def check(context: Context) -> Iterator[Finding]:
    for fn in context.functions("", "no_coroutine_fn"):
        for call in fn.calls:
            kind = locks.released(context.program, call)
            if kind and (call.guard != "coroutine" or fn.asserted):
                yield _finding(context, fn, call, kind, call.args[0].removeprefix("&") if call.args else "")
        yield from _guards(context, fn)


def _guards(context: Context, fn: FunctionFacts) -> Iterator[Finding]:
    """Guards that hold such a lock in a function for threads."""
    if not any(call.guard != "coroutine" and context.program.name(call.callee) in locks.GUARDS for call in fn.calls):
        return
    step = locks.Locks(context, fn)
    told = set()
    for state, event in events(fn, step, states(fn, step)):
        call = fn.calls[int(event.what)] if event.kind == "call" else None
        if call is None:
            continue
        for held in state - step(state, event):
            if held.kind in locks.OF_COROUTINES and held.text.startswith("guard:") and held.loc not in told:
                told.add(held.loc)
                yield _finding(context, fn, call._replace(loc=held.loc), held.kind, "")


def _finding(context: Context, fn: FunctionFacts, call: Call, kind: str, text: str) -> Finding:
    repair = plain_calls_coroutine.repair_of(context, fn, call)
    words = f"{kind} '{text}'" if text else kind
    return RULE.finding(
        call.loc,
        f"'{fn.name}' is not coroutine_fn but releases the {words}",
        fn.id,
        help=plain_calls_coroutine.advice(context, fn, repair),
        notes=context.declared_here(fn.id),
        repair=repair,
    )


RULE = Rule("E0107", "error", check)
