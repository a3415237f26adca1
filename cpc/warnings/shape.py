"""Warnings about how an expression or statement is written: missing parentheses, a statement without effect.

Only the syntax tree is looked at; `Unit.parenthesized` knows what stood in parentheses of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend.symbols import Symbol

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_RELATIONAL = frozenset(("<", "<=", ">", ">="))
_COMPARISONS = _RELATIONAL | {"==", "!="}
_SUM = frozenset(("+", "-"))
# operator -> operators that gcc wants in parentheses when they are its operands
_SUSPECT = {
    "||": frozenset(("&&",)),
    "<<": _SUM,
    ">>": _SUM,
    "|": _SUM | _COMPARISONS | {"&", "^"},
    "^": _SUM | _COMPARISONS | {"&"},
    "&": _SUM | _COMPARISONS,
    "==": _COMPARISONS,
    "!=": _COMPARISONS,
    **dict.fromkeys(_RELATIONAL, _RELATIONAL),
}


def binary(b: Builder, node: Any) -> None:
    """-Wparentheses for the operands of a binary operator."""
    suspect = _SUSPECT.get(node.op)
    if suspect is None:
        return
    for operand in (node.left, node.right):
        bare = isinstance(operand, c_ast.BinaryOp) and operand not in b.unit.parenthesized
        if bare and operand.op in suspect:
            _suggest(b, node, operand.op)
            return
    negated = isinstance(node.left, c_ast.UnaryOp) and node.left.op == "!" and node.left not in b.unit.parenthesized
    if negated and node.op in "&|" and not (isinstance(node.right, c_ast.UnaryOp) and node.right.op == "!"):
        b.warn("W0273", node, f"suggest parentheses around the operand of '!' or of '{node.op}'")


def _suggest(b: Builder, node: Any, inner: str) -> None:
    if node.op in _RELATIONAL:
        b.warn("W0273", node, "comparisons like 'x<=y<=z' do not have their mathematical meaning")
    else:
        b.warn("W0273", node, f"suggest parentheses around '{inner}' in an operand of '{node.op}'")


def truth(b: Builder, node: Any) -> None:
    """-Wparentheses: `if (a = b)`."""
    if isinstance(node, c_ast.Assignment) and node.op == "=" and node not in b.unit.parenthesized:
        b.warn("W0273", node, "suggest parentheses around an assignment used as truth value")


def selection(b: Builder, node: Any) -> None:
    """-Wdangling-else: whose else is it?"""
    if node.iffalse is None and isinstance(node.iftrue, c_ast.If) and node.iftrue.iffalse is not None:
        b.warn("W0289", node, "suggest explicit braces to avoid an ambiguous 'else'")


# ---- values nobody uses -------------------------------------------------------------------------------------

_EFFECTS = frozenset(("++", "--", "p++", "p--"))


def discarded(b: Builder, node: Any) -> None:
    """-Wunused-value and -Wunused-result for an expression whose value nobody looks at."""
    if isinstance(node, c_ast.Cast) and _is_void(node.to_type):
        _unused_result(b, node.expr, meant=True)
        return
    _unused_result(b, node, meant=False)
    if _useless(node) and not b.unevaluated:
        b.warn("W0267", node, "the computed value is not used")


def _is_void(typename: Any) -> bool:
    inner = getattr(getattr(typename, "type", None), "type", None)
    return isinstance(inner, c_ast.IdentifierType) and inner.names == ["void"]


def _useless(node: Any) -> bool:
    match node:
        case c_ast.UnaryOp(op=op):
            return op not in _EFFECTS
        case c_ast.BinaryOp() | c_ast.ID() | c_ast.Constant() | c_ast.ArrayRef() | c_ast.StructRef():
            return True
        case c_ast.Cast():
            return not _is_void(node.to_type)
        case c_ast.TernaryOp():
            sides = [s for s in (node.iftrue, node.iffalse) if s is not None]
            return any(_useless(side) for side in sides)
        case c_ast.ExprList():
            return _useless(node.exprs[-1])
        case _:
            return False


def _unused_result(b: Builder, node: Any, meant: bool) -> None:
    """A cast to void says "I know" for [[nodiscard]], but not for gcc's attribute."""
    if not isinstance(node, c_ast.FuncCall) or not isinstance(node.name, c_ast.ID):
        return
    symbol: Symbol | None = b.sema.lookup(node.name.name)
    if symbol is None:
        return
    flags = symbol.attrs.flags
    if "warn_unused" in flags or ("nodiscard" in flags and not meant):
        b.warn("W0268", node, f"the result of '{symbol.name}' is ignored, and its declaration asks to use it")
