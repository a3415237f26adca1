"""Which of two annotations that contradict each other is the wrong one: what speaks for a mark where it stands.

    static int coroutine_fn sum(int a, int b) { return a + b; }        nothing: its callers may be plain
    static int coroutine_fn f(int fd) { return co_read(fd); }          its own call does

What a function does itself decides.  Where that says nothing, the marks are counted that had to be changed if one of
the two were right: a pointer that holds three coroutine functions is not plain because one caller is.  Where that says
nothing either, what stands there stays.
"""

from __future__ import annotations

from collections.abc import Set

from cpc.program.facts import COROUTINE, MIXED, Call, FunctionFacts
from cpc.program.rules import locks
from cpc.program.rules.base import SELF, YIELD, Context, says_so


def of_function(context: Context, id_: str) -> bool | None:
    """Whether a function needs to be coroutine_fn for what it does itself; None when its definition is not known."""
    fn = context.program.defined(id_)
    if fn is None:
        return True if context.program.name(id_) == YIELD else None
    return needs_itself(context, fn) or (context.runs_in_coroutines(id_) and _may_wait(context, fn))


def needs_itself(context: Context, fn: FunctionFacts, beside: Set[str] = frozenset()) -> bool:
    """Whether a function does what is for coroutines only, wherever it is called.  `beside`: functions and pointers
    whose calls say nothing."""
    if fn.asserted or fn.name == YIELD:
        return True
    beside = beside | {fn.id}
    return any(_is_for_coroutines(context, call, beside) for call in fn.calls if not call.guard) or any(
        locks.guarded(context, fn)
    )


def _is_for_coroutines(context: Context, call: Call, beside: Set[str]) -> bool:
    program = context.program
    if call.callee in beside or call.slot in beside:
        return False
    if program.call_color(call) == COROUTINE or program.name(call.callee) == YIELD or locks.released(program, call):
        return True
    return _lost_its_mark(context, call.callee, beside)


def _lost_its_mark(context: Context, id_: str, beside: Set[str]) -> bool:
    """Whether a plain function that runs in coroutines only calls a coroutine_fn, directly or through others such."""
    if id_ not in context.misplaced and id_ not in context.leads_to_misplaced:
        return False
    seen = set(beside)
    waiting = [id_]
    while waiting:
        at = waiting.pop()
        fn = context.program.defined(at)
        if at in seen or at not in context.only_in_coroutines or fn is None:
            continue
        seen.add(at)
        for call in fn.calls:
            if context.is_misplaced(fn, call) and call.callee not in beside and call.slot not in beside:
                return True
            waiting.append(call.callee)
    return False


def _may_wait(context: Context, fn: FunctionFacts) -> bool:
    """Whether a function waits if it runs in a coroutine, or asks for the one it runs in."""
    program = context.program
    return any(
        program.name(call.callee) == SELF
        or call.callee in context.switching
        or (not program.call_color(call) and call.callee in context.leads_to_suspension)
        for call in fn.calls
        if not call.guard
    )


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


def needs_nothing(context: Context, fn: FunctionFacts, needless: Set[str] = frozenset()) -> bool:
    """Whether a coroutine_fn, used by calls only, calls nothing that is for coroutines (W0502).  `needless`: functions
    whose annotation says nothing."""
    if fn.name == YIELD or context.program.flows_of.get(fn.id):
        return False
    return context.needs_coroutine(fn.id, trusting=fn.internal, needless=needless) is False


def _marks(context: Context, id_: str) -> int:
    """How many declarations say that a function is coroutine_fn."""
    return sum(d.color == COROUTINE for d in context.program.declarations.get(id_, ()))


def is_wrong_for(context: Context, fn: FunctionFacts, callee: str) -> bool:
    """Whether it is the mark of `callee`, rather than the lack of one of `fn`, a plain function that calls it, that is
    wrong."""
    program = context.program
    definition = program.defined(callee)
    if definition is None:
        return _is_alone(context, callee)
    if not is_needless(context, callee):
        return False
    if needs_itself(context, fn, {callee}) or is_given_to_coroutines(context, fn.id):
        return False
    if needs_nothing(context, definition):
        return True  # it will go anyway, and then the one of `fn` would be needless
    callers = {edge.caller for edge in program.incoming.get(callee, ()) if edge.call.callee}
    plain = [caller for caller in callers if not program.color(caller)]
    if not context.may_be_marked(fn.id) and not any(program.is_coroutine(caller) for caller in callers):
        return True
    marks = _marks(context, callee)
    if len(plain) != marks:
        return len(plain) > marks
    return not (says_so(callee) and context.may_be_marked(fn.id))


def _is_alone(context: Context, id_: str) -> bool:
    """Whether the marks of a function that was not read are fewer than what speaks against them: callers that cannot
    have one, and the text of its definition."""
    program = context.program
    if says_so(id_) or is_given_to_coroutines(context, id_) or program.marked_unread(id_) is not None:
        return False
    callers = {edge.caller for edge in program.incoming.get(id_, ()) if edge.call.callee and not edge.call.guard}
    stuck = [caller for caller in callers if not program.color(caller) and not context.may_be_marked(caller)]
    elsewhere = program.unread(id_)
    marked = _marks(context, id_) + sum(program.is_coroutine(caller) for caller in callers)
    return len(stuck) + elsewhere >= marked + (not elsewhere)


def of_slot(context: Context, slot: str, *, beside: str = "") -> bool:
    """Whether a pointer, or the typedef that has its annotation, needs to be one to a coroutine_fn: some function in it
    does, or more marks speak for it than against.  `beside`: a function that says nothing about it."""
    program = context.program
    place = program.annotated_at(slot)
    slots = program.slots_annotated_at(place)
    functions = {target for one in slots for target in program.slot_targets(one, cast=False)}
    if any((fn := program.defined(f)) is not None and needs_itself(context, fn, set(slots)) for f in functions):
        return True
    functions |= set(program.declared_as(place))
    marked = sum(program.is_coroutine(f) for f in functions if f != beside)
    plain = sum(not program.color(f) for f in functions if f != beside)
    callers = {caller for one in slots for caller, call in program.calls_through.get(one, ()) if not call.guard}
    return marked >= plain + sum(program.color(caller) not in (COROUTINE, MIXED) for caller in callers)


def wants_mark(context: Context, slot: str, function: str) -> bool:
    """Whether a plain pointer that holds a coroutine_fn, `function`, should be one to a coroutine_fn, rather than the
    function plain."""
    program = context.program
    slots = program.slots_annotated_at(program.annotated_at(slot))
    functions = {f.source.id for one in slots for f in program.flows_into.get(one, ()) if f.source.kind == "function"}
    if not all(program.is_coroutine(f) for f in functions):
        return False
    if len(functions) > 1 or of_function(context, function):
        return True
    called = any(program.calls_through.get(one) for one in slots)
    speaks = (called and _marks(context, function) > 1) or says_so(slot)
    return speaks and all(context.called_in_coroutines(one) for one in slots)
