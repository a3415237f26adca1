"""Builtins that are answered while compiling: __builtin_constant_p, choose_expr, types_compatible_p, classify_type,
has_attribute, and the place of the call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend.attribute_meaning import FLAGS
from cpc.frontend.build import object_size, selection, vla
from cpc.frontend.build.constants import string_address
from cpc.frontend.build.machine_builtins import arguments
from cpc.frontend.build.values import Place, Value, float_type, int_type
from cpc.frontend.c_types import (
    CHAR,
    INT,
    ArrayT,
    ComplexT,
    EnumT,
    FloatT,
    FunctionT,
    IntT,
    PointerT,
    QType,
    RecordT,
    VoidT,
)
from cpc.frontend.conversions import compatible, decay, unqualified
from cpc.ir import ops as ir
from cpc.ir.types import I1, I32

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_INT = QType(INT)


def _constant_p(b: Builder, name: str, node: Any) -> Value:
    """What is no constant here may be one after inlining: then the optimiser answers."""
    operand = arguments(b, node, 1)[0]
    value = b.constant_or_none(operand)
    known = isinstance(value, ir.Const) or _is_string(b, value)
    if known or not b.options.optimised or b.scratch_depth or b.function is None or object_size.has_effect(operand):
        return Value(ir.Const(I32, int(known)), _INT)
    type_ = b.type_of(operand)
    if type_.volatile or not (int_type(type_) or float_type(type_)):
        return Value(ir.Const(I32, 0), _INT)
    dst = b.em.reg(I1)
    b.em.add(ir.Intrinsic((dst,), "is_constant", (b.value(operand).op,), b.em.loc))
    return Value(b.em.cast("zext", dst, I32), _INT)


def _is_string(b: Builder, value: Any) -> bool:
    return isinstance(value, ir.GlobalAddr) and value.name in b.strings.values()


def _choose_expr(b: Builder, name: str, node: Any) -> Value | Place:
    cond, yes, no = arguments(b, node, 3)
    chosen = b.sema.integer(cond)
    if chosen is None:
        b.fail("E0272", node, "the first argument of '__builtin_choose_expr' is not constant")
    taken, untaken = (yes, no) if chosen[0] else (no, yes)
    selection.check_untaken(b, untaken)
    return b.build(taken)


def _types_compatible(b: Builder, name: str, node: Any) -> Value:
    first, second = (b.sema.type_name(t) for t in arguments(b, node, 2))
    vla.forget_operands(b)
    same = compatible(unqualified(first), unqualified(second))
    return Value(ir.Const(I32, int(same)), _INT)


def _has_attribute(b: Builder, name: str, node: Any) -> Value:
    """`__builtin_has_attribute(f, cold)` of a declared name, for attributes that are kept as flags."""
    operand, wanted = arguments(b, node, 2)
    symbol = b.sema.lookup(operand.name) if isinstance(operand, c_ast.ID) else None
    flag = FLAGS.get(wanted.name.strip("_")) if isinstance(wanted, c_ast.ID) else None
    if symbol is None or flag is None:
        b.unsupported("E0308", node, f"'{name}' with these arguments")
    fn = symbol.type.type
    found = flag in symbol.attrs.flags or (flag == "noreturn" and isinstance(fn, FunctionT) and fn.noreturn)
    return Value(ir.Const(I32, int(found)), _INT)


def _eh_register(b: Builder, name: str, node: Any) -> Value:
    """The DWARF number of a register that hands an exception to a landing pad (System V ABI, AAPCS64), or -1."""
    number = b.sema.integer(arguments(b, node, 1)[0])
    if number is None:
        b.fail("E0272", node, f"the argument of '{name}' is not constant")
    count = 2 if b.target.calls == "sysv" else 4
    return Value(ir.Const(I32, number[0] if 0 <= number[0] < count else 0xFFFFFFFF), _INT)


def _classify_type(b: Builder, name: str, node: Any) -> Value:
    """gcc's enum type_class."""
    match decay(b.type_of(arguments(b, node, 1)[0])).type:
        case VoidT():
            number = 0
        case IntT() | EnumT():
            number = 1
        case PointerT() | ArrayT():
            number = 5
        case FloatT():
            number = 8
        case ComplexT():
            number = 9
        case RecordT(kind=kind):
            number = 12 if kind == "struct" else 13
        case _:
            number = -1
    return Value(ir.Const(I32, number & 0xFFFFFFFF), _INT)


def _place_of_call(b: Builder, name: str, node: Any) -> Value:
    """__builtin_LINE, __builtin_FILE, __builtin_FUNCTION."""
    if name == "__builtin_LINE":
        return Value(ir.Const(I32, b.loc(node).line), _INT)
    function = b.function.symbol.name if b.function is not None else ""
    text = _mapped(b, b.loc(node).file) if name == "__builtin_FILE" else function
    return Value(string_address(b, text), QType(PointerT(QType(CHAR, const=True))))


def _mapped(b: Builder, file: str) -> str:
    """As the preprocessor maps __FILE__."""
    for old, new in b.options.file_maps:
        if file.startswith(old):
            return new + file[len(old) :]
    return file


TABLE: dict[str, Callable[[Any, str, Any], Any]] = {
    "__builtin_constant_p": _constant_p,
    "__builtin_choose_expr": _choose_expr,
    "__builtin_types_compatible_p": _types_compatible,
    "__builtin_classify_type": _classify_type,
    "__builtin_has_attribute": _has_attribute,
    "__builtin_eh_return_data_regno": _eh_register,
    "__builtin_LINE": _place_of_call,
    "__builtin_FILE": _place_of_call,
    "__builtin_FUNCTION": _place_of_call,
}
