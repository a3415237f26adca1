"""Builds each test_*.c here and runs it: by gcc on stackful coroutines, and by cpc (-O0, -O2) with the real ones.

What uses the event loop runs with both back ends.  A C program prints "ok NAME" per test and exits with 0, or says
which check failed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stackful.build import stackful_archive

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RUNTIME = ROOT / "runtime"
STACKFUL = ROOT / "tests" / "stackful"
COMPILERS = ("gcc", "cpc-O0", "cpc-O2")
PROGRAMS = sorted(path.stem for path in HERE.glob("test_*.c"))
STACKLESS_ONLY = {"test_memory", "test_co_frame"}  # of frames, which stacks do not have
LOOP_USERS = {"test_loop", "test_co_io", "test_co_lock", "test_co_wait", "test_co_threads", "test_qemu_loop"}
GENERIC = ("co.c", "co_pool.c", "co_lock.c", "co_sleep.c", "co_io.c", "co_dump.c", "thread.c", "log.c", "loop*.c")
# cpc adds its archive to coroutine programs only.
EXTRA_SOURCES = {"test_log": ("log.c",), "test_kernel_messages": ("kernel_messages.c",)}
FLAGS = ("-std=gnu11", "-g", "-D_GNU_SOURCE", f"-I{RUNTIME}", f"-isystem{RUNTIME / 'include'}")
LIBRARIES = ("-l:liburing.a", "-pthread")

Build = Callable[[str, str], Path]


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, " ".join(command) + "\n" + done.stderr


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """(program, compiler) -> executable; each is built once."""
    folder = tmp_path_factory.mktemp("runtime")

    def make(program: str, compiler: str) -> Path:
        target = folder / f"{program}-{compiler}"
        if not target.exists():
            sources = [str(HERE / f"{program}.c"), *(str(RUNTIME / name) for name in EXTRA_SOURCES.get(program, ()))]
            if compiler == "gcc":
                _run(["gcc", "-O2", *FLAGS, *sources, str(stackful_archive()), *LIBRARIES, "-o", str(target)])
            else:
                level = compiler.removeprefix("cpc")
                _run([sys.executable, "-m", "cpc", "cc", level, *FLAGS, *sources, "-o", str(target)])
        return target

    return make


def _cases() -> list[tuple[str, str, str]]:
    return [
        (program, compiler, backend)
        for program in PROGRAMS
        for compiler in COMPILERS
        for backend in (("io_uring", "epoll") if program in LOOP_USERS else ("",))
        if compiler != "gcc" or program not in STACKLESS_ONLY
    ]


@pytest.mark.parametrize(("program", "compiler", "backend"), _cases())
def test_program(build: Build, program: str, compiler: str, backend: str) -> None:
    source = (HERE / f"{program}.c").read_text()
    names = re.findall(r'^    \{ "([^"]+)", test_\w+ \},$', source, re.MULTILINE)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CPC_")}
    if backend:
        environment["CPC_AIO"] = backend
    done = subprocess.run(
        [build(program, compiler)], capture_output=True, text=True, timeout=120, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert names and done.stdout.splitlines() == [f"ok {name}" for name in names]


def test_every_runtime_file_is_tested() -> None:
    """Each coroutine file of runtime/ has its program here, or is part of the one named."""
    parts = {
        "test_co": ("co_pool", "co_core"),
        "test_co_lock": ("thread",),
        "test_co_dump": ("co_unit",),
        "test_co_frame": ("co_area",),
        "test_co_rwlock": ("co_queue",),
        "test_co_wait": ("co_shared_resource", "co_stream", "co_task", "co_thread_pool", "loop_bh"),
        "test_qemu_loop": ("loop_qemu_timer", "loop_wait", "loop_iothread"),
        "test_loop": ("co_sleep", "loop_timer", "loop_watch", "loop_uring", "loop_epoll", "loop_impl"),
    }
    part_of = {part: program for program, names in parts.items() for part in names}
    stems = {path.stem for pattern in (*GENERIC, "co_*.[ch]", "loop*.h") for path in RUNTIME.glob(pattern)}
    assert {part_of.get(stem, f"test_{stem}") for stem in stems} <= set(PROGRAMS)


FORBIDDEN = re.compile(
    r"\b(makecontext|swapcontext|setcontext|getcontext|sigaltstack|setjmp|_setjmp|sigsetjmp|longjmp|_longjmp|siglongjmp"
    r"|ucontext_t|MAP_STACK|MAP_GROWSDOWN|pthread_attr_setstack|__builtin_setjmp|__builtin_longjmp)\b"
)
ASM = re.compile(r"\b(asm|__asm__|__asm)\b")


def _code(text: str) -> str:
    """Without comments, string literals and a filter's names of system calls, which may name anything."""
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|SCMP_SYS\(\w+\)', " ", text, flags=re.DOTALL)


def test_no_stack_is_switched() -> None:
    """Nothing that switches stacks in runtime/; and no assembler at all in what coroutines run on."""
    files = sorted([*RUNTIME.rglob("*.c"), *RUNTIME.rglob("*.h")])
    assert files
    found = [f"{path}: {match}" for path in files for match in FORBIDDEN.findall(_code(path.read_text()))]
    coroutine_files = [path for path in files if path.stem.startswith(("co", "loop"))]
    found += [f"{path}: {match}" for path in coroutine_files for match in ASM.findall(_code(path.read_text()))]
    assert found == []


def test_forbidden_words_are_found() -> None:
    """The check above can fail: tests/stackful does what it forbids."""
    assert FORBIDDEN.search(_code((STACKFUL / "co_stackful.c").read_text()))


def test_unknown_back_end_is_refused(build: Build) -> None:
    done = subprocess.run(
        [build("test_loop", "gcc"), "timers"],
        capture_output=True, text=True, timeout=60, env={**os.environ, "CPC_AIO": "select"}, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "error loop: CPC_AIO is 'select'; it may be io_uring or epoll" in done.stderr
