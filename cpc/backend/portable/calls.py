"""Calls: through the declaration where it has the call's type, else through a pointer of that type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpc.backend import abi
from cpc.backend.portable.errors import NotPortable
from cpc.backend.portable.expressions import UNARY
from cpc.backend.portable.signatures import CSignature, extended
from cpc.ir import ops as o
from cpc.ir.types import F32, PTR, IntType

if TYPE_CHECKING:
    from cpc.backend.portable.function import FunctionWriter


def call(w: FunctionWriter, op: o.Call) -> None:
    callee = op.callee
    if op.unwind:
        raise NotPortable("a cleanup that an exception runs in portable C", op.loc)
    if isinstance(callee, o.GlobalAddr) and callee.name in abi.HELPERS:
        name = "cpc_" + callee.name.removeprefix("co.")
        call = f"{name}({', '.join(w.text(arg) for arg in op.args)})"
        w.writes()
        _results(w, op, call, "")
        return
    if "win64" in op.attrs:
        raise NotPortable("a call of an ms_abi function in portable C", op.loc)
    called, signature = _callee(w, op)
    args = _arguments(w, op, signature)
    call = f"{called}({', '.join(args)})"
    w.writes()
    _results(w, op, call, signature.result)


def _callee(w: FunctionWriter, op: o.Call) -> tuple[str, CSignature]:
    """What stands in front of the arguments.  A function that is declared with another type is called through a
    variable: a compiler that sees through a cast may refuse the call."""
    signature = w.unit.signatures.of(op.sig)
    if isinstance(op.callee, o.GlobalAddr) and not op.callee.offset:
        declared = w.unit.function_type(op.callee.name)
        if declared is not None and _fits(signature, declared):
            return w.unit.names[op.callee.name], declared
        pointer = w.unit.address(op.callee.name, w.fn.name).text
        variable = w.scope.fresh("called")
        w.used[f"&{variable}"] = o.Reg(variable, PTR)
        w.registers[f"&{variable}"] = variable
        w.emit(f"{variable} = {pointer};")
        return f"(({signature.pointer}){variable})", signature
    return f"(({signature.pointer}){w.text(op.callee, UNARY)})", signature


def _arguments(w: FunctionWriter, op: o.Call, signature: CSignature) -> list[str]:
    own = w.unit.signatures.of(op.sig)
    specs = op.sig.params
    texts: list[str] = []
    for i, arg in enumerate(op.args):
        if i >= len(specs):
            texts.append(_variable(w, arg))
            continue
        spec = specs[i]
        if spec.sret is not None and own.hidden:
            continue
        if spec.byval is not None:
            texts.append(f"*({own.params[len(texts)]} *){w.text(arg, UNARY)}")
        elif i >= len(signature.params) + own.hidden or not signature.params:
            texts.append(_variable(w, arg))
        else:
            texts.append(extended(spec.type, spec.ext, w.text(arg, UNARY)))
    return texts


def _variable(w: FunctionWriter, operand: o.Operand) -> str:
    """A variable argument.  A float is part of a struct: its bits, where C would make a double of its value."""
    if operand.type == F32:
        return f"cpc_f64_of_u64(cpc_u32_of_f32({w.text(operand)}))"
    return w.typed(operand)


def _results(w: FunctionWriter, op: o.Call, call: str, result: str) -> None:
    own = w.unit.signatures.of(op.sig)
    if own.hidden:
        # The place is the first argument; its text was not used yet.
        w.emit(f"*({own.result} *){w.text(op.args[0], UNARY)} = {call};")
    elif not op.dsts or not w.used_ever.intersection(dst.name for dst in op.dsts):
        w.emit(f"{call};")
    elif len(op.dsts) == 1:
        narrow = isinstance(op.dsts[0].type, IntType) and op.dsts[0].type.bits < 32 and op.dsts[0].type.bits > 1
        cast = f"({w.unit.types.name(op.dsts[0].type)})" if narrow else ""
        w.assign(op.dsts[0], cast + call)
    elif result == "cpc_complex_f80":
        named = zip(op.dsts, ("real", "imag"), strict=True)
        parts = " ".join(f"{w.name_of(d)} = cpc_{part}_f80(cpc_r);" for d, part in named)
        w.emit(f"{{ {result} cpc_r = {call}; {parts} }}")
    else:
        fields = ("value", "tail") if result == "cpc_ret" else tuple(f"r{i}" for i in range(len(op.dsts)))
        parts = " ".join(f"{w.name_of(d)} = cpc_r.{f};" for d, f in zip(op.dsts, fields, strict=True))
        w.emit(f"{{ {result} cpc_r = {call}; {parts} }}")


def _fits(call: CSignature, declared: CSignature) -> bool:
    """Whether a call of this shape can be made through the declaration."""
    if declared.variadic and call.variadic:
        count = len(declared.params)
        return call.result == declared.result and call.params[:count] == declared.params
    return call == declared
