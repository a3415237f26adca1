"""Functions with the attribute naked (GNU): their asm, without a prologue or an epilogue around it.

Before: the body is built, its parameters have objects that nothing was stored to.  After: the function has no objects,
and code that mentions one has got E0340: there is no frame that it could be in.  The end of the body is not
reached: the asm returns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpc.ir import ops as ir
from cpc.ir.walk import operands

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder


def settle(b: Builder, fn: ir.Function) -> None:
    """Of a function that is built."""
    homes = {param.name for param in fn.params} | set(fn.locals)
    for block in fn.blocks.values():
        for op in (*block.ops, block.term):
            found = next((x for x in operands(op) if isinstance(x, ir.LocalAddr | ir.Reg) and x.name in homes), None)
            if found is not None:
                what = f"a variable in naked function '{fn.name}', which has no frame,"
                b.diags.error("E0340", op.loc if op.loc.line else fn.loc, f"{what} is not supported")
                return
    fn.locals.clear()
