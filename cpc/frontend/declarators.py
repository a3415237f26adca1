"""From specifiers and declarators to types (C11 6.7.2, 6.7.6, 6.7.7).

Before: pycparser's declarator chain, outermost derivation first: `int *a[3]` is ArrayDecl(PtrDecl(TypeDecl(int))).
After: a QType, with parameters adjusted, attributes that belong to types applied, and every tag that the specifiers
define declared in the current scope.  Chains are walked in loops, not by recursion, since their length is the
program's choice.  Requires: names used as types are in scope; an unknown one is E0220.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend import attribute_meaning, conversions, layout, placement, records, specifiers, type_attributes
from cpc.frontend.attribute_meaning import Meaning
from cpc.frontend.c_types import (
    ArrayT,
    FunctionT,
    PointerT,
    QType,
    VoidT,
)
from cpc.frontend.symbols import Kind, ScopeKind, Symbol
from cpc.loc import Loc
from cpc.warnings import declarations

if TYPE_CHECKING:
    from cpc.frontend.sema import Sema


_MOST_DIMENSIONS = 500  # sizes of arrays of arrays are computed at every step

# ---- specifiers ---------------------------------------------------------------------------------------------


def qualified(type_: QType, words: list[str] | None) -> QType:
    """`type_` with qualifiers added; those of an array go to its elements."""
    if not words:
        return type_
    if isinstance(type_.type, ArrayT):
        array = type_.type
        return QType(ArrayT(qualified(array.elem, words), array.length, array.vla), align=type_.align)
    names = {specifiers.QUALIFIERS.get(word, "") for word in words}
    return QType(
        type_.type,
        type_.const or "const" in names,
        type_.volatile or "volatile" in names,
        type_.restrict or "restrict" in names,
        type_.atomic or "atomic" in names,
        type_.align,
        type_.typedef,
    )


def specifier_type(sema: Sema, node: Any, quals: list[str] | None, loc: Loc, *, alone: bool = False) -> QType:
    """The type that declaration specifiers name.  `alone`: a declaration without declarators, so that `struct s;`
    declares a new tag in this scope (6.7.2.3p7)."""
    match node:
        case c_ast.IdentifierType():
            return qualified(_named_type(sema, node.names, loc), quals)
        case c_ast.AttributedType():
            inner = specifier_type(sema, node.type, quals, loc, alone=alone)
            return type_attributes.apply(sema, inner, attribute_meaning.read(sema, sema.unit.attributes_of(node)), loc)
        case c_ast.Struct() | c_ast.Union():
            return qualified(QType(records.record_type(sema, node, alone)), quals)
        case c_ast.Enum():
            return qualified(QType(records.enum_type(sema, node)), quals)
        case c_ast.TypeOf():
            return qualified(_typeof(sema, node), quals)
        case c_ast.Typename():
            return qualified(type_name(sema, node), quals)
        case c_ast.BitIntType():
            sema.diags.abort("E0341", loc, "_BitInt types are not supported")
        case c_ast.InferredType():
            sema.diags.abort("E0221", loc, "a type is inferred here only from an initialiser")
        case _:
            sema.diags.abort("E0220", loc, "this declaration has no type")


def _named_type(sema: Sema, names: list[str], loc: Loc) -> QType:
    if len(names) == 1:
        name = names[0]
        found = specifiers.SIMPLE.get(name)
        if found is not None:
            return sema.target.own_type(found)
        symbol = sema.scope.lookup(name)
        if symbol is not None and symbol.kind is Kind.TYPEDEF:
            symbol.used = True
            return symbol.type
    words = sorted(word for name in names for word in specifiers.SPELLINGS.get(name, name).split())
    type_ = specifiers.TYPES.get(tuple(words))
    if type_ is not None:
        return QType(sema.target.own(type_))
    for word in words:
        if word in specifiers.UNSUPPORTED:
            sema.diags.abort("E0341", loc, f"the type '{word}' is not supported")
        if word == "__auto_type":
            sema.diags.abort("E0221", loc, "'__auto_type' needs an initialiser to take the type from")
    unknown = [word for word in words if (word,) not in specifiers.TYPES]
    if unknown:
        sema.diags.abort("E0220", loc, f"unknown type name '{unknown[0]}'")
    sema.diags.abort("E0222", loc, f"'{' '.join(names)}' is not a type")


def explicitly_signed(sema: Sema, node: Any) -> bool:
    """Whether the declaration says `signed`, or names a typedef that does."""
    while isinstance(node, c_ast.Decl | c_ast.Typedef | c_ast.TypeDecl):
        node = node.type
    if not isinstance(node, c_ast.IdentifierType):
        return False
    named = sema.scope.lookup(node.names[0]) if len(node.names) == 1 else None
    if named is not None and named.kind is Kind.TYPEDEF:
        return "explicitly_signed" in named.attrs.flags
    return any(specifiers.SPELLINGS.get(word, word) == "signed" for word in node.names)


def _typeof(sema: Sema, node: Any) -> QType:
    if isinstance(node.expr, c_ast.Typename):
        type_ = type_name(sema, node.expr)
    else:
        type_, is_bit_field = sema.object_of(node.expr)
        if is_bit_field:
            sema.diags.abort("E0263", sema.unit.loc(node), "'typeof' of a bit-field")
        if layout.variably_modified(type_) and sema.scope.kind is not ScopeKind.PROTOTYPE:
            sema.evaluated_types.append(node.expr)
    if "unqual" in node.op:
        type_ = conversions.unqualified(type_)
    return type_


# ---- declarators --------------------------------------------------------------------------------------------


def declarator_type(sema: Sema, node: Any, *, alone: bool = False) -> QType:
    """The type of a declarator chain (`Decl.type`, `Typename.type` ...), without the attributes of the declaration
    around it.  Inner scopes are opened for prototypes and closed again."""
    chain: list[Any] = []
    while isinstance(node, c_ast.PtrDecl | c_ast.ArrayDecl | c_ast.FuncDecl):
        chain.append(node)
        node = node.type
    loc = sema.unit.loc(node)
    if isinstance(node, c_ast.TypeDecl):
        specifiers = node.type if node.type is not None else node
        type_ = specifier_type(sema, specifiers, node.quals, _place(sema, node, specifiers), alone=alone)
        if node.quals:
            placement.qualifiers(sema, type_, node.quals, _place(sema, node, specifiers))
    else:
        type_ = specifier_type(sema, node, None, loc, alone=alone)
    for link in reversed(chain):
        type_ = _derive(sema, link, type_)
    return type_


def _place(sema: Sema, node: Any, specifiers: Any) -> Loc:
    loc = sema.unit.loc(specifiers)
    return loc if loc.line else sema.unit.loc(node)


def _derive(sema: Sema, link: Any, type_: QType) -> QType:
    match link:
        case c_ast.PtrDecl():
            pointer = qualified(QType(PointerT(type_)), link.quals)
            if link.quals:
                placement.qualifiers(sema, pointer, link.quals, sema.unit.loc(link))
            own = sema.unit.attributes_of(link)
            if own:
                align = attribute_meaning.read(sema, (a for a in own if a.name == "aligned")).align
                pointer = replace(pointer, align=align) if align else pointer
            return pointer
        case c_ast.ArrayDecl():
            return array_of(sema, link, type_)
        case _:
            return function_of(sema, link, type_)


def array_of(sema: Sema, node: Any, elem: QType) -> QType:
    """The array that one ArrayDecl makes of its element type."""
    loc = sema.unit.loc(node)
    if isinstance(elem.type, FunctionT):
        sema.diags.abort("E0223", loc, "an array cannot hold functions")
    if isinstance(elem.type, VoidT) or not layout.is_complete(elem):
        sema.diags.abort("E0207", loc, "an array's element type is incomplete")
    if (layout.size_of(elem) or 0) % layout.align_of(elem):
        sema.diags.abort("E0226", loc, "the alignment of an array's elements is greater than their size")
    if _dimensions(elem) >= _MOST_DIMENSIONS:
        sema.diags.abort("E0004", loc, f"an array of more than {_MOST_DIMENSIONS} dimensions")
    if node.dim_quals and node is not sema.parameter_array:
        sema.diags.abort("E0224", loc, f"'{node.dim_quals[0]}' in an array that is no parameter")
    if node.dim is None:
        return QType(ArrayT(elem, None))
    if _is_star(node.dim):
        if sema.scope.kind is not ScopeKind.PROTOTYPE:
            sema.diags.abort("E0210", loc, "'[*]' outside of a function prototype")
        return QType(ArrayT(elem, None, vla=node.dim))
    found = sema.integer(node.dim)
    if found is None:
        return _variable_array(sema, node, elem, loc)
    length = found[0]
    if length < 0:
        sema.diags.abort("E0211", loc, f"array size {length} is negative")
    size = layout.size_of(elem)
    if size is not None and length * max(size, 1) > layout.MAX_SIZE:
        sema.diags.abort("E0212", loc, f"an array of {length} elements is too large")
    return QType(ArrayT(elem, length))


def _dimensions(type_: QType) -> int:
    found = 0
    while isinstance(type_.type, ArrayT):
        type_ = type_.type.elem
        found += 1
    return found


def _variable_array(sema: Sema, node: Any, elem: QType, loc: Loc) -> QType:
    if sema.scope.kind is ScopeKind.FILE:
        sema.diags.abort("E0210", loc, "array size is not an integer constant expression")
    if not conversions.is_integer(sema.type_of(node.dim)):
        sema.diags.abort("E0210", loc, "array size is not an integer")
    return QType(ArrayT(elem, None, vla=node.dim))


def function_of(sema: Sema, node: Any, result: QType) -> QType:
    """The function type that one FuncDecl makes of its result type."""
    loc = sema.unit.loc(node)
    check_result(sema, result, loc)
    declarations.no_prototype(sema, node, loc)
    declarations.qualified_result(sema, result, loc)
    with sema.scoped(ScopeKind.PROTOTYPE):
        params, variadic, prototyped = parameters(sema, node.args)
    types = tuple(conversions.unqualified(p.type) for p in params) if prototyped else ()
    return QType(FunctionT(result, types, variadic, prototyped))


def check_result(sema: Sema, result: QType, loc: Loc) -> None:
    """Functions return neither arrays nor functions (6.7.6.3p1)."""
    if isinstance(result.type, ArrayT | FunctionT):
        what = "an array" if isinstance(result.type, ArrayT) else "a function"
        sema.diags.abort("E0223", loc, f"a function cannot return {what}")


def parameters(sema: Sema, args: Any) -> tuple[list[Symbol], bool, bool]:
    """Declares the parameters of a ParamList in the current scope: (symbols, variadic, prototyped).  A K&R
    identifier list gives no symbols: functions.py declares those."""
    if args is None:
        return [], False, sema.unit.c23
    if any(isinstance(p, c_ast.ID) for p in args.params):
        return [], False, False
    symbols: list[Symbol] = []
    variadic = False
    forward = {symbol.name: symbol for symbol in (_parameter(sema, node) for node in sema.unit.forward.get(args, ()))}
    for node in args.params:
        if isinstance(node, c_ast.EllipsisParam):
            variadic = True
            if not symbols and not sema.unit.c23:
                sema.diags.abort("E0224", sema.unit.loc(node), "'...' needs a parameter before it")
            continue
        if earlier := forward.pop(getattr(node, "name", None) or "", None):
            del sema.scope.names[earlier.name]
        symbol = _parameter(sema, node)
        if earlier and not conversions.compatible(earlier.type, symbol.type):
            sema.diags.abort("E0202", symbol.loc, f"conflicting types for parameter '{symbol.name}'")
        if isinstance(symbol.type.type, VoidT):
            plain = not (symbol.type.const or symbol.type.volatile or symbol.storage)
            if len(args.params) == 1 and not symbol.name and plain:
                return [], False, True
            sema.diags.abort("E0224", symbol.loc, "a parameter cannot have type 'void'")
        symbols.append(symbol)
    for symbol in forward.values():
        sema.diags.abort("E0224", symbol.loc, f"parameter '{symbol.name}' has a forward declaration only")
    return symbols, variadic, True


def parameter_type(sema: Sema, node: Any) -> tuple[QType, QType, Meaning]:
    """A parameter's type as declared, and as adjusted."""
    placement.parameter(sema, node)
    outer, sema.parameter_array = sema.parameter_array, node.type
    try:
        declared, meaning = declared_type(sema, node)
    finally:
        sema.parameter_array = outer
    return declared, adjusted(declared, node.type), meaning


def _parameter(sema: Sema, node: Any) -> Symbol:
    declared, type_, meaning = parameter_type(sema, node)
    symbol = Symbol(node.name or "", Kind.OBJECT, type_, sema.unit.loc(node), storage=" ".join(node_storage(node)))
    symbol.attrs = meaning.attrs
    symbol.defined = symbol.param = True
    if isinstance(declared.type, ArrayT) and not _is_star(declared.type.vla):
        symbol.size_effect = declared.type.vla
    declare_parameter(sema, symbol)
    return symbol


def _is_star(dim: Any) -> bool:
    """`int a[*]`: some variable length, only in prototypes."""
    return isinstance(dim, c_ast.ID) and dim.name == "*"


def declare_parameter(sema: Sema, symbol: Symbol) -> None:
    """Enters a parameter into the current scope."""
    if not symbol.name:
        return
    if symbol.name in sema.scope.names:
        sema.diags.error("E0201", symbol.loc, f"redefinition of parameter '{symbol.name}'")
    sema.scope.names[symbol.name] = symbol


def adjusted(type_: QType, node: Any = None) -> QType:
    """A parameter's type (6.7.6.3p7, p8): arrays and functions become pointers; the qualifiers between the brackets
    of `node` qualify the pointer."""
    match type_.type:
        case ArrayT(elem):
            words = node.dim_quals if isinstance(node, c_ast.ArrayDecl) else None
            return qualified(QType(PointerT(elem)), words)
        case FunctionT():
            return QType(PointerT(QType(type_.type)))
        case _:
            return type_


def node_storage(node: Any) -> list[str]:
    """The storage class words of a declaration; a Typename has none."""
    return getattr(node, "storage", None) or []


# ---- a whole declaration's type -----------------------------------------------------------------------------


def declared_type(sema: Sema, node: Any, *, alone: bool = False) -> tuple[QType, Meaning]:
    """The type of a Decl, Typedef or Typename with its attributes applied, and what else the attributes say."""
    type_ = declarator_type(sema, node.type, alone=alone)
    if not isinstance(node.type, c_ast.TypeDecl | c_ast.PtrDecl | c_ast.ArrayDecl | c_ast.FuncDecl):
        type_ = qualified(type_, node.quals)  # an anonymous member: the node has no TypeDecl to carry them
    attributes = sema.unit.attributes_of(node)
    if not attributes:
        return type_, attribute_meaning.NOTHING
    meaning = attribute_meaning.read(sema, attributes)
    loc = sema.unit.loc(node)
    loc = loc if loc.file else attributes[0].loc  # an unnamed bit-field of a struct has no place of its own
    return type_attributes.apply(sema, type_, meaning, loc), meaning


def type_name(sema: Sema, node: Any) -> QType:
    """The type that a Typename means."""
    type_, meaning = declared_type(sema, node)
    return replace(type_, align=meaning.align) if meaning.align else type_
