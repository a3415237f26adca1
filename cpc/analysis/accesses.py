"""How each op touches the function's locals: reads, writes, or lets the address out of sight.

Requires: any phase before SPLIT.  An address is followed through PtrAdd only; a register that PtrAdd derives from
`&x` stands for x.  Used anywhere else than as the address operand of a load, store, copy or set, the address
*escapes*: from then on anybody may read or write the local at any time.

    Load &x, MemCopy from &x, byval argument &x     READ
    Store to all of x, MemCopy/MemSet of all of x   WHOLE     (what x held before does not matter any more)
    the same to a part of x                         PART      (neither reads x nor ends its value)
    sret argument &x of a plain call                WHOLE     (C has no name for the result object: not an escape)
    setjmp(&x); longjmp(&x)                         WHOLE     (what was there does not matter); READ
    va_start, va_copy to &x; va_end                 WHOLE     (after va_end a va_list has no value, C11 7.16.1)
    lifetime_end of x                               WHOLE     (its block was left)
    anything else                                   ESCAPE

Rejected: calls that take a pointer and provably do not keep it.  C has no such promise in its types, and a wrong
guess makes a wrong program; the cost of a needless box is about a nanosecond a call.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from cpc.ir.ops import (
    AsmGoto,
    Call,
    CoCall,
    Const,
    Function,
    GlobalAddr,
    Intrinsic,
    Load,
    LocalAddr,
    MemCopy,
    MemSet,
    Op,
    Operand,
    PtrAdd,
    Reg,
    Store,
    Suspend,
    Terminator,
)
from cpc.ir.types import store_size
from cpc.ir.walk import operands, reverse_postorder

_LONGJMP = {"longjmp", "_longjmp", "siglongjmp"}


class Kind(enum.Enum):
    """See the table above."""

    READ = "read"
    WHOLE = "whole"
    PART = "part"
    ESCAPE = "escape"


@dataclass(frozen=True, slots=True)
class Access:
    local: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Pointers:
    """What the function's registers may point to: `local_of` for those derived from a local's address."""

    fn: Function
    local_of: Mapping[str, str]

    def local(self, operand: Operand) -> str | None:
        """The local that `operand` points into, if it is known to point into one."""
        match operand:
            case LocalAddr(name):
                return name
            case Reg(name):
                return self.local_of.get(name)
            case _:
                return None

    def in_op(self, op: Op) -> tuple[Access, ...]:
        """The accesses of `op`, reads before writes."""
        match op:
            case Load(ptr=ptr):
                return self._as(Kind.READ, ptr)
            case Store(ptr=ptr, value=value):
                return (*self._as(Kind.ESCAPE, value), *self._write(ptr, store_size(value.type)))
            case PtrAdd():
                return ()
            case MemCopy(dst_ptr=dst, src=src, size=size):
                return (*self._as(Kind.READ, src), *self._write(dst, _constant(size)))
            case MemSet(ptr=ptr, size=size):
                return self._write(ptr, _constant(size))
            case Call() | CoCall():
                return self._in_call(op)
            case Intrinsic(name="va_start" | "va_end" | "lifetime_end", args=(ap, *_)):
                return self._as(Kind.WHOLE, ap)
            case Intrinsic(name="va_copy", args=(dst, src)):
                return (*self._as(Kind.READ, src), *self._as(Kind.WHOLE, dst))
            case _:
                return self._as(Kind.ESCAPE, *operands(op))

    def in_terminator(self, term: Terminator) -> tuple[Access, ...]:
        """The accesses of a terminator; those of a suspension point happen before it suspends."""
        if isinstance(term, Suspend):
            return self.in_op(term.call)
        if isinstance(term, AsmGoto):
            sizes = (store_size(type_) for type_ in term.output_types)
            written = [a for ptr, size in zip(term.outputs, sizes, strict=True) for a in self._write(ptr, size)]
            return (*self._as(Kind.ESCAPE, *term.args), *written)
        return self._as(Kind.ESCAPE, *operands(term))

    def _in_call(self, op: Call | CoCall) -> tuple[Access, ...]:
        if isinstance(op, Call) and op.args and (kind := _jump(op)) is not None:
            return self._as(kind, op.args[0])
        found = list(self._as(Kind.ESCAPE, op.callee))
        for index, arg in enumerate(op.args):
            spec = op.sig.params[index] if index < len(op.sig.params) else None
            if spec is not None and spec.byval is not None:
                found += self._as(Kind.READ, arg)
            elif spec is not None and spec.sret is not None and isinstance(op, Call):
                found += self._write(arg, spec.sret[0])
            else:
                found += self._as(Kind.ESCAPE, arg)
        return tuple(sorted(found, key=lambda access: access.kind in (Kind.WHOLE, Kind.PART)))

    def _as(self, kind: Kind, *values: Operand) -> tuple[Access, ...]:
        found = (self.local(value) for value in values)
        return tuple(Access(local, kind) for local in found if local is not None)

    def _write(self, ptr: Operand, size: int | None) -> tuple[Access, ...]:
        local = self.local(ptr)
        if local is None:
            return ()
        whole = isinstance(ptr, LocalAddr) and size is not None and size >= self.fn.locals[local].size
        return (Access(local, Kind.WHOLE if whole else Kind.PART),)


def pointers(fn: Function) -> Pointers:
    """Follows the addresses of locals through PtrAdd.  Every use is dominated by its definition, and a block comes
    after its dominators in reverse postorder: one walk finds all."""
    local_of: dict[str, str] = {}
    found = Pointers(fn, local_of)
    for label in reverse_postorder(fn):
        for op in fn.blocks[label].ops:
            if isinstance(op, PtrAdd) and (local := found.local(op.base)) is not None:
                local_of[op.dst.name] = local
    return found


def _jump(op: Call) -> Kind | None:
    """What setjmp and longjmp do with their buffer."""
    if "returns_twice" in op.attrs:
        return Kind.WHOLE
    return Kind.READ if isinstance(op.callee, GlobalAddr) and op.callee.name in _LONGJMP else None


def _constant(size: Operand) -> int | None:
    return size.value if isinstance(size, Const) else None
