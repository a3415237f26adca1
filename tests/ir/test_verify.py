"""The verifier: each file under verify/ has functions with one fault at most, and the message on its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cpc.ir import ops as o
from cpc.ir.errors import IRError
from cpc.ir.reader import read_module
from cpc.ir.types import I32, PTR
from cpc.ir.verify import verify_function, verify_module
from tests.golden import cases, expected_errors

HERE = Path(__file__).parent


def _functions(text: str) -> list[tuple[int, str]]:
    """(first line, text) of each function's text, by the lines that start one."""
    lines = text.splitlines()
    starts = [i for i, line in enumerate(lines) if line.startswith(("fn ", "cofn ", "mixedfn "))]
    return [(i, "\n".join(lines[i:j])) for i, j in zip(starts, [*starts[1:], len(lines)], strict=True)]


@pytest.mark.parametrize("path", cases(HERE / "verify", "*.ir"))
def test_expectations(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    module = read_module(text, str(path))
    names = {*module.functions, *module.globals}
    wrong = []
    for (_, part), fn in zip(_functions(text), module.functions.values(), strict=True):
        wanted = [(part.splitlines()[n - 1].split(";")[0].strip(), message) for n, message in expected_errors(part)]
        found = _verify(fn, names)
        if found != wanted:
            wrong.append((fn.name, found, wanted))
    assert wrong == []


def _verify(fn: o.Function, names: set[str]) -> list[tuple[str, str]]:
    """[(the op, or the function's first line; the message)], or nothing when the function is right."""
    try:
        verify_function(fn, names)
    except IRError as error:
        assert f"function '{fn.name}'" in error.where
        assert error.dump
        op = error.where.partition(", '")[2].removesuffix("'")
        head = error.dump.split(" phase ")[0]
        return [(op, error.message)] if op else [(_written_head(fn, head), error.message)]
    return []


def _written_head(fn: o.Function, head: str) -> str:
    """The first line as the tests write it: the phase BUILT is left out."""
    phase = "" if fn.phase == o.Phase.BUILT else f" phase {fn.phase.name}"
    return f"{head}{phase} {{"


def test_everything_that_prints_verifies() -> None:
    text = 'module "m"\nglobal @g: 8 align 8 = [zero 8]\nalias @a = @g object\nfn @f() {\nentry:\n  ret\n}\n'
    verify_module(read_module(text))


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ("global @g: 9 align 8 = [zero 8]", "the initialiser has 8 bytes, the variable 9"),
        ("global @g: 8 align 6 = [zero 8]", "alignment 6 is not a power of two"),
        ("global @g: 8 align 8 tls sometimes = [zero 8]", "unknown thread-local model 'sometimes'"),
        ("global @g: 8 align 8 = [label @f &&gone size 8]", "no block 'gone' in 'f'"),
        ("alias @a = @missing", "alias 'a' of 'missing', which is not defined here"),
        ("global @g: 8 align 8\nalias @a = @g", "alias 'a' of 'g', which is not defined here"),
        ("global @f: 8 align 8", "'f' is defined twice"),
    ],
)
def test_module_faults(declaration: str, message: str) -> None:
    module = read_module(f'module "m"\n{declaration}\nfn @f() {{\nentry:\n  ret\n}}\n')
    if "defined twice" in message:
        module.globals["f"] = o.Global("f", 8, 8, None)
    with pytest.raises(IRError) as caught:
        verify_module(module)
    assert caught.value.message == message


def _one_block(*ops: o.Op) -> o.Function:
    return o.Function("f", o.Sig(), blocks={"entry": o.Block("entry", list(ops), o.Ret())})


def _misfiled_local(fn: o.Function) -> None:
    fn.locals["x"] = o.Local("y", 4, 4)


def _misfiled_block(fn: o.Function) -> None:
    fn.blocks["z"] = o.Block("y", [], o.Ret())


def _unknown_color(fn: o.Function) -> None:
    fn.color = "green"


def _wrong_params(fn: o.Function) -> None:
    fn.sig = o.Sig((o.ParamSpec(PTR),))


def _too_many_arguments(fn: o.Function) -> None:
    fn.blocks["entry"].ops.append(o.Call((), o.Const(PTR, 8), (o.Const(I32, 1),), o.Sig()))


def _other_use_type(fn: o.Function) -> None:
    one = o.Const(I32, 1)
    fn.blocks["entry"].ops += [
        o.Bin(o.Reg("a", I32), "add", one, one),
        o.Store(o.Reg("a", PTR), one, 4),
    ]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_misfiled_local, "local 'y' is filed under 'x'"),
        (_misfiled_block, "block 'y' is filed under 'z'"),
        (_unknown_color, "unknown color 'green'"),
        (_wrong_params, "the parameters do not have the types of the signature"),
        (_too_many_arguments, "1 arguments, expected 0"),
        (_other_use_type, "%a is i32, used as ptr"),
    ],
)
def test_faults_that_text_cannot_say(damage: Callable[[o.Function], None], message: str) -> None:
    fn = _one_block()
    verify_function(fn)
    damage(fn)
    with pytest.raises(IRError) as caught:
        verify_function(fn)
    assert message in str(caught.value)
