"""C types: what a declaration means.  The constants below are those of x86-64; target.py has the differences.

A `QType` is a type with its qualifiers; every field that holds a type holds a `QType`.  Types compare by value,
except records and enums, which compare by identity (C11 6.2.7: two declarations in one unit with the same tag and
scope are one object here, completed in place).  Arithmetic rules (promotions, usual conversions, compatibility,
composite types) are in conversions.py; record layout is in layout.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cpc.loc import NO_LOC, Loc


@dataclass(frozen=True, slots=True)
class VoidT:
    pass


@dataclass(frozen=True, slots=True)
class IntT:
    """A standard or extended integer type.  `name` is canonical: 'char', 'signed char', 'unsigned char', 'short',
    'unsigned short', 'int', 'unsigned int', 'long', 'unsigned long', 'long long', 'unsigned long long', '_Bool',
    '__int128', 'unsigned __int128'."""

    name: str
    size: int
    signed: bool
    rank: int


@dataclass(frozen=True, slots=True)
class FloatT:
    """'float', 'double', 'long double', and '_Float32' to '_Float128', which are types of their own (TS 18661-3); of
    those with the same values the greater `rank` is the common type.  `bits` is the format: 80 is x87's, which takes
    16 bytes; the others are IEEE 754's."""

    name: str
    size: int
    rank: int
    bits: int


@dataclass(frozen=True, slots=True)
class ComplexT:
    part: FloatT | IntT


@dataclass(frozen=True, slots=True)
class PointerT:
    target: QType


@dataclass(frozen=True, slots=True)
class ArrayT:
    """`length` is None for an incomplete array.  For a VLA `vla` is its length expression (an AST node) and
    `length` is None; `vla` takes part in identity only."""

    elem: QType
    length: int | None
    vla: Any = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class VectorT:
    """__attribute__((vector_size)); `count` lanes.  `align` is 0 when it is the size."""

    elem: IntT | FloatT
    count: int
    align: int = 0


@dataclass(frozen=True, slots=True)
class FunctionT:
    """`params` are already adjusted (arrays and functions to pointers).  `prototyped` is False for `f()` and K&R.
    `color` is 'plain', 'coroutine', 'mixed' or 'blocking' (no_coroutine_fn): it belongs to the type, so that it
    travels through typedefs and pointers.  `ms_abi`: it is called as Windows does."""

    result: QType
    params: tuple[QType, ...]
    variadic: bool = False
    prototyped: bool = True
    color: str = "plain"
    noreturn: bool = False
    ms_abi: bool = False


@dataclass(slots=True)
class Member:
    """A member of a record.  `offset` is in bytes; a bit-field has `bit_width` (0 for an unnamed zero-width one)
    and `bit_offset`, counted in bits from the start of the record.  `name` is '' for an anonymous record member
    (its members are found through it) and for unnamed bit-fields."""

    name: str
    type: QType
    offset: int = 0
    bit_offset: int = 0
    bit_width: int | None = None
    align: int = 0  # from _Alignas or the aligned attribute; 0 when there is none
    packed: bool = False
    loc: Loc = NO_LOC


@dataclass(eq=False, slots=True)
class RecordT:
    """A struct or union; `members` is None while incomplete.  `size` and `align` are set by layout.py."""

    kind: str  # 'struct' or 'union'
    tag: str
    members: list[Member] | None = None
    size: int = 0
    align: int = 1
    packed: bool = False
    transparent: bool = False  # transparent_union
    may_alias: bool = False  # its members are accessed like characters
    loc: Loc = NO_LOC


@dataclass(eq=False, slots=True)
class EnumT:
    """An enumerated type; `underlying` is None while incomplete (GNU: then treated as unsigned int)."""

    tag: str
    underlying: IntT | None = None
    loc: Loc = NO_LOC


CType = VoidT | IntT | FloatT | ComplexT | PointerT | ArrayT | VectorT | FunctionT | RecordT | EnumT


@dataclass(frozen=True, slots=True)
class QType:
    """A qualified type.  `align` is a typedef's or a declaration's aligned attribute, 0 when there is none.  `typedef`
    is the name that the program wrote for it, for debuggers only: it may be lost, or kept where the type became
    another (the reader compares)."""

    type: CType
    const: bool = False
    volatile: bool = False
    restrict: bool = False
    atomic: bool = False
    align: int = 0
    typedef: Typedef | None = field(default=None, compare=False, repr=False)


@dataclass(eq=False, slots=True)
class Typedef:
    """What a typedef declared: `type` is what it names."""

    name: str
    type: QType
    loc: Loc = NO_LOC


VOID = VoidT()
BOOL = IntT("_Bool", 1, False, 1)
CHAR = IntT("char", 1, True, 2)
SCHAR = IntT("signed char", 1, True, 2)
UCHAR = IntT("unsigned char", 1, False, 2)
SHORT = IntT("short", 2, True, 3)
USHORT = IntT("unsigned short", 2, False, 3)
INT = IntT("int", 4, True, 4)
UINT = IntT("unsigned int", 4, False, 4)
LONG = IntT("long", 8, True, 5)
ULONG = IntT("unsigned long", 8, False, 5)
LLONG = IntT("long long", 8, True, 6)
ULLONG = IntT("unsigned long long", 8, False, 6)
INT128 = IntT("__int128", 16, True, 7)
UINT128 = IntT("unsigned __int128", 16, False, 7)
FLOAT = FloatT("float", 4, 1, 32)
FLOAT32 = FloatT("_Float32", 4, 2, 32)
FLOAT32X = FloatT("_Float32x", 8, 3, 64)
DOUBLE = FloatT("double", 8, 4, 64)
FLOAT64 = FloatT("_Float64", 8, 5, 64)
FLOAT64X = FloatT("_Float64x", 16, 6, 80)
LDOUBLE = FloatT("long double", 16, 7, 80)
FLOAT128 = FloatT("_Float128", 16, 8, 128)
