"""The invariants of the IR, checked after the front end and after every pass, in all phases.

Module
* a name is a function, a global or an alias, and only one of these; an alias' target is defined here
* linkage, visibility and thread-local words are known; alignments are powers of two
* the pieces of an initialiser add up to the size; a block address in one names a block that exists
* every global name an op uses is declared (the capture helpers `co.*` of abi.py excepted)
Function
* parameters have the types of the signature
* a function with an sret parameter has no results
* a coroutine function returns nothing or one scalar of at most 64 bits, until it is split
* the entry block has no predecessors; every label that is used names a block
* a local's scalar fits in it
Values
* a register is assigned once; every use has the type of the definition and is dominated by it
* integers are in 0 .. 2**bits - 1; local, block and frame addresses exist
* operands have the types that their operation asks for; memory orders and operation names are known
Calls
* a call passes what its signature says, and more only if it is variadic; a tail call has the caller's signature
* `ret` returns what the signature says
Phases
* BUILT: no Suspend.  CPS_FORM and later: no CoCall or CoYield inside a block.  SPLIT: no Suspend
* only FRAMED: FrameAddr, `saves`, and a frame, which a coroutine function with suspension points must have
* FRAMED: the states of the suspension points are numbered from 1, except for state 0: its callee's result is returned
  at once, so it needs no frame
* FRAMED: no register other than the call's result is live across a suspension; saves and slots are inside the frame

Cost: a few microseconds an op.  Rejected: a list of all errors (the first is the cause; the rest is noise).
All rules are in this one file, so that the list above can be held against them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import NoReturn, assert_never

from cpc.ir import ops as o
from cpc.ir.dominators import Dominators, live_registers
from cpc.ir.errors import IRError
from cpc.ir.printer import op_text, print_function, terminator_text
from cpc.ir.types import I1, I8, I32, I64, PTR, FloatType, IntType, PtrType, Type, VecType, store_size
from cpc.ir.walk import operands, results, reverse_postorder, successors

_LINKAGES = {"external", "internal", "weak", "linkonce", "available_externally", "common"}
_VISIBILITIES = {"default", "hidden", "protected"}
_TLS = {"", "generaldynamic", "localdynamic", "initialexec", "localexec"}
_COLORS = {"plain", "coroutine", "mixed"}
_FLOAT_BINS = {"fadd", "fsub", "fmul", "fdiv"}
_INT_BINS = {"add", "sub", "mul", "sdiv", "udiv", "srem", "urem", "shl", "lshr", "ashr", "and", "or", "xor"}
_INT_PREDS = {"eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge"}
_FLOAT_PREDS = {"foeq", "fune", "folt", "fole", "fogt", "foge", "fuo", "ford", "fqlt", "fqle", "fqgt", "fqge"}
_RMW = {"xchg", "add", "sub", "and", "or", "xor", "nand", "max", "min", "umax", "umin"}
_ORDERS = {"relaxed", "acquire", "release", "acq_rel", "seq_cst"}
_LOAD_ORDERS = frozenset({"", "unordered", "relaxed", "acquire", "seq_cst"})
_STORE_ORDERS = frozenset({"", "relaxed", "release", "seq_cst"})
HELPER_PREFIX = "co."


def verify_module(module: o.Module) -> None:
    names = _check_names(module)
    for g in module.globals.values():
        _check_global(module, g)
    for fn in module.functions.values():
        verify_function(fn, names)


def verify_function(fn: o.Function, names: Container[str] | None = None) -> None:
    """Checks one function; the global names its ops use are checked when `names` is given."""
    _Checker(fn, names).run()


# ---- module -------------------------------------------------------------------------------------------------


def _check_names(module: o.Module) -> set[str]:
    names: set[str] = set()
    for table in (module.functions, module.globals, module.aliases):
        for key, thing in table.items():
            if key != thing.name:
                raise IRError(f"'{thing.name}' is filed under '{key}'", module.name)
            if key in names:
                raise IRError(f"'{key}' is defined twice", module.name)
            names.add(key)
            if thing.linkage not in _LINKAGES or thing.visibility not in _VISIBILITIES:
                raise IRError(f"unknown linkage or visibility of '{key}'", module.name)
    for alias in module.aliases.values():
        target = module.functions.get(alias.target) or module.globals.get(alias.target)
        declared = isinstance(target, o.Function) and target.is_declaration
        if alias.target not in module.aliases and (
            target is None or declared or (isinstance(target, o.Global) and target.init is None)
        ):
            raise IRError(f"alias '{alias.name}' of '{alias.target}', which is not defined here", module.name)
    return names


def _check_global(module: o.Module, g: o.Global) -> None:
    where = f"global '{g.name}'"
    if g.tls not in _TLS:
        raise IRError(f"unknown thread-local model '{g.tls}'", where)
    if not _is_power(g.align):
        raise IRError(f"alignment {g.align} is not a power of two", where)
    if g.init is None:
        return
    for piece in g.init:
        _check_piece(module, piece, where)
    size = sum(piece.size for piece in g.init)
    if size != g.size:
        raise IRError(f"the initialiser has {size} bytes, the variable {g.size}", where)


def _check_piece(module: o.Module, piece: o.DataPiece, where: str) -> None:
    if isinstance(piece, o.DataLabel):
        fn = module.functions.get(piece.function)
        for name in (piece.label, piece.minus):
            if name and (fn is None or name not in fn.blocks):
                raise IRError(f"no block '{name}' in '{piece.function}'", where)


def _is_power(n: int) -> bool:
    return n > 0 and n & (n - 1) == 0


# ---- function -----------------------------------------------------------------------------------------------


class _Checker:
    def __init__(self, fn: o.Function, names: Container[str] | None) -> None:
        self.fn = fn
        self.names = names
        self.block = ""
        self.op: o.Op | o.Terminator | None = None

    def fail(self, message: str) -> NoReturn:
        where = f"function '{self.fn.name}'"
        if self.block:
            where += f", block '{self.block}'"
        if self.op is not None:
            text = terminator_text(self.op) if isinstance(self.op, o.Terminator) else op_text(self.op)
            where += f", '{text}'"
        raise IRError(message, where, print_function(self.fn))

    def require(self, holds: bool, message: str) -> None:
        if not holds:
            self.fail(message)

    def run(self) -> None:
        fn = self.fn
        self._check_header()
        if fn.is_declaration:
            return
        self._check_labels()
        for block in fn.blocks.values():
            self.block = block.label
            for op in block.ops:
                self.op = op
                self._check_operands(op)
                self._check_op(op)
            self.op = block.term
            self._check_operands(block.term)
            self._check_term(block.term)
        self.op = None
        self._check_registers()
        self._check_suspensions()

    def _check_header(self) -> None:
        fn = self.fn
        self.require(fn.color in _COLORS, f"unknown color '{fn.color}'")
        for key, local in fn.locals.items():
            self.require(key == local.name, f"local '{local.name}' is filed under '{key}'")
            self.require(_is_power(local.align), f"local '{key}': alignment {local.align} is not a power of two")
            fits = local.type is None or store_size(local.type) <= local.size
            self.require(fits, f"local '{key}': {local.type} does not fit in {local.size} bytes")
        behind = any(spec.sret is not None for spec in fn.sig.params)
        self.require(not (behind and fn.sig.rets), "an sret parameter and results")
        if fn.is_declaration:
            return
        types = tuple(reg.type for reg in fn.params)
        wanted = tuple(spec.type for spec in fn.sig.params)
        self.require(types == wanted, "the parameters do not have the types of the signature")
        if fn.color == "coroutine" and fn.phase < o.Phase.SPLIT:
            small = all(not isinstance(t, VecType) and store_size(t) <= 8 for t in fn.sig.rets)
            self.require(len(fn.sig.rets) <= 1 and small, "a coroutine function returns one scalar of <= 64 bits")

    def _check_labels(self) -> None:
        blocks = self.fn.blocks
        entry = next(iter(blocks))
        for key, block in blocks.items():
            self.block, self.op = key, block.term
            self.require(key == block.label, f"block '{block.label}' is filed under '{key}'")
            for label in successors(block.term):
                self.require(label in blocks, f"no block '{label}'")
                self.require(label != entry, "the entry block has a predecessor")
        self.block, self.op = "", None

    def _check_phase(self, op: o.CoCall | o.CoYield | o.Suspend) -> None:
        phase = self.fn.phase
        if isinstance(op, o.Suspend):
            inside = phase in (o.Phase.CPS_FORM, o.Phase.FRAMED)
            self.require(inside, f"a suspension point in phase {phase.name}")
            self.require(not op.saves or phase == o.Phase.FRAMED, f"saves in phase {phase.name}")
        else:
            self.require(phase == o.Phase.BUILT, f"a coroutine call inside a block in phase {phase.name}")

    # -- values --

    def _check_operands(self, op: o.Op | o.Terminator) -> None:
        fn = self.fn
        for operand in operands(op):
            match operand:
                case o.Reg():
                    pass
                case o.LocalAddr(name):
                    if name not in fn.locals:
                        self.fail(f"no local '{name}'")
                case o.Const(IntType(bits), value):
                    if not 0 <= value < 1 << bits:
                        self.fail(f"constant {value} is out of range of i{bits}")
                case o.GlobalAddr(name):
                    if self.names is not None and name not in self.names and not name.startswith(HELPER_PREFIX):
                        self.fail(f"'{name}' is not declared")
                case o.BlockAddr(label):
                    self.require(label in fn.blocks, f"no block '{label}'")
                case o.FrameAddr(offset):
                    self.require(fn.phase == o.Phase.FRAMED, f"a frame address in phase {fn.phase.name}")
                    inside = fn.frame is not None and 0 <= offset < fn.frame.size
                    self.require(inside, f"frame+{offset} is outside the frame")

    def _types(self, *pairs: tuple[o.Operand, Type]) -> None:
        for operand, wanted in pairs:
            if operand.type is not wanted and operand.type != wanted:
                self.fail(f"an operand is {operand.type}, expected {wanted}")

    def _check_op(self, op: o.Op) -> None:
        match op:
            case o.Load(dst, ptr, align, _, order):
                self._types((ptr, PTR))
                self._memory(align, order, _LOAD_ORDERS)
            case o.Store(ptr, _, align, _, order):
                self._types((ptr, PTR))
                self._memory(align, order, _STORE_ORDERS)
            case o.Bin(dst, kind, a, b):
                self._types((a, dst.type), (b, dst.type))
                wanted = IntType if kind in _INT_BINS else FloatType if kind in _FLOAT_BINS else None
                if wanted is None:
                    self.fail(f"unknown operation '{kind}'")
                if not isinstance(_lane(dst.type), wanted):
                    self.fail(f"'{kind}' of {dst.type}")
            case o.Cmp():
                self._check_cmp(op)
            case o.Cast(dst, kind, a):
                if not _castable(kind, a.type, dst.type):
                    self.fail(f"'{kind}' from {a.type} to {dst.type}")
            case o.PtrAdd(dst, base, offset):
                self._types((dst, PTR), (base, PTR), (offset, I64))
            case o.Select(dst, cond, a, b):
                self._types((cond, I1), (a, dst.type), (b, dst.type))
            case o.Call(dsts, callee, args, sig):
                self._check_call(callee, args, sig)
                self._types(*((pad, PTR) for pad in op.unwind))
                if len(op.unwind) % 2:
                    self.fail("what an exception runs is not in pairs")
                self._check_results(dsts, sig)
            case o.CoCall():
                self._check_phase(op)
                self._check_cocall(op)
            case o.MemCopy(to, source, size, to_align, source_align):
                self._types((to, PTR), (source, PTR), (size, I64))
                self.require(_is_power(to_align) and _is_power(source_align), "alignment is not a power of two")
            case o.MemSet(ptr, value, size, align):
                self._types((ptr, PTR), (value, I8), (size, I64))
                self._memory(align, "", _LOAD_ORDERS)
            case o.Alloca(dst, size, align):
                self._types((dst, PTR), (size, I64))
                self._memory(align, "", _LOAD_ORDERS)
            case o.Asm(elem_types=elem_types, args=args):
                self.require(len(elem_types) in (0, len(args)), "one element type per operand, or none")
            case o.AtomicRmw() | o.CmpXchg() | o.Fence():
                self._check_atomic(op)
            case o.ExtractLane() | o.InsertLane() | o.Shuffle():
                self._check_vector(op)
            case o.CoYield():
                self._check_phase(op)
            case o.Intrinsic():
                pass
            case _:
                assert_never(op)

    def _memory(self, align: int, order: str, orders: frozenset[str]) -> None:
        if not _is_power(align):
            self.fail(f"alignment {align} is not a power of two")
        if order not in orders:
            self.fail(f"memory order '{order}'")

    def _check_cmp(self, op: o.Cmp) -> None:
        self._types((op.b, op.a.type))
        if op.pred not in _INT_PREDS and op.pred not in _FLOAT_PREDS:
            self.fail(f"unknown predicate '{op.pred}'")
        if isinstance(_lane(op.a.type), FloatType) != (op.pred in _FLOAT_PREDS):
            self.fail(f"'{op.pred}' of {op.a.type}")
        wanted = VecType(I1, op.a.type.count) if isinstance(op.a.type, VecType) else I1
        if op.dst.type != wanted:
            self.fail(f"the result is {op.dst.type}, expected {wanted}")

    def _check_call(self, callee: o.Operand, args: tuple[o.Operand, ...], sig: o.Sig) -> None:
        self._types((callee, PTR))
        count = len(sig.params)
        if len(args) != count and not (sig.variadic and len(args) > count):
            self.fail(f"{len(args)} arguments, expected {count}")
        self._types(*((arg, spec.type) for arg, spec in zip(args, sig.params, strict=False)))

    def _check_results(self, dsts: tuple[o.Reg, ...], sig: o.Sig) -> None:
        types = tuple(dst.type for dst in dsts)
        self.require(not types or types == sig.rets, "the results do not have the types of the signature")

    def _check_cocall(self, op: o.CoCall) -> None:
        self._check_call(op.callee, op.args, op.sig)
        self._check_results((op.dst,) if op.dst is not None else (), op.sig)
        small = all(not isinstance(t, VecType) and store_size(t) <= 8 for t in op.sig.rets)
        self.require(len(op.sig.rets) <= 1 and small, "a coroutine call returns one scalar of <= 64 bits")

    def _check_atomic(self, op: o.AtomicRmw | o.CmpXchg | o.Fence) -> None:
        match op:
            case o.AtomicRmw(dst, kind, ptr, value, order):
                self._types((ptr, PTR), (value, dst.type))
                self.require(kind in _RMW, f"unknown operation '{kind}'")
                self.require(order in _ORDERS, f"memory order '{order}'")
            case o.CmpXchg(old, ok, ptr, expected, desired, order, fail_order):
                self._types((ptr, PTR), (expected, old.type), (desired, old.type), (ok, I1))
                fine = order in _ORDERS and fail_order in {"relaxed", "acquire", "seq_cst"}
                self.require(fine, f"memory orders '{order}' and '{fail_order}'")
            case o.Fence(order, scope):
                self.require(order in _ORDERS - {"relaxed"}, f"memory order '{order}'")
                self.require(scope in ("", "singlethread"), f"scope '{scope}'")
            case _:
                assert_never(op)

    def _check_vector(self, op: o.ExtractLane | o.InsertLane | o.Shuffle) -> None:
        match op:
            case o.ExtractLane(dst, vec, index):
                self._types((index, I32))
                good = isinstance(vec.type, VecType) and dst.type == vec.type.lane
            case o.InsertLane(dst, vec, value, index):
                self._types((index, I32), (vec, dst.type))
                good = isinstance(dst.type, VecType) and value.type == dst.type.lane
            case o.Shuffle(dst, a, b, mask):
                self._types((b, a.type))
                good = isinstance(a.type, VecType) and dst.type == VecType(a.type.lane, len(mask))
                limit = 2 * a.type.count if isinstance(a.type, VecType) else 0
                good = good and all(-1 <= m < limit for m in mask)
            case _:
                assert_never(op)
        self.require(good, "lanes and vectors do not fit together")

    def _check_term(self, term: o.Terminator) -> None:
        match term:
            case o.Branch(cond):
                self._types((cond, I1))
            case o.Switch(value, cases):
                bits = value.type.bits if isinstance(value.type, IntType) else 0
                self.require(bits > 0, f"a switch on {value.type}")
                values = [v for v, _ in cases]
                self.require(len(set(values)) == len(values), "a case value occurs twice")
                self.require(all(0 <= v < 1 << bits for v in values), f"a case value is out of range of i{bits}")
            case o.IndirectJump(ptr):
                self._types((ptr, PTR))
            case o.AsmGoto(args=args, elem_types=elem_types, outputs=outputs, output_types=output_types):
                self.require(len(elem_types) in (0, len(args)), "one element type per operand, or none")
                self.require(len(outputs) == len(output_types), "one type per result")
                self._types(*((place, PTR) for place in outputs))
            case o.Ret(values):
                types = tuple(v.type for v in values)
                self.require(types == self.fn.sig.rets, "the values do not have the types of the signature")
            case o.TailCall(callee, args, sig):
                self._check_call(callee, args, sig)
                self.require(sig == self.fn.sig, "a tail call of another signature")
            case o.Suspend(call):
                self._check_phase(term)
                if isinstance(call, o.CoCall):
                    self._check_cocall(call)
            case o.Jump() | o.Unreachable():
                pass
            case _:
                assert_never(term)

    # -- registers --

    def _check_registers(self) -> None:
        """One definition each, and every use dominated by it.  Blocks that the entry does not reach may use
        anything that is defined: they never run."""
        fn = self.fn
        defs: dict[str, tuple[Type, str]] = {reg.name: (reg.type, "") for reg in fn.params}
        self.require(len(defs) == len(fn.params), "two parameters have one name")
        for block in fn.blocks.values():
            self.block = block.label
            for op in (*block.ops, block.term):
                for dst in results(op):
                    if dst.name in defs:
                        self.op = op
                        self.fail(f"%{dst.name} is assigned twice")
                    defs[dst.name] = (dst.type, block.label)
        order = reverse_postorder(fn)
        dominators = Dominators(fn, order)
        reached = set(order)
        for block in fn.blocks.values():
            self.block = block.label
            self._check_uses(block, defs, dominators if block.label in reached else None)
        self.block, self.op = "", None

    def _check_uses(self, block: o.Block, defs: dict[str, tuple[Type, str]], tree: Dominators | None) -> None:
        here: set[str] = set()
        for op in (*block.ops, block.term):
            self.op = op
            for operand in operands(op):
                if not isinstance(operand, o.Reg):
                    continue
                if operand.name not in defs:
                    self.fail(f"%{operand.name} is never assigned")
                type_, home = defs[operand.name]
                if type_ is not operand.type and type_ != operand.type:
                    self.fail(f"%{operand.name} is {type_}, used as {operand.type}")
                if operand.name in here:
                    continue
                if tree is not None and home and (home == block.label or not tree.dominates(home, block.label)):
                    self.fail(f"%{operand.name} is used where it need not be assigned")
            here.update(dst.name for dst in results(op))

    # -- suspensions --

    def _check_suspensions(self) -> None:
        fn = self.fn
        points = [block.term for block in fn.blocks.values() if isinstance(block.term, o.Suspend)]
        framed = fn.phase == o.Phase.FRAMED
        self.require(framed or fn.frame is None, f"a frame in phase {fn.phase.name}")
        states = sorted(point.state for point in points if point.state)  # 0: never resumed (tail_resume)
        if framed and states:
            self.require(fn.frame is not None, "suspension points, but no frame")
            self.require(states == list(range(1, len(states) + 1)), "the states are not numbered from 1")
        if fn.frame is not None:
            self._check_frame(fn.frame, points)
        if framed and points:
            self._check_live(fn)

    def _check_frame(self, frame: o.FrameLayout, points: Iterable[o.Suspend]) -> None:
        places = {}
        for slot in frame.slots:
            self.require(slot.local in self.fn.locals, f"frame: no local '{slot.local}'")
            inside = slot.offset >= 0 and slot.offset + slot.size <= frame.size
            self.require(inside, f"frame: '{slot.local}' is outside")
            places[slot.local] = slot
        for point in points:
            for save in point.saves:
                place = places.get(save.local)
                fits = place is not None and place.offset == save.offset and not place.boxed
                self.require(fits, f"state {point.state} saves '{save.local}' where it has no slot")

    def _check_live(self, fn: o.Function) -> None:
        """Registers live at the start of a resume block: none but the result of the call."""
        live_in = live_registers(fn)
        for block in fn.blocks.values():
            if isinstance(block.term, o.Suspend):
                live = live_in[block.term.resume] - {dst.name for dst in results(block.term)}
                self.block, self.op = block.label, block.term
                self.require(not live, f"%{min(live, default='')} is live across the suspension")


def _lane(type_: Type) -> Type:
    return type_.lane if isinstance(type_, VecType) else type_


def _bits(type_: Type) -> int:
    """The bits of an integer, a float or a vector; 0 for a pointer, which `bitcast` does not take."""
    match type_:
        case VecType(lane, count):
            return lane.bits * count
        case PtrType():
            return 0
    return type_.bits


def _castable(kind: str, a: Type, b: Type) -> bool:
    """Whether `kind` converts `a` to `b`, lane by lane."""
    if kind == "bitcast":
        return _bits(a) == _bits(b) != 0
    if isinstance(a, VecType) != isinstance(b, VecType):
        return False
    if isinstance(a, VecType) and isinstance(b, VecType) and a.count != b.count:
        return False
    match kind, _lane(a), _lane(b):
        case "trunc", IntType(x), IntType(y):
            return x > y
        case "zext" | "sext", IntType(x), IntType(y):
            return x < y
        case "fptrunc", FloatType(x), FloatType(y):
            return x > y
        case "fpext", FloatType(x), FloatType(y):
            return x < y
        case "fneg", FloatType(x), FloatType(y):
            return x == y
        case ("fptosi" | "fptoui", FloatType(), IntType()) | ("sitofp" | "uitofp", IntType(), FloatType()):
            return True
        case ("ptrtoint", PtrType(), IntType()) | ("inttoptr", IntType(), PtrType()):
            return True
    return False
