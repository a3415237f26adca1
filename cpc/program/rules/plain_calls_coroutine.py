"""E0101: a plain function calls a coroutine_fn, where it may run outside a coroutine.

    static void plain(void) { co_fdatasync(3); }                                     <- error
    static void guarded(void) { if (qemu_in_coroutine()) { co_fdatasync(3); } }      good

As the rule of the compiler (cpc/lints), but for annotations in any unit, pointers and guards.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.program.facts import COROUTINE, Call, FunctionFacts
from cpc.program.rules.base import Context, Finding, Repair, Rule


def check(context: Context) -> Iterator[Finding]:
    for fn in context.functions("", "no_coroutine_fn"):
        for call in fn.calls:
            if call.guard == "coroutine" or not context.calls_coroutine(call):
                continue
            repair = _repair(context, fn, call)
            yield RULE.finding(
                call.loc,
                f"'{fn.name}' calls {context.callee_words(call)} but is not coroutine_fn",
                fn.id,
                help=_advice(context, fn, repair),
                notes=context.declared_here(fn.id),
                repair=repair,
            )


def _repair(context: Context, fn: FunctionFacts, call: Call) -> Repair | None:
    """The caller is marked unless it runs outside coroutines; a callee that needs no coroutine loses its mark."""
    if call.callee and context.needs_coroutine(call.callee) is False:
        return Repair(call.callee, "")
    if context.program.is_blocking(fn.id) or not context.may_be_marked(fn.id):
        return None
    return Repair(fn.id, COROUTINE)


def _advice(context: Context, fn: FunctionFacts, repair: Repair | None) -> str:
    if repair is not None and repair.function != fn.id:
        return (
            f"'{context.program.name(repair.function)}' calls nothing that needs a coroutine: remove its coroutine_fn"
        )
    if repair is not None:
        return f"mark '{fn.name}' coroutine_fn"
    if fn.name == "main":
        return "start a coroutine with qemu_coroutine_create"
    return f"'{fn.name}' is called outside coroutines too: start one, or put the call behind 'if (qemu_in_coroutine())'"


RULE = Rule("E0101", "error", check)
