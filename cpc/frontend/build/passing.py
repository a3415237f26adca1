"""Values into the registers of a call and out of them again, as the target's convention says.

A struct in registers is loaded eightbyte by eightbyte from its memory.  A piece that would read beyond the object's
end is read from a padded copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cpc.frontend.build import memory
from cpc.frontend.build.convention import Passing
from cpc.frontend.build.emitter import natural_align
from cpc.frontend.build.values import Place, Value, align_of, aligned_at, is_scalar, scalar_type, size_of
from cpc.frontend.c_types import QType
from cpc.frontend.conversions import unqualified
from cpc.ir import ops as ir
from cpc.ir.types import store_size

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder


def result_memory(b: Builder, type_: QType) -> Place:
    """Memory for a result behind `sret`."""
    return memory.temporary_place(b, type_, "result")


def to_registers(b: Builder, value: Value, how: Passing) -> list[ir.Operand]:
    """The IR arguments for one C argument."""
    fill: list[ir.Operand] = [ir.Undef(type_) for type_ in how.fill]
    if how.memory:
        place = _copied(b, value) if how.copied else _in_memory(b, value)
        return [*fill, place.addr]
    if not how.pieces:
        return []
    if is_scalar(value.type):
        return [b.em.cast("bitcast", value.op, how.pieces[0].type)]
    return [*fill, *load_pieces(b, memory.materialize(b, value), how)]


def _copied(b: Builder, value: Value) -> Place:
    """The value in memory that nothing else knows."""
    place = memory.materialize(b, value)
    if is_scalar(value.type):
        return place
    copy = memory.temporary_place(b, value.type)
    b.em.copy(copy.addr, place.addr, size_of(value.type), copy.align, place.align)
    return copy


def _in_memory(b: Builder, value: Value) -> Place:
    place = memory.materialize(b, value)
    natural = align_of(value.type)
    if place.align >= natural:
        return place
    copy = memory.temporary_place(b, value.type)
    b.em.copy(copy.addr, place.addr, size_of(value.type), natural, place.align)
    return copy


def load_pieces(b: Builder, place: Place, how: Passing) -> list[ir.Operand]:
    size = size_of(place.type)
    last = how.pieces[-1]
    if last.offset + store_size(last.type) > size:
        padded = b.em.local(b.em.fn.fresh("padded"), last.offset + store_size(last.type), 8)
        b.em.copy(padded, place.addr, size, place.align)
        place = replace(place, addr=padded, align=8)
    loaded: list[ir.Operand] = []
    for piece in how.pieces:
        align = min(natural_align(piece.type), aligned_at(place.align, piece.offset))
        loaded.append(b.em.load(piece.type, b.em.ptr_add(place.addr, piece.offset), align))
    return loaded


def store_pieces(b: Builder, place: Place, how: Passing, values: Sequence[ir.Operand]) -> None:
    """Registers into the memory of an object; nothing beyond its end is written."""
    size = size_of(place.type)
    target = place
    last = how.pieces[-1]
    if last.offset + store_size(last.type) > size:
        padded = b.em.local(b.em.fn.fresh("padded"), last.offset + store_size(last.type), 8)
        target = replace(place, addr=padded, align=8)
    for piece, value in zip(how.pieces, values, strict=True):
        align = min(natural_align(piece.type), aligned_at(target.align, piece.offset))
        b.em.store(b.em.ptr_add(target.addr, piece.offset), value, align)
    if target is not place:
        b.em.copy(place.addr, target.addr, size, place.align, 8)


def from_registers(b: Builder, type_: QType, how: Passing, values: Sequence[ir.Operand]) -> Value:
    """A C value out of the registers that carried it."""
    plain = unqualified(type_)
    if is_scalar(plain):
        return Value(b.em.cast("bitcast", values[0], scalar_type(plain)), plain)
    place = memory.temporary_place(b, plain, "result")
    if how.pieces:
        store_pieces(b, place, how, values)
    return memory.load(b, place, None)
