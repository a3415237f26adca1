"""Where the source's variables are after a split (-g): in each half, a variable is in the half's local if it has one,
in the frame if it is boxed, and otherwise it has no value there.

    variable "i" 0 at &i            ramp    at &i                 resume  at &i         (restored on entry)
    variable "st" 4 at &st          ramp    at %frame.7 plus 24   resume  at %frame.3 plus 24
    variable "n" 0 at &n arg 1      ramp    at &n                 resume  -             (no longer needed there)

Requires: a half whose locals are complete, and the FRAMED function it was made of.
"""

from __future__ import annotations

from dataclasses import replace

from cpc.ir.debug_info import DebugFunction, DebugVariable
from cpc.ir.ops import Function, LocalAddr, Reg


def variables_of_half(source: Function, made: Function, frame: Reg | None) -> DebugFunction | None:
    """The debug information of `made`, one half of `source`; `frame` is the register with its frame."""
    debug = source.debug
    if debug is None:
        return None
    boxed: dict[str, int] = {}
    if source.frame is not None and frame is not None:
        boxed = {slot.local: slot.offset for slot in source.frame.slots if slot.boxed}

    def moved(variable: DebugVariable) -> DebugVariable:
        home = variable.home
        if isinstance(home, LocalAddr) and home.name in boxed:
            return replace(variable, home=frame, offset=boxed[home.name])
        there = home.name in made.locals if isinstance(home, LocalAddr) else home in made.params
        return variable if there else replace(variable, home=None)

    return replace(debug, variables=[moved(variable) for variable in debug.variables])
