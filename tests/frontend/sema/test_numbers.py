"""Number spellings: types, exact bits, and text that is made to cost much."""

from __future__ import annotations

import random
import struct

import pytest

from cpc.frontend.c_types import ComplexT
from cpc.frontend.literals import BadLiteral
from cpc.frontend.numbers import number


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("0", "int", 0),
        ("017", "int", 15),
        ("0b101", "int", 5),
        ("0x7fffffff", "int", 0x7FFFFFFF),
        ("0xffffffff", "unsigned int", 0xFFFFFFFF),
        ("4294967295", "long", 0xFFFFFFFF),
        ("1u", "unsigned int", 1),
        ("1LL", "long long", 1),
        ("0x8000000000000000", "unsigned long", 1 << 63),
        ("18446744073709551615", "__int128", (1 << 64) - 1),
        ("18446744073709551615u", "unsigned long", (1 << 64) - 1),
        ("1'000", "int", 1000),
        ("1.5f", "float", 0x3FC00000),
        ("1e400", "double", 0x7FF0000000000000),
        ("0x1p-1074", "double", 1),
        ("0x1p-1075", "double", 0),
        ("0x1.8p-1074", "double", 2),
        ("1.0L", "long double", 0x3FFF8000000000000000),
        ("3.14159265358979323846L", "long double", 0x4000C90FDAA22168C235),
        ("1.1f128", "_Float128", 0x3FFF199999999999999999999999999A),
    ],
)
def test_value_and_type(text: str, type_: str, value: int) -> None:
    found = number(text)
    assert not isinstance(found.type, ComplexT)
    assert (found.type.name, found.value) == (type_, value)


def test_imaginary() -> None:
    found = number("2.5i")
    assert isinstance(found.type, ComplexT) and found.type.part.name == "double"
    assert found.value == struct.unpack("<Q", struct.pack("<d", 2.5))[0]


def test_doubles_are_rounded_as_python_rounds_them() -> None:
    rng = random.Random(3)
    for _ in range(500):
        text = f"{rng.random()}e{rng.randint(-330, 310)}"
        assert number(text).value == struct.unpack("<Q", struct.pack("<d", float(text)))[0], text


def test_digits_beyond_what_int_takes() -> None:
    text = "0." + "0" * 11_000 + "25e11000"
    assert number(text).value == struct.unpack("<Q", struct.pack("<d", 0.25))[0]


@pytest.mark.parametrize(
    "text",
    ["08", "1uu", "1lul", "1.0x", "0x1p", "1e", "0x", "36893488147419103232", "1.0df", "9" * 5000, "0." + "1" * 25000],
)
def test_refused(text: str) -> None:
    with pytest.raises(BadLiteral):
        number(text)


def test_huge_exponents_cost_nothing() -> None:
    """The power of ten, an integer of 400 MiB, is never computed: this test ends."""
    assert number("1e999999999").value == 0x7FF0000000000000
    assert number("1e-999999999L").value == 0
    assert number("0x1p999999999f").value == 0x7F800000
