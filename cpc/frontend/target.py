"""What differs between the machines that cpc compiles for; everything else in the compiler is the same for all.

A `Target` is a value that travels with the options: Sema and Builder hold one, the driver hands its LLVM fields to
the backend.  The tables of the front end (specifiers.py, library.py, ...) are written for x86-64, and `own` gives the
target's type for one of theirs: `char` may be unsigned, `wchar_t` too, and `long double` has another format.

Both targets are LP64, little-endian, with the same record layout but for unnamed bit-fields and large vectors.

Rejected: asking "is it aarch64?" where something differs; the fields say what differs instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from cpc.frontend import c_types
from cpc.frontend.c_types import ComplexT, CType, FloatT, IntT, PointerT, QType, RecordT
from cpc.frontend.layout import lay_out_record

_UNKNOWN_TO_LLVM = re.compile(r"(?:eden|nano)-?")  # gcc's; what they can do is among the features


@dataclass(frozen=True, slots=True)
class Target:
    """`name` is gcc's name for the target; `tools` stands in front of the names of its tools, `cc` being the name of
    the compiler. `calls` is the calling convention, with the va_list that belongs to it. `largest_vector` bounds
    the alignment of vector types. `no_vectors` are LLVM's features for -mgeneral-regs-only, `clobbers` what every
    asm statement changes, `stack_pointer` the names of that register, and `has_mcpu` says that -mcpu names a
    processor, `unnamed_bits_align` that unnamed bit-fields align their record."""

    name: str
    triple: str
    data_layout: str
    cpu: str
    no_vectors: str
    cc: str
    tools: str
    calls: Literal["sysv", "aapcs64"]
    char: IntT
    wchar: IntT
    long_double: FloatT
    largest_vector: int
    stack_pointer: tuple[str, ...]
    clobbers: tuple[str, ...] = ()
    has_mcpu: bool = False
    unnamed_bits_align: bool = False

    @property
    def is_default(self) -> bool:
        """Whether types need no translation."""
        return self.char.signed and self.long_double.bits == 80

    def with_char(self, *, signed: bool) -> Target:
        """-fsigned-char, -funsigned-char."""
        return replace(self, char=c_types.CHAR if signed else _UNSIGNED_CHAR)

    def processor(self, name: str) -> tuple[str, str]:
        """LLVM's processor and features for the argument of -march or -mcpu."""
        found = re.fullmatch(r"armv([89](?:\.\d)?)-a((?:\+\w+)*)", name)
        if found is None:
            return (self.cpu if _UNKNOWN_TO_LLVM.match(name) else name or self.cpu), ""
        names = [_ARM_FEATURES.get(word, word) for word in found[2].split("+")[1:]]
        without = [f"-{word[2:]}" if word.startswith("no") else f"+{word}" for word in names]
        return self.cpu, ",".join([f"+v{found[1]}a", *without])

    def is_stack_pointer(self, register: str) -> bool:
        """Whether an asm label of a `register` variable means the stack pointer, which code may always read."""
        return register.lstrip("%") in self.stack_pointer

    def own(self, type_: CType) -> CType:
        """This target's type for one of x86-64's: `char` and `long double`, also behind pointers and in _Complex."""
        if self.is_default:
            return type_
        match type_:
            case IntT() if type_ == c_types.CHAR:
                return self.char
            case FloatT():
                return self.own_float(type_)
            case ComplexT(FloatT() as part):
                return ComplexT(self.own_float(part))
            case ComplexT(IntT() as part) if part == c_types.CHAR:
                return ComplexT(self.char)
            case PointerT(to):
                return PointerT(self.own_type(to))
            case _:
                return type_

    def own_float(self, type_: FloatT) -> FloatT:
        if type_ == c_types.FLOAT64X:
            return replace(type_, bits=self.long_double.bits)
        return self.long_double if type_ == c_types.LDOUBLE else type_

    def own_type(self, type_: QType) -> QType:
        return type_ if self.is_default else replace(type_, type=self.own(type_.type))


_UNSIGNED_CHAR = replace(c_types.CHAR, signed=False)
_ARM_FEATURES = {"simd": "neon", "fp": "fp-armv8", "nosimd": "noneon", "nofp": "nofp-armv8", "fp16": "fullfp16",
                 "rng": "rand", "memtag": "mte"}  # fmt: skip

X86_64 = Target(
    name="x86_64-linux-gnu",
    triple="x86_64-unknown-linux-gnu",
    data_layout="e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128",
    cpu="x86-64",
    no_vectors="-mmx,-sse,-sse2,-x87,+soft-float",
    cc="cc",
    tools="",
    calls="sysv",
    char=c_types.CHAR,
    wchar=c_types.INT,
    long_double=c_types.LDOUBLE,
    largest_vector=1 << 28,
    stack_pointer=("rsp", "esp", "sp"),
    clobbers=("~{dirflag}", "~{fpsr}", "~{flags}"),
)

AARCH64 = Target(
    name="aarch64-linux-gnu",
    triple="aarch64-unknown-linux-gnu",
    data_layout="e-m:e-p270:32:32-p271:32:32-p272:64:64-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32",
    cpu="generic",
    no_vectors="-neon,-fp-armv8",
    cc="aarch64-linux-gnu-gcc",
    tools="aarch64-linux-gnu-",
    calls="aapcs64",
    char=_UNSIGNED_CHAR,
    wchar=c_types.UINT,
    long_double=replace(c_types.LDOUBLE, bits=128),
    largest_vector=16,
    stack_pointer=("sp",),
    has_mcpu=True,
    unnamed_bits_align=True,
)

_ALIASES = {
    spelling: target
    for target in (X86_64, AARCH64)
    for machine in (target.name.split("-")[0],)
    for spelling in (target.name, *(f"{machine}-{vendor}-linux-gnu" for vendor in ("unknown", "pc", "none")))
}


def target_named(name: str) -> Target | None:
    """The target that --target=NAME means."""
    return _ALIASES.get(name)


def target_names() -> list[str]:
    return [X86_64.name, AARCH64.name]


def va_list_type(target: Target) -> QType:
    """`__builtin_va_list`: an array of one structure for System V, so that it is passed by address; for AAPCS64 the
    structure itself."""
    pointer = QType(PointerT(QType(c_types.VOID)))
    if target.calls == "aapcs64":
        fields = [("__stack", pointer), ("__gr_top", pointer), ("__vr_top", pointer)]
        fields += [(name, QType(c_types.INT)) for name in ("__gr_offs", "__vr_offs")]
        return QType(_record("__va_list", fields))
    offsets = [(name, QType(c_types.UINT)) for name in ("gp_offset", "fp_offset")]
    tag = _record("__va_list_tag", [*offsets, ("overflow_arg_area", pointer), ("reg_save_area", pointer)])
    return QType(c_types.ArrayT(QType(tag), 1))


def _record(tag: str, fields: list[tuple[str, QType]]) -> RecordT:
    record = RecordT("struct", tag, [c_types.Member(name, type_) for name, type_ in fields])
    lay_out_record(record)
    return record
