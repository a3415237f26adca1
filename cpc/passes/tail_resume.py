"""`return co_f()` hands the caller's continuation over: no state, no frame of its own.

      %1 = cocall i32 @co_f() -> entry.1, state 1       %1 = cocall i32 @co_f() -> entry.1, state 0
    entry.1:                                          entry.1:
      ret i32 %1                                        ret i32 %1

State 0 means that this activation is never resumed at the point.  If the callee returns at once, control goes on in
the resume block as ever; if it suspends, its result goes to our caller: split makes a ramp pass {value, flag} on as
they are, and a resumed activation link the callee to its own parent.  Boxed variables stay where they are until the
batch goes, so the callee may hold their addresses.

It applies when control goes straight from the call to a `ret` of just the result (the same type, extended in the same
way) or, in a void function, of nothing, and on the way does no more than move the result through locals: as
`return a ? co_f() : co_g();` and `ret = co_f(); goto out;` do.  The other points are numbered anew from 1.

Requires and establishes: CPS_FORM.
"""

from __future__ import annotations

from dataclasses import replace

from cpc.analysis import cfg
from cpc.diag import Diagnostics
from cpc.ir.ops import CoCall, Function, Intrinsic, Jump, Load, LocalAddr, Module, Reg, Ret, Store, Suspend
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
    returned = _returned(fn, point.resume, call.dst)
    if returned is None:
        return False
    if not fn.sig.rets:
        return True
    same = (call.sig.rets, call.sig.ret_ext) == (fn.sig.rets, fn.sig.ret_ext)
    return same and returned


def _returned(fn: Function, label: str, result: Reg | None) -> bool | None:
    """Follows control from the resume block to a `ret`: whether that returns the call's result, or None when
    something else happens on the way."""
    registers = {result}
    locals_: set[str] = set()  # those that hold the result
    for _ in fn.blocks:
        block = fn.blocks[label]
        for op in block.ops:
            match op:
                case Store(ptr=LocalAddr(name), value=Reg() as value, volatile=False) if value in registers:
                    locals_.add(name)
                case Load(dst=dst, ptr=LocalAddr(name), volatile=False) if name in locals_:
                    if result is not None and dst.type == result.type:
                        registers.add(dst)
                case Intrinsic(name="lifetime_end"):
                    pass
                case _:
                    return None
        match block.term:
            case Jump(target=target):
                label = target
            case Ret(values=values):
                return len(values) == 1 and values[0] in registers
            case _:
                return None
    return None  # an endless loop
