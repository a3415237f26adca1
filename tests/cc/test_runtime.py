"""The coroutine runtime: found without -I, compiled by cpc at first use, linked only when a program needs it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cpc.elf import symbols_of
from tests.cc.conftest import Cpc

PROGRAM = """\
#include <stdio.h>
#include <qemu/coroutine.h>
static int coroutine_fn twice(int x) { qemu_coroutine_yield(); return 2 * x; }
static void coroutine_fn work(void *opaque) { for (int i = 1; i < 4; i++) *(int *)opaque += twice(i); }
int main(void)
{
    int sum = 0, n = 0;
    Coroutine *co = qemu_coroutine_create(work, &sum);
    for (; n < 4; n++)
        qemu_coroutine_enter(co);
    printf("%d\\n", sum);
    return 0;
}
"""


@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_linked_by_itself(cpc: Cpc, level: str) -> None:
    Path("co.c").write_text(PROGRAM)
    done = cpc("cc", level, "-g", "co.c", "-o", "co")
    assert done.status == 0, done.err
    assert subprocess.run(["./co"], capture_output=True, timeout=20, check=True).stdout == b"12\n"


def test_not_linked_without_need(cpc: Cpc) -> None:
    Path("m.c").write_text("int main(void) { return 0; }")
    assert cpc("cc", "-g", "m.c", "-o", "m").status == 0
    assert b"co_current" not in Path("m").read_bytes()


def test_symbols_of_objects_and_archives(cpc: Cpc) -> None:
    Path("a.c").write_text("int b(void); static int hidden; int a(void) { return b() + hidden; } int common;")
    Path("b.c").write_text("int c(void); int b(void) { return c(); }")
    subprocess.run(["cc", "-c", "a.c", "b.c"], check=True)
    subprocess.run(["ar", "rcs", "lib.a", "a.o", "b.o"], check=True)
    symbols = symbols_of(Path("a.o"))
    assert {"a", "common"} <= symbols.defined and "b" in symbols.undefined and "hidden" not in symbols.defined
    symbols = symbols_of(Path("lib.a"))
    assert {"a", "b"} <= symbols.defined and "c" in symbols.undefined


@pytest.mark.parametrize("size", [0, 5, 16, 63, 64, 100, 500, 900])
def test_damaged_objects_have_no_symbols_but_do_no_harm(cpc: Cpc, size: int) -> None:
    Path("a.c").write_text("int a(void) { return 1; }")
    subprocess.run(["cc", "-c", "a.c"], check=True)
    data = Path("a.o").read_bytes()
    Path("cut.o").write_bytes(data[:size])
    symbols_of(Path("cut.o"))
    Path("bad.o").write_bytes(data[:40] + b"\xff" * 24 + data[64:])
    symbols_of(Path("bad.o"))
    Path("bad.a").write_bytes(b"!<arch>\n" + b"\xff" * size)
    symbols_of(Path("bad.a"))


PLUGIN = """\
#include <qemu/coroutine.h>
int coroutine_fn plugin_twice(int x) { qemu_coroutine_yield(); return 2 * x; }
Coroutine *plugin_self(void) { return qemu_coroutine_self(); }
static void coroutine_fn own(void *opaque) { *(int *)opaque = plugin_twice(21); }
int plugin_alone(void)
{
    int result = 0;
    Coroutine *co = qemu_coroutine_create(own, &result);
    qemu_coroutine_enter(co);
    qemu_coroutine_enter(co);
    return result;
}
"""
HOST = """\
#include <dlfcn.h>
#include <qemu/coroutine.h>
#include <stdio.h>
static int coroutine_fn (*twice)(int);
static Coroutine *(*self)(void);
static int same;
static void coroutine_fn work(void *opaque)
{
    same = self() == qemu_coroutine_self();
    *(int *)opaque = twice(*(int *)opaque);
}
int main(void)
{
    void *library = dlopen("./libplugin.so", RTLD_NOW);
    int n = 4;
    Coroutine *co = qemu_coroutine_create(work, &n);

    twice = (int coroutine_fn (*)(int))dlsym(library, "plugin_twice");
    self = (Coroutine *(*)(void))dlsym(library, "plugin_self");
    qemu_coroutine_enter(co);
    printf("%d ", n);
    qemu_coroutine_enter(co);
    printf("%d %d\\n", n, same);
    return 0;
}
"""
FOREIGN_HOST = """\
#include <dlfcn.h>
#include <stdio.h>
int main(void) { printf("%d\\n", ((int (*)(void))dlsym(dlopen("./libplugin.so", RTLD_NOW), "plugin_alone"))()); }
"""


def test_one_runtime_in_a_process(cpc: Cpc) -> None:
    """A library that is loaded shares the runtime of its program; in a program that has none it brings its own."""
    Path("plugin.c").write_text(PLUGIN)
    Path("host.c").write_text(HOST)
    Path("foreign.c").write_text(FOREIGN_HOST)
    done = cpc("cc", "-O2", "-shared", "-fPIC", "plugin.c", "-o", "libplugin.so")
    assert done.status == 0, done.err
    done = cpc("cc", "-O2", "host.c", "-o", "host")
    assert done.status == 0, done.err
    subprocess.run(["cc", "foreign.c", "-o", "foreign"], check=True)
    assert subprocess.run(["./host"], capture_output=True, timeout=20, check=True).stdout == b"4 8 1\n"
    assert subprocess.run(["./foreign"], capture_output=True, timeout=20, check=True).stdout == b"42\n"
