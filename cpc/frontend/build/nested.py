"""GNU C's nested functions: the static chain, and pointers to them (gcc manual 6.4).

    int outer(int n)                          local chain: [chain of the function around outer, &n, trampoline]
    {
        int inner(int x) { return x + n; }    fn @outer.inner(ptr nest %chain, i32 %x); its n is at *(%chain + 8)
        return inner(2) + apply(inner);       call @outer.inner(&chain, 2); call @apply(trampoline)
    }

A function with nested ones keeps the addresses of what they use of it in a local, its chain, which is filled at entry.
A nested function gets the chain of the function around it in the register that the ABI has for it (`nest`), and finds
those further out by the first slots.  A pointer to a nested function points to code on the stack of the function around
it, which loads that register: as with gcc, the stack of such a program can be executed.

Requires: a plain function around it; E0304 says what is not supported.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cpc.diag import Abort
from cpc.frontend.build.state import Chain, FunctionState, Variable
from cpc.frontend.conversions import color_of
from cpc.frontend.symbols import Kind, Symbol
from cpc.ir import ops as ir
from cpc.ir.types import I64, PTR

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_TRAMPOLINE_SIZE, _TRAMPOLINE_ALIGN = 24, 16  # x86-64: two moves of 64 bits and a jump


def is_nested(symbol: Symbol) -> bool:
    return symbol.kind is Kind.FUNCTION and symbol.linkage == "none"


def define(b: Builder, node: Any) -> None:
    """A definition among the statements of a function; where it stands does nothing."""
    from cpc.frontend.build import functions  # which builds statements, of which this is one

    outer = b.function
    if outer is None:
        b.unsupported("E0304", node, f"the nested function '{node.decl.name}' outside of a function")
    if outer.is_coroutine or outer.in_coroutine is not None:
        b.unsupported("E0304", node, f"the nested function '{node.decl.name}' in a coroutine function")
    saved = b.em, b.sema.scope, b.sema.function
    blocks = b.debug.leave_function() if b.debug else []
    try:
        definition = b.sema.begin_function(node)
        symbol = definition.symbol
        if color_of(symbol.type) is not None and color_of(symbol.type) in ("coroutine", "mixed"):
            b.unsupported("E0304", node, f"the nested coroutine function '{symbol.name}'")
        declared(b, symbol, outer)
        functions.build_nested(b, node, definition, outer)
    finally:
        b.em, b.sema.scope, b.sema.function = saved
        b.function = outer
        if b.debug:
            b.debug.come_back(blocks)


def declared(b: Builder, symbol: Symbol, outer: FunctionState) -> None:
    """A nested function is known from here on; `auto int f(int);` says so before its definition."""
    symbol.build = outer
    outer.nested.append(symbol)


def check_defined(b: Builder, state: FunctionState) -> None:
    """At the end of a function: what `auto` declared in it has a body."""
    for symbol in state.nested:
        if not symbol.defined:
            b.diags.abort("E0304", symbol.loc, f"the nested function '{symbol.name}' has no body")


# ---- the chain ----------------------------------------------------------------------------------------------


def with_chain(sig: ir.Sig) -> ir.Sig:
    """The signature of a nested function."""
    return replace(sig, params=(ir.ParamSpec(PTR, nest=True), *sig.params))


def chain_of_callee(b: Builder, symbol: Symbol) -> ir.Operand:
    """What a call of the nested function passes: the chain of the function that it is nested in."""
    b.reference(symbol.ir_name)
    return _reach(b, _owner(symbol))


def address(b: Builder, symbol: Symbol) -> ir.Operand:
    """The address of an automatic variable (or of the pointer to it), here or in a function around this one."""
    variable: Variable = symbol.build
    if variable.owner is b.function or not _is_around(b, variable.owner):
        return variable.addr
    assert variable.owner is not None
    return captured(b, variable.owner, symbol, variable.addr)


def length(b: Builder, key: int) -> ir.Operand | None:
    """Where the length of a variable length array is kept: the array may be declared further out."""
    state = b.function
    while state is not None and key not in state.vla_lengths:
        state = state.outer
    if state is None:
        return None
    slot = state.vla_lengths[key]
    return slot if state is b.function else captured(b, state, key, slot)


def pointer(b: Builder, symbol: Symbol, node: Any) -> ir.Operand:
    """The value of a nested function's name: its trampoline, in the frame of the function around it."""
    if b.unevaluated:
        return ir.GlobalAddr(symbol.ir_name)
    if b.target.calls != "sysv":
        b.unsupported("E0304", node, f"a pointer to the nested function '{symbol.name}' on this target")
    owner = _owner(symbol)
    key = ("trampoline", symbol)
    chain = _chain(owner)
    if key not in chain.slots:
        em = owner.em
        code = em.local(em.fn.fresh("trampoline"), _TRAMPOLINE_SIZE, _TRAMPOLINE_ALIGN)
        callable_ = em.reg(PTR)
        loc = em.fn.loc
        _at_entry(owner, [
            ir.Intrinsic((), "init_trampoline", (code, ir.GlobalAddr(symbol.ir_name), chain.local), loc),
            ir.Intrinsic((callable_,), "adjust_trampoline", (code,), loc),
            *_stores(owner, _new_slot(owner, key), callable_),
        ])  # fmt: skip
        b.reference(symbol.ir_name)
    return _slot_value(b, owner, key)


def _owner(symbol: Symbol) -> FunctionState:
    owner: FunctionState | None = symbol.build
    if owner is None:
        raise Abort(symbol.name)  # its definition was refused, with an error
    return owner


def _is_around(b: Builder, owner: FunctionState | None) -> bool:
    state = b.function.outer if b.function is not None else None
    while state is not None and state is not owner:
        state = state.outer
    return state is not None


def _reach(b: Builder, owner: FunctionState) -> ir.Operand:
    """The chain of `owner`, this function or one around it."""
    state = b.function
    assert state is not None
    if state is owner:
        return _chain(owner).local
    assert state.static_chain is not None
    chain: ir.Operand = state.static_chain
    state = state.outer
    while state is not None and state is not owner:
        _chain(state)
        chain = b.em.load(PTR, chain)
        state = state.outer
    return chain


def captured(b: Builder, owner: FunctionState, key: Any, address: ir.Operand) -> ir.Operand:
    """An address that `owner` knows at its entry, here or in a function inside it."""
    chain = _chain(owner)
    if key not in chain.slots:
        _at_entry(owner, _stores(owner, _new_slot(owner, key), address))
    return _slot_value(b, owner, key)


def _slot_value(b: Builder, owner: FunctionState, key: Any) -> ir.Operand:
    return b.em.load(PTR, b.em.ptr_add(_reach(b, owner), _chain(owner).slots[key]))


def _chain(owner: FunctionState) -> Chain:
    if owner.chain is None:
        owner.chain = Chain(owner.em.local(owner.em.fn.fresh("chain"), 8, 8))
        if owner.static_chain is not None:
            _at_entry(owner, _stores(owner, 0, owner.static_chain))
    return owner.chain


def _new_slot(owner: FunctionState, key: Any) -> int:
    chain = _chain(owner)
    offset = chain.slots[key] = 8 * (len(chain.slots) + 1)
    owner.em.fn.locals[chain.local.name].size = offset + 8
    return offset


def _stores(owner: FunctionState, offset: int, value: ir.Operand) -> list[ir.Op]:
    place, loc = owner.em.reg(PTR), owner.em.fn.loc
    return [
        ir.PtrAdd(place, _chain(owner).local, ir.Const(I64, offset), loc=loc),
        ir.Store(place, value, 8, loc=loc),
    ]


def _at_entry(owner: FunctionState, ops: list[ir.Op]) -> None:
    next(iter(owner.em.fn.blocks.values())).ops[:0] = ops
