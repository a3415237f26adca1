"""What building an expression gives: a `Value` (an rvalue) or a `Place` (an lvalue), and how C types map to IR types.

Scalars are IR operands.  A `_Bool` is an i8 that holds 0 or 1.  A record rvalue is the address of memory that holds
it, either an object or a temporary; whoever keeps it copies it.  A complex value is two operands, and a `void`
expression is the value `NOTHING`.
"""

from __future__ import annotations

from dataclasses import dataclass

from cpc.frontend import layout
from cpc.frontend.c_types import (
    UINT,
    VOID,
    ArrayT,
    ComplexT,
    EnumT,
    FloatT,
    FunctionT,
    IntT,
    PointerT,
    QType,
    RecordT,
    VectorT,
    VoidT,
)
from cpc.ir import ops as ir
from cpc.ir.types import F32, F64, F80, F128, I8, PTR, IntType, Type, VecType


@dataclass(frozen=True, slots=True)
class Value:
    """An rvalue of an unqualified type.  `align` is the known alignment of a record's memory (0: its type's).
    `bits` is the width of the bit-field it was read from, which decides its promotion, else 0.  `null` marks a null
    pointer constant: a literal 0, or (void *)0."""

    op: ir.Operand
    type: QType
    imag: ir.Operand | None = None
    align: int = 0
    bits: int = 0
    null: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """An lvalue: the object of `type` at `addr`, which is aligned to `align` bytes.  A bit-field is `width` bits from
    bit `bit` on, counted from `addr`.  `register` forbids to take the address.  `may_alias`: other lvalues of any
    type may access the object's bytes, as in a union.  `rvalue`: a part of a value, which is only read."""

    addr: ir.Operand
    type: QType
    align: int
    bit: int = 0
    width: int | None = None
    register: bool = False
    may_alias: bool = False
    rvalue: bool = False

    @property
    def is_bit_field(self) -> bool:
        return self.width is not None


VOID_TYPE = QType(VOID)
NOTHING = Value(ir.Undef(I8), VOID_TYPE)


def size_of(type_: QType) -> int:
    """The size; GNU C: 1 for void and functions.  Requires a type whose size is constant."""
    if isinstance(type_.type, VoidT | FunctionT):
        return 1
    size = layout.size_of(type_)
    assert size is not None, f"size of incomplete type {type_}"
    return size


def align_of(type_: QType) -> int:
    return layout.align_of(type_)


def arithmetic_type(type_: QType) -> IntT | FloatT | ComplexT | None:
    """The arithmetic type an expression of `type_` has: an enumeration counts as its integer type."""
    match type_.type:
        case IntT() | FloatT() | ComplexT() as t:
            return t
        case EnumT() as enum:
            return enum.underlying or UINT
        case _:
            return None


def int_type(type_: QType) -> IntT | None:
    t = arithmetic_type(type_)
    return t if isinstance(t, IntT) else None


def float_type(type_: QType) -> FloatT | None:
    return type_.type if isinstance(type_.type, FloatT) else None


def is_signed(type_: QType) -> bool:
    t = int_type(type_)
    return t is not None and t.signed


def is_pointer(type_: QType) -> bool:
    return isinstance(type_.type, PointerT)


def is_record(type_: QType) -> bool:
    return isinstance(type_.type, RecordT)


def is_complex(type_: QType) -> bool:
    return isinstance(type_.type, ComplexT)


def is_void(type_: QType) -> bool:
    return isinstance(type_.type, VoidT)


def is_bool(type_: QType) -> bool:
    return isinstance(type_.type, IntT) and type_.type.name == "_Bool"


def is_scalar(type_: QType) -> bool:
    """One IR register holds it."""
    return isinstance(type_.type, IntT | FloatT | PointerT | EnumT | VectorT)


def is_condition_type(type_: QType) -> bool:
    """C11 6.2.5p21, scalar: what `if` accepts."""
    return isinstance(type_.type, IntT | FloatT | PointerT | EnumT | ComplexT)


_FLOATS = {32: F32, 64: F64, 80: F80, 128: F128}


def scalar_type(type_: QType) -> Type:
    """The IR type of a scalar; see `is_scalar`."""
    match type_.type:
        case IntT(size=size):
            return IntType(8 * size)
        case FloatT(bits=bits):
            return _FLOATS[bits]
        case PointerT() | FunctionT() | ArrayT():
            return PTR
        case EnumT() as enum:
            return IntType(8 * (enum.underlying or UINT).size)
        case VectorT(elem, count):
            lane = scalar_type(QType(elem))
            assert not isinstance(lane, VecType) and lane != PTR
            return VecType(lane, count)  # type: ignore[arg-type]
        case other:
            raise AssertionError(f"not a scalar: {other}")


def pointee(type_: QType) -> QType:
    assert isinstance(type_.type, PointerT)
    return type_.type.target


def aligned_at(align: int, offset: int) -> int:
    """The alignment that is known `offset` bytes behind an address aligned to `align`."""
    return min(align, offset & -offset) if offset else align
