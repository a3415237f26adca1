"""What calling conventions have in common: the words in which sysv.py and aapcs64.py say how values travel.

A struct in registers becomes one IR parameter per register (a `Piece`), one in memory a `byval` pointer, which means
"its bytes are on the stack", and a result in memory an `sret` pointer in front.  LLVM then assigns the registers and
places that the convention wants, because it sees the same sequence of scalar classes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cpc.frontend.build.values import is_scalar, scalar_type, size_of
from cpc.frontend.c_types import ArrayT, ComplexT, CType, FunctionT, QType, RecordT, VectorT, VoidT
from cpc.ir.ops import Sig
from cpc.ir.types import Type, store_size


@dataclass(frozen=True, slots=True)
class Piece:
    """One register's part of a value: a scalar at `offset` bytes of its memory image."""

    offset: int
    type: Type


@dataclass(frozen=True, slots=True)
class Passing:
    """How one value travels: `pieces` in registers, or (`memory`) behind a pointer; neither for nothing at all.
    `copied`: the pointer itself is the argument, to a copy that the caller makes.  `fill` are registers that stay
    unused in front of it."""

    pieces: tuple[Piece, ...] = ()
    memory: bool = False
    copied: bool = False
    fill: tuple[Type, ...] = ()


MEMORY = Passing(memory=True)
NOTHING = Passing()


def leaves(ctype: CType, offset: int = 0) -> Iterator[tuple[int, int, CType | None]]:
    """(first bit, bit width, scalar type) of every scalar in the type, None being the type of a bit-field, which has
    no alignment.  Arrays are unrolled; padding is not listed, but unnamed bit-fields are, which gcc passes like
    others (clang takes them for padding): in a union even those of no bits."""
    match ctype:
        case RecordT(kind, members=members, size=total):
            for m in members or []:
                if m.bit_width is None:
                    yield from leaves(m.type.type, offset + m.offset)
                elif m.bit_width or (kind == "union" and total):
                    yield offset * 8 + m.bit_offset, m.bit_width or 1, None
        case ArrayT(elem, length):
            step = size_of(elem)
            for i in range((length or 0) if step else 0):  # a billion empty structs have nothing in them
                yield from leaves(elem.type, offset + i * step)
        case ComplexT(part):
            yield offset * 8, part.size * 8, part
            yield (offset + part.size) * 8, part.size * 8, part
        case VoidT() | FunctionT():
            return
        case _:
            yield offset * 8, size_of(QType(ctype)) * 8, ctype


def is_padding(ctype: CType) -> bool:
    """Whether nothing in a type has a name: gcc gives such a record registers but no bytes of the stack."""
    match ctype:
        case RecordT(members=members):
            return all(is_padding(m.type.type) if m.bit_width is None else not m.name for m in members or ())
        case ArrayT(elem, length):
            return not length or is_padding(elem.type)
        case _:
            return False


@dataclass(frozen=True, slots=True)
class Lowered:
    """A call's shape: the IR signature, and for each C parameter (and the result) how it travels.
    `sret` is True when the result is behind the first IR parameter."""

    sig: Sig
    params: tuple[Passing, ...]
    result: Passing
    sret: bool


def is_co_result(type_: QType) -> bool:
    """Whether a coroutine function returns `type_` in a register."""
    if isinstance(type_.type, VoidT):
        return True
    if not is_scalar(type_) or isinstance(type_.type, VectorT):
        return False
    return store_size(scalar_type(type_)) <= 8
