"""Static data: a flattened initialiser becomes the bytes and addresses of a global.

Before: an `Initializer` whose expressions must be constant (C11 6.7.9p4).  After: data pieces whose sizes add up to
the object's size.  Bytes are collected in pages, so that a large sparse table costs what it holds; addresses are kept
aside and win over the bytes below them.  An expression that is not constant is E0235, and its place stays zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pycparser import c_ast

from cpc.frontend import constants, conversions, layout
from cpc.frontend.c_types import BOOL, ArrayT, ComplexT, QType, RecordT
from cpc.frontend.declared import ComplexConst, Constant, Initializer, InitItem, LabelDifference
from cpc.frontend.literals import UNIT_SIZE, BadLiteral, literal_units
from cpc.frontend.symbols import Kind
from cpc.ir.ops import BlockAddr, Const, DataAddr, DataBytes, DataLabel, DataPiece, DataZero, GlobalAddr
from cpc.ir.types import IntType

if TYPE_CHECKING:
    from cpc.frontend.sema import Sema

_PAGE = 4096
_ZERO_RUN = 16  # shorter runs of zeros stay inside DataBytes
_MAX_BYTES = 1 << 28  # that are not zero
_LARGEST = 1 << 31  # bytes of an object that is not zero: addresses in a program's image have 31 bits


def static_data(sema: Sema, init: Initializer, function: str) -> list[DataPiece]:
    """See `Sema.static_data`."""
    image = _Image(init.size)
    for item in init.items:
        _put(sema, image, item, function)
    if init.size > _LARGEST and (image.pages or image.addresses):
        sema.diags.abort("E0236", sema.unit.loc(init.items[0].expr), "the initialised object is too large")
    return list(image.pieces())


def _put(sema: Sema, image: _Image, item: InitItem, function: str) -> None:
    size = layout.size_of(item.type) or 0
    if size * item.repeat > _MAX_BYTES:
        sema.diags.abort("E0236", sema.unit.loc(item.expr), "the initialiser has too many elements")
    if isinstance(item.type.type, ArrayT):
        image.write(item.offset, _string_bytes(sema, item, size))
        return
    value = _plain_integer(sema, item) or _constant(sema, item)
    match value:
        case None:
            sema.diags.error("E0235", sema.unit.loc(item.expr), "a static initialiser is not constant")
        case Const(value=bits) if item.bit_width is not None:
            image.write_bits(item.bit_offset, item.bit_width, bits)
        case Const() | ComplexConst():
            image.write(item.offset, _bytes(value, item.type, size) * item.repeat)
            if len(image.pages) * _PAGE > _MAX_BYTES:
                sema.diags.abort("E0236", sema.unit.loc(item.expr), "the initialiser has too many elements")
        case GlobalAddr() | BlockAddr() | LabelDifference():
            _put_address(sema, image, item, value, size, function)


def _put_address(
    sema: Sema, image: _Image, item: InitItem, value: GlobalAddr | BlockAddr | LabelDifference, size: int, function: str
) -> None:
    fits = size <= 8 if isinstance(value, LabelDifference) else size == 8
    if item.bit_width is not None or not fits:
        sema.diags.error("E0235", sema.unit.loc(item.expr), "an address does not fit this static object")
        return
    piece: DataPiece
    match value:
        case GlobalAddr(name, offset):
            piece = DataAddr(name, offset)
        case BlockAddr(label):
            piece = DataLabel(function, label)
        case LabelDifference(label, minus):
            piece = DataLabel(function, label, minus, size)
    for k in range(item.repeat):
        image.place(item.offset + k * size, size, piece)


def _plain_integer(sema: Sema, item: InitItem) -> Const | None:
    """Integer literals and enumeration constants for integers: nearly all of a large table, without the evaluator."""
    node = item.expr
    if not conversions.is_integer(item.type):
        return None
    negated = isinstance(node, c_ast.UnaryOp) and node.op == "-"
    inner = node.expr if negated else node
    if isinstance(inner, c_ast.ID):
        symbol = sema.lookup(inner.name)
        if symbol is None or symbol.kind is not Kind.ENUM_CONST or negated:
            return None
    elif not isinstance(inner, c_ast.Constant) or inner.type in ("string", "float", "double", "long double"):
        return None
    found = constants.integer(sema, node)
    if found is None:
        return None
    integer = conversions.integer_of(item.type)
    value = int(found[0] != 0) if integer == BOOL else found[0]
    if not -(1 << (8 * integer.size - 1)) <= value < 1 << 8 * integer.size:
        return None  # the builder converts, and warns
    return Const(IntType(8 * integer.size), value & ((1 << 8 * integer.size) - 1))


def _constant(sema: Sema, item: InitItem) -> Constant | None:
    assert sema.evaluator is not None
    if isinstance(item.type.type, RecordT):
        return None
    type_ = conversions.unqualified(item.type)
    value = sema.evaluator.constant(item.expr, type_)
    return sema.evaluator.constant(item.expr, type_, objects=True) if value is None else value


def _bytes(value: Const | ComplexConst, type_: QType, size: int) -> bytes:
    """The object representation; x87 values have six bytes of padding."""
    if isinstance(value, ComplexConst):
        assert isinstance(type_.type, ComplexT)
        part = type_.type.part.size
        return value.real.value.to_bytes(part, "little") + value.imag.value.to_bytes(part, "little")
    return (value.value & ((1 << 8 * size) - 1)).to_bytes(size, "little")


def _string_bytes(sema: Sema, item: InitItem, size: int) -> bytes:
    try:
        prefix, units = literal_units(item.expr.value)
    except BadLiteral as error:
        sema.diags.abort("E0241", sema.unit.loc(item.expr), str(error))
    width = UNIT_SIZE[prefix]
    data = bytes(units) if width == 1 else b"".join(unit.to_bytes(width, "little") for unit in units)
    return data[:size].ljust(size, b"\0")


@dataclass(slots=True)
class _Image:
    """A sparse picture of `size` bytes with addresses in it."""

    size: int
    pages: dict[int, bytearray] = field(default_factory=dict)
    addresses: dict[int, tuple[int, DataPiece]] = field(default_factory=dict)  # offset -> (size, piece)

    def write(self, offset: int, data: bytes) -> None:
        """Replaces bytes, and the addresses that begin there."""
        if self.addresses:
            self.forget(offset, len(data))
        done = 0
        while done < len(data):
            page, at = divmod(offset + done, _PAGE)
            count = min(_PAGE - at, len(data) - done)
            piece = data[done : done + count]
            if page in self.pages or piece.count(0) != count:
                self.pages.setdefault(page, bytearray(_PAGE))[at : at + count] = piece
            done += count

    def write_bits(self, bit_offset: int, width: int, value: int) -> None:
        """Replaces `width` bits, little endian."""
        first, last = bit_offset // 8, (bit_offset + width + 7) // 8
        old = int.from_bytes(self.read(first, last - first), "little")
        shift = bit_offset - 8 * first
        mask = ((1 << width) - 1) << shift
        new = (old & ~mask) | ((value << shift) & mask)
        self.write(first, new.to_bytes(last - first, "little"))

    def read(self, offset: int, count: int) -> bytes:
        out = bytearray()
        for at in range(offset, offset + count):
            page = self.pages.get(at // _PAGE)
            out.append(page[at % _PAGE] if page else 0)
        return bytes(out)

    def place(self, offset: int, size: int, piece: DataPiece) -> None:
        """Puts an address; the bytes below it do not matter any more."""
        self.forget(offset, size)
        self.addresses[offset] = (size, piece)

    def forget(self, offset: int, count: int) -> None:
        if count <= 64:
            for at in range(offset - 7, offset + count):
                if at in self.addresses and at + self.addresses[at][0] > offset:
                    del self.addresses[at]
        else:
            for at in [a for a in self.addresses if offset - 7 <= a < offset + count]:
                del self.addresses[at]

    def pieces(self) -> Iterator[DataPiece]:
        """The image in order: addresses, bytes, runs of zeros."""
        at = 0
        for offset in sorted(self.addresses):
            size, piece = self.addresses[offset]
            yield from self.plain(at, offset)
            yield piece
            at = offset + size
        yield from self.plain(at, self.size)

    def plain(self, start: int, end: int) -> Iterator[DataPiece]:
        """The bytes [start, end), long runs of zeros apart."""
        zeros, pending = 0, bytearray()
        for data in self.chunks(start, end):
            if isinstance(data, int):
                zeros += data
                continue
            for part in _split_zeros(data):
                if isinstance(part, int):
                    zeros += part
                    continue
                if zeros >= _ZERO_RUN:
                    if pending:
                        yield DataBytes(bytes(pending))
                    yield DataZero(zeros)
                    pending = bytearray()
                else:
                    pending.extend(bytes(zeros))
                zeros = 0
                pending.extend(part)
        if pending and zeros < _ZERO_RUN:
            pending.extend(bytes(zeros))
            zeros = 0
        if pending:
            yield DataBytes(bytes(pending))
        if zeros:
            yield DataZero(zeros)

    def chunks(self, start: int, end: int) -> Iterator[bytes | int]:
        """Page by page: bytes, or the length of a gap."""
        at = start
        touched = sorted(p for p in self.pages if start // _PAGE <= p <= end // _PAGE)
        for page in touched:
            low, high = max(at, page * _PAGE), min(end, (page + 1) * _PAGE)
            if low >= high:
                continue
            if low > at:
                yield low - at
            yield bytes(self.pages[page][low - page * _PAGE : high - page * _PAGE])
            at = high
        if at < end:
            yield end - at


def _split_zeros(data: bytes) -> Iterator[bytes | int]:
    """Alternating pieces: bytes without a long run of zeros in them, and the lengths of such runs."""
    at = 0
    while at < len(data):
        run = data.find(bytes(_ZERO_RUN), at)
        if run < 0:
            rest = data[at:].rstrip(b"\0")
            if rest:
                yield rest
            if len(rest) < len(data) - at:
                yield len(data) - at - len(rest)
            return
        if run > at:
            yield data[at:run]
        end = run + len(data[run:]) - len(data[run:].lstrip(b"\0"))
        yield end - run
        at = end
