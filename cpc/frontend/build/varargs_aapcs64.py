"""va_arg of AAPCS64 (appendix B of the standard).

    struct { void *__stack, *__gr_top, *__vr_top; int __gr_offs, __vr_offs; }

The save areas end at __gr_top and __vr_top; the offsets are negative and count up, 8 bytes for an integer register
and 16 for a vector register.  An argument whose offset passes 0, or was there already, is on the stack: from then on
all of its kind are.  The members of a homogeneous aggregate lie in slots of their own in the save area, and together
on the stack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpc.frontend.build.aapcs64 import argument_align, classify, needs
from cpc.frontend.build.convention import Passing
from cpc.frontend.build.values import Place, align_of, size_of
from cpc.frontend.c_types import VOID, PointerT, QType
from cpc.ir import ops as ir
from cpc.ir.types import I32, I64, PTR, store_size

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

STACK, GR_TOP, VR_TOP, GR_OFFSET, VR_OFFSET, SIZE = 0, 8, 16, 24, 28, 32
_POINTER = QType(PointerT(QType(VOID)))


def fetch(b: Builder, ap: ir.Operand, place: Place) -> None:
    """The next argument, of the type of `place`, into its memory."""
    how = classify(place.type)
    size = size_of(place.type)
    if how.copied:  # the argument is the address of the value
        address = b.temporary_place(_POINTER, "vararg")
        fetch(b, ap, address)
        b.em.copy(place.addr, b.em.load(PTR, address.addr), size, place.align, min(16, align_of(place.type)))
    elif how.pieces:
        _from_either(b, ap, place, how)


def _from_either(b: Builder, ap: ir.Operand, place: Place, how: Passing) -> None:
    integers, vectors = needs(how)
    at, top, taken = (VR_OFFSET, VR_TOP, 16 * vectors) if vectors else (GR_OFFSET, GR_TOP, 8 * integers)
    align = argument_align(place.type)
    maybe, registers, stack, done = (b.em.new_label(stem) for stem in ("maybe", "regs", "stack", "vararg"))
    offset: ir.Operand = b.em.load(I32, b.em.ptr_add(ap, at))
    b.em.branch(b.em.cmp("sge", offset, ir.Const(I32, 0)), stack, maybe)
    b.em.start(maybe)
    if not vectors and align == 16 and taken > 8:
        offset = b.em.bin("and", b.em.bin("add", offset, ir.Const(I32, 15)), ir.Const(I32, 0xFFFFFFF0))
    after = b.em.bin("add", offset, ir.Const(I32, taken))
    b.em.store(b.em.ptr_add(ap, at), after)
    b.em.branch(b.em.cmp("sgt", after, ir.Const(I32, 0)), stack, registers)
    b.em.start(registers)
    area = b.em.load(PTR, b.em.ptr_add(ap, top))
    _from_registers(b, b.em.ptr_add(area, b.em.resize(offset, I64, True)), place, how, bool(vectors))
    b.em.jump(done)
    b.em.start(stack)
    _from_stack(b, ap, place, align)
    b.em.start(done)


def _from_registers(b: Builder, saved: ir.Operand, place: Place, how: Passing, vectors: bool) -> None:
    size = size_of(place.type)
    if not vectors:
        b.em.copy(place.addr, saved, size, place.align, 8)
        return
    for i, piece in enumerate(how.pieces):
        to = b.em.ptr_add(place.addr, piece.offset)
        width = min(store_size(piece.type), size - piece.offset)
        b.em.copy(to, b.em.ptr_add(saved, 16 * i), width, min(place.align, store_size(piece.type)), 16)


def _from_stack(b: Builder, ap: ir.Operand, place: Place, align: int) -> None:
    slot = b.em.ptr_add(ap, STACK)
    area: ir.Operand = b.em.load(PTR, slot)
    size = size_of(place.type)
    if align > 8:
        number = b.em.cast("ptrtoint", area, I64)
        up = b.em.bin("add", number, ir.Const(I64, align - 1))
        area = b.em.cast("inttoptr", b.em.bin("and", up, ir.Const(I64, (1 << 64) - align)), PTR)
    b.em.copy(place.addr, area, size, place.align, align)
    b.em.store(slot, b.em.ptr_add(area, (size + 7) // 8 * 8))
