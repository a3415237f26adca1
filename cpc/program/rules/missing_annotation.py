"""E0105: a plain function runs in coroutines only and reaches a suspension, but is not coroutine_fn.

    static int helper(void) { return deeper(); }            <- error: coroutine_fn f -> helper -> deeper -> co_read
    static int deeper(void) { return co_read(); }           (E0101)
    int coroutine_fn f(void) { return helper(); }

Reported where every call of the function is known and made in a coroutine: functions with external linkage must not
be named in units of the program that were not read.  A suspension is reached through a function
that calls a coroutine_fn (which is E0101's to report), or that asks for qemu_in_coroutine() and then calls one.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.program.facts import COROUTINE
from cpc.program.program import Edge
from cpc.program.rules.base import Context, Finding, Repair, Rule


def check(context: Context) -> Iterator[Finding]:
    program, misplaced, switching = context.program, context.misplaced, context.switching

    def goal(id_: str) -> bool:
        return id_ in misplaced or id_ in switching

    def follow(edge: Edge) -> bool:
        return bool(edge.call.callee) and not edge.call.guard and (goal(edge.callee) or not program.color(edge.callee))

    for fn in context.functions(""):
        if fn.id not in context.leads_to_suspension or goal(fn.id) or fn.id not in context.only_in_coroutines:
            continue
        way = program.path(fn.id, goal, follow)
        if way is None:
            continue
        last = way[-1].callee
        reached = context.callee_words(misplaced[last]) if last in misplaced else f"'{program.name(last)}'"
        suffix = ", but is not coroutine_fn" if last in misplaced else ", which suspends in coroutines"
        yield RULE.finding(
            fn.loc,
            f"'{fn.name}' runs in coroutines only and reaches {reached}{suffix}",
            fn.id,
            help=f"mark '{fn.name}' coroutine_fn",
            notes=context.way_notes(way),
            repair=Repair(fn.id, COROUTINE),
        )


RULE = Rule("E0105", "error", check)
