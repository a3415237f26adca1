"""Reading and writing objects: the step from a `Place` to a `Value` and back (C11 6.3.2.1).

A volatile object is read or written by exactly one access of its own size, an atomic one by a sequentially
consistent access.  Records are not loaded: their value is the address.  Bit-fields are in bitfields.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cpc.frontend.build import atomics, bitfields
from cpc.frontend.build.emitter import natural_align
from cpc.frontend.build.values import (
    NOTHING,
    Place,
    Value,
    align_of,
    is_complex,
    is_record,
    is_scalar,
    is_void,
    scalar_type,
    size_of,
)
from cpc.frontend.c_types import ArrayT, ComplexT, FloatT, FunctionT, IntT, PointerT, QType
from cpc.frontend.conversions import decay, element_qualified, unqualified
from cpc.ir import ops as ir
from cpc.ir.types import PTR, FloatType, Type, VecType, store_size

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder


def load(b: Builder, place: Place, node: Any) -> Value:
    """The rvalue of an lvalue: decays arrays and functions, reads everything else."""
    type_ = place.type
    if isinstance(type_.type, ArrayT | FunctionT):
        return Value(place.addr, decay(type_))
    if is_void(type_):
        return NOTHING
    if place.is_bit_field:
        return bitfields.load(b, place)
    if type_.atomic and type_is_complete(type_):
        return atomics.load_place(b, place)
    if is_record(type_):
        return _load_record(b, place, node)
    plain = unqualified(type_)
    if b.em.objects is not None and (known := _known(b, place)) is not None:
        return Value(known, plain)
    if is_complex(type_):
        return _load_complex(b, place, plain)
    ir_type = scalar_type(plain)
    align = min(place.align, natural_align(ir_type))
    return Value(b.em.load(ir_type, place.addr, align, type_.volatile, alias=alias_class(b, place)), plain)


def _known(b: Builder, place: Place) -> ir.Operand | None:
    """The value of a const scalar that is initialised already, or of a character of a string literal, for another
    initialiser."""
    if not isinstance(place.addr, ir.GlobalAddr) or place.type.volatile or not is_scalar(place.type):
        return None
    assert b.em.objects is not None
    symbol = b.em.objects.get(place.addr.name)
    if symbol is not None:
        return _read(symbol.data or [], place) if _is_const(symbol.type) else None
    literal = b.module.globals.get(place.addr.name) if place.addr.name.startswith(".str.") else None
    return _read(literal.init or [], place) if literal is not None else None


def _is_const(type_: QType) -> bool:
    element = element_qualified(type_)
    return element.const and not element.volatile


def _read(data: Sequence[ir.DataPiece], place: Place) -> ir.Operand | None:
    """The scalar at the place in static data."""
    type_, size = scalar_type(place.type), size_of(place.type)
    assert isinstance(place.addr, ir.GlobalAddr)
    offset = place.addr.offset
    for piece in data if offset >= 0 and not isinstance(type_, VecType) else ():
        if offset >= piece.size:
            offset -= piece.size
            continue
        match piece:
            case ir.DataBytes(found) if offset + size <= len(found):
                return ir.Const(type_, _little(found[offset : offset + size], type_))
            case ir.DataZero(length) if offset + size <= length:
                return ir.Const(type_, 0)
            case ir.DataAddr(name, addend) if offset == 0 and type_ == PTR:
                return ir.GlobalAddr(name, addend)
            case _:
                return None
    return None


def _little(data: bytes, type_: Type) -> int:
    value = int.from_bytes(data, "little")
    return value & ((1 << type_.bits) - 1) if isinstance(type_, FloatType) else value


def _load_record(b: Builder, place: Place, node: Any) -> Value:
    if not type_is_complete(place.type):
        b.fail("E0250", node, "value of incomplete struct or union type")
    if not place.type.volatile:
        return Value(place.addr, unqualified(place.type), align=place.align)
    temporary = new_temporary(b, place.type)
    b.em.copy(temporary, place.addr, size_of(place.type), align_of(unqualified(place.type)), place.align, True)
    return Value(temporary, unqualified(place.type), align=place.align)


def type_is_complete(type_: QType) -> bool:
    from cpc.frontend import layout

    return layout.is_complete(type_)


def _part(type_: QType) -> QType:
    assert isinstance(type_.type, ComplexT)
    return QType(type_.type.part)


def _load_complex(b: Builder, place: Place, plain: QType) -> Value:
    part = scalar_type(_part(plain))
    step, align = store_size(part), min(place.align, natural_align(part))
    real = b.em.load(part, place.addr, align, place.type.volatile)
    imag = b.em.load(part, b.em.ptr_add(place.addr, step), align, place.type.volatile)
    return Value(real, plain, imag)


def store(b: Builder, place: Place, value: Value) -> Value:
    """Writes `value`, already converted to the place's type; answers the value that the assignment expression has."""
    type_ = place.type
    if place.is_bit_field:
        return bitfields.store(b, place, value)
    if type_.atomic:
        return atomics.store_place(b, place, value)
    if is_record(type_):
        b.em.copy(place.addr, value.op, size_of(type_), place.align, record_align(value), type_.volatile)
        return Value(place.addr, unqualified(type_), align=place.align)
    if is_complex(type_):
        assert value.imag is not None
        part = value.op.type
        align = min(place.align, natural_align(part))
        b.em.store(place.addr, value.op, align, type_.volatile)
        b.em.store(b.em.ptr_add(place.addr, store_size(part)), value.imag, align, type_.volatile)
        return value
    align = min(place.align, natural_align(value.op.type))
    b.em.store(place.addr, value.op, align, type_.volatile, alias=alias_class(b, place))
    return value


_FLOATS = {32: "float", 64: "double", 80: "long_double", 128: "_Float128"}


def alias_class(b: Builder, place: Place) -> str:
    """The name of the place's effective type for C11 6.5p7, or '' when its object may be accessed as anything.  As
    clang does: signedness and names of one floating format do not matter; characters, enumerations, vectors and parts
    of unions match everything."""
    if place.may_alias or not b.options.strict_aliasing or b.sema.may_alias_seen:
        return ""
    if b.function is not None and "any_alias" in b.function.symbol.attrs.flags:
        return ""
    match place.type.type:
        case IntT(name="_Bool"):
            return "bool"
        case IntT(size=1):
            return ""
        case IntT(name=name):
            return name.removeprefix("unsigned ").replace(" ", "_")
        case FloatT(bits=bits):
            return _FLOATS[bits]
        case PointerT():
            return "pointer"
        case _:
            return ""


def record_align(value: Value) -> int:
    return value.align or align_of(value.type)


def new_temporary(b: Builder, type_: QType, stem: str = "tmp") -> ir.LocalAddr:
    """Memory for one object of `type_`."""
    ir_type = scalar_type(type_) if is_scalar(type_) else None
    return b.em.local(b.em.fn.fresh(stem), size_of(type_), align_of(type_), ir_type)


def temporary_place(b: Builder, type_: QType, stem: str = "tmp") -> Place:
    plain = unqualified(type_)
    return Place(new_temporary(b, plain, stem), plain, align_of(plain))


def materialize(b: Builder, value: Value) -> Place:
    """A place that holds the value: a record's own memory, or a new temporary."""
    if is_record(value.type):
        # it may be a member of a union
        return Place(value.op, value.type, record_align(value), may_alias=True, rvalue=True)
    place = temporary_place(b, value.type)
    store(b, place, value)
    return replace(place, rvalue=True)
