"""Printer and reader are inverse to each other, on every op and construct, and faults of syntax name the place."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from cpc.ir import ops as o
from cpc.ir.errors import IRError
from cpc.ir.printer import operand_text, print_module
from cpc.ir.reader import read_module
from cpc.ir.types import F32, F64, F80, I8, I32, I64, PTR, Type, VecType

EVERY_OP = (Path(__file__).parent / "every_op.ir").read_text(encoding="utf-8")


def _all_ops(module: o.Module) -> list[o.Op | o.Terminator]:
    blocks = [block for fn in module.functions.values() for block in fn.blocks.values()]
    return [op for block in blocks for op in (*block.ops, block.term)]


def test_text_is_printed_as_it_was_read() -> None:
    assert print_module(read_module(EVERY_OP)) == EVERY_OP


def test_nothing_is_lost() -> None:
    module = read_module(EVERY_OP)
    assert read_module(print_module(module)) == module


def test_the_file_has_every_op_and_terminator() -> None:
    seen = {type(op) for op in _all_ops(read_module(EVERY_OP))}
    assert seen == {*get_args(o.Op), *get_args(o.Terminator)}


def test_every_field_of_every_op_has_two_values() -> None:
    """Else the round trip could lose a field that always has its default."""
    values: dict[tuple[str, str], set[str]] = {}
    for op in _all_ops(read_module(EVERY_OP)):
        for field in fields(op):
            values.setdefault((type(op).__name__, field.name), set()).add(repr(getattr(op, field.name)))
    optional = {("Bin", "flags"), ("Load", "volatile"), ("Load", "order"), ("Store", "volatile"), ("Store", "order"),
                ("PtrAdd", "inbounds"), ("MemCopy", "volatile"), ("Call", "attrs"), ("Fence", "scope"),
                ("Asm", "elem_types"), ("Asm", "side_effect"), ("CoCall", "dst"), ("Branch", "likely"),
                ("Suspend", "saves"), ("Suspend", "state")}  # fmt: skip
    assert [key for key in sorted(optional) if len(values[key]) < 2] == []


def test_a_use_before_its_definition_in_the_text_has_the_definitions_type() -> None:
    fn = read_module(EVERY_OP).functions["every"]
    cast = next(op for op in fn.blocks["second"].ops if isinstance(op, o.Cast) and op.op == "inttoptr")
    assert cast.a == o.Reg("late", I64)


def test_positions_are_exact() -> None:
    fn = read_module(EVERY_OP).functions["every"]
    first, second, third = fn.blocks["entry"].ops[:3]
    assert (first.loc, second.loc) == (o.Loc("x.c", 12, 3), o.Loc("header.h", 3, 9))
    assert third.loc == o.Loc("x.c", 13, 0)
    assert fn.blocks["entry"].ops[3].loc == o.NO_LOC


@pytest.mark.parametrize(
    ("operand", "expected", "text"),
    [
        (o.Const(I8, 255), I8, "-1"),
        (o.Const(I8, 300), I8, "300"),
        (o.Const(I32, 5), I8, "i32:5"),
        (o.Const(F64, 0x3FF8 << 48), F64, "1.5"),
        (o.Const(F64, 1), F64, "0x1"),
        (o.Const(F32, 0x3F800000), F64, "f32:1.0"),
        (o.Const(F80, 0), F80, "0x0"),
        (o.Const(PTR, 0), PTR, "null"),
        (o.Const(VecType(I8, 4), 0x01020304), VecType(I8, 4), "0x1020304"),
        (o.Undef(PTR), I32, "ptr:undef"),
        (o.GlobalAddr("x", -8), PTR, "@x-8"),
        (o.GlobalAddr("x@@V1", 8), PTR, '@"x@@V1"+8'),
        (o.BlockAddr("a b"), PTR, '&&"a b"'),
        (o.FrameAddr(24), PTR, "frame+24"),
    ],
)
def test_operands(operand: o.Operand, expected: Type, text: str) -> None:
    assert operand_text(operand, expected) == text
    module = f'module "m"\nfn @f() {{\nentry:\n  store {expected} {text}, null, align 1\n  ret\n}}\n'
    store = read_module(module).functions["f"].blocks["entry"].ops[0]
    assert isinstance(store, o.Store)
    assert store.value == operand


def test_names_that_are_keywords() -> None:
    blocks = 'ret:\n  jump load\nload:\n  jump "align:"\n"align:":\n  ret\n'
    text = f'module "m"\nfn @fn() {{\n  local &local: i32 align 4\n{blocks}}}\n'
    module = read_module(text)
    assert list(module.functions["fn"].blocks) == ["ret", "load", "align:"]
    assert read_module(print_module(module)) == module


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("modul", "bad.ir:1:1", "unexpected"),
        ('module "m"\nfn @f() {\nentry:\n  %1 = load i32 &x, align 4\n  ret\n}', "bad.ir:4:17", "'&x', expected COMMA"),
        ('module "m"\nfn @f() {\nentry:\n  jump\n}', "bad.ir:5:1", "'}', expected NAME"),
        ('module "m"\nfn @f() {\nentry:\n  ret\nentry:\n  ret\n}', "bad.ir:5:1", "'entry' is defined twice"),
        ('module "m"\nfn @f() phase DONE', "bad.ir:2:15", "unknown phase 'DONE'"),
        ('module "m"\nfn @f() sideways', "bad.ir:2:9", "unknown word 'sideways'"),
        ('module "m"\nfn @f() {\nentry:\n  store i32 1.5, null, align 4\n  ret\n}', "bad.ir:4:13", "not a constant"),
        ('module "m"\nfn @f() {\nentry:\n  %a, %b = call i32 @f()\n  ret\n}', "bad.ir:4:3", "2 results, expected 1"),
        ('module "m"\nfn @f() {\nentry:\n  ret', "bad.ir", "end of file"),
    ],
)  # fmt: skip
def test_syntax_errors_name_the_place(text: str, place: str, message: str) -> None:
    with pytest.raises(IRError) as caught:
        read_module(text, "bad.ir")
    assert str(caught.value).startswith(place)
    assert message in caught.value.message
