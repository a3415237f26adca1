"""An op or a terminator with other operands, results or targets (walk.py tells which it has).

Requires: any phase.  All functions are pure; ops are frozen, so a new one is built, and the same object comes back
when nothing changed.  Rejected: generic reflection over the dataclasses' fields, which would take a new field of
an op for granted; here mypy names every op that a function forgot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from cpc.ir.ops import (
    Alloca,
    Asm,
    AsmGoto,
    AtomicRmw,
    Bin,
    Branch,
    Call,
    Cast,
    Cmp,
    CmpXchg,
    CoCall,
    CoYield,
    ExtractLane,
    Fence,
    IndirectJump,
    InsertLane,
    Intrinsic,
    Jump,
    Load,
    MemCopy,
    MemSet,
    Op,
    Operand,
    PtrAdd,
    Reg,
    Ret,
    Select,
    Shuffle,
    Store,
    Suspend,
    Switch,
    TailCall,
    Terminator,
    Unreachable,
)
from cpc.ir.walk import operands


def with_operands(op: Op, new: Callable[[Operand], Operand]) -> Op:
    """`op` with each operand x replaced by new(x), called once per operand in the order of `operands`."""
    old = operands(op)
    now = tuple(new(x) for x in old)
    if now == old:
        return op
    match op:
        case Bin() | Cmp() | Shuffle():
            return replace(op, a=now[0], b=now[1])
        case Cast():
            return replace(op, a=now[0])
        case Select():
            return replace(op, cond=now[0], a=now[1], b=now[2])
        case Load():
            return replace(op, ptr=now[0])
        case Store() | AtomicRmw():
            return replace(op, ptr=now[0], value=now[1])
        case PtrAdd():
            return replace(op, base=now[0], offset=now[1])
        case MemCopy():
            return replace(op, dst_ptr=now[0], src=now[1], size=now[2])
        case MemSet():
            return replace(op, ptr=now[0], value=now[1], size=now[2])
        case Call():
            end = 1 + len(op.args)
            return replace(op, callee=now[0], args=now[1:end], unwind=now[end:])
        case CoCall():
            return replace(op, callee=now[0], args=now[1:])
        case Intrinsic() | Asm():
            return replace(op, args=now)
        case Alloca():
            return replace(op, size=now[0])
        case CmpXchg():
            return replace(op, ptr=now[0], expected=now[1], desired=now[2])
        case ExtractLane():
            return replace(op, vec=now[0], index=now[1])
        case InsertLane():
            return replace(op, vec=now[0], value=now[1], index=now[2])
        case Fence() | CoYield():
            return op
    assert_never(op)


def with_results(op: Op, new: Callable[[Reg], Reg]) -> Op:
    """`op` with each register x that it assigns replaced by new(x)."""
    match op:
        case Bin() | Cmp() | Cast() | Select() | Load() | PtrAdd() | Alloca() | AtomicRmw():
            return replace(op, dst=new(op.dst))
        case ExtractLane() | InsertLane() | Shuffle():
            return replace(op, dst=new(op.dst))
        case Call() | Intrinsic() | Asm():
            return replace(op, dsts=tuple(new(reg) for reg in op.dsts)) if op.dsts else op
        case CmpXchg():
            return replace(op, old=new(op.old), ok=new(op.ok))
        case CoCall():
            return op if op.dst is None else replace(op, dst=new(op.dst))
        case Store() | MemCopy() | MemSet() | Fence() | CoYield():
            return op
    assert_never(op)


def terminator_with_operands(term: Terminator, new: Callable[[Operand], Operand]) -> Terminator:
    """`with_operands` for terminators."""
    old = operands(term)
    if isinstance(term, Suspend):
        call = with_operands(term.call, new)
        assert isinstance(call, CoCall | CoYield)
        return term if call is term.call else replace(term, call=call)
    now = tuple(new(x) for x in old)
    if now == old:
        return term
    match term:
        case Branch():
            return replace(term, cond=now[0])
        case Switch():
            return replace(term, value=now[0])
        case IndirectJump():
            return replace(term, ptr=now[0])
        case AsmGoto():
            return replace(term, args=now[: len(term.args)], outputs=now[len(term.args) :])
        case Ret():
            return replace(term, values=now)
        case TailCall():
            return replace(term, callee=now[0], args=now[1:])
        case Jump() | Unreachable():
            return term
    assert_never(term)


def with_targets(term: Terminator, new: dict[str, str]) -> Terminator:
    """`term` with each target t replaced by new.get(t, t)."""

    def renamed(label: str) -> str:
        return new.get(label, label)

    match term:
        case Jump(target=target):
            return replace(term, target=renamed(target))
        case Branch(then=then, other=other):
            return replace(term, then=renamed(then), other=renamed(other))
        case Switch(cases=cases, default=default):
            return replace(term, cases=tuple((v, renamed(t)) for v, t in cases), default=renamed(default))
        case IndirectJump(targets=labels):
            return replace(term, targets=tuple(renamed(t) for t in labels))
        case AsmGoto(next=following, labels=labels):
            return replace(term, next=renamed(following), labels=tuple(renamed(t) for t in labels))
        case Suspend(resume=resume):
            return replace(term, resume=renamed(resume))
        case Ret() | TailCall() | Unreachable():
            return term
    assert_never(term)
