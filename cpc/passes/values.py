"""A coroutine function's result as the 64 bits that every ramp and resume function passes (backend/abi.py).

Integers are extended as the signature says, pointers are their address, floats their bits in the low end.
Requires: a scalar of at most 64 bits, which the verifier has checked.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.ir.ops import NO_LOC, Cast, Const, Function, Loc, Op, Operand, Reg, Undef
from cpc.ir.types import I64, FloatType, IntType, PtrType, Type, VecType


def to_word(fn: Function, value: Operand, ext: str, loc: Loc = NO_LOC) -> tuple[list[Op], Operand]:
    """The ops that turn `value` into an i64, and that i64.  `ext`: 'sext', or anything else for zeros."""
    match value:
        case Const(IntType(bits) | FloatType(bits), bits_of):
            signed = ext == "sext" and isinstance(value.type, IntType) and bits_of >> (bits - 1)
            return [], Const(I64, bits_of | (-1 << bits) & (2**64 - 1) if signed else bits_of)
        case Undef():
            return [], Undef(I64)
    return _casts(fn, value, list(_to_word(value.type, ext)), loc)


def from_word(fn: Function, word: Operand, result: Reg, loc: Loc = NO_LOC) -> list[Op]:
    """The ops that assign `result` from the i64 `word`."""
    steps = list(_from_word(result.type)) or [("bitcast", I64)]
    ops, value = _casts(fn, word, steps[:-1], loc)
    return [*ops, Cast(result, steps[-1][0], value, loc)]


def _to_word(type_: Type, ext: str) -> Iterator[tuple[str, Type]]:
    match type_:
        case PtrType():
            yield "ptrtoint", I64
            return
        case FloatType() | VecType():
            type_ = IntType(_bits(type_))
            yield "bitcast", type_
    assert isinstance(type_, IntType)
    if type_.bits < 64:
        yield "sext" if ext == "sext" else "zext", I64


def _from_word(type_: Type) -> Iterator[tuple[str, Type]]:
    if isinstance(type_, PtrType):
        yield "inttoptr", type_
        return
    bits = _bits(type_)
    if bits < 64:
        yield "trunc", IntType(bits)
    if not isinstance(type_, IntType):
        yield "bitcast", type_


def _bits(type_: FloatType | VecType | IntType) -> int:
    return type_.lane.bits * type_.count if isinstance(type_, VecType) else type_.bits


def _casts(fn: Function, value: Operand, steps: list[tuple[str, Type]], loc: Loc) -> tuple[list[Op], Operand]:
    ops: list[Op] = []
    for kind, type_ in steps:
        reg = Reg(fn.fresh("w"), type_)
        ops.append(Cast(reg, kind, value, loc))
        value = reg
    return ops, value
