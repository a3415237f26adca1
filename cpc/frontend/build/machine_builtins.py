"""Builtins about control flow, the stack and the machine: unreachable, trap, prefetch, frame addresses, alloca, fences.

`__builtin_ia32_*` is the compiler's side of the intrinsic headers (<emmintrin.h>).  Most intrinsics there are vector
arithmetic; of the others those are here that have an obvious meaning in the IR.  The rest is E0308 where it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cpc.frontend.build.describe import describe
from cpc.frontend.build.emitter import Emitter
from cpc.frontend.build.values import NOTHING, Value, arithmetic_type, is_pointer, scalar_type
from cpc.frontend.c_types import INT, ULLONG, ULONG, VOID, IntT, PointerT, QType, VectorT
from cpc.ir import ops as ir
from cpc.ir.types import I32, I64, PTR, VecType

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_VOID_POINTER = QType(PointerT(QType(VOID)))
_ALWAYS = "~{dirflag},~{fpsr},~{flags}"
_MOST_ALIGNED_BITS = 1 << 31
BUFFER_STACK = 16  # the offset of the stack pointer in the five words of __builtin_setjmp


def arguments(b: Builder, node: Any, count: int) -> list[Any]:
    """The argument nodes; their number is checked."""
    given = node.args.exprs if node.args is not None else []
    if len(given) != count:
        b.fail("E0268", node, f"'{node.name.name}' takes {count} arguments, not {len(given)}")
    return list(given)


def integer_argument(b: Builder, node: Any, to: IntT) -> Value:
    value = b.value(node)
    if arithmetic_type(value.type) is None and not is_pointer(value.type):
        b.fail("E0257", node, f"'{describe(value.type)}' used where an integer is needed")
    return b.convert(value, QType(to), node)


def _unreachable(b: Builder, name: str, node: Any) -> Value:
    b.em.terminate(ir.Unreachable(b.em.loc))
    return NOTHING


def _trap(b: Builder, name: str, node: Any) -> Value:
    b.em.intrinsic("trap", ())
    b.em.terminate(ir.Unreachable(b.em.loc))
    return NOTHING


def _prefetch(b: Builder, name: str, node: Any) -> Value:
    given = node.args.exprs
    address = b.convert(b.value(given[0]), _VOID_POINTER, node)
    options = [b.sema.integer(e) for e in given[1:3]]
    write, locality = (*(o[0] if o else 0 for o in options), *(0, 3)[len(options) :])
    if not 0 <= write <= 1 or not 0 <= locality <= 3:  # a hint: one that is not known says nothing
        write, locality = 0, 3
    flags = [ir.Const(I32, v) for v in (write, locality, 1)]
    b.em.intrinsic("prefetch", (address.op, *flags))
    return NOTHING


def _frame_address(b: Builder, name: str, node: Any) -> Value:
    level = b.sema.integer(arguments(b, node, 1)[0])
    if level is None:
        b.fail("E0272", node, f"the argument of '{name}' is not constant")
    which = "frameaddress" if "frame" in name else "returnaddress"
    if which == "frameaddress":
        b.em.fn.attrs |= {"no_tail_calls"}  # the frame is there as long as what was called with its address
    found = b.em.intrinsic(which, (ir.Const(I32, level[0] & 0xFFFFFFFF),), PTR)
    assert found is not None
    return Value(found, _VOID_POINTER)


def _same_pointer(b: Builder, name: str, node: Any) -> Value:
    return b.convert(b.value(arguments(b, node, 1)[0]), _VOID_POINTER, node)


def _alloca(b: Builder, name: str, node: Any) -> Value:
    size = integer_argument(b, node.args.exprs[0], ULONG)
    if b.function is None:
        b.fail("E0256", node, f"'{name}' outside of a function")
    align = max(16, _asked_bits(b, name, node) // 8)
    b.em.fn.attrs |= {"frame_pointer", "no_tail_calls"}  # as in gcc: __builtin_return_address(1) finds its way
    b.function.kept_stacks |= {cleanup.stack.name for cleanup in b.function.cleanups if cleanup.stack is not None}
    dst = b.em.reg(PTR)
    b.em.add(ir.Alloca(dst, size.op, align, b.em.loc))
    return Value(dst, _VOID_POINTER)


def _asked_bits(b: Builder, name: str, node: Any) -> int:
    if "align" not in name:
        return 0
    bits = b.sema.integer(node.args.exprs[1])
    if bits is None or not 8 <= bits[0] <= _MOST_ALIGNED_BITS or bits[0] & (bits[0] - 1):
        range_ = f"between 8 and {_MOST_ALIGNED_BITS} bits"
        b.fail("E0272", node, f"the alignment of '{name}' is not a constant power of 2 {range_}")
    return bits[0]


def check_x86(b: Builder, name: str, node: Any) -> None:
    """Of a builtin that is for x86-64 only."""
    if b.target.calls != "sysv":
        b.unsupported("E0308", node, f"the builtin '{name}' on this target")


def _setjmp(b: Builder, name: str, node: Any) -> Value:
    """`__builtin_setjmp(buffer)`: five words; the frame and the stack pointer are stored here, the rest by LLVM.  The
    variables of the function stay in memory, so that they have their last values after the jump, as in gcc."""
    check_x86(b, name, node)
    if b.function is not None and b.function.is_coroutine:
        b.fail("E0312", node, "__builtin_setjmp in a coroutine_fn is not supported", help="use setjmp")
    b.em.fn.attrs = (b.em.fn.attrs - {"alwaysinline"}) | {"optnone"}
    buffer = b.convert(b.value(arguments(b, node, 1)[0]), _VOID_POINTER, node).op
    return Value(fill_buffer(b.em, buffer), QType(INT))


def fill_buffer(em: Emitter, buffer: ir.Operand) -> ir.Operand:
    """Zero, and after a jump to the buffer one."""
    frame = em.intrinsic("frameaddress", (ir.Const(I32, 0),), PTR)
    stack = em.intrinsic("stackpointer", (), PTR)
    assert frame is not None and stack is not None
    em.store(buffer, frame)
    em.store(em.ptr_add(buffer, ir.Const(I64, BUFFER_STACK)), stack)
    found = em.intrinsic("eh_sjlj_setjmp", (buffer,), I32)
    assert found is not None
    return found


def _longjmp(b: Builder, name: str, node: Any) -> Value:
    """`__builtin_longjmp(buffer, 1)`."""
    check_x86(b, name, node)
    buffer, value = arguments(b, node, 2)
    if (found := b.sema.integer(value)) is None or found[0] != 1:
        b.fail("E0272", node, f"the second argument of '{name}' must be 1")
    jump_to_buffer(b, b.convert(b.value(buffer), _VOID_POINTER, node).op)
    return NOTHING


def jump_to_buffer(b: Builder, buffer: ir.Operand) -> None:
    """The buffer's address goes through memory, so that it is in a register when LLVM loads the frame pointer first,
    and then the rest: a variable's own address is relative to the frame pointer."""
    slot = b.em.scalar_local("buffer", PTR)
    b.em.store(slot, buffer, volatile=True)
    b.em.intrinsic("eh_sjlj_longjmp", (b.em.load(PTR, slot, volatile=True),))
    b.em.terminate(ir.Unreachable(b.em.loc))


def _readcyclecounter(b: Builder, name: str, node: Any) -> Value:
    found = b.em.intrinsic("readcyclecounter", (), I64)
    assert found is not None
    return Value(found, QType(ULLONG))


def _dwarf_cfa(b: Builder, name: str, node: Any) -> Value:
    """The stack pointer before the call: above the saved frame pointer and the return address (System V ABI 3.2.2)."""
    arguments(b, node, 0)
    check_x86(b, name, node)
    b.em.fn.attrs |= {"no_tail_calls"}
    frame = b.em.intrinsic("frameaddress", (ir.Const(I32, 0),), PTR)
    assert frame is not None
    return Value(b.em.ptr_add(frame, ir.Const(I64, 16)), _VOID_POINTER)


def _thread_pointer(b: Builder, name: str, node: Any) -> Value:
    arguments(b, node, 0)
    text = "movq %fs:0, $0" if b.target.calls == "sysv" else "mrs $0, tpidr_el0"
    dst = b.em.reg(PTR)
    b.em.add(ir.Asm((dst,), text, "=r", (), (), False, b.em.loc))
    return Value(dst, _VOID_POINTER)


def _instruction(text: str) -> Callable[[Any, str, Any], Any]:
    """A builtin that is one instruction without operands, and a barrier for memory."""

    def handler(b: Builder, name: str, node: Any) -> Value:
        b.em.add(ir.Asm((), text, f"~{{memory}},{_ALWAYS}", (), (), True, b.em.loc))
        return NOTHING

    return handler


def _extract_lane(b: Builder, name: str, node: Any) -> Value:
    """`__builtin_ia32_vec_ext_*(v, lane)`."""
    vector, lane = arguments(b, node, 2)
    value, index = b.value(vector), b.sema.integer(lane)
    if not isinstance(value.type.type, VectorT) or index is None:
        b.fail("E0254", node, f"'{name}' takes a vector and a constant")
    vec = scalar_type(value.type)
    assert isinstance(vec, VecType)
    dst = b.em.reg(vec.lane)
    b.em.add(ir.ExtractLane(dst, value.op, ir.Const(I32, index[0] % vec.count), b.em.loc))
    return Value(dst, QType(value.type.type.elem))


def _insert_lane(b: Builder, name: str, node: Any) -> Value:
    """`__builtin_ia32_vec_set_*(v, x, lane)`."""
    vector, new, lane = arguments(b, node, 3)
    value, index = b.value(vector), b.sema.integer(lane)
    if not isinstance(value.type.type, VectorT) or index is None:
        b.fail("E0254", node, f"'{name}' takes a vector, a value and a constant")
    elem = b.convert(b.value(new), QType(value.type.type.elem), node)
    dst = b.em.reg(value.op.type)
    lane_index = ir.Const(I32, index[0] % value.type.type.count)
    b.em.add(ir.InsertLane(dst, value.op, elem.op, lane_index, b.em.loc))
    return Value(dst, value.type)


_LANES = ("v2df", "v4sf", "v2di", "v4si", "v8hi", "v16qi", "v4hi", "v2si")

TABLE: dict[str, Callable[[Any, str, Any], Any]] = {
    "__builtin_unreachable": _unreachable,
    "__builtin_trap": _trap,
    "__builtin_setjmp": _setjmp,
    "__builtin_longjmp": _longjmp,
    "__builtin_prefetch": _prefetch,
    "__builtin_frame_address": _frame_address,
    "__builtin_return_address": _frame_address,
    "__builtin_extract_return_addr": _same_pointer,
    "__builtin_frob_return_addr": _same_pointer,
    "__builtin_alloca": _alloca,
    "alloca": _alloca,
    "__builtin_alloca_with_align": _alloca,
    "__builtin_alloca_with_align_and_max": _alloca,
    "__builtin_dwarf_cfa": _dwarf_cfa,
    "__builtin_thread_pointer": _thread_pointer,
    "__builtin_ia32_rdtsc": _readcyclecounter,
    "__builtin_readcyclecounter": _readcyclecounter,
    **{f"__builtin_ia32_{name}": _instruction(name) for name in ("pause", "mfence", "lfence", "sfence")},
    **{f"__builtin_ia32_vec_ext_{kind}": _extract_lane for kind in _LANES},
    **{f"__builtin_ia32_vec_set_{kind}": _insert_lane for kind in _LANES},
}
