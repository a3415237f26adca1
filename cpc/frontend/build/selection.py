"""The conditional operator (C11 6.5.15).

The type of `c ? a : b` is known only after both sides are built, while the conversions to it belong into each side's
block.  So both sides are built first, each in its block, and then each end is re-opened for its conversion.  Building
a side twice to learn its type first was rejected: nested conditionals would take exponential time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend.build import arithmetic, memory
from cpc.frontend.build.convert import convert, is_null_constant, report_color
from cpc.frontend.build.describe import describe
from cpc.frontend.build.emitter import Position
from cpc.frontend.build.values import (
    NOTHING,
    Place,
    Value,
    arithmetic_type,
    int_type,
    is_pointer,
    is_record,
    is_void,
    pointee,
)
from cpc.frontend.c_types import PointerT, QType, VectorT
from cpc.frontend.conversions import compatible, composite, promote, same_colors, unqualified, usual_arithmetic
from cpc.ir import ops as ir

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder


def conditional(b: Builder, node: Any) -> Value:
    """`cond ? a : b` and GNU's `a ?: b`."""
    if node.iftrue is None:
        return _elvis(b, node)
    bit = b.condition(node.cond)
    if isinstance(bit, ir.Const) and not has_label(b, node.iffalse if bit.value else node.iftrue):
        return _known(b, node, bool(bit.value))
    then, other, done = (b.em.new_label(stem) for stem in ("then", "else", "join"))
    b.em.branch(bit, then, other)
    b.em.start(then)
    left = b.value(node.iftrue)
    left_end = b.em.detach(other)
    right = b.value(node.iffalse)
    return _join(b, (left, left_end), right, done, node)


def has_label(b: Builder, node: Any) -> bool:
    """Whether control can enter an expression from elsewhere: through a label in a statement expression.  The answer
    is kept: operands that are nested deeply are asked about at every depth."""
    known = b.labelled.get(id(node))
    if known is None:
        known = isinstance(node, c_ast.Label) or any(has_label(b, child) for child in node)
        b.labelled[id(node)] = known
    return known


def check_untaken(b: Builder, node: Any) -> None:
    """What _Generic or __builtin_choose_expr does not choose has to be valid all the same."""
    if not has_label(b, node):
        b.built_type(node)


def _known(b: Builder, node: Any, truth: bool) -> Value:
    """A constant condition: one side is built, the other only lends its type."""
    taken, untaken = (node.iftrue, node.iffalse) if truth else (node.iffalse, node.iftrue)
    with b.scratch():
        unused = b.value(untaken)
    value = b.value(taken)
    if is_void(value.type) or is_void(unused.type):
        return NOTHING
    pair = (value, unused) if truth else (unused, value)
    return _converted(b, value, *_common(b, *pair, node), node)


def _elvis(b: Builder, node: Any) -> Value:
    value = b.value(node.cond)
    bit = b.em.is_nonzero(value.op)
    if isinstance(bit, ir.Const):
        with b.scratch():
            unused = b.value(node.iffalse)
        common = _common(b, value, unused, node)
        return _converted(b, value if bit.value else b.value(node.iffalse), *common, node)
    then, other, done = (b.em.new_label(stem) for stem in ("then", "else", "join"))
    b.em.branch(bit, then, other)
    b.em.start(then)
    left_end = b.em.detach(other)
    return _join(b, (value, left_end), b.value(node.iffalse), done, node)


def _join(b: Builder, left: tuple[Value, Position], right: Value, done: str, node: Any) -> Value:
    """Both sides are built and the emitter stands at the end of the right one."""
    right_end = b.em.position()
    if is_void(left[0].type) or is_void(right.type):
        _finish_side(b, left[1], done)
        _finish_side(b, right_end, done)
        b.em.start(done)
        return NOTHING
    type_, width = _common(b, left[0], right, node)
    result: Place | None = None
    for value, end in ((left[0], left[1]), (right, right_end)):
        b.em.move_to(end)
        if result is None:
            result = memory.temporary_place(b, type_, "cond")
        memory.store(b, result, _converted(b, value, type_, width, node))
        b.em.jump(done)
    b.em.start(done)
    assert result is not None
    return replace(memory.load(b, result, node), bits=width)


def _finish_side(b: Builder, end: Position, done: str) -> None:
    b.em.move_to(end)
    b.em.jump(done)


def _converted(b: Builder, value: Value, type_: QType, width: int, node: Any) -> Value:
    if width:
        return arithmetic.to_width(b, value, type_, width, node)
    return value if is_record(type_) else convert(b, value, type_, node)


def _common(b: Builder, left: Value, right: Value, node: Any) -> tuple[QType, int]:
    """The common type, and the width of an integer that a wide bit-field makes narrower than its type, else 0."""
    widths = arithmetic.width(left), arithmetic.width(right)
    if any(widths) and int_type(left.type) is not None and int_type(right.type) is not None:
        types = promote(left.type, left.bits or None), promote(right.type, right.bits or None)
        sides = [Value(left.op, type_, bits=width) for type_, width in zip(types, widths, strict=True)]
        return arithmetic.common_width(sides[0], sides[1])
    return _common_type(b, left, right, node), 0


def _common_type(b: Builder, left: Value, right: Value, node: Any) -> QType:
    if arithmetic_type(left.type) is not None and arithmetic_type(right.type) is not None:
        return usual_arithmetic(promote(left.type, left.bits or None), promote(right.type, right.bits or None))
    if is_pointer(left.type) or is_pointer(right.type):
        return _pointer_type(b, left, right, node)
    same_vector = isinstance(left.type.type, VectorT) and left.type == right.type
    if same_vector or (is_record(left.type) and left.type.type is right.type.type):
        return unqualified(left.type)
    b.fail("E0258", node, f"the sides of '?:' are '{describe(left.type)}' and '{describe(right.type)}'")


def _pointer_type(b: Builder, left: Value, right: Value, node: Any) -> QType:
    if is_null_constant(right) and is_pointer(left.type):
        return left.type
    if is_null_constant(left) and is_pointer(right.type):
        return right.type
    if not (is_pointer(left.type) and is_pointer(right.type)):
        pointer, other = (left, right) if is_pointer(left.type) else (right, left)
        if int_type(other.type) is None:
            b.fail("E0258", node, f"the sides of '?:' are '{describe(left.type)}' and '{describe(right.type)}'")
        b.warn("W0292", node, "pointer and integer in a conditional expression")
        return pointer.type
    x, y = pointee(left.type), pointee(right.type)
    if is_void(x) or is_void(y):
        target = x if is_void(x) else y
    elif compatible(unqualified(x), unqualified(y)):
        if not same_colors(x, y):
            report_color(b, right.type, left.type, node, "choosing")
        target = composite(x, y)
    else:
        b.warn("W0293", node, f"'?:' joins '{describe(left.type)}' and '{describe(right.type)}'")
        return QType(PointerT(NOTHING.type))
    return QType(PointerT(replace(target, const=x.const or y.const, volatile=x.volatile or y.volatile)))
