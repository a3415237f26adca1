"""What an op reads and writes, and where a terminator goes: the few questions that every walk over the IR asks."""

from __future__ import annotations

from typing import assert_never

from cpc.ir import ops as o


def results(op: o.Op | o.Terminator) -> tuple[o.Reg, ...]:
    """The registers that `op` assigns.  A Suspend assigns its call's result."""
    match op:
        case o.Bin() | o.Cmp() | o.Cast() | o.Load() | o.PtrAdd() | o.Select() | o.Alloca() | o.AtomicRmw():
            return (op.dst,)
        case o.ExtractLane() | o.InsertLane() | o.Shuffle():
            return (op.dst,)
        case o.Call() | o.Intrinsic() | o.Asm():
            return op.dsts
        case o.CmpXchg():
            return (op.old, op.ok)
        case o.CoCall():
            return (op.dst,) if op.dst is not None else ()
        case o.Suspend():
            return results(op.call)
    return ()


def operands(op: o.Op | o.Terminator) -> tuple[o.Operand, ...]:
    """What `op` reads, in the order of its fields (a call's callee first)."""
    match op:
        case o.Load():
            return (op.ptr,)
        case o.Store():
            return (op.ptr, op.value)
        case o.Bin() | o.Cmp() | o.Shuffle():
            return (op.a, op.b)
        case o.PtrAdd():
            return (op.base, op.offset)
        case o.Cast():
            return (op.a,)
        case o.Call():
            return (op.callee, *op.args, *op.unwind)
        case o.CoCall() | o.TailCall():
            return (op.callee, *op.args)
        case o.Jump() | o.Unreachable() | o.CoYield() | o.Fence():
            return ()
        case o.Branch():
            return (op.cond,)
        case o.Ret():
            return op.values
        case o.Select():
            return (op.cond, op.a, op.b)
        case o.Intrinsic() | o.Asm():
            return op.args
        case o.Suspend():
            return operands(op.call)
    return _rare_operands(op)


def _rare_operands(
    op: o.MemCopy
    | o.MemSet
    | o.Alloca
    | o.AtomicRmw
    | o.CmpXchg
    | o.ExtractLane
    | o.InsertLane
    | o.Switch
    | o.IndirectJump
    | o.AsmGoto,
) -> tuple[o.Operand, ...]:
    match op:
        case o.MemCopy():
            return (op.dst_ptr, op.src, op.size)
        case o.MemSet():
            return (op.ptr, op.value, op.size)
        case o.Alloca():
            return (op.size,)
        case o.AtomicRmw():
            return (op.ptr, op.value)
        case o.CmpXchg():
            return (op.ptr, op.expected, op.desired)
        case o.ExtractLane():
            return (op.vec, op.index)
        case o.InsertLane():
            return (op.vec, op.value, op.index)
        case o.Switch():
            return (op.value,)
        case o.IndirectJump():
            return (op.ptr,)
        case o.AsmGoto():
            return (*op.args, *op.outputs)
    assert_never(op)


def successors(term: o.Terminator) -> tuple[str, ...]:
    """The labels that control may go on at; a label can occur twice.  For a Suspend: its resume block."""
    match term:
        case o.Jump():
            return (term.target,)
        case o.Branch():
            return (term.then, term.other)
        case o.Switch():
            return (term.default, *(label for _, label in term.cases))
        case o.IndirectJump():
            return term.targets
        case o.AsmGoto():
            return (term.next, *term.labels)
        case o.Suspend():
            return (term.resume,)
        case o.Ret() | o.TailCall() | o.Unreachable():
            return ()
    assert_never(term)


def reverse_postorder(fn: o.Function) -> list[str]:
    """The labels of the blocks that the entry reaches: each before its successors, except along back edges."""
    seen: set[str] = set()
    order: list[str] = []
    entry = next(iter(fn.blocks))
    stack = [(entry, iter(successors(fn.blocks[entry].term)))]
    seen.add(entry)
    while stack:
        label, rest = stack[-1]
        for successor in rest:
            if successor not in seen:
                seen.add(successor)
                stack.append((successor, iter(successors(fn.blocks[successor].term))))
                break
        else:
            order.append(label)
            stack.pop()
    order.reverse()
    return order
