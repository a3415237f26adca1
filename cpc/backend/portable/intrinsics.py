"""Operations of the machine and atomics, as builtins that gcc and clang share.

An atomic access of a float is one of its bits.  `stacksave` and `stackrestore` are macros of the header, since only gcc
has builtins for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpc.backend.portable.errors import NotPortable
from cpc.backend.portable.expressions import UNARY, Text
from cpc.ir import ops as o
from cpc.ir.types import PTR, FloatType, IntType, Type, store_size

if TYPE_CHECKING:
    from cpc.backend.portable.function import FunctionWriter

ORDERS = {"relaxed": "__ATOMIC_RELAXED", "acquire": "__ATOMIC_ACQUIRE", "release": "__ATOMIC_RELEASE",
          "acq_rel": "__ATOMIC_ACQ_REL", "seq_cst": "__ATOMIC_SEQ_CST", "consume": "__ATOMIC_ACQUIRE"}  # fmt: skip
_FAMILY = {32: "", 64: "ll"}  # suffixes of __builtin_clz and its like
_FLOAT_FAMILY = {32: "f", 64: "", 80: "l", 128: "CPC"}
_FETCH = {"add": "add", "sub": "sub", "and": "and", "or": "or", "xor": "xor", "nand": "nand"}


def intrinsic(w: FunctionWriter, op: o.Intrinsic) -> None:
    name = op.name
    if name == "lifetime_end":
        return
    if name.endswith("_overflow"):
        _overflow(w, op)
    elif name in ("ctlz", "cttz", "ctpop", "bswap"):
        w.set(op.dsts[0], _bits(w, op))
    elif name == "is_constant":
        w.set(op.dsts[0], Text(f"__builtin_constant_p({w.text(op.args[0])})"))
    elif name in ("fabs", "copysign"):
        kind = op.dsts[0].type
        assert isinstance(kind, FloatType)
        suffix = _FLOAT_FAMILY[kind.bits]
        called = f"__builtin_{name}{suffix}" if suffix != "CPC" else f"cpc_{name}_f128"
        w.set(op.dsts[0], Text(f"{called}({', '.join(w.text(arg) for arg in op.args)})"))
    else:
        _effect(w, op)


def _bits(w: FunctionWriter, op: o.Intrinsic) -> Text:
    type_ = op.dsts[0].type
    assert isinstance(type_, IntType)
    bits = type_.bits
    name = w.unit.types.name(type_)
    value = w.expressions.cast(name, w.value(op.args[0])).text
    if op.name == "bswap":
        return Text(f"cpc_bswap{bits}({value})")
    undefined_at_zero = len(op.args) > 1 and isinstance(op.args[1], o.Const) and op.args[1].value == 1
    if bits in _FAMILY and (op.name == "ctpop" or undefined_at_zero):
        stem = {"ctlz": "clz", "cttz": "ctz", "ctpop": "popcount"}[op.name]
        return Text(f"({name})__builtin_{stem}{_FAMILY[bits]}({value})", UNARY)
    return Text(f"({name})cpc_{op.name}({value}, {bits})", UNARY)


def _overflow(w: FunctionWriter, op: o.Intrinsic) -> None:
    """`{value, overflowed}`; the builtin is type-generic, and the types say whether it is signed."""
    result, flag = op.dsts
    type_ = result.type
    assert isinstance(type_, IntType)
    kind = op.name.removesuffix("_overflow")
    name = w.unit.types.name(type_)
    wide = "cpc_s128" if type_.bits == 128 else f"int{type_.bits}_t"
    used = wide if kind[0] == "s" else name
    a, b = (f"({used}){w.text(arg, UNARY)}" for arg in op.args)
    w.emit(f"{{ {used} cpc_v; {w.name_of(flag)} = __builtin_{kind[1:]}_overflow({a}, {b}, &cpc_v); "
           f"{w.name_of(result)} = ({name})cpc_v; }}")  # fmt: skip


def _effect(w: FunctionWriter, op: o.Intrinsic) -> None:
    args = [w.text(arg, UNARY) for arg in op.args]
    w.writes()
    match op.name:
        case "trap" | "debugtrap":
            w.emit("__builtin_trap();")
        case "readcyclecounter":
            w.assign(op.dsts[0], "cpc_cycles()")
        case "prefetch":
            rw, locality = (arg.value if isinstance(arg, o.Const) else 0 for arg in op.args[1:3])
            w.emit(f"__builtin_prefetch({args[0]}, {rw}, {locality});")
        case "frameaddress" | "returnaddress":
            builtin = {"frameaddress": "frame", "returnaddress": "return"}[op.name]
            w.assign(op.dsts[0], f"(char *)__builtin_{builtin}_address({args[0]})")
        case "va_start":
            last = w.last_parameter()
            w.emit(f"cpc_va_start({args[0]}, {last});")
        case "va_end":
            w.emit(f"cpc_va_end({args[0]});")
        case "va_copy":
            w.emit(f"cpc_va_copy({args[0]}, {args[1]});")
        case "objectsize":
            from_below = op.args[1] == o.Const(IntType(1), 1)
            w.assign(op.dsts[0], f"__builtin_object_size({args[0]}, {2 if from_below else 0})")
        case "stacksave":
            w.assign(op.dsts[0], "cpc_stack_save()")
        case "stackpointer":
            w.assign(op.dsts[0], "cpc_stack_pointer()")
        case "stackrestore":
            w.emit(f"cpc_stack_restore({args[0]});")
        case "memmove":
            w.emit(f"cpc_move({', '.join(args[:3])});")
        case "eh_sjlj_setjmp":
            w.assign(op.dsts[0], f"(uint32_t)__builtin_setjmp((void **){args[0]})")
        case "eh_sjlj_longjmp":
            w.emit(f"__builtin_longjmp((void **){args[0]}, 1);")
        case "init_trampoline":
            raise NotPortable("a pointer to a nested function in portable C", w.loc)
        case _:
            raise NotPortable(f"intrinsic '{op.name}' in portable C", w.loc)


# ---- atomics ------------------------------------------------------------------------------------------------


def _carrier(type_: Type) -> Type:
    """The type in which an atomic access is made."""
    return IntType(8 * store_size(type_)) if isinstance(type_, FloatType) or type_ == IntType(1) else type_


def _pointer(w: FunctionWriter, ptr: o.Operand, type_: Type, volatile: bool = False) -> str:
    word = "volatile " if volatile else ""
    return f"({word}{w.unit.types.memory(_carrier(type_), store_size(type_))} *){w.text(ptr, UNARY)}"


def _into(w: FunctionWriter, type_: Type, text: str) -> str:
    """`text` of type _carrier(type_) as type_."""
    if isinstance(type_, FloatType):
        return f"cpc_f{type_.bits}_of_u{8 * store_size(type_)}({text})"
    return text


def _out(w: FunctionWriter, value: o.Operand) -> str:
    type_ = value.type
    if isinstance(type_, FloatType):
        return f"cpc_u{8 * store_size(type_)}_of_f{type_.bits}({w.text(value)})"
    return w.typed(value)


def atomic_load(w: FunctionWriter, op: o.Load) -> None:
    ptr = _pointer(w, op.ptr, op.dst.type, op.volatile)
    w.writes()
    w.assign(op.dst, _into(w, op.dst.type, f"__atomic_load_n({ptr}, {ORDERS[op.order]})"))


def atomic_store(w: FunctionWriter, op: o.Store) -> None:
    ptr, value = _pointer(w, op.ptr, op.value.type, op.volatile), _out(w, op.value)
    w.writes()
    w.emit(f"__atomic_store_n({ptr}, {value}, {ORDERS[op.order]});")


def atomic(w: FunctionWriter, op: o.AtomicRmw | o.CmpXchg | o.Fence) -> None:
    match op:
        case o.Fence(order, scope):
            w.writes()
            w.emit(f"__atomic_{'signal' if scope else 'thread'}_fence({ORDERS[order]});")
        case o.AtomicRmw():
            _rmw(w, op)
        case o.CmpXchg(old, ok, ptr, expected, desired, order, fail, weak):
            type_ = old.type
            place, wanted, new = _pointer(w, ptr, type_), _out(w, expected), _out(w, desired)
            carrier = w.unit.types.name(_carrier(type_))
            w.writes()
            call = f"__atomic_compare_exchange_n({place}, &cpc_e, {new}, {int(weak)}, {ORDERS[order]}, {ORDERS[fail]})"
            w.emit(f"{{ {carrier} cpc_e = {wanted}; {w.name_of(ok)} = {call}; "
                   f"{w.name_of(old)} = {_into(w, type_, 'cpc_e')}; }}")  # fmt: skip


def _rmw(w: FunctionWriter, op: o.AtomicRmw) -> None:
    type_ = op.dst.type
    ptr, value, order = _pointer(w, op.ptr, type_), _out(w, op.value), ORDERS[op.order]
    w.writes()
    if op.op == "xchg":
        w.assign(op.dst, _into(w, type_, f"__atomic_exchange_n({ptr}, {value}, {order})"))
    elif op.op in _FETCH and type_ != PTR:
        w.assign(op.dst, f"__atomic_fetch_{op.op}({ptr}, {value}, {order})")
    else:
        raise NotPortable(f"atomicrmw '{op.op}' in portable C", w.loc)
