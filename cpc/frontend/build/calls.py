"""Function calls (C11 6.5.2.2): arguments, colours, and results.

The callee is evaluated first, then the arguments from left to right; each is converted to its parameter's type, or
by the default promotions beyond a prototype.  passing.py moves the values into the registers that the target's
convention assigned.
A callee of coroutine colour makes a `CoCall`, a function annotated co_yield a `CoYield`; whether the caller may do so
is the lints' business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend import layout
from cpc.frontend.build import co_variadic, library, library_folds, mixed, nested, passing
from cpc.frontend.build.convention import Lowered
from cpc.frontend.build.describe import describe
from cpc.frontend.build.values import NOTHING, Place, Value, is_pointer, is_void, pointee
from cpc.frontend.c_types import (
    DOUBLE,
    FLOAT,
    INT,
    LDOUBLE,
    LLONG,
    LONG,
    ULONG,
    VOID,
    ComplexT,
    FunctionT,
    PointerT,
    QType,
)
from cpc.frontend.conversions import decay, pointer_to, promote_argument
from cpc.frontend.symbols import Kind, Symbol
from cpc.ir import ops as ir
from cpc.ir.types import I32
from cpc.warnings import formats, usage

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_RETURNS_TWICE = {"setjmp", "_setjmp", "sigsetjmp", "__sigsetjmp", "vfork", "savectx", "getcontext"}
_ABSOLUTE = (("abs", INT), ("labs", LONG), ("llabs", LLONG), ("imaxabs", LONG))
_FLOATS = (("", DOUBLE), ("f", FLOAT), ("l", LDOUBLE))
_INLINED = {
    "alloca": (QType(PointerT(QType(VOID))), QType(ULONG)),
    **{name: (QType(type_), QType(type_)) for name, type_ in _ABSOLUTE},
    **{f"signbit{suffix}": (QType(INT), QType(type_)) for suffix, type_ in _FLOATS},
    **{f"fabs{suffix}": (QType(type_), QType(type_)) for suffix, type_ in _FLOATS},
}
_PARTS = {
    f"{name}{suffix}": (QType(ComplexT(type_) if name == "conj" else type_), QType(ComplexT(type_)))
    for name in ("creal", "cimag", "conj")
    for suffix, type_ in _FLOATS
}
_INLINED |= _PARTS
_NEVER_RETURN = {"abort", "exit", "_exit", "_Exit"}  # also without the header that says so
_CALL_FLAGS = {"noreturn", "returns_twice", "preserve_most", "noinline", "cold"}


def call(b: Builder, node: Any) -> Value | Place:
    """Any call expression, builtins included."""
    symbol = None
    if (builtin := _dereferenced_builtin(b, node.name)) is not None:
        node = c_ast.FuncCall(builtin, node.args, node.coord)
    if isinstance(node.name, c_ast.ID):
        symbol = b.sema.lookup(node.name.name)
        if symbol is None:
            if b.is_builtin(node.name.name):
                return b.call_builtin(node.name.name, node)
            known = library.implied(b, node.name.name, len(node.args.exprs) if node.args is not None else 0)
            symbol = b.sema.implicit_function(node.name.name, b.loc(node.name), known)
        if symbol.kind is not Kind.FUNCTION:
            symbol = None
        elif _inlined(b, symbol):
            return b.call_builtin(f"__builtin_{symbol.name}", node)
    callee, chain = _callee(b, symbol, node.name)
    if not is_pointer(callee.type) or not isinstance(pointee(callee.type).type, FunctionT):
        b.fail("E0267", node, f"call of '{describe(callee.type)}', which is not a function")
    fn = pointee(callee.type).type
    assert isinstance(fn, FunctionT)
    target = callee.op
    if symbol is not None and (told := mixed.answer(b, symbol, fn)) is not None:
        return told
    if (version := mixed.version_called(b, symbol, fn)) is not None:
        target, fn = version
    arguments = node.args.exprs if node.args is not None else []
    values = _arguments(b, fn, arguments, symbol, node)
    if symbol is not None and (replaced := _replaced(b, symbol, fn, values, node)) is not None:
        return replaced
    if symbol is not None and "co_yield" in symbol.attrs.flags:
        b.em.add(ir.CoYield(b.em.loc))
        return NOTHING
    attrs = call_attrs(fn, symbol)
    if symbol is not None and "alwaysinline" in symbol.attrs.flags and not b.features_of(symbol) <= b.features():
        missing = min(b.features_of(symbol) - b.features())
        b.fail("E0349", node, f"'{symbol.name}' is always_inline and needs a processor with {missing}")
    if symbol is not None and symbol.inline_name and target == ir.GlobalAddr(symbol.ir_name):
        target = ir.GlobalAddr(symbol.inline_name)
        b.reference(symbol.inline_name)
    if symbol is not None and symbol.name in _NEVER_RETURN and is_void(fn.result) and b.options.builtins:
        attrs |= {"noreturn"} if symbol.linkage == "external" and not symbol.defined else set()
    return emit(b, target, fn, values, attrs, node, chain)


def _dereferenced_builtin(b: Builder, node: Any) -> c_ast.ID | None:
    """The name in `(*__builtin_ctz)(x)`."""
    inner = node
    while isinstance(inner, c_ast.UnaryOp) and inner.op == "*":
        inner = inner.expr
    named = inner is not node and isinstance(inner, c_ast.ID)
    return inner if named and b.is_builtin(inner.name) and b.sema.lookup(inner.name) is None else None


def _callee(b: Builder, symbol: Symbol | None, node: Any) -> tuple[Value, ir.Operand | None]:
    """What is called, and the chain that it gets when it is a nested function."""
    if symbol is None or not nested.is_nested(symbol):
        return b.value(node), None
    usage.mention(b, symbol, node)
    return Value(ir.GlobalAddr(symbol.ir_name), pointer_to(symbol.type)), nested.chain_of_callee(b, symbol)


def _inlined(b: Builder, symbol: Symbol) -> bool:
    """Whether gcc never calls this library function, so that programs do without its library at -O0 too."""
    expected = _INLINED.get(symbol.name)
    fn = symbol.type.type
    assert isinstance(fn, FunctionT)
    if expected is None or not _is_library(b, symbol):
        return False
    same = (fn.result, *fn.params) == tuple(map(b.target.own_type, expected))
    return same and fn.prototyped


def _replaced(b: Builder, symbol: Symbol, fn: FunctionT, values: list[Value], node: Any) -> Value | None:
    """What becomes of a call of a library function, when it is another call or none."""
    if _is_library(b, symbol) and library.compares_nothing(symbol.name, values):
        return Value(ir.Const(I32, 0), fn.result)
    if (folded := _folded(b, symbol, fn, values, node)) is not None:
        return folded
    return library.call_values(b, symbol.name, values, node) if _renamed(b, symbol, fn) else None


def _folded(b: Builder, symbol: Symbol, fn: FunctionT, values: list[Value], node: Any) -> Value | None:
    """The library function by gcc's rules.  The checked ones are the library's even where the unit has them (gcc)."""
    checked = symbol.name.endswith("_chk") and symbol.linkage == "external" and b.knows(symbol.name)
    renamed = symbol.name == "strstr" and b.knows("strstr") and library_folds.is_renamed(b, "strstr")
    if not (checked or renamed or _is_library(b, symbol)) or not library_folds.fits(symbol.name, fn):
        return None
    folded = library_folds.fold(b, symbol.name, values, node)
    return folded if folded is None or is_void(fn.result) else b.convert(folded, fn.result, node)


def _renamed(b: Builder, symbol: Symbol, fn: FunctionT) -> bool:
    """Whether this is index or rindex with the type of strchr."""
    if symbol.name not in library.RENAMED or not b.options.optimised or not _is_library(b, symbol):
        return False
    first_is_pointer = len(fn.params) == 2 and is_pointer(fn.params[0])
    return fn.prototyped and first_is_pointer and is_pointer(fn.result) and fn.params[1].type == INT


def _is_library(b: Builder, symbol: Symbol) -> bool:
    """Whether the name is taken for the library's, and this unit has no function of its own under it."""
    named = symbol.linkage == "external" and symbol.ir_name == symbol.name
    return named and not symbol.defined and b.knows(symbol.name)


def call_attrs(fn: FunctionT, symbol: Symbol | None) -> frozenset[str]:
    attrs = set()
    if fn.noreturn:
        attrs.add("noreturn")
    if fn.ms_abi:
        attrs.add("win64")
    if symbol is not None:
        attrs |= symbol.attrs.flags & _CALL_FLAGS
        if symbol.ir_name in _RETURNS_TWICE:
            attrs.add("returns_twice")
    return frozenset(attrs)


def _arguments(b: Builder, fn: FunctionT, nodes: list[Any], symbol: Symbol | None, node: Any) -> list[Value]:
    name = f"'{symbol.name}'" if symbol is not None else "the function"
    if fn.prototyped and len(nodes) < len(fn.params):
        b.fail("E0268", node, f"too few arguments for {name}: {len(nodes)} instead of {len(fn.params)}")
    if fn.prototyped and len(nodes) > len(fn.params) and not fn.variadic:
        b.fail("E0268", node, f"too many arguments for {name}: {len(nodes)} instead of {len(fn.params)}")
    values = []
    for i, expr in enumerate(nodes):
        value = b.value(expr)
        if is_void(value.type):
            b.fail("E0251", expr, "a 'void' expression as argument")
        if i < len(fn.params) and fn.prototyped:
            values.append(b.assign_convert(value, fn.params[i], expr, f"passing argument {i + 1} of {name},"))
        else:
            values.append(b.convert(value, promote_argument(value.type), expr))
    formats.check(b, symbol, nodes, values)
    return values


def emit(
    b: Builder,
    callee: ir.Operand,
    fn: FunctionT,
    values: list[Value],
    attrs: frozenset[str],
    node: Any,
    chain: ir.Operand | None = None,
) -> Value:
    """The call itself with converted arguments; the value is an rvalue of the result type.  `chain` is the callee's,
    when it is nested."""
    for type_ in (fn.result, *(v.type for v in values)):
        if not is_void(type_) and not layout.is_complete(type_):
            b.fail("E0250", node, f"call with the incomplete type '{describe(type_)}'")
    lowered = b.lower_signature(fn, [decay(v.type) for v in values])
    args: list[ir.Operand] = []
    result_place: Place | None = None
    if lowered.sret:
        result_place = passing.result_memory(b, fn.result)
        args.append(result_place.addr)
    named = len(fn.params) if co_variadic.applies(fn) else len(values)
    for value, how in zip(values[:named], lowered.params, strict=True):
        args.extend(passing.to_registers(b, value, how))
    if co_variadic.applies(fn):
        args.append(co_variadic.pass_arguments(b, values[named:]))
    if fn.color == "coroutine":
        dsts = _co_call(b, callee, tuple(args), lowered)
    else:
        dsts = tuple(b.em.reg(t) for t in lowered.sig.rets)
        sig = lowered.sig if chain is None else nested.with_chain(lowered.sig)
        passed = tuple(args) if chain is None else (chain, *args)
        b.em.add(ir.Call(dsts, callee, passed, sig, attrs, b.em.loc, _unwind(b, attrs)))
    if "noreturn" in attrs and fn.color != "coroutine":
        b.em.terminate(ir.Unreachable(b.em.loc))
    return _result(b, fn.result, lowered, dsts, result_place)


def _unwind(b: Builder, attrs: frozenset[str]) -> tuple[ir.Operand, ...]:
    """What an exception runs that leaves a call here.  None passes through a coroutine: its callers may be gone."""
    function = b.function
    if not b.options.exceptions or function is None or function.is_coroutine or "returns_twice" in attrs:
        return ()
    pairs: list[ir.Operand] = []
    for cleanup in reversed(function.cleanups if function.unwinding is None else function.unwinding):
        if cleanup.function is not None and cleanup.place is not None and cleanup.armed:
            b.use_function(cleanup.function)
            pairs += (ir.GlobalAddr(cleanup.function.ir_name), cleanup.place.addr)
    return tuple(pairs)


def _co_call(b: Builder, callee: ir.Operand, args: tuple[ir.Operand, ...], lowered: Lowered) -> tuple[ir.Reg, ...]:
    dst = b.em.reg(lowered.sig.rets[0]) if lowered.sig.rets else None
    b.em.add(ir.CoCall(dst, callee, args, lowered.sig, b.em.loc))
    return () if dst is None else (dst,)


def _result(b: Builder, type_: QType, lowered: Lowered, dsts: tuple[ir.Reg, ...], place: Place | None) -> Value:
    if is_void(type_):
        return NOTHING
    if place is not None:
        return b.rvalue(place, None)
    return passing.from_registers(b, type_, lowered.result, dsts)
