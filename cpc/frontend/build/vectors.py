"""GNU vectors: lane-wise arithmetic, comparison, shuffles, conversion (gcc manual, "Vector Extensions").

A vector beside a scalar takes the scalar in every lane.  A comparison gives a vector of signed integers of the lanes'
width, -1 for true.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cpc.frontend.build.convert import convert
from cpc.frontend.build.describe import describe
from cpc.frontend.build.values import Value, arithmetic_type, scalar_type
from cpc.frontend.c_types import CHAR, INT, INT128, LONG, SHORT, FloatT, IntT, QType, VectorT
from cpc.ir import ops as ir
from cpc.ir.types import I32, VecType

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_SIGNED = {1: CHAR, 2: SHORT, 4: INT, 8: LONG, 16: INT128}
_FLOAT_OPS = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}
_INT_OPS = {"+": "add", "-": "sub", "*": "mul", "&": "and", "|": "or", "^": "xor", "<<": "shl"}
_PREDICATES = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


def vector_of(value: Value) -> VectorT:
    assert isinstance(value.type.type, VectorT)
    return value.type.type


def splat(b: Builder, scalar: ir.Operand, type_: QType) -> ir.Operand:
    """The scalar in every lane."""
    vec = scalar_type(type_)
    assert isinstance(vec, VecType)
    if isinstance(scalar, ir.Const):
        width = vec.lane.bits
        return ir.Const(vec, sum(scalar.value << (width * i) for i in range(vec.count)))
    total: ir.Operand = ir.Undef(vec)
    for i in range(vec.count):
        dst = b.em.reg(vec)
        b.em.add(ir.InsertLane(dst, total, scalar, ir.Const(I32, i), b.em.loc))
        total = dst
    return total


def _both(b: Builder, op: str, left: Value, right: Value, node: Any) -> tuple[Value, Value]:
    """Both operands as vectors of one type."""
    for value, other in ((left, right), (right, left)):
        if not isinstance(value.type.type, VectorT):
            if arithmetic_type(value.type) is None:
                b.fail("E0254", node, f"invalid operands of '{op}': '{describe(left.type)}', '{describe(right.type)}'")
            lane = convert(b, value, QType(vector_of(other).elem), node)
            wide = Value(splat(b, lane.op, other.type), other.type)
            return (wide, other) if value is left else (other, wide)
    x, y = vector_of(left), vector_of(right)
    if x.count != y.count or x.elem.size != y.elem.size or isinstance(x.elem, FloatT) != isinstance(y.elem, FloatT):
        b.fail("E0254", node, f"'{op}' of unlike vectors '{describe(left.type)}' and '{describe(right.type)}'")
    return left, right


def binary(b: Builder, op: str, left: Value, right: Value, node: Any) -> Value:
    a, c = _both(b, op, left, right, node)
    elem = vector_of(a).elem
    if isinstance(elem, FloatT):
        if op not in _FLOAT_OPS:
            b.fail("E0254", node, f"'{op}' of floating vectors")
        return Value(b.em.bin(_FLOAT_OPS[op], a.op, c.op), a.type)
    if op in _INT_OPS:
        return Value(b.em.bin(_INT_OPS[op], a.op, c.op), a.type)
    kind = {"/": "div", "%": "rem", ">>": "shr"}[op]
    if kind == "shr":
        return Value(b.em.bin("ashr" if elem.signed else "lshr", a.op, c.op), a.type)
    return Value(b.em.bin(("s" if elem.signed else "u") + kind, a.op, c.op), a.type)


def compare(b: Builder, op: str, left: Value, right: Value, node: Any) -> Value:
    a, c = _both(b, op, left, right, node)
    elem = vector_of(a).elem
    kind = _PREDICATES[op]
    if isinstance(elem, FloatT):
        pred = "fune" if kind == "ne" else "fo" + kind
    elif kind in ("eq", "ne"):
        pred = kind
    else:
        pred = ("s" if elem.signed else "u") + kind
    return _mask(b, b.em.cmp(pred, a.op, c.op), vector_of(a))


def _mask(b: Builder, lanes: ir.Operand, like: VectorT) -> Value:
    type_ = QType(replace(like, elem=_SIGNED[like.elem.size]))
    return Value(b.em.cast("sext", lanes, scalar_type(type_)), type_)


def unary(b: Builder, op: str, value: Value, node: Any) -> Value:
    elem = vector_of(value).elem
    vec = scalar_type(value.type)
    assert isinstance(vec, VecType)
    match op:
        case "+":
            return value
        case "-" if isinstance(elem, FloatT):
            return Value(b.em.cast("fneg", value.op, vec), value.type)
        case "-":
            return Value(b.em.bin("sub", b.em.zero(vec), value.op), value.type)
        case "~" if isinstance(elem, IntT):
            ones = ir.Const(vec, (1 << (vec.lane.bits * vec.count)) - 1)
            return Value(b.em.bin("xor", value.op, ones), value.type)
        case _:
            b.fail("E0254", node, f"invalid operand of unary '{op}': '{describe(value.type)}'")


def logical_not(b: Builder, value: Value, node: Any) -> Value:
    zero = Value(b.em.zero(value.op.type), value.type)
    return compare(b, "==", value, zero, node)


def convert_vector(b: Builder, value: Value, to: QType, node: Any) -> Value:
    """`__builtin_convertvector`: lane by lane as a cast."""
    source, target = value.type.type, to.type
    if not isinstance(source, VectorT) or not isinstance(target, VectorT) or target.count != source.count:
        b.fail("E0254", node, f"convertvector of '{describe(value.type)}' to '{describe(to)}'")
    vec = scalar_type(to)
    match source.elem, target.elem:
        case IntT() as x, IntT() as y:
            op = "trunc" if x.size > y.size else ("sext" if x.signed else "zext")
        case IntT() as x, FloatT():
            op = "sitofp" if x.signed else "uitofp"
        case FloatT(), IntT() as y:
            op = "fptosi" if y.signed else "fptoui"
        case x, y:
            op = "fpext" if x.size < y.size else "fptrunc"
    return Value(b.em.cast(op, value.op, vec), QType(target))


def shuffle(b: Builder, vectors: list[Value], mask: Value, node: Any) -> Value:
    """`__builtin_shuffle`: constant masks are a Shuffle; others select lane by lane."""
    types = [v.type.type for v in (*vectors, mask)]
    shapes = {(t.count, t.elem.size) if isinstance(t, VectorT) else None for t in types}
    if len(vectors) not in (1, 2) or len(shapes) != 1 or None in shapes:
        b.fail("E0254", node, "'__builtin_shuffle' takes one or two vectors and a mask of the same shape")
    first, second = vectors[0], vectors[-1]
    vec = scalar_type(first.type)
    lanes_type = scalar_type(mask.type)
    assert isinstance(vec, VecType) and isinstance(lanes_type, VecType)
    count, width = vec.count, lanes_type.lane.bits
    wrap = count * len(vectors) - 1
    if isinstance(mask.op, ir.Const):
        picks = tuple((mask.op.value >> (width * i)) & wrap for i in range(count))
        dst = b.em.reg(vec)
        b.em.add(ir.Shuffle(dst, first.op, second.op, picks, b.em.loc))
        return Value(dst, first.type)
    return _variable_shuffle(b, first, second, mask, wrap)


def shuffle_vector(b: Builder, x: Value, y: Value, picks: list[int | None], node: Any) -> Value:
    """`__builtin_shufflevector`: any number of lanes, each a lane of x then y; -1 may be any, here the first."""
    first, second = x.type.type, y.type.type
    if not isinstance(first, VectorT) or not isinstance(second, VectorT) or first.elem != second.elem:
        b.fail("E0254", node, "'__builtin_shufflevector' takes two vectors of one lane type")
    lanes = [max(p, 0) for p in picks if p is not None and -1 <= p < first.count + second.count]
    if len(lanes) != len(picks) or len(lanes) not in (1, 2, 4, 8, 16, 32, 64):
        b.fail("E0254", node, "'__builtin_shufflevector' takes a power of two of constant lanes of its vectors")
    count = max(first.count, second.count)
    lanes = [p if p < first.count else p - first.count + count for p in lanes]
    x, y = _widened(b, x, count), _widened(b, y, count)
    type_ = QType(VectorT(first.elem, len(lanes)))
    vec = scalar_type(type_)
    assert isinstance(vec, VecType)
    dst = b.em.reg(vec)
    b.em.add(ir.Shuffle(dst, x.op, y.op, tuple(lanes), b.em.loc))
    return Value(dst, type_)


def _widened(b: Builder, value: Value, count: int) -> Value:
    """With lanes of any value behind its own."""
    vector, lanes = value.type.type, scalar_type(value.type)
    assert isinstance(vector, VectorT) and isinstance(lanes, VecType)
    if vector.count == count:
        return value
    dst = b.em.reg(VecType(lanes.lane, count))
    own = tuple(range(vector.count))
    b.em.add(ir.Shuffle(dst, value.op, ir.Undef(lanes), own + (-1,) * (count - vector.count), b.em.loc))
    return Value(dst, QType(VectorT(vector.elem, count)))


def _variable_shuffle(b: Builder, first: Value, second: Value, mask: Value, wrap: int) -> Value:
    vec, lanes = scalar_type(first.type), scalar_type(mask.type)
    assert isinstance(vec, VecType) and isinstance(lanes, VecType)
    result: ir.Operand = ir.Undef(vec)
    for i in range(vec.count):
        pick = b.em.reg(lanes.lane)
        b.em.add(ir.ExtractLane(pick, mask.op, ir.Const(I32, i), b.em.loc))
        index = b.em.bin("and", b.em.resize(pick, I32, False), ir.Const(I32, vec.count - 1))
        lane = _extract(b, first.op, index)
        if wrap >= vec.count:
            high = b.em.bin("and", b.em.resize(pick, I32, False), ir.Const(I32, vec.count))
            lane = b.em.select(b.em.cmp("ne", high, ir.Const(I32, 0)), _extract(b, second.op, index), lane)
        dst = b.em.reg(vec)
        b.em.add(ir.InsertLane(dst, result, lane, ir.Const(I32, i), b.em.loc))
        result = dst
    return Value(result, first.type)


def _extract(b: Builder, vector: ir.Operand, index: ir.Operand) -> ir.Operand:
    assert isinstance(vector.type, VecType)
    dst = b.em.reg(vector.type.lane)
    b.em.add(ir.ExtractLane(dst, vector, index, b.em.loc))
    return dst
