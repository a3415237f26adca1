"""Portable C: the text of small functions, that compilers take it without a word, the runtime made of it, and units of
both back ends in one program.

That programs behave is tested where they are: tests/exec, tests/generate and tests/aarch64 run each by this way too.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cpc.backend.portable.errors import NotPortable
from cpc.backend.portable.unit import emit_c
from cpc.codes import CODES
from cpc.frontend.target import AARCH64
from cpc.ir.reader import read_module
from tests.golden import Golden, cases
from tests.portable.build import COMPILERS, FLAGS, NAMES, compile_portable, link_portable, portable_c, run
from tests.tools import ROOT, cpc, cpc_cc

HERE = Path(__file__).parent
RUNTIME = ROOT / "runtime"
WORDS = ("-std=gnu11", "-D_GNU_SOURCE", f"-I{RUNTIME}")
RUNTIME_SOURCES = ("co.c", "co_*.c", "loop.c", "loop_*.c", "thread.c", "log.c", "kernel_messages.c")
RUNTIME_TESTS = sorted((ROOT / "tests/runtime").glob("test_*.c"))


# ---- text ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [p for p in cases(HERE / "golden", "*.c") if ".cpc" not in p.id])
def test_text(source: Path, golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(source.parent)
    text = portable_c(source.name)
    golden.compare(source.with_suffix(".expected"), text)
    assert portable_c(source.name) == text
    for compiler in COMPILERS:
        compile_portable(text, compiler, tmp_path / f"{'-'.join(compiler)}.o", "-Wall", "-Werror")


def test_places_are_those_of_the_source(tmp_path: Path) -> None:
    """What gcc has to say, it says about the line of the source."""
    source = tmp_path / "lines.c"
    source.write_text("int f(int *p);\nint g(int x)\n{\n    x++;\n\n    return f(&x) / x;\n}\n")
    text = portable_c(source)
    assert f'#line 2 "{source}"' in text
    compile_portable(text, ("gcc", "-g"), tmp_path / "lines.o")
    words: list[str | Path] = ["readelf", "--debug-dump=decodedline", tmp_path / "lines.o"]
    shown = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert {"4", "6"} <= set(re.findall(r"^lines\.c +(\d+)", shown, re.MULTILINE))


@pytest.mark.skipif(shutil.which("tcc") is None, reason="tcc is not installed")
@pytest.mark.parametrize("name", ["scalars", "calls"])
def test_tcc_takes_what_it_can(name: str, tmp_path: Path) -> None:
    text = portable_c(HERE / "golden" / f"{name}.c")
    (tmp_path / "unit.c").write_text(text)
    subprocess.run(["tcc", *FLAGS[1:], "-c", tmp_path / "unit.c", "-o", tmp_path / "unit.o"], check=True)


def test_what_c_cannot_say() -> None:
    text = "fn @f() -> i24 {\nentry:\n  ret i24 1\n}\n"
    with pytest.raises(NotPortable, match="an integer of 24 bits"):
        emit_c(read_module(f'module "m"\n{text}'))
    assert "E0331" in CODES


# ---- commands -----------------------------------------------------------------------------------------------


def test_emit_c_prints(tmp_path: Path) -> None:
    source = tmp_path / "a.c"
    source.write_text("int f(int x) { return x + 1; }\n")
    done = cpc(["cc", "--emit", "c", str(source)])
    assert done.returncode == 0, done.stderr
    assert "#include <cpc_portable.h>" in done.stdout
    assert cpc(["compile", str(source), "-o", str(tmp_path), "--emit", "c"]).returncode == 0
    assert (tmp_path / "a.cpc.c").read_text().splitlines()[1:] == done.stdout.splitlines()[1:]


def test_messages_of_the_compiler(tmp_path: Path) -> None:
    source = tmp_path / "a.c"
    source.write_text("int x;\n")
    done = cpc(["cc", "--via-c=no-such-compiler", "-c", str(source), "-o", str(tmp_path / "a.o")])
    assert done.returncode == 1
    assert "E0009" in done.stderr and "no-such-compiler" in done.stderr
    assert "Traceback" not in done.stderr


def test_overflow_is_found(tmp_path: Path) -> None:
    """A sanitizer of the other compiler sees what the program does, at its place."""
    source, program = tmp_path / "sum.c", tmp_path / "sum"
    source.write_text("int main(int n, char **v)\n{\n    int x = 2147483647;\n    return x + n < 0;\n}\n")
    cpc_cc(["--via-c=gcc", "-fsanitize=undefined", str(source), "-o", str(program)])
    done = subprocess.run([program], capture_output=True, text=True, check=False)
    assert "sum.c:4" in done.stderr and "signed integer overflow" in done.stderr


# ---- the runtime, and both back ends together ---------------------------------------------------------------


@pytest.fixture(scope="session")
def portable_runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The coroutine runtime by gcc -O2, by way of portable C."""
    folder = tmp_path_factory.mktemp("portable-runtime")
    objects = []
    for source in sorted({path for pattern in RUNTIME_SOURCES for path in RUNTIME.glob(pattern)}):
        text = portable_c(source, WORDS)
        objects.append(compile_portable(text, ("gcc", "-O2"), folder / f"{source.stem}.o", "-Wall", "-Werror"))
    subprocess.run(["ar", "rcs", folder / "libco.a", *objects], check=True)
    return folder / "libco.a"


def _run_all(program: Path, source: Path) -> None:
    names = re.findall(r'^    \{ "([^"]+)", test_\w+ \},$', source.read_text(), re.MULTILINE)
    status, output = run(program)
    assert status == 0
    assert names and output.decode().splitlines() == [f"ok {name}" for name in names]


@pytest.mark.parametrize("source", RUNTIME_TESTS, ids=lambda path: path.stem)
def test_runtime(source: Path, portable_runtime: Path, tmp_path: Path) -> None:
    unit = compile_portable(portable_c(source, WORDS), ("gcc", "-O2"), tmp_path / "unit.o")
    program = tmp_path / source.stem
    words: list[str | Path] = ["gcc", "-rdynamic", unit, portable_runtime, "-l:liburing.a", "-pthread", "-o", program]
    subprocess.run(words, check=True)
    _run_all(program, source)


def test_llvm_units_on_the_portable_runtime(portable_runtime: Path, tmp_path: Path) -> None:
    """What LLVM keeps in registers around co_more and its like stays there: gcc's own functions keep them too."""
    source = ROOT / "tests/runtime/test_co_frame.c"
    cpc_cc(["-O2", *WORDS, "-c", str(source), "-o", str(tmp_path / "unit.o")])
    program = tmp_path / "program"
    words: list[str | Path] = ["gcc", tmp_path / "unit.o", portable_runtime, "-l:liburing.a", "-pthread", "-o", program]
    subprocess.run(words, check=True)
    _run_all(program, source)


@pytest.mark.parametrize("compiler", COMPILERS, ids=NAMES)
def test_units_of_both_kinds_call_each_other(compiler: tuple[str, str], tmp_path: Path) -> None:
    """Suspensions go through frames of both, in both directions; co_dump knows where each stands; 100,000 frames."""
    outputs = []
    for kinds in ("cc", "cl", "lc", "ll"):
        objects = []
        for kind, name in zip(kinds, ("ping", "pong"), strict=True):
            source, made = HERE / "mixed" / f"{name}.c", tmp_path / f"{name}-{kind}.o"
            if kind == "l" and not made.exists():
                cpc_cc(["-O2", *WORDS, "-c", str(source), "-o", str(made)])
            elif not made.exists():
                compile_portable(portable_c(source, WORDS), compiler, made)
            objects.append(made)
        outputs.append(run(link_portable(objects, compiler, tmp_path / kinds)))
    assert outputs[0][0] == 0 and b"ping.c" in outputs[0][1] and b"pong.c" in outputs[0][1]
    assert outputs == [outputs[0]] * 4


# ---- other targets ------------------------------------------------------------------------------------------


def emulated(program: Path) -> tuple[int, bytes]:
    done = subprocess.run(
        ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu", program], capture_output=True, timeout=120, check=False
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("name", ["structs", "variable_arguments", "floats"])
@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_aarch64(name: str, level: str, tmp_path: Path) -> None:
    source = ROOT / f"tests/exec/programs/{name}.c"
    gcc = "aarch64-linux-gnu-gcc"
    subprocess.run([gcc, "-w", source, "-lm", "-o", tmp_path / "reference"], check=True)
    unit = compile_portable(portable_c(source, target=AARCH64), (gcc, level), tmp_path / "unit.o")
    subprocess.run([gcc, unit, "-lm", "-o", tmp_path / "program"], check=True)
    assert emulated(tmp_path / "program") == emulated(tmp_path / "reference")


@pytest.mark.parametrize("folder", [ROOT / "tests/aarch64/abi", ROOT / "tests/exec/abi"], ids=["corners", "types"])
def test_calls_between_gcc_and_portable_c_on_aarch64(folder: Path, tmp_path: Path) -> None:
    _crosswise(folder, ("aarch64-linux-gnu-gcc", "-O2"), tmp_path, aarch64=True)


@pytest.mark.parametrize("compiler", COMPILERS, ids=NAMES)
def test_calls_between_gcc_and_portable_c(compiler: tuple[str, str], tmp_path: Path) -> None:
    _crosswise(ROOT / "tests/exec/abi", compiler, tmp_path, aarch64=False)


def _crosswise(folder: Path, compiler: tuple[str, str], made: Path, *, aarch64: bool) -> None:
    gcc = "aarch64-linux-gnu-gcc" if aarch64 else "gcc"
    execute: Callable[[Path], tuple[int, bytes]] = emulated if aarch64 else run
    objects = {}
    for name in ("callee", "caller"):
        source = folder / f"{name}.c"
        objects["gcc", name] = made / f"gcc_{name}.o"
        subprocess.run([gcc, "-w", "-Wno-psabi", "-c", source, "-o", objects["gcc", name]], check=True)
        text = portable_c(source, target=AARCH64) if aarch64 else portable_c(source)
        objects["c", name] = compile_portable(text, compiler, made / f"c_{name}.o")
    outputs = []
    for caller, callee in (("gcc", "gcc"), ("gcc", "c"), ("c", "gcc"), ("c", "c")):
        program = made / f"{caller}_{callee}"
        subprocess.run([gcc, objects[caller, "caller"], objects[callee, "callee"], "-o", program], check=True)
        outputs.append(execute(program))
    if compiler[0] == "clang":  # before 18 it passes an __int128 on the stack at an alignment of its own
        outputs = [(status, re.sub(rb"(?m)^.*i128.*\n(?:-?\d+ [\d.]+\n)?", b"", output)) for status, output in outputs]
    assert outputs == [outputs[0]] * 4


def test_coroutines_on_aarch64(tmp_path: Path) -> None:
    """The C of a coroutine program by gcc for aarch64, on the runtime that LLVM made for it."""
    source = ROOT / "tests/exec/coroutines/nesting.c"
    cpc_cc(["-O2", str(source), "-o", str(tmp_path / "native")])
    via = ["--target=aarch64-linux-gnu", "--via-c=aarch64-linux-gnu-gcc", "-O0"]
    cpc_cc([*via, str(source), "-o", str(tmp_path / "foreign")])
    assert emulated(tmp_path / "foreign") == run(tmp_path / "native")
