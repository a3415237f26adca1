"""Warnings about names: unused variables, parameters, functions and labels; uses of what is deprecated.

`Symbol.used` is set by every mention of the name, `Symbol.read` by every one that is not the target of an assignment.
A function that only mentions itself is not used.  Nothing is said in a unit with errors: code that was given up has
lost its uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.diag import Diagnostics
from cpc.frontend.c_types import FunctionT, QType
from cpc.frontend.conversions import element_qualified
from cpc.frontend.symbols import Kind, Scope, Symbol
from cpc.frontend.unit import loc_of
from cpc.loc import Loc

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder


def mention(b: Builder, symbol: Symbol, node: Any) -> None:
    """The name of an object or function stands in an expression."""
    if b.function is None or symbol is not b.function.symbol:
        symbol.used = symbol.read = True
    if symbol.attrs.deprecated is not None and node is not None:
        why = f": {symbol.attrs.deprecated}" if symbol.attrs.deprecated else ""
        if "unavailable" in symbol.attrs.flags:
            b.fail("E0278", node, f"'{symbol.name}' is unavailable{why}")
        b.warn("W0278", node, f"'{symbol.name}' is deprecated{why}")


def leave_scope(b: Builder, scope: Scope) -> None:
    """A block ends: its variables that nobody used, or only set."""
    if b.diags.has_errors:
        return
    for symbol in scope.names.values():
        if symbol.kind is Kind.OBJECT and symbol.linkage == "none" and not symbol.read and _counts(symbol):
            _unused_object(b, symbol)
        elif symbol.kind is Kind.TYPEDEF and not symbol.used and _counts(symbol):
            b.diags.warning("W0410", symbol.loc, f"typedef '{symbol.name}' locally defined but not used")


def _counts(symbol: Symbol) -> bool:
    return bool(symbol.name) and "unused" not in symbol.attrs.flags and not symbol.attrs.cleanup


def _unused_object(b: Builder, symbol: Symbol) -> None:
    if symbol.param:
        code, what = ("W0264", "parameter") if symbol.used else ("W0263", "parameter")
    else:
        code, what = ("W0262", "variable") if symbol.used else ("W0261", "variable")
    said = "is set but not used" if symbol.used else "is not used"
    b.diags.warning(code, symbol.loc, f"{what} '{symbol.name}' {said}")


def labels(b: Builder) -> None:
    """The end of a function: labels that nobody jumps to."""
    assert b.function is not None
    for name, label in b.function.labels.items():
        if not label.used and label.scopes is not None and not label.silent:
            b.diags.warning("W0266", label.loc, f"label '{name}' is not used")


def finish(b: Builder) -> None:
    """The end of the unit: static functions and variables of the main file that nobody used."""
    if b.diags.has_errors:
        return
    for symbol in b.sema.symbols:
        quiet = symbol.attrs.flags & {"unused", "used"} or symbol.attrs.alias or symbol.used
        if symbol.linkage != "internal" or quiet or symbol.loc.file != b.unit.filename:
            continue
        if symbol.kind is Kind.FUNCTION:
            _unused_function(b, symbol)
        elif symbol.kind is Kind.OBJECT and symbol.defined:
            code = "W0287" if _is_const(symbol.type) else "W0261"
            b.diags.warning(code, symbol.loc, f"'{symbol.name}' is defined but not used")


def _unused_function(b: Builder, symbol: Symbol) -> None:
    attrs = symbol.attrs
    if symbol.inline or attrs.constructor is not None or attrs.destructor is not None:
        return
    said = "defined but not used" if symbol.defined else "declared 'static' but never defined"
    b.diags.warning("W0265", symbol.loc, f"'{symbol.name}' is {said}")


def _is_const(type_: QType) -> bool:
    return element_qualified(type_).const


def main_function(b: Builder, symbol: Symbol) -> None:
    """-Wmain."""
    fn = symbol.type.type
    assert isinstance(fn, FunctionT)
    if symbol.name != "main" or symbol.linkage != "external":
        return
    if getattr(fn.result.type, "name", "") != "int":
        b.diags.warning("W0280", symbol.loc, "the return type of 'main' is not 'int'")
    if len(fn.params) not in (0, 2, 3):
        b.diags.warning("W0280", symbol.loc, f"'main' takes no, two or three arguments, not {len(fn.params)}")


def implicit_int(diags: Diagnostics, declarator: Any) -> None:
    """-Wimplicit-int: a declaration without a type."""
    node = declarator
    while not isinstance(node, c_ast.TypeDecl):
        node = node.type
    if node.declname:
        diags.warning("W0271", loc_of(node), f"the type of '{node.declname}' defaults to 'int'")


def implicit_return(b: Builder, block: str, loc: Loc) -> None:
    """-Wreturn-type: `block`, which ends at the function's closing brace, can be reached."""
    assert b.function is not None
    symbol, fn = b.function.symbol, b.em.fn
    quiet = symbol.name == "main" or "naked" in symbol.attrs.flags or "noreturn" in fn.attrs
    if block in fn.blocks and not quiet:
        b.diags.warning("W0284", loc, f"'{symbol.name}' can end without returning a value")
