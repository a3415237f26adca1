"""Constant folding with exact C semantics: the arithmetic half of the constant evaluator.

Every function takes `Const` operands (or address constants) and answers the folded operand, or None when the
operation must stay: division by zero, an oversized shift, a float that rounds to no number, a NaN.  The emitter calls
these before it emits an op, so that a constant expression leaves no op behind.
"""

from __future__ import annotations

from fractions import Fraction

from cpc.frontend.build import floats
from cpc.ir.ops import BlockAddr, Const, GlobalAddr, LocalAddr, Operand
from cpc.ir.types import I1, PTR, FloatType, IntType, PtrType, Type, VecType


def signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


def integer(type_: Type, value: int) -> Const:
    """`value` wrapped to the integer (or pointer) type."""
    bits = type_.bits if isinstance(type_, IntType) else 64
    return Const(type_, value & ((1 << bits) - 1))


def fold_bin(op: str, a: Operand, b: Operand, translating: bool = False) -> Operand | None:
    """`translating`: for a static object, where 0.0 / 0.0 is gcc's NaN; elsewhere the processor's, with a sign."""
    if not isinstance(b, Const):
        return None
    match a, a.type:
        case Const(), IntType(bits):
            value = _fold_int(op, a.value, b.value, bits)
            return None if value is None else integer(a.type, value)
        case Const(), FloatType():
            return _fold_float(op, a, b, a.type, translating)
        case _:
            return _identity(op, a, b)


def _identity(op: str, a: Operand, b: Const) -> Operand | None:
    """x + 0 and the like: what pointer arithmetic with index 0 leaves behind."""
    if isinstance(b.type, IntType) and b.value == 0 and op in ("add", "sub", "or", "xor", "shl", "lshr", "ashr"):
        return a
    if isinstance(b.type, IntType) and b.value == 1 and op in ("mul", "sdiv", "udiv"):
        return a
    return None


def _fold_int(op: str, a: int, b: int, bits: int) -> int | None:
    sa, sb = signed(a, bits), signed(b, bits)
    match op:
        case "add":
            return a + b
        case "sub":
            return a - b
        case "mul":
            return a * b
        case "and":
            return a & b
        case "or":
            return a | b
        case "xor":
            return a ^ b
        case "shl":
            return _shifted(a, sb, bits) if sb >= 0 else _shifted(sa, sb, bits)
        case "lshr":
            return _shifted(a, -sb, bits)
        case "ashr":
            return _shifted(sa, -sb, bits)
    if b == 0:
        return None
    match op:
        case "udiv":
            return a // b
        case "urem":
            return a % b
        case "sdiv":
            return _truncated(sa, sb)
        case "srem":
            return sa - _truncated(sa, sb) * sb
    return None


def _shifted(value: int, left: int, bits: int) -> int:
    """Shifts as far as they say, also by too much or by a negative count, as gcc folds them."""
    if left >= 0:
        return value << min(left, bits)
    return value >> min(-left, bits)


def _truncated(a: int, b: int) -> int:
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def _fold_float(op: str, a: Const, b: Const, type_: FloatType, translating: bool) -> Const | None:
    if op == "fsub" and not floats.is_nan(b.value, type_):
        op, b = "fadd", Const(type_, b.value ^ floats.sign_bit(type_))
    x, y = floats.decode(a.value, type_), floats.decode(b.value, type_)
    if x is None or y is None:
        return _fold_special(op, a, b, type_, translating)
    negative = floats.is_negative(a.value, type_) != floats.is_negative(b.value, type_)
    match op:
        case "fadd" if x == 0 and y == 0:
            return Const(type_, a.value & b.value)  # -0.0 only when both are
        case "fadd":
            return Const(type_, floats.encode(x + y, type_))
        case "fmul":
            return Const(type_, floats.encode(x * y, type_, negative))
        case "fdiv" if y != 0:
            return Const(type_, floats.encode(x / y, type_, negative))
        case "fdiv" if x != 0:
            return Const(type_, floats.infinity(type_, negative))
        case "fdiv":
            return _invalid(type_, negative, translating)
    return None


def _invalid(type_: FloatType, negative: bool, translating: bool) -> Const:
    """What an operation without a result gives; `negative` is the sign that a result would have."""
    return Const(type_, floats.quiet_nan(type_) | (floats.sign_bit(type_) if negative or not translating else 0))


def _fold_special(op: str, a: Const, b: Const, type_: FloatType, translating: bool) -> Const | None:
    """With an infinity or a NaN among the operands; as the processor does, the first NaN comes out, quiet."""
    for operand in (a, b):
        if floats.is_nan(operand.value, type_):
            return Const(type_, operand.value | floats.quiet_nan(type_))
    one, other = floats.is_infinite(a.value, type_), floats.is_infinite(b.value, type_)
    signs = floats.is_negative(a.value, type_), floats.is_negative(b.value, type_)
    sign = floats.sign_bit(type_) if signs[0] != signs[1] else 0
    plain = floats.infinity(type_)
    zero = 0 in (a.value & ~floats.sign_bit(type_), b.value & ~floats.sign_bit(type_))
    match op:
        case "fadd" if one and other and sign:
            return _invalid(type_, False, translating)
        case "fadd":
            return a if one else b
        case "fmul" if not zero:
            return Const(type_, plain | sign)
        case "fdiv" if one and not other:
            return Const(type_, plain | sign)
        case "fdiv" if other and not one:
            return Const(type_, sign)
        case "fmul" | "fdiv":
            return _invalid(type_, bool(sign), translating)
    return None


_INT_PREDICATES = {"eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge"}


def fold_cmp(pred: str, a: Operand, b: Operand) -> Const | None:
    if isinstance(a, Const) and isinstance(b, Const):
        if isinstance(a.type, FloatType):
            return _fold_fcmp(pred, a, b, a.type)
        if isinstance(a.type, VecType):
            return None
        bits = a.type.bits if isinstance(a.type, IntType) else 64
        return Const(I1, int(_compare(pred, a.value, b.value, bits)))
    if isinstance(b, Const) and isinstance(b.type, FloatType) and floats.is_infinite(b.value, b.type):
        beyond = ("folt", "fqlt") if floats.is_negative(b.value, b.type) else ("fogt", "fqgt")
        return Const(I1, 0) if pred in beyond else None
    return _compare_addresses(pred, a, b)


def _compare(pred: str, a: int, b: int, bits: int) -> bool:
    if pred[0] == "s":
        a, b = signed(a, bits), signed(b, bits)
    match pred[-2:]:
        case "eq":
            return a == b
        case "ne":
            return a != b
        case "lt":
            return a < b
        case "le":
            return a <= b
        case "gt":
            return a > b
        case _:
            return a >= b


def _fold_fcmp(pred: str, a: Const, b: Const, type_: FloatType) -> Const | None:
    if floats.is_nan(a.value, type_) or floats.is_nan(b.value, type_):
        return Const(I1, int(pred in ("fune", "fuo")))
    if pred in ("fuo", "ford"):
        return Const(I1, int(pred == "ford"))
    x, y = (_ordered(c, type_) for c in (a, b))
    return Const(I1, int(_compare(pred[2:], 0 if x == y else (-1 if x < y else 1), 0, 0)))


def _ordered(value: Const, type_: FloatType) -> Fraction:
    """A number that orders infinities beyond every finite value."""
    if floats.is_infinite(value.value, type_):
        beyond = Fraction(2) ** 20000
        return -beyond if floats.is_negative(value.value, type_) else beyond
    decoded = floats.decode(value.value, type_)
    assert decoded is not None
    return decoded


def _compare_addresses(pred: str, a: Operand, b: Operand) -> Const | None:
    """Addresses of one object compare by offset; a local's address is never null (a global's may be: weak)."""
    match a, b:
        case GlobalAddr(x, i), GlobalAddr(y, j) if x == y:
            return Const(I1, int(_compare(pred[-2:], i, j, 64)))
        case LocalAddr(), Const(PtrType(), 0) if pred in ("eq", "ne"):
            return Const(I1, int(pred == "ne"))
        case LocalAddr(x), LocalAddr(y) if x == y and pred in ("eq", "ne"):
            return Const(I1, int(pred == "eq"))
    return None


def fold_cast(op: str, a: Operand, to: Type) -> Operand | None:
    match a:
        case Const():
            return _fold_const_cast(op, a, to)
        case GlobalAddr() | LocalAddr() | BlockAddr() if op == "bitcast" and to == PTR:
            return a
    return None


def _fold_const_cast(op: str, a: Const, to: Type) -> Const | None:
    match op, a.type, to:
        case "trunc" | "zext" | "ptrtoint" | "inttoptr", _, IntType() | PtrType():
            return integer(to, a.value)
        case "sext", IntType(bits), IntType():
            return integer(to, signed(a.value, bits))
        case "bitcast", _, _:
            return Const(to, a.value)
        case "fneg", FloatType(), _:
            return Const(to, a.value ^ floats.sign_bit(a.type))
        case "fptrunc" | "fpext", FloatType(), FloatType():
            return Const(to, floats.convert(a.value, a.type, to))
        case "sitofp", IntType(bits), FloatType():
            return Const(to, floats.encode(Fraction(signed(a.value, bits)), to))
        case "uitofp", IntType(), FloatType():
            return Const(to, floats.encode(Fraction(a.value), to))
        case "fptosi" | "fptoui", FloatType(), IntType():
            return _float_to_int(op, a, a.type, to)
    return None


def _float_to_int(op: str, a: Const, source: FloatType, to: IntType) -> Const | None:
    value = floats.decode(a.value, source)
    if value is None:
        return None
    whole = int(value)  # truncates towards zero
    low, high = _range(to, op == "fptosi")
    return integer(to, whole) if low <= whole <= high else None


def _range(type_: IntType, is_signed: bool) -> tuple[int, int]:
    return (-(1 << (type_.bits - 1)), (1 << (type_.bits - 1)) - 1) if is_signed else (0, (1 << type_.bits) - 1)


def saturated(a: Const, to: IntType, is_signed: bool) -> Const:
    """A constant converted to an integer type as gcc folds it: the nearest value of the type, and 0 for a NaN."""
    assert isinstance(a.type, FloatType)
    low, high = _range(to, is_signed)
    if floats.is_nan(a.value, a.type):
        return integer(to, 0)
    if floats.is_infinite(a.value, a.type):
        return integer(to, low if floats.is_negative(a.value, a.type) else high)
    value = floats.decode(a.value, a.type)
    assert value is not None
    return integer(to, min(max(int(value), low), high))


def fold_ptr_add(base: Operand, offset: Operand) -> Operand | None:
    match base, offset:
        case _, Const(_, 0):
            return base
        case GlobalAddr(name, at), Const(_, value):
            return GlobalAddr(name, at + signed(value, 64))
        case Const(), Const(_, value):
            return integer(PTR, base.value + value)
    return None
