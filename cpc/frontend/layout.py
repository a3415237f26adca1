"""Sizes, alignments and record layout, as gcc lays records out on x86-64 and aarch64.

Before: types with members in source order.  After `lay_out_record`: every member has its offset, the record its size
and alignment.  Bit-fields follow gcc's place_field (PCC_BITFIELD_TYPE_MATTERS, no Microsoft layout):

* a bit-field does not cross more storage units of its type than the type itself takes; it starts a new unit instead;
* packed, or #pragma pack, switches that rule off: bit-fields follow each other bit by bit;
* a named bit-field gives the record its type's alignment, an unnamed one does not (on aarch64 it does);
* a zero-width bit-field ends the unit of its type, whatever packing is in force.

Sizes of VLAs are not constant: `size_of` is None for them and for incomplete and function types.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cpc.frontend.c_types import (
    UINT,
    ArrayT,
    ComplexT,
    EnumT,
    FloatT,
    FunctionT,
    IntT,
    Member,
    PointerT,
    QType,
    RecordT,
    VectorT,
    VoidT,
)

MAX_SIZE = (1 << 63) - 1


def size_of(type_: QType) -> int | None:
    """The size in bytes, None for a type without a constant size.  GNU C: void and functions have none here; the
    builder takes 1 for arithmetic on pointers to them."""
    match type_.type:
        case IntT(size=size) | FloatT(size=size):
            return size
        case PointerT():
            return 8
        case RecordT() as record:
            return None if record.members is None else record.size
        case EnumT() as enum:
            return (enum.underlying or UINT).size
        case ArrayT(elem, length):
            size_or_none = size_of(elem)
            return None if length is None or size_or_none is None else size_or_none * length
        case ComplexT(part):
            return 2 * part.size
        case VectorT(elem, count):
            return elem.size * count
        case VoidT() | FunctionT():
            return None


def align_of(type_: QType) -> int:
    """The alignment in bytes.  1 for void, functions and incomplete records."""
    if type_.align:
        return type_.align
    match type_.type:
        case IntT(size=size) | FloatT(size=size):
            return _atomic_align(size) if type_.atomic else size
        case PointerT():
            return 8
        case RecordT() as record:
            return max(record.align, _atomic_align(record.size)) if type_.atomic else record.align
        case EnumT() as enum:
            return (enum.underlying or UINT).size
        case ArrayT(elem):
            return align_of(elem)
        case ComplexT(part):
            return part.size
        case VectorT(elem, count, align):
            return align or elem.size * count
        case VoidT() | FunctionT():
            return 1


def _atomic_align(size: int) -> int:
    """gcc aligns an _Atomic object of 1, 2, 4, 8 or 16 bytes to its size, so that it is lock-free."""
    return size if size in (1, 2, 4, 8, 16) else 1


def is_complete(type_: QType) -> bool:
    """Whether an object of this type can be defined (C11 6.2.5p1); a VLA is complete."""
    match type_.type:
        case RecordT() as record:
            return record.members is not None
        case ArrayT(elem, length, vla):
            return (length is not None or vla is not None) and is_complete(elem)
        case EnumT() as enum:
            return enum.underlying is not None
        case VoidT() | FunctionT():
            return False
        case _:
            return True


def is_vla(type_: QType) -> bool:
    """A variable length array: its size is computed when the declaration is reached."""
    return isinstance(type_.type, ArrayT) and (type_.type.vla is not None or is_vla(type_.type.elem))


def variably_modified(type_: QType) -> bool:
    """A VLA, or a pointer or function with one inside (C11 6.7.6p3)."""
    match type_.type:
        case ArrayT(elem, _, vla):
            return vla is not None or variably_modified(elem)
        case PointerT(target):
            return variably_modified(target)
        case FunctionT(result):
            return variably_modified(result)
        case _:
            return False


# ---- records ------------------------------------------------------------------------------------------------


def lay_out_record(record: RecordT, *, pack: int = 0, align: int = 0, unnamed_align: bool = False) -> None:
    """Gives the members their places and the record its size and alignment.  `pack` is the `#pragma pack` in force
    in bytes (0: none), `align` the record's own aligned attribute; `unnamed_align`
    lets unnamed bit-fields align the record as well (AAPCS64).  Requires complete member types."""
    assert record.members is not None
    cursor = _Cursor(record.kind == "union", pack, max(1, align), unnamed_align)
    for member in record.members:
        if member.bit_width is None:
            cursor.place_plain(member, record.packed)
        else:
            cursor.place_bits(member, record.packed)
    record.align = cursor.align
    record.size = _round_up((cursor.end + 7) // 8, cursor.align)


_MODES = (8, 16, 32, 64, 128)  # widths of machine integers


@dataclass(slots=True)
class _Cursor:
    """Where the next member goes; positions are in bits."""

    union: bool
    pack: int
    align: int  # of the record, so far, in bytes
    unnamed_align: bool
    here: int = 0
    end: int = 0

    def place_plain(self, member: Member, packed: bool) -> None:
        """An ordinary member."""
        align = member.align or 1
        if not (packed or member.packed):
            align = max(align, align_of(member.type))
        if self.pack:
            align = min(align, self.pack)
        self.align = max(self.align, align)
        start = 0 if self.union else _round_up(self.here, 8 * align)
        member.offset, member.bit_offset = start // 8, start
        self._advance(start + 8 * (size_of(member.type) or 0))

    def place_bits(self, member: Member, packed: bool) -> None:
        """A bit-field."""
        width, size = member.bit_width or 0, size_of(member.type) or 1
        packed = packed or member.packed
        unit = 8 * align_of(member.type)
        desired = 8 * member.align or 1
        if width == 0:
            desired = max(desired, unit)
        elif width in _MODES and not (packed and width > 8) and (self.union or self.here % width == 0):
            desired = max(desired, width)  # gcc makes an ordinary member of it, and takes that type's alignment
        if width and self.pack:
            desired = min(desired, 8 * self.pack)
        start = 0 if self.union else _round_up(self.here, desired)
        if width and not packed and not self.pack and (start % unit + width + unit - 1) // unit > 8 * size // unit:
            start = _round_up(start, unit)
        if packed and not member.align:
            desired = 1
        if member.name or self.unnamed_align:
            type_align = unit // 8
            if self.pack:
                type_align = min(type_align, self.pack)
            elif packed:
                type_align = 1
            self.align = max(self.align, type_align, desired // 8)
        member.bit_offset = start
        # The unit that an access of the declared type would use; packed bit-fields may cross its end.
        member.offset = start // (8 * size) * size
        self._advance(start + width)

    def _advance(self, end: int) -> None:
        self.here = end
        self.end = max(self.end, end)


def _round_up(value: int, align: int) -> int:
    return (value + align - 1) // align * align


@dataclass(frozen=True, slots=True)
class FoundMember:
    """A member found by name, perhaps inside anonymous members: `path` from the outermost to the member itself,
    `offset` in bytes and `bit_offset` in bits from the start of the record asked.  `type` carries the qualifiers of
    the anonymous members on the way, not those of the object."""

    path: tuple[Member, ...]
    offset: int
    bit_offset: int
    type: QType

    @property
    def member(self) -> Member:
        return self.path[-1]

    @property
    def bit_width(self) -> int | None:
        return self.path[-1].bit_width

    @property
    def may_alias(self) -> bool:
        """Whether an anonymous union, or a record with may_alias, is on the way."""
        ways = (outer.type.type for outer in self.path[:-1])
        return any(isinstance(way, RecordT) and (way.kind == "union" or way.may_alias) for way in ways)


def find_member(record: RecordT, name: str) -> FoundMember | None:
    """The member `name` of a complete record, looked for through anonymous structs and unions (C11 6.7.2.1p13)."""
    for member in record.members or ():
        if member.name == name:
            return FoundMember((member,), member.offset, member.bit_offset, member.type)
        if not member.name and member.bit_width is None and isinstance(member.type.type, RecordT):
            inner = find_member(member.type.type, name)
            if inner is not None:
                return _through(member, inner)
    return None


def _through(outer: Member, inner: FoundMember) -> FoundMember:
    type_ = inner.type
    if outer.type.const or outer.type.volatile:
        type_ = QType(
            type_.type,
            type_.const or outer.type.const,
            type_.volatile or outer.type.volatile,
            type_.restrict,
            type_.atomic,
            type_.align,
        )
    path = (outer, *inner.path)
    return FoundMember(path, outer.offset + inner.offset, 8 * outer.offset + inner.bit_offset, type_)


def named_members(record: RecordT) -> Iterator[Member]:
    """The members an initialiser goes through, in order: unnamed bit-fields are not among them (C11 6.7.9p9)."""
    for member in record.members or ():
        if member.name or member.bit_width is None:
            yield member


def flexible_member(record: RecordT) -> Member | None:
    """The flexible array member at the end of a struct (C11 6.7.2.1p18), also GNU's zero-length array there."""
    if record.kind != "struct" or not record.members:
        return None
    last = record.members[-1]
    array = last.type.type
    return last if isinstance(array, ArrayT) and not array.length and array.vla is None else None
