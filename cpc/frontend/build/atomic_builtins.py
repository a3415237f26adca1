"""`__atomic_*` and `__sync_*` (gcc manual 6.53, 6.54).

Memory orders are the constants __ATOMIC_RELAXED (0) ... __ATOMIC_SEQ_CST (5); one that is not constant counts as
seq_cst, the strongest.  The generic forms take objects of any type; how each travels is in atomics.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cpc.frontend import layout
from cpc.frontend.build import atomics, library, memory
from cpc.frontend.build.atomics import carrier, from_carrier, rmw, to_carrier
from cpc.frontend.build.describe import describe
from cpc.frontend.build.values import (
    NOTHING,
    Place,
    Value,
    align_of,
    is_bool,
    is_pointer,
    pointee,
    size_of,
)
from cpc.frontend.c_types import BOOL, LONG, ULONG, VOID, EnumT, IntT, PointerT, QType
from cpc.frontend.conversions import unqualified
from cpc.ir import ops as ir
from cpc.ir.types import I1, I8, I64, PTR, Type, store_size

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_ORDERS = ("relaxed", "acquire", "acquire", "release", "acq_rel", "seq_cst")  # consume is acquire
_OPS = {"add": "add", "sub": "sub", "and": "and", "or": "or", "xor": "xor", "nand": "nand"}
SEQ_CST = "seq_cst"


def _order(b: Builder, node: Any, kind: str = "rmw") -> str:
    found = b.sema.integer(node)
    if found is None:
        b.discard(node)
        return SEQ_CST
    index = found[0] & 0xFFFF
    order = _ORDERS[index] if index < len(_ORDERS) else SEQ_CST
    if kind == "load" and order in ("release", "acq_rel"):
        return SEQ_CST
    if kind == "store" and order in ("acquire", "acq_rel"):
        return SEQ_CST
    return order


def _object(b: Builder, node: Any) -> tuple[ir.Operand, QType]:
    """The pointer argument and the object's type."""
    pointer = b.value(node)
    if not is_pointer(pointer.type) or layout.size_of(pointee(pointer.type)) is None:
        b.fail("E0276", node, f"atomic operation through '{describe(pointer.type)}'")
    return pointer.op, unqualified(pointee(pointer.type))


def _scalar(b: Builder, node: Any) -> tuple[ir.Operand, QType, Type]:
    """As `_object` for the forms that take values: also the type the access travels in."""
    pointer, type_ = _object(b, node)
    carrier_type = carrier(type_)
    if carrier_type is None or not isinstance(type_.type, IntT | EnumT | PointerT):
        b.fail("E0276", node, f"atomic operation on '{describe(type_)}', which is no integer or pointer")
    return pointer, type_, carrier_type


def _operand(b: Builder, node: Any, type_: QType) -> Value:
    return b.convert(b.value(node), type_, node)


def _through(b: Builder, node: Any, type_: QType, generic: bool = True) -> Place:
    """What a pointer argument points at, read and written as the atomic object's own type; the generic forms want an
    object of that size, as gcc does."""
    pointer = b.value(node)
    if not is_pointer(pointer.type):
        b.fail("E0276", node, f"'{describe(pointer.type)}' is not a pointer")
    target = unqualified(pointee(pointer.type))
    if target == type_:
        return Place(pointer.op, type_, align_of(type_))
    size = layout.size_of(target)
    if generic and size != size_of(type_):
        b.fail("E0276", node, f"atomic operation on '{describe(type_)}' with '{describe(target)}', of another size")
    return Place(pointer.op, type_, 1 if size is None else align_of(target), may_alias=True)


def call(b: Builder, name: str, node: Any) -> Value:
    """`__atomic_NAME`."""
    args = node.args.exprs if node.args is not None else []
    plain = name.removeprefix("__atomic_")
    handler = _HANDLERS.get(plain)
    if handler is not None:
        count, function = handler
        if len(args) != count:
            b.fail("E0268", node, f"'{name}' takes {count} arguments, not {len(args)}")
        result: Value = function(b, args)
        return result
    op, fetch_first = _fetch_kind(plain)
    if op is None or len(args) != 3:
        b.unsupported("E0308", node, f"the builtin '{name}'")
    return _fetch(b, op, fetch_first, args, _order(b, args[2]))


def _fetch_kind(plain: str) -> tuple[str | None, bool]:
    for op in _OPS:
        if plain == f"fetch_{op}":
            return op, True
        if plain == f"{op}_fetch":
            return op, False
    return None, False


def _fetch(b: Builder, op: str, fetch_first: bool, args: list[Any], order: str) -> Value:
    pointer, type_, carrier_type = _scalar(b, args[0])
    if is_bool(type_):
        b.fail("E0276", args[0], f"atomic arithmetic on '{describe(type_)}'")
    if carrier_type == PTR:
        value = b.em.resize(b.convert(b.value(args[1]), QType(LONG), args[1]).op, I64, True)
        old = rmw(b, _OPS[op], pointer, value, order)
        new = old if fetch_first else b.em.bin(op, old, value)
        return Value(b.em.cast("inttoptr", new, PTR), type_)
    value = to_carrier(b, _operand(b, args[1], type_), carrier_type)
    old = rmw(b, _OPS[op], pointer, value, order)
    return from_carrier(b, old if fetch_first else _again(b, op, old, value), type_)


def _again(b: Builder, op: str, old: ir.Operand, value: ir.Operand) -> ir.Operand:
    """The new value, recomputed from the old one."""
    if op == "nand":
        both = b.em.bin("and", old, value)
        ones = ir.Const(both.type, (1 << (8 * store_size(both.type))) - 1)
        return b.em.bin("xor", both, ones)
    return b.em.bin(op, old, value)


# ---- loads, stores, exchanges -------------------------------------------------------------------------------


def _load_n(b: Builder, args: list[Any]) -> Value:
    pointer, type_, _ = _scalar(b, args[0])
    return atomics.load(b, pointer, type_, _order(b, args[1], "load"))


def _load(b: Builder, args: list[Any]) -> Value:
    pointer, type_ = _object(b, args[0])
    to = _through(b, args[1], type_)
    memory.store(b, to, atomics.load(b, pointer, type_, _order(b, args[2], "load")))
    return NOTHING


def _store_n(b: Builder, args: list[Any]) -> Value:
    pointer, type_, _ = _scalar(b, args[0])
    atomics.store(b, pointer, _operand(b, args[1], type_), _order(b, args[2], "store"))
    return NOTHING


def _store(b: Builder, args: list[Any]) -> Value:
    pointer, type_ = _object(b, args[0])
    value = memory.load(b, _through(b, args[1], type_), args[1])
    atomics.store(b, pointer, value, _order(b, args[2], "store"))
    return NOTHING


def _exchange_n(b: Builder, args: list[Any]) -> Value:
    pointer, type_, _ = _scalar(b, args[0])
    return atomics.exchange(b, pointer, _operand(b, args[1], type_), _order(b, args[2]))


def _exchange(b: Builder, args: list[Any]) -> Value:
    pointer, type_ = _object(b, args[0])
    value = memory.load(b, _through(b, args[1], type_), args[1])
    to = _through(b, args[2], type_)
    memory.store(b, to, atomics.exchange(b, pointer, value, _order(b, args[3])))
    return NOTHING


def _compare_exchange(b: Builder, args: list[Any], generic: bool) -> Value:
    pointer, type_ = _object(b, args[0]) if generic else _scalar(b, args[0])[:2]
    expected = _through(b, args[1], type_, generic)
    desired = memory.load(b, _through(b, args[2], type_), args[2]) if generic else _operand(b, args[2], type_)
    weak = b.sema.integer(args[3])
    orders = (_order(b, args[4]), _order(b, args[5], "load"))
    ok = atomics.compare_exchange(b, pointer, expected, desired, orders, weak is not None and weak[0] != 0)
    return Value(b.em.cast("zext", ok, I8), QType(BOOL))


def _compare_exchange_n(b: Builder, args: list[Any]) -> Value:
    return _compare_exchange(b, args, False)


def _compare_exchange_any(b: Builder, args: list[Any]) -> Value:
    return _compare_exchange(b, args, True)


def _test_and_set(b: Builder, args: list[Any]) -> Value:
    pointer = b.value(args[0])
    old = rmw(b, "xchg", pointer.op, ir.Const(I8, 1), _order(b, args[1]))
    return Value(b.em.cast("zext", b.em.is_nonzero(old), I8), QType(BOOL))


def _clear(b: Builder, args: list[Any]) -> Value:
    pointer = b.value(args[0])
    b.em.store(pointer.op, ir.Const(I8, 0), 1, False, _order(b, args[1], "store"))
    return NOTHING


def _fence(scope: str) -> Any:
    def handler(b: Builder, args: list[Any]) -> Value:
        order = _order(b, args[0])
        if order != "relaxed":
            b.em.add(ir.Fence(order, scope, b.em.loc))
        return NOTHING

    return handler


def _always_lock_free(b: Builder, args: list[Any]) -> Value:
    size = b.sema.integer(args[0])
    return Value(ir.Const(I8, int(size is not None and size[0] in atomics.LOCK_FREE)), QType(BOOL))


def _is_lock_free(b: Builder, args: list[Any]) -> Value:
    """libatomic knows what the machine can, where it is not known here."""
    size = b.sema.integer(args[0])
    if size is not None and size[0] in atomics.LOCK_FREE:
        return Value(ir.Const(I8, 1), QType(BOOL))
    types = (QType(ULONG), QType(PointerT(QType(VOID))))
    values = [b.convert(b.value(node), to, node) for node, to in zip(args, types, strict=True)]
    return library.call_values(b, "__atomic_is_lock_free", values, args[0])


_HANDLERS: dict[str, tuple[int, Any]] = {
    "load_n": (2, _load_n),
    "load": (3, _load),
    "store_n": (3, _store_n),
    "store": (3, _store),
    "exchange_n": (3, _exchange_n),
    "exchange": (4, _exchange),
    "compare_exchange_n": (6, _compare_exchange_n),
    "compare_exchange": (6, _compare_exchange_any),
    "test_and_set": (2, _test_and_set),
    "clear": (2, _clear),
    "thread_fence": (1, _fence("")),
    "signal_fence": (1, _fence("singlethread")),
    "always_lock_free": (2, _always_lock_free),
    "is_lock_free": (2, _is_lock_free),
}


# ---- __sync_* -----------------------------------------------------------------------------------------------


def sync(b: Builder, name: str, node: Any) -> Value:
    """The older forms: full barriers, variadic lists of protected variables are ignored as gcc does."""
    args = node.args.exprs if node.args is not None else []
    plain = name.removeprefix("__sync_").rstrip("_0123456789") if name[-1].isdigit() else name.removeprefix("__sync_")
    if plain == "synchronize":
        b.em.add(ir.Fence(SEQ_CST, "", b.em.loc))
        return NOTHING
    parts = plain.split("_and_")
    least = 3 if "compare" in plain else 1 if plain == "lock_release" else 2
    if len(args) < least:
        b.fail("E0268", node, f"'{name}' takes {least} arguments, not {len(args)}")
    if plain in ("bool_compare_and_swap", "val_compare_and_swap"):
        return _sync_swap(b, args, plain.startswith("bool"))
    if plain == "lock_test_and_set":
        pointer, type_, _ = _scalar(b, args[0])
        return atomics.exchange(b, pointer, _operand(b, args[1], type_), "acquire")
    if plain == "lock_release":
        pointer, type_, carrier_type = _scalar(b, args[0])
        b.em.store(pointer, b.em.zero(carrier_type), store_size(carrier_type), False, "release")
        return NOTHING
    if len(parts) == 2 and "fetch" in parts:
        fetch_first = parts[0] == "fetch"
        op = parts[1] if fetch_first else parts[0]
        if op in _OPS:
            return _fetch(b, op, fetch_first, args, SEQ_CST)
    b.unsupported("E0308", node, f"the builtin '{name}'")


def _sync_swap(b: Builder, args: list[Any], boolean: bool) -> Value:
    pointer, type_, carrier_type = _scalar(b, args[0])
    expected = to_carrier(b, _operand(b, args[1], type_), carrier_type)
    desired = to_carrier(b, _operand(b, args[2], type_), carrier_type)
    seen, ok = b.em.reg(carrier_type), b.em.reg(I1)
    b.em.add(ir.CmpXchg(seen, ok, pointer, expected, desired, SEQ_CST, SEQ_CST, loc=b.em.loc))
    if boolean:
        return Value(b.em.cast("zext", ok, I8), QType(BOOL))
    return from_carrier(b, seen, type_)
