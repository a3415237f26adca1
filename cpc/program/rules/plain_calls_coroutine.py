"""E0101: a plain function calls a coroutine_fn, where it may run outside a coroutine.

    static void plain(void) { co_fdatasync(3); }                                     <- error
    static void guarded(void) { if (qemu_in_coroutine()) { co_fdatasync(3); } }      good

As the rule of the compiler (cpc/lints), but for annotations in any unit, pointers and guards.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.program.facts import COROUTINE
from cpc.program.rules.base import Context, Finding, Repair, Rule


def check(context: Context) -> Iterator[Finding]:
    for fn in context.functions("", "no_coroutine_fn"):
        for call in fn.calls:
            if call.guard == "coroutine" or not context.calls_coroutine(call):
                continue
            main = fn.name == "main"
            advice = "start a coroutine with qemu_coroutine_create" if main else f"mark '{fn.name}' coroutine_fn"
            yield RULE.finding(
                call.loc,
                f"'{fn.name}' calls {context.callee_words(call)} but is not coroutine_fn",
                fn.id,
                help=advice,
                notes=context.declared_here(fn.id),
                repair=None if main or context.program.is_blocking(fn.id) else Repair(fn.id, COROUTINE),
            )


RULE = Rule("E0101", "error", check)
