"""AAPCS64, the procedure call standard of 64-bit Arm: how a C type travels in a call (IHI 0055, section 6.8).

    homogeneous aggregate (1 to 4 equal floats or short vectors)   one vector register for each member
    other aggregates up to 16 bytes                                one or two integer registers
    aggregates over 16 bytes                                       the address of a copy that the caller makes
    results over 16 bytes                                          memory whose address the caller gives in x8 (sret)

There are eight registers of either kind.  An aggregate that does not fit into those left goes to the stack whole, and
the registers stay unused from then on (stages C.3, C.13): LLVM, which sees scalars, is kept from using them by `fill`
parameters that nobody reads.  One with an alignment of 16 starts at an even register, as LLVM does it for i128.
Small integers are not extended by the caller, and variable arguments travel like named ones.

Coroutine functions return through {x0, w1}: a result that is not one scalar of at most 64 bits goes behind `sret`.
"""

from __future__ import annotations

from dataclasses import dataclass

from cpc.frontend.build.convention import MEMORY, NOTHING, Lowered, Passing, Piece, is_co_result
from cpc.frontend.build.values import align_of, is_scalar, scalar_type, size_of
from cpc.frontend.c_types import (
    ArrayT,
    ComplexT,
    CType,
    FloatT,
    FunctionT,
    QType,
    RecordT,
    VectorT,
    VoidT,
)
from cpc.ir.ops import ParamSpec, Sig
from cpc.ir.types import F64, I8, I16, I32, I64, I128, PTR, FloatType, IntType, Type, VecType, store_size

REGISTERS = 8  # of either kind
LARGEST = 16  # bytes of an aggregate in integer registers

REFERENCE = Passing(memory=True, copied=True)


# ---- one value ----------------------------------------------------------------------------------------------


def classify(type_: QType) -> Passing:
    """How an argument of `type_` travels when registers are plentiful."""
    ctype = type_.type
    size = size_of(type_)
    if isinstance(ctype, VoidT) or size == 0:
        return NOTHING
    if isinstance(ctype, VectorT) and size > LARGEST:
        return REFERENCE
    if is_scalar(type_):
        short = isinstance(ctype, VectorT) and size not in (8, 16)  # not a vector for the hardware
        return Passing((Piece(0, IntType(8 * size) if short else scalar_type(type_)),))
    if (same := _homogeneous(ctype)) is not None and 1 <= same.count <= 4:
        return Passing(tuple(Piece(i * store_size(same.type), same.type) for i in range(same.count)))
    if size > LARGEST:
        return REFERENCE
    if size > 8 and argument_align(type_) == 16:
        return Passing((Piece(0, I128),))
    return Passing(tuple(Piece(at, _integer_type(min(8, size - at))) for at in range(0, size, 8)))


def _integer_type(size: int) -> IntType:
    return I8 if size == 1 else I16 if size == 2 else I32 if size <= 4 else I64


@dataclass(frozen=True, slots=True)
class _Same:
    """`count` members of one type; without any (an empty struct) `type` means nothing."""

    type: Type
    count: int


def _homogeneous(ctype: CType) -> _Same | None:
    """The members of a homogeneous aggregate, however they are nested; None when `ctype` is none (6.9.9)."""
    match ctype:
        case FloatT(bits=bits):
            return _Same(FloatType(bits), 1)
        case VectorT() if (size := size_of(QType(ctype))) in (8, 16):
            return _Same(VecType(I32, size // 4), 1)
        case ComplexT(FloatT(bits=bits)):
            return _Same(FloatType(bits), 2)
        case ArrayT(elem, length):
            same = _homogeneous(elem.type)
            return _Same(same.type, same.count * length) if same is not None and length else None
        case RecordT():
            return _record(ctype)
        case _:
            return None


def _record(record: RecordT) -> _Same | None:
    total = _Same(I8, 0)
    for member in record.members or ():
        if member.bit_width == 0 and record.kind == "struct":  # gcc ignores it there; clang does not
            continue
        same = _homogeneous(member.type.type) if member.bit_width is None else None
        if same is None or (same.count and total.count and same.type != total.type):
            return None
        if same.count:
            count = max(total.count, same.count) if record.kind == "union" else total.count + same.count
            total = _Same(same.type, count)
    padded = record.size != total.count * store_size(total.type)
    return None if padded else total


def argument_align(type_: QType) -> int:
    """The alignment that counts for passing (6.8.1): that of the members, an aligned attribute of a record or a
    typedef not being one; 8 or 16."""
    ctype = type_.type
    if not isinstance(ctype, RecordT):
        return 16 if align_of(QType(ctype)) >= 16 else 8
    found = 8
    for member in ctype.members or ():
        align = align_of(member.type)
        if member.bit_width is None:
            align = member.align if member.packed or ctype.packed else max(align, member.align)
            align = min(align, ctype.align)  # #pragma pack
        found = max(found, align)
    return 16 if found >= 16 else 8


def needs(passing: Passing) -> tuple[int, int]:
    """The integer and vector registers a value takes."""
    if passing.memory:
        return (1 if passing.copied else 0), 0
    vectors = sum(isinstance(piece.type, FloatType | VecType) for piece in passing.pieces)
    return sum(max(1, store_size(p.type) // 8) for p in passing.pieces) if not vectors else 0, vectors


# ---- signatures ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Registers:
    """How many registers of either kind are taken."""

    integers: int = 0
    vectors: int = 0

    def place(self, type_: QType) -> Passing:
        """Takes registers for one argument, or sends it to the stack."""
        passing = classify(type_)
        integers, vectors = needs(passing)
        if integers and _starts_even(passing):
            self.integers += self.integers % 2
        if self.integers + integers <= REGISTERS and self.vectors + vectors <= REGISTERS:
            self.integers, self.vectors = self.integers + integers, self.vectors + vectors
            return passing
        fill: tuple[Type, ...]
        if vectors:
            fill, self.vectors = (F64,) * (REGISTERS - self.vectors), REGISTERS
        else:
            fill, self.integers = (I64,) * (REGISTERS - self.integers), REGISTERS
        if is_scalar(type_) or passing.memory or _starts_even(passing):
            return passing  # LLVM sends it to the stack as it should
        return Passing(memory=True, fill=fill)


def _starts_even(passing: Passing) -> bool:
    return any(piece.type == I128 for piece in passing.pieces)


def lower_signature(fn: FunctionT, types: list[QType]) -> Lowered:
    """The shape of a call that passes values of `types`."""
    result = classify(fn.result)
    sret = result.memory or (fn.color == "coroutine" and not is_co_result(fn.result))
    if sret:
        result = MEMORY
    specs = [ParamSpec(PTR, sret=(max(1, size_of(fn.result)), align_of(fn.result)))] if sret else []
    registers = _Registers()
    params = []
    for type_ in types:
        passing = registers.place(type_)
        params.append(passing)
        specs.extend(_specs(type_, passing))
    rets = tuple(piece.type for piece in result.pieces)
    variadic = fn.variadic or not fn.prototyped
    return Lowered(Sig(tuple(specs), rets, variadic), tuple(params), result, sret)


def _specs(type_: QType, passing: Passing) -> list[ParamSpec]:
    fill = [ParamSpec(kind) for kind in passing.fill]
    if passing.copied:
        return [ParamSpec(PTR)]
    if passing.memory:
        return [*fill, ParamSpec(PTR, byval=(size_of(type_), argument_align(type_)))]
    return [ParamSpec(piece.type) for piece in passing.pieces]
