"""Lvalues (C11 6.5.1 to 6.5.3.2): identifiers, `*`, `&`, subscripts, members, compound literals.

Everything here computes an address and a type; nothing is loaded but pointers on the way.  A member of a record
rvalue (`f().x`) is a place inside the temporary that holds the record.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

from cpc.diag import Abort
from cpc.frontend import layout, records
from cpc.frontend.build import (
    arithmetic,
    complex_math,
    constants,
    expressions,
    initialize,
    library,
    memory,
    nested,
    stack_pointer,
    vla,
)
from cpc.frontend.build.describe import describe
from cpc.frontend.build.values import (
    Place,
    Value,
    align_of,
    aligned_at,
    int_type,
    is_pointer,
    is_record,
    is_scalar,
    is_signed,
    pointee,
    scalar_type,
    size_of,
)
from cpc.frontend.c_types import INT, ArrayT, EnumT, FunctionT, QType, RecordT, VectorT
from cpc.frontend.conversions import pointer_to, requalified
from cpc.frontend.symbols import Kind, ScopeKind, Symbol
from cpc.ir import ops as ir
from cpc.ir.types import I64, PTR
from cpc.warnings import expressions as asked
from cpc.warnings import usage

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_FUNCTION_NAMES = {"__func__", "__FUNCTION__", "__PRETTY_FUNCTION__"}


def require_place(b: Builder, node: Any) -> Place:
    """An lvalue, or a complaint."""
    built = expressions.build(b, node)
    if isinstance(built, Place):
        return built
    if is_record(built.type):
        return memory.materialize(b, built)
    b.fail("E0260", node, f"an expression of type '{describe(built.type)}' is not an lvalue")


def identifier(b: Builder, node: Any) -> Value | Place:
    symbol = b.sema.lookup(node.name)
    if symbol is None:
        if node.name in _FUNCTION_NAMES:
            return constants.function_name(b)
        if (function := library.designated(b, node.name)) is not None:
            return function
        _undeclared(b, node)
    return symbol_place(b, symbol, node)


def _undeclared(b: Builder, node: Any) -> NoReturn:
    """Complains once for each name in a function."""
    where = b.function.symbol.name if b.function is not None else ""
    if (where, node.name) in b.undeclared:
        raise Abort(node.name)
    b.undeclared.add((where, node.name))
    b.fail("E0261", node, f"'{node.name}' is not declared")


def symbol_place(b: Builder, symbol: Symbol, node: Any) -> Value | Place:
    """What the name of a declared entity denotes."""
    match symbol.kind:
        case Kind.ENUM_CONST:
            type_ = symbol.type
            ir_type = scalar_type(type_)
            bits = 8 * _enum_size(type_)
            return Value(ir.Const(ir_type, symbol.value & ((1 << bits) - 1)), type_)
        case Kind.FUNCTION:
            usage.mention(b, symbol, node)
            if nested.is_nested(symbol):
                return Place(nested.pointer(b, symbol, node), symbol.type, 1)
            b.use_function(symbol)
            return Place(ir.GlobalAddr(symbol.ir_name), symbol.type, 1)
        case Kind.OBJECT if symbol.automatic:
            usage.mention(b, symbol, node)
            return automatic(b, symbol, node)
        case Kind.OBJECT:
            usage.mention(b, symbol, node)
            b.use_object(symbol)
            if symbol.thread:
                b.em.runtime = True  # each thread has its own: no address constant
            return Place(ir.GlobalAddr(symbol.ir_name), symbol.type, align_of(symbol.type))
        case _:
            b.fail("E0261", node, f"'{symbol.name}' names a type, not a value")


def _enum_size(type_: QType) -> int:
    if isinstance(type_.type, EnumT):
        return (type_.type.underlying or INT).size
    t = int_type(type_)
    assert t is not None
    return t.size


def automatic(b: Builder, symbol: Symbol, node: Any) -> Place:
    variable = symbol.build
    register = symbol.storage == "register"
    if register and stack_pointer.holds(b, symbol):
        return stack_pointer.place(b, symbol)
    if variable is None:
        # A parameter of a prototype, or an object in its own type: it has a type and no storage.
        address = ir.Reg("none", PTR)
        b.em.runtime = True
        return Place(address, symbol.type, align_of(symbol.type), register=register)
    addr = nested.address(b, symbol)
    if variable.indirect:
        addr = b.em.load(PTR, addr)
    return Place(addr, symbol.type, align_of(symbol.type), register=register)


# ---- pointers -----------------------------------------------------------------------------------------------


def dereference(b: Builder, pointer: Value, node: Any) -> Place:
    if not is_pointer(pointer.type):
        b.fail("E0262", node, f"'*' of '{describe(pointer.type)}', which is not a pointer")
    target = pointee(pointer.type)
    return Place(pointer.op, target, align_of(target))


def subscript(b: Builder, node: Any) -> Value | Place:
    """`a[i]` is `*(a + i)`; a vector's lane is a place inside it."""
    built = expressions.build(b, node.name)
    if isinstance(built.type.type, VectorT):
        return _lane(b, built, b.value(node.subscript), node)
    base, index = b.rvalue(built, node.name), b.value(node.subscript)
    if not is_pointer(base.type) and is_pointer(index.type):
        base, index = index, base
    asked.subscript(b, index, node)
    if not is_pointer(base.type) or int_type(index.type) is None:
        b.fail("E0262", node, f"subscript of '{describe(base.type)}' with '{describe(index.type)}'")
    if isinstance(pointee(base.type).type, FunctionT):
        b.fail("E0262", node, f"subscript of '{describe(base.type)}', which points to a function")
    place = dereference(b, arithmetic.advance(b, base, index, node), node)
    aliased = isinstance(built, Place) and built.may_alias and isinstance(built.type.type, ArrayT)
    return Place(
        place.addr, place.type, _element_align(built, place), register=built_register(built), may_alias=aliased
    )


def _element_align(built: Value | Place, place: Place) -> int:
    """An element of an array in a packed record is aligned no better than the array."""
    if isinstance(built, Place) and isinstance(built.type.type, ArrayT):
        return min(place.align, max(1, built.align))
    return place.align


def built_register(built: Value | Place) -> bool:
    return isinstance(built, Place) and built.register and isinstance(built.type.type, ArrayT)


def _lane(b: Builder, built: Value | Place, index: Value, node: Any) -> Place:
    place = built if isinstance(built, Place) else memory.materialize(b, built)
    vector = place.type.type
    assert isinstance(vector, VectorT)
    if int_type(index.type) is None:
        b.fail("E0262", node, "a vector subscript is an integer")
    elem = requalified(QType(vector.elem), place.type)
    wide = b.em.resize(index.op, I64, is_signed(index.type))
    offset = b.em.bin("mul", wide, ir.Const(I64, vector.elem.size))
    return Place(b.em.ptr_add(place.addr, offset), elem, min(place.align, vector.elem.size), register=False)


def address_of(b: Builder, node: Any) -> Value:
    """`&e` (C11 6.5.3.2); `&*p` and `&a[i]` load nothing."""
    place = require_place(b, node.expr)
    if place.is_bit_field:
        b.fail("E0263", node, "address of a bit-field")
    if place.rvalue:
        b.fail("E0260", node, f"a value of type '{describe(place.type)}' is not an lvalue")
    if place.register:
        b.fail("E0263", node, "address of a register variable")
    return Value(place.addr, pointer_to(place.type))


# ---- members ------------------------------------------------------------------------------------------------


def member(b: Builder, node: Any) -> Place:
    """`s.m` and `p->m`."""
    if node.type == "->":
        pointer = b.value(node.name)
        if not is_pointer(pointer.type) or not is_record(pointee(pointer.type)):
            b.fail("E0264", node, f"'->{node.field.name}' of '{describe(pointer.type)}'")
        base = dereference(b, pointer, node)
    else:
        built = expressions.build(b, node.name)
        if not is_record(built.type):
            b.fail("E0264", node, f"'.{node.field.name}' of '{describe(built.type)}'")
        base = built if isinstance(built, Place) else memory.materialize(b, built)
    return member_place(b, base, node.field.name, node)


def member_place(b: Builder, base: Place, name: str, node: Any) -> Place:
    record = base.type.type
    assert isinstance(record, RecordT)
    if record.members is None:
        b.fail("E0250", node, f"'{describe(base.type)}' is incomplete")
    found = layout.find_member(record, name)
    if found is None:
        b.fail("E0264", node, f"'{describe(base.type)}' has no member '{name}'")
    type_ = requalified(found.type, base.type)
    aliased = base.may_alias or record.kind == "union" or record.may_alias or found.may_alias
    if found.bit_width is not None:
        start = found.bit_offset // 64 * 8
        addr = b.em.ptr_add(base.addr, start)
        align = aligned_at(base.align, start)
        bit = found.bit_offset - 8 * start
        return Place(addr, type_, align, bit, found.bit_width, base.register, rvalue=base.rvalue)
    addr = b.em.ptr_add(base.addr, found.offset)
    align = aligned_at(base.align, found.offset)
    return Place(addr, type_, align, register=base.register, may_alias=aliased, rvalue=base.rvalue)


def complex_part(b: Builder, place: Place, imag: bool) -> Place:
    part = complex_math.part_type(place.type)
    offset = size_of(part) if imag else 0
    return Place(b.em.ptr_add(place.addr, offset), requalified(part, place.type), aligned_at(place.align, offset))


# ---- compound literals --------------------------------------------------------------------------------------


def compound_literal(b: Builder, node: Any) -> Place:
    """`(T){...}` (C11 6.5.2.5): a static object at file scope, an object of the block inside a function."""
    type_ = b.sema.type_name(node.type)
    if align := records.alignas(b.sema, node.type):
        type_ = replace(type_, align=max(align, align_of(type_)))
    if layout.is_vla(type_):
        b.fail("E0255", node, "a compound literal of variable length")
    vla.evaluate_lengths(b, type_, node)
    if b.function is None or b.sema.scope.kind is ScopeKind.FILE:
        return _static_literal(b, type_, node)
    init = b.sema.flatten(type_, node.init)
    address = b.em.local(b.em.fn.fresh("literal"), init.size, align_of(init.type), _scalar_or_none(init.type))
    place = Place(address, init.type, align_of(init.type))
    initialize.automatic(b, place, init, node)
    return place


def _scalar_or_none(type_: QType) -> Any:
    return scalar_type(type_) if is_scalar(type_) else None


def _static_literal(b: Builder, type_: QType, node: Any) -> Place:
    if id(node) not in b.literals:
        init = b.sema.flatten(type_, node.init, static=True)
        name = f".literal.{len(b.literals)}"
        b.literals[id(node)] = name
        data = b.sema.static_data(init)
        b.module.globals[name] = ir.Global(
            name, init.size, align_of(init.type), data, "internal", constant=type_.const, loc=b.loc(node)
        )
        b.literal_types[name] = init.type
        b.use_data(data)
    name = b.literals[id(node)]
    b.reference(name)
    return Place(ir.GlobalAddr(name), b.literal_types[name], align_of(b.literal_types[name]))
