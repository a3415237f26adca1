"""A translation unit becomes a `Module`: external declarations in order, then what was used but not defined.

    parsed Unit -> for each external declaration: sema declares it; a function body is built at once
                -> finish: tentative definitions, declarations of used functions, unused internals dropped

An error in one external declaration does not keep the next from being checked.  Internal functions that nothing
reaches are checked like any other and dropped at the end; inline functions of headers are only built when used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pycparser import c_ast

from cpc.backend.abi import MIXED_SUFFIX
from cpc.diag import Abort, Diagnostics
from cpc.frontend import layout, nodes
from cpc.frontend.build import functions, mixed, prune
from cpc.frontend.build.builder import Builder, Options
from cpc.frontend.build.values import align_of, is_void, size_of
from cpc.frontend.c_types import ArrayT, FunctionT, QType
from cpc.frontend.conversions import element_qualified
from cpc.frontend.symbols import Kind, Symbol
from cpc.frontend.unit import Unit
from cpc.ir import ops as ir
from cpc.ir.types import PTR
from cpc.warnings import usage


def build_unit(unit: Unit, diags: Diagnostics, options: Options | None = None) -> ir.Module:
    """The module of a unit in Phase.BUILT; meaningless when `diags` has errors afterwards."""
    module = ir.Module(unit.filename)
    unit.note_asm_names()
    b = Builder(unit, diags, options or Options(), module)
    deferred: list[functions.Deferred] = []
    order: dict[str, int] = {}
    for node in unit.ast.ext:
        with _one_declaration(b, node):
            later = _external(b, node, order)
            if later is not None:
                deferred.append(later)
    with _one_declaration(b, None):
        b.sema.finish()
    _build_deferred(b, deferred)
    with _one_declaration(b, None):
        _finish(b)
        if b.debug:
            b.debug.finish(b.sema.bodies)
    known = module.functions
    module.functions = {name: known[name] for name in sorted(known, key=lambda n: order.get(n, len(order)))}
    return module


@contextmanager
def _one_declaration(b: Builder, node: Any) -> Iterator[None]:
    """Confines an error to the external declaration it is in."""
    before = len(b.diags.items)
    try:
        yield
    except Abort:
        pass
    except RecursionError:
        b.diags.error("E0004", b.loc(node), "the declaration is nested too deeply")
    b.consequences.settle(node, before)
    b.function = None
    b.sema.end_function()


def _external(b: Builder, node: Any, order: dict[str, int]) -> functions.Deferred | None:
    match node:
        case c_ast.FuncDef():
            name = b.unit.asm_name_of(node.decl)
            order[name] = order[name + MIXED_SUFFIX] = len(order)
            return functions.define(b, node)
        case nodes.Asm():
            b.module.asm.append(node.template)
        case _:
            b.sema.declare(node)
    return None


def _build_deferred(b: Builder, deferred: list[functions.Deferred]) -> None:
    """Builds the inline functions that are used by now, and those that they use."""
    for symbol in b.sema.symbols:
        b.use_data(symbol.data or [])
        b.reference(symbol.attrs.alias)
    waiting = deferred
    while True:
        ready = [d for d in waiting if b.module.asm or functions.must_build(b, d.definition.symbol)]
        if not ready:
            return
        waiting = [d for d in waiting if d not in ready]
        for item in ready:
            with _one_declaration(b, item.node):
                functions.build_deferred(b, item)


def _finish(b: Builder) -> None:
    weakrefs = [symbol for symbol in b.sema.symbols if symbol.is_weakref]
    missing = {symbol.ir_name for symbol in weakrefs}
    for symbol in b.sema.symbols:
        if symbol.is_weakref or (symbol.ir_name in missing and not symbol.defined and not symbol.used):
            continue
        if symbol.kind is Kind.OBJECT:
            _object(b, symbol)
        elif symbol.kind is Kind.FUNCTION:
            _function(b, symbol)
        b.module.asm += [f".symver {symbol.ir_name}, {version}" for version in symbol.attrs.versions if symbol.defined]
    for symbol in weakrefs:
        _weakref(b, symbol)
    _check_aliases(b)
    for name, sig in b.library.items():
        if name not in b.module.functions:
            b.module.functions[name] = ir.Function(name, sig)
    usage.finish(b)
    if not b.diags.has_errors:
        prune.drop_unused(b.module)


def _check_aliases(b: Builder) -> None:
    """An alias is another name of something defined in this unit, perhaps by way of other aliases."""
    for symbol in b.sema.symbols:
        name, seen = symbol.ir_name, set[str]()
        while name in b.module.aliases and name not in seen:
            seen.add(name)
            name = b.module.aliases[name].target
        function, variable = b.module.functions.get(name), b.module.globals.get(name)
        defined = (function and not function.is_declaration) or (variable and variable.init is not None)
        if seen and not defined:
            b.diags.error("E0277", symbol.loc, f"'{symbol.name}' is an alias of '{name}', which is not defined here")
        elif seen and "ifunc" in symbol.attrs.flags and (function is None or function.sig.rets != (PTR,)):
            b.diags.error("E0277", symbol.loc, f"the resolver '{name}' of '{symbol.name}' does not return a pointer")


def _object(b: Builder, symbol: Symbol) -> None:
    attrs = symbol.attrs
    if attrs.alias:
        _alias(b, symbol)
        return
    defined = symbol.data is not None
    if not defined and (symbol.ir_name not in b.referenced or symbol.ir_name in b.module.globals):
        return  # another symbol of this assembler name may be defined
    size = sum(piece.size for piece in symbol.data) if symbol.data is not None else _known_size(symbol)
    linkage = "internal" if symbol.linkage != "external" and defined else "external"
    if "weak" in attrs.flags:
        linkage = "weak"
    elif symbol.common:
        linkage = "common"
    b.module.globals[symbol.ir_name] = ir.Global(
        symbol.ir_name,
        size,
        _align(symbol.type, size),
        symbol.data,
        linkage,
        functions.visibility_of(b, symbol, defined),
        _is_constant(symbol) and not symbol.common,
        tls=(attrs.tls_model or "generaldynamic") if symbol.thread else "",
        section=attrs.section,
        used="used" in attrs.flags,
        loc=symbol.loc,
        debug=b.debug.global_(symbol) if b.debug and defined else None,
    )


def _align(type_: QType, size: int) -> int:
    """An array variable of 16 bytes or more is aligned to 16 (System V ABI 3.1.2)."""
    return max(align_of(type_), 16 if isinstance(type_.type, ArrayT) and size >= 16 else 1)


def _is_constant(symbol: Symbol) -> bool:
    type_ = element_qualified(symbol.type)
    return (type_.const or symbol.type.const) and not type_.volatile


def _known_size(symbol: Symbol) -> int:
    """The size of a declared object; an array of unknown length counts as empty."""
    return size_of(symbol.type) if layout.size_of(symbol.type) is not None else 0


def _alias(b: Builder, symbol: Symbol) -> None:
    linkage = "weak" if "weak" in symbol.attrs.flags else symbol.linkage
    b.module.functions.pop(symbol.ir_name, None)  # an extern inline definition (gnu89) was only for inlining
    first = ir.Alias(
        symbol.ir_name,
        symbol.attrs.alias,
        linkage,
        functions.visibility_of(b, symbol, True),
        symbol.kind is Kind.FUNCTION,
        "ifunc" in symbol.attrs.flags,
    )
    for alias in mixed.aliases(symbol, first):
        b.module.aliases[alias.name] = alias
        b.reference(alias.target)


def _weakref(b: Builder, symbol: Symbol) -> None:
    """A use of a weakref is a weak use of its target; a definition or a plain use of the target beside it wins."""
    name = symbol.ir_name
    if name in b.module.functions or name in b.module.globals or name in b.module.aliases:
        return
    if name not in b.referenced:
        return
    if symbol.kind is Kind.OBJECT:
        b.module.globals[name] = ir.Global(name, _known_size(symbol), _align(symbol.type, 0), None, "weak")
        return
    fn = symbol.type.type
    assert isinstance(fn, FunctionT)
    b.module.functions[name] = ir.Function(name, _declared_signature(b, fn), linkage="weak", loc=symbol.loc)


def _function(b: Builder, symbol: Symbol) -> None:
    """A declaration for a function that is used but not defined here; an alias; linkage that only now is known."""
    if symbol.attrs.alias:
        _alias(b, symbol)
        return
    if mixed.is_mixed(symbol):
        _definition_or_declaration(b, mixed.coroutine_symbol(symbol))
    _definition_or_declaration(b, symbol)


def _definition_or_declaration(b: Builder, symbol: Symbol) -> None:
    built = b.module.functions.get(symbol.ir_name)
    if built is not None:
        if symbol.defined:  # and not another name for it
            built.linkage = functions.linkage_of(symbol)
            built.visibility = functions.visibility_of(b, symbol, True)
        return
    if symbol.ir_name not in b.referenced:
        return
    fn = symbol.type.type
    assert isinstance(fn, FunctionT)
    declared = ir.Function(symbol.ir_name, _declared_signature(b, fn), loc=symbol.loc)
    functions.describe(declared, symbol)
    b.module.functions[symbol.ir_name] = declared


def _declared_signature(b: Builder, fn: FunctionT) -> ir.Sig:
    """How a declared function is called; one with incomplete types is only named here, never called."""
    whole = all(layout.is_complete(p) for p in fn.params)
    if whole and (is_void(fn.result) or layout.is_complete(fn.result)):
        return b.lower_signature(fn).sig
    return ir.Sig()
