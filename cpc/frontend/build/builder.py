"""`Builder`: the state while one translation unit becomes IR, and the front door to the modules of this package.

    build_unit -> statements -> expressions -> (lvalues, arithmetic, assign, calls, builtins, ...) -> Emitter

The modules are plain functions over a `Builder`; the methods here only forward to them, so that a module does not
have to import every other.  The builder is also sema's `Evaluator`: a constant expression or an unevaluated operand
is built into a scratch function that is thrown away, so expressions have exactly one meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from cpc import x86_features
from cpc.diag import Diagnostics
from cpc.frontend.build import (
    aapcs64,
    builtins,
    co_variadic,
    convert,
    expressions,
    lvalues,
    memory,
    symbolic,
    sysv,
    win64,
)
from cpc.frontend.build.consequences import Consequences
from cpc.frontend.build.convention import Lowered
from cpc.frontend.build.debug import DebugBuilder
from cpc.frontend.build.emitter import Emitter
from cpc.frontend.build.state import FunctionState, Label
from cpc.frontend.build.values import NOTHING, Place, Value
from cpc.frontend.c_types import FunctionT, QType
from cpc.frontend.conversions import decay, unqualified
from cpc.frontend.dialect import PLAIN, Dialect
from cpc.frontend.sema import ComplexConst, Constant, Sema
from cpc.frontend.symbols import Symbol
from cpc.frontend.target import X86_64, Target
from cpc.frontend.unit import Unit
from cpc.ir import ops as ir


@dataclass(frozen=True, slots=True)
class Options:
    """`wrapv` makes signed overflow wrap (-fwrapv); `builtins` lets names of library functions mean what the standard
    says (-fno-builtin: no), but `no_builtins`; `trapping` keeps divisions that may trap; `instrument` calls the
    profiling functions at both ends of functions; `debug` keeps types and variables for debuggers (-g); `visibility`
    is that of definitions without a visibility attribute; `strict_aliasing` notes the effective types of accesses
    (C11 6.5p7); `float_environment` is as in float_environment.py; with `exceptions` they run cleanups; `optimised`
    says that the optimiser will run; `features` is what all functions may use of an x86 processor."""

    wrapv: bool = False
    builtins: bool = True
    no_builtins: frozenset[str] = frozenset()
    trapping: bool = False
    instrument: bool = False
    debug: bool = False
    visibility: str = "default"
    strict_aliasing: bool = False
    float_environment: str = ""
    exceptions: bool = False
    optimised: bool = False
    target: Target = X86_64
    features: frozenset[str] = x86_features.PLAIN
    file_maps: tuple[tuple[str, str], ...] = ()  # beginnings of names of files, and what is put there
    dialect: Dialect = PLAIN


class Builder:
    def __init__(self, unit: Unit, diags: Diagnostics, options: Options, module: ir.Module) -> None:
        self.unit = unit
        self.diags = diags
        self.options = options
        self.module = module
        self.target = options.target
        self.debug = DebugBuilder(module, keep=not options.optimised) if options.debug else None
        self.sema = Sema(unit, diags, target=options.target, dialect=options.dialect)
        self.sema.evaluator = self
        self.function: FunctionState | None = None
        self.em = Emitter(ir.Function("file", ir.Sig()))
        self.scratch_depth = 0
        self.unevaluated = 0  # depth of operands that are never computed: nothing is said about their values
        self.chained: set[Any] = set()  # the ifs behind an else, which their chain's first one speaks for
        self.strings: dict[tuple[bytes, int], str] = {}
        self.literals: dict[int, str] = {}  # file-scope compound literals, by id of their node
        self.unread: set[Any] = set()  # calls whose result nobody reads
        self.labelled: dict[int, bool] = {}  # whether an expression has a label in it, by id of its node
        self.vector_operands: dict[Any, bool] = {}  # whether a `!` is applied to a vector, by its node
        self.literal_types: dict[str, QType] = {}
        self.library: dict[str, ir.Sig] = {}  # functions that the compiler itself calls
        self.undeclared: set[tuple[str, str]] = set()  # (function, name) that was complained about
        self.referenced: set[str] = set()
        self.consequences = Consequences(diags)

    # ---- diagnostics

    def loc(self, node: Any) -> ir.Loc:
        found = self.unit.loc(node)
        return found if found.line else self.em.loc

    def fail(self, code: str, node: Any, message: str, help: str = "") -> NoReturn:
        self.diags.abort(code, self.loc(node), message, help=help)

    def unsupported(self, code: str, node: Any, what: str) -> NoReturn:
        self.diags.abort(code, self.loc(node), f"{what} is not supported")

    def warn(self, option: str, node: Any, message: str) -> None:
        self.diags.warning(option, self.loc(node), message)

    @property
    def wraps(self) -> bool:
        """Whether signed arithmetic wraps here."""
        wrapv = self.function is not None and "wrapv" in self.function.symbol.attrs.flags
        return self.options.wrapv or wrapv

    def knows(self, name: str) -> bool:
        """Whether a function of this name is taken for the library's."""
        return self.options.builtins and name not in self.options.no_builtins

    # ---- expressions (forwarded)

    def build(self, node: Any) -> Value | Place:
        """An expression without decay or load: what `sizeof` and `&` see."""
        return expressions.build(self, node)

    def value(self, node: Any) -> Value:
        """An expression's rvalue: loaded, arrays and functions decayed."""
        return self.rvalue(expressions.build(self, node), node)

    def rvalue(self, built: Value | Place, node: Any) -> Value:
        return memory.load(self, built, node) if isinstance(built, Place) else built

    def place(self, node: Any) -> Place:
        """An expression that must be an lvalue."""
        return lvalues.require_place(self, node)

    def condition(self, node: Any) -> ir.Operand:
        """i1: the expression compares unequal to 0."""
        return expressions.condition(self, node)

    def convert(self, value: Value, to: QType, node: Any) -> Value:
        """As by a cast between arithmetic or pointer types; no check."""
        return convert.convert(self, value, to, node)

    def assign_convert(self, value: Value, to: QType, node: Any, what: str) -> Value:
        """As by assignment (C11 6.5.16.1): checked; `what` names the context for the message."""
        return convert.assign_convert(self, value, to, node, what)

    def is_builtin(self, name: str) -> bool:
        return builtins.is_builtin(name) and (self.target.calls == "sysv" or not name.startswith("__builtin_ia32_"))

    def call_builtin(self, name: str, node: Any) -> Value | Place:
        return builtins.call(self, name, node)

    def temporary_place(self, type_: QType, stem: str = "tmp") -> Place:
        """Memory for one object of the type."""
        return memory.temporary_place(self, type_, stem)

    def discard(self, node: Any) -> None:
        """Evaluate for side effects."""
        expressions.discard(self, node)

    def features(self) -> frozenset[str]:
        """What the code that is being built may use of an x86 processor."""
        return self.features_of(self.function.symbol) if self.function is not None else self.options.features

    def features_of(self, function: Symbol) -> frozenset[str]:
        return self.options.features | x86_features.of_flags(function.attrs.flags)

    def lower_signature(
        self, fn: FunctionT, arguments: list[QType] | None = None, features: frozenset[str] | None = None
    ) -> Lowered:
        """How the target calls a function of this type.  `arguments` are the types actually passed when they go beyond
        the prototype (variadic or unprototyped); `features` are those of the function when it is not the one being
        built."""
        types = list(fn.params) if arguments is None else arguments
        if co_variadic.applies(fn):
            return co_variadic.lowered_signature(self, fn, types)
        if fn.ms_abi:
            return win64.lower_signature(fn, types)
        if self.target.calls == "sysv":
            return sysv.lower_signature(fn, types, wide="avx" in (self.features() if features is None else features))
        return aapcs64.lower_signature(fn, types)

    # ---- scratch building: the Evaluator

    @contextmanager
    def scratch(self) -> Iterator[Emitter]:
        """Build into a function that is thrown away."""
        saved, saved_scope, function = self.em, self.sema.scope, self.function
        stacks: tuple[list[Any], ...] = ()
        if function:
            stacks = function.cleanups, function.barriers, function.jumps, function.switches
        depths = [len(stack) for stack in stacks]
        labels = dict(function.labels) if function else {}
        lengths = dict(function.vla_lengths) if function else {}
        operands, self.sema.evaluated_types = self.sema.evaluated_types, []
        self.em = Emitter(ir.Function("scratch", ir.Sig()))
        self.em.loc = saved.loc
        self.scratch_depth += 1
        try:
            yield self.em
        finally:
            self.em = saved
            self.sema.scope = saved_scope
            self.sema.evaluated_types = operands
            self.scratch_depth -= 1
            for stack, depth in zip(stacks, depths, strict=True):
                del stack[depth:]
            if function:
                function.labels, function.vla_lengths = labels | _unplaced(function.labels), lengths

    def type_of(self, expr: Any) -> QType:
        """Evaluator: the type of an unevaluated operand; arrays and functions do not decay."""
        with self.scratch(), self._unevaluated():
            return self.build(expr).type

    def object_of(self, expr: Any) -> tuple[QType, bool]:
        """Evaluator: `type_of`, and whether the operand is a bit-field."""
        built = self.built_type(expr)
        return built.type, isinstance(built, Place) and built.is_bit_field

    def built_type(self, expr: Any) -> Value | Place:
        """What an unevaluated operand is: like `type_of`, but says bit-fields apart."""
        with self.scratch(), self._unevaluated():
            return self.build(expr)

    @contextmanager
    def _unevaluated(self) -> Iterator[None]:
        self.unevaluated += 1
        try:
            yield
        finally:
            self.unevaluated -= 1

    def constant(self, expr: Any, to: QType | None, *, objects: bool = False) -> Constant | None:
        """Evaluator: the value of a constant expression, or None."""
        with self.scratch() as em:
            em.translating = True
            if objects:
                em.objects = {symbol.ir_name: symbol for symbol in self.sema.symbols if symbol.data is not None}
            value = self.value(expr)
            if to is not None:
                value = self.assign_convert(value, unqualified(decay(to)), expr, "initializing")
            if em.runtime:
                return None
            if not em.is_pure:
                return symbolic.resolve(em, value.op, self._may_be_null) if value.imag is None else None
            return _as_constant(value)

    def constant_or_none(self, expr: Any) -> Constant | None:
        """`constant` for __builtin_constant_p: an expression that cannot be one is no error."""
        return self.constant(expr, None)

    def _may_be_null(self, name: str) -> bool:
        """Whether an address is not known to be an object's own: of weak symbols and aliases."""
        own = (symbol.attrs for symbol in self.sema.symbols if symbol.ir_name == name)
        return any("weak" in attrs.flags or attrs.alias for attrs in own)

    # ---- symbols

    def reference(self, name: str) -> None:
        """Remember that emitted code or data uses the name."""
        self.referenced.add(name)

    def use_function(self, symbol: Symbol) -> None:
        """A function's name stands in an expression: it needs at least a declaration."""
        self.referenced.add(symbol.ir_name)

    def use_object(self, symbol: Symbol) -> None:
        self.referenced.add(symbol.ir_name)

    def use_data(self, data: list[ir.DataPiece]) -> None:
        """Static data uses the names whose addresses it holds."""
        for piece in data:
            if isinstance(piece, ir.DataAddr):
                self.referenced.add(piece.symbol)

    def declare_library(self, name: str, sig: ir.Sig) -> None:
        """A library function that the compiler calls by itself (memcpy, __muldc3)."""
        self.library.setdefault(name, sig)


def _unplaced(labels: dict[str, Label]) -> dict[str, Label]:
    """Labels that scratch code only mentioned: their blocks belong to the real function."""
    return {name: label for name, label in labels.items() if label.scopes is None}


def _as_constant(value: Value) -> Constant | None:
    if value is NOTHING:
        return None
    match value.op, value.imag:
        case ir.Const() as real, ir.Const() as imag:
            return ComplexConst(real, imag)
        case (ir.Const() | ir.GlobalAddr() | ir.BlockAddr()) as op, None:
            return op
        case _:
            return None
