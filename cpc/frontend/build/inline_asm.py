"""GNU inline assembly -> the `Asm` op in LLVM's dialect (gcc manual 6.47).

    asm("addl %1, %0" : "+r"(x) : "ri"(y) : "cc")
    Asm  template "addl $1, $0", constraints "=r,ri,0,~{cc},~{dirflag},..."

Differences that this file bridges: `$` is LLVM's operand mark and must be doubled; `%[name]` becomes a number;
`{a|b}` picks AT&T; a `+` operand is an output plus an input tied to it; memory operands are passed by address
(`*m`).  Registers are spelled `{rax}`; multi-letter alternatives stay as they are.  An operand that was declared
`register T x asm("rdi")` gets that register.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend import layout, nodes
from cpc.frontend.build import jumps, memory
from cpc.frontend.build.describe import describe
from cpc.frontend.build.values import Place, Value, int_type, is_pointer, is_record, is_scalar, scalar_type, size_of
from cpc.frontend.c_types import UCHAR, UINT, ULONG, USHORT, QType
from cpc.frontend.conversions import unqualified
from cpc.ir import ops as ir
from cpc.ir.types import IntType, Type

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_FIXED = {
    "a": "{ax}", "b": "{bx}", "c": "{cx}", "d": "{dx}", "S": "{si}", "D": "{di}", "A": "A", "t": "{st}", "u": "{st(1)}",
}  # fmt: skip
_FIXED_OF = {"sysv": _FIXED, "aapcs64": dict[str, str]()}  # letters of single registers, by calling convention
_MEMORY_ONLY = set("moV<>")
_REGISTER = set("rqRlxvyfagbcdSDAtuQkhYXgw")
_IMMEDIATE = set("inIJKLMNOGCeZsEF")
_ANYTHING = set("gX")
_COMPUTED = (c_ast.Constant, c_ast.UnaryOp, c_ast.BinaryOp, c_ast.Assignment, c_ast.Cast)  # where they are no lvalues
_REGISTERS = {  # and what else may be clobbered
    "sysv": re.compile(
        r"cc|memory|flags|fpsr|fpcr|dirflag|argp|frame|\d+|[re]?(?:[abcd]x|[sd]i|[sb]p)|(?:[sd]i|[sb]p|[abcd])l|[abcd]h"
        r"|r(?:[89]|1[0-5])[bwd]?|st(?:\([0-7]\))?|mm[0-7]|[xyz]mm(?:[12]?\d|3[01])|k[0-7]"
    ),
    "aapcs64": re.compile(
        r"cc|memory|\d+|[xw](?:[12]?\d|30|zr)|w?sp|fp|lr|ip[01]|[vqdshbz](?:[12]?\d|3[01])|p(?:\d|1[0-5])|ffr|vg|sfp|ap"
    ),
}
_OPERAND = re.compile(r"%(?:(?P<mod>[a-zA-Z])?(?:(?P<num>\d+)|\[(?P<name>\w+)\])|(?P<sign>[%={}|]))")
_BRACES = re.compile(r"\{([^{}|]*)(?:\|[^{}]*)?\}")  # the first is the assembler's of `{movl|mov}` and of `mov{l}`
_SUFFIXES = {1: "b", 2: "w", 4: "l", 8: "q"}
_WHOLE = {1: UCHAR, 2: USHORT, 4: UINT, 8: ULONG}  # structs in one register


@dataclass(slots=True)
class _Plan:
    """What the constraint string and the argument list are made of, in LLVM's order."""

    outputs: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    args: list[ir.Operand] = field(default_factory=list)
    elems: list[Type | None] = field(default_factory=list)
    indirect_outputs: list[tuple[ir.Operand, Type]] = field(default_factory=list)
    results: list[tuple[Place, ir.Reg]] = field(default_factory=list)
    ties: list[tuple[int, Value]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)  # LLVM's operand number of each gcc operand


def statement(b: Builder, node: Any) -> None:
    """An asm statement."""
    if node.labels and "goto" not in node.quals:
        b.fail("E0275", node, "asm has labels, and is no 'asm goto'")
    if not node.extended:
        b.em.add(ir.Asm((), _escape(node.template), _clobbers(b, []), (), (), True, b.em.loc))
        return
    _check(b, node)
    plan = _Plan()
    for operand in node.outputs:
        _output(b, plan, operand)
    for operand in node.inputs:
        _input(b, plan, _tied_by_number(b, node, operand))
    for index, value in plan.ties:
        plan.numbers.append(len(plan.outputs) + len(plan.inputs))
        plan.inputs.append(str(index))
        plan.args.append(value.op)
        plan.elems.append(None)
    constraints = _constraints(b, node, plan)
    args = [*(addr for addr, _ in plan.indirect_outputs), *plan.args]
    elems = [*(elem for _, elem in plan.indirect_outputs), *plan.elems]
    template = _template(b, node, _names(node, len(plan.numbers) - len(node.labels)), plan)
    if "goto" in node.quals:
        _goto(b, node, plan, ir.AsmGoto(template, constraints, tuple(args), tuple(elems), (), (), "", ()))
        return
    dsts = tuple(reg for _, reg in plan.results)
    volatile = "volatile" in " ".join(node.quals) or not node.outputs or "memory" in node.clobbers
    b.em.add(ir.Asm(dsts, template, constraints, tuple(args), tuple(elems), volatile, b.em.loc))
    for place, reg in plan.results:
        memory.store(b, place, _from_register(b, place, reg))


def _check(b: Builder, node: Any) -> None:
    """What the parts of an asm may not say."""
    seen: set[str] = set()
    for operand in (*node.outputs, *node.inputs):
        if operand.name and operand.name in seen:
            b.fail("E0275", node, f"two asm operands are called '{operand.name}'")
        seen.add(operand.name)
    for operand in node.outputs:
        if not set("=+") & set(operand.constraint):
            b.fail("E0275", operand, f"the result '{operand.constraint}' of asm has neither '=' nor '+'")
    for operand in node.inputs:
        if "=" in operand.constraint or "+" in operand.constraint:
            b.fail("E0275", operand, f"the input '{operand.constraint}' of asm is written")
    for name in node.clobbers:
        if not _REGISTERS[b.target.calls].fullmatch(name.lstrip("%#")):
            b.fail("E0275", node, f"asm changes '{name}', which is no register")


def _tied_by_number(b: Builder, node: Any, operand: Any) -> Any:
    """The input `"[name]" (x)` as `"0" (x)`: it has the register of the result of that name."""
    if "[" not in operand.constraint:
        return operand
    numbers = {f"[{output.name}]": str(i) for i, output in enumerate(node.outputs) if output.name}
    tied = re.sub(r"\[\w+\]", lambda found: numbers.get(found[0], found[0]), operand.constraint)
    return nodes.AsmOperand(operand.name, tied, operand.expr, operand.coord)


def _constraints(b: Builder, node: Any, plan: _Plan) -> str:
    """Labels are LLVM's last operands, as they are gcc's."""
    ties = [int(text) for text in plan.inputs if text.isdigit()]
    if ties and max(ties) >= len(plan.outputs):
        b.fail("E0275", node, f"an asm operand is tied to operand {max(ties)}, which is no result")
    if len(set(ties)) < len(ties):
        twice = next(tie for tie in ties if ties.count(tie) > 1)
        b.fail("E0275", node, f"two values for operand {twice} of asm")
    listed = [*plan.outputs, *plan.inputs]
    plan.numbers += range(len(listed), len(listed) + len(node.labels))
    listed += ["!i"] * len(node.labels)
    return ",".join([*listed, *filter(None, [_clobbers(b, node.clobbers)])])


def _goto(b: Builder, node: Any, plan: _Plan, op: ir.AsmGoto) -> None:
    """Each way out is a block of its own, which assigns the results; a label's goes to the label then, by way of the
    cleanups of the scopes that it leaves."""
    homes = [b.em.scalar_local("asm", reg.type) for _, reg in plan.results]
    ways = [b.em.new_label(stem) for stem in ("asm", *node.labels)]
    outputs, types = tuple(homes), tuple(reg.type for _, reg in plan.results)
    op = replace(op, outputs=outputs, output_types=types, next=ways[0], labels=tuple(ways[1:]), loc=b.em.loc)
    b.em.terminate(op)
    for way, label in zip((*ways[1:], ways[0]), (*node.labels, ""), strict=True):
        b.em.start(way)
        for (place, reg), home in zip(plan.results, homes, strict=True):
            memory.store(b, place, _from_register(b, place, b.em.load(reg.type, home)))
        if label:
            jumps.goto(b, c_ast.Goto(label, node.coord))


def _names(node: Any, labels_at: int) -> dict[str, int]:
    """Symbolic operand names -> gcc's numbers; labels come behind all operands, `+` operands counted twice."""
    names = {op.name: i for i, op in enumerate((*node.outputs, *node.inputs)) if op.name}
    return {label: labels_at + i for i, label in enumerate(node.labels)} | names


# ---- operands -----------------------------------------------------------------------------------------------


def _register_of(b: Builder, expr: Any) -> str:
    """The register of `register T x asm("reg")`, or ''."""
    if isinstance(expr, c_ast.ID):
        symbol = b.sema.lookup(expr.name)
        if symbol is not None and symbol.automatic and symbol.storage == "register":
            return symbol.ir_name.lstrip("%")
    return ""


def _translate(b: Builder, letters: str) -> str:
    """One constraint's letters in LLVM's spelling."""
    out = ""
    i = 0
    while i < len(letters):
        c = letters[i]
        if c == "Y" and i + 1 < len(letters):
            out += "^" + letters[i : i + 2]
            i += 2
            continue
        if c not in "*#!?%":
            out += _FIXED_OF[b.target.calls].get(c, c)
        i += 1
    return out


def _letters(b: Builder, operand: Any, *, result: bool) -> str:
    """The first alternative, without its hints.  Q is a memory operand for Arm; LLVM treats it like m there."""
    letters = re.sub(r"#.*|[ =+&%*!?]", "", operand.constraint.split(",")[0]) or "X"
    if not re.fullmatch(r"[\w<>]+|@cc\w+" if result else r"[\w<>]+", letters):
        b.fail("E0275", operand, f"'{operand.constraint}' is no constraint of an asm operand")
    return letters.replace("Q", "m") if b.target.calls == "aapcs64" else letters


def _is_memory(letters: str) -> bool:
    return (
        bool(letters)
        and not any(c in _REGISTER or c.isdigit() for c in letters)
        and any(c in _MEMORY_ONLY for c in letters)
    )


def _elem_type(b: Builder, place: Place, operand: Any) -> Type:
    """What stands in memory; of an object whose size is not known here, the first byte."""
    if place.is_bit_field:
        b.fail("E0263", operand, "address of a bit-field")
    if is_scalar(place.type):
        return scalar_type(place.type)
    return IntType(8 * (layout.size_of(place.type) or 1))


def _in_memory(letters: str, type_: QType) -> bool:
    """Whether memory is the only choice: other than scalars, what fits into no register may have it."""
    if not is_record(type_) or layout.size_of(type_) in _WHOLE:
        return _is_memory(letters)
    return any(c in _MEMORY_ONLY | _ANYTHING for c in letters)


def _whole(b: Builder, place: Place, operand: Any) -> Place:
    """A struct as the integer of its size, which a register can hold."""
    if not is_record(place.type):
        return place
    size = layout.size_of(place.type)
    if size is None or size not in _WHOLE:
        b.unsupported("E0307", operand, f"an asm operand of {size or 'unknown'} bytes in a register")
    return replace(place, type=QType(_WHOLE[size], volatile=place.type.volatile), may_alias=True)


def _output(b: Builder, plan: _Plan, operand: Any) -> None:
    place = b.place(operand.expr)
    if place.type.const:
        b.fail("E0265", operand, "asm has a read-only result")
    letters = _letters(b, operand, result=True)
    both = "+" in operand.constraint
    early = "&" if "&" in operand.constraint else ""
    plan.numbers.append(len(plan.outputs))
    index = len(plan.outputs)
    if _in_memory(letters, place.type):
        plan.outputs.append(f"=*{_translate(b, letters) if _is_memory(letters) else 'm'}")
        plan.indirect_outputs.append((place.addr, _elem_type(b, place, operand)))
        if both:
            plan.inputs.append("*m")
            plan.args.append(place.addr)
            plan.elems.append(_elem_type(b, place, operand))
        return
    flag = letters.startswith("@cc")  # a condition of the flags (gcc manual, "Flag Output Operands")
    letters = "".join(c for c in letters if flag or c not in _MEMORY_ONLY) or letters
    letters = "r" if letters in ("g", "X", "p") else letters
    register = _register_of(b, operand.expr)
    if flag:
        register, letters = letters, "r"
    spelled = "{" + register + "}" if register and "r" in letters else _translate(b, letters)
    plan.outputs.append(f"={early}{spelled}")
    place = _whole(b, place, operand)
    if not is_scalar(place.type):
        b.unsupported("E0307", operand, f"an asm operand of type '{describe(place.type)}' in a register")
    type_ = scalar_type(place.type)
    plan.results.append((place, b.em.reg(type_)))
    if both:
        plan.ties.append((index, memory.load(b, place, operand.expr)))


def _input(b: Builder, plan: _Plan, operand: Any) -> None:
    letters = _letters(b, operand, result=False)
    plan.numbers.append(len(plan.outputs) + len(plan.inputs))
    if all(c in _IMMEDIATE for c in letters):
        value = _immediate(b, operand)
    else:
        built = b.build(operand.expr)
        if _in_memory(letters, built.type):
            chosen = "," not in operand.constraint  # the other alternatives may be registers
            if chosen and isinstance(built, Value) and is_scalar(built.type) and isinstance(operand.expr, _COMPUTED):
                b.fail("E0275", operand, f"the input '{operand.constraint}' of asm is no object in memory")
            place = built if isinstance(built, Place) else memory.materialize(b, built)
            plan.inputs.append("*" + (_translate(b, letters) if _is_memory(letters) else "m"))
            plan.args.append(place.addr)
            plan.elems.append(_elem_type(b, place, operand))
            return
        value = _in_register(b, operand, b.rvalue(built, operand.expr))
    register = _register_of(b, operand.expr)
    if register and "r" in letters:
        spelled = "{" + register + "}"
    elif letters.isdigit():
        spelled = letters
    else:
        spelled = _translate(b, _narrowed(letters, value))
    plan.inputs.append(spelled)
    plan.args.append(value.op)
    plan.elems.append(None)


def _immediate(b: Builder, operand: Any) -> Value:
    """What must be a constant after folding."""
    value = b.constant(operand.expr, None)
    if not isinstance(value, ir.Const | ir.GlobalAddr):
        what = f"an asm operand '{operand.constraint}' that is no constant before optimisation"
        b.unsupported("E0307", operand, what)
    return Value(value, unqualified(b.type_of(operand.expr)))


def _in_register(b: Builder, operand: Any, value: Value) -> Value:
    if is_record(value.type):
        return memory.load(b, _whole(b, memory.materialize(b, value), operand), operand.expr)
    if not is_scalar(value.type):
        b.unsupported("E0307", operand, f"an asm operand of type '{describe(value.type)}' in a register")
    return value


def _narrowed(letters: str, value: Value) -> str:
    """`rm` with a value that is in a register needs no memory; a constant keeps its immediate choice."""
    if letters.startswith(("g", "X")):
        return "imr" if isinstance(value.op, ir.Const | ir.GlobalAddr) else "r"
    if letters == "p":  # an address, which the modifier `a` prints as an operand
        return "i" if isinstance(value.op, ir.GlobalAddr) else "r"
    kept = "".join(c for c in letters if c not in _MEMORY_ONLY and not c.isdigit())  # not tied where another will do
    if not isinstance(value.op, ir.Const | ir.GlobalAddr):
        kept = "".join(c for c in kept if c not in _IMMEDIATE) or kept
    return kept or "".join(c for c in letters if c.isdigit()) or letters


def _from_register(b: Builder, place: Place, reg: ir.Reg) -> Value:
    assert b.function is not None
    return Value(reg, unqualified(place.type))


# ---- text ---------------------------------------------------------------------------------------------------


def _escape(text: str) -> str:
    return text.replace("$", "$$")


def _template(b: Builder, node: Any, names: dict[str, int], plan: _Plan) -> str:
    """gcc's template with LLVM's operand marks."""
    chooses = b.target.calls == "sysv" and "%{" not in node.template  # Arm's braces are text
    text = _BRACES.sub(r"\1", node.template) if chooses else node.template
    out, at = "", 0
    for match in _OPERAND.finditer(text):
        out += _escape(text[at : match.start()])
        at = match.end()
        if match["sign"]:
            out += "${:uid}" if match["sign"] == "=" else match["sign"]
            continue
        if match["name"] is not None and match["name"] not in names:
            b.fail("E0275", node, f"asm names an unknown operand '[{match['name']}]'")
        index = names[match["name"]] if match["name"] is not None else int(match["num"])
        if index >= len(plan.numbers):
            b.fail("E0275", node, f"asm refers to operand {index}, and there are {len(plan.numbers)}")
        if match["mod"] == "z":
            out += _suffix(b, node, index)
            continue
        number = plan.numbers[index]
        out += f"${{{number}:{match['mod']}}}" if match["mod"] else f"${number}"
    return out + _escape(text[at:])


def _suffix(b: Builder, node: Any, index: int) -> str:
    """`add%z0`: the letter behind an instruction of x86 for an integer operand of this size."""
    operands = [*node.outputs, *node.inputs]
    type_ = b.type_of(operands[index].expr) if index < len(operands) else None
    letter = _SUFFIXES.get(size_of(type_)) if type_ and (int_type(type_) or is_pointer(type_)) else None
    if letter is None:
        b.fail("E0275", node, f"'%z' of asm operand {index}, which is no integer of 1, 2, 4 or 8 bytes")
    return letter


def _clobbers(b: Builder, names: list[str]) -> str:
    """gcc's clobbers, and those that the machine's asm always has."""
    listed = [f"~{{{name.lstrip('%#')}}}" for name in names]
    return ",".join([*listed, *(c for c in b.target.clobbers if c not in listed)])
