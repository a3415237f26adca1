"""Function definitions: the function's symbol, and its parameters in the scope of its body (C11 6.9.1).

Before: a FuncDef, also an old-style one with its declaration list.  After: the scope of the body is open, with the
parameters in it; the builder walks the body and calls `end_function`.  A nested function (GNU) has the scopes of the
function around it outside of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.diag import Note
from cpc.frontend import attribute_meaning, conversions, declarators, declare, layout, type_attributes
from cpc.frontend.build.describe import describe
from cpc.frontend.c_types import INT, FunctionT, QType
from cpc.frontend.declared import FunctionDefinition
from cpc.frontend.symbols import Kind, ScopeKind, Symbol
from cpc.warnings import declarations

if TYPE_CHECKING:
    from cpc.frontend.sema import Sema


def begin_function(sema: Sema, node: Any) -> FunctionDefinition:
    """Declares the function, opens its scope and declares the parameters."""
    decl = node.decl
    loc = sema.unit.loc(decl)
    if not isinstance(decl.type, c_ast.FuncDecl):
        return _begin_by_typedef(sema, node)
    outer = sema.scope
    result = _result(sema, node)
    declarators.check_result(sema, result, loc)
    declarations.qualified_result(sema, result, loc)
    inner = sema.enter(ScopeKind.FUNCTION)
    params, variadic, prototyped = declarators.parameters(sema, decl.type.args)
    old_style = _old_style(sema, node, decl.type.args)
    types = tuple(conversions.unqualified(p.type) for p in params) if prototyped else ()
    if not prototyped and sema.function is None and (known := _prototype_before(sema, decl, old_style or [])):
        types, prototyped = known, True
    sema.scope = outer
    meaning = attribute_meaning.read(sema, sema.unit.attributes_of(decl))
    type_ = QType(FunctionT(result, types, variadic, prototyped))
    type_ = type_attributes.apply(sema, type_, meaning, loc)
    if sema.function is not None:
        _check_result(sema, decl, result)
        symbol = declare.declare_nested(sema, decl, type_, meaning, defining=True)
    else:
        symbol = _define(sema, node, type_, meaning)
    sema.scope = inner
    sema.function = symbol
    shown = old_style if old_style is not None else params
    for param in shown:
        declarations.shadowing(sema, param, inner.parent)
        declarations.variable_length(sema, param.type, param.name, param.loc)
    _check_parameters(sema, shown)
    passed = _passed(sema, symbol, shown, old_style is None)
    if not prototyped:
        symbol.promoted = passed
    return FunctionDefinition(symbol, tuple(shown), passed)


def _result(sema: Sema, node: Any) -> QType:
    """`void f(); f() {...}`: what is declared void stays void, though the definition says no type (gcc)."""
    result = declarators.declarator_type(sema, node.decl.type.type)
    earlier = sema.linked.get(node.decl.name)
    if node in sema.unit.untyped and earlier is not None and isinstance(earlier.type.type, FunctionT):
        before = earlier.type.type.result
        if conversions.is_void(before) and result.type == INT:
            return before
    return result


def _prototype_before(sema: Sema, decl: Any, params: list[Symbol]) -> tuple[QType, ...]:
    """`int f(char); int f(c) char c; {...}`: what an earlier prototype says of the parameters, when it says just
    these, which then come as they are, not promoted (gcc)."""
    earlier = sema.linked.get(decl.name)
    fn = earlier.type.type if earlier is not None and earlier.kind is Kind.FUNCTION else None
    if earlier is None or not isinstance(fn, FunctionT) or not fn.prototyped or fn.variadic:
        return ()
    notes = [Note(earlier.loc, f"'{decl.name}' is declared here as '{describe(earlier.type)}'")]
    if len(fn.params) != len(params):
        message = f"the definition of '{decl.name}' has {len(params)} parameters, its prototype has {len(fn.params)}"
        sema.diags.abort("E0202", sema.unit.loc(decl), message, notes=notes)
    same = True
    for wanted, param in zip(fn.params, params, strict=True):
        fits = conversions.compatible(wanted, conversions.unqualified(param.type))
        same &= fits
        if not fits and not conversions.compatible(wanted, conversions.promote_argument(param.type)):
            message = f"parameter '{param.name}' is '{describe(param.type)}', and '{describe(wanted)}' in the prototype"
            sema.diags.abort("E0202", param.loc, message, notes=notes)
    return fn.params if same else ()


def _begin_by_typedef(sema: Sema, node: Any) -> FunctionDefinition:
    """`fn_type f {...}`: a typedef cannot give a function definition its type (6.9.1p2)."""
    sema.diags.abort("E0208", sema.unit.loc(node.decl), f"'{node.decl.name}' has a body but no parameter list")


def _define(sema: Sema, node: Any, type_: QType, meaning: attribute_meaning.Meaning) -> Symbol:
    loc = sema.unit.loc(node.decl)
    name = node.decl.name
    earlier = sema.linked.get(name)
    if earlier is not None and earlier.defined and earlier.kind is Kind.FUNCTION:
        if "gnu_inline" not in earlier.attrs.flags or earlier.storage != "extern":
            notes = [Note(earlier.loc, f"'{name}' is defined here")]
            sema.diags.abort("E0201", loc, f"redefinition of '{name}'", notes=notes)
        earlier.inline_name = ""
        earlier.attrs.flags.discard("gnu_inline")  # the real definition behind an extern inline one
        if "static" in (node.decl.storage or []):
            earlier.linkage = "internal"
    before = earlier is not None and isinstance(earlier.type.type, FunctionT) and earlier.type.type.prototyped
    symbol = declare.declare_function(sema, node.decl, type_, meaning, defining=True)
    assert isinstance(type_.type, FunctionT)
    symbol.loc = loc
    declarations.old_style(sema, node, loc)
    declarations.function_defined(sema, symbol, earlier, before)
    _check_result(sema, node.decl, type_.type.result)
    symbol.defined = True
    symbol.loc = loc
    symbol.storage = next((w for w in node.decl.storage or [] if w in ("static", "extern")), "")
    return symbol


def _check_result(sema: Sema, decl: Any, result: QType) -> None:
    if not layout.is_complete(result) and not conversions.is_void(result):
        sema.diags.abort("E0207", sema.unit.loc(decl), f"'{decl.name}' returns an incomplete type")


def _old_style(sema: Sema, node: Any, args: Any) -> list[Symbol] | None:
    """The parameters of a K&R definition, declared in the order of the identifier list; None for a prototype."""
    if args is None or not any(isinstance(p, c_ast.ID) for p in args.params):
        if node.param_decls:
            loc = sema.unit.loc(node.decl)
            sema.diags.abort("E0224", loc, f"'{node.decl.name}' has both a prototype and old-style declarations")
        return None
    symbols: dict[str, Symbol] = {}
    for ident in args.params:
        if not isinstance(ident, c_ast.ID):
            sema.diags.abort("E0224", sema.unit.loc(ident), "a parameter has a type in an old-style list")
        symbol = Symbol(ident.name, Kind.OBJECT, QType(INT), sema.unit.loc(ident), defined=True, param=True)
        declarators.declare_parameter(sema, symbol)
        symbols[ident.name] = symbol
    for item in node.param_decls or []:
        if isinstance(item, c_ast.Decl) and item.name:
            _, type_, _ = declarators.parameter_type(sema, item)  # may name the parameters declared before
            if item.name not in symbols:
                sema.diags.error(
                    "E0224", sema.unit.loc(item), f"'{item.name}' is not a parameter of '{node.decl.name}'"
                )
                continue
            if item.init is not None:
                sema.diags.abort("E0208", sema.unit.loc(item), f"parameter '{item.name}' is initialised")
            symbols[item.name].type = type_
    return list(symbols.values())


def _check_parameters(sema: Sema, params: list[Symbol]) -> None:
    for param in params:
        if not layout.is_complete(param.type):
            shown = f"parameter '{param.name}'" if param.name else "a parameter"
            sema.diags.abort("E0207", param.loc, f"{shown} has an incomplete type")


def _passed(sema: Sema, symbol: Symbol, params: list[Symbol], prototyped: bool) -> tuple[QType, ...]:
    """The types callers pass: as declared, or, without a prototype in sight, promoted."""
    fn = symbol.type.type
    assert isinstance(fn, FunctionT)
    if prototyped:
        return tuple(p.type for p in params)
    if fn.prototyped and len(fn.params) == len(params):
        return fn.params
    return tuple(conversions.promote_argument(p.type) for p in params)


def end_function(sema: Sema) -> None:
    """Back to file scope, whatever blocks an aborted body left open."""
    while sema.scope.parent is not None:
        sema.scope = sema.scope.parent
    sema.function = None
