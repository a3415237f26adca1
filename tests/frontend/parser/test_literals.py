"""Code units and values of string and character constants."""

from __future__ import annotations

import pytest

from cpc.frontend.literals import BadLiteral, character_value, literal_units, string_text, too_large_escape


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ('"ab"', [97, 98]),
        (r'"\n\t\\\"\0\e\?"', [10, 9, 92, 34, 0, 27, 63]),
        (r'"\1" "23"', [1, 50, 51]),
        (r'"\x41g"', [65, 103]),
        ('"é"', [0xC3, 0xA9]),
        (r'"\u00e9"', [0xC3, 0xA9]),
        ('u"😀"', [0xD83D, 0xDE00]),
        ('U"😀"', [0x1F600]),
        ('L"é"', [0xE9]),
        ('u8"é"', [0xC3, 0xA9]),
        ('"\udcff"', [0xFF]),
        ('""', []),
    ],
)
def test_units(text: str, units: list[int]) -> None:
    assert literal_units(text)[1] == units


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a'", 97),
        (r"'\xff'", -1),
        (r"'\0'", 0),
        ("'ab'", 0x6162),
        ("'abcd'", 0x61626364),
        ("L'é'", 0xE9),
        (r"u'\xffff'", 65535),
    ],
)
def test_character(text: str, value: int) -> None:
    assert character_value(text)[1] == value


@pytest.mark.parametrize(
    ("text", "escape", "units"),
    [
        (r'"a\x100"', r"\x100", [97, 0]),
        (r'"\400"', r"\400", [0]),
        (r'u"\x1ffff\377"', r"\x1ffff", [0xFFFF, 255]),
        (r'"\xff"', "", [255]),
    ],
)
def test_escape_out_of_range_is_cut(text: str, escape: str, units: list[int]) -> None:
    assert too_large_escape(text) == escape
    assert literal_units(text)[1] == units


@pytest.mark.parametrize("text", [r'"\ud800"', r'"\U00110000"'])
def test_no_character(text: str) -> None:
    with pytest.raises(BadLiteral):
        literal_units(text)


def test_text() -> None:
    assert string_text(r'"a\n" "b"') == "a\nb"
