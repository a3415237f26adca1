"""Bit-fields: reading and writing exactly the bytes that a field lies in.

A field of `width` bits at bit `bit` touches the bytes bit//8 ... (bit+width-1)//8 and no others: a neighbouring
member may belong to another thread (C11 3.14), and gcc keeps to the same bytes or more.  The bytes are accessed in
power-of-two chunks, and a write reads a chunk first only when the field does not cover all of it.  A volatile field
within one such chunk is accessed once.

Rejected: always the declared type's storage unit, as the ABI drawings suggest.  It may reach beyond the record's end
and over ordinary members behind the field.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cpc.frontend.build.fold import integer
from cpc.frontend.build.values import Place, Value, aligned_at, int_type, is_bool
from cpc.frontend.conversions import unqualified
from cpc.ir import ops as ir
from cpc.ir.types import I64, I128, IntType

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder


def _chunks(place: Place) -> Iterator[tuple[int, int]]:
    """(byte offset, size) of the accesses that cover the field."""
    assert place.width is not None
    at, last = place.bit // 8, (place.bit + place.width - 1) // 8
    while at <= last:
        size = 8
        while size > last - at + 1:
            size //= 2
        yield at, size
        at += size


def _load_chunk(b: Builder, place: Place, at: int, size: int) -> ir.Reg:
    align = min(size, aligned_at(place.align, at))
    return b.em.load(IntType(8 * size), b.em.ptr_add(place.addr, at), align, place.type.volatile)


def load(b: Builder, place: Place) -> Value:
    """The field's value in its declared type; `bits` lets the promotion see the width."""
    assert place.width is not None
    declared = int_type(place.type)
    assert declared is not None
    first = place.bit // 8
    chunks = list(_chunks(place))
    work = I64 if place.bit % 8 + place.width <= 64 and declared.size <= 8 else I128
    if len(chunks) == 1:
        work = IntType(8 * chunks[0][1])
    work_zero = ir.Const(work, 0)
    total: ir.Operand = work_zero
    for at, size in chunks:
        part = b.em.resize(_load_chunk(b, place, at, size), work, False)
        part = b.em.bin("shl", part, ir.Const(work, 8 * (at - first)))
        total = part if total is work_zero else b.em.bin("or", total, part)
    left = work.bits - place.width - place.bit % 8
    total = b.em.bin("shl", total, ir.Const(work, left))
    total = b.em.bin("ashr" if declared.signed else "lshr", total, ir.Const(work, work.bits - place.width))
    op = b.em.resize(total, IntType(8 * declared.size), declared.signed)
    return Value(op, unqualified(place.type), bits=place.width)


def store(b: Builder, place: Place, value: Value) -> Value:
    """Writes the field; the result is the stored value, cut to the width (C11 6.5.16p3)."""
    assert place.width is not None
    declared = int_type(place.type)
    assert declared is not None
    if place.type.atomic:
        raise AssertionError("an atomic bit-field")
    first = place.bit // 8
    chunks = list(_chunks(place))
    work = IntType(8 * chunks[0][1]) if len(chunks) == 1 else I64 if place.bit % 8 + place.width <= 64 else I128
    mask = (1 << place.width) - 1
    bits = b.em.resize(value.op, work, False)
    bits = b.em.bin("and", bits, ir.Const(work, mask))
    bits = b.em.bin("shl", bits, ir.Const(work, place.bit % 8))
    covered = mask << (place.bit % 8)
    for at, size in chunks:
        chunk = IntType(8 * size)
        shift = 8 * (at - first)
        part = b.em.resize(b.em.bin("lshr", bits, ir.Const(work, shift)), chunk, False)
        keep = ~(covered >> shift) & ((1 << chunk.bits) - 1)
        if keep:
            old = b.em.bin("and", _load_chunk(b, place, at, size), ir.Const(chunk, keep))
            part = b.em.bin("or", old, part)
        align = min(size, aligned_at(place.align, at))
        b.em.store(b.em.ptr_add(place.addr, at), part, align, place.type.volatile)
    return _stored(b, place, value, declared.signed)


def _stored(b: Builder, place: Place, value: Value, signed: bool) -> Value:
    assert place.width is not None
    if is_bool(place.type):
        return value
    return Value(cut(b, value.op, place.width, signed), value.type, bits=place.width)


def cut(b: Builder, op: ir.Operand, width: int, signed: bool) -> ir.Operand:
    """The integer wrapped to `width` bits, in its own type."""
    type_ = op.type
    assert isinstance(type_, IntType)
    if width == type_.bits:
        return op
    if isinstance(op, ir.Const):
        value = op.value & ((1 << width) - 1)
        return integer(type_, value - (1 << width) if signed and value >> (width - 1) else value)
    if not signed:
        return b.em.bin("and", op, ir.Const(type_, (1 << width) - 1))
    shift = ir.Const(type_, type_.bits - width)
    return b.em.bin("ashr", b.em.bin("shl", op, shift), shift)
