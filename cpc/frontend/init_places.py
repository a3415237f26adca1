"""Places in an object that is being initialised: open aggregates and the subobject that comes next.

`Open` is a cursor over one array, vector or record; `place_of` says where its current element lies.  Both know
nothing of expressions: initializers.py moves the cursors.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cpc.frontend import layout
from cpc.frontend.c_types import ArrayT, Member, QType, RecordT, VectorT


@dataclass(slots=True)
class Open:
    """An aggregate being filled: `index` is the element that comes next."""

    type: QType
    offset: int
    index: int = 0
    limit: int | None = None  # number of elements; None for an array of unknown length
    members: list[Member] = field(default_factory=list)
    longest: int = 0  # of an array of unknown length: elements seen

    def exhausted(self) -> bool:
        return self.limit is not None and self.index >= self.limit

    def step(self) -> None:
        """On to the next element; a union has only one."""
        record = self.type.type
        self.index = len(self.members) if isinstance(record, RecordT) and record.kind == "union" else self.index + 1


@dataclass(frozen=True, slots=True)
class Place:
    """A subobject: where an initialiser goes."""

    type: QType
    offset: int
    bit_offset: int = 0
    bit_width: int | None = None
    flexible: bool = False


def open_aggregate(type_: QType, offset: int) -> Open:
    match type_.type:
        case ArrayT(_, length):
            return Open(type_, offset, limit=length)
        case VectorT(_, count):
            return Open(type_, offset, limit=count)
        case RecordT() as record:
            members = list(layout.named_members(record))
            return Open(type_, offset, limit=len(members), members=members)
    raise AssertionError(type_)


def place_of(frame: Open) -> Place:
    """The element that `frame.index` names."""
    match frame.type.type:
        case ArrayT(elem):
            size = layout.size_of(elem) or 0
            return Place(elem, frame.offset + frame.index * size)
        case VectorT(lane):
            return Place(QType(lane), frame.offset + frame.index * lane.size)
        case RecordT() as record:
            member = frame.members[frame.index]
            bit_offset = 8 * frame.offset + member.bit_offset if member.bit_width is not None else 0
            flexible = layout.flexible_member(record) is member
            return Place(member.type, frame.offset + member.offset, bit_offset, member.bit_width, flexible)
    raise AssertionError(frame.type)


def has_no_element(type_: QType) -> bool:
    """Whether an aggregate is empty: `struct {}`, `int[0]`, unnamed bit-fields only, structs of nothing but these."""
    match type_.type:
        case RecordT(kind="union") as union:
            first = next(layout.named_members(union), None)
            return first is None or has_no_element(first.type)
        case RecordT() as record:
            return all(has_no_element(member.type) for member in layout.named_members(record))
        case ArrayT(length=length):
            return length == 0
        case _:
            return False
