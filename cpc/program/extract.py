"""Reads one function, or the initialisers at file scope, of a parsed unit: statements; the rest is in values.py and
calls.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pycparser import c_ast

from cpc.frontend.nodes import Asm, ComputedGoto
from cpc.frontend.unit import loc_of
from cpc.loc import Loc
from cpc.program.calls import Calls
from cpc.program.environment import Ident, ident_of
from cpc.program.facts import Call, Flow, FunctionFacts, Source
from cpc.program.recorder import NOTHING, OUTERMOST, VARIABLE_LENGTH, Scope, Value, Variable
from cpc.program.types import VOID, Base, Function, Named, Pointer, Record, Type
from cpc.program.values import is_null


@dataclass(slots=True)
class _Loop:
    """Where `break` and `continue` go, and how many scopes are around."""

    after: int
    again: int | None
    depth: int


@dataclass(slots=True)
class Reader(Calls):
    """Reads one body; `facts` of the unit get its flows, declarations and slots."""

    _loops: list[_Loop] = field(default_factory=list)
    _labels: dict[str, int] = field(default_factory=dict)
    _body: Any = None
    _label_depths: dict[str, int] | None = None
    _switches: list[tuple[int, bool]] = field(default_factory=list)  # (block before, whether default was seen)
    _taken: list[int] = field(default_factory=list)  # blocks that end in a computed goto

    def function(self, node: Any, ident: Ident, id_: str) -> FunctionFacts:
        """The facts of a definition."""
        self.owner = id_
        type_ = self.env.resolve(ident.type)
        assert isinstance(type_, Function)
        self.result = type_.result
        self.slot(f"result {id_}", type_.result, ident.loc, f"the result of '{ident.name}'")
        self.scopes.append(Scope())
        self._parameters(node, type_)
        self._body = node.body
        self._compound(node.body)
        self.graph.end(returns=True)
        labels = list(self._labels.values())
        for block in self._taken:
            self.graph.blocks[block].edges += [(to, "") for to in labels]
        blocks, calls, returning, asserted = self.graph.finish(self.changed)
        return FunctionFacts(
            id_,
            ident.name,
            ident.loc,
            type_.color,
            ident.internal,
            ident.inline,
            calls,
            self.only_set_variables(blocks),
            returning,
            words_of(type_.result),
            frozenset(self.statics),
            frozenset(self.threads),
            self.shared_changes(),
            frozenset(self.records),
            asserted,
        )

    def _parameters(self, node: Any, type_: Function) -> None:
        decl = node.decl.type
        params = decl.args.params if isinstance(decl, c_ast.FuncDecl) and decl.args is not None else []
        named = [p for p in params if isinstance(p, c_ast.Decl | c_ast.Typename)]
        for index, (param, declared) in enumerate(zip(named, type_.params, strict=False)):
            if getattr(param, "name", None):
                slot = f"parameter {self.owner} {index}"
                self.scopes[-1].names[param.name] = Variable(declared, slot, True)
                self.slot(slot, declared, loc_of(param), f"parameter '{param.name}' of '{node.decl.name}'")

    # ---- statements ----

    def statement(self, node: Any) -> None:
        match node:
            case None | c_ast.EmptyStatement() | c_ast.Pragma() | c_ast.StaticAssert():
                pass
            case c_ast.Compound():
                self._compound(node)
            case c_ast.Decl() | c_ast.Typedef():
                self.declaration(node)
            case c_ast.DeclList():
                for decl in node.decls:
                    self.declaration(decl)
            case c_ast.If():
                self._if(node)
            case c_ast.While():
                self._loop(node.cond, node.stmt, None, first=True)
            case c_ast.DoWhile():
                self._loop(node.cond, node.stmt, None, first=False)
            case c_ast.For():
                self._for(node)
            case c_ast.Switch():
                self._switch(node)
            case c_ast.Case() | c_ast.Default():
                self._case(node)
            case c_ast.Return():
                self._return(node)
            case c_ast.Goto():
                self._leave(self._depth_of(node.name), loc_of(node))
                self.graph.jump(self._label(node.name))
                self.graph.end()
            case ComputedGoto():
                self.value(node.expr)
                self._taken.append(self.graph.at)
                self.graph.end()
            case c_ast.Label():
                block = self._label(node.name)
                self.graph.jump(block)
                self.graph.at = block
                self.statement(node.stmt)
            case c_ast.Break() | c_ast.Continue():
                self._break(node)
            case Asm():
                for operand in (*node.outputs, *node.inputs):
                    self.value(operand.expr)
            case c_ast.FuncDef():
                pass  # a nested function: cpc refuses it elsewhere
            case _:
                self.expression(node)

    def _compound(self, node: Any) -> None:
        self.scopes.append(Scope())
        for item in node.block_items or ():
            self.statement(item)
        self._leave(len(self.scopes) - 1, loc_of(node))
        self.scopes.pop()

    def statement_expression(self, node: Any) -> Any:
        """`({ ...; value; })`."""
        self.scopes.append(Scope())
        items = node.block_items or []
        for item in items[:-1]:
            self.statement(item)
        last = items[-1] if items else None
        if last is None or isinstance(last, _STATEMENTS):
            self.statement(last)
            found = NOTHING
        else:
            found = self.value(last)
        self._leave(len(self.scopes) - 1, loc_of(node))
        self.scopes.pop()
        return found

    def _if(self, node: Any) -> None:
        then, other, after = self.graph.new(), self.graph.new(), self.graph.new()
        self.condition(node.cond, then, other)
        for block, branch in ((then, node.iftrue), (other, node.iffalse)):
            self.graph.at = block
            self.statement(branch)
            self.graph.jump(after)
        self.graph.at = after

    def _for(self, node: Any) -> None:
        self.scopes.append(Scope())
        self.statement(node.init)
        self._loop(node.cond, node.stmt, node.next, first=True, once=_ends_itself(node.cond, node.next))
        self._leave(len(self.scopes) - 1, loc_of(node))
        self.scopes.pop()

    def _loop(self, condition: Any, body: Any, step: Any, *, first: bool, once: bool = False) -> None:
        test, inside, again, after = (self.graph.new() for _ in range(4))
        self.graph.jump(test if first else inside)
        self.graph.at = test
        if condition is None:
            self.graph.jump(inside)
        else:
            self.condition(condition, inside, after)
        self.graph.at = inside
        self._loops.append(_Loop(after, again, len(self.scopes)))
        self.statement(body)
        self._loops.pop()
        self.graph.jump(again)
        self.graph.at = again
        if step is not None:
            self.expression(step)
        self.graph.jump(after if once else test)
        self.graph.at = after

    def _switch(self, node: Any) -> None:
        self.condition_value(node.cond)
        before, after = self.graph.at, self.graph.new()
        self._loops.append(_Loop(after, None, len(self.scopes)))
        self._switches.append((before, False))
        self.graph.at = self.graph.new()
        self.statement(node.stmt)
        self.graph.jump(after)
        self._loops.pop()
        _, complete = self._switches.pop()
        if not complete:
            self.graph.blocks[before].edges.append((after, ""))
        self.graph.at = after

    def _case(self, node: Any) -> None:
        block = self.graph.new()
        self.graph.jump(block)
        if self._switches:
            before, complete = self._switches[-1]
            self.graph.blocks[before].edges.append((block, ""))
            self._switches[-1] = before, complete or isinstance(node, c_ast.Default)
        self.graph.at = block
        for statement in node.stmts or ():
            self.statement(statement)

    def _break(self, node: Any) -> None:
        continuing = isinstance(node, c_ast.Continue)
        loop = next((x for x in reversed(self._loops) if not continuing or x.again is not None), None)
        if loop is not None:
            self._leave(loop.depth, loc_of(node))
            self.graph.jump(loop.again if continuing and loop.again is not None else loop.after)
        self.graph.end()

    def _return(self, node: Any) -> None:
        if node.expr is not None:
            found = self.value(node.expr)
            self.flow(f"result {self.owner}", self.result, found.sources, "return", loc_of(node.expr))
        self._leave(0, loc_of(node))
        self.graph.end(returns=True)

    def _label(self, name: str) -> int:
        if name not in self._labels:
            self._labels[name] = self.graph.new()
        return self._labels[name]

    def _depth_of(self, label: str) -> int:
        """How many scopes are around a label; most functions have none."""
        if self._label_depths is None:
            self._label_depths = {}
            if self._body is not None:  # not in a statement expression outside of functions
                _depths(self._body, 1, self._label_depths)
        return self._label_depths.get(label, 1)

    def _leave(self, depth: int, loc: Loc) -> None:
        """Calls the cleanup functions of the scopes inside the first `depth`."""
        for scope in reversed(self.scopes[depth:]):
            for local in scope.locals:
                self.graph.event("end", local, loc.line, loc.column)
            for name, function in reversed(scope.cleanups):
                self.graph.call(Call(self.function_id(function), "", loc, "", False, (f"&{name}",), "", True))

    # ---- declarations ----

    def declaration(self, node: Any) -> None:
        """A declaration in a block."""
        if isinstance(node, c_ast.Typedef):
            self.env.own.typedefs[node.name] = self.converter.declared(node)
            return
        if not getattr(node, "name", None):
            self.converter.declared(node)
            return
        ident = ident_of(self.converter, node, False)
        type_ = self.typeof(ident.type)
        if isinstance(self.env.resolve(type_), Function):
            return  # a function declared in a block: found by name like any other
        if isinstance(type_, Base) and type_.text == "__auto_type" and node.init is not None:
            type_ = self.silent(node.init).type
        slot = f"local {self.owner} {node.name}"
        record = self.env.resolve(type_)
        if isinstance(record, Record) and not ident.internal:
            self.records.add(record.tag)
        in_block = len(self.scopes) > OUTERMOST and not ident.thread and not node.storage
        local = f"{node.name}:{ident.loc.line}" if in_block else ""
        self.scopes[-1].names[node.name] = Variable(type_, slot, not ident.thread, local)
        if ident.thread:
            self.threads.add(node.name)
        if ident.internal:
            self.statics.add(node.name)
        self.slot(slot, type_, ident.loc, f"variable '{node.name}'")
        if node.init is not None:
            self.initialise_variable(node, type_, slot)
        if self._is_variable_length(node.type):
            self.point(node.name, Value(type_, local=VARIABLE_LENGTH), ident.loc)
        for attribute in self.unit.attributes_of(node):
            if attribute.name == "cleanup" and attribute.args and isinstance(attribute.args[0], c_ast.ID):
                self.scopes[-1].cleanups.append((node.name, attribute.args[0].name))
                self.mention(attribute.args[0].name)

    def _is_variable_length(self, node: Any) -> bool:
        """Whether a declared array has a length that variables decide."""
        while isinstance(node, c_ast.ArrayDecl):
            if node.dim is not None and self._varies(node.dim):
                return True
            node = node.type
        return False

    def _varies(self, node: Any) -> bool:
        match node:
            case c_ast.ID(name=name):
                return self.variable(name) is not None
            case c_ast.UnaryOp(op="sizeof" | "_Alignof" | "__alignof__") | c_ast.Typename():
                return False
            case c_ast.FuncCall(name=c_ast.ID(name=name)):
                return not name.startswith("__builtin_")
            case _:
                return any(self._varies(child) for child in node)

    def initialise_variable(self, node: Any, type_: Type, slot: str) -> None:
        read, self.paths = self.paths, []
        found = NOTHING
        if isinstance(node.init, c_ast.InitList):
            self.initialise(type_, node.init, slot)
        else:
            self.remember_guard(node.name, node.init)
            found = self.value(node.init)
            self.flow(slot, type_, found.sources, "initialiser", loc_of(node.init))
        self.set_variable(node.name, found, loc_of(node))
        self.written(node.name)
        self.paths = read


_STATEMENTS = (
    c_ast.If, c_ast.While, c_ast.DoWhile, c_ast.For, c_ast.Switch, c_ast.Return, c_ast.Goto, c_ast.Break,
    c_ast.Continue, c_ast.Decl, c_ast.Typedef, c_ast.EmptyStatement, c_ast.Pragma, c_ast.Label, c_ast.DeclList,
    c_ast.Case, c_ast.Default, c_ast.StaticAssert, Asm, ComputedGoto,
)  # fmt: skip


def _ends_itself(condition: Any, step: Any) -> bool:
    """Whether a loop runs once: `for (guard = lock(); guard; unlock(guard), guard = NULL)`."""
    last = step.exprs[-1] if isinstance(step, c_ast.ExprList) else step
    match condition, last:
        case c_ast.ID(name=name), c_ast.Assignment(op="=", lvalue=c_ast.ID(name=other), rvalue=value):
            return bool(name == other) and is_null(value)
        case _:
            return False


def _depths(node: Any, depth: int, found: dict[str, int]) -> None:
    """How many scopes are around each label."""
    waiting = [(node, depth)]
    while waiting:
        at, around = waiting.pop()
        if isinstance(at, c_ast.Label):
            found[at.name] = around
        inner = around + isinstance(at, c_ast.Compound | c_ast.For)
        waiting += [(child, inner) for child in at]


def words_of(type_: Type) -> str:
    """A type in short, for messages."""
    match type_:
        case Base(text):
            return text
        case Named(name):
            return name
        case Record(tag):
            return f"struct {tag}"
        case Pointer():
            return "pointer"
        case _:
            return ""


__all__ = ["VOID", "Flow", "Reader", "Source"]
