"""Expressions (C11 6.5): dispatch by node class, and the operators with control flow.

`build` answers a `Value`, or a `Place` for an lvalue, which is not loaded and has not decayed: `sizeof`, `&` and the
left of `=` need it so.  `condition` and `branch` build truth values without going through int.  A constant condition
builds the side that is taken and nothing else, which makes `1 ? 2 : f()` a constant expression.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend import layout, nodes
from cpc.frontend.build import (
    arithmetic,
    assign,
    calls,
    complex_math,
    constants,
    lvalues,
    selection,
    statements,
    type_operators,
    vectors,
)
from cpc.frontend.build.convert import truth
from cpc.frontend.build.describe import describe
from cpc.frontend.build.values import Place, Value, arithmetic_type, is_complex, is_condition_type, is_record
from cpc.frontend.c_types import INT, QType, VectorT
from cpc.ir import ops as ir
from cpc.ir.types import I1, I32
from cpc.warnings import expressions as asked
from cpc.warnings import numbers, shape

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder


def build(b: Builder, node: Any) -> Value | Place:
    """Any expression; see the file's contract."""
    saved = b.em.loc
    b.em.loc = b.loc(node)
    built = _dispatch(b, node)
    b.em.loc = saved
    return built


def _dispatch(b: Builder, node: Any) -> Value | Place:
    match node:
        case c_ast.ID():
            return lvalues.identifier(b, node)
        case c_ast.Constant():
            return constants.literal(b, node)
        case c_ast.BinaryOp():
            return _binary(b, node)
        case c_ast.UnaryOp():
            return _unary(b, node)
        case c_ast.Assignment():
            return assign.assignment(b, node)
        case c_ast.FuncCall():
            return calls.call(b, node)
        case c_ast.StructRef():
            return lvalues.member(b, node)
        case c_ast.ArrayRef():
            return lvalues.subscript(b, node)
        case c_ast.Cast():
            return type_operators.cast(b, node)
        case c_ast.TernaryOp():
            return selection.conditional(b, node)
        case _:
            return _dispatch_rare(b, node)


def _dispatch_rare(b: Builder, node: Any) -> Value | Place:
    match node:
        case c_ast.ExprList():
            return _comma(b, node)
        case c_ast.CompoundLiteral():
            return lvalues.compound_literal(b, node)
        case c_ast.GenericSelection():
            return type_operators.generic(b, node)
        case c_ast.Compound():
            return statements.statement_expression(b, node)
        case nodes.LabelAddr():
            return statements.label_address(b, node)
        case nodes.ImaginaryConstant():
            return constants.imaginary(b, node)
        case c_ast.InitList():
            b.fail("E0256", node, "a braced list is not an expression")
        case _:
            b.unsupported("E0300", node, f"{type(node).__name__} in an expression")


def discard(b: Builder, node: Any) -> None:
    """Builds for side effects: nothing is loaded but a volatile object."""
    if isinstance(node, c_ast.FuncCall):
        b.unread.add(node)
    built = assign.assignment(b, node, unread=True) if isinstance(node, c_ast.Assignment) else build(b, node)
    if not isinstance(built, Place):
        return
    if built.type.volatile:
        b.rvalue(built, node)
    elif is_record(built.type) and not layout.is_complete(built.type):
        b.fail("E0250", node, f"use of incomplete type '{describe(built.type)}'")


def _comma(b: Builder, node: Any) -> Value | Place:
    b.em.runtime = True  # no constant expression has a comma (6.6p3)
    for expr in node.exprs[:-1]:
        shape.discarded(b, expr)
        discard(b, expr)
    return b.value(node.exprs[-1])


# ---- truth --------------------------------------------------------------------------------------------------


def condition(b: Builder, node: Any) -> ir.Operand:
    """i1 of an expression in a condition; see `branch` for one that only steers control flow."""
    match node:
        case c_ast.UnaryOp(op="!"):
            return invert(b, condition(b, node.expr))
        case c_ast.BinaryOp(op="&&" | "||"):
            return _logical(b, node)
        case c_ast.BinaryOp(op=op) if op in arithmetic.COMPARISONS:
            return _comparison(b, node)
        case _:
            shape.truth(b, node)
            numbers.address_truth(b, node)
            return _truth_of(b, b.value(node), node)


def _truth_of(b: Builder, value: Value, node: Any) -> ir.Operand:
    if not is_condition_type(value.type):
        b.fail("E0257", node, f"'{describe(value.type)}' used where a scalar is needed")
    return truth(b, value)


def _comparison(b: Builder, node: Any) -> ir.Operand:
    shape.binary(b, node)
    left, right = b.value(node.left), b.value(node.right)
    if isinstance(left.type.type, VectorT) or isinstance(right.type.type, VectorT):
        b.fail("E0257", node, "a vector used where a scalar is needed")
    return arithmetic.compare(b, node.op, left, right, node)


def invert(b: Builder, bit: ir.Operand) -> ir.Operand:
    return b.em.bin("xor", bit, ir.Const(I1, 1))


def branch(b: Builder, node: Any, then: str, other: str) -> None:
    """Ends the block: to `then` when the expression is true, to `other` when not; && and || become edges."""
    match node:
        case c_ast.UnaryOp(op="!"):
            branch(b, node.expr, other, then)
        case c_ast.BinaryOp(op="&&"):
            asked.logical(b, node)
            middle = b.em.new_label("and")
            branch(b, node.left, middle, other)
            b.em.start(middle)
            branch(b, node.right, then, other)
        case c_ast.BinaryOp(op="||"):
            shape.binary(b, node)
            asked.logical(b, node)
            middle = b.em.new_label("or")
            branch(b, node.left, then, middle)
            b.em.start(middle)
            branch(b, node.right, then, other)
        case c_ast.FuncCall(name=c_ast.ID(name="__builtin_expect"), args=c_ast.ExprList(exprs=[value, hint])):
            bit, expected = condition(b, value), b.sema.integer(hint)
            if expected is None:
                b.discard(hint)
            b.em.branch(bit, then, other, None if expected is None else expected[0] != 0)
        case _:
            saved = b.em.loc
            b.em.loc = b.loc(node)
            b.em.branch(condition(b, node), then, other)
            b.em.loc = saved


def _logical(b: Builder, node: Any) -> ir.Operand:
    """i1 of `a && b` or `a || b`; the right side is built only when it can matter.  A left side that is such an
    expression itself becomes edges, except where it may be part of a constant expression."""
    shape.binary(b, node)
    asked.logical(b, node)
    is_and = node.op == "&&"
    steered = not b.scratch_depth and isinstance(node.left, c_ast.BinaryOp) and node.left.op in ("&&", "||")
    left = None if steered else condition(b, node.left)
    if isinstance(left, ir.Const) and not (bool(left.value) != is_and and selection.has_label(b, node.right)):
        return left if bool(left.value) != is_and else condition(b, node.right)
    result = b.em.scalar_local(b.em.fn.fresh("logic"), I1)
    more, done = b.em.new_label("more"), b.em.new_label("logic")
    b.em.store(result, ir.Const(I1, 0 if is_and else 1))
    if left is None:
        branch(b, node.left, more if is_and else done, done if is_and else more)
    else:
        b.em.branch(left, more if is_and else done, done if is_and else more)
    b.em.start(more)
    b.em.store(result, condition(b, node.right))
    b.em.start(done)
    return b.em.load(I1, result)


def truth_value(b: Builder, bit: ir.Operand) -> Value:
    """The int that a comparison or a logical operator gives."""
    return Value(b.em.cast("zext", bit, I32), QType(INT))


# ---- operators ----------------------------------------------------------------------------------------------


def _binary(b: Builder, node: Any) -> Value:
    if node.op in ("&&", "||"):
        return truth_value(b, _logical(b, node))
    shape.binary(b, node)
    left = b.value(node.left)
    return arithmetic.binary(b, node.op, left, b.value(node.right), node)


def _unary(b: Builder, node: Any) -> Value | Place:
    match node.op:
        case "*":
            return lvalues.dereference(b, b.value(node.expr), node)
        case "&":
            return lvalues.address_of(b, node)
        case "+" | "-" | "~":
            return arithmetic.unary(b, node.op, b.value(node.expr), node)
        case "!":
            return _not(b, node)
        case "++" | "--" | "p++" | "p--":
            return assign.increment(b, node)
        case "sizeof" | "_Alignof" | "alignof" | "__alignof__" | "__alignof" | "_Countof":
            return type_operators.size_or_align(b, node)
        case "__real__" | "__real" | "__imag__" | "__imag":
            return _complex_part(b, node)
        case _:
            b.unsupported("E0300", node, f"operator '{node.op}'")


def _not(b: Builder, node: Any) -> Value:
    """The type of each operand is found once: in nested ones the work would double with each."""
    if node not in b.vector_operands:
        b.vector_operands[node] = isinstance(b.type_of(node.expr).type, VectorT)
    if b.vector_operands[node]:
        return vectors.logical_not(b, b.value(node.expr), node)
    return truth_value(b, invert(b, condition(b, node.expr)))


def _complex_part(b: Builder, node: Any) -> Value | Place:
    """`__real__ z` and `__imag__ z`: lvalues when z is one."""
    imag = "imag" in node.op
    built = build(b, node.expr)
    if isinstance(built, Place) and is_complex(built.type):
        return lvalues.complex_part(b, built, imag)
    if isinstance(built, Place) and not imag and arithmetic_type(built.type) is not None:
        return built
    value = b.rvalue(built, node.expr)
    if is_complex(value.type):
        assert value.imag is not None
        return Value(value.imag if imag else value.op, complex_math.part_type(value.type))
    if not is_condition_type(value.type):
        b.fail("E0257", node, f"'{node.op}' of '{describe(value.type)}'")
    return Value(b.em.zero(value.op.type), value.type) if imag else value
