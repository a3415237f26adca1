"""W0502: a coroutine_fn that calls nothing that is for coroutines: no coroutine_fn, no mixed function, and nothing that
asks for the coroutine it runs in.

    static int coroutine_fn sum(int a, int b) { return a + b; }         <- may be called by everybody
    static int coroutine_fn twice(int a) { return sum(a, a); }          <- and so may this

Not said of functions whose address is used (the pointer wants the annotation), nor, while not all of the program was
read, of those with external linkage that reach a function whose definition is not known: it may need a coroutine, and
they are for callers that are not known.  A static one is judged by what the others are declared to be.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.diag import Note, SourceLines
from cpc.program.config import allowed
from cpc.program.facts import COROUTINE
from cpc.program.rules import evidence
from cpc.program.rules.base import Context, Finding, Repair, Rule


def check(context: Context) -> Iterator[Finding]:
    needless = _needless(context)
    for fn in context.functions(COROUTINE):
        if fn.id not in needless:
            continue
        yield RULE.finding(
            fn.loc,
            f"'{fn.name}' is coroutine_fn, but calls nothing that needs a coroutine",
            fn.id,
            help="remove coroutine_fn, so that everybody may call it; or keep it, and say why: allow W0502: REASON",
            notes=tuple(
                Note(call.loc, f"'{context.program.name(call.callee)}' is coroutine_fn, and needs none either")
                for call in fn.calls
                if call.callee in needless
            ),
            repair=Repair(fn.id, ""),
        )


def _needless(context: Context) -> set[str]:
    """The functions whose annotation nothing needs but that of others such, which no comment says to keep."""
    program, sources, needless, kept = context.program, SourceLines(), set[str](), set[str]()
    waiting = list(context.functions(COROUTINE))
    while waiting:
        found = [fn for fn in waiting if evidence.needs_nothing(context, fn, needless)]
        kept |= {fn.id for fn in found if allowed(RULE.code, fn.loc, sources)}
        new = {fn.id for fn in found} - kept
        needless |= new
        callers = {edge.caller for id_ in new for edge in program.incoming.get(id_, ())} - needless - kept
        waiting = [fn for id_ in sorted(callers) if (fn := program.defined(id_)) and program.is_coroutine(id_)]
    return needless | kept


RULE = Rule("W0502", "warning", check)
