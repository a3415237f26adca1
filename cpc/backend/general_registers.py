"""-mgeneral-regs-only: code for kernels and freestanding programs that uses no SSE, MMX or x87 register.

The target's `no_vectors` turn those registers off in LLVM, which then copies and clears memory with integer code.
Floating point and vectors have nowhere to be without them, so E0317 refuses each function that uses one, as gcc does.
"""

from __future__ import annotations

from cpc.diag import Diagnostics
from cpc.ir.ops import Const, Function, Loc, Module, Operand, Reg, Undef
from cpc.ir.types import FloatType, Type, VecType
from cpc.ir.walk import operands, results


def refuse_other_registers(module: Module, diags: Diagnostics) -> None:
    """One error for each function that needs another register; any phase."""
    for fn in module.functions.values():
        if (loc := _first_use(fn)) is not None:
            diags.error("E0317", loc, f"'{fn.name}' uses floating point or vectors, against -mgeneral-regs-only")


def _first_use(fn: Function) -> Loc | None:
    if fn.is_declaration:
        return None
    if any(_needs_other(type_) for type_ in (*(p.type for p in fn.sig.params), *fn.sig.rets)):
        return fn.loc
    for block in fn.blocks.values():
        for op in block.ops:
            if any(_needs_other(_type_of(value)) for value in (*operands(op), *results(op))):
                return op.loc
    return None


def _type_of(value: Operand) -> Type | None:
    return value.type if isinstance(value, Reg | Const | Undef) else None


def _needs_other(type_: Type | None) -> bool:
    return isinstance(type_, FloatType | VecType)
