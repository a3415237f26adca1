"""`cpc query` and `cpc graph` as commands, and the forms of `cpc lint`."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from cpc.cli import main

TEXT = "#include <qemu/coroutine.h>\nvoid coroutine_fn co(void);\nvoid f(void) { co(); }\nvoid g(void) { f(); }\n"


@pytest.fixture(autouse=True)
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CPC_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.c").write_text(TEXT)
    return tmp_path / "x.c"


def test_queries_as_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", "x.c", "-e", "paths g ... co", "-e", "callers f"]) == 0
    assert capsys.readouterr().out == "g -> f -> co\ng -> f\n"


def test_a_name_that_no_function_has_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("x.c").write_text("void blk_flush(void);\nvoid f(void) { blk_flush(); }\n")
    assert main(["query", "x.c", "-e", "callers blk_flsh"]) == 0
    assert capsys.readouterr() == ("", "cpc query: there is no function 'blk_flsh'; is 'blk_flush' meant?\n")


def test_queries_from_stdin(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("# who?\nnodes /^[fg]$/\nnodes [\nnodes f\n"))
    assert main(["query", "x.c"]) == 1
    out, err = capsys.readouterr()
    assert out == "f\ng\nf\n"
    assert err == "cpc query: more is expected at the end\n"


def test_a_graph_for_graphviz() -> None:
    assert main(["graph", "x.c", "-o", "g.dot", "--include-external", "--only", "f co"]) == 0
    text = Path("g.dot").read_text()
    assert '"f" -> "co";' in text and '"g"' not in text


def test_a_page_has_the_findings() -> None:
    assert main(["graph", "x.c", "-o", "g.html"]) == 0
    assert "E0101" in Path("g.html").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["graph", "x.c", "-o", "g.png"], "'g.png' should end in .html or .dot"),
        (["graph", "x.c", "-o", "no/g.dot"], "cannot write 'no/g.dot': No such file or directory"),
        (["graph", "x.c", "-o", "g.dot", "--only", "["], "more is expected at the end"),
        (["query", "-e", "labels"], "say which files"),
    ],
)
def test_wrong_use(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert message in capsys.readouterr().err


def test_faults_are_told(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source.write_text("void f(void) { g(; }\nvoid h(void) { }\n")
    assert main(["query", "x.c", "-e", "nodes h"]) == 2
    out, err = capsys.readouterr()
    assert out == "h\n" and "x.c:1:" in err and "E0001" in err


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_forms_of_lint(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "x.c", "--format", form]) == 1
    out = capsys.readouterr().out
    assert "E0101" in out
    if form != "github":
        json.loads(out)
