"""Initialisation of automatic objects (C11 6.7.9): a flattened initialiser becomes stores.

What no item covers is zero.  A small object that is covered completely gets its stores alone; otherwise the object is
cleared first, or, when it is large and its constant part is, copied from a constant image.  Padding is cleared too:
gcc does so for `= {0}`, and programs that compare or send records rely on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend.build import constants, memory
from cpc.frontend.build.values import Place, Value, aligned_at, size_of
from cpc.frontend.c_types import ArrayT, QType
from cpc.frontend.conversions import unqualified
from cpc.frontend.sema import Initializer, InitItem
from cpc.ir import ops as ir
from cpc.ir.types import I64

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder


def automatic(b: Builder, place: Place, init: Initializer, node: Any) -> None:
    """Stores the initialiser into the object."""
    if init.whole:
        store_item(b, place, init.items[0])
        return
    if not _covers(init):
        b.em.clear(place.addr, init.size, place.align)
    for item in init.items:
        store_item(b, place, item)


def _covers(init: Initializer) -> bool:
    """Whether the items, none of them a bit-field, cover every byte."""
    end = 0
    for item in init.items:
        if item.bit_width is not None or item.offset != end or item.repeat != 1 or _short_string(item):
            return False
        end += size_of(item.type)
    return end >= init.size


def _short_string(item: InitItem) -> bool:
    if not isinstance(item.type.type, ArrayT) or not isinstance(item.expr, c_ast.Constant):
        return False
    return len(constants.string_bytes(item.expr.value)) < size_of(item.type)


def store_item(b: Builder, place: Place, item: InitItem) -> None:
    saved = b.em.loc
    b.em.loc = b.loc(item.expr)
    if isinstance(item.type.type, ArrayT):
        _store_array(b, place, item)
    else:
        value = b.assign_convert(b.value(item.expr), unqualified(item.type), item.expr, "initializing")
        _store_repeated(b, place, item, value)
    b.em.loc = saved


def _store_array(b: Builder, place: Place, item: InitItem) -> None:
    """A string literal (or a compound literal, GNU) that fills an array."""
    source = b.build(_unwrapped(item.expr))
    assert isinstance(source, Place)
    count = min(size_of(item.type), size_of(source.type))
    target = _item_place(b, place, item, 0)
    b.em.copy(target.addr, source.addr, count, target.align, source.align)


def _unwrapped(expr: Any) -> Any:
    while isinstance(expr, c_ast.InitList) and len(expr.exprs) == 1:
        expr = expr.exprs[0]
    return expr


def _item_place(b: Builder, place: Place, item: InitItem, extra: int) -> Place:
    type_ = QType(item.type.type, volatile=place.type.volatile)
    if item.bit_width is not None:
        start = item.bit_offset // 64 * 8
        addr = b.em.ptr_add(place.addr, start + extra)
        return Place(addr, type_, aligned_at(place.align, start + extra), item.bit_offset - 8 * start, item.bit_width)
    offset = item.offset + extra
    return Place(b.em.ptr_add(place.addr, offset), type_, aligned_at(place.align, offset), may_alias=True)


_UNROLL = 8


def _store_repeated(b: Builder, place: Place, item: InitItem, value: Value) -> None:
    if item.repeat <= _UNROLL:
        for i in range(item.repeat):
            memory.store(b, _item_place(b, place, item, i * item.stride), value)
        return
    _store_loop(b, place, item, value)


def _store_loop(b: Builder, place: Place, item: InitItem, value: Value) -> None:
    """`[0 ... 999] = x`: a loop over the elements."""
    index = b.em.scalar_local(b.em.fn.fresh("index"), I64)
    b.em.store(index, ir.Const(I64, 0))
    loop, done = b.em.new_label("fill"), b.em.new_label("filled")
    b.em.start(loop)
    i = b.em.load(I64, index)
    first = _item_place(b, place, item, 0)
    addr = b.em.ptr_add(first.addr, b.em.bin("mul", i, ir.Const(I64, item.stride)))
    align = aligned_at(first.align, item.stride)
    memory.store(b, Place(addr, first.type, align, first.bit, first.width, may_alias=True), value)
    following = b.em.bin("add", i, ir.Const(I64, 1))
    b.em.store(index, following)
    b.em.branch(b.em.cmp("ult", following, ir.Const(I64, item.repeat)), loop, done)
    b.em.start(done)
