"""E0106: declarations of one function disagree about its annotation.

int bdrv_co_check(BlockDriverState *bs);                              a header: <- error
int coroutine_fn bdrv_co_check(BlockDriverState *bs) { ... }          a unit

The definition of a function may be in a unit that is known but was not read: its text is searched for it.  What is
said of functions holds for their parameters that are pointers to functions.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.diag import Note
from cpc.program.facts import COROUTINE, Declaration
from cpc.program.rules import evidence
from cpc.program.rules.base import YIELD, Context, Finding, Repair, Rule, says_so


def check(context: Context) -> Iterator[Finding]:
    program = context.program
    for id_, declarations in sorted(program.declarations.items()):
        unread = program.marked_unread(id_) if program.defined(id_) is None else None
        known = [*declarations, *([unread] if unread is not None else [])]
        color = program.color(id_) or (unread.color if unread is not None else "")
        if not color and program.name(id_) == YIELD:
            color = COROUTINE  # whatever is declared
        if not color:
            continue
        marked = next((d for d in known if d.color == color), None)
        for declaration in declarations:
            if declaration.color != color:
                repair = _repair(context, id_, declaration, color, known)
                yield _finding(context, id_, declaration, color, marked, repair)
    yield from _parameters(context)


def _parameters(context: Context) -> Iterator[Finding]:
    """Declarations of a function disagree about one of its parameters, a pointer."""
    program = context.program
    for id_, declarations in sorted(program.declarations.items()):
        every = [parameter for d in declarations for parameter in d.parameters]
        for marked in {p.number: p for p in reversed(every) if p.color}.values():
            slot = f"parameter {id_} {marked.number}"
            wrong = marked.color == COROUTINE and not evidence.of_slot(context, slot)
            for parameter in every:
                if parameter.number == marked.number and parameter.color != marked.color:
                    words = f"parameter '{parameter.name or marked.name}' of '{program.name(id_)}'"
                    yield RULE.finding(
                        parameter.loc,
                        f"{words} is not {marked.color} here, as it is elsewhere",
                        id_,
                        help=f"mark {words} {marked.color} here too",
                        notes=(Note(marked.loc, f"it is {marked.color} here"),),
                        repair=Repair("", "" if wrong else marked.color, slot) if slot in program.slots else None,
                    )


def _finding(
    context: Context, id_: str, declaration: Declaration, color: str, marked: Declaration | None, repair: Repair
) -> Finding:
    name = context.program.name(id_)
    return RULE.finding(
        declaration.loc,
        f"'{name}' is not {color} here, as it is elsewhere" if marked else f"'{name}' is not {color}, but suspends",
        id_,
        help=f"mark '{name}' {color} here too",
        notes=(Note(marked.loc, f"'{name}' is {color} here"),) if marked else (),
        repair=repair,
    )


def _repair(context: Context, id_: str, declaration: Declaration, color: str, known: list[Declaration]) -> Repair:
    if declaration.type and color == COROUTINE and evidence.of_slot(context, declaration.type):
        return Repair("", color, declaration.type)
    return Repair(id_, color if _belongs(context, id_, color, known) and not declaration.type else "")


def _belongs(context: Context, id_: str, color: str, declarations: list[Declaration]) -> bool:
    """Whether the annotation is right where it stands, rather than wrong."""
    if color != COROUTINE or evidence.is_given_to_coroutines(context, id_):
        return True
    by_type = next((d.type for d in declarations if d.type and d.color == color), "")
    if by_type:
        return evidence.of_slot(context, by_type)
    needs = evidence.of_function(context, id_)
    if needs is None:
        return sum(d.color == color for d in declarations) * 2 >= len(declarations)
    if needs or not context.runs_in_coroutines(id_) or context.needs_coroutine(id_) is False:
        return needs
    return says_so(id_)


RULE = Rule("E0106", "error", check)
