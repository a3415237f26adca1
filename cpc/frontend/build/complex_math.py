"""_Complex arithmetic (C11 6.2.5p13, Annex G as gcc implements it).

A complex value is two operands.  An operand that was real stays without imaginary part (`imag` is None) through
`widen`, so that `2.0 * z` is two multiplications.  Products and quotients of two complex numbers go through libgcc's
__mulXc3 and __divXc3, which handle infinities; integer complex numbers are computed in place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cpc.frontend.build import complex_fold, convert
from cpc.frontend.build.values import Value, float_type, is_complex, scalar_type
from cpc.frontend.c_types import ComplexT, IntT, QType
from cpc.ir import ops as ir
from cpc.ir.types import F32, I1, PTR, FloatType, Type, VecType

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_LETTER = {32: "s", 64: "d", 80: "x", 128: "t"}


def part_type(type_: QType) -> QType:
    assert isinstance(type_.type, ComplexT)
    return QType(type_.type.part)


def widen(b: Builder, value: Value, type_: QType, node: Any) -> Value:
    """The operand with parts of the common type; a real operand stays real."""
    if is_complex(value.type):
        return convert.convert(b, value, type_, node)
    return convert.convert(b, value, part_type(type_), node)


def _op(b: Builder, kind: str, type_: QType, x: ir.Operand, y: ir.Operand) -> ir.Operand:
    part = part_type(type_)
    if float_type(part) is not None:
        return b.em.bin("f" + kind, x, y)
    assert isinstance(part.type, IntT)
    name = {"div": "sdiv" if part.type.signed else "udiv"}.get(kind, kind)
    return b.em.bin(name, x, y)


def binary(b: Builder, op: str, left: Value, right: Value, type_: QType, node: Any) -> Value:
    if op not in "+-*/":
        b.fail("E0254", node, f"invalid operator '{op}' for complex operands")
    zero = b.em.zero(scalar_type(part_type(type_)))
    if op in "+-":
        kind = "add" if op == "+" else "sub"
        real = _op(b, kind, type_, left.op, right.op)
        if right.imag is None:
            assert left.imag is not None
            return Value(real, type_, left.imag)
        if left.imag is None:
            imag = right.imag if op == "+" else unary(b, "-", Value(right.op, type_, right.imag)).imag
            return Value(real, type_, imag)
        return Value(real, type_, _op(b, kind, type_, left.imag, right.imag))
    if right.imag is None and left.imag is not None:
        kind = "mul" if op == "*" else "div"
        return Value(_op(b, kind, type_, left.op, right.op), type_, _op(b, kind, type_, left.imag, right.op))
    if left.imag is None and op == "*":
        assert right.imag is not None
        return Value(_op(b, "mul", type_, left.op, right.op), type_, _op(b, "mul", type_, left.op, right.imag))
    left_imag = zero if left.imag is None else left.imag
    assert right.imag is not None
    if float_type(part_type(type_)) is not None:
        return _library(b, "mul" if op == "*" else "div", (left.op, left_imag, right.op, right.imag), type_)
    return _integer(b, op, (left.op, left_imag), (right.op, right.imag), type_)


def _integer(
    b: Builder, op: str, x: tuple[ir.Operand, ir.Operand], y: tuple[ir.Operand, ir.Operand], type_: QType
) -> Value:
    def f(kind: str, p: ir.Operand, q: ir.Operand) -> ir.Operand:
        return _op(b, kind, type_, p, q)

    if op == "*":
        real = f("sub", f("mul", x[0], y[0]), f("mul", x[1], y[1]))
        return Value(real, type_, f("add", f("mul", x[0], y[1]), f("mul", x[1], y[0])))
    return _integer_quotient(b, x, y, type_)


def _integer_quotient(
    b: Builder, x: tuple[ir.Operand, ir.Operand], y: tuple[ir.Operand, ir.Operand], type_: QType
) -> Value:
    """By Smith's method, as gcc has it also for integers: each of its quotients is truncated."""

    def f(kind: str, p: ir.Operand, q: ir.Operand) -> ir.Operand:
        return _op(b, kind, type_, p, q)

    turned = b.em.cmp("ult", _size(b, y[0], type_), _size(b, y[1], type_))
    small, large = b.em.select(turned, y[0], y[1]), b.em.select(turned, y[1], y[0])
    first, second = b.em.select(turned, x[0], x[1]), b.em.select(turned, x[1], x[0])
    ratio = f("div", small, large)
    scale = f("add", f("mul", small, ratio), large)
    imag, rest = f("mul", x[1], ratio), f("mul", x[0], ratio)
    imag = b.em.select(turned, f("sub", imag, x[0]), f("sub", x[1], rest))
    return Value(f("div", f("add", f("mul", first, ratio), second), scale), type_, f("div", imag, scale))


def _size(b: Builder, part: ir.Operand, type_: QType) -> ir.Operand:
    """Without its sign."""
    whole = part_type(type_).type
    assert isinstance(whole, IntT)
    if not whole.signed:
        return part
    zero = b.em.zero(part.type)
    return b.em.select(b.em.cmp("slt", part, zero), b.em.bin("sub", zero, part), part)


def _library(b: Builder, kind: str, args: tuple[ir.Operand, ...], type_: QType) -> Value:
    part = args[0].type
    assert isinstance(part, FloatType)
    if known := _folded(b, kind, args):
        return Value(known[0], type_, known[1])
    name = f"__{kind}{_LETTER[part.bits]}c3"
    packed = part == F32 and b.target.calls == "sysv"
    if part.bits == 128 and b.target.calls == "sysv":
        return _library_in_memory(b, name, args, type_)
    rets: tuple[Type, ...] = (VecType(F32, 2),) if packed else (part, part)
    sig = ir.Sig(tuple(ir.ParamSpec(part) for _ in args), rets)
    b.declare_library(name, sig)
    dsts = tuple(b.em.reg(t) for t in rets)
    b.em.add(ir.Call(dsts, ir.GlobalAddr(name), args, sig, loc=b.em.loc))
    if packed:
        return Value(extract(b, dsts[0], 0), type_, extract(b, dsts[0], 1))
    return Value(dsts[0], type_, dsts[1])


def _library_in_memory(b: Builder, name: str, args: tuple[ir.Operand, ...], type_: QType) -> Value:
    """The same of a type that is returned in memory."""
    result = b.em.local("", 32, 16)
    sig = ir.Sig((ir.ParamSpec(PTR, sret=(32, 16)), *(ir.ParamSpec(arg.type) for arg in args)), ())
    b.declare_library(name, sig)
    b.em.add(ir.Call((), ir.GlobalAddr(name), (result, *args), sig, loc=b.em.loc))
    part = args[0].type
    return Value(b.em.load(part, result), type_, b.em.load(part, b.em.ptr_add(result, 16)))


def _folded(b: Builder, kind: str, args: tuple[ir.Operand, ...]) -> tuple[ir.Const, ir.Const] | None:
    """The value of constants; outside static initialisers only of those that raise no flag worth having."""
    constants = [arg for arg in args if isinstance(arg, ir.Const)]
    if len(constants) < 4:
        return None
    x, y = (constants[0], constants[1]), (constants[2], constants[3])
    if not b.em.translating and not all(complex_fold.is_finite(part) for part in constants):
        return None
    real, imag = complex_fold.complex_arithmetic(kind, x, y)
    if not b.em.translating and not (complex_fold.is_finite(real) and complex_fold.is_finite(imag)):
        return None
    return real, imag


def extract(b: Builder, vector: ir.Operand, index: int) -> ir.Operand:
    from cpc.ir.types import I32

    assert isinstance(vector.type, VecType)
    dst = b.em.reg(vector.type.lane)
    b.em.add(ir.ExtractLane(dst, vector, ir.Const(I32, index), b.em.loc))
    return dst


def compare(b: Builder, op: str, left: Value, right: Value, type_: QType, node: Any) -> ir.Operand:
    if op not in ("==", "!="):
        b.fail("E0254", node, f"invalid operator '{op}' for complex operands")
    zero = b.em.zero(scalar_type(part_type(type_)))
    pred = "foeq" if float_type(part_type(type_)) is not None else "eq"
    reals = b.em.cmp(pred, left.op, right.op)
    imags = b.em.cmp(pred, zero if left.imag is None else left.imag, zero if right.imag is None else right.imag)
    same = b.em.bin("and", reals, imags)
    return same if op == "==" else b.em.bin("xor", same, ir.Const(I1, 1))


def unary(b: Builder, op: str, value: Value) -> Value:
    """`+`, `-`, and `~`, GNU's conjugate."""
    assert value.imag is not None

    def negate(x: ir.Operand) -> ir.Operand:
        if isinstance(x.type, FloatType):
            return b.em.cast("fneg", x, x.type)
        return b.em.bin("sub", b.em.zero(x.type), x)

    match op:
        case "+":
            return value
        case "-":
            return Value(negate(value.op), value.type, negate(value.imag))
        case _:
            return Value(value.op, value.type, negate(value.imag))
