"""The facts of one unit, from its preprocessed text.

The unit's own functions and initialisers are read, then the functions of headers that they reach by name.  What a
header's function says is kept with its piece of text, for all units of the process.
"""

from __future__ import annotations

from typing import Any

from pycparser import c_ast

from cpc.diag import Diagnostics
from cpc.frontend.unit import Unit, loc_of
from cpc.program.chunks import Chunks, Cut, Piece
from cpc.program.environment import Environment, Ident
from cpc.program.extract import Reader
from cpc.program.facts import UnitFacts
from cpc.program.kept_headers import KeptHeaders
from cpc.program.recorder import Scope, declare, id_of
from cpc.program.stretches import Stretch, joined
from cpc.program.types import Function

_CHUNKS = Chunks()
_kept: KeptHeaders | None = None


def keep_headers(stamp: str) -> None:
    """From now on headers are looked for in the cache folder; `stamp` tells this cpc from others."""
    global _kept
    if _kept is None or _kept.stamp != stamp:
        _kept = KeptHeaders(stamp)
        _CHUNKS.load = _kept.load


def save_headers() -> None:
    """Writes what this process learned of headers to the cache folder."""
    if _kept is not None:
        _kept.save(_CHUNKS.known)


def facts_of(parts: list[Stretch], source: str, *, c23: bool = False) -> UnitFacts:
    """Everything that facts.py lists; faults of syntax are in `faults`."""
    diags = Diagnostics()
    cut = _CHUNKS.cut(parts) or Cut(joined(parts), [], {})
    env = Environment(source, cut, diags, c23)
    facts = UnitFacts(source)
    unit = env.read_own()
    _read(unit, env, facts)
    merged: set[int] = set()
    for piece in cut.always():
        _piece(piece, env, facts, merged)
    _reached(env, facts, merged)
    facts.faults = [d for d in diags.items if d.severity == "error"]
    return facts


def _read(unit: Unit, env: Environment, facts: UnitFacts) -> None:
    """Functions and initialisers of a parsed text."""
    outside = Reader(env, unit, facts, scopes=[Scope()])
    for node in unit.ast.ext:
        match node:
            case c_ast.FuncDef():
                _function(node, unit, env, facts)
            case c_ast.Decl(name=name) if name:
                _object(node, outside)


def _function(node: Any, unit: Unit, env: Environment, facts: UnitFacts) -> None:
    idents = env.idents(node.decl.name)
    defining = next((i for i in idents if i.defined and i.loc.line), None)
    if defining is None:
        return
    declare(facts, env, idents)
    if isinstance(env.resolve(defining.type), Function):
        facts.functions.append(Reader(env, unit, facts).function(node, defining, id_of(idents)))


def _object(node: Any, outside: Reader) -> None:
    idents = outside.env.idents(node.name)
    if not idents:
        return
    type_ = outside.typeof(idents[-1].type)
    if isinstance(outside.env.resolve(type_), Function):
        if any(ident.alias for ident in idents):
            declare(outside.facts, outside.env, idents)
        return
    if node.init is not None:
        slot = f"variable {id_of(idents)}"
        outside.slot(slot, type_, idents[-1].loc, f"variable '{node.name}'")
        outside.initialise(type_, node.init, slot)


def _reached(env: Environment, facts: UnitFacts, merged: set[int]) -> None:
    """Adds the functions defined in headers that are named by what was read so far."""
    done = {fn.id for fn in facts.functions}
    waiting = list(facts.declarations)
    seen = set(waiting)
    while waiting:
        id_ = waiting.pop()
        if id_ in done or not any(d.defined for d in facts.declarations[id_]):
            continue
        done.add(id_)
        for piece in env.cut.declaring(id_.rsplit(":", 1)[-1]):
            _piece(piece, env, facts, merged)
        new = facts.declarations.keys() - seen
        seen |= new
        waiting += sorted(new)


def _piece(piece: Piece, env: Environment, facts: UnitFacts, merged: set[int]) -> None:
    """Adds what a piece of a header says, once."""
    if id(piece) in merged:
        return
    merged.add(id(piece))
    symbols = env.symbols(piece)
    if symbols is None:
        return
    said = symbols.facts
    if said is None:
        said = UnitFacts(env.source)
        env.own_used = False
        if symbols.unit is not None:
            _read(symbols.unit, env, said)
        if not env.own_used:  # it says the same in every unit
            symbols.facts, symbols.unit = said, None
    merge(facts, said)


def merge(facts: UnitFacts, others: UnitFacts) -> None:
    """Adds `others`, whose declarations may be there already."""
    facts.functions += others.functions
    facts.flows += others.flows
    for id_, declarations in others.declarations.items():
        facts.declarations.setdefault(id_, declarations)
    for slot_id, slot in others.slots.items():
        facts.slots.setdefault(slot_id, slot)
    facts.aliases |= others.aliases
    facts.noreturn |= others.noreturn
    facts.must_check |= others.must_check


__all__ = ["Ident", "facts_of", "loc_of", "merge"]
