"""Locals that have a place in the frame use it.

      frame 40 align 8 state 16 { &i @20 size 4, &st @24 size 16 boxed }
      store i32 0, &i                            store i32 0, &i
      call @init(ptr &st)                        call @init(ptr frame+24)
      cocall @co_f(ptr &st) -> e.1, state 1      cocall @co_f(ptr frame+24) -> e.1, state 1, saves [&i @20]

A boxed local *is* its bytes of the frame: each `&x` becomes `frame+N`.  The others stay locals;
each suspension point lists in `saves` just those that are live when it is resumed.  What a resumed activation need
not store again is found by split, which makes the two copies of the body that differ in it.

Requires: FRAMED with the layout of frame_layout.  Establishes: FRAMED with `saves`; no op uses a boxed local.
"""

from __future__ import annotations

from dataclasses import replace

from cpc.analysis import cfg
from cpc.analysis.rewrite import terminator_with_operands, with_operands
from cpc.diag import Diagnostics
from cpc.ir.ops import FrameAddr, FrameLayout, Function, LocalAddr, Module, Operand, Save
from cpc.passes.base import coroutine_bodies
from cpc.passes.frame_layout import saved_locals


def run(module: Module, diags: Diagnostics) -> None:
    for fn in coroutine_bodies(module):
        if fn.frame is not None:
            _save(fn, fn.frame)
            _box(fn, fn.frame)


def _save(fn: Function, frame: FrameLayout) -> None:
    saved = saved_locals(fn)
    for block, point in cfg.suspension_points(fn):
        names = saved.get(block.label, frozenset())
        slots = [slot for slot in frame.slots if slot.local in names and not slot.boxed]
        block.term = replace(point, saves=tuple(Save(slot.local, slot.offset) for slot in slots))


def _box(fn: Function, frame: FrameLayout) -> None:
    offsets = {slot.local: slot.offset for slot in frame.slots if slot.boxed}

    def boxed(value: Operand) -> Operand:
        if isinstance(value, LocalAddr) and value.name in offsets:
            return FrameAddr(offsets[value.name])
        return value

    for block in fn.blocks.values():
        block.ops = [with_operands(op, boxed) for op in block.ops]
        block.term = terminator_with_operands(block.term, boxed)
