"""What string and character constants mean: source text -> code units (C11 6.4.4.4, 6.4.5).

A value comes as pycparser keeps it: the prefix of the whole run, then one or more quoted parts.  Source bytes that
are not UTF-8 were decoded with surrogateescape, and come out as the bytes they were.
"""

from __future__ import annotations

import re

_PART = re.compile(r"\"([^\"\\]*(?:\\.[^\"\\]*)*)\"|'([^'\\]*(?:\\.[^'\\]*)*)'", re.DOTALL)
_PIECE = re.compile(
    r"\\(?:(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9a-fA-F]+)|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})|(?P<simple>.))"
    r"|(?P<plain>[^\\]+)",
    re.DOTALL,
)
_SIMPLE = {"a": 7, "b": 8, "e": 27, "E": 27, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
UNIT_SIZE = {"": 1, "u8": 1, "u": 2, "U": 4, "L": 4}


class BadLiteral(ValueError):
    """The constant has an escape that does not fit; the message says which."""


def literal_units(value: str) -> tuple[str, list[int]]:
    """(prefix, code units without a terminating zero) of a string or character constant.

    Units are unsigned, UNIT_SIZE[prefix] bytes each: UTF-8, UTF-16 or UTF-32 of the text, escapes as they stand."""
    start = min((i for i in (value.find('"'), value.find("'")) if i >= 0), default=0)
    prefix = value[:start]
    size = UNIT_SIZE[prefix]
    units: list[int] = []
    for part in _PART.finditer(value, start):
        for piece in _PIECE.finditer(part.group(1) if part.group(1) is not None else part.group(2)):
            units += _piece_units(piece, size)
    return prefix, units


def _piece_units(piece: re.Match[str], size: int) -> list[int]:
    kind = piece.lastgroup or "plain"
    text = piece.group(kind)
    match kind:
        case "plain":
            return _encode(text, size)
        case "simple":
            return [_SIMPLE[text]] if text in _SIMPLE else _encode(text, size)
        case "octal" | "hex":
            return [int(text, 8 if kind == "octal" else 16) & ((1 << (8 * size)) - 1)]
        case _:
            point = int(text, 16)
            if point > 0x10FFFF or 0xD800 <= point < 0xE000:
                raise BadLiteral(f"'\\{kind}{text}' is not a valid universal character")
            return _encode(chr(point), size)


def too_large_escape(value: str) -> str:
    """The first numeric escape of a constant whose high bits are lost, '' without one."""
    start = min((i for i in (value.find('"'), value.find("'")) if i >= 0), default=0)
    for piece in _PIECE.finditer(value, start) if "\\" in value else ():
        kind = piece.lastgroup
        number = int(piece[kind], 8 if kind == "octal" else 16) if kind in ("octal", "hex") else 0
        if number >> (8 * UNIT_SIZE[value[:start]]):
            return piece[0]
    return ""


def _encode(text: str, size: int) -> list[int]:
    if size == 1:
        return list(text.encode("utf-8", "surrogateescape"))
    if size == 4:
        return [ord(c) if not 0xDC80 <= ord(c) <= 0xDCFF else ord(c) & 0xFF for c in text]
    data = text.encode("utf-16-le", "surrogatepass")
    return [data[i] | data[i + 1] << 8 for i in range(0, len(data), 2)]


def string_text(value: str) -> str:
    """A narrow string constant as text: attribute arguments, asm templates, static_assert messages."""
    _, units = literal_units(value)
    return bytes(u & 0xFF for u in units).decode("utf-8", "surrogateescape")


def character_value(value: str, char_signed: bool = True) -> tuple[str, int]:
    """(prefix, value) of a character constant, as gcc evaluates it.

    A plain one has type int: its bytes are shifted in from the left, four at most, and a single byte is a
    char.  A prefixed one has the value of its last unit."""
    prefix, units = literal_units(value)
    if not units:
        raise BadLiteral("empty character constant")
    if prefix:
        return prefix, units[-1]
    if len(units) == 1:
        return prefix, units[0] - 256 if char_signed and units[0] >= 128 else units[0]
    number = 0
    for unit in units:
        number = (number << 8 | unit) & 0xFFFFFFFF
    return prefix, number - (1 << 32) if number >= 1 << 31 else number
