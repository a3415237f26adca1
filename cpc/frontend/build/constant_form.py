"""Whether an expression has the form of an integer constant expression (C11 6.6p6), as gcc reads the clause.

The builder knows values: to it `(x, 0)` is 0.  As a null pointer constant (6.3.2.3p3) only the form counts, which is
what programs ask with `sizeof(*(1 ? (void *)((long)(e) * 0l) : (int *)1))`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend.symbols import Kind

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_FLOATING = ("float", "double", "long double")
_NOT_CONSTANT = (
    c_ast.ExprList, c_ast.Compound, c_ast.Assignment, c_ast.CompoundLiteral, c_ast.StructRef,
)  # fmt: skip


def is_integer_constant(b: Builder, node: Any) -> bool:
    """Whether the form is an integer constant expression's; the caller knows that the value is constant."""
    match node:
        case c_ast.Constant(type=kind):
            return kind not in _FLOATING
        case c_ast.ID(name=name):
            symbol = b.sema.lookup(name)
            return symbol is not None and symbol.kind is Kind.ENUM_CONST
        case c_ast.UnaryOp(op="sizeof" | "_Alignof" | "__alignof__" | "__alignof"):
            return True
        case c_ast.UnaryOp(op=op, expr=operand):
            return op != "&" and is_integer_constant(b, operand)
        case c_ast.BinaryOp(left=left, right=right):
            return is_integer_constant(b, left) and is_integer_constant(b, right)
        case c_ast.TernaryOp(cond=cond, iftrue=yes, iffalse=no):
            return all(is_integer_constant(b, part) for part in (cond, yes, no) if part is not None)
        case c_ast.Cast(expr=operand):
            floating = isinstance(operand, c_ast.Constant) and operand.type in _FLOATING
            return floating or is_integer_constant(b, operand)
        case _:
            return not isinstance(node, _NOT_CONSTANT)
