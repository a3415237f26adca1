"""The other commands: compile, lint, explain, and the command line itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from cpc.cli import COMMANDS
from cpc.ir.printer import print_module
from cpc.ir.reader import read_module
from tests.cc.conftest import Cpc

CO = '#define coroutine_fn __attribute__((annotate("coroutine_fn")))\n'


def test_help_names_every_command(cpc: Cpc) -> None:
    done = cpc("--help")
    assert done.status == 0 and all(name in done.out for name in COMMANDS)
    assert cpc().status == 2
    assert cpc("nonsense").status == 2
    assert cpc("--version").out.startswith("cpc 0.1.0")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(cpc: Cpc, name: str) -> None:
    done = cpc(name, "--help")
    assert done.status == 0 and f"cpc {name}" in done.out


def test_compile_to_a_program_and_again(cpc: Cpc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CPC_CACHE", raising=False)
    Path("src/deep").mkdir(parents=True)
    Path("src/main.c").write_text("int f(void); int main(void) { return f() - 7; }")
    Path("src/deep/f.c").write_text("int f(void) { return N; }")
    for number, status in (("7", 0), ("7", 0), ("9", 2)):
        assert cpc("compile", "src", "-o", "prog", "-D", f"N={number}").status == 0
        assert subprocess.run(["./prog"], check=False).returncode == status
    assert len(list((tmp_path / "cache/cpc/objects").glob("*/*"))) == 3, "main, and f twice"


def test_compile_one_product_per_unit(cpc: Cpc) -> None:
    Path("a").mkdir()
    Path("b").mkdir()
    for name in ("a/x.c", "b/x.c", "b/y.c"):
        Path(name).write_text(f"int {name[0]}_{name[2]}(void) {{ return 1; }}")
    assert cpc("compile", "a", "b", "-o", "out", "--emit", "obj").status == 0
    assert sorted(p.name for p in Path("out").iterdir()) == ["a-x.o", "b-x.o", "y.o"]


def test_ir_reads_back_and_dumps_are_numbered(cpc: Cpc) -> None:
    Path("f.c").write_text(
        f"{CO}int coroutine_fn co_read(int);\nint coroutine_fn f(int n) {{ int s = 0; "
        "while (n--) s += co_read(n); return s; }\n"
        "int coroutine_fn g(int n) { return co_read(n) + 1; }\n"
    )
    words = ["--emit", "ir", "--dump-after=all", "--dump-dir=dumps", "--dump-fn=f", "--time-passes"]
    done = cpc("compile", "f.c", "-o", "out", *words)
    assert done.status == 0, done.err
    assert " ms  parse" in done.err
    text = Path("out/f.ir").read_text()
    assert print_module(read_module(text)) == text
    dumps = sorted(p.name for p in Path("dumps/f").iterdir())
    assert dumps[0] == "00-build.ir" and any(name.endswith("-split.ir") for name in dumps)
    assert "@g" not in Path("dumps/f/00-build.ir").read_text()
    assert cpc("compile", "f.c", "-o", "out", "--emit", "ir", "--stop-after=build").status == 0
    assert "cocall" in Path("out/f.ir").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["f.c", "-o", "o", "--dump-after=nonsense"], "there is no pass 'nonsense'"),
        (["f.c", "-o", "o", "--stop-after=spill"], "needs --emit ir"),
        (["empty", "-o", "o"], "there is no C file in 'empty'"),
        (["f.c"], "-o"),
        (["f.c", "-o", "f.c/x", "--emit", "obj"], "cannot make the folder"),
        (["f.c", "-o", "o", "-p", "missing.json"], "cannot read 'missing.json'"),
    ],
)
def test_compile_usage(cpc: Cpc, words: list[str], message: str) -> None:
    Path("f.c").write_text("int x;")
    Path("empty").mkdir()
    done = cpc("compile", *words)
    assert done.status == 2 and message in done.err


def test_lint_statuses(cpc: Cpc) -> None:
    Path("good.c").write_text(f"{CO}int coroutine_fn f(void); int coroutine_fn g(void) {{ return f(); }}")
    Path("bad.c").write_text(f"{CO}int coroutine_fn f(void); int g(void) {{ return f(); }}")
    Path("wrong.c").write_text("int x = ;")
    assert cpc("lint", "good.c").status == 0
    Path("advice.c").write_text("int f(int *p) { return p == 3; }")
    assert "W0291" in cpc("cc", "-c", "advice.c").err and cpc("lint", "advice.c").status == 0
    assert cpc("cc", "-w", "-c", "advice.c").err == ""
    done = cpc("lint", "good.c", "bad.c")
    assert done.status == 1 and "bad.c:2:" in done.out and "error[E0101]" in done.out
    assert cpc("lint", ".").status == 2
    assert cpc("lint", "missing.c").status == 2


def test_lint_reads_compile_commands(cpc: Cpc, tmp_path: Path) -> None:
    Path("build").mkdir()
    Path("inc").mkdir()
    Path("inc/n.h").write_text("#define N 1\n")
    Path("a.c").write_text("#include <n.h>\n#if N + M != 3\n#error options are missing\n#endif\nint x;\n")
    entry = {
        "directory": str(tmp_path / "build"),
        "file": "../a.c",
        "command": "cc -c -I../inc -DM=2 -O2 ../a.c -o a.o",
    }
    Path("build/compile_commands.json").write_text(json.dumps([entry]))
    assert cpc("lint", "-p", "build", "a.c").status == 0
    assert cpc("lint", "a.c").status == 2
    odd = entry | {"command": f"clang -Qunused-arguments -Xclang -x --weird {entry['command']}"}
    Path("build/compile_commands.json").write_text(json.dumps([odd]))
    assert cpc("lint", "-p", "build", "a.c").status == 0


WRONG_DATABASES = (
    ("", "compile_commands.json:1:1: not JSON: "),
    ("{}", "is not a compilation database: it is no list"),
    ("[]", "names no C file"),
    ("[1]", "entry 1 is no object"),
    ('[{"directory": "."}]', "entry 1 has no text 'file'"),
    ('[{"directory": 1, "file": "a.c"}]', "entry 1 has no text 'directory'"),
    ('[{"directory": ".", "file": "a.c"}]', "entry 1 has neither a text 'command' nor 'arguments'"),
    ('[{"directory": ".", "file": "a.c", "arguments": "cc"}]', "entry 1 has no list of words 'arguments'"),
    ('[{"directory": ".", "file": "a.c", "command": "cc -c \\"a.c"}]', "database: No closing"),
    ('[{"directory": ".", "file": "a.c", "command": "cc @gone"}]', "database: cannot read 'gone'"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG_DATABASES)
def test_wrong_compile_commands(cpc: Cpc, text: str, said: str) -> None:
    Path("compile_commands.json").write_text(text)
    done = cpc("lint", "-p", ".")
    assert done.status == 2 and said in done.out + done.err


def test_one_wrong_entry_stops_no_other(cpc: Cpc) -> None:
    Path("a.c").write_text('int co(void) __attribute__((annotate("coroutine_fn")));\nint f(void) { return co(); }\n')
    entries = [
        {"directory": ".", "file": "a.c", "command": "cc a.c"}, {"directory": ".", "file": "b.c", "command": "cc @gone"}
    ]  # fmt: skip
    Path("compile_commands.json").write_text(json.dumps(entries))
    done = cpc("lint", "-p", ".")
    assert done.status == 2 and "a.c:2:22: error[E0101]" in done.out and "b.c: error[E0003]" in done.out


def test_explain(cpc: Cpc) -> None:
    done = cpc("explain", "e0101")
    assert done.status == 0 and done.out.startswith("E0101: plain function calls a coroutine_fn\n")
    assert "E0001  syntax error" in cpc("explain").out
    assert cpc("explain", "E9999").status == 2
    assert cpc("explain", "nonsense").status == 2
