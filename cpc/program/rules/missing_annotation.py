"""E0105: a plain function runs in coroutines only and reaches a suspension, but is not coroutine_fn.

    static int helper(void) { return deeper(); }            <- error: coroutine_fn f -> helper -> deeper -> co_read
    static int deeper(void) { return co_read(); }           (E0101)
    int coroutine_fn f(void) { return helper(); }

Reported where every call of the function is known and made in a coroutine; whoever calls a coroutine_fn directly is
E0101's.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.program.facts import COROUTINE
from cpc.program.program import Edge
from cpc.program.rules.base import Context, Finding, Repair, Rule


def check(context: Context) -> Iterator[Finding]:
    program, misplaced = context.program, context.misplaced

    def follow(edge: Edge) -> bool:
        return bool(edge.call.callee) and edge.call.guard != "plain" and not program.color(edge.callee)

    for fn in context.functions(""):
        if fn.id in misplaced or fn.id not in context.only_in_coroutines:
            continue
        way = program.path(fn.id, misplaced.__contains__, follow)
        if way is None:
            continue
        last = misplaced[way[-1].callee]
        yield RULE.finding(
            fn.loc,
            f"'{fn.name}' runs in coroutines only and reaches {context.callee_words(last)}, but is not coroutine_fn",
            fn.id,
            help=f"mark '{fn.name}' coroutine_fn",
            notes=context.way_notes(way),
            repair=Repair(fn.id, COROUTINE),
        )


RULE = Rule("E0105", "error", check)
