"""--fix changes what is wrong, and nothing else: the second run is clean and the text compiles."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

import pytest

from cpc.cli import main
from cpc.frontend.preprocess import Preprocessor
from cpc.program.collect import FactsJob, collect
from cpc.program.infer import infer
from cpc.program.program import linked
from cpc.program.repair import changes

HEADER = """\
#ifndef A_H
#define A_H
#define coroutine_fn
typedef struct S S;
struct plain_ops { char *(*name)(S *s); int (*get)(int fd); };
struct ops { int coroutine_fn (*run)(S *s); };
int coroutine_fn co_read(int fd);

int helper(S *s,   /* the state */
           int n);
char *name(S *s); int coroutine_fn sum(int a, int b);
#endif
"""
SOURCE = """\
#include "a.h"
struct S { int fd; };\f
static int deeper(S *s) { return co_read(s->fd); }   /* keeps deeper() */
int helper(S *s, int n)
{
    return n ? deeper(s) : sum(n, 1);
}

char *
name(S *s)
{
    return co_read(s->fd) ? "a" : "b";
}
static int run(S *s) { return helper(s, 1) + (name(s) != 0); }
const struct plain_ops plain_table = { .get = co_read };
const struct ops table = { .run = run };
int coroutine_fn sum(int a, int b) { return a + b; }
int coroutine_fn co_read(int fd) { extern int coroutine_fn qemu_coroutine_yield(void); return qemu_coroutine_yield(); }
"""
FIXED_HEADER = (
    HEADER.replace("int helper", "int coroutine_fn helper")
    .replace("char *name", "char *coroutine_fn name")
    .replace("int (*get)", "int coroutine_fn (*get)")
    .replace("int coroutine_fn sum", "int sum")
)
FIXED_SOURCE = (
    SOURCE.replace("int deeper", "int coroutine_fn deeper")
    .replace("int helper", "int coroutine_fn helper")
    .replace("char *\nname", "char * coroutine_fn\nname")
    .replace("static int run", "static int coroutine_fn run")
    .replace("int coroutine_fn sum", "int sum")
)


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPC_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    Path("a.h").write_text(HEADER)
    Path("a.c").write_text(SOURCE)


def test_fix(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "a.c", "--fix", "--dry-run"]) == 1
    diff = capsys.readouterr().out
    assert Path("a.c").read_text() == SOURCE
    subprocess.run(["patch", "-p1", "--dry-run"], input=diff, text=True, check=True, capture_output=True)
    Path("build").mkdir()
    with contextlib.chdir("build"):
        assert main(["lint", "../a.c", "--fix", "--dry-run"]) == 1
    seen = capsys.readouterr()
    assert seen.out == diff and f"patch -p1 -d '{Path.cwd()}'" in seen.err
    assert main(["lint", "a.c", "--fix"]) == 0
    assert Path("a.h").read_text() == FIXED_HEADER
    assert Path("a.c").read_text() == FIXED_SOURCE
    assert main(["lint", "a.c", "--fix", "--dry-run"]) == 0
    subprocess.run(["cc", "-fsyntax-only", "-w", "a.c"], check=True)


def test_infer_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "a.c", "--infer"]) == 1
    out = capsys.readouterr().out
    assert "mark 'deeper' coroutine_fn: a.c:3: 'deeper' calls coroutine_fn 'co_read'" in out
    assert "mark 'helper' coroutine_fn:" in out and "remove the annotation of 'sum'" in out
    assert Path("a.c").read_text() == SOURCE


BESIDE = """\
#include <qemu/coroutine.h>
int coroutine_fn co_read(int fd);
int coroutine_mixed_fn read_any(int fd);
void trace(void *co);
int number(int n);
int plus(int n);
int ask(void *opaque);
int sized(int n);
static int begin(int n);
struct type { int (*begin)(int n); } type = { begin };
static int begin(int n) { return n; }
int either(int fd);
int logged(int fd);
struct driver { int (*open)(int fd); int (*get)(int fd); int coroutine_fn (*co_open)(int fd); };
static int one_open(int fd) { return read_any(fd); }
static int other_open(int fd) { return number(fd); }
static int least(int n) { return plus(n) - 1; }
int plus(int n) { return n + 1; }
int sized(int n) { return ask(&type) + n; }
static int through(const struct driver *d, int fd) { return d->get(fd); }
static int coroutine_fn co_open(int fd) { return co_read(fd); }
int coroutine_fn uses(const struct driver *d, int fd) { return co_read(through(d, fd)); }
const struct driver one = { .open = one_open, .co_open = co_open }, other = { .open = other_open, .get = other_open };
int either(int fd) { return qemu_in_coroutine() ? co_read(fd) : fd; }
int logged(int fd) { trace(qemu_coroutine_self()); return read_any(fd); }
int main(int argc, char **argv)
{
    return one.open(argc) + other.open(1) + other.get(2) + either(2) + logged(3) + number(4) + least(sized(5));
}
int coroutine_fn co_read(int fd) { qemu_coroutine_yield(); return fd; }
"""
CHANGED = {  # what is changed, and the repair
    "given to a plain pointer": ("static int one_open", "static int coroutine_fn one_open", "one_open", ""),
    "not given to its pointer": ("static int coroutine_fn co_open", "static int co_open", "co_open", "coroutine_fn"),
    "asks where it runs": ("int either(int fd);", "int coroutine_fn either(int fd);", "either", ""),
    "not read, and called by plain functions": ("int number(", "int coroutine_fn number(", "number", ""),
    "marks that nothing needs": ("int plus(", "int coroutine_fn plus(", "plus", ""),
    "marks that no caller may have": ("int sized(", "int coroutine_fn sized(", "sized", ""),
    "given to a pointer that nobody calls": ("static int begin(", "static int coroutine_fn begin(", "begin", ""),
    "called by plain functions": ("int logged(int fd);", "int coroutine_fn logged(int fd);", "logged", ""),
    "names say nothing against it": (
        "int either(int fd);",
        "int either(int fd);\nint x_co_sum(int n);\nint coroutine_fn x_co_sum(int n) { return n; }\n"
        "int coroutine_fn f(int n) { return co_read(x_co_sum(n)); }",
        "x_co_sum",
        "",
    ),
    "pointer that plain functions call": (
        "int (*get)(int fd); int coroutine_fn",
        "int coroutine_fn (*get)(int fd); int coroutine_fn",
        "member driver.get",
        "",
    ),
}


@pytest.mark.parametrize("before, after, name, color", CHANGED.values(), ids=CHANGED.keys())
def test_one_of_two_is_wrong(before: str, after: str, name: str, color: str) -> None:
    """Which of two annotations that contradict each other is repaired."""
    Path("c.c").write_text(BESIDE.replace(before, after))
    program = linked(collect([FactsJob("c.c", Preprocessor())], workers=1))
    assert not program.faults
    repairs = [repair for repair, _ in infer(program).repairs.values()]
    assert [(repair.slot or program.name(repair.function), repair.color) for repair in repairs] == [(name, color)]


COUNTED = """\
#include <qemu/coroutine.h>
#include <qemu/lockable.h>
typedef int coroutine_fn Entry(int n);
typedef int coroutine_fn (*handler)(int n);
int coroutine_fn co_read(int fd);
int with(int n, int (*visit)(int n));
static CoMutex lock;
static Entry one, other, third;
static int coroutine_fn one(int n) { return n; }
static int coroutine_fn other(int n) { return co_read(n); }
static int coroutine_fn third(int n) { return n + 1; }
static int coroutine_fn left(int n) { return n; }
static int coroutine_fn right(int n) { return n - 1; }
static int one_less(int n) { return n; }
static int two_less(int n) { return n; }
static int start(int n) { return n; }
struct table { handler handle; int (*less)(int n); int (*go)(int n); };
const struct table table[] = { { left, one_less, start }, { right, two_less, start } };
static int coroutine_fn locked(int n) { QEMU_LOCK_GUARD(&lock); return n; }
static int inner(int n) { return n; }
int coroutine_mixed_fn mixed(int n) { return inner(n); }
static int coroutine_fn (*kept)(int n);
static void keep(int coroutine_fn (*fn)(int n)) { kept = fn; }
static int coroutine_fn slow(int n) { return co_read(n); }
static int coroutine_fn outer(int n) { return slow(n) + locked(n); }
static int compare(int n) { return table[n].less(n); }
int with(int n, int (*visit)(int n)) { return visit(n); }
static int trampoline(Entry *entry) { int (*ramp)(int n) = (int (*)(int n))entry; return ramp(1); }
int coroutine_fn all(int n) { keep(co_read); return outer(compare(n)) + table[n].handle(n); }
int main(int argc, char **argv) { return trampoline(one) + trampoline(other) + trampoline(third) + table[0].go(1); }
int coroutine_fn co_read(int fd) { qemu_coroutine_yield(); return fd; }
"""
COUNTED_CHANGES = {
    "functions of a typedef need it": ("typedef int coroutine_fn E", "typedef int E", "typedef", "coroutine_fn"),
    "several functions in a pointer": ("typedef int coroutine_fn (*h", "typedef int (*h", "typedef", "coroutine_fn"),
    "one function of several": ("int coroutine_fn left(", "int left(", "c.c:left", "coroutine_fn"),
    "pointer to several plain functions": ("int (*less)", "int coroutine_fn (*less)", "member", ""),
    "parameter, here and there": ("int (*visit)(int n)) {", "int coroutine_fn (*visit)(int n)) {", "parameter", ""),
    "parameter, declared otherwise": ("int (*visit)(int n));", "int coroutine_fn (*visit)(int n));", "parameter", ""),
    "what is cast says nothing": ("int (*ramp)(int n) =", "int coroutine_fn (*ramp)(int n) =", "local", ""),
    "a guard is for coroutines": ("coroutine_fn outer(", "outer(", "c.c:outer", "coroutine_fn"),
    "a pointer given to another": ("coroutine_fn (*kept)", "(*kept)", "variable", "coroutine_fn"),
    "called by a mixed function": ("static int inner(", "static int coroutine_fn inner(", "c.c:inner", ""),
    "the callee lost its mark": ("coroutine_fn slow(", "slow(", "c.c:slow", "coroutine_fn"),
}


@pytest.mark.parametrize("before, after, subject, color", COUNTED_CHANGES.values(), ids=COUNTED_CHANGES.keys())
def test_the_most_marks_decide(before: str, after: str, subject: str, color: str) -> None:
    """Where functions say nothing themselves; --fix puts the text back."""
    Path("c.c").write_text(COUNTED.replace(before, after))
    assert COUNTED.count(before) == 1
    program = linked(collect([FactsJob("c.c", Preprocessor())], workers=1))
    assert not program.faults
    repairs = [repair for repair, _ in infer(program).repairs.values()]
    assert [(repair.subject.split(" ")[0], repair.color) for repair in repairs] == [(subject, color)]
    assert {name: new for name, (_, new) in changes(program, repairs).texts.items()} == {"c.c": COUNTED}


def test_changes_that_break_a_file_are_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    text = '__attribute__((annotate("coroutine_fn"))) int co(void);\n#undef coroutine_fn\n'
    Path("b.c").write_text(f"{text}static int f(void) {{ return co(); }}\nint (*g)(void);\n")
    before = Path("b.c").read_text()
    assert main(["lint", "b.c", "--fix"]) == 2
    assert Path("b.c").read_text() == before
    assert "nothing was changed" in capsys.readouterr().err
