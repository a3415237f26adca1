"""Initialisers of static objects against gcc: the bytes that a program compiled by gcc finds in them, and, for
addresses, the pieces themselves."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cpc.ir.ops import DataAddr, DataBytes, DataLabel, DataPiece, DataZero
from tests.frontend.sema.fake import analyse

PRELUDE = """
struct pt { int x, y; };
struct deep { char tag; struct { struct pt p; union { short s; char c[4]; }; } in; int tail; };
struct bits { unsigned a : 3; int b : 7; unsigned : 5; long c : 40; _Bool d : 1; char e; };
union u { int i; char c[8]; struct pt p; double d; };
struct named { char name[8]; int n; };
struct flex { int n; short v[]; };
struct flexp { char n; struct pt v[]; };
typedef int row[3];
typedef float v4 __attribute__((vector_size(16)));
enum { ZERO, ONE, TWO = 2, BIG = 0x7fffffff, NEG = -5 };
"""

OBJECTS = [
    "int NAME = 5",
    "int NAME = -5",
    "int NAME = {7}",
    "int NAME = {{7}}",
    "char NAME = 'a'",
    "unsigned char NAME = -1",
    "_Bool NAME = 7",
    "long NAME = -1",
    "short NAME = 0x12345",
    "__int128 NAME = 18446744073709551615",
    "float NAME = 1.5f",
    "double NAME = 0.1",
    "long double NAME = 3.14159265358979323846L",
    "_Float128 NAME = 1.1f128",
    "int NAME[] = {1, 2, 3}",
    "int NAME[5] = {1, 2, 3}",
    "int NAME[] = {[3] = 1, 2, [1] = 9, 8}",
    "int NAME[10] = {[2 ... 5] = 7, 8, [0] = 1}",
    "int NAME[10] = {[2 ... 5] = 7, [4] = 1}",
    "int NAME[10] = {[3 ... 9] = 2, [0 ... 5] = 1}",
    "int NAME[10] = {[0 ... 5] = 1, [3 ... 9] = 2}",
    "int NAME[10] = {[4] = 4, [0 ... 9] = 1}",
    "int NAME[2][3] = {1, 2, 3, 4}",
    "int NAME[2][3] = {{1}, {2, 3}}",
    "int NAME[][3] = {1, 2, 3, 4, 5, 6, 7}",
    "int NAME[3][3] = {[1] = {5}, 6, [0][2] = 4, 9}",
    "int NAME[3][3] = {[0 ... 2][1] = 4}",
    "int NAME[3][2] = {[0 ... 1] = {1, 2}, 3}",
    "int NAME[2][2][2] = {{{1}, 2}, 3, 4, 5}",
    "row NAME[2] = {{1, 2}, 3}",
    'char NAME[] = "hello"',
    'char NAME[] = {"hello"}',
    'char NAME[3] = "abc"',
    'char NAME[8] = "abc" "\\x1" "f"',
    'char NAME[2][4] = {"ab", "cd"}',
    "char NAME[][4] = {\"ab\", {'x', 'y'}, \"e\"}",
    "char NAME[] = {'a', 'b', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}",
    'unsigned char NAME[] = "\\377\\0x"',
    'int NAME[] = L"h\\u00e9"',
    'unsigned short NAME[] = u"\\U0001F600"',
    'unsigned NAME[] = U"ab"',
    'char NAME[] = u8"\\u20ac"',
    "struct pt NAME = {1, 2}",
    "struct pt NAME = {.y = 1}",
    "struct pt NAME = {.y = 1, .x = 3}",
    "struct pt NAME = {y: 1, x: 2}",
    "struct pt NAME = {.x = 1, .x = 2}",
    "struct pt NAME[] = {1, 2, 3, 4, {5}, 6}",
    "struct pt NAME[4] = {[2] = {1, 2}, {3}, [0].y = 5, 6}",
    "struct pt NAME[4] = {[1 ... 2] = {.y = 4}}",
    "struct pt NAME[4] = {[1 ... 2].y = 4, 9}",
    "struct pt NAME = (struct pt){3, 4}",
    "struct pt NAME[2] = {(struct pt){3, 4}, {1}}",
    "int NAME[] = (int[]){1, 2, 3}",
    "struct deep NAME = {'a', 1, 2, 3, 4}",
    "struct deep NAME = {'a', {{1, 2}, {3}}, 4}",
    "struct deep NAME = {.in.p.y = 2, 3, .tail = 9}",
    "struct deep NAME = {.in = {.s = 2}, .in.p = {8, 9}}",
    "struct deep NAME = {.in.p.x = 1, .in.p.y = 2, .in.c = {1, 2, 3}}",
    "struct deep NAME = {.in.c[2] = 7, 8, 9}",
    "struct deep NAME = {.in = {{1, 2}, {3}}, .in = {{4}}}",
    "struct bits NAME = {1, -2, 3, 1, 5}",
    "struct bits NAME = {.c = -1, .a = 15}",
    "struct bits NAME[2] = {{7, 1}, {.d = 3}}",
    "union u NAME = {5}",
    'union u NAME = {.c = "ab"}',
    "union u NAME = {.i = 1, .c[1] = 2}",
    "union u NAME = {.p = {1, 2}}",
    "union u NAME = {.p.x = 1, .p.y = 2}",
    "union u NAME[2] = {1, 2}",
    "union u NAME = {.d = 1.0}",
    "union u NAME = {.d = 1.0, .i = 3}",
    "struct { union u a; int b; } NAME = {1, 2}",
    "struct { int a; struct { int b, c; }; int d; } NAME = {1, 2, 3, 4}",
    "struct { int a; struct { int b, c; }; int d; } NAME = {.c = 3, 4}",
    "struct { int a; union { int b; char c; }; int d; } NAME = {.c = 3, 4}",
    'struct named NAME = {"abc", 5}',
    'struct named NAME[] = {"abc", 5, {"d"}, {.n = 2, .name = "xy"}}',
    "struct named NAME = {.name = \"abcdef\", .name[1] = 'X'}",
    "struct named NAME = {.name = {'a'}, 3}",
    "struct { char c; } NAME = {{{1}}}",
    "struct flex NAME = {3, {1, 2, 3}}",
    "struct flex NAME = {.v = {[2] = 5}}",
    "struct flex NAME = {3}",
    "struct flexp NAME = {1, {{1, 2}, {.y = 3}}}",
    'struct { int n; char s[]; } NAME = {1, "hello"}',
    'struct { int n; char s[]; } NAME = {1, {"hello"}}',
    "struct { int a; int v[0]; int b; } NAME = {1, {}, 2}",
    "v4 NAME = {1.0f, 2.0f}",
    "v4 NAME[2] = {{1.0f}, {2.0f, 3.0f}}",
    "enum { A1, B1 } NAME = 1",
    "int NAME[] = {ONE, TWO, NEG, BIG, -ONE, 'x', 010, 0x10, 1 + 2}",
    "long NAME[] = {NEG, -1, 0xffffffff, -2147483648}",
    "struct { char a; long b; char c[3]; } NAME[3] = {{1, 2, {3}}, [2] = {4, 5, 6, 7, 8}}",
    "char NAME[5000] = {[4500] = 3, [1 ... 20] = 1}",
    "int NAME[sizeof(struct deep)] = {[sizeof(int)] = sizeof(long)}",
    "struct { long a : 33; int b[2]; } NAME = {1, 2, 3}",
    "struct { unsigned a : 4, b : 4; } __attribute__((packed)) NAME[] = {{1, 2}, {3, 4}, 5, 6}",
]

PROGRAM = r"""
#include <stdio.h>
static void dump(const void *object, unsigned long size)
{
    for (unsigned long i = 0; i < size; i++)
        printf("%02x", ((const unsigned char *)object)[i]);
    printf("\n");
}
"""


def as_bytes(pieces: list[DataPiece]) -> bytes:
    out = bytearray()
    for piece in pieces:
        match piece:
            case DataBytes(data):
                out += data
            case DataZero(size):
                out += bytes(size)
            case DataAddr():
                out += b"........"
            case DataLabel(size=size):
                out += bytes(size)
    return bytes(out)


def test_bytes_are_gccs(tmp_path: Path) -> None:
    source = PRELUDE + "".join(f"static {o.replace('NAME', f'o{i}')};\n" for i, o in enumerate(OBJECTS))
    sema, diags = analyse(source)
    assert not diags.has_errors, [f"{d.loc.line}: {d.message}" for d in diags.items]
    dumps = "".join(f"dump(&o{i}, sizeof o{i} + extra(o{i}));\n" for i in range(len(OBJECTS)))
    ours = []
    for i, text in enumerate(OBJECTS):
        data = sema.scope.names[f"o{i}"].data
        assert data is not None, text
        ours.append(as_bytes(data).hex())
        size = len(ours[-1]) // 2
        dumps = dumps.replace(f"sizeof o{i} + extra(o{i})", str(size))
    (tmp_path / "p.c").write_text(f"{PROGRAM}{source}int main(void) {{ {dumps} return 0; }}\n")
    subprocess.run(["gcc", "-w", "-o", tmp_path / "p", tmp_path / "p.c"], check=True, timeout=60)
    said = subprocess.run([tmp_path / "p"], check=True, capture_output=True, text=True, timeout=10).stdout.split("\n")
    wrong = [f"{o}\n  ours {a}\n  gcc  {b}" for o, a, b in zip(OBJECTS, ours, said, strict=False) if a != b]
    assert not wrong, "\n".join(wrong)


def test_sizes_are_gccs(tmp_path: Path) -> None:
    """The length an initialiser gives an array, as sizeof sees it."""
    objects = [o for o in OBJECTS if "flex" not in o]
    source = PRELUDE + "".join(f"static {o.replace('NAME', f'o{i}')};\n" for i, o in enumerate(objects))
    sema, _ = analyse(source + "".join(f"long size{i} = sizeof o{i};\n" for i in range(len(objects))))
    checks = ""
    for i in range(len(objects)):
        data = sema.scope.names[f"size{i}"].data
        assert data is not None
        checks += f'_Static_assert(sizeof o{i} == {int.from_bytes(as_bytes(data), "little")}, "o{i}");\n'
    (tmp_path / "p.c").write_text(source + checks)
    subprocess.run(["gcc", "-w", "-fsyntax-only", tmp_path / "p.c"], check=True, timeout=60)


@pytest.mark.parametrize(
    ("declaration", "pieces"),
    [
        ("int *o = &other;", [DataAddr("other")]),
        ("int *o = array + 3;", [DataAddr("array", 12)]),
        ("void (*o)(void) = fn;", [DataAddr("fn")]),
        ("long o = (long)&other;", [DataAddr("other")]),
        ("void *o = &o;", [DataAddr("o")]),
        ('char *o[] = {"a", 0, "b"};', [DataAddr(".str.1"), DataZero(8), DataAddr(".str.2")]),
        ("struct { char c; int *p; } o = {1, &other};", [DataBytes(b"\1" + bytes(7)), DataAddr("other")]),
        ("int *o[3] = {[0 ... 2] = &other};", [DataAddr("other")] * 3),
        ("int *o[2] = {&other, &other, [0] = 0};", [DataZero(8), DataAddr("other")]),
        ("int o[100];", [DataZero(400)]),
        ("int o[0];", []),
        ("int o[100] = {1};", [DataBytes(b"\1"), DataZero(399)]),
        ('extern int renamed asm("real"); int *o = &renamed;', [DataAddr("real")]),
    ],
)
def test_pieces(declaration: str, pieces: list[DataPiece]) -> None:
    sema, diags = analyse(f"int other, array[9]; void fn(void); {declaration}")
    assert not diags.has_errors, [d.message for d in diags.items]
    assert sema.scope.names["o"].data == pieces


def test_labels() -> None:
    source = "int f(int i) { static void *t[] = {&&a, &&b}; static int d[] = {&&b - &&a}; a: b: return 0; }"
    sema, diags = analyse(source)
    assert not diags.has_errors
    by_name = {s.ir_name: s.data for s in sema.symbols}
    assert by_name["f.t"] == [DataLabel("f", "a"), DataLabel("f", "b")]
    assert by_name["f.d"] == [DataLabel("f", "b", "a", 4)]


def test_large_sparse_object_is_cheap() -> None:
    sema, _ = analyse("char o[1l << 30] = {[5] = 1, [(1l << 30) - 1] = 2};")
    data = sema.scope.names["o"].data
    assert data is not None
    assert sum(len(p.data) if isinstance(p, DataBytes) else p.size for p in data) == 1 << 30
    assert len(data) <= 5
