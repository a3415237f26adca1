"""Which of two annotations that contradict each other is the wrong one: what speaks for a mark where it stands.

    static int coroutine_fn sum(int a, int b) { return a + b; }        nothing: its callers may be plain
    static int coroutine_fn f(int fd) { return co_read(fd); }          its own call does

A repair marks what needs the mark, and takes it from what does not; where nothing is known it changes nothing that
stands there.
"""

from __future__ import annotations

from cpc.program.facts import COROUTINE
from cpc.program.rules.base import SELF, YIELD, Context


def of_function(context: Context, id_: str) -> bool | None:
    """Whether a function needs to be coroutine_fn for what it does itself; None when its definition is not known."""
    program = context.program
    fn = program.defined(id_)
    if fn is None or fn.asserted:
        return None if fn is None else True
    inside = context.runs_in_coroutines(id_)
    for call in fn.calls:
        if call.guard:
            continue
        color = program.call_color(call)
        name = program.name(call.callee)
        if (color == COROUTINE and call.callee != id_) or name == YIELD:
            return True
        suspends = call.callee in context.switching or (not color and call.callee in context.leads_to_suspension)
        if inside and (suspends or name == SELF):
            return True
    return False


def in_coroutines(context: Context, id_: str) -> bool:
    """Whether nothing calls a function by its name outside of coroutines, as far as is known."""
    edges = (edge for edge in context.program.incoming.get(id_, ()) if edge.call.callee)
    return all(context.edge_in_coroutine(edge) for edge in edges)


def is_given_to_coroutines(context: Context, id_: str) -> bool:
    """Whether a pointer to a coroutine_fn that needs its annotation gets the function."""
    program = context.program
    return any(
        flow.typed and program.slot_color(flow.slot) == COROUTINE and of_slot(context, flow.slot, beside=id_)
        for flow in program.flows_of.get(id_, ())
    )


def is_needless(context: Context, id_: str) -> bool:
    """Whether nothing speaks for the mark of a function."""
    return of_function(context, id_) is False and not is_given_to_coroutines(context, id_)


def of_slot(context: Context, slot: str, *, beside: str = "") -> bool:
    """Whether a pointer needs to be one to a coroutine_fn: some function in it does, or is marked, and nothing calls
    through it outside of coroutines.  `beside`: a function that says nothing about it."""
    program = context.program
    if any(of_function(context, f) for f in program.slot_targets(slot)):
        return True
    outside = not context.called_in_coroutines(slot)
    marked = [f for f in program.slot_targets(slot) if f != beside and program.is_coroutine(f)]
    return bool(marked) or not outside
