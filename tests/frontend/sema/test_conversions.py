"""Promotions, usual arithmetic conversions, compatibility and composite types, against gcc; assignment against the
rules of 6.5.16.1."""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path

import pytest

from cpc.frontend import conversions
from cpc.frontend.build.describe import describe
from cpc.frontend.c_types import QType
from cpc.frontend.conversions import Assign
from tests.frontend.sema.fake import analyse


def _listed(text: str) -> list[str]:
    return [" ".join(name.split()) for name in text.split(";")]


ARITHMETIC = _listed("""_Bool; char; signed char; unsigned char; short; unsigned short; int; unsigned int; long;
unsigned long; long long; unsigned long long; __int128; unsigned __int128; float; double; long double; _Float128;
enum small; enum negative; enum wide; _Complex float; _Complex double; _Complex long double""")

TYPES = _listed("""int; const int; int *; const int *; int *const; int **; void *; char[3]; char[]; char[4]; int[2][3];
int[][3];
int (*)[3]; int (*)[]; int (void); int (); int (int); int (char); int (int, ...); int (float); int (double);
int (unsigned); void (int *); void (const int *); void (int *const); int (*)(void); int (*)(); enum small;
enum negative; unsigned; struct s; struct t; struct s *; union u; int (int[3]); int (int *); int (int (void));
int (int (*)(void)); long; long long; _Bool; v4; float; int (enum small); _Atomic int; volatile int *""")

PRELUDE = """
enum small { A }; enum negative { B = -1 }; enum wide { C = 0x100000000 };
struct s { int a; }; struct t { int a; }; union u { int a; };
typedef float v4 __attribute__((vector_size(16)));
"""


def types_of(names: list[str]) -> dict[str, QType]:
    """Every spelling as a QType, through `typedef` so that all of them can be declared."""
    text = PRELUDE + "".join(f"typedef __typeof__({name}) t{i};\n" for i, name in enumerate(names))
    sema, diags = analyse(text)
    assert not diags.items, [d.message for d in diags.items]
    return {name: sema.scope.names[f"t{i}"].type for i, name in enumerate(names)}


def accepts(tmp_path: Path, source: str) -> None:
    (tmp_path / "p.c").write_text(PRELUDE + source)
    done = subprocess.run(["gcc", "-w", "-fsyntax-only", tmp_path / "p.c"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[:3000]


def test_usual_arithmetic_conversions_are_gccs(tmp_path: Path) -> None:
    types = types_of(ARITHMETIC)
    lines = []
    for (a, x), (b, y) in itertools.product(types.items(), repeat=2):
        ours = describe(conversions.usual_arithmetic(x, y))
        same = f"__builtin_types_compatible_p(__typeof__(*({a} *)0 + *({b} *)0), {ours})"
        lines.append(f'_Static_assert({same}, "{a} + {b} is not {ours}");')
    accepts(tmp_path, "\n".join(lines))
    assert len(lines) == len(ARITHMETIC) ** 2


def test_promotions_are_gccs(tmp_path: Path) -> None:
    lines = []
    for name, type_ in types_of(ARITHMETIC[:21]).items():
        ours = describe(conversions.promote(type_))
        lines.append(f'_Static_assert(__builtin_types_compatible_p(__typeof__(+*({name} *)0), {ours}), "{name}");')
    accepts(tmp_path, "\n".join(lines))


@pytest.mark.parametrize(
    ("type_", "width", "promoted"),
    [
        ("unsigned int", 31, "int"),
        ("unsigned int", 32, "unsigned int"),
        ("int", 5, "int"),
        ("unsigned char", 8, "int"),
        ("_Bool", 1, "int"),
        ("unsigned long", 20, "int"),
        ("long", 64, "long"),
        ("enum small", 3, "int"),
    ],
)
def test_bit_field_promotion(type_: str, width: int, promoted: str) -> None:
    assert describe(conversions.promote(types_of([type_])[type_], width)) == promoted


def test_argument_promotion() -> None:
    types = types_of(["float", "char", "char[3]", "int (void)", "const int"])
    promoted = {name: describe(conversions.promote_argument(t)) for name, t in types.items()}
    assert promoted == {
        "float": "double",
        "char": "int",
        "char[3]": "char *",
        "int (void)": "int (*)(void)",
        "const int": "int",
    }


def test_compatibility_is_gccs(tmp_path: Path) -> None:
    """__builtin_types_compatible_p ignores qualifiers at the top, and knows each enum as a type of its own."""
    types = types_of(TYPES)
    lines = []
    for (a, x), (b, y) in itertools.combinations_with_replacement(types.items(), 2):
        if "enum" in a + b and a != b:
            continue
        ours = conversions.compatible(conversions.unqualified(x), conversions.unqualified(y))
        lines.append(f'_Static_assert(__builtin_types_compatible_p({a}, {b}) == {int(ours)}, "{a} and {b}");')
    accepts(tmp_path, "\n".join(lines))
    assert len(lines) > 500


@pytest.mark.parametrize(
    ("one", "other", "composite"),
    [
        ("int[]", "int[3]", "int [3]"),
        ("int[3]", "int[]", "int [3]"),
        ("int (*)[]", "int (*)[3]", "int (*)[3]"),
        ("int ()", "int (int, char *)", "int (int, char *)"),
        ("int (int (*)[], int (*)())", "int (int (*)[4], int (*)(long))", "int (int (*)[4], int (*)(long))"),
        ("const int *", "const int *", "const int *"),
    ],
)
def test_composite(one: str, other: str, composite: str) -> None:
    types = types_of([one, other])
    assert conversions.compatible(types[one], types[other])
    assert describe(conversions.composite(types[one], types[other])) == composite


_CO = '__attribute__((annotate("coroutine_fn")))'

ASSIGNMENTS = [
    ("int", "double", Assign.OK),
    ("_Bool", "int *", Assign.OK),
    ("int *", "int *", Assign.OK),
    ("const int *", "int *", Assign.OK),
    ("int *", "const int *", Assign.DISCARDS_QUALIFIERS),
    ("int *", "volatile int *", Assign.DISCARDS_QUALIFIERS),
    ("void *", "int *", Assign.OK),
    ("void *", "const int *", Assign.DISCARDS_QUALIFIERS),
    ("int *", "void *", Assign.OK),
    ("void *", "int (*)(void)", Assign.FUNCTION_VOID),
    ("int *", "unsigned *", Assign.SIGNEDNESS),
    ("char *", "unsigned char *", Assign.SIGNEDNESS),
    ("int *", "long *", Assign.INCOMPATIBLE_POINTER),
    ("int **", "const int **", Assign.INCOMPATIBLE_POINTER),
    ("const int (*)[3]", "int (*)[3]", Assign.OK),
    ("int (*)[3]", "const int (*)[3]", Assign.DISCARDS_QUALIFIERS),
    ("int *", "int", Assign.POINTER_FROM_INTEGER),
    ("long", "int *", Assign.INTEGER_FROM_POINTER),
    ("struct s", "struct s", Assign.OK),
    ("struct s", "struct t", Assign.NO),
    ("struct s", "int", Assign.NO),
    ("int", "struct s", Assign.NO),
    ("float", "int *", Assign.NO),
    ("int (*)(void)", "int (*)()", Assign.OK),
    ("int (*)(void)", "int (*)(int)", Assign.INCOMPATIBLE_POINTER),
    ("v4", "v4", Assign.OK),
]


@pytest.mark.parametrize(("to", "source", "result"), ASSIGNMENTS)
def test_assignability(to: str, source: str, result: Assign) -> None:
    types = types_of([to, source])
    assert conversions.assignability(types[to], types[source]) is result


def test_null_pointer_constant() -> None:
    types = types_of(["int *", "int", "void *", "int (*)(void)"])
    for source in ("int", "void *"):
        for to in ("int *", "int (*)(void)"):
            assert conversions.assignability(types[to], types[source], null_constant=True) is Assign.OK


@pytest.mark.parametrize(
    ("to", "source", "result"),
    [
        ("void (*{})(void)", f"void {_CO} (*{{}})(void)", Assign.COLOR),
        (f"void {_CO} (*{{}})(void)", "void (*{})(void)", Assign.COLOR),
        (f"void {_CO} (*{{}})(void)", f"void {_CO} (*{{}})(void)", Assign.OK),
        ("void (*{})(void)", 'void __attribute__((annotate("no_coroutine_fn"))) (*{})(void)', Assign.OK),
        ("void (*{})(void)", 'void __attribute__((annotate("coroutine_mixed_fn"))) (*{})(void)', Assign.OK),
        ("void (**{})(void)", f"void {_CO} (**{{}})(void)", Assign.COLOR),
        ("void (*{})(void (*)(void))", f"void (*{{}})(void {_CO} (*)(void))", Assign.COLOR),
        ("void *{}", f"void {_CO} (*{{}})(void)", Assign.FUNCTION_VOID),
    ],
)
def test_colours_in_assignments(to: str, source: str, result: Assign) -> None:
    sema, diags = analyse(f"typedef {to.format('x')}; typedef {source.format('y')};")
    assert not diags.items
    assert conversions.assignability(sema.scope.names["x"].type, sema.scope.names["y"].type) is result


def test_conditional_pointers() -> None:
    types = types_of(["int *", "const int *", "void *", "char *", "int (*)[]", "int (*)[3]"])

    def conditional(a: str, b: str) -> str | None:
        found = conversions.conditional_pointer(types[a], types[b])
        return None if found is None else describe(found)

    assert conditional("int *", "const int *") == "const int *"
    assert conditional("const int *", "void *") == "const void *"
    assert conditional("int (*)[]", "int (*)[3]") == "int (*)[3]"
    assert conditional("int *", "char *") is None
