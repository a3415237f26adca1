"""`__builtin_cpu_init` and `__builtin_cpu_supports("avx2")`: what libgcc found out about this machine's processor.

`__cpu_model` has the features 0 to 31 in its fourth word, `__cpu_features2` those from 32 on; the numbers are the ABI
of libgcc (config/i386, since 4.8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend.build.machine_builtins import arguments
from cpc.frontend.build.values import NOTHING, Value
from cpc.frontend.c_types import INT, QType
from cpc.frontend.literals import string_text
from cpc.ir import ops as ir
from cpc.ir.types import I32

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_NUMBERS = {
    "cmov": 0, "mmx": 1, "popcnt": 2, "sse": 3, "sse2": 4, "sse3": 5, "ssse3": 6, "sse4.1": 7, "sse4.2": 8, "avx": 9,
    "avx2": 10, "sse4a": 11, "fma4": 12, "xop": 13, "fma": 14, "avx512f": 15, "bmi": 16, "bmi2": 17, "aes": 18,
    "pclmul": 19, "avx512vl": 20, "avx512bw": 21, "avx512dq": 22, "avx512cd": 23, "avx512vbmi": 26,
    "avx512ifma": 27, "gfni": 32, "vpclmulqdq": 33, "adx": 40, "f16c": 49, "lzcnt": 57, "movbe": 58, "rdrnd": 69,
    "sha": 74, "vaes": 78,
}  # fmt: skip


def cpu_init(b: Builder, name: str, node: Any) -> Value:
    """libgcc's constructor has done it, but for code that runs before it (an ifunc's resolver)."""
    _check_target(b, name, node)
    arguments(b, node, 0)
    b.declare_library("__cpu_indicator_init", ir.Sig((), (I32,)))
    b.em.add(ir.Call((b.em.reg(I32),), ir.GlobalAddr("__cpu_indicator_init"), (), ir.Sig((), (I32,)), loc=b.em.loc))
    return NOTHING


def cpu_supports(b: Builder, name: str, node: Any) -> Value:
    """Not 0 when the machine has it."""
    _check_target(b, name, node)
    argument = arguments(b, node, 1)[0]
    text = argument.value if isinstance(argument, c_ast.Constant) and argument.type == "string" else ""
    number = _NUMBERS.get(string_text(text))
    if number is None:
        known = ", ".join(map(repr, _NUMBERS))
        b.fail("E0272", node, f"the argument of '{name}' is no feature that it knows", help=f"it knows {known}")
    table, offset = ("__cpu_model", 12) if number < 32 else ("__cpu_features2", number // 32 * 4 - 4)
    b.module.globals.setdefault(table, ir.Global(table, 16, 4, None))
    word = b.em.load(I32, ir.GlobalAddr(table, offset))
    return Value(b.em.bin("and", word, ir.Const(I32, 1 << number % 32)), QType(INT))


def _check_target(b: Builder, name: str, node: Any) -> None:
    if b.target.calls != "sysv":
        b.unsupported("E0308", node, f"the builtin '{name}' on this target")
