"""What a lint rule is.  A rule reads a module in Phase.BUILT and records diagnostics; it changes nothing.

Rules work on the IR because there every call is explicit: hidden ones too (cleanup attributes, conversions).  What
the IR no longer knows is checked where it is known: E0102, pointers that differ in coroutine_fn, is reported by
frontend/build when it converts one to the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cpc.diag import Diagnostics, Note, SourceLines
from cpc.ir.ops import Function, GlobalAddr, Module, Op, Operand


@dataclass(frozen=True, slots=True)
class Rule:
    """`code` is what it reports; its directory of tests is tests/lints/CODE."""

    code: str
    check: Callable[[Module, Diagnostics], None]


def bodies(module: Module, *colors: str) -> Iterator[tuple[Function, Op]]:
    """Every op of the functions of these colours that are defined here, in source order."""
    for fn in module.functions.values():
        if fn.color in colors:
            for block in fn.blocks.values():
                for op in block.ops:
                    yield fn, op


def callee_text(callee: Operand) -> str:
    """A callee in a message, with what it is: "coroutine_fn 'co_read'"."""
    if isinstance(callee, GlobalAddr):
        return f"coroutine_fn '{callee.name}'"
    return "a coroutine_fn through a pointer"


def declared_here(fn: Function) -> tuple[Note, ...]:
    return (Note(fn.loc, f"'{fn.name}' is declared here"),) if fn.loc.line else ()


def marked(fn: Function, sources: SourceLines) -> str:
    """The declaration of `fn` with coroutine_fn added, as far as it is on the line of its name."""
    line = sources.line(fn.loc)
    found = re.match(rf"\s*([\w\s*]*?)(\**){re.escape(fn.name)}\b", line) if line else None
    if found is None:
        return f"mark '{fn.name}' coroutine_fn"
    before = f"{found.group(1).strip()} " if found.group(1).strip() else ""
    return f"mark it '{before}coroutine_fn {found.group(2)}{fn.name}'"
