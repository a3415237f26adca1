"""Variable length arrays: sizes known only at run time (C11 6.7.6.2).

The length expression of each VLA dimension is evaluated once, when its declaration or type name is reached, and kept
in a local; the local is found again by the identity of the expression node, which travels with the type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cpc.frontend import layout
from cpc.frontend.build import nested
from cpc.frontend.build.describe import describe
from cpc.frontend.build.values import int_type, is_signed, size_of
from cpc.frontend.c_types import ArrayT, FunctionT, PointerT, QType, VoidT
from cpc.ir import ops as ir
from cpc.ir.types import I64, PTR

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder


def evaluate_lengths(b: Builder, type_: QType, node: Any) -> None:
    """Evaluates every length expression in the type that has no value yet, after `evaluate_operands`."""
    evaluate_operands(b)
    _evaluate_lengths(b, type_, node)


def evaluate_operands(b: Builder) -> None:
    """Evaluates the operands of the `typeof`s that a type was just named by, if their types are variably modified
    (GNU C); once for each declarator, as gcc and clang do."""
    operands, b.sema.evaluated_types = b.sema.evaluated_types, []
    for operand in operands if b.function is not None else ():
        b.discard(operand)


def forget_operands(b: Builder) -> None:
    """Instead, for a type of which only the size or the identity is asked."""
    b.sema.evaluated_types = []


def _evaluate_lengths(b: Builder, type_: QType, node: Any) -> None:
    match type_.type:
        case ArrayT(elem, _, vla):
            if vla is not None and b.function is not None and nested.length(b, id(vla)) is None:
                value = b.value(vla)
                if int_type(value.type) is None:
                    b.fail("E0255", node, "the size of an array has a non-integer type")
                slot = b.em.scalar_local(b.em.fn.fresh("length"), I64)
                b.em.store(slot, b.em.resize(value.op, I64, is_signed(value.type)))
                b.function.vla_lengths[id(vla)] = slot
            _evaluate_lengths(b, elem, node)
        case PointerT(target):
            _evaluate_lengths(b, target, node)
        case FunctionT(result):
            _evaluate_lengths(b, result, node)


def size(b: Builder, type_: QType, node: Any) -> ir.Operand:
    """sizeof as an i64 operand: a constant but for VLAs."""
    if isinstance(type_.type, ArrayT) and layout.is_vla(type_):
        array = type_.type
        elem = size(b, array.elem, node)
        return b.em.bin("mul", length(b, array, node), elem)
    if isinstance(type_.type, VoidT | FunctionT):
        return ir.Const(I64, 1)
    if layout.size_of(type_) is None:
        b.fail("E0250", node, f"size of incomplete type '{describe(type_)}'")
    return ir.Const(I64, size_of(type_))


def length(b: Builder, array: ArrayT, node: Any) -> ir.Operand:
    if array.vla is None:
        return ir.Const(I64, array.length or 0)
    _evaluate_lengths(b, QType(array), node)
    if b.function is None:
        if not b.scratch_depth:
            b.fail("E0255", node, "variable length array outside of a function")
        b.em.runtime = True  # in a prototype: `int b[n], int (*c)[sizeof b]`
        return b.em.load(I64, ir.Const(PTR, 0))
    kept = nested.length(b, id(array.vla))
    assert kept is not None  # it was evaluated just now
    return b.em.load(I64, kept)


def element_size(b: Builder, elem: QType, node: Any) -> ir.Operand:
    """What pointer arithmetic on a pointer to `elem` multiplies with."""
    return size(b, elem, node)
