"""`cpc cc` beside gcc: the same words give the same files, answers and exit statuses."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cc.conftest import Cpc

CPC = f"{sys.executable} -m cpc cc"

# Each makes files and output that are compared with gcc's.
DEPENDENCIES = [
    "-M sub/m.c",
    "-MM sub/m.c",
    "-MM -MT a$b sub/m.c",
    "-MM -MQ a$b -MP sub/m.c",
    "-MM -MF out.d sub/m.c",
    "-MM sub/m.c n.c",
    "-MM -MG -MT x sub/m.c",
    "-M -MF a.d -MT foo sub/m.c -o bar",
    "-MD -c sub/m.c",
    "-MMD -c sub/m.c -o sub/z.o",
    "-MMD -c sub/m.c n.c",
    "-MMD -MF q.d -MP -c sub/m.c -o z.o",
    "-MMD -MT t1 -MT t2 -c sub/m.c",
    "-MMD -S sub/m.c",
    "-MMD -S sub/m.c -o z.s",
    "-MMD -shared -fPIC sub/m.c n.c -o lib.so",
    "-MMD -shared -fPIC sub/m.c n.c",
    "-Wp,-MD,x.d -c sub/m.c",
    "-Wp,-MMD,x.d,-MT,foo -c sub/m.c",
    "-c missing.c",
    "-c n.c -o nowhere/n.o",
    "-E n.c missing.c",
]


def dependency_sources(folder: Path) -> None:
    for name in ("inc", "sub"):
        (folder / name).mkdir(parents=True)
    (folder / "inc/a.h").write_text("#define A 1\n")
    (folder / "sub/b.h").write_text("")
    (folder / "sub/with space.h").write_text("")
    (folder / "n.c").write_text("int y;\n")
    (folder / "sub/m.c").write_text(
        '#include <a.h>\n#include "b.h"\n#include <stddef.h>\n#include "with space.h"\nint x = A;\n'
    )


def made(folder: Path) -> tuple[set[str], dict[str, str]]:
    """The names of all files, and what is in the dependency files."""
    files = [p for p in folder.rglob("*") if p.is_file()]
    return {str(p.relative_to(folder)) for p in files}, {p.name: p.read_text() for p in files if p.suffix == ".d"}


@pytest.mark.parametrize("words", DEPENDENCIES)
def test_dependencies_are_those_of_gcc(cpc: Cpc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    gcc, own = tmp_path / "gcc", tmp_path / "own"
    dependency_sources(gcc)
    dependency_sources(own)
    command = ["-Iinc", *words.split()]
    done = subprocess.run(["gcc", *command], cwd=gcc, capture_output=True, text=True, check=False)
    monkeypatch.chdir(own)
    mine = cpc("cc", *command)
    assert (mine.status == 0) == (done.returncode == 0), mine.err
    assert made(own) == made(gcc)
    if "-E" not in command:
        assert mine.out == done.stdout


def test_questions_of_configure(tmp_path: Path) -> None:
    script = Path(__file__).with_name("configure.sh")
    answers = []
    for name, command in (("gcc", "gcc"), ("cpc", CPC)):
        (tmp_path / name).mkdir()
        environment = os.environ | {"CC": command}
        done = subprocess.run(
            ["sh", str(script)], cwd=tmp_path / name, env=environment, capture_output=True, text=True, check=False,
            timeout=200,
        )  # fmt: skip
        answers.append(done.stdout)
    assert answers[0] == answers[1]
    assert "freestanding\nchecks\n" in answers[1]


VISIBILITY = """\
int plain;
int shown __attribute__((visibility("default")));
extern int elsewhere;
__attribute__((visibility("protected"))) int guarded(void) { return 1; }
int function(void) { return plain + shown + elsewhere; }
"""


@pytest.mark.parametrize("word", ["hidden", "default", "protected"])
def test_visibility(cpc: Cpc, word: str) -> None:
    Path("v.c").write_text(VISIBILITY)
    tables = []
    for command in (["gcc"], shlex.split(CPC)):
        subprocess.run([*command, "-fPIC", f"-fvisibility={word}", "-c", "v.c"], check=True, timeout=60)
        text = subprocess.run(["readelf", "-sW", "v.o"], capture_output=True, text=True, check=True).stdout
        rows = [line.split() for line in text.split("\n") if " GLOBAL " in line]
        tables.append({(row[7], row[5]) for row in rows if row[7] != "_GLOBAL_OFFSET_TABLE_"})
    assert tables[0] == tables[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-fsanitize=address", "-c", "m.c"], "'-fsanitize=address' needs --via-c=COMPILER"),
        (["-fplan9-extensions", "-c", "m.c"], "'-fplan9-extensions' is not supported"),
        (["-mlong-double-64", "-c", "m.c"], "'-mlong-double-64' is not supported"),
        (["-mms-bitfields", "-c", "m.c"], "'-mms-bitfields' is not supported"),
        (["-fvisibility=secret", "-c", "m.c"], "the visibility is one of"),
        (["--not-an-option", "-c", "m.c"], "unknown option '--not-an-option'"),
    ],
)
def test_what_is_refused(cpc: Cpc, words: list[str], message: str) -> None:
    Path("m.c").write_text("int x;")
    done = cpc("cc", *words)
    assert done.status == 2 and message in done.err


def test_what_is_advised(cpc: Cpc) -> None:
    Path("m.c").write_text("#pragma omp parallel\nint x;")
    done = cpc("cc", "-fopenmp", "-c", "m.c")
    assert done.status == 0 and "W0296" in done.err and "OpenMP" in done.err
    done = cpc("cc", "-Wnot-known", "-c", "m.c")
    assert done.status == 0 and "unknown warning option '-Wnot-known'" in done.err
    asked = cpc("cc", "-Werror=unknown-warning-option", "-Wnot-known", "-c", "m.c")  # as musl's configure does
    assert asked.status == 1 and "[-Werror=unknown-warning-option]" in asked.err
    assert cpc("cc", "-w", "-fno-such-thing", "-Wno-not-known", "-c", "m.c").err == ""
    assert cpc("cc", "-Wno-unknown-warning-option", "-Wnot-known", "-c", "m.c").err == ""


@pytest.mark.parametrize("option", ["--coverage", "-pg", "-fprofile-generate"])
def test_counting_is_advised_against(cpc: Cpc, option: str) -> None:
    Path("m.c").write_text("int x;")
    done = cpc("cc", option, "-c", "m.c")
    assert done.status == 0 and f"'{option}': the program " in done.err


_MISALIGNED = """
#include <stdint.h>
typedef float v4 __attribute__((vector_size(16)));
volatile v4 sink;
__attribute__((noinline)) static int misplaced(v4 *p) { sink = *p; return (uintptr_t)p % 16; }
ATTRIBUTE __attribute__((noinline)) int callback(int x) { v4 v = {x}; return misplaced(&v); }
int main(void)
{
    int r;
    __asm__ volatile("pushq %%rbx; movq %%rsp, %%rbx; subq $256, %%rsp; andq $-16, %%rsp; pushq $0;"
                     "callq *%1; movq %%rbx, %%rsp; popq %%rbx"
                     : "=a"(r) : "r"(callback), "D"(3)
                     : "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
    return r;
}
"""


@pytest.mark.parametrize("level", ["-O0", "-O2"])
@pytest.mark.parametrize("words", [["-DATTRIBUTE=__attribute__((force_align_arg_pointer))"],
                                   ["-DATTRIBUTE=", "-mstackrealign"]])  # fmt: skip
def test_stacks_out_of_line(cpc: Cpc, words: list[str], level: str) -> None:
    Path("m.c").write_text(_MISALIGNED)
    assert cpc("cc", level, *words, "m.c").status == 0
    assert subprocess.run(["./a.out"], check=False).returncode == 0


def test_werror_makes_no_output(cpc: Cpc) -> None:
    Path("m.c").write_text("int f(int a, unsigned b) { return a < b; }")
    assert cpc("cc", "-Wextra", "-Werror=sign-compare", "-c", "m.c").status == 1 and not Path("m.o").exists()
    done = cpc("cc", "-Wextra", "-Werror", "-Wno-error=sign-compare", "-c", "m.c")
    assert done.status == 0 and "[-Wsign-compare]" in done.err and Path("m.o").exists()


def test_a_warning_of_the_preprocessor_is_shown(cpc: Cpc) -> None:
    Path("m.c").write_text("#warning look out\nint x;")
    done = cpc("cc", "-c", "m.c")
    assert done.status == 0 and "look out" in done.err and "-Wcpp" in done.err
    assert cpc("cc", "-Wno-cpp", "-c", "m.c").err == ""
    assert cpc("cc", "-Werror", "-c", "m.c").status == 1


def test_a_signal_leaves_no_temporary_files(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "m.c").write_text("".join(f"int f{i}(int x) {{ return x * {i}; }}\n" for i in range(4000)))
    command = [*shlex.split(CPC), "m.c", "-o", "m"]
    child = subprocess.Popen(command, cwd=tmp_path, env=os.environ | {"TMPDIR": str(tmp_path / "tmp")})
    deadline = time.monotonic() + 20
    while not list((tmp_path / "tmp").iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list((tmp_path / "tmp").iterdir())
    child.send_signal(signal.SIGTERM)
    assert child.wait(timeout=30) == 128 + signal.SIGTERM
    assert not list((tmp_path / "tmp").iterdir()) and not (tmp_path / "m").exists()


CMAKE = """\
cmake_minimum_required(VERSION 3.13)
project(probe C)
include(CheckCCompilerFlag)
include(CheckFunctionExists)
include(CheckTypeSize)
check_c_compiler_flag(-Wall HAVE_WALL)
check_c_compiler_flag(-Wnot-an-option HAVE_NONSENSE)
check_function_exists(printf HAVE_PRINTF)
check_function_exists(no_such_function HAVE_NO_FUNCTION)
check_type_size(long LONG_SIZE)
message(STATUS "answers ${HAVE_WALL}/${HAVE_NONSENSE}/${HAVE_PRINTF}/${HAVE_NO_FUNCTION}/${LONG_SIZE}")
add_library(twice SHARED twice.c)
add_executable(main main.c)
target_link_libraries(main twice)
"""


@pytest.mark.lab
@pytest.mark.skipif(shutil.which("cmake") is None, reason="cmake is not installed")
def test_cmake_project(tmp_path: Path) -> None:
    (tmp_path / "CMakeLists.txt").write_text(CMAKE)
    (tmp_path / "twice.c").write_text("int twice(int x) { return 2 * x; }\n")
    (tmp_path / "main.c").write_text("int twice(int);\nint main(void) { return twice(21) == 42 ? 0 : 1; }\n")
    (tmp_path / "cc").write_text(f'#!/bin/sh\nexec {CPC} "$@"\n')
    (tmp_path / "cc").chmod(0o755)
    words = ["cmake", "-S", ".", "-B", "build", f"-DCMAKE_C_COMPILER={tmp_path / 'cc'}", "-DCMAKE_BUILD_TYPE=Release"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    assert "answers 1//1//8" in done.stdout
    subprocess.run(["cmake", "--build", "build"], cwd=tmp_path, check=True, capture_output=True, timeout=200)
    assert subprocess.run(["build/main"], cwd=tmp_path, check=False, timeout=20).returncode == 0


def test_pragma_system_header(cpc: Cpc) -> None:
    """From the pragma to the end of its file, as in the headers of gnulib; a system's macro ends sooner."""
    twice = "int {0}(void);\nint {0}(void);\n"
    Path("a.h").write_text(f"{twice.format('told')}#pragma GCC system_header\n#define M 1\n{twice.format('silent')}")
    Path("b.h").write_text(f"static int b = M;\n{twice.format('also_told')}")
    used = "int f(void) { return told() + silent() + also_told() + b; }"
    Path("m.c").write_text(f'#include "a.h"\n#include "b.h"\n{used}\n')
    for _ in ("cold", "warm"):
        done = cpc("cc", "-Wredundant-decls", "-c", "m.c")
        assert re.findall(r"^(.*): warning", done.err, re.M) == ["a.h:2:5", "b.h:3:5"]
