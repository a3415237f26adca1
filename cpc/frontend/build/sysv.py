"""System V x86-64: how a C type travels in a call (psABI 1.0, section 3.2.3).

`classify` sorts a type's eightbytes into INTEGER, SSE, X87 or MEMORY; `lower_signature` assigns the parameters of a
function type in order to the six integer and eight vector registers.  A struct that does not fit entirely into the
registers that are left goes to memory as a whole, so the lowering has to count them.

The answer is in terms of IR types: a struct in registers becomes one IR parameter per eightbyte (a `Piece`), a struct
in memory becomes a `byval` pointer, a result in memory an `sret` pointer in front.  LLVM then assigns the same
registers, because it sees the same sequence of scalar classes.

Coroutine functions return through {rax, dl}: a result that is not one scalar of at most 64 bits goes behind `sret`.
"""

from __future__ import annotations

from cpc.frontend.build.convention import MEMORY, NOTHING, Lowered, Passing, Piece, is_co_result, is_padding, leaves
from cpc.frontend.build.values import align_of, int_type, is_scalar, scalar_type, size_of
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
from cpc.frontend.conversions import unqualified
from cpc.ir.ops import ParamSpec, Sig
from cpc.ir.types import F32, F64, F80, I8, I16, I32, I64, PTR, FloatType, IntType, Type, VecType, store_size

INTEGER_REGISTERS = 6
VECTOR_REGISTERS = 8


def _class_of(ctype: CType | None) -> str:
    match ctype:
        case FloatT(bits=80):
            return "X87"
        case FloatT() | VectorT():
            return "SSE"
        case _:
            return "INTEGER"


def _merge(a: str, b: str) -> str:
    if a == b or not b:
        return a
    if not a:
        return b
    if "MEMORY" in (a, b):
        return "MEMORY"
    if "INTEGER" in (a, b):
        return "INTEGER"
    return "MEMORY" if "X87" in a + b else "SSE"


def _aligned(bit: int, ctype: CType | None) -> bool:
    return ctype is None or bit % (align_of(QType(ctype)) * 8) == 0


def _aggregate_classes(ctype: CType, size: int) -> list[str]:
    classes = [""] * ((size + 7) // 8)
    for bit, width, leaf in leaves(ctype):
        if not _aligned(bit, leaf):
            return ["MEMORY"]
        first = _class_of(leaf)
        for i in range(bit // 64, (bit + width - 1) // 64 + 1):
            rest = {"X87": "X87UP", "SSE": "SSEUP"}.get(first, first) if i != bit // 64 else first
            classes[i] = _merge(classes[i], rest)
    if "MEMORY" in classes or (classes[-1] == "X87UP" and classes[0] != "X87"):
        return ["MEMORY"]
    if classes[-1] == "SSEUP" and classes[0] != "SSE":
        classes[-1] = "SSE"  # the upper half of a vector whose lower half shares its place with integers
    return classes


def classify(type_: QType, result: bool = False, wide: bool = False) -> Passing:
    """How a value of `type_` travels when registers are plentiful; `wide` when vector registers have 32 bytes."""
    ctype = type_.type
    if isinstance(ctype, VoidT):
        return NOTHING
    if isinstance(ctype, ComplexT) and isinstance(ctype.part, FloatT) and ctype.part.bits == 80:
        return Passing((Piece(0, F80), Piece(16, F80))) if result else MEMORY
    size = size_of(type_)
    if wide and (vector := _whole_vector(ctype, size)):
        return Passing((Piece(0, vector),))
    if isinstance(ctype, VectorT) and size > 16:
        return MEMORY
    if is_scalar(type_):
        return Passing((Piece(0, F64 if isinstance(ctype, VectorT) and size == 8 else scalar_type(type_)),))
    if size == 0:
        return NOTHING
    if size > 16:
        return MEMORY
    return _pieces(ctype, size, result)


def _whole_vector(ctype: CType, size: int) -> Type | None:
    """The 32-byte vector that a type is, perhaps in a struct: SSE and three SSEUP eightbytes."""
    if size != 32 or not isinstance(ctype, VectorT | RecordT | ArrayT):
        return None
    inside = [leaf for bit, _, leaf in leaves(ctype) if isinstance(leaf, VectorT) and not bit]
    only = len(inside) == 1 == sum(1 for _ in leaves(ctype)) and size_of(QType(inside[0])) == 32
    return scalar_type(QType(inside[0])) if only else None


def _pieces(ctype: CType, size: int, result: bool) -> Passing:
    classes = _aggregate_classes(ctype, size)
    if classes == ["MEMORY"]:
        return MEMORY
    if classes[0] == "X87":
        return Passing((Piece(0, F80),)) if result else MEMORY
    if classes[-1] == "SSEUP" and classes[0] == "SSE":
        return Passing((Piece(0, _wide_vector(ctype)),))
    pieces = []
    for i, kind in enumerate(classes):
        if kind == "SSE":
            pieces.append(Piece(8 * i, _sse_type(ctype, i)))
        elif kind:
            pieces.append(Piece(8 * i, _integer_type(min(8, size - 8 * i))))
    return Passing(tuple(pieces))


def _integer_type(size: int) -> IntType:
    return I8 if size == 1 else I16 if size == 2 else I32 if size <= 4 else I64


def _wide_vector(ctype: CType) -> Type:
    """The 16-byte vector or _Float128 that fills a struct of class SSE, SSEUP."""
    for _, width, leaf in leaves(ctype):
        if width == 128 and leaf is not None:
            return scalar_type(QType(leaf))
    raise AssertionError("an SSEUP eightbyte without a 16-byte leaf")


def _sse_type(ctype: CType, index: int) -> Type:
    """The narrowest type that carries this eightbyte: float, two floats, or double for anything else."""
    inside = {(bit - 64 * index, width) for bit, width, _ in leaves(ctype) if bit // 64 == index}
    if inside == {(0, 32)}:
        return F32
    return VecType(F32, 2) if inside == {(0, 32), (32, 32)} else F64


def needs(passing: Passing) -> tuple[int, int]:
    """The integer and vector registers a value takes."""
    integers = vectors = 0
    for piece in passing.pieces:
        if isinstance(piece.type, VecType) or (isinstance(piece.type, FloatType) and piece.type != F80):
            vectors += 1
        elif piece.type != F80:
            integers += max(1, store_size(piece.type) // 8)
    return integers, vectors


# ---- signatures ---------------------------------------------------------------------------------------------


def extension(type_: QType) -> str:
    """How an integer under 32 bits fills its register."""
    integer = int_type(type_)
    if integer is not None and integer.size < 4:
        return "sext" if integer.signed else "zext"
    return ""


def lower_signature(fn: FunctionT, types: list[QType], wide: bool = False) -> Lowered:
    """The shape of a call that passes values of `types`.  Vectors of 32 bytes travel in registers between functions
    that have such (`wide`), but not as unnamed arguments."""
    result = classify(fn.result, result=True, wide=wide)
    if result.memory and is_padding(fn.result.type):
        result = NOTHING
    coroutine = fn.color == "coroutine"
    sret = result.memory or (coroutine and not is_co_result(fn.result))
    if sret:
        result = MEMORY
    integers, vectors = INTEGER_REGISTERS - sret, VECTOR_REGISTERS
    specs: list[ParamSpec] = []
    if sret:
        specs.append(ParamSpec(PTR, sret=(max(1, size_of(fn.result)), align_of(fn.result))))
    params = []
    named = len(fn.params) if fn.variadic else len(types)
    for index, type_ in enumerate(types):
        passing = classify(type_, wide=wide and index < named)
        wanted = needs(passing)
        if wanted[0] > integers or wanted[1] > vectors:
            passing = passing if is_scalar(type_) else MEMORY
        else:
            integers, vectors = integers - wanted[0], vectors - wanted[1]
        if passing.memory and is_padding(type_.type):
            passing = NOTHING
        params.append(passing)
        specs.extend(_specs(type_, passing))
    rets = tuple(p.type for p in result.pieces)
    ret_ext = extension(fn.result) if len(rets) == 1 and is_scalar(fn.result) else ""
    variadic = fn.variadic or not fn.prototyped
    return Lowered(Sig(tuple(specs), rets, variadic, ret_ext), tuple(params), result, sret)


def _specs(type_: QType, passing: Passing) -> list[ParamSpec]:
    if passing.memory:
        return [ParamSpec(PTR, byval=(max(1, size_of(type_)), max(8, align_of(type_))))]
    ext = extension(unqualified(type_)) if is_scalar(type_) else ""
    return [ParamSpec(p.type, ext) for p in passing.pieces]
