"""Storage classes, linkage, and agreement between the declarations of one name (C11 6.2.2, 6.7.1, 6.7p3).

Before: a new Symbol as its own declaration says.  After `enter_linked`: the one Symbol of that entity, with composite
type and merged attributes, bound in the current scope; what contradicts is an error with a note at the earlier place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cpc.diag import Note
from cpc.frontend import attribute_meaning, conversions
from cpc.frontend.build.describe import describe
from cpc.frontend.c_types import FunctionT, QType
from cpc.frontend.symbols import Kind, ScopeKind, Symbol
from cpc.loc import Loc
from cpc.warnings import declarations

if TYPE_CHECKING:
    from cpc.frontend.sema import Sema


@dataclass(frozen=True, slots=True)
class Specifiers:
    """The storage class and function specifiers of a declaration; `spelled` is for messages."""

    storage: str
    thread: bool
    inline: bool
    spelled: str


_THREAD = frozenset(("_Thread_local", "__thread", "thread_local"))
_INLINE = frozenset(("inline", "__inline", "__inline__"))
_NOTHING = Specifiers("", False, False, "")


def specifiers(sema: Sema, node: Any) -> Specifiers:
    """Reads the specifiers of a Decl; two storage classes are an error."""
    words, functions = node.storage or [], node.funcspec or []
    if not words and not functions:
        return _NOTHING
    classes = [w for w in words if w not in _THREAD and w != "constexpr"]
    if len(classes) > 1:
        loc = sema.unit.loc(node)
        sema.diags.abort("E0206", loc, f"'{node.name}' is declared both '{classes[0]}' and '{classes[1]}'")
    storage = classes[0] if classes else ""
    if "constexpr" in words and sema.scope.kind is ScopeKind.FILE:
        storage = storage or "static"
    inline = any(w in _INLINE for w in functions)
    return Specifiers(storage, any(w in _THREAD for w in words), inline, " ".join(words))


def enter_linked(sema: Sema, symbol: Symbol, *, initialised: bool = False) -> Symbol:
    """Joins a declaration with linkage to the earlier ones of its name, and binds the name here."""
    here = sema.scope.names.get(symbol.name)
    if here is not None and here.linkage == "none":
        _different_kind(sema, symbol, here)
    earlier = sema.linked.get(symbol.name)
    if earlier is None:
        if symbol.is_weakref:
            _follow_weakrefs(sema, symbol)
        check_weak(sema, symbol)
        sema.linked[symbol.name] = symbol
        sema.symbols.append(symbol)
        sema.scope.names[symbol.name] = symbol
        return symbol
    _check_kind(sema, symbol, earlier)
    _check_one_meaning(sema, symbol, earlier, initialised)
    _join_linkage(sema, symbol, earlier)
    _join_types(sema, symbol, earlier)
    declarations.redundant(sema, symbol, earlier, initialised=initialised)
    _join_rest(earlier, symbol)
    check_weak(sema, earlier)
    if earlier.is_weakref:
        _follow_weakrefs(sema, earlier)
    sema.scope.names[symbol.name] = earlier
    return earlier


def check_unlinked(sema: Sema, symbol: Symbol) -> None:
    """A block's own variable may not share its name with anything else in the same scope (6.7p3)."""
    here = sema.scope.names.get(symbol.name)
    if here is None:
        return
    notes = [Note(here.loc, f"'{symbol.name}' is declared here")]
    sema.diags.abort("E0201", symbol.loc, f"redefinition of '{symbol.name}'", notes=notes)


def _different_kind(sema: Sema, symbol: Symbol, earlier: Symbol) -> None:
    notes = [Note(earlier.loc, f"'{symbol.name}' is declared here as {_article(earlier.kind)}")]
    message = f"'{symbol.name}' is declared again as a different kind of name"
    sema.diags.abort("E0201", symbol.loc, message, notes=notes)


def _article(kind: Kind) -> str:
    return f"an {kind.value}" if kind.value[0] in "aeiou" else f"a {kind.value}"


def _check_kind(sema: Sema, symbol: Symbol, earlier: Symbol) -> None:
    if symbol.kind is not earlier.kind:
        _different_kind(sema, symbol, earlier)
    if symbol.thread != earlier.thread:
        notes = [Note(earlier.loc, f"'{symbol.name}' is declared here")]
        sema.diags.abort("E0206", symbol.loc, f"'{symbol.name}' is thread-local in one declaration only", notes=notes)


def check_weak(sema: Sema, symbol: Symbol) -> None:
    """Only the linker can put another definition in the place of a weak one."""
    weak = "weak" in symbol.attrs.flags and "weakref" not in symbol.attrs.flags
    if weak and symbol.linkage != "external" and not symbol.automatic:
        sema.diags.error("E0206", symbol.loc, f"'{symbol.name}' is weak, and is not external")


def _check_one_meaning(sema: Sema, symbol: Symbol, earlier: Symbol, initialised: bool) -> None:
    """What is defined here is no alias of something else, and what has a resolver is not defined."""
    if "weakref" in symbol.attrs.flags | earlier.attrs.flags:
        return
    defines, defined = symbol.defined or initialised, earlier.defined
    if (defines and earlier.attrs.alias) or (defined and symbol.attrs.alias):
        notes = [Note(earlier.loc, f"'{symbol.name}' is declared here")]
        sema.diags.abort("E0201", symbol.loc, f"'{symbol.name}' is defined, and is an alias", notes=notes)


def _join_linkage(sema: Sema, symbol: Symbol, earlier: Symbol) -> None:
    """6.2.2p4, p5, p7: extern, and a function without storage class, follow an earlier static."""
    if symbol.linkage == earlier.linkage:
        return
    follows = symbol.storage == "extern" or (symbol.kind is Kind.FUNCTION and symbol.storage == "")
    if earlier.linkage == "internal" and follows:
        return
    one, other = ("static", "non-static") if symbol.linkage == "internal" else ("non-static", "static")
    notes = [Note(earlier.loc, f"'{symbol.name}' is declared here")]
    message = f"{one} declaration of '{symbol.name}' follows {other} declaration"
    sema.diags.abort("E0206", symbol.loc, message, notes=notes)


def check_same_type(sema: Sema, name: str, loc: Loc, earlier: Symbol, type_: QType) -> list[Note]:
    """Two declarations of one thing have compatible types; the notes are for what else may be wrong with them."""
    notes = [Note(earlier.loc, f"'{name}' is declared here as '{describe(earlier.type)}'")]
    if not conversions.compatible(earlier.type, type_):
        sema.diags.abort("E0202", loc, f"conflicting types for '{name}': '{describe(type_)}'", notes=notes)
    return notes


def _join_types(sema: Sema, symbol: Symbol, earlier: Symbol) -> None:
    fn = symbol.type.type
    if earlier.implicit and isinstance(fn, FunctionT) and conversions.is_void(fn.result) and fn.color == "plain":
        message = f"'{symbol.name}' returns nothing, and was called before as a function that returns 'int'"
        sema.diags.warning("W0230", symbol.loc, message, notes=[Note(earlier.loc, "it is called here")])
        earlier.type, earlier.implicit = symbol.type, False  # as gcc: old programs define it further down
    notes = check_same_type(sema, symbol.name, symbol.loc, earlier, symbol.type)
    if earlier.promoted is not None and isinstance(fn, FunctionT) and fn.prototyped:
        given, taken = fn.params, earlier.promoted
        if len(given) != len(taken) or not all(map(conversions.compatible, given, taken)):
            message = f"the prototype '{describe(symbol.type)}' does not fit the definition of '{symbol.name}'"
            sema.diags.abort("E0202", symbol.loc, message, notes=notes)
    _check_colors(sema, symbol.name, symbol.loc, earlier.type, symbol.type, notes)
    earlier.type = conversions.composite(earlier.type, symbol.type)


def _check_colors(sema: Sema, name: str, loc: Loc, first: QType, second: QType, notes: list[Note]) -> None:
    """A colour said in the first declaration holds for all; one that comes later would leave callers compiled with
    the other convention."""
    before, after = conversions.color_of(first), conversions.color_of(second)
    added = before is not None and after is not None and before != "coroutine" and after == "coroutine"
    inside = not conversions.same_colors(first, second) and before == after
    if added or inside:
        message = (
            f"'{name}' is not coroutine_fn in its first declaration"
            if added
            else (f"declarations of '{name}' disagree about coroutine_fn")
        )
        sema.diags.error("E0204", loc, message, notes=notes, help="annotate every declaration alike")


def _join_rest(earlier: Symbol, new: Symbol) -> None:
    attribute_meaning.merge(earlier.attrs, new.attrs)
    earlier.inline |= new.inline
    earlier.all_inline &= new.all_inline
    earlier.extern_inline |= new.extern_inline
    earlier.tentative |= new.tentative and not earlier.defined
    if earlier.ir_name == earlier.name:
        earlier.ir_name = new.ir_name


def _follow_weakrefs(sema: Sema, symbol: Symbol) -> None:
    """A weakref stands for its target, and for the target's own if that is a weakref, whichever came first."""
    target = sema.linked.get(symbol.attrs.alias)
    symbol.ir_name = target.ir_name if target is not None and target.is_weakref else symbol.attrs.alias
    for other in sema.symbols:
        if other.is_weakref and other.ir_name == symbol.name and other is not symbol:
            other.ir_name = symbol.ir_name
