"""Which registers and locals still matter: backward data flow over both at once.

Names are as printed: `%r` is a register, `&x` the contents of a local.  A register is live from its assignment to
its last use.  A local is live where a read may follow without a write of the whole local in between; C says that a
variable declared in a loop body has no value until it is written again, and this rule is just that, without any
markers.  A partial write neither reads nor ends the value.  An escaping address counts as a read.

Requires: CPS_FORM for `live_across`; the names of locals as they are (a boxed local that spill has replaced by
frame addresses is in memory and never live here).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cpc.analysis import cfg
from cpc.analysis.accesses import Access, Kind, Pointers, pointers
from cpc.analysis.dataflow import NOTHING, Names, Transfer, solve_may
from cpc.ir.ops import Block, Function, Operand, Reg, Suspend
from cpc.ir.walk import operands, results


def live_in(fn: Function) -> Mapping[str, Names]:
    """For each block the names live at its start."""
    known = pointers(fn)
    transfers = {label: _transfer(block, known) for label, block in fn.blocks.items()}
    successors = {label: cfg.targets(block.term) for label, block in fn.blocks.items()}
    return solve_may(transfers, successors).after


def live_across(fn: Function) -> Mapping[str, Names]:
    """For each block that ends in a suspension point, the names live when it is resumed: live at the start of the
    resume block, but for the call's result, which only exists from there on, and for locals that nothing can have
    written yet, as a variable that is only declared so far."""
    live = live_in(fn)
    held = written(fn)
    local_names = frozenset(f"&{name}" for name in fn.locals)
    found: dict[str, Names] = {}
    for block, point in cfg.suspension_points(fn):
        unwritten = local_names - held[block.label]
        found[block.label] = live[point.resume] - _registers(results(point.call)) - unwritten
    return found


def written(fn: Function) -> Mapping[str, Names]:
    """For each block the locals that may hold something at its end."""
    if cfg.returns_twice(fn):
        everything = frozenset(f"&{name}" for name in fn.locals)
        return dict.fromkeys(fn.blocks, everything)
    known = pointers(fn)
    transfers: dict[str, Transfer] = {}
    for block in fn.blocks.values():
        accesses = [a for op in block.ops for a in known.in_op(op)] + list(known.in_terminator(block.term))
        transfers[block.label] = Transfer(frozenset(f"&{a.local}" for a in accesses if a.kind is not Kind.READ))
    return solve_may(transfers, cfg.predecessors(fn)).after


def _transfer(block: Block, known: Pointers) -> Transfer:
    """From the names live at the block's end to those live at its start."""
    term = block.term
    transfer = Transfer()
    if isinstance(term, Suspend):
        transfer = transfer.then(NOTHING, _registers(results(term.call)))
    transfer = transfer.then(_registers(operands(term)) | _read(known.in_terminator(term)), NOTHING)
    for op in reversed(block.ops):
        touched = known.in_op(op)
        gone = _registers(results(op)) | {f"&{a.local}" for a in touched if a.kind is Kind.WHOLE}
        transfer = transfer.then(_registers(operands(op)) | _read(touched), gone)
    return transfer


def _registers(values: Iterable[Operand]) -> Names:
    return frozenset(f"%{value.name}" for value in values if isinstance(value, Reg))


def _read(accesses: Iterable[Access]) -> Names:
    return frozenset(f"&{a.local}" for a in accesses if a.kind in (Kind.READ, Kind.ESCAPE))
