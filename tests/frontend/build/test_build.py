"""The builder: IR of small units as golden files, and errors where the sources expect them.

Semantics are covered by running programs (tests/exec); these files show the shape of what is built.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from cpc.diag import Diagnostics
from cpc.frontend.build.unit import build_unit
from cpc.frontend.gnu_parser import parse_unit
from cpc.frontend.preprocess import Preprocessor, preprocess
from cpc.ir.ops import Module
from cpc.ir.printer import print_module
from cpc.ir.reader import read_module
from cpc.ir.verify import verify_module
from tests.golden import Golden, cases, expected_errors

HERE = Path(__file__).parent


def build(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Module, Diagnostics]:
    """The unit under its bare name, so that no path of this machine gets into the dump."""
    monkeypatch.chdir(path.parent)
    diags = Diagnostics()
    text = preprocess(path.name, Preprocessor(), diags)
    assert text is not None
    unit = parse_unit(text, path.name, diags)
    assert unit is not None, [d.message for d in diags.items]
    return build_unit(unit, diags), diags


@pytest.mark.parametrize("source", cases(HERE / "ir", "*.c"))
def test_ir(source: Path, golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    module, diags = build(source, monkeypatch)
    assert not diags.has_errors, [d.message for d in diags.items]
    verify_module(module)
    text = print_module(module)
    assert print_module(read_module(text)) == text
    golden.compare(source.with_suffix(".ir"), text)


@pytest.mark.parametrize("source", cases(HERE / "errors", "*.c"))
def test_errors(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, diags = build(source, monkeypatch)
    found = sorted((d.loc.line, f"{d.code}: {d.message}") for d in diags.items if d.severity == "error")
    assert found == expected_errors(source.read_text())


def test_types_that_are_short_only_by_their_typedefs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions that take each other: written out, the last type would have 2^40 parts."""
    names = "".join(f"typedef t{i} *(*t{i + 1})(t{i}, t{i});\n" for i in range(40))
    source = tmp_path / "types.c"
    source.write_text(
        f"typedef int t0;\n{names}t40 x, y;\nextern t40 x;\nint same(void) {{ return x == y; }}\nt39 x;\n"
    )
    _, diags = build(source, monkeypatch)
    [fault] = [item for item in diags.items if item.severity == "error"]
    assert fault.code == "E0202" and "(...)" in fault.message and len(fault.message) < 5000
