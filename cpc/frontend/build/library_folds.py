"""Calls of library functions that gcc turns into others and LLVM does not (gcc's gimple-fold.c).

    memcpy(d, s, 8)             MemCopy, which no option for the optimiser forbids; memmove likewise
    bcopy(s, d, n)              memmove(d, s, n)
    strncat(d, "", n)           d
    vsprintf(d, "text", ap)     sprintf(d, "text")
    __printf_chk(1, "text\\n")   printf("text\\n")       when nobody reads the result
    fputs_unlocked("", f)       nothing                 when nobody reads the result
    strstr(s, "c")              strchr(s, 'c')          under another assembler name only: `_search`

What LLVM does itself with the plain functions is left to it.  Only where the optimiser will run, and never for a
function that -fno-builtin takes from the library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cpc.frontend.build import checked_calls, library, memory
from cpc.frontend.build.constants import literal_bytes
from cpc.frontend.build.values import NOTHING, Value, is_scalar, is_void, scalar_type
from cpc.frontend.c_types import INT, VOID, FunctionT, PointerT, QType
from cpc.ir import ops as ir
from cpc.ir.types import I1, I32, I64

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_POINTER = QType(PointerT(QType(VOID)))
_FORMAT_AT = {  # where the format stands, of the functions that print to a stream
    "printf": 0, "fprintf": 1, "vprintf": 0, "vfprintf": 1,
}  # fmt: skip
_SIMPLE = (b"%s\0", b"%c\0")
_NOTHING_READ = Value(ir.Const(I32, 0), QType(INT))


def fold(b: Builder, name: str, values: list[Value], node: Any) -> Value | None:
    """What the call of `name` with converted arguments becomes; None when it stays as it is."""
    if not b.options.optimised or b.scratch_depth or b.function is None:
        return None
    unread = node in b.unread
    if checked_calls.knows(name):
        return checked_calls.call(b, name, values, node, unread)
    match name, values:
        case "memcpy", [to, source, Value(op=ir.Const(value=size))]:
            b.em.copy(to.op, source.op, size, 1)
            return to
        case "memmove", [to, source, Value(op=ir.Const()) as size]:
            b.em.intrinsic("memmove", (to.op, source.op, size.op, ir.Const(I1, 0)))
            return to
        case "bcopy", [source, to, size]:
            library.call_values(b, "memmove", [to, source, size], node)
            return NOTHING
        case "strncat", [to, text, _] if literal_bytes(b, text.op) == b"\0":
            return to
        case "vsprintf", [to, text, _] if b"%" not in (literal_bytes(b, text.op) or b"%"):
            return library.call_values(b, "sprintf", [to, text], node)
        case "fputs_unlocked", [text, _] if unread and literal_bytes(b, text.op) == b"\0":
            return _NOTHING_READ
        case "strstr", [_, _] if is_renamed(b, "strstr"):
            return _search(b, values, node)
    return _printed(b, name, values, node) if unread else None


def is_renamed(b: Builder, name: str) -> bool:
    """Whether the program declares the library's function with another assembler name: gcc knows it all the same."""
    symbol = b.sema.linked.get(name)
    return symbol is not None and symbol.linkage == "external" and symbol.ir_name != name and not symbol.defined


def _search(b: Builder, values: list[Value], node: Any) -> Value:
    """strstr under another assembler name, which LLVM does not know: it is asked about strstr, whose call it removes
    again; what it knows for certain stands for the program's call."""
    text, wanted = values
    literal = literal_bytes(b, wanted.op) or b""
    if literal == b"\0":
        return text
    if len(literal) == 2:
        return library.call_values(b, "strchr", [text, Value(ir.Const(I32, literal[0]), QType(INT))], node)
    found = library.emit(b, "strstr", values, node, by_own_name=True)
    start, end = (b.em.cast("ptrtoint", value.op, I64) for value in (text, found))
    distance = b.em.bin("sub", end, start)
    certain = b.em.intrinsic("is_constant", (distance,), I1)
    assert certain is not None
    result = memory.temporary_place(b, _POINTER, "found")
    known, unknown, done = (b.em.new_label(stem) for stem in ("known", "unknown", "found"))
    b.em.branch(certain, known, unknown)
    b.em.start(known)
    memory.store(b, result, Value(b.em.ptr_add(text.op, distance), _POINTER))
    b.em.jump(done)
    b.em.start(unknown)
    memory.store(b, result, library.emit(b, "strstr", values, node))
    b.em.start(done)
    return memory.load(b, result, node)


def _printed(b: Builder, name: str, values: list[Value], node: Any) -> Value | None:
    """The printf family, when nobody reads the result."""
    plain = name.removeprefix("__").removesuffix("_chk").removesuffix("_unlocked")
    at = _FORMAT_AT.get(plain)
    if at is None:
        return None
    if name.endswith("_chk"):
        values = [value for i, value in enumerate(values) if i != at]  # without the flag
    text = literal_bytes(b, values[at].op)
    if text is None:
        return None
    rest = values[at + 1 :]
    if text == b"\0" or (text == b"%s\0" and rest and plain[0] != "v" and literal_bytes(b, rest[0].op) == b"\0"):
        return _NOTHING_READ
    if not name.endswith("_chk") or not _replaced(b, plain, text, rest):
        return None
    if plain[0] == "v":
        plain, values = plain[1:], values[: at + 1]
    return library.call_values(b, plain, values, node)


def _replaced(b: Builder, plain: str, text: bytes, rest: list[Value]) -> bool:
    """Whether gcc calls neither this function nor its checked form: then it calls puts, fputc and the like."""
    if plain[0] == "v":
        rest = []
    to_stream = plain.endswith("fprintf")
    if b"%" not in text:
        return not rest and (to_stream or _is_line(text))
    if len(rest) != 1:
        return False
    if text == b"%s\0" and not to_stream:
        argument = literal_bytes(b, rest[0].op)
        return argument is not None and _is_line(argument)
    return text in _SIMPLE or (text == b"%s\n\0" and not to_stream)


def _is_line(text: bytes) -> bool:
    """One character, or what puts prints."""
    return len(text) == 2 or text.endswith(b"\n\0")


def fits(name: str, fn: FunctionT) -> bool:
    """Whether a function that the program declares has the type of the library's `name`, as far as calls can tell."""
    expected = library.PROTOTYPES.get(name)
    if expected is None or not fn.prototyped:
        return False
    if fn.variadic != expected.variadic or len(fn.params) != len(expected.params):
        return False
    return all(map(_same_register, (fn.result, *fn.params), (expected.result, *expected.params)))


def _same_register(one: QType, other: QType) -> bool:
    if not is_scalar(one) or not is_scalar(other):
        return is_void(one) and is_void(other)
    return scalar_type(one) == scalar_type(other)
