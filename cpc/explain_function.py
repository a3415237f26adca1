"""`cpc explain FILE:FUNCTION`: what cpc makes of one coroutine function, as text.

    co_copy (copy.c:12) is split: a ramp, and a resume function with 2 states

    suspension points
      1  copy.c:18   co_read      saved: done, fd
      2  copy.c:20   co_write     saved: done, fd, got
      -  copy.c:24   co_flush     returned as it is: co_copy hands its continuation over

    frame of 296 bytes, aligned to 8, taken at every call because of boxed variables
         0    8  resume function
         8    8  parent frame
        16    4  state
        20    4  done         saved at 1, 2
        24  256  buffer       boxed: its address is let out at copy.c:18 and may be used across copy.c:18

Requires: nothing; every fault of the input is a diagnostic.  The text is computed from the IR after spill, so it
cannot differ from the code.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from cpc.analysis import cfg
from cpc.analysis.escape import Escape, escaping_across
from cpc.backend.abi import FRAME_HEADER, FRAME_PARENT, FRAME_RECORD, FRAME_RESUME, FRAME_SP
from cpc.cc_options import UsageError, read_command
from cpc.deep import run_deep
from cpc.diag import Diagnostics, render
from cpc.driver import build_module, reporting_internal_errors
from cpc.frontend.preprocess import preprocess
from cpc.ir.ops import CoYield, FrameLayout, FrameSlot, Function, GlobalAddr, Loc, Module, Suspend
from cpc.passes import PIPELINE, Pass, run_passes


def explain(path: str, function: str, options: list[str]) -> int:
    """Prints the explanation; the exit status is 1 for errors in the C, 2 for a wrong question."""
    diags = Diagnostics()
    try:
        command = read_command([*options, "-c", path])
    except UsageError as error:
        print(f"cpc explain: {error}", file=sys.stderr)
        return 2

    def work() -> Module | None:
        text = preprocess(path, command.options().preprocessor, diags)
        return None if text is None else build_module(text, path, command.options(), diags)

    text = ""
    with reporting_internal_errors(path, diags):
        module = run_deep(work)
        if module is not None:
            if function not in module.functions or module.functions[function].is_declaration:
                return _unknown(module, path, function)
            text = explanation(module, function, diags)
    print(render(diags.sorted()), end="", file=sys.stderr)
    if diags.has_errors:
        return 1
    print(text, end="")
    return 0


def _unknown(module: Module, path: str, function: str) -> int:
    names = [fn.name for fn in module.functions.values() if fn.color == "coroutine" and not fn.is_declaration]
    print(f"cpc explain: '{path}' defines no function '{function}'", file=sys.stderr)
    if names:
        print(f"  its coroutine functions: {', '.join(names)}", file=sys.stderr)
    return 2


@dataclass(slots=True)
class _Escapes:
    """An observer: after tail_resume it notes why locals of the function will be boxed."""

    function: str
    found: Mapping[str, Escape] = field(default_factory=dict)

    def __call__(self, step: Pass, module: Module) -> None:
        if step.name == "tail_resume" and self.function in module.functions:
            self.found = escaping_across(module.functions[self.function])


def explanation(module: Module, function: str, diags: Diagnostics) -> str:
    """The text for one defined function; `module` is in Phase.BUILT and is lowered up to spill."""
    if module.functions[function].color != "coroutine":
        return f"{function} is a plain function: an ordinary C function, without states and without a frame\n"
    escapes = _Escapes(function)
    if not run_passes(module, diags, PIPELINE, [escapes], stop_after="spill"):
        return ""
    hosts = [fn.name for fn in module.functions.values() if any(call.name == function for call in fn.inlined)]
    if hosts:
        return (
            f"{function} is static and called from one place: above -O0 it is part of {hosts[0]}, whose frame serves\n"
            f"both; explain {hosts[0]} instead\n"
        )
    fn = module.functions[function]
    points = [point for _, point in cfg.suspension_points(fn)]
    parts = [_headline(fn, points)]
    if points:
        parts.append(_points(fn, points))
    if fn.frame is not None:
        parts.append(_frame(fn, fn.frame, points, escapes.found))
    return "\n".join(parts)


def _headline(fn: Function, points: list[Suspend]) -> str:
    states = sum(point.state > 0 for point in points)
    if states:
        count = "1 state" if states == 1 else f"{states} states"
        what = f"is split: a ramp, and a resume function with {count}"
    elif points:
        what = "is a ramp only: it returns what its coroutine calls return"
    else:
        what = "is a ramp only: it has no suspension point"
    return f"{fn.name} ({_place(fn.loc)}) {what}\n"


def _points(fn: Function, points: list[Suspend]) -> str:
    lines = ["suspension points"]
    rows = [(str(p.state or "-"), _place(p.loc), _callee(p), _kept(fn, p)) for p in points]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        lines.append("  " + "  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[3]]))
    return "\n".join(lines) + "\n"


def _callee(point: Suspend) -> str:
    if isinstance(point.call, CoYield):
        return "yield"
    return point.call.callee.name if isinstance(point.call.callee, GlobalAddr) else "call through a pointer"


def _kept(fn: Function, point: Suspend) -> str:
    if not point.state:
        return f"returned as it is: {fn.name} hands its continuation over"
    return "saved: " + (", ".join(_name(fn, save.local) for save in point.saves) or "nothing")


def _frame(fn: Function, frame: FrameLayout, points: list[Suspend], escapes: Mapping[str, Escape]) -> str:
    when = "at every call because of boxed variables" if frame.boxed else "when the function first suspends"
    rows = [(FRAME_RESUME, 8, "resume function", ""), (FRAME_PARENT, FRAME_HEADER - FRAME_PARENT, "parent frame", "")]
    if frame.record:
        rows.append((FRAME_SP, FRAME_RECORD, "sp", "where the frames of suspended calls begin"))
    if frame.state_offset:
        rows.append((frame.state_offset, 4, "state", ""))
    for slot in frame.slots:
        why = _why_boxed(slot, escapes) if slot.boxed else _saved_at(slot, points)
        rows.append((slot.offset, slot.size, _name(fn, slot.local), why))
    width = max(len(name) for _, _, name, _ in rows)
    lines = [f"frame of {frame.size} bytes, aligned to {frame.align}, taken {when}"]
    lines += [f"{offset:6}{size:6}  {name:{width}}  {why}".rstrip() for offset, size, name, why in rows]
    return "\n".join(lines) + "\n"


def _why_boxed(slot: FrameSlot, escapes: Mapping[str, Escape]) -> str:
    escape = escapes.get(slot.local)
    if escape is None:
        return f"boxed: {slot.size} bytes are not worth copying"
    if escape.where == escape.point:
        return f"boxed: its address goes into the call at {_place(escape.point)}, which may suspend"
    return f"boxed: its address is let out at {_place(escape.where)} and may be in use across {_place(escape.point)}"


def _saved_at(slot: FrameSlot, points: list[Suspend]) -> str:
    states = [str(point.state) for point in points if any(save.local == slot.local for save in point.saves)]
    return f"saved at {', '.join(states)}"


def _name(fn: Function, local: str) -> str:
    return fn.locals[local].source or f"({local})"


def _place(loc: Loc) -> str:
    return f"{loc.file}:{loc.line}"
