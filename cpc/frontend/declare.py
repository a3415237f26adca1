"""Declarations: which symbol a declarator declares, with which linkage, and whether it agrees with earlier ones.

Before: Decl and Typedef nodes.  After: symbols in the current scope (C11 6.2.2 linkages, 6.7 declarations, 6.9.2
tentative definitions); static objects have their data, automatic ones their flattened initialiser.  All declarations
of one entity with linkage share one Symbol, found through `Sema.linked`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.diag import Note
from cpc.frontend import attribute_meaning, c_types, conversions, declarators, layout, linkage, placement, records
from cpc.frontend.attribute_meaning import Meaning
from cpc.frontend.build.describe import describe
from cpc.frontend.c_types import ArrayT, EnumT, FunctionT, IntT, PointerT, QType, RecordT, Typedef
from cpc.frontend.declared import Declared
from cpc.frontend.symbols import Kind, ScopeKind, Symbol
from cpc.frontend.target import va_list_type
from cpc.ir.ops import DataLabel, DataPiece, DataZero, Loc
from cpc.warnings import declarations

if TYPE_CHECKING:
    from cpc.frontend.sema import Sema


def declare_builtins(sema: Sema) -> None:
    """The type names that need no declaration: va_list, and the 128-bit integers."""
    for name, type_ in (
        ("__builtin_va_list", va_list_type(sema.target)),
        ("__builtin_ms_va_list", QType(PointerT(QType(c_types.CHAR)))),
        ("__int128_t", QType(c_types.INT128)),
        ("__uint128_t", QType(c_types.UINT128)),
    ):
        named = replace(type_, typedef=Typedef(name, type_))
        sema.scope.names[name] = Symbol(name, Kind.TYPEDEF, named, defined=True)


def declare(sema: Sema, node: Any) -> list[Declared]:
    """Declares what one declaration node declares."""
    match node:
        case c_ast.Decl():
            declared = _declare_one(sema, node)
            return [] if declared is None else [declared]
        case c_ast.Typedef():
            return [_typedef(sema, node)]
        case c_ast.DeclList():
            return [declared for item in node.decls for declared in declare(sema, item)]
        case c_ast.StaticAssert():
            records.check_static_assert(sema, node)
            return []
        case _:
            return []  # pragmas, attribute declarations: nothing is declared


def _declare_one(sema: Sema, node: Any) -> Declared | None:
    if node.name is None:
        declarators.declared_type(sema, node, alone=True)
        return None
    if _is_inferred(node):
        type_, meaning = _inferred_type(sema, node)
    else:
        type_, meaning = declarators.declared_type(sema, node)
    if isinstance(type_.type, FunctionT):
        placement.function(sema, node)
        symbol = declare_function(sema, node, type_, meaning)
        if node.init is not None:
            sema.diags.abort("E0208", symbol.loc, f"function '{node.name}' is initialised like a variable")
        return Declared(symbol)
    return declare_object(sema, node, type_, meaning)


def _is_inferred(node: Any) -> bool:
    base = node.type
    if not isinstance(base, c_ast.TypeDecl):
        return False
    if isinstance(base.type, c_ast.InferredType):
        return True
    return isinstance(base.type, c_ast.IdentifierType) and base.type.names == ["__auto_type"]


def _inferred_type(sema: Sema, node: Any) -> tuple[QType, Meaning]:
    """`__auto_type x = e;`: the type of the initialiser after decay, without qualifiers."""
    loc = sema.unit.loc(node)
    if node.init is None or isinstance(node.init, c_ast.InitList):
        sema.diags.abort("E0221", loc, f"'{node.name}' needs an initialiser to take the type from")
    type_ = conversions.unqualified(conversions.decay(sema.type_of(node.init)))
    meaning = attribute_meaning.read(sema, sema.unit.attributes_of(node))
    return declarators.qualified(type_, node.quals), meaning


# ---- typedefs -----------------------------------------------------------------------------------------------


def _typedef(sema: Sema, node: Any) -> Declared:
    placement.typedef(sema, node)
    type_, meaning = declarators.declared_type(sema, node)
    loc = sema.unit.loc(node)
    if meaning.align:
        type_ = replace(type_, align=meaning.align)
    if meaning.transparent and isinstance(type_.type, RecordT):
        type_.type.transparent = True
    first = sema.scope.names.get(node.name)
    named = replace(type_, typedef=Typedef(node.name, type_, loc))
    symbol = Symbol(node.name, Kind.TYPEDEF, named, loc, storage="typedef", defined=True)
    symbol.attrs = meaning.attrs
    if declarators.explicitly_signed(sema, node):
        symbol.attrs = replace(symbol.attrs, flags=symbol.attrs.flags | {"explicitly_signed"})
    if first is not None:
        notes = [Note(first.loc, f"'{node.name}' is declared here")]
        if first.kind is not Kind.TYPEDEF:
            sema.diags.abort("E0201", loc, f"'{node.name}' is declared again as a different kind of name", notes=notes)
        if not conversions.compatible(first.type, type_):
            message = f"conflicting types for typedef '{node.name}': '{describe(type_)}'"
            notes = [Note(first.loc, f"'{node.name}' is declared here as '{describe(first.type)}'")]
            sema.diags.abort("E0202", loc, message, notes=notes)
        if not conversions.same_colors(first.type, type_):
            sema.diags.error("E0204", loc, f"typedef '{node.name}' disagrees about coroutine_fn", notes=notes)
    elif sema.scope.kind is not ScopeKind.FILE:
        declarations.shadowing(sema, symbol, sema.scope.parent)
    sema.scope.names[node.name] = symbol
    return Declared(symbol)


# ---- functions ----------------------------------------------------------------------------------------------


def declare_function(sema: Sema, node: Any, type_: QType, meaning: Meaning, defining: bool = False) -> Symbol:
    """Declares a function, at file scope or in a block.  `defining`: its body follows."""
    loc = sema.unit.loc(node)
    specifiers = linkage.specifiers(sema, node)
    if "_Noreturn" in (node.funcspec or []) and isinstance(type_.type, FunctionT):
        type_ = replace(type_, type=replace(type_.type, noreturn=True))
    if specifiers.storage == "auto" and sema.scope.kind is not ScopeKind.FILE:
        return declare_nested(sema, node, type_, meaning)
    if specifiers.thread or specifiers.storage in ("register", "auto"):
        sema.diags.abort("E0206", loc, f"function '{node.name}' cannot be '{specifiers.spelled}'")
    symbol = Symbol(node.name, Kind.FUNCTION, type_, loc, storage=specifiers.storage)
    symbol.attrs = meaning.attrs if meaning is not attribute_meaning.NOTHING else symbol.attrs
    symbol.attrs.align = max(meaning.align, records.alignas(sema, node))
    symbol.linkage = "internal" if specifiers.storage == "static" else "external"
    symbol.inline = specifiers.inline
    if specifiers.inline and sema.unit.gnu_inline:
        symbol.attrs.flags.add("gnu_inline")
    symbol.all_inline = specifiers.inline or sema.scope.kind is not ScopeKind.FILE
    symbol.extern_inline = specifiers.storage == "extern" and sema.scope.kind is ScopeKind.FILE
    symbol.ir_name = sema.unit.asm_name_of(node)
    if sema.scope.kind is not ScopeKind.FILE and specifiers.storage == "static":
        sema.diags.error("E0206", loc, f"function '{node.name}' cannot be 'static' inside a block")
    declarations.nested_extern(sema, symbol)
    symbol.defined = defining
    return linkage.enter_linked(sema, symbol)


def declare_nested(sema: Sema, node: Any, type_: QType, meaning: Meaning, defining: bool = False) -> Symbol:
    """A function in a function (GNU): a name of the block, without linkage.  `auto` declares it before its body."""
    storage = linkage.specifiers(sema, node).storage
    if storage not in ("", "auto"):
        sema.diags.abort("E0206", sema.unit.loc(node), f"function '{node.name}' cannot be '{storage}' inside a block")
    earlier = sema.scope.names.get(node.name)
    if earlier is not None and earlier.kind is Kind.FUNCTION and earlier.linkage == "none" and not earlier.defined:
        linkage.check_same_type(sema, node.name, sema.unit.loc(node), earlier, type_)
        earlier.defined, earlier.type = defining, conversions.composite(earlier.type, type_)
        return earlier
    symbol = Symbol(node.name, Kind.FUNCTION, type_, sema.unit.loc(node), defined=defining)
    linkage.check_unlinked(sema, symbol)
    symbol.attrs = meaning.attrs if meaning is not attribute_meaning.NOTHING else symbol.attrs
    symbol.ir_name = _static_name(sema, node.name)
    sema.scope.names[node.name] = symbol
    return symbol


def implicit_function(sema: Sema, name: str, loc: Loc, known: FunctionT | None = None) -> Symbol:
    """C90's implicit declaration: `extern int name();` at file scope, or the type that a library function is known
    to have (gcc)."""
    sema.diags.warning("W0230", loc, f"implicit declaration of function '{name}'")
    type_ = known or FunctionT(QType(c_types.INT), (), prototyped=False)
    symbol = Symbol(name, Kind.FUNCTION, QType(type_), loc, linkage="external", ir_name=name, all_inline=False)
    symbol.implicit = known is None
    here = sema.scope
    while sema.scope.parent is not None:
        sema.scope = sema.scope.parent
    try:
        return linkage.enter_linked(sema, symbol)
    finally:
        sema.scope = here


# ---- objects ------------------------------------------------------------------------------------------------


def declare_object(sema: Sema, node: Any, type_: QType, meaning: Meaning) -> Declared:
    """Declares an object and gives it its initialiser."""
    known = sema.statics.get(id(node)) if sema.statics is not None else None
    if known is not None:
        sema.scope.names[known.name] = known
        return Declared(known)
    declared = _new_object(sema, node, type_, meaning)
    if sema.statics is not None and declared.symbol.static and not _has_labels(declared.symbol):
        sema.statics[id(node)] = declared.symbol
    return declared


def _has_labels(symbol: Symbol) -> bool:
    return any(isinstance(piece, DataLabel) for piece in symbol.data or ())


def _new_object(sema: Sema, node: Any, type_: QType, meaning: Meaning) -> Declared:
    loc = sema.unit.loc(node)
    specifiers = linkage.specifiers(sema, node)
    align = records.alignas(sema, node)
    placement.alignment(sema, node, align, type_)
    align = max(align, meaning.align)
    if align > layout.align_of(type_):
        type_ = replace(type_, align=align)
    symbol = Symbol(node.name, Kind.OBJECT, type_, loc, storage=specifiers.storage, thread=specifiers.thread)
    if meaning is not attribute_meaning.NOTHING:
        symbol.attrs = meaning.attrs
    at_file_scope = sema.scope.kind is ScopeKind.FILE
    _check_object(sema, symbol, node, at_file_scope)
    symbol.ir_name = sema.unit.asm_label_of(node)
    if (at_file_scope and specifiers.storage != "register") or specifiers.storage == "extern":
        symbol = _linked_object(sema, symbol, node, at_file_scope)
    else:
        _block_object(sema, symbol)
    declarations.variable_length(sema, symbol.type, symbol.name, loc)
    if node.init is None:
        _check_complete(sema, symbol, loc)
        return Declared(symbol)
    return _initialized(sema, symbol, node)


def _check_object(sema: Sema, symbol: Symbol, node: Any, at_file_scope: bool) -> None:
    """What the specifiers may not say together (6.7.1)."""
    name, loc = symbol.name, symbol.loc
    if any(word in ("inline", "__inline", "__inline__", "_Noreturn") for word in node.funcspec or []):
        sema.diags.warning("W0237", loc, f"variable '{name}' is declared '{node.funcspec[0]}'")
    register = sema.unit.asm_label_of(node) if symbol.storage == "register" else ""
    if at_file_scope and symbol.storage in ("auto", "register"):
        if register and not sema.target.is_stack_pointer(register):
            sema.diags.abort("E0343", loc, f"global register variable '{name}' is not supported")
        if not register:
            sema.diags.abort("E0206", loc, f"file-scope variable '{name}' is declared '{symbol.storage}'")
    if register and sema.target.is_stack_pointer(register):
        _check_stack_pointer(sema, symbol, node)
    if symbol.thread and not at_file_scope and symbol.storage not in ("static", "extern"):
        sema.diags.abort("E0206", loc, f"thread-local variable '{name}' in a block must be static or extern")
    if symbol.storage == "extern" and not at_file_scope and node.init is not None:
        sema.diags.abort("E0208", loc, f"'{name}' is both 'extern' and initialised")
    if layout.is_vla(symbol.type) and (at_file_scope or symbol.storage in ("static", "extern")):
        sema.diags.abort("E0205", loc, f"variable length array '{name}' cannot have static storage")
    if symbol.attrs.cleanup and (at_file_scope or symbol.storage in ("static", "extern")):
        symbol.attrs.cleanup = ""  # gcc: only automatic variables are cleaned up


def _check_stack_pointer(sema: Sema, symbol: Symbol, node: Any) -> None:
    """`register unsigned long sp asm("rsp")`, in either scope: an integer or pointer that is only read."""
    name, loc = symbol.name, symbol.loc
    if node.init is not None:
        sema.diags.abort("E0343", loc, f"'{name}' is the stack pointer, and is initialised")
    if not isinstance(symbol.type.type, IntT | EnumT | PointerT) or layout.size_of(symbol.type) not in (4, 8):
        sema.diags.abort("E0343", loc, f"'{name}' is the stack pointer, and no integer or pointer of 4 or 8 bytes")


def _linked_object(sema: Sema, symbol: Symbol, node: Any, at_file_scope: bool) -> Symbol:
    symbol.static = True
    symbol.linkage = "internal" if symbol.storage == "static" else "external"
    symbol.ir_name = sema.unit.asm_name_of(node)
    symbol.tentative = at_file_scope and node.init is None and symbol.storage != "extern"
    declarations.nested_extern(sema, symbol)
    return linkage.enter_linked(sema, symbol, initialised=node.init is not None)


def _block_object(sema: Sema, symbol: Symbol) -> None:
    """Also of a register at file scope, which headers may declare again."""
    earlier = sema.scope.names.get(symbol.name)
    if sema.scope.kind is not ScopeKind.FILE or earlier is None or earlier.storage != "register":
        linkage.check_unlinked(sema, symbol)
    declarations.shadowing(sema, symbol, sema.scope.parent)
    symbol.static = symbol.storage == "static"
    symbol.defined = True
    linkage.check_weak(sema, symbol)
    sema.scope.names[symbol.name] = symbol
    if symbol.static:
        symbol.ir_name = symbol.ir_name or _static_name(sema, symbol.name)
        sema.symbols.append(symbol)


def _static_name(sema: Sema, name: str) -> str:
    """`f.x`, or `f.x.2` for the second static x of f.  A dot is in no C name, so nothing else is called that."""
    stem = f"{sema.function.ir_name}.{name}" if sema.function is not None else name
    count = sema.static_names.get(stem, 0) + 1
    sema.static_names[stem] = count
    return stem if count == 1 else f"{stem}.{count}"


def _check_complete(sema: Sema, symbol: Symbol, loc: Loc) -> None:
    """An object without initialiser.  A definition needs a complete type; a tentative one may wait for the end of
    the unit, and a mere declaration needs none."""
    if symbol.linkage != "none":
        if symbol.tentative and conversions.is_void(symbol.type):
            symbol.tentative = False
            sema.diags.abort("E0207", loc, f"variable '{symbol.name}' has type 'void'")
        return
    if not layout.is_complete(symbol.type):
        sema.diags.abort("E0207", loc, f"variable '{symbol.name}' has an incomplete type")
    if symbol.static:
        symbol.data = _zeros(symbol.type)


def _zeros(type_: QType) -> list[DataPiece]:
    size = layout.size_of(type_) or 0
    return [DataZero(size)] if size else []


def _initialized(sema: Sema, symbol: Symbol, node: Any) -> Declared:
    loc = sema.unit.loc(node)
    if symbol.defined and symbol.linkage != "none" and symbol.data is not None:
        notes = [Note(symbol.loc, f"'{symbol.name}' is defined here")]
        sema.diags.abort("E0201", loc, f"redefinition of '{symbol.name}'", notes=notes)
    if layout.is_vla(symbol.type):
        empty = isinstance(node.init, c_ast.InitList) and not node.init.exprs
        if not empty:
            sema.diags.abort("E0209", loc, f"variable length array '{symbol.name}' cannot be initialised")
    init = sema.flatten(symbol.type, node.init, static=symbol.static)
    symbol.type = init.type
    symbol.defined, symbol.tentative = True, False
    symbol.loc = loc
    if symbol.static:
        function = sema.function.ir_name if sema.function is not None else ""
        symbol.data = sema.static_data(init, function)
        return Declared(symbol)
    return Declared(symbol, init)


# ---- the end of a unit --------------------------------------------------------------------------------------


def finish(sema: Sema) -> None:
    """Tentative definitions become definitions with zero (6.9.2p2); what cannot be completed is an error."""
    for symbol in sema.symbols:
        if not symbol.tentative or symbol.defined or symbol.attrs.alias:
            continue
        array = symbol.type.type
        if isinstance(array, ArrayT) and array.length is None:
            symbol.type = replace(symbol.type, type=ArrayT(array.elem, 1))
            sema.diags.warning("W0234", symbol.loc, f"array '{symbol.name}' is assumed to have one element")
        if not layout.is_complete(symbol.type):
            sema.diags.error("E0207", symbol.loc, f"variable '{symbol.name}' has an incomplete type")
            continue
        symbol.data = _zeros(symbol.type)
        symbol.common = _is_common(sema, symbol)
        symbol.defined, symbol.tentative = True, False


def _is_common(sema: Sema, symbol: Symbol) -> bool:
    """As gcc: whatever may not stand in a section of its own kind, or be missing, is no common symbol."""
    attrs = symbol.attrs
    wanted = (sema.dialect.common or "common" in attrs.flags) and "nocommon" not in attrs.flags
    odd = symbol.thread or attrs.section or attrs.flags & {"weak", "used"} or symbol.linkage != "external"
    return bool(wanted and not odd and symbol.data)
