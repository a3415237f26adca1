"""Integer constant expressions in declarations: array sizes, enumerators, bit-field widths, alignments.

Literals and enumeration constants, which are nearly all of them in headers, are read here; any other expression goes
to the evaluator, which owns the semantics of expressions (see sema.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend.c_types import INT, UCHAR, UINT, USHORT, EnumT, IntT, PointerT
from cpc.frontend.literals import BadLiteral, character_value
from cpc.frontend.numbers import number
from cpc.frontend.symbols import Kind
from cpc.ir.ops import Const, Loc
from cpc.ir.types import IntType, PtrType

if TYPE_CHECKING:
    from cpc.frontend.sema import Sema


def integer(sema: Sema, node: Any) -> tuple[int, IntT] | None:
    """The value and type of an integer constant expression, None when it is not one."""
    if isinstance(node, c_ast.Constant) and node.type in _INTEGER_KINDS:
        return _literal(sema, node)
    if isinstance(node, c_ast.ID):
        symbol = sema.lookup(node.name)
        if symbol is not None and symbol.kind is Kind.ENUM_CONST:
            return symbol.value, _integer_type(symbol.type.type)
        if symbol is not None and symbol.automatic:
            return None
    if isinstance(node, c_ast.UnaryOp) and node.op == "-" and isinstance(node.expr, c_ast.Constant):
        operand = integer(sema, node.expr)
        if operand is not None and operand[1].signed and operand[1].rank >= 4:
            return -operand[0], operand[1]
    return _evaluated(sema, node)


_INTEGER_KINDS = frozenset(
    ("int", "unsigned int", "long int", "unsigned long int", "long long int", "unsigned long long int", "char")
) | {"long unsigned int", "unsigned long long int", "long long unsigned int"}


def _literal(sema: Sema, node: Any) -> tuple[int, IntT] | None:
    try:
        if node.type == "char":
            prefix, value = character_value(node.value, sema.target.char.signed)
            return value, sema.target.wchar if prefix == "L" else _CHARACTERS[prefix]
        found = number(node.value, sema.target)
    except BadLiteral as error:
        sema.diags.abort("E0241", sema.unit.loc(node), str(error))
    return (found.value, found.type) if isinstance(found.type, IntT) else None


_CHARACTERS = {"": INT, "u8": UCHAR, "u": USHORT, "U": UINT}


def _integer_type(type_: Any) -> IntT:
    if isinstance(type_, EnumT):
        return type_.underlying or UINT
    assert isinstance(type_, IntT)
    return type_


def _evaluated(sema: Sema, node: Any) -> tuple[int, IntT] | None:
    assert sema.evaluator is not None
    value = sema.evaluator.constant(node, None)
    if not isinstance(value, Const):
        return None
    type_ = sema.evaluator.type_of(node).type
    if isinstance(value.type, PtrType) or isinstance(type_, PointerT):
        return None
    if not isinstance(value.type, IntType) or not isinstance(type_, IntT | EnumT):
        return None
    c_type = _integer_type(type_)
    bits = 8 * c_type.size
    number = value.value & ((1 << bits) - 1)
    return (number - (1 << bits) if c_type.signed and number >> (bits - 1) else number), c_type


def required(sema: Sema, node: Any, what: str, loc: Loc) -> int:
    """The value of an integer constant expression that the grammar demands; E0210 without one."""
    found = integer(sema, node)
    if found is None:
        sema.diags.abort("E0210", loc, f"{what} is not an integer constant expression")
    return found[0]
