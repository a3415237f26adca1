"""`__builtin_object_size(p, kind)`: how many bytes are there behind `p` (gcc manual 6.63)?

Kinds 0 and 2 ask about the whole object, 1 and 3 about the member or array that `p` points into; 0 and 1 want a bound
from above, 2 and 3 one from below.  What the expression itself says is answered here, by gcc's rules
(`object_places.py` finds the way from the object to the address).  Beyond that the optimiser knows what became of a
pointer where it runs, as whole objects: that bounds what the expression says of a member, from above and from below.

An array that ends a struct may be longer than it says when the struct is reached through a pointer.  Without
optimisation gcc looks at variables only, and adds no numbers to members; programs see that, so it is the same here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend import layout
from cpc.frontend.build.object_places import ObjectPlace, pointed_to
from cpc.frontend.build.values import Value
from cpc.frontend.c_types import ULONG, VOID, ArrayT, PointerT, QType, RecordT
from cpc.ir import ops as ir
from cpc.ir.types import I1, I64

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_ALL = (1 << 64) - 1


def call(b: Builder, name: str, node: Any) -> Value:
    pointer, kind_node = node.args.exprs[:2]
    found = b.sema.integer(kind_node)
    kind = found[0] & 3 if found is not None else 0
    if has_effect(pointer):
        return _unknown(kind)
    asks = b.options.optimised and not b.scratch_depth and b.function is not None
    size = _answer(b, pointer, kind, asks, "dynamic" in name)
    return _unknown(kind) if size is None else Value(size, QType(ULONG))


def _unknown(kind: int) -> Value:
    return Value(ir.Const(I64, 0 if kind & 2 else _ALL), QType(ULONG))


def _answer(b: Builder, pointer: Any, kind: int, asks: bool, dynamic: bool) -> ir.Operand | None:
    """None: not known.  `asks`: the optimiser may be asked."""
    place = pointed_to(b, pointer)
    if place is not None and not b.options.optimised and (place.pointer or (kind & 1 and _is_sum(pointer))):
        return None
    part = _closest(place) if place is not None and kind & 1 else None
    if place is not None and part is not None:
        size, offset = layout.size_of(place.steps[part].type), place.offset(part + 1)
        if offset is None or size is None or (offset < 0 and kind == 3):
            return None
        if offset >= 0:
            return _bounded(b, place, max(size - offset, 0), kind, asks, dynamic)
    if place is not None and (size := _whole(place, kind & 2)) is not None:
        return ir.Const(I64, size)
    if not asks or (kind == 3 and (place is None or not (place.steps or place.pointer is None))):
        return None  # what a pointer leads to may be a member
    return _optimisers(b, pointer, kind & 2, dynamic)


def _is_sum(pointer: Any) -> bool:
    while isinstance(pointer, c_ast.Cast):
        pointer = pointer.expr
    return isinstance(pointer, c_ast.BinaryOp)


def _bounded(b: Builder, place: ObjectPlace, size: int, kind: int, asks: bool, dynamic: bool) -> ir.Operand:
    """`size` bytes of a member, of which there are no more than what `place.pointer` leads to has."""
    known, offset = _whole(place, kind & 2), place.whole_offset
    if place.pointer is None or known is not None:
        return ir.Const(I64, size if known is None else min(size, known))
    if not asks or offset is None or offset < 0:
        return ir.Const(I64, size)
    whole, limit = _optimisers(b, place.pointer, kind & 2, dynamic), ir.Const(I64, size)
    rest = b.em.bin("sub", whole, ir.Const(I64, offset))
    rest = b.em.select(b.em.cmp("ult", whole, ir.Const(I64, offset)), ir.Const(I64, 0), rest)
    rest = b.em.select(b.em.cmp("ult", rest, limit), rest, limit)
    return b.em.select(b.em.cmp("eq", whole, _unknown(kind).op), limit, rest)


def _whole(place: ObjectPlace, least: int) -> int | None:
    """Bytes from the address to the end of the whole object, where that is known."""
    size, offset = (place.least if least else place.most), place.whole_offset
    if place.origin is not None:
        size = _whole(place.origin, least)
    return None if size is None or offset is None or offset < 0 else max(size - offset, 0)


def _closest(place: ObjectPlace) -> int | None:
    """The step that leads to the part that kinds 1 and 3 ask about; None is the whole object."""
    part = len(place.steps) - 1
    if part >= 0 and place.steps[part].kind == "element":
        part -= 1  # the array of the element
    if part < 0:
        return None
    size, whole = layout.size_of(place.steps[part].type), place.most
    if place.origin is not None:
        whole = _whole(place.origin, 0)
    if not size or (whole is not None and whole < size):  # arrays of length 0 go on to the end of the object
        return None
    return None if place.pointer is not None and _may_be_longer(place, part) else part


def _may_be_longer(place: ObjectPlace, part: int) -> bool:
    """Whether a step leads to an array at the end of a struct that is the root, unions around them aside."""
    at = part
    while at >= 0 and place.steps[at].kind == "element":
        array = place.steps[at].within.type
        if not isinstance(array, ArrayT) or array.length:
            return False
        at -= 1
    if at < 0:
        return True
    if place.steps[at].kind != "member" or not isinstance(place.steps[at].type.type, ArrayT):
        return False
    at = _out_of_unions(place, at)
    if at >= 0 and place.steps[at].kind == "member":
        if not place.steps[at].last:
            return False
        at = _out_of_unions(place, at - 1)
    return at < 0


def _out_of_unions(place: ObjectPlace, at: int) -> int:
    while at >= 0 and isinstance(record := place.steps[at].within.type, RecordT) and record.kind == "union":
        at -= 1
    return at


def _optimisers(b: Builder, pointer: Any, kind: int, dynamic: bool) -> ir.Operand:
    """What LLVM knows of the whole object; as much as there may be, or nothing, when it does not."""
    address = b.convert(b.value(pointer), QType(PointerT(QType(VOID))), pointer)
    dst = b.em.reg(I64)
    flags = (ir.Const(I1, kind >> 1), ir.Const(I1, 1), ir.Const(I1, int(dynamic)))  # from below; null is unknown
    b.em.add(ir.Intrinsic((dst,), "objectsize", (address.op, *flags), b.em.loc))
    return dst


def has_effect(node: Any) -> bool:
    """Whether evaluating an expression may do something: then the builtin does not evaluate it."""
    match node:
        case c_ast.Assignment() | c_ast.FuncCall() | c_ast.Compound() | c_ast.UnaryOp(op="++" | "--" | "p++" | "p--"):
            return True
        case _:
            return any(has_effect(child) for child in node)
