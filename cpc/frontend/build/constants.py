"""Literals as values, and the pool of string literals (C11 6.4.4, 6.4.5).

Equal string literals share one unnamed internal global; its name is `.str.N` in order of first use.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend import literals
from cpc.frontend.build import floats
from cpc.frontend.build.fold import integer
from cpc.frontend.build.values import Place, Value, scalar_type, size_of
from cpc.frontend.c_types import (
    CHAR,
    DOUBLE,
    FLOAT,
    FLOAT128,
    INT,
    INT128,
    LDOUBLE,
    LLONG,
    LONG,
    UCHAR,
    UINT,
    UINT128,
    ULLONG,
    ULONG,
    USHORT,
    ArrayT,
    ComplexT,
    FloatT,
    IntT,
    QType,
)
from cpc.ir import ops as ir
from cpc.ir.types import FloatType

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

UNIT_TYPES = {"": CHAR, "u8": CHAR, "u": USHORT, "U": UINT, "L": INT}
_INTEGER = re.compile(r"(0[xX][0-9a-fA-F']+|0[bB][01']+|[0-9][0-9']*)([uUlLwWbBzZ]*)\Z")
_FLOAT_SUFFIX = re.compile(r"(?:[fF](?:16|32|64|128)x?|[fFlLqQwW])\Z")
_FLOAT_TYPES = {
    "": DOUBLE, "f": FLOAT, "l": LDOUBLE, "q": FLOAT128, "w": LDOUBLE,
    "f32": FLOAT, "f64": DOUBLE, "f32x": DOUBLE, "f64x": LDOUBLE, "f128": FLOAT128,
}  # fmt: skip


def literal(b: Builder, node: Any) -> Value | Place:
    """A c_ast.Constant."""
    text: str = node.value
    try:
        if '"' in text:
            return string_place(b, node)
        if "'" in text:
            prefix, value = literals.character_value(text)
            type_ = INT if prefix == "" else UCHAR if prefix == "u8" else UNIT_TYPES[prefix]
            return Value(integer(scalar_type(QType(type_)), value), QType(type_))
    except ValueError as error:
        b.fail("E0259", node, str(error))
    return number(b, node, text)


def number(b: Builder, node: Any, text: str) -> Value:
    match = _INTEGER.match(text)
    if match:
        value, int_t = _integer(match.group(1).replace("'", ""), match.group(2).lower())
        if value >= 1 << (8 * int_t.size):
            b.fail("E0259", node, f"integer constant '{text}' is too large")
        return Value(integer(scalar_type(QType(int_t)), value), QType(int_t))
    hexadecimal = text[:2] in ("0x", "0X")
    suffix = _FLOAT_SUFFIX.search(text) if not hexadecimal or "p" in text.lower() else None
    digits, ending = (text[: suffix.start()], suffix.group().lower()) if suffix else (text, "")
    float_t = _FLOAT_TYPES.get(ending)
    if float_t is None:
        b.unsupported("E0302", node, f"the type of the constant '{text}'")
    try:
        exact = _hexadecimal(digits) if hexadecimal else Fraction(digits.replace("'", ""))
    except (ValueError, OverflowError):
        b.fail("E0259", node, f"'{text}' is not a number")
    ir_type = scalar_type(QType(float_t))
    assert isinstance(ir_type, FloatType)
    return Value(ir.Const(ir_type, floats.encode(exact, ir_type)), QType(float_t))


def _integer(digits: str, suffix: str) -> tuple[int, IntT]:
    """C11 6.4.4.1p5: the first type of the list that holds the value."""
    decimal = not digits.startswith("0") or digits == "0"
    base = 10 if decimal else 16 if digits[1:2] in "xX" and len(digits) > 1 else 2 if digits[1:2] in "bB" else 8
    value = int(digits[2:] if base in (2, 16) else digits, base) if digits != "0" else 0
    unsigned = "u" in suffix
    rank = suffix.count("l")
    for size_rank, signed_t, unsigned_t in ((0, INT, UINT), (1, LONG, ULONG), (2, LLONG, ULLONG), (3, INT128, UINT128)):
        if size_rank < rank:
            continue
        if not unsigned and value < 1 << (8 * signed_t.size - 1):
            return value, signed_t
        if (unsigned or not decimal) and value < 1 << (8 * unsigned_t.size):
            return value, unsigned_t
    return value, UINT128


def _hexadecimal(text: str) -> Fraction:
    mantissa, _, exponent = text[2:].lower().replace("'", "").partition("p")
    whole, _, fraction = mantissa.partition(".")
    scale = int(exponent or "0")
    if abs(scale) > 100000:
        raise OverflowError
    return Fraction(int(whole + fraction, 16)) * Fraction(2) ** (scale - 4 * len(fraction))


def imaginary(b: Builder, node: Any) -> Value:
    part = number(b, node.part, node.part.value) if isinstance(node.part, c_ast.Constant) else b.value(node.part)
    part_type = part.type.type
    assert isinstance(part_type, IntT | FloatT)
    return Value(b.em.zero(part.op.type), QType(ComplexT(part_type)), part.op)


# ---- strings ------------------------------------------------------------------------------------------------


def string_bytes(text: str) -> tuple[bytes, IntT]:
    """The literal's units with the terminating zero, and their type."""
    prefix, units = literals.literal_units(text)
    size = literals.UNIT_SIZE[prefix]
    data = b"".join(unit.to_bytes(size, "little") for unit in (*units, 0))
    return data, UNIT_TYPES[prefix]


def string_place(b: Builder, node: Any) -> Place:
    data, unit = string_bytes(node.value)
    type_ = QType(ArrayT(QType(unit), len(data) // unit.size))
    return Place(ir.GlobalAddr(string_global(b, data, unit.size)), type_, unit.size)


def string_global(b: Builder, data: bytes, align: int) -> str:
    """The name of the global that holds these bytes."""
    key = (data, align)
    if key not in b.strings:
        name = f".str.{len(b.strings)}"
        b.strings[key] = name
        b.module.globals[name] = ir.Global(
            name, len(data), align, [ir.DataBytes(data)], "internal", constant=True, unnamed=True
        )
    b.reference(b.strings[key])
    return b.strings[key]


def string_address(b: Builder, text: str) -> ir.GlobalAddr:
    """The address of a narrow string that the compiler makes, `__func__` among them."""
    return ir.GlobalAddr(string_global(b, text.encode("utf-8", "surrogateescape") + b"\0", 1))


def function_name(b: Builder) -> Place:
    """`__func__`, `__FUNCTION__`, `__PRETTY_FUNCTION__`."""
    name = b.function.symbol.name if b.function is not None else ""
    type_ = QType(ArrayT(QType(CHAR, const=True), len(name.encode()) + 1))
    assert size_of(type_)
    return Place(string_address(b, name), type_, 1)
