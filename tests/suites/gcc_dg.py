"""gcc's own tests: gcc.dg, its folders, and c-c++-common, by their DejaGnu directives.

What a directive says of the target is evaluated for x86-64 Linux as far as that is simple; the rest is left to gcc: a
program that gcc does not compile, or whose run fails under gcc, proves nothing and is left out by the runner.
"""

from __future__ import annotations

import re
import shlex
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cpc.cache import cache_root, cached
from tests.projects.sources import source
from tests.suites.case import Case

_FOLDERS = {  # folder -> options where a test names none
    "gcc.dg": ("-ansi", "-pedantic-errors"),
    "gcc.dg/torture": (),
    "gcc.dg/atomic": ("-std=c11", "-pedantic-errors"),
    "gcc.dg/cpp": ("-ansi", "-pedantic-errors"),
    "gcc.dg/charset": ("-ansi", "-pedantic-errors"),
    "gcc.dg/noncompile": (),
    "gcc.dg/dfp": (),
    "gcc.dg/tls": ("-std=gnu89", "-pedantic-errors"),
    "gcc.dg/vect": (),
    "gcc.dg/tree-ssa": (),
    "gcc.dg/ipa": (),
    "gcc.dg/graphite": (),
    "gcc.dg/pch": (),
    "gcc.dg/debug": (),
    "gcc.dg/asan": (),
    "gcc.dg/analyzer": (),
    "gcc.dg/format": (),
    "gcc.dg/weak": (),
    "gcc.dg/special": (),
    "gcc.dg/fixed-point": (),
    "gcc.dg/plugin": (),
    "gcc.dg/lto": (),
    "gcc.dg/guality": (),
    "gcc.dg/tm": (),
    "gcc.dg/compat": (),
    "c-c++-common": (),
    "c-c++-common/torture": (),
    "c-c++-common/cpp": (),
}
_LEFT_OUT = {  # other languages, and what is not about C: plugins, profiles, link-time optimisation
    "gcc.dg/fixed-point", "gcc.dg/plugin", "gcc.dg/lto", "gcc.dg/pch", "gcc.dg/tm", "gcc.dg/compat", "gcc.dg/guality",
    "gcc.dg/asan", "gcc.dg/dfp",
}  # fmt: skip
_LEVEL = re.compile(r"-O(?:[0-9sgz]|fast)?|-fdump-.*|-d[a-z].*|-flto.*|-fprofile.*|-fopt-info.*|-save-temps")
_MACHINE = re.compile(r"x86_64-\*-\*|\*-\*-linux\*|\*86\*-\*|\*-\*-\*|lp64|int32plus|\*-\*-gnu\*|x86|native|size32plus")


def cases() -> Iterator[Case]:
    testsuite = cached(cache_root() / "sources/gcc-12-testsuite", _unpack)
    for name, default in _FOLDERS.items():
        if name not in _LEFT_OUT:
            for path in sorted((testsuite / name).glob("*.c")):
                if case := _case(path, testsuite, default):
                    yield case


def _unpack(folder: Path) -> None:
    package = source("gcc-12")
    archive = next(package.glob("gcc-*.tar.xz"))
    with tempfile.TemporaryDirectory(dir=folder.parent) as name, tarfile.open(archive) as tar:
        wanted = (m for m in tar if "/gcc/testsuite/gcc." in m.name or "/gcc/testsuite/c-c++" in m.name)
        tar.extractall(name, wanted, filter="data")
        next(Path(name).glob("*/gcc/testsuite")).rename(folder)


def _case(path: Path, testsuite: Path, default: tuple[str, ...]) -> Case | None:
    text = path.read_text(encoding="latin-1")
    directives = list(_directives(text))
    kind, options, extra, sources = "compile", None, [], [path]
    fails = False
    for name, words in directives:
        applies = _applies(words)
        match name:
            case "dg-do":
                if not applies:
                    return None
                kind = words[0] if words else "compile"
            case "dg-options" if applies:
                options = _split(words)
            case "dg-additional-options" if applies:
                extra += _split(words)
            case "dg-additional-sources" if words:
                sources += [path.parent / word for word in _split(words)]
            case "dg-require-effective-target" if words and words[0] in _ABSENT:
                return None
            case "dg-error" | "dg-shouldfail" | "dg-bogus":
                fails = fails or name != "dg-bogus"
            case "dg-xfail-run-if":
                return None
    if kind not in ("run", "compile", "assemble", "link", "preprocess"):
        return None
    chosen = tuple(word for word in [*(default if options is None else options), *extra] if not _LEVEL.fullmatch(word))
    kind = "run" if kind == "run" else "survive" if fails else "accept"
    name = str(path.relative_to(testsuite).with_suffix(""))
    return Case("gcc", name, tuple(sources), kind, ("-w", *chosen) if kind != "survive" else chosen)


_ABSENT = {"dfp", "dfprt", "ia32", "ilp32", "fixed_point", "lto", "profiling", "powerpc", "arm_neon", "offload_nvptx"}


def _directives(text: str) -> Iterator[tuple[str, list[str]]]:
    for found in re.finditer(r"\{\s*(dg-[\w-]+)\s+(.*?)\s*\}\s*(?:\*/|$)", text, re.MULTILINE):
        yield found[1], _words(found[2])


def _words(text: str) -> list[str]:
    """Tcl's words: "quoted", {braced} or bare."""
    return [
        next(part for part in found.groups() if part is not None)
        for found in re.finditer(r'"((?:[^"\\]|\\.)*)"|\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}|(\S+)', text)
    ]


def _split(words: list[str]) -> list[str]:
    try:
        return shlex.split(words[0]) if words else []
    except ValueError:
        return words[0].split()


def _applies(words: list[str]) -> bool:
    """Whether the `{ target ... }` among the words, if any, is this machine."""
    for word in words:
        found = re.match(r"\s*target\s+(.*)", word, re.DOTALL)
        if found:
            return _selects(found[1])
    return True


def _selects(selector: str) -> bool:
    tokens = re.findall(r"[{}]|&&|\|\||!|[^\s{}!&|]+", selector)
    value, _ = _any_of(tokens, 0)
    return value


def _any_of(tokens: list[str], at: int) -> tuple[bool, int]:
    """A selector is a list of names, any of which may hold, joined by !, && and ||."""
    value, join, negate = False, "||", False
    while at < len(tokens) and tokens[at] != "}":
        token = tokens[at]
        at += 1
        if token in ("&&", "||"):
            join = token
            continue
        if token == "!":
            negate = not negate
            continue
        if token == "{":
            term, at = _any_of(tokens, at)
            at += 1
        else:
            term = _holds(token)
        term, negate = term != negate, False
        value = (value and term) if join == "&&" else (value or term)
        join = "||"
    return value, at


def _holds(name: str) -> bool:
    if "-" in name:  # a triplet
        pattern = re.escape(name).replace(r"\*", ".*").replace(r"\?", ".").replace(r"\[", "[").replace(r"\]", "]")
        return re.fullmatch(pattern, "x86_64-pc-linux-gnu") is not None
    return name not in _ABSENT and not name.startswith(("arm", "powerpc", "vect_", "aarch64", "mips", "s390"))
