"""The words of the IR's text form: names, strings, positions, types and constants, as the reader needs them.

Each function is the inverse of one in printer.py.  Trees and tokens are lark's, by the rules of ir.lark.
"""

from __future__ import annotations

import re
import struct
from typing import Any

from lark import Token, Tree

from cpc.ir import ops as o
from cpc.ir.errors import IRError
from cpc.ir.types import F32, PTR, FloatType, IntType, PtrType, Type, VecType

_LINKAGES = {"external", "internal", "weak", "linkonce", "available_externally", "common"}
_VISIBILITIES = {"default", "hidden", "protected"}
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-f]+)\}|(.))")
_LOC = re.compile(r";[ \t]*(.*?):(\d+)(?::(\d+))?(?:#(\d+))?(?:\^(\d+))?\Z", re.S)


def unquote(text: str) -> str:
    """The inverse of printer.name_text and printer.quote."""
    return _ESCAPE.sub(_unescape, text[1:-1]) if text.startswith('"') else str(text)


def _unescape(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return {"n": "\n", "t": "\t"}.get(match[2], match[2])


def unquote_bytes(text: str) -> bytes:
    pieces = re.finditer(r"\\([0-9a-f]{2})|.", text[1:-1], re.S)
    return bytes(int(m[1], 16) if m[1] else ord(m[0]) for m in pieces)


def type_of(text: str) -> Type:
    kind, bits = text[0], text[1:]
    if kind == "p":
        return PTR
    if kind == "v":
        count, lane, lane_bits = re.split(r"([if])", bits)
        return VecType(IntType(int(lane_bits)) if lane == "i" else FloatType(int(lane_bits)), int(count))
    return IntType(int(bits)) if kind == "i" else FloatType(int(bits))


def types_of(tree: Tree[Token]) -> tuple[Type, ...]:
    return tuple(type_of(token) for token in kids_of(tree))


def name_of(tree: Tree[Token]) -> str:
    return unquote(str(tree.children[0]))


def names_of(tree: Tree[Token] | None) -> list[str]:
    return [name_of(kid) for kid in kids_of(tree)] if tree else []


def kids_of(tree: Tree[Token]) -> list[Any]:
    """The children that are there: an empty optional list is one None."""
    return [kid for kid in tree.children if kid is not None]


def global_addr(text: str) -> o.GlobalAddr:
    match = re.fullmatch(r'@("(?:[^"\\]|\\.)*"|[^+-]+)([+-]\d+)?', text)
    assert match is not None, text
    return o.GlobalAddr(unquote(match[1]), int(match[2] or 0))


def loc_of(token: Token | None, file: str) -> o.Loc:
    match = _LOC.match(token) if token else None
    if match is None:
        return o.NO_LOC
    line, column, scope, inlined = (int(word or 0) for word in match.groups()[1:])
    return o.Loc(unquote(match[1]) if match[1] else file, line, column, scope, inlined)


def literal(token: Token, type_: Type, where: str) -> o.Const | o.Undef:
    """The inverse of printer.operand_text for constants."""
    match token.type, type_:
        case "UNDEF", _:
            return o.Undef(type_)
        case "NULL", PtrType():
            return o.Const(type_, 0)
        case "INT", IntType(bits):
            value = int(token)
            return o.Const(type_, value if value >= 0 else value + (1 << bits))
        case "HEX", FloatType() | PtrType() | VecType():
            return o.Const(type_, int(token, 16))
        case "FLOAT", FloatType(32 | 64):
            raw = struct.pack("<f" if type_ == F32 else "<d", float(token))
            return o.Const(type_, int.from_bytes(raw, "little"))
    raise IRError(f"'{token}' is not a constant of type {type_}", where)


def add(table: dict[str, Any], value: Any, name: str, tree: Tree[Token], filename: str) -> None:
    if name in table:
        raise IRError(f"'{name}' is defined twice", where_of(tree, filename))
    table[name] = value


def where_of(at: Tree[Token] | Token, filename: str) -> str:
    token = at if isinstance(at, Token) else next(at.scan_values(lambda _: True))
    return f"{filename}:{token.line}:{token.column}"


def link_word(thing: o.Global | o.Alias | o.Function, word: str, at: Tree[Token] | Token, filename: str) -> None:
    if word in _LINKAGES:
        thing.linkage = word
    elif word in _VISIBILITIES:
        thing.visibility = word
    else:
        raise IRError(f"unknown word '{word}'", where_of(at, filename))
