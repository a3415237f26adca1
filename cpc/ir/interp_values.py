"""The arithmetic of the interpreter: Bin, Cmp and Cast on values with undefined bits (memory.Value).

Integers wrap as the type says; what C leaves undefined (signed overflow under nsw, division by zero, a shift as wide
as the type) is a MemoryFault.  Floats are computed in double precision and rounded to their type: exact for f32 and
f64 (double rounding of + - * / to f32 is innocuous).  f80 and f128 are computed as fractions and rounded once; a zero
that underflow makes has no sign.

Undefined bits travel with and, or, xor, shifts and casts bit by bit, since that is how bit-fields are written; with
add, sub and mul they spread upwards; any other operation on them is undefined altogether.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from fractions import Fraction

from cpc.ir.memory import MemoryFault, Partial, Value, parts, value
from cpc.ir.types import FloatType, IntType, PtrType, Type, VecType


def bits_of(type_: Type) -> int:
    match type_:
        case IntType(bits) | FloatType(bits):
            return bits
        case PtrType():
            return 64
        case VecType(lane, count):
            return lane.bits * count


def signed(bits: int, v: int) -> int:
    return v - (1 << bits) if v >> (bits - 1) else v


def defined(v: Value, use: str) -> int:
    if isinstance(v, Partial):
        raise MemoryFault(f"{use} depends on an undefined value")
    return v


def lanes(type_: VecType, v: Value) -> list[Value]:
    width = type_.lane.bits
    bits, mask = parts(v)
    ones = (1 << width) - 1
    return [value(bits >> i * width & ones, mask >> i * width & ones) for i in range(type_.count)]


def join(width: int, values: list[Value]) -> Value:
    bits = mask = 0
    for i, v in enumerate(values):
        b, m = parts(v)
        bits |= b << i * width
        mask |= m << i * width
    return value(bits, mask)


# ---- Bin ----------------------------------------------------------------------------------------------------


def binary(kind: str, flags: frozenset[str], type_: Type, a: Value, b: Value) -> Value:
    if isinstance(type_, VecType):
        lane = type_.lane
        pairs = zip(lanes(type_, a), lanes(type_, b), strict=True)
        return join(lane.bits, [binary(kind, flags, lane, x, y) for x, y in pairs])
    width = bits_of(type_)
    if isinstance(a, Partial) or isinstance(b, Partial):
        return _partial_binary(kind, width, a, b)
    if isinstance(type_, FloatType):
        return from_float(type_, _FLOAT[kind](to_float(type_, a), to_float(type_, b)))
    return _int_binary(kind, flags, width, a, b)


def _int_binary(kind: str, flags: frozenset[str], width: int, a: int, b: int) -> int:
    ones = (1 << width) - 1
    match kind:
        case "add" | "sub" | "mul":
            operation = _INT[kind]
            if "nsw" in flags and not -(1 << width - 1) <= operation(signed(width, a), signed(width, b)) <= ones >> 1:
                raise MemoryFault(f"signed overflow in '{kind}'")
            return operation(a, b) & ones
        case "and" | "or" | "xor":
            return _INT[kind](a, b)
        case "shl" | "lshr" | "ashr":
            if b >= width:
                raise MemoryFault(f"shift of {width} bits by {b}")
            if kind == "shl":
                return a << b & ones
            return a >> b if kind == "lshr" else (signed(width, a) >> b) & ones
    if b == 0:
        raise MemoryFault("division by zero")
    if kind in ("udiv", "urem"):
        return a // b if kind == "udiv" else a % b
    x, y = signed(width, a), signed(width, b)
    quotient = abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
    if quotient > ones >> 1:
        raise MemoryFault(f"signed overflow in '{kind}'")
    return (quotient if kind == "sdiv" else x - quotient * y) & ones


_INT: dict[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
}


def _partial_binary(kind: str, width: int, a: Value, b: Value) -> Value:
    (x, mx), (y, my) = parts(a), parts(b)
    ones = (1 << width) - 1
    match kind:
        case "and":  # a bit is defined where either operand is a defined 0
            return value(x & y, (mx | my) & (mx | x) & (my | y))
        case "or":
            return value(x | y, (mx | my) & ~(x & ~mx) & ~(y & ~my) & ones)
        case "xor":
            return value(x ^ y, mx | my)
        case "shl" | "lshr" | "ashr" if not my and y < width:
            shifted = value(_int_binary(kind, frozenset(), width, x, y), _int_binary(kind, frozenset(), width, mx, y))
            return shifted
        case "add" | "sub" | "mul":
            lowest = (mx | my) & -(mx | my)
            return value(_INT[kind](x, y) & ones, ones & ~(lowest - 1))
    return Partial(0, ones)


# ---- floats -------------------------------------------------------------------------------------------------


Number = float | Fraction

# Bits of the fraction field; x87's has its leading 1 in it.
_LONG_FORMATS = {80: 64, 128: 112}
_LONG_BIAS = 16383


def to_float(type_: FloatType, v: int) -> Number:
    if type_.bits in _LONG_FORMATS:
        return _unpack_long(type_.bits, v)
    number: float = struct.unpack("<f" if type_.bits == 32 else "<d", v.to_bytes(type_.bits // 8, "little"))[0]
    return number


def _unpack_long(bits: int, v: int) -> Number:
    field = _LONG_FORMATS[bits]
    sign, exponent, fraction = v >> bits - 1, v >> field & 0x7FFF, v & (1 << field) - 1
    if exponent == 0x7FFF:
        special = math.nan if fraction & (1 << field - 1) - 1 or (bits == 128 and fraction) else math.inf
        return -special if sign else special
    if bits == 128 and exponent:
        fraction |= 1 << field
    if not fraction:
        return -0.0 if sign else 0.0
    precision = field - 1 if bits == 80 else field
    magnitude = Fraction(fraction) * Fraction(2) ** (max(exponent, 1) - _LONG_BIAS - precision)
    return -magnitude if sign else magnitude


def _pack_long(bits: int, number: Number) -> int:
    field = _LONG_FORMATS[bits]
    precision = field - 1 if bits == 80 else field
    leading = 1 << field - 1 if bits == 80 else 0
    if isinstance(number, float) and (number == 0 or not math.isfinite(number)):
        sign = int(math.copysign(1.0, number) < 0)
        quiet = (3 << field - 2 if bits == 80 else 1 << field - 1) if math.isnan(number) else leading
        return sign << bits - 1 | (0 if number == 0 else 0x7FFF << field | quiet)
    exact = abs(Fraction(number))
    sign = int(number < 0)
    scale = _scale(exact, 1 - _LONG_BIAS)
    fraction = round(exact / Fraction(2) ** (scale - precision))  # to nearest, ties to even
    if fraction >> precision + 1:
        fraction, scale = fraction >> 1, scale + 1
    exponent = scale + _LONG_BIAS if fraction >> precision else 0
    if exponent >= 0x7FFF:
        return sign << bits - 1 | 0x7FFF << field | leading
    stored = fraction if bits == 80 else fraction & (1 << field) - 1
    return sign << bits - 1 | exponent << field | stored


def _scale(positive: Fraction, lowest: int) -> int:
    """The exponent of its leading bit, but not under `lowest` (where numbers are denormal)."""
    scale = positive.numerator.bit_length() - positive.denominator.bit_length()
    scale -= positive < Fraction(2) ** scale
    return max(scale, lowest)


def _to_single(number: Fraction) -> Fraction:
    """The nearest number with a float's precision, ties to even: rounding to double first could go wrong."""
    unit = Fraction(2) ** (_scale(abs(number), -126) - 23)
    return round(number / unit) * unit


def from_float(type_: FloatType, number: Number) -> int:
    if type_.bits in _LONG_FORMATS:
        return _pack_long(type_.bits, number)
    if isinstance(number, Fraction):
        number = _nearest_double(_to_single(number) if type_.bits == 32 else number)
    if type_.bits == 64:
        return int.from_bytes(struct.pack("<d", number), "little")
    try:
        return int.from_bytes(struct.pack("<f", number), "little")
    except OverflowError:
        return int.from_bytes(struct.pack("<f", math.copysign(math.inf, number)), "little")


def _nearest_double(number: Fraction) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.copysign(math.inf, number)


def _both(compute: Callable[[Number, Number], Number]) -> Callable[[Number, Number], Number]:
    """Fractions stay exact; with a zero, an infinity or a NaN, the other operand's sign and size class decide."""

    def run(a: Number, b: Number) -> Number:
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return compute(a, b)
        if isinstance(a, Fraction) and b == 0 and compute in (_add, _subtract):
            return a
        if isinstance(b, Fraction) and a == 0 and compute in (_add, _subtract):
            return b if compute is _add else -b
        return compute(_double(a), _double(b))

    return run


def _double(number: Number) -> float:
    return _nearest_double(number) if isinstance(number, Fraction) else number


def _add(a: Number, b: Number) -> Number:
    return a + b


def _subtract(a: Number, b: Number) -> Number:
    return a - b


def _multiply(a: Number, b: Number) -> Number:
    return a * b


def _divide(a: Number, b: Number) -> Number:
    if b:
        return a / b
    if a == 0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


_FLOAT: dict[str, Callable[[Number, Number], Number]] = {
    "fadd": _both(_add),
    "fsub": _both(_subtract),
    "fmul": _both(_multiply),
    "fdiv": _both(_divide),
}


# ---- Cmp ----------------------------------------------------------------------------------------------------


def compare(pred: str, type_: Type, a: Value, b: Value) -> Value:
    if isinstance(type_, VecType):
        pairs = zip(lanes(type_, a), lanes(type_, b), strict=True)
        return join(1, [compare(pred, type_.lane, x, y) for x, y in pairs])
    if isinstance(a, Partial) or isinstance(b, Partial):
        return Partial(0, 1)
    if isinstance(type_, FloatType):
        return int(_compare_floats(pred, to_float(type_, a), to_float(type_, b)))
    if pred.startswith("s"):
        width = bits_of(type_)
        a, b = signed(width, a), signed(width, b)
    return int(_COMPARE[pred.lstrip("su")](a, b))


_COMPARE: dict[str, Callable[[Number, Number], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}


def _compare_floats(pred: str, a: Number, b: Number) -> bool:
    unordered = math.isnan(a) or math.isnan(b)
    match pred:
        case "fuo":
            return unordered
        case "ford":
            return not unordered
        case "fune":
            return unordered or a != b
    return not unordered and _COMPARE[pred[2:]](a, b)


# ---- Cast ---------------------------------------------------------------------------------------------------


def cast(kind: str, source: Type, target: Type, v: Value) -> Value:
    if kind != "bitcast" and isinstance(source, VecType) and isinstance(target, VecType):
        converted = [cast(kind, source.lane, target.lane, x) for x in lanes(source, v)]
        return join(target.lane.bits, converted)
    old, new = bits_of(source), bits_of(target)
    ones = (1 << new) - 1
    bits, mask = parts(v)
    match kind:
        case "bitcast":
            return v
        case "trunc" | "zext" | "ptrtoint" | "inttoptr":
            return value(bits & ones, mask & ones)
        case "sext":
            return value(signed(old, bits) & ones, signed(old, mask) & ones)
        case "fneg":
            return value(bits ^ 1 << old - 1, mask)
    return Partial(0, ones) if mask else _cast_float(kind, source, target, bits)


def _cast_float(kind: str, source: Type, target: Type, bits: int) -> int:
    match source, target:
        case FloatType(), FloatType():
            return from_float(target, to_float(source, bits))
        case IntType(width), FloatType():
            number = Fraction(signed(width, bits) if kind == "sitofp" else bits)
            return from_float(target, number if number else 0.0)
        case FloatType(), IntType(width):
            real = to_float(source, bits)
            low, high = (-(1 << width - 1), (1 << width - 1) - 1) if kind == "fptosi" else (0, (1 << width) - 1)
            if math.isnan(real) or math.isinf(real) or not low <= math.trunc(real) <= high:
                raise MemoryFault(f"{real} does not fit in i{width}")
            return math.trunc(real) & (1 << width) - 1
    raise MemoryFault(f"the interpreter does not know the cast '{kind}'")
