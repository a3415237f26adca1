"""Where a pointer expression points, as far as its text says: which object, through which members and elements.

`pointed_to` walks `&record->member[3] + 1` down to its root and gives the steps from there, outermost first.  The root
is a variable, a literal, or what another pointer points to.  Nothing is emitted; `object_size.py` asks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend import layout
from cpc.frontend.build.values import is_pointer, pointee
from cpc.frontend.c_types import ArrayT, FunctionT, PointerT, QType, RecordT, VectorT, VoidT
from cpc.frontend.conversions import decay
from cpc.frontend.symbols import Kind, Symbol

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder


@dataclass(frozen=True, slots=True)
class Step:
    """From an object to a part of it.  `kind` is 'member', 'element' or 'part' (of a complex number); `offset` is
    None where a subscript is no constant; `within` is the struct, union or array stepped into."""

    kind: str
    within: QType
    type: QType
    offset: int | None
    last: bool = False  # of a struct's members


@dataclass(frozen=True, slots=True)
class ObjectPlace:
    """The root is a variable or literal of at most `most` and at least `least` bytes (None: not known), or it begins
    `start` bytes behind what the expression `pointer` points to, which is `origin` when that is known.  `shift` was
    added to the address of what the steps lead to.  Distances are None where they are not constant."""

    most: int | None = None
    least: int | None = None
    pointer: Any = None
    origin: ObjectPlace | None = None
    start: int | None = 0
    steps: tuple[Step, ...] = ()
    shift: int | None = 0

    def offset(self, first: int = 0) -> int | None:
        """Bytes from what step `first` steps into to the address."""
        return _total([self.shift, *(step.offset for step in self.steps[first:])])

    @property
    def whole_offset(self) -> int | None:
        """Bytes from the variable, or from where `pointer` points, to the address."""
        return _total([self.start, self.offset()])

    def stepped(self, *steps: Step) -> ObjectPlace:
        return replace(self, steps=(*self.steps, *steps))


def _total(distances: list[int | None]) -> int | None:
    known = [distance for distance in distances if distance is not None]
    return sum(known) if len(known) == len(distances) else None


def pointed_to(b: Builder, node: Any) -> ObjectPlace | None:
    """What the value of a pointer expression, or an array that becomes one, points to."""
    match node:
        case c_ast.Cast():
            return pointed_to(b, node.expr) if is_pointer(decay(b.type_of(node.expr))) else None
        case c_ast.UnaryOp(op="&"):
            return _object(b, node.expr)
        case c_ast.BinaryOp(op="+" | "-" as op):
            return _sum(b, op, node.left, node.right)
        case c_ast.ExprList(exprs=[*_, last]):
            return pointed_to(b, last)
        case _ if isinstance(b.type_of(node).type, ArrayT):
            return _object(b, node)
        case _:
            return None


def _sum(b: Builder, op: str, left: Any, right: Any) -> ObjectPlace | None:
    if op == "+" and not is_pointer(decay(b.type_of(left))):
        left, right = right, left
    type_ = decay(b.type_of(left))
    if not is_pointer(type_):
        return None
    place = pointed_to(b, left) or ObjectPlace(pointer=left)
    return replace(place, shift=_total([place.shift, _distance(b, pointee(type_), right, 1 if op == "+" else -1)]))


def _distance(b: Builder, element: QType, index: Any, sign: int = 1) -> int | None:
    """`index` elements in bytes."""
    number, size = b.sema.integer(index), layout.size_of(element)
    if size is None and isinstance(element.type, VoidT | FunctionT):
        size = 1
    return None if number is None or size is None else sign * number[0] * size


def _object(b: Builder, node: Any) -> ObjectPlace | None:
    """The object that an lvalue designates."""
    match node:
        case c_ast.ID():
            symbol = b.sema.lookup(node.name)
            return _variable(symbol) if symbol is not None and symbol.kind is Kind.OBJECT else None
        case c_ast.Constant():
            size = layout.size_of(b.type_of(node))
            return None if size is None else ObjectPlace(size, size)
        case c_ast.StructRef():
            return _member(b, node)
        case c_ast.ArrayRef():
            return _element(b, node)
        case c_ast.UnaryOp(op="*"):
            return _target(b, node.expr)
        case c_ast.UnaryOp(op="__real__" | "__real" | "__imag__" | "__imag" as op):
            return _complex_part(b, node, "imag" in op)
        case _:
            return None


def _variable(symbol: Symbol) -> ObjectPlace | None:
    """A flexible array member is as long as its initialiser; that of an object defined elsewhere is not known."""
    size = layout.size_of(symbol.type)
    if size is None:
        return ObjectPlace() if isinstance(symbol.type.type, ArrayT) and symbol.type.type.vla else None
    if symbol.data is not None:
        size = max(size, sum(piece.size for piece in symbol.data))
    record = symbol.type.type
    flexible = layout.flexible_member(record) if isinstance(record, RecordT) and record.members else None
    elsewhere = flexible is not None and symbol.static and symbol.data is None and not symbol.tentative
    return ObjectPlace(None if elsewhere else size, size)


def _target(b: Builder, pointer: Any) -> ObjectPlace | None:
    """What `*pointer` is."""
    type_ = b.type_of(pointer)
    if isinstance(type_.type, ArrayT):
        outer = _object(b, pointer)
        return outer and outer.stepped(Step("element", type_, type_.type.elem, 0))
    if isinstance(pointer, c_ast.UnaryOp) and pointer.op == "&":
        return _object(b, pointer.expr)
    return ObjectPlace(pointer=pointer, origin=pointed_to(b, pointer))


def _member(b: Builder, node: Any) -> ObjectPlace | None:
    arrow = node.type == "->"
    outer = _target(b, node.name) if arrow else _object(b, node.name)
    base = b.type_of(node.name)
    within = pointee(decay(base)) if arrow else base
    found = layout.find_member(within.type, node.field.name) if isinstance(within.type, RecordT) else None
    if outer is None or found is None or found.member.bit_width is not None:
        return None
    for member in found.path:
        assert isinstance(within.type, RecordT) and within.type.members
        last = within.type.members[-1] is member
        outer = outer.stepped(Step("member", within, member.type, member.offset, last))
        within = member.type
    return outer


def _element(b: Builder, node: Any) -> ObjectPlace | None:
    array, index = node.name, node.subscript
    if not isinstance(b.type_of(array).type, ArrayT | PointerT | VectorT):
        array, index = index, array  # 3[p]
    type_ = b.type_of(array)
    match type_.type:
        case ArrayT(elem=elem):
            outer = _object(b, array)
            return outer and outer.stepped(Step("element", type_, elem, _distance(b, elem, index)))
        case VectorT():
            lane, outer = b.type_of(node), _object(b, array)
            return outer and outer.stepped(Step("element", type_, lane, _distance(b, lane, index)))
        case PointerT():
            start = _distance(b, pointee(type_), index)
            return ObjectPlace(pointer=array, origin=pointed_to(b, array), start=start)
        case _:
            return None


def _complex_part(b: Builder, node: Any, imag: bool) -> ObjectPlace | None:
    outer, type_ = _object(b, node.expr), b.type_of(node)
    return outer and outer.stepped(Step("part", b.type_of(node.expr), type_, layout.size_of(type_) if imag else 0))
