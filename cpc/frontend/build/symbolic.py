"""Address constants that arithmetic passed through: what the linker can still compute (C11 6.6p10, GNU C).

`(uintptr_t)&x + 8`, `(int)(&&a - &&b)`: folding leaves casts and additions of addresses in the scratch function.
`resolve` follows the registers back; an operand that comes out as one address plus a constant, or as the difference of
two labels, is a constant all the same.  Everything else (a load, a product of addresses) is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cpc.frontend.build.emitter import Emitter
from cpc.frontend.build.fold import signed
from cpc.frontend.sema import LabelDifference
from cpc.ir import ops as ir
from cpc.ir.types import IntType


@dataclass(frozen=True, slots=True)
class _Sum:
    """`plus - minus + number`; the symbols are addresses or None."""

    plus: ir.GlobalAddr | ir.BlockAddr | None
    minus: ir.GlobalAddr | ir.BlockAddr | None
    number: int


def resolve(
    em: Emitter, operand: ir.Operand, may_be_null: Callable[[str], bool]
) -> ir.GlobalAddr | ir.BlockAddr | LabelDifference | ir.Const | None:
    """The constant that the scratch code computes in `operand`, or None.  `may_be_null` says so of a weak symbol."""
    if em.runtime or len(em.fn.blocks) != 1 or em.terminated:
        return None
    defined: dict[str, ir.Op] = {}
    for op in em.block.ops:
        if not isinstance(op, ir.Bin | ir.Cast | ir.PtrAdd | ir.Cmp):
            return None
        if isinstance(op, ir.Cmp) and any(may_be_null(a.name) for a in (op.a, op.b) if isinstance(a, ir.GlobalAddr)):
            return None
        defined[op.dst.name] = op
    found = _evaluate(operand, defined)
    match found:
        case _Sum(None, None, number):
            bits = operand.type.bits if isinstance(operand.type, IntType) else 64
            return ir.Const(operand.type, number & ((1 << bits) - 1))
        case _Sum(ir.BlockAddr(a), ir.BlockAddr(c), 0):
            return LabelDifference(a, c)
        case _Sum(ir.GlobalAddr() as symbol, None, number):
            return ir.GlobalAddr(symbol.name, symbol.offset + number)
        case _Sum(ir.BlockAddr() as label, None, 0):
            return label
        case _:
            return None


def _evaluate(operand: ir.Operand, defined: dict[str, ir.Op]) -> _Sum | None:
    match operand:
        case ir.Const(type_, value):
            return _Sum(None, None, signed(value, type_.bits) if isinstance(type_, IntType) else value)
        case ir.GlobalAddr() | ir.BlockAddr():
            return _Sum(operand, None, 0)
        case ir.Reg(name):
            return _operation(defined.get(name), defined)
        case _:
            return None


def _operation(op: ir.Op | None, defined: dict[str, ir.Op]) -> _Sum | None:
    match op:
        case ir.Cast(dst, kind, a):
            inner = _evaluate(a, defined)
            narrow = isinstance(dst.type, IntType) and dst.type.bits < 64
            difference = inner is not None and isinstance(inner.minus, ir.BlockAddr)
            if inner is None or (narrow and inner.plus is not None and not difference):
                return None
            return inner if kind in ("ptrtoint", "inttoptr", "trunc", "zext", "sext", "bitcast") else None
        case ir.PtrAdd(_, base, offset):
            return _add(_evaluate(base, defined), _evaluate(offset, defined), 1)
        case ir.Bin(_, "add" | "sub" as kind, a, b):
            return _add(_evaluate(a, defined), _evaluate(b, defined), 1 if kind == "add" else -1)
        case ir.Bin(_, "sdiv", a, ir.Const(_, 1)):
            return _evaluate(a, defined)
        case ir.Cmp(_, pred, a, b):
            return _compared(pred, _evaluate(a, defined), _evaluate(b, defined))
        case _:
            return None


def _compared(pred: str, a: _Sum | None, b: _Sum | None) -> _Sum | None:
    """An object's address is above null, and is no other object's."""
    match a, b:
        case _Sum(None, None, x), _Sum(None, None, y) if pred in ("eq", "ne"):
            return _Sum(None, None, int((x == y) == (pred == "eq")))
        case _Sum(ir.GlobalAddr(), None, _), _Sum(None, None, 0):
            return _Sum(None, None, int(pred in ("ne", "ugt", "uge")))
        case _Sum(None, None, 0), _Sum(ir.GlobalAddr(), None, _):
            return _Sum(None, None, int(pred in ("ne", "ult", "ule")))
        case _Sum(ir.GlobalAddr(x, i), None, j), _Sum(ir.GlobalAddr(y, k), None, m) if pred in ("eq", "ne"):
            same = x == y and i + j == k + m
            return _Sum(None, None, int(same == (pred == "eq"))) if x == y or not (i or j or k or m) else None
        case _:
            return None


def _add(a: _Sum | None, b: _Sum | None, sign: int) -> _Sum | None:
    if a is None or b is None:
        return None
    plus, minus = (b.plus, b.minus) if sign > 0 else (b.minus, b.plus)
    if (a.plus is not None and plus is not None) or (a.minus is not None and minus is not None):
        return None
    total = _Sum(a.plus or plus, a.minus or minus, a.number + sign * b.number)
    return _cancelled(total)


def _cancelled(total: _Sum) -> _Sum:
    """`x + 8 - x` is a number."""
    match total.plus, total.minus:
        case ir.GlobalAddr(x, i), ir.GlobalAddr(y, j) if x == y:
            return _Sum(None, None, total.number + i - j)
        case ir.BlockAddr(x), ir.BlockAddr(y) if x == y:
            return _Sum(None, None, total.number)
        case _:
            return total
