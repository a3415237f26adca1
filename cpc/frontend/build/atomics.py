"""_Atomic objects: loads, stores, compound assignment (C11 6.2.6.1p9, 6.5.16.2p3); all sequentially consistent.

Scalars of 1, 2, 4, 8 bytes are single machine accesses.  A compound assignment is an AtomicRmw where the machine has
one, else a compare-and-exchange loop.  A record or complex of such a size travels through an integer of its size;
anything larger is E0303, because its access would need a lock from libatomic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cpc.frontend.build import arithmetic, memory
from cpc.frontend.build.convert import convert
from cpc.frontend.build.describe import describe
from cpc.frontend.build.values import (
    Place,
    Value,
    int_type,
    is_bool,
    is_pointer,
    is_scalar,
    scalar_type,
    size_of,
)
from cpc.frontend.c_types import INT, QType, VectorT
from cpc.frontend.conversions import unqualified
from cpc.ir import ops as ir
from cpc.ir.types import I1, I32, I64, PTR, FloatType, IntType, Type, store_size

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

SEQ_CST = "seq_cst"
LOCK_FREE = (1, 2, 4, 8)
_RMW = {"+": "add", "-": "sub", "&": "and", "|": "or", "^": "xor"}


def carrier(b: Builder, type_: QType, node: Any) -> Type:
    """The IR type that an atomic access of the object uses: an integer or a pointer."""
    size = size_of(type_)
    if size not in LOCK_FREE:
        b.unsupported("E0303", node, f"atomic access to '{describe(type_)}' of {size} bytes")
    if is_scalar(type_) and not isinstance(type_.type, VectorT):
        own = scalar_type(type_)
        return IntType(8 * size) if isinstance(own, FloatType) else own
    return IntType(8 * size)


def to_carrier(b: Builder, value: Value, carrier_type: Type) -> ir.Operand:
    """The value's bits in the carrier."""
    if value.op.type == carrier_type and is_scalar(value.type):
        return value.op
    if is_scalar(value.type):
        return b.em.cast("bitcast", value.op, carrier_type)
    place = memory.materialize(b, value)
    return b.em.load(carrier_type, place.addr, place.align)


def from_carrier(b: Builder, op: ir.Operand, type_: QType) -> Value:
    plain = unqualified(type_)
    if is_scalar(plain):
        own = scalar_type(plain)
        return Value(op if own == op.type else b.em.cast("bitcast", op, own), plain)
    place = memory.temporary_place(b, plain, "atomic")
    b.em.store(place.addr, op, place.align)
    return memory.load(b, place, None)


def load_place(b: Builder, place: Place, node: Any) -> Value:
    type_ = carrier(b, unqualified(place.type), node)
    op = b.em.load(type_, place.addr, store_size(type_), place.type.volatile, SEQ_CST)
    return from_carrier(b, op, place.type)


def store_place(b: Builder, place: Place, value: Value) -> Value:
    type_ = carrier(b, unqualified(place.type), None)
    b.em.store(place.addr, to_carrier(b, value, type_), store_size(type_), place.type.volatile, SEQ_CST)
    return value


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
    carrier_type = carrier(b, unqualified(place.type), node)
    expected = b.em.scalar_local(b.em.fn.fresh("expected"), carrier_type)
    b.em.store(expected, b.em.load(carrier_type, place.addr, store_size(carrier_type), False, SEQ_CST))
    again, done = b.em.new_label("retry"), b.em.new_label("exchanged")
    b.em.start(again)
    before = b.em.load(carrier_type, expected)
    old = from_carrier(b, before, place.type)
    new = convert(b, arithmetic.binary(b, op, old, right, node), unqualified(place.type), node)
    seen, ok = b.em.reg(carrier_type), b.em.reg(I1)
    b.em.add(ir.CmpXchg(seen, ok, place.addr, before, to_carrier(b, new, carrier_type), SEQ_CST, SEQ_CST, loc=b.em.loc))
    b.em.store(expected, seen)
    b.em.branch(ok, done, again)
    b.em.start(done)
    return old, new


def increment(b: Builder, place: Place, op: str, post: bool, node: Any) -> Value:
    """`++` and `--` of an atomic object."""
    one = Value(ir.Const(I32, 1), QType(INT))
    sign = "+" if op == "++" else "-"
    old, new = compound(b, place, sign, one, node)
    return old if post else new
