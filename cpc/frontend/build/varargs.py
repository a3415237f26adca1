"""Variable arguments by the ABI: va_start, va_arg, va_end, va_copy (C11 7.16), and va_arg of System V (psABI 3.5.7).

    struct { unsigned gp_offset, fp_offset; void *overflow_arg_area, *reg_save_area; }

The prologue's register save area is LLVM's business; `va_start` fills the structure in.  `va_arg` is expanded here:
a type in registers comes from the save area while its offsets have room, else from the overflow area.  A struct whose
eightbytes are of both kinds, or in several vector registers, is assembled in a temporary.  That of AAPCS64 is in
varargs_aapcs64.py.  The arguments of a coroutine function are in its caller's memory (co_variadic.py): there `va_start`
says that the registers are used up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cpc.frontend.build import memory, varargs_aapcs64, vla, win64
from cpc.frontend.build.convention import Passing, Piece, is_padding
from cpc.frontend.build.describe import describe
from cpc.frontend.build.sysv import classify, needs
from cpc.frontend.build.values import NOTHING, Place, Value, align_of, is_pointer, is_void, pointee, size_of
from cpc.frontend.c_types import FunctionT, RecordT
from cpc.frontend.conversions import unqualified
from cpc.ir import ops as ir
from cpc.ir.types import I32, I64, PTR, FloatType, VecType, store_size

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

GP_END, FP_END = 48, 176
GP_OFFSET, FP_OFFSET, OVERFLOW, SAVE_AREA, SIZE = 0, 4, 8, 16, 24


def list_address(b: Builder, node: Any) -> ir.Operand:
    """The address of the va_list structure.  Of System V's the array decays, and a parameter is a pointer already."""
    if b.target.calls == "aapcs64":
        place = b.place(node)
        if not isinstance(place.type.type, RecordT) or place.type.type.tag != "__va_list":
            b.fail("E0274", node, f"'{describe(place.type)}' is not a va_list")
        return place.addr
    value = b.value(node)
    if not is_pointer(value.type) or getattr(pointee(value.type).type, "tag", "") != "__va_list_tag":
        b.fail("E0274", node, f"'{describe(value.type)}' is not a va_list")
    return value.op


def va_start(b: Builder, node: Any) -> Value:
    function = b.function
    if function is None or (function.arguments is None and not function.lowered.sig.variadic):
        b.fail("E0274", node, "va_start in a function without variable arguments")
    if "win64" in b.em.fn.attrs:
        b.fail("E0274", node, "va_start in an ms_abi function", help="__builtin_ms_va_start")
    if function.last_param is not None:
        function.last_param.used = function.last_param.read = True
    given = node.args.exprs
    if len(given) < 2 and not b.unit.c23 and "c23" not in node.name.name:
        b.fail("E0268", node, "va_start takes a va_list and the last parameter")
    for unread in given[1:]:
        b.type_of(unread)
    ap = list_address(b, given[0])
    if function.arguments is not None:
        _start_in_memory(b, ap, function.arguments)
    else:
        b.em.intrinsic("va_start", (ap,))
    return NOTHING


def _start_in_memory(b: Builder, ap: ir.Operand, block: ir.Operand) -> None:
    """The list at `ap` begins with the block of a coroutine function's arguments."""
    null = ir.Const(PTR, 0)
    if b.target.calls == "sysv":
        numbers, pointers = {GP_OFFSET: GP_END, FP_OFFSET: FP_END}, {OVERFLOW: block, SAVE_AREA: null}
    else:
        aapcs = varargs_aapcs64
        numbers = {aapcs.GR_OFFSET: 0, aapcs.VR_OFFSET: 0}
        pointers = {aapcs.STACK: block, aapcs.GR_TOP: null, aapcs.VR_TOP: null}
    for offset, number in numbers.items():
        b.em.store(b.em.ptr_add(ap, offset), ir.Const(I32, number))
    for offset, pointer in pointers.items():
        b.em.store(b.em.ptr_add(ap, offset), pointer)


def va_end(b: Builder, node: Any) -> Value:
    b.em.intrinsic("va_end", (list_address(b, node.args.exprs[0]),))
    return NOTHING


def va_copy(b: Builder, node: Any) -> Value:
    to, source = (list_address(b, arg) for arg in node.args.exprs)
    b.em.copy(to, source, SIZE if b.target.calls == "sysv" else varargs_aapcs64.SIZE, 8)
    return NOTHING


def va_arg(b: Builder, node: Any) -> Value:
    """`va_arg(ap, T)`."""
    ap_node, type_node = node.args.exprs
    type_ = unqualified(b.sema.type_name(type_node))
    if is_void(type_):
        b.fail("E0250", node, "va_arg of the incomplete type 'void'")
    if isinstance(type_.type, FunctionT):
        b.fail("E0274", node, f"va_arg of the function type '{describe(type_)}'")
    vla.evaluate_lengths(b, type_, node)
    vla.size(b, type_, node)
    place = memory.temporary_place(b, type_, "vararg")
    if b.target.calls == "sysv" and win64.is_list(b.type_of(ap_node).type):
        win64.fetch(b, ap_node, place)
        return memory.load(b, place, node)
    ap = list_address(b, ap_node)
    if b.target.calls == "aapcs64":
        varargs_aapcs64.fetch(b, ap, place)
        return memory.load(b, place, node)
    how = classify(type_)
    if how.memory or not how.pieces or needs(how) == (0, 0):
        _copy_overflow(b, ap, place)
    else:
        _from_either(b, ap, place, how)
    return memory.load(b, place, node)


def _from_either(b: Builder, ap: ir.Operand, place: Place, how: Passing) -> None:
    integers, vectors = needs(how)
    registers, stack, done = (b.em.new_label(stem) for stem in ("regs", "overflow", "vararg"))
    fits: ir.Operand | None = None
    for count, at, end, step in ((integers, GP_OFFSET, GP_END, 8), (vectors, FP_OFFSET, FP_END, 16)):
        if count:
            offset = b.em.load(I32, b.em.ptr_add(ap, at))
            room = b.em.cmp("ule", offset, ir.Const(I32, end - step * count))
            fits = room if fits is None else b.em.bin("and", fits, room)
    assert fits is not None
    b.em.branch(fits, registers, stack)
    b.em.start(registers)
    _copy_registers(b, ap, place, how)
    b.em.jump(done)
    b.em.start(stack)
    _copy_overflow(b, ap, place)
    b.em.start(done)


def _copy_registers(b: Builder, ap: ir.Operand, place: Place, how: Passing) -> None:
    area = b.em.load(PTR, b.em.ptr_add(ap, SAVE_AREA))
    cursors = {at: b.em.load(I32, b.em.ptr_add(ap, at)) for at in _kinds(how)}
    taken = dict.fromkeys(cursors, 0)
    size = size_of(place.type)
    for piece in how.pieces:
        at = _kind(piece)
        base = b.em.ptr_add(area, b.em.resize(cursors[at], I64, False))
        source = b.em.ptr_add(base, taken[at])
        width = min(store_size(piece.type), size - piece.offset)
        align = min(place.align, 8)
        b.em.copy(b.em.ptr_add(place.addr, piece.offset), source, width, align, 8)
        taken[at] += 16 if at == FP_OFFSET else 8 * max(1, store_size(piece.type) // 8)
    for at, bytes_ in taken.items():
        b.em.store(b.em.ptr_add(ap, at), b.em.bin("add", cursors[at], ir.Const(I32, bytes_)))


def _kind(piece: Piece) -> int:
    return FP_OFFSET if isinstance(piece.type, FloatType | VecType) else GP_OFFSET


def _kinds(how: Passing) -> list[int]:
    return sorted({_kind(piece) for piece in how.pieces})


def _copy_overflow(b: Builder, ap: ir.Operand, place: Place) -> None:
    slot = b.em.ptr_add(ap, OVERFLOW)
    area: ir.Operand = b.em.load(PTR, slot)
    align, size = align_of(place.type), size_of(place.type)
    if is_padding(place.type.type):
        return  # it aligns nothing in gcc either (in clang it does)
    if align > 8:
        number = b.em.cast("ptrtoint", area, I64)
        up = b.em.bin("add", number, ir.Const(I64, align - 1))
        area = b.em.cast("inttoptr", b.em.bin("and", up, ir.Const(I64, (1 << 64) - align)), PTR)
    b.em.copy(place.addr, area, size, place.align, max(8, align))
    b.em.store(slot, b.em.ptr_add(area, (size + 7) // 8 * 8))
