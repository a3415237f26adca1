"""`cpc gdb` on a program whose coroutines wait: co list, co bt with variables, and the pretty-printer."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent / "gdb.c"

pytestmark = pytest.mark.skipif(shutil.which("gdb") is None, reason="gdb is not installed")


def line(mark: str) -> int:
    return next(n for n, text in enumerate(SOURCE.read_text().splitlines(), 1) if f"/* here: {mark} */" in text)


@pytest.fixture(scope="module", params=["-O0", "-O2"])
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("gdb") / f"program{request.param}"
    command = [sys.executable, "-m", "cpc", "cc", "-g", request.param, SOURCE, "-o", made]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return made


def gdb(program: Path, *commands: str) -> str:
    """What gdb prints for the commands when the program stands in stop_here."""
    start = ("set width 0", "set style enabled off", "set debuginfod enabled off", "break stop_here", "run")
    words = [word for command in (*start, *commands) for word in ("-ex", command)]
    done = subprocess.run(
        [sys.executable, "-m", "cpc", "gdb", "--", "-nx", "-q", "-batch", *words, program],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "Python" not in done.stderr, done.stderr
    return re.sub(r"0x[0-9a-f]+", "*", done.stdout.replace(f"{SOURCE}", "gdb.c"))


def test_list(program: Path) -> None:
    seen = gdb(program, "co list").splitlines()
    assert f"coroutine *: suspended at leaf gdb.c:{line('leaf')}" in seen
    queued = "coroutine *: suspended in qemu_co_queue_wait at qemu_co_queue_wait_impl"
    caller = f", for waiter gdb.c:{line('waiter')}"
    assert any(text.startswith(queued) and text.endswith(caller) for text in seen)
    assert "coroutine *: not started, body" in seen
    assert "coroutine *: running" in seen
    assert "4 live coroutines" in seen


def test_backtrace(program: Path) -> None:
    expected = f"""\
coroutine *: suspended
  #0 leaf at gdb.c:{line("leaf")}
  #1 middle at gdb.c:{line("middle")}
  #2 body at gdb.c:{line("body")}
"""
    assert expected in gdb(program, "co bt deep")
    seen = gdb(program, "co bt")
    assert expected in seen
    assert f"  #1 waiter at gdb.c:{line('waiter')}\n" in seen
    assert gdb(program, "co bt fresh").endswith("coroutine *: not started, body\n")


def test_variables(program: Path) -> None:
    seen = gdb(program, "co bt deep full")
    middle = seen.partition("  #1 middle")[2].partition("  #2 body")[0]
    assert {"i = 1", "sum = 1", "p = {x = 4, y = 6}", "twice = 2"} <= {text.strip() for text in middle.splitlines()}
    if program.name.endswith("-O0"):  # otherwise it is part of middle, and n is i
        assert "n = 1\n" in seen.partition("  #0 leaf")[2].partition("  #1")[0]
    assert "result = *" in seen.partition("  #2 body")[2]


def test_printer(program: Path) -> None:
    seen = gdb(program, "print *deep", "print *fresh")
    assert f"suspended at leaf gdb.c:{line('leaf')} = {{caller = *, " in seen
    assert "n_yields = 2}" in seen
    assert "not started, body = {entry = * <body>" in seen


def test_without_coroutines(tmp_path: Path) -> None:
    source = tmp_path / "plain.c"
    source.write_text("void stop_here(void) {}\nint main(void) { stop_here(); return 0; }\n")
    subprocess.run(["gcc", "-g", source, "-o", tmp_path / "plain"], check=True)
    words = ["-nx", "-q", "-batch", "-ex", "co list", str(tmp_path / "plain")]
    done = subprocess.run(
        [sys.executable, "-m", "cpc", "gdb", "--", *words], capture_output=True, text=True, check=False
    )
    assert "this program has no coroutines" in done.stderr
    assert "Traceback" not in done.stderr
