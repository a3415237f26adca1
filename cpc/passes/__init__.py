"""The passes from Phase.BUILT to Phase.SPLIT, and their order: PIPELINE is the only place that knows it.

labels         the address of a label is a number
inline_single_caller   static coroutine functions with one caller become part of it
simplify_cfg   blocks that nothing reaches go, empty ones are skipped      (so that analyses see real paths)
cps_form       a coroutine call ends its block                             CPS_FORM
confined       no suspension between setjmp and longjmp
area           arrays of variable length that live across a suspension leave the stack
tail_resume    `return co_f()` hands the continuation over: no state
frame_layout   who lives in the frame, and where                           FRAMED
spill          boxed locals become frame addresses, the others are saved
split          ramp + resume function                                      SPLIT
simplify_split the same once more: what splitting left empty goes
"""

from cpc.ir.ops import Phase
from cpc.passes import (
    area,
    confined,
    cps_form,
    frame_layout,
    inline_single_caller,
    labels,
    simplify_cfg,
    spill,
    split,
    tail_resume,
)
from cpc.passes.base import Pass, run_passes

PIPELINE = (
    Pass("labels", labels.run, establishes=Phase.BUILT),
    Pass("inline_single_caller", inline_single_caller.run, establishes=Phase.BUILT, optimises=True),
    Pass("simplify_cfg", simplify_cfg.run, establishes=Phase.BUILT),
    Pass("cps_form", cps_form.run, establishes=Phase.CPS_FORM),
    Pass("confined", confined.run, establishes=Phase.CPS_FORM),
    Pass("area", area.run, establishes=Phase.CPS_FORM),
    Pass("tail_resume", tail_resume.run, establishes=Phase.CPS_FORM),
    Pass("frame_layout", frame_layout.run, establishes=Phase.FRAMED),
    Pass("spill", spill.run, establishes=Phase.FRAMED),
    Pass("split", split.run, establishes=Phase.SPLIT),
    Pass("simplify_split", simplify_cfg.run, establishes=Phase.SPLIT),
)

__all__ = ["PIPELINE", "Pass", "run_passes"]
