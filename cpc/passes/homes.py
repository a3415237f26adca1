"""Registers that live in locals, their homes: a block reads a home once, before the first use, and stores what it
assigns.

Requires: each use of a register in the block that assigns it stands behind the assignment (ops.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cpc.analysis.rewrite import terminator_with_operands, with_operands
from cpc.ir.ops import NO_LOC, Block, Function, Load, Loc, Local, LocalAddr, Op, Operand, Reg, Store
from cpc.ir.types import Type, store_size
from cpc.ir.walk import results


def new_home(fn: Function, type_: Type) -> Local:
    size = store_size(type_)
    home = Local(fn.fresh("t"), size, size, type_)
    fn.locals[home.name] = home
    return home


def stored(reg: Reg, homes: Mapping[str, Local], loc: Loc = NO_LOC) -> Store:
    home = homes[reg.name]
    return Store(LocalAddr(home.name), reg, home.align, loc=loc)


def use_homes(fn: Function, block: Block, homes: Mapping[str, Local], before: Sequence[Store] = ()) -> None:
    """Rewrites `block`; `before` holds the stores of what is assigned outside its ops, by parameters or a call."""
    here: dict[str, Reg] = {store.value.name: store.value for store in before if isinstance(store.value, Reg)}
    ops: list[Op] = list(before)

    def read(value: Operand) -> Operand:
        if not isinstance(value, Reg) or value.name not in homes:
            return value
        if value.name not in here:
            home = homes[value.name]
            here[value.name] = Reg(fn.fresh("v"), value.type)
            ops.append(Load(here[value.name], LocalAddr(home.name), home.align))
        return here[value.name]

    for op in block.ops:
        ops.append(with_operands(op, read))
        for reg in results(op):
            if reg.name in homes:
                here[reg.name] = reg
                ops.append(stored(reg, homes, op.loc))
    block.term = terminator_with_operands(block.term, read)
    block.ops = ops
