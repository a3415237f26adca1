"""-Wuninitialized: scalar variables that are read while nothing can have been stored into them.

Requires a finished function in Phase.BUILT without unreachable blocks.  Only locals with a name of the source whose
address goes nowhere but into plain loads and stores are looked at.  A forward "may have been stored" over the blocks;
a load of a variable that no path has stored is reported: as certain when every way through the function passes it, as
-Wmaybe-uninitialized otherwise (gcc's distinction).  What only some paths store is not reported: it needs correlated
conditions to be told from correct code.
"""

from __future__ import annotations

from cpc.diag import Diagnostics
from cpc.ir import ops as ir
from cpc.ir.walk import operands, successors

_MOST_BLOCKS = 2000  # more than people write in one function; generated code need not be told


def check(fn: ir.Function, diags: Diagnostics, skip: frozenset[str] = frozenset()) -> None:
    """Reports the reads of unset variables in `fn`; `skip` names variables initialised with themselves."""
    names = _candidates(fn) - skip
    if not names or len(fn.blocks) > _MOST_BLOCKS:
        return
    stored = {label: _stored_in(block, names) for label, block in fn.blocks.items()}
    before = _may_be_stored(fn, stored)
    told: set[str] = set()
    for label, block in fn.blocks.items():
        have = set(before[label])
        for op in block.ops:
            match op:
                case ir.Store(ptr=ir.LocalAddr(name)):
                    have.add(name)
                case ir.Load(ptr=ir.LocalAddr(name)) if name in names and name not in have and name not in told:
                    told.add(name)
                    _report(fn, label, name, op.loc, diags)


def _candidates(fn: ir.Function) -> set[str]:
    names = {name for name, local in fn.locals.items() if local.source and local.type is not None}
    if not names:
        return names
    for block in fn.blocks.values():
        for op in block.ops:
            match op:
                case ir.Load(ptr=ir.LocalAddr()):
                    continue
                case ir.Store(ptr=ir.LocalAddr(), value=value):
                    if isinstance(value, ir.LocalAddr):
                        names.discard(value.name)
                case _:
                    names -= {operand.name for operand in operands(op) if isinstance(operand, ir.LocalAddr)}
        names -= {operand.name for operand in operands(block.term) if isinstance(operand, ir.LocalAddr)}
    return names


def _stored_in(block: ir.Block, names: set[str]) -> set[str]:
    found = {op.ptr.name for op in block.ops if isinstance(op, ir.Store) and isinstance(op.ptr, ir.LocalAddr)}
    return found & names


def _may_be_stored(fn: ir.Function, stored: dict[str, set[str]]) -> dict[str, set[str]]:
    before: dict[str, set[str]] = {label: set() for label in fn.blocks}
    work = list(fn.blocks)
    while work:
        label = work.pop()
        after = before[label] | stored[label]
        for target in successors(fn.blocks[label].term):
            if not after <= before[target]:
                before[target] |= after
                work.append(target)
    return before


def _report(fn: ir.Function, label: str, name: str, loc: ir.Loc, diags: Diagnostics) -> None:
    shown = fn.locals[name].source
    if _always_passes(fn, label):
        diags.warning("W0274", loc, f"'{shown}' is used uninitialized")
    else:
        diags.warning("W0288", loc, f"'{shown}' is uninitialized when this is reached")


def _always_passes(fn: ir.Function, label: str) -> bool:
    """Whether no way from the entry to an end of the function avoids the block."""
    entry = next(iter(fn.blocks))
    if label == entry:
        return True
    seen, work = {label}, [entry]
    while work:
        here = work.pop()
        if here in seen:
            continue
        seen.add(here)
        following = successors(fn.blocks[here].term)
        if not following:
            return False
        work += following
    return True
