"""The labels of a coroutine function have numbers for addresses: its body becomes two functions, so no block has one
address.

    static void *to[] = { &&a, &&b };               @f.to: 1, 2
    entry:                                          entry:
      %1 = load ptr, &p                               %1 = load ptr, &p
      goto *%1, a, b                                  %2 = ptrtoint %1
                                                      switch i64 %2 [ 1: a, 2: b ], default bad.3

The number of a label is at least 1, so it is no null pointer; a difference of labels, as in tables of offsets, is the
difference of their numbers, so that adding it to a label gives the other one.  C gives a label's address no other use.

Requires: BUILT.  Establishes: no block address in coroutine functions that suspend, and none of them in data.
Rejected: doing it only where a jump may come after a suspension; a switch costs what an indirect jump does.
"""

from __future__ import annotations

from dataclasses import dataclass

from cpc.analysis import cfg
from cpc.analysis.rewrite import terminator_with_operands, with_operands
from cpc.diag import Diagnostics
from cpc.ir.ops import (
    Block,
    BlockAddr,
    Cast,
    CoCall,
    Const,
    CoYield,
    DataBytes,
    DataLabel,
    DataPiece,
    Function,
    IndirectJump,
    Module,
    Operand,
    Reg,
    Switch,
)
from cpc.ir.types import I64, PTR
from cpc.passes.base import coroutine_bodies


def run(module: Module, diags: Diagnostics) -> None:
    used = cfg.labels_used_as_values(module)
    numbered: dict[str, dict[str, int]] = {}
    for fn in coroutine_bodies(module):
        targets = {label for b in fn.blocks.values() if isinstance(b.term, IndirectJump) for label in b.term.targets}
        if (used[fn.name] or targets) and _suspends(fn):
            labels = [label for label in fn.blocks if label in used[fn.name] | targets]
            numbered[fn.name] = {label: number for number, label in enumerate(labels, 1)}
            _Numbers(fn, numbered[fn.name]).rewrite()
    for variable in module.globals.values() if numbered else ():
        if variable.init is not None:
            variable.init = [_piece(piece, numbered) for piece in variable.init]


def _suspends(fn: Function) -> bool:
    return any(isinstance(op, CoCall | CoYield) for block in fn.blocks.values() for op in block.ops)


def _piece(piece: DataPiece, numbered: dict[str, dict[str, int]]) -> DataPiece:
    if not isinstance(piece, DataLabel) or piece.function not in numbered:
        return piece
    numbers = numbered[piece.function]
    value = numbers[piece.label] - (numbers[piece.minus] if piece.minus else 0)
    return DataBytes((value % (1 << 8 * piece.size)).to_bytes(piece.size, "little"))


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The rewriting of one function."""

    fn: Function
    numbers: dict[str, int]

    def rewrite(self) -> None:
        bad = ""
        for block in list(self.fn.blocks.values()):
            block.ops = [with_operands(op, self._number) for op in block.ops]
            block.term = terminator_with_operands(block.term, self._number)
            if isinstance(block.term, IndirectJump):
                bad = bad or self._bad_block()
                self._switch(block, block.term, bad)

    def _number(self, value: Operand) -> Operand:
        return Const(PTR, self.numbers[value.label]) if isinstance(value, BlockAddr) else value

    def _switch(self, block: Block, term: IndirectJump, bad: str) -> None:
        number = Reg(self.fn.fresh("label"), I64)
        block.ops.append(Cast(number, "ptrtoint", term.ptr, term.loc))
        cases = tuple((self.numbers[label], label) for label in dict.fromkeys(term.targets))
        block.term = Switch(number, cases, bad, term.loc)

    def _bad_block(self) -> str:
        """Where a jump to what is no label goes: nowhere."""
        block = Block(self.fn.fresh("bad"))
        self.fn.blocks[block.label] = block
        return block.label
