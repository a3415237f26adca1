"""The least set of annotations that makes a program consistent: what the repairs of the rules lead to.

    findings of the rules -> repairs -> the program with these annotations -> findings -> ... until nothing is new

Annotations that are wrong go first: they make others look as if they were missing.  Those that are needless go last:
they may look so because another is missing.  A repair that would undo an earlier one is not taken, so this ends.  Each
inferred annotation keeps the finding that asked for it: why it is needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cpc.program.program import Program
from cpc.program.rules import (
    Context,
    Finding,
    Repair,
    Rule,
    Settings,
    co_mutex,
    declarations_disagree,
    missing_annotation,
    needless_annotation,
    plain_calls_coroutine,
    pointer_mismatch,
    unguarded_call,
)

_REPAIRING = (
    declarations_disagree.RULE,
    plain_calls_coroutine.RULE,
    co_mutex.RULE,
    pointer_mismatch.RULE,
    missing_annotation.RULE,
    unguarded_call.RULE,
)


@dataclass(slots=True)
class Inferred:
    """`repairs`: id of a function or slot -> the repair and the first finding that asked for it.  `program`: with the
    repairs made."""

    program: Program
    repairs: dict[str, tuple[Repair, Finding]] = field(default_factory=dict)


def infer(program: Program, settings: Settings | None = None) -> Inferred:
    """All repairs, until the rules ask for no more."""
    result = Inferred(program)
    while True:
        context = Context(result.program, settings or Settings())
        new = _repairs(_REPAIRING, context, result) or _repairs((needless_annotation.RULE,), context, result)
        if not new:
            return result
        wrong = {subject: item for subject, item in new.items() if not item[0].color}
        result.repairs |= wrong or new
        result.program = result.program.recolored({id_: repair.color for id_, (repair, _) in result.repairs.items()})


def _repairs(rules: Iterable[Rule], context: Context, result: Inferred) -> dict[str, tuple[Repair, Finding]]:
    """Those that are not made yet, by what they are of."""
    new: dict[str, tuple[Repair, Finding]] = {}
    for rule in rules:
        for finding in rule.check(context):
            repair = finding.repair
            if repair is not None and repair.subject not in result.repairs:
                new.setdefault(repair.subject, (repair, finding))
    return new
