"""One function of the IR as C statements; see unit.py for the contract of the whole.

Each block is a label and its statements, in the order of the IR; control goes by `goto`, and falls through where the
next block is the target.  A register is a variable, but for what one later statement of its block uses alone: that is
written where it is used.  Reading memory stays in order that way: everything that may write what a pending expression
reads makes it a variable first.  A local that holds one scalar is a variable of its type, any other an array of bytes.

Requires a function in Phase.SPLIT.  Rejected: structured control flow (loops and ifs regained from the graph: a second
thing to get wrong in what is to be a second opinion), and one statement an op, which nobody can read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from cpc.backend import abi
from cpc.backend.portable import intrinsics, types
from cpc.backend.portable.errors import NotPortable
from cpc.backend.portable.expressions import BINARY, PRIMARY, UNARY, Expressions, Text
from cpc.backend.portable.inline_asm import statement as asm_statement
from cpc.backend.portable.names import Scope
from cpc.backend.portable.signatures import CSignature, extended
from cpc.ir import ops as o
from cpc.ir.types import F32, PTR, FloatType, IntType, PtrType, Type, VecType, store_size
from cpc.ir.walk import operands, results, successors

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
        self.homes, self.used_ever = _homes(fn)
        self.escaped = _escaped(fn)
        self.volatile = _volatile(fn)
        self.locals = {name: self.scope.fresh(local.source or name) for name, local in fn.locals.items()}
        self.labels: dict[str, str] = {}
        label_scope = Scope()
        for label in fn.blocks:
            self.labels[label] = label_scope.fresh(label)
        self.jumped = _jumped(fn)
        self.dynamic = any(isinstance(op, o.Alloca) for b in fn.blocks.values() for op in b.ops)

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
        self._term(block.term, following)
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
                self._call(op)
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
        if op.order:
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

    # -- calls --

    def _call(self, op: o.Call) -> None:
        callee = op.callee
        if isinstance(callee, o.GlobalAddr) and callee.name in abi.HELPERS:
            name = "cpc_" + callee.name.removeprefix("co.")
            call = f"{name}({', '.join(self.text(arg) for arg in op.args)})"
            self.writes()
            self._results(op, call, "")
            return
        called, signature = self._callee(op)
        args = self._arguments(op, signature)
        call = f"{called}({', '.join(args)})"
        self.writes()
        self._results(op, call, signature.result)

    def _callee(self, op: o.Call) -> tuple[str, CSignature]:
        """What stands in front of the arguments.  A function that is declared with another type is called through a
        variable: a compiler that sees through a cast may refuse the call."""
        signature = self.unit.signatures.of(op.sig)
        if isinstance(op.callee, o.GlobalAddr) and not op.callee.offset:
            declared = self.unit.function_type(op.callee.name)
            if declared is not None and _fits(signature, declared):
                return self.unit.names[op.callee.name], declared
            pointer = self.unit.address(op.callee.name, self.fn.name).text
            variable = self.scope.fresh("called")
            self.used[f"&{variable}"] = o.Reg(variable, PTR)
            self.registers[f"&{variable}"] = variable
            self.emit(f"{variable} = {pointer};")
            return f"(({signature.pointer}){variable})", signature
        return f"(({signature.pointer}){self.text(op.callee, UNARY)})", signature

    def _arguments(self, op: o.Call, signature: CSignature) -> list[str]:
        own = self.unit.signatures.of(op.sig)
        specs = op.sig.params
        texts: list[str] = []
        for i, arg in enumerate(op.args):
            if i >= len(specs):
                texts.append(self._variable(arg))
                continue
            spec = specs[i]
            if spec.sret is not None and own.hidden:
                continue
            if spec.byval is not None:
                texts.append(f"*({own.params[len(texts)]} *){self.text(arg, UNARY)}")
            elif i >= len(signature.params) + own.hidden or not signature.params:
                texts.append(self._variable(arg))
            else:
                texts.append(extended(spec.type, spec.ext, self.text(arg, UNARY)))
        return texts

    def _variable(self, operand: o.Operand) -> str:
        """A variable argument.  A float is part of a struct: its bits, where C would make a double of its value."""
        if operand.type == F32:
            return f"cpc_f64_of_u64(cpc_u32_of_f32({self.text(operand)}))"
        return self.typed(operand)

    def typed(self, operand: o.Operand) -> str:
        """A value that has its type by itself."""
        untyped = isinstance(operand, o.Undef) and isinstance(operand.type, FloatType)
        if untyped or (isinstance(operand, o.Const | o.Undef) and isinstance(operand.type, IntType | PtrType)):
            return f"({self.unit.types.name(operand.type)}){self.text(operand, UNARY)}"
        return self.text(operand, BINARY)

    def _results(self, op: o.Call, call: str, result: str) -> None:
        own = self.unit.signatures.of(op.sig)
        if own.hidden:
            # The place is the first argument; its text was not used yet.
            self.emit(f"*({own.result} *){self.text(op.args[0], UNARY)} = {call};")
        elif not op.dsts or not self.used_ever.intersection(dst.name for dst in op.dsts):
            self.emit(f"{call};")
        elif len(op.dsts) == 1:
            narrow = isinstance(op.dsts[0].type, IntType) and op.dsts[0].type.bits < 32 and op.dsts[0].type.bits > 1
            cast = f"({self.unit.types.name(op.dsts[0].type)})" if narrow else ""
            self.assign(op.dsts[0], cast + call)
        elif result == "cpc_complex_f80":
            named = zip(op.dsts, ("real", "imag"), strict=True)
            parts = " ".join(f"{self.name_of(d)} = cpc_{part}_f80(cpc_r);" for d, part in named)
            self.emit(f"{{ {result} cpc_r = {call}; {parts} }}")
        else:
            fields = ("value", "suspended") if result == "cpc_ret" else tuple(f"r{i}" for i in range(len(op.dsts)))
            parts = " ".join(f"{self.name_of(d)} = cpc_r.{f};" for d, f in zip(op.dsts, fields, strict=True))
            self.emit(f"{{ {result} cpc_r = {call}; {parts} }}")

    # -- terminators --

    def _term(self, term: o.Terminator, following: str) -> None:
        match term:
            case o.Jump(target):
                self.flush()
                self._goto(target, following)
            case o.Branch():
                self._branch(term, following)
            case o.Switch(value, cases, default):
                text = self.text(value)
                assert isinstance(value.type, IntType)
                bits = value.type.bits
                self.flush()
                self.emit(f"switch ({text}) {{")
                for number, label in cases:
                    self.emit(f"case {types.integer(bits, number)}: goto {self.labels[label]};")
                self.emit(f"default: goto {self.labels[default]}; }}")
            case o.IndirectJump(ptr):
                text = self.text(ptr, UNARY)
                self.flush()
                self.emit(f"goto *(void *){text};")
            case o.Ret(values):
                texts = [self.text(v) for v in values]
                self.flush()
                self.emit(self._return(texts))
            case o.TailCall(callee, args, sig):
                self._tail_call(callee, args, sig)
            case o.Unreachable():
                self.flush()
                self.emit("cpc_unreachable();")
            case _:
                raise NotPortable("a suspension point after the split", self.loc)

    def _goto(self, label: str, following: str) -> None:
        if label != following:
            self.emit(f"goto {self.labels[label]};")

    def _branch(self, term: o.Branch, following: str) -> None:
        condition, then, other = self.value(term.cond), term.then, term.other
        self.flush()
        text, likely = condition.text, term.likely
        if then == following:
            then, other = other, then
            text = _negated(condition)
            likely = None if likely is None else not likely
        if likely is not None:
            text = f"cpc_{'likely' if likely else 'unlikely'}({text})"
        self.emit(f"if ({text}) goto {self.labels[then]};")
        self._goto(other, following)

    def _return(self, texts: list[str]) -> str:
        signature = self.signature
        if signature.hidden:
            return "return cpc_result;"
        if signature.returned:
            return f"return {self.name_of(self.fn.params[0])};"
        if not texts:
            return "return;"
        if len(texts) == 1:
            plain, ext = texts[0], self.fn.sig.ret_ext
            cast = extended(self.fn.sig.rets[0], ext, "") != ""
            return f"return {extended(self.fn.sig.rets[0], ext, f'({plain})') if cast else plain};"
        if signature.result == "cpc_complex_f80":
            return f"return cpc_complex_f80_of({', '.join(texts)});"
        return f"return ({signature.result}){{ {', '.join(texts)} }};"

    def _tail_call(self, callee: o.Operand, args: tuple[o.Operand, ...], sig: o.Sig) -> None:
        """The parent goes on.  Its resume function is the first word of its frame, where cpc_resume reads it again."""
        if sig != abi.RESUME_SIG or self.fn.sig != abi.RESUME_SIG:
            raise NotPortable("a tail call that is no return from a coroutine", self.loc)
        if isinstance(callee, o.Reg):
            self.pending.pop(callee.name, None)
        frame, value = (self.text(arg) for arg in args)
        self.flush()
        self.emit(f"cpc_resume({frame}, {value});")


# ---- pieces -------------------------------------------------------------------------------------------------


def offset_text(base: Text, offset: int) -> Text:
    if not offset:
        return base
    return Text(f"{base.at(UNARY)} {'-' if offset < 0 else '+'} {abs(offset)}", BINARY)


_OPPOSITES = ((" != ", " == "), (" == ", " != "))


def _negated(condition: Text) -> str:
    """The opposite of a condition; of a lone (in)equality by its sign."""
    for sign, opposite in _OPPOSITES:
        left, found, right = condition.text.partition(sign)
        if found and condition.binds == BINARY and left.isidentifier() and right.isidentifier() | right.isdigit():
            return left + opposite + right
    return f"!{condition.at(PRIMARY)}"


def _declared(type_: str, name: str) -> str:
    return f"{type_}{'' if type_.endswith('*') else ' '}{name}"


def _fits(call: CSignature, declared: CSignature) -> bool:
    """Whether a call of this shape can be made through the declaration."""
    if declared.variadic and call.variadic:
        count = len(declared.params)
        return call.result == declared.result and call.params[:count] == declared.params
    return call == declared


def _homes(fn: o.Function) -> tuple[frozenset[str], frozenset[str]]:
    """The registers that one later op of their own block uses, once; and those that are used at all."""
    uses: Counter[str] = Counter()
    used_in: dict[str, str] = {}
    made_in: dict[str, str] = {}
    for block in fn.blocks.values():
        for op in (*block.ops, block.term):
            for operand in operands(op):
                if isinstance(operand, o.Reg):
                    uses[operand.name] += 1
                    used_in[operand.name] = block.label
            for reg in results(op):
                made_in[reg.name] = block.label
    homes = frozenset(name for name, label in made_in.items() if uses[name] == 1 and used_in[name] == label)
    return homes, frozenset(uses)


def _escaped(fn: o.Function) -> tuple[str, ...]:
    """The locals whose address is used otherwise than by a load or a store of them."""
    found: set[str] = set()
    for block in fn.blocks.values():
        for op in (*block.ops, block.term):
            values = operands(op)
            if isinstance(op, o.Load | o.Store) and not op.order:
                values = values[1:]
            found.update(value.name for value in values if isinstance(value, o.LocalAddr))
    return tuple(sorted(found))


def _volatile(fn: o.Function) -> frozenset[str]:
    """The locals that are volatile: a compiler keeps them in memory across a second return of setjmp only when the
    variable itself says so."""
    accesses = (op for block in fn.blocks.values() for op in block.ops if isinstance(op, o.Load | o.Store))
    return frozenset(op.ptr.name for op in accesses if op.volatile and isinstance(op.ptr, o.LocalAddr))


def _jumped(fn: o.Function) -> frozenset[str]:
    """The blocks that need a label: those control does not only fall into."""
    needed: set[str] = set()
    labels = list(fn.blocks)
    for number, (_, block) in enumerate(fn.blocks.items()):
        following = labels[number + 1] if number + 1 < len(labels) else ""
        targets = successors(block.term)
        if isinstance(block.term, o.Jump | o.Branch):
            targets = tuple(label for label in targets if label != following)
            if isinstance(block.term, o.Branch) and block.term.then == block.term.other:
                targets = (block.term.then,)
        needed.update(targets)
        for op in (*block.ops, block.term):
            needed.update(value.label for value in operands(op) if isinstance(value, o.BlockAddr))
    return frozenset(needed)
