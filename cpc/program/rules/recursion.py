"""W0508: coroutine functions that call each other in a circle.

    static void coroutine_fn walk(struct node *n) { if (n) { co_visit(n); walk(n->next); } }         <- a frame a level

Every level keeps a frame while the innermost is suspended, so the depth wants a bound.  Direct calls only.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.program.facts import COROUTINE
from cpc.program.program import Edge, Program
from cpc.program.rules.base import Context, Finding, Rule


def check(context: Context) -> Iterator[Finding]:
    program = context.program
    told: set[str] = set()

    def follow(edge: Edge) -> bool:
        return bool(edge.call.callee) and program.is_coroutine(edge.callee)

    circles = _circles({fn.id: _successors(program, fn.id) for fn in context.functions(COROUTINE)})
    for fn in context.functions(COROUTINE):
        if fn.id in told or fn.id not in circles:
            continue
        way = program.path(fn.id, fn.id.__eq__, follow)
        if way is None:
            continue
        told.update(edge.callee for edge in way)
        others = f" through '{program.name(way[0].callee)}'" if len(way) > 1 else ""
        yield RULE.finding(
            way[0].call.loc,
            f"coroutine_fn '{fn.name}' calls itself{others}: each level keeps a frame",
            fn.id,
            help="bound the depth, or make it a loop",
            notes=context.way_notes(way[1:]),
        )


def _successors(program: Program, id_: str) -> set[str]:
    """The coroutine functions that one calls directly."""
    return {edge.callee for edge in program.edges(id_) if edge.call.callee and program.is_coroutine(edge.callee)}


def _circles(successors: dict[str, set[str]]) -> set[str]:
    """What is left when those that lead to no other are taken away, again and again: all that lead into a circle."""
    left = set(successors)
    while True:
        kept = {id_ for id_ in left if not left.isdisjoint(successors[id_])}
        if kept == left:
            return left
        left = kept


RULE = Rule("W0508", "warning", check)
