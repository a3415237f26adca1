"""`__memcpy_chk` and its kind (_FORTIFY_SOURCE): the plain function where nothing can overflow, by gcc's conditions.

    __strcpy_chk(d, s, size)    becomes, when the optimiser will run,

    if (is_constant(fits) && fits) strcpy(d, s); else __strcpy_chk(d, s, size);    fits: size is -1, or strlen(s) < size

`is_constant` lets the optimiser answer, which knows sizes, ranges and lengths of strings that show after inlining
only; it answers no in the end, and then the checked call alone is left.  LLVM's own rule asks for literal constants.
Each function has a list of ways out, tried in order; the checked call is the last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend.build import library, memory, text_variables
from cpc.frontend.build.constants import literal_bytes
from cpc.frontend.build.values import Value
from cpc.ir import ops as ir
from cpc.ir.types import I1, I64

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_NO_SIZE = ir.Const(I64, (1 << 64) - 1)


@dataclass(frozen=True, slots=True)
class _Way:
    """When `when` (i1) holds for certain: a call of `name`, or just `values[0]` when there is no name."""

    when: ir.Operand
    name: str
    values: list[Value]


@dataclass(frozen=True, slots=True)
class _Call:
    """A checked call; `unread`: nobody uses its result."""

    b: Builder
    name: str
    values: list[Value]
    unread: bool
    node: Any


def knows(name: str) -> bool:
    return name in _WAYS


def call(b: Builder, name: str, values: list[Value], node: Any, unread: bool) -> Value:
    """The call of the checked function `name`, or of what replaces it."""
    ways, last = _WAYS[name](_Call(b, name, values, unread, node))
    ways = [way for way in ways if way.when != ir.Const(I1, 0)]
    result = memory.temporary_place(b, library.result_type(b, name), "checked")
    done = b.em.new_label("checked")
    for way in ways:
        otherwise = b.em.new_label("otherwise")
        if not isinstance(way.when, ir.Const):
            _branch_if_certain(b, way.when, otherwise)
        memory.store(b, result, _taken(b, way, node))
        b.em.jump(done)
        b.em.start(otherwise)
        if isinstance(way.when, ir.Const):
            break
    else:
        memory.store(b, result, library.emit(b, last, values, node))
    b.em.start(done)
    return memory.load(b, result, node)


def _branch_if_certain(b: Builder, when: ir.Operand, otherwise: str) -> None:
    certain = b.em.intrinsic("is_constant", (when,), I1)
    assert certain is not None
    plain = b.em.new_label("plain")
    b.em.branch(b.em.bin("and", certain, when), plain, otherwise)
    b.em.start(plain)


def _taken(b: Builder, way: _Way, node: Any) -> Value:
    if not way.name:
        return way.values[0]
    return library.call_values(b, way.name, way.values, node)


# ---- conditions ---------------------------------------------------------------------------------------------

_Ways = tuple[list[_Way], str]


def _plain(name: str) -> str:
    return name.removeprefix("__").removesuffix("_chk")


def _length(call: _Call, value: Value) -> ir.Operand:
    """strlen: a call that the optimiser removes when it does not know the answer."""
    text = literal_bytes(call.b, value.op)
    if text is not None:
        return ir.Const(I64, text.index(0))
    return library.emit(call.b, "strlen", [value], call.node).op


def _either(b: Builder, one: ir.Operand, other: ir.Operand) -> ir.Operand:
    if isinstance(one, ir.Const) or isinstance(other, ir.Const):
        known, rest = (one, other) if isinstance(one, ir.Const) else (other, one)
        assert isinstance(known, ir.Const)
        return known if known.value else rest
    return b.em.bin("or", one, other)


def _fits(call: _Call, size: Value, needed: ir.Operand, pred: str = "ule") -> ir.Operand:
    em = call.b.em
    return _either(call.b, em.cmp("eq", size.op, _NO_SIZE), em.cmp(pred, needed, size.op))


def _fits_text(call: _Call, size: Value, text: Value, node: Any = None) -> ir.Operand:
    """`node`: the expression of the text, where it is an argument of the program's call."""
    unknown = call.b.em.cmp("eq", size.op, _NO_SIZE)
    if unknown == ir.Const(I1, 1) or not call.b.knows("strlen"):
        return unknown
    longest = text_variables.longest(call.b, node)
    if longest is not None and isinstance(size.op, ir.Const) and longest < size.op.value:
        return ir.Const(I1, 1)
    return _either(call.b, unknown, call.b.em.cmp("ult", _length(call, text), size.op))


# ---- the families -------------------------------------------------------------------------------------------


def _bytes(call: _Call) -> _Ways:
    """memcpy and others of a number of bytes.  Without a reader, mempcpy is memcpy and stpncpy strncpy."""
    *plain, size = call.values
    name = call.name
    if call.unread:
        name = {"__mempcpy_chk": "__memcpy_chk", "__stpncpy_chk": "__strncpy_chk"}.get(name, name)
    return [_Way(_fits(call, size, plain[2].op), _plain(name), plain)], name


def _copy(call: _Call) -> _Ways:
    """strcpy, stpcpy."""
    *plain, size = call.values
    name = "__strcpy_chk" if call.unread else call.name
    given: Any = call.node.args.exprs if isinstance(call.node, c_ast.FuncCall) and call.node.args is not None else ()
    text = given[1] if len(given) == 3 else None
    return [_Way(_fits_text(call, size, plain[1], text), _plain(name), plain)], name


def _append(call: _Call) -> _Ways:
    """strcat: what is in the target is not known, so only its being of unknown size lets the check go."""
    to, text, size = call.values
    em = call.b.em
    ways = []
    if call.b.knows("strlen"):
        ways.append(_Way(em.cmp("eq", _length(call, text), em.zero(I64)), "", [to]))
    return [*ways, _Way(em.cmp("eq", size.op, _NO_SIZE), "strcat", [to, text])], call.name


def _append_some(call: _Call) -> _Ways:
    """strncat."""
    to, text, count, size = call.values
    em = call.b.em
    ways = [_Way(em.cmp("eq", count.op, em.zero(I64)), "", [to])]
    if call.b.knows("strlen"):
        length = _length(call, text)
        ways[0] = _Way(_either(call.b, ways[0].when, em.cmp("eq", length, em.zero(I64))), "", [to])
    ways.append(_Way(em.cmp("eq", size.op, _NO_SIZE), "strncat", [to, text, count]))
    if call.b.knows("strlen"):
        ways.append(_Way(em.cmp("ule", length, count.op), "__strcat_chk", [to, text, size]))
    return ways, call.name


def _harmless(call: _Call, flag: Value, format_: bytes | None) -> bool:
    """Whether the format can be given to the function without checks of %n."""
    return flag.op == ir.Const(flag.op.type, 0) or (format_ is not None and (b"%" not in format_ or format_ == b"%s\0"))


def _print(call: _Call) -> _Ways:
    """sprintf, vsprintf: as long as the format says without arguments, or the one string that it prints."""
    to, flag, size, text, *rest = call.values
    format_ = literal_bytes(call.b, text.op)
    if not _harmless(call, flag, format_):
        return [], call.name
    variadic = call.name == "__sprintf_chk"
    when = call.b.em.cmp("eq", size.op, _NO_SIZE)
    if format_ is not None and b"%" not in format_ and (not variadic or not rest):
        when = _fits_text(call, size, text)
    elif format_ == b"%s\0" and variadic and len(rest) == 1 and rest[0].op.type == to.op.type:
        when = _fits_text(call, size, rest[0])
    return [_Way(when, _plain(call.name), [to, text, *rest])], call.name


def _print_some(call: _Call) -> _Ways:
    """snprintf, vsnprintf."""
    to, count, flag, size, text, *rest = call.values
    if not _harmless(call, flag, literal_bytes(call.b, text.op)):
        return [], call.name
    return [_Way(_fits(call, size, count.op), _plain(call.name), [to, count, text, *rest])], call.name


_WAYS: dict[str, Callable[[_Call], _Ways]] = {
    **dict.fromkeys(("__memcpy_chk", "__memmove_chk", "__mempcpy_chk", "__memset_chk"), _bytes),
    **dict.fromkeys(("__strncpy_chk", "__stpncpy_chk"), _bytes),
    **dict.fromkeys(("__strcpy_chk", "__stpcpy_chk"), _copy),
    "__strcat_chk": _append,
    "__strncat_chk": _append_some,
    **dict.fromkeys(("__sprintf_chk", "__vsprintf_chk"), _print),
    **dict.fromkeys(("__snprintf_chk", "__vsnprintf_chk"), _print_some),
}
