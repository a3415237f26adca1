"""A register that can be computed again from a variable that is saved anyway need not be saved too.

    entry:                                          entry:
      %1 = load ptr, &c                               %1 = load ptr, &c
      %2 = ptradd %1, 24                              %2 = ptradd %1, 24
      %3 = cocall i64 @f(ptr %1) -> entry.1           %3 = cocall i64 @f(ptr %1) -> entry.1
    entry.1:                                        entry.1:
      store i64 %3, %2                                %4 = load ptr, &c
                                                      %5 = ptradd %4, 24
                                                      store i64 %3, %5

This is what `c->sum = f(c)` and `g(x, f())` look like: the address or the argument is computed before the call.
A register has a *recipe* when it is a load of a scalar local whose address never escapes, or at most two casts,
additions or the like upon such a load, all in one block and with constants as the other operands.  The recipe is
*valid* until the local is written.  Where all uses outside the block of the assignment find it valid (a forward
must-analysis), each such block computes the value again; the register is then not live across any suspension.

Requires: blocks that end at each coroutine call (the first half of cps_form).  Establishes: nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cpc.analysis import cfg
from cpc.analysis.accesses import Kind, Pointers, pointers
from cpc.analysis.dataflow import NOTHING, Names, Transfer, solve_must
from cpc.analysis.rewrite import terminator_with_operands, with_operands
from cpc.ir.ops import Bin, Block, Cast, Const, Function, Load, LocalAddr, Op, Operand, PtrAdd, Reg
from cpc.ir.walk import operands, results

LONGEST = 3


@dataclass(frozen=True, slots=True)
class Recipe:
    """`ops` compute the register, the last one assigns it; the first loads `local`."""

    local: str
    home: str  # the block of the assignment
    ops: tuple[Load | PtrAdd | Cast | Bin, ...]


def recompute(fn: Function, names: Names) -> None:
    """Recomputes those registers among `names` (as printed, with %) for which it is possible at every use."""
    if cfg.returns_twice(fn):
        return
    known = pointers(fn)
    recipes = {name: recipe for name, recipe in _recipes(fn, known).items() if f"%{name}" in names}
    if not recipes:
        return
    valid = _valid(fn, known, recipes)
    for block in fn.blocks.values():
        for name in _invalid_uses(block, known, recipes, valid[block.label]):
            recipes.pop(name, None)
    for block in fn.blocks.values():
        _rewrite(fn, block, recipes)


def _recipes(fn: Function, known: Pointers) -> dict[str, Recipe]:
    escaped = {
        access.local
        for block in fn.blocks.values()
        for accesses in (*(known.in_op(op) for op in block.ops), known.in_terminator(block.term))
        for access in accesses
        if access.kind is Kind.ESCAPE
    }
    found: dict[str, Recipe] = {}
    for block in fn.blocks.values():
        here: dict[str, Recipe] = {}
        for op in block.ops:
            written = _written(op, known)
            here = {name: recipe for name, recipe in here.items() if recipe.local not in written}
            recipe = _recipe(op, here, block.label)
            if recipe is not None and recipe.local not in escaped and fn.locals[recipe.local].type is not None:
                here[recipe.ops[-1].dst.name] = found[recipe.ops[-1].dst.name] = recipe
    return found


def _recipe(op: Op, here: Mapping[str, Recipe], home: str) -> Recipe | None:
    match op:
        case Load(ptr=LocalAddr(name), volatile=False, order=""):
            return Recipe(name, home, (op,))
        case PtrAdd(base=Reg(name), offset=Const()) | Cast(a=Reg(name)) | Bin(a=Reg(name), b=Const()):
            base = here.get(name)
            if base is not None and len(base.ops) < LONGEST:
                return replace(base, ops=(*base.ops, op))
    return None


def _written(op: Op, known: Pointers) -> set[str]:
    return {access.local for access in known.in_op(op) if access.kind is not Kind.READ}


def _valid(fn: Function, known: Pointers, recipes: Mapping[str, Recipe]) -> Mapping[str, Names]:
    """For each block the registers whose recipe still gives their value at its start."""
    transfers: dict[str, Transfer] = {}
    for block in fn.blocks.values():
        transfer = Transfer()
        for op in block.ops:
            transfer = transfer.then(*_step(op, known, recipes))
        if known.in_terminator(block.term):
            written = {a.local for a in known.in_terminator(block.term) if a.kind is not Kind.READ}
            transfer = transfer.then(NOTHING, _made_from(written, recipes))
        transfers[block.label] = transfer
    roots = {cfg.entry(fn).label: NOTHING}
    return solve_must(transfers, cfg.predecessors(fn), roots, frozenset(recipes)).before


def _step(op: Op, known: Pointers, recipes: Mapping[str, Recipe]) -> tuple[Names, Names]:
    """What `op` makes valid and invalid."""
    made = frozenset(reg.name for reg in results(op) if reg.name in recipes)
    return made, _made_from(_written(op, known), recipes)


def _made_from(locals_: set[str], recipes: Mapping[str, Recipe]) -> Names:
    return frozenset(name for name, recipe in recipes.items() if recipe.local in locals_) if locals_ else NOTHING


def _invalid_uses(block: Block, known: Pointers, recipes: Mapping[str, Recipe], valid: Names) -> Names:
    def stale(values: tuple[Operand, ...]) -> Names:
        used = {value.name for value in values if isinstance(value, Reg) and value.name in recipes}
        return frozenset(name for name in used if recipes[name].home != block.label and name not in valid)

    found = NOTHING
    for op in block.ops:
        found |= stale(operands(op))
        made, gone = _step(op, known, recipes)
        valid = made | (valid - gone)
    return found | stale(operands(block.term))


def _rewrite(fn: Function, block: Block, recipes: Mapping[str, Recipe]) -> None:
    """The value is computed before each use: the local may be written between two uses of one block."""
    ops: list[Op] = []

    def again(value: Operand) -> Operand:
        if isinstance(value, Reg) and value.name in recipes and recipes[value.name].home != block.label:
            for step in recipes[value.name].ops:
                value = _follow(ops, step, value, Reg(fn.fresh("v"), step.dst.type))
        return value

    for op in block.ops:
        rewritten = with_operands(op, again)  # appends to ops first
        ops.append(rewritten)
    block.term = terminator_with_operands(block.term, again)
    block.ops = ops


def _follow(ops: list[Op], step: Load | PtrAdd | Cast | Bin, base: Operand, made: Reg) -> Reg:
    """Appends `step` upon `base`, assigning `made`."""
    match step:
        case Load():
            ops.append(replace(step, dst=made))
        case PtrAdd():
            ops.append(replace(step, dst=made, base=base))
        case Cast() | Bin():
            ops.append(replace(step, dst=made, a=base))
    return made
