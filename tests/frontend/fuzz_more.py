"""What else fuzz.py feeds to the compiler: programs that still compile, text of the IR, command lines.

    gentle    a real program with tokens replaced by others of their kind, for the optimiser and code generator
    ir        the text of a module with bytes and tokens changed, for reader and verifier
    command   options of `cpc cc` with odd values, in a folder with C, assembly, an object and headers that are faulty
    lint      a faulty file for `cpc lint`, under every standard

Command lines name only files of their folder, so that no output can go anywhere else.
"""

from __future__ import annotations

import os
import random
import re
import sys
import tempfile
import traceback
from functools import cache
from pathlib import Path

from cpc.cli import main as cpc_main
from cpc.diag import Diagnostics
from cpc.driver import Options, compile_text
from cpc.ir.errors import IRError
from cpc.ir.printer import print_module
from cpc.ir.reader import read_module
from cpc.ir.verify import verify_module
from tests.frontend.fuzz_inputs import PRELUDE, TESTS, WORDS, make, programs

_TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|[%@&.$]?[A-Za-z_][\w.]*|\d[\w.]*|\s+|[-+<>&|=!]{2}|.', re.S)
_KINDS = (
    ("int", "char", "long", "short", "unsigned", "float", "double", "_Bool", "__int128", "long double"),
    ("+", "-", "*", "/", "%", "&", "|", "^", "<", ">", "<=", ">=", "==", "!=", "<<", ">>", "&&", "||", ","),
    ("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="),
    ("++", "--"),
    ("if", "while", "switch"),
    ("break", "continue"),
    ("const", "volatile", "static", "register", "_Atomic", "restrict"),
)
_NUMBERS = ("0", "1", "-1", "2", "7", "63", "64", "255", "1u", "0x7fffffff", "0x80000000", "9223372036854775807", "1.5")


def gentle(seed: int) -> str:
    """A program that mostly still compiles."""
    rng = random.Random(seed)
    tokens = _TOKEN.findall(rng.choice([text for text in programs() if len(text) < 8000]))
    names = [token for token in tokens if re.match(r"[a-z_]", token)]
    for _ in range(rng.choice((1, 2, 3, 5))):
        at = rng.randrange(len(tokens))
        kinds = [kind for kind in _KINDS if tokens[at] in kind]
        if kinds:
            tokens[at] = rng.choice(kinds[0])
        elif tokens[at][0].isdigit():
            tokens[at] = rng.choice(_NUMBERS)
        elif names and tokens[at].isidentifier():
            tokens[at] = rng.choice(names)
    return PRELUDE + "".join(tokens)


def check_gentle(seed: int) -> str:
    """The fault of the whole compiler at -O2 on such a program."""
    diags = Diagnostics()
    try:
        made = compile_text(gentle(seed), "input.c", "obj", Options(), diags)
    except Exception:
        return traceback.format_exc(limit=-6)
    if any(d.code == "E0007" for d in diags.items):
        return "\n".join(d.message for d in diags.items)
    return "" if made is not None or diags.has_errors else "refused without a diagnostic"


@cache
def _modules() -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8") for path in sorted(TESTS.rglob("*.ir")))


def ir_text(seed: int) -> str:
    rng = random.Random(seed)
    tokens = _TOKEN.findall(rng.choice(_modules()))
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        at = rng.randrange(len(tokens))
        match rng.randrange(5):
            case 0:
                del tokens[at : at + rng.choice((1, 1, 3, 20))]
            case 1:
                tokens[at] = rng.choice(tokens)
            case 2:
                tokens[at] = rng.choice(
                    (*_NUMBERS, *WORDS, "i1", "i128", "f80", "ptr", "<4 x i32>", "99999999999999999")
                )
            case 3:
                tokens[at:at] = tokens[at : at + rng.choice((1, 5, 30))]
            case _:
                tokens[at] = "".join(chr(rng.randrange(256)) for _ in range(3))
        tokens = tokens or [" "]
    return "".join(tokens)


def check_ir(seed: int) -> str:
    """The fault of the reader, the verifier or the printer: what is read prints, and reads as the same again."""
    try:
        module = read_module(ir_text(seed))
        verify_module(module)
        text = print_module(module)
        return "" if print_module(read_module(text)) == text else "what is printed reads differently"
    except IRError:
        return ""
    except Exception:
        return traceback.format_exc(limit=-6)


_OPTIONS = """
-c -S -E -O0 -O1 -O2 -O3 -Os -Oz -Og -O9 -g -g3 -ggdb -w -Wall -Wextra -Werror -Wno-unused -Werror=format -pedantic
-std=c11 -std=gnu89 -std=c23 -std=nonsense -fPIC -fPIE -fno-pie -shared -static -pthread -fwrapv -ffast-math
-fvisibility=hidden -fvisibility=odd -ffunction-sections -fno-builtin -funsigned-char -m64 -m32 -march=native -march=odd
-mcmodel=kernel -mgeneral-regs-only -MD -MMD -MP -MG -M -MM -MF d.d -MT x -MQ $x -MF -o out.o -o -include e.h
-include missing.h -I . -I -isystem . -iquote . -D X=1 -DX -D -D1 -UX -U -x c -x assembler -x none -x odd -x -### -v
--target=aarch64-linux-gnu --target=odd -print-prog-name=ld -print-file-name=libc.so -dumpmachine -dumpversion
--version --help -save-temps -ftime-report -time-passes -emit-llvm -Wl,--odd -Wl, -Xlinker --gc-sections -Wa,--odd -lm
-lodd -L. -T x.ld a.c a.c bad.c deep.c e.h b.s c.o d.a missing.c . - -- @words @missing -fsyntax-only -nostdlib
-nostdinc -undef -P -C -dM -dD -iprefix x -idirafter . -imacros e.h -fmax-errors=1 -fdiagnostics-color=always
-fsanitize=address -flto -pipe -B. -specs=x -wrapper x -fplugin=x -frandom-seed=1 -march= -std= -O -f -m -W -Wp,-DX
""".split()  # noqa: SIM905


def command(seed: int) -> list[str]:
    rng = random.Random(seed)
    words = rng.choices(_OPTIONS, k=rng.choice((1, 2, 3, 5, 8)))
    if rng.random() < 0.8:
        words.append(rng.choice(("a.c", "bad.c", "b.s", "a.c")))
    if rng.random() < 0.2:
        at = rng.randrange(len(words))
        words[at] = words[at][: rng.randrange(len(words[at]) + 1)] + rng.choice(
            ("", "=", "\udcff", "\n", "é", "9" * 30)
        )
    return words


def _files(rng: random.Random, folder: Path) -> None:
    (folder / "a.c").write_text('#include "e.h"\n#include <stdio.h>\nint main(void) { puts("a"); return 0; }\n')
    (folder / "bad.c").write_text("int main(void) { return x; } #error\n#include <missing.h>\n")
    (folder / "deep.c").write_text("int x = " + "(" * 3000 + "1" + ")" * 3000 + ";\n")
    (folder / "e.h").write_text("#pragma once\n#define X 1\n")
    (folder / "words").write_text(rng.choice(("-c a.c", "'", "@words", "-o", '"a.c" -S\\', "\0")))
    assembly = bytearray(b".text\n.globl f\nf:\n\tmovl $1, %eax\n\tret\n.section .note.GNU-stack\n")
    for _ in range(rng.randrange(4)):
        assembly[rng.randrange(len(assembly))] = rng.randrange(256)
    (folder / "b.s").write_bytes(assembly)
    (folder / "c.o").write_bytes(rng.randbytes(rng.choice((0, 4, 300))))
    (folder / "d.a").write_bytes(b"!<arch>\n" + rng.randbytes(40))


def check_command(seed: int) -> str:
    """The fault of `cpc cc` with such words."""
    with tempfile.TemporaryDirectory() as name:
        _files(random.Random(seed), Path(name))
        return _check_words(["cc", *command(seed)], Path(name))


def check_lint(seed: int) -> str:
    """The fault of `cpc lint`, which preprocesses the input and has formats of its own for what it finds."""
    rng = random.Random(~seed)
    format_ = rng.choice(("text", "text", "json", "sarif", "github"))
    words = ["-j1", f"--format={format_}", f"-std={rng.choice(('gnu17', 'c90', 'c2x'))}"]
    with tempfile.TemporaryDirectory() as name:
        Path(name, "input.c").write_bytes(make(seed))
        return _check_words(["lint", *words, "input.c"], Path(name))


def _check_words(words: list[str], folder: Path) -> str:
    """The fault of cpc with these words in `folder`; its output is read back from a file, since tools write there."""
    old = os.getcwd()
    with tempfile.TemporaryFile("w+", errors="surrogateescape") as shown:
        os.chdir(folder)
        sys.stdout.flush()
        sys.stderr.flush()
        kept = [os.dup(number) for number in (0, 1, 2)]
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, to in ((0, nothing), (1, shown.fileno()), (2, shown.fileno())):
            os.dup2(to, number)
        try:
            status: object = cpc_main(words)
        except SystemExit as end:
            status = end.code
        except Exception:
            return f"{words}: {traceback.format_exc(limit=-6)}"
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, to in enumerate(kept):
                os.dup2(to, number)
                os.close(to)
            os.close(nothing)
            os.chdir(old)
        shown.seek(0)
        text = shown.read()
    if "Traceback" in text or "E0007" in text:
        return f"{words}: {text}"
    if status not in (0, 1, 2, None) or (status in (1, 2) and not text):
        return f"{words}: ends with {status} and says '{text}'"
    return ""
