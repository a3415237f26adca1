"""Compound literals and casts to unions that initialise static objects, and arrays (GNU): what they stand for there.

`static struct s x = (struct s){ 1 };` is `= { 1 }`; a literal of a scalar type is its value.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend import conversions
from cpc.frontend.c_types import ArrayT, QType, RecordT

if TYPE_CHECKING:
    from cpc.frontend.sema import Sema


def literal_list(sema: Sema, type_: QType, literal: Any) -> Any:
    """The braces of a compound literal that initialises an object of its own type (GNU)."""
    given = sema.type_name(literal.type)
    if not conversions.is_aggregate(type_) and not conversions.is_arithmetic(type_):
        return None
    return literal.init if conversions.compatible(_bare(type_), _bare(given)) else None


def static_list(sema: Sema, type_: QType, init: Any) -> Any:
    """The braces that stand for a compound literal, or for a value that is cast to a union (GNU), or None."""
    if isinstance(init, c_ast.CompoundLiteral):
        return literal_list(sema, type_, init)
    if not isinstance(init, c_ast.Cast) or not isinstance(type_.type, RecordT) or type_.type.kind != "union":
        return None
    if sema.type_name(init.to_type).type is not type_.type or sema.evaluator is None:
        return None
    given = conversions.unqualified(conversions.decay(sema.evaluator.type_of(init.expr)))
    for member in type_.type.members or []:
        if member.name and conversions.compatible(conversions.unqualified(member.type), given):
            designated = c_ast.NamedInitializer([c_ast.ID(member.name, init.coord)], init.expr, init.coord)
            return c_ast.InitList([designated], init.coord)
    return None


def scalar_value(sema: Sema, init: Any) -> Any:
    """`(short){2}` and `(char *){"text"}` in a static initialiser (GNU): the value, converted to the literal's type."""
    if not isinstance(init, c_ast.CompoundLiteral) or len(init.init.exprs) != 1:
        return init
    value = init.init.exprs[0]
    given = sema.type_name(init.type)
    if not conversions.is_scalar(given) or isinstance(value, c_ast.InitList | c_ast.NamedInitializer):
        return init
    return c_ast.Cast(init.type, value, init.coord)


def _bare(type_: QType) -> QType:
    """Without qualifiers, those of an array's elements too."""
    if isinstance(type_.type, ArrayT):
        return QType(ArrayT(_bare(type_.type.elem), type_.type.length, type_.type.vla))
    return conversions.unqualified(type_)


def as_long_as(sema: Sema, type_: QType, literal: Any) -> QType:
    """An array of unknown length has that of the literal it is initialised from: `int a[] = (int[3]){ 1 };`."""
    if not isinstance(type_.type, ArrayT):
        return type_
    given = sema.type_name(literal.type).type
    if isinstance(given, ArrayT) and isinstance(given.length, int):
        return with_length(type_, given.length)
    return type_


def with_length(type_: QType, length: int) -> QType:
    array = type_.type
    assert isinstance(array, ArrayT)
    return type_ if array.length is not None else replace(type_, type=ArrayT(array.elem, length))
