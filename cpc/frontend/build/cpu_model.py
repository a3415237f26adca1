"""`__builtin_cpu_init`, `__builtin_cpu_supports("avx2")` and `__builtin_cpu_is("intel")`: what libgcc found out about
this machine's processor.

`__cpu_model` has vendor, type, subtype and the features 0 to 31 as its four words, `__cpu_features2` the features from
32 on; the numbers are the ABI of libgcc (config/i386, since 4.8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pycparser import c_ast

from cpc.frontend.build.machine_builtins import arguments, check_x86
from cpc.frontend.build.values import NOTHING, Value
from cpc.frontend.c_types import INT, QType
from cpc.frontend.literals import string_text
from cpc.ir import ops as ir
from cpc.ir.types import I32

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_FEATURES = """
    cmov mmx popcnt sse sse2 sse3 ssse3 sse4.1 sse4.2 avx avx2 sse4a fma4 xop fma avx512f bmi bmi2 aes pclmul
    avx512vl avx512bw avx512dq avx512cd avx512er avx512pf avx512vbmi avx512ifma avx5124vnniw avx5124fmaps
    avx512vpopcntdq avx512vbmi2 gfni vpclmulqdq avx512vnni avx512bitalg avx512bf16 avx512vp2intersect 3dnow 3dnowp
    adx abm cldemote clflushopt clwb clzero cmpxchg16b cmpxchg8b enqcmd f16c fsgsbase fxsave hle ibt lahf_lm lm lwp
    lzcnt movbe movdir64b movdiri mwaitx osxsave pconfig pku prefetchwt1 prfchw ptwrite rdpid rdrnd rdseed rtm
    serialize sgx sha shstk tbm tsxldtrk vaes waitpkg wbnoinvd xsave xsavec xsaveopt xsaves amx-tile amx-int8
    amx-bf16 uintr hreset kl aeskle widekl avxvnni avx512fp16 x86-64 x86-64-v2 x86-64-v3 x86-64-v4
"""  # in the order of their numbers
_NUMBERS = {name: number for number, name in enumerate(_FEATURES.split())}
_T = TypeVar("_T")

_VENDORS = ("", "intel", "amd")
_TYPES = (
    "", "bonnell", "core2", "corei7", "amdfam10h", "amdfam15h", "silvermont", "knl", "btver1", "btver2", "amdfam17h",
    "knm", "goldmont", "goldmont-plus", "tremont", "amdfam19h",
)  # fmt: skip
_SUBTYPES = (
    "", "nehalem", "westmere", "sandybridge", "barcelona", "shanghai", "istanbul", "bdver1", "bdver2", "bdver3",
    "bdver4", "znver1", "ivybridge", "haswell", "broadwell", "skylake", "skylake-avx512", "cannonlake",
    "icelake-client", "icelake-server", "znver2", "cascadelake", "tigerlake", "cooperlake", "sapphirerapids",
    "alderlake", "znver3", "rocketlake",
)  # fmt: skip
_ALSO = {"atom": "bonnell", "slm": "silvermont", "amdfam10": "amdfam10h"}
_MODELS = {
    name: (4 * word, number)
    for word, names in enumerate((_VENDORS, _TYPES, _SUBTYPES))
    for number, name in enumerate(names)
    if name
}
_MODELS |= {short: _MODELS[name] for short, name in _ALSO.items()}


def cpu_init(b: Builder, name: str, node: Any) -> Value:
    """libgcc's constructor has done it, but for code that runs before it (an ifunc's resolver)."""
    check_x86(b, name, node)
    arguments(b, node, 0)
    b.declare_library("__cpu_indicator_init", ir.Sig((), (I32,)))
    b.em.add(ir.Call((b.em.reg(I32),), ir.GlobalAddr("__cpu_indicator_init"), (), ir.Sig((), (I32,)), loc=b.em.loc))
    return NOTHING


def cpu_supports(b: Builder, name: str, node: Any) -> Value:
    """Not 0 when the machine has it."""
    number = _named(b, name, node, _NUMBERS)
    word = _word(b, "__cpu_model", 12) if number < 32 else _word(b, "__cpu_features2", number // 32 * 4 - 4)
    if number % 32 == 31:
        return Value(b.em.bin("lshr", word, ir.Const(I32, 31)), QType(INT))  # the result is positive
    return Value(b.em.bin("and", word, ir.Const(I32, 1 << number % 32)), QType(INT))


def cpu_is(b: Builder, name: str, node: Any) -> Value:
    """Whether the machine is of that vendor or make."""
    offset, number = _named(b, name, node, _MODELS)
    same = b.em.cmp("eq", _word(b, "__cpu_model", offset), ir.Const(I32, number))
    return Value(b.em.cast("zext", same, I32), QType(INT))


def _named(b: Builder, name: str, node: Any, table: dict[str, _T]) -> _T:
    """What the table has under the string that is the call's argument."""
    check_x86(b, name, node)
    argument = arguments(b, node, 1)[0]
    text = argument.value if isinstance(argument, c_ast.Constant) and argument.type == "string" else ""
    found = table.get(string_text(text))
    if found is None:
        known = ", ".join(map(repr, table))
        b.fail("E0272", node, f"the argument of '{name}' is nothing that it knows", help=f"it knows {known}")
    return found


def _word(b: Builder, table: str, offset: int) -> ir.Operand:
    b.module.globals.setdefault(table, ir.Global(table, 16, 4, None))
    return b.em.load(I32, ir.GlobalAddr(table, offset))
