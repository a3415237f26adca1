"""Which constant operations on floating-point numbers have an effect: they raise an exception, or round (C11 F.8).

`environment` is as in float_environment.py.  In "traps" what would raise 'invalid', 'divide-by-zero' or 'overflow'
stays an operation, as in gcc; in "dynamic" also what is inexact, as its result depends on the rounding mode.
"""

from __future__ import annotations

from fractions import Fraction

from cpc.frontend.build import floats, fold
from cpc.ir.ops import Const, Operand
from cpc.ir.types import FloatType, IntType


def of_bin(op: str, a: Operand, b: Operand, result: Operand, environment: str) -> bool:
    if not (isinstance(a, Const) and isinstance(b, Const) and isinstance(result, Const)):
        return False
    type_ = a.type
    if not isinstance(type_, FloatType):
        return False
    if _signals(a) or _signals(b):
        return True
    x, y = floats.decode(a.value, type_), floats.decode(b.value, type_)
    if x is None or y is None:
        either = floats.is_nan(a.value, type_) or floats.is_nan(b.value, type_)
        return floats.is_nan(result.value, type_) and not either
    found = floats.decode(result.value, type_)
    return found is None or (environment == "dynamic" and found != _exact(op, x, y))


def _exact(op: str, x: Fraction, y: Fraction) -> Fraction:
    match op:
        case "fadd":
            return x + y
        case "fsub":
            return x - y
        case "fmul":
            return x * y
        case _:
            return x / y


def of_cmp(pred: str, a: Operand, b: Operand) -> bool:
    """Comparisons by order raise 'invalid' for every NaN, the others for signalling ones."""
    operands = [operand for operand in (a, b) if isinstance(operand.type, FloatType)]
    if not operands:
        return False
    by_order = pred in ("folt", "fole", "fogt", "foge")
    return any(_signals(x) or (by_order and _is_nan(x)) for x in operands)


def of_cast(op: str, a: Operand, result: Operand, environment: str) -> bool:
    if not (isinstance(a, Const) and isinstance(result, Const)):
        return False
    match op, a.type, result.type:
        case "fptrunc" | "fpext", FloatType() as source, FloatType() as target:
            before, after = floats.decode(a.value, source), floats.decode(result.value, target)
            overflows = before is not None and after is None
            return _signals(a) or overflows or (environment == "dynamic" and before != after)
        case "sitofp" | "uitofp", IntType(bits), FloatType() as target:
            value = fold.signed(a.value, bits) if op == "sitofp" else a.value
            return environment == "dynamic" and floats.decode(result.value, target) != value
    return False


def _is_nan(operand: Operand) -> bool:
    """Whether it is, or may be, a NaN."""
    return not isinstance(operand, Const) or (
        isinstance(operand.type, FloatType) and floats.is_nan(operand.value, operand.type)
    )


def _signals(operand: Operand) -> bool:
    if not isinstance(operand, Const) or not isinstance(operand.type, FloatType):
        return False
    quiet = floats.quiet_nan(operand.type) & ~floats.sign_bit(operand.type)
    return floats.is_nan(operand.value, operand.type) and operand.value & quiet != quiet
