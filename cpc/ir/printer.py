"""IR -> text, exact and deterministic: `read_module(print_module(m)) == m`, source positions included.

    cofn @blk_write(%state: ptr, %n: i32 zext) -> i32 phase FRAMED { ; devices/blk.c:100:1
      frame 32 align 8 state 16 { &i @24 size 4 }
      ; state 1 -> entry.1: [i @24]
      local &i: i32 align 4
    entry:
      %1 = load i32, &i, align 4                      ; :101:9
      %2 = cocall i32 @co_pwritev(ptr %state, i32 %1) -> entry.1, state 1, saves [&i @24]   ; :102:5

How to read it (ir.lark is the grammar):

* The type after the operation's name is the type of its operands; the destination's type follows from it.  A
  constant is bare where its context gives the type, else it is written with its own: `i64:5`.
* Integers are signed decimals; floats are decimals when these are exact, else their bits in hex; pointers are
  `null` or hex; vectors are all lanes' bits in hex.
* `; file:line:column` ends what has a source position; the file is left out where it is the function's own.
* A default is not printed: external linkage, default visibility, priority 65535, and so on.
* Names that are not of [A-Za-z0-9_.$] are written in quotes.
* With -g: `type 3: pointer of 2` in the module, `scope in 0` and `variable "x" 3 at &x in 1` in a function, and `#1`
  behind the positions in block 1 (debug_info.py, printer_debug.py).
* `inlined @g at ":12:5"` is a call whose callee's body is here, and what has `^1` behind its position comes from the
  first such.  Its scopes and variables follow it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from typing import assert_never

from cpc.ir import ops as o
from cpc.ir.printer_debug import debug_global, debug_lines, debug_type
from cpc.ir.printer_words import name_text, quote, quote_bytes
from cpc.ir.types import F32, F64, I1, I8, I32, I64, PTR, FloatType, IntType, PtrType, Type, VecType, store_size

_PLAIN_FILE = re.compile(r"[^\s:\";]+\Z")
_COMMENT_COLUMN = 56
COLORS = {"plain": "fn", "coroutine": "cofn", "mixed": "mixedfn"}


def print_module(module: o.Module) -> str:
    parts = [f"module {quote(module.name)}"]
    parts += [f"asm {quote(text)}" for text in module.asm]
    parts += [with_loc(debug_type(number, type_), type_.loc, "") for number, type_ in enumerate(module.types)]
    parts += [_global(g) for g in module.globals.values()]
    parts += [_alias(a) for a in module.aliases.values()]
    head = "\n".join(parts) + "\n"
    return "\n".join([head, *(print_function(fn) for fn in module.functions.values())])


def print_function(fn: o.Function) -> str:
    file = fn.loc.file
    params = _params(fn)
    arrow = f" -> {_rets(fn.sig)}" if fn.sig.rets else ""
    head = f"{COLORS.get(fn.color, fn.color)} @{name_text(fn.name)}({params}){arrow}{_function_items(fn)}"
    if fn.is_declaration and not fn.locals:
        return with_loc(head, fn.loc, "") + "\n"
    lines = [with_loc(head + " {", fn.loc, "")]
    if fn.frame is not None:
        lines += _frame(fn, fn.frame)
    if fn.debug is not None:
        lines += [with_loc(f"  {text}", loc, file) for text, loc in debug_lines(fn.debug)]
    for call in fn.inlined:
        lines += _inlined(call, file)
    lines += [with_loc(f"  {_local(local)}", local.loc, file) for local in fn.locals.values()]
    for block in fn.blocks.values():
        lines.append(f"{name_text(block.label)}:")
        lines += [with_loc(f"  {op_text(op)}", op.loc, file) for op in block.ops]
        lines.append(with_loc(f"  {terminator_text(block.term, file)}", block.term.loc, file))
    return "\n".join([*lines, "}", ""])


# ---- words --------------------------------------------------------------------------------------------------


def loc_text(loc: o.Loc, file: str) -> str:
    """`:line:column` within `file`, else `file:line:column`; a column 0 is left out."""
    column = (f":{loc.column}" if loc.column else "") + (f"#{loc.scope}" if loc.scope else "")
    column += f"^{loc.inlined}" if loc.inlined else ""
    if loc.file == file:
        return f":{loc.line}{column}"
    return f"{loc.file if _PLAIN_FILE.match(loc.file) else quote(loc.file)}:{loc.line}{column}"


def with_loc(text: str, loc: o.Loc, file: str) -> str:
    if loc == o.NO_LOC:
        return text
    return f"{text:<{_COMMENT_COLUMN}} ; {loc_text(loc, file)}"


# ---- module level -------------------------------------------------------------------------------------------


def _global(g: o.Global) -> str:
    text = f"global @{name_text(g.name)}: {g.size} align {g.align}"
    text += _word(g.linkage, "external") + _word(g.visibility, "default")
    text += (" constant" if g.constant else "") + (" unnamed" if g.unnamed else "")
    text += f" tls {g.tls}" if g.tls else ""
    text += f" section {quote(g.section)}" if g.section else ""
    text += " used" if g.used else ""
    text += debug_global(g.debug) if g.debug is not None else ""
    if g.init is not None:
        text += " = [" + ", ".join(_piece(piece) for piece in g.init) + "]"
    return with_loc(text, g.loc, "")


def _piece(piece: o.DataPiece) -> str:
    match piece:
        case o.DataBytes(data):
            return f"bytes {quote_bytes(data)}"
        case o.DataZero(size):
            return f"zero {size}"
        case o.DataAddr(symbol, addend):
            return f"addr {operand_text(o.GlobalAddr(symbol, addend), PTR)}"
        case o.DataLabel(function, label, minus, size):
            less = f" minus &&{name_text(minus)}" if minus else ""
            return f"label @{name_text(function)} &&{name_text(label)}{less} size {size}"
    assert_never(piece)


def _alias(a: o.Alias) -> str:
    kind = " ifunc" if a.ifunc else "" if a.is_function else " object"
    words = _word(a.linkage, "external") + _word(a.visibility, "default") + kind
    return f"alias @{name_text(a.name)} = @{name_text(a.target)}{words}"


def _word(value: str, default: str) -> str:
    return "" if value == default else f" {value}"


def _function_items(fn: o.Function) -> str:
    text = f" phase {fn.phase.name}" + _word(fn.linkage, "external") + _word(fn.visibility, "default")
    text += f" section {quote(fn.section)}" if fn.section else ""
    text += f" align {fn.align}" if fn.align else ""
    text += f" attrs [{', '.join(sorted(fn.attrs))}]" if fn.attrs else ""
    text += f" priority {fn.priority}" if fn.priority != 65535 else ""
    text += f" descriptor @{name_text(fn.descriptor)}" if fn.descriptor else ""
    text += f" next {fn.next_id}" if fn.next_id else ""
    text += f" debug {quote(fn.debug.name)} {fn.debug.type}" if fn.debug is not None else ""
    return text


def _params(fn: o.Function) -> str:
    specs = [_spec(spec) for spec in fn.sig.params]
    if fn.params:
        names = [f"%{name_text(reg.name)}: " for reg in fn.params]
        specs = [f"{name}{spec}" for name, spec in zip(names, specs, strict=False)]
    if fn.sig.variadic:
        specs.append("...")
    return ", ".join(specs)


def _spec(spec: o.ParamSpec) -> str:
    text = str(spec.type)
    if spec.ext:
        text += f" {spec.ext}"
    if spec.byval is not None:
        text += f" byval({spec.byval[0]}, {spec.byval[1]})"
    if spec.sret is not None:
        text += f" sret({spec.sret[0]}, {spec.sret[1]})"
    return text + (" nest" if spec.nest else "")


def _rets(sig: o.Sig) -> str:
    return _results(sig.rets) + (f" {sig.ret_ext}" if sig.ret_ext else "")


def _results(types: Iterable[Type]) -> str:
    texts = [str(t) for t in types]
    match texts:
        case []:
            return "void"
        case [one]:
            return one
    return "{" + ", ".join(texts) + "}"


def _frame(fn: o.Function, frame: o.FrameLayout) -> list[str]:
    slots = ", ".join(
        f"&{name_text(s.local)} @{s.offset} size {s.size}{' boxed' if s.boxed else ''}" for s in frame.slots
    )
    state = f" state {frame.state_offset}" if frame.state_offset else ""
    words = (" record" if frame.record else "") + (" boxed" if frame.boxed else "")
    lines = [f"  frame {frame.size} align {frame.align}{state}{words} {{ {slots} }}"]
    for block in fn.blocks.values():
        if isinstance(block.term, o.Suspend):
            lines.append(f"  ; state {block.term.state} -> {block.term.resume}: [{_saves(block.term.saves)}]")
    return lines


def _saves(saves: Iterable[o.Save]) -> str:
    return ", ".join(f"&{name_text(s.local)} @{s.offset}" for s in saves)


def _inlined(call: o.InlinedCall, file: str) -> list[str]:
    debug = f" debug {quote(call.debug.name)} {call.debug.type}" if call.debug is not None else ""
    head = f"  inlined @{name_text(call.name)} at {quote(loc_text(call.call, file))}{debug}"
    lines = [with_loc(head, call.loc, file)]
    if call.debug is not None:
        lines += [with_loc(f"    {text}", loc, file) for text, loc in debug_lines(call.debug)]
    return lines


def _local(local: o.Local) -> str:
    kind = str(local.size) if local.type is None else str(local.type)
    if local.type is not None and local.size != store_size(local.type):
        kind += f" size {local.size}"
    source = "" if local.source == local.name else f" source {quote(local.source)}" if local.source else " temporary"
    return f"local &{name_text(local.name)}: {kind} align {local.align}{source}"


# ---- operands -----------------------------------------------------------------------------------------------


def operand_text(operand: o.Operand, expected: Type) -> str:
    """`operand` where the context gives the type `expected`."""
    match operand:
        case o.Reg(name):
            return f"%{name_text(name)}"
        case o.Const(type_, value):
            text = _const(type_, value)
            return text if type_ == expected else f"{type_}:{text}"
        case o.GlobalAddr(name, offset):
            return f"@{name_text(name)}{offset:+d}" if offset else f"@{name_text(name)}"
        case o.LocalAddr(name):
            return f"&{name_text(name)}"
        case o.FrameAddr(offset):
            return f"frame+{offset}"
        case o.BlockAddr(label):
            return f"&&{name_text(label)}"
        case o.Undef(type_):
            return "undef" if type_ == expected else f"{type_}:undef"
    assert_never(operand)


def _const(type_: Type, value: int) -> str:
    match type_:
        case IntType(bits):
            return signed_text(value, bits)
        case PtrType():
            return "null" if value == 0 else f"{value:#x}"
        case FloatType():
            return _float(type_, value)
        case VecType():
            return f"{value:#x}"
    assert_never(type_)


def signed_text(value: int, bits: int) -> str:
    """i1 and values out of range (the verifier reports them) are printed as they are."""
    if bits > 1 and 1 << (bits - 1) <= value < 1 << bits:
        value -= 1 << bits
    return str(value)


def _float(type_: FloatType, value: int) -> str:
    if type_ not in (F32, F64) or not 0 <= value < 1 << type_.bits:
        return f"{value:#x}"
    raw = value.to_bytes(type_.bits // 8, "little")
    number = struct.unpack("<f" if type_ == F32 else "<d", raw)[0]
    text = repr(number)
    plain = re.fullmatch(r"-?\d+\.\d+", text)
    return text if plain and len(text) < 20 else f"{value:#x}"


# ---- ops ----------------------------------------------------------------------------------------------------


def op_text(op: o.Op) -> str:
    match op:
        case o.Bin(dst, kind, a, b, flags):
            t = dst.type
            words = "".join(f" {flag}" for flag in sorted(flags))
            return f"{_reg(dst)} = {kind}{words} {t} {operand_text(a, t)}, {operand_text(b, t)}"
        case o.Cmp(dst, pred, a, b):
            t = a.type
            return f"{_reg(dst)} = cmp {pred} {t} {operand_text(a, t)}, {operand_text(b, t)}"
        case o.Cast(dst, kind, a):
            return f"{_reg(dst)} = {kind} {a.type} {operand_text(a, a.type)} to {dst.type}"
        case o.Select(dst, cond, a, b):
            t = dst.type
            return f"{_reg(dst)} = select {t} {operand_text(cond, I1)}, {operand_text(a, t)}, {operand_text(b, t)}"
        case o.Load(dst, ptr, align, volatile, order, alias=alias):
            return f"{_reg(dst)} = load {dst.type}, {_ptr(ptr)}, align {align}{_memory(volatile, order, alias)}"
        case o.Store(ptr, value, align, volatile, order, alias=alias):
            stored = f"{value.type} {operand_text(value, value.type)}"
            return f"store {stored}, {_ptr(ptr)}, align {align}{_memory(volatile, order, alias)}"
        case o.PtrAdd(dst, base, offset, inbounds):
            words = " inbounds" if inbounds else ""
            return f"{_reg(dst)} = ptradd{words} {_ptr(base)}, {operand_text(offset, I64)}"
        case o.MemCopy(to, source, size, to_align, source_align, volatile):
            aligns = f"align {to_align} {source_align}{_memory(volatile, '')}"
            return f"memcpy {_ptr(to)}, {_ptr(source)}, {operand_text(size, I64)}, {aligns}"
        case o.MemSet(ptr, value, size, align, volatile):
            tail = f"align {align}{_memory(volatile, '')}"
            return f"memset {_ptr(ptr)}, {operand_text(value, I8)}, {operand_text(size, I64)}, {tail}"
        case o.Alloca(dst, size, align):
            return f"{_reg(dst)} = alloca {operand_text(size, I64)}, align {align}"
        case o.Call() | o.CoCall() | o.CoYield() | o.Intrinsic() | o.Asm():
            return _call_text(op)
        case o.AtomicRmw() | o.CmpXchg() | o.Fence():
            return _atomic_text(op)
        case o.ExtractLane() | o.InsertLane() | o.Shuffle():
            return _vector_text(op)
    assert_never(op)


def _asm_args(args: tuple[o.Operand, ...], elem_types: tuple[Type | None, ...]) -> str:
    elems = [f" elem({t or ''})" for t in elem_types] or [""] * len(args)
    return ", ".join(f"{arg.type}{elem} {operand_text(arg, arg.type)}" for arg, elem in zip(args, elems, strict=False))


def _call_text(op: o.Call | o.CoCall | o.CoYield | o.Intrinsic | o.Asm) -> str:
    match op:
        case o.Call(dsts, callee, args, sig, attrs):
            words = f"[{', '.join(sorted(attrs))}] " if attrs else ""
            pads = f" unwind ({', '.join(map(_ptr, op.unwind))})" if op.unwind else ""
            return f"{_dsts(dsts)}call {words}{_rets(sig)} {_called(callee, args, sig)}{pads}"
        case o.CoCall(dst, callee, args, sig):
            return f"{_dsts((dst,) if dst else ())}cocall {_rets(sig)} {_called(callee, args, sig)}"
        case o.CoYield():
            return "coyield"
        case o.Intrinsic(dsts, name, args):
            inside = ", ".join(_typed(arg) for arg in args)
            return f"{_dsts(dsts)}intrinsic {_results(d.type for d in dsts)} {name_text(name)}({inside})"
        case o.Asm(dsts, template, constraints, args, elem_types, side_effect):
            inside = _asm_args(args, elem_types)
            words = "volatile " if side_effect else ""
            types = _results(d.type for d in dsts)
            return f"{_dsts(dsts)}asm {words}{types} {quote(template)}, {quote(constraints)}({inside})"
    assert_never(op)


def _called(callee: o.Operand, args: tuple[o.Operand, ...], sig: o.Sig) -> str:
    """The callee and its arguments; each fixed argument carries its parameter's passing, `...` divides."""
    fixed = len(sig.params)
    inside = [f"{_spec(s)} {operand_text(a, s.type)}" for s, a in zip(sig.params, args, strict=False)]
    if sig.variadic:
        inside.append("...")
    inside += [_typed(arg) for arg in args[fixed:]]
    return f"{_ptr(callee)}({', '.join(inside)})"


def _atomic_text(op: o.AtomicRmw | o.CmpXchg | o.Fence) -> str:
    match op:
        case o.AtomicRmw(dst, kind, ptr, value, order):
            t = dst.type
            return f"{_reg(dst)} = atomicrmw {kind} {t} {_ptr(ptr)}, {operand_text(value, t)}, {order}"
        case o.CmpXchg(old, ok, ptr, expected, desired, order, fail_order, weak):
            t = old.type
            values = f"{_ptr(ptr)}, {operand_text(expected, t)}, {operand_text(desired, t)}"
            words = " weak" if weak else ""
            return f"{_dsts((old, ok))}cmpxchg{words} {t} {values}, {order}, {fail_order}"
        case o.Fence(order, scope):
            return f"fence {order}" + (f" {scope}" if scope else "")
    assert_never(op)


def _vector_text(op: o.ExtractLane | o.InsertLane | o.Shuffle) -> str:
    match op:
        case o.ExtractLane(dst, vec, index):
            return f"{_reg(dst)} = extractlane {_typed(vec)}, {operand_text(index, I32)}"
        case o.InsertLane(dst, vec, value, index):
            lane = dst.type.lane if isinstance(dst.type, VecType) else dst.type
            t = dst.type
            values = f"{operand_text(vec, t)}, {operand_text(value, lane)}, {operand_text(index, I32)}"
            return f"{_reg(dst)} = insertlane {t} {values}"
        case o.Shuffle(dst, a, b, mask):
            lanes = ", ".join(str(m) for m in mask)
            return f"{_reg(dst)} = shuffle {_typed(a)}, {operand_text(b, a.type)}, [{lanes}]"
    assert_never(op)


def terminator_text(term: o.Terminator, file: str = "") -> str:
    match term:
        case o.Jump(target):
            return f"jump {name_text(target)}"
        case o.Branch(cond, then, other, likely):
            hint = "" if likely is None else ", likely" if likely else ", unlikely"
            return f"branch {operand_text(cond, I1)}, {name_text(then)}, {name_text(other)}{hint}"
        case o.Switch(value, cases, default):
            bits = value.type.bits if isinstance(value.type, IntType) else 64
            arms = ", ".join(f"{signed_text(v, bits)} -> {name_text(label)}" for v, label in cases)
            return f"switch {_typed(value)}, {name_text(default)}, [{arms}]"
        case o.IndirectJump(ptr, targets):
            return f"indirectjump {_ptr(ptr)}, [{', '.join(name_text(t) for t in targets)}]"
        case o.AsmGoto(template, constraints, args, elem_types, outputs, types, following, labels):
            text = f"{quote(template)}, {quote(constraints)}({_asm_args(args, elem_types)})"
            stored = ", ".join(f"{t} {_ptr(ptr)}" for t, ptr in zip(types, outputs, strict=True))
            onward = f"{name_text(following)}, [{', '.join(name_text(t) for t in labels)}]"
            return f"asmgoto {text}, outputs [{stored}], {onward}"
        case o.Ret(values):
            return "ret " + ", ".join(_typed(v) for v in values) if values else "ret"
        case o.TailCall(callee, args, sig):
            return f"tailcall {_rets(sig)} {_called(callee, args, sig)}"
        case o.Unreachable():
            return "unreachable"
        case o.Suspend(call, resume, state, saves, loc):
            own = f" at {quote(loc_text(call.loc, file))}" if call.loc != loc else ""
            stored = f", saves [{_saves(saves)}]" if saves else ""
            return f"{_call_text(call)}{own} -> {name_text(resume)}, state {state}{stored}"
    assert_never(term)


def _reg(reg: o.Reg) -> str:
    return f"%{name_text(reg.name)}"


def _dsts(dsts: Iterable[o.Reg]) -> str:
    names = ", ".join(_reg(d) for d in dsts)
    return f"{names} = " if names else ""


def _ptr(operand: o.Operand) -> str:
    return operand_text(operand, PTR)


def _typed(operand: o.Operand) -> str:
    return f"{operand.type} {operand_text(operand, operand.type)}"


def _memory(volatile: bool, order: str, alias: str = "") -> str:
    words = ("volatile" if volatile else "", order, f"alias {alias}" if alias else "")
    return "".join(f", {word}" for word in words if word)
