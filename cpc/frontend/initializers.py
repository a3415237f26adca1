"""Initialisers: from nested braces and designators to a flat list of scalars with their places (C11 6.7.9).

Before: the object's type and an expression or InitList.  After: an `Initializer`: completed type, items in order of
offset, everything else zero.  `struct { int a, b[2]; } x[] = { 1, 2, 3, [4].b[1] = 9 }` gives items at 0, 4, 8 and 56.

The walk keeps a stack of open aggregates, the outermost being the one whose braces are open (6.7.9p17: the current
object); a designator cuts the stack back to it.  Without braces an aggregate is entered and left as members are used
up (6.7.9p20).  A later initialiser of the same place replaces an earlier one; where it replaces only a part of one
expression's value both stay, and since items are in order of offset they are applied in the right order.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend import constants, conversions, init_literals, layout
from cpc.frontend.c_types import ArrayT, IntT, QType, RecordT, VectorT
from cpc.frontend.declared import Initializer, InitItem
from cpc.frontend.init_items import Items, shifted
from cpc.frontend.init_places import Open, Place, has_no_element, open_aggregate, place_of
from cpc.frontend.literals import UNIT_SIZE, BadLiteral, literal_units
from cpc.frontend.nodes import Range
from cpc.loc import Loc

if TYPE_CHECKING:
    from cpc.frontend.sema import Sema

MAX_EXPANDED = 1 << 17  # copies that ranges of aggregates make: hostile ranges of ranges end here


def flatten(sema: Sema, type_: QType, init: Any, static: bool) -> Initializer:
    """See `Sema.flatten`."""
    if static and (braces := init_literals.static_list(sema, type_, init)) is not None:
        type_, init = init_literals.as_long_as(sema, type_, init), braces
    if isinstance(init, c_ast.InitList):
        return _Walk(sema, type_, static).object(init)
    if isinstance(type_.type, ArrayT):
        return _array_from_expression(sema, type_, init, static)
    item = InitItem(0, type_, init_literals.scalar_value(sema, init) if static else init)
    return Initializer(type_, layout.size_of(type_) or 0, (item,), whole=True)


def _array_from_expression(sema: Sema, type_: QType, init: Any, static: bool) -> Initializer:
    assert isinstance(type_.type, ArrayT)
    if is_string(init):
        walk = _Walk(sema, type_, static)
        length = walk.string(type_, 0, init)
        return walk.result(init_literals.with_length(type_, length), init)
    if isinstance(init, c_ast.CompoundLiteral):
        braces = init_literals.literal_list(sema, type_, init)
        if braces is not None:  # GNU: an array initialised from an array literal
            return flatten(sema, init_literals.as_long_as(sema, type_, init), braces, static)
    sema.diags.abort("E0230", sema.unit.loc(init), "an array is initialised by braces or a string")


def is_string(node: Any) -> bool:
    return isinstance(node, c_ast.Constant) and node.type == "string"


# ---- the walk -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Walk:
    """One object's initialiser."""

    sema: Sema
    type: QType
    static: bool
    items: Items = field(default_factory=Items)
    size: int = 0
    depth: int = 0  # of braces inside the object's own
    in_array: bool = False  # an array is among what is open, so its elements cannot grow
    expanded: int = 0
    active: dict[tuple[int, int], int] = field(default_factory=dict)  # (offset, id of union) -> index of its member

    # ---- whole objects ----

    def object(self, init: Any) -> Initializer:
        """The object itself, by braces."""
        length = self.braces(Place(self.type, 0), init)
        type_ = init_literals.with_length(self.type, length) if isinstance(self.type.type, ArrayT) else self.type
        return self.result(type_, init)

    def result(self, type_: QType, init: Any) -> Initializer:
        size = layout.size_of(type_)
        if size is None:
            self.sema.diags.abort("E0207", self.loc(init), "an initialised object has an incomplete type")
        return Initializer(type_, max(size, self.size), tuple(self.items.items))

    def braces(self, place: Place, init: Any) -> int:
        """Fills `place` from a brace-enclosed list; the length, when it is an array."""
        if not conversions.is_aggregate(place.type):
            self.scalar_braces(place, init)
            return 0
        if not layout.is_complete(place.type) and not isinstance(place.type.type, ArrayT):
            self.sema.diags.abort("E0207", self.loc(init), "an initialised object has an incomplete type")
        if len(init.exprs) == 1 and is_string(init.exprs[0]) and self.takes_string(place.type, init.exprs[0]):
            self.clear(place)
            return self.string(place.type, place.offset, init.exprs[0])
        self.clear(place)
        root = open_aggregate(place.type, place.offset)
        stack = [root]
        excess = False
        for entry in init.exprs:
            if isinstance(entry, c_ast.NamedInitializer):
                self.designated(root, stack, entry.name, entry.expr)
            elif self.settle(stack):
                self.element(stack, entry)
            elif isinstance(entry, c_ast.InitList) and isinstance(place.type.type, RecordT):
                self.sema.diags.abort("E0238", self.loc(entry), "a braced initialiser behind the last member")
            elif not excess:
                excess = True
                self.sema.diags.warning("W0235", self.loc(entry), "excess elements in initialiser")
        return root.longest if root.limit is None else root.limit

    def scalar_braces(self, place: Place, init: Any) -> None:
        """`int x = {1}`; `{}` is zero."""
        if len(init.exprs) > 1:
            self.sema.diags.warning("W0235", self.loc(init), "excess elements in initialiser of a scalar")
        if not init.exprs:
            self.clear(place)
            return
        first = init.exprs[0]
        if isinstance(first, c_ast.NamedInitializer):
            self.sema.diags.abort("E0231", self.loc(first), "a designator in the initialiser of a scalar")
        if isinstance(first, c_ast.InitList):
            self.scalar_braces(place, first)
        else:
            self.put(place, first)

    # ---- positions ----

    def settle(self, stack: list[Open]) -> bool:
        """Leaves aggregates that are full; False when the braces have no room left."""
        while stack[-1].exhausted():
            if len(stack) == 1:
                return False
            stack.pop()
            stack[-1].step()
        return True

    def element(self, stack: list[Open], init: Any, repeat: int = 1) -> None:
        """Initialises the next element, entering aggregates as needed, and steps on."""
        while True:
            if not self.settle(stack):
                self.sema.diags.warning("W0235", self.loc(init), "excess elements in initialiser")
                return
            frame = stack[-1]
            self.activate(frame)
            place = place_of(frame)
            outer, self.in_array = self.in_array, self.in_array or any(isinstance(f.type.type, ArrayT) for f in stack)
            filled = self.fill(place, init, repeat, nested=len(stack) > 1 or self.depth > 0)
            self.in_array = outer
            if filled:
                break
            if has_no_element(place.type) and not place.flexible:
                self.sema.diags.warning("W0235", self.loc(init), "a value for an empty element")
                break  # as in gcc it is not the next one's, and an array of such elements would have no end
            stack.append(open_aggregate(place.type, place.offset))
        frame.index += repeat - 1
        frame.longest = max(frame.longest, frame.index + 1)
        self.grow(stack)
        frame.step()

    def grow(self, stack: list[Open]) -> None:
        """Arrays of unknown length, and flexible members entered without braces, cover what was put in them."""
        for frame in stack:
            frame.longest = max(frame.longest, frame.index + 1)
            if frame.limit is None and isinstance(frame.type.type, ArrayT):
                end = frame.offset + frame.longest * (layout.size_of(frame.type.type.elem) or 0)
                self.size = max(self.size, end)

    def activate(self, frame: Open) -> None:
        """A union holds one member: initialising another one forgets the first."""
        record = frame.type.type
        if isinstance(record, RecordT) and record.kind == "union":
            key = (frame.offset, id(record))
            if self.active.get(key, frame.index) != frame.index:
                self.clear(Place(frame.type, frame.offset))
            self.active[key] = frame.index

    def fill(self, place: Place, init: Any, repeat: int, nested: bool) -> bool:
        """Initialises `place` by `init` as a whole; False when its first element is meant instead."""
        if place.flexible and not isinstance(place.type.type.length, int):  # type: ignore[union-attr]
            self.check_flexible(init, nested)
        if isinstance(init, c_ast.InitList):
            self.repeated(place, repeat, lambda at: self.flexible_braces(at, init))
            return True
        if not conversions.is_aggregate(place.type):
            self.put(place, init_literals.scalar_value(self.sema, init) if self.static else init, repeat)
            return True
        if is_string(init) and self.takes_string(place.type, init):
            self.repeated(place, repeat, lambda at: self.string(at.type, at.offset, init, at.flexible))
            return True
        if isinstance(place.type.type, ArrayT):
            literal = isinstance(init, c_ast.CompoundLiteral)
            braces = init_literals.literal_list(self.sema, place.type, init) if literal else None
        elif self.gives_whole(place.type, init):
            braces = init_literals.static_list(self.sema, place.type, init) if self.static else None
            if braces is None:
                self.put(place, init, repeat)
                return True
        else:
            return False
        if braces is None:
            return False
        self.repeated(place, repeat, lambda at: self.flexible_braces(at, braces))
        return True

    def flexible_braces(self, place: Place, init: Any) -> None:
        """Braces for a member; those of a flexible array member make the object larger."""
        self.depth += 1
        length = self.braces(place, init)
        self.depth -= 1
        array = place.type.type
        if place.flexible and isinstance(array, ArrayT) and length:
            self.size = max(self.size, place.offset + length * (layout.size_of(array.elem) or 0))

    def repeated(self, place: Place, repeat: int, fill: Any) -> None:
        """`[a ... b] =` something that is not one value: filled once, then copied to the other elements."""
        fill(place)
        stride = layout.size_of(place.type) or 0
        if repeat == 1 or stride == 0:
            return
        items = self.items.within(8 * place.offset, 8 * (place.offset + stride))
        unions = [key for key in self.active if place.offset <= key[0] < place.offset + stride]
        for k in range(1, repeat):
            self.count_copy()
            self.clear(replace(place, offset=place.offset + k * stride))
            for item in items:
                self.items.add(shifted(item, k * stride))
            for offset, union in unions:
                self.active[(offset + k * stride, union)] = self.active[(offset, union)]

    def count_copy(self) -> None:
        """One more copy of a range's element."""
        self.expanded += 1
        if self.expanded > MAX_EXPANDED:
            self.too_large()

    def gives_whole(self, type_: QType, init: Any) -> bool:
        """Whether an expression has the aggregate's own type (6.7.9p13)."""
        if isinstance(init, c_ast.Constant):
            return False
        given = conversions.unqualified(self.sema.type_of(init))
        return conversions.compatible(conversions.unqualified(type_), given)

    def check_flexible(self, init: Any, nested: bool) -> None:
        if isinstance(init, c_ast.InitList) and not init.exprs:
            return
        if self.static and is_string(init) and not self.in_array:  # gcc takes it at any depth
            return
        if not self.static or nested:
            where = "inside another object" if nested else "of an automatic variable"
            self.sema.diags.abort("E0237", self.loc(init), f"initialiser for a flexible array member {where}")

    # ---- designators ----

    def designated(self, root: Open, stack: list[Open], designators: list[Any], init: Any) -> None:
        """Goes to the designated element of the open braces and initialises it (6.7.9p6, p7)."""
        del stack[1:]
        self.descend(stack, designators, init)

    def descend(self, stack: list[Open], designators: list[Any], init: Any) -> None:
        designator, rest = designators[0], designators[1:]
        repeat = 1
        if isinstance(designator, c_ast.ArrayDesignator):
            low, high = self.index_range(stack[-1], designator)
            stack[-1].index = low
            repeat = high - low + 1
        else:
            self.to_member(stack, designator)
        if not rest:
            self.element(stack, init, repeat)
            return
        depth = len(stack)
        for k in range(repeat):
            if k:
                self.count_copy()
                del stack[depth:]
                stack[-1].index = low + k
            self.activate(stack[-1])
            place = place_of(stack[-1])
            if not conversions.is_aggregate(place.type):
                self.sema.diags.abort("E0231", self.loc(designators[1]), "a designator goes into a scalar")
            stack.append(open_aggregate(place.type, place.offset))
            self.descend(stack, rest, init)

    def index_range(self, frame: Open, designator: Any) -> tuple[int, int]:
        """The elements that `[n]` or `[a ... b]` names."""
        loc = self.loc(designator)
        if not isinstance(frame.type.type, ArrayT | VectorT):
            self.sema.diags.abort("E0231", loc, "an array designator for an object that is no array")
        node = designator.expr
        ends = (node.low, node.high) if isinstance(node, Range) else (node, node)
        low, high = (constants.required(self.sema, end, "an array designator", loc) for end in ends)
        if low < 0 or high < low:
            self.sema.diags.abort("E0238", loc, f"array designator [{low} ... {high}] is not a range")
        if frame.limit is not None and high >= frame.limit:
            self.sema.diags.abort("E0238", loc, f"array designator {high} is beyond the array's {frame.limit} elements")
        if (high + 1) * 64 > layout.MAX_SIZE:
            self.too_large()
        return low, high

    def to_member(self, stack: list[Open], designator: Any) -> None:
        """Moves to `.name`, opening the anonymous members on the way."""
        record = stack[-1].type.type
        loc = self.loc(designator)
        if not isinstance(record, RecordT):
            self.sema.diags.abort("E0231", loc, f"'.{designator.name}' designates a member of an object that has none")
        found = layout.find_member(record, designator.name)
        if found is None:
            shown = f"'{record.kind} {record.tag}'" if record.tag else f"this {record.kind}"
            self.sema.diags.abort("E0231", loc, f"{shown} has no member '{designator.name}'")
        for depth, member in enumerate(found.path):
            frame = stack[-1]
            frame.index = next(i for i, m in enumerate(frame.members) if m is member)
            if depth + 1 < len(found.path):
                self.activate(frame)
                place = place_of(frame)
                stack.append(open_aggregate(place.type, place.offset))

    # ---- items ----

    def put(self, place: Place, init: Any, repeat: int = 1) -> None:
        """One value, or `repeat` equal ones side by side."""
        stride = layout.size_of(place.type) or 0
        stride = stride if repeat > 1 else 0
        self.items.add(InitItem(place.offset, place.type, init, place.bit_offset, place.bit_width, repeat, stride))

    def takes_string(self, type_: QType, node: Any) -> bool:
        """An array of characters as wide as the literal's (6.7.9p14, p15)."""
        array = type_.type
        if not isinstance(array, ArrayT) or not isinstance(array.elem.type, IntT):
            return False
        prefix = node.value[: node.value.index('"')].rstrip()
        size = UNIT_SIZE[prefix]
        signed = self.sema.target.wchar.signed if prefix == "L" else False
        return array.elem.type.size == size and (size == 1 or array.elem.type.signed == signed)

    def text_length(self, node: Any) -> int:
        """The characters of a string literal, with the terminating one."""
        try:
            return len(literal_units(node.value)[1]) + 1
        except BadLiteral as error:
            self.sema.diags.abort("E0241", self.loc(node), str(error))

    def string(self, type_: QType, offset: int, node: Any, flexible: bool = False) -> int:
        """A string literal for a whole array; the array's length."""
        array = type_.type
        assert isinstance(array, ArrayT)
        if not self.takes_string(type_, node):
            self.sema.diags.abort("E0230", self.loc(node), "the string's characters do not fit the array's elements")
        units = self.text_length(node)
        length = units if array.length is None else array.length
        if units - 1 > length and not flexible:
            self.sema.diags.warning("W0236", self.loc(node), f"string of {units - 1} characters is cut to {length}")
        if flexible and not array.length:
            length = units
        filled = QType(ArrayT(array.elem, length))
        size = layout.size_of(filled) or 0
        self.size = max(self.size, offset + size)
        self.items.add(InitItem(offset, filled, node))
        return length

    def clear(self, place: Place) -> None:
        """Forgets what earlier initialisers put into `place`."""
        if place.bit_width is not None:
            self.items.clear(place.bit_offset, place.bit_offset + place.bit_width)
            return
        size = layout.size_of(place.type)
        self.items.clear(8 * place.offset, 8 * (place.offset + size) if size else 1 << 62)

    def too_large(self) -> None:
        self.sema.diags.abort("E0236", Loc(), "the initialiser has too many elements")

    def loc(self, node: Any) -> Loc:
        """Where an initialiser is; lists of designated ones have no place of their own."""
        while node is not None:
            loc = self.sema.unit.loc(node)
            if loc.line:
                return loc
            if isinstance(node, c_ast.NamedInitializer):
                node = node.name[0]
            elif isinstance(node, c_ast.InitList) and node.exprs:
                node = node.exprs[0]
            else:
                break
        return Loc()
