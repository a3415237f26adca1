"""Sema: the state of one translation unit's declarations, and the interface the builder codes against.

Before: a parsed `Unit`.  After the builder walked it: every name has a Symbol, every type is a QType, every static
object has its data.  The work is done by declare.py (types and declarations), records.py (struct, union, enum),
initializers.py and static_data.py; this class only holds the state they share.

Expressions have one implementation, in build: an array size or a static initialiser is evaluated through the
`Evaluator` that the builder passes in.  Rejected: a second, integer-only evaluator here; it would disagree with the
builder about conversions sooner or later.

The life of a unit, as the builder drives it:

    sema = Sema(unit, diags); sema.evaluator = builder
    for node in unit.ast.ext:
        FuncDef      -> fn = sema.begin_function(node); ...; sema.end_function()
        otherwise    -> sema.declare(node)
    sema.finish()                    # tentative definitions
    for symbol in sema.symbols: ...  # everything with a name in the object file, in source order

and in a body: `sema.enter(ScopeKind.BLOCK)`, `sema.declare(node)`, `sema.leave()`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from cpc.diag import Diagnostics
from cpc.frontend import constants, declare, functions, initializers, static_data
from cpc.frontend.c_types import IntT, QType
from cpc.frontend.unit import Unit
from cpc.frontend.symbols import Scope, ScopeKind, Symbol
from cpc.ir.ops import BlockAddr, Const, DataPiece, GlobalAddr, Loc


@dataclass(frozen=True, slots=True)
class LabelDifference:
    """`&&label - &&minus`, as static tables of computed gotos hold it."""

    label: str
    minus: str


@dataclass(frozen=True, slots=True)
class ComplexConst:
    """A constant of complex type."""

    real: Const
    imag: Const


Constant = Const | GlobalAddr | BlockAddr | LabelDifference | ComplexConst


class Evaluator(Protocol):
    """What build does for sema.  Neither method emits code; both report errors in the expression themselves
    (`Abort`)."""

    def type_of(self, expr: Any) -> QType:
        """The type of an expression that is not evaluated: no decay, lvalue qualifiers kept."""

    def constant(self, expr: Any, to: QType | None) -> Constant | None:
        """The value of a constant expression, converted to `to` when given; None when it is not constant.
        An automatic object is never constant, also one of a prototype that has no storage yet."""


@dataclass(frozen=True, slots=True)
class InitItem:
    """One scalar (or whole aggregate given by one expression) to store `offset` bytes into the object.
    For a bit-field `bit_width` is set and `bit_offset` counts bits from the start of the object.  A string literal
    that fills a character array is one item whose `type` is that array.  `repeat` > 1 comes from `[a ... b] =`: the
    expression is evaluated once and stored `repeat` times, `stride` bytes apart."""

    offset: int
    type: QType
    expr: Any
    bit_offset: int = 0
    bit_width: int | None = None
    repeat: int = 1
    stride: int = 0


@dataclass(frozen=True, slots=True)
class Initializer:
    """A flattened initialiser: items in order of offset; what no item covers is zero.  `type` is completed
    (`int a[] = {1, 2}` has length 2); `size` is the object's size, beyond the type's own when a flexible array member
    is initialised.  `whole` is set when one expression gives the whole object (no braces): the only item."""

    type: QType
    size: int
    items: tuple[InitItem, ...]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Declared:
    """What one declarator declared.  For a static object the data is in `symbol.data` already; for an automatic
    one the builder stores `init` (None when there is no initialiser)."""

    symbol: Symbol
    init: Initializer | None = None


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """A function whose body is about to be built; the parameters are declared in the current scope.
    A nameless parameter has name ''.  `promoted[i]` is the type a K&R caller passes parameter i in."""

    symbol: Symbol
    params: tuple[Symbol, ...]
    promoted: tuple[QType, ...] = ()


@dataclass(slots=True)
class Sema:
    """The declarations of one unit; see the file's opening comment for its use."""

    unit: Unit
    diags: Diagnostics
    evaluator: Evaluator | None = None
    scope: Scope = field(default_factory=lambda: Scope(ScopeKind.FILE))
    function: Symbol | None = None  # whose body is being built
    symbols: list[Symbol] = field(default_factory=list)  # with an ir_name, in order of first declaration
    linked: dict[str, Symbol] = field(default_factory=dict)  # every symbol with linkage, by C name
    static_names: dict[str, int] = field(default_factory=dict)  # how often `f.x` was given out

    def __post_init__(self) -> None:
        declare.declare_builtins(self)

    # ---- scopes ----

    def enter(self, kind: ScopeKind = ScopeKind.BLOCK) -> Scope:
        """Opens a scope inside the current one; the caller leaves it."""
        self.scope = Scope(kind, self.scope)
        return self.scope

    def leave(self) -> None:
        """Closes the innermost scope."""
        assert self.scope.parent is not None
        self.scope = self.scope.parent

    @contextmanager
    def scoped(self, kind: ScopeKind = ScopeKind.BLOCK) -> Iterator[Scope]:
        """`enter` and `leave` around a `with` body, also when it raises."""
        outer = self.scope
        try:
            yield self.enter(kind)
        finally:
            self.scope = outer

    def lookup(self, name: str) -> Symbol | None:
        """The symbol that an identifier stands for here."""
        return self.scope.lookup(name)

    # ---- types and declarations ----

    def type_name(self, node: Any) -> QType:
        """The type that a c_ast.Typename (cast, sizeof, _Generic ...) means.  Declares the tags it defines."""
        return declare.type_name(self, node)

    def declare(self, node: Any) -> list[Declared]:
        """Declares everything in a declaration node: Decl, Typedef, DeclList, StaticAssert, Pragma or an attribute
        declaration, at file scope or in a block.  Raises `Abort` when nothing sensible can be declared."""
        return declare.declare(self, node)

    def implicit_function(self, name: str, loc: Loc) -> Symbol:
        """Declares `extern int name()` at file scope for a call of an undeclared function; warns (W0230)."""
        return declare.implicit_function(self, name, loc)

    def begin_function(self, node: Any) -> FunctionDefinition:
        """Declares a c_ast.FuncDef's function, opens its scope and declares its parameters there."""
        return functions.begin_function(self, node)

    def end_function(self) -> None:
        """Closes the scopes that `begin_function` (and an aborted body) left open."""
        functions.end_function(self)

    def finish(self) -> None:
        """At the end of the unit: completes tentative definitions and checks what was never defined."""
        declare.finish(self)

    # ---- initialisers ----

    def flatten(self, type_: QType, init: Any, *, static: bool = False) -> Initializer:
        """An initialiser (expression or InitList) for an object of `type_`, flattened; also of compound literals.
        `static`: a compound literal inside is taken apart too (GNU), since it has to be constant."""
        return initializers.flatten(self, type_, init, static)

    def static_data(self, init: Initializer, function: str = "") -> list[DataPiece]:
        """The bytes of a static object; every expression must be constant (E0235).  `function` owns the labels whose
        addresses are taken."""
        return static_data.static_data(self, init, function)

    # ---- constants ----

    def integer(self, node: Any) -> tuple[int, IntT] | None:
        """The value and type of an integer constant expression, None when it is not one.  Literals and enumeration
        constants take a short way; everything else goes to the evaluator."""
        return constants.integer(self, node)

    def type_of(self, node: Any) -> QType:
        """The type of an expression, by the evaluator."""
        assert self.evaluator is not None
        return self.evaluator.type_of(node)
