"""What sema hands to build, and what build does for sema: plain data classes and the Evaluator protocol.

They are in a file of their own so that sema.py, which holds the state, and the modules that work on it can both
import them.  Consumers import them from cpc.frontend.sema.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from cpc.frontend.c_types import QType
from cpc.frontend.symbols import Symbol
from cpc.ir.ops import BlockAddr, Const, GlobalAddr


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
    """What build does for sema.  No method emits code; all report errors in the expression themselves
    (`Abort`)."""

    def type_of(self, expr: Any) -> QType:
        """The type of an expression that is not evaluated: no decay, lvalue qualifiers kept."""

    def object_of(self, expr: Any) -> tuple[QType, bool]:
        """As `type_of`, and whether the expression is a bit-field."""

    def constant(self, expr: Any, to: QType | None, *, objects: bool = False) -> Constant | None:
        """The value of a constant expression, converted to `to` when given; None when it is not constant.
        An automatic object is never constant, also one of a prototype that has no storage yet.  `objects`: const
        objects that are initialised count as their values (GNU C, in static initialisers)."""


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
