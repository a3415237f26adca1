"""What a project may say: comments that allow, cpc.toml, a baseline, which files and places are meant."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
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
    Path("below").mkdir()
    os.chdir("below")
    assert main(["lint", "../a.c", "--baseline", "../known.json"]) == 1
    Path("../a.c").write_text(BAD)
    assert main(["lint", "../a.c", "--baseline", "../known.json"]) == 0, "from any folder"
    os.chdir("..")
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
    [
        "[lint", "[lint]\ndisabled = []\n", "[lint]\ndisable = 3\n", '[lint.annotations]\nX = "red"\n', "lint = 3\n",
        "[lints]\n", '[lint]\ndisable = ["E9999"]\n', '[lint]\nblocking = ["a b"]\n', "# \udcff",
        '[lint.annotations]\n"X Y" = "coroutine_fn"\n',
    ],
)  # fmt: skip
def test_bad_configuration(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("cpc.toml").write_text(text, errors="surrogateescape")
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


def test_options_of_a_database_are_seen_from_its_folder() -> None:
    """Folders, files to include and response files, those in response files too, relative to `directory`."""
    for folder in ("build", "inc", "sys", "first"):
        Path(folder).mkdir()
    Path("inc/a.h").write_text("#define A 1\n")
    Path("sys/b.h").write_text("#define B 1\n")
    Path("first/config.h").write_text("#define CONFIG 1\n")
    Path("build/local.h").write_text("#define LOCAL 1\n")
    Path("build/options").write_text("-I../inc @more '-DNAME=\"two words\"'\n")
    Path("build/more").write_text("-isystem../sys -I ../first -include config.h -include local.h -std=gnu11\n")
    test = "#if !A || !B || !CONFIG || !LOCAL\n#error options\n#endif\nchar t[sizeof NAME == 10 ? 1 : -1];\n"
    Path("a.c").write_text(f"#include <a.h>\n#include <b.h>\n{test}{BAD}")
    entry = {"directory": ".", "file": "../a.c", "arguments": ["cc", "@options", "-o", "a.o", "-c", "../a.c"]}
    Path("build/compile_commands.json").write_text(json.dumps([entry]))
    assert main(["lint", "-p", "build"]) == 1
    entry = {"directory": str(Path("build").resolve()), "file": "../a.c", "command": "cc @options -o a.o -c ../a.c"}
    Path("build/compile_commands.json").write_text(json.dumps([entry]))
    assert main(["lint", "-p", "build", "a.c"]) == 1


def test_system_headers(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sys").mkdir()
    Path("sys/h.h").write_text(f"#pragma GCC system_header\nstatic inline {BAD[len(CO) :]}")
    Path("a.c").write_text(f"{CO}#include <h.h>\nint g(void) {{ return f(); }}\n")
    monkeypatch.setattr("cpc.program.lint._SYSTEM", (str(Path("sys").resolve()),))
    words = ["lint", "-I", str(Path("sys").resolve()), "a.c"]
    assert main(words) == 0 and not capsys.readouterr().out
    assert main([*words, "--system-headers"]) == 1 and "sys/h.h" in capsys.readouterr().out


def test_jobs_say_the_same_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("b.c", "c.c", "d.c"):
        Path(name).write_text(BAD.replace("int f", f"int f_{name[0]}"))
    said = []
    for jobs in ("1", "3"):
        assert main(["lint", ".", "--jobs", jobs]) == 1
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] and said[0].count("E0101") == 4


def test_progress_on_a_terminal() -> None:
    """One line, redrawn, that fits the terminal; nothing elsewhere."""
    Path("a" * 60 + ".c").write_text(BAD)
    command = [sys.executable, "-m", "cpc", "lint", "."]
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=slave, check=False)
    os.close(slave)
    shown = os.read(master, 10_000).decode()
    os.close(master)
    assert done.returncode == 1
    drawn = [line.strip() for line in shown.split("\r\x1b[K") if line.strip()]
    assert re.fullmatch(r"\[#+\] 2/2 reading \S+", drawn[-1])
    assert max(map(len, drawn)) < 60
    assert not subprocess.run(command, capture_output=True, check=False).stderr


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


UNREAD = """\
#define coroutine_fn
int coroutine_fn co(void);
int unknown(int n);
/* mentioned: coroutine_fn plain(int n) */
int plain(int n) { return n; }
int coroutine_fn
co_unread(int (*f)(int),
          int n)
{ return co() + f(n); }
"""
NAMES_UNREAD = """\
#define coroutine_fn
int coroutine_fn co(void);
int co_unread(int (*f)(int), int n);
int plain(int n);
int unknown(int n);
static int coroutine_fn judged(int n) { return unknown(n); }
int coroutine_fn for_others(int n) { return unknown(n); }
int coroutine_fn f(void) { return co() + judged(1) + for_others(2) + plain(3) + co_unread(plain, 4); }
"""


def test_definitions_that_were_not_read_are_found_in_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    """E0106 for a header that lacks the annotation; W0502 trusts what is declared, for static functions."""
    Path("b.c").write_text(UNREAD)
    Path("a.c").write_text(NAMES_UNREAD)
    entries = [{"directory": str(Path.cwd()), "file": f, "command": f"cc -c {f}"} for f in ("a.c", "b.c")]
    Path("compile_commands.json").write_text(json.dumps(entries))
    assert main(["lint", "-p", ".", "a.c"]) == 1
    found = re.findall(r"^\S+\[\w+\].*|^\S+ \w+\[\w+\].*|^\S+ note:.*", capsys.readouterr().out, re.M)
    assert [line.split(": ", 1)[-1] for line in found] == [
        "error[E0106]: 'co_unread' is not coroutine_fn here, as it is elsewhere",
        "note: 'co_unread' is coroutine_fn here",
        "warning[W0502]: 'judged' is coroutine_fn, but calls nothing that needs a coroutine",
    ]
    assert "/b.c:7:1:" in found[1]
    assert main(["lint", "-p", ".", "a.c", "--fix"]) == 0
    assert Path("b.c").read_text() == UNREAD
    assert "int coroutine_fn co_unread(int (*f)" in Path("a.c").read_text()
