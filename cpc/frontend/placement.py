"""Which specifiers may stand in which declaration (C11 6.7.1, 6.7.3 to 6.7.5, 6.7.6.2, 6.8.5).

Each function looks at one kind of declaration as it was written and reports what does not belong there; nothing is
changed.  What two storage classes in one declaration mean is in linkage.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend import conversions, layout
from cpc.frontend.build.describe import describe
from cpc.frontend.c_types import ArrayT, FunctionT, PointerT, QType
from cpc.frontend.specifiers import QUALIFIERS
from cpc.loc import NO_LOC, Loc

if TYPE_CHECKING:
    from cpc.frontend.sema import Sema


def parameter(sema: Sema, node: Any) -> None:
    """A parameter may be `register` and nothing else; it has no _Alignas."""
    shown = f"parameter '{node.name}'" if node.name else "a parameter"
    for word in getattr(node, "storage", None) or []:
        if word != "register":
            sema.diags.abort("E0206", sema.unit.loc(node), f"{shown} is declared '{word}'")
    _unaligned(sema, node, shown)


def typedef(sema: Sema, node: Any) -> None:
    for word in node.storage or []:
        if word != "typedef":
            sema.diags.abort("E0206", sema.unit.loc(node), f"'{node.name}' is declared both 'typedef' and '{word}'")


def function(sema: Sema, node: Any) -> None:
    _unaligned(sema, node, f"function '{node.name}'")


def type_name(sema: Sema, node: Any) -> None:
    """Of a cast, sizeof and the like; that of a compound literal may have an _Alignas."""
    _unaligned(sema, node, "a type name")


def bit_field(sema: Sema, node: Any, shown: str) -> None:
    _unaligned(sema, node, shown)


def _unaligned(sema: Sema, node: Any, shown: str) -> None:
    if asked := getattr(node, "align", None):
        loc = sema.unit.loc(node)
        loc = sema.unit.loc(asked[0]) if loc == NO_LOC else loc  # an unnamed bit-field has no place
        sema.diags.abort("E0233", loc, f"_Alignas cannot be said of {shown}")


def alignment(sema: Sema, node: Any, align: int, type_: QType) -> None:
    """`align` is what _Alignas asks for an object or member of `type_`: no less than the type's own."""
    if not align:
        return
    loc = sema.unit.loc(node)
    if "register" in (node.storage or []):
        sema.diags.abort("E0233", loc, f"_Alignas cannot be said of 'register' variable '{node.name}'")
    if align < layout.align_of(type_):
        sema.diags.error("E0233", loc, f"_Alignas({align}) of '{node.name}' is less than its type has")


def qualifiers(sema: Sema, type_: QType, words: list[str] | None, loc: Loc) -> None:
    """`restrict` is for pointers to objects, `_Atomic` neither for arrays nor for functions."""
    names = {QUALIFIERS.get(word, "") for word in words or ()}
    if "restrict" in names:
        type_ = conversions.element_qualified(type_)
        if not isinstance(type_.type, PointerT) or isinstance(type_.type.target.type, FunctionT):
            sema.diags.abort("E0222", loc, f"'restrict' cannot be said of '{describe(type_)}'")
    if "atomic" in names and isinstance(type_.type, ArrayT | FunctionT):
        sema.diags.abort("E0222", loc, f"'_Atomic' cannot be said of '{describe(type_)}'")


def for_declaration(sema: Sema, node: Any) -> None:
    """The first part of `for` declares automatic variables only; C23 allows anything."""
    if sema.dialect.c90 and node.decls:
        sema.diags.abort("E0206", sema.unit.loc(node.decls[0]), "C90 has no declarations in for loops")
    for item in node.decls if not sema.unit.c23 else ():
        if not isinstance(item, c_ast.Decl | c_ast.Typedef):
            continue  # a static assertion
        word = next((w for w in getattr(item, "storage", None) or [] if w in ("static", "extern", "typedef")), "")
        named = item.name or "this"
        if word:
            sema.diags.abort("E0206", sema.unit.loc(item), f"'{named}' is declared '{word}' in a for loop")
        if isinstance(item.type, c_ast.FuncDecl):
            sema.diags.abort("E0206", sema.unit.loc(item), f"function '{named}' is declared in a for loop")
        if _defines_tag(item.type):
            sema.diags.abort("E0206", sema.unit.loc(item), "a type is declared in a for loop")


def _defines_tag(node: Any) -> bool:
    while isinstance(node, c_ast.PtrDecl | c_ast.ArrayDecl | c_ast.FuncDecl | c_ast.TypeDecl):
        node = node.type
    match node:
        case c_ast.Struct(decls=body) | c_ast.Union(decls=body) | c_ast.Enum(values=body):
            return body is not None
        case _:
            return False
