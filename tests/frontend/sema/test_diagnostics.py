"""Every fault in a declaration has its code and place, and no input makes sema raise anything but `Abort`."""

from __future__ import annotations

import random
import re
import traceback
from pathlib import Path

import pytest

from cpc.codes import CODES
from tests.frontend.sema.fake import analyse, try_analyse

FAULTS = [
    ("E0004", "int x" + "[1]" * 501 + ";"),
    ("E0201", "int x; void f(void) { int y; int y; }"),
    ("E0201", "int x = 1; int x = 2;"),
    ("E0201", "void f(void) {} void f(void) {}"),
    ("E0201", "struct s { int a; }; struct s { int a; };"),
    ("E0201", "enum e { A }; enum e { B };"),
    ("E0201", "enum { A }; int A;"),
    ("E0201", "enum { A, A };"),
    ("E0201", "struct s { int a; char a; };"),
    ("E0201", "struct s { int a; struct { union { char a; }; }; };"),
    ("E0201", "void f(int a, int a);"),
    ("E0201", "int f(void); int f;"),
    ("E0202", "int x; long x;"),
    ("E0202", "int f(int); int f(long);"),
    ("E0202", "int f(int, ...); int f(int);"),
    ("E0202", "int f(); int f(char);"),
    ("E0202", "int f(a) int a; { return a; } int f(int, int);"),
    ("E0202", "int f(a) int *a; { return *a; } int f(long);"),
    ("E0202", "int f() { return 0; } int f(int);"),
    ("E0202", "int f(int); int f(a) long a; { return 0; }"),
    ("E0202", "int f(int); int f() { return 0; }"),
    ("E0202", "void g(void) { int f(int); } int f(a, b) int a, b; { return 0; }"),
    ("E0202", "extern int x[3]; int x[4];"),
    ("E0202", "const int x; int x;"),
    ("E0202", "typedef int t; typedef long t;"),
    ("E0202", "int x; void f(void) { extern char x; }"),
    ("E0203", "struct s; union s x;"),
    ("E0203", "enum e { A }; struct e *p;"),
    ("E0204", 'int f(void); int __attribute__((annotate("coroutine_fn"))) f(void);'),
    ("E0205", "void f(int n) { static int a[n]; }"),
    ("E0206", "static extern int x;"),
    ("E0206", "register int x;"),
    ("E0206", "int x; static int x;"),
    ("E0206", "static int x; int x;"),
    ("E0206", "int f(void); static int f(void);"),
    ("E0206", "__thread int x; int x;"),
    ("E0206", "void f(void) { __thread int x; }"),
    ("E0206", "void f(void) { static int g(void); }"),
    ("E0206", "auto int x;"),
    ("E0207", "struct s x;"),
    ("E0207", "void x;"),
    ("E0207", "void f(void) { struct s x; }"),
    ("E0207", "void f(void) { int a[]; }"),
    ("E0207", "struct s { struct t x; };"),
    ("E0207", "struct s { struct s x; };"),
    ("E0207", "struct s a[3];"),
    ("E0207", "int a[][];"),
    ("E0207", "void f(struct s x) { }"),
    ("E0207", "struct s f(void) { }"),
    ("E0207", "struct s x = {1};"),
    ("E0208", "int f(void) = 3;"),
    ("E0208", "void f(void) { extern int x = 1; }"),
    ("E0209", "void f(int n) { int a[n] = {1}; }"),
    ("E0210", "int n; int a[n];"),
    ("E0210", "int n; struct s { int a : n; };"),
    ("E0210", "int n; enum { A = n };"),
    ("E0210", 'int n; _Static_assert(n, "");'),
    ("E0210", "void f(double d) { int a[d]; }"),
    ("E0211", "int a[-1];"),
    ("E0212", "char a[0x7fffffffffffffff][2];"),
    ("E0212", "int a[1l << 40][1l << 40];"),
    ("E0213", "struct s { float a : 3; };"),
    ("E0213", "struct s { int a : 33; };"),
    ("E0213", "struct s { _Bool a : 2; };"),
    ("E0213", "struct s { int a : -1; };"),
    ("E0213", "struct s { int a : 0; };"),
    ("E0214", "struct s { int a[]; int b; };"),
    ("E0215", "enum e { A = 0xffffffffffffffff, B };"),
    ("E0221", "void f(void) { __auto_type x; }"),
    ("E0221", "void f(void) { __auto_type x = {1}; }"),
    ("E0222", "short double x;"),
    ("E0222", "unsigned float x;"),
    ("E0222", "long char x;"),
    ("E0223", "int f(void)[3];"),
    ("E0223", "int f(void)(void);"),
    ("E0223", "int a[3](void);"),
    ("E0223", "struct s { int f(void); };"),
    ("E0224", "void f(int, void);"),
    ("E0224", "void f(void x);"),
    ("E0224", "int f(a) int b; { return 0; }"),
    ("E0224", "int f(int a) int a; { return 0; }"),
    ("E0225", "struct s { int a; }; typedef struct s v __attribute__((vector_size(16)));"),
    ("E0225", "struct { __attribute__((mode(DI))) union u { int a; } : 64; } s;"),
    ("E0341", "typedef long double v __attribute__((vector_size(32)));"),
    ("E0341", "typedef __int128 v __attribute__((vector_size(16)));"),
    ("E0225", "typedef long v __attribute__((vector_size(4)));"),
    ("E0226", "typedef int t __attribute__((aligned(16))); t a[2];"),
    ("E0230", "int a[] = 3;"),
    ("E0230", 'char a[] = L"x";'),
    ("E0231", "int a = {.x = 1};"),
    ("E0231", "int a[2] = {.x = 1};"),
    ("E0231", "struct { int a; } x = {[0] = 1};"),
    ("E0231", "struct { int a; } x = {.b = 1};"),
    ("E0231", "struct { int a; } x = {.a.b = 1};"),
    ("E0232", "int x __attribute__((section));"),
    ("E0232", 'int x __attribute__((visibility("none")));'),
    ("E0232", "typedef int v __attribute__((vector_size(3)));"),
    ("E0233", "int x __attribute__((aligned(3)));"),
    ("E0233", "_Alignas(5) int x;"),
    ("E0234", 'int __attribute__((annotate("coroutine_fn"))) x;'),
    ("E0235", "int n; int x = n;"),
    ("E0235", "int f(void); int x[] = {1, f()};"),
    ("E0235", "int n; char x = (char)&n;"),
    ("E0236", "char a[1l << 40] = {[0 ... (1l << 40) - 1] = 1};"),
    ("E0236", "struct { int a[1 << 20][1 << 10]; } x = {.a = {[0 ... (1 << 20) - 1] = {[0 ... 1023] = 1}}};"),
    ("E0236", "char o[1l << 40] = {[5] = 1};"),
    ("E0237", "struct s { int n; int v[]; }; void f(void) { struct s x = {1, {2}}; }"),
    ("E0237", "struct s { int n; int v[]; }; struct { struct s a; } x = {{1, {2}}};"),
    ("E0237", 'struct s { int n; char v[]; } x[] = {{1, "two"}};'),
    ("E0238", "int a[3] = {[3] = 1};"),
    ("E0238", "int a[3] = {[2 ... 1] = 1};"),
    ("E0238", "int a[] = {[-1] = 1};"),
    ("E0232", "void f(void) __attribute__((noreturn(1)));"),
    ("E0232", "int f(const char *, ...) __attribute__((format(printf, 1)));"),
    ("E0232", "void *f(int) __attribute__((alloc_size));"),
    ("E0206", "static int f(void) __attribute__((weak));"),
    ("E0206", "static int f(void) { return 1; } int f(void) __attribute__((weak));"),
    ("E0206", "int f(void) { static int v __attribute__((weak)); return v; }"),
    ("W0231", "int x __attribute__((aligned(0)));"),
    ("E0238", "struct s { int a[2], b; } x = {1, 2, 3, {4}};"),
    ("E0215", "enum e { A = 256 } __attribute__((mode(QI)));"),
    ("E0201", 'int f(void) { return 0; } int g(void) { return 1; } int g(void) __attribute__((alias("f")));'),
    ("E0201", 'int f(void) __attribute__((alias("g"))); int f(void) { return 0; }'),
    ("E0340", "int x __attribute__((aligned(32))); int y __attribute__((copy(x)));"),
    ("E0340", "struct s { int a; }; struct __attribute__((copy((struct s *)0))) t { int b; };"),
    ("E0240", '_Static_assert(1 == 2, "no");'),
    ("E0240", 'struct s { int a; _Static_assert(0, "no"); };'),
    ("E0241", "int a = 99999999999999999999999999999999999999;"),
    ("E0241", 'char a[] = "\\ud800";'),
    ("W0237", "inline int x;"),
    ("W0238", 'char a[] = "\\xfff";'),
    ("E0206", "int f(static int a);"),
    ("E0206", "int f(_Thread_local int a);"),
    ("E0206", "typedef static int t;"),
    ("E0206", "typedef _Thread_local int t;"),
    ("E0207", "enum e x;"),
    ("E0207", "_Alignas(struct s) int x;"),
    ("E0210", "int f(int a[*]) { return 0; }"),
    ("E0213", "struct s { _Atomic int a : 3; };"),
    ("E0215", "enum { A = 0x7fffffffffffffff, B };"),
    ("E0222", "restrict int x;"),
    ("E0222", "int (*restrict x)(void);"),
    ("E0222", "typedef int t[3]; restrict t x;"),
    ("E0222", "typedef int t[3]; _Atomic t x;"),
    ("E0224", "int f(int a[2][static 3]);"),
    ("E0224", "int a[static 3];"),
    ("E0224", "int f(const void);"),
    ("E0224", "int f(...);"),
    ("E0233", "_Alignas(1) int x;"),
    ("E0233", "_Alignas(16) int f(void);"),
    ("E0233", "int f(_Alignas(16) int x);"),
    ("E0233", "struct s { _Alignas(16) int a : 3; };"),
    ("E0233", "struct s { _Alignas(16) int : 3; };"),
    ("E0340", "int f(void) __attribute__((ms_struct));"),
    ("E0340", "typedef int t __attribute__((mode(QQ)));"),
    ("E0341", "_Float16 x;"),
    ("E0342", "void f(int n) { struct s { int a[n]; }; }"),
    ("E0343", 'register long x asm("rbx");'),
    ("W0231", "int x __attribute__((frobnicate));"),
    ("W0232", "void f(struct s *p);"),
    ("W0234", "int x[];"),
    ("W0235", "int a[2] = {1, 2, 3};"),
    ("W0235", "int a = {1, 2};"),
    ("W0236", 'char a[2] = "abc";'),
]


@pytest.mark.parametrize(("code", "text"), FAULTS, ids=[f"{c}-{i}" for i, (c, _) in enumerate(FAULTS)])
def test_fault_has_its_code_and_place(code: str, text: str) -> None:
    _, diags = analyse(text)
    assert [d.code for d in diags.items] == [code], [f"{d.code} {d.message}" for d in diags.items]
    assert diags.items[0].loc.line == 1 or code == "E0236"
    assert code in CODES


def test_every_code_of_sema_is_provoked_and_registered() -> None:
    folder = Path(__file__).parents[3] / "cpc" / "frontend"
    used = {code for file in folder.glob("*.py") for code in re.findall(r'"([EW]02[0-4]\d|E034\d)"', file.read_text())}
    tested = {code for code, _ in FAULTS} | {"W0230", "W0233", "E0220"}
    assert used <= tested
    assert used <= set(CODES)


def test_notes_show_the_earlier_place() -> None:
    _, diags = analyse("int x;\nlong x;\n")
    (found,) = diags.items
    assert (found.loc.line, found.notes[0].loc.line) == (2, 1)
    assert "'long'" in found.message and "'int'" in found.notes[0].message


def test_one_fault_does_not_hide_the_next() -> None:
    _, diags = analyse("int a[-1];\nstruct s x;\nint ok;\nint f(void) = 1;\n")
    assert sorted(d.loc.line for d in diags.items) == [1, 2, 4]


def test_mutated_declarations_never_break_sema() -> None:
    """Declarations with words dropped, doubled and exchanged: faults are reported, nothing else is raised."""
    words = [re.findall(r'"(?:\\.|[^"\\])*"|\w+|\.\.\.|\S', text) for _, text in FAULTS]
    pool = [word for text in words for word in text]
    rng = random.Random(7)
    parsed = 0
    for _ in range(2000):
        text = list(rng.choice(words))
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(text))
            match rng.randrange(3):
                case 0 if len(text) > 1:
                    del text[at]
                case 1:
                    text.insert(at, text[at])
                case _:
                    text[at] = rng.choice(pool)
        parsed += _survives(" ".join(text))
    assert parsed > 250


def _survives(text: str) -> bool:
    try:
        return try_analyse(text) is not None
    except AssertionError as error:  # the fake evaluator knows few expressions
        if Path(traceback.extract_tb(error.__traceback__)[-1].filename).name != "fake.py":
            raise
        return False
