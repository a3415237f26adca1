"""What follows from a constant in a variable that is set once: branches that are never taken go.

    bool in_coroutine = qemu_in_coroutine();         in_coroutine = 0
    if (in_coroutine && n > 0) { co_f(); }           (nothing)

Only for versions of mixed functions (mixed.py), whose rules speak of what control can reach; elsewhere LLVM finds the
same.  A variable is constant when every store to it writes the same constant and its address is used in no other way;
what it holds before that is indeterminate.
"""

from __future__ import annotations

from cpc.analysis.rewrite import terminator_with_operands, with_operands
from cpc.frontend.build import fold
from cpc.ir import ops as ir
from cpc.ir.types import Type
from cpc.ir.walk import operands, reverse_postorder


def settle(fn: ir.Function) -> None:
    """Replaces constants, folds what uses them and removes blocks that are not reached any more; until nothing
    changes."""
    while _replace(fn, _constants(fn)):
        reached = {*reverse_postorder(fn), *_labels(fn)}
        fn.blocks = {label: block for label, block in fn.blocks.items() if label in reached}


def _labels(fn: ir.Function) -> set[str]:
    ops = (op for block in fn.blocks.values() for op in (*block.ops, block.term))
    return {value.label for op in ops for value in operands(op) if isinstance(value, ir.BlockAddr)}


def _constants(fn: ir.Function) -> dict[str, ir.Const]:
    """The locals that only ever hold one constant."""
    found: dict[str, ir.Const] = {}
    other: set[str] = set()
    for block in fn.blocks.values():
        for op in (*block.ops, block.term):
            match op:
                case ir.Store(ptr=ir.LocalAddr(name), value=ir.Const() as value, volatile=False, order=""):
                    if found.setdefault(name, value) != value:
                        other.add(name)
                case ir.Load(ptr=ir.LocalAddr(name), volatile=False, order=""):
                    continue
                case _:
                    other.update(value.name for value in operands(op) if isinstance(value, ir.LocalAddr))
    return {name: value for name, value in found.items() if name not in other}


def _replace(fn: ir.Function, constants: dict[str, ir.Const]) -> bool:
    known: dict[ir.Reg, ir.Operand] = {}
    changed = False

    def now(value: ir.Operand) -> ir.Operand:
        return known.get(value, value) if isinstance(value, ir.Reg) else value

    for label in dict.fromkeys((*reverse_postorder(fn), *fn.blocks)):
        block = fn.blocks[label]
        ops: list[ir.Op] = []
        for old in block.ops:
            op = with_operands(old, now)
            value = _value(op, constants)
            if value is None:
                ops.append(op)
            else:
                known[value[0]] = value[1]
        changed |= len(ops) != len(block.ops)
        block.ops = ops
        term = terminator_with_operands(block.term, now)
        if isinstance(term, ir.Branch) and isinstance(term.cond, ir.Const):
            term, changed = ir.Jump(term.then if term.cond.value else term.other, term.loc), True
        block.term = term
    return changed


def _value(op: ir.Op, constants: dict[str, ir.Const]) -> tuple[ir.Reg, ir.Operand] | None:
    """The register that `op` assigns and the constant that it holds."""
    value: ir.Operand | None = None
    match op:
        case ir.Load(dst=dst, ptr=ir.LocalAddr(name), volatile=False, order="") if name in constants:
            value = _of_type(constants[name], dst.type)
        case ir.Bin(dst=dst, op=kind, a=ir.Const() as a, b=ir.Const() as b):
            value = fold.fold_bin(kind, a, b)
        case ir.Cmp(dst=dst, pred=pred, a=ir.Const() as a, b=ir.Const() as b):
            value = fold.fold_cmp(pred, a, b)
        case ir.Cast(dst=dst, op=kind, a=ir.Const() as a):
            value = fold.fold_cast(kind, a, dst.type)
        case _:
            return None
    return None if value is None else (dst, value)


def _of_type(value: ir.Const, type_: Type) -> ir.Const | None:
    return value if value.type == type_ else None
