"""Blocks and the objects declared in them: storage, initialisation, and what leaving a block must do.

A variable with the cleanup attribute, and the stack that a VLA took, are `Cleanup`s.  They stand on one stack per
function; falling out of a block, break, continue, goto and return run those between where control is and where it
goes, innermost first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeGuard

from pycparser import c_ast

from cpc.frontend import layout
from cpc.frontend.build import calls, initialize, mixed, nested, stack_pointer, vla
from cpc.frontend.build.describe import describe
from cpc.frontend.build.state import Barrier, Cleanup, Variable
from cpc.frontend.build.values import Place, Value, align_of, is_scalar, scalar_type, size_of
from cpc.frontend.c_types import FunctionT, QType
from cpc.frontend.conversions import pointer_to
from cpc.frontend.sema import Declared
from cpc.frontend.symbols import Kind, Symbol
from cpc.ir import ops as ir
from cpc.ir.types import PTR
from cpc.ir.walk import operands
from cpc.warnings import usage

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder


@contextmanager
def entered(b: Builder) -> Iterator[None]:
    """A block scope; what it declared is cleaned up at its end."""
    function = b.function
    assert function is not None
    depth, labels = len(function.cleanups), len(function.local_labels)
    barriers = len(function.barriers)
    function.depth += 1
    if b.debug:
        b.debug.enter_block()
    with b.sema.scoped() as names:
        yield
        usage.leave_scope(b, names)
        if not b.em.terminated:
            run_cleanups(b, depth)
    if b.debug:
        b.debug.leave_block(b.em)
    function.depth -= 1
    del function.cleanups[depth:]
    del function.barriers[barriers:]
    while len(function.local_labels) > labels:
        local = function.local_labels.pop()
        own = function.labels.pop(local.name, None)
        if own is not None and own.scopes is None:
            b.diags.error("E0273", own.loc, f"label '{local.name}' is used but not defined")
        if local.outer is not None:
            function.labels[local.name] = local.outer


def run_cleanups(b: Builder, depth: int) -> None:
    """Emits the cleanups beyond `depth`, innermost first; they stay pending for other ways out."""
    assert b.function is not None
    emit_cleanups(b, b.function.cleanups[depth:])


def run_all_cleanups(b: Builder) -> None:
    """As run_cleanups, when control leaves the function, and every variable ends anyway."""
    assert b.function is not None
    emit_cleanups(b, [cleanup for cleanup in b.function.cleanups if cleanup.end is None])


def emit_cleanups(b: Builder, cleanups: list[Cleanup]) -> None:
    for i, cleanup in reversed(list(enumerate(cleanups))):
        if cleanup.end is not None:
            b.em.intrinsic("lifetime_end", (cleanup.end,))
        if cleanup.stack is not None:
            b.em.intrinsic("stackrestore", (b.em.load(PTR, cleanup.stack),))
        elif cleanup.function is not None and cleanup.place is not None:
            with _unwinding(b, cleanups, i):
                _call_cleanup(b, cleanup.function, cleanup.place)


@contextmanager
def _unwinding(b: Builder, cleanups: list[Cleanup], left: int) -> Iterator[None]:
    """Meanwhile an exception runs, of `cleanups`, those that are left, and those around them."""
    function = b.function
    if function is None:
        yield
        return
    before = function.unwinding
    run = set(cleanups)
    function.unwinding = [other for other in function.cleanups if other not in run] + cleanups[:left]
    yield
    function.unwinding = before


def _call_cleanup(b: Builder, symbol: Symbol, place: Place) -> None:
    fn = symbol.type.type
    assert isinstance(fn, FunctionT)
    b.use_function(symbol)
    address = Value(place.addr, pointer_to(place.type))
    if fn.prototyped and fn.params:
        address = b.convert(address, fn.params[0], None)
    target, fn = mixed.version_called(b, symbol, fn) or (ir.GlobalAddr(symbol.ir_name), fn)
    chain = nested.chain_of_callee(b, symbol) if nested.is_nested(symbol) else None
    calls.emit(b, target, fn, [address], calls.call_attrs(fn, symbol), None, chain)


# ---- declarations -------------------------------------------------------------------------------------------


def declare(b: Builder, node: Any) -> None:
    """A declaration in a block."""
    for declared in b.sema.declare(node):
        vla.evaluate_operands(b)
        symbol = declared.symbol
        if b.function is not None and layout.variably_modified(symbol.type):
            b.function.barriers.append(Barrier("the scope of a variable length array"))
        if symbol.kind is Kind.OBJECT and symbol.automatic:
            define(b, declared, node)
        elif nested.is_nested(symbol) and b.function is not None:
            nested.declared(b, symbol, b.function)
        elif symbol.kind is Kind.TYPEDEF:
            vla.evaluate_lengths(b, symbol.type, node)
        elif symbol.kind is Kind.OBJECT and symbol.data is not None:
            b.use_data(symbol.data)
            if b.debug and symbol.linkage == "none":
                b.debug.static(b.em, symbol)


def define(b: Builder, declared: Declared, node: Any) -> None:
    """An automatic object: storage, then its initialiser."""
    symbol = declared.symbol
    b.em.loc = symbol.loc
    if stack_pointer.holds(b, symbol):
        return
    if layout.is_vla(symbol.type):
        _define_vla(b, symbol, node)
    else:
        vla.evaluate_lengths(b, symbol.type, node)
        if not layout.is_complete(symbol.type):
            b.fail("E0250", node, f"'{symbol.name}' has incomplete type '{describe(symbol.type)}'")
        local = new_local(b, symbol.type, symbol.name)
        symbol.build = Variable(local, owner=b.function)
        _end_with_block(b, local)
    if b.debug and b.function is not None:
        b.debug.variable(b.em, symbol, symbol.build, b.function.vla_lengths)
    cleanup = _add_cleanup(b, symbol, node)
    if declared.init is not None:
        if cleanup is not None:
            cleanup.armed = False
        init = getattr(node, "init", None)
        if isinstance(init, c_ast.ID) and init.name == symbol.name and b.function is not None:
            b.function.own_values.add(symbol.build.addr.name)
        place = variable_place(b, symbol)
        initialize.automatic(b, place, declared.init, node)
        if cleanup is not None:
            cleanup.armed = True


def _end_with_block(b: Builder, local: ir.LocalAddr) -> None:
    """In a coroutine function the end of a block is noted, since a variable whose address is known to nobody any more
    need not be in the frame.  Plain functions have nothing to gain that LLVM does not find itself."""
    if b.function is not None and b.function.is_coroutine and b.function.depth > 0:
        b.function.cleanups.append(Cleanup(end=local))


def drop_needless_ends(fn: ir.Function) -> None:
    """Forgets the ends of variables that are only loaded and stored: their address is known to nobody."""
    needed: set[str] = set()
    for block in fn.blocks.values():
        for op in block.ops:
            match op:
                case ir.Load() | ir.Intrinsic(name="lifetime_end"):
                    continue
                case ir.Store(value=value):
                    used: tuple[ir.Operand, ...] = (value,)
                case _:
                    used = operands(op)
            needed.update(operand.name for operand in used if isinstance(operand, ir.LocalAddr))
    for block in fn.blocks.values():
        block.ops = [op for op in block.ops if not _is_needless_end(op, needed)]


def _is_needless_end(op: ir.Op, needed: set[str]) -> bool:
    if not isinstance(op, ir.Intrinsic) or op.name != "lifetime_end":
        return False
    local = op.args[0]
    return isinstance(local, ir.LocalAddr) and local.name not in needed


def keep_stacks(fn: ir.Function, kept: set[str]) -> None:
    """What alloca() gave lives until the function returns, so a block that called it keeps the stack of its variable
    length arrays as well (as gcc)."""
    for block in fn.blocks.values() if kept else ():
        loaded = {op.dst for op in block.ops if isinstance(op, ir.Load) and _is_local(op.ptr, kept)}
        block.ops = [op for op in block.ops if not (_is_restore(op) and op.args[0] in loaded)]


def _is_local(operand: ir.Operand, names: set[str]) -> bool:
    return isinstance(operand, ir.LocalAddr) and operand.name in names


def _is_restore(op: ir.Op) -> TypeGuard[ir.Intrinsic]:
    return isinstance(op, ir.Intrinsic) and op.name == "stackrestore"


def new_local(b: Builder, type_: QType, name: str) -> ir.LocalAddr:
    ir_type = scalar_type(type_) if is_scalar(type_) else None
    return b.em.local(name, size_of(type_), align_of(type_), ir_type, name)


def variable_place(b: Builder, symbol: Symbol) -> Place:
    variable: Variable = symbol.build
    addr = b.em.load(PTR, variable.addr) if variable.indirect else variable.addr
    return Place(addr, QType(symbol.type.type, volatile=symbol.type.volatile), align_of(symbol.type))


def _define_vla(b: Builder, symbol: Symbol, node: Any) -> None:
    assert b.function is not None
    vla.evaluate_lengths(b, symbol.type, node)
    saved = b.em.scalar_local(b.em.fn.fresh("stack"), PTR)
    stack = b.em.intrinsic("stacksave", (), PTR)
    assert stack is not None
    b.em.store(saved, stack)
    b.function.cleanups.append(Cleanup(stack=saved))
    size = vla.size(b, symbol.type, node)
    memory = b.em.reg(PTR)
    b.em.add(ir.Alloca(memory, size, max(16, align_of(symbol.type)), b.em.loc))
    slot = b.em.scalar_local(b.em.fn.fresh(symbol.name or "vla"), PTR)
    b.em.store(slot, memory)
    symbol.build = Variable(slot, indirect=True, owner=b.function)


def _add_cleanup(b: Builder, symbol: Symbol, node: Any) -> Cleanup | None:
    name = symbol.attrs.cleanup
    if not name:
        return None
    assert b.function is not None
    function = b.sema.lookup(name)
    if function is None or function.kind is not Kind.FUNCTION:
        b.fail("E0269", node, f"the cleanup '{name}' of '{symbol.name}' is not a function")
    if b.options.exceptions and nested.is_nested(function):
        b.unsupported("E0340", node, "attribute 'cleanup' with a nested function and -fexceptions")
    b.function.cleanups.append(cleanup := Cleanup(function, variable_place(b, symbol)))
    return cleanup
