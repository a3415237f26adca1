"""`__builtin_add_overflow` and its relatives (gcc manual 6.56).

The generic forms compute as if in infinite precision and then ask whether the result type holds the value.  Operands
up to 64 bits are computed in 128; equal types use the machine's overflow flag; others of 128 bits are computed by
their magnitudes or with a carry, as no wider type has a product in libgcc.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cpc.frontend.build import bitfields, memory
from cpc.frontend.build.describe import describe
from cpc.frontend.build.values import Place, Value, int_type, is_pointer, pointee
from cpc.frontend.c_types import BOOL, INT, LLONG, LONG, UINT, ULLONG, ULONG, EnumT, IntT, QType
from cpc.frontend.conversions import unqualified
from cpc.ir import ops as ir
from cpc.ir.types import I1, I8, I128, IntType

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_TYPED = {
    "s{}": INT, "s{}l": LONG, "s{}ll": LLONG, "u{}": UINT, "u{}l": ULONG, "u{}ll": ULLONG,
}  # fmt: skip  # __builtin_saddl_overflow ...


def _operands(b: Builder, node: Any, typed: IntT | None) -> tuple[Value, Value]:
    values = []
    for expr in node.args.exprs[:2]:
        value = b.value(expr)
        if int_type(value.type) is None:
            b.fail("E0254", node, f"overflow arithmetic on '{describe(value.type)}'")
        values.append(b.convert(value, QType(typed), expr) if typed else value)
    return values[0], values[1]


def compute(b: Builder, kind: str, x: Value, y: Value, to: IntT, node: Any) -> tuple[ir.Operand, ir.Operand]:
    """(the wrapped result in type `to`, i1 whether it is not the true one)."""
    a, c = int_type(x.type), int_type(y.type)
    assert a is not None and c is not None
    target = IntType(8 * to.size)
    if (a.size, a.signed) == (c.size, c.signed) == (to.size, to.signed) and not _constants(x, y):
        dsts = (b.em.reg(target), b.em.reg(I1))
        name = f"{'s' if to.signed else 'u'}{kind}_overflow"
        b.em.add(ir.Intrinsic(dsts, name, (x.op, y.op), b.em.loc))
        return dsts
    if max(a.size, c.size, to.size) > 8:
        sides = (b.em.resize(x.op, I128, a.signed), b.em.resize(y.op, I128, c.signed))
        negative = (_is_negative(b, sides[0], a), _is_negative(b, sides[1], c))
        return (_wide_product if kind == "mul" else _wide_sum)(b, kind, sides, negative, to)
    wide = b.em.bin(kind, b.em.resize(x.op, I128, a.signed), b.em.resize(y.op, I128, c.signed))
    result = b.em.resize(wide, target, False)
    return result, b.em.cmp("ne", b.em.resize(result, I128, to.signed), wide)


_Pair = tuple[ir.Operand, ir.Operand]


def _is_negative(b: Builder, op: ir.Operand, type_: IntT) -> ir.Operand:
    return b.em.cmp("slt", op, b.em.zero(I128)) if type_.signed else ir.Const(I1, 0)


def _flagged(b: Builder, name: str, x: ir.Operand, y: ir.Operand) -> tuple[ir.Operand, ir.Operand]:
    dsts = (b.em.reg(I128), b.em.reg(I1))
    b.em.add(ir.Intrinsic(dsts, name, (x, y), b.em.loc))
    return dsts


def _wide_sum(b: Builder, kind: str, sides: _Pair, negative: _Pair, to: IntT) -> tuple[ir.Operand, ir.Operand]:
    """The sum or difference of numbers of 129 bits: the lower 128, and what is above them, which is -2 to 1."""
    low, carry = _flagged(b, f"u{kind}_overflow", *sides)
    signs = [b.em.cast("sext", bit, I8) for bit in negative]
    step = b.em.cast("zext", carry, I8)
    high = b.em.bin(kind, b.em.bin(kind, signs[0], signs[1]), step)
    return _fitted(b, low, b.em.cmp("eq", high, b.em.zero(I8)), b.em.cmp("eq", high, ir.Const(I8, 255)), to)


def _wide_product(b: Builder, kind: str, sides: _Pair, negative: _Pair, to: IntT) -> tuple[ir.Operand, ir.Operand]:
    """The product of the magnitudes; a negative one is right down to -2**128 + 1, which no type reaches."""
    zero = b.em.zero(I128)
    sizes = [b.em.select(bit, b.em.bin("sub", zero, op), op) for op, bit in zip(sides, negative, strict=True)]
    size, over = _flagged(b, "umul_overflow", *sizes)
    within = b.em.bin("xor", over, ir.Const(I1, 1))
    below = b.em.bin("and", b.em.bin("xor", *negative), b.em.is_nonzero(size))
    low = b.em.select(below, b.em.bin("sub", zero, size), size)
    positive = b.em.bin("and", within, b.em.bin("xor", below, ir.Const(I1, 1)))
    return _fitted(b, low, positive, b.em.bin("and", within, below), to)


def _fitted(
    b: Builder, low: ir.Operand, positive: ir.Operand, below: ir.Operand, to: IntT
) -> tuple[ir.Operand, ir.Operand]:
    """(the result in type `to`, whether it is wrong) of a number that is `low` when it is `positive`, `low` less 2**128
    when it is `below`, and out of reach else."""
    result = b.em.resize(low, IntType(8 * to.size), False)
    same = b.em.cmp("eq", b.em.resize(result, I128, to.signed), low)
    sign = b.em.cmp("slt", low, b.em.zero(I128)) if to.signed else ir.Const(I1, 0)
    right = b.em.bin("and", same, b.em.select(sign, below, positive))
    return result, b.em.bin("xor", right, ir.Const(I1, 1))


def _constants(x: Value, y: Value) -> bool:
    return isinstance(x.op, ir.Const) and isinstance(y.op, ir.Const)


def _store_form(kind: str, typed: IntT | None) -> Callable[[Builder, str, Any], Value]:
    def handler(b: Builder, name: str, node: Any) -> Value:
        x, y = _operands(b, node, typed)
        pointer = b.value(node.args.exprs[2])
        to = int_type(pointee(pointer.type)) if is_pointer(pointer.type) else None
        if to is None:
            b.fail("E0254", node, f"'{name}' stores through '{describe(pointer.type)}'")
        target = pointee(pointer.type)
        if target.const or target.atomic or to is BOOL or isinstance(target.type, EnumT):
            b.fail("E0254", node, f"'{name}' cannot store in an object of type '{describe(target)}'")
        result, overflowed = compute(b, kind, x, y, to, node)
        memory.store(b, Place(pointer.op, target, to.size), Value(result, unqualified(target)))
        return Value(b.em.cast("zext", overflowed, I8), QType(BOOL))

    return handler


def _predicate(kind: str) -> Callable[[Builder, str, Any], Value]:
    """`__builtin_add_overflow_p(a, b, (T)0)`: only asks; its third argument lends the type, a bit-field its width."""

    def handler(b: Builder, name: str, node: Any) -> Value:
        x, y = _operands(b, node, None)
        lender = b.built_type(node.args.exprs[2])
        to = int_type(lender.type)
        if to is None:
            b.fail("E0254", node, f"the third argument of '{name}' has no integer type")
        result, overflowed = compute(b, kind, x, y, to, node)
        if isinstance(lender, Place) and lender.width is not None:
            cut = bitfields.cut(b, result, lender.width, to.signed)
            overflowed = b.em.bin("or", overflowed, b.em.cmp("ne", cut, result))
        return Value(b.em.cast("zext", overflowed, I8), QType(BOOL))

    return handler


TABLE: dict[str, Callable[[Any, str, Any], Any]] = {
    **{f"__builtin_{kind}_overflow": _store_form(kind, None) for kind in ("add", "sub", "mul")},
    **{f"__builtin_{kind}_overflow_p": _predicate(kind) for kind in ("add", "sub", "mul")},
    **{
        f"__builtin_{pattern.format(kind)}_overflow": _store_form(kind, type_)
        for kind in ("add", "sub", "mul")
        for pattern, type_ in _TYPED.items()
    },
}
