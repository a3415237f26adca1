"""An attribute is found at the node it belongs to, in every legal position, with parsed arguments."""

from __future__ import annotations

import pytest
from pycparser import c_ast

from cpc.diag import Diagnostics, render
from cpc.frontend.gnu_parser import parse_unit
from cpc.frontend.unit import Attribute, Unit

CO = '__attribute__((annotate("coroutine_fn")))'


def parse(text: str) -> Unit:
    diags = Diagnostics()
    unit = parse_unit(text, "t.c", diags)
    assert unit is not None, render(diags.sorted())
    return unit


def names(attributes: list[Attribute]) -> list[str]:
    return [a.name for a in attributes]


@pytest.mark.parametrize(
    "text",
    [
        f"{CO} int f(void);",
        f"int {CO} f(void);",
        f"static int {CO} f(void);",
        f"int f(void) {CO};",
        f"int {CO} (*f)(void);",
        f"int ({CO} *f)(void);",
        f"int (*{CO} f)(void);",
        f"int (*f)(void) {CO};",
        f"typedef void {CO} f(void *);",
        f"typedef void f(void *) {CO};",
        "[[cpc::coroutine_fn]] int f(void);",
        "int f [[cpc::coroutine_fn]] (void);",
        '[[gnu::annotate("coroutine_fn")]] int f(void);',
        f"extern int other(void), {CO} f(void);",
        f"extern int other(void), f(void) {CO};",
    ],
)
def test_annotation_on_a_declaration(text: str) -> None:
    unit = parse(text)
    declaration = unit.ast.ext[-1]
    assert declaration.name == "f"
    assert [(a.name, a.args) for a in unit.attributes_of(declaration)] == [("annotate", ("coroutine_fn",))]


def test_annotation_on_a_definition_member_and_parameter() -> None:
    unit = parse(
        f"struct ops {{ int {CO} (*flush)(int); int (*plain)(void); }};\n"
        f"int {CO} f(int {CO} (*cb)(void), int (*other)(void)) {{ return 0; }}"
    )
    flush, plain = unit.ast.ext[0].type.decls
    assert names(unit.attributes_of(flush)) == ["annotate"] and not unit.attributes_of(plain)
    function = unit.ast.ext[1].decl
    callback, other = function.type.args.params
    assert names(unit.attributes_of(function)) == ["annotate"]
    assert names(unit.attributes_of(callback)) == ["annotate"] and not unit.attributes_of(other)


def test_annotation_on_type_names() -> None:
    unit = parse(f"void f(void *p) {{ (int ({CO} *)(void)) p; }} int g(void {CO} (*)(void));")
    cast = unit.ast.ext[0].body.block_items[0]
    assert names(unit.attributes_of(cast.to_type)) == ["annotate"]
    assert names(unit.attributes_of(cast.to_type.type)) == ["annotate"], "the pointer has it too"
    assert names(unit.attributes_of(unit.ast.ext[1].type.args.params[0])) == ["annotate"]


def test_record_and_variable_are_told_apart() -> None:
    unit = parse(
        "static __attribute__((unused)) struct __attribute__((packed)) s { int a; } __attribute__((aligned(4)))\n"
        '    x __attribute__((section("foo")));\n'
        "struct s __attribute__((aligned(8))) y;"
    )
    x, y = unit.ast.ext
    assert names(unit.attributes_of(x.type.type)) == ["packed", "aligned"]
    assert sorted(names(unit.attributes_of(x))) == ["section", "unused"]
    assert names(unit.attributes_of(y)) == ["aligned"] and not unit.attributes_of(y.type.type)


def test_layout_of_an_inner_pointer_is_not_the_variable_s() -> None:
    unit = parse("char *__attribute__((aligned(16))) *p; char *__attribute__((aligned(16))) q;")
    p, q = unit.ast.ext
    assert not unit.attributes_of(p) and names(unit.attributes_of(p.type.type)) == ["aligned"]
    assert names(unit.attributes_of(q)) == ["aligned"]


def test_bit_field_enumerator_and_statement() -> None:
    unit = parse(
        "struct s { int b : 3 __attribute__((packed)); }; enum e { A __attribute__((deprecated)) = 1, B };\n"
        "void f(int x) { switch (x) { case 1: x = 2; __attribute__((fallthrough)); case 2: ; } }"
    )
    assert names(unit.attributes_of(unit.ast.ext[0].type.decls[0])) == ["packed"]
    first, second = unit.ast.ext[1].type.values.enumerators
    assert names(unit.attributes_of(first)) == ["deprecated"] and not unit.attributes_of(second)
    statement = unit.ast.ext[2].body.block_items[0].stmt.block_items[1]
    assert isinstance(statement, c_ast.EmptyStatement)
    assert names(unit.attributes_of(statement)) == ["fallthrough"]


def test_arguments() -> None:
    unit = parse(
        "struct s { long a; };\n"
        'int x __attribute__((__aligned__(sizeof(struct s) * 2), section("a" "b\\n"), cleanup(f), mode(__DI__), cold));'
    )
    aligned, section, cleanup, mode, cold = unit.attributes_of(unit.ast.ext[1])
    assert aligned.name == "aligned" and isinstance(aligned.args[0], c_ast.BinaryOp)
    assert section.args == ("ab\n",)
    assert isinstance(cleanup.args[0], c_ast.ID) and cleanup.args[0].name == "f"
    assert isinstance(mode.args[0], c_ast.ID) and mode.args[0].name == "__DI__"
    assert cold.args == () and (cold.loc.line, cold.loc.file) == (2, "t.c")


def test_foreign_arguments_are_tolerated_only_without_meaning() -> None:
    unit = parse("int x __attribute__((availability(macos, introduced 10)));")
    assert unit.attributes_of(unit.ast.ext[0])[0].args == ()
    diags = Diagnostics()
    assert parse_unit("int x __attribute__((aligned(3 + )));", "t.c", diags) is None
    assert [d.code for d in diags.items] == ["E0001"]


def test_an_attribute_that_nobody_takes_is_an_error() -> None:
    diags = Diagnostics()
    assert parse_unit("int f(int x) { return x + __attribute__((foo)) 1; }", "t.c", diags) is None
    assert [(d.code, d.message) for d in diags.items] == [("E0005", "attribute 'foo' does not belong here")]


def test_a_compound_literal_keeps_the_attributes_of_its_type() -> None:
    unit = parse("int f(void) { return ((__attribute__((vector_size(16))) int){ 1, 2 })[0]; }")
    literal = unit.ast.ext[0].body.block_items[0].expr.name
    assert names(unit.attributes_of(literal.type)) == ["vector_size"]


def test_pragma_weak_is_the_attribute_wherever_it_stands() -> None:
    unit = parse("#pragma weak f\nint f(void);\nint g(void);\nint v;\n#pragma weak v\n")
    assert [names(unit.attributes_of(d)) for d in unit.ast.ext] == [["weak"], [], ["weak"]]
    unit = parse("#pragma weak f = g\nint f(void);\n#pragma weak h = g\nint g(void) { return 0; }\n")
    assert names(unit.attributes_of(unit.ast.ext[0])) == ["weak", "alias"]
    assert unit.ast.ext[-1].template == ".weak h\n\t.set h,g"


@pytest.mark.parametrize("line", ["redefine_extname a b", "scalar_storage_order big-endian"])
def test_pragmas_that_change_the_program_are_refused(line: str) -> None:
    diags = Diagnostics()
    assert parse_unit(f"#pragma {line}\nint a;", "t.c", diags) is None
    assert [d.code for d in diags.items] == ["E0330"]
