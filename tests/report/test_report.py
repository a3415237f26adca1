"""The forms of a report: the same findings for people, scripts, code scanning services and GitHub."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cpc.diag import Diagnostic, Note
from cpc.loc import NO_LOC, Loc
from cpc.report import FORMATS, write


@pytest.fixture
def findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Diagnostic]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b.c").write_text("int f(void);\nint g(void) { return f(); } // ä 100%\n")
    return [
        Diagnostic(
            "error",
            "E0101",
            Loc("a b.c", 2, 22),
            "'g' calls coroutine_fn 'f' but is not coroutine_fn",
            help="mark it, or 50% of it:\nall",
            notes=(Note(Loc("a b.c", 1, 5), "'f' is declared here"), Note(NO_LOC, "nowhere")),
        ),
        Diagnostic("error", "E0101", Loc("a b.c", 2, 22), "'g' calls coroutine_fn 'f' but is not coroutine_fn"),
        Diagnostic("warning", "W0201", Loc("/elsewhere/x.h", 7, 1), "odd"),
        Diagnostic("error", "E0003", Loc("missing.c"), "file cannot be read"),
        Diagnostic("error", "E0003", NO_LOC, "nothing to do"),
    ]


def test_json(findings: list[Diagnostic]) -> None:
    first, _, other, whole, nowhere = json.loads(write("json", findings))
    assert (first["code"], first["file"], first["line"]) == ("E0101", "a b.c", 2)
    assert first["title"] == "plain function calls a coroutine_fn"
    line = Path("a b.c").read_text().split("\n")[1]
    assert line[first["column"] - 1 : first["end_column"] - 1] == "f"
    assert first["notes"][0] == {"file": "a b.c", "line": 1, "column": 5, "message": "'f' is declared here"}
    assert other["file"] == "/elsewhere/x.h" and "help" not in other
    assert (whole["file"], whole["line"]) == ("missing.c", 0)
    assert nowhere["file"] == ""


def test_sarif(findings: list[Diagnostic]) -> None:
    (run,) = json.loads(write("sarif", findings))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["E0003", "E0101", "W0201"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
    first, second, third, whole, nowhere = run["results"]
    where = first["locations"][0]["physicalLocation"]
    assert where["artifactLocation"] == {"uri": "a%20b.c", "uriBaseId": "SRCROOT"}
    assert where["region"] == {"startLine": 2, "startColumn": 22, "endColumn": 23}
    assert [note["id"] for note in first["relatedLocations"]] == [1, 2]
    assert first["partialFingerprints"] != second["partialFingerprints"]
    assert third["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///elsewhere/x.h"}
    assert "region" not in whole["locations"][0]["physicalLocation"]
    assert "locations" not in nowhere
    assert run["originalUriBaseIds"]["SRCROOT"]["uri"] == Path.cwd().as_uri() + "/"


def test_a_fingerprint_stays_when_lines_move(findings: list[Diagnostic]) -> None:
    before = json.loads(write("sarif", findings[:1]))["runs"][0]["results"][0]
    text = Path("a b.c").read_text()
    Path("a b.c").write_text("\n\n" + text)
    moved = Diagnostic("error", "E0101", Loc("a b.c", 4, 22), findings[0].message)
    after = json.loads(write("sarif", [moved]))["runs"][0]["results"][0]
    assert before["partialFingerprints"] == after["partialFingerprints"]


def test_github(findings: list[Diagnostic]) -> None:
    lines = write("github", findings).splitlines()
    assert lines[0] == (
        "::error file=a b.c,line=2,endLine=2,col=22,endColumn=23,title=E0101%3A plain function calls a coroutine_fn"
        "::'g' calls coroutine_fn 'f' but is not coroutine_fn%0Aa b.c:1: 'f' is declared here%0Anowhere"
        "%0Ahelp: mark it, or 50%25 of it:%0Aall"
    )
    assert lines[2].startswith("::warning file=/elsewhere/x.h,line=7")
    assert lines[3].startswith("::error file=missing.c,title=")


def test_nothing_found() -> None:
    assert [write(form, []) for form in FORMATS if form in ("text", "github")] == ["", ""]
    assert json.loads(write("json", [])) == []
    assert json.loads(write("sarif", []))["runs"][0]["results"] == []
