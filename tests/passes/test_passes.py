"""Golden tests of the passes: each folder is a pass, each input a function before the passes, and beside it the dump
after that pass.  Errors are expected on the line they are about.

An input x.ir (or x.c) proves what its first line says; x.<pass>.ir is the dump (`pytest --update` rewrites it).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cpc.backend.llvm import emit_module
from cpc.diag import Diagnostics
from cpc.ir.ops import Module
from cpc.ir.printer import print_module
from cpc.ir.reader import read_module
from cpc.passes import PIPELINE, run_passes, split
from tests.golden import Golden, expected_errors

HERE = Path(__file__).parent
FOLDERS = {step.run.__module__.rsplit(".", 1)[1] for step in PIPELINE}
INPUTS = sorted(p for p in HERE.glob("*/*.ir") if not p.name.endswith(f".{p.parent.name}.ir"))


def built(path: Path, diags: Diagnostics) -> Module:
    return read_module(path.read_text(), path.name)


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def test_every_pass_has_its_folder() -> None:
    assert {p.name for p in HERE.iterdir() if p.is_dir() and p.name != "__pycache__"} == FOLDERS
    assert {p.parent.name for p in INPUTS} == FOLDERS


@pytest.mark.parametrize("path", INPUTS, ids=name)
def test_dump(path: Path, golden: Golden) -> None:
    text = path.read_text()
    assert text.startswith(("; ", "/* ", "// ")) and len(text.splitlines()) <= 18
    diags = Diagnostics()
    module = built(path, diags)
    done = run_passes(module, diags, PIPELINE, stop_after=path.parent.name)
    expected = [message for _, message in expected_errors(text)]
    assert done == (not expected)
    assert len(diags.items) == len(expected)
    for diagnostic, wanted in zip(diags.items, expected, strict=True):
        code, words = wanted.split(": ", 1)
        assert (diagnostic.code, words in diagnostic.message) == (code, True), diagnostic.message
    if not expected:
        golden.compare(path.with_suffix(f".{path.parent.name}.ir"), print_module(module))


@pytest.mark.parametrize("most", [0, 100])
def test_functions_with_many_saves_are_kept_from_the_vectorizer(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split, "MOST_VECTORIZED", most)
    diags = Diagnostics()
    module = built(HERE / "split" / "call.ir", diags)
    assert run_passes(module, diags, PIPELINE)
    halves = [fn for fn in module.functions.values() if not fn.is_declaration]
    assert len(halves) == 2 and all(("noimplicitfloat" in fn.attrs) == (most == 0) for fn in halves)
    assert ("noimplicitfloat" in emit_module(module)) == (most == 0)


@pytest.mark.parametrize("path", INPUTS, ids=name)
def test_whole_pipeline_gives_valid_llvm(path: Path) -> None:
    llvm = pytest.importorskip("llvmlite.binding")
    diags = Diagnostics()
    module = built(path, diags)
    if run_passes(module, diags, PIPELINE) and not re.search(r"&&", path.read_text()):
        llvm.parse_assembly(emit_module(module)).verify()


@pytest.mark.parametrize("path", INPUTS, ids=name)
def test_dumps_after_every_pass_read_back(path: Path) -> None:
    diags = Diagnostics()
    dumps: list[str] = []
    run_passes(built(path, diags), diags, PIPELINE, [lambda step, module: dumps.append(print_module(module))])
    assert dumps
    for dump in dumps:
        assert print_module(read_module(dump, "dump")) == dump
