"""A small evaluator for the tests of sema, so that they do not depend on build: integer expressions, sizeof, casts,
addresses of objects, string literals.  It implements the `Evaluator` protocol as far as the tests need it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pycparser import c_ast

from cpc.diag import Abort, Diagnostics
from cpc.frontend import conversions, layout
from cpc.frontend.c_types import (
    CHAR,
    INT,
    ULONG,
    ArrayT,
    ComplexT,
    FloatT,
    PointerT,
    QType,
    RecordT,
)
from cpc.frontend.gnu_parser import parse_unit
from cpc.frontend.literals import BadLiteral, literal_units
from cpc.frontend.nodes import LabelAddr
from cpc.frontend.numbers import Number, number
from cpc.frontend.sema import ComplexConst, Constant, LabelDifference, Sema
from cpc.frontend.symbols import Kind
from cpc.ir.ops import BlockAddr, Const, GlobalAddr
from cpc.ir.types import PTR, FloatType, IntType

_FLOATS = {"float": 32, "double": 64, "long double": 80, "_Float128": 128}
_BINARY: dict[str, Callable[[int, int], int | None]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "<<": lambda a, b: a << b,
    ">>": lambda a, b: a >> b,
    "|": lambda a, b: a | b,
    "&": lambda a, b: a & b,
    "==": lambda a, b: int(a == b),
    "<": lambda a, b: int(a < b),
    ">": lambda a, b: int(a > b),
    ">=": lambda a, b: int(a >= b),
    "&&": lambda a, b: int(a != 0 and b != 0),
    "/": lambda a, b: a // b if b else None,
    "%": lambda a, b: a % b if b else None,
}


@dataclass
class FakeEvaluator:
    sema: Sema
    strings: list[str] = field(default_factory=list)

    def object_of(self, expr: Any) -> tuple[QType, bool]:
        return self.type_of(expr), False

    def _number(self, expr: c_ast.Constant) -> Number:
        try:
            return number(expr.value)
        except BadLiteral as fault:
            self.sema.diags.abort("E0241", self.sema.unit.loc(expr), str(fault))

    def type_of(self, expr: Any) -> QType:
        match expr:
            case c_ast.Constant(type="string"):
                return QType(ArrayT(QType(CHAR), len(literal_units(expr.value)[1]) + 1))
            case c_ast.Constant(type="char"):
                return QType(INT)
            case c_ast.Constant():
                return QType(self._number(expr).type)
            case c_ast.ID():
                symbol = self.sema.lookup(expr.name)
                assert symbol is not None, expr.name
                return symbol.type
            case c_ast.Cast():
                return self.sema.type_name(expr.to_type)
            case c_ast.CompoundLiteral():
                return self.sema.type_name(expr.type)
            case c_ast.UnaryOp(op="sizeof") | c_ast.UnaryOp(op="_Alignof"):
                return QType(ULONG)
            case c_ast.UnaryOp(op="&"):
                return conversions.pointer_to(self.type_of(expr.expr))
            case c_ast.UnaryOp(op="*"):
                target = conversions.decay(self.type_of(expr.expr)).type
                assert isinstance(target, PointerT)
                return target.target
            case c_ast.UnaryOp(op="!"):
                return QType(INT)
            case c_ast.UnaryOp():
                return conversions.promote(self.type_of(expr.expr))
            case c_ast.BinaryOp():
                return self._binary_type(expr)
            case c_ast.TernaryOp():
                return conversions.promote(self.type_of(expr.iffalse))
            case c_ast.FuncCall():
                return QType(INT)
            case _:
                return QType(INT)

    def _binary_type(self, expr: Any) -> QType:
        if expr.op in ("==", "<", ">", "&&", ">="):
            return QType(INT)
        left, right = (conversions.decay(self.type_of(e)) for e in (expr.left, expr.right))
        if isinstance(left.type, PointerT):
            return left
        if expr.op in ("<<", ">>"):
            return conversions.promote(left)
        return conversions.usual_arithmetic(left, right)

    def constant(self, expr: Any, to: QType | None, *, objects: bool = False) -> Constant | None:
        if isinstance(expr, LabelAddr):
            return BlockAddr(expr.name)
        if isinstance(expr, c_ast.BinaryOp) and isinstance(expr.left, LabelAddr) and isinstance(expr.right, LabelAddr):
            return LabelDifference(expr.left.name, expr.right.name)
        if isinstance(expr, c_ast.Constant) and expr.type == "string":
            self.strings.append(expr.value)
            return GlobalAddr(f".str.{len(self.strings)}")
        address = self._address(expr)
        if address is not None:
            return address
        if isinstance(expr, c_ast.Constant) and expr.type != "char":
            value = self._number(expr)
            if isinstance(value.type, FloatT):
                return Const(FloatType(_FLOATS[value.type.name]), value.value)
            if isinstance(value.type, ComplexT):
                part = FloatType(_FLOATS[value.type.part.name])
                return ComplexConst(Const(part, 0), Const(part, value.value))
        found = self._integer(expr)
        if found is None:
            return None
        if to is None:
            to = self.type_of(expr)
        if isinstance(to.type, PointerT):
            return Const(PTR, found & (2**64 - 1))
        if isinstance(to.type, FloatT):
            return None
        bits = 8 * (layout.size_of(to) or 8)
        return Const(IntType(bits), found & ((1 << bits) - 1))

    def _address(self, expr: Any) -> GlobalAddr | None:
        if isinstance(expr, c_ast.UnaryOp) and expr.op == "&" and isinstance(expr.expr, c_ast.ID):
            symbol = self.sema.lookup(expr.expr.name)
            return GlobalAddr(symbol.ir_name) if symbol is not None and not symbol.automatic else None
        if isinstance(expr, c_ast.ID):
            symbol = self.sema.lookup(expr.name)
            if symbol is not None and (symbol.kind is Kind.FUNCTION or isinstance(symbol.type.type, ArrayT)):
                return GlobalAddr(symbol.ir_name)
        if isinstance(expr, c_ast.BinaryOp) and expr.op == "+":
            base, index = self._address(expr.left), self._integer(expr.right)
            pointer = conversions.decay(self.type_of(expr.left)).type
            if base is not None and index is not None and isinstance(pointer, PointerT):
                return GlobalAddr(base.name, base.offset + index * (layout.size_of(pointer.target) or 1))
        if isinstance(expr, c_ast.Cast):
            return self._address(expr.expr)
        return None

    def _integer(self, expr: Any) -> int | None:
        match expr:
            case c_ast.Constant():
                found = self.sema.integer(expr) if expr.type != "string" else None
                return None if found is None else found[0]
            case c_ast.ID():
                symbol = self.sema.lookup(expr.name)
                if symbol is None:
                    self.sema.diags.abort("E0250", self.sema.unit.loc(expr), f"'{expr.name}' is not declared")
                return symbol.value if symbol.kind is Kind.ENUM_CONST else None
            case c_ast.UnaryOp(op="sizeof"):
                arg = expr.expr
                is_type = isinstance(arg, c_ast.Typename)
                return layout.size_of(self.sema.type_name(arg) if is_type else self.type_of(arg))
            case c_ast.UnaryOp(op="_Alignof"):
                return layout.align_of(self.sema.type_name(expr.expr))
            case c_ast.UnaryOp():
                value = self._integer(expr.expr)
                if value is None:
                    return None
                return {"-": -value, "~": ~value, "!": int(not value), "+": value}.get(expr.op)
            case c_ast.BinaryOp():
                a, b = self._integer(expr.left), self._integer(expr.right)
                return None if a is None or b is None else _BINARY[expr.op](a, b)
            case c_ast.TernaryOp():
                condition = self._integer(expr.cond)
                return None if condition is None else self._integer(expr.iftrue if condition else expr.iffalse)
            case c_ast.Cast():
                return self._cast(expr)
            case _:
                return None

    def _cast(self, expr: Any) -> int | None:
        value, to = self._integer(expr.expr), self.sema.type_name(expr.to_type)
        if value is None or not conversions.is_integer(to):
            return value
        integer = conversions.integer_of(to)
        bits = 8 * integer.size
        value &= (1 << bits) - 1
        return value - (1 << bits) if integer.signed and value >> (bits - 1) else value


def analyse(text: str, *, c23: bool = False) -> tuple[Sema, Diagnostics]:
    """Parses and declares a unit, going into function bodies as build does.  Fails on a syntax error."""
    found = try_analyse(text, c23=c23)
    assert found is not None, text
    return found


def try_analyse(text: str, *, c23: bool = False) -> tuple[Sema, Diagnostics] | None:
    """The same, None for a syntax error."""
    diags = Diagnostics()
    unit = parse_unit(text, "t.c", diags, c23=c23)
    if unit is None:
        return None
    sema = Sema(unit, diags)
    sema.evaluator = FakeEvaluator(sema)
    for node in unit.ast.ext:
        try:
            if isinstance(node, c_ast.FuncDef):
                sema.begin_function(node)
                _block(sema, node.body)
            else:
                sema.declare(node)
        except Abort:
            pass
        finally:
            sema.end_function()
    sema.finish()
    diags.items = [d for d in diags.items if not d.code.startswith("W04")]  # those that only come when asked for
    return sema, diags


def _block(sema: Sema, body: Any) -> None:
    for item in body.block_items or []:
        if isinstance(item, c_ast.Compound):
            with sema.scoped():
                _block(sema, item)
        elif isinstance(item, c_ast.Decl | c_ast.Typedef | c_ast.StaticAssert):
            sema.declare(item)


def record(sema: Sema, tag: str) -> RecordT:
    """The struct or union of a unit's file scope."""
    found = sema.scope.tags[tag]
    assert isinstance(found, RecordT)
    return found
