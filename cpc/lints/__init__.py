"""The rules of coroutine_fn, checked on every unit before the passes run."""

from cpc.diag import Diagnostics
from cpc.ir.ops import Module
from cpc.lints import blocking_call, plain_calls_coroutine, unguarded_call
from cpc.lints.base import Rule

RULES: tuple[Rule, ...] = (plain_calls_coroutine.RULE, blocking_call.RULE, unguarded_call.RULE)


def run_lints(module: Module, diags: Diagnostics) -> None:
    """Applies every rule to a module in Phase.BUILT."""
    for rule in RULES:
        rule.check(module, diags)
