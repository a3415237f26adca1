"""Which variables a debugger may be asked for across a suspension: all that are in scope there and may hold something.

Code that is not optimised shows every variable as long as its scope lasts (-O0 -g).  One that is not live across a
suspension would be lost there, and what stands in its place afterwards is of another activation; so in functions with
the attribute `keep_variables` the frame keeps it too.  Left out are variable arrays, which have ended unless something
uses them, and what is large: it would be in the frame from the function's entry on.

Requires: CPS_FORM, with debug information.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpc.analysis import cfg
from cpc.analysis.dataflow import NOTHING, Names
from cpc.analysis.liveness import written
from cpc.ir.debug_info import DebugFunction
from cpc.ir.ops import Function, LocalAddr

_LARGEST = 128
KEEP = "keep_variables"


def shown_across(fn: Function) -> Mapping[str, Names]:
    """For each block that ends in a suspension point, the locals to keep besides the live ones."""
    debug = fn.debug
    if debug is None or KEEP not in fn.attrs:
        return {}
    scopes: dict[str, int] = {}
    for variable in debug.variables:
        home = variable.home
        if isinstance(home, LocalAddr) and not variable.indirect:
            scopes[home.name] = variable.scope
    scopes = {name: scope for name, scope in scopes.items() if fn.locals[name].size <= _LARGEST}
    held = written(fn)
    found: dict[str, Names] = {}
    for block, point in cfg.suspension_points(fn):
        around = {0, *_outward(debug, point.loc.scope)}
        names = (name for name, scope in scopes.items() if scope in around and f"&{name}" in held[block.label])
        found[block.label] = NOTHING.union(names)
    return found


def _outward(debug: DebugFunction, scope: int) -> Iterator[int]:
    """The scope and those around it."""
    while 0 < scope <= len(debug.scopes):
        yield scope
        scope = debug.scopes[scope - 1].parent
