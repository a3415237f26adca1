"""Products and quotients of complex constants, as gcc computes them: rounded once from the exact value, and by C11
Annex G where an operand is not finite.
"""

from __future__ import annotations

from fractions import Fraction

from cpc.frontend.build import floats, fold
from cpc.ir.ops import Const
from cpc.ir.types import FloatType

Complex = tuple[Const, Const]


def _number(value: Const) -> Fraction | None:
    assert isinstance(value.type, FloatType)
    return floats.decode(value.value, value.type)


def is_finite(value: Const) -> bool:
    return _number(value) is not None


def complex_arithmetic(kind: str, x: Complex, y: Complex) -> Complex:
    """`mul` or `div`."""
    type_ = x[0].type
    assert isinstance(type_, FloatType)
    numbers = [_number(part) for part in (*x, *y)]
    naive = _naive_product(x, y) if kind == "mul" else _naive_quotient(x, y)
    if any(number is None for number in numbers) or (kind == "div" and numbers[2:] == [0, 0]):
        special = _special_product(x, y) if kind == "mul" else _special_quotient(x, y)
        return special or naive
    a, b, c, d = (number or Fraction(0) for number in numbers)
    if kind == "mul":
        exact = (a * c - b * d, b * c + a * d)
    else:
        norm = c * c + d * d
        exact = ((a * c + b * d) / norm, (b * c - a * d) / norm)
    real, imag = (_rounded(value, guess) for value, guess in zip(exact, naive, strict=True))
    return real, imag


def _rounded(value: Fraction, guess: Const) -> Const:
    """The constant next to an exact value.  The plain formula, which may overflow on its way, knows a zero's sign."""
    assert isinstance(guess.type, FloatType)
    return guess if not value and _number(guess) == 0 else Const(guess.type, floats.encode(value, guess.type))


def _f(op: str, a: Const, b: Const) -> Const:
    result = fold.fold_bin(op, a, b, translating=True)
    assert isinstance(result, Const)
    return result


def _naive_product(x: Complex, y: Complex) -> Complex:
    real = _f("fsub", _f("fmul", x[0], y[0]), _f("fmul", x[1], y[1]))
    return real, _f("fadd", _f("fmul", x[0], y[1]), _f("fmul", x[1], y[0]))


def _naive_quotient(x: Complex, y: Complex) -> Complex:
    norm = _f("fadd", _f("fmul", y[0], y[0]), _f("fmul", y[1], y[1]))
    real = _f("fadd", _f("fmul", x[0], y[0]), _f("fmul", x[1], y[1]))
    imag = _f("fsub", _f("fmul", x[1], y[0]), _f("fmul", x[0], y[1]))
    return _f("fdiv", real, norm), _f("fdiv", imag, norm)


def _is_infinite(value: Const) -> bool:
    assert isinstance(value.type, FloatType)
    return floats.is_infinite(value.value, value.type)


def _boxed(value: Complex) -> Complex:
    """G.5.1: an infinite number becomes one with parts 1 and 0, signs kept."""
    return tuple(_signed_unit(part, 1 if _is_infinite(part) else 0) for part in value)  # type: ignore[return-value]


def _signed_unit(part: Const, number: int) -> Const:
    assert isinstance(part.type, FloatType)
    negative = floats.is_negative(part.value, part.type)
    return Const(part.type, floats.encode(Fraction(-number if negative else number), part.type, negative))


def _without_nans(value: Complex) -> Complex:
    return tuple(  # type: ignore[return-value]
        _signed_unit(part, 0) if part.type and _is_nan(part) else part for part in value
    )


def _is_nan(value: Const) -> bool:
    return not is_finite(value) and not _is_infinite(value)


def _special_product(x: Complex, y: Complex) -> Complex | None:
    """Infinite when one factor is, whatever its other part is; None: the plain formula holds."""
    type_ = x[0].type
    assert isinstance(type_, FloatType)
    naive = _naive_product(x, y)
    if not (_is_nan(naive[0]) and _is_nan(naive[1])):
        return None
    infinite = [any(map(_is_infinite, number)) for number in (x, y)]
    if not any(infinite):
        return None
    p = _boxed(x) if infinite[0] else _without_nans(x)
    q = _boxed(y) if infinite[1] else _without_nans(y)
    infinity = Const(type_, floats.infinity(type_))
    real, imag = (_f("fmul", infinity, part) for part in _naive_product(p, q))
    return real, imag


def _special_quotient(x: Complex, y: Complex) -> Complex | None:
    type_ = x[0].type
    assert isinstance(type_, FloatType)
    infinity = Const(type_, floats.infinity(type_, floats.is_negative(y[0].value, type_)))
    if _number(y[0]) == 0 and _number(y[1]) == 0 and not (_is_nan(x[0]) and _is_nan(x[1])):
        return _f("fmul", infinity, x[0]), _f("fmul", infinity, x[1])
    if any(map(_is_infinite, x)) and all(map(is_finite, y)):
        infinity = Const(type_, floats.infinity(type_))
        p = _boxed(x)
        real = _f("fadd", _f("fmul", p[0], y[0]), _f("fmul", p[1], y[1]))
        imag = _f("fsub", _f("fmul", p[1], y[0]), _f("fmul", p[0], y[1]))
        return _f("fmul", infinity, real), _f("fmul", infinity, imag)
    if any(map(_is_infinite, y)) and all(map(is_finite, x)):
        zero = Const(type_, 0)
        q = _boxed(y)
        real = _f("fadd", _f("fmul", x[0], q[0]), _f("fmul", x[1], q[1]))
        imag = _f("fsub", _f("fmul", x[1], q[0]), _f("fmul", x[0], q[1]))
        return _f("fmul", zero, real), _f("fmul", zero, imag)
    return None
