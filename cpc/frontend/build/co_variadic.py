"""The variable arguments of coroutine functions: in the caller's memory, behind one more pointer parameter.

    co_log(fd, "%d %f", 1, 2.0)     becomes     co_log(fd, "%d %f", &block)     block: { 1, 2.0 }

A plain variadic function finds its arguments in its own register save area and in its caller's native frame; both are
gone when the coroutine was suspended.  The block is a local of the calling function whose address escapes, so it is in
that function's coroutine frame where a suspension may follow, and stays where it is.  It is laid out as the target
passes variable arguments on the stack, and `va_start` describes it to `va_arg` as arguments whose registers are used
up.  So a va_list is an ordinary variable: it may be passed on, also to plain functions such as vprintf.

Rejected: copying the save area at entry, since how much the caller put on its stack only the caller knows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cpc.frontend.build import aapcs64, memory, passing
from cpc.frontend.build.convention import Lowered
from cpc.frontend.build.values import Place, Value, align_of, size_of
from cpc.frontend.c_types import VOID, FunctionT, PointerT, QType
from cpc.frontend.conversions import unqualified
from cpc.ir import ops as ir
from cpc.ir.types import PTR

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_POINTER = QType(PointerT(QType(VOID)))


def applies(fn: FunctionT) -> bool:
    return fn.variadic and fn.color == "coroutine"


def lowered_signature(b: Builder, fn: FunctionT, types: list[QType]) -> Lowered:
    """The shape of a call: `params` has the named parameters only, the pointer to the others comes last."""
    named = b.lower_signature(replace(fn, variadic=False), types[: len(fn.params)])
    return replace(named, sig=replace(named.sig, params=(*named.sig.params, ir.ParamSpec(PTR))))


def pass_arguments(b: Builder, values: list[Value]) -> ir.Operand:
    """The address of a block with the values, or a null pointer when there is none."""
    if not values:
        return ir.Const(PTR, 0)
    places: list[tuple[int, Value]] = []
    end, widest = 0, 8
    for value in (_travelling(b, value) for value in values):
        align = max(8, _stack_align(b, value.type))
        at = -(-end // align) * align
        places.append((at, value))
        end, widest = at + -(-size_of(value.type) // 8) * 8, max(widest, align)
    block = b.em.local(b.em.fn.fresh("arguments"), end, widest)
    for at, value in places:
        plain = unqualified(value.type)
        memory.store(b, Place(b.em.ptr_add(block, at), plain, max(8, align_of(plain)), may_alias=True), value)
    return block


def _travelling(b: Builder, value: Value) -> Value:
    """What is passed for the value: itself, or the address of a copy where the convention says so."""
    if b.target.calls != "aapcs64" or not aapcs64.classify(value.type).copied:
        return value
    address = passing.to_registers(b, value, aapcs64.classify(value.type))
    return Value(address[-1], _POINTER)


def _stack_align(b: Builder, type_: QType) -> int:
    return align_of(type_) if b.target.calls == "sysv" else aapcs64.argument_align(type_)
