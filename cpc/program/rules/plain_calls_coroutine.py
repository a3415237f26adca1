"""E0101: a plain function calls a coroutine_fn, where it may run outside a coroutine.

    static void plain(void) { co_fdatasync(3); }                                     <- error
    static void guarded(void) { if (qemu_in_coroutine()) { co_fdatasync(3); } }      good

As the rule of the compiler (cpc/lints), but for annotations in any unit, pointers and guards.  The release of a CoMutex
is E0107 (co_mutex.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.program.facts import COROUTINE, Call, FunctionFacts
from cpc.program.rules import evidence, locks
from cpc.program.rules.base import Context, Finding, Repair, Rule


def check(context: Context) -> Iterator[Finding]:
    for fn in context.functions("", "no_coroutine_fn"):
        for call in fn.calls:
            if not context.is_misplaced(fn, call) or locks.released(context.program, call):
                continue
            repair = repair_of(context, fn, call)
            yield RULE.finding(
                call.loc,
                f"'{fn.name}' calls {context.callee_words(call)} but is not coroutine_fn",
                fn.id,
                help=advice(context, fn, repair),
                notes=context.declared_here(fn.id),
                repair=repair,
            )


def repair_of(context: Context, fn: FunctionFacts, call: Call) -> Repair | None:
    """What mends it: the caller is marked unless it runs outside coroutines; what does not need its mark loses it."""
    program = context.program
    if program.is_coroutine(call.callee) and evidence.is_wrong_for(context, fn, call.callee):
        return Repair(call.callee, "")
    marked = marking(context, fn)
    unknown = marked is not None and not program.slot_targets(call.slot)
    if call.slot in program.slots and not unknown and not evidence.of_slot(context, call.slot):
        return Repair("", "", program.annotated_at(call.slot))
    return marked


def marking(context: Context, fn: FunctionFacts) -> Repair | None:
    """The mark of a plain function, if it may have one."""
    may = not context.program.is_blocking(fn.id) and context.may_be_marked(fn.id)
    return Repair(fn.id, COROUTINE) if may else None


def advice(context: Context, fn: FunctionFacts, repair: Repair | None) -> str:
    """The repair in words, or what to do where there is none."""
    if repair is not None and repair.slot:
        return f"nothing in {context.program.slot_words(repair.slot)} needs a coroutine: remove its coroutine_fn"
    if repair is not None and repair.function != fn.id:
        name = context.program.name(repair.function)
        if context.program.defined(repair.function) is None:
            return f"more speaks against the coroutine_fn of '{name}' than for it: remove it"
        return f"'{name}' calls nothing that needs a coroutine: remove its coroutine_fn"
    if repair is not None:
        return f"mark '{fn.name}' coroutine_fn"
    if fn.name == "main":
        return "start a coroutine with qemu_coroutine_create"
    return (
        f"'{fn.name}' is called outside coroutines too, which no annotation mends: start one, or put the call behind"
        " 'if (qemu_in_coroutine())'"
    )


RULE = Rule("E0101", "error", check)
