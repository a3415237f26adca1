"""W0512: no call of a static function looks at its result.

    static int s_flush(struct s *s) { ...; return 0; }      <- what it returns is for nobody: make it void
    s_flush(s);    ...    s_flush(s);

Said of functions of all colors whose address goes nowhere; those in headers are for units that were not read, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.program.facts import COLORS
from cpc.program.rules.base import Context, Finding, Rule


def check(context: Context) -> Iterator[Finding]:
    program = context.program
    for fn in context.functions("", *COLORS):
        if not fn.internal or fn.result in ("void", "") or fn.loc.file.endswith(".h") or program.flows_of.get(fn.id):
            continue
        calls = [edge.call for edge in program.incoming.get(fn.id, ())]
        if calls and not any(call.used or call.hidden for call in calls):
            yield RULE.finding(
                fn.loc,
                f"no call of '{fn.name}' uses its result",
                fn.id,
                help=f"make '{fn.name}' void, or handle what it returns",
            )


RULE = Rule("W0512", "warning", check)
