"""The rules report exactly what `//~ CODE: text` comments in tests/lints/CODE/*.c expect, on the very lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cpc.codes import CODES
from cpc.deep import run_deep
from cpc.diag import Diagnostics, render
from cpc.driver import Options, build_module
from cpc.frontend.preprocess import preprocess
from cpc.lints import RULES

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "cpc"
FILES = sorted(HERE.glob("*/*.c"))
EXPECTED = re.compile(r"//~ ([EW]\d+)(?:: (.*\S))?")


def lint(path: Path) -> Diagnostics:
    diags = Diagnostics()

    def work() -> None:
        text = preprocess(str(path), Options().preprocessor, diags)
        assert text is not None
        build_module(text, str(path), Options(), diags)

    run_deep(work)
    return diags


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_findings_are_the_expected_ones(path: Path) -> None:
    expected = {
        (number, found.group(1)): found.group(2) or ""
        for number, line in enumerate(path.read_text().split("\n"), 1)
        if (found := EXPECTED.search(line))
    }
    diags = lint(path)
    reported = {(d.loc.line, d.code): d.message for d in diags.items}
    assert reported.keys() == expected.keys(), render(diags.sorted())
    for place, text in expected.items():
        assert text in reported[place]
    assert {code for _, code in expected} == {path.parent.name}, "a directory is about one code"


def test_every_rule_has_tests() -> None:
    folders = {path.parent.name for path in FILES}
    assert {rule.code for rule in RULES} | {"E0102"} == folders


def test_every_code_is_registered() -> None:
    used = {
        code
        for path in PACKAGE.rglob("*.py")
        if path.name != "codes.py"
        for code in re.findall(r"[\"']([EW]0\d{3})[\"']", path.read_text())
    }
    assert used and used <= CODES.keys(), f"not in cpc/codes.py: {sorted(used - CODES.keys())}"


def test_codes_explain_themselves() -> None:
    for code in CODES.values():
        assert re.fullmatch(r"[EW]0\d{3}", code.code)
        assert code.title
        assert len(code.text) > 20 and code.text.endswith("\n")
        assert max(map(len, code.text.split("\n"))) <= 100, code.code


def test_rendered_form() -> None:
    path = HERE / "E0101" / "plain.c"
    text = render(lint(path).sorted()[:1])
    assert text == (
        f"{path}:13:5: error[E0101]: 'plain' calls coroutine_fn 'co_fdatasync' but is not coroutine_fn\n"
        "   13 |     co_fdatasync(3);            //~ E0101: 'plain' calls coroutine_fn 'co_fdatasync' "
        "but is not coroutine_fn\n"
        "      |     ^~~~~~~~~~~~\n"
        f"{path}:11:6: note: 'plain' is declared here\n"
        "  help: mark it 'void coroutine_fn plain'\n"
    )
