"""What a condition says about the sign of a variable: the ways that two conditions on it exclude.

    if (!ret) { co_wait(); }                'ret:0', elsewhere 'ret:-+'
    if (ret < 0) ...                        'ret:-', elsewhere 'ret:0+': nobody comes here from the wait

A condition is a name and the signs that the value may have.  It counts while the value stays the same: of variables
that are written once.
"""

from __future__ import annotations

from typing import Any

from pycparser import c_ast

ALL = "-0+"  # nothing is known: the variable is written here
_SIGNS = {"==": "0", "!=": "-+", "<": "-", ">=": "0+", ">": "+", "<=": "-0"}


def condition_of(node: Any) -> tuple[str, str, str]:
    """(name, its signs where the condition is true, where it is false); ('', '', '') for any other condition."""
    match node:
        case c_ast.ID(name=name):
            signs = "-+"
        case c_ast.BinaryOp(op=op, left=c_ast.ID(name=name), right=c_ast.Constant(value="0")) if op in _SIGNS:
            signs = _SIGNS[op]
        case _:
            return "", "", ""
    return name, signs, "".join(sign for sign in ALL if sign not in signs)


def excludes(one: str, other: str) -> bool:
    """Whether two conditions cannot both hold, when the variable is the same."""
    name, _, signs = one.partition(":")
    name2, _, signs2 = other.partition(":")
    return name == name2 and not set(signs) & set(signs2)
