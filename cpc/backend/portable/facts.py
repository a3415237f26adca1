"""What function.py asks about a function before it writes it: pure functions from IR to names."""

from __future__ import annotations

from collections import Counter

from cpc.ir import ops as o
from cpc.ir.walk import operands, results, successors


def homes(fn: o.Function) -> tuple[frozenset[str], frozenset[str]]:
    """The registers that one later op of their own block uses, once; and those that are used at all."""
    uses: Counter[str] = Counter()
    used_in: dict[str, str] = {}
    made_in: dict[str, str] = {}
    for block in fn.blocks.values():
        for op in (*block.ops, block.term):
            for operand in operands(op):
                if isinstance(operand, o.Reg):
                    uses[operand.name] += 1
                    used_in[operand.name] = block.label
            for reg in results(op):
                made_in[reg.name] = block.label
    homes = frozenset(name for name, label in made_in.items() if uses[name] == 1 and used_in[name] == label)
    return homes, frozenset(uses)


def escaped(fn: o.Function) -> tuple[str, ...]:
    """The locals whose address is used otherwise than by a load or a store of them."""
    found: set[str] = set()
    for block in fn.blocks.values():
        for op in (*block.ops, block.term):
            values = operands(op)
            if isinstance(op, o.Load | o.Store) and not op.order:
                values = values[1:]
            found.update(value.name for value in values if isinstance(value, o.LocalAddr))
    return tuple(sorted(found))


def volatile(fn: o.Function) -> frozenset[str]:
    """The locals that are volatile: a compiler keeps them in memory across a second return of setjmp only when the
    variable itself says so."""
    accesses = (op for block in fn.blocks.values() for op in block.ops if isinstance(op, o.Load | o.Store))
    return frozenset(op.ptr.name for op in accesses if op.volatile and isinstance(op.ptr, o.LocalAddr))


def jumped(fn: o.Function) -> frozenset[str]:
    """The blocks that need a label: those control does not only fall into."""
    needed: set[str] = set()
    labels = list(fn.blocks)
    for number, (_, block) in enumerate(fn.blocks.items()):
        following = labels[number + 1] if number + 1 < len(labels) else ""
        targets = successors(block.term)
        if isinstance(block.term, o.Jump | o.Branch):
            targets = tuple(label for label in targets if label != following)
            if isinstance(block.term, o.Branch) and block.term.then == block.term.other:
                targets = (block.term.then,)
        needed.update(targets)
        for op in (*block.ops, block.term):
            needed.update(value.label for value in operands(op) if isinstance(value, o.BlockAddr))
    return frozenset(needed)
