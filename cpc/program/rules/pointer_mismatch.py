"""E0102: a pointer to a coroutine_fn gets a plain function, or the other way round.

    struct BlockDriver { int coroutine_fn (*bdrv_co_flush)(BlockDriverState *bs); };
    static int raw_flush(BlockDriverState *bs);
    BlockDriver bdrv_raw = { .bdrv_co_flush = raw_flush };        <- error: raw_flush is not coroutine_fn

Assignments, initialisers, arguments and returned values of all units.  A mixed function fits everywhere; an explicit
cast says that the author knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.diag import Note
from cpc.program.facts import BLOCKING, COROUTINE, MIXED, Flow
from cpc.program.rules import evidence
from cpc.program.rules.base import Context, Finding, Repair, Rule


def check(context: Context) -> Iterator[Finding]:
    program = context.program
    for flow in program.flows:
        if not flow.typed or flow.source.cast or flow.slot not in program.slots:
            continue
        function = flow.source.kind == "function"
        if not function and flow.source.id not in program.slots:
            continue
        have = program.color(flow.source.id) if function else program.slot_color(flow.source.id)
        want = program.slot_color(flow.slot)
        if have == MIXED or want == MIXED or (have == COROUTINE) == (want == COROUTINE):
            continue
        yield _finding(context, flow, have, want)


def _finding(context: Context, flow: Flow, have: str, want: str) -> Finding:
    program = context.program
    function = flow.source.kind == "function"
    source = f"'{program.name(flow.source.id)}'" if function else program.slot_words(flow.source.id)
    target = program.slot_words(flow.slot)
    if want == COROUTINE:
        message = f"{have or 'plain'} {source} is given to coroutine_fn {target}"
    else:
        message = f"coroutine_fn {source} is given to plain {target}"
    notes = context.declared_here(flow.source.id) if function else ()
    place = program.slots[flow.slot].loc
    notes += (Note(place, f"{target} is declared here"),) if place.line else ()
    repair = _repair(context, flow, have, want) if function else _repair_between(context, flow, want)
    advice = _advice(context, repair) if repair is not None else f"mark {source if want else target} coroutine_fn"
    return RULE.finding(flow.loc, message, flow.source.id if function else "", help=advice, notes=notes, repair=repair)


def _advice(context: Context, repair: Repair) -> str:
    program = context.program
    words = program.slot_words(repair.slot) if repair.slot else f"'{program.name(repair.function)}'"
    return f"mark {words} coroutine_fn" if repair.color else f"nothing in {words} needs it: remove its coroutine_fn"


def _repair(context: Context, flow: Flow, have: str, want: str) -> Repair | None:
    """The function is marked, or the pointer loses its mark; a coroutine function in a plain pointer loses its own when
    nothing needs it and other marks do not speak against that, and else the pointer is marked."""
    program, function = context.program, flow.source.id
    place = program.annotated_at(flow.slot)
    if want == COROUTINE:
        if not evidence.of_slot(context, flow.slot, beside=function):
            return Repair("", "", place)
        return Repair(function, COROUTINE) if have != BLOCKING and evidence.in_coroutines(context, function) else None
    if evidence.wants_mark(context, flow.slot, function):
        return Repair("", COROUTINE, place)
    return Repair(function, "") if evidence.is_needless(context, function) else None


def _repair_between(context: Context, flow: Flow, want: str) -> Repair | None:
    """Of two pointers the marked one loses its mark when nothing needs it, or the other one gets it."""
    program = context.program
    marked, plain = (flow.slot, flow.source.id) if want == COROUTINE else (flow.source.id, flow.slot)
    if not evidence.of_slot(context, marked):
        return Repair("", "", program.annotated_at(marked))
    place = program.annotated_at(plain)
    functions = {f for slot in program.slots_annotated_at(place) for f in program.slot_targets(slot, cast=False)}
    alike = all(program.is_coroutine(f) for f in functions) and program.slots[place].loc.line
    return Repair("", COROUTINE, place) if alike else None


RULE = Rule("E0102", "error", check)
