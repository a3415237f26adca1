"""E0106: declarations of one function disagree about its annotation.

int bdrv_co_check(BlockDriverState *bs);                              a header: <- error
int coroutine_fn bdrv_co_check(BlockDriverState *bs) { ... }          a unit

The definition of a function may be in a unit that is known but was not read: its text is searched for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cpc.diag import Note
from cpc.program.facts import COROUTINE, Declaration
from cpc.program.rules import evidence
from cpc.program.rules.base import Context, Finding, Repair, Rule

_SAYS_SO = re.compile(r"(?:^|_)co_")  # a name, by QEMU's convention


def check(context: Context) -> Iterator[Finding]:
    program = context.program
    for id_, declarations in sorted(program.declarations.items()):
        unread = program.marked_unread(id_) if program.defined(id_) is None else None
        known = [*declarations, *([unread] if unread is not None else [])]
        color = program.color(id_) or (unread.color if unread is not None else "")
        marked = next((d for d in known if d.color == color), None)
        if not color or marked is None:
            continue
        for declaration in declarations:
            if declaration.color != color:
                name = program.name(id_)
                yield RULE.finding(
                    declaration.loc,
                    f"'{name}' is not {color} here, as it is elsewhere",
                    id_,
                    help=f"mark '{name}' {color} here too",
                    notes=(Note(marked.loc, f"'{name}' is {color} here"),),
                    repair=Repair(id_, color if _belongs(context, id_, color, known) else ""),
                )


def _belongs(context: Context, id_: str, color: str, declarations: list[Declaration]) -> bool:
    """Whether the annotation is right where it stands, rather than wrong."""
    if color != COROUTINE or evidence.is_given_to_coroutines(context, id_):
        return True
    needs = evidence.of_function(context, id_)
    if needs is None:
        return sum(d.color == color for d in declarations) * 2 >= len(declarations)
    if needs or not context.runs_in_coroutines(id_) or context.needs_coroutine(id_) is False:
        return needs
    return _SAYS_SO.search(context.program.name(id_)) is not None


RULE = Rule("E0106", "error", check)
