"""coroutine_mixed_fn: a function that is compiled twice, since it runs inside and outside coroutines.

    int coroutine_mixed_fn f(int x)         f             plain C; qemu_in_coroutine() is 0 in it
    { if (qemu_in_coroutine()) {...} }      f.coroutine   a coroutine_fn; qemu_in_coroutine() is 1 in it

A coroutine_fn, and `f.coroutine` itself, calls `g.coroutine` where the source says `g`; everybody else calls `g`.  The
address of a mixed function is the plain version's, but where a pointer to a coroutine_fn is wanted it is the
other's; so a call through a pointer always makes the version that the pointer's type says.  Both versions are
defined where the function is and have its linkage, so they are found across units and in shared libraries.

The body is built twice, since the two call conventions differ in more than names (large results, variable
arguments).  What is one object in the source is one: static variables of the body are declared once.  A table of
labels is not: each version has labels of its own.  The second time nothing is said again.

Rejected: deciding at run time in one version; a function that never suspends would still be called with a flag.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from cpc.backend.abi import MIXED_SUFFIX
from cpc.diag import Diagnostics
from cpc.frontend.build.values import Value
from cpc.frontend.c_types import INT, FunctionT, PointerT, QType
from cpc.frontend.sema import FunctionDefinition, Scope
from cpc.frontend.symbols import Kind, Symbol
from cpc.ir import ops as ir
from cpc.ir.types import I32

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_QUESTION = "qemu_in_coroutine"


def is_mixed(symbol: Symbol) -> bool:
    return isinstance(symbol.type.type, FunctionT) and symbol.type.type.color == "mixed"


def build_versions(b: Builder, definition: FunctionDefinition, build: Callable[[FunctionDefinition], None]) -> None:
    """Builds both versions of a mixed function, whose parameters are in the current scope."""
    outer = b.sema.scope
    names, tags = dict(outer.names), dict(outer.tags)
    b.sema.statics = {}
    try:
        build(definition)
        symbol = coroutine_symbol(definition.symbol)
        b.sema.scope = Scope(outer.kind, outer.parent, names, tags)
        b.sema.function = symbol
        with _only_new_errors(b):
            build(replace(definition, symbol=symbol))
    finally:
        b.sema.statics = None


def coroutine_symbol(symbol: Symbol) -> Symbol:
    """The mixed function's version for coroutines, as a symbol of its own."""
    other = copy.copy(symbol)
    fn = symbol.type.type
    assert isinstance(fn, FunctionT)
    other.ir_name = symbol.ir_name + MIXED_SUFFIX
    other.type = replace(symbol.type, type=replace(fn, color="coroutine"))
    return other


@contextmanager
def _only_new_errors(b: Builder) -> Iterator[None]:
    diags, scratch = b.diags, Diagnostics(list(b.diags.items))
    b.diags = b.sema.diags = scratch
    try:
        yield
    finally:
        b.diags = b.sema.diags = diags
        known = {(d.code, d.loc, d.message) for d in diags.items}
        errors = [d for d in scratch.items if d.severity == "error"]
        diags.items.extend(d for d in errors if (d.code, d.loc, d.message) not in known)


# ---- uses ---------------------------------------------------------------------------------------------------


def answer(b: Builder, symbol: Symbol, fn: FunctionT) -> Value | None:
    """What a call of qemu_in_coroutine() gives in a version of a mixed function, where it is known."""
    if symbol.ir_name != _QUESTION or b.function is None or b.function.in_coroutine is None:
        return None
    return b.convert(Value(ir.Const(I32, int(b.function.in_coroutine)), QType(INT)), fn.result, None)


def version_called(b: Builder, symbol: Symbol | None, fn: FunctionT) -> tuple[ir.Operand, FunctionT] | None:
    """The callee and its type when the code being built calls the coroutine version of `symbol`."""
    if symbol is None or fn.color != "mixed" or b.function is None or not b.function.is_coroutine:
        return None
    return _use(b, symbol), replace(fn, color="coroutine")


def as_coroutine_fn(b: Builder, value: Value, to: QType) -> Value | None:
    """A mixed function's name as a pointer to a coroutine_fn; None when the value is anything else."""
    if not isinstance(to.type, PointerT) or not isinstance(value.type.type, PointerT):
        return None
    target, source = to.type.target.type, value.type.type.target.type
    if not isinstance(target, FunctionT) or not isinstance(source, FunctionT) or target.color != "coroutine":
        return None
    if source.color != "mixed" or not isinstance(value.op, ir.GlobalAddr):
        return None
    symbol = next((s for s in b.sema.linked.values() if s.ir_name == value.op.name and is_mixed(s)), None)
    return None if symbol is None else Value(_use(b, symbol), to)


def _use(b: Builder, symbol: Symbol) -> ir.GlobalAddr:
    name = symbol.ir_name + MIXED_SUFFIX
    b.use_function(symbol)
    b.reference(name)
    return ir.GlobalAddr(name)


def aliases(symbol: Symbol, alias: ir.Alias) -> Iterator[ir.Alias]:
    """The alias itself, and that of the version for coroutines."""
    yield alias
    if symbol.kind is Kind.FUNCTION and is_mixed(symbol):
        yield replace(alias, name=alias.name + MIXED_SUFFIX, target=alias.target + MIXED_SUFFIX)
