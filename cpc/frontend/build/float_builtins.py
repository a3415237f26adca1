"""Floating builtins: constants (inf, nan, huge_val), classification, signs, ordered comparison, fabs.

All of them work by comparison and by bits, never by a library call, so they hold for every format.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cpc.frontend import literals
from cpc.frontend.build import floats
from cpc.frontend.build.arithmetic import common
from cpc.frontend.build.convert import convert
from cpc.frontend.build.describe import describe
from cpc.frontend.build.values import Value, arithmetic_type, float_type, scalar_type
from cpc.frontend.c_types import (
    DOUBLE,
    FLOAT,
    FLOAT32,
    FLOAT32X,
    FLOAT64,
    FLOAT64X,
    FLOAT128,
    INT,
    LDOUBLE,
    FloatT,
    QType,
)
from cpc.ir import ops as ir
from cpc.ir.types import F128, I32, FloatType, IntType

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

Handler = Callable[[Any, str, Any], Any]
_INT = QType(INT)
_SUFFIXES = {
    "": DOUBLE, "f": FLOAT, "l": LDOUBLE, "f32": FLOAT32, "f64": FLOAT64, "f128": FLOAT128, "q": FLOAT128,
    "f32x": FLOAT32X, "f64x": FLOAT64X,
}  # fmt: skip


def _ir(type_: QType) -> FloatType:
    found = scalar_type(type_)
    assert isinstance(found, FloatType)
    return found


def _operand(b: Builder, node: Any, index: int = 0) -> Value:
    value = b.value(node.args.exprs[index])
    if float_type(value.type) is None:
        b.fail("E0254", node, f"'{node.name.name}' of '{describe(value.type)}', which is not a floating type")
    return value


def _bit(b: Builder, bit: ir.Operand) -> Value:
    return Value(b.em.cast("zext", bit, I32), _INT)


def _infinity(type_: FloatT) -> Handler:
    def handler(b: Builder, name: str, node: Any) -> Value:
        q = QType(b.target.own(type_))
        return Value(ir.Const(_ir(q), floats.infinity(_ir(q))), q)

    return handler


def _nan(type_: FloatT, signaling: bool) -> Handler:
    def handler(b: Builder, name: str, node: Any) -> Value:
        q = QType(b.target.own(type_))
        text = getattr(node.args.exprs[0], "value", '""')
        digits = literals.string_text(text) if text.startswith('"') else ""
        try:
            payload = int(digits, 0) if digits else 0
        except ValueError:
            payload = 0
        return Value(ir.Const(_ir(q), floats.quiet_nan(_ir(q), payload, signaling)), q)

    return handler


def magnitude(b: Builder, value: Value) -> ir.Operand:
    """|x| by bits."""
    if isinstance(value.op, ir.Const):
        return ir.Const(value.op.type, value.op.value & ~floats.sign_bit(_ir(value.type)))
    return b.em.unary("fabs", value.op)


def _fabs(type_: FloatT) -> Handler:
    def handler(b: Builder, name: str, node: Any) -> Value:
        value = convert(b, b.value(node.args.exprs[0]), QType(b.target.own(type_)), node)
        return Value(magnitude(b, value), value.type)

    return handler


def _copysign(type_: FloatT) -> Handler:
    def handler(b: Builder, name: str, node: Any) -> Value:
        x, y = (convert(b, b.value(e), QType(b.target.own(type_)), node) for e in node.args.exprs[:2])
        if isinstance(x.op, ir.Const) and isinstance(y.op, ir.Const):
            sign = floats.sign_bit(_ir(x.type))
            return Value(ir.Const(x.op.type, (x.op.value & ~sign) | (y.op.value & sign)), x.type)
        return Value(b.em.unary("copysign", x.op, y.op), x.type)

    return handler


def _isnan(b: Builder, name: str, node: Any) -> Value:
    x = _operand(b, node)
    return _bit(b, b.em.cmp("fuo", x.op, x.op))


def _quietly(b: Builder, pred: str, x: ir.Operand, y: ir.Operand) -> ir.Operand:
    """A comparison that raises nothing for NaN.  libgcc's of 128 bits do, so they are not shown any."""
    if pred == "fuo" or x.type != F128 or not b.options.float_environment:
        return b.em.cmp(pred, x, y)
    ordered, zero = b.em.cmp("ford", x, y), b.em.zero(F128)
    below = b.em.cmp(pred, b.em.select(ordered, x, zero), b.em.select(ordered, y, zero))
    return b.em.bin("and", ordered, below)


def _infinite(b: Builder, x: Value) -> ir.Operand:
    inf = ir.Const(_ir(x.type), floats.infinity(_ir(x.type)))
    return b.em.cmp("foeq", magnitude(b, x), inf)


def _isinf(b: Builder, name: str, node: Any) -> Value:
    return _bit(b, _infinite(b, _operand(b, node)))


def _isinf_sign(b: Builder, name: str, node: Any) -> Value:
    x = _operand(b, node)
    sign = b.em.select(_sign(b, x), ir.Const(I32, 0xFFFFFFFF), ir.Const(I32, 1))
    return Value(b.em.select(_infinite(b, x), sign, ir.Const(I32, 0)), _INT)


def _finite(b: Builder, x: Value) -> ir.Operand:
    inf = ir.Const(_ir(x.type), floats.infinity(_ir(x.type)))
    return _quietly(b, "fqlt", magnitude(b, x), inf)


def _isfinite(b: Builder, name: str, node: Any) -> Value:
    return _bit(b, _finite(b, _operand(b, node)))


def _smallest_normal(type_: FloatType) -> ir.Const:
    f = floats.FORMATS[type_.bits]
    bits = 1 << f.stored
    return ir.Const(type_, bits | (1 << (f.stored - 1)) if f.explicit else bits)


def _isnormal(b: Builder, name: str, node: Any) -> Value:
    x = _operand(b, node)
    large = _quietly(b, "fqge", magnitude(b, x), _smallest_normal(_ir(x.type)))
    return _bit(b, b.em.bin("and", large, _finite(b, x)))


def _sign(b: Builder, x: Value) -> ir.Operand:
    bits = IntType(_ir(x.type).bits)
    return b.em.cmp("slt", b.em.cast("bitcast", x.op, bits), ir.Const(bits, 0))


def _signbit(b: Builder, name: str, node: Any) -> Value:
    return _bit(b, _sign(b, _operand(b, node)))


def _fpclassify(b: Builder, name: str, node: Any) -> Value:
    """`__builtin_fpclassify(nan, inf, normal, subnormal, zero, x)`."""
    classes = [convert(b, b.value(e), _INT, node).op for e in node.args.exprs[:5]]
    nan, infinite, normal, subnormal, zero = classes
    x = _operand(b, node, 5)
    size = magnitude(b, x)
    result = b.em.select(_quietly(b, "fqge", size, _smallest_normal(_ir(x.type))), normal, subnormal)
    result = b.em.select(b.em.cmp("foeq", x.op, ir.Const(x.op.type, 0)), zero, result)
    result = b.em.select(_infinite(b, x), infinite, result)
    return Value(b.em.select(b.em.cmp("fuo", x.op, x.op), nan, result), _INT)


def _ordered(pred: str) -> Handler:
    """isgreater and its kind: comparisons that are false, without exception, for NaN."""

    def handler(b: Builder, name: str, node: Any) -> Value:
        left, right = (b.value(e) for e in node.args.exprs[:2])
        if arithmetic_type(left.type) is None or arithmetic_type(right.type) is None:
            b.fail("E0254", node, f"'{name}' needs floating operands")
        x, y, type_ = common(b, left, right, node)
        if float_type(type_) is None:
            b.fail("E0254", node, f"'{name}' needs a floating operand")
        if pred == "lessgreater":
            below, above = _quietly(b, "fqlt", x.op, y.op), _quietly(b, "fqgt", x.op, y.op)
            return _bit(b, b.em.bin("or", below, above))
        return _bit(b, _quietly(b, pred, x.op, y.op))

    return handler


_COMPARISONS = {
    "isgreater": "fqgt", "isgreaterequal": "fqge", "isless": "fqlt", "islessequal": "fqle",
    "isunordered": "fuo", "islessgreater": "lessgreater",
}  # fmt: skip

TABLE: dict[str, Handler] = {
    **{f"__builtin_{stem}{s}": _infinity(t) for stem in ("inf", "huge_val") for s, t in _SUFFIXES.items()},
    **{f"__builtin_nan{s}": _nan(t, False) for s, t in _SUFFIXES.items()},
    **{f"__builtin_nans{s}": _nan(t, True) for s, t in _SUFFIXES.items()},
    **{f"__builtin_fabs{s}": _fabs(t) for s, t in _SUFFIXES.items()},
    **{f"__builtin_copysign{s}": _copysign(t) for s, t in _SUFFIXES.items()},
    **{f"__builtin_isnan{s}": _isnan for s in ("", "f", "l")},
    **{f"__builtin_isinf{s}": _isinf for s in ("", "f", "l")},
    **{f"__builtin_isfinite{s}": _isfinite for s in ("", "f", "l")},
    **{f"__builtin_finite{s}": _isfinite for s in ("", "f", "l")},
    **{f"__builtin_signbit{s}": _signbit for s in ("", "f", "l")},
    "__builtin_isinf_sign": _isinf_sign,
    "__builtin_isnormal": _isnormal,
    "__builtin_fpclassify": _fpclassify,
    **{f"__builtin_{name}": _ordered(pred) for name, pred in _COMPARISONS.items()},
}
