"""The types of the IR in C, and the constants of each.

Integers are unsigned and wrap; a pointer is `char *`, since memory is bytes; long double is named by its format.  What
is read or written in memory has a type `cpc_m...` that may alias any other, so that no compiler concludes anything from
types: `cpc_m32` at its natural alignment, `cpc_m32_1` at any.  Scalars are in the header; vectors, results in several
registers and blocks of memory passed by value are declared where a unit first needs them (`Types.declared`).

Raises NotPortable for what C cannot say: integers of odd widths, vectors whose lanes are not a power of two.
"""

from __future__ import annotations

from typing import assert_never

from cpc.backend.portable.errors import NotPortable
from cpc.ir.types import FloatType, IntType, PtrType, Type, VecType, store_size

_WIDTHS = (8, 16, 32, 64, 128)
_FLOATS = {32: "float", 64: "double", 80: "cpc_f80", 128: "cpc_f128"}
_FLOAT_SUFFIX = {32: "f", 64: "", 80: "L", 128: "CPC_F128"}
_LIMITS = {32: (8, 23), 64: (11, 52), 80: (15, 63), 128: (15, 112)}  # bits of exponent and of fraction


def word(type_: Type) -> str:
    """The type as part of a name: u32, f64, ptr, v4u32."""
    match type_:
        case IntType(bits):
            return f"u{bits}"
        case FloatType(bits):
            return f"f{bits}"
        case PtrType():
            return "ptr"
        case VecType(lane, count):
            return f"v{count}{word(lane)}"
    assert_never(type_)


def signed(type_: Type) -> str:
    """The signed type of an integer's width."""
    assert isinstance(type_, IntType)
    return "cpc_s128" if type_.bits == 128 else f"int{type_.bits}_t"


class Types:
    """Names of types; `declared` collects what the unit has to declare, in order of first use."""

    def __init__(self) -> None:
        self.declared: list[str] = []
        self._known: set[str] = set()

    def declare(self, name: str, text: str) -> str:
        if name not in self._known:
            self._known.add(name)
            self.declared.append(text)
        return name

    def name(self, type_: Type) -> str:
        match type_:
            case IntType(1):
                return "_Bool"
            case IntType(bits) if bits in _WIDTHS:
                return "cpc_u128" if bits == 128 else f"uint{bits}_t"
            case IntType(bits):
                raise NotPortable(f"an integer of {bits} bits has no type in portable C")
            case FloatType(bits):
                return _FLOATS[bits]
            case PtrType():
                return "char *"
            case VecType():
                return self._vector(type_)
        assert_never(type_)

    def _vector(self, type_: VecType) -> str:
        size = store_size(type_)
        if size & (size - 1):
            raise NotPortable(f"a vector of {type_.count} lanes has no type in portable C")
        name, lane = f"cpc_{word(type_)}", self.name(type_.lane)
        return self.declare(name, f"typedef {lane} {name} __attribute__((vector_size({size})));")

    def signed_vector(self, type_: VecType) -> str:
        name = f"cpc_v{type_.count}s{type_.lane.bits}"
        lane = signed(type_.lane)
        return self.declare(name, f"typedef {lane} {name} __attribute__((vector_size({store_size(type_)})));")

    def memory(self, type_: Type, align: int) -> str:
        """The type of an access at an address that is a multiple of `align`."""
        if isinstance(type_, VecType):
            name = f"cpc_m{word(type_)}_{align}"
            words = f"vector_size({store_size(type_)}), may_alias, aligned({align})"
            return self.declare(name, f"typedef {self.name(type_.lane)} {name} __attribute__(({words}));")
        self.name(type_)  # refuses odd widths
        plain = "cpc_m" + (str(max(8, type_.bits)) if isinstance(type_, IntType) else word(type_))
        natural = store_size(type_)
        return plain if align >= natural else f"{plain}_{align}"

    def block(self, size: int) -> str:
        """`size` bytes of memory, for asm operands."""
        name = f"cpc_bytes_{size}"
        return self.declare(name, f"typedef struct {{ char byte[{size}]; }} __attribute__((may_alias)) {name};")


# ---- constants ----------------------------------------------------------------------------------------------


def integer(bits: int, value: int) -> str:
    """A constant where a conversion to the type follows: in arithmetic with a value of the type, or an assignment."""
    if bits == 128:
        low, high = value & (1 << 64) - 1, value >> 64
        return f"cpc_u128_of({high}u, {low}u)" if high else f"(cpc_u128){low}u"
    return str(value) if value < 1 << 31 else f"{value}u"


def typed_integer(bits: int, value: int) -> str:
    """A constant that has the type by itself, for the left of a shift."""
    match bits:
        case 1:
            return str(value)
        case 32:
            return f"{value}u"
        case 128:
            return integer(bits, value)
    return f"(uint{bits}_t){value}" + ("u" if value >= 1 << 31 else "")


def signed_integer(bits: int, value: int) -> str:
    """The constant as a signed number."""
    number = value - (1 << bits) if value >> bits - 1 else value
    if number == -(1 << bits - 1):
        return f"(cpc_s128){integer(bits, value)}" if bits == 128 else f"(int{bits}_t){value}u"
    return f"(cpc_s128){integer(bits, value)}" if bits == 128 else str(number)


def floating(bits: int, value: int) -> str:
    """A hexadecimal constant, exact; what is not finite by its bits."""
    width, fraction_bits = _LIMITS[bits]
    fraction = value & (1 << fraction_bits) - 1
    integer_bit = value >> 63 & 1 if bits == 80 else 0
    exponent = value >> (fraction_bits + (bits == 80)) & (1 << width) - 1
    sign = value >> bits - 1
    odd = bits == 80 and integer_bit != (exponent != 0)  # an encoding that no constant has
    if exponent == (1 << width) - 1 or odd:
        return f"cpc_f{bits}_of({_halves(bits, value)})"
    mantissa = fraction | (1 << fraction_bits if exponent else 0)
    power = max(exponent, 1) - ((1 << width - 1) - 1) - fraction_bits
    while mantissa and mantissa % 2 == 0:
        mantissa, power = mantissa >> 1, power + 1
    text = f"0x{mantissa:x}p{power if mantissa else 0:+d}{_FLOAT_SUFFIX[bits]}"
    if bits == 128:
        text = f"CPC_F128(0x{mantissa:x}p{power if mantissa else 0:+d})"
    return f"-{text}" if sign else text


def _halves(bits: int, value: int) -> str:
    if bits <= 64:
        return f"{value}u"
    return f"{value >> 64}u, {value & (1 << 64) - 1}u"
