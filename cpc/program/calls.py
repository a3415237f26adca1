"""Reads calls, _Generic, and initialisers: the functions that are called, and what gets into the slots of others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pycparser import c_ast

from cpc.frontend.unit import loc_of
from cpc.loc import NO_LOC, Loc
from cpc.program.facts import Call, Source
from cpc.program.recorder import ALLOCA, FRESH, OUTERMOST, Value, id_of, text_of
from cpc.program.types import INT, UNKNOWN, VOID, Array, Function, Pointer, Record, Type
from cpc.program.values import Values, constant

_UNEVALUATED_LIST = (
    "__builtin_offsetof __builtin_types_compatible_p __builtin_constant_p __builtin_object_size"
    " __builtin_dynamic_object_size __builtin_classify_type"
)
_UNEVALUATED = frozenset(_UNEVALUATED_LIST.split())
_MAKES = re.compile(r"alloc|(^|_)new|dup|create|load|parse|pop|init|open|copy")  # an object that nobody else sees yet
_FREES = re.compile(r"free|unref|destroy|clear_pointer|steal|realloc")
_CALLED = ("__builtin_alloca", "__builtin_setjmp", "__builtin_longjmp")
_NEVER_RETURN = frozenset(("__builtin_unreachable", "__builtin_trap", "__builtin_abort", "abort", "exit", "_exit"))


@dataclass(slots=True)
class Calls(Values):
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
        self._frees(name, values, node)
        loc = loc_of(node.name)
        for source in called.sources or (Source("slot", ""),):
            self._made(source, loc, used, texts, function)
            self._pass_arguments(source, args, values, function)
        sources: tuple[Source, ...] = ()
        if self.env.function(result) is not None:
            sources = tuple(Source("slot", f"result {source.id}") for source in called.sources)
        if name and not self._muted and self._never_returns(name):
            self.graph.end()
        if name == "alloca":
            return Value(result, local=ALLOCA)
        return Value(result, sources, member=FRESH if _MAKES.search(name) else "")

    def _frees(self, name: str, values: list[Value], node: Any) -> None:
        """Notes the pointers whose objects a call frees, by its name."""
        if name and _FREES.search(name):
            for found in values:
                self.change(found, "free", node)

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
            known = constant(args[0])
            return self.value(args[1] if known is None or known else args[2])
        values = [self.value(arg) for arg in args if not isinstance(arg, c_ast.Typename)]
        if name.startswith(_CALLED) and not self._muted:
            self.graph.call(Call(name.removeprefix("__builtin_"), "", loc))
            if "alloca" in name:
                return Value(Pointer(VOID), local=ALLOCA)
        if name == "__builtin_va_arg":
            return Value(self.named_type(args[1]) if len(args) > 1 and isinstance(args[1], c_ast.Typename) else UNKNOWN)
        if name in _NEVER_RETURN and not self._muted:
            self.graph.end()
        return values[0] if name == "__builtin_expect" and values else Value(UNKNOWN)

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

    # ---- initialisers ----

    def compound_literal(self, node: Any) -> Value:
        type_ = self.named_type(node.type)
        self.initialise(type_, node.init, "")
        local = ""
        if len(self.scopes) > OUTERMOST:
            loc = loc_of(node)
            local = f":{loc.line}:{loc.column}"
            self.scopes[-1].locals[local] = None
        return Value(type_, (), "", local)

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
                slot = self.member_slot(holder, name, member.type, member.loc)
                self._item(member.type, item.name[1:], item.expr, slot)
            elif body is not None and position < len(body.order):
                entry = body.order[position]
                position += 1
                if isinstance(entry, str):
                    member = body.members[entry]
                    slot = self.member_slot(record, entry, member.type, member.loc)
                    self.initialise(member.type, item, slot)
                else:
                    self.initialise(entry, item, "")
            else:
                self.initialise(UNKNOWN, item, "")

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
                type_ = member.type
                slot = self.member_slot(holder, designator.name, member.type, member.loc)
        self.initialise(type_, init, slot)
