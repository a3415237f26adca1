"""Columns of diagnostics are those of the source, whatever the preprocessor does to the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpc.diag import Diagnostics
from cpc.driver import Options, build_module
from cpc.frontend.preprocess import Preprocessor, preprocess

_MACROS = "#include <stddef.h>\n#define TWICE(x)   ((x) + (x))\n#define ONE gone\n#define TWO(f) f + f\n"


@pytest.mark.parametrize(
    "line",
    [
        "int f(void)    { return    ^gone;  }",
        "int f(void) { /* a, b */ return ^gone; // gone\n}",
        "int f(char *p) { return p == NULL ?   1 :    ^gone; }",
        "int f(int a) { return TWICE(a) + TWICE(a)  + ^gone; }",
        "int f(void) { return   ^ONE; }",
        "int f(void) { return TWO( 2 ) * ^ONE; }",
        "\tint f(void)\t{ return\t^gone; }",
        'int f(char *p) { return p == "a  /* b */  c"    ? 1 : ^gone; }',
        "int f(int a) { return a ? TWICE(a\n  + a) : ^gone; }",
    ],
)
def test_the_place_is_that_of_the_source(tmp_path: Path, line: str) -> None:
    path = tmp_path / "t.c"
    path.write_text(_MACROS + line.replace("^", "") + "\n")
    text = preprocess(str(path), Preprocessor(), Diagnostics())
    assert text is not None
    diags = Diagnostics()
    build_module(text, str(path), Options(), diags)
    before = line[: line.index("^")]
    expected = (5 + before.count("\n"), len(before.rpartition("\n")[2]) + 1)
    assert [(item.loc.line, item.loc.column) for item in diags.items] == [expected]


def test_a_place_that_cannot_be_told_stays(tmp_path: Path) -> None:
    path = tmp_path / "t.c"
    path.write_text("\n")  # changed meanwhile
    diags = Diagnostics()
    build_module(f'# 1 "{path}"\nint f(void) {{ return gone; }}\n', str(path), Options(), diags)
    assert [(item.loc.line, item.loc.column) for item in diags.items] == [(1, 22)]
