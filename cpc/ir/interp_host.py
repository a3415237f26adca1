"""What the interpreter's programs may call: some of the C library, and the intrinsics.

HOST: name -> function(machine, [(type, value)]) -> result or None.  INTRINSICS: name -> function(machine, activation,
[(type, value)]) -> the results.  Output must be defined: printing an undefined value is a fault.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cpc.ir.interp_values import bits_of, defined, from_float, signed, to_float
from cpc.ir.memory import MemoryFault, Value
from cpc.ir.ops import Call
from cpc.ir.types import FloatType, Type, VecType

if TYPE_CHECKING:
    from cpc.ir.interp import Activation, Machine

Args = Sequence[tuple[Type, Value]]
_FORMAT = re.compile(r"%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+))?(hh|h|ll|l|z|j|t|L)?([diouxXcspfFeEgGaA%])")
_WIDTHS = {"hh": 8, "h": 16, "l": 64, "ll": 64, "z": 64, "j": 64, "t": 64}
_SAVE_AREA = 176
_GP_BYTES = 48


class Exit(Exception):
    """exit() or abort()."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


# ---- printing -----------------------------------------------------------------------------------------------


def format_text(machine: Machine, template: bytes, args: Args) -> str:
    """printf's formatting of the types that tests print."""
    rest = iter(args)

    def number() -> tuple[Type, int]:
        type_, v = next(rest, (None, None))
        if type_ is None or v is None:
            raise MemoryFault("printf has too few arguments")
        return type_, defined(v, "output")

    def one(match: re.Match[str]) -> str:
        flags, width, precision, length, kind = match.groups()
        if kind == "%":
            return "%"
        if width == "*":
            width = str(signed(32, number()[1]))
        if precision == "*":
            precision = str(signed(32, number()[1]))
        spec = "%" + flags + (width or "") + (f".{precision}" if precision is not None else "")
        type_, v = number()
        bits = _WIDTHS.get(length or "", 32)
        match kind:
            case "d" | "i":
                return (spec + "d") % signed(bits, v & (1 << bits) - 1)
            case "u" | "o" | "x" | "X":
                return (spec + kind.replace("u", "d")) % (v & (1 << bits) - 1)
            case "c":
                return (spec + "c") % chr(v & 0xFF)
            case "s":
                return (spec + "s") % machine.memory.string(v).decode("utf-8", "replace")
            case "p":
                return (spec + "s") % (hex(v) if v else "(nil)")
        if not isinstance(type_, FloatType):
            raise MemoryFault(f"printf: %{kind} of {type_}")
        return (spec + kind) % float(to_float(type_, v))

    return _FORMAT.sub(one, template.decode("utf-8", "surrogateescape"))


def _printf(machine: Machine, args: Args) -> Value:
    text = format_text(machine, machine.memory.string(_int(args, 0)), args[1:])
    machine.output.append(text)
    return len(text)


def _snprintf(machine: Machine, args: Args) -> Value:
    text = format_text(machine, machine.memory.string(_int(args, 2)), args[3:]).encode()
    if size := _int(args, 1):
        machine.memory.write(_int(args, 0), text[: size - 1] + b"\0")
    return len(text)


def _puts(machine: Machine, args: Args) -> Value:
    machine.output.append(machine.memory.string(_int(args, 0)).decode("utf-8", "surrogateescape") + "\n")
    return 1


def _putchar(machine: Machine, args: Args) -> Value:
    machine.output.append(chr(_int(args, 0) & 0xFF))
    return _int(args, 0)


def _int(args: Args, index: int) -> int:
    return defined(args[index][1], "a library call")


# ---- memory and strings -------------------------------------------------------------------------------------


def _malloc(machine: Machine, args: Args) -> Value:
    return _new(machine, _int(args, 0))


def _calloc(machine: Machine, args: Args) -> Value:
    size = _int(args, 0) * _int(args, 1)
    base = _new(machine, size)
    machine.memory.write(base, bytes(size))
    return base


def _new(machine: Machine, size: int) -> int:
    base = machine.memory.allocate(size, 16, "malloc'd memory")
    machine.heap.add(base)
    return base


def _free(machine: Machine, args: Args) -> None:
    base = _int(args, 0)
    if base:
        if base not in machine.heap:
            raise MemoryFault("free of what malloc did not give")
        machine.memory.free(base)


def _realloc(machine: Machine, args: Args) -> Value:
    old, size = _int(args, 0), _int(args, 1)
    base = _new(machine, size)
    if old:
        machine.memory.copy(base, old, min(size, machine.memory.size(old)))
        machine.memory.free(old)
    return base


def _memcpy(machine: Machine, args: Args) -> Value:
    machine.memory.copy(_int(args, 0), _int(args, 1), _int(args, 2))
    return _int(args, 0)


def _memset(machine: Machine, args: Args) -> Value:
    machine.memory.fill(_int(args, 0), _int(args, 1) & 0xFF, _int(args, 2))
    return _int(args, 0)


def _strcpy(machine: Machine, args: Args) -> Value:
    machine.memory.write(_int(args, 0), machine.memory.string(_int(args, 1)) + b"\0")
    return _int(args, 0)


def _order(a: bytes, b: bytes) -> int:
    return (a > b) - (a < b) & 0xFFFFFFFF


def _strcmp(machine: Machine, args: Args) -> Value:
    return _order(machine.memory.string(_int(args, 0)), machine.memory.string(_int(args, 1)))


def _memcmp(machine: Machine, args: Args) -> Value:
    size = _int(args, 2)
    return _order(machine.memory.read(_int(args, 0), size), machine.memory.read(_int(args, 1), size))


def _exit(machine: Machine, args: Args) -> None:
    raise Exit(signed(32, _int(args, 0)))


def _abort(machine: Machine, args: Args) -> None:
    raise MemoryFault("abort() is called")


def _setjmp(machine: Machine, args: Args) -> Value | None:
    """The buffer gets the number of a place: the call's own, in an activation that is still there at the longjmp."""
    act = machine.stack[-1]
    machine.jumps.append((act, act.block, act.index))
    machine.memory.store(_int(args, 0), 8, len(machine.jumps))
    return 0


def _longjmp(machine: Machine, args: Args) -> Value | None:
    number = defined(machine.memory.load(_int(args, 0), 8), "a jmp_buf")
    act, block, index = machine.jumps[number - 1]
    if all(act is not other for other in machine.stack) or act.suspended:
        raise MemoryFault("longjmp into an activation that has ended")
    while machine.stack[-1] is not act:
        machine.leave()
    act.block, act.index = block, index
    call = block.ops[index - 1]
    assert isinstance(call, Call)
    act.regs.update((dst.name, _int(args, 1) or 1) for dst in call.dsts)
    return None


HOST: dict[str, Callable[[Machine, Args], Value | None]] = {
    "printf": _printf, "snprintf": _snprintf, "puts": _puts, "putchar": _putchar,
    "malloc": _malloc, "calloc": _calloc, "free": _free, "realloc": _realloc,
    "memcpy": _memcpy, "memmove": _memcpy, "memset": _memset, "memcmp": _memcmp,
    "strlen": lambda machine, args: len(machine.memory.string(_int(args, 0))),
    "strcpy": _strcpy, "strcmp": _strcmp,
    "abs": lambda machine, args: abs(signed(32, _int(args, 0))),
    "exit": _exit, "abort": _abort, "__assert_fail": _abort,
    **dict.fromkeys(("setjmp", "_setjmp", "__sigsetjmp"), _setjmp),
    **dict.fromkeys(("longjmp", "_longjmp", "siglongjmp"), _longjmp),
    "fflush": lambda machine, args: 0,
}  # fmt: skip


# ---- intrinsics ---------------------------------------------------------------------------------------------


def _unsigned_unary(compute: Callable[[int, int], int]) -> Callable[..., list[Value]]:
    """compute(bits, value) of the first argument."""

    def run(machine: Machine, act: Activation, args: Args) -> list[Value]:
        type_, v = args[0]
        if isinstance(type_, VecType):
            raise MemoryFault("the interpreter does not do this intrinsic on vectors")
        return [compute(bits_of(type_), defined(v, "an intrinsic"))]

    return run


def _float_function(compute: Callable[..., float]) -> Callable[..., list[Value]]:
    def run(machine: Machine, act: Activation, args: Args) -> list[Value]:
        type_ = args[0][0]
        if not isinstance(type_, FloatType):
            raise MemoryFault(f"a float intrinsic of {type_}")
        numbers = [to_float(type_, defined(v, "an intrinsic")) for _, v in args]
        return [from_float(type_, compute(*(float(n) for n in numbers)))]

    return run


def _overflow(is_signed: bool, compute: Callable[[int, int], int]) -> Callable[..., list[Value]]:
    def run(machine: Machine, act: Activation, args: Args) -> list[Value]:
        bits = bits_of(args[0][0])
        a, b = (defined(v, "an intrinsic") for _, v in args)
        exact = compute(signed(bits, a), signed(bits, b)) if is_signed else compute(a, b)
        wrapped = exact & (1 << bits) - 1
        return [wrapped, int((signed(bits, wrapped) if is_signed else wrapped) != exact)]

    return run


def _memmove(machine: Machine, act: Activation, args: Args) -> list[Value]:
    _memcpy(machine, args)
    return []


def _trap(machine: Machine, act: Activation, args: Args) -> list[Value]:
    raise MemoryFault("a trap")


def _nothing(machine: Machine, act: Activation, args: Args) -> list[Value]:
    return []


def _first(machine: Machine, act: Activation, args: Args) -> list[Value]:
    return [args[0][1]]


def _stack_restore(machine: Machine, act: Activation, args: Args) -> list[Value]:
    """Ends what was allocated after the matching stacksave, which gave the number of the next allocation."""
    keep = _int(args, 0)
    for base in act.allocas[keep:]:
        machine.memory.free(base)
    del act.allocas[keep:]
    return []


def _area_save(machine: Machine, act: Activation, args: Args) -> list[Value]:
    """A token: one more than the number of the next allocation."""
    return [_int(args, 0) or len(act.area) + 1]


def _area_alloc(machine: Machine, act: Activation, args: Args) -> list[Value]:
    act.area.append(machine.memory.allocate(_int(args, 0), _int(args, 1), f"the area of {act.fn.name}"))
    return [act.area[-1]]


def _area_restore(machine: Machine, act: Activation, args: Args) -> list[Value]:
    if token := _int(args, 0):
        for base in act.area[token - 1 :]:
            machine.memory.free(base)
        del act.area[token - 1 :]
    return []


def _va_start(machine: Machine, act: Activation, args: Args) -> list[Value]:
    """Lays the variadic arguments out as System V's register save area and overflow area."""
    memory = machine.memory
    save = memory.allocate(_SAVE_AREA, 16, f"saved arguments of {act.fn.name}")
    act.allocas.append(save)
    gp = fp = 0
    for spec in act.fn.sig.params:
        if spec.byval is None:
            gp, fp = (gp, fp + 1) if isinstance(spec.type, FloatType | VecType) else (gp + 1, fp)
    gp, fp = min(gp, 6), min(fp, 8)
    cursor, fp_cursor = gp, fp
    overflow: list[tuple[int, Value]] = []
    for type_, v in act.extra:
        size = -(-bits_of(type_) // 8)
        in_xmm = isinstance(type_, FloatType | VecType) and type_ != FloatType(80)
        if in_xmm and fp_cursor < 8:
            memory.store(save + _GP_BYTES + 16 * fp_cursor, size, v)
            fp_cursor += 1
        elif not in_xmm and size <= 8 and cursor < 6:
            memory.store(save + 8 * cursor, size, v)
            cursor += 1
        else:
            overflow.append((size, v))
    area = memory.allocate(16 * len(overflow) + 16, 16, f"stack arguments of {act.fn.name}")
    act.allocas.append(area)
    at = area
    for size, v in overflow:
        at = -(-at // 16) * 16 if size > 8 else at
        memory.store(at, size, v)
        at += -(-size // 8) * 8
    list_at = _int(args, 0)
    memory.store(list_at, 4, 8 * gp)
    memory.store(list_at + 4, 4, _GP_BYTES + 16 * fp)
    memory.store(list_at + 8, 8, area)
    memory.store(list_at + 16, 8, save)
    return []


def _va_copy(machine: Machine, act: Activation, args: Args) -> list[Value]:
    machine.memory.copy(_int(args, 0), _int(args, 1), 24)
    return []


def _reverse_bytes(bits: int, v: int) -> int:
    return int.from_bytes(v.to_bytes(bits // 8, "little"), "big")


INTRINSICS: dict[str, Callable[[Machine, Activation, Args], list[Value]]] = {
    "ctlz": _unsigned_unary(lambda bits, v: bits - v.bit_length()),
    "cttz": _unsigned_unary(lambda bits, v: (v & -v).bit_length() - 1 if v else bits),
    "ctpop": _unsigned_unary(lambda bits, v: v.bit_count()),
    "bswap": _unsigned_unary(_reverse_bytes),
    "bitreverse": _unsigned_unary(lambda bits, v: int(f"{v:0{bits}b}"[::-1], 2)),
    "abs": _unsigned_unary(lambda bits, v: abs(signed(bits, v)) & (1 << bits) - 1),
    "fabs": _float_function(abs),
    "sqrt": _float_function(lambda x: math.sqrt(x) if x >= 0 else math.nan),
    "copysign": _float_function(math.copysign),
    "floor": _float_function(math.floor),
    "ceil": _float_function(math.ceil),
    "trunc": _float_function(math.trunc),
    "sadd_overflow": _overflow(True, lambda a, b: a + b),
    "uadd_overflow": _overflow(False, lambda a, b: a + b),
    "ssub_overflow": _overflow(True, lambda a, b: a - b),
    "usub_overflow": _overflow(False, lambda a, b: a - b),
    "smul_overflow": _overflow(True, lambda a, b: a * b),
    "umul_overflow": _overflow(False, lambda a, b: a * b),
    "trap": _trap, "debugtrap": _trap,
    "prefetch": _nothing, "va_end": _nothing, "lifetime_end": _nothing, "assume": _nothing,
    "expect": _first, "threadlocal_address": _first,
    "objectsize": lambda machine, act, args: [(1 << 64) - 1],
    "readcyclecounter": lambda machine, act, args: [machine.steps],
    "is_constant": lambda machine, act, args: [0],
    "stacksave": lambda machine, act, args: [len(act.allocas)],
    "area_save": _area_save, "area_alloc": _area_alloc, "area_restore": _area_restore,
    "stackrestore": _stack_restore, "memmove": _memmove, "va_start": _va_start, "va_copy": _va_copy,
}  # fmt: skip
