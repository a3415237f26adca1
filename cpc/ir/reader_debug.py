"""Reads debug types and variables, the inverse of printer_debug.py; ir.lark is the grammar."""

from __future__ import annotations

from typing import Any

from cpc.ir.debug_info import VOID, DebugFunction, DebugGlobal, DebugMember, DebugScope, DebugType, DebugVariable
from cpc.ir.ops import LocalAddr, Reg
from cpc.ir.reader_words import global_addr, kids_of, loc_of, unquote
from cpc.ir.types import PTR


def debug_type(tree: Any) -> DebugType:
    """Types stand in order: the number in front is for people."""
    _, kind, name, of, size, encoding, count, length, members, loc = tree.children
    return DebugType(
        str(kind),
        unquote(name) if name else "",
        int(of) if of else VOID,
        int(size or 0),
        str(encoding or ""),
        int(count) if count else -1,
        unquote(length) if length else "",
        tuple(_member(kid) for kid in kids_of(members)) if members else (),
        loc_of(loc, ""),
    )


def _member(tree: Any) -> DebugMember:
    name, type_, value, bits, line = tree.children
    return DebugMember(unquote(name), int(type_), int(value), int(bits or 0), int(line or 0))


def debug_global(tree: Any) -> DebugGlobal:
    name, type_, function = tree.children
    return DebugGlobal(unquote(name), int(type_), global_addr(function).name if function else "")


def debug_function(tree: Any) -> DebugFunction:
    return debug_named(*tree.children)


def debug_named(name: Any, type_: Any) -> DebugFunction:
    return DebugFunction(unquote(str(name)), int(type_))


def read_line(debug: DebugFunction, tree: Any, file: str) -> None:
    """Adds a scope or a variable."""
    if tree.data == "debug_scope":
        parent, loc = tree.children
        debug.scopes.append(DebugScope(int(parent), loc_of(loc, file)))
        return
    name, type_, home, indirect, arg, scope, loc = tree.children
    place, offset = _home(home)
    debug.variables.append(
        DebugVariable(
            unquote(name), int(type_), place, offset, indirect is not None, int(arg or 0), int(scope or 0),
            loc_of(loc, file),
        )
    )  # fmt: skip


def _home(tree: Any) -> tuple[LocalAddr | Reg | None, int]:
    if tree is None:
        return None, 0
    token, offset = tree.children
    name = unquote(str(token)[1:])
    place: LocalAddr | Reg = LocalAddr(name) if token.startswith("&") else Reg(name, PTR)
    return place, int(offset or 0)
