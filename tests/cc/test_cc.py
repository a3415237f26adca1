"""`cpc cc` does what gcc does with the same words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cc.conftest import Cpc

MAIN = "int twice(int);\nint main(void) { return twice(21) == 42 ? 0 : 1; }\n"
TWICE = "int twice(int x) { return 2 * x; }\n"


@pytest.fixture
def sources(cpc: Cpc) -> None:
    Path("main.c").write_text(MAIN)
    Path("twice.c").write_text(TWICE)


def runs(program: str) -> int:
    return subprocess.run([f"./{program}"], check=False, timeout=20).returncode


def test_several_sources_to_a_program(cpc: Cpc, sources: None) -> None:
    assert cpc("cc", "main.c", "twice.c").status == 0
    assert runs("a.out") == 0


def test_objects_then_link(cpc: Cpc, sources: None) -> None:
    assert cpc("cc", "-c", "main.c", "twice.c").status == 0
    assert Path("main.o").exists() and Path("twice.o").exists()
    assert cpc("cc", "main.o", "twice.o", "-o", "prog").status == 0
    assert runs("prog") == 0


@pytest.mark.parametrize("level", ["-O0", "-O1", "-O2", "-O3", "-Os", "-O", "-Ofast", "-Og", "-O9"])
def test_levels(cpc: Cpc, sources: None, level: str) -> None:
    assert cpc("cc", level, "-g", "main.c", "twice.c", "-o", "p").status == 0
    assert runs("p") == 0


def test_mixes_with_gcc_s_objects_both_ways(cpc: Cpc, sources: None) -> None:
    subprocess.run(["cc", "-c", "twice.c"], check=True)
    assert cpc("cc", "main.c", "twice.o", "-o", "p").status == 0
    assert runs("p") == 0
    assert cpc("cc", "-c", "twice.c").status == 0
    subprocess.run(["cc", "main.c", "twice.o", "-o", "q"], check=True)
    assert runs("q") == 0


def test_archives_libraries_and_order(cpc: Cpc, sources: None) -> None:
    assert cpc("cc", "-c", "twice.c").status == 0
    subprocess.run(["ar", "rcs", "libtwice.a", "twice.o"], check=True)
    assert cpc("cc", "main.c", "-L.", "-ltwice", "-o", "p").status == 0
    assert cpc("cc", "main.c", "libtwice.a", "-o", "q").status == 0
    assert runs("p") == runs("q") == 0


def test_shared_library(cpc: Cpc, sources: None) -> None:
    assert cpc("cc", "-shared", "-fPIC", "twice.c", "-o", "libtwice.so").status == 0
    assert cpc("cc", "main.c", "-L.", "-ltwice", "-Wl,-rpath,$ORIGIN", "-o", "p").status == 0
    assert runs("p") == 0


def test_assembler_sources(cpc: Cpc, sources: None) -> None:
    Path("one.s").write_text(".globl one\none: mov $1, %eax\nret\n.section .note.GNU-stack\n")
    Path("two.S").write_text("#define R %eax\n.globl two\ntwo: mov $VALUE, R\nret\n.section .note.GNU-stack\n")
    Path("m.c").write_text("int one(void), two(void); int main(void) { return one() + two() != 3; }")
    assert cpc("cc", "m.c", "one.s", "two.S", "-DVALUE=2", "-o", "p").status == 0
    assert runs("p") == 0


def test_names_of_files_are_mapped(cpc: Cpc) -> None:
    """-fmacro-prefix-map and -ffile-prefix-map: the last that fits."""
    Path("m.c").write_text(
        "int puts(const char *);\nint strcmp(const char *, const char *);\n"
        'int main(void) { return strcmp(__builtin_FILE(), __FILE__) || strcmp(__FILE__, "/y/m.c"); }\n'
    )
    here = Path.cwd()
    words = [f"-fmacro-prefix-map={here}=/x", f"-ffile-prefix-map={here}=/y", "-ffile-prefix-map=/nowhere=/z"]
    assert cpc("cc", *words, str(here / "m.c"), "-o", "p").status == 0
    assert runs("p") == 0


def test_assembly_and_llvm_output(cpc: Cpc, sources: None) -> None:
    assert cpc("cc", "-S", "twice.c").status == 0
    assert "twice:" in Path("twice.s").read_text()
    assert cpc("cc", "-S", "-emit-llvm", "twice.c").status == 0
    assert "@twice" in Path("twice.ll").read_text()
    assert cpc("cc", "-c", "-emit-llvm", "twice.c").status == 0
    assert Path("twice.bc").read_bytes()[:2] == b"BC"
    assert "twice:" in cpc("cc", "-S", "-o", "-", "twice.c").out


def test_preprocessor_options(cpc: Cpc) -> None:
    Path("inc").mkdir()
    Path("inc/a.h").write_text("#define A 1\n")
    Path("pre.h").write_text("#define P 2\n")
    Path("m.c").write_text(
        "#include <a.h>\n#if A + P + D != 6 || defined(U) || !defined(__CPC__) || !__OPTIMIZE__\n#error wrong\n#endif\n"
        "int main(void) { return 0; }\n"
    )
    words = ["-I", "inc", "-DD=3", "-D", "U", "-UU", "-include", "pre.h", "-O2"]
    assert cpc("cc", *words, "m.c").status == 0
    done = cpc("cc", "-E", "-P", *words, "m.c")
    assert done.status == 0 and done.out.strip() == "int main(void) { return 0; }"
    assert cpc("cc", "-E", *words, "m.c", "-o", "m.i").status == 0
    assert cpc("cc", "m.i", "-o", "p").status == 0
    assert runs("p") == 0


def test_dependency_files(cpc: Cpc) -> None:
    Path("a.h").write_text("")
    Path("m.c").write_text('#include "a.h"\n#include <stddef.h>\nint x;\n')
    assert cpc("cc", "-c", "-MMD", "-MP", "m.c", "-o", "out.o").status == 0
    assert Path("out.d").read_text().split("\n")[0] == "out.o: m.c a.h"
    assert cpc("cc", "-c", "-MD", "-MF", "d", "-MT", "target", "m.c").status == 0
    assert Path("d").read_text().startswith("target: m.c") and "stddef.h" in Path("d").read_text()
    assert cpc("cc", "-MM", "m.c").out == "m.o: m.c a.h\n"
    assert cpc("cc", "-c", "-Wp,-MMD,e.d", "m.c").status == 0
    assert Path("e.d").read_text() == "m.o: m.c a.h\n"


def test_warnings_and_unknown_f_options_are_ignored(cpc: Cpc, sources: None) -> None:
    words = [
        "-Wall",
        "-Wextra",
        "-Werror",
        "-Wno-anything",
        "-fno-such-thing",
        "-pipe",
        "-pedantic",
        "-std=gnu11",
        "-w",
    ]
    assert cpc("cc", *words, "-c", "twice.c").status == 0


def test_response_file(cpc: Cpc, sources: None) -> None:
    Path("args").write_text("main.c 'twice.c'\n-o prog\n")
    assert cpc("cc", "@args").status == 0
    assert runs("prog") == 0


def test_standard_input(sources: None) -> None:
    words = [sys.executable, "-m", "cpc", "cc", "-x", "c", "-", "-c", "-o", "in.o"]
    subprocess.run(words, input=b"int from_input;", check=True, timeout=60)
    assert b"from_input" in Path("in.o").read_bytes()


def test_show_commands(cpc: Cpc, sources: None) -> None:
    done = cpc("cc", "-###", "main.c", "twice.c", "-o", "p")
    assert done.status == 0 and "-E" in done.err and "main.c" in done.err and not Path("p").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "usage: cpc cc"),
        (["-c"], "no input files"),
        (["-o"], "'-o' needs a value"),
        (["-x", "c++", "a.cc"], "language 'c++' is not supported"),
        (["--nonsense", "main.c"], "unknown option '--nonsense'"),
        (["-m32", "main.c"], "'-m32' is not supported"),
        (["-fshort-wchar", "main.c"], "'-fshort-wchar' is not supported"),
        (["-mfpmath=387", "main.c"], "'-mfpmath=387' is not supported"),
        (["-c", "main.c", "twice.c", "-o", "x"], "-o with several inputs needs linking"),
        (["@missing"], "cannot read 'missing'"),
        (["-emit-llvm", "main.c"], "-emit-llvm needs -c or -S"),
        (["-"], "standard input needs -x c"),
    ],
)
def test_usage_errors(cpc: Cpc, sources: None, words: list[str], message: str) -> None:
    done = cpc("cc", *words)
    assert done.status == 2 and message in done.err


def test_link_errors_are_diagnostics(cpc: Cpc, sources: None) -> None:
    done = cpc("cc", "main.c", "-o", "p")
    assert done.status == 1 and "error[E0006]" in done.err and "twice" in done.err
    done = cpc("cc", "missing.o", "-o", "p")
    assert done.status == 1 and "missing.o: error[E0003]" in done.err


def test_questions_of_configure_scripts(cpc: Cpc) -> None:
    assert cpc("cc", "--version").out.startswith("cpc 0.1.0")
    assert cpc("cc", "-v").status == 0
    assert "linux-gnu" in cpc("cc", "-dumpmachine").out
    assert cpc("cc", "--help").out.startswith("usage: cpc cc")


INLINE = """\
inline int f(int x) { return x + 1; }
extern inline int g(int x) { return x + 2; }
static inline int h(int x) { return x + 3; }
int g(int x) { return x + 20; }
int main(void) { return f(1) + h(1) + g(1) - 27; }
"""


@pytest.mark.parametrize("option", ["-fgnu89-inline", "-std=gnu89", "-std=c90", "-ansi"])
def test_inline_before_c99(cpc: Cpc, option: str) -> None:
    Path("inline.c").write_text(INLINE.replace("inline", "__inline__"))
    assert cpc("cc", "-O0", option, "inline.c", "-o", "p").status == 0
    assert runs("p") == 0


def test_builtins_are_unlearned_by_name(cpc: Cpc) -> None:
    Path("abs.c").write_text("int abs(int); long labs(long); int main(void) { return abs(0) + labs(0); }\n")
    Path("mine.c").write_text("int abs(int x) { return x + 7; }\n")
    for level in ("-O0", "-O2"):
        assert cpc("cc", level, "-fno-builtin-abs", "abs.c", "mine.c", "-o", "p").status == 0
        assert runs("p") == 7


def test_own_memcpy_does_not_call_itself(cpc: Cpc) -> None:
    text = "typedef __SIZE_TYPE__ z; void *memcpy(void *d, const void *s, z n)\n"
    text += "{ char *t = d; const char *f = s; while (n--) *t++ = *f++; return d; }\n"
    Path("copy.c").write_text(f"{text}void *mine(void *d, const void *s, z n) {text[text.index('{') :]}")
    assert cpc("cc", "-O2", "-S", "-fno-tree-loop-distribute-patterns", "copy.c", "-o", "copy.s").status == 0
    assert "memcpy@PLT" not in Path("copy.s").read_text() and "jmp\tmemcpy" not in Path("copy.s").read_text()


def test_asm_that_only_another_assembler_knows(cpc: Cpc) -> None:
    """LLVM does not know .struct; the words behind -S are nobody's instructions."""
    known = '__asm__(".struct 7\\nseven:\\n.text"); int main(void) { int x; '
    Path("known.c").write_text(known + '__asm__("movl $seven, %0" : "=a"(x)); return x; }\n')
    for level in ("-O0", "-O2"):
        assert cpc("cc", level, "known.c", "-o", "p").status == 0
        assert runs("p") == 7
    Path("words.c").write_text('void f(int x) { __asm__("frobnicate %0, $5\\n\\ttwice" : : "r"(x)); }\n')
    assert cpc("cc", "-O2", "-S", "words.c").status == 0
    assert "frobnicate %edi, $5\ntwice\n" in Path("words.s").read_text().replace("\t", "")
    refused = cpc("cc", "-O2", "-c", "words.c")
    assert refused.status == 1 and "words.c:1:" in refused.err and "E0008" in refused.err


PROFILED = """\
#include <stdio.h>
#define QUIET __attribute__((no_instrument_function))
static int depth;
QUIET void __cyg_profile_func_enter(void *fn, void *from) { printf("%*s(%d\\n", depth++, "", fn != from); }
QUIET void __cyg_profile_func_exit(void *fn, void *from) { printf("%*s)\\n", --depth, ""); }
static int twice(int x) { return 2 * x; }
QUIET static int quiet(int x) { return twice(x) + 1; }
int main(void) { printf("%d\\n", quiet(4)); return 0; }
"""


@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_instrumented_functions(cpc: Cpc, level: str) -> None:
    Path("profiled.c").write_text(PROFILED)
    assert cpc("cc", level, "-finstrument-functions", "profiled.c", "-o", "p").status == 0
    subprocess.run(["cc", level, "-finstrument-functions", "profiled.c", "-o", "q"], check=True)
    outputs = [subprocess.run([f"./{name}"], capture_output=True, timeout=20).stdout for name in ("p", "q")]
    assert outputs[0] == outputs[1] != b""


@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_divisions_that_may_trap(cpc: Cpc, level: str) -> None:
    text = "#include <signal.h>\n#include <stdlib.h>\nstatic int i, j; int k;\n"
    text += "static void caught(int n) { _Exit(5); }\n"
    Path("trap.c").write_text(f"{text}int main(void) {{ signal(SIGFPE, caught); k = i / j; return 1; }}\n")
    assert cpc("cc", level, "-fnon-call-exceptions", "trap.c", "-o", "p").status == 0
    assert runs("p") == 5
