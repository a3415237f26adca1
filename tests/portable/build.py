"""Programs by way of portable C, in this process: parsed and converted once, compiled by any number of compilers."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from cpc.backend.portable.compiler import HEADERS
from cpc.diag import Diagnostics, render
from cpc.driver import compile_file
from cpc.frontend.preprocess import Preprocessor
from cpc.frontend.target import X86_64, Target
from cpc.options import Options
from cpc.runtime_library import libraries, runtime_archive

COMPILERS = (("gcc", "-O0"), ("gcc", "-O2"), ("clang", "-O0"), ("clang", "-O2"))
NAMES = ["-".join(compiler) for compiler in COMPILERS]
FLAGS = ("-ffp-contract=off", f"-isystem{HEADERS}")


def portable_c(source: Path | str, words: Sequence[str] = (), target: Target = X86_64) -> str:
    """What `cpc cc --emit c` prints."""
    diags = Diagnostics()
    options = Options(preprocessor=Preprocessor(("-w", *words), (target.cc,)), target=target)
    data = compile_file(str(source), "c", options, diags)
    assert data is not None, render(diags.sorted())
    return data.decode("utf-8", "surrogateescape")


@cache
def archive() -> Path:
    """The coroutine runtime, made by LLVM."""
    diags = Diagnostics()
    made = runtime_archive(diags)
    assert made is not None, render(diags.sorted())
    return made


def compile_portable(text: str, compiler: Sequence[str], target: Path, *more: str) -> Path:
    """An object of `text`."""
    source = target.with_suffix(".cpc.c")
    source.write_text(text, encoding="utf-8", errors="surrogateescape")
    argv = [*compiler, *FLAGS, *(more or ["-w", "-Wno-psabi"]), "-c", str(source), "-o", str(target)]
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stderr[:4000]
    assert not done.stderr, done.stderr[:4000]
    return target


def link_portable(objects: Sequence[Path], compiler: Sequence[str], program: Path, *, coroutines: bool = True) -> Path:
    words = [str(archive()), *libraries()] if coroutines else []
    argv = [compiler[0], *map(str, objects), *words, "-rdynamic", "-lm", "-pthread", "-latomic", "-o", str(program)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:4000]
    return program


def run(program: Path, *words: str) -> tuple[int, bytes]:
    done = subprocess.run([str(program), *words], capture_output=True, timeout=120, check=False)
    return done.returncode, done.stdout
