"""Jumps: break, continue, switch, labels, goto, computed goto (C11 6.8.1, 6.8.4.2, 6.8.6).

A goto backwards knows its label's pending cleanups and runs the difference at once.  A forward goto does not: it
jumps to a block of its own, which is filled in with the cleanups when the label is met.  `case` labels may stand
anywhere inside the switch body (Duff's device): they only open a block and tell the innermost switch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend import nodes
from cpc.frontend.build import nested, nonlocal_goto, scope, statements
from cpc.frontend.build.arithmetic import promoted
from cpc.frontend.build.describe import describe
from cpc.frontend.build.fold import integer
from cpc.frontend.build.state import Barrier, Cleanup, FunctionState, Goto, Jumps, Label, LocalLabel, SwitchCases
from cpc.frontend.build.values import Value, int_type, is_pointer, is_signed, scalar_type
from cpc.frontend.c_types import VOID, PointerT, QType
from cpc.ir import ops as ir
from cpc.ir.types import IntType
from cpc.warnings import selections

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

LONGEST_RANGE = 64


def _function(b: Builder) -> FunctionState:
    assert b.function is not None
    return b.function


def break_or_continue(b: Builder, node: Any) -> None:
    is_break = isinstance(node, c_ast.Break)
    for jumps in reversed(_function(b).jumps):
        target = jumps.break_to if is_break else jumps.continue_to
        if target is not None:
            scope.run_cleanups(b, jumps.depth)
            b.em.jump(target)
            return
    b.fail("E0270", node, f"'{'break' if is_break else 'continue'}' outside of a loop")


# ---- switch -------------------------------------------------------------------------------------------------


def switch(b: Builder, node: Any) -> None:
    function = _function(b)
    with scope.entered(b):
        value = b.value(node.cond)
        if int_type(value.type) is None:
            b.fail("E0257", node, f"switch on a value of type '{describe(value.type)}'")
        enum = value.type.type
        value = promoted(b, value, node)
        done = b.em.new_label("endswitch")
        head = b.em.detach(b.em.new_label("switch"))
        cases = SwitchCases(value.type, len(function.barriers))
        function.switches.append(cases)
        function.jumps.append(Jumps(done, None, len(function.cleanups)))
        statements.substatement(b, node.stmt)
        function.jumps.pop()
        function.switches.pop()
        selections.enum_switch(b, enum, cases, node)
        selections.default(b, cases, node)
        b.em.jump(done)
        b.em.move_to(head)
        _dispatch(b, value, cases, cases.default or done, node)
        b.em.start(done)


def _dispatch(b: Builder, value: Value, cases: SwitchCases, default: str, node: Any) -> None:
    """Long ranges by comparison, everything else in one Switch."""
    _check_distinct(b, cases, node)
    bits = scalar_type(value.type)
    assert isinstance(bits, IntType)
    pairs: list[tuple[int, str]] = []
    for first, last, label in cases.ranges:
        if last - first < LONGEST_RANGE:
            pairs.extend((integer(bits, v).value, label) for v in range(first, last + 1))
            continue
        offset = b.em.bin("sub", value.op, integer(bits, first))
        following = b.em.new_label("range")
        b.em.branch(b.em.cmp("ule", offset, integer(bits, last - first)), label, following)
        b.em.start(following)
    b.em.terminate(ir.Switch(value.op, tuple(pairs), default, b.em.loc))


def _check_distinct(b: Builder, cases: SwitchCases, node: Any) -> None:
    last_end: int | None = None
    for first, last, _ in sorted(cases.ranges):
        if last_end is not None and first <= last_end:
            b.fail("E0271", node, f"duplicate case value {first}")
        last_end = last


def case_label(b: Builder, node: Any) -> None:
    """`case e:`, `case a ... b:` and `default:` with their statements."""
    switches = _function(b).switches
    if not switches:
        b.fail("E0270", node, "'case' or 'default' outside of a switch")
    cases = switches[-1]
    _check_entered(b, _function(b).barriers[cases.depth :], node)
    selections.falls_into(b, cases, node)
    if isinstance(node, c_ast.Default):
        if cases.default is not None:
            b.fail("E0271", node, "two 'default' labels in one switch")
        cases.default = b.em.new_label("default")
        b.em.start(cases.default)
    else:
        is_range = isinstance(node.expr, nodes.Range)
        first = _case_value(b, cases, node.expr.low if is_range else node.expr)
        last = _case_value(b, cases, node.expr.high) if is_range else first
        label_name = b.em.new_label("case")
        if first <= last:
            cases.ranges.append((first, last, label_name))
            cases.places.append((first, last, b.loc(node)))
        b.em.start(label_name)
    for item in node.stmts or []:
        statements.statement(b, item)


def _case_value(b: Builder, cases: SwitchCases, node: Any) -> int:
    value = b.constant(node, None)
    if not isinstance(value, ir.Const) or not isinstance(value.type, IntType):
        b.fail("E0272", node, "a case label is not an integer constant expression")
    converted = b.constant(node, cases.type)
    assert isinstance(converted, ir.Const) and isinstance(converted.type, IntType)
    bits = converted.type.bits
    signed = is_signed(cases.type) and converted.value >> (bits - 1)
    return converted.value - (1 << bits) if signed else converted.value


# ---- labels -------------------------------------------------------------------------------------------------


def _label(b: Builder, name: str, node: Any, owner: FunctionState | None = None) -> Label:
    function = owner or _function(b)
    if name not in function.labels:
        function.labels[name] = Label(function.em.new_label(name), b.loc(node))
    return function.labels[name]


def label(b: Builder, node: Any) -> None:
    open_label(b, node)
    statements.statement(b, node.stmt)


def open_label(b: Builder, node: Any) -> None:
    """Starts the label's block and completes the gotos that came before it."""
    found = _label(b, node.name, node)
    if found.scopes is not None:
        b.fail("E0273", node, f"label '{node.name}' is defined twice")
    found.scopes = tuple(_function(b).cleanups)
    found.barriers = tuple(_function(b).barriers)
    found.loc = b.loc(node)
    found.silent = any(a.name in ("unused", "maybe_unused") for a in b.unit.attributes_of(node))
    if b.em.terminated and _function(b).switches:
        _function(b).switches[-1].last = None  # only gotos come here: nothing falls through to a case behind
    b.em.start(found.block)
    for jump in found.forward:
        _check_entered(b, found.barriers[_shared(jump.barriers, found.barriers) :], jump.node)
        if not jump.scopes:
            continue
        here = b.em.detach(jump.block)
        _leave_scopes(b, jump.scopes, found.scopes)
        b.em.jump(found.block)
        b.em.move_to(here)


def _leave_scopes(b: Builder, pending: tuple[Cleanup, ...], target: tuple[Cleanup, ...]) -> None:
    scope.emit_cleanups(b, list(pending[_shared(pending, target) :]))


def _shared(here: Sequence[object], there: Sequence[object]) -> int:
    """How many of the things around two places are the same."""
    shared = 0
    while shared < min(len(here), len(there)) and here[shared] is there[shared]:
        shared += 1
    return shared


def _check_entered(b: Builder, barriers: Sequence[Barrier], node: Any) -> None:
    """6.8.4.2p2, 6.8.6.1p1, and gcc manual 6.1."""
    if barriers:
        b.fail("E0273", node, f"a jump into {barriers[0].inside}")


def goto(b: Builder, node: Any) -> None:
    owner = nonlocal_goto.owner_of(b, node.name)
    found = _label(b, node.name, node, owner)
    found.used = True
    if owner is not None:
        nonlocal_goto.goto(b, owner, found.block, node)
        return
    pending, around = tuple(_function(b).cleanups), tuple(_function(b).barriers)
    if found.scopes is not None:
        _check_entered(b, found.barriers[_shared(around, found.barriers) :], node)
        _leave_scopes(b, pending, found.scopes)
        b.em.jump(found.block)
        return
    block = b.em.new_label("goto") if pending else found.block
    found.forward.append(Goto(block, pending, around, node))
    b.em.jump(block)


def local_labels(b: Builder, node: Any) -> None:
    """`__label__ a, b;`: these names are the block's own."""
    function = _function(b)
    for name in node.names:
        if any(known.name == name and known.depth == function.depth for known in function.local_labels):
            b.fail("E0273", node, f"label '{name}' is declared twice in this block")
        function.local_labels.append(LocalLabel(name, function.depth, function.labels.pop(name, None)))


def label_address(b: Builder, node: Any) -> Value:
    """`&&label`."""
    if b.function is None:
        b.fail("E0273", node, "address of a label outside of a function")
    owner = nonlocal_goto.owner_of(b, node.name) or b.function
    found = _label(b, node.name, node, owner)
    found.used = True
    if found.block not in owner.address_taken:
        owner.address_taken.append(found.block)
    address: ir.Operand = ir.BlockAddr(found.block)
    if owner is not b.function:
        address = nested.captured(b, owner, ("address", found.block), address)
    return Value(address, QType(PointerT(QType(VOID))))


def computed_goto(b: Builder, node: Any) -> None:
    """`goto *e;`: its targets are filled in at the end of the function."""
    value = b.value(node.expr)
    if not is_pointer(value.type):
        b.fail("E0262", node, f"'goto *' of '{describe(value.type)}'")
    b.em.terminate(ir.IndirectJump(value.op, (), b.em.loc))


def resolve(b: Builder) -> None:
    """At the end of a function: every label was defined, computed gotos get their targets."""
    function = _function(b)
    for name, found in function.labels.items():
        if found.scopes is None:
            b.diags.abort("E0273", found.loc, f"label '{name}' is used but not defined")
    targets = tuple(function.address_taken)
    for block in function.em.fn.blocks.values():
        if isinstance(block.term, ir.IndirectJump):
            block.term = ir.IndirectJump(block.term.ptr, targets, block.term.loc)
