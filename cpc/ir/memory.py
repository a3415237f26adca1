"""The interpreter's memory: bytes with a shadow that says which bits have ever been written.

An address is a 64-bit number; every object is a region with a gap before the next, addresses are never used twice,
and a freed region stays known, so that an access out of bounds, through a null or a stale pointer is a MemoryFault
that names the object.

A value is an int of the type's bits, or a Partial when some of its bits are undefined: what an uninitialised
variable holds, or a frame slot that nothing saved.  Reading and copying such a value is no fault (C copies padding);
deciding, addressing or printing with it is, and that is checked where it happens.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

GAP = 64


class MemoryFault(Exception):
    """An access that C does not allow; the interpreter adds where."""


@dataclass(frozen=True, slots=True)
class Partial:
    """A value whose bits in `mask` are undefined (and 0 in `value`).  The mask is not 0."""

    value: int
    mask: int


Value = int | Partial


def value(bits: int, mask: int) -> Value:
    return Partial(bits & ~mask, mask) if mask else bits


def parts(v: Value) -> tuple[int, int]:
    """The bits and the undefined mask."""
    return (v.value, v.mask) if isinstance(v, Partial) else (v, 0)


@dataclass(slots=True)
class Region:
    """`shadow` has the undefined bits of each byte of `data`."""

    base: int
    data: bytearray
    shadow: bytearray
    name: str
    alive: bool = True
    writable: bool = True


class Memory:
    def __init__(self) -> None:
        self._bases: list[int] = []
        self._regions: list[Region] = []
        self._next = 0x10000

    # -- objects --

    def allocate(self, size: int, align: int, name: str) -> int:
        """A new object of undefined contents."""
        base = -(-self._next // align) * align
        self._next = base + size + GAP
        self._bases.append(base)
        self._regions.append(Region(base, bytearray(size), bytearray(b"\xff" * size), name))
        return base

    def reserve(self, size: int, name: str) -> int:
        """An object that starts empty and may grow to `size` bytes by resize()."""
        base = self.allocate(0, 4096, name)
        self._next = base + size + GAP
        return base

    def resize(self, base: int, size: int) -> None:
        """Sets the end of a reserved object.  What is cut off is gone: it is undefined when it comes back."""
        region = self.region(base)
        del region.data[size:], region.shadow[size:]
        grown = size - len(region.data)
        region.data.extend(bytes(grown))
        region.shadow.extend(b"\xff" * grown)

    def free(self, base: int) -> None:
        region = self.region(base)
        if region.base != base:
            raise MemoryFault(f"free of an address inside '{region.name}'")
        if not region.alive:
            raise MemoryFault(f"'{region.name}' is freed twice")
        region.alive = False
        region.data = bytearray()
        region.shadow = bytearray()

    def region(self, address: int) -> Region:
        index = bisect_right(self._bases, address) - 1
        if index < 0:
            what = "a null pointer" if address < 0x1000 else f"{address:#x}, where nothing is"
            raise MemoryFault(f"access through {what}")
        return self._regions[index]

    def size(self, base: int) -> int:
        return len(self.region(base).data)

    def _find(self, address: int, size: int, write: bool) -> tuple[Region, int]:
        region = self.region(address)
        if not region.alive:
            raise MemoryFault(f"access to '{region.name}' after its end")
        offset = address - region.base
        if offset + size > len(region.data):
            room = len(region.data)
            raise MemoryFault(f"access to bytes {offset}..{offset + size} of '{region.name}', which has {room}")
        if write and not region.writable:
            raise MemoryFault(f"write to the constant '{region.name}'")
        return region, offset

    # -- contents --

    def load(self, address: int, size: int) -> Value:
        region, at = self._find(address, size, write=False)
        bits = int.from_bytes(region.data[at : at + size], "little")
        return value(bits, int.from_bytes(region.shadow[at : at + size], "little"))

    def store(self, address: int, size: int, v: Value) -> None:
        region, at = self._find(address, size, write=True)
        bits, mask = parts(v)
        region.data[at : at + size] = bits.to_bytes(size, "little")
        region.shadow[at : at + size] = mask.to_bytes(size, "little")

    def copy(self, to: int, source: int, size: int) -> None:
        """memmove, undefined bits included."""
        if size == 0:
            return
        source_region, source_at = self._find(source, size, write=False)
        region, at = self._find(to, size, write=True)
        region.data[at : at + size] = source_region.data[source_at : source_at + size]
        region.shadow[at : at + size] = source_region.shadow[source_at : source_at + size]

    def fill(self, to: int, byte: Value, size: int) -> None:
        if size == 0:
            return
        region, at = self._find(to, size, write=True)
        bits, mask = parts(byte)
        region.data[at : at + size] = bytes([bits]) * size
        region.shadow[at : at + size] = bytes([mask]) * size

    def undefine(self, address: int, size: int) -> None:
        """Makes the bytes undefined, as if they had never been written."""
        region, at = self._find(address, size, write=False)
        region.shadow[at : at + size] = b"\xff" * size

    def write(self, address: int, data: bytes) -> None:
        region, at = self._find(address, len(data), write=True)
        region.data[at : at + len(data)] = data
        region.shadow[at : at + len(data)] = bytes(len(data))

    def read(self, address: int, size: int) -> bytes:
        """Bytes that must be defined."""
        if size == 0:
            return b""
        region, at = self._find(address, size, write=False)
        if any(region.shadow[at : at + size]):
            raise MemoryFault(f"use of undefined bytes of '{region.name}'")
        return bytes(region.data[at : at + size])

    def string(self, address: int) -> bytes:
        """The bytes before the next NUL."""
        out = bytearray()
        while (byte := self.read(address + len(out), 1)) != b"\0":
            out += byte
        return bytes(out)

    def make_constant(self, base: int) -> None:
        self.region(base).writable = False
