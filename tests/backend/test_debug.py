"""-g as gdb sees it: types as gcc describes them, variables in plain and coroutine functions, before and after a
suspension; and that optimised code is the same with and without."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cpc.diag import Diagnostics
from cpc.driver import Dumps, Options, compile_file
from cpc.frontend.preprocess import Preprocessor
from cpc.ir.printer import print_module
from cpc.ir.reader import read_module

ROOT = Path(__file__).parents[2]
SOURCES = Path(__file__).parent / "debug"
NAMES = sorted(set(re.findall(r"\bt_\w+", (SOURCES / "types.c").read_text(encoding="utf-8"))))
NAMED = ["fn1", "fn2", "fn3", "fn4", "main", "Tree", "struct tree", "Fn", "union mix", "struct bits", "xenum",
         "enum level", "Blob", "struct flex", "struct pk"]  # fmt: skip

pytestmark = pytest.mark.skipif(shutil.which("gdb") is None, reason="gdb is not installed")


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def build(source: str, to: Path, *options: str) -> Path:
    """The program made of a file in SOURCES."""
    run(sys.executable, "-m", "cpc", "cc", "-g", *options, SOURCES / source, "-o", to)
    return to


def debug(program: Path, *commands: str) -> str:
    words = [word for command in commands for word in ("-ex", command)]
    return run("gdb", "-q", "-nx", "-batch", "-ex", "set width 0", *words, program)


def line_of(source: str, mark: str) -> int:
    """The line with the comment `stop: mark`."""
    lines = (SOURCES / source).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if f"/* stop: {mark} */" in line)


def stopped(program: Path, source: str, mark: str, *commands: str, again: int = 0) -> str:
    """What `commands` print when the program stops at a mark, after going on from there `again` times."""
    going = ["continue"] * again
    out = debug(program, f"break {source}:{line_of(source, mark)}", "run", *going, "echo @\\n", *commands)
    return out.split("@\n", 1)[1]


# ---- types --------------------------------------------------------------------------------------------------


@cache
def descriptions(compiler: str, folder: Path) -> dict[str, str]:
    """What gdb says about every name of types.c."""
    program = folder / compiler
    if compiler == "gcc":
        run("gcc", "-g", "-O0", "-w", SOURCES / "types.c", "-o", program)
    else:
        build("types.c", program, "-O0", "-gdwarf-5")  # gcc's version: 4 knows no _Atomic
    commands = ["break main", "run"]
    for name in NAMES:
        commands += [f"echo @{name}\\n", f"ptype {name}", f"whatis {name}", f"print sizeof({name})", f"print {name}"]
    for name in NAMED:
        commands += [f"echo @{name}\\n", f"ptype {name}", f"whatis {name}"]
    for name in ("struct tree", "struct bits", "union mix", "Blob", "struct pk"):
        commands += [f"echo @layout of {name}\\n", f"ptype/o {name}"]
    parts = debug(program, *commands).split("@")[1:]
    texts = dict(part.split("\n", 1) for part in parts)
    # Values are numbered; addresses are the linker's choice.
    return {name: re.sub(r"\$\d+ =|0x[0-9a-f]{4,}( <\w+>)?", "", text) for name, text in texts.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("debug")


@pytest.mark.parametrize("name", [*NAMES, *NAMED, "layout of struct bits", "layout of struct tree", "layout of Blob"])
def test_a_type_is_what_gcc_says(name: str, folder: Path) -> None:
    ours, theirs = descriptions("cpc", folder)[name], descriptions("gcc", folder)[name]
    assert "type = " in ours
    assert ours == theirs


# ---- plain functions ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plain(folder: Path) -> Path:
    return build("plain.c", folder / "plain", "-O0")


def test_blocks_hide_what_is_outside(plain: Path) -> None:
    seen = stopped(plain, "plain.c", "inner", "print x", "print letter", "info locals")
    assert '"inner"' in seen
    assert "= 99 'c'" in seen
    assert "x = 1.5" in seen  # of the block around it
    assert "x = 7" in seen
    assert "calls = 41" in seen
    assert "= 0.5" in stopped(plain, "plain.c", "middle", "print x")
    outer = stopped(plain, "plain.c", "outer", "info locals")
    assert sorted(outer.splitlines()) == ["calls = 41", "letter = 99 'c'", "x = 7"]


def test_structs_and_arguments(plain: Path) -> None:
    seen = stopped(plain, "plain.c", "structs", "info args", "info locals", "print *behind", "print big.words[4]")
    assert "big = {words = {1, 2, 3, 4, 5}}" in seen
    assert "small = {a = 6, b = 98 'b'}" in seen
    assert "scale = 1" in seen
    assert "copy = {a = 12, b = 98 'b'}" in seen
    assert "bits = {f = 1, u = 1065353216}" in seen
    assert "= 5" in seen


def test_arrays_of_variable_length(plain: Path) -> None:
    seen = stopped(plain, "plain.c", "arrays", "print table", "print sizeof(table)", "ptype table", "info locals")
    assert "$1 = {{0, 10, 20}, {30, 40, 50}}" in seen
    assert "$2 = 24" in seen
    assert "type = int [2][3]" in seen
    assert "fixed = {{1, 2, 3}, {4, 5, 6}}" in seen
    assert not re.search(r"length|stack|^i = ", seen, re.M)


def test_old_style_parameters_and_statement_expressions(plain: Path) -> None:
    assert re.search(r"c = 97 'a'\nf = 2.5", stopped(plain, "plain.c", "old", "info args"))
    assert "inside = 42" in stopped(plain, "plain.c", "expression", "info locals")


def test_backtrace_finish_and_globals(plain: Path) -> None:
    seen = stopped(plain, "plain.c", "structs", "backtrace", "finish")
    assert re.search(r"#0  structs \(big=\.\.\., small=\.\.\., behind=0x\w+, scale=1\) at", seen)
    assert "Value returned is $1 = 1065353233" in seen
    assert "$1 = 3\n$2 = 11\n" in stopped(plain, "plain.c", "main", "print counter", "print own")


def test_a_breakpoint_on_a_function_sees_its_arguments(plain: Path) -> None:
    out = debug(plain, "break arrays", "run")
    assert "arrays (rows=2, columns=3)" in out


def test_optimised_code_keeps_what_it_can(folder: Path) -> None:
    program = build("plain.c", folder / "fast", "-O2")
    seen = stopped(program, "plain.c", "main", "info locals", "ptype sum", "print counter")
    assert "type = int" in seen
    assert "$1 = 3" in seen
    assert "Error" not in seen


# ---- coroutine functions ------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["-O0", "-O2"])
def coroutine(request: pytest.FixtureRequest, folder: Path) -> Path:
    return build("coroutine.c", folder / f"coroutine{request.param}", request.param)


def test_the_ramp_has_its_variables(coroutine: Path) -> None:
    seen = stopped(coroutine, "coroutine.c", "inner ramp", "info args", "info locals", "print *pair", "backtrace 2")
    assert re.search(r"pair = 0x\w+\ndepth = 0", seen)
    assert "here = 0" in seen
    assert "text = \"text\", '\\000' <repeats 295 times>" in seen
    assert "$1 = {a = 1, b = 3}" in seen
    assert re.search(r"#0 .*inner \(pair=0x\w+, depth=0\) at .*\n#1 .*outer \(opaque=", seen)


def test_the_resume_function_has_its_variables(coroutine: Path) -> None:
    seen = stopped(
        coroutine, "coroutine.c", "inner resumed", "info args", "info locals", "print *pair", "print text[0]", again=1
    )
    assert re.search(r"pair = 0x\w+\ndepth = 1", seen)
    assert "here = 2" in seen
    assert "text = \"uext\", '\\000' <repeats 295 times>" in seen
    assert "$1 = {a = 2, b = 4}" in seen
    assert "$2 = 117 'u'" in seen


def test_a_loop_goes_on_in_the_resume_function(coroutine: Path) -> None:
    commands = ("info locals", "print calls", "ptype local", "backtrace 1")
    seen = stopped(coroutine, "coroutine.c", "outer resumed", *commands, again=1)
    if not coroutine.name.endswith("-O2"):  # LLVM gives 8 bytes of what lies behind a pointer that it has spilled
        assert "copy = {a = 2, b = 4}" in seen
    assert "got = 122" in seen
    assert re.search(r"^i = 1$", seen, re.M)
    assert "calls = 2" in seen
    lost = "|<optimized out>" if coroutine.name.endswith("-O2") else ""  # LLVM adds the frame's word to the register
    assert re.search(f"^total = (240{lost})$", seen, re.M)
    assert "half = 1" in seen
    assert "type = struct pair {\n    int a;\n    long b;\n}" in seen
    assert re.search(r"outer\.resume \(opaque=(0x\w+|<optimized out>)\)", seen)


def test_coroutine_functions_have_their_types_in_c(coroutine: Path) -> None:
    assert "type = void (void *)" in debug(coroutine, "ptype outer")
    if coroutine.name.endswith("0"):  # no copy of `inner` on its own is left in optimised code
        assert "type = int (struct pair *, int)" in debug(coroutine, "ptype inner")


@pytest.fixture(scope="module")
def kept(folder: Path) -> Path:
    return build("kept.c", folder / "kept", "-O0")


def test_unoptimised_code_keeps_what_is_in_scope(kept: Path) -> None:
    """Neither is read after the suspension."""
    seen = stopped(kept, "kept.c", "resumed", "info locals", "backtrace 1", "print *result")
    assert "before = 5" in seen and "inside = 7" in seen
    assert re.search(r"work\.resume \(opaque=0x\w+\)", seen) and "$1 = 12" in seen


def test_finish_knows_results_in_registers_only(kept: Path) -> None:
    """A coroutine function returns a word; gdb would look for others where C's convention has them."""
    seen = debug(kept, "break whole", "break real", "break both", "run", *["finish", "continue"] * 3)
    assert "Value returned is $1 = 6" in seen and "$2" not in seen
    assert "Value returned has type: double. Cannot determine contents" in seen
    assert "Value returned has type: struct pair. Cannot determine contents" in seen


# ---- the object ---------------------------------------------------------------------------------------------


def compiled(source: str, kind: str, **options: Any) -> bytes:
    """A file in SOURCES, compiled in this process."""
    diags = Diagnostics()
    preprocessor = Preprocessor(("-isystem", str(ROOT / "runtime/include")))
    data = compile_file(str(SOURCES / source), kind, Options(preprocessor=preprocessor, **options), diags)
    assert data is not None, diags.items
    return data


@pytest.mark.parametrize("source", ["types.c", "plain.c", "coroutine.c", "kept.c"])
def test_optimised_code_is_the_same_without(source: str, folder: Path) -> None:
    texts = []
    for debug_too in (True, False):
        to = folder / "same.o"
        to.write_bytes(compiled(source, "obj", debug=debug_too))
        texts.append(run("objdump", "-d", "--no-show-raw-insn", to))
    assert texts[0] == texts[1]


def test_the_dwarf_is_well_formed(coroutine: Path, plain: Path) -> None:
    for program in (coroutine, plain):
        table = subprocess.run(["readelf", "--debug-dump=info", program], capture_output=True, text=True, timeout=60)
        assert "DW_TAG_formal_parameter" in table.stdout
        assert table.stderr == ""
        if shutil.which("llvm-dwarfdump"):
            assert "No errors." in run("llvm-dwarfdump", "--verify", program)


@pytest.mark.parametrize("source", ["plain.c", "coroutine.c", "kept.c"])
def test_debug_information_reads_back(source: str) -> None:
    """The IR with types and variables, after the front end and after the passes."""
    for step in ("build", "spill", "simplify_split"):
        text = compiled(source, "ir", debug=True, dumps=Dumps(stop_after=step)).decode()
        assert 'variable "' in text
        assert print_module(read_module(text)) == text
