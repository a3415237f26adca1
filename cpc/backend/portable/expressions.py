"""Pure operations of the IR as C expressions: arithmetic, comparisons, casts, vectors.

Integers are unsigned, so nothing overflows; narrow ones are promoted by C and cast back.  Where a machine operation is
signed, both operands are cast, and the result is cast back to unsigned.  `nsw` says that the program itself may not
overflow there: `cpc_add32(a, b)` wraps, and checks when the file is compiled with -DCPC_CHECK_OVERFLOW and a sanitizer.

`Text` carries how tightly an expression binds, so that only needed parentheses are written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cpc.backend.portable import types as t
from cpc.backend.portable.errors import NotPortable
from cpc.backend.portable.types import Types
from cpc.ir import ops as o
from cpc.ir.types import FloatType, IntType, PtrType, Type, VecType, store_size

PRIMARY, UNARY, BINARY, LOOSE = 3, 2, 1, 0


@dataclass(frozen=True, slots=True)
class Text:
    """An expression; `binds` is one of the levels above."""

    text: str
    binds: int = PRIMARY

    def at(self, level: int) -> str:
        return self.text if self.binds >= level else f"({self.text})"


_SIGNS = {"add": "+", "sub": "-", "mul": "*", "udiv": "/", "urem": "%", "sdiv": "/", "srem": "%", "and": "&",
          "or": "|", "xor": "^", "shl": "<<", "lshr": ">>", "ashr": ">>", "fadd": "+", "fsub": "-", "fmul": "*",
          "fdiv": "/"}  # fmt: skip
_SIGNED = ("sdiv", "srem", "ashr")
_GROWING = ("add", "sub", "mul", "shl")  # may leave a narrow type's range
_CHECKED = ("add", "sub", "mul")
_PREDICATES = {"eq": "==", "ne": "!=", "slt": "<", "sle": "<=", "sgt": ">", "sge": ">=", "ult": "<", "ule": "<=",
               "ugt": ">", "uge": ">=", "foeq": "==", "fune": "!=", "folt": "<", "fole": "<=", "fogt": ">",
               "foge": ">="}  # fmt: skip
_QUIET = {"fqlt": "isless", "fqle": "islessequal", "fqgt": "isgreater", "fqge": "isgreaterequal"}

Operand = Callable[[o.Operand], Text]


class Expressions:
    """`value` gives the text of an operand; `masks` remembers what comparisons of vectors made."""

    def __init__(self, types: Types, value: Operand) -> None:
        self.types = types
        self.value = value
        self.masks: dict[str, VecType] = {}

    def cast(self, type_: str, text: Text) -> Text:
        return Text(f"({type_}){text.at(UNARY)}", UNARY)

    # -- arithmetic --

    def binary(self, op: o.Bin) -> Text:
        type_ = op.dst.type
        if isinstance(type_, VecType):
            return self._vector_binary(op, type_)
        if isinstance(type_, FloatType):
            return self._joined(op.op, self.value(op.a), self.value(op.b))
        assert isinstance(type_, IntType)
        if "nsw" in op.flags and op.op in _CHECKED and type_.bits in (32, 64):
            return self._checked(op, type_)
        if op.op in _SIGNED:
            right = Text(str(op.b.value)) if op.op == "ashr" and isinstance(op.b, o.Const) else self._signed(op.b)
            return self.cast(self.types.name(type_), self._joined(op.op, self._signed(op.a), right))
        return self._unsigned(op, type_)

    def _unsigned(self, op: o.Bin, type_: IntType) -> Text:
        left, right, kind = self._left(op.a), self.value(op.b), op.op
        if isinstance(op.b, o.Const):
            if type_.bits == 1 and kind == "xor" and op.b.value:
                return Text("!" + left.at(UNARY), UNARY)
            small = (1 << type_.bits) - op.b.value
            if kind == "add" and small < 1 << 31 < op.b.value:
                kind, right = "sub", Text(str(small))
        if kind == "mul" and type_.bits == 16:
            left = self.cast("uint32_t", left)
        made = self._joined(kind, left, right)
        narrow = type_.bits < 32 and kind in _GROWING
        return self.cast(self.types.name(type_), made) if narrow else made

    def _checked(self, op: o.Bin, type_: IntType) -> Text:
        left, right = self.value(op.a), self.value(op.b)
        if isinstance(op.b, o.Const):
            right = Text(t.signed_integer(type_.bits, op.b.value))
        if isinstance(op.a, o.Const):
            left = Text(t.signed_integer(type_.bits, op.a.value))
        return Text(f"cpc_{op.op}{type_.bits}({left.text}, {right.text})")

    def _joined(self, kind: str, left: Text, right: Text) -> Text:
        return Text(f"{left.at(UNARY)} {_SIGNS[kind]} {right.at(UNARY)}", BINARY)

    def _left(self, operand: o.Operand) -> Text:
        """An operand that gives the whole expression its type."""
        if isinstance(operand, o.Const) and isinstance(operand.type, IntType):
            return Text(t.typed_integer(operand.type.bits, operand.value), UNARY)
        return self.value(operand)

    def _signed(self, operand: o.Operand) -> Text:
        type_ = operand.type
        assert isinstance(type_, IntType)
        if isinstance(operand, o.Const):
            return self.cast(t.signed(type_), Text(t.signed_integer(type_.bits, operand.value), UNARY))
        return self.cast(t.signed(type_), self.value(operand))

    def _vector_binary(self, op: o.Bin, type_: VecType) -> Text:
        left, right = self.value(op.a), self.value(op.b)
        if op.op not in _SIGNED:
            return self._joined(op.op, left, right)
        name = self.types.signed_vector(type_)
        made = self._joined(op.op, self.cast(name, left), self.cast(name, right))
        return self.cast(self.types.name(type_), made)

    # -- comparisons --

    def compare(self, op: o.Cmp) -> Text:
        type_ = op.a.type
        if op.pred in ("fuo", "ford"):
            text = f"cpc_unordered({self.value(op.a).text}, {self.value(op.b).text})"
            return Text(text if op.pred == "fuo" else "!" + text, UNARY)
        if op.pred in _QUIET:
            return Text(f"__builtin_{_QUIET[op.pred]}({self.value(op.a).text}, {self.value(op.b).text})", UNARY)
        if isinstance(type_, VecType):
            return self._compare_vectors(op, type_)
        sign = _PREDICATES[op.pred]
        if op.pred.startswith("s"):
            left, right = self._signed_side(op.a), self._signed_side(op.b)
        elif isinstance(type_, PtrType) and op.pred not in ("eq", "ne"):
            left, right = (self.cast("uintptr_t", self.value(x)) for x in (op.a, op.b))
        else:
            left, right = self._left(op.a), self.value(op.b)
        return Text(f"{left.at(UNARY)} {sign} {right.at(UNARY)}", BINARY)

    def _signed_side(self, operand: o.Operand) -> Text:
        if isinstance(operand, o.Const) and isinstance(operand.type, IntType):
            return Text(t.signed_integer(operand.type.bits, operand.value), UNARY)
        return self._signed(operand)

    def _compare_vectors(self, op: o.Cmp, type_: VecType) -> Text:
        left, right = self.value(op.a), self.value(op.b)
        if op.pred.startswith("s"):
            name = self.types.signed_vector(type_)
            left, right = self.cast(name, left), self.cast(name, right)
        mask = VecType(IntType(type_.lane.bits), type_.count)
        self.masks[op.dst.name] = mask
        made = Text(f"{left.at(UNARY)} {_PREDICATES[op.pred]} {right.at(UNARY)}", BINARY)
        return self.cast(self.types.name(mask), made)

    def select(self, op: o.Select) -> Text:
        arms = (self.value(op.a), self.value(op.b))
        made = Text(f"{self.value(op.cond).at(UNARY)} ? {arms[0].at(UNARY)} : {arms[1].at(UNARY)}", LOOSE)
        constant = isinstance(op.a, o.Const) and isinstance(op.b, o.Const)
        return self.cast(self.types.name(op.dst.type), made) if constant else made

    # -- casts --

    def convert(self, op: o.Cast) -> Text:
        source, target, value = op.a.type, op.dst.type, self.value(op.a)
        if isinstance(op.a, o.Const) and isinstance(source, IntType):
            value = Text(t.typed_integer(source.bits, op.a.value), UNARY)
        name = self.types.name(target)
        if op.op == "bitcast":
            return self._bits(source, target, value)
        if op.op == "fneg":
            return Text("-" + value.at(PRIMARY), UNARY)
        if isinstance(target, VecType):
            assert isinstance(source, VecType)
            return self._convert_vector(op, source, target, value)
        match op.op:
            case "trunc" if target == IntType(1):
                return Text(f"{value.at(UNARY)} & 1", BINARY)
            case "sext" if source == IntType(1):
                return self.cast(name, Text("-" + value.at(PRIMARY), UNARY))
            case "sext":
                return self.cast(name, self.cast(t.signed(source), value))
            case "sitofp":
                return self.cast(name, self.cast(t.signed(source), value))
            case "fptosi" if target != IntType(1):
                return self.cast(name, self.cast(t.signed(target), value))
            case "ptrtoint":
                return self.cast(name, self.cast("uintptr_t", value))
            case "inttoptr":
                return self.cast(name, self.cast("uintptr_t", value))
        return self.cast(name, value)

    def _convert_vector(self, op: o.Cast, source: VecType, target: VecType, value: Text) -> Text:
        name = self.types.name(target)
        if isinstance(op.a, o.Reg) and op.a.name in self.masks:
            mask = self.masks[op.a.name]
            if mask == target:
                return value
            value = self.cast(self.types.signed_vector(mask), value)
            return self.cast(name, Text(f"__builtin_convertvector({value.text}, {self.types.signed_vector(target)})"))
        if op.op in ("sext", "sitofp"):
            value = self.cast(self.types.signed_vector(source), value)
        if op.op == "fptosi" or (op.op == "sext"):
            made = Text(f"__builtin_convertvector({value.text}, {self.types.signed_vector(target)})")
            return self.cast(name, made)
        return Text(f"__builtin_convertvector({value.text}, {name})")

    def _bits(self, source: Type, target: Type, value: Text) -> Text:
        """The same bits as another type: by a cast between vectors and integers, by the header's functions for
        floats."""
        if source == target:
            return value
        size = store_size(source)
        if isinstance(source, FloatType):
            value = Text(f"cpc_u{8 * size}_of_f{source.bits}({value.text})")
        elif isinstance(source, PtrType):
            value = self.cast("uintptr_t", value)
        if isinstance(target, FloatType):
            if isinstance(source, VecType):
                value = self.cast(self.types.name(IntType(8 * size)), value)
            return Text(f"cpc_f{target.bits}_of_u{8 * size}({value.text})")
        if isinstance(target, PtrType):
            value = self.cast("uintptr_t", value)
        return self.cast(self.types.name(target), value)

    # -- lanes --

    def extract(self, op: o.ExtractLane) -> Text:
        if isinstance(op.vec, o.Reg) and op.vec.name in self.masks:
            raise NotPortable("a lane of a comparison of vectors has no portable C")
        index = self.value(op.index)
        return Text(f"{self.value(op.vec).at(PRIMARY)}[{index.text}]")

    def shuffle(self, op: o.Shuffle) -> Text:
        assert isinstance(op.a.type, VecType)
        count = op.a.type.count
        sides = (self.value(op.a).at(PRIMARY), self.value(op.b).at(PRIMARY))
        lanes = (f"{sides[max(0, m) // count]}[{max(0, m) % count}]" for m in op.mask)
        return Text(f"({self.types.name(op.dst.type)}){{ {', '.join(lanes)} }}", UNARY)
