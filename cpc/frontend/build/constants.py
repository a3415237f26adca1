"""Literals as values, and the pool of string literals (C11 6.4.4, 6.4.5).

Equal string literals share one unnamed internal global; its name is `.str.N` in order of first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend import literals, numbers
from cpc.frontend.build.fold import integer
from cpc.frontend.build.values import Place, Value, scalar_type
from cpc.frontend.c_types import (
    BOOL,
    INT,
    UCHAR,
    UINT,
    USHORT,
    VOID,
    ArrayT,
    ComplexT,
    FloatT,
    IntT,
    QType,
)
from cpc.frontend.conversions import pointer_to
from cpc.ir import ops as ir
from cpc.ir.types import I8, PTR, FloatType

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_UNIT_TYPES = {"u": USHORT, "U": UINT}


def literal(b: Builder, node: Any) -> Value | Place:
    """A c_ast.Constant."""
    text: str = node.value
    if node.type == "bool":  # C23
        return Value(ir.Const(I8, int(text == "true")), QType(BOOL))
    if node.type == "nullptr_t":
        return Value(ir.Const(PTR, 0), pointer_to(QType(VOID)), null=True)
    try:
        quote = min((text.find(q) for q in "\"'" if q in text), default=-1)
        if quote >= 0 and text[quote] == '"':
            return string_place(b, node)
        if quote >= 0:
            prefix, value = literals.character_value(text, b.target.char.signed)
            type_ = INT if prefix == "" else UCHAR if prefix == "u8" else unit_type(b, prefix)
            return Value(integer(scalar_type(QType(type_)), value), QType(type_))
    except ValueError as error:
        b.fail("E0259", node, str(error))
    return number(b, node, text)


def number(b: Builder, node: Any, text: str) -> Value:
    """An integer or floating constant; its spelling is read by numbers.py, which bounds what hostile text costs."""
    try:
        found = numbers.number(text, b.target)
    except literals.BadLiteral as error:
        b.fail("E0259", node, str(error))
    type_ = QType(found.type)
    if isinstance(found.type, ComplexT):
        part = QType(found.type.part)
        return Value(b.em.zero(scalar_type(part)), type_, _scalar(part, found.value))
    return Value(_scalar(type_, found.value), type_)


def _scalar(type_: QType, value: int) -> ir.Const:
    ir_type = scalar_type(type_)
    return ir.Const(ir_type, value) if isinstance(ir_type, FloatType) else integer(ir_type, value)


def imaginary(b: Builder, node: Any) -> Value:
    part = number(b, node.part, node.part.value) if isinstance(node.part, c_ast.Constant) else b.value(node.part)
    part_type = part.type.type
    assert isinstance(part_type, IntT | FloatT)
    return Value(b.em.zero(part.op.type), QType(ComplexT(part_type)), part.op)


# ---- strings ------------------------------------------------------------------------------------------------


def unit_type(b: Builder, prefix: str) -> IntT:
    """The element type of a string literal with this prefix."""
    return b.target.wchar if prefix == "L" else _UNIT_TYPES.get(prefix, b.target.char)


def string_bytes(text: str) -> bytes:
    """The literal's units with the terminating zero."""
    prefix, units = literals.literal_units(text)
    size = literals.UNIT_SIZE[prefix]
    if size == 1:
        return bytes(units) + b"\0"
    return b"".join(unit.to_bytes(size, "little") for unit in (*units, 0))


def string_place(b: Builder, node: Any) -> Place:
    data, unit = string_bytes(node.value), unit_type(b, node.value[: node.value.index('"')])
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


def literal_bytes(b: Builder, op: ir.Operand) -> bytes | None:
    """The narrow string that starts at an address, up to its first zero and with that, when a literal is there."""
    if not isinstance(op, ir.GlobalAddr) or op.name not in b.strings.values():
        return None
    match b.module.globals[op.name].init:
        case [ir.DataBytes(data)] if 0 <= op.offset < len(data) and 0 in data[op.offset :]:
            return data[op.offset : data.index(0, op.offset) + 1]
    return None


def string_address(b: Builder, text: str) -> ir.GlobalAddr:
    """The address of a narrow string that the compiler makes."""
    return ir.GlobalAddr(string_global(b, text.encode("utf-8", "surrogateescape") + b"\0", 1))


def function_name(b: Builder) -> Place:
    """`__func__`, `__FUNCTION__`, `__PRETTY_FUNCTION__`."""
    name = b.function.symbol.name if b.function is not None else ""
    type_ = QType(ArrayT(QType(b.target.char, const=True), len(name.encode()) + 1))
    return Place(ir.GlobalAddr(_own_array(b, name.encode() + b"\0")), type_, 1)


def _own_array(b: Builder, data: bytes) -> str:
    """The name of an array that is no string literal, and so is not where an equal one is."""
    key = (data, 0)
    if key not in b.strings:
        b.strings[key] = f".name.{len(b.strings)}"
        b.module.globals[b.strings[key]] = ir.Global(
            b.strings[key], len(data), 1, [ir.DataBytes(data)], "internal", constant=True, section=".rodata"
        )  # what has a section is not merged
    b.reference(b.strings[key])
    return b.strings[key]
