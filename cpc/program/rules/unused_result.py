"""W0509: the result of a coroutine call is thrown away, which others look at.

    ret = bdrv_co_flush(bs);    ...    bdrv_co_flush(bs);         <- if it fails, nobody knows

Said where the callee returns an int, and most of at least three calls in the program use the result.  (void) in front
of the call says that it is meant; a call that is given a place for an error (`&local_err`, `errp`) looks there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cpc.program.facts import COROUTINE
from cpc.program.rules.base import Context, Finding, Rule

_CODES = ("int", "ssize_t", "int64_t", "int32_t", "long")
_LEAST_CALLS = 3
_ERROR = re.compile(r"&?\w*err(?:or|p)?")


def check(context: Context) -> Iterator[Finding]:
    program = context.program
    for fn in context.functions(COROUTINE):
        edges = [e for e in program.incoming.get(fn.id, ()) if e.call.callee and not e.call.hidden]
        used = sum(e.call.used for e in edges)
        if fn.result not in _CODES or len(edges) < _LEAST_CALLS or used * 4 < len(edges) * 3:
            continue
        for edge in edges:
            if not edge.call.used and not any(_ERROR.fullmatch(arg) for arg in edge.call.args):
                yield RULE.finding(
                    edge.call.loc,
                    f"the result of coroutine_fn '{fn.name}' is not used; {used} of {len(edges)} calls use it",
                    edge.caller,
                    help="handle the failure, or write (void) before the call",
                    notes=context.declared_here(fn.id),
                )


RULE = Rule("W0509", "warning", check)
