"""The page of a call graph, in a browser that runs its script."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cpc.diag import Diagnostic, Note
from cpc.frontend.preprocess import Preprocessor
from cpc.loc import Loc
from cpc.program.collect import FactsJob, collect
from cpc.program.program import Program, linked
from cpc.program.rules import Finding
from cpc.query.graph import CallGraph, Wanted
from cpc.query.page import page
from tests.query.test_language import program  # noqa: F401  # a fixture


@pytest.fixture
def text(program: Program) -> str:  # noqa: F811
    file = program.functions["a"].loc.file
    line = {fn.name: fn.loc.line for fn in program.functions.values() if fn.loc.file == file}
    findings = [
        Finding(
            Diagnostic(
                "error",
                "E0101",
                Loc(file, line["d"], 22),
                "'d' calls </script> & <b>coroutine_fn</b> 'c'",
                notes=(Note(Loc(file, line["c"], 5), "declared here"),),
            )
        )
    ]
    return page(CallGraph(program, pointers=True), findings, Wanted(refs=True, external=True))


def browsed(tmp_path: Path, text: str, function: str = "") -> str:
    """The page as a browser has it after its script ran."""
    browser = shutil.which("chromium")
    assert browser is not None, "chromium is not installed"
    path = tmp_path / "graph.html"
    path.write_text(text, encoding="utf-8")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    command += ["--virtual-time-budget=2000", "--dump-dom", f"{path.as_uri()}{function and '#' + function}"]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def shown(dom: str) -> set[str]:
    return set(re.findall(r'data-name="(\w+)"', dom))


def test_a_function_with_its_neighbours(tmp_path: Path, text: str) -> None:
    dom = browsed(tmp_path, text, "r")
    assert shown(dom) == {"r", "call"}  # addresses are not shown at first
    assert re.search(r'<div class="color">plain</div>', dom)
    assert '<h2>Callers (1)</h2><ul class="callers"><li><button class="link">call</button>' in dom
    assert '<path class="pointer"' in dom


def test_findings_lead_to_their_way(tmp_path: Path, text: str) -> None:
    dom = browsed(tmp_path, text)
    assert '<h2 id="found">Findings (1)</h2>' in dom
    assert "'d' calls &lt;/script&gt; &amp; &lt;b&gt;coroutine_fn&lt;/b&gt; 'c'" in dom
    assert set(re.findall(r'class="fn[ \w]* bad"[^>]* data-name="(\w+)"', dom)) == {"d", "c"}
    assert '<path class="call bad"' in dom
    assert '<h2 class="name">d</h2>' in dom


def test_a_part_of_a_name_finds_functions(tmp_path: Path, text: str) -> None:
    dom = browsed(tmp_path, text, "al")
    assert "<h2>1 names with 'al'</h2>" in dom and '<button class="link">call</button>' in dom
    assert "no function has 'nothing' in its name" in browsed(tmp_path, text, "nothing")


def test_a_long_way_is_shown_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPC_CACHE", str(tmp_path / "cache"))
    source = tmp_path / "x.c"
    source.write_text("void f6(void);\n" + "".join(f"void f{n}(void) {{ f{n + 1}(); }}\n" for n in range(5, -1, -1)))
    chain = linked(collect([FactsJob(str(source), Preprocessor())], workers=1))
    notes = tuple(Note(Loc(str(source), 7 - n, 6), "a step") for n in range(1, 6))
    finding = Finding(Diagnostic("error", "E0101", Loc(str(source), 7, 6), "far", notes=notes), "f0")
    dom = browsed(tmp_path, page(CallGraph(chain), [finding], Wanted()))
    assert shown(dom) == {f"f{n}" for n in range(6)}
    assert len(re.findall(r'<path class="call bad"', dom)) == 5


def test_the_page_needs_nothing_else(text: str) -> None:
    assert not re.search(r"(src|href)=|url\(|@import|https?://(?!www\.w3\.org/2000/svg)", text)
    data = re.search(r'id="data">(.*?)</script>', text, re.S)
    assert data is not None
    assert len(json.loads(data[1])["findings"]) == 1
