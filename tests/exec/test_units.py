"""Coroutine functions across units, libraries, threads and very deep recursion; and in the order of plain calls.

A folder of units/ is one program of several files: the same output from gcc with stackful coroutines and from cpc, each
file compiled by itself, at levels that differ.  A file there is a program whose output is known without gcc.
"""

from __future__ import annotations

import resource
import subprocess
import time
from pathlib import Path

import pytest

from tests.stackful.build import FLAGS, INCLUDES, LIBRARIES, stackful_archive
from tests.tools import ROOT, cpc_cc

UNITS = Path(__file__).parent / "units"
LEVELS = (("-O0", "-O0"), ("-O0", "-O2"), ("-O3", "-O0"), ("-O2", "-O2"), ("-O2 --via-c=gcc", "-O0 --via-c=clang"))
BACK_ENDS = ("-O0", "-O2", "-O2 --via-c=gcc", "-O2 --via-c=clang")


def run(program: Path, *arguments: str | Path) -> str:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def built(folder: Path, source: Path, *options: str) -> Path:
    """`source` compiled by cpc to an object of its own."""
    options = tuple(word for option in options for word in option.split())
    target = folder / f"{source.stem}{''.join(options)}.o"
    if not target.exists():
        cpc_cc([*options, "-c", str(source), "-o", str(target)])
    return target


def by_gcc(folder: Path, sources: list[Path], *options: str | Path) -> Path:
    program = folder / "reference"
    command = ["gcc", *FLAGS, "-w", *INCLUDES, *options, *sources, stackful_archive(), *LIBRARIES, "-o", program]
    subprocess.run(command, cwd=ROOT, check=True)
    return program


@pytest.mark.parametrize("name", ["across", "weak"])
def test_units_compiled_separately(name: str, tmp_path: Path) -> None:
    sources = sorted((UNITS / name).glob("*.c"))
    expected = run(by_gcc(tmp_path, sources))
    for levels in LEVELS:
        program = tmp_path / "".join(levels)
        objects = [str(built(tmp_path, source, level)) for source, level in zip(sources, levels, strict=True)]
        cpc_cc([*objects, "-o", str(program)])
        assert run(program) == expected, levels


def test_mixed_functions_of_another_unit(tmp_path: Path) -> None:
    sources = sorted((UNITS / "mixed").glob("*.c"))
    lines = ["10 20 30", "80 20 4.5", "0 waits, 5 blocks", "10 20 30", "80 20 4.5", "5 waits, 5 blocks, 6 enters", ""]
    for levels in LEVELS:
        program = tmp_path / "".join(levels)
        objects = [str(built(tmp_path, source, level)) for source, level in zip(sources, levels, strict=True)]
        cpc_cc([*objects, "-o", str(program)])
        assert run(program).split("\n") == lines, levels


@pytest.mark.parametrize("level", BACK_ENDS)
def test_plugin(level: str, tmp_path: Path) -> None:
    main, plugin = UNITS / "shared/main.c", UNITS / "shared/plugin.c"
    library = tmp_path / "reference.so"
    includes = ["-isystem", str(ROOT / "runtime/include")]
    subprocess.run(["gcc", *FLAGS, *includes, "-fPIC", "-shared", plugin, "-o", library], check=True)
    expected = run(by_gcc(tmp_path, [main], "-rdynamic"), library)
    library = tmp_path / "plugin.so"
    cpc_cc([*level.split(), "-fPIC", "-shared", str(plugin), "-o", str(library)])
    cpc_cc([*level.split(), str(main), "-ldl", "-o", str(tmp_path / "main")])
    assert run(tmp_path / "main", library) == expected


@pytest.mark.parametrize("level", [*BACK_ENDS, "-O3"])
def test_threads_in_turn(level: str, tmp_path: Path) -> None:
    cpc_cc([*level.split(), str(UNITS / "threads.c"), "-pthread", "-o", str(tmp_path / "threads")])
    assert run(tmp_path / "threads") == "20 turns, 61 enters, 0 wrong\n"


def unlimited_stack() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    wanted = 1 << 30
    resource.setrlimit(resource.RLIMIT_STACK, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


@pytest.mark.parametrize("level", BACK_ENDS)
def test_deep_recursion(level: str, tmp_path: Path) -> None:
    program = tmp_path / "deep"
    cpc_cc([*level.split(), str(UNITS / "deep.c"), "-o", str(program)])
    done = subprocess.run([program], capture_output=True, text=True, timeout=60, preexec_fn=unlimited_stack)
    assert (done.returncode, done.stdout) == (0, "1000000\n100000\n100001\n102 enters\n")


@pytest.mark.parametrize("level", BACK_ENDS)
def test_order_is_that_of_plain_calls(level: str, tmp_path: Path) -> None:
    plain, coroutine = tmp_path / "plain", tmp_path / "coroutine"
    cpc_cc([*level.split(), "-DPLAIN", str(UNITS / "order.c"), "-o", str(plain)])
    cpc_cc([*level.split(), str(UNITS / "order.c"), "-o", str(coroutine)])
    assert run(coroutine) == run(plain)


def test_a_thousand_yields_compile_in_seconds(tmp_path: Path) -> None:
    source, program = tmp_path / "yields.c", tmp_path / "yields"
    points = "\n".join(f"    x = x * 3 + {i}; qemu_coroutine_yield();" for i in range(1000))
    source.write_text(f"""\
#include <qemu/coroutine.h>
#include <stdio.h>
static int enters;
static void coroutine_fn test(void *opaque)
{{
    unsigned long x = 1;
{points}
    *(unsigned long *)opaque = x | 1;
}}
int main(void)
{{
    unsigned long result = 0;
    Coroutine *co = qemu_coroutine_create(test, &result);
    for (; !result; enters++) {{ qemu_coroutine_enter(co); }}
    printf("%lu %d\\n", result, enters);
    return 0;
}}
""")
    x = 1
    for i in range(1000):
        x = (x * 3 + i) % 2**64
    start = time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    cpc_cc(["-O2", str(source), "-o", str(program)])
    assert run(program) == f"{x | 1} 1001\n"
    spent = time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - start
    assert spent < 30, f"{spent:.1f} s of CPU"
