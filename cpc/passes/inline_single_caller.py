"""A static coroutine function that is called from one place becomes part of its caller, before anything is captured.

    cofn @g(%a: i32) -> i32 internal {          cofn @f() -> i32 {
      local &a: i32                               inlined @g at ":9"
      store i32 %a, &a                            local &returned.4: i32
      cocall @wait()                              %1 = load i32, &n                     ; :9
      %1 = load i32, &a                           jump entry.2
      ret i32 %1                                entry.2:
    }                                             cocall @wait()                        ; :3^1
    cofn @f() -> i32 {                            store i32 %1, &returned.4             ; :5^1
      %1 = load i32, &n                           jump after.3
      %2 = cocall i32 @g(%1)                    after.3:
      ret i32 %2                                  %2 = load i32, &returned.4
    }                                             ret i32 %2

One frame then serves both levels: a suspension captures once, and a resume returns once.  Half of real coroutine
functions make exactly one coroutine call, so whole chains become one function.

A parameter that its function never writes again is its argument: no copy of it is saved beside the argument, and a
variable whose address is such an argument need not be boxed for it.  The locals of the callee end (lifetime_end)
where it returns, so that nothing of them is kept across the caller's later suspensions.  Positions say which call
they come from (`Function.inlined`), for debuggers and for the descriptors of suspension points.

Not inlined: what has its address taken, is recursive, variadic, noinline, cold, in a section of its own or alwaysinline
in LLVM's hands, allocates on the stack, or uses addresses of labels or of its stack frame; what makes the caller larger
than LARGEST; and a function that may need a boxed frame where it is not always called, since its caller would take the
box at every call.

Callers take in what they call before that takes in what it calls, so each op is copied once.

Requires: BUILT.  Establishes: nothing; calls without way back leave unreachable blocks.
Rejected: leaving it to LLVM, which inlines ramps into ramps: each level keeps its frame and its resume function.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cpc import x86_features
from cpc.analysis import cfg
from cpc.analysis.accesses import Kind, pointers
from cpc.analysis.callgraph import CallGraph, call_graph
from cpc.analysis.rewrite import terminator_with_operands, with_operands, with_results, with_targets
from cpc.diag import Diagnostics
from cpc.ir.debug_info import DebugFunction, DebugVariable
from cpc.ir.ops import (
    NO_LOC,
    Alloca,
    Block,
    Call,
    CoCall,
    Const,
    Function,
    GlobalAddr,
    InlinedCall,
    Intrinsic,
    Jump,
    Load,
    Loc,
    Local,
    LocalAddr,
    MemCopy,
    Module,
    Op,
    Operand,
    Reg,
    Ret,
    Store,
    Terminator,
)
from cpc.ir.types import I64, store_size
from cpc.ir.walk import operands
from cpc.passes.base import coroutine_bodies

LARGEST = 4000  # ops of a caller with all it took in

_NEVER = {
    "noinline", "optnone", "naked", "cold", "used", "constructor", "destructor", "preserve_most", "win64",
    "returns_twice", "stackrealign",
}  # fmt: skip
_OF_THE_FRAME = {
    "va_start",
    "frameaddress",
    "returnaddress",
    "stacksave",
    "stackrestore",
    "stackpointer",
    "eh_dwarf_cfa",
}


def run(module: Module, diags: Diagnostics) -> None:
    if module.asm or not any(True for _ in coroutine_bodies(module)):
        return  # asm may name any function; without coroutines the graph of calls is not worth its time
    graph, labels = call_graph(module), cfg.labels_used_as_values(module)
    candidates = (fn for fn in coroutine_bodies(module) if not labels[fn.name])
    callees = {fn.name: fn for fn in candidates if _is_candidate(fn, graph)}
    bodies = list(coroutine_bodies(module))
    for caller in (*(fn for fn in bodies if fn.name not in callees), *callees.copy().values()):
        if caller.name in module.functions and "optnone" not in caller.attrs:
            _take_in(module, caller, callees)


def _is_candidate(fn: Function, graph: CallGraph) -> bool:
    sites = graph.sites[fn.name]
    return (
        fn.linkage == "internal"
        and len(sites) == 1
        and sites[0].suspends
        and sites[0].caller != fn.name
        and fn.name not in graph.address_taken
        and not fn.attrs & _NEVER
        and not fn.section
        and not fn.sig.variadic
        and not any(_needs_own_stack_frame(op) for block in fn.blocks.values() for op in (*block.ops, block.term))
    )


def _needs_own_stack_frame(op: Op | Terminator) -> bool:
    if isinstance(op, Alloca) or (isinstance(op, Intrinsic) and op.name in _OF_THE_FRAME):
        return True
    # pass `confined` judges it by its own function
    return isinstance(op, Call) and "returns_twice" in op.attrs


def _take_in(module: Module, caller: Function, callees: dict[str, Function]) -> None:
    """Inlines what `caller` calls, then what came in with that."""
    size = _size(caller)
    refused: set[str] = set()
    while (site := _next_site(caller, callees, refused)) is not None:
        block, index, call = site
        assert isinstance(call.callee, GlobalAddr)
        callee = callees[call.callee.name]
        if size + _size(callee) > LARGEST or not _fits(caller, block, call, callee):
            refused.add(callee.name)
            continue
        size += _size(callee)
        _Inliner(caller, callee, call).run(block, index)
        del callees[callee.name], module.functions[callee.name]


def _next_site(caller: Function, callees: dict[str, Function], refused: set[str]) -> tuple[Block, int, CoCall] | None:
    wanted = callees.keys() - refused - {caller.name}
    for block in caller.blocks.values():
        for index, op in enumerate(block.ops):
            if isinstance(op, CoCall) and isinstance(op.callee, GlobalAddr) and op.callee.name in wanted:
                return block, index, op
    return None


def _size(fn: Function) -> int:
    return sum(len(block.ops) + 1 for block in fn.blocks.values())


def _fits(caller: Function, block: Block, call: CoCall, callee: Function) -> bool:
    if (call.sig.params, call.sig.rets) != (callee.sig.params, callee.sig.rets):
        return False  # declared otherwise where it is called
    if not x86_features.of_flags(callee.attrs) <= x86_features.of_flags(caller.attrs):
        return False
    return not _may_be_boxed(callee) or _always_reached(caller, block.label)


def _may_be_boxed(fn: Function) -> bool:
    known = pointers(fn)
    return any(
        access.kind is Kind.ESCAPE
        for block in fn.blocks.values()
        for accesses in (*(known.in_op(op) for op in block.ops), known.in_terminator(block.term))
        for access in accesses
    )


def _always_reached(fn: Function, label: str) -> bool:
    """Whether the block is in a loop, or on every way to a return."""
    if label in cfg.reachable(fn, cfg.targets(fn.blocks[label].term)):
        return True
    seen, pending = {label}, [cfg.entry(fn).label]
    while pending:
        here = pending.pop()
        if here not in seen:
            seen.add(here)
            if isinstance(fn.blocks[here].term, Ret):
                return False
            pending.extend(cfg.targets(fn.blocks[here].term))
    return True


@dataclass(frozen=True, slots=True)
class _Parameter:
    """One that is stored in a local once and then only read: `store` is where, `loads` are the registers read."""

    local: str
    store: Store
    loads: tuple[Reg, ...]


class _Inliner:
    """One call of `callee` in `caller`."""

    def __init__(self, caller: Function, callee: Function, call: CoCall) -> None:
        self.caller = caller
        self.callee = callee
        self.call = call
        self.number = len(caller.inlined) + 1
        self.values: dict[str, Operand] = {}  # of the callee's registers
        self.locals = {name: caller.fresh(_stem(name)) for name in callee.locals}
        self.labels = {label: caller.fresh(_stem(label)) for label in callee.blocks}
        self.copies: list[str] = []  # of arguments passed by value
        self.dropped: set[int] = set()  # ops, by id: loads of parameters that are their arguments

    def run(self, block: Block, index: int) -> None:
        caller, callee = self.caller, self.callee
        before = self._parameters()
        self._describe()
        for name, local in callee.locals.items():
            new = self.locals[name]
            caller.locals[new] = replace(local, name=new, loc=self._loc(local.loc))
        after = Block(caller.fresh("after"), [], block.term)
        result = self._result()
        bodies = [self._block(made, result, after.label) for made in callee.blocks.values()]
        if result is not None and self.call.dst is not None:
            after.ops.append(Load(self.call.dst, LocalAddr(result.name), result.align, loc=self.call.loc))
        ended = [*self.locals.values(), *self.copies]
        after.ops += [Intrinsic((), "lifetime_end", (LocalAddr(name),), self.call.loc) for name in ended]
        after.ops += block.ops[index + 1 :]
        block.ops = [*block.ops[:index], *before]
        block.term = Jump(bodies[0].label, self.call.loc)
        blocks: dict[str, Block] = {}
        for label, old in caller.blocks.items():
            blocks[label] = old
            if old is block:
                blocks.update({made.label: made for made in (*bodies, after)})
        caller.blocks = blocks

    # ---- values ----

    def _parameters(self) -> list[Op]:
        """Gives each parameter its value; what copies those passed by value."""
        ops: list[Op] = []
        known = pointers(self.caller)
        found = _read_only_parameters(self.callee)
        for reg, spec, arg in zip(self.callee.params, self.callee.sig.params, self.call.args, strict=True):
            self.values[reg.name] = arg
            if spec.byval is not None:
                size, align = spec.byval
                copy = Local(self.caller.fresh(_stem(reg.name)), size, align, None, reg.name, self.call.loc)
                self.caller.locals[copy.name] = copy
                self.copies.append(copy.name)
                self.values[reg.name] = LocalAddr(copy.name)
                ops.append(MemCopy(LocalAddr(copy.name), arg, Const(I64, size), align, align, loc=self.call.loc))
            elif (parameter := found.get(reg.name)) is not None:
                self.values.update({load.name: arg for load in parameter.loads})
                self.dropped.update(id(op) for op in _loads_of(self.callee, parameter.local))
                if known.local(arg) is not None:
                    self.dropped.add(id(parameter.store))  # it would let the address out
        return ops

    def _result(self) -> Local | None:
        if not self.callee.sig.rets:
            return None
        type_ = self.callee.sig.rets[0]
        size = store_size(type_)
        local = Local(self.caller.fresh("returned"), size, size, type_, loc=self.call.loc)
        self.caller.locals[local.name] = local
        return local

    def _operand(self, value: Operand) -> Operand:
        match value:
            case Reg(name):
                return self.values[name]
            case LocalAddr(name):
                return LocalAddr(self.locals[name])
        return value

    def _assigned(self, reg: Reg) -> Reg:
        new = Reg(self.caller.fresh(_stem(reg.name)), reg.type)
        self.values[reg.name] = new
        return new

    # ---- blocks ----

    def _block(self, block: Block, result: Local | None, after: str) -> Block:
        """Blocks stand in any order: a register may be used before it is assigned."""
        made = Block(self.labels[block.label])
        for op in block.ops:
            if id(op) not in self.dropped:
                named = with_results(op, self._known)
                moved = with_operands(named, self._operand_or_new)
                made.ops.append(replace(moved, loc=self._loc(op.loc)))
        loc = self._loc(block.term.loc)
        if isinstance(block.term, Ret):
            if result is not None:
                value = self._operand_or_new(block.term.values[0])
                made.ops.append(Store(LocalAddr(result.name), value, result.align, loc=loc))
            made.term = Jump(after, loc)
        else:
            term = terminator_with_operands(with_targets(block.term, self.labels), self._operand_or_new)
            made.term = replace(term, loc=loc)
        return made

    def _known(self, reg: Reg) -> Reg:
        value = self.values.get(reg.name) or self._assigned(reg)
        assert isinstance(value, Reg)
        return value

    def _operand_or_new(self, value: Operand) -> Operand:
        if isinstance(value, Reg) and value.name not in self.values:
            return self._assigned(value)
        return self._operand(value)

    # ---- positions ----

    def _describe(self) -> None:
        """Adds the call, and those that the callee has taken in itself, to the caller's list."""
        caller, callee = self.caller, self.callee
        caller.inlined.append(InlinedCall(callee.name, callee.loc, self.call.loc, self._debug(callee.debug)))
        for inner in callee.inlined:
            caller.inlined.append(InlinedCall(inner.name, inner.loc, self._loc(inner.call), self._debug(inner.debug)))

    def _loc(self, loc: Loc) -> Loc:
        if loc == NO_LOC:
            return loc
        return replace(loc, inlined=self.number + loc.inlined)

    def _debug(self, debug: DebugFunction | None) -> DebugFunction | None:
        if debug is None:
            return None
        return replace(debug, variables=[self._variable(variable) for variable in debug.variables])

    def _variable(self, variable: DebugVariable) -> DebugVariable:
        match variable.home:
            case LocalAddr(name):
                return replace(variable, home=LocalAddr(self.locals[name]))
            case Reg(name):
                home = self.values.get(name)
                return replace(variable, home=home if isinstance(home, LocalAddr) else None)
        return variable


def _stem(name: str) -> str:
    return name.split(".", 1)[0] or "v"


def _read_only_parameters(fn: Function) -> dict[str, _Parameter]:
    """By register: the parameters whose one use is a store to a local, that is otherwise only loaded."""
    stores: dict[str, list[Store]] = {}
    for op in cfg.entry(fn).ops:
        if isinstance(op, Store) and isinstance(op.value, Reg) and isinstance(op.ptr, LocalAddr) and not op.volatile:
            stores.setdefault(op.value.name, []).append(op)
    params = {reg.name for reg in fn.params}
    uses = _uses(fn, params)
    found: dict[str, _Parameter] = {}
    for name, candidates in stores.items():
        store = candidates[0]
        assert isinstance(store.ptr, LocalAddr)
        local = store.ptr.name
        loads = _loads_of(fn, local)
        whole = fn.locals[local].type == store.value.type and all(load.dst.type == store.value.type for load in loads)
        if name in params and uses[f"%{name}"] == 1 and uses[f"&{local}"] == len(loads) + 1 and whole:
            found[name] = _Parameter(local, store, tuple(load.dst for load in loads))
    return found


def _loads_of(fn: Function, local: str) -> list[Load]:
    loads = (op for block in fn.blocks.values() for op in block.ops if isinstance(op, Load))
    return [load for load in loads if load.ptr == LocalAddr(local) and not load.volatile and not load.order]


def _uses(fn: Function, params: set[str]) -> dict[str, int]:
    """How often each parameter and each local is an operand."""
    counts: dict[str, int] = {}
    for value in _all_operands(fn):
        if isinstance(value, Reg) and value.name in params:
            counts[f"%{value.name}"] = counts.get(f"%{value.name}", 0) + 1
        elif isinstance(value, LocalAddr):
            counts[f"&{value.name}"] = counts.get(f"&{value.name}", 0) + 1
    return counts


def _all_operands(fn: Function) -> Iterator[Operand]:
    for block in fn.blocks.values():
        for op in (*block.ops, block.term):
            yield from operands(op)
