"""`__builtin_memcpy` and `__builtin_memset` with constant sizes become MemCopy and MemSet; `__builtin_strlen` of a
literal is a constant.  Everything else in the family is a library call (library.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend.build import constants, library
from cpc.frontend.build.values import Value
from cpc.frontend.c_types import INT, ULONG, VOID, PointerT, QType
from cpc.ir import ops as ir
from cpc.ir.types import I8, I64

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_POINTER = QType(PointerT(QType(VOID)))


def _values(b: Builder, name: str, node: Any, types: tuple[QType, ...]) -> list[Value]:
    given = node.args.exprs if node.args is not None else []
    if len(given) != len(types):
        b.fail("E0268", node, f"'{name}' takes {len(types)} arguments, not {len(given)}")
    return [b.convert(b.value(e), t, e) for e, t in zip(given, types, strict=True)]


def _memcpy(b: Builder, name: str, node: Any) -> Value:
    values = _values(b, name, node, (_POINTER, _POINTER, QType(ULONG)))
    to, source, size = values
    if isinstance(size.op, ir.Const):
        b.em.copy(to.op, source.op, size.op.value, 1)
        return to
    return library.call_values(b, "memcpy", values, node)


def _memset(b: Builder, name: str, node: Any) -> Value:
    values = _values(b, name, node, (_POINTER, QType(INT), QType(ULONG)))
    to, byte, size = values
    if isinstance(size.op, ir.Const):
        if size.op.value:
            b.em.add(ir.MemSet(to.op, b.em.cast("trunc", byte.op, I8), size.op, 1, False, b.em.loc))
        return to
    return library.call_values(b, "memset", values, node)


def _strlen(b: Builder, name: str, node: Any) -> Value:
    arg = node.args.exprs[0]
    if isinstance(arg, c_ast.Constant) and arg.value.startswith('"'):
        data = constants.string_bytes(arg.value)
        return Value(ir.Const(I64, data.index(0)), QType(ULONG))
    return library.call(b, "strlen", node)


TABLE: dict[str, Callable[[Any, str, Any], Any]] = {
    "__builtin_memcpy": _memcpy,
    "__builtin_memset": _memset,
    "__builtin_strlen": _strlen,
}
