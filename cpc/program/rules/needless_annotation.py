"""W0502: a coroutine_fn that calls nothing that is for coroutines: no coroutine_fn, no mixed function, and nothing that
asks for the coroutine it runs in.

    static int coroutine_fn sum(int a, int b) { return a + b; }         <- may be called by everybody

Not said of functions whose address is used (the pointer wants the annotation), nor of those that reach a function of
the program whose definition was not read: it may need a coroutine.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.program.facts import COROUTINE, MIXED, FunctionFacts
from cpc.program.rules.base import YIELD, Context, Finding, Repair, Rule

_ASKS = frozenset(("qemu_coroutine_self", "qemu_in_coroutine", "qemu_coroutine_yield"))


def check(context: Context) -> Iterator[Finding]:
    for fn in context.functions(COROUTINE):
        if fn.name == YIELD or context.program.flows_of.get(fn.id) or _needs_coroutine(context, fn):
            continue
        yield RULE.finding(
            fn.loc,
            f"'{fn.name}' is coroutine_fn, but calls nothing that needs a coroutine",
            fn.id,
            help="remove coroutine_fn, so that everybody may call it",
            repair=Repair(fn.id, ""),
        )


def _needs_coroutine(context: Context, fn: FunctionFacts) -> bool:
    """Whether `fn` calls what is for coroutines, or what is not known, directly or through others."""
    program = context.program
    seen = {fn.id}
    waiting = [fn]
    while waiting:
        for call in waiting.pop().calls:
            targets = program.targets(call)
            if not targets or program.call_color(call) in (COROUTINE, MIXED):
                return True
            for target in targets:
                if program.name(target) in _ASKS or target in context.may_suspend:
                    return True
                inner = program.defined(target)
                if inner is None and not _is_system(context, target):
                    return True
                if inner is not None and inner.id not in seen:
                    seen.add(inner.id)
                    waiting.append(inner)
    return False


def _is_system(context: Context, id_: str) -> bool:
    """Whether a function is declared by the system, which knows no coroutines."""
    places = [d.loc.file for d in context.program.declarations.get(id_, ())]
    return bool(places) and all(path.startswith("/usr/include/") for path in places)


RULE = Rule("W0502", "warning", check)
