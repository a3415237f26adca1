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

from cpc.frontend import attribute_meaning, c_types, conversions, layout, records
from cpc.frontend.attribute_meaning import Meaning
from cpc.frontend.c_types import (
    ArrayT,
    ComplexT,
    CType,
    EnumT,
    FloatT,
    FunctionT,
    IntT,
    PointerT,
    QType,
    VectorT,
    VoidT,
)
from cpc.frontend.symbols import Kind, ScopeKind, Symbol
from cpc.ir.ops import Loc

if TYPE_CHECKING:
    from cpc.frontend.sema import Sema


# ---- specifiers ---------------------------------------------------------------------------------------------

_SPELLINGS = {
    "__signed": "signed",
    "__signed__": "signed",
    "__complex__": "_Complex",
    "__complex": "_Complex",
    "bool": "_Bool",
    "_Float32": "float",
    "_Float64": "double",
    "_Float32x": "double",
    "_Float64x": "long double",
    "__float80": "long double",
    "__float128": "_Float128",
}


def _builtin_types() -> dict[tuple[str, ...], CType]:
    """Every legal set of type specifiers, as a sorted tuple of words."""
    table: dict[tuple[str, ...], CType] = {
        ("void",): c_types.VOID,
        ("_Bool",): c_types.BOOL,
        ("float",): c_types.FLOAT,
        ("double",): c_types.DOUBLE,
        ("double", "long"): c_types.LDOUBLE,
        ("_Float128",): c_types.FLOAT128,
        ("char",): c_types.CHAR,
        ("char", "signed"): c_types.SCHAR,
        ("char", "unsigned"): c_types.UCHAR,
    }
    pairs: tuple[tuple[tuple[str, ...], IntT, IntT], ...] = (
        ((), c_types.INT, c_types.UINT),
        (("short",), c_types.SHORT, c_types.USHORT),
        (("long",), c_types.LONG, c_types.ULONG),
        (("long", "long"), c_types.LLONG, c_types.ULLONG),
    )
    for words, signed, unsigned in pairs:
        for extra in ((), ("int",)):
            if words or extra:
                table[tuple(sorted((*words, *extra)))] = signed
            table[tuple(sorted((*words, *extra, "signed")))] = signed
            table[tuple(sorted((*words, *extra, "unsigned")))] = unsigned
    table[("__int128",)] = table[("__int128", "signed")] = c_types.INT128
    table[("__int128", "unsigned")] = c_types.UINT128
    for key, type_ in list(table.items()):
        if isinstance(type_, FloatT | IntT) and type_ is not c_types.BOOL:
            table[tuple(sorted(("_Complex", *key)))] = ComplexT(type_)
    table[("_Complex",)] = ComplexT(c_types.DOUBLE)
    return table


_BUILTIN = _builtin_types()
_BUILTIN_QUALIFIED = {words[0]: QType(type_) for words, type_ in _BUILTIN.items() if len(words) == 1}
_UNSUPPORTED_WORDS = frozenset(("_Float16", "__bf16", "_Decimal32", "_Decimal64", "_Decimal128", "_Imaginary"))
_QUALIFIERS = {
    "const": "const",
    "__const": "const",
    "__const__": "const",
    "volatile": "volatile",
    "__volatile": "volatile",
    "__volatile__": "volatile",
    "restrict": "restrict",
    "__restrict": "restrict",
    "__restrict__": "restrict",
    "_Atomic": "atomic",
}


def qualified(type_: QType, words: list[str] | None) -> QType:
    """`type_` with qualifiers added; those of an array go to its elements."""
    if not words:
        return type_
    if isinstance(type_.type, ArrayT):
        array = type_.type
        return QType(ArrayT(qualified(array.elem, words), array.length, array.vla), align=type_.align)
    names = {_QUALIFIERS.get(word, "") for word in words}
    return QType(
        type_.type,
        type_.const or "const" in names,
        type_.volatile or "volatile" in names,
        type_.restrict or "restrict" in names,
        type_.atomic or "atomic" in names,
        type_.align,
    )


def specifier_type(sema: Sema, node: Any, quals: list[str] | None, loc: Loc, *, alone: bool = False) -> QType:
    """The type that declaration specifiers name.  `alone`: a declaration without declarators, so that `struct s;`
    declares a new tag in this scope (6.7.2.3p7)."""
    match node:
        case c_ast.IdentifierType():
            return qualified(_named_type(sema, node.names, loc), quals)
        case c_ast.AttributedType():
            inner = specifier_type(sema, node.type, quals, loc, alone=alone)
            return with_attributes(sema, inner, attribute_meaning.read(sema, sema.unit.attributes_of(node)), loc)
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
        found = _BUILTIN_QUALIFIED.get(name)
        if found is not None:
            return found
        symbol = sema.scope.lookup(name)
        if symbol is not None and symbol.kind is Kind.TYPEDEF:
            return symbol.type
    words = sorted(word for name in names for word in _SPELLINGS.get(name, name).split())
    type_ = _BUILTIN.get(tuple(words))
    if type_ is not None:
        return QType(type_)
    for word in words:
        if word in _UNSUPPORTED_WORDS:
            sema.diags.abort("E0341", loc, f"the type '{word}' is not supported")
        if word == "__auto_type":
            sema.diags.abort("E0221", loc, "'__auto_type' needs an initialiser to take the type from")
    unknown = [word for word in words if (word,) not in _BUILTIN and word not in ("_Complex", "signed", "unsigned")]
    if len(names) == 1 or (unknown and unknown[0] not in ("long", "short")):
        sema.diags.abort("E0220", loc, f"unknown type name '{(unknown or names)[0]}'")
    sema.diags.abort("E0222", loc, f"'{' '.join(names)}' is not a type")


def _typeof(sema: Sema, node: Any) -> QType:
    if isinstance(node.expr, c_ast.Typename):
        type_ = type_name(sema, node.expr)
    else:
        type_ = sema.type_of(node.expr)
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
    if node.dim is None:
        return QType(ArrayT(elem, None))
    if isinstance(node.dim, c_ast.ID) and node.dim.name == "*":
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


def _variable_array(sema: Sema, node: Any, elem: QType, loc: Loc) -> QType:
    if sema.scope.kind is ScopeKind.FILE:
        sema.diags.abort("E0210", loc, "array size is not an integer constant expression")
    if not conversions.is_integer(sema.type_of(node.dim)):
        sema.diags.abort("E0210", loc, "array size is not an integer")
    return QType(ArrayT(elem, None, vla=node.dim))


def function_of(sema: Sema, node: Any, result: QType) -> QType:
    """The function type that one FuncDecl makes of its result type."""
    check_result(sema, result, sema.unit.loc(node))
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
    for node in args.params:
        if isinstance(node, c_ast.EllipsisParam):
            variadic = True
            continue
        symbol = _parameter(sema, node)
        if isinstance(symbol.type.type, VoidT):
            if len(args.params) == 1 and not symbol.name:
                return [], False, True
            sema.diags.abort("E0224", symbol.loc, "a parameter cannot have type 'void'")
        symbols.append(symbol)
    return symbols, variadic, True


def _parameter(sema: Sema, node: Any) -> Symbol:
    declared, meaning = declared_type(sema, node)
    type_ = adjusted(declared, node.type)
    symbol = Symbol(node.name or "", Kind.OBJECT, type_, sema.unit.loc(node), storage=" ".join(node_storage(node)))
    symbol.attrs = meaning.attrs
    symbol.defined = symbol.param = True
    declare_parameter(sema, symbol)
    return symbol


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
    return with_attributes(sema, type_, meaning, sema.unit.loc(node)), meaning


def type_name(sema: Sema, node: Any) -> QType:
    """The type that a Typename means."""
    type_, meaning = declared_type(sema, node)
    return replace(type_, align=meaning.align) if meaning.align else type_


def with_attributes(sema: Sema, type_: QType, meaning: Meaning, loc: Loc) -> QType:
    """Applies the attributes that change a type: vector_size, mode, colour and noreturn.  A colour goes to the first
    function found from the outside: the declared function itself, or the one that a pointer points to."""
    if meaning.mode:
        type_ = _rebase(type_, lambda base: _with_mode(sema, base, meaning.mode, loc))
    if meaning.vector_size:
        type_ = _rebase(type_, lambda base: _vector(sema, base, meaning.vector_size, loc))
    if meaning.color or meaning.noreturn:
        colored = _color(type_, meaning)
        if colored is None and meaning.color:
            sema.diags.error("E0234", loc, "a coroutine annotation needs a function or a pointer to one")
        type_ = colored or type_
    return type_


def _color(type_: QType, meaning: Meaning) -> QType | None:
    match type_.type:
        case FunctionT() as fn:
            fn = replace(fn, color=meaning.color or fn.color, noreturn=fn.noreturn or meaning.noreturn)
            return replace(type_, type=fn)
        case PointerT(target):
            inner = _color(target, meaning)
            return None if inner is None else replace(type_, type=PointerT(inner))
        case ArrayT(elem, length, vla):
            inner = _color(elem, meaning)
            return None if inner is None else replace(type_, type=ArrayT(inner, length, vla))
        case _:
            return None


def _rebase(type_: QType, change: Any) -> QType:
    """`type_` with `change` applied to what its pointers, arrays and functions are made of."""
    match type_.type:
        case PointerT(target):
            return replace(type_, type=PointerT(_rebase(target, change)))
        case ArrayT(elem, length, vla):
            return replace(type_, type=ArrayT(_rebase(elem, change), length, vla))
        case FunctionT() as fn:
            return replace(type_, type=replace(fn, result=_rebase(fn.result, change)))
        case _:
            return replace(type_, type=change(type_.type))


def _vector(sema: Sema, base: CType, size: int, loc: Loc) -> CType:
    if isinstance(base, EnumT):
        base = conversions.integer_of(QType(base))
    if not isinstance(base, IntT | FloatT) or base.name in ("_Bool", "long double", "_Float128", "__int128"):
        sema.diags.abort("E0225", loc, "vectors are made of integers, float or double")
    if size % base.size:
        sema.diags.abort("E0225", loc, f"vector size {size} is not a multiple of its element's size {base.size}")
    return VectorT(base, size // base.size)


def _with_mode(sema: Sema, base: CType, mode: str, loc: Loc) -> CType:
    wanted = _BUILTIN[tuple(sorted(_SPELLINGS.get(w, w) for w in mode.replace("complex", "_Complex").split()))]
    match wanted, base:
        case IntT(), IntT():
            if mode == "char":
                return c_types.SCHAR if base.signed else c_types.UCHAR
            return wanted if base.signed else _UNSIGNED_MODES[wanted]
        case IntT(), EnumT():
            return base  # gcc lets an enum of another size be made; headers only repeat the size it has
        case (FloatT(), FloatT()) | (ComplexT(), ComplexT()):
            return wanted
        case _:
            sema.diags.abort("E0225", loc, f"machine mode of '{mode}' does not fit this type")


_UNSIGNED_MODES = {
    c_types.SHORT: c_types.USHORT,
    c_types.INT: c_types.UINT,
    c_types.LONG: c_types.ULONG,
    c_types.INT128: c_types.UINT128,
}
