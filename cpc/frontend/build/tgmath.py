"""`__builtin_tgmath(sqrtf, sqrt, sqrtl, csqrtf, ..., x)`: what <tgmath.h> expands to (gcc manual, "Other Builtins").

The functions come first, then the arguments.  The parameters whose type differs among the functions are generic: the
arguments there decide the type (C11 7.25p3), integers counting as double (or _Float64, where there is a
function of that), and with it the function, or the next larger one; the call
is then an ordinary one, which converts the arguments.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend.build.values import Place, Value
from cpc.frontend.c_types import DOUBLE, FLOAT64, ComplexT, CType, FloatT, FunctionT, PointerT, QType
from cpc.frontend.conversions import decay, unqualified

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder


def call(b: Builder, name: str, node: Any) -> Value | Place:
    exprs = node.args.exprs if node.args is not None else []
    types = [unqualified(decay(b.type_of(e))) for e in exprs]
    functions = [(e, fn) for e, t in zip(exprs, types, strict=True) if (fn := _function(t)) is not None]
    arguments, given = exprs[len(functions) :], types[len(functions) :]
    if not functions or any(len(fn.params) != len(arguments) for _, fn in functions):
        b.fail("E0254", node, f"'{name}' takes functions and then the arguments of one of them")
    generic = [i for i in range(len(arguments)) if len({fn.params[i] for _, fn in functions}) > 1]
    offered = {fn.params[i].type for _, fn in functions for i in generic}
    part = max((_part(given[i], offered) for i in generic), key=lambda part: part.rank, default=DOUBLE)
    is_complex = any(isinstance(given[i].type, ComplexT) for i in generic)
    larger = sorted((t for t in offered if isinstance(t, FloatT) and t.rank > part.rank), key=lambda t: t.rank)
    complex_ = (ComplexT(part), *map(ComplexT, larger))
    for wanted in complex_ if is_complex else (part, *larger, *complex_):  # carg() of a real number
        for expr, fn in functions:
            if all(fn.params[i].type == wanted for i in generic):
                chosen = c_ast.FuncCall(expr, c_ast.ExprList(arguments, node.coord) if arguments else None, node.coord)
                return b.build(chosen)
    b.fail("E0254", node, "no function of this type-generic macro takes arguments of these types")


def _function(type_: QType) -> FunctionT | None:
    target = type_.type.target.type if isinstance(type_.type, PointerT) else None
    return target if isinstance(target, FunctionT) else None


def _part(type_: QType, offered: Collection[CType]) -> FloatT:
    """The real type that an argument counts as, among functions of the types `offered`."""
    match type_.type:
        case (FloatT() as part) | ComplexT(FloatT() as part):
            return part
        case _:
            return FLOAT64 if FLOAT64 in offered else DOUBLE
