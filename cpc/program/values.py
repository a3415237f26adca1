"""Reads the expressions of a function: their types, the functions that a pointer may point to, and what they do.

`value` evaluates for the value, `place` for the object; both add events to the graph in order of evaluation.  What
sizeof and typeof hold is read silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from pycparser import c_ast

from cpc.frontend.unit import Unit, loc_of
from cpc.loc import NO_LOC, Loc
from cpc.program.environment import Environment, Ident
from cpc.program.facts import Block, Call, Declaration, Flow, Slot, Source, UnitFacts
from cpc.program.graph import Graph
from cpc.program.types import (
    INT,
    UNKNOWN,
    VOID,
    Array,
    Base,
    Converter,
    Function,
    Pointer,
    Record,
    Type,
    TypeOf,
)

IN_COROUTINE = "qemu_in_coroutine"
_UNEVALUATED_LIST = (
    "__builtin_offsetof __builtin_types_compatible_p __builtin_constant_p __builtin_object_size"
    " __builtin_dynamic_object_size __builtin_classify_type"
)
_UNEVALUATED = frozenset(_UNEVALUATED_LIST.split())
_NEVER_RETURN = frozenset(("__builtin_unreachable", "__builtin_trap", "__builtin_abort", "abort", "exit", "_exit"))
_LONGEST_TEXT = 100
_LONGEST_PATH = 200
_WORD = re.compile(r"[A-Za-z_]\w*")


class Value(NamedTuple):
    """`sources`: what functions or slots it may come from; `path`: the object as text, '' when that is not simple."""

    type: Type
    sources: tuple[Source, ...] = ()
    path: str = ""


NOTHING = Value(VOID)


class Variable(NamedTuple):
    type: Type
    slot: str
    automatic: bool


@dataclass(slots=True)
class Scope:
    names: dict[str, Variable] = field(default_factory=dict)
    cleanups: list[tuple[str, str]] = field(default_factory=list)  # (variable, function)


@dataclass(slots=True)
class Values:
    env: Environment
    unit: Unit
    facts: UnitFacts
    graph: Graph = field(default_factory=Graph)
    owner: str = ""
    result: Type = VOID
    scopes: list[Scope] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)  # objects read since the statement or initialiser began
    statics: set[str] = field(default_factory=set)
    threads: set[str] = field(default_factory=set)
    _muted: int = 0
    _testing: bool = False
    _guards: set[str] = field(default_factory=set)  # variables that hold what qemu_in_coroutine() said
    _set: set[str] = field(default_factory=set)  # variables set from objects
    _unused: Any = None
    _converter: Converter | None = None

    if TYPE_CHECKING:

        def statement_expression(self, node: Any) -> Value: ...  # the subclass's

    # ---- names ----

    @property
    def converter(self) -> Converter:
        if self._converter is None:
            self._converter = Converter(self.unit, self.env.own.bodies.__setitem__)
        return self._converter

    def variable(self, name: str) -> Variable | None:
        return next((s.names[name] for s in reversed(self.scopes) if name in s.names), None)

    def mention(self, name: str) -> Ident | None:
        """The declaration of a function or object at file scope; a function's declarations become facts."""
        found = self.env.idents(name)
        if not found:
            return None
        if isinstance(self.env.resolve(found[-1].type), Function):
            declare(self.facts, self.env, found)
        return found[-1]

    def function_id(self, name: str) -> str:
        found = self.env.idents(name)
        return id_of(found) if found else name

    def slot(self, id_: str, type_: Type, loc: Loc, words: str) -> None:
        """Notes a declared slot."""
        function = self.env.function(type_)
        if function is not None and id_ not in self.facts.slots:
            self.facts.slots[id_] = Slot(id_, function.color, loc, words)

    # ---- events ----

    def event(self, kind: str, what: str, node: Any) -> None:
        if self._muted or not what:
            return
        coord = node.coord
        if kind == "read" and self._testing:
            kind = "test"
        self.graph.event(kind, what, getattr(coord, "line", 0) or 0, getattr(coord, "column", 0) or 0)

    def touch(self, kind: str, found: Value, node: Any) -> None:
        """An access of an object; those of plain local variables say nothing."""
        if "->" in found.path or "*" in found.path or self._is_global(found.path):
            if kind == "read":
                self.paths.append(found.path)
            self.event(kind, found.path, node)

    def _is_global(self, path: str) -> bool:
        root = _WORD.match(path)
        return root is not None and self.variable(root.group()) is None

    def set_variable(self, name: str, loc: Loc) -> None:
        """A local variable got a value made of `paths`."""
        if self._muted:
            return
        if self.paths:
            self._set.add(name)
        self.graph.event("set", f"{name} = {' '.join(dict.fromkeys(self.paths))}", loc.line, loc.column)

    def only_set_variables(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """Without the uses of variables that nothing was ever said about."""

        def kept(block: Block) -> Block:
            events = tuple(
                e for e in block.events
                if not (e.kind == "use" and e.what not in self._set)
                and not (e.kind == "set" and str(e.what).split(" ", 1)[0] not in self._set)
            )  # fmt: skip
            return block._replace(events=events)

        return tuple(kept(block) for block in blocks)

    @contextmanager
    def muted(self) -> Iterator[None]:
        self._muted += 1
        at = self.graph.at
        try:
            yield
        finally:
            self._muted -= 1
            self.graph.at = at

    def silent(self, node: Any) -> Value:
        """The value of an expression that is not evaluated."""
        with self.muted():
            return self.value(node)

    def typeof(self, type_: Type) -> Type:
        """The type, with typeof answered."""
        match type_:
            case TypeOf(expr):
                return self.silent(expr).type
            case Pointer(to):
                return Pointer(self.typeof(to))
            case Array(of):
                return Array(self.typeof(of))
            case _:
                return type_

    def named_type(self, node: Any) -> Type:
        return self.typeof(self.converter.declared(node))

    def flow(self, slot: str, type_: Type, sources: tuple[Source, ...], how: str, loc: Loc) -> None:
        """Functions get into a slot."""
        if not slot or not sources or self._muted:
            return
        typed = self.env.function(type_) is not None
        self.facts.flows += [Flow(slot, source, how, loc, self.owner, typed) for source in sources]

    # ---- conditions ----

    def condition(self, node: Any, then: int, other: int) -> None:
        """Evaluates a condition and goes to one of two blocks."""
        match node:
            case c_ast.UnaryOp(op="!"):
                self.condition(node.expr, other, then)
            case c_ast.BinaryOp(op="&&"):
                middle = self.graph.new()
                self.condition(node.left, middle, other)
                self.graph.at = middle
                self.condition(node.right, then, other)
            case c_ast.BinaryOp(op="||"):
                middle = self.graph.new()
                self.condition(node.left, then, middle)
                self.graph.at = middle
                self.condition(node.right, then, other)
            case c_ast.FuncCall(name=c_ast.ID(name="__builtin_expect")) if node.args:
                self.condition(node.args.exprs[0], then, other)
            case c_ast.Cast():
                self.condition(node.expr, then, other)
            case c_ast.Constant() if (known := _constant(node)) is not None:
                self.graph.jump(then if known else other)
            case _:
                self._branch(node, then, other)

    def _branch(self, node: Any, then: int, other: int) -> None:
        self.condition_value(node)
        guard = self._asks_for_coroutine(node)
        self.graph.jump(then, "coroutine" if guard else "")
        self.graph.jump(other, "plain" if guard else "")

    def condition_value(self, node: Any) -> Value:
        before, self._testing = self._testing, True
        try:
            return self.value(node)
        finally:
            self._testing = before

    def _asks_for_coroutine(self, node: Any) -> bool:
        match node:
            case c_ast.FuncCall(name=c_ast.ID(name=name)):
                return bool(name == IN_COROUTINE)
            case c_ast.ID(name=name):
                return name in self._guards
            case _:
                return False

    def remember_guard(self, name: str, init: Any) -> None:
        if self._asks_for_coroutine(init):
            self._guards.add(name)

    # ---- expressions ----

    def expression(self, node: Any) -> None:
        """An expression whose value is not used."""
        self.paths = []
        self._unused = node
        self.value(node)

    def value(self, node: Any) -> Value:
        """Evaluates; the value of an array or function is its address."""
        match node:
            case c_ast.ID():
                found = self.place(node)
                if (variable := self.variable(node.name)) is not None and variable.automatic:
                    self.event("use", node.name, node)
                else:
                    self.touch("read", found, node)
                return found
            case c_ast.Constant():
                return Value(Pointer(Base("char")) if node.type == "string" else Base(node.type))
            case c_ast.StructRef() | c_ast.ArrayRef():
                found = self.place(node)
                self.touch("read", found, node)
                return found
            case c_ast.FuncCall():
                return self.call(node)
            case c_ast.Assignment():
                return self.assignment(node)
            case c_ast.UnaryOp():
                return self.unary(node)
            case c_ast.BinaryOp():
                return self.binary(node)
            case c_ast.TernaryOp():
                return self.ternary(node)
            case c_ast.Cast():
                type_ = self.named_type(node.to_type)
                inner = self.value(node.expr)
                return Value(type_, tuple(s._replace(cast=True) for s in inner.sources), inner.path)
            case c_ast.CompoundLiteral():
                return self.compound_literal(node)
            case c_ast.ExprList():
                found = NOTHING
                for expr in node.exprs:
                    found = self.value(expr)
                return found
            case c_ast.Compound():
                return self.statement_expression(node)
            case c_ast.GenericSelection():
                return self.generic(node)
            case c_ast.InitList():
                for expr in node.exprs:
                    self.value(expr.expr if isinstance(expr, c_ast.NamedInitializer) else expr)
                return Value(UNKNOWN)
            case _:
                return Value(UNKNOWN)

    def place(self, node: Any) -> Value:
        """Evaluates an lvalue up to the object, which is not read."""
        match node:
            case c_ast.ID(name=name):
                return self.name(name)
            case c_ast.StructRef():
                return self.member(node)
            case c_ast.ArrayRef():
                base = self.value(node.name) if not _names_array(node.name) else self.place(node.name)
                self.value(node.subscript)
                inner = self.env.resolve(base.type)
                type_ = inner.to if isinstance(inner, Pointer) else inner.of if isinstance(inner, Array) else UNKNOWN
                index = text_of(node.subscript)
                return Value(type_, base.sources, _simple(f"{base.path}[{index}]" if base.path and index else ""))
            case c_ast.UnaryOp(op="*"):
                base = self.value(node.expr)
                inner = self.env.resolve(base.type)
                if isinstance(inner, Function):
                    return base
                type_ = inner.to if isinstance(inner, Pointer) else inner.of if isinstance(inner, Array) else UNKNOWN
                target = self.env.resolve(type_)
                sources = base.sources
                if not isinstance(target, Function):
                    slots = (s.id for s in sources if s.kind == "slot" and _simple(s.id))
                    sources = tuple(Source("slot", f"target {slot}") for slot in slots)
                return Value(type_, sources, _simple(f"*{base.path}" if base.path else ""))
            case _:
                return self.value(node)

    def name(self, name: str) -> Value:
        variable = self.variable(name)
        if variable is not None:
            pointer = self.env.function(variable.type) is not None
            return Value(variable.type, (Source("slot", variable.slot),) if pointer else (), name)
        ident = self.mention(name)
        if ident is None:
            return Value(INT)
        type_ = self.typeof(ident.type)
        if isinstance(self.env.resolve(type_), Function):
            return Value(type_, (Source("function", self.function_id(name)),))
        if ident.thread:
            self.threads.add(name)
        if self.env.function(type_) is None:
            return Value(type_, (), name)
        slot = f"variable {id_of([ident])}"
        self.slot(slot, type_, ident.loc, f"variable '{name}'")
        return Value(type_, (Source("slot", slot),), name)

    def member(self, node: Any) -> Value:
        base = self.value(node.name) if node.type == "->" else self.place(node.name)
        record = self.env.resolve(base.type)
        if isinstance(record, Pointer):
            record = self.env.resolve(record.to)
        elif isinstance(record, Array):
            record = self.env.resolve(record.of)
        path = _simple(f"{base.path}{node.type}{node.field.name}" if base.path else "")
        found = self.env.member(record, node.field.name) if isinstance(record, Record) else None
        if found is None:
            return Value(UNKNOWN, (), path)
        holder, member = found
        return Value(member.type, self._member_sources(holder, node.field.name, member.type, member.loc), path)

    def _member_sources(self, holder: Record, name: str, type_: Type, loc: Loc) -> tuple[Source, ...]:
        if self.env.function(type_) is None:
            return ()
        return (Source("slot", self.member_slot(holder, name, type_, loc)),)

    def member_slot(self, holder: Record, name: str, type_: Type, loc: Loc) -> str:
        tag = holder.tag.strip("<>")
        slot = f"member {tag}.{name}"
        self.slot(slot, type_, loc, f"member '{name}' of {'union' if holder.union else 'struct'} {tag}")
        return slot

    def unary(self, node: Any) -> Value:
        match node.op:
            case "&":
                found = self.place(node.expr)
                self.touch("address", found, node)
                root = _WORD.match(found.path)
                if root is not None and root.group() in self.threads:
                    self.paths.append(f"&{found.path}")
                known = tuple(s for s in found.sources if s.kind == "function")
                path = _simple(f"&{found.path}" if found.path else "")
                return Value(found.type if known else Pointer(found.type), known, path)
            case "*":
                found = self.place(node)
                self.touch("read", found, node)
                return found
            case "++" | "--" | "p++" | "p--":
                found = self.place(node.expr)
                self.touch("read", found, node)
                self.touch("write", found, node)
                if isinstance(node.expr, c_ast.ID):
                    self.event("use", node.expr.name, node)
                return found
            case "sizeof" | "_Alignof" | "__alignof__" | "__alignof" | "alignof":
                return Value(Base("unsigned long"))
            case "!":
                self.value(node.expr)
                return Value(INT)
            case _:
                return Value(self.value(node.expr).type)

    def binary(self, node: Any) -> Value:
        if node.op in ("&&", "||"):
            after = self.graph.new()
            self.condition(node, after, after)
            self.graph.at = after
            return Value(INT)
        left = self.value(node.left)
        right = self.value(node.right)
        if node.op in ("==", "!=", "<", ">", "<=", ">="):
            return Value(INT)
        for operand in (left, right):
            type_ = self.env.resolve(operand.type)
            if isinstance(type_, Pointer | Array):
                return Value(type_ if isinstance(type_, Pointer) else Pointer(type_.of), operand.sources)
        return Value(left.type)

    def ternary(self, node: Any) -> Value:
        then, other, after = self.graph.new(), self.graph.new(), self.graph.new()
        first = None
        if node.iftrue is None:
            first = self.silent(node.cond)
        self.condition(node.cond, then, other)
        self.graph.at = then
        yes = first if first is not None else self.value(node.iftrue)
        self.graph.jump(after)
        self.graph.at = other
        no = self.value(node.iffalse)
        self.graph.jump(after)
        self.graph.at = after
        type_ = no.type if self._is_null(yes) else yes.type
        return Value(type_, tuple(dict.fromkeys((*yes.sources, *no.sources))))

    def _is_null(self, found: Value) -> bool:
        return found.type == Pointer(VOID) or isinstance(found.type, Base)

    def assignment(self, node: Any) -> Value:
        outer, self.paths = self.paths, []
        right = self.value(node.rvalue)
        inner, self.paths = self.paths, outer
        left = self.place(node.lvalue)
        if node.op != "=":
            self.touch("read", left, node)
        elif left.sources and left.sources[0].kind == "slot":
            self.flow(left.sources[0].id, left.type, right.sources, "assignment", loc_of(node.rvalue))
        elif right.sources and left.path and isinstance(node.lvalue, c_ast.StructRef):
            self.flow(self._untyped_slot(node.lvalue), left.type, right.sources, "assignment", loc_of(node.rvalue))
        self.touch("write", left, node)
        if isinstance(node.lvalue, c_ast.ID):
            if self.variable(node.lvalue.name) is not None and node.op == "=":
                self.paths = inner
                self.set_variable(node.lvalue.name, loc_of(node))
                self.paths = outer
            self._guards.discard(node.lvalue.name)
        self.paths += inner
        return Value(left.type, right.sources or left.sources)

    def _untyped_slot(self, node: Any) -> str:
        """The member of an opaque pointer (void *) that a function is kept in."""
        with self.muted():
            base = self.value(node.name) if node.type == "->" else self.place(node.name)
        record = self.env.resolve(base.type)
        record = self.env.resolve(record.to) if isinstance(record, Pointer) else record
        return f"member {record.tag.strip('<>')}.{node.field.name}" if isinstance(record, Record) else ""

    def compound_literal(self, node: Any) -> Value:
        type_ = self.named_type(node.type)
        self.initialise(type_, node.init, "")
        return Value(type_)

    def generic(self, node: Any) -> Value:
        controlling = self.env.resolve(self.silent(node.expr).type)
        if isinstance(controlling, Array):
            controlling = Pointer(controlling.of)
        chosen = None
        for association in node.associations:
            if association.type is None:
                chosen = chosen or association
            elif self._same(self.named_type(association.type), controlling):
                chosen = association
                break
        return self.value(chosen.expr) if chosen is not None else Value(UNKNOWN)

    def _same(self, a: Type, b: Type) -> bool:
        a, b = self.env.resolve(a), self.env.resolve(b)
        if isinstance(a, Pointer) and isinstance(b, Pointer):
            return self._same(a.to, b.to)
        return a == b

    # ---- calls ----

    def call(self, node: Any) -> Value:
        used = node is not self._unused
        name = node.name.name if isinstance(node.name, c_ast.ID) else ""
        args = node.args.exprs if node.args is not None else []
        if name.startswith("__builtin_") and self.variable(name) is None:
            return self._builtin(name, args, loc_of(node.name))
        called = self.value(node.name) if self.variable(name) is not None or not name else self.name(name)
        if not called.sources and name and self.variable(name) is None:
            called = Value(Function(INT, ()), (Source("function", name),))  # not declared
        function = self.env.function(called.type)
        result = function.result if function is not None else UNKNOWN
        texts = tuple(text_of(arg) for arg in args)
        values = [self.value(arg) for arg in args]
        loc = loc_of(node.name)
        for source in called.sources or (Source("slot", ""),):
            self._made(source, loc, used, texts, function)
            self._pass_arguments(source, args, values, function)
        sources: tuple[Source, ...] = ()
        if self.env.function(result) is not None:
            sources = tuple(Source("slot", f"result {source.id}") for source in called.sources)
        if name and not self._muted and self._never_returns(name):
            self.graph.end()
        return Value(result, sources)

    def _made(self, source: Source, loc: Loc, used: bool, texts: tuple[str, ...], function: Function | None) -> None:
        if self._muted:
            return
        direct = source.kind == "function"
        color = function.color if function is not None and not direct else ""
        callee, slot = (source.id, "") if direct else ("", source.id)
        self.graph.call(Call(callee, slot, loc, "", used, texts, color))

    def _pass_arguments(self, source: Source, args: list[Any], values: list[Value], function: Function | None) -> None:
        if not source.id:
            return
        for index, (arg, found) in enumerate(zip(args, values, strict=True)):
            if found.sources:
                declared = function is not None and index < len(function.params)
                type_ = function.params[index] if function is not None and declared else UNKNOWN
                slot = f"parameter {source.id} {index}"
                if declared:
                    self.slot(slot, type_, NO_LOC, f"parameter {index + 1} of '{source.id.rsplit(':', 1)[-1]}'")
                self.flow(slot, type_, found.sources, "argument", loc_of(arg))

    def _never_returns(self, name: str) -> bool:
        if name in _NEVER_RETURN:
            return True
        found = self.env.idents(name)
        if any(ident.noreturn for ident in found):
            self.facts.noreturn.add(id_of(found))
            return True
        return False

    def _builtin(self, name: str, args: list[Any], loc: Loc) -> Value:
        if name in _UNEVALUATED:
            return Value(INT)
        if name == "__builtin_choose_expr" and len(args) == 3:
            known = _constant(args[0])
            return self.value(args[1] if known is None or known else args[2])
        values = [self.value(arg) for arg in args if not isinstance(arg, c_ast.Typename)]
        if name in ("__builtin_alloca", "__builtin_setjmp") and not self._muted:
            self.graph.call(Call(name.removeprefix("__builtin_"), "", loc))
        if name == "__builtin_va_arg":
            return Value(self.named_type(args[1]) if len(args) > 1 and isinstance(args[1], c_ast.Typename) else UNKNOWN)
        if name in _NEVER_RETURN and not self._muted:
            self.graph.end()
        return values[0] if name == "__builtin_expect" and values else Value(UNKNOWN)

    # ---- initialisers ----

    def initialise(self, type_: Type, init: Any, slot: str) -> None:
        """An object of `type_` gets `init`; `slot` is the object's when that holds pointers to functions itself."""
        resolved = self.env.resolve(type_)
        if not isinstance(init, c_ast.InitList):
            found = self.value(init)
            if slot:
                self.flow(slot, type_, found.sources, "initialiser", loc_of(init))
            return
        if isinstance(resolved, Record):
            self._initialise_record(resolved, init)
            return
        element = resolved.of if isinstance(resolved, Array) else resolved
        for item in init.exprs:
            self._item(element, item.name[1:], item.expr, slot) if isinstance(
                item, c_ast.NamedInitializer
            ) else self.initialise(element, item, slot)

    def _initialise_record(self, record: Record, init: Any) -> None:
        body = self.env.body(record)
        position = 0
        for item in init.exprs:
            if isinstance(item, c_ast.NamedInitializer):
                head = item.name[0]
                name = head.name if isinstance(head, c_ast.ID) else ""
                found = self.env.member(record, name)
                if body is not None and name in body.order:
                    position = body.order.index(name) + 1
                if found is None:
                    self.initialise(UNKNOWN, item.expr, "")
                    continue
                holder, member = found
                self._item(member.type, item.name[1:], item.expr, self._slot_of_member(holder, name))
            elif body is not None and position < len(body.order):
                entry = body.order[position]
                position += 1
                if isinstance(entry, str):
                    self.initialise(body.members[entry].type, item, self._slot_of_member(record, entry))
                else:
                    self.initialise(entry, item, "")
            else:
                self.initialise(UNKNOWN, item, "")

    def _slot_of_member(self, holder: Record, name: str) -> str:
        body = self.env.body(holder)
        assert body is not None
        member = body.members[name]
        return self.member_slot(holder, name, member.type, member.loc)

    def _item(self, type_: Type, designators: list[Any], init: Any, slot: str) -> None:
        """An item behind the first designator: `.a.b[1] = init`."""
        for designator in designators:
            resolved = self.env.resolve(type_)
            if isinstance(resolved, Array):
                type_ = resolved.of
            elif isinstance(resolved, Record) and isinstance(designator, c_ast.ID):
                found = self.env.member(resolved, designator.name)
                if found is None:
                    type_, slot = UNKNOWN, ""
                    break
                holder, member = found
                type_, slot = member.type, self._slot_of_member(holder, designator.name)
        self.initialise(type_, init, slot)


def id_of(idents: list[Ident]) -> str:
    """The id of a function or object from its declarations."""
    first = idents[0]
    internal = first.internal or idents[-1].internal
    return f"{first.loc.file}:{first.name}" if internal else first.label or first.name


def declare(facts: UnitFacts, env: Environment, idents: list[Ident]) -> None:
    """Notes the declarations of a function."""
    id_ = id_of(idents)
    if id_ in facts.declarations:
        return
    noted: list[Declaration] = []
    for ident in idents:
        type_ = env.resolve(ident.type)
        color = type_.color if isinstance(type_, Function) else ""
        noted.append(Declaration(ident.loc, color, ident.defined, ident.start))
        if ident.noreturn:
            facts.noreturn.add(id_)
        if ident.must_check:
            facts.must_check.add(id_)
        if ident.alias:
            facts.aliases[id_] = ident.alias
    facts.declarations[id_] = noted


def text_of(node: Any) -> str:
    """A simple expression as text: '&s->lock'; '' for others."""
    match node:
        case c_ast.ID(name=name):
            found = name
        case c_ast.Constant(value=value):
            found = value
        case c_ast.StructRef():
            base = text_of(node.name)
            found = f"{base}{node.type}{node.field.name}" if base else ""
        case c_ast.ArrayRef():
            base, index = text_of(node.name), text_of(node.subscript)
            found = f"{base}[{index}]" if base and index else ""
        case c_ast.UnaryOp(op="&" | "*"):
            base = text_of(node.expr)
            found = f"{node.op}{base}" if base else ""
        case c_ast.Cast():
            found = text_of(node.expr)
        case _:
            found = ""
    return found if len(found) <= _LONGEST_TEXT else ""


def _simple(text: str) -> str:
    """`text`, or '' when it is so long that nobody wrote it: a name for each part of it would fill the memory."""
    return text if len(text) <= _LONGEST_PATH else ""


def _names_array(node: Any) -> bool:
    return isinstance(node, c_ast.ID | c_ast.StructRef)


def _constant(node: Any) -> int | None:
    if not isinstance(node, c_ast.Constant) or "int" not in node.type:
        return None
    try:
        return int(node.value.rstrip("uUlL"), 0)
    except ValueError:
        return None
