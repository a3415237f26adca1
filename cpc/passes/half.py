"""One of the two functions that split makes of a coroutine function: what suspension points and returns become.

                         ramp                                        resume function
    entry                box_enter, if boxed                         switch on the state; a block per state restores
    coroutine call       call; tail set -> cold block, else on        the same
      suspended          capture (boxed: link), save, return         save what changed, recapture, return {0, frame}
                         {sp, tail} behind the frame
      suspended, state 0 return {sp, tail} of the callee             hand_over, return {0, frame}
    yield                as "suspended", in place                    the same
    area_save, ...       calls of runtime/co_area.c                  the same, with another last argument
    return               (box_leave) return {value, null}            leave; tail call of the parent's resume function

Cold blocks stand at the end of the function.  Several returns share one exit where an exit is more than a `ret`.
The helpers `co.*` and the offsets come from backend/abi.py.

Requires: a FRAMED function.  The blocks copied are those the half can reach; the result is in Phase.SPLIT's form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from cpc.analysis import cfg
from cpc.analysis.dataflow import NOTHING, Names
from cpc.analysis.rewrite import terminator_with_operands, with_operands
from cpc.backend import abi
from cpc.ir.ops import (
    Block,
    Branch,
    Call,
    Cast,
    Cmp,
    CoCall,
    Const,
    CoYield,
    FrameAddr,
    FrameLayout,
    Function,
    GlobalAddr,
    Intrinsic,
    Jump,
    Load,
    Loc,
    Local,
    LocalAddr,
    MemCopy,
    Op,
    Operand,
    PtrAdd,
    Reg,
    Ret,
    Save,
    Sig,
    Store,
    Suspend,
    Switch,
    TailCall,
    Unreachable,
)
from cpc.ir.types import I1, I32, I64, PTR, FloatType, IntType, PtrType
from cpc.passes.area import tokens
from cpc.passes.values import from_word, to_word

_ZERO = Const(I64, 0)
_RETURNED = Const(PTR, 0)


def ramp_sig(sig: Sig) -> Sig:
    """The signature of the ramp of a function declared as `sig`.  A result behind a pointer is an ordinary pointer
    parameter: the ramp's own result is in the registers that `sret` would use."""
    params = tuple(replace(spec, sret=None) for spec in sig.params)
    return Sig(params, abi.RETS, sig.variadic)


@dataclass(slots=True)
class Half:
    """`made` grows while blocks of `source` are copied; `frame` and `value` are the resume function's parameters."""

    source: Function
    made: Function
    unchanged: Mapping[str, Names]
    frame: Reg | None = None
    value: Reg | None = None
    prologue: list[Op] = field(default_factory=list)
    addresses: dict[int, Reg] = field(default_factory=dict)  # of boxed variables
    results: dict[str, tuple[Local, Reg]] = field(default_factory=dict)  # resume block -> word, result
    exits: list[tuple[Block, Operand, Loc]] = field(default_factory=list)
    cold: list[Block] = field(default_factory=list)
    tokens: Names = NOTHING  # locals of pass `area`

    def __post_init__(self) -> None:
        self.tokens = tokens(self.source)

    @property
    def is_ramp(self) -> bool:
        return self.value is None

    # ---- entries ----

    def enter_ramp(self) -> None:
        layout = self.source.frame
        if layout is not None and layout.boxed:
            self.frame = Reg(self.made.fresh("frame"), PTR)
            align = (layout.align,) if layout.align > abi.FRAME_ALIGN else ()
            name = abi.BOX_ENTER + (abi.ALIGNED if align else "")
            self.prologue.append(_helper(name, self.frame, layout.size, *align, loc=self.source.loc))

    def enter_resume(self, body: frozenset[str]) -> None:
        """Makes the entry with the switch, and a block per state that restores.  A call's result comes from there
        or, where the call can be made in `body` as well, from two places, and then through a local."""
        layout = self.source.frame
        assert layout is not None and self.frame is not None
        entry = self._block("resume")
        cases: list[tuple[int, str]] = []
        for block, point in cfg.suspension_points(self.source):
            if point.state and point.state not in {state for state, _ in cases}:
                restore = self._block("restore")
                cases.append((point.state, restore.label))
                self._restore(restore, point, again=block.label in body)
        if layout.state_offset:
            state = Reg(self.made.fresh("state"), I32)
            entry.ops = [*self._at(layout.state_offset, self.frame, lambda at: Load(state, at, 4))]
            invalid = self._block("invalid")
            invalid.term = Unreachable()
            entry.term = Switch(state, tuple(cases), invalid.label)
        else:
            entry.term = Jump(cases[0][1])

    def _restore(self, restore: Block, point: Suspend, again: bool) -> None:
        assert self.frame is not None and self.value is not None
        for save in point.saves:
            restore.ops += self._copy(save, self.frame, out=False, loc=point.loc)
        result = point.call.dst if isinstance(point.call, CoCall) else None
        if result is not None and again:
            word = Local(self.made.fresh("result"), 8, 8, I64)
            self.made.locals[word.name] = word
            self.results[point.resume] = (word, result)
            restore.ops.append(Store(LocalAddr(word.name), self.value, 8))
        elif result is not None:
            restore.ops += from_word(self.made, self.value, result, point.loc)
        restore.term = Jump(point.resume)

    # ---- blocks ----

    def copy_block(self, block: Block) -> None:
        made = Block(block.label)
        self.made.blocks[made.label] = made
        if block.label in self.results:
            local, result = self.results[block.label]
            word = Reg(self.made.fresh("w"), I64)
            made.ops += [Load(word, LocalAddr(local.name), 8), *from_word(self.made, word, result)]
        made.ops += [self._copied(with_operands(op, self._operand)) for op in block.ops]
        term = terminator_with_operands(block.term, self._operand)
        match term:
            case Suspend(call=CoYield()):
                self._suspend(made, term, block.label)
            case Suspend(call=CoCall() as call):
                self._call(made, term, call, block.label)
            case Ret(values=values, loc=loc):
                ops, word_ = to_word(self.made, values[0] if values else _ZERO, self.source.sig.ret_ext, loc)
                made.ops += ops
                self.exits.append((made, word_, loc))
            case _:
                made.term = term

    def _copied(self, op: Op) -> Op:
        """The op itself, or the call that one of pass `area` stands for."""
        if not isinstance(op, Intrinsic) or op.name not in abi.AREA:
            return op
        name, sig = abi.AREA[op.name]
        which = (Const(I64, 0 if self.is_ramp else 1),) if len(sig.params) > len(op.args) else ()
        return Call(op.dsts, GlobalAddr(name), (*op.args, *which), sig, loc=op.loc)

    def _call(self, made: Block, point: Suspend, call: CoCall, label: str) -> None:
        """The call, and a branch on its flag."""
        word, tail = Reg(self.made.fresh("w"), I64), Reg(self.made.fresh("tail"), PTR)
        made.ops.append(Call((word, tail), call.callee, call.args, ramp_sig(call.sig), loc=call.loc))
        if point.state == 0 and self.is_ramp and self.frame is None:
            made.term = Ret((word, tail), point.loc)
            return
        onward = point.resume
        if point.state == 0:
            done = self._block("done")
            self.exits.append((done, word, point.loc))
            onward = done.label
        elif point.resume in self.results:
            made.ops.append(Store(LocalAddr(self.results[point.resume][0].name), word, 8, loc=point.loc))
        elif call.dst is not None:
            made.ops += from_word(self.made, word, call.dst, point.loc)
        taken = Reg(self.made.fresh("c"), I1)
        cold = Block(self.made.fresh("capture"))
        self._suspend(cold, point, label, (word, tail))
        self.cold.append(cold)
        made.ops.append(Cmp(taken, "ne", tail, Const(PTR, 0), point.loc))
        made.term = Branch(taken, cold.label, onward, likely=False, loc=point.loc)

    def _suspend(self, made: Block, point: Suspend, label: str, returned: tuple[Reg, ...] = ()) -> None:
        """Puts this activation into the chain, with what it needs when it is resumed, and returns.  `returned` is what
        the callee that is suspended returned, sp and tail."""
        layout = self.source.frame
        if layout is None:
            raise AssertionError(f"{self.source.name}: a suspension point with a state, but no frame")
        frame, result = self._linked(made.ops, point, layout, returned)
        same = self.unchanged.get(label, NOTHING)
        for save in point.saves:
            if self.is_ramp and save.local in self.tokens:  # co_area.c: the batch has the memory now
                made.ops += self._at(save.offset, frame, lambda at: Store(at, Const(PTR, 0), 8, loc=point.loc))
            elif save.local not in same:
                made.ops += self._copy(save, frame, out=True, loc=point.loc)
        if layout.state_offset and point.state and f"#{point.state}" not in same:
            state = Const(I32, point.state)
            made.ops += self._at(layout.state_offset, frame, lambda at: Store(at, state, 4, loc=point.loc))
        made.term = Ret(result, point.loc)

    def _linked(
        self, ops: list[Op], point: Suspend, layout: FrameLayout, returned: tuple[Reg, ...]
    ) -> tuple[Reg, tuple[Operand, Operand]]:
        """Appends what links the frame, which may have to be captured.  Gives back the frame, and what to return."""
        loc, frame = point.loc, self.frame
        yields = isinstance(point.call, CoYield)
        resume = GlobalAddr(self.source.name + abi.RESUME_SUFFIX)
        sp: Operand
        if frame is None:
            frame, end, sp = Reg(self.made.fresh("frame"), PTR), Reg(self.made.fresh("end"), PTR), self._word()
            align = (layout.align,) if layout.align > abi.FRAME_ALIGN else ()
            name = (abi.CAPTURE_FIRST if yields else abi.CAPTURE) + (abi.ALIGNED if align else "")
            ops.append(_helper(name, frame, layout.size, resume, *returned, *align, loc=loc))
            ops += [PtrAdd(end, frame, Const(I64, layout.size), loc=loc), Cast(sp, "ptrtoint", end, loc)]
        elif not self.is_ramp:
            kept = abi.RECAPTURE_YIELD if yields else abi.RECAPTURE_CALL
            ops.append(_helper(kept if point.state else abi.HAND_OVER, None, frame, *returned, loc=loc))
            return frame, (_ZERO, frame)
        elif not point.state:
            return frame, (returned[0], returned[1])
        elif yields:
            sp = self._word()
            ops.append(_helper(abi.LINK_FIRST, sp, frame, resume, loc=loc))
        else:
            sp = returned[0]
            ops.append(_helper(abi.LINK, None, frame, resume, returned[1], loc=loc))
        tail = Reg(self.made.fresh("tail"), PTR)
        ops.append(PtrAdd(tail, frame, Const(I64, abi.FRAME_PARENT), loc=loc))
        return frame, (sp, tail)

    def _word(self) -> Reg:
        return Reg(self.made.fresh("w"), I64)

    # ---- the end ----

    def finish(self) -> None:
        """Writes the exits, then the cold blocks, then what the entry does first."""
        plain = self.is_ramp and self.frame is None
        if plain or len(self.exits) <= 1:
            for block, word, loc in self.exits:
                self._exit(block, word, loc)
        else:
            self._shared_exit()
        self.made.blocks.update({block.label: block for block in self.cold})
        first = cfg.entry(self.made)
        first.ops = [*self.prologue, *first.ops]

    def _shared_exit(self) -> None:
        words = {word for _, word, _ in self.exits}
        exit_ = self._block("exit")
        value: Operand = Reg(self.made.fresh("w"), I64)
        if len(words) == 1 and isinstance(self.exits[0][1], Const):
            value = self.exits[0][1]
        else:
            local = Local(self.made.fresh("returned"), 8, 8, I64)
            self.made.locals[local.name] = local
            assert isinstance(value, Reg)
            exit_.ops.append(Load(value, LocalAddr(local.name), 8))
            for block, word, loc in self.exits:
                block.ops.append(Store(LocalAddr(local.name), word, 8, loc=loc))
        for block, _, loc in self.exits:
            block.term = Jump(exit_.label, loc)
        self._exit(exit_, value, self.exits[-1][2])

    def _exit(self, block: Block, word: Operand, loc: Loc) -> None:
        """Ends `block` with a return of `word`."""
        if self.frame is None:
            block.term = Ret((word, _RETURNED), loc)
        elif self.is_ramp:
            block.ops.append(_helper(abi.BOX_LEAVE, None, self.frame, loc=loc))
            block.term = Ret((word, _RETURNED), loc)
        else:
            parent, resume = Reg(self.made.fresh("parent"), PTR), Reg(self.made.fresh("resume"), PTR)
            assert self.source.frame is not None
            block.ops.append(_helper(abi.LEAVE, parent, self.frame, self.source.frame.size, loc=loc))
            block.ops.append(Load(resume, parent, 8, loc=loc))
            block.term = TailCall(resume, (parent, word), abi.RESUME_SIG, loc)

    # ---- pieces ----

    def _block(self, stem: str) -> Block:
        block = Block(self.made.fresh(stem))
        self.made.blocks[block.label] = block
        return block

    def _operand(self, value: Operand) -> Operand:
        """A boxed variable's address is computed once, at the entry; LLVM folds it into the accesses."""
        if not isinstance(value, FrameAddr):
            return value
        if value.offset not in self.addresses:
            assert self.frame is not None
            address = Reg(self.made.fresh("box"), PTR)
            self.addresses[value.offset] = address
            self.prologue.append(PtrAdd(address, self.frame, Const(I64, value.offset), loc=self.source.loc))
        return self.addresses[value.offset]

    def _at(self, offset: int, frame: Reg, access: Callable[[Reg], Op]) -> list[Op]:
        at = Reg(self.made.fresh("at"), PTR)
        return [PtrAdd(at, frame, Const(I64, offset)), access(at)]

    def _copy(self, save: Save, frame: Reg, out: bool, loc: Loc) -> list[Op]:
        """The contents of a local to its slot (`out`) or back."""
        local = self.source.locals[save.local]
        at, home = Reg(self.made.fresh("at"), PTR), LocalAddr(local.name)
        to, source = (at, home) if out else (home, at)
        ops: list[Op] = [PtrAdd(at, frame, Const(I64, save.offset), loc=loc)]
        if local.type is None:
            return [*ops, MemCopy(to, source, Const(I64, local.size), local.align, local.align, loc=loc)]
        value = Reg(self.made.fresh("v"), local.type)
        order = "" if out else _order_of_restore(local)
        return [*ops, Load(value, source, local.align, order=order, loc=loc), Store(to, value, local.align, loc=loc)]


def _order_of_restore(local: Local) -> str:
    """Slots are stored one by one, and a processor's load of two at once waits until these stores have left its
    buffer, which took suspend-8 from 6.4 to 10.8 ns.  So LLVM may not join the loads into vectors."""
    match local.type:
        case IntType(bits):
            whole = bits == 8 * local.size
        case other:
            whole = isinstance(other, PtrType | FloatType)
    return "unordered" if whole and local.size <= 8 and local.align >= local.size else ""


def _helper(name: str, result: Reg | None, *args: Operand | int, loc: Loc) -> Call:
    values = tuple(Const(I64, arg) if isinstance(arg, int) else arg for arg in args)
    return Call(() if result is None else (result,), GlobalAddr(name), values, abi.HELPERS[name].sig, loc=loc)
