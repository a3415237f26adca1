"""What a debugger needs to show the variables of suspended functions (-g): a struct type for each suspension point.

    suspend leaf(&i), state 2, saves i @24, sum @28          struct middle.frame.2.0 { int i @24; int sum @28; }

`NAME.frame.STATE.LEVEL` describes the frame of NAME while it waits at STATE.  Level 0 is the function that the
suspension point stands in; where that is part of NAME because it was inlined, level 1 is its caller, and so on up to
NAME itself.  A struct has the variables in scope that the frame holds, inner blocks first.  No C type has a dot in its
name, so backend/debug.py knows these by their names and keeps them although nothing has their type.

Requires: a function in FRAMED with a frame.  Adds types to the module.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.analysis import cfg
from cpc.ir.debug_info import VOID, DebugFunction, DebugMember, DebugType
from cpc.ir.ops import Function, Loc, LocalAddr, Module, Suspend


def add_frame_types(module: Module, fn: Function) -> None:
    frame = fn.frame
    if fn.debug is None or frame is None:
        return
    boxed = {slot.local: slot.offset for slot in frame.slots if slot.boxed}
    for _, point in cfg.suspension_points(fn):
        if not point.state:
            continue
        held = boxed | {save.local: save.offset for save in point.saves}
        for level, (debug, loc) in enumerate(_levels(fn, point)):
            members = tuple(_members(module.types, debug, loc.scope, held)) if debug is not None else ()
            name = f"{fn.name}.frame.{point.state}.{level}"
            module.types.append(DebugType("struct", name, size=frame.size, members=members, loc=loc))


def _levels(fn: Function, point: Suspend) -> Iterator[tuple[DebugFunction | None, Loc]]:
    """The functions that wait at a point, innermost first, and where each does."""
    loc = point.loc
    while loc.inlined:
        call = fn.inlined[loc.inlined - 1]
        yield call.debug, loc
        loc = call.call
    yield fn.debug, loc


def _members(types: list[DebugType], debug: DebugFunction, scope: int, held: dict[str, int]) -> Iterator[DebugMember]:
    """The variables of `scope` and those around it that are in the frame."""
    while True:
        for variable in debug.variables:
            home = variable.home
            if variable.scope != scope or variable.indirect or not isinstance(home, LocalAddr):
                continue
            if variable.name and home.name in held and not _has_variable_length(types, variable.type):
                yield DebugMember(variable.name, variable.type, 8 * (held[home.name] + variable.offset))
        if not 0 < scope <= len(debug.scopes):
            return
        scope = debug.scopes[scope - 1].parent


def _has_variable_length(types: list[DebugType], number: int) -> bool:
    """Such a type takes its length from a variable of the running function."""
    while number != VOID:
        if types[number].length:
            return True
        number = types[number].of
    return False
