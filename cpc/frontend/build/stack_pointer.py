"""Variables in the stack pointer's register (gcc manual 6.48.5), of a function or of the whole unit.

    register unsigned long sp asm("rsp");      use(sp), asm("..." : "+r"(sp))

A mention reads the register there and then, into a temporary: code may always look at its stack.  Nothing may be
assigned to it (E0343), and its address cannot be taken.  The registers of other global register variables would have
to be kept by all code, also the libraries'.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend.build import memory
from cpc.frontend.build.values import Place, Value, scalar_type
from cpc.frontend.symbols import Symbol
from cpc.ir import ops as ir

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder


def holds(b: Builder, symbol: Symbol) -> bool:
    """Whether the variable's register is the stack pointer."""
    return symbol.storage == "register" and b.target.is_stack_pointer(symbol.ir_name)


def place(b: Builder, symbol: Symbol) -> Place:
    """A temporary with the register's value of now."""
    copy = memory.temporary_place(b, symbol.type, symbol.name)
    value = b.em.reg(scalar_type(symbol.type))
    constraints = ["={" + b.target.stack_pointer[0] + "}", *b.target.clobbers]
    b.em.add(ir.Asm((value,), "", ",".join(constraints), (), (), True, b.em.loc))
    memory.store(b, copy, Value(value, copy.type))
    return replace(copy, register=True)


def refuse_assignment(b: Builder, target: Any, node: Any) -> None:
    """`target` is a lvalue in a register."""
    symbol = b.sema.lookup(target.name) if isinstance(target, c_ast.ID) else None
    if symbol is not None and holds(b, symbol):
        b.fail("E0343", node, f"assignment to '{target.name}', which is the stack pointer")
