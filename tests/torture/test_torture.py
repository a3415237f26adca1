"""gcc's torture tests: as many pass as with clang, the others are refused by name, and none is miscompiled."""

from __future__ import annotations

import os
import shutil
from collections import Counter

import pytest

from tests.gcc_testsuite import gcc_testsuite
from tests.torture.cases import Case, find_cases
from tests.torture.directives import Directive, Machine, directives_of
from tests.torture.runner import GOOD, LEVELS, TOLERANT, Result, Setting, measure, only_with, table

JOBS = os.cpu_count() or 1
X86 = Machine("x86_64-pc-linux-gnu")

# Faults that are known and not mended; each is one too many.
KNOWN: dict[str, str] = {}

# Right programs that, when optimised, ask for a transformation of gcc's which cpc does not make.
NOT_FOLDED = {
    "990208-1.c": "inlines a function whose label has its address taken",
}


def _bad(results: list[Result]) -> list[str]:
    bad = [result for result in results if result.verdict not in GOOD and result.name not in KNOWN]
    bad += [result for result in results if result.verdict == "not folded" and result.name not in NOT_FOLDED]
    return [result.row() for result in bad]


def _passes(results: list[Result]) -> int:
    return Counter(result.verdict for result in results)["pass"]


@pytest.mark.lab
@pytest.mark.timeout(7200)
def test_execute() -> None:
    cases = find_cases(gcc_testsuite(), "execute", X86)
    ours = measure(Setting(), cases, LEVELS, JOBS)
    bad = _bad(ours)
    assert not bad, "\n".join(bad)
    applicable = [result for result in ours if result.verdict != "n/a"]
    assert _passes(ours) >= 0.954 * len(applicable), table({"cpc": ours})
    clang = shutil.which("clang-19")
    if clang is not None:
        theirs = measure(Setting((clang, *TOLERANT)), cases, LEVELS, JOBS)
        lost = "\n".join(result.row() for result in only_with(theirs, ours))
        assert _passes(ours) >= _passes(theirs), f"{table({'cpc': ours, 'clang': theirs})}\n{lost}"


@pytest.mark.lab
@pytest.mark.timeout(7200)
def test_compile() -> None:
    ours = measure(Setting(), find_cases(gcc_testsuite(), "compile", X86), LEVELS, JOBS)
    bad = _bad(ours)
    assert not bad, "\n".join(bad)


# ---- the reading of directives, which decides what is measured -----------------------------------------------


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("{ target x86_64-*-* i?86-*-* }", True),
        ("{ target { { i?86-*-* x86_64-*-* } && ia32 } }", False),
        ("{ target { { i?86-*-* x86_64-*-* } && { ! ia32 } } }", True),
        ("{ target { ! { hppa*-*-hpux* } } }", True),
        ("{ target { ! x86_64-*-* } }", False),
        ("{ target { lp64 || ilp32 } }", True),
        ('{ target { ! "nvptx-*-* pdp11-*-*" } }', True),
        ("{ target arm*-*-* }", False),
    ],
)
def test_selectors(selector: str, expected: bool) -> None:
    found = next(directives_of(f'/* {{ dg-options "-O" {selector} }} */'))
    assert X86.matches(found.words[1]) is expected


def test_words_of_directives() -> None:
    text = '/* { dg-skip-if "a {b} c" { *-*-* } { "-O0" "-O1" } { "" } } */ /* { dg-do run } */ { dg-broken "'
    assert list(directives_of(text)) == [
        Directive("skip-if", ("a {b} c", ["*-*-*"], ["-O0", "-O1"], [""])),
        Directive("do", ("run",)),
    ]


@pytest.mark.parametrize(
    ("skip", "level", "skipped"),
    [
        ('{ dg-skip-if "" { *-*-* } { "-O0" } { "" } }', "-O0", True),
        ('{ dg-skip-if "" { *-*-* } { "-O0" } { "" } }', "-O2", False),
        ('{ dg-skip-if "" { *-*-* } { "*" } { "-O2" } }', "-O2", False),
        ('{ dg-skip-if "" { avr-*-* } }', "-O2", False),
        ('{ dg-skip-if "" { x86_64-*-* } }', "-O2", True),
        ('{ dg-skip-if "" { ! alloca } { "-O0" } { "" } }', "-O0", False),
    ],
)
def test_skips(skip: str, level: str, skipped: bool) -> None:
    assert Case("x", [], True, skips=[next(directives_of(skip))]).skipped_at(X86, level) is skipped
