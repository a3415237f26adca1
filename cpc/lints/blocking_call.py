"""E0103: a coroutine_fn calls a no_coroutine_fn.

    int no_coroutine_fn blk_pread(...);              blocks, or runs the event loop itself
    void coroutine_fn f(void) { blk_pread(...); }    <- error: every coroutine of this thread would stop

Only direct calls: what blocks through a pointer or a helper is not known here.
"""

from __future__ import annotations

from cpc.diag import Diagnostics, Note
from cpc.ir.ops import Call, GlobalAddr, Module
from cpc.lints.base import Rule, bodies


def check(module: Module, diags: Diagnostics) -> None:
    for fn, op in bodies(module, "coroutine"):
        match op:
            case Call(callee=GlobalAddr(name)):
                callee = module.functions.get(name)
                if callee is None or "no_coroutine" not in callee.attrs:
                    continue
                diags.error(
                    "E0103",
                    op.loc,
                    f"coroutine_fn '{fn.name}' calls no_coroutine_fn '{name}'",
                    help=f"call the coroutine version of '{name}', or hand it to the thread pool",
                    notes=(Note(callee.loc, f"'{name}' is declared here"),) if callee.loc.line else (),
                )


RULE = Rule("E0103", check)
