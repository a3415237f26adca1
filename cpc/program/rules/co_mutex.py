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

from cpc.loc import Loc
from cpc.program.facts import FunctionFacts
from cpc.program.rules import locks, plain_calls_coroutine
from cpc.program.rules.base import Context, Finding, Repair, Rule


def check(context: Context) -> Iterator[Finding]:
    for fn in context.functions("", "no_coroutine_fn"):
        for call in fn.calls:
            kind = locks.released(context.program, call)
            if kind and (call.guard != "coroutine" or fn.asserted):
                repair = plain_calls_coroutine.repair_of(context, fn, call)
                yield _finding(context, fn, call.loc, kind, call.args[0].removeprefix("&") if call.args else "", repair)
        for held in locks.guarded(context, fn):
            yield _finding(context, fn, held.loc, held.kind, "", plain_calls_coroutine.marking(context, fn))


def _finding(context: Context, fn: FunctionFacts, loc: Loc, kind: str, text: str, repair: Repair | None) -> Finding:
    words = f"{kind} '{text}'" if text else kind
    return RULE.finding(
        loc,
        f"'{fn.name}' is not coroutine_fn but releases the {words}",
        fn.id,
        help=plain_calls_coroutine.advice(context, fn, repair),
        notes=context.declared_here(fn.id),
        repair=repair,
    )


RULE = Rule("E0107", "error", check)
