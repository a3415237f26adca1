"""Statements (C11 6.8): blocks, selection, iteration, jumps.

Leaving a block by any way runs the cleanups of the variables declared in it (cleanup attribute, VLA storage); see
scope.py.  Labels, `case` labels and gotos are in jumps.py; asm is in inline_asm.py.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.diag import Abort
from cpc.frontend import nodes, placement
from cpc.frontend.build import expressions, inline_asm, jumps, library, memory, nested, passing, scope
from cpc.frontend.build.describe import describe
from cpc.frontend.build.state import Barrier, Jumps
from cpc.frontend.build.values import NOTHING, Place, Value, align_of, is_record, is_void
from cpc.frontend.c_types import ArrayT
from cpc.frontend.conversions import unqualified
from cpc.ir import ops as ir
from cpc.warnings import expressions as asked
from cpc.warnings import selections, shape

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder


def statement(b: Builder, node: Any) -> None:
    """Any statement or block item."""
    b.em.loc = b.loc(node)
    switches = b.function.switches if b.function is not None else []
    if switches:
        selections.comes_next(b, switches[-1], node)
    match node:
        case c_ast.Compound() if node not in b.unit.parenthesized:
            block(b, node)
        case c_ast.Decl() | c_ast.DeclList() | c_ast.Typedef() | c_ast.StaticAssert():
            scope.declare(b, node)
        case c_ast.If():
            _if(b, node)
        case c_ast.While():
            _while(b, node)
        case c_ast.DoWhile():
            _do(b, node)
        case c_ast.For():
            _for(b, node)
        case c_ast.Return():
            return_statement(b, node)
        case c_ast.Break() | c_ast.Continue():
            jumps.break_or_continue(b, node)
        case c_ast.Switch():
            jumps.switch(b, node)
        case c_ast.Case() | c_ast.Default():
            jumps.case_label(b, node)
        case c_ast.Label():
            jumps.label(b, node)
        case c_ast.Goto():
            jumps.goto(b, node)
        case _:
            _rare(b, node)
    if switches:
        selections.ended(b, switches[-1], node)


def _rare(b: Builder, node: Any) -> None:
    match node:
        case c_ast.EmptyStatement() | c_ast.Pragma() | None:
            pass
        case c_ast.AttributedStatement():
            statement(b, node.stmt)
        case c_ast.AttributeDeclaration():
            pass
        case nodes.ComputedGoto():
            jumps.computed_goto(b, node)
        case nodes.LocalLabels():
            jumps.local_labels(b, node)
        case nodes.Asm():
            inline_asm.statement(b, node)
        case c_ast.FuncDef():
            nested.define(b, node)
        case _:
            shape.discarded(b, node)
            b.discard(node)


def block(b: Builder, node: Any) -> None:
    """A compound statement with its scope."""
    with scope.entered(b):
        block_items(b, node.block_items or [])


_DECLARATIONS = (c_ast.Decl, c_ast.Typedef, c_ast.DeclList)
_NEITHER = (c_ast.Pragma, c_ast.StaticAssert, c_ast.AttributeDeclaration, nodes.LocalLabels)


def block_items(b: Builder, items: list[Any]) -> None:
    """The items of one block, in order (-Wdeclaration-after-statement)."""
    mixed = False
    for item in items:
        if not isinstance(item, (*_DECLARATIONS, *_NEITHER)):
            mixed = True
        elif mixed and isinstance(item, _DECLARATIONS):
            b.warn("W0408", item, "ISO C90 forbids mixed declarations and code")
            mixed = False  # once is enough
        block_item(b, item)


def block_item(b: Builder, node: Any) -> None:
    """A statement of a block.  An error in it is recorded and the next statement is looked at: what has been built
    is not used any more, it only has to be good enough to find further errors."""
    function = b.function
    assert function is not None
    stacks: tuple[list[Any], ...] = (
        function.cleanups, function.barriers, function.jumps, function.switches, function.local_labels,
    )  # fmt: skip
    depths, names, em = [len(stack) for stack in stacks], b.sema.scope, b.em
    try:
        statement(b, node)
    except Abort:
        for stack, depth in zip(stacks, depths, strict=True):
            del stack[depth:]
        b.sema.scope, b.em = names, em


def statement_expression(b: Builder, node: Any) -> Value:
    """GNU `({ ...; e; })`: the value of the last expression, copied before the block's variables go."""
    if b.function is None:
        b.fail("E0256", node, "a statement expression outside of a function")
    items = list(node.block_items or [])
    while items and isinstance(items[-1], c_ast.EmptyStatement):
        items.pop()  # as in gcc, `({ x; ; })` has the value of x
    result: Value = NOTHING
    with scope.entered(b):
        b.function.barriers.append(Barrier("a statement expression"))
        for item in items[:-1]:
            statement(b, item)
        if items:
            result = _last_value(b, items[-1])
    return result


def _last_value(b: Builder, item: Any) -> Value:
    while isinstance(item, c_ast.Label):
        jumps.open_label(b, item)
        item = item.stmt
    if not _is_expression(b, item):
        statement(b, item)
        return NOTHING
    built = b.build(item)
    if isinstance(built, Place) and is_void(built.type):
        return NOTHING
    value = b.rvalue(built, item)
    if is_record(value.type):
        copy = memory.temporary_place(b, value.type)
        memory.store(b, copy, value)
        return Value(copy.addr, value.type)
    return value


_EXPRESSIONS = (
    c_ast.ID, c_ast.Constant, c_ast.BinaryOp, c_ast.UnaryOp, c_ast.Assignment, c_ast.FuncCall, c_ast.StructRef,
    c_ast.ArrayRef, c_ast.Cast, c_ast.TernaryOp, c_ast.ExprList, c_ast.CompoundLiteral, c_ast.GenericSelection,
    nodes.LabelAddr, nodes.ImaginaryConstant,
)  # fmt: skip


def _is_expression(b: Builder, item: Any) -> bool:
    """A block is none, but `({ ... })` is, and only the parentheses tell them apart."""
    return isinstance(item, _EXPRESSIONS) or (isinstance(item, c_ast.Compound) and item in b.unit.parenthesized)


def label_address(b: Builder, node: Any) -> Value:
    return jumps.label_address(b, node)


# ---- selection and iteration --------------------------------------------------------------------------------


def _if(b: Builder, node: Any) -> None:
    then, join = b.em.new_label("then"), b.em.new_label("endif")
    other = b.em.new_label("else") if node.iffalse is not None else join
    shape.selection(b, node)
    asked.empty_body(b, node)
    if node not in b.chained:
        asked.conditions(b, node)
    if isinstance(node.iffalse, c_ast.If):
        b.chained.add(node.iffalse)
    with _own_block(b):
        expressions.branch(b, node.cond, then, other)
        b.em.start(then)
        if b.function is not None and b.function.switches:
            b.function.switches[-1].last = None  # `if (skip) case 1:`: the condition is between
        substatement(b, node.iftrue)
        if node.iffalse is not None:
            b.em.jump(join)
            b.em.start(other)
            substatement(b, node.iffalse)
    b.em.start(join)


def _own_block(b: Builder) -> AbstractContextManager[None]:
    """A selection or iteration statement is a block since C99 (6.8.4p3, 6.8.5p5): tags that it defines end with it."""
    return nullcontext() if b.options.dialect.c90 else scope.entered(b)


def substatement(b: Builder, node: Any) -> None:
    """The statement under `if`, `switch` or a loop, a block as well."""
    if isinstance(node, c_ast.Compound):
        statement(b, node)  # which is one
        return
    with _own_block(b):
        statement(b, node)


def _loop_body(b: Builder, body: Any, break_to: str, continue_to: str) -> None:
    assert b.function is not None
    b.function.jumps.append(Jumps(break_to, continue_to, len(b.function.cleanups)))
    substatement(b, body)
    b.function.jumps.pop()


def _while(b: Builder, node: Any) -> None:
    head, body, done = (b.em.new_label(stem) for stem in ("while", "body", "endwhile"))
    with _own_block(b):
        b.em.start(head)
        expressions.branch(b, node.cond, body, done)
        b.em.start(body)
        _loop_body(b, node.stmt, done, head)
        b.em.jump(head)
        b.em.start(done)


def _do(b: Builder, node: Any) -> None:
    body, test, done = (b.em.new_label(stem) for stem in ("do", "test", "enddo"))
    asked.empty_body(b, node)
    with _own_block(b):
        b.em.start(body)
        _loop_body(b, node.stmt, done, test)
        b.em.start(test)
        b.em.loc = b.loc(node.cond)
        expressions.branch(b, node.cond, body, done)
        b.em.start(done)


def _for(b: Builder, node: Any) -> None:
    head, body, step, done = (b.em.new_label(stem) for stem in ("for", "body", "step", "endfor"))
    with scope.entered(b) if isinstance(node.init, c_ast.DeclList) else _own_block(b):
        if isinstance(node.init, c_ast.DeclList):
            placement.for_declaration(b.sema, node.init)
        if node.init is not None:
            statement(b, node.init)
        b.em.start(head)
        if node.cond is not None:
            expressions.branch(b, node.cond, body, done)
        if _defines_tag(node.next):  # which the body sees (6.2.1p4)
            here = b.em.detach(step)
            _step(b, node, head)
            b.em.move_to(here)
            b.em.start(body)
            _loop_body(b, node.stmt, done, step)
            b.em.jump(step)
        else:
            b.em.start(body)
            _loop_body(b, node.stmt, done, step)
            b.em.start(step)
            _step(b, node, head)
        b.em.start(done)


def _step(b: Builder, node: Any, head: str) -> None:
    """The third expression of `for`, and back to the head."""
    if node.next is not None:
        b.em.loc = b.loc(node.next)
        shape.discarded(b, node.next)
        b.discard(node.next)
    b.em.jump(head)


def _defines_tag(node: Any) -> bool:
    match node:
        case None:
            return False
        case c_ast.Struct(decls=defined) | c_ast.Union(decls=defined) | c_ast.Enum(values=defined):
            return defined is not None
        case _:
            return any(_defines_tag(child) for child in node)


# ---- return -------------------------------------------------------------------------------------------------


def return_statement(b: Builder, node: Any) -> None:
    """`return e;`: the value is computed, then cleanups run, then control leaves."""
    function = b.function
    assert function is not None
    if node.expr is None:
        if not is_void(function.result):
            b.warn("W0255", node, "'return' without a value in a function that returns one")
        scope.run_all_cleanups(b)
        _leave(b, None)
        return
    asked.returned(b, node)
    value = b.value(node.expr)
    if is_void(function.result):
        if not is_void(value.type):
            b.warn("W0255", node, "'return' with a value in a function that returns void")
        scope.run_all_cleanups(b)
        _leave(b, None)
        return
    if isinstance(function.result.type, ArrayT):
        b.fail("E0253", node, f"a function cannot return '{describe(function.result)}'")
    value = b.assign_convert(value, function.result, node, "returning")
    pending = any(cleanup.end is None for cleanup in function.cleanups)
    if is_record(value.type) and pending and function.sret is None:
        copy = memory.temporary_place(b, value.type)
        memory.store(b, copy, value)
        value = Value(copy.addr, value.type)
    if function.sret is not None:
        _store_result(b, value)
        value = NOTHING
    scope.run_all_cleanups(b)
    _leave(b, value)


def _store_result(b: Builder, value: Value) -> None:
    function = b.function
    assert function is not None and function.sret is not None
    plain = unqualified(function.result)
    memory.store(b, Place(function.sret, plain, align_of(plain)), value)


def _leave(b: Builder, value: Value | None) -> None:
    """The Ret.  Without a value where the type wants one it is 0: for main by 5.1.2.2.3, else because programs that
    look at the result all the same (C11 6.9.1p12) should not fall to pieces."""
    function = b.function
    assert function is not None
    rets = function.lowered.sig.rets
    if value is None or value is NOTHING:
        values: tuple[ir.Operand, ...] = tuple(b.em.zero(t) for t in rets)
    else:
        values = tuple(passing.to_registers(b, value, function.lowered.result))
    library.profile(b, "exit")
    b.em.terminate(ir.Ret(values, b.em.loc))


def fall_off_end(b: Builder) -> None:
    """The closing brace of a function."""
    if not b.em.terminated:
        _leave(b, None)
        assert b.function is not None
        if b.function.lowered.sig.rets or b.function.sret is not None:
            b.function.falls_off = b.em.block.label
