"""One function of the IR as C statements; see unit.py for the contract of the whole.

Each block is a label and its statements, in the order of the IR; control goes by `goto`, and falls through where the
next block is the target.  A register is a variable, but for what one later statement of its block uses alone: that is
written where it is used.  Reading memory stays in order that way: everything that may write what a pending expression
reads makes it a variable first.  A local that holds one scalar is a variable of its type, any other an array of bytes.

Requires a function in Phase.SPLIT.  Rejected: structured control flow (loops and ifs regained from the graph: a second
thing to get wrong in what is to be a second opinion), and one statement an op, which nobody can read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from cpc.backend.portable import calls, control, facts, intrinsics, types
from cpc.backend.portable.errors import NotPortable
from cpc.backend.portable.expressions import BINARY, UNARY, Expressions, Text
from cpc.backend.portable.inline_asm import statement as asm_statement
from cpc.backend.portable.names import Scope
from cpc.backend.portable.signatures import CSignature
from cpc.ir import ops as o
from cpc.ir.types import FloatType, IntType, PtrType, Type, VecType, store_size
from cpc.ir.walk import results

if TYPE_CHECKING:
    from cpc.backend.portable.unit import Unit

_LONGEST = 90  # characters of an expression that is put into another
_MEMORY = "*"  # what a pending expression reads when it is not one local


@dataclass(frozen=True, slots=True)
class Pending:
    """An expression on its way to its only use; `reads` are locals' names or _MEMORY."""

    reg: o.Reg
    text: Text
    reads: frozenset[str]


@dataclass(slots=True)
class Statement:
    loc: o.Loc
    text: str


@dataclass(slots=True)
class Body:
    """A function's text: the variables, then the statements."""

    params: tuple[str, ...]
    variables: list[str]
    statements: list[Statement]


class FunctionWriter:
    def __init__(self, unit: Unit, fn: o.Function, signature: CSignature) -> None:
        self.unit = unit
        self.fn = fn
        self.signature = signature
        self.statements: list[Statement] = []
        self.loc = fn.loc
        self.parameters: tuple[str, ...] = ()
        self.scope = Scope(unit.scope)
        self.expressions = Expressions(unit.types, self.value)
        self.pending: dict[str, Pending] = {}
        self.registers: dict[str, str] = {}
        self.used: dict[str, o.Reg] = {}  # registers that are variables
        self.reading: set[str] = set()  # what the expression being made reads
        self.homes, self.used_ever = facts.homes(fn)
        self.escaped = facts.escaped(fn)
        self.volatile = facts.volatile(fn)
        self.locals = {name: self.scope.fresh(local.source or name) for name, local in fn.locals.items()}
        self.labels: dict[str, str] = {}
        label_scope = Scope()
        for label in fn.blocks:
            self.labels[label] = label_scope.fresh(label)
        self.jumped = facts.jumped(fn)
        self.dynamic = any(_uses_stack(op) for b in fn.blocks.values() for op in b.ops)

    # -- the whole --

    def body(self) -> Body:
        fn = self.fn
        params = tuple(self.name_of(reg) for reg in fn.params)
        hidden = params[0] if self.signature.hidden else ""
        entry: list[str] = []
        names: list[str] = []
        for reg, spec, name in zip(fn.params, fn.sig.params, params, strict=True):
            if name == hidden:
                entry += [f"{self.signature.result} cpc_result;", f"char *{name} = (char *)&cpc_result;"]
            elif spec.byval is not None or self._narrower(reg.type, spec):
                given = self.scope.fresh(f"{name}_given")
                names.append(given)
                value = f"(char *)&{given}" if spec.byval is not None else f"({self.unit.types.name(reg.type)}){given}"
                entry.append(f"{_declared(self.unit.types.name(reg.type), name)} = {value};")
            else:
                names.append(name)
        if "naked" in fn.attrs:
            entry.clear()  # nothing reads its parameters, and it has no frame for copies of them
        self.parameters = tuple(names)
        labels = list(fn.blocks)
        for number, label in enumerate(labels):
            following = labels[number + 1] if number + 1 < len(labels) else ""
            if label in self.jumped:
                self.statements.append(Statement(o.NO_LOC, f"{self.labels[label]}:;"))
            self._block(fn.blocks[label], following)
        variables = [self._local(local) for local in fn.locals.values()] + entry
        given_names = {reg.name for reg in fn.params}
        for name, reg in self.used.items():
            if name not in given_names:
                variables.append(_declared(self._variable_type(reg), self.registers[name]) + ";")
        if self.dynamic:
            variables.append("CPC_STACK;")
        return Body(tuple(names), variables, self.statements)

    def _narrower(self, type_: Type, spec: o.ParamSpec) -> bool:
        return isinstance(type_, IntType) and type_.bits < 32 and spec.ext != "zext"

    def _variable_type(self, reg: o.Reg) -> str:
        mask = self.expressions.masks.get(reg.name)
        return self.unit.types.name(mask or reg.type)

    def _local(self, local: o.Local) -> str:
        name = self.locals[local.name]
        align = f" __attribute__((aligned({local.align})))"
        word = "volatile " if local.name in self.volatile else ""
        if local.type is not None:
            natural = local.align <= store_size(local.type)
            type_ = self.unit.types.name(local.type)
            text = f"{type_}{word}{name}" if type_.endswith("*") else f"{word}{type_} {name}"
            return text + ("" if natural else align) + ";"
        return f"{word}char {name}[{max(1, local.size)}]{align};"

    def _block(self, block: o.Block, following: str) -> None:
        for op in block.ops:
            self.loc = op.loc
            self._op(op)
        self.loc = block.term.loc
        control.terminator(self, block.term, following)
        assert not self.pending, self.fn.name

    # -- statements and pending expressions --

    def emit(self, text: str) -> None:
        self.statements.append(Statement(self.loc, text))

    def flush(self, *places: str) -> None:
        """Makes variables of pending expressions that read one of `places`; of all without places."""
        for name, pending in list(self.pending.items()):
            if not places or not pending.reads.isdisjoint(places):
                del self.pending[name]
                self.emit(f"{self.name_of(pending.reg)} = {pending.text.text};")

    def set(self, reg: o.Reg, text: Text) -> None:
        """Gives a register the value of a pure expression."""
        reads, self.reading = frozenset(self.reading), set()
        if reg.name not in self.used_ever:
            return
        if reg.name in self.homes and len(text.text) <= _LONGEST:
            self.pending[reg.name] = Pending(reg, text, reads)
        else:
            self.assign(reg, text.text)

    def assign(self, reg: o.Reg, text: str) -> None:
        self.reading = set()
        self.emit(f"{self.name_of(reg)} = {text};")

    def writes(self, ptr: o.Operand | None = None) -> None:
        """The next statement may write at `ptr`, or anywhere."""
        self.reading = set()
        if isinstance(ptr, o.LocalAddr) and ptr.name not in self.escaped:
            self.flush(ptr.name)
        else:
            self.flush(_MEMORY, *self.escaped)

    def name_of(self, reg: o.Reg) -> str:
        found = self.registers.get(reg.name)
        if found is None:
            plain = reg.name if not reg.name[:1].isdigit() else f"r{reg.name}"
            found = self.registers[reg.name] = self.scope.fresh(plain)
            self.used[reg.name] = reg
        return found

    def value(self, operand: o.Operand) -> Text:
        match operand:
            case o.Reg(name):
                pending = self.pending.pop(name, None)
                if pending is not None:
                    self.reading |= pending.reads
                    return pending.text
                return Text(self.name_of(operand))
            case o.Const(type_, value):
                return self._constant(type_, value)
            case o.GlobalAddr(name, offset):
                return offset_text(self.unit.address(name, self.fn.name), offset)
            case o.LocalAddr(name):
                scalar = self.fn.locals[name].type is not None
                return Text(f"(char *){'&' if scalar else ''}{self.locals[name]}", UNARY)
            case o.BlockAddr(label):
                return Text(f"(char *)&&{self.labels[label]}", UNARY)
            case o.Undef(type_):
                vector = isinstance(type_, VecType)
                return Text(f"({self.unit.types.name(type_)}){{ 0 }}" if vector else "0", UNARY)
            case o.FrameAddr():
                raise NotPortable("a frame address after the split", self.loc)
        assert_never(operand)

    def _constant(self, type_: Type, value: int) -> Text:
        match type_:
            case IntType(bits):
                return Text(types.integer(bits, value), UNARY)
            case FloatType(bits):
                return Text(types.floating(bits, value), UNARY)
            case PtrType():
                return Text(f"(char *){value}" + ("u" if value >> 31 else ""), UNARY)
            case VecType(lane, count):
                mask = (1 << lane.bits) - 1
                lanes = (self._constant(lane, value >> (i * lane.bits) & mask).text for i in range(count))
                return Text(f"({self.unit.types.name(type_)}){{ {', '.join(lanes)} }}", UNARY)
        assert_never(type_)

    def last_parameter(self) -> str:
        """What va_start is told."""
        return self.parameters[-1] if self.parameters else "0"

    def text(self, operand: o.Operand, level: int = 0) -> str:
        return self.value(operand).at(level)

    def access(self, type_: Type, ptr: o.Operand, align: int, volatile: bool = False) -> str:
        """The object at `ptr` as an lvalue."""
        if isinstance(ptr, o.LocalAddr) and not volatile and self.fn.locals[ptr.name].type == type_:
            return self.locals[ptr.name]
        word = "volatile " if volatile else ""
        return f"*({word}{self.unit.types.memory(type_, align)} *){self.text(ptr, UNARY)}"

    # -- ops --

    def _op(self, op: o.Op) -> None:
        self.reading = set()
        made = self._pure(op)
        if made is not None:
            self.set(results(op)[0], made)
            return
        match op:
            case o.Load():
                self._load(op)
            case o.Store():
                self._store(op)
            case o.Call():
                calls.call(self, op)
            case o.MemCopy(to, source, size, volatile=volatile):
                name = "cpc_copy_volatile" if volatile else "cpc_copy"
                text = f"{name}({self.text(to)}, {self.text(source)}, {self.text(size)});"
                self.writes()
                self.emit(text)
            case o.MemSet(ptr, value, size, volatile=volatile):
                name = "cpc_set_volatile" if volatile else "cpc_set"
                text = f"{name}({self.text(ptr)}, {self.text(value)}, {self.text(size)});"
                self.writes()
                self.emit(text)
            case o.InsertLane(dst, vec, value, index):
                self.assign(dst, self.text(vec))
                self.emit(f"{self.name_of(dst)}[{self.text(index)}] = {self.text(value)};")
            case o.Alloca(dst, size, align):
                self.assign(dst, f"cpc_alloca({self.text(size)}, {align})")
            case o.Intrinsic():
                intrinsics.intrinsic(self, op)
            case o.AtomicRmw() | o.CmpXchg() | o.Fence():
                intrinsics.atomic(self, op)
            case o.Asm():
                asm_statement(self, op)
            case _:
                raise NotPortable(f"{type(op).__name__} in portable C", self.loc)

    def _pure(self, op: o.Op) -> Text | None:
        match op:
            case o.Bin():
                return self.expressions.binary(op)
            case o.Cmp():
                return self.expressions.compare(op)
            case o.Cast():
                return self.expressions.convert(op)
            case o.Select():
                return self.expressions.select(op)
            case o.ExtractLane():
                return self.expressions.extract(op)
            case o.Shuffle():
                self._lanes_by_name(op)
                return self.expressions.shuffle(op)
            case o.PtrAdd():
                return self._ptr_add(op)
        return None

    def _lanes_by_name(self, op: o.Shuffle) -> None:
        """Each lane is read on its own, so the vectors have to be variables."""
        for operand in (op.a, op.b):
            if isinstance(operand, o.Reg) and operand.name in self.pending:
                pending = self.pending.pop(operand.name)
                self.emit(f"{self.name_of(operand)} = {pending.text.text};")

    def _ptr_add(self, op: o.PtrAdd) -> Text:
        if isinstance(op.base, o.GlobalAddr) and isinstance(op.offset, o.Const):
            op = o.PtrAdd(op.dst, op.base, op.offset, op.inbounds)
        base = self.value(op.base)
        if isinstance(op.offset, o.Const):
            if op.offset.value == 0:
                return base
            number = op.offset.value - (1 << 64 if op.offset.value >> 63 else 0)
            return offset_text(base, number)
        offset = self.value(op.offset)
        if not op.inbounds:
            whole = Text(f"(uintptr_t){base.at(UNARY)} + {offset.at(UNARY)}", BINARY)
            return self.expressions.cast("char *", whole)
        return Text(f"{base.at(UNARY)} + (int64_t){offset.at(UNARY)}", BINARY)

    def _load(self, op: o.Load) -> None:
        if op.order not in ("", "unordered"):
            intrinsics.atomic_load(self, op)
            return
        text = Text(self.access(op.dst.type, op.ptr, op.align, op.volatile), UNARY)
        if op.volatile:
            self.writes()
            self.assign(op.dst, text.text)
            return
        self.reading.add(self._place(op.ptr))
        self.set(op.dst, text)

    def _place(self, ptr: o.Operand) -> str:
        return ptr.name if isinstance(ptr, o.LocalAddr) else _MEMORY

    def _store(self, op: o.Store) -> None:
        if op.order:
            intrinsics.atomic_store(self, op)
            return
        target = self.access(op.value.type, op.ptr, op.align, op.volatile)
        value = self.text(op.value)
        self.writes(None if op.volatile else op.ptr)
        self.emit(f"{target} = {value};")

    def typed(self, operand: o.Operand) -> str:
        """A value that has its type by itself."""
        untyped = isinstance(operand, o.Undef) and isinstance(operand.type, FloatType)
        if untyped or (isinstance(operand, o.Const | o.Undef) and isinstance(operand.type, IntType | PtrType)):
            return f"({self.unit.types.name(operand.type)}){self.text(operand, UNARY)}"
        return self.text(operand, BINARY)


# ---- pieces -------------------------------------------------------------------------------------------------


def offset_text(base: Text, offset: int) -> Text:
    if not offset:
        return base
    return Text(f"{base.at(UNARY)} {'-' if offset < 0 else '+'} {abs(offset)}", BINARY)


def _uses_stack(op: o.Op) -> bool:
    """Whether its C is one of the header's macros that need CPC_STACK."""
    return isinstance(op, o.Alloca) or (isinstance(op, o.Intrinsic) and op.name in ("stacksave", "stackrestore"))


def _declared(type_: str, name: str) -> str:
    return f"{type_}{'' if type_.endswith('*') else ' '}{name}"
