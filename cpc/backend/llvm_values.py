"""How types, names, constants and initialisers are spelled in LLVM IR (LLVM 22, opaque pointers).

Pure functions from IR to text.  Registers, locals and blocks share one name space in LLVM, so they are `%r.name`,
`%l.name` and `%b.name`; LLVM's own numbering of unnamed values is not used.  Memory has no structure: a local or a
global is `[N x i8]`, an initialiser is a packed struct of its pieces.
"""

from __future__ import annotations

import re
from typing import assert_never

from cpc.ir import ops as o
from cpc.ir.types import FloatType, IntType, PtrType, Type, VecType

_PLAIN = re.compile(r"[-a-zA-Z$._][-a-zA-Z$._0-9]*\Z")
_FLOATS = {32: "float", 64: "double", 80: "x86_fp80", 128: "fp128"}


def type_text(type_: Type) -> str:
    match type_:
        case IntType(bits):
            return f"i{bits}"
        case PtrType():
            return "ptr"
        case FloatType(bits):
            return _FLOATS[bits]
        case VecType(lane, count):
            return f"<{count} x {type_text(lane)}>"
    assert_never(type_)


def suffix(type_: Type) -> str:
    """The type as part of an intrinsic's name."""
    return "p0" if isinstance(type_, PtrType) else str(type_)


def result_type(rets: tuple[Type, ...]) -> str:
    match rets:
        case ():
            return "void"
        case (one,):
            return type_text(one)
    return "{ " + ", ".join(type_text(t) for t in rets) + " }"


# ---- names --------------------------------------------------------------------------------------------------


def string(text: str) -> str:
    """A quoted string; what is not printable ASCII is \\xx of its UTF-8 bytes."""
    return bytes_string(text.encode("utf-8", "surrogateescape"))


def bytes_string(data: bytes) -> str:
    return '"' + _ESCAPED.sub(_escape, data.decode("latin-1")) + '"'


_ESCAPED = re.compile(r"[^ !#-\[\]-~]")


def _escape(found: re.Match[str]) -> str:
    return f"\\{ord(found.group()):02X}"


def name(text: str) -> str:
    return text if _PLAIN.match(text) else string(text)


def global_name(text: str) -> str:
    return f"@{name(text)}"


def reg_name(text: str) -> str:
    return f"%{name('r.' + text)}"


def local_name(text: str) -> str:
    return f"%{name('l.' + text)}"


def block_name(label: str) -> str:
    return f"%{name('b.' + label)}"


# ---- operands -----------------------------------------------------------------------------------------------


def value_text(operand: o.Operand, function: str) -> str:
    """The operand without its type; `function` is the one it stands in (for block addresses)."""
    match operand:
        case o.Reg(text):
            return reg_name(text)
        case o.Const(type_, value):
            return constant(type_, value)
        case o.GlobalAddr(text, 0):
            return global_name(text)
        case o.GlobalAddr(text, offset):
            return f"getelementptr (i8, ptr {global_name(text)}, i64 {offset})"
        case o.LocalAddr(text):
            return local_name(text)
        case o.BlockAddr(label):
            return f"blockaddress({global_name(function)}, {block_name(label)})"
        case o.Undef():
            return "undef"
        case o.FrameAddr():
            raise AssertionError("a frame address after the split")
    assert_never(operand)


def constant(type_: Type, value: int) -> str:
    match type_:
        case IntType(1):
            return "true" if value else "false"
        case IntType():
            return str(value)
        case PtrType():
            return f"inttoptr (i64 {value} to ptr)" if value else "null"
        case FloatType(bits):
            return float_bits(bits, value)
        case VecType(lane, count):
            bits, mask = lane.bits, (1 << lane.bits) - 1
            kind = type_text(lane)
            lanes = (constant(lane, value >> (i * bits) & mask) for i in range(count))
            return "<" + ", ".join(f"{kind} {text}" for text in lanes) + ">"
    assert_never(type_)


def float_bits(bits: int, value: int) -> str:
    """LLVM writes a float with the bits of the double of equal value, x87 as 0xK with the exponent first, and
    binary128 as 0xL with the low half first."""
    match bits:
        case 32:
            return f"0x{_widen(value):016X}"
        case 64:
            return f"0x{value:016X}"
        case 80:
            return f"0xK{value:020X}"
    return f"0xL{value & (1 << 64) - 1:016X}{value >> 64:016X}"


def _widen(value: int) -> int:
    """The bits of a float as those of a double, NaN payloads included."""
    sign, exponent, fraction = value >> 31, value >> 23 & 0xFF, value & 0x7FFFFF
    if exponent == 0 and fraction:
        shift = 24 - fraction.bit_length()
        exponent, fraction = 1 - shift, fraction << shift & 0x7FFFFF
        wide = exponent + 896
    elif exponent == 0:
        wide = 0
    else:
        wide = 0x7FF if exponent == 0xFF else exponent + 896
    return sign << 63 | wide << 52 | fraction << 29


# ---- initialisers -------------------------------------------------------------------------------------------


def initialiser(pieces: list[o.DataPiece]) -> tuple[str, str]:
    """The type and the value of an initialised variable."""
    texts = [_piece(piece) for piece in pieces]
    match texts:
        case []:
            return "[0 x i8]", "zeroinitializer"
        case [(kind, value)]:
            return kind, value
    kinds = ", ".join(kind for kind, _ in texts)
    values = ", ".join(f"{kind} {value}" for kind, value in texts)
    return f"<{{ {kinds} }}>", f"<{{ {values} }}>"


def _piece(piece: o.DataPiece) -> tuple[str, str]:
    match piece:
        case o.DataBytes(data):
            return f"[{len(data)} x i8]", f"c{bytes_string(data)}"
        case o.DataZero(size):
            return f"[{size} x i8]", "zeroinitializer"
        case o.DataAddr(symbol, addend):
            return "ptr", value_text(o.GlobalAddr(symbol, addend), "")
        case o.DataLabel(function, label, minus, size):
            return _label_piece(function, label, minus, size)
    assert_never(piece)


def _label_piece(function: str, label: str, minus: str, size: int) -> tuple[str, str]:
    address = value_text(o.BlockAddr(label), function)
    if not minus:
        return "ptr", address
    base = value_text(o.BlockAddr(minus), function)
    difference = f"sub (i64 ptrtoint (ptr {address} to i64), i64 ptrtoint (ptr {base} to i64))"
    if size == 8:
        return "i64", difference
    return f"i{8 * size}", f"trunc (i64 {difference} to i{8 * size})"


def difference32(a: str, b: str) -> str:
    """The i32 constant `@a - @b`."""
    first, second = (f"i64 ptrtoint (ptr {global_name(n)} to i64)" for n in (a, b))
    return f"trunc (i64 sub ({first}, {second}) to i32)"
