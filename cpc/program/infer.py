"""The least set of annotations that makes a program consistent: what the repairs of the rules lead to.

    findings of the rules -> repairs -> the program with these annotations -> findings -> ... until nothing is new

Annotations that are wrong go first: they make others look as if they were missing.  A repair that would undo an earlier
one is not taken, so this ends.  Each inferred annotation keeps the finding that asked for it: why it is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cpc.program.program import Program
from cpc.program.rules import (
    Context,
    Finding,
    Repair,
    Settings,
    co_mutex,
    declarations_disagree,
    missing_annotation,
    needless_annotation,
    plain_calls_coroutine,
    pointer_mismatch,
)

_REPAIRING = (
    declarations_disagree.RULE,
    plain_calls_coroutine.RULE,
    co_mutex.RULE,
    pointer_mismatch.RULE,
    missing_annotation.RULE,
    needless_annotation.RULE,
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
        new: dict[str, tuple[Repair, Finding]] = {}
        for rule in _REPAIRING:
            for finding in rule.check(context):
                repair = finding.repair
                if repair is not None and repair.subject not in result.repairs:
                    new.setdefault(repair.subject, (repair, finding))
        if not new:
            return result
        wrong = {subject: item for subject, item in new.items() if not item[0].color}
        new = wrong or new
        result.repairs |= new
        result.program = program.recolored({id_: repair.color for id_, (repair, _) in result.repairs.items()})
