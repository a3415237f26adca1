"""A coroutine call ends its block.

    entry:                                          entry:
      %1 = load i32, &n                               %1 = load i32, &n
      %2 = cocall i32 @co_read(i32 %1)                store i32 %1, &t.1
      %3 = add i32 %1, %2                             %2 = cocall i32 @co_read(i32 %1) -> entry.2, state 1
      ret i32 %3                                    entry.2:
                                                      %4 = load i32, &t.1
                                                      %3 = add i32 %4, %2
                                                      ret i32 %3

Each call becomes a suspension point, numbered in block order, with a resume block of its own.  A register that is
live across a suspension is computed again where recompute.py can, else it becomes a local: after the split its
assignment is in one function and its use in another.
Nothing else is live in registers at a resume block but the call's result; from this follows that every other use
stays dominated by its assignment when control enters at a resume block.

A `byval` parameter lies in the caller's native frame, which is gone after a suspension: it is copied to a local.

Requires: BUILT, unreachable blocks removed.  Establishes: CPS_FORM.
Rejected: keeping registers and letting split build phi nodes; the IR has none, and mem2reg finds the same ones.
"""

from __future__ import annotations

from cpc.analysis import cfg
from cpc.analysis.dataflow import NOTHING, Names
from cpc.analysis.liveness import live_across
from cpc.analysis.rewrite import terminator_with_operands, with_operands
from cpc.diag import Diagnostics
from cpc.ir.ops import (
    Block,
    CoCall,
    Const,
    CoYield,
    Function,
    Local,
    LocalAddr,
    MemCopy,
    Module,
    Op,
    Operand,
    Reg,
    Suspend,
)
from cpc.ir.types import I64
from cpc.ir.walk import results
from cpc.passes.base import coroutine_bodies
from cpc.passes.homes import new_home, stored, use_homes
from cpc.passes.recompute import recompute


def run(module: Module, diags: Diagnostics) -> None:
    for fn in coroutine_bodies(module):
        if any(isinstance(op, CoCall | CoYield) for block in fn.blocks.values() for op in block.ops):
            _copy_byval(fn)
            _end_blocks(fn)
            recompute(fn, _live(fn))
            _registers_to_locals(fn)


def _copy_byval(fn: Function) -> None:
    copies: dict[str, LocalAddr] = {}
    ops: list[Op] = []
    for reg, spec in zip(fn.params, fn.sig.params, strict=True):
        if spec.byval is not None:
            size, align = spec.byval
            local = Local(fn.fresh(reg.name), size, align, None, reg.name, fn.loc)
            fn.locals[local.name] = local
            copies[reg.name] = LocalAddr(local.name)
            ops.append(MemCopy(LocalAddr(local.name), reg, Const(I64, size), align, align, loc=fn.loc))

    def copied(value: Operand) -> Operand:
        return copies.get(value.name, value) if isinstance(value, Reg) else value

    if copies:
        for block in fn.blocks.values():
            block.ops = [with_operands(op, copied) for op in block.ops]
            block.term = terminator_with_operands(block.term, copied)
        first = cfg.entry(fn)
        first.ops = ops + first.ops


def _end_blocks(fn: Function) -> None:
    """Cuts the blocks behind each coroutine call."""
    state = 0
    blocks: dict[str, Block] = {}
    for block in fn.blocks.values():
        part = Block(block.label)
        for op in block.ops:
            if isinstance(op, CoCall | CoYield):
                state += 1
                following = fn.fresh(block.label)
                part.term = Suspend(op, following, state, loc=op.loc)
                blocks[part.label] = part
                part = Block(following)
            else:
                part.ops.append(op)
        part.term = block.term
        blocks[part.label] = part
    fn.blocks = blocks


def _live(fn: Function) -> Names:
    return NOTHING.union(*live_across(fn).values())


def _registers_to_locals(fn: Function) -> None:
    names = _live(fn)
    homes: dict[str, Local] = {}
    types = {reg.name: reg.type for reg in _assigned(fn)}
    for name, type_ in types.items():
        if f"%{name}" in names:
            homes[name] = new_home(fn, type_)
    results_of = {
        point.resume: [stored(reg, homes) for reg in results(point.call) if reg.name in homes]
        for _, point in cfg.suspension_points(fn)
    }
    first = cfg.entry(fn).label
    for block in fn.blocks.values():
        before = results_of.get(block.label, [])
        if block.label == first:
            before = [stored(reg, homes) for reg in fn.params if reg.name in homes]
        use_homes(fn, block, homes, before)


def _assigned(fn: Function) -> list[Reg]:
    ops = [op for block in fn.blocks.values() for op in (*block.ops, block.term)]
    return [*fn.params, *(reg for op in ops for reg in results(op))]
