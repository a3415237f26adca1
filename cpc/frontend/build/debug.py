"""What debuggers are told (-g): C types and variables become the IR's debug_info.

One `DebugBuilder` per unit, or none without -g.  Types are numbered in the order in which variables first need them,
equal ones once.  Records and enums are filled in at the end of the unit, when they are complete if they ever are; that
also ends the recursion through them.  Blocks become scopes when their first variable is declared, so that a scope
begins where C's does, and blocks without variables cost nothing.

What is lost on the way, knowingly: alignments, `register`, and a typedef's name where an attribute changed the type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cpc.frontend.build.emitter import Emitter
from cpc.frontend.build.state import Variable
from cpc.frontend.c_types import (
    UINT,
    ArrayT,
    ComplexT,
    CType,
    EnumT,
    FloatT,
    FunctionT,
    IntT,
    PointerT,
    QType,
    RecordT,
    VectorT,
    VoidT,
)
from cpc.frontend.symbols import Symbol
from cpc.ir import ops as ir
from cpc.ir.debug_info import (
    VOID,
    DebugFunction,
    DebugGlobal,
    DebugMember,
    DebugScope,
    DebugType,
    DebugVariable,
)

_PENDING = DebugType("pending")
_CHARS = ("char", "signed char", "unsigned char")
Lengths = dict[int, ir.LocalAddr]  # where the lengths of variable arrays are, by id of their expression


@dataclass(slots=True)
class _Block:
    """An open block: its scope, which is that of the block around it before its first variable."""

    scope: int
    own: bool = False


class DebugBuilder:
    """`keep`: coroutine functions keep the values of all variables in scope across a suspension."""

    def __init__(self, module: ir.Module, keep: bool) -> None:
        self._keep = keep
        self.types = module.types
        self._numbers: dict[DebugType, int] = {}
        self._tagged: dict[int, tuple[RecordT | EnumT, int]] = {}  # by identity, which this keeps alive
        self._known: dict[int, tuple[QType, int]] = {}
        self._unfilled: list[RecordT | EnumT] = []
        self._statics: dict[str, str] = {}  # the function of each static variable
        self._blocks: list[_Block] = []  # the open ones

    # ---- functions

    def begin(self, fn: ir.Function, symbol: Symbol) -> None:
        fn.debug = DebugFunction(symbol.name, self._plain(symbol.type.type, {}))  # not a typedef's name
        self._blocks = []
        if self._keep and fn.color != "plain":
            fn.attrs |= {"keep_variables"}

    def leave_function(self) -> list[_Block]:
        """Before a nested function; what is answered is for `come_back`."""
        return self._blocks

    def come_back(self, blocks: list[_Block]) -> None:
        self._blocks = blocks

    def enter_block(self) -> None:
        self._blocks.append(_Block(self._blocks[-1].scope if self._blocks else 0))

    def leave_block(self, em: Emitter) -> None:
        """What ends the block still belongs to it; the next statement is outside."""
        self._blocks.pop()
        em.scope = self._blocks[-1].scope if self._blocks else 0

    def variable(self, em: Emitter, symbol: Symbol, place: Variable, lengths: Lengths, arg: int = 0) -> None:
        """An automatic object whose storage is known now.  Scratch functions have no debug information."""
        debug, home = em.fn.debug, place.addr
        if debug is None or not isinstance(home, ir.LocalAddr | ir.Reg):
            return
        type_ = self.type(symbol.type, lengths)
        scope = self._scope(em, debug, symbol.loc)
        debug.variables.append(DebugVariable(symbol.name, type_, home, 0, place.indirect, arg, scope, symbol.loc))
        em.loc = em.loc  # the initialiser belongs to the block

    def static(self, em: Emitter, symbol: Symbol) -> None:
        """A static variable of a block: remembers the function for `global_`."""
        if em.fn.debug is not None:
            self._statics[symbol.ir_name] = em.fn.name

    def _scope(self, em: Emitter, debug: DebugFunction, loc: ir.Loc) -> int:
        if not self._blocks:
            return 0
        block = self._blocks[-1]
        if not block.own:
            debug.scopes.append(DebugScope(block.scope, loc))
            block.own, block.scope = True, len(debug.scopes)
            em.scope = block.scope
        return block.scope

    def global_(self, symbol: Symbol) -> DebugGlobal:
        return DebugGlobal(symbol.name, self.type(symbol.type, {}), self._statics.get(symbol.ir_name, ""))

    # ---- types

    def type(self, type_: QType, lengths: Lengths) -> int:
        """The number of a type."""
        known = self._known.get(id(type_))
        if known is None:
            known = self._known[id(type_)] = type_, self._qualified(type_, lengths)
        return known[1]

    def _qualified(self, type_: QType, lengths: Lengths) -> int:
        inner, number = _named(type_), None
        if inner is not None and type_.typedef is not None:
            of = self.type(inner, lengths)
            number = self._number(DebugType("typedef", type_.typedef.name, of, loc=type_.typedef.loc))
        else:
            inner, number = QType(type_.type), self._plain(type_.type, lengths)
        for word in ("atomic", "restrict", "volatile", "const"):
            if getattr(type_, word) and not getattr(inner, word):
                number = self._number(DebugType(word, of=number))
        return number

    def _number(self, type_: DebugType) -> int:
        found = self._numbers.get(type_)
        if found is None:
            found = self._numbers[type_] = len(self.types)
            self.types.append(type_)
        return found

    def _plain(self, type_: CType, lengths: Lengths) -> int:
        match type_:
            case VoidT():
                return VOID
            case RecordT() | EnumT():
                return self._tag(type_)
            case PointerT(target):
                return self._number(DebugType("pointer", of=self.type(target, lengths), size=8))
            case ArrayT(elem, length, vla):
                slot = lengths.get(id(vla)) if vla is not None else None
                count, local = -1 if length is None else length, slot.name if slot is not None else ""
                return self._number(DebugType("array", of=self.type(elem, lengths), count=count, length=local))
            case VectorT(elem, count):
                return self._number(
                    DebugType("vector", of=self._plain(elem, lengths), size=elem.size * count, count=count)
                )
            case FunctionT():
                return self._function(type_, lengths)
            case _:
                return self._number(_base(type_))

    def _function(self, fn: FunctionT, lengths: Lengths) -> int:
        params = [DebugMember(type=self.type(param, lengths)) for param in fn.params]
        if fn.variadic or not fn.prototyped:
            params.append(DebugMember())
        return self._number(DebugType("function", of=self.type(fn.result, lengths), members=tuple(params)))

    def _tag(self, type_: RecordT | EnumT) -> int:
        known = self._tagged.get(id(type_))
        if known is None:
            known = self._tagged[id(type_)] = type_, len(self.types)
            self.types.append(_PENDING)
            self._unfilled.append(type_)
        return known[1]

    # ---- the end

    def finish(self, bodies: dict[Any, tuple[RecordT | EnumT, tuple[Symbol, ...]]]) -> None:
        """Fills in records and enums; `bodies` knows the enumerators."""
        enumerators = {id(type_): symbols for type_, symbols in bodies.values()}
        while self._unfilled:
            type_ = self._unfilled.pop(0)
            number = self._tagged[id(type_)][1]
            if isinstance(type_, EnumT):
                self.types[number] = self._enum(type_, enumerators.get(id(type_), ()))
            else:
                self.types[number] = self._record(type_)

    def _enum(self, enum: EnumT, symbols: tuple[Symbol, ...]) -> DebugType:
        underlying = enum.underlying or UINT
        members = tuple(DebugMember(s.name, VOID, s.value, line=s.loc.line) for s in symbols)
        of = self._number(_base(underlying))
        return DebugType("enum", enum.tag, of, underlying.size, members=members, loc=enum.loc)

    def _record(self, record: RecordT) -> DebugType:
        if record.members is None:
            return DebugType(f"declared_{record.kind}", record.tag, loc=record.loc)
        members = tuple(
            DebugMember(m.name, self.type(m.type, {}), m.bit_offset, m.bit_width or 0, m.loc.line)
            for m in record.members
            if m.name or m.bit_width is None
        )
        return DebugType(record.kind, record.tag, size=record.size, members=members, loc=record.loc)


def _named(type_: QType) -> QType | None:
    """What the typedef names, if the type is still that, perhaps with more qualifiers."""
    if type_.typedef is None:
        return None
    inner = type_.typedef.type
    same = inner.type is type_.type or inner.type == type_.type
    words = ("const", "volatile", "restrict", "atomic")
    return inner if same and all(getattr(type_, w) or not getattr(inner, w) for w in words) else None


def _base(type_: IntT | FloatT | ComplexT) -> DebugType:
    """gcc's names, which people type in casts: `(unsigned long)x` is unsigned long or long unsigned int alike."""
    match type_:
        case ComplexT(part):
            encoding = "complex_float" if isinstance(part, FloatT) else "complex_int"
            return DebugType("base", f"complex {_gcc_name(part)}", size=2 * part.size, encoding=encoding)
        case FloatT():
            return DebugType("base", _gcc_name(type_), size=type_.size, encoding="float")
        case _:
            encoding = ("signed" if type_.signed else "unsigned") + ("_char" if type_.name in _CHARS else "")
            encoding = "boolean" if type_.name == "_Bool" else encoding
            return DebugType("base", _gcc_name(type_), size=type_.size, encoding=encoding)


def _gcc_name(type_: IntT | FloatT) -> str:
    return {
        "short": "short int",
        "unsigned short": "short unsigned int",
        "long": "long int",
        "unsigned long": "long unsigned int",
        "long long": "long long int",
        "unsigned long long": "long long unsigned int",
        "unsigned __int128": "__int128 unsigned",
    }.get(type_.name, type_.name)
