"""Inline assembly back in gcc's dialect: the inverse of frontend/build/inline_asm.py.

    "addl $1, $0", "=r,ri,0,~{cc}"        __asm__ volatile("addl %1, %0" : "=r"(x) : "ri"(y), "0"(z) : "cc")

Operands keep their numbers: LLVM counts them in the order of the constraints, as gcc does.  A register that has a
letter gets it; any other is asked for through a local register variable.  A memory operand (`*m`) is an lvalue of its
first bytes; how far it reaches nobody knows any more, so that it changes and reads all memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cpc.backend.portable.errors import NotPortable
from cpc.backend.portable.expressions import UNARY
from cpc.backend.portable.names import string
from cpc.ir import ops as o
from cpc.ir.types import IntType, Type, store_size

if TYPE_CHECKING:
    from cpc.backend.portable.function import FunctionWriter

_LETTERS = {"{ax}": "a", "{bx}": "b", "{cx}": "c", "{dx}": "d", "{si}": "S", "{di}": "D", "{st}": "t", "{st(1)}": "u"}
_ALWAYS = {"dirflag", "fpsr", "flags"}  # of every x86 asm; gcc takes them for granted
_MARK = re.compile(r"\$(?:(?P<dollar>\$)|(?P<number>\d+)|\{:uid\}|\{(?P<with>\d+):(?P<letter>\w)\})|(?P<other>[%{|}])")


@dataclass(slots=True)
class _Parts:
    outputs: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    clobbers: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)  # register variables
    after: list[str] = field(default_factory=list)
    in_memory: bool = False


def statement(w: FunctionWriter, op: o.Asm) -> None:
    parts = _parts(w, op, [(dst.type, w.name_of(dst)) for dst in op.dsts])
    w.writes()
    constrained = op.constraints and (parts.outputs or parts.inputs or parts.clobbers)
    plain = not constrained or ("naked" in w.fn.attrs and not parts.outputs and not parts.inputs)
    template = _template_text(w, op, plain=plain)
    word = " volatile" if op.side_effect else ""
    lists = (", ".join(part) for part in (parts.outputs, parts.inputs, parts.clobbers))
    sections = "" if plain else "".join(f" : {part}" for part in lists)
    text = f"__asm__{word}({template}{sections});"
    if parts.before or parts.after:
        text = f"{{ {' '.join([*parts.before, text, *parts.after])} }}"
    w.emit(text)


def asm_goto(w: FunctionWriter, op: o.AsmGoto) -> None:
    """The statement; the caller goes on to `op.next`."""
    places = [(t, _memory(w, ptr, t)) for t, ptr in zip(op.output_types, op.outputs, strict=True)]
    parts = _parts(w, op, places)
    if parts.after:
        raise NotPortable("asm goto with a result in a register that has no letter, in portable C", w.loc)
    w.flush()
    w.writes()
    if op.outputs:
        w.emit("CPC_ASM_GOTO_RESULTS")
    labels = [w.labels[label] for label in op.labels]
    sections = "".join(f" : {', '.join(part)}" for part in (parts.outputs, parts.inputs, parts.clobbers, labels))
    text = f"__asm__ volatile goto({_template_text(w, op, plain=False)}{sections});"
    w.emit(f"{{ {' '.join([*parts.before, text])} }}" if parts.before else text)


def _template_text(w: FunctionWriter, op: o.Asm | o.AsmGoto, plain: bool) -> str:
    text = _template(op.template, w.unit.target_calls == "sysv", plain)
    return string(text.encode("utf-8", "surrogateescape"))


def _parts(w: FunctionWriter, op: o.Asm | o.AsmGoto, results: list[tuple[Type, str]]) -> _Parts:
    """`results`: what the outputs in registers are assigned to."""
    constraints = [c for c in op.constraints.split(",") if c and c != "!i"]
    elems = op.elem_types or (None,) * len(op.args)
    addresses = [c.startswith("=*") for c in constraints].count(True)
    indirect = iter(zip(op.args[:addresses], elems[:addresses], strict=True))
    inputs = iter(zip(op.args[addresses:], elems[addresses:], strict=True))
    dsts = iter(results)
    parts = _Parts()
    for constraint in constraints:
        if constraint.startswith("~"):
            name = constraint[2:-1]
            if name not in _ALWAYS:
                parts.clobbers.append(string(name.encode()))
        elif constraint.startswith("=*"):
            arg, elem = next(indirect)
            parts.outputs.append(f'"={constraint[2:]}"({_memory(w, arg, elem)})')
            parts.in_memory = True
        elif constraint.startswith("="):
            _output(w, parts, constraint[1:], *next(dsts))
        else:
            _input(w, parts, constraint, *next(inputs))
    if parts.in_memory and '"memory"' not in parts.clobbers:
        parts.clobbers.append('"memory"')
    return parts


def _memory(w: FunctionWriter, arg: o.Operand, elem: Type | None) -> str:
    size = store_size(elem) if elem is not None else 1
    if isinstance(elem, IntType) and elem.bits not in (8, 16, 32, 64):
        return f"*({w.unit.types.block(size)} *){w.text(arg, UNARY)}"
    return f"*({w.unit.types.memory(elem or IntType(8), 1)} *){w.text(arg, UNARY)}"


def _output(w: FunctionWriter, parts: _Parts, constraint: str, type_: Type, name: str) -> None:
    early = "&" if constraint.startswith("&") else ""
    constraint = constraint.removeprefix("&")
    if constraint.startswith("{@"):
        constraint = constraint[1:-1]  # a condition of the flags
    if constraint.startswith("{") and constraint not in _LETTERS:
        variable = f"cpc_o{len(parts.outputs)}"
        register = string(constraint[1:-1].encode())
        parts.before.append(f"register {w.unit.types.name(type_)} {variable} __asm__({register});")
        parts.after.append(f"{name} = {variable};")
        name, constraint = variable, "r"
    parts.outputs.append(f'"={early}{_spelled(constraint)}"({name})')


def _input(w: FunctionWriter, parts: _Parts, constraint: str, arg: o.Operand, elem: Type | None) -> None:
    if constraint.startswith("*"):
        parts.inputs.append(f'"{constraint[1:]}"({_memory(w, arg, elem)})')
        parts.in_memory = True
        return
    value = w.typed(arg)
    if constraint.startswith("{") and constraint not in _LETTERS:
        variable = f"cpc_i{len(parts.inputs)}"
        register = string(constraint[1:-1].encode())
        parts.before.append(f"register {w.unit.types.name(arg.type)} {variable} __asm__({register}) = {value};")
        value, constraint = variable, "r"
    parts.inputs.append(f'"{_spelled(constraint)}"({value})')


def _spelled(constraint: str) -> str:
    return _LETTERS.get(constraint, constraint.replace("^", ""))


def _template(text: str, dialects: bool, plain: bool) -> str:
    """`plain`: an asm without operands, in which gcc reads no marks."""

    def mark(found: re.Match[str]) -> str:
        if found["dollar"]:
            return "$"
        if found["number"]:
            return f"%{found['number']}"
        if found["with"]:
            return f"%{found['letter']}{found['with']}"
        if other := found["other"]:
            if plain and not (dialects and other != "%"):
                return other
            return f"%{other}" if other == "%" or dialects else other
        return "%="

    return _MARK.sub(mark, text)


def at_file_scope(text: str) -> str:
    return f"__asm__({string(text.encode('utf-8', 'surrogateescape'))});"
