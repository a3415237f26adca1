"""Variable length arrays and alloca() that may be alive at a suspension are in the coroutine's area.

    entry:                                          entry:
                                                      store ptr null, &area.1
      %1 = intrinsic ptr stacksave()                  %1 = intrinsic ptr area_save(ptr null)
      store ptr %1, &stack                            store ptr %1, &stack
                                                      %4 = load ptr, &area.1
                                                      %5 = intrinsic ptr area_save(ptr %4)
                                                      store ptr %5, &area.1
      %2 = alloca %n, align 16                        %2 = intrinsic ptr area_alloc(%n, i64 16)
      ...                                             ...
      %3 = load ptr, &stack                           %3 = load ptr, &stack
      intrinsic void stackrestore(ptr %3)             intrinsic void area_restore(ptr %3)
                                                      %6 = load ptr, &area.1
                                                      intrinsic void area_restore(ptr %6)
      ret                                             ret

`area_save(t)` is t, or a token for what is allocated now when t is null; `area_restore` gives back what was allocated
since, and nothing for a null token.  &area.N holds the function's first token, so that alloca() ends with the function.
Split makes calls of runtime/co_area.c of them; that file says why a token may become null.

An array that ends before every suspension stays on the stack, unless another one of the function does not.  A `ret`
with something to give back is no longer a mere `return co_f()`: hence before tail_resume.

Requires: CPS_FORM.  Establishes: no native stack allocation is alive at a suspension point.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cpc.analysis import cfg
from cpc.analysis.dataflow import NOTHING, Names, Transfer, solve_may
from cpc.backend.abi import AREA_ALLOC, AREA_RESTORE, AREA_SAVE
from cpc.diag import Diagnostics
from cpc.ir.ops import (
    Alloca,
    Block,
    Const,
    Function,
    Intrinsic,
    Load,
    Loc,
    Local,
    LocalAddr,
    Module,
    Op,
    Reg,
    Ret,
    Store,
)
from cpc.ir.types import I64, PTR
from cpc.passes.base import coroutine_bodies

_NULL = Const(PTR, 0)


def run(module: Module, diags: Diagnostics) -> None:
    for fn in coroutine_bodies(module):
        if _alive_at_suspensions(fn):
            _move(fn)


def tokens(fn: Function) -> Names:
    """The locals that hold tokens."""
    ops = [op for block in fn.blocks.values() for op in block.ops]
    saved = {op.dsts[0] for op in ops if isinstance(op, Intrinsic) and op.name == AREA_SAVE}
    found: set[str] = set()
    for op in ops:
        match op:
            case Store(ptr=LocalAddr(name), value=Reg() as value) if value in saved:
                found.add(name)
    return frozenset(found)


# ---- what is alive ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Site:
    """An allocation; `token` is the local with the stack pointer from just before it, which ends a VLA's life."""

    name: str
    token: str


def _alive_at_suspensions(fn: Function) -> bool:
    transfers: dict[str, Transfer] = {}
    found: dict[str, list[_Site]] = {block.label: list(_sites(block)) for block in fn.blocks.values()}
    if not any(found.values()):
        return False
    of_token: dict[str, set[str]] = {}
    for sites in found.values():
        for site in sites:
            of_token.setdefault(site.token, set()).add(site.name)
    for block in fn.blocks.values():
        transfers[block.label] = _transfer(block, of_token)
    after = solve_may(transfers, cfg.predecessors(fn)).after
    return any(after[block.label] for block, _ in cfg.suspension_points(fn))


def _sites(block: Block) -> Iterator[_Site]:
    """The allocations of a block.  A VLA's is the first after a `stacksave` that was stored in a local."""
    saved: Reg | None = None
    token = ""
    for op in block.ops:
        match op:
            case Intrinsic(dsts=(dst,), name="stacksave"):
                saved = dst
            case Store(ptr=LocalAddr(name), value=Reg() as value) if value == saved:
                token = name
            case Alloca(dst=dst):
                yield _Site(dst.name, token)
                saved, token = None, ""


def _transfer(block: Block, of_token: Mapping[str, set[str]]) -> Transfer:
    transfer = Transfer()
    loaded: dict[Reg, str] = {}
    for op in block.ops:
        match op:
            case Load(dst=dst, ptr=LocalAddr(name)):
                loaded[dst] = name
            case Alloca(dst=dst):
                transfer = transfer.then(frozenset({dst.name}), NOTHING)
            case Intrinsic(name="stackrestore", args=(Reg() as token,)) if token in loaded:
                transfer = transfer.then(NOTHING, frozenset(of_token.get(loaded[token], ())))
    return transfer


# ---- the move -----------------------------------------------------------------------------------------------


def _move(fn: Function) -> None:
    first = Local(fn.fresh("area"), 8, 8, PTR)
    fn.locals[first.name] = first
    home = LocalAddr(first.name)
    for block in fn.blocks.values():
        block.ops = [made for op in block.ops for made in _moved(fn, op, home)]
        if isinstance(block.term, Ret):
            token = Reg(fn.fresh("v"), PTR)
            block.ops += [Load(token, home, 8), Intrinsic((), AREA_RESTORE, (token,), block.term.loc)]
    entry = cfg.entry(fn)
    entry.ops.insert(0, Store(home, _NULL, 8, loc=fn.loc))


def _moved(fn: Function, op: Op, home: LocalAddr) -> list[Op]:
    match op:
        case Intrinsic(name="stacksave"):
            return [replace(op, name=AREA_SAVE, args=(_NULL,))]
        case Intrinsic(name="stackrestore"):
            return [replace(op, name=AREA_RESTORE)]
        case Alloca(dst=dst, size=size, align=align, loc=loc):
            alloc = Intrinsic((dst,), AREA_ALLOC, (size, Const(I64, align)), loc)
            return [*_first_token(fn, home, loc), alloc]
    return [op]


def _first_token(fn: Function, home: LocalAddr, loc: Loc) -> list[Op]:
    old, new = Reg(fn.fresh("v"), PTR), Reg(fn.fresh("v"), PTR)
    return [Load(old, home, 8), Intrinsic((new,), AREA_SAVE, (old,), loc), Store(home, new, 8)]
