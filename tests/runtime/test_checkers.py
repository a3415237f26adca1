"""Coroutines under the checkers of others: valgrind's memcheck and AddressSanitizer say nothing false, and
ThreadSanitizer finds no race in the runtime and in converted coroutines, which it sees as C (--via-c=gcc).

Each checker is also given a program that is wrong, so that silence means something.  valgrind's helgrind and drd know
no atomic operations, of which the locks here are made: they are no use.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.test_runtime import FLAGS, HERE, LIBRARIES, RUNTIME

CC = (sys.executable, "-m", "cpc", "cc")
PATTERNS = ("co.c", "co_*.c", "loop.c", "loop_*.c", "thread.c", "log.c")
SOURCES = sorted(path for pattern in PATTERNS for path in RUNTIME.glob(pattern))
MEMCHECKED = ("test_co", "test_co_lock", "test_co_rwlock", "test_co_wait", "test_co_dump")

Build = Callable[..., Path]


def execute(command: list[object], folder: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command], cwd=folder, env=os.environ | {"CPC_AIO": "epoll"} | environment,
        capture_output=True, text=True, timeout=3000, check=False,
    )  # fmt: skip


def must(command: list[object], folder: Path | None = None) -> None:
    done = execute(command, folder)
    assert done.returncode == 0, done.stderr[-3000:]


@functools.cache
def unrandomised() -> tuple[str, ...]:
    """ThreadSanitizer wants its addresses free; where the kernel does not let us ask for that, it may have luck."""
    return ("setarch", "-R") if shutil.which("setarch") and execute(["setarch", "-R", "true"]).returncode == 0 else ()


# ---- ThreadSanitizer


@pytest.fixture(scope="module")
def tsan(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Makes a program whose coroutines and runtime are converted C, compiled by gcc -fsanitize=thread."""
    folder = tmp_path_factory.mktemp("tsan")
    flags = ["--via-c=gcc", "-fsanitize=thread", "-w", "-O1", *FLAGS]
    must([*CC, *flags, "-c", *SOURCES], folder)
    must(["ar", "rcs", "libco.a", *(f"{path.stem}.o" for path in SOURCES)], folder)

    def build(program: str) -> Path:
        must([*CC, *flags, HERE / f"{program}.c", folder / "libco.a", *LIBRARIES, "-o", folder / program])
        return folder / program

    return build


@pytest.mark.parametrize("operations", ["20000", pytest.param("1000000", marks=pytest.mark.lab)])
@pytest.mark.timeout(3000)
def test_no_data_race(tsan: Build, operations: str) -> None:
    done = execute(
        [*unrandomised(), tsan("test_co_threads")], CPC_OPERATIONS=operations, TSAN_OPTIONS="halt_on_error=1"
    )
    assert done.returncode == 0, done.stdout + done.stderr[:5000]


def test_no_data_race_in_loops(tsan: Build) -> None:
    """Timers and bottom halves that other threads set, iothreads, AIO_WAIT_WHILE."""
    done = execute([*unrandomised(), tsan("test_qemu_loop")], TSAN_OPTIONS="halt_on_error=1")
    assert done.returncode == 0, done.stdout + done.stderr[:5000]


def test_a_data_race_is_found(tsan: Build) -> None:
    done = execute([*unrandomised(), tsan("race")], TSAN_OPTIONS="halt_on_error=1:exitcode=66")
    assert done.returncode == 66, done.stdout + done.stderr
    assert "data race" in done.stderr and "in count" in done.stderr


# ---- memcheck


@pytest.fixture(scope="module")
def memchecked(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("memcheck")

    def build(source: Path) -> Path:
        must([*CC, "-O2", *FLAGS, source, "-o", folder / source.stem])
        return folder / source.stem

    return build


VALGRIND = ("valgrind", "-q", "--error-exitcode=9", "--fair-sched=yes")
needs_valgrind = pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")


@needs_valgrind
@pytest.mark.parametrize("program", MEMCHECKED)
def test_memcheck_says_nothing(memchecked: Build, program: str) -> None:
    done = execute([*VALGRIND, memchecked(HERE / f"{program}.c")])
    assert done.returncode == 0, done.stdout + done.stderr[-5000:]
    assert "==" not in done.stderr


@needs_valgrind
def test_memcheck_finds_a_fault(memchecked: Build, tmp_path: Path) -> None:
    """Memory without a value, decided on after a suspension."""
    source = tmp_path / "uninitialised.c"
    source.write_text(
        "#include <qemu/coroutine.h>\n#include <stdio.h>\n#include <stdlib.h>\n"
        "static void coroutine_fn wrong(void *opaque)\n{\n    int *x = malloc(sizeof *x);\n    *(int **)opaque = x;\n"
        '    qemu_coroutine_yield();\n    if (*x == 1) {\n        puts("one");\n    }\n}\n'
        "int main(void)\n{\n    int *x;\n    Coroutine *co = qemu_coroutine_create(wrong, &x);\n"
        "    qemu_coroutine_enter(co);\n    qemu_coroutine_enter(co);\n    free(x);\n    return 0;\n}\n"
    )
    done = execute([*VALGRIND, memchecked(source)])
    assert done.returncode == 9, done.stderr
    assert "uninitialised" in done.stderr and "wrong" in done.stderr


# ---- AddressSanitizer


@pytest.fixture(scope="module")
def with_asan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Coroutines by cpc beside C that gcc compiled with -fsanitize=address."""
    folder = tmp_path_factory.mktemp("asan")
    must(["gcc", "-g", "-fsanitize=address", "-c", HERE / "asan.c", "-o", folder / "asan.o"])
    must([*CC, "-O2", "-g", "-c", HERE / "asan_coroutines.c", "-o", folder / "coroutines.o"])
    must([*CC, "-fsanitize=address", folder / "coroutines.o", folder / "asan.o", "-o", folder / "program"])
    return folder / "program"


def test_asan_says_nothing(with_asan: Path) -> None:
    done = execute([with_asan])
    assert (done.returncode, done.stderr) == (0, "")


def test_asan_finds_a_fault(with_asan: Path) -> None:
    """With the coroutine functions among its callers."""
    done = execute([with_asan, "wrong"])
    assert "heap-buffer-overflow" in done.stderr
    assert "in use_memory" in done.stderr and "in descend" in done.stderr


# ---- many operations


@pytest.mark.lab
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("backend", ["epoll", "io_uring"])
@pytest.mark.parametrize("turn", range(3))
def test_ten_million_operations(memchecked: Build, backend: str, turn: int) -> None:
    """In four threads, by each of the tests of test_co_threads."""
    done = execute([memchecked(HERE / "test_co_threads.c")], CPC_OPERATIONS="10000000", CPC_AIO=backend)
    assert done.returncode == 0, done.stdout + done.stderr
