"""Which locals must not move when the coroutine is suspended, because somebody may hold their address.

The idea: follow "the address of x has escaped" forward along the control flow.  If it can be true at a suspension
point, or the suspending call itself receives the address, then x has to be at one address before and after: it is
boxed.  If no escape can reach a suspension point, x stays on the native stack until control returns, or is saved
by value at suspensions that come before the escape.

Conservative: an address that escaped stays escaped as long as x lives, because C allows its holder to use it so long.
Only lifetime_end, when the block of x is left, and va_end, after which a va_list has no value, take an escape back.

Requires: CPS_FORM (a register that is live across a suspension has become a local, so that storing an address into
it is an escape).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cpc.analysis import cfg
from cpc.analysis.accesses import Kind, Pointers, pointers
from cpc.analysis.dataflow import NOTHING, Names, Transfer, solve_may
from cpc.ir.ops import NO_LOC, Block, Function, Intrinsic, Loc, Op


@dataclass(frozen=True, slots=True)
class Escape:
    """Why a local is boxed: its address is let out at `where` and control may then suspend at `point`."""

    where: Loc
    point: Loc


def escaping_across(fn: Function) -> Mapping[str, Escape]:
    """The locals whose escaped address may be in use across a suspension, in the order of fn.locals."""
    known = pointers(fn)
    transfers = {label: _transfer(block, known) for label, block in fn.blocks.items()}
    if cfg.returns_twice(fn):  # an escape may come before what stands in front of it
        anywhere = NOTHING.union(*(transfer.gen for transfer in transfers.values()))
        transfers = dict.fromkeys(transfers, Transfer(anywhere))
    after = solve_may(transfers, cfg.predecessors(fn)).after
    first: dict[str, Loc] = {}
    for block, point in cfg.suspension_points(fn):
        for name in after[block.label]:
            first.setdefault(name, point.loc)
    sites = _sites(fn, known)
    return {name: Escape(sites.get(name, NO_LOC), first[name]) for name in fn.locals if name in first}


def _transfer(block: Block, known: Pointers) -> Transfer:
    """From the locals escaped at the block's start to those escaped at its end, the suspending call included."""
    transfer = Transfer()
    for op in block.ops:
        transfer = transfer.then(_escaped(op, known), _ended(op, known))
    return transfer.then(frozenset(a.local for a in known.in_terminator(block.term) if a.kind is Kind.ESCAPE), NOTHING)


def _escaped(op: Op, known: Pointers) -> Names:
    return frozenset(a.local for a in known.in_op(op) if a.kind is Kind.ESCAPE)


def _ended(op: Op, known: Pointers) -> Names:
    if not isinstance(op, Intrinsic) or op.name not in ("va_end", "lifetime_end"):
        return NOTHING
    local = known.local(op.args[0])
    return NOTHING if local is None else frozenset({local})


def _sites(fn: Function, known: Pointers) -> dict[str, Loc]:
    """For each local the place of its first escape in block order."""
    found: dict[str, Loc] = {}
    for block in fn.blocks.values():
        accesses = [(a, op.loc) for op in block.ops for a in known.in_op(op)]
        accesses += [(a, block.term.loc) for a in known.in_terminator(block.term)]
        for access, loc in accesses:
            if access.kind is Kind.ESCAPE:
                found.setdefault(access.local, loc)
    return found
