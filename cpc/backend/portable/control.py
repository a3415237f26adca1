"""Terminators as statements: control goes by `goto`, and falls through where the next block is the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpc.backend import abi
from cpc.backend.portable import types
from cpc.backend.portable.errors import NotPortable
from cpc.backend.portable.expressions import BINARY, PRIMARY, UNARY, Text
from cpc.backend.portable.inline_asm import asm_goto
from cpc.backend.portable.signatures import extended
from cpc.ir import ops as o
from cpc.ir.types import IntType

if TYPE_CHECKING:
    from cpc.backend.portable.function import FunctionWriter

_OPPOSITES = ((" != ", " == "), (" == ", " != "))


def terminator(w: FunctionWriter, term: o.Terminator, following: str) -> None:
    match term:
        case o.Jump(target):
            w.flush()
            _goto(w, target, following)
        case o.Branch():
            _branch(w, term, following)
        case o.Switch(value, cases, default):
            text = w.text(value)
            assert isinstance(value.type, IntType)
            bits = value.type.bits
            w.flush()
            w.emit(f"switch ({text}) {{")
            for number, label in cases:
                w.emit(f"case {types.integer(bits, number)}: goto {w.labels[label]};")
            w.emit(f"default: goto {w.labels[default]}; }}")
        case o.IndirectJump(ptr):
            text = w.text(ptr, UNARY)
            w.flush()
            w.emit(f"goto *(void *){text};")
        case o.AsmGoto():
            asm_goto(w, term)
            _goto(w, term.next, following)
        case o.Ret(values):
            texts = [w.text(v) for v in values]
            w.flush()
            w.emit(_return(w, texts))
        case o.TailCall(callee, args, sig):
            _tail_call(w, callee, args, sig)
        case o.Unreachable():
            w.flush()
            if "naked" not in w.fn.attrs:  # gcc would take it that the function never returns
                w.emit("cpc_unreachable();")
        case _:
            raise NotPortable("a suspension point after the split", w.loc)


def _goto(w: FunctionWriter, label: str, following: str) -> None:
    if label != following:
        w.emit(f"goto {w.labels[label]};")


def _branch(w: FunctionWriter, term: o.Branch, following: str) -> None:
    condition, then, other = w.value(term.cond), term.then, term.other
    w.flush()
    text, likely = condition.text, term.likely
    if then == following:
        then, other = other, then
        text = _negated(condition)
        likely = None if likely is None else not likely
    if likely is not None:
        text = f"cpc_{'likely' if likely else 'unlikely'}({text})"
    w.emit(f"if ({text}) goto {w.labels[then]};")
    _goto(w, other, following)


def _return(w: FunctionWriter, texts: list[str]) -> str:
    signature = w.signature
    if signature.hidden:
        return "return cpc_result;"
    if signature.returned:
        return f"return {w.name_of(w.fn.params[0])};"
    if not texts:
        return "return;"
    if len(texts) == 1:
        plain, ext = texts[0], w.fn.sig.ret_ext
        cast = extended(w.fn.sig.rets[0], ext, "") != ""
        return f"return {extended(w.fn.sig.rets[0], ext, f'({plain})') if cast else plain};"
    if signature.result == "cpc_complex_f80":
        return f"return cpc_complex_f80_of({', '.join(texts)});"
    return f"return ({signature.result}){{ {', '.join(texts)} }};"


def _tail_call(w: FunctionWriter, callee: o.Operand, args: tuple[o.Operand, ...], sig: o.Sig) -> None:
    """The parent goes on.  Its resume function is the first word of its frame, where cpc_resume reads it again."""
    if sig != abi.RESUME_SIG or w.fn.sig != abi.RESUME_SIG:
        raise NotPortable("a tail call that is no return from a coroutine", w.loc)
    if isinstance(callee, o.Reg):
        w.pending.pop(callee.name, None)
    frame, value = (w.text(arg) for arg in args)
    w.flush()
    # What ends with the function (arrays by malloc) rules out a tail call.
    w.emit(f"cpc_resume{'_later' if w.dynamic else ''}({frame}, {value});")


def _negated(condition: Text) -> str:
    """The opposite of a condition; of a lone (in)equality by its sign."""
    for sign, opposite in _OPPOSITES:
        left, found, right = condition.text.partition(sign)
        if found and condition.binds == BINARY and left.isidentifier() and right.isidentifier() | right.isdigit():
            return left + opposite + right
    return f"!{condition.at(PRIMARY)}"
