"""Integer and floating constants: from source spelling to value and type (C11 6.4.4.1, 6.4.4.2, GNU suffixes).

Before: the text of one token.  After: a type and a value; floating values are bit patterns, rounded once from the
exact rational number that the text denotes.  What no type can hold is rejected with a `BadLiteral` that the caller
gives a place.  Rejected: Python's float(), which rounds through binary64.  Characters and strings are in literals.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from cpc.frontend.build import floats
from cpc.frontend.c_types import (
    DOUBLE,
    FLOAT,
    FLOAT32,
    FLOAT32X,
    FLOAT64,
    FLOAT64X,
    FLOAT128,
    INT,
    INT128,
    LDOUBLE,
    LLONG,
    LONG,
    UINT,
    UINT128,
    ULLONG,
    ULONG,
    ComplexT,
    FloatT,
    IntT,
)
from cpc.frontend.literals import BadLiteral
from cpc.frontend.target import X86_64, Target
from cpc.ir.types import FloatType


@dataclass(frozen=True, slots=True)
class Number:
    """`value` is the number itself for an integer, the bit pattern for a float.  For an imaginary constant `type` is
    complex and `value` is its imaginary part; the real part is zero."""

    type: IntT | FloatT | ComplexT
    value: int


_INTEGER = re.compile(r"(0[xX][0-9a-fA-F']+|0[bB][01']+|[0-9][0-9']*)([uUlLiIjJ]*)")
_DECIMAL = re.compile(r"([0-9']*)\.?([0-9']*)(?:[eE]([+-]?[0-9']+))?")
_HEX_FLOAT = re.compile(r"0[xX]([0-9a-fA-F']*)\.?([0-9a-fA-F']*)[pP]([+-]?[0-9']+)")
_SUFFIXES = {
    "": DOUBLE,
    "f": FLOAT,
    "f32": FLOAT32,
    "l": LDOUBLE,
    "w": LDOUBLE,
    "f64": FLOAT64,
    "f32x": FLOAT32X,
    "f64x": FLOAT64X,
    "q": FLOAT128,
    "f128": FLOAT128,
}
_EXPONENT_LIMIT = 40_000  # beyond the range of binary128, so that the result is infinite or zero anyway
_DIGIT_LIMIT = 4_000  # of integers: int() itself stops at 4,300
_FLOAT_DIGIT_LIMIT = 20_000  # hostile input: arithmetic on the digits is quadratic


def number(text: str, target: Target = X86_64) -> Number:
    """The value of an integer or floating constant."""
    found = _INTEGER.fullmatch(text)
    return _integer(text, found) if found else _floating(text, target)


def _integer(text: str, found: re.Match[str]) -> Number:
    digits, suffix = found.group(1).replace("'", ""), found.group(2).lower()
    imaginary = suffix.count("i") + suffix.count("j")
    letters = suffix.replace("i", "").replace("j", "")
    if imaginary > 1 or letters not in ("", "u", "l", "ul", "lu", "ll", "ull", "llu"):
        raise BadLiteral(f"invalid suffix '{found.group(2)}' on integer constant")
    if len(digits) > _DIGIT_LIMIT:
        raise BadLiteral("integer constant is too large for its type")
    decimal = digits[0] != "0" or digits == "0"
    type_ = _integer_type(value := _digits_value(digits), "u" in letters, letters.count("l"), decimal)
    return Number(ComplexT(type_), value) if imaginary else Number(type_, value)


def _digits_value(digits: str) -> int:
    if digits[:2] in ("0x", "0X"):
        return int(digits[2:], 16)
    if digits[:2] in ("0b", "0B"):
        return int(digits[2:], 2)
    if digits[0] == "0" and len(digits) > 1:
        if "8" in digits or "9" in digits:
            raise BadLiteral(f"invalid digit in octal constant '{digits[:40]}'")
        return int(digits, 8)
    return int(digits)


def _integer_type(value: int, unsigned: bool, longs: int, decimal: bool) -> IntT:
    """The first type of 6.4.4.1p5 that holds the value; __int128 after them, as gcc does for a decimal constant.
    A constant of more than 64 bits is refused: gcc would cut it to 64."""
    if value >= 1 << 64:
        raise BadLiteral("integer constant is too large for its type")
    ladder = ((INT, UINT), (LONG, ULONG), (LLONG, ULLONG), (INT128, UINT128))[longs:]
    for signed_type, unsigned_type in ladder:
        bits = 8 * signed_type.size
        if not unsigned and value < 1 << (bits - 1):
            return signed_type
        if (unsigned or not decimal) and value < 1 << bits:
            return unsigned_type
    raise BadLiteral("integer constant is too large for its type")


def _floating(text: str, target: Target) -> Number:
    hexadecimal = text[:2] in ("0x", "0X")
    found = (_HEX_FLOAT if hexadecimal else _DECIMAL).match(text)
    whole, fraction, exponent = (g.replace("'", "") if g else "" for g in found.groups()) if found else ("", "", "")
    if found is None or not (whole or fraction):
        raise BadLiteral(f"invalid number '{text[:40]}'")
    type_, imaginary = _float_suffix(text[found.end() :])
    type_ = target.own_float(type_)
    if len(whole) + len(fraction) > _FLOAT_DIGIT_LIMIT or len(exponent) > 12:
        raise BadLiteral("floating constant has too many digits")
    value = _exact(whole, fraction, int(exponent or "0"), hexadecimal)
    bits = floats.encode(value, FloatType(type_.bits))
    return Number(ComplexT(type_), bits) if imaginary else Number(type_, bits)


def _float_suffix(suffix: str) -> tuple[FloatT, bool]:
    kind = suffix.lower()
    imaginary = len(kind) > 0 and (kind[-1] in "ij" or kind[0] in "ij")
    if imaginary:
        kind = kind[:-1] if kind[-1] in "ij" else kind[1:]
    if kind in ("df", "dd", "dl"):
        raise BadLiteral("decimal floating types are not supported")
    if kind not in _SUFFIXES:
        raise BadLiteral(f"invalid suffix '{suffix[:20]}' on floating constant")
    return _SUFFIXES[kind], imaginary


def _exact(whole: str, fraction: str, exponent: int, hexadecimal: bool) -> Fraction:
    """The number denoted, exactly.  An exponent out of every format's range is cut to one that still overflows, or
    vanishes, so that no attacker makes us compute 10 ** 10 ** 9."""
    digits, mantissa = whole + fraction, 0
    if hexadecimal:
        mantissa = int(digits, 16)
    else:
        for at in range(0, len(digits), _DIGIT_LIMIT):
            piece = digits[at : at + _DIGIT_LIMIT]
            mantissa = mantissa * 10 ** len(piece) + int(piece)
    base, per_digit = (2, 4) if hexadecimal else (10, 1)
    exponent -= per_digit * len(fraction)
    limit = _EXPONENT_LIMIT + per_digit * (len(whole) + len(fraction))
    exponent = max(-limit, min(limit, exponent))
    return mantissa * (Fraction(base) ** exponent)
