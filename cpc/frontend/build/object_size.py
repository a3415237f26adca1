"""`__builtin_object_size(p, kind)`: how many bytes are there behind `p` (gcc manual 6.63)?

Kinds 0 and 2 ask about the whole object, 1 and 3 about the member or array that `p` points into; 0 and 1 want a bound
from above, 2 and 3 one from below.  What the expression itself says is answered here: variables, members, elements with
constant subscripts, and constants added to them.  Beyond that the optimiser knows what became of a pointer, where it
runs; it knows whole objects only, which is no bound from below for a member.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend import layout
from cpc.frontend.build import constants
from cpc.frontend.build.values import Value, is_pointer, pointee
from cpc.frontend.c_types import ULONG, VOID, ArrayT, PointerT, QType, RecordT
from cpc.frontend.conversions import decay
from cpc.frontend.symbols import Kind
from cpc.ir import ops as ir
from cpc.ir.types import I1, I64

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_ALL = (1 << 64) - 1
# Where an address points: (size of the object, offset in it), for the whole object and for its innermost part; None is
# not known.
_Extent = tuple[int, int]
_Found = tuple[_Extent | None, _Extent | None]
_NOWHERE: _Found = (None, None)


def call(b: Builder, name: str, node: Any) -> Value:
    pointer, kind_node = node.args.exprs[:2]
    found = b.sema.integer(kind_node)
    kind = found[0] & 3 if found is not None else 0
    effect = has_effect(pointer)
    extent = _NOWHERE if effect else _address(b, pointer)
    within = extent[kind & 1]
    if within is not None:
        return _size(max(within[0] - within[1], 0))
    if effect or kind == 3 or not b.options.optimised or b.scratch_depth or b.function is None:
        return _size(0 if kind & 2 else _ALL)
    address = b.convert(b.value(pointer), QType(PointerT(QType(VOID))), node)
    dst = b.em.reg(I64)
    flags = (ir.Const(I1, kind >> 1), ir.Const(I1, 1), ir.Const(I1, 0))  # from below; null is unknown; not dynamic
    b.em.add(ir.Intrinsic((dst,), "objectsize", (address.op, *flags), b.em.loc))
    return Value(dst, QType(ULONG))


def has_effect(node: Any) -> bool:
    """Whether evaluating an expression may do something: then the builtin does not evaluate it."""
    match node:
        case c_ast.Assignment() | c_ast.FuncCall() | c_ast.Compound() | c_ast.UnaryOp(op="++" | "--" | "p++" | "p--"):
            return True
        case _:
            return any(has_effect(child) for child in node)


def _size(value: int) -> Value:
    return Value(ir.Const(I64, value), QType(ULONG))


def _address(b: Builder, node: Any) -> _Found:
    """Where a pointer expression points."""
    match node:
        case c_ast.Cast():
            return _address(b, node.expr) if is_pointer(decay(b.type_of(node.expr))) else _NOWHERE
        case c_ast.UnaryOp(op="&"):
            return _object(b, node.expr)
        case c_ast.BinaryOp(op="+" | "-" as op):
            return _sum(b, op, node.left, node.right)
        case _ if isinstance(b.type_of(node).type, ArrayT):
            return _object(b, node)
        case _:
            return _NOWHERE


def _sum(b: Builder, op: str, left: Any, right: Any) -> _Found:
    if op == "+" and not is_pointer(decay(b.type_of(left))):
        left, right = right, left
    type_, number = decay(b.type_of(left)), b.sema.integer(right)
    if not is_pointer(type_) or number is None:
        return _NOWHERE
    step = layout.size_of(pointee(type_)) or 1
    return _moved(_address(b, left), number[0] * step * (1 if op == "+" else -1))


def _moved(found: _Found, by: int) -> _Found:
    whole, part = (None if e is None or e[1] + by < 0 else (e[0], e[1] + by) for e in found)
    return whole, part


def _object(b: Builder, node: Any) -> _Found:
    """The object that an lvalue designates."""
    match node:
        case c_ast.ID():
            symbol = b.sema.lookup(node.name)
            size = layout.size_of(symbol.type) if symbol is not None and symbol.kind is Kind.OBJECT else None
            return _NOWHERE if size is None else ((size, 0), (size, 0))
        case c_ast.Constant(type="string"):
            size = len(constants.string_bytes(node.value))
            return (size, 0), (size, 0)
        case c_ast.StructRef():
            return _member(b, node)
        case c_ast.ArrayRef():
            return _element(b, node)
        case c_ast.UnaryOp(op="*"):
            return _address(b, node.expr)
        case _:
            return _NOWHERE


def _member(b: Builder, node: Any) -> _Found:
    arrow = node.type == "->"
    base = decay(b.type_of(node.name)) if arrow else b.type_of(node.name)
    record = (pointee(base) if arrow and is_pointer(base) else base).type
    found = layout.find_member(record, node.field.name) if isinstance(record, RecordT) else None
    if found is None or found.path[-1].bit_width is not None:
        return _NOWHERE
    outer = (_address(b, node.name) if arrow else _object(b, node.name))[0]
    whole = None if outer is None else (outer[0], outer[1] + found.offset)
    size = layout.size_of(found.type)
    assert isinstance(record, RecordT)
    last = isinstance(found.type.type, ArrayT) and found.offset + (size or 0) >= record.size
    if size is None or (arrow and whole is None and last):  # an array at the end may be longer than it says
        return whole, None
    return whole, (size, 0)


def _element(b: Builder, node: Any) -> _Found:
    array, index = b.type_of(node.name), b.sema.integer(node.subscript)
    if index is None:
        return _NOWHERE
    if not isinstance(array.type, ArrayT):
        return _sum(b, "+", node.name, node.subscript)
    step = layout.size_of(array.type.elem)
    size = layout.size_of(array)
    if step is None:
        return _NOWHERE
    whole = _moved(_object(b, node.name), index[0] * step)[0]
    return whole, (None if size is None or index[0] < 0 else (size, index[0] * step))
