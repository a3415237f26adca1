"""`__builtin_ia32_*`: the compiler's side of the intrinsic headers of x86 (<immintrin.h>, <emmintrin.h>, ...).

x86_builtins.txt lists them: types, the feature of the processor that each needs, and a recipe (x86_recipes.py), which
is an LLVM intrinsic or ordinary operations on lanes that the optimiser knows.  Everything is checked here, because
LLVM ends the process at an instruction that the function's processor does not have.

MMX, which shares its registers with x87, is not supported: E0308.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpc.frontend.build import x86_recipes, x86_system
from cpc.frontend.build.describe import describe
from cpc.frontend.build.machine_builtins import arguments, integer_argument
from cpc.frontend.build.values import NOTHING, Value, scalar_type
from cpc.frontend.c_types import CHAR, DOUBLE, FLOAT, INT, LLONG, SHORT, VOID, FloatT, IntT, PointerT, QType, VectorT

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

PREFIX = "__builtin_ia32_"
_LANES: dict[str, IntT | FloatT] = {"qi": CHAR, "hi": SHORT, "si": INT, "di": LLONG, "sf": FLOAT, "df": DOUBLE}
_POINTER = QType(PointerT(QType(VOID)))


@dataclass(frozen=True, slots=True)
class X86Builtin:
    """`constants` has the values that a parameter may have that must be constant; `result` is None for void."""

    feature: str
    result: QType | None
    params: tuple[QType, ...]
    constants: Mapping[int, Sequence[int]]
    recipe: tuple[str, ...]


def call(b: Builder, name: str, node: Any) -> Value | None:
    """None when `name` is no builtin of the table, or of x86_system.py."""
    if b.target.calls != "sysv":
        return None
    row = _table().get(name.removeprefix(PREFIX))
    if row is None:
        return x86_system.call(b, name.removeprefix(PREFIX), node)
    if row.feature not in b.features():
        b.fail("E0349", node, f"'{name}' needs a processor with {row.feature}", help=_how(row.feature))
    given = arguments(b, node, len(row.params))
    operands = tuple(_argument(b, row, i, given[i], name) for i in range(len(given)))
    result = x86_recipes.build(b, row.recipe, operands, [scalar_type(p) for p in row.params], _result_type(row))
    if row.result is None or result is None:
        return NOTHING
    return Value(result, row.result)


def _how(feature: str) -> str:
    return f'-m{feature} for the whole unit, or __attribute__((target("{feature}"))) for the function'


def _result_type(row: X86Builtin) -> Any:
    return scalar_type(row.result) if row.result is not None else None


def _argument(b: Builder, row: X86Builtin, index: int, node: Any, name: str) -> Any:
    """An operand, or the value of a constant."""
    type_ = row.params[index]
    if index in row.constants:
        found, allowed = b.sema.integer(node), row.constants[index]
        if found is None or (found[0] not in allowed and found[0] & 255 not in allowed):
            which = "from 0 to" if isinstance(allowed, range) else "1, 2, 4 or"
            b.fail("E0272", node, f"argument {index + 1} of '{name}' must be a constant, {which} {allowed[-1]}")
        return found[0] if found[0] in allowed else found[0] & 255
    if isinstance(type_.type, IntT):
        return integer_argument(b, node, type_.type).op
    value = b.value(node)
    if isinstance(type_.type, VectorT) and not _same_shape(type_.type, value.type.type):
        b.fail("E0257", node, f"'{describe(value.type)}' used where '{describe(type_)}' is needed")
    return b.convert(value, type_, node).op if isinstance(type_.type, PointerT) else value.op


def _same_shape(wanted: VectorT, given: Any) -> bool:
    """Lanes of one size and kind; their sign does not matter."""
    if not isinstance(given, VectorT) or wanted.count != given.count or wanted.elem.size != given.elem.size:
        return False
    return isinstance(wanted.elem, FloatT) == isinstance(given.elem, FloatT)


@cache
def _table() -> Mapping[str, X86Builtin]:
    rows: dict[str, X86Builtin] = {}
    feature = ""
    for line in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            feature = line[1:-1]
        elif line and not line.startswith("#"):
            shape, _, recipe = line.partition("=")
            name, result, *params = shape.split()
            constants = {i: _values(text.partition("#")[2]) for i, text in enumerate(params) if "#" in text}
            types = tuple(_type(text.partition("#")[0]) for text in params)
            rows[name] = X86Builtin(feature, None if result == "void" else _type(result), types, constants,
                                    tuple(recipe.split()))  # fmt: skip
    return rows


def _values(text: str) -> Sequence[int]:
    return tuple(map(int, text.split(","))) if "," in text else range(int(text) + 1)


@cache
def _type(text: str) -> QType:
    if text == "p":
        return _POINTER
    found = re.fullmatch(r"v(\d+)(..)", text)
    return QType(VectorT(_LANES[found[2]], int(found[1]))) if found else QType(_LANES[text])
