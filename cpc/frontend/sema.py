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
from typing import Any

from cpc.diag import Diagnostics
from cpc.frontend import constants, declarators, declare, functions, initializers, static_data
from cpc.frontend.c_types import EnumT, FunctionT, IntT, QType, RecordT
from cpc.frontend.declared import (
    ComplexConst,
    Constant,
    Declared,
    Evaluator,
    FunctionDefinition,
    Initializer,
    InitItem,
    LabelDifference,
)
from cpc.frontend.dialect import PLAIN, Dialect
from cpc.frontend.symbols import Scope, ScopeKind, Symbol
from cpc.frontend.target import X86_64, Target
from cpc.frontend.unit import Unit
from cpc.ir.ops import DataPiece, Loc

__all__ = (
    "ComplexConst",
    "Constant",
    "Declared",
    "Evaluator",
    "FunctionDefinition",
    "InitItem",
    "Initializer",
    "LabelDifference",
    "Scope",
    "ScopeKind",
    "Sema",
    "Symbol",
)


@dataclass(slots=True)
class Sema:
    """The declarations of one unit; see the file's opening comment for its use."""

    unit: Unit
    diags: Diagnostics
    evaluator: Evaluator | None = None
    target: Target = X86_64
    dialect: Dialect = PLAIN
    scope: Scope = field(default_factory=lambda: Scope(ScopeKind.FILE))
    function: Symbol | None = None  # whose body is being built
    symbols: list[Symbol] = field(default_factory=list)  # with an ir_name, in order of first declaration
    linked: dict[str, Symbol] = field(default_factory=dict)  # every symbol with linkage, by C name
    unfinished: set[RecordT] = field(default_factory=set)  # inside the braces of their definitions
    bodies: dict[Any, tuple[RecordT | EnumT, tuple[Symbol, ...]]] = field(default_factory=dict)  # by defining node
    static_names: dict[str, int] = field(default_factory=dict)  # how often `f.x` was given out
    statics: dict[int, Symbol] | None = None  # of a body that is built twice: its static variables, by id of the node
    parameter_array: Any = None  # the declarator of a parameter: its outermost brackets may say `static`
    evaluated_types: list[Any] = field(default_factory=list)  # operands of typeof that the next type name evaluates
    may_alias_seen: bool = False  # a scalar type with may_alias was declared: from here on all accesses may alias

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
        return declarators.type_name(self, node)

    def declare(self, node: Any) -> list[Declared]:
        """Declares everything in a declaration node: Decl, Typedef, DeclList, StaticAssert, Pragma or an attribute
        declaration, at file scope or in a block.  Raises `Abort` when nothing sensible can be declared."""
        return declare.declare(self, node)

    def implicit_function(self, name: str, loc: Loc, known: FunctionT | None = None) -> Symbol:
        """Declares `extern int name()`, or a library function as it is known, at file scope for a call of an undeclared
        function; warns (W0230)."""
        return declare.implicit_function(self, name, loc, known)

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

    def object_of(self, node: Any) -> tuple[QType, bool]:
        """The type of an expression, and whether it is a bit-field."""
        assert self.evaluator is not None
        return self.evaluator.object_of(node)

    def type_of(self, node: Any) -> QType:
        """The type of an expression, by the evaluator."""
        assert self.evaluator is not None
        return self.evaluator.type_of(node)
