"""Function definitions: prologue, body, epilogue (C11 6.9.1).

The prologue moves every parameter from its registers into a local of its own, so that parameters are ordinary
objects; LLVM's mem2reg undoes that.  A struct passed in memory is used where the caller put it, but copied in a
coroutine function, whose caller's stack is gone after a suspension.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cpc import x86_features
from cpc.frontend.build import (
    jumps,
    known_answers,
    library,
    memory,
    mixed,
    naked,
    nested,
    nonlocal_goto,
    passing,
    scope,
    statements,
    vla,
)
from cpc.frontend.build.builder import Builder
from cpc.frontend.build.convention import Lowered, Passing
from cpc.frontend.build.emitter import Emitter
from cpc.frontend.build.state import FunctionState, Variable
from cpc.frontend.build.values import Place, align_of, is_scalar, size_of
from cpc.frontend.c_types import FunctionT, QType
from cpc.frontend.conversions import unqualified
from cpc.frontend.sema import FunctionDefinition
from cpc.frontend.symbols import Scope, Symbol
from cpc.ir import ops as ir
from cpc.ir.types import PTR
from cpc.warnings import flow, usage

_FLAGS = {
    "noreturn", "noinline", "alwaysinline", "cold", "hot", "naked", "returns_twice", "used", "preserve_most", "optnone",
    "stack_protect", "no_stack_protector", "stackrealign",
}  # fmt: skip


_MOST_STACK = 1 << 31  # in larger frames LLVM's code takes some variables for others


def linkage_of(symbol: Symbol) -> str:
    return symbol.emitted_linkage


def visibility_of(b: Builder, symbol: Symbol, defined: bool) -> str:
    """As its attribute says; else -fvisibility speaks for what is defined here (a declaration may be of a library)."""
    return symbol.attrs.visibility or (b.options.visibility if defined else "default")


def describe(fn: ir.Function, symbol: Symbol) -> None:
    """Colour and attributes, of definitions and declarations alike."""
    type_ = symbol.type.type
    assert isinstance(type_, FunctionT)
    attrs = {flag for flag in symbol.attrs.flags if flag in _FLAGS or flag.startswith(x86_features.FLAG)}
    if type_.noreturn:
        attrs = attrs | {"noreturn"}
    if type_.color == "blocking":
        attrs = attrs | {"no_coroutine"}
    if type_.ms_abi:
        attrs = attrs | {"win64"}
    if "naked" in attrs:
        attrs = attrs - {"alwaysinline"} | {"noinline"}  # the asm returns from this function and no other
    if "alwaysinline" in attrs:
        attrs = attrs - {"noinline"}  # LLVM wants one of the two
    if symbol.attrs.constructor is not None:
        attrs, fn.priority = attrs | {"constructor", "used"}, symbol.attrs.constructor
    if symbol.attrs.destructor is not None:
        attrs, fn.priority = attrs | {"destructor", "used"}, symbol.attrs.destructor
    fn.attrs = frozenset(attrs)
    fn.color = type_.color if type_.color in ("coroutine", "mixed") else "plain"
    fn.visibility = symbol.attrs.visibility or "default"
    fn.section = symbol.attrs.section
    fn.align = symbol.attrs.align
    if not fn.blocks and "weak" in symbol.attrs.flags:
        fn.linkage = "weak"


@dataclass(frozen=True, slots=True)
class Deferred:
    """An inline function of a header: declared, with its parameters in `scope`, but not built before it is used."""

    node: Any
    definition: FunctionDefinition
    scope: Scope


def define(b: Builder, node: Any) -> Deferred | None:
    """A c_ast.FuncDef: built at once, or handed back when it is inline and comes from a header.  Headers hold
    hundreds of them; what nobody calls costs nothing, and may use what cpc does not support."""
    definition = b.sema.begin_function(node)
    symbol = definition.symbol
    only_inline = symbol.emitted_linkage == "available_externally" and "gnu_inline" in symbol.attrs.flags
    if only_inline and ("alwaysinline" in symbol.attrs.flags or symbol.ir_name in b.unit.asm_labels.values()):
        # Its body may call the function of the same assembler name, as glibc's checked functions and btowc do.
        symbol.inline_name = f"{symbol.ir_name}.inline"
    if symbol.inline and symbol.loc.file != b.unit.filename and not must_build(b, symbol):
        return Deferred(node, definition, b.sema.scope)
    build_body(b, node, definition)
    return None


def must_build(b: Builder, symbol: Symbol) -> bool:
    """Whether the function is needed as far as is known now."""
    if symbol.inline_name:
        return symbol.inline_name in b.referenced
    if symbol.ir_name in b.referenced or linkage_of(symbol) not in ("internal", "available_externally"):
        return True
    attrs = symbol.attrs
    return "used" in attrs.flags or attrs.constructor is not None or attrs.destructor is not None


def build_deferred(b: Builder, deferred: Deferred) -> None:
    """Builds it in the scope that its definition had."""
    b.sema.scope = deferred.scope
    b.sema.function = deferred.definition.symbol
    build_body(b, deferred.node, deferred.definition)


def build_body(b: Builder, node: Any, definition: FunctionDefinition) -> None:
    if mixed.is_mixed(definition.symbol):
        mixed.build_versions(b, definition, lambda version: _build_version(b, node, version, twice=True))
    else:
        _build_version(b, node, definition)


def build_nested(b: Builder, node: Any, definition: FunctionDefinition, outer: FunctionState) -> None:
    """A function in `outer`, which goes on afterwards."""
    _build_version(b, node, definition, outer=outer)


def _build_version(
    b: Builder, node: Any, definition: FunctionDefinition, twice: bool = False, outer: FunctionState | None = None
) -> None:
    symbol = definition.symbol
    type_ = symbol.type.type
    assert isinstance(type_, FunctionT)
    passed = list(definition.promoted) or [p.type for p in definition.params]
    lowered = b.lower_signature(type_, passed, b.features_of(symbol))
    sig = lowered.sig if type_.variadic else ir.Sig(lowered.sig.params, lowered.sig.rets, False, lowered.sig.ret_ext)
    linkage = symbol.emitted_linkage if outer is None else "internal"
    fn = ir.Function(symbol.ir_name, sig, linkage=linkage, loc=symbol.loc)
    if symbol.inline_name:
        fn.name, fn.linkage = symbol.inline_name, "internal"
    describe(fn, symbol)
    if b.options.float_environment:
        fn.attrs |= {"strictfp"}
    b.em = Emitter(fn, b.options.float_environment)
    b.em.loc = symbol.loc
    b.function = FunctionState(symbol, lowered, type_.result, b.em, node.body, outer=outer)
    if outer is not None:
        b.function.static_chain = ir.Reg(fn.fresh("chain"), PTR)
    b.function.in_coroutine = b.function.is_coroutine if twice else None
    if b.debug:
        b.debug.begin(fn, symbol)
    _prologue(b, definition, lowered, passed)
    if b.function.static_chain is not None:
        fn.params.insert(0, b.function.static_chain)
        fn.sig = nested.with_chain(fn.sig)
    library.profile(b, "enter")
    _body(b, node)
    _complete(b, fn, twice)
    _warn(b, node)
    _check_size(b, symbol)
    if not b.scratch_depth:
        b.module.functions[fn.name] = fn
    b.function = outer


def _check_size(b: Builder, symbol: Symbol) -> None:
    size = sum(local.size for local in b.em.fn.locals.values())
    if size >= _MOST_STACK:
        b.diags.error("E0212", symbol.loc, f"the variables of '{symbol.name}' take {size} bytes of stack, over 2 GiB")


def _complete(b: Builder, fn: ir.Function, twice: bool) -> None:
    """What only the whole body decides."""
    assert b.function is not None
    jumps.resolve(b)
    nested.check_defined(b, b.function)
    nonlocal_goto.arm(b, b.function)
    b.em.finish(b.function.address_taken)
    if twice and not b.diags.leave_no_module:
        known_answers.settle(fn)
    if b.function.is_coroutine:
        scope.drop_needless_ends(fn)
    scope.keep_stacks(fn, b.function.kept_stacks)
    if "naked" in fn.attrs:
        naked.settle(b, fn)


def _warn(b: Builder, node: Any) -> None:
    """What can be said of a finished function."""
    function = b.function
    assert function is not None
    usage.leave_scope(b, b.sema.scope)
    usage.labels(b)
    usage.main_function(b, function.symbol)
    if function.falls_off:
        usage.implicit_return(b, function.falls_off, b.unit.ends.get(node, b.em.loc))
    if not b.diags.has_errors:
        flow.check(b.em.fn, b.diags, frozenset(function.own_values))


def _body(b: Builder, node: Any) -> None:
    """The outermost block shares the parameters' scope (C11 6.2.1p4)."""
    statements.block_items(b, node.body.block_items or [])
    function = b.function
    assert function is not None
    b.em.loc = ir.Loc(function.symbol.loc.file, b.em.loc.line)
    if not b.em.terminated:
        scope.run_all_cleanups(b)
        if "naked" in b.em.fn.attrs:
            b.em.terminate(ir.Unreachable(b.em.loc))  # the asm has returned
    statements.fall_off_end(b)


# ---- parameters ---------------------------------------------------------------------------------------------


def _prologue(b: Builder, definition: FunctionDefinition, lowered: Lowered, passed: list[QType]) -> None:
    function = b.function
    assert function is not None
    fn = b.em.fn
    if lowered.sret:
        function.sret = _param(fn, lowered.sig.params[0], "result")
    at = 1 if lowered.sret else 0
    incoming: list[tuple[Symbol, Passing, list[ir.Operand]]] = []
    for symbol, how in zip(definition.params, lowered.params, strict=True):
        for i in range(len(how.fill)):
            _param(fn, lowered.sig.params[at + i], "fill")
        at += len(how.fill)
        count = 1 if how.memory else len(how.pieces)
        regs: list[ir.Operand] = []
        for i in range(count):
            stem = symbol.name or "unnamed"
            regs.append(_param(fn, lowered.sig.params[at + i], stem if count == 1 else f"{stem}.{i}"))
        at += count
        incoming.append((symbol, how, regs))
    if at < len(lowered.sig.params):
        function.arguments = _param(fn, lowered.sig.params[at], "arguments")
    for (symbol, how, regs), type_ in zip(incoming, passed, strict=True):
        _receive(b, symbol, how, regs, type_)
    for symbol, _, _ in incoming:
        if symbol.size_effect is not None:
            b.discard(symbol.size_effect)
        vla.evaluate_lengths(b, symbol.type, None)
    if b.debug and "naked" not in fn.attrs:
        for number, symbol in enumerate(definition.params, 1):
            b.debug.variable(b.em, symbol, symbol.build, function.vla_lengths, number)
    if definition.params:
        function.last_param = definition.params[-1]


def _param(fn: ir.Function, spec: ir.ParamSpec, stem: str) -> ir.Reg:
    taken = {p.name for p in fn.params}
    reg = ir.Reg(stem if stem not in taken else fn.fresh(stem), spec.type)
    fn.params.append(reg)
    return reg


def _receive(b: Builder, symbol: Symbol, how: Passing, regs: list[ir.Operand], passed: QType) -> None:
    """One parameter into its object; a K&R parameter is narrowed from the promoted type."""
    assert b.function is not None
    plain = unqualified(symbol.type)
    if how.memory and not b.function.is_coroutine:
        symbol.build = Variable(regs[0], owner=b.function)
        return
    local = scope.new_local(b, symbol.type, symbol.name or "unnamed")
    symbol.build = Variable(local, owner=b.function)
    place = Place(local, plain, align_of(symbol.type))
    if "naked" in b.em.fn.attrs:
        return
    if how.memory:
        b.em.copy(local, regs[0], size_of(plain), place.align)
    elif is_scalar(plain):
        value = passing.from_registers(b, unqualified(passed), how, regs)
        memory.store(b, place, b.convert(value, plain, None))
    elif how.pieces:
        passing.store_pieces(b, place, how, regs)
