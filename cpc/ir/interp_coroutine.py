"""The coroutine runtime of the interpreter: create, enter, yield and self, and the capture helpers of the ABI.

Before the split a coroutine has its own list of activations, and entering one swaps the machine's list: the meaning
that the passes must keep.  After the split there is one list; what runs is what abi.py describes, on a `co_core` and an
area in the interpreter's memory.  The area has exactly `sp` bytes at any time, so an access to a frame that has
been given back is out of bounds.  It never runs out: chunks are the runtime's business, tested with it.

A fault is reported where the real runtime aborts: a yield outside a coroutine, entering one that runs, a
coroutine_fn that suspends outside a coroutine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cpc.backend import abi
from cpc.ir import ops as o
from cpc.ir.interp_values import defined
from cpc.ir.memory import MemoryFault, Value
from cpc.ir.types import I64, PTR, Type

if TYPE_CHECKING:
    from cpc.ir.interp import Activation, Machine, OnReturn

_AREA = 1 << 24
_BOTTOM = "co.bottom"
_AREA_FUNCTIONS = {name for name, _ in abi.AREA.values()}
_API = {
    "qemu_coroutine_create", "qemu_coroutine_enter", "qemu_coroutine_self", "qemu_in_coroutine",
    "qemu_coroutine_entered", "qemu_coroutine_yield",
}  # fmt: skip


@dataclass(slots=True)
class Coroutine:
    """`core` is its address: the object begins with the co_core.  `area` is 0 before the split."""

    core: int
    entry: int
    opaque: Value
    area: int
    stack: list[Activation] = field(default_factory=list)
    started: bool = False
    inside: bool = False


class Coroutines:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.split = any(fn.phase == o.Phase.SPLIT for fn in machine.module.functions.values())
        self.known: dict[int, Coroutine] = {}
        self.entered: list[tuple[Coroutine, list[Activation]]] = []
        self.bottom = 0

    def handles(self, name: str) -> bool:
        return name in _API or name in abi.HELPERS or name in _AREA_FUNCTIONS or name == _BOTTOM

    def call(
        self, name: str, args: Sequence[tuple[Type, Value]], dsts: tuple[o.Reg, ...], on_return: OnReturn | None
    ) -> None:
        values = [defined(v, "a call of the coroutine runtime") for _, v in args]
        machine = self.machine
        match name:
            case "qemu_coroutine_enter":
                self._enter(values[0], dsts, on_return)
            case "qemu_coroutine_yield":
                machine.deliver(dsts, on_return, [])
                self.suspend()
            case "qemu_coroutine_create":
                machine.deliver(dsts, on_return, [self._create(*values)])
            case "qemu_coroutine_self":
                machine.deliver(dsts, on_return, [self.entered[-1][0].core if self.entered else 0])
            case "qemu_in_coroutine":
                machine.deliver(dsts, on_return, [int(bool(self.entered))])
            case "qemu_coroutine_entered":
                machine.deliver(dsts, on_return, [int(self._get(values[0]).inside)])
            case "co.bottom":
                machine.deliver(dsts, on_return, [values[1], 0])
            case _:
                result = self._helper(name, values)
                machine.deliver(dsts, on_return, [] if result is None else [result])

    # ---- create and enter ----

    def _create(self, entry: int, opaque: int) -> int:
        memory = self.machine.memory
        core = memory.allocate(abi.CORE_SIZE, 16, "a coroutine")
        memory.write(core, bytes(abi.CORE_SIZE))
        area = memory.reserve(_AREA, "the frames of a coroutine") if self.split else 0
        for at in (abi.CORE_SP, abi.CORE_MARK):
            memory.store(core + at, 8, area)
        memory.store(core + abi.CORE_END, 8, area + _AREA)
        self.known[core] = Coroutine(core, entry, opaque, area)
        return core

    def _get(self, core: int) -> Coroutine:
        if core not in self.known:
            raise MemoryFault("enter of what is no coroutine, or of one that has ended")
        return self.known[core]

    def _enter(self, core: int, dsts: tuple[o.Reg, ...], on_return: OnReturn | None) -> None:
        co = self._get(core)
        if co.inside:
            raise MemoryFault("a coroutine enters one that runs")
        co.inside = True
        machine = self.machine
        self.entered.append((co, machine.stack))
        if self.split:
            self._enter_split(co, dsts, on_return)
            return
        machine.deliver(dsts, on_return, [])
        machine.stack = co.stack
        if not co.started:
            co.started = True
            machine.call_function(co.entry, [(PTR, co.opaque)], lambda _: self._leave(co, ended=True))
        elif co.stack[-1].suspended:
            machine.restore(co.stack[-1])

    def _leave(self, co: Coroutine, ended: bool) -> None:
        """Control goes back to the last enterer."""
        running, stack = self.entered.pop()
        assert running is co
        co.inside = False
        self.machine.stack = stack
        if ended:
            del self.known[co.core]
            self.machine.memory.free(co.core)

    def suspend(self) -> None:
        """A yield before the split: every activation of the running coroutine is captured."""
        if not self.entered:
            raise MemoryFault("a yield outside a coroutine")
        machine = self.machine
        co, _ = self.entered[-1]
        if machine.stack is not co.stack:
            raise MemoryFault("a yield outside a coroutine")
        for act in machine.stack:
            machine.capture(act)
        self._leave(co, ended=False)

    def _enter_split(self, co: Coroutine, dsts: tuple[o.Reg, ...], on_return: OnReturn | None) -> None:
        machine, memory = self.machine, self.machine.memory
        top = self._load(co.core + abi.CORE_TOP)

        def returned(values: Sequence[Value]) -> None:
            tail = defined(values[1], "the tail that a ramp returns")
            if tail and not top:
                memory.store(tail, 8, self._bottom_frame())
                self._check_sp(co, values[0])
                self._copy_sp(co.core)
            self._leave(co, ended=not tail)
            if not tail:
                memory.free(co.area)
            machine.deliver(dsts, on_return, [])

        if top:
            machine.call_function(self._load(top + abi.FRAME_RESUME), [(PTR, top), (I64, 0)], returned)
        else:
            machine.call_function(co.entry, [(PTR, co.opaque)], returned)

    def _bottom_frame(self) -> int:
        """The frame below all others, whose resume function ends the coroutine."""
        if not self.bottom:
            memory = self.machine.memory
            self.bottom = memory.allocate(16, 16, "co_bottom")
            memory.store(self.bottom + abi.FRAME_RESUME, 8, self.machine.address(_BOTTOM))
            memory.store(self.bottom + abi.FRAME_PARENT, 8, 0)
        return self.bottom

    # ---- the helpers of the ABI ----

    def _load(self, address: int) -> int:
        return defined(self.machine.memory.load(address, 8), "the coroutine runtime")

    def _check_sp(self, co: Coroutine, returned: Value) -> None:
        """core.sp is always up to date here, unlike in the real runtime."""
        if returned != self._load(co.core + abi.CORE_SP):
            raise MemoryFault("a function that was suspended returned a wrong sp")

    def _copy_sp(self, core: int) -> None:
        memory = self.machine.memory
        memory.store(core + abi.CORE_MARK, 8, self._load(core + abi.CORE_SP))

    def _set_sp(self, co: Coroutine, sp: int) -> None:
        if not co.area <= sp <= co.area + _AREA:
            raise MemoryFault("the frames of a coroutine take too much memory, or sp is wrong")
        self.machine.memory.store(co.core + abi.CORE_SP, 8, sp)
        self.machine.memory.resize(co.area, sp - co.area)

    def _bump(self, co: Coroutine, size: int, align: int = abi.FRAME_ALIGN) -> int:
        start = -(-self._load(co.core + abi.CORE_SP) // align) * align
        self._set_sp(co, start + size)
        return start

    def _helper(self, name: str, values: list[int]) -> Value | None:
        if not self.entered:
            raise MemoryFault("coroutine_fn called outside a coroutine")
        co, store = self.entered[-1][0], self.machine.memory.store
        base = name.removesuffix(abi.ALIGNED)
        match base:
            case abi.CAPTURE_FIRST:
                frame = self._bump(co, values[0], *values[2:])
                self._link(frame, values[1], co.core + abi.CORE_TOP)
                return frame
            case abi.CAPTURE:
                self._check_sp(co, values[2])
                frame = self._bump(co, values[0], *values[4:])
                self._link(frame, values[1], values[3])
                return frame
            case abi.LINK_FIRST:
                self._link(values[0], values[1], co.core + abi.CORE_TOP)
                return self._load(co.core + abi.CORE_SP)
            case abi.LINK:
                self._link(values[0], values[1], values[2])
            case abi.BOX_ENTER:
                return self._bump(co, *values)
            case abi.BOX_LEAVE:
                self._set_sp(co, values[0])
            case abi.RECAPTURE_YIELD:
                store(co.core + abi.CORE_TOP, 8, values[0])
            case abi.RECAPTURE_CALL:
                self._check_sp(co, values[1])
                self._end_batch(co, values[0], values[2])
            case abi.HAND_OVER:
                self._check_sp(co, values[1])
                store(values[2], 8, self._load(values[0] + abi.FRAME_PARENT))
                self._copy_sp(co.core)
            case abi.LEAVE:
                return self._pop_batch(co, self._load(values[0] + abi.FRAME_PARENT))
            case "co_area_save":
                return values[0] or self._load(co.core + abi.CORE_SP)
            case "co_area_alloc":
                memory = self._bump(co, -(-values[0] // 8) * 8, values[1])
                self._own(co, values[2])
                return memory
            case "co_area_restore":
                if values[0]:
                    self._set_sp(co, values[0])
                    self._own(co, values[1])
            case _:
                raise MemoryFault(f"the helper '{name}' is called from outside the helpers")
        return None

    def _own(self, co: Coroutine, resumed: int) -> None:
        """What a resumed function allocates is below the batches of its callees."""
        if resumed:
            self._copy_sp(co.core)

    def _link(self, frame: int, resume: int, at: int) -> None:
        store = self.machine.memory.store
        store(frame + abi.FRAME_RESUME, 8, resume)
        store(at, 8, frame)

    def _end_batch(self, co: Coroutine, frame: int, tail: int) -> None:
        store, core = self.machine.memory.store, co.core
        store(frame + abi.FRAME_SP, 8, self._load(core + abi.CORE_MARK))
        self._copy_sp(core)
        store(tail, 8, frame + abi.BATCH_TAG)

    def _pop_batch(self, co: Coroutine, parent: int) -> int:
        """The parent, after what its tag asks for."""
        if not parent & abi.BATCH_TAG:
            return parent
        self._set_sp(co, self._load(parent - abi.BATCH_TAG + abi.FRAME_SP))
        self._copy_sp(co.core)
        return parent - abi.BATCH_TAG
