"""E0104: a coroutine_mixed_fn calls a coroutine_fn where it may run outside coroutines.

int coroutine_mixed_fn f(void) { return co_f(); }                                    <- error
int coroutine_mixed_fn f(void) { return qemu_in_coroutine() ? co_f() : plain_f(); }  good
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.program.facts import MIXED
from cpc.program.rules import evidence
from cpc.program.rules.base import Context, Finding, Repair, Rule

_ADVICE = "put the call behind 'if (qemu_in_coroutine())'"


def check(context: Context) -> Iterator[Finding]:
    for fn in context.functions(MIXED):
        for call in fn.calls:
            if call.guard != "coroutine" and context.calls_coroutine(call):
                callee = context.callee_words(call)
                needless = context.program.is_coroutine(call.callee) and evidence.is_needless(context, call.callee)
                yield RULE.finding(
                    call.loc,
                    f"coroutine_mixed_fn '{fn.name}' calls {callee} where it may run outside coroutines",
                    fn.id,
                    help=f"nothing in '{context.program.name(call.callee)}' needs it: remove its coroutine_fn"
                    if needless
                    else _ADVICE,
                    notes=context.declared_here(fn.id),
                    repair=Repair(call.callee, "") if needless else None,
                )


RULE = Rule("E0104", "error", check)
