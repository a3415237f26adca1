"""Drops what no other object file can see and nothing here uses: internal and inline functions, internal data.

Headers define hundreds of static inline functions; only those reached from what stays are worth passes and LLVM.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from cpc.ir import ops as ir

_DROPPABLE = ("internal", "available_externally")


def drop_unused(module: ir.Module) -> None:
    """Removes unreachable internal definitions and unused declarations."""
    reached: set[str] = set()
    work = [*_roots(module)]
    while work:
        name = work.pop()
        if name in reached:
            continue
        reached.add(name)
        work.extend(_uses(module, name))
    for table in (module.functions, module.globals):
        for name in [name for name in table if name not in reached]:
            del table[name]


def _roots(module: ir.Module) -> Iterator[str]:
    for fn in module.functions.values():
        if not fn.is_declaration and (fn.linkage not in _DROPPABLE or "used" in fn.attrs):
            yield fn.name
    for glob in module.globals.values():
        if glob.init is not None and (glob.linkage != "internal" or glob.used or module.asm):
            yield glob.name
    if module.asm:
        yield from module.functions  # file-scope asm may name anything
    for alias in module.aliases.values():
        yield alias.name


def _uses(module: ir.Module, name: str) -> Iterator[str]:
    if name in module.aliases:
        yield module.aliases[name].target
    glob = module.globals.get(name)
    if glob is not None:
        for piece in glob.init or ():
            if isinstance(piece, ir.DataAddr):
                yield piece.symbol
            elif isinstance(piece, ir.DataLabel):
                yield piece.function
    fn = module.functions.get(name)
    if fn is not None:
        for block in fn.blocks.values():
            for op in (*block.ops, block.term):
                yield from _names_in(op)


def _names_in(op: Any) -> Iterator[str]:
    """The globals among an op's operands."""
    for field in dataclasses.fields(op):
        value = getattr(op, field.name)
        if isinstance(value, ir.GlobalAddr):
            yield value.name
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, ir.GlobalAddr):
                    yield item.name
