"""The items of a flattened initialiser, in order of the first bit they cover.

`Items.add` enters an item and removes those that it replaces (C11 6.7.9p19).  An item inside an earlier one that is
larger, as a member behind the whole struct's value, is kept beside it; being later in the order, it is applied later.
Most initialisers are written in order, so adding at the end is the short way.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace

from cpc.frontend import layout
from cpc.frontend.declared import InitItem


@dataclass(slots=True)
class Items:
    """`starts[i]` is the first bit of `items[i]`; both are sorted by it."""

    starts: list[int] = field(default_factory=list)
    items: list[InitItem] = field(default_factory=list)

    def add(self, item: InitItem) -> None:
        """Enters an item and removes those it replaces."""
        start, end = _extent(item)
        self.clear(start, end)
        at = bisect_right(self.starts, start)
        self.starts.insert(at, start)
        self.items.insert(at, item)

    def clear(self, start: int, end: int) -> None:
        """Drops the items within [start, end); of a range that sticks out at the end the rest stays."""
        if not self.starts or start >= _extent(self.items[-1])[1]:
            return
        first, last = bisect_left(self.starts, start), bisect_left(self.starts, end)
        kept = [trimmed for item in self.items[first:last] if (trimmed := _after(item, end)) is not None]
        self.items[first:last] = kept
        self.starts[first:last] = [_extent(item)[0] for item in kept]

    def within(self, start: int, end: int) -> list[InitItem]:
        """The items that begin in [start, end)."""
        return self.items[bisect_left(self.starts, start) : bisect_left(self.starts, end)]


def shifted(item: InitItem, by: int) -> InitItem:
    """The same item `by` bytes further on."""
    bit_offset = item.bit_offset if item.bit_width is None else item.bit_offset + 8 * by
    return InitItem(item.offset + by, item.type, item.expr, bit_offset, item.bit_width, item.repeat, item.stride)


def _extent(item: InitItem) -> tuple[int, int]:
    """The bits an item covers, from and to."""
    if item.bit_width is not None:
        return item.bit_offset, item.bit_offset + item.bit_width
    return 8 * item.offset, 8 * (item.offset + (layout.size_of(item.type) or 0) * item.repeat)


def _after(item: InitItem, end: int) -> InitItem | None:
    """What is left of an item behind bit `end`."""
    if _extent(item)[1] <= end:
        return None
    if item.repeat == 1:
        return item
    gone = -(-(end - 8 * item.offset) // (8 * item.stride))
    return replace(item, offset=item.offset + gone * item.stride, repeat=item.repeat - gone)
