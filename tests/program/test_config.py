"""What a project may say: comments that allow, cpc.toml, a baseline, which files and places are meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cpc.cli import main

CO = '#define coroutine_fn __attribute__((annotate("coroutine_fn")))\nint coroutine_fn co(void);\n'
BAD = f"{CO}int f(void) {{ return co(); }}\n"


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPC_CACHE", str(tmp_path / "cache"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    Path("a.c").write_text(BAD)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("int f(void) { return co(); } /* cpc-lint: allow E0101: entered by hand */", 0),
        ("/* cpc-lint: allow E0101, W0501: entered by hand */\nint f(void) { return co(); }", 0),
        ("int f(void) { return co(); } // cpc-lint: allow E0101: entered by hand", 0),
        ("int f(void) { return co(); } /* cpc-lint: allow E0101 */", 1),
        ("int f(void) { return co(); } /* cpc-lint: allow E0102: another code */", 1),
        ("int g; /* cpc-lint: allow E0101: for its own line */\nint f(void) { return co(); }", 1),
    ],
)
def test_comments(line: str, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.c").write_text(f"{CO}{line}\n")
    assert main(["lint", "a.c"]) == status
    assert ("must say why" in capsys.readouterr().out) == (line.endswith("E0101 */"))


def test_configuration_of_folders(capsys: pytest.CaptureFixture[str]) -> None:
    Path("sub").mkdir()
    Path("sub/b.c").write_text(BAD.replace(" f(", " g("))
    Path("sub/cpc.toml").write_text('[lint]\ndisable = ["E0101"]\n')
    assert main(["lint", "."]) == 1
    out = capsys.readouterr().out
    assert "a.c:3" in out and "b.c" not in out
    Path("cpc.toml").write_text('[lint]\nexclude = ["a.c"]\n')
    assert main(["lint", "."]) == 0


def test_blocking_and_annotations(capsys: pytest.CaptureFixture[str]) -> None:
    Path("cpc.toml").write_text(
        '[lint]\nblocking = ["spin"]\n[lint.annotations]\nMY_CO = "coroutine_fn"\nWAITS = "no_coroutine_fn"\n'
    )
    Path("a.c").write_text(
        "#define MY_CO\n#define WAITS\nvoid spin(void);\nvoid WAITS w(void);\nvoid MY_CO f(void) { spin(); w(); }\n"
    )
    assert main(["lint", "a.c"]) == 1
    out = capsys.readouterr().out
    assert "warning[W0501]: coroutine_fn 'f' calls blocking 'spin'" in out
    assert "error[E0103]: coroutine_fn 'f' calls no_coroutine_fn 'w'" in out


def test_annotation_option(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.c").write_text("#define MY_CO\nint MY_CO co(void);\nint f(void) { return co(); }\n")
    assert main(["lint", "a.c"]) == 0
    assert main(["lint", "a.c", "--annotation", "coroutine_fn=MY_CO"]) == 1
    assert "E0101" in capsys.readouterr().out
    assert main(["lint", "a.c", "--annotation", "coroutine_fn=MY_CO", "--fix"]) == 0
    assert "int MY_CO f(void)" in Path("a.c").read_text()
    assert main(["lint", "a.c", "--annotation", "red=MY_CO"]) == 2


def test_baseline() -> None:
    assert main(["lint", "a.c", "--write-baseline", "known.json"]) == 0
    assert main(["lint", "a.c", "--baseline", "known.json"]) == 0
    Path("a.c").write_text(f"\n{BAD}")
    assert main(["lint", "a.c", "--baseline", "known.json"]) == 0, "lines may move"
    Path("a.c").write_text(f"{BAD}int g(void) {{ return co(); }}\n")
    assert main(["lint", "a.c", "--baseline", "known.json"]) == 1
    Path("known.json").write_text("[]")
    assert main(["lint", "a.c", "--baseline", "known.json"]) == 2
    assert main(["lint", "a.c", "--baseline", "none.json"]) == 2


def test_filter_and_exclude() -> None:
    Path("b.c").write_text("int x;\n")
    assert main(["lint", "a.c", "b.c", "--filter", "b.c"]) == 0
    assert main(["lint", "a.c", "b.c", "--filter", "*.c"]) == 1
    assert main(["lint", "a.c", "b.c", "--exclude", "a.c"]) == 0


@pytest.mark.parametrize(
    "text",
    ["[lint", "[lint]\ndisabled = []\n", "[lint]\ndisable = 3\n", '[lint.annotations]\nX = "red"\n', "lint = 3\n"],
)
def test_bad_configuration(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("cpc.toml").write_text(text)
    assert main(["lint", "a.c"]) == 2
    assert "cpc.toml" in capsys.readouterr().err


def test_all_of_a_database() -> None:
    assert main(["lint"]) == 2
    Path("options").write_text("-DGOOD\n")
    Path("a.c").write_text(f"#ifndef GOOD\n#error no options\n#endif\n{BAD}")
    entry = {"directory": str(Path.cwd()), "file": "a.c", "command": "cc @options -c a.c"}
    Path("compile_commands.json").write_text(json.dumps([entry]))
    assert main(["lint", "-p", "."]) == 1
    assert main(["lint", "-p", ".", "--exclude", "a.c"]) == 0


def test_units_that_were_not_read_may_call(capsys: pytest.CaptureFixture[str]) -> None:
    """An external function that another unit of the database names is not said to run in coroutines only."""
    head = "#define coroutine_fn\nint coroutine_fn co(void);\nint helper(void);\nint inner(void);\n"
    Path("a.c").write_text(
        head + "int inner(void) { return co(); }\nint helper(void) { return inner(); }\n"
        "int coroutine_fn f(void) { return co() + helper(); }\n"
    )
    for name, text in (
        ("other", "int helper2(void);"),
        ("caller", "int helper(void); int g(void) { return helper(); }"),
    ):
        Path("b.c").write_text(text)
        entries = [{"directory": str(Path.cwd()), "file": f, "command": f"cc -c {f}"} for f in ("a.c", "b.c")]
        Path("compile_commands.json").write_text(json.dumps(entries))
        main(["lint", "-p", ".", "a.c"])
        out = capsys.readouterr().out
        assert "E0101" in out
        assert ("E0105" in out) == (name == "other")
