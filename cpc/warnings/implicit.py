"""-Wconversion, -Wsign-conversion, -Wfloat-conversion: implicit conversions that may change a value.

As gcc's `unsafe_conversion_p`: judged is the type of the expression against the new type; of a conditional operator
each side; a comparison is 0 or 1; a mask with a constant holds what the constant holds; enumerated types are not
judged.  What changes a constant's value under -Woverflow is in numbers.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend.build import floats
from cpc.frontend.build.describe import describe
from cpc.frontend.build.fold import signed
from cpc.frontend.build.values import Value, float_type, int_type, is_bool, is_signed
from cpc.frontend.c_types import EnumT, FloatT, IntT, QType
from cpc.ir import ops as ir
from cpc.ir.types import FloatType

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_PRECISION = {16: 11, 32: 24, 64: 53, 80: 64, 128: 113}
_TRUTHS = frozenset(("<", "<=", ">", ">=", "==", "!=", "&&", "||"))


Fault = tuple[str, str]  # code and message


_DEEPEST = 6  # operators inside each other that are looked into: each level builds its operands once more


def conversion(b: Builder, value: Value, to: QType, node: Any, width: int = 0, depth: int = 0) -> None:
    """`value`, of the expression `node`, becomes a `to` without a cast; `width` is that of a bit-field."""
    if b.unevaluated or b.scratch_depth:
        return
    if isinstance(node, c_ast.TernaryOp) and node.iftrue is not None and not isinstance(value.op, ir.Const):
        if depth < _DEEPEST and _judge(b, value, to, None, width) is not None and not _has_statements(node):
            for side in (node.iftrue, node.iffalse):
                conversion(b, _again(b, side), to, side, width, depth + 1)
    elif fault := _judge(b, value, to, node, width):
        b.warn(fault[0], node, fault[1])


def source(node: Any) -> Any:
    """The expression whose value an assignment, a declaration or a return converts; others are it themselves."""
    match node:
        case c_ast.Assignment():
            return node.rvalue
        case c_ast.Decl(init=written) | c_ast.Return(expr=written) if written is not None:
            return written
    return node


def operands(b: Builder, values: Sequence[tuple[Value, Value]], common: QType, node: Any) -> None:
    """The usual arithmetic conversions of an operator's operands, each before and after promotion: what loses its sign.
    What was an unsigned char has none."""
    target = int_type(common)
    if target is None or target.signed:
        return
    match node:
        case c_ast.BinaryOp(op=op) if op not in _TRUTHS:  # those are -Wsign-compare's
            pair = (node.left, node.right)
        case c_ast.Assignment():
            pair = (node.lvalue, node.rvalue)
        case _:
            return
    for (value, promoted), operand in zip(values, pair, strict=True):
        source = int_type(promoted.type)
        if source is not None and source.signed and (is_signed(value.type) or isinstance(value.type.type, EnumT)):
            conversion(b, promoted, common, operand)


def _has_statements(node: Any) -> bool:
    """Whether a statement expression is in there, which cannot be built twice."""
    work = [node]
    while work:
        here = work.pop()
        if isinstance(here, c_ast.Compound):
            return True
        work += [child for _, child in here.children()]
    return False


def _again(b: Builder, node: Any) -> Value:
    with b.scratch():
        return b.value(node)


def _judge(b: Builder, value: Value, to: QType, node: Any, width: int = 0, depth: int = 0) -> Fault | None:
    """What is wrong with the conversion."""
    source, target = int_type(value.type) or float_type(value.type), int_type(to) or float_type(to)
    if source is None or target is None or is_bool(to) or _is_truth(node):
        return None
    if isinstance(value.type.type, EnumT) or (isinstance(to.type, EnumT) and not width):
        return None
    want = width or 8 * target.size
    if source == target and want == 8 * target.size:
        return None
    if isinstance(value.op, ir.Const):
        return _constant(value.op.value, source, target, f"'{describe(value.type)}' to '{describe(to)}'")
    if isinstance(source, IntT) and isinstance(target, IntT):
        fault = _integers(b, value, source, target, want, to, node)
        return None if fault and depth < _DEEPEST and _from_safe_operands(b, to, node, width, depth + 1) else fault
    pair = f"conversion from '{describe(value.type)}' to '{describe(to)}' may change value"
    match source, target:
        case FloatT(), IntT():
            return "W0414", pair
        case IntT(), FloatT() if (value.bits or 8 * source.size) - source.signed > _PRECISION[target.bits]:
            return "W0412", pair
        case FloatT(), FloatT() if _PRECISION[target.bits] < _PRECISION[source.bits]:
            return "W0414", pair
    return None


def _from_safe_operands(b: Builder, to: QType, node: Any, width: int, depth: int) -> bool:
    """gcc without -Warith-conversion: `short = short * 2` is what people mean."""
    match node:
        case c_ast.BinaryOp(op="<<" | ">>"):
            parts = [node.left]
        case c_ast.BinaryOp(op="+" | "-" | "*" | "/" | "%" | "|" | "^" | "&"):
            parts = [node.left, node.right]
        case c_ast.Assignment(op="<<=" | ">>="):
            parts = [node.lvalue]
        case c_ast.Assignment(op=op) if op != "=":
            parts = [node.lvalue, node.rvalue]
        case c_ast.UnaryOp(op="-" | "~" | "+") | c_ast.Cast():
            parts = [node.expr]
        case _:
            return False
    if _has_statements(node):
        return False
    return all(_fits(b, _again(b, part), to, part, width, depth) for part in parts)


def _fits(b: Builder, value: Value, to: QType, node: Any, width: int, depth: int) -> bool:
    source, target = int_type(value.type), int_type(to)
    if isinstance(value.op, ir.Const) and source is not None and target is not None:
        exact = signed(value.op.value, 8 * source.size) if source.signed else value.op.value
        if not -(1 << (8 * target.size - 1)) <= exact < 1 << (width or 8 * target.size):
            return False
    return source is not None and _judge(b, value, to, node, width, depth) is None


def _is_truth(node: Any) -> bool:
    return (isinstance(node, c_ast.BinaryOp) and node.op in _TRUTHS) or (
        isinstance(node, c_ast.UnaryOp) and node.op == "!"
    )


def _integers(b: Builder, value: Value, source: IntT, target: IntT, want: int, to: QType, node: Any) -> Fault | None:
    have, is_signed = value.bits or 8 * source.size, source.signed
    limit = _mask(b, node)
    if limit is not None and limit < 1 << (want - (target.signed or is_signed)):
        return None
    if want < have:
        shown = describe(to) if want == 8 * target.size else f"{describe(to)}:{want}"
        return "W0412", f"conversion from '{describe(value.type)}' to '{shown}' may change value"
    if (is_signed and not target.signed) or (have == want and target.signed and not is_signed):
        said = f"conversion to '{describe(to)}' from '{describe(value.type)}'"
        return "W0413", f"{said} may change the sign of the result"
    return None


def _mask(b: Builder, node: Any, depth: int = 0) -> int | None:
    """The largest value of `x & CONSTANT`, or of such inside `&`, when the constant is not negative."""
    if not isinstance(node, c_ast.BinaryOp) or node.op != "&" or depth == _DEEPEST:
        return None
    known = [found[0] for side in (node.left, node.right) if (found := b.sema.integer(side)) and found[0] >= 0]
    known += [limit for side in (node.left, node.right) if (limit := _mask(b, side, depth + 1)) is not None]
    return min(known) if known else None


def _constant(bits: int, source: IntT | FloatT, target: IntT | FloatT, types: str) -> Fault | None:
    pair = f"conversion from {types} changes value"
    match source, target:
        case IntT(), IntT():
            return _integer_constant(bits, source, target, types)
        case FloatT(), IntT():
            exact = floats.decode(bits, FloatType(source.bits))
            return ("W0414", pair) if exact is None or exact.denominator != 1 else None
        case FloatT(), FloatT() if _PRECISION[target.bits] < _PRECISION[source.bits]:
            exact = floats.decode(bits, FloatType(source.bits))
            narrow = FloatType(target.bits)
            lost = exact is not None and floats.decode(floats.encode(exact, narrow), narrow) != exact
            return ("W0414", pair) if lost else None
        case IntT(), FloatT():
            digits = abs(signed(bits, 8 * source.size) if source.signed else bits)
            long = digits != 0 and (digits // (digits & -digits)).bit_length() > _PRECISION[target.bits]
            return ("W0414", pair) if long else None
    return None


def _integer_constant(bits: int, source: IntT, target: IntT, types: str) -> Fault | None:
    """Only what keeps its bits and changes its sign: the rest is -Woverflow's."""
    exact = signed(bits, 8 * source.size) if source.signed else bits
    width = 8 * target.size
    if not -(1 << (width - 1)) <= exact < 1 << width:
        return None
    kept = signed(exact & ((1 << width) - 1), width) if target.signed else exact & ((1 << width) - 1)
    if kept == exact:
        return None
    word = "signed" if target.signed else "unsigned"
    return "W0413", f"{word} conversion from {types} changes value from '{exact}' to '{kept}'"
