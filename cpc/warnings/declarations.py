"""Warnings about declarations, most of them only on request: -Wshadow, -Wstrict-prototypes, -Wmissing-prototypes,
-Wmissing-declarations, -Wold-style-definition, -Wredundant-decls, -Wnested-externs, -Wvla, -Wignored-qualifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.diag import Note
from cpc.frontend import layout
from cpc.frontend.c_types import ArrayT, FunctionT, PointerT, QType, VoidT
from cpc.frontend.symbols import Kind, Scope, ScopeKind, Symbol
from cpc.loc import Loc

if TYPE_CHECKING:
    from cpc.frontend.sema import Sema


def shadowing(sema: Sema, symbol: Symbol, outer: Scope | None) -> None:
    """-Wshadow: `symbol` is declared in a function, and `outer` is the scope around its own."""
    if sema.function is None or outer is None or not symbol.name:
        return
    found = outer.lookup(symbol.name)
    if found is None or found.loc == symbol.loc or not found.loc.line:
        return
    if found.kind is Kind.FUNCTION and not _may_be_called(symbol.type):
        return
    if found.param:
        what = "a parameter"
    else:
        what = "a global declaration" if found.linkage != "none" or _is_global(outer, found) else "a previous local"
    notes = [Note(found.loc, "shadowed declaration is here")]
    sema.diags.warning("W0401", symbol.loc, f"declaration of '{symbol.name}' shadows {what}", notes=notes)


def _may_be_called(type_: QType) -> bool:
    target = type_.type.target if isinstance(type_.type, PointerT) else type_
    return isinstance(target.type, FunctionT)


def _is_global(scope: Scope, symbol: Symbol) -> bool:
    while scope.parent is not None:
        scope = scope.parent
    return scope.names.get(symbol.name) is symbol


def no_prototype(sema: Sema, node: Any, loc: Loc) -> None:
    """-Wstrict-prototypes: `f()`, before C23."""
    if node.args is None and not sema.unit.c23:
        sema.diags.warning("W0402", loc, "function declaration isn't a prototype")


def qualified_result(sema: Sema, result: QType, loc: Loc) -> None:
    """-Wignored-qualifiers: `const int f(void)`."""
    if (result.const or result.volatile or result.restrict) and not isinstance(result.type, VoidT):
        sema.diags.warning("W0411", loc, "type qualifiers ignored on function return type")


def function_defined(sema: Sema, symbol: Symbol, earlier: Symbol | None, prototyped_before: bool) -> None:
    """-Wmissing-prototypes and -Wmissing-declarations."""
    if symbol.linkage != "external" or symbol.name == "main" or symbol.inline:
        return
    if not prototyped_before:
        sema.diags.warning("W0403", symbol.loc, f"no previous prototype for '{symbol.name}'")
    if earlier is None:
        sema.diags.warning("W0404", symbol.loc, f"no previous declaration for '{symbol.name}'")


def old_style(sema: Sema, node: Any, loc: Loc) -> None:
    """-Wold-style-definition: also `f() {}`."""
    args = node.decl.type.args
    if args is None:
        if not sema.unit.c23:
            sema.diags.warning("W0405", loc, "old-style function definition")
            no_prototype(sema, node.decl.type, loc)
    elif any(isinstance(param, c_ast.ID) for param in args.params):
        sema.diags.warning("W0405", loc, "old-style function definition")
        sema.diags.warning("W0402", loc, "function declaration isn't a prototype")


def redundant(sema: Sema, new: Symbol, earlier: Symbol, *, initialised: bool) -> None:
    """-Wredundant-decls: neither a definition behind a declaration, nor another scope."""
    if sema.scope.kind is not ScopeKind.FILE and earlier.loc.line and sema.scope.names.get(new.name) is not earlier:
        return
    if new.kind is Kind.FUNCTION:
        if new.defined and not earlier.defined:
            return
    elif (earlier.storage == "extern" and not (earlier.defined or earlier.tentative) and new.storage != "extern") or (
        initialised and not earlier.defined
    ):
        return
    notes = [Note(earlier.loc, f"'{new.name}' is declared here")]
    sema.diags.warning("W0406", new.loc, f"redundant redeclaration of '{new.name}'", notes=notes)


def nested_extern(sema: Sema, symbol: Symbol) -> None:
    """-Wnested-externs."""
    if sema.scope.kind is not ScopeKind.FILE:
        sema.diags.warning("W0407", symbol.loc, f"nested extern declaration of '{symbol.name}'")


def variable_length(sema: Sema, type_: QType, name: str, loc: Loc) -> None:
    """-Wvla: a variable or parameter whose own type has a length that is no constant."""
    if layout.variably_modified(type_) and isinstance(type_.type, ArrayT | PointerT):
        shown = f"variable length array '{name}'" if name else "variable length array"
        sema.diags.warning("W0409", loc, f"ISO C90 forbids {shown}")
