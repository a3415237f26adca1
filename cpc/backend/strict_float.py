"""Floating-point operations that read and change the floating-point environment: LLVM's constrained intrinsics.

Functions with the attribute `strictfp` have them in place of fadd and its like.  Every operation rounds as the
environment says when it runs, raises the exceptions that it should, and none that it should not; it is neither folded
nor moved across calls.  `folt` and its like are signalling comparisons (C11 F.9.3); `fqlt`, `foeq`, `fuo` are quiet.
"""

from __future__ import annotations

from cpc.backend.llvm_values import suffix, type_text
from cpc.ir import ops as o
from cpc.ir.types import FloatType, Type, VecType

PREDICATES = {"foeq": "oeq", "fune": "une", "folt": "olt", "fole": "ole", "fogt": "ogt", "foge": "oge", "fuo": "uno",
              "ford": "ord", "fqlt": "olt", "fqle": "ole", "fqgt": "ogt", "fqge": "oge"}  # fmt: skip
_ROUNDS = 'metadata !"round.dynamic"'
_TRAPS = 'metadata !"fpexcept.strict"'
_OPERATIONS = {"fadd", "fsub", "fmul", "fdiv", "fptrunc", "sitofp", "uitofp", "fpext", "fptosi", "fptoui"}
_FUNCTIONS = {"sqrt", "fma", "rint", "nearbyint", "floor", "ceil", "trunc", "round", "roundeven"}
_NOT_ROUNDED = {"fpext", "fptosi", "fptoui", "floor", "ceil", "trunc", "round", "roundeven"}


def is_in(module: o.Module) -> bool:
    """Whether a function of the module has them."""
    return any("strictfp" in fn.attrs for fn in module.functions.values())


def _is_float(type_: Type) -> bool:
    lane = type_.lane if isinstance(type_, VecType) else type_
    return isinstance(lane, FloatType)


def has_intrinsic(op: o.Bin | o.Cast | o.Intrinsic) -> bool:
    match op:
        case o.Bin(op=name) | o.Cast(op=name):
            return name in _OPERATIONS
        case o.Intrinsic(name=name, dsts=(dst,)):
            return name in _FUNCTIONS and _is_float(dst.type)
    return False


def operation(name: str, to: Type, args: tuple[o.Operand, ...], texts: list[str]) -> str:
    """The call that computes `name`, of LLVM's names; `texts` are the arguments with their types."""
    converts = to != args[0].type or name in ("fpext", "fptrunc")
    kinds = f"{suffix(to)}.{suffix(args[0].type)}" if converts else suffix(to)
    notes = [_TRAPS] if name in _NOT_ROUNDED else [_ROUNDS, _TRAPS]
    return _call(name, kinds, to, texts + notes)


def comparison(pred: str, dst: o.Reg, texts: list[str], compared: Type) -> str:
    """`pred` is the IR's."""
    signals = pred[:2] == "fo" and pred not in ("foeq", "ford")
    notes = [f'metadata !"{PREDICATES[pred]}"', _TRAPS]
    return _call("fcmps" if signals else "fcmp", suffix(compared), dst.type, texts + notes)


def _call(name: str, kinds: str, to: Type, args: list[str]) -> str:
    return f"call {type_text(to)} @llvm.experimental.constrained.{name}.{kinds}({', '.join(args)}) strictfp"
