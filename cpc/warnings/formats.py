"""-Wformat: the arguments of printf, scanf and their like against the format string.

A function is one of them by attribute `format(printf, M, N)`, or by being the standard library's of that name.  Checked
is what the string says literally (also in both sides of a conditional): how many arguments, and their types after the
default promotions, where signed and unsigned are not told apart (as gcc without -Wformat-signedness).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend.build.describe import describe
from cpc.frontend.build.values import Value, int_type
from cpc.frontend.c_types import (
    CHAR,
    DOUBLE,
    FLOAT,
    INT,
    LDOUBLE,
    LLONG,
    LONG,
    SHORT,
    ArrayT,
    CType,
    FloatT,
    IntT,
    PointerT,
    QType,
    VoidT,
)
from cpc.frontend.literals import BadLiteral, literal_units
from cpc.frontend.symbols import Symbol

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

# name -> (kind, number of the format, number of the first argument it speaks of; 0: a va_list)
_LIBRARY = {
    "printf": ("printf", 1, 2), "fprintf": ("printf", 2, 3), "sprintf": ("printf", 2, 3),
    "snprintf": ("printf", 3, 4), "vprintf": ("printf", 1, 0), "vfprintf": ("printf", 2, 0),
    "vsprintf": ("printf", 2, 0), "vsnprintf": ("printf", 3, 0), "printf_unlocked": ("printf", 1, 2),
    "fprintf_unlocked": ("printf", 2, 3), "scanf": ("scanf", 1, 2), "fscanf": ("scanf", 2, 3),
    "sscanf": ("scanf", 2, 3), "vscanf": ("scanf", 1, 0), "vfscanf": ("scanf", 2, 0), "vsscanf": ("scanf", 2, 0),
}  # fmt: skip
_SPEC = re.compile(
    r"%(?:(?P<at>\d+)\$)?(?P<flags>[-+ #0'I]*)(?P<width>\*(?:\d+\$)?|\d+)?(?:\.(?P<precision>\*(?:\d+\$)?|-?\d*))?"
    r"(?P<length>hh|h|ll|l|q|L|j|z|Z|t|m)?(?P<conv>\[\^?\]?[^]]*\]|.)?",
    re.DOTALL,
)
_INTEGERS = {
    "": INT, "hh": INT, "h": INT, "l": LONG, "ll": LLONG, "q": LLONG, "L": LLONG, "j": LONG, "z": LONG, "Z": LONG,
    "t": LONG,
}  # fmt: skip
_INTEGER_TARGETS = _INTEGERS | {"hh": CHAR, "h": SHORT}
_FLOAT_TARGETS = {"": FLOAT, "l": DOUBLE, "L": LDOUBLE}


@dataclass(frozen=True, slots=True)
class _Spec:
    """One conversion: how it is spelled, and what it takes; `pointer` says a pointer to `type`."""

    spelled: str
    type: CType
    pointer: bool = False
    position: int = 0  # of `%2$d`


def check(b: Builder, symbol: Symbol | None, nodes: list[Any], values: list[Value]) -> None:
    """The call `symbol(nodes)`; `values` are the arguments after conversion."""
    if symbol is None or b.unevaluated:
        return
    found = list(symbol.attrs.formats)
    if not found and symbol.linkage == "external" and not symbol.defined and symbol.name in _LIBRARY:
        found = [_LIBRARY[symbol.name]] if b.options.builtins else []
    for kind, at, first in found:
        if at <= len(nodes):
            literals = list(_literals(nodes[at - 1]))
            if not literals and first:
                _unknown(b, nodes[at - 1], len(nodes) < first)
            spare = [literal for literal in literals if _check_literal(b, kind, literal, first, nodes, values)]
            for literal in spare if len(spare) == len(literals) else ():  # `c ? "%s %d" : "%s"` may leave some out
                b.warn("W0270", literal, "more arguments than the format takes")


def _unknown(b: Builder, node: Any, alone: bool) -> None:
    """-Wformat-security: a format that is no literal, without arguments; -Wformat-nonliteral with them."""
    if isinstance(node, c_ast.ID):
        symbol = b.sema.lookup(node.name)
        if symbol is not None and isinstance(symbol.type.type, ArrayT) and symbol.type.type.elem.const:
            return
    if alone:
        b.warn("W0428", node, "format not a string literal and no format arguments")
    b.warn("W0429", node, "format not a string literal, argument types not checked")


def _literals(node: Any) -> Iterator[Any]:
    match node:
        case c_ast.Constant(type="string"):
            yield node
        case c_ast.Cast(expr=inner):
            yield from _literals(inner)
        case c_ast.TernaryOp(iftrue=one, iffalse=other):
            for side in (one, other):
                yield from _literals(side) if side is not None else ()


def _check_literal(b: Builder, kind: str, literal: Any, first: int, nodes: list[Any], values: list[Value]) -> bool:
    """Whether there are more arguments than the format takes."""
    try:
        prefix, units = literal_units(literal.value)
    except BadLiteral:
        return False
    text = bytes(units).decode("latin-1") if prefix in ("", "u8") else ""
    if not text:
        if not prefix:
            b.warn("W0286", literal, f"the {kind} format is empty")
        return False
    specs = _read(b, kind, text, literal)
    if first == 0:
        return False
    used = first - 1
    for spec in specs:
        at = first - 2 + spec.position if spec.position else used
        used = max(used, at) if spec.position else used + 1
        if at >= len(nodes):
            b.warn("W0269", literal, f"'{spec.spelled}' has no argument: '{_wanted(spec)}' is expected")
            return False
        _check_argument(b, spec, nodes[at], values[at])
    positional = any(spec.position for spec in specs)
    return used < len(nodes) and not positional


def _read(b: Builder, kind: str, text: str, literal: Any) -> list[_Spec]:
    """What the format takes, in order; a conversion that is not known takes nothing."""
    specs: list[_Spec] = []
    position = 0
    while (position := text.find("%", position)) >= 0:
        found = _SPEC.match(text, position)
        assert found is not None
        position = found.end()
        conv = found["conv"] or ""
        if not conv:
            b.warn("W0269", literal, "a '%' without conversion at the end of the format")
            break
        if conv == "%":
            continue
        taken = _printf(found) if kind == "printf" else _scanf(found)
        if taken is None:
            b.warn("W0269", literal, f"unknown conversion '{found.group()}'")
        else:
            specs += taken
    return specs


def _printf(found: re.Match[str]) -> list[_Spec] | None:
    spelled, conv, length = found.group(), found["conv"], found["length"] or ""
    at = int(found["at"] or 0)
    stars = [] if at else [_Spec("*", INT) for part in (found["width"], found["precision"]) if part == "*"]
    match conv:
        case "d" | "i" | "o" | "u" | "x" | "X" if length in _INTEGERS:
            own = _Spec(spelled, _INTEGERS[length], position=at)
        case "e" | "E" | "f" | "F" | "g" | "G" | "a" | "A" if length in ("", "l", "L"):
            own = _Spec(spelled, LDOUBLE if length == "L" else DOUBLE, position=at)
        case "c" | "C" if length in ("", "l"):
            own = _Spec(spelled, INT, position=at)
        case "s" | "S" if length in ("", "l"):
            own = _Spec(spelled, INT if length or conv == "S" else CHAR, pointer=True, position=at)
        case "p" if not length:
            own = _Spec(spelled, VoidT(), pointer=True, position=at)
        case "n" if length in _INTEGER_TARGETS:
            own = _Spec(spelled, _INTEGER_TARGETS[length], pointer=True, position=at)
        case "m" if not length:
            return stars
        case _:
            return None
    return [*stars, own]


def _scanf(found: re.Match[str]) -> list[_Spec] | None:
    spelled, conv, length = found.group(), found["conv"], found["length"] or ""
    type_: CType
    match conv[0]:
        case "d" | "i" | "o" | "u" | "x" | "X" | "n" if length in _INTEGER_TARGETS:
            type_ = _INTEGER_TARGETS[length]
        case "e" | "E" | "f" | "F" | "g" | "G" | "a" | "A" if length in _FLOAT_TARGETS:
            type_ = _FLOAT_TARGETS[length]
        case "c" | "s" | "[" if length in ("", "l", "m"):
            type_ = INT if length == "l" else CHAR
            if length == "m":
                type_ = PointerT(QType(CHAR))
        case "C" | "S" if not length:
            type_ = INT
        case "p" if not length:
            type_ = PointerT(QType(VoidT()))
        case _:
            return None
    if found["width"] == "*":  # assignment is suppressed
        return []
    return [_Spec(spelled, type_, pointer=True, position=int(found["at"] or 0))]


# ---- one argument -------------------------------------------------------------------------------------------


def _check_argument(b: Builder, spec: _Spec, node: Any, value: Value) -> None:
    if not _fits(spec, value):
        have = describe(value.type)
        b.warn("W0269", node, f"'{spec.spelled}' expects an argument of type '{_wanted(spec)}', but this is '{have}'")


def _wanted(spec: _Spec) -> str:
    return describe(QType(PointerT(QType(spec.type)) if spec.pointer else spec.type))


def _fits(spec: _Spec, value: Value) -> bool:
    type_ = value.type
    if not spec.pointer:
        return _same(spec.type, type_)
    if value.null:
        return True
    if not isinstance(type_.type, PointerT):
        return False
    target = type_.type.target
    if isinstance(spec.type, VoidT):
        return True
    if isinstance(spec.type, PointerT):
        return isinstance(target.type, PointerT) and (
            isinstance(spec.type.target.type, VoidT) or _same(spec.type.target.type, target.type.target)
        )
    return _same(spec.type, target)


def _same(wanted: CType, have: QType) -> bool:
    """Signedness does not count; an enumeration is its integer."""
    if isinstance(wanted, FloatT):
        return have.type == wanted
    integer = int_type(have)
    assert isinstance(wanted, IntT)
    if integer is None:
        return False
    return integer.rank == wanted.rank
