"""Errors that only follow from something unsupported: one E03xx says it all.

A global register variable, a struct of variable length or a decimal type is refused where it stands, and then all
that uses it looks undeclared or wrong.  `settle` is called after every external declaration.  It leaves out the
errors that come behind an E03xx in the same declaration, and those in declarations that name something whose own
declaration was refused.  Nothing is lost: the unit has its E03xx, and what remains wrong without it is said next
time.

Rejected: a dummy declaration in place of the refused one.  Its made-up type gives made-up errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pycparser import c_ast

from cpc.diag import Diagnostic, Diagnostics


@dataclass(slots=True)
class Consequences:
    """`refused`: the names and tags of file scope that have no declaration, because it was not supported."""

    diags: Diagnostics
    refused: set[str] = field(default_factory=set)

    def settle(self, node: Any, before: int) -> None:
        """`before`: how many diagnostics there were when the external declaration `node` began."""
        fresh = self.diags.items[before:]
        if node is None or not any(d.severity == "error" for d in fresh):
            return
        first = next((i for i, d in enumerate(fresh) if _unsupported(d)), None)
        if self.refused and not self.refused.isdisjoint(_mentioned(node)):
            start = before
        elif first is not None:
            start = before + first
        else:
            return
        if first is None or not isinstance(node, c_ast.FuncDef):
            self.refused |= set(_declared(node))
        self.diags.items[start:] = [d for d in self.diags.items[start:] if d.severity != "error" or _unsupported(d)]


def _unsupported(diagnostic: Diagnostic) -> bool:
    return diagnostic.code.startswith("E03")


def _mentioned(node: Any) -> Iterator[str]:
    """All names in a declaration: of types, tags, variables and functions."""
    match node:
        case c_ast.ID(name=str(name)):
            yield name
        case c_ast.IdentifierType(names=names):
            yield from names
        case c_ast.Struct(name=str(name)) | c_ast.Union(name=str(name)) | c_ast.Enum(name=str(name)):
            yield name
    for child in node:
        yield from _mentioned(child)


def _declared(node: Any) -> Iterator[str]:
    """The names and tags that a declaration would have declared."""
    match node:
        case c_ast.FuncDef(decl=c_ast.Decl(name=str(name))):
            yield name
            return
        case c_ast.Decl(name=str(name)) | c_ast.Typedef(name=str(name)) | c_ast.Enumerator(name=str(name)):
            yield name
        case c_ast.Struct(name=str(name)) | c_ast.Union(name=str(name)) | c_ast.Enum(name=str(name)):
            yield name
    for child in node:
        yield from _declared(child)
