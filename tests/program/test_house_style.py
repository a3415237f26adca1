"""An annotation is written where the project writes its others."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpc.program.house_style import HouseStyle

MARKS = frozenset(["coroutine_fn", "no_coroutine_fn"])
AFTER = "int coroutine_fn OTHER a(void);\nint coroutine_fn LOCKED_PTR (*b)(void);\n"
BEFORE = "static coroutine_fn int a(void);\nstatic inline coroutine_fn OTHER int b(void);\n"

# what is there (`|` is where the annotation belongs), and a declaration that gets one
CASES = {
    "after the type": (AFTER, "static int |f(void);"),
    "before macros": (AFTER, "static struct s *|OTHER f(void);"),
    "before macros with arguments": (AFTER, "void |ACQUIRE(lock) NO_CHECK\nf(void);"),
    "before macros in front of the type": (AFTER, "static |OTHER struct s f(void);"),
    "behind a comment": (AFTER, "/* int g(int); */ int |f(void);"),
    "in a comment": (AFTER, "int /* OTHER */ (*f)(void);"),
    "pointer": (AFTER, "    int |LOCKED_PTR (*f)(int);"),
    "parameter": (AFTER, "void g(int n, struct s *|(*f)(int));"),
    "close to the star": (AFTER, "char *|f(void);"),
    "after a directive": (AFTER, "#define LIMIT 3\nunsigned long |f(void);"),
    "before the type": (BEFORE, "static |int f(void);"),
    "before the type, of many words": (BEFORE, "static inline |const struct s *f(void);"),
    "nothing to learn from": ("", "extern enum e |f(void);"),
    "no type": ("", "|f(void);"),
}


@pytest.mark.parametrize("there, wanted", CASES.values(), ids=CASES.keys())
def test_insertion(there: str, wanted: str) -> None:
    text = f"{there}\n{wanted.replace('|', '')}\n"
    marked = wanted.replace("|", "coroutine_fn ") if "|" in wanted else "int coroutine_fn /* OTHER */ (*f)(void);"
    name = text.rindex("f)(") if "f)(" in wanted else text.rindex("f(void)")
    assert HouseStyle(MARKS).insert(text, name, "coroutine_fn") == f"{there}\n{marked}\n"


@pytest.mark.parametrize(
    "there, wanted",
    [
        ("int coroutine_fn\na(void);\n", "int coroutine_fn\nf(void)"),
        ("int\ncoroutine_fn a(void);\n", "int\ncoroutine_fn f(void)"),
        ("char *coroutine_fn\na(void);\n", "char *coroutine_fn\nf(void)"),
        ("char * coroutine_fn\na(void);\n", "char * coroutine_fn\nf(void)"),
    ],
)
def test_name_in_a_line_of_its_own(there: str, wanted: str) -> None:
    text = there + "\n" + wanted.replace(" coroutine_fn", "").replace("coroutine_fn ", "").replace("coroutine_fn", "")
    assert HouseStyle(MARKS).insert(text, text.index("f(void)"), "coroutine_fn") == f"{there}\n{wanted}"


def test_nearest_file_and_project(tmp_path: Path) -> None:
    (tmp_path / "a.h").write_text(BEFORE)
    style = HouseStyle(MARKS, [str(tmp_path / "a.h"), str(tmp_path / "missing.h")])
    assert style.insert("static int f(void);", 11, "no_coroutine_fn") == "static no_coroutine_fn int f(void);"
    text = f"{AFTER}{AFTER}static int f(void);"
    assert style.insert(text, text.index("f(void)"), "coroutine_fn").endswith("static int coroutine_fn f(void);")


def test_like_another_declaration_of_the_function() -> None:
    others = [(BEFORE + "static coroutine_fn int f(int);", len(BEFORE) + 24)]
    assert others[0][0][others[0][1] :] == "f(int);"
    text = f"{AFTER}{AFTER}static int f(int);"
    assert (
        HouseStyle(MARKS)
        .insert(text, text.index("f(int)"), "coroutine_fn", others)
        .endswith("static coroutine_fn int f(int);")
    )
    text = f"{AFTER}{AFTER}int f(int);"  # other words: nothing to learn
    assert (
        HouseStyle(MARKS)
        .insert(text, text.index("f(int)"), "coroutine_fn", others)
        .endswith("\nint coroutine_fn f(int);")
    )
