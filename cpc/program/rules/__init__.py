"""The rules over whole programs, one file each."""

from cpc.program.program import Program
from cpc.program.rules import (
    alloca,
    blocking,
    co_mutex,
    declarations_disagree,
    finished_scope,
    locks,
    missing_annotation,
    mixed_call,
    needless_annotation,
    plain_calls_coroutine,
    pointer_mismatch,
    recursion,
    result_never_used,
    setjmp,
    stale,
    stale_pointer,
    unguarded_call,
    unused_result,
)
from cpc.program.rules.base import Context, Finding, Repair, Rule, Settings

RULES: tuple[Rule, ...] = (
    finished_scope.RULE,
    alloca.RULE,
    plain_calls_coroutine.RULE,
    co_mutex.RULE,
    pointer_mismatch.RULE,
    blocking.RULE,
    unguarded_call.RULE,
    missing_annotation.RULE,
    declarations_disagree.RULE,
    blocking.KNOWN_RULE,
    needless_annotation.RULE,
    locks.RULE,
    locks.BALANCE_RULE,
    stale.THREAD_RULE,
    stale.FIELD_RULE,
    stale_pointer.RULE,
    setjmp.RULE,
    recursion.RULE,
    unused_result.RULE,
    mixed_call.RULE,
    result_never_used.RULE,
)


def findings(program: Program, settings: Settings | None = None) -> list[Finding]:
    """What all rules find in a linked program, by place."""
    context = Context(program, settings or Settings())
    found = [finding for rule in RULES for finding in rule.check(context)]
    return sorted(dict.fromkeys(found), key=_place)


def _place(finding: Finding) -> tuple[str, int, int, str]:
    diagnostic = finding.diagnostic
    return diagnostic.loc.file, diagnostic.loc.line, diagnostic.loc.column, diagnostic.code


__all__ = ["RULES", "Context", "Finding", "Repair", "Rule", "Settings", "findings"]
