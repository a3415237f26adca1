"""Options that change what a program means: each program does under them what it does when gcc compiled it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cc.conftest import Cpc

_PRINT = "int printf(const char *, ...);\n"
_SCOPES = """
struct s { char c; };
static unsigned before(void) { if (sizeof(struct s { int a[4]; })) ; return sizeof(struct s); }
static unsigned inside(void) {
    while (sizeof(struct s { int a[9]; }) == 0) ;
    for (;;) { break; }
    switch (sizeof(struct s)) { default: ; }
    return sizeof(struct s);
}
int main(void) { printf("%u %u\\n", before(), inside()); return 0; }
"""
_INLINE = """
inline int f(int x) { return x + 1; }
extern inline int g(int x) { return x + 2; }
int g(int x) { return x + 20; }
int main(void) { int (*p)(int) = f; printf("%d %d\\n", p(1), g(1)); return 0; }
"""
_BITS = """
typedef int plain; typedef signed int said;
struct s { int a : 3; plain b : 3; said c : 3; signed d : 3; char e : 2; long f : 40; };
int main(void) { struct s s = { -1, -1, -1, -1, -1, -1 };
    printf("%d %d %d %d %d %ld\\n", s.a, s.b, s.c, s.d, s.e, (long)s.f); return 0; }
"""
_SIZES = """
enum small { A, B = 200 }; enum negative { C = -1, D = 300 };
struct s { char c; long l; short h; };
int main(void) { printf("%d %d %d\\n", (int)sizeof(enum small), (int)sizeof(enum negative), (int)sizeof(struct s));
    return 0; }
"""
_MEMBERS = """
struct inner { int a, b; }; typedef union { long l; char c[8]; } words;
struct outer { int first; struct inner; words; };
int main(void) { struct outer o = { 1, { 2, 3 }, { 4 } };
    printf("%d %d %d %ld %d\\n", (int)sizeof o, o.a, o.b, o.l, o.c[0]); return 0; }
"""
_NAMES = 'static int asm = 1, typeof = 2; int main(void) { printf("%d\\n", asm + typeof); return 0; }'
_OLD_NAMES = 'int main(void) { int restrict = 3; printf("%d\\n", restrict); return 0; }'

CASES = [
    *((f"-std={name}", _SCOPES) for name in ("c90", "gnu89", "iso9899:1990", "c99", "gnu17")),
    ("-ansi", _SCOPES),
    *((options, _INLINE) for options in ("-std=gnu89", "-std=c90", "-ansi -Wno-pedantic", "-fgnu89-inline")),
    *((options, _BITS) for options in ("-funsigned-bitfields", "-fsigned-bitfields", "-fno-signed-bitfields")),
    ("-fms-extensions", _MEMBERS),
    *((options, _NAMES) for options in ("-std=c99", "-std=c11 -g", "-ansi", "-fno-asm")),
    *((options, _OLD_NAMES) for options in ("-std=gnu89", "-std=c90")),
    ("--param max-gcse-memory=9", _SIZES),
    *((options, _SIZES) for options in ("-fshort-enums", "-fpack-struct", "-fpack-struct=4")),
]


@pytest.mark.parametrize(("options", "program"), CASES, ids=[f"{i}{o}" for i, (o, _) in enumerate(CASES)])
def test_means_what_it_means_to_gcc(cpc: Cpc, tmp_path: Path, options: str, program: str) -> None:
    source = _PRINT + (program.replace("inline", "__inline__") if "c90" in options or "ansi" in options else program)
    (tmp_path / "p.c").write_text(source)
    subprocess.run(["gcc", "-w", *options.split(), "p.c", "-o", "by_gcc"], cwd=tmp_path, check=True)
    expected = subprocess.run(["./by_gcc"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    result = cpc("cc", "-w", *options.split(), "p.c", "-o", "by_cpc")
    assert result.status == 0, result.err
    assert subprocess.run(["./by_cpc"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout == expected


def test_common_symbols_meet(cpc: Cpc, tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("int shared; int own __attribute__((nocommon)); int main(void) { return shared; }\n")
    (tmp_path / "b.c").write_text("int shared = 3;\n")
    (tmp_path / "c.c").write_text("long shared[4]; int marked __attribute__((common));\n")
    assert cpc("cc", "-fcommon", "a.c", "b.c", "c.c", "-o", "p").status == 0
    assert subprocess.run([tmp_path / "p"], check=False).returncode == 3
    assert cpc("cc", "a.c", "b.c", "-o", "p").status == 1
    assert cpc("cc", "-fcommon", "-c", "a.c").status == 0
    assert cpc("cc", "-c", "c.c").status == 0
    symbols = subprocess.run(["nm", "a.o", "c.o"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    kinds = {line.split()[-1]: line.split()[-2] for line in symbols.split("\n") if len(line.split()) > 1}
    assert (kinds["own"], kinds["marked"]) == ("B", "C")


@pytest.mark.parametrize("expression", ["a + b", "a - -b", "a * b", "-c", "a += b", "c--", "++a"])
def test_signed_overflow_traps(cpc: Cpc, tmp_path: Path, expression: str) -> None:
    (tmp_path / "p.c").write_text(
        "int main(int n, char **v) { int a = 0x7ffffffe + n, b = n + 1, c = -0x7fffffff - n;"
        f" volatile int r = {expression}; return r != r; }}\n"
    )
    for level in ("-O0", "-O2"):
        assert cpc("cc", level, "-ftrapv", "p.c", "-o", "p").status == 0
        assert subprocess.run([tmp_path / "p"], check=False).returncode == -6


def test_versions_of_a_symbol(cpc: Cpc, tmp_path: Path) -> None:
    (tmp_path / "p.c").write_text('__attribute__((symver("f@V1"))) int f1(void) { return 1; }\n')
    (tmp_path / "map").write_text("V1 { global: *; };\n")
    assert cpc("cc", "-shared", "-fPIC", "-Wl,--version-script=map", "p.c", "-o", "p.so").status == 0
    shown = subprocess.run(["nm", "-D", "p.so"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert " T f@V1\n" in shown
