"""W0502: a coroutine_fn that calls nothing that is for coroutines: no coroutine_fn, no mixed function, and nothing that
asks for the coroutine it runs in.

    static int coroutine_fn sum(int a, int b) { return a + b; }         <- may be called by everybody

Not said of functions whose address is used (the pointer wants the annotation), nor, while not all of the program was
read, of those with external linkage that reach a function whose definition is not known: it may need a coroutine, and
they are for callers that are not known.  A static one is judged by what the others are declared to be.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.program.facts import COROUTINE
from cpc.program.rules import evidence
from cpc.program.rules.base import Context, Finding, Repair, Rule


def check(context: Context) -> Iterator[Finding]:
    for fn in context.functions(COROUTINE):
        if not evidence.needs_nothing(context, fn):
            continue
        yield RULE.finding(
            fn.loc,
            f"'{fn.name}' is coroutine_fn, but calls nothing that needs a coroutine",
            fn.id,
            help="remove coroutine_fn, so that everybody may call it; or keep it, and say why: allow W0502: REASON",
            repair=Repair(fn.id, ""),
        )


RULE = Rule("W0502", "warning", check)
