"""Which locals live in the frame, and where: the layout goes onto the function.

    local &i: i32                      frame 40 align 8 state 16 { &i @20 size 4, &st @24 size 16 boxed }
    local &j: i32                      (j and i are never live across the same suspension: one slot)
    local &st: 16

A local is *boxed*, that is in the frame from entry on, when
* its escaped address may be in use across a suspension (analysis/escape.py), or
* it is an aggregate live across a suspension and too large to be worth copying: over COPY_LIMIT bytes, or over
  BOXED_COPY_LIMIT when the function has a boxed frame anyway.  The limits weigh a box, which costs every call of the
  function (1.4 ns measured), against a copy, which costs suspensions only, out and back; or
* the function's suspension points would copy more than SAVES_LIMIT locals in sum, which is code that grows with the
  square of the function: then those live across the most points are boxed.
Other locals live across a suspension have a *slot*, written when the coroutine suspends there and read back when it
is resumed.  Two locals share a slot unless some suspension saves both.  Places are given out by alignment, then size,
then order of declaration, each at the lowest offset that is free: small ones fill the holes behind the header.

A function without states and boxed locals gets no frame.

Requires: CPS_FORM after tail_resume.  Establishes: FRAMED, with `saves` still empty: not to be run before spill.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from cpc.analysis import cfg
from cpc.analysis.dataflow import NOTHING, Names
from cpc.analysis.escape import escaping_across
from cpc.analysis.liveness import live_across
from cpc.analysis.shown import shown_across
from cpc.backend.abi import FRAME_ALIGN, FRAME_HEADER, FRAME_RECORD
from cpc.diag import Diagnostics
from cpc.ir.ops import CoCall, FrameLayout, FrameSlot, Function, Local, Module
from cpc.passes.base import coroutine_bodies

COPY_LIMIT = 128
BOXED_COPY_LIMIT = 32
SAVES_LIMIT = 4_096


def run(module: Module, diags: Diagnostics) -> None:
    for fn in coroutine_bodies(module):
        points = cfg.suspension_points(fn)
        if points:
            saved = saved_locals(fn)
            boxed = _boxed(fn, saved)
            if boxed or any(point.state for _, point in points):
                states = sum(point.state > 0 for _, point in points)
                fn.frame = layout(fn, boxed, saved.values(), states, _calls_when_resumed(fn))


def saved_locals(fn: Function) -> Mapping[str, Names]:
    """For each block that ends in a suspension point with a state: the locals live when it is resumed, and those that
    are kept for the debugger."""
    shown = shown_across(fn)
    stateful = {block.label for block, point in cfg.suspension_points(fn) if point.state > 0}
    return {
        label: frozenset(name[1:] for name in live if name.startswith("&")) | shown.get(label, NOTHING)
        for label, live in live_across(fn).items()
        if label in stateful
    }


def _boxed(fn: Function, saved: Mapping[str, Names]) -> list[str]:
    boxed = set(escaping_across(fn))
    live = NOTHING.union(*saved.values())
    sizes = {name: local.size for name, local in fn.locals.items() if name in live and local.type is None}
    boxed |= {name for name, size in sizes.items() if size > COPY_LIMIT}
    if boxed:
        boxed |= {name for name, size in sizes.items() if size > BOXED_COPY_LIMIT}
    boxed |= often_saved(saved, boxed)
    return [name for name in fn.locals if name in boxed]


def often_saved(saved: Mapping[str, Names], boxed: set[str]) -> set[str]:
    """Locals to box so that all points together save SAVES_LIMIT others at most."""
    saves = Counter(name for live in saved.values() for name in live if name not in boxed)
    left, chosen = saves.total(), set[str]()
    for name, count in sorted(saves.items(), key=lambda item: (-item[1], item[0])):
        if left <= SAVES_LIMIT:
            break
        chosen.add(name)
        left -= count
    return chosen


def _calls_when_resumed(fn: Function) -> bool:
    """Whether a batch can hang on the frame: a resumed activation may make a call that needs a state."""
    points = cfg.suspension_points(fn)
    body = cfg.reachable_at_once(fn, [point.resume for _, point in points if point.state])
    return any(isinstance(p.call, CoCall) and p.state > 0 and block.label in body for block, p in points)


def layout(
    fn: Function, boxed: Sequence[str], saved: Iterable[Names], states: int, record: bool = False
) -> FrameLayout:
    """Places for `boxed` and for the locals in each set of `saved`, which must not overlap within a set."""
    header = FRAME_HEADER + FRAME_RECORD if record else FRAME_HEADER
    state_offset = header if states > 1 else 0
    start = header + 4 if state_offset else header
    fixed = frozenset(boxed)
    beside = _saved_beside(saved, fixed)
    order = {name: index for index, name in enumerate(fn.locals)}
    members = sorted(fixed | beside.keys(), key=lambda n: _density(fn.locals[n], order[n]))
    slots: dict[str, FrameSlot] = {}
    taken: list[tuple[int, int, str]] = []  # the slots, by their places
    for name in members:
        others = beside.get(name, NOTHING)
        avoided = ((begin, end) for begin, end, other in taken if name in fixed or other in fixed or other in others)
        slot = FrameSlot(name, _lowest_free(fn.locals[name], start, avoided), fn.locals[name].size, name in fixed)
        insort(taken, (slot.offset, slot.offset + slot.size, name))
        slots[name] = slot
    align = max([FRAME_ALIGN, *(fn.locals[name].align for name in members)])
    end = max([start, *(slot.offset + slot.size for slot in slots.values())])
    size = _aligned(end, FRAME_ALIGN)
    ordered = sorted(slots.values(), key=lambda s: (s.offset, order[s.local]))
    return FrameLayout(size, align, ordered, bool(boxed), state_offset, record)


def _saved_beside(saved: Iterable[Names], boxed: Names) -> dict[str, set[str]]:
    """For each local with a slot, those that some suspension saves together with it, itself among them."""
    beside: dict[str, set[str]] = {}
    for group in saved:
        for name in group - boxed:
            beside.setdefault(name, set()).update(group)
    return beside


def _density(local: Local, index: int) -> tuple[int, int, int]:
    """Large alignments first: what follows fits without padding."""
    return (-local.align, -local.size, index)


def _lowest_free(local: Local, start: int, taken: Iterable[tuple[int, int]]) -> int:
    """The lowest aligned offset from `start` on at which the local overlaps none of the half-open ranges `taken`,
    which come by their places."""
    offset = _aligned(start, local.align)
    for begin, end in taken:
        if offset + local.size <= begin:
            break
        offset = max(offset, _aligned(end, local.align))
    return offset


def _aligned(offset: int, align: int) -> int:
    return -(-offset // align) * align
