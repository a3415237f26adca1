"""The ops of one function as LLVM instructions; see llvm.py for the contract.

Each method appends lines to `self.lines`.  An op with several results is one instruction with a struct result and an
`extractvalue` per register.  C11's `relaxed` is LLVM's monotonic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from cpc.backend import abi, strict_float
from cpc.backend.debug import DebugInfo
from cpc.backend.llvm_values import (
    block_name,
    name,
    reg_name,
    result_type,
    string,
    suffix,
    type_text,
    value_text,
)
from cpc.ir import ops as o
from cpc.ir.errors import IRError
from cpc.ir.types import Type

_ORDERS = {"unordered": "unordered", "relaxed": "monotonic", "acquire": "acquire", "release": "release",
           "acq_rel": "acq_rel", "seq_cst": "seq_cst", "consume": "acquire"}  # fmt: skip
RESULT_EXTENSIONS = {"": "", "zext": "zeroext ", "sext": "signext "}
_EXTENSIONS = {"": "", "zext": " zeroext", "sext": " signext"}
_CONVENTIONS = {"preserve_most": "preserve_mostcc ", "win64": "win64cc "}
_ABI_NAMES = {*abi.HELPERS, *abi.COLD, abi.CURRENT}
_CALL_WORDS = {"noreturn", "returns_twice", "alwaysinline", "noinline", "cold"}
_ALIASES = 1_000_000  # metadata from here on: the numbers below belong to debug information
_BOOL_RANGE = ", !range !{i8 0, i8 2}"
_LIKELY = '!prof !{!"branch_weights", i32 2000, i32 1}'
_UNLIKELY = '!prof !{!"branch_weights", i32 1, i32 2000}'

# Intrinsics whose LLVM name has no type suffix, or that of a pointer; the others have the type of their first
# result, or of their first argument when there is no result.
_BARE = {"trap", "debugtrap", "ubsantrap", "readcyclecounter", "donothing", "assume", "returnaddress"}
_POINTER = {"frameaddress", "prefetch", "va_start", "va_end", "va_copy", "stacksave", "stackrestore",
            "addressofreturnaddress"}  # fmt: skip
_SPECIAL = {"init_trampoline": "init.trampoline", "adjust_trampoline": "adjust.trampoline",
            "memmove": "memmove.p0.p0.i64", "threadlocal_address": "threadlocal.address.p0",
            "stackpointer": "stacksave.p0", "eh_sjlj_setjmp": "eh.sjlj.setjmp",
            "eh_sjlj_longjmp": "eh.sjlj.longjmp"}  # fmt: skip
_SMALL_BLOCK = 128  # bytes
_OVERFLOW = {"sadd_overflow", "uadd_overflow", "ssub_overflow", "usub_overflow", "smul_overflow", "umul_overflow"}


@dataclass(slots=True)
class Context:
    """What the functions of a module share; `helpers` collects the capture helpers that they call."""

    preserve_most: frozenset[str]
    debug: DebugInfo | None
    variadic: Mapping[str, tuple[Type, ...]]  # functions with variable arguments: the types of their parameters
    helpers: set[str] = field(default_factory=set)
    inline_blocks: bool = False  # small blocks are never copied by memcpy
    aliases: dict[str, int] = field(default_factory=dict)  # the metadata of each effective type met

    def alias_note(self, alias: str) -> str:
        """The TBAA tag of an access, or ''."""
        return f", !tbaa !{self.aliases.setdefault(alias, _ALIASES + 2 * len(self.aliases))}" if alias else ""

    def alias_nodes(self) -> list[str]:
        """A tree of depth two, as clang's for scalars: every type is a kind of character, no type is another's."""
        nodes = []
        for alias, tag in self.aliases.items():
            nodes.append(f'!{tag + 1} = !{{!{string(alias)}, !{{!"char", !{{!"C"}}, i64 0}}, i64 0}}')
            nodes.append(f"!{tag} = !{{!{tag + 1}, !{tag + 1}, i64 0}}")
        return nodes


def convention_word(attrs: frozenset[str]) -> str:
    """The calling convention in front of a function's or call's type; '' for that of C."""
    return next((word for name, word in _CONVENTIONS.items() if name in attrs), "")


def parameter(spec: o.ParamSpec) -> str:
    text = type_text(spec.type) + _EXTENSIONS[spec.ext]
    if spec.byval is not None:
        text += f" byval([{spec.byval[0]} x i8]) align {spec.byval[1]}"
    if spec.sret is not None:
        text += f" noalias sret([{spec.sret[0]} x i8]) align {spec.sret[1]}"
    return text + (" nest" if spec.nest else "")


class FunctionEmitter:
    def __init__(self, fn: o.Function, context: Context) -> None:
        self.fn = fn
        self.context = context
        self.lines: list[str] = []
        self.count = 0
        self.dbg = ""
        self.strict = "strictfp" in fn.attrs
        self.pads: dict[tuple[o.Operand, ...], list[int]] = {}  # the invokes with each list of cleanups
        self.invokes = 0
        self.after: dict[str, list[str]] = {}  # what debuggers are told when a register is set

    def label(self, label: str) -> str:
        return f"{name('b.' + label)}:"

    def block(self, block: o.Block) -> list[str]:
        self.lines = []
        for op in block.ops:
            if op.loc == self.fn.loc and not isinstance(op, o.Call):
                self.dbg = ""  # of the prologue
            else:
                self._locate(op.loc)
            self._op(op)
            if self.after and isinstance(op, o.Call):
                for dst in op.dsts:
                    self.lines += self.after.get(dst.name, ())
        self._locate(block.term.loc)
        self._term(block.term)
        return self.lines

    # -- pieces --

    def _locate(self, loc: o.Loc) -> None:
        debug = self.context.debug
        self.dbg = f", !dbg {debug.location(self.fn, loc)}" if debug else ""

    def _emit(self, text: str) -> None:
        self.lines.append(f"  {text}{self.dbg}")

    def _temp(self) -> str:
        self.count += 1
        return f"%t.{self.count}"

    def _value(self, operand: o.Operand) -> str:
        if isinstance(operand, o.Reg):
            return reg_name(operand.name)
        if isinstance(operand, o.GlobalAddr) and operand.name in _ABI_NAMES:
            self.context.helpers.add(operand.name)
        return value_text(operand, self.fn.name)

    def _typed(self, operand: o.Operand) -> str:
        return f"{type_text(operand.type)} {self._value(operand)}"

    def _set(self, dst: o.Reg, text: str) -> None:
        self.lines.append(f"  {reg_name(dst.name)} = {text}{self.dbg}")

    def _set_all(self, dsts: tuple[o.Reg, ...], kind: str, text: str, way: str = "") -> None:
        """Runs `text`, of LLVM type `kind`, for the registers `dsts`; an invoke has ways to go on."""
        whole = ""
        if not dsts:
            self._emit(text)
        elif len(dsts) == 1:
            self._set(dsts[0], text)
        else:
            whole = self._temp()
            self._emit(f"{whole} = {text}")
        if way:
            self.lines.append(f"on.{self.invokes}:")
        if whole:
            for i, dst in enumerate(dsts):
                self._set(dst, f"extractvalue {kind} {whole}, {i}")

    # -- ops --

    def _op(self, op: o.Op) -> None:
        match op:
            case o.Load(dst, ptr, align, volatile, order, alias=alias):
                note = _BOOL_RANGE if alias == "bool" and not volatile else ""
                self._set(dst, f"load {_access(volatile, order)}{type_text(dst.type)}, ptr {self._value(ptr)}"
                               f"{_order(order)}, align {align}{self.context.alias_note(alias)}{note}")  # fmt: skip
            case o.Store(ptr, value, align, volatile, order, alias=alias):
                self._emit(f"store {_access(volatile, order)}{self._typed(value)}, ptr {self._value(ptr)}"
                           f"{_order(order)}, align {align}{self.context.alias_note(alias)}")  # fmt: skip
            case o.Bin() | o.Cast() if self.strict and strict_float.has_intrinsic(op):
                args = (op.a, op.b) if isinstance(op, o.Bin) else (op.a,)
                self._set(op.dst, strict_float.operation(op.op, op.dst.type, args, [self._typed(arg) for arg in args]))
            case o.Cmp(dst, pred, a, b) if self.strict and pred in strict_float.PREDICATES:
                self._set(dst, strict_float.comparison(pred, dst, [self._typed(a), self._typed(b)], a.type))
            case o.Bin(dst, kind, a, b, flags):
                words = "".join(f" {flag}" for flag in sorted(flags))
                self._set(dst, f"{kind}{words} {self._typed(a)}, {self._value(b)}")
            case o.Cmp(dst, pred, a, b):
                known = strict_float.PREDICATES.get(pred)
                kind = f"fcmp {known}" if known else f"icmp {pred}"
                self._set(dst, f"{kind} {self._typed(a)}, {self._value(b)}")
            case o.PtrAdd(dst, base, offset, inbounds):
                word = " inbounds" if inbounds else ""
                self._set(dst, f"getelementptr{word} i8, ptr {self._value(base)}, i64 {self._value(offset)}")
            case o.Cast(dst, "fneg", a):
                self._set(dst, f"fneg {self._typed(a)}")
            case o.Cast(dst, kind, a):
                self._set(dst, f"{kind} {self._typed(a)} to {type_text(dst.type)}")
            case o.Call(dsts, callee, args, sig, attrs):
                words = "".join(f" {word}" for word in sorted(attrs & _CALL_WORDS)) + self._strict_word()
                called = self._called(callee, args, sig, attrs)
                word, way = ("invoke", self._ways(op.unwind)) if op.unwind else ("call", "")
                self._set_all(dsts, result_type(sig.rets), f"{word} {called}{words}{way}", way)
            case o.Select(dst, cond, a, b):
                self._set(dst, f"select {self._typed(cond)}, {self._typed(a)}, {self._typed(b)}")
            case o.MemCopy() | o.MemSet():
                self._memory_block(op)
            case o.Intrinsic():
                self._intrinsic(op)
            case o.Alloca(dst, size, align):
                self._set(dst, f"alloca i8, {self._typed(size)}, align {align}")
            case o.AtomicRmw() | o.CmpXchg() | o.Fence():
                self._atomic(op)
            case o.Asm():
                self._asm(op)
            case o.ExtractLane(dst, vec, index):
                self._set(dst, f"extractelement {self._typed(vec)}, {self._typed(index)}")
            case o.InsertLane(dst, vec, value, index):
                self._set(dst, f"insertelement {self._typed(vec)}, {self._typed(value)}, {self._typed(index)}")
            case o.Shuffle(dst, a, b, mask):
                lanes = ", ".join("i32 poison" if m < 0 else f"i32 {m}" for m in mask)
                self._set(dst, f"shufflevector {self._typed(a)}, {self._typed(b)}, <{len(mask)} x i32> <{lanes}>")
            case o.CoCall() | o.CoYield():
                raise IRError("a coroutine call after the split", f"function '{self.fn.name}'")
            case _:
                assert_never(op)

    def _strict_word(self) -> str:
        """Calls are barriers to what depends on the floating-point environment."""
        return " strictfp" if self.strict else ""

    def _ways(self, unwind: tuple[o.Operand, ...]) -> str:
        """Where an invoke goes on."""
        self.invokes += 1
        self.pads.setdefault(unwind, []).append(self.invokes)
        return f" to label %on.{self.invokes} unwind label %pad.{self.invokes}"

    def landing_pads(self) -> list[str]:
        """What exceptions run that pass through the function, once all its blocks are written.

        Each invoke has a pad of its own: LLVM's copies of values that meet in a pad come before its entry, where nobody
        passes, when there is debug information.
        """
        self.lines = []
        for unwind, invokes in self.pads.items():
            caught = {number: self._temp() for number in invokes}
            for number in invokes:
                self.lines.append(f"pad.{number}:")
                self._emit(f"{caught[number]} = landingpad {{ ptr, i32 }} cleanup")
                self._emit(f"br label %unwind.{invokes[0]}")
            self.lines.append(f"unwind.{invokes[0]}:")
            passing = self._temp()
            ways = ", ".join(f"[ {caught[number]}, %pad.{number} ]" for number in invokes)
            self._emit(f"{passing} = phi {{ ptr, i32 }} {ways}")
            for fn, address in zip(unwind[::2], unwind[1::2], strict=True):
                self._emit(f"call void {self._value(fn)}({self._typed(address)})")
            self._emit(f"resume {{ ptr, i32 }} {passing}")
        return self.lines

    def _called(self, callee: o.Operand, args: tuple[o.Operand, ...], sig: o.Sig, attrs: frozenset[str]) -> str:
        """`cconv type callee(args)` of a call.  A variadic callee's whole type is written, as the callee's declaration
        has it (`sig` has the arguments too): LLVM takes no other for a call of the library's printf."""
        known = isinstance(callee, o.GlobalAddr) and callee.name in self.context.preserve_most
        convention = convention_word(attrs | {"preserve_most"} if known else attrs)
        result = result_type(sig.rets)
        if sig.variadic:
            types = tuple(spec.type for spec in sig.params)
            declared = self.context.variadic.get(callee.name) if isinstance(callee, o.GlobalAddr) else None
            if declared is not None and declared == types[: len(declared)]:
                types = declared
            result += " (" + ", ".join([*map(type_text, types), "..."]) + ")"
        result = RESULT_EXTENSIONS[sig.ret_ext] + result
        fixed = [f"{parameter(spec)} {self._value(arg)}" for spec, arg in zip(sig.params, args, strict=False)]
        extra = [self._typed(arg) for arg in args[len(sig.params) :]]
        return f"{convention}{result} {self._value(callee)}({', '.join(fixed + extra)})"

    def _memory_block(self, op: o.MemCopy | o.MemSet) -> None:
        word = "true" if op.volatile else "false"
        small = isinstance(op.size, o.Const) and op.size.value <= _SMALL_BLOCK
        inline = ".inline" if small and self.context.inline_blocks else ""
        match op:
            case o.MemCopy(to, source, size, to_align, source_align):
                to_text = f"ptr align {to_align} {self._value(to)}"
                text = f"{to_text}, ptr align {source_align} {self._value(source)}, {self._typed(size)}, i1 {word}"
                self._emit(f"call void @llvm.memcpy{inline}.p0.p0.i64({text})")
            case o.MemSet(ptr, value, size, align):
                text = f"ptr align {align} {self._value(ptr)}, {self._typed(value)}, {self._typed(size)}, i1 {word}"
                self._emit(f"call void @llvm.memset{inline}.p0.i64({text})")

    def _intrinsic(self, op: o.Intrinsic) -> None:
        if op.name == "lifetime_end":
            return  # LLVM would want a beginning as well; it has been used when the frame was laid out
        kind = result_type(tuple(dst.type for dst in op.dsts))
        if self.strict and strict_float.has_intrinsic(op):
            texts = [self._typed(arg) for arg in op.args]
            self._set(op.dsts[0], strict_float.operation(op.name, op.dsts[0].type, op.args, texts))
            return
        args = ", ".join(self._typed(arg) for arg in op.args)
        self._set_all(op.dsts, kind, f"call {kind} @llvm.{_intrinsic_name(op)}({args})")

    def _atomic(self, op: o.AtomicRmw | o.CmpXchg | o.Fence) -> None:
        match op:
            case o.AtomicRmw(dst, kind, ptr, value, order):
                self._set(dst, f"atomicrmw {kind} ptr {self._value(ptr)}, {self._typed(value)} {_ORDERS[order]}")
            case o.CmpXchg(old, ok, ptr, expected, desired, order, fail_order, weak):
                word = "weak " if weak else ""
                values = f"ptr {self._value(ptr)}, {self._typed(expected)}, {self._typed(desired)}"
                kind = result_type((old.type, ok.type))
                text = f"cmpxchg {word}{values} {_ORDERS[order]} {_ORDERS[fail_order]}"
                self._set_all((old, ok), kind, text)
            case o.Fence(order, scope):
                where = f'syncscope("{scope}") ' if scope else ""
                self._emit(f"fence {where}{_ORDERS[order]}")
            case _:
                assert_never(op)

    def _asm(self, op: o.Asm) -> None:
        kind = result_type(tuple(dst.type for dst in op.dsts))
        word = " sideeffect" if op.side_effect else ""
        self._set_all(op.dsts, kind, f"call {kind} asm{word} {self._asm_text(op)} nounwind")

    def _asm_text(self, op: o.Asm | o.AsmGoto) -> str:
        pointees = op.elem_types or (None,) * len(op.args)
        args = [
            f"ptr elementtype({type_text(t)}) {self._value(arg)}" if t else self._typed(arg)
            for arg, t in zip(op.args, pointees, strict=True)
        ]
        return f"{string(op.template)}, {string(op.constraints)}({', '.join(args)})"

    def _asm_goto(self, op: o.AsmGoto) -> None:
        """With results each way out has a block of its own, which stores them."""
        kind = result_type(op.output_types)
        call = f"callbr {kind} asm sideeffect {self._asm_text(op)} nounwind"
        ways = [block_name(label) for label in (op.next, *op.labels)]
        if not op.outputs:
            self._emit(f"{call} to label {ways[0]} [{', '.join(f'label {way}' for way in ways[1:])}]")
            return
        whole = self._temp()
        edges = [f"{whole}.{i}" for i in range(len(ways))]
        self._emit(f"{whole} = {call} to label {edges[0]} [{', '.join(f'label {edge}' for edge in edges[1:])}]")
        for edge, way in zip(edges, ways, strict=True):
            self.lines.append(f"{edge[1:]}:")
            for i, (type_, place) in enumerate(zip(op.output_types, op.outputs, strict=True)):
                part = whole
                if len(op.outputs) > 1:
                    part = self._temp()
                    self._emit(f"{part} = extractvalue {kind} {whole}, {i}")
                self._emit(f"store {type_text(type_)} {part}, {self._typed(place)}")
            self._emit(f"br label {way}")

    # -- terminators --

    def _term(self, term: o.Terminator) -> None:
        match term:
            case o.Jump(target):
                self._emit(f"br label {block_name(target)}")
            case o.Branch(cond, then, other, likely):
                hint = "" if likely is None else ", " + (_LIKELY if likely else _UNLIKELY)
                self._emit(f"br {self._typed(cond)}, label {block_name(then)}, label {block_name(other)}{hint}")
            case o.Switch(value, cases, default):
                kind = type_text(value.type)
                arms = "\n".join(f"    {kind} {v}, label {block_name(label)}" for v, label in cases)
                self._emit(f"switch {self._typed(value)}, label {block_name(default)} [\n{arms}\n  ]")
            case o.IndirectJump(ptr, targets):
                labels = ", ".join(f"label {block_name(t)}" for t in targets)
                self._emit(f"indirectbr {self._typed(ptr)}, [{labels}]")
            case o.AsmGoto():
                self._asm_goto(term)
            case o.Ret(values):
                self._ret(values)
            case o.TailCall(callee, args, sig):
                self._tail_call(callee, args, sig)
            case o.Unreachable():
                self._emit("unreachable")
            case o.Suspend():
                raise IRError("a suspension point after the split", f"function '{self.fn.name}'")
            case _:
                assert_never(term)

    def _ret(self, values: tuple[o.Operand, ...]) -> None:
        if len(values) < 2:
            self._emit(f"ret {self._typed(values[0])}" if values else "ret void")
            return
        kind = result_type(self.fn.sig.rets)
        whole = "poison"
        for i, value in enumerate(values):
            built = self._temp()
            self._emit(f"{built} = insertvalue {kind} {whole}, {self._typed(value)}, {i}")
            whole = built
        self._emit(f"ret {kind} {whole}")

    def _tail_call(self, callee: o.Operand, args: tuple[o.Operand, ...], sig: o.Sig) -> None:
        called = self._called(callee, args, sig, self.fn.attrs)
        if not sig.rets:
            self._emit(f"musttail call {called}{self._strict_word()}")
            self._emit("ret void")
            return
        result = self._temp()
        self._emit(f"{result} = musttail call {called}{self._strict_word()}")
        self._emit(f"ret {result_type(sig.rets)} {result}")


def _access(volatile: bool, order: str) -> str:
    return ("atomic " if order else "") + ("volatile " if volatile else "")


def _order(order: str) -> str:
    return f" {_ORDERS[order]}" if order else ""


def _intrinsic_name(op: o.Intrinsic) -> str:
    """LLVM's name without `llvm.`, type suffixes included."""
    types = [x.type for x in (*op.dsts, *op.args)]
    if op.name in _BARE or op.name.startswith("x86."):
        return op.name
    if op.name in _POINTER:
        return f"{op.name}.p0"
    if op.name in _OVERFLOW:
        kind = op.name.replace("_overflow", ".with.overflow")
        return f"{kind}.{suffix(types[0])}"
    if op.name in _SPECIAL:
        return _SPECIAL[op.name]
    if op.name == "is_constant":
        return f"is.constant.{suffix(op.args[0].type)}"
    if op.name == "objectsize":
        return f"objectsize.{suffix(types[0])}.p0"
    if not types:
        raise IRError(f"intrinsic '{op.name}' has neither results nor arguments")
    return f"{op.name.replace('_sat', '.sat')}.{suffix(types[0])}"
