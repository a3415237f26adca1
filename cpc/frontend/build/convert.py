"""Conversions of values (C11 6.3), and the checks of implicit ones (6.5.16.1).

`convert` does what a cast does and never complains about types that can be cast; `assign_convert` is what
assignment, initialisation, argument passing and `return` do: it words the verdict of `conversions.assignability`,
among them E0102, function pointers whose colours differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cpc.frontend.build import mixed
from cpc.frontend.build.describe import describe
from cpc.frontend.build.fold import saturated
from cpc.frontend.build.values import (
    NOTHING,
    Value,
    float_type,
    int_type,
    is_bool,
    is_complex,
    is_pointer,
    is_record,
    is_void,
    pointee,
    scalar_type,
    size_of,
)
from cpc.frontend.c_types import ComplexT, PointerT, QType, RecordT, VectorT, VoidT
from cpc.frontend.conversions import Assign, assignability, unqualified
from cpc.ir import ops as ir
from cpc.ir.types import I1, I8, I32, I64, PTR, FloatType, IntType, VecType
from cpc.warnings import implicit, numbers

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder


def convert(b: Builder, value: Value, to: QType, node: Any) -> Value:
    """The value as an explicit cast to `to` gives it."""
    plain = unqualified(to)
    source = value.type
    if isinstance(plain.type, VoidT):
        return NOTHING
    if is_void(source):
        b.fail("E0251", node, "a 'void' expression has no value")
    if is_complex(plain) or is_complex(source):
        return _convert_complex(b, value, plain, node)
    if is_record(plain) or is_record(source):
        if plain.type is source.type:
            return value
        b.fail("E0252", node, f"cannot convert '{describe(source)}' to '{describe(plain)}'")
    if isinstance(plain.type, VectorT) or isinstance(source.type, VectorT):
        return _convert_vector(b, value, plain, node)
    if is_bool(plain):
        return Value(truth_byte(b, value), plain)
    if (version := mixed.as_coroutine_fn(b, value, plain)) is not None:
        return version
    return Value(_convert_scalar(b, value, plain, node), plain, null=_stays_null(value, plain))


def truth_byte(b: Builder, value: Value) -> ir.Operand:
    """0 or 1 as the i8 of a _Bool."""
    if is_bool(value.type):
        return value.op
    return b.em.cast("zext", truth(b, value), I8)


def truth(b: Builder, value: Value) -> ir.Operand:
    """i1: the scalar is not 0."""
    if isinstance(value.op, ir.GlobalAddr) and _exists(b, value.op.name):
        return ir.Const(I1, 1)
    result = b.em.is_nonzero(value.op)
    if value.imag is not None:
        result = b.em.bin("or", result, b.em.is_nonzero(value.imag))
    return result


def _exists(b: Builder, name: str) -> bool:
    """Whether the global is defined here, so that its address is not null; another unit's may be weak."""
    symbol = b.sema.linked.get(name)
    return name in b.module.globals or (symbol is not None and (symbol.defined or symbol.tentative))


def _stays_null(value: Value, to: QType) -> bool:
    if not is_null_constant(value):
        return False
    return int_type(to) is not None or (is_pointer(to) and pointee(to) == QType(VoidT()))


def is_null_constant(value: Value) -> bool:
    """C11 6.3.2.3p3: an integer constant 0, or that cast to `void *`."""
    if not isinstance(value.op, ir.Const) or value.op.value != 0 or value.imag is not None:
        return False
    return int_type(value.type) is not None or value.null


def _convert_scalar(b: Builder, value: Value, to: QType, node: Any) -> ir.Operand:
    op, em, target = value.op, b.em, scalar_type(to)
    source_int, target_int = int_type(value.type), int_type(to)
    match op.type, target:
        case IntType(), IntType():
            assert source_int is not None
            return em.resize(op, target, source_int.signed)
        case IntType(), FloatType():
            assert source_int is not None
            return em.cast("sitofp" if source_int.signed else "uitofp", op, target)
        case FloatType(), IntType():
            assert target_int is not None
            return _float_to_int(b, op, target, target_int.signed)
        case FloatType(bits=have), FloatType(bits=want):
            return em.cast("fpext" if have < want else "fptrunc", op, target)
        case _, IntType() if op.type == PTR:
            return em.resize(em.cast("ptrtoint", op, I64), target, False)
        case IntType(), _ if target == PTR:
            assert source_int is not None
            return em.cast("inttoptr", em.resize(op, I64, source_int.signed), PTR)
        case _ if op.type == target == PTR:
            return op
        case _:
            b.fail("E0252", node, f"cannot convert '{describe(value.type)}' to '{describe(to)}'")


def _float_to_int(b: Builder, op: ir.Operand, target: IntType, signed: bool) -> ir.Operand:
    """A value out of range is undefined in C, but (unsigned char)-1.0 is written all the same: narrow and unsigned
    targets go through a wider signed integer, as gcc's code does."""
    if isinstance(op, ir.Const):
        return saturated(op, target, signed)
    if target.bits < 32:
        return b.em.cast("trunc", b.em.cast("fptosi", op, I32), target)
    if target.bits == 32 and not signed:
        return b.em.cast("trunc", b.em.cast("fptosi", op, I64), target)
    return b.em.cast("fptosi" if signed else "fptoui", op, target)


def _convert_complex(b: Builder, value: Value, to: QType, node: Any) -> Value:
    if isinstance(to.type, ComplexT):
        part = QType(to.type.part)
        if isinstance(value.type.type, ComplexT):
            assert value.imag is not None
            have = QType(value.type.type.part)
            imag = _convert_scalar(b, Value(value.imag, have), part, node)
            return Value(_convert_scalar(b, Value(value.op, have), part, node), to, imag)
        if int_type(value.type) is None and float_type(value.type) is None:
            b.fail("E0252", node, f"cannot convert '{describe(value.type)}' to '{describe(to)}'")
        real = _convert_scalar(b, value, part, node)
        return Value(real, to, b.em.zero(real.type))
    if is_bool(to):
        return Value(truth_byte(b, value), to)
    assert isinstance(value.type.type, ComplexT)
    return convert(b, Value(value.op, QType(value.type.type.part)), to, node)


def _convert_vector(b: Builder, value: Value, to: QType, node: Any) -> Value:
    """Vectors and integers of the same size: the bits stay (GNU C)."""
    if size_of(value.type) != size_of(to) or is_pointer(to) or is_pointer(value.type):
        b.fail("E0252", node, f"cannot convert '{describe(value.type)}' to '{describe(to)}'")
    target = scalar_type(to)
    assert isinstance(target, VecType | IntType | FloatType)
    return Value(b.em.cast("bitcast", value.op, target), to)


# ---- implicit conversions -----------------------------------------------------------------------------------


def assign_convert(b: Builder, value: Value, to: QType, node: Any, what: str) -> Value:
    """The value as assignment to an object of type `to` converts it; `what`: 'assigning', 'initializing', ..."""
    if is_void(value.type):
        b.fail("E0251", node, f"{what} '{describe(to)}' from a 'void' expression")
    verdict = assignability(unqualified(to), value.type, null_constant=is_null_constant(value))
    if verdict is Assign.COLOR and mixed.as_coroutine_fn(b, value, unqualified(to)) is not None:
        verdict = Assign.OK
    _report(b, verdict, value.type, to, node, what)
    numbers.constant_conversion(b, value, to, node)
    implicit.conversion(b, value, to, implicit.source(node))
    if isinstance(to.type, RecordT) and to.type is not value.type.type:
        return _into_transparent_union(b, value, to)
    return convert(b, value, to, node)


def _report(b: Builder, verdict: Assign, source: QType, to: QType, node: Any, what: str) -> None:
    if verdict in (Assign.OK, Assign.FUNCTION_VOID):
        return
    pair = f"{what} '{describe(to)}' from '{describe(source)}'"
    match verdict:
        case Assign.DISCARDS_QUALIFIERS:
            b.warn("W0251", node, f"{pair} discards qualifiers of the pointed-to type")
        case Assign.SIGNEDNESS:
            b.warn("W0260", node, f"{pair}: the pointed-to types differ in signedness")
        case Assign.POINTER_FROM_INTEGER | Assign.INTEGER_FROM_POINTER:
            b.warn("W0252", node, f"{pair} {verdict.value} without a cast")
        case Assign.INCOMPATIBLE_POINTER:
            b.warn("W0253", node, f"{pair}: incompatible pointer types")
        case Assign.COLOR:
            report_color(b, source, to, node, what)
        case Assign.NO:
            b.fail("E0253", node, f"{pair}: incompatible types")


def report_color(b: Builder, source: QType, to: QType, node: Any, what: str) -> None:
    """E0102 (C colours are part of the calling convention)."""
    b.diags.error(
        "E0102",
        b.loc(node),
        f"{what} '{describe(to)}' from '{describe(source)}': one is coroutine_fn, the other is not",
        help="give both function types the same colour, or cast explicitly if the call is never made",
    )


def _into_transparent_union(b: Builder, value: Value, to: QType) -> Value:
    """A member's value as an argument for a transparent union parameter."""
    place = b.temporary_place(to, "union")
    record = to.type
    assert isinstance(record, RecordT)
    for member in record.members or []:
        if isinstance(member.type.type, PointerT) == (value.op.type == PTR):
            converted = convert(b, value, member.type, None)
            b.em.store(place.addr, converted.op, place.align)
            break
    return Value(place.addr, to)
