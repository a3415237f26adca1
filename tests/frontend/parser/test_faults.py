"""Whatever the text is, the parser answers with diagnostics that have a place, and finds the next declaration."""

from __future__ import annotations

import random

import pytest

from cpc.deep import run_deep
from cpc.diag import Diagnostics
from cpc.frontend.gnu_parser import parse_unit


def faults(text: str) -> list[tuple[int, str]]:
    diags = Diagnostics()
    unit = parse_unit(text, "t.c", diags)
    assert (unit is None) == diags.has_errors
    assert all(d.loc.file and d.loc.line > 0 for d in diags.items)
    return [(d.loc.line, d.message) for d in diags.sorted()]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("int x = ;", "expected an expression before ';'"),
        ("uint32_t y;", "unknown type name 'uint32_t'"),
        ("int f(void) { uint32_t z = 1; }", "unknown type name 'uint32_t'"),
        ("int f(void) { return 1 }", "expected ';' before '}'"),
        ("int g(foo_t a) { }", "unknown type name 'foo_t'"),
        ("struct s { bar_t q; };", "unknown type name 'bar_t'"),
        ("char c = '", "missing terminating ' character"),
        ('char *s = "abc', 'missing terminating " character'),
        ("char c = '';", "empty character constant"),
        ("int k = 0x1g;", "'0x1g' is not a number"),
        ("float m = 1.0fif;", "'1.0fif' is not a number"),
        ("int m = 1uiu;", "'1uiu' is not a number"),
        ("int f(static int);", "a parameter is declared 'static'"),
        ("int l = 089;", "'089' is not a number"),
        ("int o __attribute__((", "unterminated attribute"),
        ("int o [[", "unterminated attribute"),
        ('void f(void) { asm("" : ', "unexpected end of the input"),
        ("int o __attribute__((aligned(4)) x;", "expected '))' of an attribute before 'x'"),
        ("int o __attribute__ x;", "expected '((' of an attribute before 'x'"),
        ("int f(void) { if (1) {", "unexpected end of the input"),
        ("int a\0b;", "stray byte 0x00 in the program"),
        ("int a = 1 @ 2;", "stray '@' in the program"),
        ("#define X 1\n", "a preprocessor directive is left: the text was not preprocessed"),
        ("#pragma pack(3)\n", "#pragma pack takes 1, 2, 4, 8 or 16, push or pop"),
        ("int x int y;", "expected ';' before 'int'"),
        ('void f(void) { asm("" : : : : : ); }', "asm has four sections at most"),
        ("typedef int t; int t;", "non-typedef 't' previously declared as typedef in this scope"),
        ("void f(void) { a.1; }", "expected ';' before '.1'"),
    ],
)
def test_message(text: str, message: str) -> None:
    found = faults(text)
    assert found and found[0][1] == message


def test_all_faults_of_a_unit_are_reported() -> None:
    text = "int a = ;\nint ok;\nint f(void)\n{\n  return 1 +;\n}\nstruct s { int , };;\n"
    text += "int g(void)\n{\n  if (\n}\nint b = 1 1;\n"
    assert [line for line, _ in faults(text)] == [1, 5, 7, 11, 12]


def test_number_of_faults_is_bounded() -> None:
    assert len(faults("int a = ;\n" * 100)) == 20


@pytest.mark.parametrize("text", ["(" * 10_000 + "1" + ")" * 10_000, "-" * 10_000 + "1"])
def test_deep_expression(text: str) -> None:
    assert run_deep(lambda: faults(f"int x = {text};")) == []


@pytest.mark.parametrize(
    "text",
    [
        "int x = " + "(" * 200_000,
        "void f(void) " + "{" * 300_000,
        "int " + "*(" * 100_000,
        "int f" + "(int)" * 40_000,
    ],
)
def test_too_deep_is_a_diagnostic(text: str) -> None:
    assert run_deep(lambda: faults(text))


def test_nested_typeof_literals_do_not_take_exponential_time() -> None:
    text = "1"
    for _ in range(40):
        text = f"(typeof({text})){{ 1 }}"
    assert faults(f"int x = {text};") == []


def test_random_damage_never_escapes_as_an_exception() -> None:
    source = (
        "struct s { int a:3; char *b[2]; } __attribute__((packed)); typedef int T;\n"
        'static T f(T x, struct s *p) { for (int i = 0; i < x; i++) { p->b[i] = "a\\n" "b"; }\n'
        '  switch (x) { case 1 ... 2: return ({ x ?: 1; }); default: goto *&&l; } l: asm("nop" : "=r"(x));\n'
        "  return (T){ [0 ... 1] = 'c' } + sizeof(int[3]) + 0x1.8p3f; }\n"
    )
    pieces = [
        "{",
        "}",
        "(",
        ")",
        ";",
        '"',
        "'",
        "__attribute__((",
        "[[",
        "#",
        "\0",
        "T",
        "case",
        "...",
        "\\",
        "1e",
        "\n",
    ]
    rng = random.Random(1)
    for _ in range(400):
        damaged = list(source)
        for _ in range(rng.randrange(1, 6)):
            place = rng.randrange(len(damaged))
            damaged[place : place + rng.randrange(3)] = rng.choice(pieces)
        faults("".join(damaged))
