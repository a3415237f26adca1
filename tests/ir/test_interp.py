"""The interpreter: programs print what they should in every phase, and each fault is reported at its op."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpc.diag import Diagnostics
from cpc.ir import ops as o
from cpc.ir.errors import IRError
from cpc.ir.interp import run_module
from cpc.ir.interp_values import binary, cast, compare
from cpc.ir.memory import MemoryFault, Partial
from cpc.ir.reader import read_module
from cpc.ir.types import F32, F64, F80, F128, I1, I8, I32, I64, VecType
from cpc.ir.verify import verify_module
from cpc.passes import PIPELINE, Pass, run_passes
from tests.golden import cases, expected_errors

PROGRAMS = Path(__file__).parent / "interpret"


def _entries(module: o.Module) -> list[str]:
    """The functions to run: those that take nothing and return an i32."""
    functions = [fn for fn in module.functions.values() if fn.blocks and fn.color == "plain"]
    return [fn.name for fn in functions if fn.sig == o.Sig(rets=(I32,))]


@pytest.mark.parametrize("path", cases(PROGRAMS, "*faults.ir"))
def test_faults(path: Path) -> None:
    """Every program of the file ends in a fault, at the ops that say so, and no expectation is left over."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    wanted = {(lines[n - 1].split(";")[0].strip(), message) for n, message in expected_errors(text)}
    module = read_module(text, str(path))
    verify_module(module)
    met = set()
    for name in _entries(module):
        with pytest.raises(IRError) as caught:
            run_module(module, name, max_steps=10_000)
        op = caught.value.where.partition(", '")[2].removesuffix("'")
        hits = [(o_, m) for o_, m in wanted if o_ == op and m in caught.value.message]
        assert hits, f"{name}: {caught.value.where}: {caught.value.message}"
        met.update(hits)
    assert wanted - met == set()


@pytest.mark.parametrize("path", cases(PROGRAMS, "prints_*.ir"))
def test_programs_print_the_same_after_every_pass(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    wanted = "".join(line.removeprefix("; ") + "\n" for line in text.split("; prints:\n")[1].splitlines())
    module = read_module(text, str(path))
    verify_module(module)
    assert run_module(module).output == wanted
    seen: list[str] = []

    def observe(step: Pass, now: o.Module) -> None:
        verify_module(now)
        if step.name == "frame_layout":
            return  # the layout is there, but spill has not used it yet
        seen.append(step.name)
        assert run_module(now).output == wanted, step.name

    run_passes(module, Diagnostics(), PIPELINE, [observe], "")
    assert seen[-2:] == ["split", "simplify_split"]


def test_constructors_run_first_and_in_order() -> None:
    text = """module "m"
global @x: 4 align 4 = [zero 4]
fn @late() attrs [constructor] priority 300 {
entry:
  %x = load i32, @x, align 4
  %y = mul i32 %x, 10
  store i32 %y, @x, align 4
  ret
}
fn @early() attrs [constructor] priority 200 {
entry:
  store i32 4, @x, align 4
  ret
}
fn @main() -> i32 {
entry:
  %x = load i32, @x, align 4
  ret i32 %x
}
"""
    assert run_module(read_module(text)).status == 40


# ---- arithmetic ----

NO_FLAGS: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("kind", "a", "b", "result"),
    [
        ("add", 255, 2, 1), ("sub", 0, 1, 255), ("mul", 16, 17, 16), ("sdiv", 0xF9, 2, 0xFD), ("srem", 0xF9, 2, 0xFF),
        ("udiv", 0xF9, 2, 0x7C), ("ashr", 0x80, 7, 0xFF), ("lshr", 0x80, 7, 1), ("shl", 3, 7, 0x80),
    ],
)  # fmt: skip
def test_integers_wrap(kind: str, a: int, b: int, result: int) -> None:
    assert binary(kind, NO_FLAGS, I8, a, b) == result


def test_undefined_bits_travel_through_bit_field_code() -> None:
    unknown = Partial(0, 0xFF)
    assert binary("and", NO_FLAGS, I8, unknown, 0x0F) == Partial(0, 0x0F)
    assert binary("or", NO_FLAGS, I8, unknown, 0xF0) == Partial(0xF0, 0x0F)
    assert binary("shl", NO_FLAGS, I8, Partial(1, 2), 2) == Partial(4, 8)
    assert binary("add", NO_FLAGS, I8, Partial(0, 4), 1) == Partial(1, 0xFC)
    assert binary("udiv", NO_FLAGS, I8, Partial(0, 4), 1) == Partial(0, 0xFF)
    assert cast("trunc", I32, I8, Partial(0x12, 0xFF00)) == 0x12
    assert cast("sext", I8, I32, Partial(0, 0x80)) == Partial(0, 0xFFFFFF80)
    assert compare("eq", I8, unknown, 0) == Partial(0, 1)


def test_vectors_are_lane_by_lane() -> None:
    four = VecType(I8, 4)
    assert binary("add", NO_FLAGS, four, 0xFF020304, 0x01010101) == 0x00030405
    assert binary("add", NO_FLAGS, four, Partial(0, 0xFF), 0x01010101) == Partial(0x01010100, 0xFF)
    assert compare("ult", four, 0x01020304, 0x02020202) == 0b1000
    assert cast("zext", VecType(I1, 4), four, 0b1000) == 0x01000000


def test_floats_round_to_their_type() -> None:
    one_third = binary("fdiv", NO_FLAGS, F32, 0x3F800000, 0x40400000)
    assert one_third == 0x3EAAAAAB
    assert binary("fdiv", NO_FLAGS, F64, 0x3FF0 << 48, 1 << 63) == 0xFFF0 << 48
    assert compare("fune", F64, 0x7FF8 << 48, 0x7FF8 << 48) == 1
    third80 = binary("fdiv", NO_FLAGS, F80, 0x3FFF8000000000000000, 0x4000C000000000000000)
    assert third80 == 0x3FFDAAAAAAAAAAAAAAAB
    assert cast("fptrunc", F80, F64, third80) == 0x3FD5555555555555
    assert cast("fpext", F64, F128, 0x3FF8 << 48) == 0x3FFF8 << 108
    assert cast("sitofp", I64, F32, (1 << 60) + (1 << 36) + 1) == 0x5D800001  # through double: 0x5D800000
    assert cast("sitofp", I32, F80, 0xFFFFFFFF) == 0xBFFF8000000000000000
    assert binary("fsub", NO_FLAGS, F80, third80, third80) == 0
    with pytest.raises(MemoryFault, match="signed overflow"):
        binary("sdiv", NO_FLAGS, I8, 0x80, 0xFF)
