"""Where the source's variables are after a split (-g): in each half, a variable is in the half's local if it has one,
in the frame if it is boxed, and otherwise it has no value there.

    variable "i" 0 at &i            ramp    at &i                 resume  at &i         (restored on entry)
    variable "st" 4 at &st          ramp    at %frame.7 plus 24   resume  at %frame.3 plus 24
    variable "n" 0 at &n arg 1      ramp    at &n                 resume  -             (no longer needed there)

Requires: a half whose locals are complete, and the FRAMED function it was made of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cpc.ir.debug_info import DebugFunction, DebugVariable
from cpc.ir.ops import Function, InlinedCall, LocalAddr, Reg


def describe_half(source: Function, made: Function, frame: Reg | None) -> None:
    """Sets the debug information of `made`, one half of `source`; `frame` is the register with its frame."""
    boxed: dict[str, int] = {}
    if source.frame is not None and frame is not None:
        boxed = {slot.local: slot.offset for slot in source.frame.slots if slot.boxed}

    def moved(variable: DebugVariable) -> DebugVariable:
        home = variable.home
        if isinstance(home, LocalAddr) and home.name in boxed:
            return replace(variable, home=frame, offset=boxed[home.name])
        there = home.name in made.locals if isinstance(home, LocalAddr) else home in made.params
        return variable if there else replace(variable, home=None)

    made.debug = _with(source.debug, moved)
    made.inlined = [InlinedCall(c.name, c.loc, c.call, _with(c.debug, moved)) for c in source.inlined]


def _with(debug: DebugFunction | None, moved: Callable[[DebugVariable], DebugVariable]) -> DebugFunction | None:
    if debug is None:
        return None
    return replace(debug, variables=[moved(variable) for variable in debug.variables])
