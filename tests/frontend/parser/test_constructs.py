"""Every construct of GNU C and C23 that cpc reads parses, and nodes say what was written."""

from __future__ import annotations

from typing import Any

import pytest
from pycparser import c_ast

from cpc.diag import Diagnostics, render
from cpc.frontend import nodes
from cpc.frontend.gnu_parser import parse_unit
from cpc.frontend.unit import Unit


def parse(text: str, *, c23: bool = False) -> Unit:
    diags = Diagnostics()
    unit = parse_unit(text, "t.c", diags, c23=c23)
    assert unit is not None, render(diags.sorted())
    return unit


def find(unit: Unit, kind: type) -> Any:
    """The first node of this type."""
    stack = [unit.ast]
    while stack:
        node = stack.pop(0)
        if type(node) is kind:
            return node
        stack += [child for _, child in node.children()]
    raise AssertionError(f"no {kind.__name__} in the tree")


# One line each; `{}` stands in a function body where the second table says so.
FILE_SCOPE = [
    "int f(void) __attribute__((noreturn));",
    "__attribute__((noreturn)) int f(void);",
    "int __attribute__((noreturn)) f(void);",
    "static __inline__ __attribute__((__always_inline__)) int f(void) { return 1; }",
    "int x __attribute__((aligned(8))) = 3, y __attribute__((unused));",
    "struct __attribute__((packed)) s { int a; };",
    "struct s { int a; } __attribute__((packed));",
    "struct s { int a __attribute__((aligned(4))), b; int c:3 __attribute__((packed)); };",
    "enum e { A __attribute__((deprecated)), B __attribute__((unused)) = 2 } __attribute__((packed));",
    "typedef int v4 __attribute__((vector_size(16)));",
    "int f(int a __attribute__((unused)), int __attribute__((unused)));",
    "int (__attribute__((noreturn)) *p)(void);",
    "int * __attribute__((aligned(16))) p;",
    "char *(*f(void))(int) __attribute__((cold));",
    'extern int f(void) __asm__("g") __attribute__((pure));',
    'register long sp asm("rsp");',
    "__extension__ typedef long long ll;",
    "__extension__ struct s { __extension__ union { int a; }; };",
    'asm(".globl x");',
    '__asm__ __volatile__ ("nop");',
    "typedef __typeof__(sizeof(int)) t; typeof(int *) p; __typeof(p) q;",
    "__thread int a; static __thread int b; _Thread_local int c;",
    "__int128 a; unsigned __int128 b; __int128_t c; __uint128_t d;",
    "_Float128 a; __float128 b; _Float64x c; _Float32 d; double _Complex e; __complex__ double f;",
    "__signed__ char a; __const char *b; char *__restrict c; volatile int d; __volatile__ int e;",
    "int a[] = { [0 ... 3] = 1, [5] = 2, [6] 3 }; struct s { int x, y; } b = { x: 1, .y = 2 };",
    "int a[0]; struct f { int n; char data[]; }; struct e {};",
    "struct s { int a; struct { int b; }; union { int c; }; };",
    '_Static_assert(1, "x"); _Static_assert(1); struct s { int a; _Static_assert(1, ""); };',
    "f(a, b) int a; char *b; { return a; }",
    "main() { }",
    "static x; const y = 3;",
    "_Alignas(16) int a; _Alignas(double) char b[8];",
    "_Noreturn void f(void); inline int g(void) { return 1; }",
    "_Atomic int a; _Atomic(int *) b; int *_Atomic c;",
    "void f(int n, int a[static n], int b[const], int c[*]);",
    "int f(__builtin_va_list ap) { return __builtin_va_arg(ap, int); }",
    "struct s { int a; ; }; ;",
    '[[noreturn]] void f(void); [[deprecated("x")]] int a; struct [[gnu::packed]] s { [[maybe_unused]] int a; };',
    "[[gnu::aligned(8), clang::something]] int a; [[vendor::unknown(1 + , 2)]] int b;",
    "enum e : unsigned char { A, B };",
    "int a <: 2 :> = <% 1, 2 %>;",
    "int \\u00e9 = 1; int caf\u00e9 = 2; int $a;",
    "typedef int T; struct s { T T; }; void f(T T); int g(int (T));",
    "typedef int T; void f(void) { int T = 1; T = 2; { typedef char U; U T; } }",
    "int (*(*f)(int (*)(void), ...))[3];",
    "extern int a, *b, c[2], (*d)(void), e(void);",
    "void f(), g(void (*)(), int (int));",
    '# 3 "x.h" 1 3 4\nint a;\n#pragma once\n#pragma GCC poison foo\n#ident "x"\n',
]
STATEMENTS = [
    "__label__ a, b; a: b: ;",
    "void *p = &&l; goto *p; l: ;",
    "switch (x) { case 1 ... 3: break; case 'a' ... 'z': x++; __attribute__((fallthrough)); default: ; }",
    "x = x ?: 2;",
    "x = ({ int y = x; y + 1; });",
    "int g(int a) { return a + x; } x = g(1);",
    "__auto_type y = x; y++;",
    'asm volatile ("add %1, %0" : [out] "+r" (x) : "r" (x), [c] "i" (3) : "memory", "cc");',
    'asm goto ("jmp %l0" : : : : l); l: ;',
    'asm ("nop" ::: "memory"); asm("nop");',
    "x = __builtin_offsetof(struct { int a; struct { int b[3]; } c; }, c.b[1]);",
    "x = __builtin_types_compatible_p(int, typeof(x));",
    "x = __alignof__ x + __alignof__(int) + _Alignof(long);",
    "double _Complex z = 1.0i; x = __real__ z + __imag__ z;",
    "x = _Generic(x, int: 1, default: 2, char *: 3);",
    "struct s { int a, b; }; struct s y = (struct s){ .a = 1, 2 }; x = (struct s){ 1 }.a; int *p = (int[]){ 1, 2 };",
    "x = sizeof(int) + sizeof x + sizeof (x) + sizeof (int){1} + sizeof((int[3]){});",
    "for (int i = 0, j = 1; i < j; i++) for (;;) break;",
    "typedef int T; T: x++; goto T;",
    "l: int y = 1; (void)y; switch (x) { case 1: int z = 2; (void)z; }",
    "int n = 3, a[n], b[n][2 * n]; typedef int vla[n]; (void)sizeof(vla); (void)a; (void)b;",
    "x = 0b101 + 0x1fUL + 017 + 1'000 + 'ab' + L'x' + u'x' + U'x' + u8'x' + 1u + 1ll + 3LLU;",
    "double d = 0x1p3 + 1e3 + .5 + 1.f + 1.0L + 0x.8p0; _Float128 q = 1.0f128 + 1.0q; (void)d; (void)q;",
    'char *s = "a" "b\\x1" "2"; int *w = L"a" "b"; char c = "abc"[1]; (void)s; (void)w; (void)c;',
    "[[maybe_unused]] int y; switch (x) { case 1: x = 2; [[fallthrough]]; default:; }",
    "if (x) ; else if (x) { } else while (x) do ; while (0);",
    "__extension__ x = 1; x = __extension__ 2; x = (__extension__ (int) x);",
    "x = (int) __extension__ (3); ((void (*)(void)) 0)(); (*(int (*)(int)) 0)(1); x = (x)++;",
    "void (*f)(void) __attribute__((unused)) = 0, (*g[2])(void);",
    'static const char *const names[] = { [1] = "a", "b" };',
    "extern int e; int (*a)[2] = &(int[2]){ 1 }; const int *restrict p = *a;",
    "x = (__typeof__(({ int q = 1; q; }))){ 1 };",
]


@pytest.mark.parametrize("text", FILE_SCOPE)
def test_file_scope(text: str) -> None:
    parse(text)


@pytest.mark.parametrize("text", STATEMENTS)
def test_statement(text: str) -> None:
    parse(f"int f(int x) {{ {text} return x; }}")


@pytest.mark.parametrize(
    "text",
    [
        "bool a = true; void *p = nullptr; static_assert(alignof(int) == 4); alignas(8) int b; thread_local int c;",
        "constexpr int a = 3; typeof_unqual(a) b; void f(...); auto c = 3;",
        "int f(int, int x) { return x; } int a = {};",
    ],
)
def test_c23(text: str) -> None:
    parse(text, c23=True)


def test_words_of_c23_are_free_in_c17() -> None:
    parse("int bool, true, nullptr, constexpr, alignas, static_assert;")


def test_conditional_without_middle() -> None:
    node = find(parse("int a = 1 ?: 2;"), c_ast.TernaryOp)
    assert node.iftrue is None and node.iffalse.value == "2"


def test_case_range_and_plain_shape_of_switch() -> None:
    unit = parse("void f(int x) { switch (x) { case 1 ... 5: x = 1; x = 2; break; } }")
    case = find(unit, c_ast.Case)
    assert (case.expr.low.value, case.expr.high.value) == ("1", "5")
    assert len(case.stmts) == 1, "what follows stays beside the case"


def test_asm_operands() -> None:
    node = find(parse(r'void f(int x) { asm volatile ("a\n" "b" : [o] "=&r" (x) : "0" (x + 1) : "cc"); }'), nodes.Asm)
    assert node.quals == ["volatile"] and node.template == "a\nb" and node.extended
    assert (node.outputs[0].name, node.outputs[0].constraint, node.outputs[0].expr.name) == ("o", "=&r", "x")
    assert node.inputs[0].expr.op == "+" and node.clobbers == ["cc"]


def test_basic_asm_is_not_extended() -> None:
    assert not find(parse('void f(void) { asm("%eax"); }'), nodes.Asm).extended


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("1", "int"),
        ("1ul", "unsigned long int"),
        ("1LLU", "unsigned long long int"),
        ("1.0", "double"),
        ("1.f", "float"),
        ("0x1p2L", "long double"),
        ("1.0f128", "_Float128"),
        ("0x1f", "int"),
        ("'a'", "char"),
    ],
)
def test_constant_type(text: str, type_: str) -> None:
    assert find(parse(f"int a = {text};"), c_ast.Constant).type == type_


def test_imaginary_constant() -> None:
    node = find(parse("double _Complex a = 2.5fi;"), nodes.ImaginaryConstant)
    assert (node.part.type, node.part.value) == ("float", "2.5f")


def test_pragma_pack_is_the_one_at_the_closing_brace() -> None:
    unit = parse(
        "#pragma pack(push, 2)\nstruct a { int x; };\n#pragma pack(1)\nstruct b { int x;\n#pragma pack(pop)\n};\n"
        "struct c { int x; };\n#pragma pack(4)\nstruct d { int x; };\n#pragma pack()\nunion e { int x; };\n"
    )
    packs = [unit.pack_of(decl.type) for decl in unit.ast.ext]
    assert packs == [2, 0, 0, 4, 0]


def test_places_follow_line_markers() -> None:
    unit = parse('# 7 "a b.h"\nint x;\n\n  int y;\n# 3 "t.c" 2\nint z;')
    places = [(unit.loc(d).file, unit.loc(d).line, unit.loc(d).column) for d in unit.ast.ext]
    assert places == [("a b.h", 7, 5), ("a b.h", 9, 7), ("t.c", 3, 5)]


def test_asm_label() -> None:
    unit = parse('int f(void) asm("real_f") __attribute__((pure)); int g(void);')
    assert [unit.asm_label_of(d) for d in unit.ast.ext] == ["real_f", ""]
