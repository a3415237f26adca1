"""Whatever is given to compile: one clear diagnostic and a non-zero status, never a traceback."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from cpc.frontend import preprocess
from tests.cc.conftest import Cpc

BAD_TEXTS = {
    "comment": "int x; /* never closed",
    "string": 'char *s = "never closed;\n',
    "attribute": "int x __attribute__((aligned(4)",
    "brace": "int f(void) { if (1) {",
    "nul": "int a\0b;",
    "include": "#include <no/such/header.h>\n",
    "directive": "#error stop here\n",
    "conditional": "#if 1\nint x;\n",
    "latin1": "int \udce9 = 1;",
    "loop": '#include "bad.c"\n',
}


@pytest.mark.parametrize("name", BAD_TEXTS)
def test_bad_text(cpc: Cpc, name: str) -> None:
    Path("bad.c").write_bytes(BAD_TEXTS[name].encode("utf-8", "surrogateescape"))
    done = cpc("cc", "-c", "bad.c")
    assert done.status == 1 and "error[E00" in done.err, done.err
    assert "bad.c:" in done.err and not Path("bad.o").exists()
    assert cpc("lint", "bad.c").status == 2


def test_binary_garbage(cpc: Cpc) -> None:
    rng = random.Random(7)
    for _ in range(5):
        Path("bad.c").write_bytes(rng.randbytes(3000))
        done = cpc("cc", "-c", "bad.c")
        assert done.status == 1 and "error[E00" in done.err
        assert all(c in "\n\t" or c.isprintable() for c in done.err), "no control characters reach the terminal"


def test_files_that_are_no_files(cpc: Cpc) -> None:
    Path("folder.c").mkdir()
    for name, reason in (("missing.c", "no such file"), ("folder.c", "is a directory"), ("a" * 300 + ".c", "too long")):
        done = cpc("cc", "-c", name)
        assert done.status == 1 and "error[E0003]" in done.err and reason in done.err
    assert "error[E0003]" in cpc("cc", "-c", "nul\0.c").err


def test_a_file_of_words_with_a_null_character(cpc: Cpc) -> None:
    Path("words").write_bytes(b"-DX a.c\0-c")
    done = cpc("cc", "@words")
    assert done.status == 2 and "'words' has a null character" in done.err


@pytest.mark.parametrize("suffix", ["c", "i"])
@pytest.mark.parametrize("processor", ["odd\u00e9", "x;y", "unheard-of"])
def test_processors_that_there_are_not(cpc: Cpc, processor: str, suffix: str) -> None:
    Path(f"a.{suffix}").write_text("int f(void) { return 1; }\n")
    done = cpc("cc", f"-march={processor}", "-c", f"a.{suffix}")
    assert done.status == 1 and "bad value" in done.err and "-march=" in done.err


def test_processors_that_only_gcc_knows(cpc: Cpc) -> None:
    Path("a.c").write_text("int f(void) { return 1; }\n")
    done = cpc("cc", "-march=nano-x4", "-c", "a.c")
    assert done.status == 0 and not done.err


def test_macros_that_stand_for_anything(cpc: Cpc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preprocess, "_MOST_OUTPUT", 1 << 20)
    macros = "".join(f"#define A{i} A{i - 1} A{i - 1}\n" for i in range(1, 24))
    Path("a.c").write_text(f"#define A0 1 +\n{macros}int x = A23 1;\n")
    done = cpc("cc", "-c", "a.c")
    assert done.status == 1 and "a.c: error[E0002]: macros and headers make more than 1 MiB of this file" in done.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file(cpc: Cpc) -> None:
    Path("secret.c").write_text("int x;")
    Path("secret.c").chmod(0)
    assert "error[E0003]" in cpc("cc", "-c", "secret.c").err


def test_output_that_cannot_be_written(cpc: Cpc) -> None:
    Path("m.c").write_text("int x;")
    done = cpc("cc", "-c", "m.c", "-o", "no/such/folder/m.o")
    assert done.status == 1 and "cannot write this file" in done.err


def test_empty_file_is_fine(cpc: Cpc) -> None:
    Path("empty.c").write_text("")
    assert cpc("cc", "-c", "empty.c").status == 0


def test_ten_thousand_parentheses(cpc: Cpc) -> None:
    Path("deep.c").write_text(f"int x = {'(' * 10_000}1{')' * 10_000};\n")
    assert cpc("cc", "-c", "deep.c").status == 0
    Path("deep.c").write_text(f"int f(int x) {{ return {'-(' * 3_000}x{')' * 3_000}; }}\n")
    done = cpc("cc", "-c", "deep.c")
    assert done.status == 0 or "error[E0004]" in done.err
    Path("deep.c").write_text("int x = " + "(" * 300_000)
    done = cpc("cc", "-c", "deep.c")
    assert done.status == 1 and "error[E00" in done.err


def test_faults_of_several_files_are_all_shown(cpc: Cpc) -> None:
    Path("a.c").write_text("int a = ;\n")
    Path("b.c").write_text("int b = ;\n")
    done = cpc("cc", "-c", "a.c", "b.c")
    assert done.status == 1 and "a.c:1:9: error[E0001]" in done.err and "b.c:1:9: error[E0001]" in done.err


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ('asm("bogus %eax");', "invalid instruction mnemonic 'bogus'"),
        ('int y; asm("mov %1, %0" : "=Y"(y) : "r"(1));', "constraint 'Y'"),
        ('asm("mov $1, %%nosuch" : : : "memory");', "invalid register name"),
    ],
)
def test_wrong_asm(cpc: Cpc, statement: str, message: str) -> None:
    Path("a.c").write_text(f"void f(void)\n{{\n    {statement}\n}}\n")
    Path("b.c").write_text("int b;\n")
    done = cpc("cc", "-c", "a.c", "b.c")
    assert done.status == 1 and "error[E0" in done.err and message in done.err, done.err
    assert "a.c:3:" in done.err and Path("b.o").exists()


def test_linker_message_keeps_its_lines(cpc: Cpc) -> None:
    Path("main.c").write_text("int missing(void);\nint main(void) { return missing(); }\n")
    done = cpc("cc", "main.c", "-o", "main")
    assert done.status == 1
    assert "error[E0006]" in done.err
    assert any("undefined reference to `missing'" in line for line in done.err.splitlines()[1:])
