"""Reads calls and initialisers: the functions that are called, and what gets into the slots of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pycparser import c_ast

from cpc.frontend.unit import loc_of
from cpc.loc import NO_LOC, Loc
from cpc.program.facts import Call, Source
from cpc.program.recorder import Value, id_of, text_of
from cpc.program.types import INT, UNKNOWN, Array, Function, Record, Type
from cpc.program.values import Values, constant

_UNEVALUATED_LIST = (
    "__builtin_offsetof __builtin_types_compatible_p __builtin_constant_p __builtin_object_size"
    " __builtin_dynamic_object_size __builtin_classify_type"
)
_UNEVALUATED = frozenset(_UNEVALUATED_LIST.split())
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
            known = constant(args[0])
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
