"""What names mean in one unit: its own declarations, and those of headers, each parsed when it is first asked for.

A unit of 1,000 lines brings 60,000 lines of headers, of which it names a few hundred declarations.  The parser asks
here whether a name is a type; extraction asks for members, objects and functions.  What a piece of a header
declares is kept with the piece, for all units of the process.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pycparser import c_ast

from cpc.diag import Diagnostics
from cpc.frontend.gnu_parser import BUILTIN_TYPES, GnuParser
from cpc.frontend.unit import Unit, loc_of
from cpc.loc import Loc
from cpc.program.chunks import Cut, Piece
from cpc.program.types import (
    UNKNOWN,
    Array,
    Base,
    Body,
    Converter,
    Function,
    Member,
    Named,
    Pointer,
    Record,
    Type,
    place_of_name,
    pointed,
)

_MOST_TYPEDEFS = 100  # in a row


@dataclass(slots=True)
class Ident:
    """A declaration of a function or an object.  `start`: where its text begins; `alias`: of which it is one."""

    name: str
    type: Type
    loc: Loc
    start: Loc
    internal: bool = False
    inline: bool = False
    defined: bool = False
    thread: bool = False
    local: bool = False  # extern in a block
    noreturn: bool = False
    must_check: bool = False
    alias: str = ""
    initialised: bool = False
    label: str = ""
    pointers: tuple[tuple[int, str, Loc], ...] = ()  # parameters that are pointers to functions: number, name, place


@dataclass(slots=True)
class Symbols:
    """What some text declares."""

    typedefs: dict[str, Type] = field(default_factory=dict)
    places: dict[str, Loc] = field(default_factory=dict)  # of the typedefs of functions and of pointers to them
    bodies: dict[str, Body] = field(default_factory=dict)
    idents: dict[str, list[Ident]] = field(default_factory=dict)
    facts: Any = None  # of a header's functions (unit.py)
    unit: Unit | None = None  # until its facts are read, when it has functions or initialisers
    lasting: bool = True  # it means the same in every unit, and nothing had to be said about it

    def read(self, unit: Unit) -> None:
        """Declares everything at file scope of a parsed text."""
        converter = Converter(unit, self._body)
        for node in unit.ast.ext:
            match node:
                case c_ast.Typedef():
                    self.typedefs[node.name] = type_ = converter.declared(node)
                    if isinstance(pointed(type_), Function):
                        self.places[node.name] = place_of_name(node)
                case c_ast.FuncDef():
                    self._ident(converter, node.decl, True)
                case c_ast.Decl(name=name) if name:
                    self._ident(converter, node, False)
                case c_ast.Decl():
                    converter.declared(node)

    def defines(self) -> bool:
        """Whether there is more than types and declarations."""
        return any(i.defined or i.initialised or i.alias for found in self.idents.values() for i in found)

    def _body(self, tag: str, body: Body) -> None:
        self.bodies.setdefault(tag, body)

    def _ident(self, converter: Converter, node: Any, defined: bool) -> None:
        found = ident_of(converter, node, defined)
        self.idents.setdefault(found.name, []).append(found)


def ident_of(converter: Converter, node: Any, defined: bool) -> Ident:
    """A Decl with a name as an Ident."""
    storage, spec = node.storage or (), node.funcspec or ()
    flags: dict[str, Any] = {}
    for attribute in converter.unit.attributes_of(node):
        if attribute.name == "noreturn":
            flags["noreturn"] = True
        elif attribute.name == "warn_unused_result":
            flags["must_check"] = True
        elif attribute.name in ("alias", "weakref") and attribute.args and isinstance(attribute.args[0], str):
            flags["alias"] = attribute.args[0]
    return Ident(
        node.name,
        converter.declared(node),
        place_of_name(node),
        loc_of(node),
        internal="static" in storage,
        inline="inline" in spec,
        defined=defined,
        thread="_Thread_local" in storage,
        noreturn=flags.get("noreturn", False) or "_Noreturn" in spec,
        must_check=flags.get("must_check", False),
        alias=flags.get("alias", ""),
        initialised=node.init is not None,
        label=converter.unit.asm_label_of(node),
        pointers=_pointers_of(node.type),
    )


def _pointers_of(node: Any) -> tuple[tuple[int, str, Loc], ...]:
    """The parameters of a declarator that say themselves that they are pointers to functions."""
    if not isinstance(node, c_ast.FuncDecl) or node.args is None:
        return ()
    params = [p for p in node.args.params if isinstance(p, c_ast.Decl | c_ast.Typename)]
    return tuple(
        (number, param.name or "", place_of_name(param))
        for number, param in enumerate(params)
        if isinstance(param.type, c_ast.PtrDecl) and isinstance(param.type.type, c_ast.FuncDecl)
    )


class LazyParser(GnuParser):
    """Asks the environment whether a name that its own text does not declare is a type."""

    def __init__(self, environment: Environment, diags: Diagnostics) -> None:
        super().__init__(diags, c23=environment.c23)
        self._environment = environment

    def release(self) -> None:
        """Lets go of everything: parser, lexer and tokens hold each other, where no collector comes."""
        self._tokens.__dict__.clear()
        self.__dict__.clear()

    @property
    def scope(self) -> dict[str, bool]:
        """The names declared at file scope so far: whether they are types."""
        found: dict[str, bool] = self._scope_stack[0]
        return found

    def _is_type_in_scope(self, name: str) -> bool:
        for scope in reversed(self._scope_stack):
            if name in scope:
                return bool(scope[name])
        return self._environment.is_typedef(name)


@dataclass(slots=True)
class Environment:
    """`own` is what the unit itself declares, filled by `read_own`."""

    source: str
    cut: Cut
    diags: Diagnostics
    c23: bool = False
    own: Symbols = field(default_factory=Symbols)
    own_used: bool = False  # since somebody set it to False, the unit's own text decided what a name means
    _parsing: LazyParser | None = None  # of the unit's own text
    _types: dict[str, bool] = field(default_factory=dict)
    _reading: set[int] = field(default_factory=set)
    _before: int | None = None  # the place of the piece that is being parsed
    _bodies: dict[str, Body | None] = field(default_factory=dict)
    _idents: dict[str, list[Ident]] = field(default_factory=dict)

    def read_own(self) -> Unit:
        """Parses the unit's own text and declares what is in it; the tree is the caller's."""
        parser = self._parsing = LazyParser(self, self.diags)
        unit = parser.parse_text(self.cut.own, self.source)
        self._parsing = None
        parser.release()
        self.own.read(unit)
        return unit

    def parse(self, text: str) -> Unit:
        """Parses some text in this environment."""
        parser = LazyParser(self, self.diags)
        unit = parser.parse_text(text, self.source)
        parser.release()
        return unit

    def symbols(self, piece: Piece) -> Symbols | None:
        """What a piece declares; None while it is being parsed."""
        if piece.symbols is None and piece.kept:
            piece.symbols, piece.kept = pickle.loads(piece.kept), b""
        if piece.symbols is None:
            if id(piece) in self._reading:
                return None
            self._reading.add(id(piece))
            outer, self._before = self._before, self.cut.order.get(piece)
            try:
                found = Symbols()
                said, used, self.own_used = len(self.diags.items), self.own_used, False
                unit = self.parse(piece.text)
                found.read(unit)
                found.lasting = len(self.diags.items) == said and not self.own_used
                self.own_used = self.own_used or used
                found.unit = unit if found.defines() else None
                piece.symbols = found
            finally:
                self._reading.discard(id(piece))
                self._before = outer
        found = piece.symbols
        assert isinstance(found, Symbols)
        return found

    def _declaring(self, name: str) -> Iterator[Symbols]:
        for piece in self.cut.declaring(name):
            found = self.symbols(piece)
            if found is None:
                return  # what comes behind the text that is being parsed is not declared yet
            yield found

    # ---- names ----

    def is_typedef(self, name: str) -> bool:
        if name in self.own.typedefs or self._is_own_type(name):
            self.own_used = True
            return True
        known = self._types.get(name)
        if known is None:
            known = self._has_typedef(name)
            if not self._reading:
                self._types[name] = known
        return known

    def _is_own_type(self, name: str) -> bool:
        """Whether the unit's own text, as far as it is parsed, declares a type of this name at file scope."""
        parser = self._parsing
        return parser is not None and bool(parser.scope.get(name, False))

    def _has_typedef(self, name: str) -> bool:
        """Whether a header declares a type of this name, before the piece that is being parsed: a piece may hold a word
        as the name of a member that a later one declares, which would need this one to be read."""
        for piece in self.cut.declaring(name):
            if not piece.typedefs:
                continue
            if self._before is not None and self.cut.order[piece] >= self._before:
                return False
            found = self.symbols(piece)
            if found is None or name in found.typedefs:
                return found is not None
        return False

    def typedef(self, name: str) -> Type | None:
        if name in self.own.typedefs:
            self.own_used = True
            return self.own.typedefs[name]
        return next((s.typedefs[name] for s in self._declaring(name) if name in s.typedefs), None)

    def function_typedef(self, type_: Type) -> tuple[str, Loc] | None:
        """Name and place of the typedef that makes a type a function or a pointer to one; its own words do not."""
        for _ in range(_MOST_TYPEDEFS):
            type_ = pointed(type_)
            if not isinstance(type_, Named):
                return None
            name, inner = type_.name, self.typedef(type_.name)
            if inner is None:
                return None
            if isinstance(pointed(inner), Function):
                place = self._typedef_place(name)
                return (name, place) if place is not None else None
            type_ = inner
        return None

    def _typedef_place(self, name: str) -> Loc | None:
        if name in self.own.typedefs:
            return self.own.places.get(name)
        return next((s.places.get(name) for s in self._declaring(name) if name in s.typedefs), None)

    def body(self, record: Record) -> Body | None:
        """The members of a record; None when nothing here completes it."""
        tag = record.tag
        if record.body is not None:
            return record.body
        if tag in self.own.bodies:
            self.own_used = True
            return self.own.bodies[tag]
        if tag not in self._bodies:
            self._bodies[tag] = next((s.bodies[tag] for s in self._declaring(tag) if tag in s.bodies), None)
        return self._bodies[tag]

    def idents(self, name: str) -> list[Ident]:
        """All declarations of a function or object at file scope, those of headers first."""
        known = self._idents.get(name)
        self.own_used = self.own_used or name in self.own.idents
        if known is None:
            known = [ident for symbols in self._declaring(name) for ident in symbols.idents.get(name, ())]
            known += self.own.idents.get(name, [])
            if not self._reading and self._parsing is None:  # all that there is is known
                self._idents[name] = known
        return known

    # ---- types ----

    def resolve(self, type_: Type) -> Type:
        """The type without typedefs at its head."""
        for _ in range(_MOST_TYPEDEFS):
            if not isinstance(type_, Named):
                return type_
            type_ = self.typedef(type_.name) or (Base(type_.name) if type_.name in BUILTIN_TYPES else UNKNOWN)
        return UNKNOWN

    def function(self, type_: Type) -> Function | None:
        """The function that a value of this type is, or points to."""
        resolved = self.resolve(type_)
        while isinstance(resolved, Pointer | Array):
            resolved = self.resolve(resolved.to if isinstance(resolved, Pointer) else resolved.of)
        return resolved if isinstance(resolved, Function) else None

    def member(self, record: Record, name: str) -> tuple[Record, Member] | None:
        """The member and the record that has it: a record without a name lends its members to the one around it."""
        body = self.body(record)
        if body is None:
            return None
        if name in body.members:
            return record, body.members[name]
        for inner in body.unnamed:
            found = self.member(inner, name)
            if found is not None:
                return found
        return None
