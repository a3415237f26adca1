"""Operators that take types: casts, sizeof, _Alignof, _Generic, offsetof (C11 6.5.1.1, 6.5.3.4, 7.19).

Unevaluated operands are built in scratch functions; only the size of a variable length array emits code.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend import layout, placement
from cpc.frontend.build import constant_form, lvalues, memory, selection, vla
from cpc.frontend.build.describe import describe
from cpc.frontend.build.values import NOTHING, Place, Value, align_of, is_signed, size_of
from cpc.frontend.c_types import ULONG, ArrayT, EnumT, FunctionT, QType, RecordT, VoidT
from cpc.frontend.conversions import compatible, decay, unqualified
from cpc.frontend.symbols import Kind
from cpc.ir import ops as ir
from cpc.ir.types import I64, PTR
from cpc.warnings import expressions

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

SIZE_T = QType(ULONG)


def cast(b: Builder, node: Any) -> Value:
    """`(T)e`; GNU: a cast to a union type makes a union of the value."""
    placement.type_name(b.sema, node.to_type)
    to = b.sema.type_name(node.to_type)
    vla.evaluate_lengths(b, to, node)
    if isinstance(to.type, VoidT):
        b.discard(node.expr)
        return NOTHING
    if isinstance(to.type, EnumT) and not layout.is_complete(to):
        b.fail("E0250", node, f"cast to incomplete type '{describe(to)}'")
    value = b.value(node.expr)
    if isinstance(to.type, RecordT) and to.type.kind == "union" and value.type.type is not to.type:
        return _cast_to_union(b, value, to, node)
    if isinstance(to.type, ArrayT | FunctionT):
        b.fail("E0252", node, f"cast to '{describe(to)}'")
    expressions.cast(b, value, to, node)
    made = b.convert(value, to, node)
    if made.null and not value.null and not constant_form.is_integer_constant(b, node.expr):
        return replace(made, null=False)
    return made


def _cast_to_union(b: Builder, value: Value, to: QType, node: Any) -> Value:
    assert isinstance(to.type, RecordT)
    for member in to.type.members or []:
        if compatible(unqualified(member.type), value.type):
            place = memory.temporary_place(b, to, "union")
            memory.store(b, Place(place.addr, unqualified(member.type), place.align, may_alias=True), value)
            return Value(place.addr, unqualified(to))
    b.fail("E0252", node, f"'{describe(to)}' has no member of type '{describe(value.type)}'")


def size_or_align(b: Builder, node: Any) -> Value:
    operand = node.expr
    built: Value | Place | None = None
    if isinstance(operand, c_ast.Typename):
        placement.type_name(b.sema, operand)
        type_ = b.sema.type_name(operand)
        if node.op == "sizeof" and layout.is_vla(type_):
            vla.evaluate_lengths(b, type_, node)  # of other types the size needs no length (C11 6.7.6.2p5)
        vla.forget_operands(b)
    else:
        built = b.built_type(operand)
        type_ = built.type
        if isinstance(built, Place) and built.is_bit_field:
            b.fail("E0263", node, f"'{node.op}' of a bit-field")
    if node.op == "sizeof":
        if layout.is_vla(type_) and built is not None:
            type_ = b.build(operand).type  # a VLA operand is evaluated (C11 6.5.3.4p2)
        return Value(vla.size(b, type_, node), SIZE_T)
    if not isinstance(type_.type, VoidT | FunctionT) and not layout.is_complete(type_):
        b.fail("E0250", node, f"alignment of incomplete type '{describe(type_)}'")
    align = align_of(type_)
    if isinstance(operand, c_ast.ID) and (symbol := b.sema.lookup(operand.name)) and symbol.kind is Kind.FUNCTION:
        align = max(align, symbol.attrs.align)
    if isinstance(built, Place) and not node.op.startswith("_A") and isinstance(operand, c_ast.ID | c_ast.StructRef):
        align = built.align if isinstance(operand, c_ast.StructRef) else align
    return Value(ir.Const(I64, align), SIZE_T)


def generic(b: Builder, node: Any) -> Value | Place:
    """`_Generic`: the controlling type is decayed and unqualified."""
    controlling = unqualified(decay(b.type_of(node.expr)))
    default = chosen = None
    types: list[QType] = []
    for association in node.associations:
        if association.type is None:
            if default is not None:
                b.fail("E0266", node, "_Generic has two defaults")
            default = association.expr
            continue
        type_ = b.sema.type_name(association.type)
        _check_association(b, type_, types, association)
        types.append(type_)
        if compatible(type_, controlling):
            chosen = association.expr
    vla.forget_operands(b)
    if chosen is None:
        chosen = default
    if chosen is None:
        b.fail("E0266", node, f"no association of _Generic fits '{describe(controlling)}'")
    for association in node.associations:
        if association.expr is not chosen:
            selection.check_untaken(b, association.expr)
    return b.build(chosen)


def _check_association(b: Builder, type_: QType, earlier: list[QType], node: Any) -> None:
    """6.5.1.1p2: a complete object type, not variably modified, and compatible with no other."""
    if not layout.is_complete(type_) or layout.variably_modified(type_):
        b.fail("E0266", node, f"_Generic cannot ask for '{describe(type_)}'")
    for other in earlier:
        if compatible(type_, other):
            both = f"'{describe(type_)}' and '{describe(other)}'"
            b.fail("E0266", node, f"_Generic asks for {both}, which are compatible")


def offset_of(b: Builder, node: Any) -> Value:
    """`__builtin_offsetof(T, member-designator)`: members and subscripts, also variable ones (GNU)."""
    given = node.args.exprs if node.args is not None else []
    if len(given) != 2 or not isinstance(given[0], c_ast.Typename):
        b.fail("E0264", node, "offsetof takes a type and a member designator")
    type_node, designator = given
    base = Place(ir.Const(PTR, 0), b.sema.type_name(type_node), 1)
    place = _designated(b, base, designator)
    if place.is_bit_field:
        b.fail("E0263", node, "offset of a bit-field")
    return Value(b.em.cast("ptrtoint", place.addr, I64), SIZE_T)


def _designated(b: Builder, base: Place, node: Any) -> Place:
    match node:
        case c_ast.ID(name=name):
            return _member(b, base, name, node)
        case c_ast.StructRef():
            return _member(b, _designated(b, base, node.name), node.field.name, node)
        case c_ast.ArrayRef():
            array = _designated(b, base, node.name)
            if not isinstance(array.type.type, ArrayT):
                b.fail("E0262", node, f"subscript of '{describe(array.type)}'")
            elem, index = array.type.type.elem, b.value(node.subscript)
            wide = b.em.resize(index.op, I64, is_signed(index.type))
            offset = b.em.bin("mul", wide, ir.Const(I64, size_of(elem)))
            return Place(b.em.ptr_add(array.addr, offset), elem, 1)
        case _:
            b.fail("E0264", node, "offsetof takes a member designator")


def _member(b: Builder, base: Place, name: str, node: Any) -> Place:
    if not isinstance(base.type.type, RecordT):
        b.fail("E0264", node, f"'.{name}' of '{describe(base.type)}'")
    return lvalues.member_place(b, base, name, node)
