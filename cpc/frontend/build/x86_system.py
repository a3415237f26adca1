"""Builtins of x86 that are one instruction and no arithmetic: clocks, the state of vector units, segment bases, cache
lines, transactions, shadow stacks, protection keys (behind <immintrin.h> and <x86gprintrin.h>).

Each is inline asm here, so that no feature of the processor has to be known to LLVM; what a program may use it has to
find out anyway.  A line of the table is a name without __builtin_ia32_, the result and where it comes from, the
parameters and where they go, and the text: `di=pair` is 64 bits in edx:eax, `qi=@ccc` a condition, `p:r` a pointer in
any register, `si:0` what the result's register holds before.  Operands are numbered as in LLVM, the result first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from cpc.frontend.build.machine_builtins import arguments, integer_argument
from cpc.frontend.build.values import NOTHING, Value
from cpc.frontend.c_types import INT, LLONG, UCHAR, USHORT, VOID, IntT, PointerT, QType
from cpc.ir import ops as ir
from cpc.ir.types import I32, I64, IntType, Type

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

TABLE = """
rdpmc            di=pair  si:c             | rdpmc
xgetbv           di=pair  si:c             | xgetbv
xsetbv           -        si:c di:pair     | xsetbv
xsave            -        p:r di:pair      | xsave ($0)
xsave64          -        p:r di:pair      | xsave64 ($0)
xsaveopt         -        p:r di:pair      | xsaveopt ($0)
xsaveopt64       -        p:r di:pair      | xsaveopt64 ($0)
xsavec           -        p:r di:pair      | xsavec ($0)
xsavec64         -        p:r di:pair      | xsavec64 ($0)
xsaves           -        p:r di:pair      | xsaves ($0)
xsaves64         -        p:r di:pair      | xsaves64 ($0)
xrstor           -        p:r di:pair      | xrstor ($0)
xrstor64         -        p:r di:pair      | xrstor64 ($0)
xrstors          -        p:r di:pair      | xrstors ($0)
xrstors64        -        p:r di:pair      | xrstors64 ($0)
fxsave           -        p:r              | fxsave ($0)
fxsave64         -        p:r              | fxsave64 ($0)
fxrstor          -        p:r              | fxrstor ($0)
fxrstor64        -        p:r              | fxrstor64 ($0)
rdfsbase32       si=r                      | rdfsbase $0
rdfsbase64       di=r                      | rdfsbase $0
rdgsbase32       si=r                      | rdgsbase $0
rdgsbase64       di=r                      | rdgsbase $0
wrfsbase32       -        si:r             | wrfsbase $0
wrfsbase64       -        di:r             | wrfsbase $0
wrgsbase32       -        si:r             | wrgsbase $0
wrgsbase64       -        di:r             | wrgsbase $0
rdpid            si=r                      | rdpid ${0:q}
clflushopt       -        p:r              | clflushopt ($0)
clwb             -        p:r              | clwb ($0)
cldemote         -        p:r              | cldemote ($0)
clzero           -        p:a              | clzero
wbinvd           -                         | wbinvd
wbnoinvd         -                         | wbnoinvd
serialize        -                         | serialize
xbegin           si=a                      | movl $$-1, $0; xbegin 1f; 1:
xend             -                         | xend
xabort           -        si:i             | xabort $0
xtest            si=@ccne                  | xtest
xsusldtrk        -                         | xsusldtrk
xresldtrk        -                         | xresldtrk
umonitor         -        p:r              | umonitor $0
umwait           qi=@ccc  si:r di:pair     | umwait $1
tpause           qi=@ccc  si:r di:pair     | tpause $1
monitor          -        p:a si:c si:d    | monitor
mwait            -        si:c si:a        | mwait
monitorx         -        p:a si:c si:d    | monitorx
mwaitx           -        si:c si:a si:b   | mwaitx
directstoreu_u32 -        p:r si:r         | movdiri $1, ($0)
directstoreu_u64 -        p:r di:r         | movdiri $1, ($0)
movdir64b        -        p:r p:r          | movdir64b ($1), $0
enqcmd           si=@ccz  p:r p:r          | enqcmd ($2), $1
enqcmds          si=@ccz  p:r p:r          | enqcmds ($2), $1
ptwrite32        -        si:r             | ptwritel $0
ptwrite64        -        di:r             | ptwriteq $0
rdsspd           si=r                      | xorl $0, $0; rdsspd $0
rdsspq           di=r                      | xorl ${0:k}, ${0:k}; rdsspq $0
incsspd          -        si:r             | incsspd $0
incsspq          -        di:r             | incsspq $0
saveprevssp      -                         | saveprevssp
rstorssp         -        p:r              | rstorssp ($0)
wrssd            -        si:r p:r         | wrssd $0, ($1)
wrssq            -        di:r p:r         | wrssq $0, ($1)
wrussd           -        si:r p:r         | wrussd $0, ($1)
wrussq           -        di:r p:r         | wrussq $0, ($1)
setssbsy         -                         | setssbsy
clrssbsy         -        p:r              | clrssbsy ($0)
rdpkru           si=a                      | xorl %ecx, %ecx; rdpkru
wrpkru           -        si:a             | xorl %ecx, %ecx; xorl %edx, %edx; wrpkru
readeflags_u64   di=r                      | leaq -128(%rsp), %rsp; pushfq; popq $0; leaq 128(%rsp), %rsp
writeeflags_u64  -        di:r             | leaq -128(%rsp), %rsp; pushq $0; popfq; leaq 128(%rsp), %rsp
bsrsi            si=r     si:r             | bsrl $1, $0
bsrdi            si=r     di:r             | bsrq $1, ${0:q}
rolqi            qi=r     qi:0 si:c        | rolb %cl, $0
rolhi            hi=r     hi:0 si:c        | rolw %cl, $0
rorqi            qi=r     qi:0 si:c        | rorb %cl, $0
rorhi            hi=r     hi:0 si:c        | rorw %cl, $0
"""
_TYPES = {"qi": UCHAR, "hi": USHORT, "si": INT, "di": LLONG}
_POINTER = QType(PointerT(QType(VOID)))
_PLACES = {"a": ["{ax}"], "b": ["{bx}"], "c": ["{cx}"], "d": ["{dx}"], "pair": ["{ax}", "{dx}"]}
_CLOBBERS = "~{memory},~{dirflag},~{fpsr},~{flags}"
_CHANGED = {"rdpkru": "~{cx},~{dx}", "wrpkru": "~{cx},~{dx}"}


@dataclass(frozen=True, slots=True)
class _Row:
    result: IntT | None
    source: str
    params: tuple[tuple[IntT | None, str], ...]  # None: a pointer
    text: str


def call(b: Builder, name: str, node: Any) -> Value | None:
    """None when `name`, without its prefix, is none of these."""
    if name == "rdtscp":
        return _rdtscp(b, node)
    row = _rows().get(name)
    if row is None:
        return None
    constraints, args = _inputs(b, row, arguments(b, node, len(row.params)))
    outputs = [f"={place}" for place in _places(row.source)] if row.result else []
    listed = [*outputs, *constraints, *filter(None, [_CHANGED.get(name)]), _CLOBBERS]
    types = _output_types(row)
    dsts = tuple(b.em.reg(type_) for type_ in types)
    b.em.add(ir.Asm(dsts, row.text, ",".join(listed), tuple(args), (None,) * len(args), True, b.em.loc))
    if row.result is None:
        return NOTHING
    whole = _joined(b, dsts[0], dsts[1]) if row.source == "pair" else dsts[0]
    return Value(b.em.resize(whole, IntType(8 * row.result.size), False), QType(row.result))


def _rdtscp(b: Builder, node: Any) -> Value:
    """`rdtscp(&processor)`: the clock in edx:eax, the processor's number in ecx."""
    place = b.convert(b.value(arguments(b, node, 1)[0]), _POINTER, node).op
    low, high, number = (b.em.reg(I32) for _ in range(3))
    b.em.add(ir.Asm((low, high, number), "rdtscp", f"={{ax}},={{dx}},={{cx}},{_CLOBBERS}", (), (), True, b.em.loc))
    b.em.store(place, number, align=4)
    return Value(_joined(b, low, high), QType(LLONG))


def _inputs(b: Builder, row: _Row, given: list[Any]) -> tuple[list[str], list[ir.Operand]]:
    constraints: list[str] = []
    args: list[ir.Operand] = []
    for (type_, place), node in zip(row.params, given, strict=True):
        constraints += _places(place)
        if type_ is None:
            args.append(b.convert(b.value(node), _POINTER, node).op)
        elif place == "i":
            found = b.sema.integer(node)
            if found is None or not 0 <= found[0] < 256:
                b.fail("E0272", node, "this argument must be a constant from 0 to 255")
            args.append(ir.Const(I32, found[0]))
        else:
            value = integer_argument(b, node, type_).op
            args += _halves(b, value) if place == "pair" else [value]
    return constraints, args


def _places(place: str) -> list[str]:
    return ["{" + place + "}"] if place.startswith("@") else _PLACES.get(place, [place])


def _output_types(row: _Row) -> list[Type]:
    if row.result is None:
        return []
    if row.source == "pair":
        return [I32, I32]
    return [I32 if row.source.startswith("@") else IntType(8 * row.result.size)]


def _halves(b: Builder, value: ir.Operand) -> list[ir.Operand]:
    high = b.em.bin("lshr", value, ir.Const(I64, 32))
    return [b.em.resize(value, I32, False), b.em.resize(high, I32, False)]


def _joined(b: Builder, low: ir.Operand, high: ir.Operand) -> ir.Operand:
    upper = b.em.bin("shl", b.em.resize(high, I64, False), ir.Const(I64, 32))
    return b.em.bin("or", upper, b.em.resize(low, I64, False))


@cache
def _rows() -> dict[str, _Row]:
    rows = {}
    for line in TABLE.strip().splitlines():
        shape, _, text = line.partition("|")
        name, result, *params = shape.split()
        kind, _, source = result.partition("=")
        pairs = (param.split(":") for param in params)
        places = tuple((_TYPES.get(type_), place) for type_, place in pairs)
        rows[name] = _Row(_TYPES.get(kind), source, places, text.strip().replace("; ", "\n\t"))
    return rows
