"""Runs the IR of any phase, for tests: the same trace must come out after every pass.

`run_module(module)` executes `main` and returns what it printed.  Memory is checked (memory.py): an access outside
its object or after its end, a decision, address or output that depends on an undefined value, an undefined register
and signed overflow are errors that name function, block and op, with the activations above.

Coroutines, per phase of the module:
* BUILT, CPS_FORM: the machine keeps the activations of each coroutine; a suspension leaves them as they are.
* FRAMED: a suspension copies each activation's `saves` to a frame, ends all its locals and forgets its registers; at
  resume fresh locals get back what was saved.  So a variable that nothing saved is undefined, and a pointer to one
  that was not boxed dangles: both are caught at their use.
* SPLIT: ramp and resume functions are ordinary code; the helpers `co.*` run on the interpreter's memory as abi.py
  describes (interp_coroutine.py).

Not here: inline assembly, threads, library functions other than interp_host.py's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, assert_never

from cpc.ir import ops as o
from cpc.ir.errors import IRError
from cpc.ir.interp_coroutine import Coroutines
from cpc.ir.interp_host import HOST, INTRINSICS, Exit
from cpc.ir.interp_values import binary, bits_of, cast, compare, defined, join, lanes, signed
from cpc.ir.memory import Memory, MemoryFault, Partial, Value, parts, value
from cpc.ir.printer import op_text, print_function, terminator_text
from cpc.ir.types import I64, PTR, FloatType, Type, VecType

OnReturn = Callable[[Sequence[Value]], None]


@dataclass(slots=True)
class Result:
    """What the program printed, and main's result or exit's argument (signed)."""

    output: str
    status: int
    steps: int


@dataclass(slots=True)
class Activation:
    """One call in progress.  `pending` is the Suspend it stands at in FRAMED; `frame` its frame's address or 0."""

    fn: o.Function
    block: o.Block
    regs: dict[str, Value]
    dsts: tuple[o.Reg, ...]
    on_return: OnReturn | None
    index: int = 0
    locals: dict[str, int] = field(default_factory=dict)
    allocas: list[int] = field(default_factory=list)
    area: list[int] = field(default_factory=list)  # as allocas, but kept across suspensions (pass `area`)
    extra: list[tuple[Type, Value]] = field(default_factory=list)  # variadic arguments
    pending: o.Suspend | None = None
    frame: int = 0
    suspended: bool = False


def run_module(module: o.Module, entry: str = "main", args: Sequence[int] = (), max_steps: int = 2_000_000) -> Result:
    """Raises IRError when the program does what C does not define, or runs for more than `max_steps` ops."""
    return Machine(module, max_steps).run(entry, args)


class Machine:
    def __init__(self, module: o.Module, max_steps: int) -> None:
        self.module = module
        self.memory: Memory = Memory()
        self.output: list[str] = []
        self.steps: int = 0
        self.max_steps = max_steps
        self.stack: list[Activation] = []
        self.heap: set[int] = set()
        self.jumps: list[tuple[Activation, o.Block, int]] = []  # where setjmp was called
        self._addresses: dict[str, int] = {}
        self._code: dict[int, str] = {}
        self._labels: dict[tuple[str, str], int] = {}
        self.coroutines = Coroutines(self)
        for g in module.globals.values():
            self._define(g)

    # ---- life ----

    def run(self, entry: str, args: Sequence[int]) -> Result:
        status: list[int] = []
        fn = self.module.functions[entry]

        def ended(values: Sequence[Value]) -> None:
            status.append(signed(bits_of(fn.sig.rets[0]), defined(values[0], "main's result")) if values else 0)

        self._constructors()
        self._push(fn, [(s.type, a) for s, a in zip(fn.sig.params, args, strict=True)], (), ended)
        try:
            self._loop()
        except Exit as leave:
            status.append(leave.status)
        return Result("".join(self.output), status[0], self.steps)

    def _constructors(self) -> None:
        found = [fn for fn in self.module.functions.values() if "constructor" in fn.attrs and fn.blocks]
        for fn in sorted(found, key=lambda f: f.priority):
            self._push(fn, [], (), lambda _: None)
            self._loop()

    def _loop(self) -> None:
        try:
            while self.stack:
                act = self.stack[-1]
                block, index = act.block, act.index
                act.index += 1
                self.steps += 1
                if self.steps > self.max_steps:
                    raise MemoryFault(f"still running after {self.max_steps} steps")
                if index < len(block.ops):
                    self._op(act, block.ops[index])
                else:
                    self._term(act, block.term)
        except MemoryFault as fault:
            self._fail(act, block, index, str(fault))

    def _fail(self, act: Activation, block: o.Block, index: int, message: str) -> NoReturn:
        text = op_text(block.ops[index]) if index < len(block.ops) else terminator_text(block.term)
        calls = " <- ".join(a.fn.name for a in reversed(self.stack[-12:]))
        where = f"function '{act.fn.name}', block '{block.label}', '{text}'"
        raise IRError(f"{message} (calls: {calls})", where, print_function(act.fn))

    # ---- addresses ----

    def _define(self, g: o.Global) -> None:
        if g.init is None:
            return
        base = self.memory.allocate(g.size, max(g.align, 1), f"@{g.name}")
        self._addresses[g.name] = base
        at = base
        for piece in g.init:
            match piece:
                case o.DataBytes(data):
                    self.memory.write(at, data)
                    at += len(data)
                case o.DataZero(size):
                    self.memory.write(at, bytes(size))
                    at += size
                case o.DataAddr(symbol, addend):
                    self.memory.store(at, 8, self.address(symbol) + addend & (1 << 64) - 1)
                    at += 8
                case o.DataLabel(function, label, minus, size):
                    difference = self._label(function, label) - (self._label(function, minus) if minus else 0)
                    self.memory.store(at, size, difference & (1 << 8 * size) - 1)
                    at += size
                case _:
                    assert_never(piece)
        if g.constant:
            self.memory.make_constant(base)

    def address(self, name: str) -> int:
        """Of a global, a function or an alias.  What is declared only is code that HOST may know."""
        if name in self._addresses:
            return self._addresses[name]
        if name in self.module.aliases:
            return self.address(self.module.aliases[name].target)
        waiting = self.module.globals.get(name)
        if waiting is not None and waiting.init is not None:
            self._define(waiting)
            return self._addresses[name]
        base = self.memory.allocate(16, 16, f"@{name}")
        self._addresses[name] = base
        self._code[base] = name
        return base

    def _label(self, function: str, label: str) -> int:
        key = function, label
        if key not in self._labels:
            self._labels[key] = self.memory.allocate(16, 16, f"&&{label}")
        return self._labels[key]

    # ---- operands ----

    def value(self, act: Activation, operand: o.Operand) -> Value:
        match operand:
            case o.Reg(name):
                if name not in act.regs:
                    raise MemoryFault(f"register %{name} has no value here")
                return act.regs[name]
            case o.Const(_, number):
                return number
            case o.GlobalAddr(name, offset):
                return self.address(name) + offset & (1 << 64) - 1
            case o.LocalAddr(name):
                return act.locals[name]
            case o.FrameAddr(offset):
                if not act.frame:
                    raise MemoryFault("there is no frame yet")
                return act.frame + offset
            case o.BlockAddr(label):
                return self._label(act.fn.name, label)
            case o.Undef(type_):
                return Partial(0, (1 << bits_of(type_)) - 1)
        assert_never(operand)

    def pointer(self, act: Activation, operand: o.Operand) -> int:
        return defined(self.value(act, operand), "an address")

    def typed(self, act: Activation, args: Sequence[o.Operand]) -> list[tuple[Type, Value]]:
        return [(arg.type, self.value(act, arg)) for arg in args]

    # ---- ops ----

    def _op(self, act: Activation, op: o.Op) -> None:
        get, regs, memory = self.value, act.regs, self.memory
        match op:
            case o.Load(dst, ptr):
                got = memory.load(self.pointer(act, ptr), access_size(dst.type))
                regs[dst.name] = _narrow(dst.type, got)
            case o.Store(ptr, v):
                memory.store(self.pointer(act, ptr), access_size(v.type), get(act, v))
            case o.Bin(dst, kind, a, b, flags):
                regs[dst.name] = binary(kind, flags, dst.type, get(act, a), get(act, b))
            case o.Cmp(dst, pred, a, b):
                regs[dst.name] = compare(pred, a.type, get(act, a), get(act, b))
            case o.Cast(dst, kind, a):
                regs[dst.name] = cast(kind, a.type, dst.type, get(act, a))
            case o.PtrAdd(dst, base, offset):
                regs[dst.name] = binary("add", frozenset(), I64, get(act, base), get(act, offset))
            case o.Select(dst, cond, a, b):
                chosen = a if defined(get(act, cond), "a choice") else b
                regs[dst.name] = get(act, chosen)
            case o.Call(dsts, callee, args, sig):
                self.call(self.pointer(act, callee), self.typed(act, args), dsts, None, sig)
            case o.CoCall(dst, callee, args, sig):
                dsts = (dst,) if dst is not None else ()
                self.call(self.pointer(act, callee), self.typed(act, args), dsts, None, sig)
            case o.CoYield():
                self.coroutines.suspend()
            case o.MemCopy(to, source, size):
                count = defined(get(act, size), "a size")
                memory.copy(self.pointer(act, to), self.pointer(act, source), count)
            case o.MemSet(ptr, byte, size):
                memory.fill(self.pointer(act, ptr), get(act, byte), defined(get(act, size), "a size"))
            case o.Alloca(dst, size, align):
                made = memory.allocate(defined(get(act, size), "a size"), align, f"alloca in {act.fn.name}")
                act.allocas.append(made)
                regs[dst.name] = made
            case o.Intrinsic(dsts, name, args):
                if name not in INTRINSICS:
                    raise MemoryFault(f"the interpreter does not know the intrinsic '{name}'")
                results = INTRINSICS[name](self, act, self.typed(act, args))
                regs.update(zip((d.name for d in dsts), results, strict=True))
            case o.AtomicRmw() | o.CmpXchg() | o.Fence():
                self._atomic(act, op)
            case o.ExtractLane() | o.InsertLane() | o.Shuffle():
                self._vector(act, op)
            case o.Asm(template=template):
                if template.strip():
                    raise MemoryFault("the interpreter does not run assembly")
            case _:
                assert_never(op)

    def _atomic(self, act: Activation, op: o.AtomicRmw | o.CmpXchg | o.Fence) -> None:
        match op:
            case o.AtomicRmw(dst, kind, ptr, operand):
                at, size = self.pointer(act, ptr), access_size(dst.type)
                old = _narrow(dst.type, self.memory.load(at, size))
                self.memory.store(at, size, _exchange(kind, dst.type, old, self.value(act, operand)))
                act.regs[dst.name] = old
            case o.CmpXchg(old_reg, ok, ptr, expected, desired):
                at, size = self.pointer(act, ptr), access_size(old_reg.type)
                old = defined(self.memory.load(at, size), "a compare and exchange")
                same = old == defined(self.value(act, expected), "a compare and exchange")
                if same:
                    self.memory.store(at, size, self.value(act, desired))
                act.regs[old_reg.name], act.regs[ok.name] = old, int(same)
            case o.Fence():
                pass
            case _:
                assert_never(op)

    def _vector(self, act: Activation, op: o.ExtractLane | o.InsertLane | o.Shuffle) -> None:
        match op:
            case o.ExtractLane(dst, vec, index):
                assert isinstance(vec.type, VecType)
                parts_of = lanes(vec.type, self.value(act, vec))
                act.regs[dst.name] = parts_of[defined(self.value(act, index), "a lane number")]
            case o.InsertLane(dst, vec, inserted, index):
                assert isinstance(vec.type, VecType)
                parts_of = lanes(vec.type, self.value(act, vec))
                parts_of[defined(self.value(act, index), "a lane number")] = self.value(act, inserted)
                act.regs[dst.name] = join(vec.type.lane.bits, parts_of)
            case o.Shuffle(dst, a, b, mask):
                assert isinstance(a.type, VecType)
                both = lanes(a.type, self.value(act, a)) + lanes(a.type, self.value(act, b))
                any_value = Partial(0, (1 << a.type.lane.bits) - 1)
                act.regs[dst.name] = join(a.type.lane.bits, [any_value if m < 0 else both[m] for m in mask])
            case _:
                assert_never(op)

    # ---- terminators ----

    def _term(self, act: Activation, term: o.Terminator) -> None:
        match term:
            case o.Jump(target):
                self._go(act, target)
            case o.Branch(cond, then, other):
                self._go(act, then if defined(self.value(act, cond), "a branch") else other)
            case o.Switch(v, cases, default):
                chosen = defined(self.value(act, v), "a switch")
                self._go(act, dict(cases).get(chosen, default))
            case o.IndirectJump(ptr, targets):
                at = self.pointer(act, ptr)
                found = [label for label in targets if self._label(act.fn.name, label) == at]
                if not found:
                    raise MemoryFault(f"a jump to {at:#x}, which is no label of the function")
                self._go(act, found[0])
            case o.AsmGoto(template=template, outputs=outputs, next=following):
                if template.strip() or outputs:
                    raise MemoryFault("the interpreter does not run assembly")
                self._go(act, following)
            case o.Ret(values):
                results = [self.value(act, v) for v in values]
                self._pop(act)
                self.deliver(act.dsts, act.on_return, results)
            case o.TailCall(callee, args, sig):
                code, given = self.pointer(act, callee), self.typed(act, args)
                self._pop(act)
                self.call(code, given, act.dsts, act.on_return, sig)
            case o.Unreachable():
                raise MemoryFault("control reaches what is unreachable")
            case o.Suspend(call, resume):
                self._suspend(act, term, call, resume)
            case _:
                assert_never(term)

    def _go(self, act: Activation, label: str) -> None:
        act.block = act.fn.blocks[label]
        act.index = 0

    def _suspend(self, act: Activation, term: o.Suspend, call: o.CoCall | o.CoYield, resume: str) -> None:
        act.pending = term
        if isinstance(call, o.CoYield):
            self._go(act, resume)
            self.coroutines.suspend()
            return
        target, args = self.pointer(act, call.callee), self.typed(act, call.args)
        self._go(act, resume)
        self.call(target, args, (call.dst,) if call.dst is not None else (), None, call.sig)

    # ---- calls ----

    def call(
        self, target: int, args: list[tuple[Type, Value]], dsts: tuple[o.Reg, ...], on_return: OnReturn | None,
        sig: o.Sig,
    ) -> None:  # fmt: skip
        """Calls the code at `target`; its results go to `dsts` of the activation below, or to `on_return`."""
        name = self._code.get(target)
        if name is None:
            raise MemoryFault(f"a call of {target:#x}, which is no function")
        fn = self.module.functions.get(name)
        if fn is not None and fn.blocks:
            self._push(fn, args, dsts, on_return)
        elif self.coroutines.handles(name):
            self.coroutines.call(name, args, dsts, on_return)
        elif name in HOST:
            result = HOST[name](self, args)
            values = [] if result is None else [_fit(sig, result)]
            self.deliver(dsts, on_return, values)
        else:
            raise MemoryFault(f"a call of '{name}', which is not defined here and no function of the interpreter")

    def call_function(self, target: int, args: list[tuple[Type, Value]], on_return: OnReturn) -> None:
        """For the coroutine runtime: calls code by address."""
        self.call(target, args, (), on_return, o.Sig())

    def deliver(self, dsts: tuple[o.Reg, ...], on_return: OnReturn | None, values: Sequence[Value]) -> None:
        if on_return is not None:
            on_return(values)
            return
        act = self.stack[-1]
        if act.suspended:
            self.restore(act)
        act.regs.update(zip((d.name for d in dsts), values, strict=False))

    def _push(
        self, fn: o.Function, args: list[tuple[Type, Value]], dsts: tuple[o.Reg, ...], on_return: OnReturn | None
    ) -> None:
        if len(args) < len(fn.params):
            raise MemoryFault(f"'{fn.name}' is called with {len(args)} arguments, it has {len(fn.params)}")
        act = Activation(fn, next(iter(fn.blocks.values())), {}, dsts, on_return)
        for reg, spec, (_, arg) in zip(fn.params, fn.sig.params, args, strict=False):
            act.regs[reg.name] = arg
            if spec.byval is not None:
                copy = self.memory.allocate(spec.byval[0], spec.byval[1], f"%{reg.name} of {fn.name}")
                self.memory.copy(copy, defined(arg, "an address"), spec.byval[0])
                act.regs[reg.name] = copy
                act.allocas.append(copy)
        act.extra = args[len(fn.params) :]
        self._make_locals(act)
        if fn.phase == o.Phase.FRAMED and fn.frame is not None and fn.frame.boxed:
            act.frame = self.memory.allocate(fn.frame.size, fn.frame.align, f"frame of {fn.name}")
        self.stack.append(act)

    def _make_locals(self, act: Activation) -> None:
        act.locals = {
            local.name: self.memory.allocate(local.size, local.align, f"&{local.name} of {act.fn.name}")
            for local in act.fn.locals.values()
        }

    def _end_locals(self, act: Activation) -> None:
        for base in (*act.locals.values(), *act.allocas):
            self.memory.free(base)
        act.allocas = []

    def leave(self) -> None:
        """For longjmp: ends the innermost activation."""
        self._pop(self.stack[-1])

    def _pop(self, act: Activation) -> None:
        self.stack.pop()
        self._end_locals(act)
        for base in act.area:
            self.memory.free(base)
        if act.frame:
            self.memory.free(act.frame)

    # ---- suspension in FRAMED ----

    def capture(self, act: Activation) -> None:
        """What the real code does when `act` is suspended: saves to the frame, then the stack is gone."""
        if act.suspended:
            return
        if act.fn.color == "plain":
            raise MemoryFault(f"a suspension inside '{act.fn.name}', which is no coroutine function")
        if act.fn.phase != o.Phase.FRAMED:
            return
        point = act.pending
        assert point is not None, "an activation that a suspension passes through stands at a suspension point"
        layout = act.fn.frame
        if layout is not None and not act.frame:
            act.frame = self.memory.allocate(layout.size, layout.align, f"frame of {act.fn.name}")
        for save in point.saves:
            size = act.fn.locals[save.local].size
            self.memory.copy(act.frame + save.offset, act.locals[save.local], size)
        self._end_locals(act)
        act.regs = {}
        act.suspended = True

    def restore(self, act: Activation) -> None:
        act.suspended = False
        self._make_locals(act)
        assert act.pending is not None
        for save in act.pending.saves:
            size = act.fn.locals[save.local].size
            self.memory.copy(act.locals[save.local], act.frame + save.offset, size)


def access_size(type_: Type) -> int:
    """The bytes that a load or store touches: those of the value, without the padding of an x87 float."""
    return -(-bits_of(type_) // 8)


def _narrow(type_: Type, v: Value) -> Value:
    ones = (1 << bits_of(type_)) - 1
    bits, mask = parts(v)
    return value(bits & ones, mask & ones)


def _fit(sig: o.Sig, result: Value) -> Value:
    return _narrow(sig.rets[0], result) if sig.rets and not isinstance(sig.rets[0], FloatType) else result


def _exchange(kind: str, type_: Type, old: Value, new: Value) -> Value:
    """What AtomicRmw stores."""
    plain = I64 if type_ == PTR else type_
    match kind:
        case "xchg":
            return new
        case "nand":
            ones = (1 << bits_of(type_)) - 1
            return binary("xor", frozenset(), plain, binary("and", frozenset(), plain, old, new), ones)
        case "max" | "min" | "umax" | "umin":
            pred = ("u" if kind[0] == "u" else "s") + ("gt" if kind.endswith("max") else "lt")
            return old if defined(compare(pred, plain, old, new), "an atomic operation") else new
    return binary(kind, frozenset(), plain, old, new)
