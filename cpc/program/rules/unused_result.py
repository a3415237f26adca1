"""W0509: the result of a coroutine call is thrown away, which others look at.

    ret = bdrv_co_flush(bs);    ...    bdrv_co_flush(bs);         <- if it fails, nobody knows

Said where the callee returns an int, and most of at least three calls in the program use the result.  (void) in front
of the call says that it is meant, and so does a comment above it that has the word `ignore`; a call that is given a
place for an error (`&local_err`, `errp`) looks there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cpc.diag import SourceLines
from cpc.loc import Loc
from cpc.program.facts import COROUTINE
from cpc.program.rules.base import Context, Finding, Rule

_CODES = ("int", "ssize_t", "int64_t", "int32_t", "long")
_LEAST_CALLS = 3
_ERROR = re.compile(r"&?\w*err(?:or|p)?")


_MEANT = re.compile(r"\bignor", re.I)


def check(context: Context) -> Iterator[Finding]:
    program, sources = context.program, SourceLines()
    for fn in context.functions(COROUTINE):
        edges = [e for e in program.incoming.get(fn.id, ()) if e.call.callee and not e.call.hidden]
        used = sum(e.call.used for e in edges)
        if fn.result not in _CODES or len(edges) < _LEAST_CALLS or used * 4 < len(edges) * 3:
            continue
        for edge in edges:
            looked = edge.call.used or any(_ERROR.fullmatch(arg) for arg in edge.call.args)
            if not looked and not _MEANT.search(_comment_above(edge.call.loc, sources)):
                yield RULE.finding(
                    edge.call.loc,
                    f"the result of coroutine_fn '{fn.name}' is not used; {used} of {len(edges)} calls use it",
                    edge.caller,
                    help="handle the failure, or write (void) before the call",
                    notes=context.declared_here(fn.id),
                )


def _comment_above(loc: Loc, sources: SourceLines) -> str:
    """The lines of a comment that ends in the line above."""
    lines: list[str] = []
    for number in range(loc.line - 1, 0, -1):
        line = (sources.line(Loc(loc.file, number)) or "").strip()
        is_comment = line.startswith(("/*", "*", "//")) or line.endswith("*/") or (lines and "*/" in lines[0])
        if not is_comment:
            break
        lines.append(line)
        if line.startswith("/*"):
            break
    return "\n".join(lines)


RULE = Rule("W0509", "warning", check)
