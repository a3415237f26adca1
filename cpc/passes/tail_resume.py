"""`return co_f()` hands the caller's continuation over: no state, no frame of its own.

      %1 = cocall i32 @co_f() -> entry.1, state 1       %1 = cocall i32 @co_f() -> entry.1, state 0
    entry.1:                                          entry.1:
      ret i32 %1                                        ret i32 %1

State 0 means that this activation is never resumed at the point.  If the callee returns at once, control goes on in
the resume block as ever; if it suspends, its result goes to our caller: split makes a ramp pass {value, flag} on as
they are, and a resumed activation link the callee to its own parent.  Boxed variables stay where they are until the
batch goes, so the callee may hold their addresses.

It applies when nothing but empty blocks lie between the call and a `ret` of just the result (the same type, extended
in the same way), or a `ret` of nothing in a void function.  The other points are numbered anew from 1.

Requires and establishes: CPS_FORM.
"""

from __future__ import annotations

from dataclasses import replace

from cpc.analysis import cfg
from cpc.diag import Diagnostics
from cpc.ir.ops import CoCall, Function, Jump, Module, Ret, Suspend
from cpc.passes.base import coroutine_bodies


def run(module: Module, diags: Diagnostics) -> None:
    for fn in coroutine_bodies(module):
        state = 0
        for block, point in cfg.suspension_points(fn):
            if _hands_over(fn, point):
                block.term = replace(point, state=0)
            else:
                state += 1
                block.term = replace(point, state=state)


def _hands_over(fn: Function, point: Suspend) -> bool:
    call = point.call
    if not isinstance(call, CoCall):
        return False  # a yield needs a frame to come back to
    last = fn.blocks[point.resume]
    steps = 0
    while isinstance(last.term, Jump) and not last.ops and steps < len(fn.blocks):
        last = fn.blocks[last.term.target]
        steps += 1
    if last.ops or not isinstance(last.term, Ret):
        return False
    if not fn.sig.rets:
        return True
    same = (call.sig.rets, call.sig.ret_ext) == (fn.sig.rets, fn.sig.ret_ext)
    return same and call.dst is not None and last.term.values == (call.dst,)
