"""The types of IR values: scalars only.

Memory is bytes.  A local, a global or a parameter passed in memory has a size and an alignment, never a
structure: field offsets are computed by the front end, where the C types live.  So the only types are those
that fit a virtual register: integers, IEEE and x87 floats, pointers (opaque), and vectors of these.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IntType:
    """A two's complement integer of `bits` bits; signedness lives in the operations."""

    bits: int

    def __str__(self) -> str:
        return f"i{self.bits}"


@dataclass(frozen=True, slots=True)
class FloatType:
    """A binary floating type: f32, f64, f80 (x87, 16 bytes in memory) or f128."""

    bits: int

    def __str__(self) -> str:
        return f"f{self.bits}"


@dataclass(frozen=True, slots=True)
class PtrType:
    """A 64-bit address."""

    def __str__(self) -> str:
        return "ptr"


@dataclass(frozen=True, slots=True)
class VecType:
    """`count` lanes of a scalar, as a SIMD register holds them."""

    lane: IntType | FloatType
    count: int

    def __str__(self) -> str:
        return f"v{self.count}{self.lane}"


Type = IntType | FloatType | PtrType | VecType

I1 = IntType(1)
I8 = IntType(8)
I16 = IntType(16)
I32 = IntType(32)
I64 = IntType(64)
I128 = IntType(128)
F32 = FloatType(32)
F64 = FloatType(64)
F80 = FloatType(80)
F128 = FloatType(128)
PTR = PtrType()


def store_size(type_: Type) -> int:
    """The bytes a value of `type_` takes in memory (System V: f80 takes 16, i1 takes 1)."""
    match type_:
        case PtrType():
            return 8
        case FloatType(80):
            return 16
        case VecType(lane, count):
            return store_size(lane) * count
        case IntType(bits) | FloatType(bits):
            return max(1, bits // 8)
