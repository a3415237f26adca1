"""Lowered signatures as C function types that make a C compiler pass everything where LLVM passes it.

The IR has the calling convention applied: a struct is in pieces, or `byval`, or behind `sret`.  A C compiler applies
the convention itself, so each of these is written as a C type that it treats the same way:

    one register's piece        a scalar parameter; under 32 bits and not extended: uint32_t, so that nobody trusts the
                                upper bits
    several results             a struct of them (two x87 results: _Complex, which returns in st(0) and st(1))
    byval, x86-64               a struct of class MEMORY: over 16 bytes, or with a member that is not aligned
    byval, aarch64              a struct where registers are full: of integers, or a homogeneous one of floats
    sret, x86-64                a pointer parameter that is returned
    sret, aarch64               a struct over 16 bytes as the result

So layouts and conventions are those of the target, and the text is for that target's compilers.  Coroutine ramps and
resume functions return `cpc_ret`, which is {i64, ptr} for both.
"""

from __future__ import annotations

from dataclasses import dataclass

from cpc.backend.abi import RETS
from cpc.backend.portable.errors import NotPortable
from cpc.backend.portable.types import Types, signed, word
from cpc.ir.ops import ParamSpec, Sig
from cpc.ir.types import F80, PTR, FloatType, IntType, Type, VecType, store_size

_REGISTERS = {"sysv": (6, 8), "aapcs64": (8, 8)}


@dataclass(frozen=True, slots=True)
class CSignature:
    """`params` has one C type per IR parameter but for a hidden `sret`; `hidden` says that the first IR parameter is
    one, and `returned` that the function returns the pointer."""

    result: str
    params: tuple[str, ...]
    variadic: bool
    hidden: bool = False
    returned: bool = False

    def declare(self, declarator: str, names: tuple[str, ...] = ()) -> str:
        """`result declarator(params)`."""
        texts = [*self.params]
        if names:
            texts = [f"{t} {n}".replace("* ", "*") for t, n in zip(self.params, names, strict=True)]
        if self.variadic and texts:
            texts.append("...")
        inside = ", ".join(texts) or ("" if self.variadic else "void")
        return f"{self.result} {declarator}({inside})".replace("* ", "*", 1 if self.result.endswith("*") else 0)

    @property
    def pointer(self) -> str:
        """The type of a pointer to it, as a cast has it."""
        return self.declare("(*)")


class Signatures:
    def __init__(self, calls: str, types: Types) -> None:
        self.calls = calls
        self.types = types

    def of(self, sig: Sig) -> CSignature:
        params: list[str] = []
        registers = _Registers(*_REGISTERS[self.calls])
        hidden = returned = False
        result = self._result(sig)
        for spec in sig.params:
            if spec.sret is not None and self.calls == "aapcs64":
                hidden, result = True, self._large(*spec.sret)
                continue
            if spec.sret is not None:
                returned, result = True, "char *"
            if spec.byval is not None:
                params.append(self._by_value(spec.byval, registers))
            else:
                registers.take(spec.type)
                params.append(self.param(spec))
        return CSignature(result, tuple(params), sig.variadic, hidden, returned)

    def param(self, spec: ParamSpec) -> str:
        return self._scalar(spec.type, spec.ext)

    def _scalar(self, type_: Type, ext: str) -> str:
        name = self.types.name(type_)
        if isinstance(type_, IntType) and type_.bits < 32:
            bits = max(8, type_.bits)
            return {"zext": f"uint{bits}_t", "sext": f"int{bits}_t"}.get(ext, "uint32_t")
        return name

    def _result(self, sig: Sig) -> str:
        match sig.rets:
            case ():
                return "void"
            case (one,):
                return self._scalar(one, sig.ret_ext)
            case (FloatType(80), FloatType(80)):
                return "cpc_complex_f80"
        if sig.rets == RETS:
            return "cpc_ret"
        name = "cpc_ret_" + "_".join(word(t) for t in sig.rets)
        fields = " ".join(f"{self.types.name(t)} r{i};" for i, t in enumerate(sig.rets))
        return self.types.declare(name, f"typedef struct {{ {fields} }} {name};")

    # -- memory by value --

    def _by_value(self, byval: tuple[int, int], registers: _Registers) -> str:
        size, align = byval
        if self.calls == "aapcs64":
            return self._on_stack(size, align, registers)
        return self._of_class_memory(size, align)

    def _of_class_memory(self, size: int, align: int) -> str:
        words = f"packed, may_alias, aligned({align if align > 8 else 1})"
        body = f"char byte[{size}];"
        if 9 <= size <= 16:
            body = f"char first; uint64_t unaligned;{f' char rest[{size - 9}];' if size > 9 else ''}"
        elif 3 <= size <= 8:
            body = f"char first; uint16_t unaligned;{f' char rest[{size - 3}];' if size > 3 else ''}"
        name = f"cpc_stack_{size}_{align}"
        return self.types.declare(name, f"typedef struct {{ {body} }} __attribute__(({words})) {name};")

    def _on_stack(self, size: int, align: int, registers: _Registers) -> str:
        if size <= 16 and not registers.integers:
            name, body = f"cpc_stack_{size}_{align}", f"char byte[{size}];"
        else:
            lane = "cpc_f128" if align == 16 else "double" if size % 8 == 0 else "float"
            count = size // {"cpc_f128": 16, "double": 8, "float": 4}[lane]
            name, body = f"cpc_stack_{size}_{align}f", f"{lane} part[{count}];"
        return self.types.declare(name, f"typedef struct {{ {body} }} __attribute__((may_alias)) {name};")

    def _large(self, size: int, align: int) -> str:
        if size <= 16:
            raise NotPortable(f"a result of {size} bytes in memory has no type in portable C for this target")
        name = f"cpc_result_{size}_{align}"
        words = f"may_alias, aligned({align})"
        return self.types.declare(name, f"typedef struct {{ char byte[{size}]; }} __attribute__(({words})) {name};")


@dataclass(slots=True)
class _Registers:
    """Those that are left for parameters."""

    integers: int
    vectors: int

    def take(self, type_: Type) -> None:
        if isinstance(type_, FloatType | VecType):
            self.vectors = max(0, self.vectors - (type_ != F80))
        else:
            self.integers = max(0, self.integers - (1 if type_ == PTR else max(1, store_size(type_) // 8)))


def extended(spec_type: Type, ext: str, text: str) -> str:
    """A value as a parameter or result of the type that `Signatures` gives it."""
    if isinstance(spec_type, IntType) and spec_type.bits < 32 and ext == "sext":
        return f"({signed(IntType(max(8, spec_type.bits)))}){text}"
    return text
