"""The arithmetic of the interpreter: Bin, Cmp and Cast on values with undefined bits (memory.Value).

Integers wrap as the type says; what C leaves undefined (signed overflow under nsw, division by zero, a shift as wide
as the type) is a MemoryFault.  Floats are computed in double precision and rounded to their type: exact for f32 and
f64 (double rounding of + - * / to f32 is innocuous); f80 and f128 arithmetic is not done.

Undefined bits travel with and, or, xor, shifts and casts bit by bit, since that is how bit-fields are written; with
add, sub and mul they spread upwards; any other operation on them is undefined altogether.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable

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


def to_float(type_: FloatType, v: int) -> float:
    if type_.bits not in (32, 64):
        raise MemoryFault(f"the interpreter does not compute with {type_}")
    number: float = struct.unpack("<f" if type_.bits == 32 else "<d", v.to_bytes(type_.bits // 8, "little"))[0]
    return number


def from_float(type_: FloatType, number: float) -> int:
    if type_.bits == 64:
        return int.from_bytes(struct.pack("<d", number), "little")
    if type_.bits != 32:
        raise MemoryFault(f"the interpreter does not compute with {type_}")
    try:
        return int.from_bytes(struct.pack("<f", number), "little")
    except OverflowError:
        return int.from_bytes(struct.pack("<f", math.copysign(math.inf, number)), "little")


def _divide(a: float, b: float) -> float:
    if b:
        return a / b
    if a == 0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


_FLOAT: dict[str, Callable[[float, float], float]] = {
    "fadd": lambda a, b: a + b,
    "fsub": lambda a, b: a - b,
    "fmul": lambda a, b: a * b,
    "fdiv": _divide,
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


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}


def _compare_floats(pred: str, a: float, b: float) -> bool:
    unordered = math.isnan(a) or math.isnan(b)
    match pred:
        case "fuo":
            return unordered
        case "ford":
            return not unordered
        case "fune":
            return unordered or a != b
    return not unordered and _COMPARE[pred.removeprefix("fo")](a, b)


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
            return from_float(target, float(signed(width, bits) if kind == "sitofp" else bits))
        case FloatType(), IntType(width):
            number = to_float(source, bits)
            low, high = (-(1 << width - 1), (1 << width - 1) - 1) if kind == "fptosi" else (0, (1 << width) - 1)
            if math.isnan(number) or math.isinf(number) or not low <= math.trunc(number) <= high:
                raise MemoryFault(f"{number} does not fit in i{width}")
            return math.trunc(number) & (1 << width) - 1
    raise MemoryFault(f"the interpreter does not know the cast '{kind}'")
