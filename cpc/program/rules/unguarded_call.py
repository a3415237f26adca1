"""E0104: a coroutine_mixed_fn calls a coroutine_fn where it may run outside coroutines.

int coroutine_mixed_fn f(void) { return co_f(); }                                    <- error
int coroutine_mixed_fn f(void) { return qemu_in_coroutine() ? co_f() : plain_f(); }  good
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.program.facts import MIXED
from cpc.program.rules.base import Context, Finding, Rule


def check(context: Context) -> Iterator[Finding]:
    for fn in context.functions(MIXED):
        for call in fn.calls:
            if call.guard != "coroutine" and context.calls_coroutine(call):
                callee = context.callee_words(call)
                yield RULE.finding(
                    call.loc,
                    f"coroutine_mixed_fn '{fn.name}' calls {callee} where it may run outside coroutines",
                    fn.id,
                    help="put the call behind 'if (qemu_in_coroutine())'",
                    notes=context.declared_here(fn.id),
                )


RULE = Rule("E0104", "error", check)
