"""Rules about pairs of types: promotions, usual arithmetic conversions, compatibility, composites, assignment.

Pure functions over `QType`: they emit no diagnostics; the builder words what `assignability` says.  References are
to C11.  Enumerated types behave as their underlying integer type in arithmetic; an incomplete enum as unsigned int
(GNU).
"""

from __future__ import annotations

import enum

from cpc.frontend.c_types import (
    DOUBLE,
    INT,
    INT128,
    LLONG,
    LONG,
    UINT,
    UINT128,
    ULLONG,
    ULONG,
    VOID,
    ArrayT,
    ComplexT,
    CType,
    EnumT,
    FloatT,
    FunctionT,
    IntT,
    PointerT,
    QType,
    RecordT,
    VectorT,
    VoidT,
)

_UNSIGNED = {INT: UINT, LONG: ULONG, LLONG: ULLONG, INT128: UINT128}


# ---- what kind of type --------------------------------------------------------------------------------------


def is_integer(type_: QType) -> bool:
    """An integer type, enumerated types included."""
    return isinstance(type_.type, IntT | EnumT)


def is_floating(type_: QType) -> bool:
    """A real floating type."""
    return isinstance(type_.type, FloatT)


def is_arithmetic(type_: QType) -> bool:
    """An integer, floating or complex type."""
    return isinstance(type_.type, IntT | EnumT | FloatT | ComplexT)


def is_pointer(type_: QType) -> bool:
    return isinstance(type_.type, PointerT)


def is_void(type_: QType) -> bool:
    return isinstance(type_.type, VoidT)


def is_scalar(type_: QType) -> bool:
    """An arithmetic or pointer type."""
    return isinstance(type_.type, IntT | EnumT | FloatT | ComplexT | PointerT)


def is_aggregate(type_: QType) -> bool:
    """What a brace-enclosed list initialises member by member: arrays, records, vectors."""
    return isinstance(type_.type, ArrayT | RecordT | VectorT)


def is_character(type_: QType) -> bool:
    """char, signed char or unsigned char."""
    return isinstance(type_.type, IntT) and type_.type.rank == 2


def integer_of(type_: QType) -> IntT:
    """The integer type behind an integer or enumerated type."""
    if isinstance(type_.type, EnumT):
        return type_.type.underlying or UINT
    assert isinstance(type_.type, IntT)
    return type_.type


def made_unsigned(type_: QType) -> QType:
    """An integer type with the same width and no sign; what has none stays."""
    if not isinstance(type_.type, IntT) or not type_.type.signed:
        return type_
    name = {"char": "unsigned char", "signed char": "unsigned char"}.get(type_.type.name, f"unsigned {type_.type.name}")
    integer = IntT(name, type_.type.size, False, type_.type.rank)
    return QType(integer, type_.const, type_.volatile, align=type_.align)


# ---- single types -------------------------------------------------------------------------------------------


def unqualified(type_: QType) -> QType:
    """The type without its own qualifiers and alignment; those of a pointer's target stay."""
    if type_.const or type_.volatile or type_.restrict or type_.atomic or type_.align:
        return QType(type_.type)
    return type_


def requalified(type_: QType, like: QType) -> QType:
    """`type_` with the cv-qualifiers of `like` added: a member's type in a qualified object.  Qualifiers of an
    array are those of its elements (6.7.3p9)."""
    if not (like.const or like.volatile):
        return type_
    if isinstance(type_.type, ArrayT):
        array = type_.type
        return QType(ArrayT(requalified(array.elem, like), array.length, array.vla), align=type_.align)
    return QType(
        type_.type,
        type_.const or like.const,
        type_.volatile or like.volatile,
        type_.restrict,
        type_.atomic,
        type_.align,
    )


def element_qualified(type_: QType) -> QType:
    """The innermost element of an array, any other type itself: where the qualifiers are."""
    while isinstance(type_.type, ArrayT):
        type_ = type_.type.elem
    return type_


def pointer_to(type_: QType) -> QType:
    return QType(PointerT(type_))


def decay(type_: QType) -> QType:
    """Array to pointer, function to pointer (6.3.2.1); any other type unchanged."""
    match type_.type:
        case ArrayT(elem):
            return QType(PointerT(elem))
        case FunctionT():
            return QType(PointerT(QType(type_.type)))
        case _:
            return type_


def promote(type_: QType, bit_width: int | None = None) -> QType:
    """Integer promotions (6.3.1.1p2).  `bit_width` is set for a bit-field: it becomes int when int holds all its
    values, else unsigned int for one as wide as that; a wider one keeps its type (as gcc and clang do)."""
    if not isinstance(type_.type, IntT | EnumT):
        return unqualified(type_)
    integer = integer_of(type_)
    if bit_width is not None and integer.size <= 8 and bit_width <= 32:
        return QType(INT if integer.signed or bit_width < 32 else UINT)
    if integer.rank < INT.rank:
        return QType(INT)
    return QType(integer)


def promote_argument(type_: QType) -> QType:
    """Default argument promotions (6.5.2.2p6), after decay."""
    type_ = decay(type_)
    if isinstance(type_.type, FloatT) and type_.type.name == "float":
        return QType(DOUBLE)
    return promote(type_)


def unsigned_of(integer: IntT) -> IntT:
    """The unsigned type of the same rank, for int and wider."""
    return _UNSIGNED.get(integer, integer)


def usual_arithmetic(a: QType, b: QType) -> QType:
    """The common real or complex type of two arithmetic operands (6.3.1.8), already promoted or not."""
    part = _common_real(_real_part(a), _real_part(b))
    if isinstance(a.type, ComplexT) or isinstance(b.type, ComplexT):
        return QType(ComplexT(part))
    return QType(part)


def _real_part(type_: QType) -> FloatT | IntT:
    match type_.type:
        case ComplexT(part):
            return part
        case FloatT() as real:
            return real
        case _:
            return integer_of(promote(type_))


def _common_real(a: FloatT | IntT, b: FloatT | IntT) -> FloatT | IntT:
    match a, b:
        case FloatT(), FloatT():
            return a if a.rank >= b.rank else b
        case FloatT(), _:
            return a
        case _, FloatT():
            return b
        case IntT(), IntT():
            return _common_integer(a, b)
    raise AssertionError((a, b))


def _common_integer(a: IntT, b: IntT) -> IntT:
    if a.rank < INT.rank:  # the parts of a complex integer are not promoted by `promote`
        a = INT
    if b.rank < INT.rank:
        b = INT
    if a.signed == b.signed:
        return a if a.rank >= b.rank else b
    signed, other = (a, b) if a.signed else (b, a)
    if other.rank >= signed.rank:
        return other
    return signed if signed.size > other.size else unsigned_of(signed)


# ---- compatibility ------------------------------------------------------------------------------------------


def same_qualifiers(a: QType, b: QType) -> bool:
    return (a.const, a.volatile, a.restrict, a.atomic) == (b.const, b.volatile, b.restrict, b.atomic)


def compatible(a: QType, b: QType, *, qualifiers: bool = True) -> bool:
    """Whether two types are compatible (6.2.7, 6.7.2.2p4, 6.7.3p10, 6.7.6).  Function colours do not count:
    `same_colors` compares them, so that a clash of colours gets its own message."""
    if qualifiers and not same_qualifiers(a, b):
        return False
    return a.type is b.type or _compatible_types(a.type, b.type)


def _compatible_types(a: CType, b: CType) -> bool:
    match a, b:
        case RecordT(), RecordT():
            return a is b
        case EnumT(), EnumT():
            return a is b
        case EnumT(), IntT():
            return (a.underlying or UINT) == b
        case IntT(), EnumT():
            return (b.underlying or UINT) == a
        case PointerT(), PointerT():
            return compatible(a.target, b.target)
        case ArrayT(), ArrayT():
            known = a.length is not None and b.length is not None
            return (not known or a.length == b.length) and compatible(a.elem, b.elem)
        case FunctionT(), FunctionT():
            return _compatible_functions(a, b)
        case _:
            return a == b


def _compatible_functions(a: FunctionT, b: FunctionT) -> bool:
    if not compatible(unqualified(a.result), unqualified(b.result)):
        return False
    if a.prototyped and b.prototyped:
        if len(a.params) != len(b.params) or a.variadic != b.variadic:
            return False
        return all(_compatible_parameters(p, q) for p, q in zip(a.params, b.params, strict=True))
    if not a.prototyped and not b.prototyped:
        return True
    known = a if a.prototyped else b
    # 6.7.6.3p15: what an unprototyped call would pass must be what the prototype takes.
    return not known.variadic and all(compatible(unqualified(p), promote_argument(p)) for p in known.params)


def _compatible_parameters(a: QType, b: QType) -> bool:
    """GNU C: a transparent union is compatible with each of its members, as the parameter is passed like them."""
    if compatible(a, b, qualifiers=False):
        return True
    for union, other in ((a.type, b), (b.type, a)):
        if isinstance(union, RecordT) and union.transparent:
            return any(compatible(member.type, other, qualifiers=False) for member in union.members or [])
    return False


def color_of(type_: QType) -> str | None:
    """The colour of a function or of a function that pointers (and arrays of them) lead to, else None."""
    inner = type_.type
    while isinstance(inner, PointerT | ArrayT):
        inner = (inner.target if isinstance(inner, PointerT) else inner.elem).type
    return inner.color if isinstance(inner, FunctionT) else None


def same_convention(a: str, b: str) -> bool:
    """Whether calls through colour `a` and `b` are made the same way.  'blocking' is a plain function that
    coroutines may not call; 'mixed' has a plain entry under its plain name."""
    return (a == "coroutine") == (b == "coroutine")


def same_colors(a: QType, b: QType) -> bool:
    """Whether two compatible types agree on the calling convention of every function in them."""
    if a.type is b.type:
        return True
    match a.type, b.type:
        case (PointerT(x), PointerT(y)) | (ArrayT(elem=x), ArrayT(elem=y)):
            return same_colors(x, y)
        case FunctionT() as f, FunctionT() as g:
            if not same_convention(f.color, g.color) or not same_colors(f.result, g.result):
                return False
            return all(same_colors(p, q) for p, q in zip(f.params, g.params, strict=False))
        case _:
            return True


def composite(a: QType, b: QType) -> QType:
    """The composite of two compatible types (6.2.7p3): what both declarations together say.  `a` is the earlier
    one; the qualifiers are `a`'s, the stricter alignment wins."""
    type_ = _composite_types(a.type, b.type)
    align = max(a.align, b.align)
    if type_ is a.type and align == a.align:
        return a
    return QType(type_, a.const, a.volatile, a.restrict, a.atomic, align, a.typedef)


def _composite_types(a: CType, b: CType) -> CType:
    if a is b:
        return a
    match a, b:
        case PointerT(x), PointerT(y):
            target = composite(x, y)
            return a if target is x else PointerT(target)
        case ArrayT(), ArrayT():
            if a.length is None and (b.length is not None or (a.vla is None and b.vla is not None)):
                return ArrayT(composite(a.elem, b.elem), b.length, b.vla)
            elem = composite(a.elem, b.elem)
            return a if elem is a.elem else ArrayT(elem, a.length, a.vla)
        case FunctionT(), FunctionT():
            return _composite_functions(a, b)
        case EnumT(), IntT():
            return b
        case _:
            return a


def _composite_functions(a: FunctionT, b: FunctionT) -> FunctionT:
    """A colour or noreturn said once holds for all declarations of the function."""
    color = a.color if a.color != "plain" else b.color
    noreturn = a.noreturn or b.noreturn
    if a.prototyped and b.prototyped:
        params = tuple(composite(p, q) for p, q in zip(a.params, b.params, strict=True))
    else:
        params = (a if a.prototyped else b).params
    result = composite(a.result, b.result)
    made = FunctionT(result, params, a.variadic or b.variadic, a.prototyped or b.prototyped, color, noreturn, a.ms_abi)
    return a if made == a else made


# ---- assignment ---------------------------------------------------------------------------------------------


class Assign(enum.Enum):
    """How a value may be converted as if by assignment (6.5.16.1).  OK is silent; the following ones up to
    INCOMPATIBLE_POINTER are pedantic warnings in gcc; COLOR is E0102; NO is an error."""

    OK = "ok"
    DISCARDS_QUALIFIERS = "discards qualifiers"
    SIGNEDNESS = "pointer targets differ in signedness"
    FUNCTION_VOID = "function pointer and 'void *'"
    POINTER_FROM_INTEGER = "makes pointer from integer"
    INTEGER_FROM_POINTER = "makes integer from pointer"
    INCOMPATIBLE_POINTER = "incompatible pointer types"
    COLOR = "pointer types differ in coroutine_fn"
    NO = "incompatible types"


def assignability(to: QType, source: QType, *, null_constant: bool = False) -> Assign:
    """Whether a value of type `source` (after decay) converts to `to` in an assignment, argument, initialiser or
    return.  `null_constant`: the value is a null pointer constant (integer constant 0, or that cast to void *)."""
    match to.type, source.type:
        case ((IntT() | EnumT() | FloatT() | ComplexT()), (IntT() | EnumT() | FloatT() | ComplexT())):
            return Assign.OK
        case IntT(name="_Bool"), PointerT():
            return Assign.OK
        case PointerT() as target, PointerT() as given:
            return Assign.OK if null_constant else _assign_pointer(target.target, given.target)
        case PointerT(), (IntT() | EnumT()):
            return Assign.OK if null_constant else Assign.POINTER_FROM_INTEGER
        case ((IntT() | EnumT()), PointerT()):
            return Assign.INTEGER_FROM_POINTER
        case VectorT() as a, VectorT() as b:
            same_size = a.elem.size * a.count == b.elem.size * b.count
            return Assign.OK if a == b or same_size else Assign.NO
        case RecordT() as record, _ if record.transparent and record is not source.type:
            return _assign_transparent(record, source, null_constant)
        case _:
            return Assign.OK if compatible(unqualified(to), unqualified(source)) else Assign.NO


def _assign_pointer(to: QType, source: QType) -> Assign:
    if isinstance(to.type, VoidT) or isinstance(source.type, VoidT):
        if isinstance(to.type, FunctionT) or isinstance(source.type, FunctionT):
            return Assign.FUNCTION_VOID
    elif not compatible(to, source, qualifiers=False):
        return _assign_unlike(to, source)
    elif not same_colors(to, source):
        return Assign.COLOR
    a, b = element_qualified(to), element_qualified(source)
    discards = (b.const and not a.const) or (b.volatile and not a.volatile)
    return Assign.DISCARDS_QUALIFIERS if discards else Assign.OK


def _assign_unlike(to: QType, source: QType) -> Assign:
    if is_integer(to) and is_integer(source):
        same = integer_of(to).rank == integer_of(source).rank
        return Assign.SIGNEDNESS if same else Assign.INCOMPATIBLE_POINTER
    match to.type, source.type:
        case FunctionT() as f, FunctionT() as g if not same_convention(f.color, g.color):
            return Assign.COLOR
        case ArrayT(), ArrayT() if compatible(_bare(to), _bare(source)):
            # `const T (*)[N] = T (*)[N]`: only the elements' qualifiers differ (gcc and C23 allow it).
            a, b = element_qualified(to), element_qualified(source)
            discards = (b.const and not a.const) or (b.volatile and not a.volatile)
            return Assign.DISCARDS_QUALIFIERS if discards else Assign.OK
        case _:
            return Assign.INCOMPATIBLE_POINTER


def _bare(type_: QType) -> QType:
    """An array type with unqualified elements."""
    if isinstance(type_.type, ArrayT):
        return QType(ArrayT(_bare(type_.type.elem), type_.type.length))
    return unqualified(type_)


def _assign_transparent(record: RecordT, source: QType, null_constant: bool) -> Assign:
    """transparent_union: a parameter takes what any of its members takes."""
    best = Assign.NO
    for member in record.members or ():
        result = assignability(member.type, source, null_constant=null_constant)
        if result is Assign.OK:
            return result
        if result is not Assign.NO and best is Assign.NO:
            best = result
    return best


def pointer_difference_compatible(a: QType, b: QType) -> bool:
    """Whether two pointers may be compared or subtracted without a cast (6.5.6p3, 6.5.9p2)."""
    return (
        isinstance(a.type, PointerT)
        and isinstance(b.type, PointerT)
        and compatible(a.type.target, b.type.target, qualifiers=False)
    )


def conditional_pointer(a: QType, b: QType) -> QType | None:
    """The type of `c ? a : b` for two pointers that are no null pointer constants (6.5.15p6), None when they do not
    fit together."""
    assert isinstance(a.type, PointerT) and isinstance(b.type, PointerT)
    x, y = a.type.target, b.type.target
    const, volatile = x.const or y.const, x.volatile or y.volatile
    if isinstance(x.type, VoidT) or isinstance(y.type, VoidT):
        return pointer_to(QType(VOID, const, volatile))
    if not compatible(x, y, qualifiers=False):
        return None
    joined = composite(unqualified(x), unqualified(y))
    return pointer_to(QType(joined.type, const, volatile, joined.restrict, joined.atomic, joined.align))
