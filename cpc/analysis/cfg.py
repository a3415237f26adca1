"""The control-flow graph: successors, predecessors, what is reachable and in which order.

Requires: any phase, every target exists.  A suspension point's successor is its resume block: control arrives
there whether the callee returned at once or the coroutine was suspended and entered again in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cpc.ir.ops import Block, BlockAddr, Call, CoYield, DataLabel, Function, Module, Suspend, Terminator
from cpc.ir.walk import operands, successors


def targets(term: Terminator) -> tuple[str, ...]:
    """The labels control may go to, each once."""
    return tuple(dict.fromkeys(successors(term)))


def targets_at_once(term: Terminator) -> tuple[str, ...]:
    """Where control may go on in one activation of the split function: a yield leaves it, and a point of state 0
    (tail_resume) returns the callee's result instead of going on."""
    if isinstance(term, Suspend) and (isinstance(term.call, CoYield) or term.state == 0):
        return ()
    return targets(term)


def entry(fn: Function) -> Block:
    """The first block."""
    return next(iter(fn.blocks.values()))


def predecessors(fn: Function) -> dict[str, tuple[str, ...]]:
    """For each block the blocks that may go to it, in block order."""
    found: dict[str, list[str]] = {label: [] for label in fn.blocks}
    for block in fn.blocks.values():
        for target in targets(block.term):
            found[target].append(block.label)
    return {label: tuple(labels) for label, labels in found.items()}


def reachable(fn: Function, starts: Iterable[str]) -> frozenset[str]:
    """The blocks that control may reach from `starts`, these included."""
    return _closure(fn, starts, targets)


def reachable_at_once(fn: Function, starts: Iterable[str]) -> frozenset[str]:
    """The same by `targets_at_once`."""
    return _closure(fn, starts, targets_at_once)


def _closure(fn: Function, starts: Iterable[str], onward: Callable[[Terminator], tuple[str, ...]]) -> frozenset[str]:
    seen: set[str] = set()
    pending = list(starts)
    while pending:
        label = pending.pop()
        if label not in seen:
            seen.add(label)
            pending.extend(onward(fn.blocks[label].term))
    return frozenset(seen)


def labels_used_as_values(module: Module) -> dict[str, frozenset[str]]:
    """For each coroutine function the blocks whose address is an operand or in an initialiser (`&&label`)."""
    found: dict[str, set[str]] = {fn.name: set() for fn in module.functions.values() if fn.color == "coroutine"}
    for variable in module.globals.values():
        for piece in variable.init or ():
            if isinstance(piece, DataLabel) and piece.function in found:
                found[piece.function].update({piece.label, piece.minus} - {""})
    for name, labels in found.items():
        for block in module.functions[name].blocks.values():
            for op in (*block.ops, block.term):
                labels.update(value.label for value in operands(op) if isinstance(value, BlockAddr))
    return {name: frozenset(labels) for name, labels in found.items()}


def returns_twice(fn: Function) -> bool:
    """Whether the function calls setjmp: control may then come back to behind it from any later call."""
    ops = (op for block in fn.blocks.values() for op in block.ops)
    return any(isinstance(op, Call) and "returns_twice" in op.attrs for op in ops)


def suspension_points(fn: Function) -> tuple[tuple[Block, Suspend], ...]:
    """The blocks that end in a suspension point, in block order."""
    return tuple((b, b.term) for b in fn.blocks.values() if isinstance(b.term, Suspend))
