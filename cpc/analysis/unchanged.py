"""What a resumed activation need not store again when it suspends once more.

The idea: right after a resume the frame holds exactly what was restored.  A local stays *unchanged* until an op
writes it or its address escapes; at the next suspension point an unchanged local that has the same slot is in the
frame already.  Slots are written at suspension points only, where the activation ends, so a slot keeps its contents
for the whole activation.  The number of the state is followed in the same way, as the name `#1`, `#2`...

Forward must-analysis over the part of the function that can run after a resume.  Requires: FRAMED.
"""

from __future__ import annotations

from collections.abc import Mapping

from cpc.analysis import cfg
from cpc.analysis.accesses import Kind, Pointers, pointers
from cpc.analysis.dataflow import NOTHING, Names, Transfer, solve_must
from cpc.ir.ops import Block, Function


def unchanged_since_resume(fn: Function) -> Mapping[str, Names]:
    """For each block that ends in a suspension point and can run after a resume: the locals that have the contents
    of their slots, and `#state` if the frame's state is surely that one."""
    if cfg.returns_twice(fn):
        return {}
    points = [(block, point) for block, point in cfg.suspension_points(fn) if point.state]
    body = cfg.reachable_at_once(fn, [point.resume for _, point in points])
    restored = {
        point.resume: frozenset({*(save.local for save in point.saves), f"#{point.state}"}) for _, point in points
    }
    known = pointers(fn)
    transfers = {label: _transfer(fn.blocks[label], known) for label in fn.blocks if label in body}
    predecessors: dict[str, list[str]] = {label: [] for label in transfers}
    for label in transfers:
        for target in cfg.targets_at_once(fn.blocks[label].term):
            predecessors[target].append(label)
    everything = NOTHING.union(*restored.values())
    after = solve_must(transfers, predecessors, restored, everything).after
    return {block.label: after[block.label] for block, _ in cfg.suspension_points(fn) if block.label in body}


def _transfer(block: Block, known: Pointers) -> Transfer:
    accesses = [a for op in block.ops for a in known.in_op(op)]
    accesses += known.in_terminator(block.term)
    return Transfer(NOTHING, frozenset(a.local for a in accesses if a.kind is not Kind.READ))
