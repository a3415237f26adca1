"""What the readers of functions share: names and their scopes, and how facts are noted.

`Recorder` has the state of one function while it is read (values.py and calls.py read expressions, extract.py
statements), and puts what they find into the facts of the unit and the graph of the function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pycparser import c_ast

from cpc.frontend.unit import Unit, loc_of
from cpc.loc import Loc
from cpc.program.environment import Environment, Ident
from cpc.program.facts import Block, Change, Declaration, Flow, Parameter, Slot, Source, UnitFacts
from cpc.program.graph import Graph
from cpc.program.signs import ALL
from cpc.program.types import VOID, Converter, Function, Named, Type, pointed

_LONGEST_TEXT = 100
_LONGEST_PATH = 200
WORD = re.compile(r"[A-Za-z_]\w*")


class Value(NamedTuple):
    """`sources`: what functions or slots it may come from; `path`: the object as text, '' when that is not simple.
    `local`: the object of a block that the place is in, or that the value is the address of; `member`: the pointer in
    an object that it is, or points into the memory of, as 'Record.member s->member'; '&' before it: its address."""

    type: Type
    sources: tuple[Source, ...] = ()
    path: str = ""
    local: str = ""
    member: str = ""


NOTHING = Value(VOID)
FRESH = "(allocated)"  # the member that the result of an allocator has
ALLOCA, VARIABLE_LENGTH = "(memory of alloca)", "(a variable length array)"  # stand for a `local`
OUTERMOST = 2  # scopes: of the parameters, and of the body


class Variable(NamedTuple):
    type: Type
    slot: str
    automatic: bool
    local: str = ""  # its name as an object of a block; '' when it lives as long as the function, or longer


@dataclass(slots=True)
class Scope:
    names: dict[str, Variable] = field(default_factory=dict)
    cleanups: list[tuple[str, str]] = field(default_factory=list)  # (variable, function)
    locals: dict[str, None] = field(default_factory=dict)  # its objects whose address was taken


@dataclass(slots=True)
class Recorder:
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
    changes: list[Change] = field(default_factory=list)
    _muted: int = 0
    _testing: bool = False
    _written: set[str] = field(default_factory=set)
    _guards: set[str] = field(default_factory=set)  # variables that hold what qemu_in_coroutine() said
    _set: set[str] = field(default_factory=set)  # variables set from objects
    _holders: set[str] = field(default_factory=set)  # variables, and members of them, that were given a local's address
    _fresh: set[str] = field(default_factory=set)  # variables that point to what was made here
    moved: set[str] = field(default_factory=set)  # pointers in objects that were put into other objects
    records: set[str] = field(default_factory=set)  # of its variables
    changed: set[str] = field(default_factory=set)  # the numbers of parameters that are written, or may be, and the
    # names of variables that may have more than one value
    _answers: dict[int, tuple[Any, Type]] = field(default_factory=dict)  # id of a typeof's operand -> it, its type
    _unused: Any = None
    _converter: Converter | None = None

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
            self.facts.slots[id_] = Slot(id_, function.color, loc, words, typedef_slot(self.facts, self.env, type_))

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
        root = WORD.match(path)
        return root is not None and self.variable(root.group()) is None

    def written(self, name: str, *, again: bool = False) -> None:
        """A variable got a value; `again`: it may have had one before."""
        if self._muted or not name:
            return
        if again or name in self._written:
            self.changed.add(name)
        self._written.add(name)
        self.graph.event("known", f"{name}:{ALL}", 0, 0)

    def set_variable(self, name: str, value: Value, loc: Loc) -> None:
        """A local variable got `value`, made of `paths`."""
        if self._muted:
            return
        if self.paths or value.local:
            self._set.add(name)
        self.graph.event("set", f"{name} = {' '.join(dict.fromkeys(self.paths))}", loc.line, loc.column)
        if value.member[:1] not in ("", "&", "(") and root_of(value.member.partition(" ")[2]) not in self._fresh:
            self.graph.event("held", f"{name} = {value.member}", loc.line, loc.column)
        if value.member == FRESH or value.path in self._fresh:
            self._fresh.add(name)
        self.point(name, value, loc)

    def point(self, holder: str, value: Value, loc: Loc) -> None:
        """A variable, or a member of an object, got `value`, which may be the address of an object of a block."""
        if self._muted or not holder or not (value.local or holder in self._holders):
            return
        self._holders.add(holder)
        self._set.add(root_of(holder))
        self.graph.event("point", f"{holder} = {value.local}", loc.line, loc.column)
        if value.local[:1] not in ("", "(") and not any(value.local in scope.locals for scope in self.scopes):
            self.graph.event("end", value.local, loc.line, loc.column)

    def address_of(self, local: str) -> None:
        """Notes that the address of an object of a block is taken."""
        if local and not self._muted:
            name = local.partition(":")[0]
            scope = next((scope for scope in reversed(self.scopes) if name in scope.names), None)
            if scope is not None:
                scope.locals[local] = None

    def change(self, found: Value, how: str, node: Any) -> None:
        """A pointer in an object that others may see is written, or what it points to is freed."""
        if found.member[:1] not in ("", "(") and not self._muted:
            member, _, path = found.member.removeprefix("&").partition(" ")
            loc = loc_of(node)
            self.changes.append(Change(member, path, how, loc.line, loc.column))

    def shared_changes(self) -> tuple[Change, ...]:
        """Those of objects that were not made here.  A pointer that is also kept in another object (what was the first
        of a list is the next of the new first) is not lost."""
        return tuple(
            change for change in self.changes
            if root_of(change.path) not in self._fresh and (change.how != "write" or change.member not in self.moved)
        )  # fmt: skip

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

    def flow(self, slot: str, type_: Type, sources: tuple[Source, ...], how: str, loc: Loc) -> None:
        """Functions get into a slot."""
        if not slot or not sources or self._muted:
            return
        typed = self.env.function(type_) is not None
        self.facts.flows += [Flow(slot, source, how, loc, self.owner, typed) for source in sources]


def root_of(path: str) -> str:
    """The variable that a path begins with."""
    found = WORD.search(path)
    return found.group() if found is not None else path


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
        typedef = typedef_slot(facts, env, ident.type) if isinstance(ident.type, Named) else ""
        parameters = tuple(Parameter(n, name, _color(type_, n), loc) for n, name, loc in ident.pointers)
        noted.append(Declaration(ident.loc, color, ident.defined, ident.start, typedef, parameters))
        if ident.noreturn:
            facts.noreturn.add(id_)
        if ident.must_check:
            facts.must_check.add(id_)
        if ident.alias:
            facts.aliases[id_] = ident.alias
    facts.declarations[id_] = noted


def _color(type_: Type, number: int) -> str:
    """The annotation of a parameter that is a pointer to a function."""
    param = pointed(type_.params[number]) if isinstance(type_, Function) and number < len(type_.params) else VOID
    return param.color if isinstance(param, Function) else ""


def typedef_slot(facts: UnitFacts, env: Environment, type_: Type) -> str:
    """The id of the typedef that says whether a function, or a pointer to one, is annotated; noted as a slot."""
    found, function = env.function_typedef(type_), env.function(type_)
    if found is None or function is None:
        return ""
    name, loc = found
    id_ = f"typedef {loc.file}:{name}"
    facts.slots.setdefault(id_, Slot(id_, function.color, loc, f"type '{name}'"))
    return id_


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


def simple(text: str) -> str:
    """`text`, or '' when it is so long that nobody wrote it: a name for each part of it would fill the memory."""
    return text if len(text) <= _LONGEST_PATH else ""
