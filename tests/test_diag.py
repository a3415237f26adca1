"""Rendering: the form of a diagnostic, and where the caret goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpc.diag import Abort, Diagnostics, Note, render
from cpc.ir.ops import NO_LOC, Loc


def test_full_form(tmp_path: Path) -> None:
    source = tmp_path / "a.c"
    source.write_text("one\n\treturn co_f(x);\n")
    diags = Diagnostics()
    note = Note(Loc(str(source), 1, 1), "'g' is declared here")
    diags.error("E0101", Loc(str(source), 2, 9), "'g' calls coroutine_fn 'co_f'", help="mark it", notes=[note])
    assert render(diags.sorted()) == (
        f"{source}:2:9: error[E0101]: 'g' calls coroutine_fn 'co_f'\n"
        "    2 | \treturn co_f(x);\n"
        "      | \t       ^~~~\n"
        f"{source}:1:1: note: 'g' is declared here\n"
        "  help: mark it\n"
    )


def test_column_of_expanded_text_is_corrected_by_the_quoted_name(tmp_path: Path) -> None:
    source = tmp_path / "a.c"
    source.write_text("MACRO(x) + co_read(1);\n")
    diags = Diagnostics()
    diags.error("E0101", Loc(str(source), 1, 60), "'f' calls coroutine_fn 'co_read'")
    assert f"{source}:1:12: error" in render(diags.items)


def test_a_name_before_the_place_is_not_meant(tmp_path: Path) -> None:
    source = tmp_path / "a.c"
    source.write_text("void f(void) { (*p)(); }\n")
    diags = Diagnostics()
    diags.error("E0101", Loc(str(source), 1, 18), "'f' calls a coroutine_fn through a pointer")
    assert render(diags.items).endswith("| void f(void) { (*p)(); }\n      |                  ^\n")


@pytest.mark.parametrize("loc", [NO_LOC, Loc("gone.c", 3, 4), Loc("gone.c", 3), Loc("gone.c")])
def test_without_source(loc: Loc) -> None:
    diags = Diagnostics()
    diags.error("E0001", loc, "wrong")
    place = {(0, 0): "gone.c: " if loc.file else "cpc: ", (3, 4): "gone.c:3:4: ", (3, 0): "gone.c:3: "}
    assert render(diags.items) == f"{place[loc.line, loc.column]}error[E0001]: wrong\n"


def test_control_characters_do_not_reach_the_terminal(tmp_path: Path) -> None:
    source = tmp_path / "a.c"
    source.write_text("int \x1b[31m;\n")
    diags = Diagnostics()
    diags.error("E0001", Loc(str(source), 1, 5), "stray '\x1b' in the program")
    assert "\x1b" not in render(diags.items)
    assert "\x1b[1;31m" in render(diags.items, color=True)


def test_order_and_repetition() -> None:
    diags = Diagnostics()
    for line in (5, 2, 5):
        diags.error("E0001", Loc("b.c", line, 1), f"at {line}")
    diags.warning("W0201", Loc("a.c", 1, 1), "advice")
    assert [(d.loc.file, d.loc.line) for d in diags.sorted()] == [("b.c", 2), ("b.c", 5), ("a.c", 1)]
    diags.drop_warnings({"a.c"})
    assert len(diags.items) == 2 and diags.has_errors


def test_abort_records_and_raises() -> None:
    diags = Diagnostics()
    with pytest.raises(Abort):
        diags.abort("E0300", NO_LOC, "not supported")
    assert diags.has_errors


def test_a_flood_is_cut_and_counted() -> None:
    diags = Diagnostics()
    for line in range(1, 31):
        diags.error("E0261", Loc("a.c", line, 1), "not declared")
    text = render(diags.sorted(), limit=10)
    assert text.count("E0261") == 10 and text.endswith("cpc: 20 more diagnostics are not shown\n")
