"""Warnings about numbers: -Wsign-compare, -Woverflow, -Wshift-count-*, -Wpointer-arith, and -Waddress.

They look at operands as the builder has them: a type, and a constant when the value is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend.build.describe import describe
from cpc.frontend.build.fold import signed
from cpc.frontend.build.values import Value, int_type, is_bool
from cpc.frontend.c_types import EnumT, FunctionT, IntT, QType, VoidT
from cpc.frontend.conversions import promote, usual_arithmetic
from cpc.frontend.symbols import Kind
from cpc.ir import ops as ir
from cpc.ir.types import IntType

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_EQUALITY = ("==", "!=")


def sign_compare(b: Builder, op: str, left: Value, right: Value, node: Any) -> None:
    """A signed operand that may be negative becomes unsigned in a comparison."""
    x, y = int_type(left.type), int_type(right.type)
    if x is None or y is None or b.unevaluated:
        return
    common = usual_arithmetic(promote(left.type, left.bits or None), promote(right.type, right.bits or None)).type
    if not isinstance(common, IntT) or common.signed:
        return
    pairs = ((left, node.left, right), (right, node.right, left)) if isinstance(node, c_ast.BinaryOp) else ()
    for value, operand, other in pairs:
        promoted = promote(value.type, value.bits or None).type
        assert isinstance(promoted, IntT)
        if not promoted.signed or _never_negative(value, operand):
            continue
        if op in _EQUALITY and _fits_signed(other):
            continue
        names = f"'{describe(left.type)}' and '{describe(right.type)}'"
        b.warn("W0272", node, f"comparison of integers of different signedness: {names}")


def _never_negative(value: Value, node: Any) -> bool:
    declared = int_type(value.type)
    assert declared is not None
    if not declared.signed:
        return True
    if isinstance(value.op, ir.Const) and isinstance(value.op.type, IntType):
        return signed(value.op.value, value.op.type.bits) >= 0
    return _non_negative(node)


def _non_negative(node: Any) -> bool:
    match node:
        case c_ast.BinaryOp(op="<" | "<=" | ">" | ">=" | "==" | "!=" | "&&" | "||") | c_ast.UnaryOp(op="!"):
            return True
        case c_ast.BinaryOp(op="&"):
            return _positive(node.left) or _positive(node.right)
        case c_ast.BinaryOp(op="%"):
            return _positive(node.left)
        case c_ast.TernaryOp():
            return _positive(node.iffalse) and (node.iftrue is None or _positive(node.iftrue))
        case _:
            return False


def _positive(node: Any) -> bool:
    return isinstance(node, c_ast.Constant) or _non_negative(node)


def _fits_signed(value: Value) -> bool:
    """gcc: an unsigned constant that a signed type holds compares equal to no negative value by accident."""
    if not isinstance(value.op, ir.Const) or not isinstance(value.op.type, IntType):
        return False
    return value.op.value < 1 << (value.op.type.bits - 1)


# ---- constants ----------------------------------------------------------------------------------------------


def folded(b: Builder, op: str, left: ir.Operand, right: ir.Operand, is_signed: bool, node: Any) -> None:
    """-Woverflow: a signed constant expression whose exact value its type does not hold."""
    if not is_signed or op not in ("+", "-", "*") or b.unevaluated:
        return
    if not (isinstance(left, ir.Const) and isinstance(right, ir.Const) and isinstance(left.type, IntType)):
        return
    bits = left.type.bits
    x, y = signed(left.value, bits), signed(right.value, bits)
    exact = x + y if op == "+" else x - y if op == "-" else x * y
    if not -(1 << (bits - 1)) <= exact < 1 << (bits - 1):
        b.warn("W0275", node, f"integer overflow in an expression: {exact} does not fit its type")


def constant_conversion(b: Builder, value: Value, to: QType, node: Any) -> None:
    """-Woverflow: an implicit conversion that changes a constant's value."""
    source, target = int_type(value.type), int_type(to)
    if not isinstance(value.op, ir.Const) or source is None or target is None or b.unevaluated:
        return
    if is_bool(to) or isinstance(to.type, EnumT):
        return
    exact = signed(value.op.value, 8 * source.size) if source.signed else value.op.value
    bits = 8 * target.size
    # what only changes its sign is -Wsign-conversion's
    if exact >= 1 << bits or exact < -(1 << (bits - 1)):
        pair = f"from '{describe(value.type)}' to '{describe(to)}'"
        b.warn("W0275", node, f"overflow in conversion {pair}: {exact} does not fit")


def shift(b: Builder, amount: Value, bits: int, node: Any) -> None:
    """-Wshift-count-negative and -Wshift-count-overflow."""
    if not isinstance(amount.op, ir.Const) or not isinstance(amount.op.type, IntType) or b.unevaluated:
        return
    integer = int_type(amount.type)
    count = signed(amount.op.value, amount.op.type.bits) if integer and integer.signed else amount.op.value
    if count < 0:
        b.warn("W0277", node, "the shift count is negative")
    elif count >= bits:
        b.warn("W0276", node, f"the shift count {count} is not less than the width of the type, {bits}")


# ---- pointers -----------------------------------------------------------------------------------------------


def pointer_arithmetic(b: Builder, target: QType, node: Any) -> None:
    """-Wpointer-arith: GNU C's steps of one byte."""
    if isinstance(target.type, VoidT):
        b.warn("W0281", node, "pointer of type 'void *' used in arithmetic")
    elif isinstance(target.type, FunctionT):
        b.warn("W0281", node, "pointer to a function used in arithmetic")


def address_truth(b: Builder, node: Any, against: str = "") -> None:
    """-Waddress: the address of an object or function, which is never null, as a truth value."""
    name = _never_null(b, node)
    if name:
        said = f"compared with {against}" if against else "used as truth value"
        b.warn("W0283", node, f"the address of '{name}' is {said}, but it is never null")


def _never_null(b: Builder, node: Any) -> str:
    taken = isinstance(node, c_ast.UnaryOp) and node.op == "&"
    inner = node.expr if taken else node
    while taken and isinstance(inner, c_ast.StructRef) and inner.type == ".":
        inner = inner.name
    if not isinstance(inner, c_ast.ID):
        return ""
    symbol = b.sema.lookup(inner.name)
    if symbol is None or "weak" in symbol.attrs.flags or symbol.attrs.alias:
        return ""
    array = type(symbol.type.type).__name__ == "ArrayT" and not symbol.param
    if symbol.kind is Kind.FUNCTION or (symbol.kind is Kind.OBJECT and (taken or array)):
        return str(symbol.name)
    return ""
