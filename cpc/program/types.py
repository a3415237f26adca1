"""Types as far as facts need them: what is called, what has which member, what is annotated.

No sizes, no qualifiers, no conversions: an `int` is a `Base` like any other.  A type is free of its unit: records and
typedefs are named, and looked up (environment.py) when something asks.  `convert` makes types from declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pycparser import c_ast

from cpc.frontend.unit import Attribute, Unit, loc_of
from cpc.loc import Loc
from cpc.program.facts import BLOCKING, COROUTINE, MIXED

_COLORS = {
    "coroutine_fn": COROUTINE,
    "co_yield": COROUTINE,
    "coroutine_mixed_fn": MIXED,
    "no_coroutine_fn": BLOCKING,
    "blocking_fn": BLOCKING,
}


@dataclass(frozen=True, slots=True)
class Base:
    """A scalar, or what is not known: `text` is its spelling."""

    text: str


@dataclass(frozen=True, slots=True)
class Named:
    """A typedef."""

    name: str


@dataclass(frozen=True, slots=True)
class Record:
    """struct or union `tag`.  One without a tag is called `<TYPEDEF>` or `<FILE:LINE:COLUMN>` and has its body here,
    since nobody can look it up."""

    tag: str
    union: bool = False
    body: Body | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Pointer:
    to: Type


@dataclass(frozen=True, slots=True)
class Array:
    of: Type


@dataclass(frozen=True, slots=True)
class Function:
    result: Type
    params: tuple[Type, ...]
    color: str = ""


@dataclass(frozen=True, slots=True)
class TypeOf:
    """typeof(expression), which only the function around it can answer."""

    expr: Any


Type = Base | Named | Record | Pointer | Array | Function | TypeOf
UNKNOWN = Base("")
VOID = Base("void")
INT = Base("int")


@dataclass(frozen=True, slots=True)
class Member:
    type: Type
    loc: Loc


@dataclass(slots=True)
class Body:
    """The members of a record by name, those of unnamed members included."""

    members: dict[str, Member] = field(default_factory=dict)
    unnamed: list[Record] = field(default_factory=list)
    order: list[str | Record] = field(default_factory=list)  # all of them, as initialisers count


def color_of(attributes: Sequence[Attribute]) -> str:
    """The annotation among attributes, or ''."""
    for attribute in attributes:
        if attribute.name == "annotate" and attribute.args and isinstance(attribute.args[0], str):
            found = _COLORS.get(attribute.args[0])
            if found:
                return found
    return ""


def colored(type_: Type, color: str) -> Type:
    """The type with an annotation, which belongs to the first function on the way outward from the name."""
    match type_:
        case Function():
            return replace(type_, color=color)
        case Pointer(to):
            return Pointer(colored(to, color))
        case Array(of):
            return Array(colored(of, color))
        case _:
            return type_


def pointed(type_: Type) -> Type:
    """What a type is, or points to, as far as it says so itself."""
    while isinstance(type_, Pointer | Array):
        type_ = type_.to if isinstance(type_, Pointer) else type_.of
    return type_


@dataclass(slots=True)
class Converter:
    """Declarations of one parsed text -> types.  `on_body` is told of every record that has a body."""

    unit: Unit
    on_body: Callable[[str, Body], None]

    def declared(self, node: Any) -> Type:
        """The type of a Decl, Typedef or Typename."""
        type_ = self.convert(node.type, getattr(node, "name", "") or "")
        color = color_of(self.unit.attributes_of(node))
        return colored(type_, color) if color else type_

    def convert(self, node: Any, name: str = "") -> Type:
        match node:
            case c_ast.TypeDecl():
                return self.convert(node.type, name)
            case c_ast.PtrDecl():
                return Pointer(self.convert(node.type))
            case c_ast.ArrayDecl():
                return Array(self.convert(node.type))
            case c_ast.FuncDecl():
                return Function(self.convert(node.type), self._params(node))
            case c_ast.IdentifierType():
                names = node.names
                return Named(names[0]) if len(names) == 1 and names[0] not in _BASIC else Base(" ".join(names))
            case c_ast.Struct() | c_ast.Union():
                return self._record(node, name)
            case c_ast.TypeOf():
                inner = node.expr if hasattr(node, "expr") else node.type
                return self.declared(inner) if isinstance(inner, c_ast.Typename) else TypeOf(inner)
            case c_ast.AttributedType():
                return self.convert(node.type, name)
            case c_ast.Enum():
                return INT
            case _:
                return UNKNOWN

    def _params(self, node: Any) -> tuple[Type, ...]:
        if node.args is None:
            return ()
        return tuple(self.declared(p) for p in node.args.params if isinstance(p, (c_ast.Decl, c_ast.Typename)))

    def _record(self, node: Any, name: str) -> Record:
        loc = loc_of(node)
        tag = node.name or f"{name or loc.file + ':' + str(loc.line) + ':' + str(loc.column)}"
        key = tag if node.name else f"<{tag}>"
        union = isinstance(node, c_ast.Union)
        if node.decls is None:
            return Record(key, union)
        body = Body()
        for member in node.decls:
            if isinstance(member, c_ast.Decl):
                self._member(body, member)
        if node.name:
            self.on_body(key, body)
        return Record(key, union, None if node.name else body)

    def _member(self, body: Body, node: Any) -> None:
        type_ = self.declared(node)
        if node.name:
            body.members[node.name] = Member(type_, place_of_name(node))
            body.order.append(node.name)
        elif isinstance(type_, Record):
            body.unnamed.append(type_)
            body.order.append(type_)


def place_of_name(node: Any) -> Loc:
    """Where the name of a declaration stands; where it begins when it has none."""
    inner = node.type
    while inner is not None and not isinstance(inner, c_ast.TypeDecl):
        inner = getattr(inner, "type", None)
    found = loc_of(inner)
    return found if found.line else loc_of(node)


_BASIC_LIST = (
    "void char short int long float double signed unsigned _Bool __int128 __builtin_va_list __builtin_ms_va_list"
    " __auto_type _Complex _Float128 __float80 _Float16 _Float32 _Float64 _Float32x _Float64x __bf16 bool"
)
_BASIC = frozenset(_BASIC_LIST.split())
