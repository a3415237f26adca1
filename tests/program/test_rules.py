"""The rules over programs report exactly what `//~ CODE: text` comments in tests/program/rules/CODE/*.c expect."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cpc.codes import CODES
from cpc.diag import render
from cpc.frontend.preprocess import Preprocessor
from cpc.program.collect import FactsJob, collect
from cpc.program.program import linked
from cpc.program.rules import RULES, findings

HERE = Path(__file__).parent / "rules"
FILES = sorted(HERE.glob("*/*.c"))
EXPECTED = re.compile(r"//~ ([EW]\d+)(?:: (.*\S))?")


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_findings_are_the_expected_ones(path: Path) -> None:
    expected = {
        (number, marked.group(1)): marked.group(2) or ""
        for number, line in enumerate(path.read_text().split("\n"), 1)
        if (marked := EXPECTED.search(line))
    }
    program = linked(collect([FactsJob(str(path), Preprocessor())], workers=1))
    assert not program.faults
    found = [finding.diagnostic for finding in findings(program)]
    reported = {(d.loc.line, d.code): d.message for d in found}
    assert reported.keys() == expected.keys(), render(found)
    for place, text in expected.items():
        assert text in reported[place]
    assert path.parent.name in {code for _, code in expected} or path.name == "good.c"


def test_every_rule_has_tests_and_a_text() -> None:
    assert {rule.code for rule in RULES} == {path.parent.name for path in FILES}
    for rule in RULES:
        assert rule.severity == ("error" if rule.code.startswith("E") else "warning")
        assert CODES[rule.code].title
