"""Who calls whom by name in one module, and whose address is used for anything but a call.

Requires: any phase.  Calls through pointers are not edges; a function whose address is taken may be called by
anybody.  This answers what inlining before capture will ask: is a static coroutine function called from exactly
one place?
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cpc.ir.ops import Call, CoCall, DataAddr, Function, GlobalAddr, Loc, Module, Operand, Suspend, TailCall
from cpc.ir.walk import operands


@dataclass(frozen=True, slots=True)
class CallSite:
    """A direct call: in `caller`, at `loc`; `suspends` for a call through the coroutine convention."""

    caller: str
    loc: Loc
    suspends: bool


@dataclass(frozen=True, slots=True)
class CallGraph:
    """`sites`: the direct calls of each function of the module, in order.  `address_taken`: functions that are
    named outside a direct call: in an initialiser, an alias, or as an ordinary operand."""

    sites: Mapping[str, tuple[CallSite, ...]]
    address_taken: frozenset[str]


def call_graph(module: Module) -> CallGraph:
    """Reads the whole module once."""
    sites: dict[str, list[CallSite]] = {name: [] for name in module.functions}
    taken: set[str] = {alias.target for alias in module.aliases.values()}
    for variable in module.globals.values():
        taken.update(piece.symbol for piece in variable.init or () if isinstance(piece, DataAddr))
    for fn in module.functions.values():
        for block in fn.blocks.values():
            for op in block.ops:
                _visit(fn, op, operands(op), sites, taken)
            term = block.term
            _visit(fn, term.call if isinstance(term, Suspend) else term, operands(term), sites, taken)
    known = {name: tuple(calls) for name, calls in sites.items()}
    return CallGraph(known, frozenset(taken & module.functions.keys()))


def _visit(
    fn: Function, op: object, values: tuple[Operand, ...], sites: dict[str, list[CallSite]], taken: set[str]
) -> None:
    rest = values
    if isinstance(op, Call | CoCall | TailCall) and isinstance(op.callee, GlobalAddr):
        rest = values[1:]
        if op.callee.name in sites:
            sites[op.callee.name].append(CallSite(fn.name, op.loc, isinstance(op, CoCall)))
    taken.update(value.name for value in rest if isinstance(value, GlobalAddr))
