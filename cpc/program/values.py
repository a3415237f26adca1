"""Reads the expressions of a function: their types, the functions that a pointer may point to, and what they do.

`value` evaluates for the value, `place` for the object; both add events to the graph in order of evaluation.  What
sizeof and typeof hold is read silently.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend.unit import loc_of
from cpc.loc import Loc
from cpc.program.facts import Source
from cpc.program.recorder import NOTHING, WORD, Recorder, Value, id_of, simple, text_of
from cpc.program.signs import condition_of
from cpc.program.types import (
    INT,
    UNKNOWN,
    VOID,
    Array,
    Base,
    Function,
    Pointer,
    Record,
    Type,
    TypeOf,
)

IN_COROUTINE = "qemu_in_coroutine"


@dataclass(slots=True)
class Values(Recorder):
    if TYPE_CHECKING:  # the subclasses'

        def call(self, node: Any) -> Value: ...
        def initialise(self, type_: Type, init: Any, slot: str) -> None: ...
        def compound_literal(self, node: Any) -> Value: ...
        def generic(self, node: Any) -> Value: ...
        def statement_expression(self, node: Any) -> Value: ...

    def silent(self, node: Any) -> Value:
        """The value of an expression that is not evaluated."""
        with self.muted():
            return self.value(node)

    def typeof(self, type_: Type) -> Type:
        """The type, with typeof answered: once, and never by what is declared with it (wrong C, which ends here)."""
        match type_:
            case TypeOf(expr):
                if id(expr) not in self._answers:
                    self._answers[id(expr)] = expr, UNKNOWN
                    self._answers[id(expr)] = expr, self.silent(expr).type
                return self._answers[id(expr)][1]
            case Pointer(to):
                return Pointer(self.typeof(to))
            case Array(of):
                return Array(self.typeof(of))
            case _:
                return type_

    def named_type(self, node: Any) -> Type:
        return self.typeof(self.converter.declared(node))

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
            case c_ast.Constant() if (known := constant(node)) is not None:
                self.graph.jump(then if known else other)
            case _:
                self._branch(node, then, other)

    def _branch(self, node: Any, then: int, other: int) -> None:
        found = self.condition_value(node)
        if isinstance(node, c_ast.BinaryOp) and node.op in ("==", "!=") and is_null(node.right):
            found = self.silent(node.left)
        if found.member[:1] not in ("", "&", "("):
            self.event("tested", found.member, node)
        if self._asks_for_coroutine(node):
            self.graph.jump(then, "coroutine")
            self.graph.jump(other, "plain")
            return
        number = self._parameter(node)
        name, yes, no = condition_of(node)
        if number or (local := self.variable(name)) is None or not local.automatic:
            self.graph.jump(then, number)
            self.graph.jump(other, f"!{number}" if number else "")
            return
        self.graph.jump(then, f"{name}:{yes}")
        self.graph.jump(other, f"{name}:{no}")

    def _parameter(self, node: Any) -> str:
        """The number of the parameter that an expression is, or ''."""
        found = self.variable(node.name) if isinstance(node, c_ast.ID) else None
        return found.slot.rpartition(" ")[2] if found is not None and found.slot.startswith("parameter ") else ""

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
                return self._decayed(found)
            case c_ast.Constant():
                return Value(Pointer(Base("char")) if node.type == "string" else Base(node.type))
            case c_ast.StructRef() | c_ast.ArrayRef():
                found = self.place(node)
                self.touch("read", found, node)
                if found.path in self._holders:
                    self.event("use", found.path, node)
                return self._decayed(found)
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
                return Value(type_, tuple(s._replace(cast=True) for s in inner.sources), *inner[2:])
            case c_ast.CompoundLiteral():
                return self._decayed(self.compound_literal(node))
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
                of_pointer = isinstance(inner, Pointer) and _names_array(node.name)
                local = "" if of_pointer else base.local
                if isinstance(node.name, c_ast.ID) and (of_pointer or base.path in self._holders):
                    self.event("through", base.path, node)
                type_ = inner.to if isinstance(inner, Pointer) else inner.of if isinstance(inner, Array) else UNKNOWN
                index = text_of(node.subscript)
                path = simple(f"{base.path}[{index}]" if base.path and index else "")
                member = f"{base.member.partition(' ')[0]}[] {path}" if path and _of_pointers(type_) else ""
                return Value(type_, base.sources, path, local, member if base.member else "")
            case c_ast.UnaryOp(op="*"):
                base = self.value(node.expr)
                inner = self.env.resolve(base.type)
                if isinstance(inner, Function):
                    return base
                type_ = inner.to if isinstance(inner, Pointer) else inner.of if isinstance(inner, Array) else UNKNOWN
                target = self.env.resolve(type_)
                sources = base.sources
                if not isinstance(target, Function):
                    slots = (s.id for s in sources if s.kind == "slot" and simple(s.id))
                    sources = tuple(Source("slot", f"target {slot}") for slot in slots)
                return Value(type_, sources, simple(f"*{base.path}" if base.path else ""), base.local)
            case c_ast.CompoundLiteral():
                return self.compound_literal(node)
            case _:
                return self.value(node)

    def _decayed(self, found: Value) -> Value:
        """What was read: an array is its address; anything else is in no place any more."""
        if isinstance(found.type, Array) and found.member:
            found = found._replace(member="")
        if not found.local:
            return found
        if isinstance(self.env.resolve(found.type), Array):
            self.address_of(found.local)
            return found
        return found._replace(local="")

    def name(self, name: str) -> Value:
        variable = self.variable(name)
        if variable is not None:
            pointer = self.env.function(variable.type) is not None
            return Value(variable.type, (Source("slot", variable.slot),) if pointer else (), name, variable.local)
        ident = self.mention(name)
        if ident is None:
            return Value(INT)
        type_ = self.typeof(ident.type)
        if isinstance(self.env.resolve(type_), Function):
            return Value(type_, (Source("function", self.function_id(name)),))
        if ident.thread:
            self.threads.add(name)
        if self.env.function(type_) is None:
            member = f"{id_of([ident])} {name}" if isinstance(type_, Pointer) and not ident.thread else ""
            return Value(type_, (), name, "", member)
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
        path = simple(f"{base.path}{node.type}{node.field.name}" if base.path else "")
        found = self.env.member(record, node.field.name) if isinstance(record, Record) else None
        if found is None:
            return Value(UNKNOWN, (), path, base.local)
        holder, member = found
        sources = self._member_sources(holder, node.field.name, member.type, member.loc)
        of = ""
        if not sources and _of_pointers(member.type) and "->" in path and member.loc.file[:5] != "/usr/":
            tag = holder.tag if holder.body is None else f"{member.loc.file}:{member.loc.line}"
            of = f"{tag}.{node.field.name} {path}"
        return Value(member.type, sources, path, base.local, of)

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
                self.address_of(found.local)
                self.changed.add(self._parameter(node.expr))
                self.written(getattr(node.expr, "name", ""), again=True)
                root = WORD.match(found.path)
                if root is not None and root.group() in self.threads:
                    self.paths.append(f"&{found.path}")
                known = tuple(s for s in found.sources if s.kind == "function")
                path = simple(f"&{found.path}" if found.path else "")
                member = f"&{found.member}" if found.member else self._into(node.expr)
                return Value(found.type if known else Pointer(found.type), known, path, found.local, member)
            case "*":
                found = self.place(node)
                self.touch("read", found, node)
                return found
            case "++" | "--" | "p++" | "p--":
                found = self.place(node.expr)
                self.touch("read", found, node)
                self.touch("write", found, node)
                self.changed.add(self._parameter(node.expr))
                self.written(getattr(node.expr, "name", ""), again=True)
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

    def _into(self, node: Any) -> str:
        """The pointer whose memory `s->table[i]` is in."""
        if isinstance(node, c_ast.ArrayRef) and isinstance(node.name, c_ast.StructRef):
            base = self.silent(node.name)
            return base.member if isinstance(self.env.resolve(base.type), Pointer) else ""
        return ""

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
                type_ = type_ if isinstance(type_, Pointer) else Pointer(type_.of)
                return Value(type_, operand.sources, "", operand.local, operand.member)
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
        return Value(type_, tuple(dict.fromkeys((*yes.sources, *no.sources))), "", yes.local or no.local)

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
        self.change(left, "null" if node.op == "=" and is_null(node.rvalue) else "write", node)
        if isinstance(node.lvalue, c_ast.StructRef) and right.member:
            self.moved.add(right.member.partition(" ")[0])
        self.changed.add(self._parameter(node.lvalue))
        if isinstance(node.lvalue, c_ast.ID):
            self.written(node.lvalue.name, again=node.op != "=")
            if self.variable(node.lvalue.name) is not None and node.op == "=":
                self.paths = inner
                self.set_variable(node.lvalue.name, right, loc_of(node))
                self.paths = outer
            self._guards.discard(node.lvalue.name)
        elif node.op == "=":
            self.point(left.path, right, loc_of(node))
        self.paths += inner
        return Value(left.type, right.sources or left.sources, "", right.local)

    def _untyped_slot(self, node: Any) -> str:
        """The member of an opaque pointer (void *) that a function is kept in."""
        with self.muted():
            base = self.value(node.name) if node.type == "->" else self.place(node.name)
        record = self.env.resolve(base.type)
        record = self.env.resolve(record.to) if isinstance(record, Pointer) else record
        return f"member {record.tag.strip('<>')}.{node.field.name}" if isinstance(record, Record) else ""


def is_null(node: Any) -> bool:
    """Whether an expression is 0, or NULL."""
    while isinstance(node, c_ast.Cast):
        node = node.expr
    return constant(node) == 0


def _of_pointers(type_: Type) -> bool:
    """Whether a type is a pointer, or an array of pointers."""
    return isinstance(type_, Pointer) or (isinstance(type_, Array) and isinstance(type_.of, Pointer))


def _names_array(node: Any) -> bool:
    return isinstance(node, c_ast.ID | c_ast.StructRef)


def constant(node: Any) -> int | None:
    if not isinstance(node, c_ast.Constant) or "int" not in node.type:
        return None
    try:
        return int(node.value.rstrip("uUlL"), 0)
    except ValueError:
        return None
