"""E0104: a coroutine_mixed_fn calls a coroutine_fn where it may run outside coroutines.

    int coroutine_mixed_fn f(void) { return co_f(); }                                    <- error
    int coroutine_mixed_fn f(void) { return qemu_in_coroutine() ? co_f() : plain_f(); }  good

The version of a mixed function for plain callers has 0 for qemu_in_coroutine(), so the front end has dropped what is
behind it.  A coroutine call that is still there would be made outside a coroutine.
"""

from __future__ import annotations

from cpc.diag import Diagnostics
from cpc.ir.ops import CoCall, CoYield, Module
from cpc.lints.base import Rule, bodies, callee_text, declared_here


def check(module: Module, diags: Diagnostics) -> None:
    for fn, op in bodies(module, "mixed"):
        match op:
            case CoCall(callee=callee):
                callee_name = callee_text(callee)
            case CoYield():
                callee_name = "coroutine_fn 'qemu_coroutine_yield'"
            case _:
                continue
        diags.error(
            "E0104",
            op.loc,
            f"coroutine_mixed_fn '{fn.name}' calls {callee_name} where it may run outside coroutines",
            help="put the call behind 'if (qemu_in_coroutine())'",
            notes=declared_here(fn),
        )


RULE = Rule("E0104", check)
