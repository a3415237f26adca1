"""What a condition says of the signs of a variable is what C makes of it."""

from __future__ import annotations

import operator

import pytest
from pycparser import c_ast

from cpc.program.signs import ALL, condition_of, excludes

OPERATORS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
}
VALUES = {"-": -1, "0": 0, "+": 1}


@pytest.mark.parametrize("op", OPERATORS)
def test_comparisons_with_zero(op: str) -> None:
    name, yes, no = condition_of(c_ast.BinaryOp(op, c_ast.ID("v"), c_ast.Constant("int", "0")))
    assert name == "v"
    for sign, value in VALUES.items():
        assert (sign in yes) == OPERATORS[op](value, 0)
        assert (sign in no) != (sign in yes)


def test_other_conditions_say_nothing() -> None:
    assert condition_of(c_ast.ID("v")) == ("v", "-+", "0")
    assert condition_of(c_ast.BinaryOp("<", c_ast.ID("v"), c_ast.Constant("int", "7"))) == ("", "", "")
    assert condition_of(c_ast.BinaryOp("+", c_ast.ID("v"), c_ast.Constant("int", "0"))) == ("", "", "")


def test_exclusion() -> None:
    assert excludes("v:0", "v:-+")
    assert not excludes("v:0", "w:-+")
    assert not excludes("v:0+", "v:-0")
    assert not excludes(f"v:{ALL}", "v:-")
