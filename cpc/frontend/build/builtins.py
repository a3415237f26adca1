"""`__builtin_*`, `__sync_*` and `__atomic_*`: what a call of each name means.

One table from names to functions over (builder, name, call node).  The names come in families: bit counting and the
like here, overflow arithmetic in overflow.py, floating classification in float_builtins.py, atomics in
atomic_builtins.py, variable arguments in varargs.py.  `__builtin_NAME` of a library function that needs nothing
special becomes a call of NAME (library.py knows the prototypes).  What is answered while compiling is in
constant_builtins.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cpc.frontend.build import complex_math, object_size, type_operators, varargs, vectors, win64, x86_builtins
from cpc.frontend.build.atomic_builtins import call as call_atomic
from cpc.frontend.build.atomic_builtins import sync as call_sync
from cpc.frontend.build.constant_builtins import TABLE as CONSTANT
from cpc.frontend.build.cpu_model import cpu_init, cpu_is, cpu_supports
from cpc.frontend.build.float_builtins import TABLE as FLOATS
from cpc.frontend.build.library import PROTOTYPES
from cpc.frontend.build.library import call as call_library
from cpc.frontend.build.machine_builtins import TABLE as MACHINE
from cpc.frontend.build.machine_builtins import arguments, integer_argument
from cpc.frontend.build.memory_builtins import TABLE as MEMORY
from cpc.frontend.build.overflow import TABLE as OVERFLOW
from cpc.frontend.build.tgmath import call as call_tgmath
from cpc.frontend.build.values import NOTHING, Place, Value
from cpc.frontend.c_types import (
    DOUBLE,
    FLOAT,
    INT,
    LDOUBLE,
    LLONG,
    LONG,
    UINT,
    UINT128,
    ULLONG,
    ULONG,
    USHORT,
    VOID,
    ComplexT,
    FloatT,
    PointerT,
    QType,
)
from cpc.ir import ops as ir
from cpc.ir.types import I1, I32, IntType

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

Handler = Callable[["Builder", str, Any], "Value | Place"]

_INT, _VOID_POINTER = QType(INT), QType(PointerT(QType(VOID)))
_BITS = {"": INT, "l": LONG, "ll": LLONG, "imax": LONG}
_UNSIGNED = {"": UINT, "l": ULONG, "ll": ULLONG, "imax": ULONG}


_LIBGCC = {"powi": "__powidf2", "powif": "__powisf2", "powil": "__powixf2"}


def is_builtin(name: str) -> bool:
    return name in _TABLE or name.startswith(("__builtin_", "__sync_", "__atomic_"))


def call(b: Builder, name: str, node: Any) -> Value | Place:
    handler = _TABLE.get(name)
    if handler is not None:
        _check_count(b, name, node)
        return handler(b, name, node)
    if name.startswith("__atomic_"):
        return call_atomic(b, name, node)
    if name.startswith("__sync_"):
        return call_sync(b, name, node)
    if name.startswith(x86_builtins.PREFIX) and (value := x86_builtins.call(b, name, node)) is not None:
        return value
    plain = name.removeprefix("__builtin_").removesuffix("_unlocked")
    plain = _LIBGCC.get(plain, plain)
    if plain in PROTOTYPES:
        return call_library(b, plain, node)
    b.unsupported("E0308", node, f"the builtin '{name}'")


def _check_count(b: Builder, name: str, node: Any) -> None:
    """Refuses calls with fewer arguments than the handler reads; those that take an exact number see to it."""
    given = len(node.args.exprs) if node.args is not None else 0
    least = next((count for count, names in _LEAST if names.search(name)), 0)
    if given < least:
        b.fail("E0268", node, f"'{name}' takes {least} arguments, not {given}")


_LEAST = (
    (6, re.compile(r"fpclassify$")),
    (3, re.compile(r"_overflow(_p)?$|with_probability$")),
    (2, re.compile(r"copysign|isgreater|isless|isunordered|object_size$|shufflevector$|_expect$")),
    (2, re.compile(r"with_align(_and_max)?$|_shuffle|va_(copy|arg)$")),
    (1, re.compile(r"_nan|alloca$|assume_aligned$|fabs|finite|_is(inf|nan|normal)|signbit|prefetch$|strlen$|va_")),
    (1, re.compile(r"_assoc_barrier$|_safe_value$")),
)


# ---- bits ---------------------------------------------------------------------------------------------------


def _family(name: str, stem: str) -> str:
    return name.removeprefix("__builtin_" + stem)


def _count(b: Builder, name: str, node: Any, stem: str, intrinsic: str) -> Value:
    value = integer_argument(b, arguments(b, node, 1)[0], _UNSIGNED[_family(name, stem)])
    op = value.op
    if isinstance(op, ir.Const) and isinstance(op.type, IntType) and (op.value or stem in ("popcount", "parity")):
        return Value(ir.Const(I32, _counted(stem, op.value, op.type.bits)), _INT)
    extra = (ir.Const(I1, 1),) if intrinsic != "ctpop" else ()
    return Value(b.em.resize(b.em.unary(intrinsic, op, *extra), I32, False), _INT)


def _counted(stem: str, value: int, bits: int) -> int:
    match stem:
        case "clz":
            return bits - value.bit_length()
        case "ctz":
            return (value & -value).bit_length() - 1
        case _:
            return value.bit_count()


def _parity(b: Builder, name: str, node: Any) -> Value:
    ones = _count(b, name, node, "parity", "ctpop")
    return Value(b.em.bin("and", ones.op, ir.Const(I32, 1)), _INT)


def _ffs(b: Builder, name: str, node: Any) -> Value:
    value = integer_argument(b, arguments(b, node, 1)[0], _BITS[_family(name, "ffs")])
    if isinstance(value.op, ir.Const):
        return Value(ir.Const(I32, (value.op.value & -value.op.value).bit_length()), _INT)
    zeros = b.em.resize(b.em.unary("cttz", value.op, ir.Const(I1, 0)), I32, False)
    found = b.em.bin("add", zeros, ir.Const(I32, 1))
    return Value(b.em.select(b.em.is_nonzero(value.op), found, ir.Const(I32, 0)), _INT)


def _clrsb(b: Builder, name: str, node: Any) -> Value:
    value = integer_argument(b, arguments(b, node, 1)[0], _BITS[_family(name, "clrsb")])
    bits = value.op.type
    assert isinstance(bits, IntType)
    spread = b.em.bin("ashr", value.op, ir.Const(bits, bits.bits - 1))
    flipped = b.em.bin("xor", value.op, spread)
    zeros = b.em.resize(b.em.unary("ctlz", flipped, ir.Const(I1, 0)), I32, False)
    return Value(b.em.bin("sub", zeros, ir.Const(I32, 1)), _INT)


def _bswap(b: Builder, name: str, node: Any) -> Value:
    types = {"16": USHORT, "32": UINT, "64": ULONG, "128": UINT128}
    value = integer_argument(b, arguments(b, node, 1)[0], types[_family(name, "bswap")])
    if isinstance(value.op, ir.Const):
        assert isinstance(value.op.type, IntType)
        data = value.op.value.to_bytes(value.op.type.bits // 8, "little")
        return Value(ir.Const(value.op.type, int.from_bytes(data, "big")), value.type)
    return Value(b.em.unary("bswap", value.op), value.type)


def _abs(b: Builder, name: str, node: Any) -> Value:
    type_ = {"abs": INT, "labs": LONG, "llabs": LLONG, "imaxabs": LONG}[name.removeprefix("__builtin_")]
    value = integer_argument(b, arguments(b, node, 1)[0], type_)
    negative = b.em.cmp("slt", value.op, b.em.zero(value.op.type))
    return Value(b.em.select(negative, b.em.bin("sub", b.em.zero(value.op.type), value.op), value.op), value.type)


# ---- compile time -------------------------------------------------------------------------------------------


def _expect(b: Builder, name: str, node: Any) -> Value:
    """The hint is used where the call is a condition itself (expressions.branch)."""
    given = node.args.exprs
    value = integer_argument(b, given[0], LONG)
    b.discard(given[1])
    return value


def _assume_aligned(b: Builder, name: str, node: Any) -> Value:
    value = b.convert(b.value(node.args.exprs[0]), _VOID_POINTER, node)
    for extra in node.args.exprs[1:]:
        b.discard(extra)
    return value


def _first_operand(b: Builder, name: str, node: Any) -> Value:
    """A value that only the optimiser or the processor's speculation shall not see through."""
    return b.value(node.args.exprs[0])


# ---- values -------------------------------------------------------------------------------------------------


def _complex(b: Builder, name: str, node: Any) -> Value:
    """`__builtin_complex(re, im)`."""
    real, imag = (b.value(e) for e in arguments(b, node, 2))
    if not isinstance(real.type.type, FloatT) or real.type != imag.type:
        b.fail("E0254", node, "'__builtin_complex' takes two floating values of one type")
    return Value(real.op, QType(ComplexT(real.type.type)), imag.op)


def _conjugate(b: Builder, name: str, node: Any) -> Value:
    """`conj`, `creal`, `cimag` and their kind, which gcc never calls."""
    part = DOUBLE if name in _DOUBLE_PARTS else FLOAT if name.endswith("f") else LDOUBLE
    type_ = ComplexT(b.target.own_float(part))
    value = b.convert(b.value(arguments(b, node, 1)[0]), QType(type_), node)
    assert value.imag is not None
    match name.removeprefix("__builtin_")[:5]:
        case "creal":
            return Value(value.op, QType(type_.part))
        case "cimag":
            return Value(value.imag, QType(type_.part))
        case _:
            return complex_math.unary(b, "~", value)


def _round_to_integer(b: Builder, name: str, node: Any) -> Value:
    """`__builtin_iceil` and its kind: the library rounds, and the result is an int, a long or a long long."""
    kind, function = _ROUNDS[name]
    return b.convert(call_library(b, function, node), QType(kind), node)


_ROUNDS = {
    f"__builtin_{letter}{stem}{suffix}": (kind, f"{'l' if stem in ('round', 'rint') else ''}{stem}{suffix}")
    for letter, kind in (("i", INT), ("l", LONG), ("ll", LLONG))
    for stem in ("ceil", "floor", "round", "rint")
    for suffix in ("", "f", "l")
    if letter == "i" or stem in ("ceil", "floor")
}


def _clear_cache(b: Builder, name: str, node: Any) -> Value:
    """x86 keeps its instruction cache coherent; elsewhere libgcc sees to it."""
    if b.target.calls == "sysv":
        for argument in arguments(b, node, 2):
            b.discard(argument)
        return NOTHING
    return call_library(b, "__clear_cache", node)


def _shuffle(b: Builder, name: str, node: Any) -> Value:
    values = [b.value(e) for e in node.args.exprs]
    return vectors.shuffle(b, values[:-1], values[-1], node)


def _shuffle_vector(b: Builder, name: str, node: Any) -> Value:
    """`__builtin_shufflevector(x, y, 0, 4, ...)`: the lanes are constants, -1 leaves one open."""
    x, y, *lanes = node.args.exprs
    picks = [b.sema.integer(lane) for lane in lanes]
    return vectors.shuffle_vector(b, b.value(x), b.value(y), [p[0] if p else None for p in picks], node)


def _convert_vector(b: Builder, name: str, node: Any) -> Value:
    vector, type_node = arguments(b, node, 2)
    return vectors.convert_vector(b, b.value(vector), b.sema.type_name(type_node), node)


def _bits(stem: str, intrinsic: str) -> dict[str, Handler]:
    def handler(b: Builder, name: str, node: Any) -> Value:
        return _count(b, name, node, stem, intrinsic)

    return {f"__builtin_{stem}{suffix}": handler for suffix in ("", "l", "ll", "imax")}


def _simple(function: Callable[[Builder, Any], Value]) -> Handler:
    def handler(b: Builder, name: str, node: Any) -> Value:
        return function(b, node)

    return handler


_DOUBLE_PARTS = ("__builtin_conj", "__builtin_creal", "__builtin_cimag")

_TABLE: dict[str, Handler] = {
    **{f"{stem}{suffix}": _conjugate for stem in _DOUBLE_PARTS for suffix in ("", "f", "l")},
    **_bits("clz", "ctlz"),
    **_bits("ctz", "cttz"),
    **_bits("popcount", "ctpop"),
    **{f"__builtin_parity{s}": _parity for s in ("", "l", "ll", "imax")},
    **{f"__builtin_ffs{s}": _ffs for s in ("", "l", "ll", "imax")},
    **{f"__builtin_clrsb{s}": _clrsb for s in ("", "l", "ll", "imax")},
    **{f"__builtin_bswap{s}": _bswap for s in ("16", "32", "64", "128")},
    **{f"__builtin_{s}": _abs for s in ("abs", "labs", "llabs", "imaxabs")},
    **dict.fromkeys(_ROUNDS, _round_to_integer),
    **OVERFLOW,
    **FLOATS,
    **MEMORY,
    **MACHINE,
    **CONSTANT,
    "__builtin_cpu_init": cpu_init,
    "__builtin_cpu_is": cpu_is,
    "__builtin_cpu_supports": cpu_supports,
    "__builtin_va_start": _simple(varargs.va_start),
    "__builtin_c23_va_start": _simple(varargs.va_start),
    "__builtin_va_end": _simple(varargs.va_end),
    "__builtin_va_copy": _simple(varargs.va_copy),
    "__builtin_va_arg": _simple(varargs.va_arg),
    "__builtin_ms_va_start": _simple(win64.va_start),
    "__builtin_ms_va_end": _simple(win64.va_end),
    "__builtin_ms_va_copy": _simple(win64.va_copy),
    "__builtin_offsetof": _simple(type_operators.offset_of),
    "offsetof": _simple(type_operators.offset_of),
    "__builtin_expect": _expect,
    "__builtin_expect_with_probability": _expect,
    "__builtin_assume_aligned": _assume_aligned,
    "__builtin_object_size": object_size.call,
    "__builtin_dynamic_object_size": object_size.call,
    "__builtin_assoc_barrier": _first_operand,
    "__builtin_speculation_safe_value": _first_operand,
    "__builtin_sysv_va_start": _simple(varargs.va_start),
    "__builtin_sysv_va_end": _simple(varargs.va_end),
    "__builtin_sysv_va_copy": _simple(varargs.va_copy),
    "__builtin_complex": _complex,
    "__builtin___clear_cache": _clear_cache,
    "__builtin_shuffle": _shuffle,
    "__builtin_shufflevector": _shuffle_vector,
    "__builtin_tgmath": call_tgmath,
    "__builtin_convertvector": _convert_vector,
}
