"""Assignment, compound assignment, `++` and `--` (C11 6.5.16, 6.5.2.4, 6.5.3.1).

The right side is computed first, then the place on the left, once.  C leaves the order open; this one keeps addresses
short-lived, so that `errno = co_f()` asks for errno's address after the suspension, in the thread it resumed in, and
`s->n += co_f()` keeps no address in the frame.  A compound assignment reads, computes in the common type and converts
back; on an _Atomic object it is one read-modify-write (atomics.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend.build import arithmetic, atomics, memory, stack_pointer
from cpc.frontend.build.convert import convert
from cpc.frontend.build.describe import describe
from cpc.frontend.build.values import Place, Value, arithmetic_type, is_pointer, is_void
from cpc.frontend.c_types import ArrayT, FunctionT, PointerT, QType, RecordT, VectorT
from cpc.frontend.conversions import element_qualified, unqualified
from cpc.warnings import implicit

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder


def assignment(b: Builder, node: Any, unread: bool = False) -> Value:
    """`lvalue = e` and `lvalue op= e`; the value is the one stored.  `unread`: nobody looks at it."""
    right = b.value(node.rvalue)
    place = _target(b, node) if unread and node.op == "=" else modifiable(b, node.lvalue, node)
    if node.op == "=":
        value = b.assign_convert(right, unqualified(place.type), node, "assigning to")
        if place.width is not None:
            implicit.conversion(b, right, unqualified(place.type), node.rvalue, place.width)
        return memory.store(b, place, value)
    op = node.op[:-1]
    if place.type.atomic:
        return atomics.compound(b, place, op, right, node)[1]
    left = memory.load(b, place, node.lvalue)
    result = combine(b, op, left, right, place, node)
    return memory.store(b, place, result)


def _target(b: Builder, node: Any) -> Place:
    """The place on the left; a variable's name there does not count as reading it (-Wunused-but-set-variable)."""
    name = node.lvalue
    while isinstance(name, c_ast.ArrayRef) or (isinstance(name, c_ast.StructRef) and name.type == "."):
        name = name.name
    symbol = b.sema.lookup(name.name) if isinstance(name, c_ast.ID) else None
    if symbol is not None and name is not node.lvalue and isinstance(symbol.type.type, PointerT):
        symbol = None  # what it points to is assigned
    was_read = symbol.read if symbol is not None else False
    place = modifiable(b, node.lvalue, node)
    if symbol is not None:
        symbol.read = was_read
    return place


def combine(b: Builder, op: str, left: Value, right: Value, place: Place, node: Any) -> Value:
    """`left op right`, converted to the place's type."""
    result = arithmetic.binary(b, op, left, right, node)
    implicit.conversion(b, result, unqualified(place.type), node)
    return convert(b, result, unqualified(place.type), node)


def modifiable(b: Builder, target: Any, node: Any) -> Place:
    """The place of a modifiable lvalue (C11 6.3.2.1p1)."""
    built = b.build(target)
    if not isinstance(built, Place):
        b.fail("E0260", node, f"assignment to an expression of type '{describe(built.type)}', which is no lvalue")
    if built.rvalue:
        b.fail("E0260", node, f"assignment to a part of a value, of type '{describe(built.type)}'")
    if isinstance(built.type.type, ArrayT | FunctionT) or is_void(built.type):
        b.fail("E0260", node, f"assignment to an object of type '{describe(built.type)}'")
    if built.type.const:
        b.fail("E0265", node, f"assignment to an object of type '{describe(built.type)}', which is read-only")
    if has_const_member(built.type):
        b.fail("E0265", node, f"assignment to an object of type '{describe(built.type)}', which has a const member")
    if built.register:
        stack_pointer.refuse_assignment(b, target, node)
    return built


def has_const_member(type_: QType) -> bool:
    """Of a record, also inside of its members."""
    record = type_.type
    if not isinstance(record, RecordT):
        return False
    for member in record.members or ():
        inner = element_qualified(member.type)
        if inner.const or has_const_member(inner):
            return True
    return False


def increment(b: Builder, node: Any) -> Value:
    """`++x x++ --x x--`."""
    place = modifiable(b, node.expr, node)
    if arithmetic_type(place.type) is None and not is_pointer(place.type) and not isinstance(place.type.type, VectorT):
        b.fail("E0254", node, f"'{node.op[-2:]}' of '{describe(place.type)}'")
    op, post = node.op[-2:], node.op.startswith("p")
    if place.type.atomic:
        return atomics.increment(b, place, op, post, node)
    old = memory.load(b, place, node.expr)
    new = convert(b, arithmetic.step(b, old, op, node), unqualified(place.type), node)
    stored = memory.store(b, place, new)
    return old if post else stored
