"""What declarations declare: types, linkage, attributes, scopes."""

from __future__ import annotations

import pytest
from pycparser import c_ast

from cpc.frontend.build.describe import describe
from cpc.frontend.c_types import EnumT, FunctionT, PointerT, QType, RecordT, VectorT
from cpc.frontend.gnu_parser import parse_unit
from cpc.frontend.symbols import Kind, Symbol
from tests.frontend.sema.fake import analyse


def symbol(text: str, name: str = "x") -> Symbol:
    """The file-scope symbol of a unit that has no faults."""
    sema, diags = analyse(text)
    assert not diags.items, [d.message for d in diags.items]
    return sema.scope.names[name]


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("int x;", "int"),
        ("unsigned x;", "unsigned int"),
        ("long unsigned int long x;", "unsigned long long"),
        ("short signed x;", "short"),
        ("char unsigned x;", "unsigned char"),
        ("__signed__ char x;", "signed char"),
        ("_Bool x;", "_Bool"),
        ("long double x;", "long double"),
        ("_Complex float x;", "_Complex float"),
        ("double __complex__ x;", "_Complex double"),
        ("unsigned __int128 x;", "unsigned __int128"),
        ("__uint128_t x;", "unsigned __int128"),
        ("_Float64x x;", "_Float64x"),
        ("__float128 x;", "_Float128"),
        ("int *x;", "int *"),
        ("const int *volatile x;", "const int *volatile"),
        ("int *x[3];", "int *[3]"),
        ("int (*x)[3];", "int (*)[3]"),
        ("int x[2][3];", "int [2][3]"),
        ("int (*x)(void);", "int (*)(void)"),
        ("int *(*x[2])(char, ...);", "int *(*[2])(char, ...)"),
        ("int (*x(int))(char);", "int (*(int))(char)"),
        ("int x();", "int ()"),
        ("int x(void);", "int (void)"),
        (
            "void x(int a[3], int b(void), const int c[static 2], int d[const]);",
            "void (int *, int (*)(void), const int *, int *)",
        ),
        ("typedef const int c; c x[2];", "const int [2]"),
        ("typedef int a[2]; const a x;", "const int [2]"),
        ("typedef int a[2]; extern a x;", "int [2]"),
        ("struct s { int a; } x;", "struct s"),
        ("enum e { A } x;", "enum e"),
        ("typeof(int *) x;", "int *"),
        ("int a; typeof(&a) x;", "int *"),
        ("const int a; __typeof__(a) x;", "const int"),
        ("int x[]; int x[4];", "int [4]"),
        ("int x[4]; int x[];", "int [4]"),
        ("int x[] = {1, 2};", "int [2]"),
        ("int x(); int x(int, char *);", "int (int, char *)"),
        ("int x(int (*)()); int x(int (*)(long));", "int (int (*)(long))"),
        ("typedef int t; struct t { t t; }; struct t x;", "struct t"),
        ("_Atomic int x;", "_Atomic int"),
        ("_Atomic(int *) x;", "int *_Atomic"),
        ("typedef unsigned int x __attribute__((mode(DI)));", "unsigned long"),
        ("typedef int x __attribute__((mode(byte)));", "signed char"),
    ],
)
def test_types(text: str, type_: str) -> None:
    assert describe(symbol(text).type) == type_


def test_vector() -> None:
    found = symbol("typedef float x __attribute__((vector_size(16)));").type.type
    assert isinstance(found, VectorT) and (found.elem.name, found.count) == ("float", 4)


def test_va_list_is_system_vs() -> None:
    assert describe(symbol("__builtin_va_list x;").type) == "struct __va_list_tag [1]"


# ---- colours ------------------------------------------------------------------------------------------------

_CO = '__attribute__((annotate("coroutine_fn")))'


def _function(type_: QType) -> FunctionT:
    while isinstance(type_.type, PointerT):
        type_ = type_.type.target
    assert isinstance(type_.type, FunctionT)
    return type_.type


@pytest.mark.parametrize(
    "text",
    [
        f"int {_CO} x(void);",
        f"{_CO} int x(void);",
        f"int x(void) {_CO};",
        f"static int {_CO} x(void) {{ return 0; }}",
        f"int {_CO} (*x)(void);",
        f"int ({_CO} *x)(void);",
        f"int (*x)(void) {_CO};",
        f"typedef void {_CO} x(void *);",
        f"typedef void {_CO} entry(void *); entry *x;",
        f"typedef void {_CO} entry(void *); void f(entry *e); entry *x;",
        f"void *{_CO} x(void);",
        f"struct s {{ int {_CO} (*member)(int); }}; typeof(((struct s *)0)->member) *x;",
        "[[cpc::coroutine_fn]] int x(void);",
    ],
)
def test_coroutine_fn_is_part_of_the_type(text: str) -> None:
    if "member" in text:
        sema, _ = analyse(text.split("typeof")[0])
        record = sema.scope.tags["s"]
        assert isinstance(record, RecordT) and record.members
        assert _function(record.members[0].type).color == "coroutine"
    else:
        assert _function(symbol(text).type).color == "coroutine"


def test_parameter_colour() -> None:
    fn = _function(symbol(f"void x(int {_CO} (*cb)(void), int n);").type)
    assert fn.color == "plain"
    assert _function(fn.params[0]).color == "coroutine"


@pytest.mark.parametrize(
    ("word", "color"),
    [
        ("coroutine_mixed_fn", "mixed"),
        ("no_coroutine_fn", "blocking"),
        ("blocking_fn", "blocking"),
        ("co_yield", "coroutine"),
    ],
)
def test_other_colours(word: str, color: str) -> None:
    found = symbol(f'void __attribute__((annotate("{word}"))) x(void);')
    assert _function(found.type).color == color
    assert ("co_yield" in found.attrs.flags) == (word == "co_yield")


def test_foreign_annotation_means_nothing() -> None:
    assert _function(symbol('void __attribute__((annotate("other"))) x(void);').type).color == "plain"


# ---- linkage ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "linkage"),
    [
        ("int x;", "external"),
        ("extern int x;", "external"),
        ("static int x;", "internal"),
        ("static int x; extern int x;", "internal"),
        ("static int x(void); int x(void);", "internal"),
        ("static int x(void); int x(void) { return 0; }", "internal"),
        ("static int x; void f(void) { extern int x; }", "internal"),
    ],
)
def test_linkage(text: str, linkage: str) -> None:
    assert symbol(text).linkage == linkage


_GNU = "__attribute__((gnu_inline))"


@pytest.mark.parametrize(
    ("text", "linkage"),
    [
        ("inline int x(void) { return 0; }", "available_externally"),
        ("inline int x(void) { return 0; } int x(void);", "external"),
        ("int x(void); inline int x(void) { return 0; }", "external"),
        ("extern inline int x(void) { return 0; }", "external"),
        ("inline int x(void) { return 0; } extern inline int x(void);", "external"),
        ("static inline int x(void) { return 0; }", "internal"),
        (f"extern inline {_GNU} int x(void) {{ return 0; }}", "available_externally"),
        (f"extern int x(void); extern inline {_GNU} int x(void) {{ return 0; }}", "available_externally"),
        (f"inline {_GNU} int x(void) {{ return 0; }}", "external"),
        (f"extern inline {_GNU} int x(void) {{ return 0; }} int x(void) {{ return 1; }}", "external"),
        ("__attribute__((weak)) int x(void) { return 0; }", "weak"),
        ("int x(void) { return 0; }", "external"),
    ],
)
def test_inline(text: str, linkage: str) -> None:
    assert symbol(text).emitted_linkage == linkage


def test_one_symbol_for_all_declarations() -> None:
    sema, diags = analyse("extern int x; void f(void) { extern int x; { extern int x; } } int x = 3;")
    assert not diags.items
    assert [s.name for s in sema.symbols] == ["x", "f"]
    assert sema.scope.names["x"].defined


def test_static_in_functions_have_names_of_their_own() -> None:
    sema, _ = analyse("void f(void) { static int x; { static int x; } } void g(void) { static int x; } static int x;")
    assert [s.ir_name for s in sema.symbols] == ["f", "f.x", "f.x.2", "g", "g.x", "x"]


def test_tentative_definition() -> None:
    sema, diags = analyse("int x; int x; static struct s { int a[4]; } y; extern int z;")
    assert not diags.items
    defined = {s.name: s.data is not None for s in sema.symbols}
    assert defined == {"x": True, "y": True, "z": False}


def test_asm_label() -> None:
    assert symbol('int x(void) asm("real_x"); int x(void);').ir_name == "real_x"
    sema, _ = analyse('void f(void) { register long r asm("r10") = 1; }')
    assert [s.name for s in sema.symbols] == ["f"]


def test_thread_local() -> None:
    found = symbol("static __thread int x = 4;")
    assert found.thread and found.static and found.data is not None


# ---- attributes ---------------------------------------------------------------------------------------------


def test_attributes_are_merged() -> None:
    found = symbol(
        '__attribute__((weak, section(".init.text"))) void x(void);'
        '__attribute__((visibility("hidden"), cold, constructor(101), noinline)) void x(void);'
    )
    assert {"weak", "cold", "noinline"} <= found.attrs.flags
    assert (found.attrs.section, found.attrs.visibility, found.attrs.constructor) == (".init.text", "hidden", 101)


def test_attribute_values() -> None:
    assert symbol('extern int y; extern int x __attribute__((alias("y")));').attrs.alias == "y"
    assert symbol('extern __thread int x __attribute__((tls_model("initial-exec")));').attrs.tls_model == "initialexec"
    assert symbol("void x(void) __attribute__((destructor));").attrs.destructor == 65535
    assert _function(symbol("void x(void) __attribute__((noreturn));").type).noreturn
    assert _function(symbol("_Noreturn void x(void);").type).noreturn
    assert _function(symbol("void (*x)(void) __attribute__((noreturn));").type).noreturn
    assert symbol('int x __attribute__((deprecated("old")));').attrs.deprecated == "old"


def test_aligned() -> None:
    assert symbol("int x __attribute__((aligned(64)));").type.align == 64
    assert symbol("_Alignas(32) char x;").type.align == 32
    assert symbol("typedef int x __attribute__((aligned(2)));").type.align == 2
    assert symbol("int x __attribute__((aligned(2)));").type.align == 0  # a variable's is only raised


def test_transparent_union() -> None:
    found = symbol("typedef union { int *i; float *f; } x __attribute__((transparent_union));").type.type
    assert isinstance(found, RecordT) and found.transparent


def test_cleanup_names_the_function() -> None:
    sema, diags = analyse("void done(int *); void f(void) { int x __attribute__((cleanup(done))) = 1; }")
    assert not diags.items
    assert sema.scope.lookup("done") is not None


# ---- enumerations, tags, scopes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "underlying"),
    [
        ("A", "unsigned int"),
        ("A = -1", "int"),
        ("A = 0xffffffff", "unsigned int"),
        ("A = -1, B = 0xffffffff", "long"),
        ("A = 0x100000000", "unsigned long"),
    ],
)
def test_enum_types_are_gccs(body: str, underlying: str) -> None:
    found = symbol(f"enum e {{ {body} }} x;").type.type
    assert isinstance(found, EnumT) and found.underlying is not None and found.underlying.name == underlying


def test_fixed_underlying_type() -> None:
    text = 'enum e : unsigned char { A, B }; enum e x; enum f : short; _Static_assert(sizeof(enum f) == 2, "");'
    sema, diags = analyse(text, c23=True)
    assert not diags.items
    found = sema.scope.names["x"].type.type
    assert isinstance(found, EnumT) and found.underlying is not None
    assert describe(QType(found.underlying)) == "unsigned char"


def test_c23_empty_parentheses_are_a_prototype() -> None:
    sema, _ = analyse("int f();", c23=True)
    assert describe(sema.scope.names["f"].type) == "int (void)"


def test_enumerators() -> None:
    sema, _ = analyse("enum e { A, B, C = 10, D, E = C | 1, F = -1, G, H = 'a', I = sizeof(int) };")
    values = {n: s.value for n, s in sema.scope.names.items() if s.kind is Kind.ENUM_CONST}
    assert values == {"A": 0, "B": 1, "C": 10, "D": 11, "E": 11, "F": -1, "G": 0, "H": 97, "I": 4}


def test_a_tag_is_completed_in_place() -> None:
    text = "struct s *p; struct s { struct s *next; int v; }; struct s x = {0, 1};"
    sema, diags = analyse(text)
    assert not diags.items
    pointer = sema.scope.names["p"].type.type
    assert isinstance(pointer, PointerT) and pointer.target.type is sema.scope.names["x"].type.type


@pytest.mark.parametrize(
    "text",
    [
        "struct s { int a; } x, *y = &x;",
        "typedef struct s { struct s *next; } x, *y;",
        "struct { int a; } x, *y = &x;",
        "enum e { A, B } x, *y = &x;",
        "union u { enum { A } a, b; } x, *y = &x;",
    ],
)
def test_declarators_share_their_specifiers(text: str) -> None:
    sema, diags = analyse(text)
    assert not diags.items, [d.message for d in diags.items]
    pointer = sema.scope.names["y"].type.type
    assert isinstance(pointer, PointerT) and pointer.target.type is sema.scope.names["x"].type.type


def test_inner_tag_hides_outer() -> None:
    inner = 'struct s; struct s { char c; }; _Static_assert(sizeof(struct s) == 1, "");'
    _, diags = analyse(f'struct s {{ int a; }}; void f(void) {{ {inner} }} _Static_assert(sizeof(struct s) == 4, "");')
    assert not diags.items


def test_old_style_definition() -> None:
    sema, diags = analyse("int f(a, b, c) char b; float c; int *a; { return b; }")
    assert not diags.items
    fn = _function(sema.scope.names["f"].type)
    assert not fn.prototyped and fn.params == ()


def test_old_style_parameters_are_passed_promoted() -> None:
    sema, _ = analyse("int unrelated;")
    unit = parse_unit("int g(a, b, c) char b; float c; { return b; }", "t.c", sema.diags)
    assert unit is not None and isinstance(unit.ast.ext[0], c_ast.FuncDef)
    definition = sema.begin_function(unit.ast.ext[0])
    assert [describe(p.type) for p in definition.params] == ["int", "char", "float"]
    assert [describe(t) for t in definition.promoted] == ["int", "int", "double"]
    sema.end_function()
    assert sema.function is None


def test_parameters_share_the_scope_of_the_body() -> None:
    _, diags = analyse("void f(struct s { int a; } *p, int n) { struct s local; int n; }")
    assert [d.code for d in diags.items] == ["E0201"]


def test_implicit_function_is_declared_once() -> None:
    sema, diags = analyse("int unrelated;")
    first = sema.implicit_function("f", sema.unit.loc(None))
    assert describe(first.type) == "int ()"
    assert [d.code for d in diags.items] == ["W0230"]
    assert sema.lookup("f") is first
