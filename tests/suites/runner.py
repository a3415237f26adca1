"""Runs cases and judges them.

A case is judged against gcc at the same level: what gcc refuses, or what fails when gcc compiled it, is left out.
Verdicts: 'passed'; 'refused' (an E03xx: the construct is not supported, and cpc says so); 'rejected' (any other error);
'wrong' (prints or exits differently); 'hung'; 'crashed' (a traceback, an internal error, a signal).
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.suites.case import Case
from tests.suites.compilers import COMPILERS, Outcome, run_program

RUN_SECONDS = 20
BAD = ("rejected", "wrong", "hung", "crashed")


@dataclass(frozen=True, slots=True)
class Verdict:
    suite: str
    name: str
    level: str
    kind: str
    text: str = ""
    clang: str = ""  # clang's verdict on the same case, where cpc's is not 'passed'


def judge(case: Case, level: str, *, beside: bool = True) -> Verdict | None:
    """None: gcc does not pass it.  `beside`: ask clang too about what does not pass."""
    with tempfile.TemporaryDirectory(prefix="cpc-suite.") as name:
        folder = Path(name)
        if case.kind == "survive":
            made = _build(case, level, "cpc", folder)
            kind, text = _compiled(made)
            return Verdict(case.suite, case.name, level, "passed" if kind in ("rejected", "refused") else kind, text)
        expected = _reference(case, level, folder)
        if expected is None:
            return None
        kind, text = _one(case, level, "cpc", folder, expected)
        clang = _one(case, level, "clang", folder, expected)[0] if beside and kind != "passed" else ""
    return Verdict(case.suite, case.name, level, kind, text, clang)


def _reference(case: Case, level: str, folder: Path) -> Outcome | None:
    if not _build(case, level, "gcc", folder).ok:
        return None
    if case.kind != "run":
        return Outcome(0)
    found = _run(case, folder, "gcc")
    if case.expected is None and not found.ok:
        return None
    return found


def _one(case: Case, level: str, compiler: str, folder: Path, expected: Outcome) -> tuple[str, str]:
    kind, text = _compiled(_build(case, level, compiler, folder))
    if kind != "passed" or case.kind != "run":
        return kind, text
    found = _run(case, folder, compiler)
    if found.status is None:
        return "hung", "the program does not end"
    if found != expected:
        return "wrong", f"exits with {found.status}, not {expected.status}\n{_first_difference(expected, found)}"
    return "passed", ""


def _build(case: Case, level: str, compiler: str, folder: Path) -> Outcome:
    output = ["-o", compiler, *map(str, case.sources), *case.libraries]
    if case.kind != "run":
        output = ["-c", "-o", f"{compiler}.o", str(case.sources[0])]
    return COMPILERS[compiler]([f"-O{level}", *case.options, *output], folder)


def _run(case: Case, folder: Path, compiler: str) -> Outcome:
    (folder / compiler).rename(folder / "a.out")  # its name may be printed
    return run_program([str(folder / "a.out"), *case.arguments], folder, RUN_SECONDS)


def _compiled(made: Outcome) -> tuple[str, str]:
    if made.status is None:
        return "hung", made.output
    if made.status < 0 or made.status > 2 or "Traceback (most recent" in made.output or "[E0007]" in made.output:
        return "crashed", f"status {made.status}\n{made.output}"
    if made.ok:
        return "passed", ""
    codes = set(re.findall(r"error\[(E\d+)\]", made.output))
    return ("refused" if codes and all(c.startswith("E03") for c in codes) else "rejected"), made.output


def _first_difference(expected: Outcome, found: Outcome) -> str:
    pairs = zip([*expected.output.split("\n"), "(end)"], [*found.output.split("\n"), "(end)"], strict=False)
    return next((f"line {n}\ngcc: {a}\ncpc: {b}" for n, (a, b) in enumerate(pairs, 1) if a != b), "")
