"""Warnings about expressions and statements, most of them only on request: casts, -Wfloat-equal, -Wtype-limits,
-Wchar-subscripts, -Wlogical-op, -Wduplicated-cond, -Wempty-body, -Wreturn-local-addr."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.diag import Note
from cpc.frontend.build.describe import describe
from cpc.frontend.build.values import Value, float_type, int_type, is_bool, is_pointer, pointee, size_of
from cpc.frontend.c_types import ArrayT, ComplexT, EnumT, FloatT, IntT, PointerT, QType
from cpc.frontend.symbols import Kind
from cpc.ir import ops as ir

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder


# ---- casts --------------------------------------------------------------------------------------------------


def cast(b: Builder, value: Value, to: QType, node: Any) -> None:
    """`(to)value`."""
    known = isinstance(value.op, ir.Const)
    if is_pointer(to) and is_pointer(value.type):
        _pointers(b, value.type, to, node)
    elif is_pointer(value.type) and int_type(to) is not None and not is_bool(to):
        if size_of(to) != size_of(value.type) and not known:
            b.warn("W0418", node, "cast from pointer to integer of different size")
    elif is_pointer(to) and int_type(value.type) is not None and not known and size_of(value.type) != size_of(to):
        b.warn("W0419", node, "cast to pointer from integer of different size")
    if isinstance(node.expr, c_ast.FuncCall) and _kind(value.type) != _kind(to):
        pair = f"type '{describe(value.type)}' to non-matching type '{describe(to)}'"
        b.warn("W0417", node, f"cast from function call of {pair}")


def _kind(type_: QType) -> str:
    match type_.type:
        case IntT(name=name):
            return "boolean" if name == "_Bool" else "integer"
        case EnumT() | FloatT() | ComplexT() | PointerT() as found:
            return type(found).__name__
        case other:
            return type(other).__name__


def _pointers(b: Builder, source: QType, to: QType, node: Any) -> None:
    have, want = pointee(source), pointee(to)
    for word in ("const", "volatile"):
        if getattr(have, word) and not getattr(want, word):
            b.warn("W0416", node, f"cast discards '{word}' qualifier from pointer target type")
            break


# ---- comparisons --------------------------------------------------------------------------------------------


def comparison(b: Builder, op: str, left: Value, right: Value, node: Any) -> None:
    """-Wfloat-equal and -Wtype-limits."""
    if b.unevaluated:
        return
    if op in ("==", "!="):
        if any(float_type(v.type) or isinstance(v.type.type, ComplexT) for v in (left, right)):
            b.warn("W0415", node, f"comparing floating-point with '{op}' is unsafe")
        return
    for value, other, zero in ((left, right, {"<": "< 0", ">=": ">= 0"}), (right, left, {">": "< 0", "<=": ">= 0"})):
        integer = int_type(value.type)
        is_zero = isinstance(other.op, ir.Const) and other.op.value == 0 and int_type(other.type) is not None
        plain = integer is not None and not integer.signed and not isinstance(value.op, ir.Const) and not value.bits
        if is_zero and plain and op in zero and not is_bool(value.type):
            truth = "false" if zero[op] == "< 0" else "true"
            b.warn("W0420", node, f"comparison of unsigned expression in '{zero[op]}' is always {truth}")


def subscript(b: Builder, index: Value, node: Any) -> None:
    """-Wchar-subscripts."""
    if isinstance(index.type.type, IntT) and index.type.type.name == "char" and not isinstance(index.op, ir.Const):
        b.warn("W0421", node, "array subscript has type 'char'")


# ---- the same twice -----------------------------------------------------------------------------------------


def logical(b: Builder, node: Any) -> None:
    """-Wlogical-op: `a && a`."""
    if _same(node.left, node.right) and not isinstance(node.left, c_ast.Constant):
        b.warn("W0422", node, f"logical '{'and' if node.op == '&&' else 'or'}' of equal expressions")


def conditions(b: Builder, node: Any) -> None:
    """-Wduplicated-cond: `if (a) ... else if (a)`, told at the later one.  `node` begins a chain."""
    seen = [node.cond]
    following = node.iffalse
    while isinstance(following, c_ast.If):
        first = next((cond for cond in seen if _same(cond, following.cond)), None)
        if first is not None:
            notes = [Note(b.loc(first), "previously used here")]
            b.diags.warning("W0423", b.loc(following.cond), "duplicated 'if' condition", notes=notes)
        seen.append(following.cond)
        following = following.iffalse


def _same(x: Any, y: Any) -> bool:
    """Equal expressions without effects."""
    if type(x) is not type(y):
        return False
    match x:
        case c_ast.ID():
            return bool(x.name == y.name)
        case c_ast.Constant():
            return bool(x.value == y.value)
        case c_ast.BinaryOp():
            return x.op == y.op and _same(x.left, y.left) and _same(x.right, y.right)
        case c_ast.UnaryOp(op=op):
            return op == y.op and op in ("!", "-", "~", "*", "&", "+") and _same(x.expr, y.expr)
        case c_ast.StructRef():
            return x.type == y.type and x.field.name == y.field.name and _same(x.name, y.name)
        case c_ast.ArrayRef():
            return _same(x.name, y.name) and _same(x.subscript, y.subscript)
        case _:
            return False


# ---- statements ---------------------------------------------------------------------------------------------


def empty_body(b: Builder, node: Any) -> None:
    """-Wempty-body: `if (x);`, `else;`, `do; while (x)`."""
    if isinstance(node, c_ast.DoWhile):
        if isinstance(node.stmt, c_ast.EmptyStatement):
            b.warn("W0424", node.stmt, "suggest explicit braces around empty body in 'do' statement")
        return
    if isinstance(node.iffalse, c_ast.EmptyStatement):
        b.warn("W0424", node.iffalse, "suggest braces around empty body in an 'else' statement")
    elif node.iffalse is None and isinstance(node.iftrue, c_ast.EmptyStatement):
        b.warn("W0424", node.iftrue, "suggest braces around empty body in an 'if' statement")


def returned(b: Builder, node: Any) -> None:
    """-Wreturn-local-addr: `return &x;`, `return array;`."""
    expr = node.expr
    taken = isinstance(expr, c_ast.UnaryOp) and expr.op == "&"
    inner = expr.expr if taken else expr
    while isinstance(inner, c_ast.StructRef | c_ast.ArrayRef) and taken and getattr(inner, "type", ".") == ".":
        inner = inner.name
    if not isinstance(inner, c_ast.ID):
        return
    symbol = b.sema.lookup(inner.name)
    if symbol is None or symbol.kind is not Kind.OBJECT or not symbol.automatic:
        return
    if isinstance(symbol.type.type, ArrayT) or (taken and inner is expr.expr):
        b.warn("W0427", node, "function returns address of local variable")
