"""E0101: a plain function calls a coroutine_fn.

    static void plain(void) { co_fdatasync(3); }     <- error: 'plain' cannot suspend

A mixed function (coroutine_mixed_fn) may where it knows that it runs in a coroutine (E0104).
"""

from __future__ import annotations

from cpc.diag import Diagnostics, SourceLines
from cpc.ir.ops import CoCall, CoYield, Function, Module
from cpc.lints.base import Rule, bodies, callee_text, declared_here, marked


def check(module: Module, diags: Diagnostics) -> None:
    sources = SourceLines()
    for fn, op in bodies(module, "plain"):
        match op:
            case CoCall(callee=callee):
                _report(fn, op, callee_text(callee), sources, diags)
            case CoYield():
                _report(fn, op, "coroutine_fn 'qemu_coroutine_yield'", sources, diags)


def _report(fn: Function, op: CoCall | CoYield, callee: str, sources: SourceLines, diags: Diagnostics) -> None:
    diags.error(
        "E0101",
        op.loc,
        f"'{fn.name}' calls {callee} but is not coroutine_fn",
        help="start a coroutine with qemu_coroutine_create" if fn.name == "main" else marked(fn, sources),
        notes=declared_here(fn),
    )


RULE = Rule("E0101", check)
