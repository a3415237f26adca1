"""The emitter: appends ops to the current block of one function, and folds what is constant on the way.

There is always a current block.  After a terminator the emitter stands in a fresh block without predecessors, so that
code after `return` needs no special case; `finish` drops the blocks that nothing reaches.  Every method answers an
operand: a register it just assigned, or a constant when the operation folded (fold.py).  An emitter that has
emitted no op and opened no block has built a constant expression; `is_pure` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cpc.frontend.build import float_effects, fold
from cpc.ir import ops as ir
from cpc.ir.types import I1, I8, I64, PTR, FloatType, IntType, Type, VecType, store_size
from cpc.ir.walk import successors

if TYPE_CHECKING:
    from cpc.frontend.symbols import Symbol

_NSW = frozenset({"nsw"})
_NONE: frozenset[str] = frozenset()


def natural_align(type_: Type) -> int:
    """The alignment of a scalar in memory: its size, rounded up to a power of two."""
    size = store_size(type_)
    return 1 << (size - 1).bit_length()


@dataclass(frozen=True, slots=True)
class Position:
    """The end of a block that is not finished yet."""

    block: ir.Block
    terminated: bool


class Emitter:
    def __init__(self, fn: ir.Function, environment: str = "") -> None:
        """`environment` is as in float_environment.py: what is not folded, as it has effects."""
        self.fn = fn
        self.environment = environment
        self.scope = 0  # the block of `fn` that is being built, for debuggers
        self._loc = ir.NO_LOC
        self._labels_used: set[str] = set()
        self._terminated = False
        self.impure = False
        self.translating = False  # what is built is only wanted as a constant
        self.objects: dict[str, Symbol] | None = None  # static objects whose values are constants here
        self.runtime = False  # the code depends on what only exists at run time: never constant
        self.block = ir.Block(self._label("entry"))
        fn.blocks[self.block.label] = self.block

    @property
    def loc(self) -> ir.Loc:
        """The position of the ops that are added."""
        return self._loc

    @loc.setter
    def loc(self, loc: ir.Loc) -> None:
        self._loc = ir.Loc(loc.file, loc.line, loc.column, self.scope) if loc.scope != self.scope else loc

    # ---- blocks

    def _label(self, stem: str) -> str:
        label = stem if stem not in self.fn.blocks and stem not in self._labels_used else self.fn.fresh(stem)
        self._labels_used.add(label)
        return label

    def new_label(self, stem: str) -> str:
        """A fresh label; its block is opened by `start`."""
        self.impure = True
        return self._label(stem)

    def start(self, label: str) -> None:
        """Continue in block `label`; the current block falls through into it."""
        if not self._terminated:
            self.terminate(ir.Jump(label, self.loc))
        self.block = ir.Block(label)
        self.fn.blocks[label] = self.block
        self._terminated = False

    def terminate(self, term: ir.Terminator) -> None:
        """End the current block; code that follows without `start` is unreachable."""
        self.impure = True
        if self._terminated:
            self.start(self._label("dead"))
        self.block.term = term
        self._terminated = True

    @property
    def terminated(self) -> bool:
        return self._terminated

    @property
    def is_pure(self) -> bool:
        return not self.impure

    def jump(self, label: str) -> None:
        if not self._terminated:
            self.terminate(ir.Jump(label, self.loc))

    def branch(self, cond: ir.Operand, then: str, other: str, likely: bool | None = None) -> None:
        if self._terminated:
            return
        if isinstance(cond, ir.Const):
            self.terminate(ir.Jump(then if cond.value else other, self.loc))
        else:
            self.terminate(ir.Branch(cond, then, other, likely, self.loc))

    def add(self, op: ir.Op) -> None:
        self.impure = True
        if self._terminated:
            self.start_dead()
        self.block.ops.append(op)

    # ---- two open ends (the sides of `?:`)

    def position(self) -> Position:
        return Position(self.block, self._terminated)

    def detach(self, label: str) -> Position:
        """Leave the current block open, to be finished after `move_to`, and continue in block `label`."""
        left = self.position()
        self._terminated = True
        self.start(label)
        return left

    def move_to(self, position: Position) -> None:
        """Continue where `position` was taken."""
        self.block, self._terminated = position.block, position.terminated

    def start_dead(self) -> None:
        self.block = ir.Block(self._label("dead"))
        self.fn.blocks[self.block.label] = self.block
        self._terminated = False

    def finish(self, keep: Iterable[str] = ()) -> None:
        """Drop unreachable blocks; `keep` are labels whose address is taken outside of ops."""
        entry = next(iter(self.fn.blocks))
        reached: set[str] = set()
        work = [entry, *keep]
        while work:
            label = work.pop()
            if label in reached or label not in self.fn.blocks:
                continue
            reached.add(label)
            work.extend(successors(self.fn.blocks[label].term))
        for label in [label for label in self.fn.blocks if label not in reached]:
            del self.fn.blocks[label]

    # ---- registers and locals

    def reg(self, type_: Type) -> ir.Reg:
        self.fn.next_id += 1
        return ir.Reg(str(self.fn.next_id), type_)

    def local(self, stem: str, size: int, align: int, type_: Type | None = None, source: str = "") -> ir.LocalAddr:
        name = stem if stem and stem not in self.fn.locals else self.fn.fresh(stem or "tmp")
        self.fn.locals[name] = ir.Local(name, size, align, type_, source, self.loc)
        return ir.LocalAddr(name)

    def scalar_local(self, stem: str, type_: Type) -> ir.LocalAddr:
        return self.local(stem, store_size(type_), natural_align(type_), type_)

    # ---- arithmetic

    def bin(self, op: str, a: ir.Operand, b: ir.Operand, nsw: bool = False) -> ir.Operand:
        if isinstance(a, ir.Const) and not isinstance(b, ir.Const) and op in ("add", "mul", "and", "or", "xor"):
            a, b = b, a
        folded = fold.fold_bin(op, a, b, self.translating)
        if folded is not None and not (self.environment and float_effects.of_bin(op, a, b, folded, self.environment)):
            return folded
        dst = self.reg(a.type)
        self.add(ir.Bin(dst, op, a, b, _NSW if nsw else _NONE, self.loc))
        return dst

    def cmp(self, pred: str, a: ir.Operand, b: ir.Operand) -> ir.Operand:
        folded = fold.fold_cmp(pred, a, b)
        if folded is not None and not (self.environment and float_effects.of_cmp(pred, a, b)):
            return folded
        lanes = a.type
        dst = self.reg(VecType(I1, lanes.count) if isinstance(lanes, VecType) else I1)
        self.add(ir.Cmp(dst, pred, a, b, self.loc))
        return dst

    def cast(self, op: str, a: ir.Operand, to: Type) -> ir.Operand:
        if a.type == to and op != "fneg":
            return a
        folded = fold.fold_cast(op, a, to)
        if folded is not None and not (self.environment and float_effects.of_cast(op, a, folded, self.environment)):
            return folded
        dst = self.reg(to)
        self.add(ir.Cast(dst, op, a, self.loc))
        return dst

    def resize(self, a: ir.Operand, to: Type, signed: bool) -> ir.Operand:
        """An integer in another width: truncated, or extended by its own signedness."""
        assert isinstance(a.type, IntType) and isinstance(to, IntType)
        if a.type.bits > to.bits:
            return self.cast("trunc", a, to)
        return self.cast("sext" if signed else "zext", a, to)

    def select(self, cond: ir.Operand, a: ir.Operand, b: ir.Operand) -> ir.Operand:
        if isinstance(cond, ir.Const):
            return a if cond.value else b
        dst = self.reg(a.type)
        self.add(ir.Select(dst, cond, a, b, self.loc))
        return dst

    # ---- memory

    def load(
        self, type_: Type, ptr: ir.Operand, align: int = 0, volatile: bool = False, order: str = "", alias: str = ""
    ) -> ir.Reg:
        dst = self.reg(type_)
        self.add(ir.Load(dst, ptr, align or natural_align(type_), volatile, order, self.loc, alias))
        return dst

    def store(
        self,
        ptr: ir.Operand,
        value: ir.Operand,
        align: int = 0,
        volatile: bool = False,
        order: str = "",
        alias: str = "",
    ) -> None:
        self.add(ir.Store(ptr, value, align or natural_align(value.type), volatile, order, self.loc, alias))

    def ptr_add(self, base: ir.Operand, offset: ir.Operand | int, inbounds: bool = True) -> ir.Operand:
        if isinstance(offset, int):
            offset = fold.integer(I64, offset)
        folded = fold.fold_ptr_add(base, offset)
        if folded is not None:
            return folded
        dst = self.reg(PTR)
        self.add(ir.PtrAdd(dst, base, offset, inbounds, self.loc))
        return dst

    def copy(
        self, dst: ir.Operand, src: ir.Operand, size: int, align: int, src_align: int = 0, volatile: bool = False
    ) -> None:
        if size:
            self.add(ir.MemCopy(dst, src, fold.integer(I64, size), align, src_align or align, volatile, self.loc))

    def clear(self, ptr: ir.Operand, size: int, align: int) -> None:
        if size:
            self.add(ir.MemSet(ptr, fold.integer(I8, 0), fold.integer(I64, size), align, False, self.loc))

    # ---- calls

    def intrinsic(self, name: str, args: Sequence[ir.Operand], result: Type | None = None) -> ir.Operand | None:
        dsts = (self.reg(result),) if result is not None else ()
        self.add(ir.Intrinsic(dsts, name, tuple(args), self.loc))
        return dsts[0] if dsts else None

    def unary(self, name: str, a: ir.Operand, *more: ir.Operand) -> ir.Operand:
        """An intrinsic whose result has its first operand's type."""
        result = self.intrinsic(name, (a, *more), a.type)
        assert result is not None
        return result

    def zero(self, type_: Type) -> ir.Const:
        return ir.Const(type_, 0)

    def is_nonzero(self, a: ir.Operand) -> ir.Operand:
        """i1: a scalar compares unequal to 0 (a NaN does too)."""
        if a.type == I1:
            return a
        return self.cmp("fune" if isinstance(a.type, FloatType) else "ne", a, self.zero(a.type))
