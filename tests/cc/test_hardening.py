"""Options that distributions build with: the code has what they ask for, and programs with coroutines still run."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cc.conftest import Cpc

_PROGRAM = """\
#include <stdio.h>
#include <string.h>
#include <qemu/coroutine.h>
extern int puts(const char *);
static int coroutine_fn down(int n)
{
    char big[20000];
    memset(big, n, sizeof big);
    qemu_coroutine_yield();
    return big[n] + (n ? down(n - 1) : 0);
}
void use(char *);
void large(void) { char buffer[20000]; use(buffer); }
void use(char *p) { __asm__("" : : "r"(p) : "memory"); }
static void coroutine_fn run(void *p) { printf("%d\\n", down(3)); }
int main(int argc, char **argv)
{
    Coroutine *co = qemu_coroutine_create(run, NULL);
    char text[16];
    for (int i = 0; i < 5; i++)
        qemu_coroutine_enter(co);
    strcpy(text, argc > 1 ? argv[1] : "fine");
    return puts(text) < 0;
}
"""
_SIGNS = {
    "-fstack-protector": "__stack_chk_fail",
    "-fstack-protector-strong": "__stack_chk_fail",
    "-fstack-protector-all": "__stack_chk_fail",
    "-fcf-protection": "endbr64",
    "-fcf-protection=branch": "endbr64",
    "-fstack-clash-protection": "subq\t$4096, %rsp",
}


@pytest.mark.parametrize("option", _SIGNS)
def test_the_code_has_it(cpc: Cpc, tmp_path: Path, option: str) -> None:
    (tmp_path / "p.c").write_text(_PROGRAM)
    for words, there in (((option,), True), ((), False)):
        assert cpc("cc", "-S", "-O2", *words, "p.c").status == 0
        assert (_SIGNS[option] in (tmp_path / "p.s").read_text()) == there
    assert cpc("cc", "-O2", option, "p.c", "-o", "p").status == 0
    done = subprocess.run([tmp_path / "p"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "6\nfine\n")


def test_functions_speak_for_themselves(cpc: Cpc, tmp_path: Path) -> None:
    """Attributes stack_protect and no_stack_protector."""
    body = "{ char b[64]; g(b); }"
    text = f"void g(char *);\nvoid plain(void) {body}\n__attribute__((stack_protect)) void with(void) {body}\n"
    (tmp_path / "p.c").write_text(text + f"__attribute__((no_stack_protector)) void without(void) {body}\n")
    for option, count in (("-fstack-protector-explicit", 1), ("-fstack-protector-strong", 2), ("-O2", 0)):
        assert cpc("cc", "-S", option, "p.c").status == 0
        assert (tmp_path / "p.s").read_text().count("__stack_chk_fail@PLT") == count


def test_a_smashed_stack_is_noticed(cpc: Cpc, tmp_path: Path) -> None:
    (tmp_path / "p.c").write_text(_PROGRAM)
    assert cpc("cc", "-O0", "-fstack-protector-strong", "p.c", "-o", "p").status == 0
    done = subprocess.run([tmp_path / "p", "x" * 200], capture_output=True, text=True, check=False)
    assert done.returncode == -6 and "stack smashing detected" in done.stderr


_CHECKED = """\
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>
#include <wchar.h>
static int v(char *b, const char *f, ...)
{
    va_list ap;
    va_start(ap, f);
    int r = vsnprintf(b, 30, f, ap);
    va_end(ap);
    return r;
}
int main(int argc, char **argv)
{
    char b[30] = "", *s = NULL;
    wchar_t w[30];
    fd_set set;
    struct pollfd p = { 0, 0, 0 };
    ssize_t (*reader)(int, void *, size_t) = read;

    printf("%d %s\\n", v(b, "%d-%s", argc, "x"), b);
    asprintf(&s, "%s", b), puts(s), fflush(stdout), dprintf(1, "%s\\n", s);
    swprintf(w, 30, L"%d", 4), printf("%ls\\n", w), wmemset(w, 0, 3);
    FD_ZERO(&set);
    FD_SET(1, &set), printf("%d\\n", !!FD_ISSET(1, &set));
    strncpy(b, "abc", 5), strcat(b, "d"), strncat(b, "efg", 2), stpcpy(b + 6, "z"), memmove(b + 1, b, 3);
    mempcpy(b, "Q", 1), explicit_bzero(b + 9, 1), puts(b), fgets(b, sizeof b, stdin), read(0, b, 0);
    readlink("/none", b, 3), poll(&p, 1, 0), recv(-1, b, 1, 0), realpath("/", NULL);
    (void)fread(b, 1, 1, stdin), (void)confstr(0, b, 3), snprintf(b, 4, "%s", "long text"), puts(b);
    printf("%d\\n", open("/dev/null", O_RDWR | O_CREAT, 0600) > 0);
    printf("%d\\n", (int)reader(openat(AT_FDCWD, "/dev/null", O_RDONLY), b, 1));
    if (argc > 1)
        strcpy(b, argv[1]), puts(b);
    return 0;
}
"""


@pytest.mark.parametrize("options", ["-O2 -D_FORTIFY_SOURCE=2", "-O1 -D_FORTIFY_SOURCE=3 -Wformat", "-O2"])
def test_checked_functions_of_the_library(cpc: Cpc, tmp_path: Path, options: str) -> None:
    (tmp_path / "p.c").write_text(_CHECKED)
    assert cpc("cc", "-w", *options.split(), "p.c", "-o", "p").status == 0
    subprocess.run(["gcc", "-w", *options.split(), "p.c", "-o", "q"], cwd=tmp_path, check=True)
    for arguments in ([], ["text"]):
        runs = [
            subprocess.run(
                [tmp_path / name, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False
            )
            for name in ("p", "q")
        ]
        assert (runs[0].returncode, runs[0].stdout) == (runs[1].returncode, runs[1].stdout)


def test_address_zero(cpc: Cpc, tmp_path: Path) -> None:
    """A pointer that was read through may be null under -fno-delete-null-pointer-checks."""
    (tmp_path / "p.c").write_text("int f(int *p) { int x = *p; return p ? x : 7; }\n")
    assert cpc("cc", "-S", "-O2", "-fno-delete-null-pointer-checks", "p.c").status == 0
    assert "test" in (tmp_path / "p.s").read_text()
    assert cpc("cc", "-S", "-O2", "p.c").status == 0
    assert "test" not in (tmp_path / "p.s").read_text()
