"""Debug types and variables (debug_info.py) in the IR's text form; reader_debug.py is the inverse.

type 4: struct "s" size 16 { "next" 5 at 0 line 3, "flag" 0 at 64 bits 1 line 4 }    ; s.c:2:1
scope in 0                                                                           ; :9:5
variable "x" 0 at &x in 1                                                            ; :9:9
variable "y" 4 at %frame plus 24 arg 1                                               ; :8:22
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.ir.debug_info import VOID, DebugFunction, DebugGlobal, DebugMember, DebugType, DebugVariable
from cpc.ir.ops import Loc, LocalAddr
from cpc.ir.printer_words import name_text, quote


def debug_type(number: int, type_: DebugType) -> str:
    text = f"type {number}: {type_.kind}"
    text += f" {quote(type_.name)}" if type_.name else ""
    text += f" of {type_.of}" if type_.of != VOID else ""
    text += f" size {type_.size}" if type_.size else ""
    text += f" encoding {type_.encoding}" if type_.encoding else ""
    text += f" count {type_.count}" if type_.count >= 0 else ""
    text += f" length {quote(type_.length)}" if type_.length else ""
    if type_.members:
        text += " { " + ", ".join(_member(member) for member in type_.members) + " }"
    return text


def _member(member: DebugMember) -> str:
    bits = f" bits {member.bits}" if member.bits else ""
    line = f" line {member.line}" if member.line else ""
    return f"{quote(member.name)} {member.type} at {member.value}{bits}{line}"


def debug_global(debug: DebugGlobal) -> str:
    owner = f" @{name_text(debug.function)}" if debug.function else ""
    return f" debug {quote(debug.name)} {debug.type}{owner}"


def debug_lines(debug: DebugFunction) -> Iterator[tuple[str, Loc]]:
    """The lines at the head of a function's body, each with its position."""
    for scope in debug.scopes:
        yield f"scope in {scope.parent}", scope.loc
    for variable in debug.variables:
        yield _variable(variable), variable.loc


def _variable(variable: DebugVariable) -> str:
    text = f"variable {quote(variable.name)} {variable.type}"
    if variable.home is not None:
        sigil = "&" if isinstance(variable.home, LocalAddr) else "%"
        text += f" at {sigil}{name_text(variable.home.name)}"
        text += f" plus {variable.offset}" if variable.offset else ""
    text += " indirect" if variable.indirect else ""
    text += f" arg {variable.arg}" if variable.arg else ""
    return text + (f" in {variable.scope}" if variable.scope else "")
