"""Binary and unary operators on values (C11 6.5.3.3, 6.5.5 to 6.5.12); compound assignment uses the same functions.

Operands come as rvalues.  Signed overflow is marked `nsw` unless -fwrapv; unsigned arithmetic wraps.  Pointers are
advanced in bytes.  A bit-field wider than int is computed in its own width, as gcc does (clang takes its declared
type); `Value.bits` carries that width from operator to operator.  Complex numbers are in complex_math.py, vectors in
vectors.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend.build import bitfields, complex_math, vectors, vla
from cpc.frontend.build.convert import convert, is_null_constant, report_color
from cpc.frontend.build.describe import describe
from cpc.frontend.build.values import (
    Value,
    arithmetic_type,
    int_type,
    is_complex,
    is_pointer,
    is_signed,
    is_void,
    pointee,
)
from cpc.frontend.c_types import INT, LONG, FloatT, FunctionT, IntT, PointerT, QType, VectorT
from cpc.frontend.conversions import compatible, promote, same_colors, unqualified, usual_arithmetic
from cpc.ir import ops as ir
from cpc.ir.types import I1, I32, I64, FloatType
from cpc.warnings import expressions, implicit, numbers

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

COMPARISONS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_PLAIN = {"+": "add", "-": "sub", "*": "mul", "&": "and", "|": "or", "^": "xor"}


def promoted(b: Builder, value: Value, node: Any) -> Value:
    """The integer promotions applied to a value.  A bit-field wider than int keeps its width: gcc computes in it."""
    result = convert(b, value, promote(value.type, value.bits or None), node)
    return replace(result, bits=value.bits) if width(value) else result


def width(value: Value) -> int:
    """The bits of a bit-field that is wider than int and no type is as wide as, else 0."""
    t = int_type(value.type)
    return value.bits if t is not None and value.bits > 32 and value.bits not in (64, 8 * t.size) else 0


def binary(b: Builder, op: str, left: Value, right: Value, node: Any) -> Value:
    """`left op right` for every operator but `&&`, `||` and `,`."""
    if op in COMPARISONS:
        if isinstance(left.type.type, VectorT) or isinstance(right.type.type, VectorT):
            return vectors.compare(b, op, left, right, node)
        return Value(b.em.cast("zext", compare(b, op, left, right, node), I32), QType(INT))
    if isinstance(left.type.type, VectorT) or isinstance(right.type.type, VectorT):
        return vectors.binary(b, op, left, right, node)
    if op in ("<<", ">>"):
        return _shift(b, op, left, right, node)
    if op in "+-" and (is_pointer(left.type) or is_pointer(right.type)):
        return _pointer_arithmetic(b, op, left, right, node)
    return _usual(b, op, left, right, node)


def _bad_operands(b: Builder, op: str, left: Value, right: Value, node: Any) -> None:
    b.fail("E0254", node, f"invalid operands of '{op}': '{describe(left.type)}' and '{describe(right.type)}'")


def common(b: Builder, left: Value, right: Value, node: Any) -> tuple[Value, Value, QType]:
    """Both operands in their common type (usual arithmetic conversions); a real operand beside a complex one stays
    real, because that is how Annex G and gcc compute."""
    a, c = promoted(b, left, node), promoted(b, right, node)
    if (a.bits or c.bits) and int_type(a.type) is not None and int_type(c.type) is not None:
        type_, width = common_width(a, c)
        return to_width(b, a, type_, width, node), to_width(b, c, type_, width, node), type_
    type_ = usual_arithmetic(a.type, c.type)
    if is_complex(type_):
        return complex_math.widen(b, a, type_, node), complex_math.widen(b, c, type_, node), type_
    implicit.operands(b, ((left, a), (right, c)), type_, node)
    return convert(b, a, type_, node), convert(b, c, type_, node), type_


def common_width(a: Value, c: Value) -> tuple[QType, int]:
    """The type of two promoted integers of which one is a wide bit-field: the wider one's, or the unsigned one's of two
    that are equal; and the width to compute in, 0 when it is the type's."""
    x, y = (value.bits or int_bits(value) for value in (a, c))
    wider = a if x > y or (x == y and not is_signed(a.type)) else c
    return wider.type, wider.bits


def to_width(b: Builder, value: Value, type_: QType, width: int, node: Any) -> Value:
    """The integer converted to `type_`, and to `width` bits of it unless that is 0."""
    return _result(b, convert(b, value, type_, node).op, type_, width)


def _result(b: Builder, op: ir.Operand, type_: QType, width: int) -> Value:
    """An integer result, wrapped to `width` bits unless that is 0."""
    return Value(bitfields.cut(b, op, width, is_signed(type_)) if width else op, type_, bits=width)


def _usual(b: Builder, op: str, left: Value, right: Value, node: Any) -> Value:
    if arithmetic_type(left.type) is None or arithmetic_type(right.type) is None:
        _bad_operands(b, op, left, right, node)
    a, c, type_ = common(b, left, right, node)
    if is_complex(type_):
        return complex_math.binary(b, op, a, c, type_, node)
    match type_.type:
        case FloatT() if op in "+-*/":
            name = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}[op]
            return Value(b.em.bin(name, a.op, c.op), type_)
        case IntT(signed=signed):
            return _result(b, _integer(b, op, a.op, c.op, signed, node), type_, a.bits)
        case _:
            _bad_operands(b, op, left, right, node)
            raise AssertionError


def _integer(b: Builder, op: str, a: ir.Operand, c: ir.Operand, signed: bool, node: Any) -> ir.Operand:
    if op in "/%":
        if isinstance(c, ir.Const) and c.value == 0 and not b.scratch_depth:
            b.warn("W0254", node, "division by zero")
        name = ("s" if signed else "u") + {"/": "div", "%": "rem"}[op]
        return _signalling(b, name, a, c) if b.options.trapping and not b.scratch_depth else b.em.bin(name, a, c)
    nsw = signed and op in "+-*" and not b.wraps
    numbers.folded(b, op, a, c, signed, node)
    if nsw and b.options.dialect.trapv and not (isinstance(a, ir.Const) and isinstance(c, ir.Const)):
        return _trapping(b, _PLAIN[op], a, c)
    return b.em.bin(_PLAIN[op], a, c, nsw)


def _trapping(b: Builder, name: str, a: ir.Operand, c: ir.Operand) -> ir.Operand:
    """-ftrapv: signed overflow calls abort, as libgcc's functions for it do."""
    from cpc.frontend.build import library  # which needs calls, which need this

    result, overflowed = b.em.reg(a.type), b.em.reg(I1)
    b.em.add(ir.Intrinsic((result, overflowed), f"s{name}_overflow", (a, c), b.em.loc))
    trap, done = b.em.new_label("overflow"), b.em.new_label("computed")
    b.em.branch(overflowed, trap, done)
    b.em.start(trap)
    library.call_values(b, "abort", [], None)
    b.em.terminate(ir.Unreachable(b.em.loc))
    b.em.start(done)
    return result


def _signalling(b: Builder, name: str, a: ir.Operand, c: ir.Operand) -> ir.Operand:
    """A division that the optimiser may not judge nor drop: it may raise a signal (-fnon-call-exceptions)."""
    clobbers = "".join(f",{name}" for name in b.target.clobbers)
    sides = []
    for operand in (a, c):
        sides.append(b.em.reg(operand.type))
        b.em.add(ir.Asm((sides[-1],), "", f"=r,0{clobbers}", (operand,), (None,), True, b.em.loc))
    result = b.em.bin(name, sides[0], sides[1])
    b.em.add(ir.Asm((), "", f"r{clobbers}", (result,), (None,), True, b.em.loc))
    return result


def _shift(b: Builder, op: str, left: Value, right: Value, node: Any) -> Value:
    if int_type(left.type) is None or int_type(right.type) is None:
        _bad_operands(b, op, left, right, node)
    a, amount = promoted(b, left, node), promoted(b, right, node)
    count = b.em.resize(amount.op, a.op.type, False)
    numbers.shift(b, amount, int_bits(a), node)
    name = "shl" if op == "<<" else "ashr" if is_signed(a.type) else "lshr"
    return _result(b, b.em.bin(name, a.op, count), a.type, a.bits)


# ---- pointers -----------------------------------------------------------------------------------------------


def _pointer_arithmetic(b: Builder, op: str, left: Value, right: Value, node: Any) -> Value:
    if is_pointer(left.type) and is_pointer(right.type):
        if op == "-":
            return _difference(b, left, right, node)
        _bad_operands(b, op, left, right, node)
    if is_pointer(right.type):
        if op == "-":
            _bad_operands(b, op, left, right, node)
        left, right = right, left
    if int_type(right.type) is None:
        _bad_operands(b, op, left, right, node)
    return advance(b, left, right, node, negative=op == "-")


def advance(b: Builder, pointer: Value, index: Value, node: Any, negative: bool = False) -> Value:
    """`pointer + index` in elements (`-` when negative)."""
    numbers.pointer_arithmetic(b, pointee(pointer.type), node)
    size = vla.element_size(b, pointee(pointer.type), node)
    wide = b.em.resize(index.op, I64, is_signed(index.type))
    offset = b.em.bin("mul", wide, size, nsw=not b.wraps)
    if negative:
        offset = b.em.bin("sub", ir.Const(I64, 0), offset, nsw=not b.wraps)
    return Value(b.em.ptr_add(pointer.op, offset, not b.wraps), pointer.type)


def _difference(b: Builder, left: Value, right: Value, node: Any) -> Value:
    x, y = pointee(left.type), pointee(right.type)
    numbers.pointer_arithmetic(b, x, node)
    if not compatible(unqualified(x), unqualified(y)) and not (is_void(x) or is_void(y)):
        b.fail("E0254", node, f"subtraction of '{describe(right.type)}' from '{describe(left.type)}'")
    if isinstance(left.op, ir.GlobalAddr) and isinstance(right.op, ir.GlobalAddr) and left.op.name == right.op.name:
        bytes_: ir.Operand = ir.Const(I64, (left.op.offset - right.op.offset) & (1 << 64) - 1)
    else:
        a, c = b.em.cast("ptrtoint", left.op, I64), b.em.cast("ptrtoint", right.op, I64)
        bytes_ = b.em.bin("sub", a, c)
    size = vla.element_size(b, x, node)
    if isinstance(size, ir.Const) and size.value == 0:
        b.fail("E0254", node, "difference of pointers to a type of size 0")
    return Value(b.em.bin("sdiv", bytes_, size), QType(LONG))


# ---- comparisons --------------------------------------------------------------------------------------------


def compare(b: Builder, op: str, left: Value, right: Value, node: Any) -> ir.Operand:
    """i1 of a relational or equality operator on scalars."""
    kind = COMPARISONS[op]
    if is_pointer(left.type) or is_pointer(right.type):
        a, c = _comparable(b, left, right, node)
        return b.em.cmp(kind if kind in ("eq", "ne") else "u" + kind, a, c)
    if arithmetic_type(left.type) is None or arithmetic_type(right.type) is None:
        _bad_operands(b, op, left, right, node)
    numbers.sign_compare(b, op, left, right, node)
    expressions.comparison(b, op, left, right, node)
    x, y, type_ = common(b, left, right, node)
    if is_complex(type_):
        return complex_math.compare(b, op, x, y, type_, node)
    return b.em.cmp(_predicate(kind, type_), x.op, y.op)


def _predicate(kind: str, type_: QType) -> str:
    if isinstance(type_.type, FloatT):
        return "fune" if kind == "ne" else "fo" + kind
    if kind in ("eq", "ne"):
        return kind
    return ("s" if is_signed(type_) else "u") + kind


def _comparable(b: Builder, left: Value, right: Value, node: Any) -> tuple[ir.Operand, ir.Operand]:
    """Both operands of a comparison with a pointer as addresses."""
    if is_pointer(left.type) and is_pointer(right.type):
        x, y = pointee(left.type), pointee(right.type)
        null = is_null_constant(left) or is_null_constant(right)
        _compared_address(b, left, right, node)
        if not (null or is_void(x) or is_void(y)):
            if not compatible(unqualified(x), unqualified(y)):
                b.warn("W0285", node, f"comparison of '{describe(left.type)}' with '{describe(right.type)}'")
            elif isinstance(x.type, FunctionT) and not same_colors(x, y):
                report_color(b, right.type, left.type, node, "comparing")
        return left.op, right.op
    pointer, other = (left, right) if is_pointer(left.type) else (right, left)
    if int_type(other.type) is None:
        _bad_operands(b, "comparison", left, right, node)
    if not is_null_constant(other):
        b.warn("W0291", node, "comparison between pointer and integer")
    _compared_address(b, left, right, node)
    as_pointer = convert(b, other, pointer.type, node)
    return (pointer.op, as_pointer.op) if pointer is left else (as_pointer.op, pointer.op)


def _compared_address(b: Builder, left: Value, right: Value, node: Any) -> None:
    if isinstance(node, c_ast.BinaryOp):
        if is_null_constant(right):
            numbers.address_truth(b, node.left, "null")
        elif is_null_constant(left):
            numbers.address_truth(b, node.right, "null")


# ---- unary --------------------------------------------------------------------------------------------------


def unary(b: Builder, op: str, value: Value, node: Any) -> Value:
    """`+ - ~` on an rvalue."""
    if isinstance(value.type.type, VectorT):
        return vectors.unary(b, op, value, node)
    type_ = arithmetic_type(value.type)
    if type_ is None or (op == "~" and isinstance(type_, FloatT)):
        b.fail("E0254", node, f"invalid operand of unary '{op}': '{describe(value.type)}'")
    if is_complex(value.type):
        return complex_math.unary(b, op, value)
    a = promoted(b, value, node)
    match op:
        case "+":
            return Value(a.op, a.type, bits=a.bits)
        case "-":
            return _result(b, negate(b, a), a.type, a.bits)
        case _:
            ones = ir.Const(a.op.type, (1 << int_bits(a)) - 1)
            return _result(b, b.em.bin("xor", a.op, ones), a.type, a.bits)


def int_bits(value: Value) -> int:
    t = int_type(value.type)
    assert t is not None
    return 8 * t.size


def negate(b: Builder, value: Value) -> ir.Operand:
    if isinstance(value.op.type, FloatType):
        return b.em.cast("fneg", value.op, value.op.type)
    nsw = is_signed(value.type) and not b.wraps
    if nsw and b.options.dialect.trapv and not isinstance(value.op, ir.Const):
        return _trapping(b, "sub", b.em.zero(value.op.type), value.op)
    return b.em.bin("sub", b.em.zero(value.op.type), value.op, nsw)


def step(b: Builder, value: Value, op: str, node: Any) -> Value:
    """The value one more (`++`) or one less (`--`), not yet converted back."""
    one = Value(ir.Const(I32, 1), QType(INT))
    if isinstance(value.type.type, PointerT):
        return advance(b, value, one, node, negative=op == "--")
    return binary(b, "+" if op == "++" else "-", value, one, node)
