"""Floating constants as bit patterns: exact decoding, correctly rounded encoding, for f32, f64, f80 and f128.

A finite value is a `Fraction`, so that one rounding routine (nearest, ties to even) serves literals, conversions and
constant folding in every format.  Infinities and NaNs have no Fraction: `decode` answers None for them, and folding
then either handles the case by bits or leaves the operation to the processor.

Rejected: Python's float for f64 and f32 only.  long double constants (limits.h, float.h, math code) would not fold.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from cpc.ir.types import FloatType


@dataclass(frozen=True, slots=True)
class Format:
    """`precision` counts the significand's bits with the leading one; `explicit` is True when that one is stored."""

    exponent_bits: int
    precision: int
    explicit: bool

    @property
    def bias(self) -> int:
        return (1 << (self.exponent_bits - 1)) - 1

    @property
    def stored(self) -> int:
        """The bits of the stored significand."""
        return self.precision if self.explicit else self.precision - 1


FORMATS = {
    32: Format(8, 24, False),
    64: Format(11, 53, False),
    80: Format(15, 64, True),
    128: Format(15, 113, False),
}


def sign_bit(type_: FloatType) -> int:
    return 1 << (type_.bits - 1)


def infinity(type_: FloatType, negative: bool = False) -> int:
    f = FORMATS[type_.bits]
    bits = ((1 << f.exponent_bits) - 1) << f.stored
    if f.explicit:
        bits |= 1 << (f.stored - 1)
    return bits | (sign_bit(type_) if negative else 0)


def quiet_nan(type_: FloatType, payload: int = 0, signaling: bool = False) -> int:
    f = FORMATS[type_.bits]
    quiet = 1 << (f.precision - 2)
    if signaling:
        return infinity(type_) | (payload & (quiet - 1) or quiet >> 1)
    return infinity(type_) | quiet | (payload & (quiet - 1))


def _split(bits: int, type_: FloatType) -> tuple[bool, int, int]:
    f = FORMATS[type_.bits]
    significand = bits & ((1 << f.stored) - 1)
    exponent = (bits >> f.stored) & ((1 << f.exponent_bits) - 1)
    return bool(bits & sign_bit(type_)), exponent, significand


def is_nan(bits: int, type_: FloatType) -> bool:
    return decode(bits, type_) is None and not is_infinite(bits, type_)


def is_infinite(bits: int, type_: FloatType) -> bool:
    return bits & ~sign_bit(type_) == infinity(type_)


def is_negative(bits: int, type_: FloatType) -> bool:
    return bool(bits & sign_bit(type_))


def decode(bits: int, type_: FloatType) -> Fraction | None:
    """The exact value, or None for an infinity or a NaN.  -0.0 decodes to 0: callers that care look at the sign."""
    f = FORMATS[type_.bits]
    negative, exponent, significand = _split(bits, type_)
    if exponent == (1 << f.exponent_bits) - 1:
        return None
    if not f.explicit and exponent:
        significand |= 1 << f.stored
    scale = max(exponent, 1) - f.bias - (f.precision - 1)
    value = Fraction(significand) * (Fraction(2) ** scale)
    return -value if negative else value


def encode(value: Fraction, type_: FloatType, negative_zero: bool = False) -> int:
    """The nearest representable value's bits; overflow gives an infinity."""
    f = FORMATS[type_.bits]
    sign = sign_bit(type_) if value < 0 or (value == 0 and negative_zero) else 0
    value = abs(value)
    if value == 0:
        return sign
    exponent = max(_floor_log2(value), 1 - f.bias)
    significand = _round(value / Fraction(2) ** (exponent - (f.precision - 1)))
    if significand >> f.precision:
        significand >>= 1
        exponent += 1
    if exponent > f.bias:
        return infinity(type_) | sign
    if not significand >> (f.precision - 1):
        return sign | significand  # subnormal: biased exponent 0
    mask = (1 << f.stored) - 1
    return sign | ((exponent + f.bias) << f.stored) | (significand & mask)


def _floor_log2(value: Fraction) -> int:
    guess = value.numerator.bit_length() - value.denominator.bit_length()
    return guess if Fraction(2) ** guess <= value else guess - 1


def _round(value: Fraction) -> int:
    return round(value)  # Python rounds a Fraction half to even


def convert(bits: int, source: FloatType, target: FloatType) -> int:
    """fpext and fptrunc of a constant; a NaN becomes quiet and keeps the upper bits of its payload."""
    if is_infinite(bits, source):
        return infinity(target, is_negative(bits, source))
    value = decode(bits, source)
    if value is None:
        have, want = FORMATS[source.bits].precision, FORMATS[target.bits].precision
        payload = bits & ((1 << (have - 2)) - 1)
        payload = payload << (want - have) if want > have else payload >> (have - want)
        return quiet_nan(target, payload) | (sign_bit(target) if is_negative(bits, source) else 0)
    return encode(value, target, is_negative(bits, source))
