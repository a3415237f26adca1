"""_Atomic objects: loads, stores, compound assignment (C11 6.2.6.1p9, 6.5.16.2p3); all sequentially consistent.

Objects of 1, 2, 4, 8 and 16 bytes are single accesses that travel through an integer of their size (or a pointer);
for 16 bytes LLVM calls libatomic's __atomic_load_16 and the like, or uses what the machine has under -mcx16.  Objects
of other sizes go through libatomic's general functions, by address.  A compound assignment is an AtomicRmw where there
is one, else a compare-and-exchange loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cpc.frontend.build import arithmetic, memory
from cpc.frontend.build.convert import convert
from cpc.frontend.build.values import (
    Place,
    Value,
    align_of,
    int_type,
    is_bool,
    is_pointer,
    is_scalar,
    scalar_type,
    size_of,
)
from cpc.frontend.c_types import INT, ULONG, VOID, PointerT, QType
from cpc.frontend.conversions import unqualified
from cpc.ir import ops as ir
from cpc.ir.types import I1, I32, I64, PTR, FloatType, IntType, PtrType, Type, store_size

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

SEQ_CST = "seq_cst"
LOCK_FREE = (1, 2, 4, 8)
SIZED = (*LOCK_FREE, 16)
_RMW = {"+": "add", "-": "sub", "&": "and", "|": "or", "^": "xor"}
_ORDER_NUMBERS = {"relaxed": 0, "acquire": 2, "release": 3, "acq_rel": 4, "seq_cst": 5}


def carrier(type_: QType) -> Type | None:
    """The IR type that an atomic access of the object uses: an integer or a pointer.  None: libatomic does it."""
    size = size_of(type_)
    if size not in SIZED:
        return None
    own = scalar_type(type_) if is_scalar(type_) else None
    return own if isinstance(own, IntType | PtrType) else IntType(8 * size)


def to_carrier(b: Builder, value: Value, carrier_type: Type) -> ir.Operand:
    """The value's bits in the carrier; padding is zero."""
    if is_scalar(value.type):
        if value.op.type == carrier_type:
            return value.op
        if _width(value.op.type) == _width(carrier_type):
            return b.em.cast("bitcast", value.op, carrier_type)
        padded = memory.new_temporary(b, value.type, "padded")
        b.em.store(padded, b.em.zero(carrier_type), align_of(value.type))
        b.em.store(padded, value.op, align_of(value.type))
        return b.em.load(carrier_type, padded, align_of(value.type))
    place = memory.materialize(b, value)
    return b.em.load(carrier_type, place.addr, place.align)


def from_carrier(b: Builder, op: ir.Operand, type_: QType) -> Value:
    plain = unqualified(type_)
    if is_scalar(plain):
        own = scalar_type(plain)
        if own == op.type:
            return Value(op, plain)
        if _width(own) == _width(op.type):
            return Value(b.em.cast("bitcast", op, own), plain)
    place = memory.temporary_place(b, plain, "atomic")
    b.em.store(place.addr, op, place.align)
    return memory.load(b, place, None)


def _width(type_: Type) -> int:
    """Bits that hold the value: 80 of long double's 128."""
    return type_.bits if isinstance(type_, IntType | FloatType) else 8 * store_size(type_)


# ---- accesses -----------------------------------------------------------------------------------------------


def load(b: Builder, ptr: ir.Operand, type_: QType, order: str, volatile: bool = False) -> Value:
    """The value of the object of `type_`, unqualified, at `ptr`."""
    carrier_type = carrier(type_)
    if carrier_type is not None:
        return from_carrier(b, b.em.load(carrier_type, ptr, store_size(carrier_type), volatile, order), type_)
    place = memory.temporary_place(b, type_, "atomic")
    _by_library(b, "load", type_, [ptr, place.addr], order)
    return memory.load(b, place, None)


def store(b: Builder, ptr: ir.Operand, value: Value, order: str, volatile: bool = False) -> None:
    carrier_type = carrier(value.type)
    if carrier_type is not None:
        b.em.store(ptr, to_carrier(b, value, carrier_type), store_size(carrier_type), volatile, order)
    else:
        _by_library(b, "store", value.type, [ptr, memory.materialize(b, value).addr], order)


def exchange(b: Builder, ptr: ir.Operand, value: Value, order: str) -> Value:
    """Stores `value` and answers what was there."""
    carrier_type = carrier(value.type)
    if carrier_type is not None:
        return from_carrier(b, rmw(b, "xchg", ptr, to_carrier(b, value, carrier_type), order), value.type)
    old = memory.temporary_place(b, value.type, "atomic")
    _by_library(b, "exchange", value.type, [ptr, memory.materialize(b, value).addr, old.addr], order)
    return memory.load(b, old, None)


def compare_exchange(
    b: Builder, ptr: ir.Operand, expected: Place, desired: Value, orders: tuple[str, str], weak: bool
) -> ir.Operand:
    """i1: the object held what `expected` holds, and holds `desired` now; else `expected` holds what it held."""
    carrier_type = carrier(desired.type)
    if carrier_type is None:
        addresses = [ptr, expected.addr, memory.materialize(b, desired).addr]
        return b.em.is_nonzero(_by_library(b, "compare_exchange", desired.type, addresses, *orders))
    before = b.em.load(carrier_type, expected.addr, expected.align)
    value = to_carrier(b, desired, carrier_type)
    seen, ok = b.em.reg(carrier_type), b.em.reg(I1)
    b.em.add(ir.CmpXchg(seen, ok, ptr, before, value, *orders, weak, b.em.loc))
    failed, done = b.em.new_label("differs"), b.em.new_label("exchanged")
    b.em.branch(ok, done, failed)
    b.em.start(failed)
    b.em.store(expected.addr, seen, expected.align)
    b.em.start(done)
    return ok


def _by_library(b: Builder, name: str, type_: QType, addresses: list[ir.Operand], *orders: str) -> ir.Operand:
    """libatomic's function for objects of any size: the size, addresses, orders."""
    from cpc.frontend.build import library  # which needs calls, which need memory

    values = [Value(ir.Const(I64, size_of(type_)), QType(ULONG))]
    values += [Value(address, QType(PointerT(QType(VOID)))) for address in addresses]
    values += [Value(ir.Const(I32, _ORDER_NUMBERS[order]), QType(INT)) for order in orders]
    return library.call_values(b, f"__atomic_{name}", values, None).op


def load_place(b: Builder, place: Place) -> Value:
    return load(b, place.addr, unqualified(place.type), SEQ_CST, place.type.volatile)


def store_place(b: Builder, place: Place, value: Value) -> Value:
    store(b, place.addr, value, SEQ_CST, place.type.volatile)
    return value


# ---- compound assignment ------------------------------------------------------------------------------------


def compound(b: Builder, place: Place, op: str, right: Value, node: Any) -> tuple[Value, Value]:
    """(old, new) of `place op= right` as one atomic step."""
    type_ = unqualified(place.type)
    if op in _RMW and int_type(type_) is not None and not is_bool(type_) and int_type(right.type) is not None:
        operand = convert(b, right, type_, node).op
        old = rmw(b, _RMW[op], place.addr, operand, SEQ_CST)
        return Value(old, type_), Value(b.em.bin(_RMW[op], old, operand), type_)
    if op in "+-" and is_pointer(type_) and int_type(right.type) is not None:
        zero = Value(ir.Const(PTR, 0), type_)
        moved = arithmetic.binary(b, op, zero, right, node)
        distance = b.em.cast("ptrtoint", moved.op, I64)
        old = rmw(b, "add", place.addr, distance, SEQ_CST)
        new = b.em.bin("add", old, distance)
        before, after = (Value(b.em.cast("inttoptr", number, PTR), type_) for number in (old, new))
        return before, after
    return exchange_loop(b, place, op, right, node)


def rmw(b: Builder, op: str, ptr: ir.Operand, value: ir.Operand, order: str) -> ir.Operand:
    dst = b.em.reg(value.type)
    b.em.add(ir.AtomicRmw(dst, op, ptr, value, order, b.em.loc))
    return dst


def exchange_loop(b: Builder, place: Place, op: str, right: Value, node: Any) -> tuple[Value, Value]:
    """(old, new) of an operation that the machine has not: computed and exchanged until nobody interfered."""
    type_ = unqualified(place.type)
    expected = memory.temporary_place(b, type_, "expected")
    carrier_type = carrier(type_)
    if carrier_type is not None:  # its bits with the padding, which is compared too
        b.em.store(expected.addr, b.em.load(carrier_type, place.addr, store_size(carrier_type), False, SEQ_CST))
    else:
        _by_library(b, "load", type_, [place.addr, expected.addr], SEQ_CST)
    again, done = b.em.new_label("retry"), b.em.new_label("assigned")
    b.em.start(again)
    old = memory.load(b, expected, node)
    new = convert(b, arithmetic.binary(b, op, old, right, node), type_, node)
    b.em.branch(compare_exchange(b, place.addr, expected, new, (SEQ_CST, SEQ_CST), False), done, again)
    b.em.start(done)
    return old, new


def increment(b: Builder, place: Place, op: str, post: bool, node: Any) -> Value:
    """`++` and `--` of an atomic object."""
    one = Value(ir.Const(I32, 1), QType(INT))
    sign = "+" if op == "++" else "-"
    old, new = compound(b, place, sign, one, node)
    return old if post else new
