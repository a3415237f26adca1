"""gcc's own tests: gcc.dg, its folders, and c-c++-common, by their DejaGnu directives.

What a directive says of the target is evaluated for x86-64 Linux (tests/torture/directives.py); the rest is left to
gcc: a program that gcc does not compile, or whose run fails under gcc, proves nothing and is left out by the runner.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from tests.gcc_testsuite import gcc_testsuite
from tests.suites.case import Case
from tests.torture.directives import Machine, Word, directives_of

_FOLDERS = {  # folder -> options where a test names none
    "gcc.dg": ("-ansi", "-pedantic-errors"),
    "gcc.dg/torture": (),
    "gcc.dg/atomic": ("-std=c11", "-pedantic-errors"),
    "gcc.dg/cpp": ("-ansi", "-pedantic-errors"),
    "gcc.dg/charset": ("-ansi", "-pedantic-errors"),
    "gcc.dg/noncompile": (),
    "gcc.dg/tls": ("-std=gnu89", "-pedantic-errors"),
    "gcc.dg/vect": (),
    "gcc.dg/tree-ssa": (),
    "gcc.dg/ipa": (),
    "gcc.dg/graphite": (),
    "gcc.dg/debug": (),
    "gcc.dg/analyzer": (),
    "gcc.dg/format": (),
    "gcc.dg/weak": (),
    "gcc.dg/special": (),
    "c-c++-common": (),
    "c-c++-common/torture": (),
    "c-c++-common/cpp": (),
}
_LEVEL = re.compile(r"-O(?:[0-9sgz]|fast)?|-fdump-.*|-d[a-z].*|-flto.*|-fprofile.*|-fopt-info.*|-save-temps")
_ABSENT = {"dfp", "dfprt", "fixed_point", "lto", "profiling", "offload_nvptx"}  # or what cpc does not do
_MACHINE = Machine("x86_64-pc-linux-gnu")


def cases() -> Iterator[Case]:
    testsuite = gcc_testsuite()
    for name, default in _FOLDERS.items():
        for path in sorted((testsuite / name).glob("*.c")):
            if case := _case(path, testsuite, default):
                yield case


def _case(path: Path, testsuite: Path, default: tuple[str, ...]) -> Case | None:
    kind, fails = "compile", False
    options: list[str] | None = None
    extra: list[str] = []
    sources = [path]
    for directive in directives_of(path.read_text(encoding="latin-1")):
        words = directive.words
        applies = all(_MACHINE.matches(w) for w in words if isinstance(w, list) and w and w[0] == "target")
        first = words[0] if words and isinstance(words[0], str) else ""
        match directive.name:
            case "do":
                if not applies:
                    return None
                kind = first
            case "options" if applies:
                options = _split(first)
            case "additional-options" if applies:
                extra += _split(first)
            case "additional-sources":
                sources += [path.parent / word for word in _split(first)]
            case "require-effective-target" if first in _ABSENT or not _MACHINE.has(first):
                return None
            case "xfail-run-if":
                return None
            case "error" | "shouldfail":
                fails = True
    if kind not in ("run", "compile", "assemble", "link", "preprocess"):
        return None
    chosen = tuple(word for word in [*(default if options is None else options), *extra] if not _LEVEL.fullmatch(word))
    kind = "run" if kind == "run" else "survive" if fails else "accept"
    name = str(path.relative_to(testsuite).with_suffix(""))
    return Case("gcc", name, tuple(sources), kind, ("-w", *chosen) if kind != "survive" else chosen)


def _split(text: Word) -> list[str]:
    assert isinstance(text, str)
    try:
        return shlex.split(text)
    except ValueError:  # an apostrophe
        return text.split()
