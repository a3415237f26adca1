"""Attributes that change types: vector_size, mode, the coroutine colours, noreturn, ms_abi.

Before: a type and the `Meaning` of the attributes around it.  After: the type that is meant.  A colour or noreturn
goes to the first function found from the outside, the declared one itself or the one that a pointer leads to;
vector_size and mode go to what the type is made of, as in `float *v __attribute__((vector_size(16)))`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from cpc.frontend import c_types, conversions, specifiers
from cpc.frontend.attribute_meaning import Meaning
from cpc.frontend.c_types import (
    ArrayT,
    ComplexT,
    CType,
    EnumT,
    FloatT,
    FunctionT,
    IntT,
    PointerT,
    QType,
    VectorT,
)
from cpc.loc import Loc

if TYPE_CHECKING:
    from cpc.frontend.sema import Sema


def apply(sema: Sema, type_: QType, meaning: Meaning, loc: Loc) -> QType:
    """Applies the attributes that change a type: vector_size, mode, colour and noreturn.  A colour goes to the first
    function found from the outside: the declared function itself, or the one that a pointer points to."""
    if meaning.mode:
        type_ = _rebase(type_, lambda base: with_mode(sema, base, meaning.mode, loc))
    if meaning.vector_size:
        type_ = _rebase(type_, lambda base: _vector(sema, base, meaning.vector_size, loc))
    if meaning.color or meaning.noreturn or meaning.ms_abi:
        colored = _color(sema, type_, meaning, loc)
        if colored is None and meaning.color:
            sema.diags.error("E0234", loc, "a coroutine annotation needs a function or a pointer to one")
        type_ = colored or type_
    if meaning.may_alias and not isinstance(type_.type, VectorT):
        sema.may_alias_seen = True
    return type_


def _color(sema: Sema, type_: QType, meaning: Meaning, loc: Loc) -> QType | None:
    match type_.type:
        case FunctionT() as fn:
            fn = replace(
                fn,
                color=meaning.color or fn.color,
                noreturn=fn.noreturn or meaning.noreturn,
                ms_abi=fn.ms_abi or meaning.ms_abi,
            )
            if fn.ms_abi and fn.color in ("coroutine", "mixed"):
                sema.diags.error("E0340", loc, "attribute 'ms_abi' of a coroutine function is not supported")
            return replace(type_, type=fn)
        case PointerT(target):
            inner = _color(sema, target, meaning, loc)
            return None if inner is None else replace(type_, type=PointerT(inner))
        case ArrayT(elem, length, vla):
            inner = _color(sema, elem, meaning, loc)
            return None if inner is None else replace(type_, type=ArrayT(inner, length, vla))
        case _:
            return None


def _rebase(type_: QType, change: Callable[[CType], CType]) -> QType:
    """`type_` with `change` applied to what its pointers, arrays and functions are made of."""
    match type_.type:
        case PointerT(target):
            return replace(type_, type=PointerT(_rebase(target, change)))
        case ArrayT(elem, length, vla):
            return replace(type_, type=ArrayT(_rebase(elem, change), length, vla))
        case FunctionT() as fn:
            return replace(type_, type=replace(fn, result=_rebase(fn.result, change)))
        case _:
            return replace(type_, type=change(type_.type))


def _vector(sema: Sema, base: CType, size: int, loc: Loc) -> CType:
    if isinstance(base, EnumT):
        base = conversions.integer_of(QType(base))
    if not isinstance(base, IntT | FloatT) or base.name == "_Bool":
        sema.diags.abort("E0225", loc, "vectors are made of integers, float or double")
    if (isinstance(base, FloatT) and base.size == 16) or (base.size == 16 and size == 16):
        count = "one " if isinstance(base, IntT) else ""
        sema.diags.abort("E0341", loc, f"a vector of {count}'{base.name}' is not supported")
    if size % base.size:
        sema.diags.abort("E0225", loc, f"vector size {size} is not a multiple of its element's size {base.size}")
    return VectorT(base, size // base.size, sema.target.largest_vector if size > sema.target.largest_vector else 0)


def with_mode(sema: Sema, base: CType, mode: str, loc: Loc) -> CType:
    wanted = sema.target.own(specifiers.TYPES[tuple(sorted(mode.split()))])
    match wanted, base:
        case IntT(), IntT():
            if mode == "char":
                return c_types.SCHAR if base.signed else c_types.UCHAR
            return wanted if base.signed else _UNSIGNED_MODES[wanted]
        case IntT(), EnumT():
            integer = conversions.integer_of(QType(base))
            return base if wanted.size == integer.size else with_mode(sema, integer, mode, loc)
        case (FloatT(), FloatT()) | (ComplexT(), ComplexT()):
            return wanted
        case _:
            sema.diags.abort("E0225", loc, f"machine mode of '{mode}' does not fit this type")


_UNSIGNED_MODES = {
    c_types.SHORT: c_types.USHORT,
    c_types.INT: c_types.UINT,
    c_types.LONG: c_types.ULONG,
    c_types.INT128: c_types.UINT128,
}
