"""E0105: a plain function runs in coroutines only and needs one, but is not coroutine_fn.

    static int helper(void) { return deeper(); }            <- error: coroutine_fn f -> helper -> deeper -> co_read
    static int deeper(void) { return co_read(); }           (E0101)
    int coroutine_fn f(void) { return helper(); }

Reported where every call of the function is known and made in a coroutine: functions with external linkage must not
be named in units of the program that were not read.  A suspension is reached through a function
that calls a coroutine_fn (which is E0101's to report), or that asks for qemu_in_coroutine() and then calls one.

    static void begin(struct request *r) { r->co = qemu_coroutine_self(); }      <- error, if it is called as above
    void begin(struct request *r) { assert(qemu_in_coroutine()); ... }           <- error, whoever calls it
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.diag import Note
from cpc.program.facts import COROUTINE, FunctionFacts
from cpc.program.program import Edge
from cpc.program.rules import plain_calls_coroutine
from cpc.program.rules.base import SELF, Context, Finding, Repair, Rule


def check(context: Context) -> Iterator[Finding]:
    program, misplaced, switching = context.program, context.misplaced, context.switching

    def goal(id_: str) -> bool:
        return id_ in misplaced or id_ in switching

    def follow(edge: Edge) -> bool:
        plainly = bool(edge.call.callee) and not edge.call.guard and context.matters(edge.call)
        return plainly and (goal(edge.callee) or not program.color(edge.callee))

    for fn in context.functions(""):
        if goal(fn.id):
            continue
        inside = fn.id in context.only_in_coroutines
        way = program.path(fn.id, goal, follow) if inside and fn.id in context.leads_to_suspension else None
        reason = _reason(context, fn, inside, way)
        if reason:
            yield _finding(context, fn, reason, context.way_notes(way or ()))


def _reason(context: Context, fn: FunctionFacts, inside: bool, way: list[Edge] | None) -> str:
    if way is not None:
        return f"runs in coroutines only and {_reaches(context, way[-1].callee)}"
    if inside and fn.id in context.asking:
        return f"runs in coroutines only and asks for its own ({SELF}), but is not coroutine_fn"
    return "asserts that it runs in a coroutine, but is not coroutine_fn" if fn.asserted else ""


def _reaches(context: Context, last: str) -> str:
    if last in context.misplaced:
        return f"reaches {context.callee_words(context.misplaced[last])}, but is not coroutine_fn"
    return f"reaches '{context.program.name(last)}', which suspends in coroutines"


def _finding(context: Context, fn: FunctionFacts, reason: str, notes: tuple[Note, ...]) -> Finding:
    may = context.may_be_marked(fn.id)
    return RULE.finding(
        fn.loc,
        f"'{fn.name}' {reason}",
        fn.id,
        help=f"mark '{fn.name}' coroutine_fn" if may else plain_calls_coroutine.advice(context, fn, None),
        notes=notes,
        repair=Repair(fn.id, COROUTINE) if may else None,
    )


RULE = Rule("E0105", "error", check)
