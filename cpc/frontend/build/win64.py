"""The calling convention of Windows x86-64, for functions with attribute ms_abi: UEFI's services, Wine, libffi.

    integers, pointers, float, double                   a register each; the n-th argument takes the n-th of either kind
    records and complex numbers of 1, 2, 4 or 8 bytes   as an integer of that size
    everything else                                     the address of a copy that the caller makes
    results                                             likewise; 16 bytes of a vector or __int128 in xmm0, else `sret`

LLVM's win64cc assigns the registers, keeps the room on the stack that the callee may use for them, passes unnamed
floating arguments in both kinds, and saves what the convention says.  Small integers are not extended by the caller.
Unnamed arguments are in slots of eight bytes: `__builtin_ms_va_list` is a pointer to the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cpc.frontend import c_types
from cpc.frontend.build.convention import MEMORY, NOTHING, Lowered, Passing, Piece
from cpc.frontend.build.values import NOTHING as NO_VALUE
from cpc.frontend.build.values import Place, Value, align_of, is_scalar, scalar_type, size_of
from cpc.frontend.c_types import CType, FunctionT, IntT, PointerT, QType, VectorT, VoidT
from cpc.ir.ops import ParamSpec, Sig
from cpc.ir.types import I64, PTR, IntType, VecType

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

REFERENCE = Passing(memory=True, copied=True)
_SLOT = 8
_IN_REGISTER = (1, 2, 4, 8)


def classify(type_: QType) -> Passing:
    """How an argument travels."""
    size = size_of(type_)
    if isinstance(type_.type, VoidT) or size == 0:
        return NOTHING
    if size not in _IN_REGISTER:
        return REFERENCE
    plain = is_scalar(type_) and not isinstance(type_.type, VectorT)
    return Passing((Piece(0, scalar_type(type_) if plain else IntType(8 * size)),))


def _classify_result(type_: QType) -> Passing:
    ctype = type_.type
    if isinstance(ctype, VectorT | IntT) and size_of(type_) == 16:
        return Passing((Piece(0, scalar_type(type_) if isinstance(ctype, VectorT) else VecType(I64, 2)),))
    found = classify(type_)
    return MEMORY if found.memory else found


def lower_signature(fn: FunctionT, types: list[QType]) -> Lowered:
    """The shape of a call that passes values of `types`."""
    result = _classify_result(fn.result)
    params = tuple(classify(type_) for type_ in types)
    specs = [ParamSpec(PTR, sret=(size_of(fn.result), align_of(fn.result)))] if result.memory else []
    for how in params:
        specs.extend([ParamSpec(PTR)] if how.copied else [ParamSpec(piece.type) for piece in how.pieces])
    rets = tuple(piece.type for piece in result.pieces)
    sig = Sig(tuple(specs), rets, fn.variadic or not fn.prototyped)
    return Lowered(sig, params, result, result.memory)


# ---- variable arguments -------------------------------------------------------------------------------------


def is_list(ctype: CType) -> bool:
    return isinstance(ctype, PointerT) and ctype.target.type in (c_types.CHAR, c_types.SCHAR, c_types.UCHAR)


def _list(b: Builder, node: Any) -> Place:
    place = b.place(node)
    if not is_list(place.type.type):
        b.fail("E0274", node, "this is not a __builtin_ms_va_list")
    return place


def va_start(b: Builder, node: Any) -> Value:
    function = b.function
    type_ = function.symbol.type.type if function is not None else None
    if function is None or not isinstance(type_, FunctionT) or not type_.ms_abi or not type_.variadic:
        b.fail("E0274", node, "__builtin_ms_va_start outside of an ms_abi function with variable arguments")
    if function.last_param is not None:
        function.last_param.used = function.last_param.read = True
    b.em.intrinsic("va_start", (_list(b, node.args.exprs[0]).addr,))
    return NO_VALUE


def va_end(b: Builder, node: Any) -> Value:
    _list(b, node.args.exprs[0])
    return NO_VALUE


def va_copy(b: Builder, node: Any) -> Value:
    to, source = (_list(b, argument) for argument in node.args.exprs)
    b.em.store(to.addr, b.em.load(PTR, source.addr))
    return NO_VALUE


def fetch(b: Builder, node: Any, into: Place) -> None:
    """`va_arg`: the next argument, from its slot or from where that points."""
    place = _list(b, node)
    slot = b.em.load(PTR, place.addr)
    how = classify(into.type)
    if not how.memory and not how.pieces:
        return
    b.em.store(place.addr, b.em.ptr_add(slot, _SLOT))
    source = b.em.load(PTR, slot) if how.memory else slot
    b.em.copy(into.addr, source, size_of(into.type), into.align, align_of(into.type) if how.memory else _SLOT)
