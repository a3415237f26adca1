"""W0511: a coroutine_fn calls a function that only asks where it runs, and then calls a coroutine_fn.

    int bdrv_flush(BlockDriverState *bs) { if (qemu_in_coroutine()) return bdrv_co_flush(bs); ...poll... }
    int coroutine_fn f(void) { return bdrv_flush(bs); }                        <- bdrv_co_flush is meant

The detour costs the test, and hides from readers and tools that the call suspends.  Functions marked
coroutine_mixed_fn are meant to be called from both.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.program.facts import COROUTINE, FunctionFacts
from cpc.program.rules.base import Context, Finding, Rule


def check(context: Context) -> Iterator[Finding]:
    program = context.program
    direct = {fn.id: target for fn in context.functions("") if (target := _coroutine_version(context, fn))}
    for fn in context.functions(COROUTINE):
        for call in fn.calls:
            target = direct.get(call.callee, "")
            if not target or call.guard == "plain" or target == fn.id:
                continue
            name, better = program.name(call.callee), program.name(target)
            yield RULE.finding(
                call.loc,
                f"coroutine_fn '{fn.name}' calls '{name}', which calls '{better}' when it is in a coroutine",
                fn.id,
                help=f"call '{better}'",
                notes=context.declared_here(call.callee),
            )


def _coroutine_version(context: Context, fn: FunctionFacts) -> str:
    """The one coroutine_fn that a function calls in coroutines only, when it does something else outside."""
    guarded = {call.callee for call in fn.calls if call.guard == "coroutine" and context.calls_coroutine(call)}
    outside = any(call.guard == "plain" for call in fn.calls)
    return guarded.pop() if len(guarded) == 1 and outside else ""


RULE = Rule("W0511", "warning", check)
