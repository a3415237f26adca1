"""-Wswitch and -Wimplicit-fallthrough: what a switch forgets, and where control slips from one case into the next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.diag import SourceLines
from cpc.frontend.build.state import SwitchCases
from cpc.frontend.c_types import CType, EnumT
from cpc.frontend.symbols import Symbol
from cpc.ir.walk import successors
from cpc.loc import Loc

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

# What gcc takes at -Wimplicit-fallthrough=3, the level of -Wextra.
_COMMENT = re.compile(
    r"(?://|/\*)[ \t]*(?:@fallthrough@|-fallthrough|(?:else,? |intentional(?:ly)? )?fall(?:s | |-)?thr(?:ough|u)"
    r"[ \t.!]*(?:-.*)?(?:\*/|$))",
    re.I,
)
_LONGEST_COMMENT = 20  # lines
_KEYWORD = re.compile(r"\b(?:case|default)\b")
_LABEL = (c_ast.Case, c_ast.Default, c_ast.Label)


def enum_switch(b: Builder, enum: CType, cases: SwitchCases, node: Any) -> None:
    """A switch on an enumeration without default names every enumerator, and nothing else."""
    if not isinstance(enum, EnumT):
        return
    body = next((symbols for type_, symbols in b.sema.bodies.values() if type_ is enum), ())
    known = {symbol.value for symbol in body}
    if not known:
        return
    _every_enumerator(b, body, cases, node)
    for first, last, loc in cases.places:
        if first == last and first not in known:
            b.diags.warning("W0282", loc, f"case value {first} is not in 'enum {enum.tag or '<anonymous>'}'")
    if cases.default is not None:
        return
    for symbol in body:
        if not any(first <= symbol.value <= last for first, last, _ in cases.ranges):
            b.warn("W0282", node, f"enumeration value '{symbol.name}' is not handled in this switch")


def _every_enumerator(b: Builder, body: Sequence[Symbol], cases: SwitchCases, node: Any) -> None:
    """-Wswitch-enum: a default does not count."""
    for symbol in body:
        if not any(first <= symbol.value <= last for first, last, _ in cases.ranges):
            b.warn("W0425", node, f"enumeration value '{symbol.name}' not handled in switch")


def default(b: Builder, cases: SwitchCases, node: Any) -> None:
    """-Wswitch-default."""
    if cases.default is None:
        b.warn("W0426", node, "switch missing default case")


def falls_into(b: Builder, cases: SwitchCases, label: Any) -> None:
    """A label is met: control may come from the statements of the case before it."""
    before, cases.last = cases.last, None
    if before is None or b.em.terminated or _marked(b, before) or not _reachable(b):
        return
    if isinstance(before, c_ast.Compound) and before.block_items and _marked(b, before.block_items[-1]):
        return
    place = b.loc(before)
    if not _commented(place.file, place.line, b.loc(label).line):
        cases.falling = before


def comes_next(b: Builder, cases: SwitchCases, node: Any) -> None:
    """The statement `node` begins: of labels that only lead on or out of the switch nothing is told, as in gcc."""
    if cases.falling is None:
        return
    match node:
        case c_ast.Case() | c_ast.Default() | c_ast.Label():
            return
        case c_ast.EmptyStatement() | c_ast.Compound() | c_ast.Cast(expr=c_ast.Constant()):
            return
        case c_ast.Break() | c_ast.Continue() | c_ast.Goto():
            pass
        case _:
            b.warn("W0279", cases.falling, "this statement may fall through to the next case")
    cases.falling = None


def ended(b: Builder, cases: SwitchCases, node: Any) -> None:
    """The statement `node` has ended."""
    if not isinstance(node, _LABEL) and (not isinstance(node, c_ast.EmptyStatement) or _marked(b, node)):
        cases.last = node


def _marked(b: Builder, statement: Any) -> bool:
    return any(a.name == "fallthrough" for a in b.unit.attributes_of(statement)) or isinstance(
        statement, c_ast.AttributedStatement | c_ast.AttributeDeclaration
    )


def _reachable(b: Builder) -> bool:
    """Whether control can be where the emitter stands: the block holds something, or another goes there."""
    assert b.function is not None
    if b.em.block.ops:
        return True
    before: dict[str, list[str]] = {}
    for label, block in b.em.fn.blocks.items():
        for target in successors(block.term):
            before.setdefault(target, []).append(label)
    cases = {label for switch in b.function.switches for _, _, label in switch.ranges}
    cases |= {switch.default or "" for switch in b.function.switches}
    seen: set[str] = set()
    work = [b.em.block.label]
    while work:  # back over the empty blocks where branches meet, to one that does something
        here = work.pop()
        if here in cases or b.em.fn.blocks[here].ops:
            return True
        if here not in seen:
            seen.add(here)
            work += before.get(here, [])
    return False


def _commented(file: str, first: int, last: int) -> bool:
    """A comment like `/* fall through */` between the two lines: the preprocessor has dropped it, so the source is
    looked at.  The comments of a macro that has both are not found, and taken to be there."""
    lines = SourceLines()
    if first == last and not _KEYWORD.search(lines.line(Loc(file, first)) or ""):
        return True
    for number in range(max(first, last - _LONGEST_COMMENT), last + 1):
        text = lines.line(Loc(file, number))
        if text is not None and _COMMENT.search(text):
            return True
    return False
