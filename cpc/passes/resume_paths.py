"""What a resumed activation does first gets blocks of its own, so that what is in the frame is used from there.

    resume:                               resume:
      load i, x, y from the frame           load i, x, y from the frame
      jump test                             jump test.7
    test:                                 test.7:                        (all of x, y still as in the frame)
      branch i < n, wait, join              branch i < n, wait.8, join.9
    wait: yield -> resume                 wait.8: yield -> resume        (stores i only)
    join: use x, y; jump loop             join.9: use x, y; jump loop    (reads them in the frame)
    loop: x = ..., y = ...; jump test     loop: x = ..., y = ...; jump test
                                          test, wait, join as before

Where control comes from the frame and from a loop, LLVM joins the two values of each variable in a register or, when
there are many, in a stack slot: each is then loaded, stored and loaded again, and a second yield stores them all anew.
The blocks that control can reach from the resume block of a yield are copied for it, as long as many of the saved
variables are still needed; where they are not, control goes on in the blocks that are there.

Only yields with many saved variables, and only up to LARGEST ops of copies in a function.  Blocks that end in a
coroutine call are not copied: the result of a call is assigned once.

Requires: a function in FRAMED with `saves`.  Gives back the function, or a copy for the resume half; its points may
then have the same state more than once, with the same resume block and the same saves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from cpc.analysis import cfg
from cpc.analysis.dataflow import Names
from cpc.analysis.liveness import live_in
from cpc.analysis.rewrite import terminator_with_operands, with_operands, with_results, with_targets
from cpc.ir.ops import (
    Block,
    BlockAddr,
    CoCall,
    CoYield,
    Function,
    IndirectJump,
    Local,
    Operand,
    Reg,
    Suspend,
)
from cpc.ir.walk import operands, results
from cpc.passes.homes import new_home, use_homes

MANY = 6  # saved variables of a yield that is worth it
FEW = 3  # with less of them live, paths may join
LARGEST = 1000


def with_resume_paths(fn: Function) -> Function:
    points = cfg.suspension_points(fn)
    many = [p for _, p in points if p.state and isinstance(p.call, CoYield) and len(p.saves) >= MANY]
    if not many or any(isinstance(value, BlockAddr) for b in fn.blocks.values() for value in _operands(b)):
        return fn
    live = live_in(fn)
    regions: list[tuple[Suspend, list[str]]] = []
    room = LARGEST
    for point in many:
        region = _region(fn, point, live, room)
        room -= sum(len(fn.blocks[label].ops) for label in region)
        if region:
            regions.append((point, region))
    if not regions:
        return fn
    blocks = {label: Block(label, list(block.ops), block.term) for label, block in fn.blocks.items()}
    made = replace(fn, blocks=blocks, locals=dict(fn.locals))
    _keep_across_blocks(made, {label for _, region in regions for label in region})
    for point, region in regions:
        _copy(made, point.resume, region)
    return made


def _region(fn: Function, point: Suspend, live: Mapping[str, Names], room: int) -> list[str]:
    """The blocks to copy for one yield, in the order they are found."""
    saved = {f"&{save.local}" for save in point.saves}
    found: list[str] = []
    pending = list(cfg.targets_at_once(fn.blocks[point.resume].term))
    while pending:
        label = pending.pop(0)
        block = fn.blocks[label]
        if label in found or label == point.resume or len(saved & live[label]) < FEW or not _may_be_copied(block):
            continue
        room -= len(block.ops)
        if room < 0:
            return []
        found.append(label)
        pending.extend(cfg.targets_at_once(block.term))
    return found


def _may_be_copied(block: Block) -> bool:
    term = block.term
    return not isinstance(term, IndirectJump) and not (isinstance(term, Suspend) and isinstance(term.call, CoCall))


def _operands(block: Block) -> Iterator[Operand]:
    for op in (*block.ops, block.term):
        yield from operands(op)


def _keep_across_blocks(fn: Function, copied: set[str]) -> None:
    """Registers of blocks to be copied that other blocks use go through locals: a copy assigns others."""
    assigned = {reg.name: label for label in copied for op in fn.blocks[label].ops for reg in results(op)}
    homes: dict[str, Local] = {}
    for block in fn.blocks.values():
        for value in _operands(block):
            if not isinstance(value, Reg) or value.name in homes:
                continue
            if assigned.get(value.name, block.label) != block.label:
                homes[value.name] = new_home(fn, value.type)
    for block in fn.blocks.values() if homes else ():
        use_homes(fn, block, homes)


def _copy(fn: Function, resume: str, region: list[str]) -> None:
    labels = {label: fn.fresh(label.split(".", 1)[0] or "b") for label in region}
    copies: dict[str, Block] = {}
    for label in region:
        block = fn.blocks[label]
        registers: dict[str, Reg] = {}

        def assigned(reg: Reg, registers: dict[str, Reg] = registers) -> Reg:
            registers[reg.name] = Reg(fn.fresh(reg.name.split(".", 1)[0] or "v"), reg.type)
            return registers[reg.name]

        def used(value: Operand, registers: dict[str, Reg] = registers) -> Operand:
            return registers.get(value.name, value) if isinstance(value, Reg) else value

        copy = Block(labels[label])
        for op in block.ops:
            copy.ops.append(with_results(with_operands(op, used), assigned))
        term = block.term
        copy.term = terminator_with_operands(term if isinstance(term, Suspend) else with_targets(term, labels), used)
        copies[copy.label] = copy
    fn.blocks[resume].term = with_targets(fn.blocks[resume].term, labels)
    blocks: dict[str, Block] = {}
    for label, block in fn.blocks.items():
        blocks[label] = block
        if label == resume:
            blocks.update(copies)
    fn.blocks = blocks
