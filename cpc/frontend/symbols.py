"""Names and scopes: what an identifier or a tag stands for at a place in the source (C11 6.2.1 to 6.2.3).

A `Symbol` is one entity: an object, a function, a typedef or an enumeration constant.  All declarations of an
entity with linkage share one Symbol, also across block scopes, so that a later definition is seen by everybody who
holds it.  A `Scope` maps names to symbols and tags to record and enum types; labels are not here, they belong to the
function builder.  Requires nothing of the type layer beyond `QType`; declare.py fills these in, build reads them.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cpc.frontend.c_types import EnumT, QType, RecordT
from cpc.loc import NO_LOC, Loc

if TYPE_CHECKING:
    from cpc.ir.ops import DataPiece


class Kind(enum.Enum):
    """What an ordinary identifier names."""

    OBJECT = "object"
    FUNCTION = "function"
    TYPEDEF = "typedef"
    ENUM_CONST = "enum constant"


class ScopeKind(enum.Enum):
    """Where a scope comes from: FUNCTION holds the parameters and the outermost block of a body."""

    FILE = "file"
    FUNCTION = "function"
    BLOCK = "block"
    PROTOTYPE = "prototype"


@dataclass(slots=True)
class Attrs:
    """The attributes of a declaration that mean something, merged over all its declarations.

    `flags` is a subset of: noreturn noinline alwaysinline cold hot naked returns_twice used preserve_most optnone
    stackrealign weak ifunc gnu_inline co_yield unused pure const malloc nocommon common leaf nothrow artificial
    weakref dllexport no_instrument no_sanitize warn_unused nodiscard any_alias wrapv unavailable, explicitly_signed
    (of a typedef), and cpu.NAME for what a function may use of the processor (x86_features.py).  Colours are not
    here: they are part of the type.
    """

    flags: set[str] = field(default_factory=set)
    section: str = ""
    visibility: str = ""  # '' means the default
    alias: str = ""  # assembler name of the target
    versions: tuple[str, ...] = ()  # symver: "name@version"
    tls_model: str = ""  # 'generaldynamic', 'localdynamic', 'initialexec', 'localexec' or ''
    cleanup: str = ""  # name of the function called with the variable's address at scope exit
    constructor: int | None = None  # priority; 65535 when none was given
    destructor: int | None = None
    deprecated: str | None = None  # the message, '' without one; also of what is unavailable
    formats: tuple[tuple[str, int, int], ...] = ()  # format(printf, 1, 2): kind, format, first argument
    align: int = 0  # of a function: aligned(N)


@dataclass(eq=False, slots=True)
class Symbol:
    """One named entity.

    `linkage` is 'external', 'internal' or 'none'.  `static` says static or thread storage duration (objects with
    linkage, and `static` block variables).  `ir_name` is the assembler name: the asm label when there is one, the C
    name for linkage, `function.name` for block statics, and '' for automatic objects (build names their locals).
    """

    name: str
    kind: Kind
    type: QType
    loc: Loc = NO_LOC
    linkage: str = "none"
    storage: str = ""  # as the definition says: '', 'extern', 'static', 'register', 'auto', 'typedef'
    static: bool = False
    thread: bool = False  # _Thread_local or __thread
    ir_name: str = ""
    value: int = 0  # of an enumeration constant
    attrs: Attrs = field(default_factory=Attrs)
    defined: bool = False  # a function with a body, an object with an initialiser, any automatic object
    common: bool = False  # a tentative definition that the linker may join with others (-fcommon)
    implicit: bool = False  # a function that a call declared
    tentative: bool = False  # C11 6.9.2: defined by `Sema.finish` unless a definition appears
    data: list[DataPiece] | None = None  # of a defined static object
    inline: bool = False  # every or some declaration says inline
    all_inline: bool = True  # C11 6.7.4p7: every file-scope declaration says inline ...
    extern_inline: bool = False  # ... and none says extern
    param: bool = False
    used: bool = False  # mentioned in an expression; a function's mentions of itself do not count
    read: bool = False  # mentioned other than as the target of an assignment
    size_effect: Any = None  # of an array parameter: its outermost variable length, which entry evaluates
    promoted: tuple[QType, ...] | None = None  # of a definition without prototype: what callers pass
    inline_name: str = ""  # of the body that only calls in this unit use: `extern inline` and always_inline of GNU C
    build: Any = None  # free for the builder (its local, its VLA size)

    @property
    def automatic(self) -> bool:
        """An object that lives in a function's activation."""
        return self.kind is Kind.OBJECT and not self.static

    @property
    def is_weakref(self) -> bool:
        """A static name that stands for the external one `attrs.alias`, which may be missing."""
        return "weakref" in self.attrs.flags and bool(self.attrs.alias)

    @property
    def emitted_linkage(self) -> str:
        """The IR linkage of a function definition with this symbol: inline semantics of C99 and of gnu89."""
        if self.linkage == "internal":
            return "internal"
        if "weak" in self.attrs.flags:
            return "weak"
        if self.kind is Kind.FUNCTION and self.inline:
            if "gnu_inline" in self.attrs.flags:
                return "available_externally" if self.storage == "extern" else "external"
            if self.all_inline and not self.extern_inline:
                return "available_externally"
        return "external"


@dataclass(eq=False, slots=True)
class Scope:
    """A scope and the scope around it.  Lookups walk outwards; declarations go into the innermost, so a block that
    has declared nothing when a scope opens in it is passed over from there (`around`)."""

    kind: ScopeKind
    parent: Scope | None = None
    names: dict[str, Symbol] = field(default_factory=dict)
    tags: dict[str, RecordT | EnumT] = field(default_factory=dict)
    around: Scope | None = field(init=False)

    def __post_init__(self) -> None:
        outer = self.parent
        while outer is not None and outer.kind is ScopeKind.BLOCK and not outer.names and not outer.tags:
            outer = outer.around
        self.around = outer

    def lookup(self, name: str) -> Symbol | None:
        """The entity that `name` stands for here."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.names.get(name)
            if found is not None:
                return found
            scope = scope.around
        return None

    def lookup_tag(self, tag: str) -> RecordT | EnumT | None:
        """The type that `struct tag`, `union tag` or `enum tag` means here."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.tags.get(tag)
            if found is not None:
                return found
            scope = scope.around
        return None
