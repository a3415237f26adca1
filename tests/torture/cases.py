"""The cases of gcc.c-torture: which files, compiled with which options, and what must come out.

Follows execute.exp, ieee.exp, builtins.exp and compile.exp.  A test may have a Tcl script of its own beside it (.x),
of which only flags that it sets for every target matter to Linux targets: all else there is about other machines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture.directives import Directive, Machine, Word, directives_of

_QUIET = ("-w",)
_BUILTINS = "-fno-tree-dse -fno-tree-loop-distribute-patterns -fno-tracer -fno-ipa-ra -fno-inline-functions"
_FLAGS = re.compile(r'^(?:lappend|set) additional_flags ((?:"[^"]*"|\S+)(?: "[^"]*")*)\s*$', re.M)


@dataclass(slots=True)
class Case:
    """One test; `reason` says why it is not for this target, else it is empty."""

    name: str
    sources: list[Path]
    runs: bool
    assembles: bool = True  # when it does not run
    options: list[str] = field(default_factory=list)
    expects_errors: bool = False
    reason: str = ""
    skips: list[Directive] = field(default_factory=list)

    def skipped_at(self, machine: Machine, level: str) -> bool:
        """Do its dg-skip-if and dg-xfail-run-if leave it out at this optimisation level?"""
        return any(_hits(skip, machine, [level, *self.options]) for skip in self.skips)


def find_cases(testsuite: Path, suite: str, machine: Machine) -> list[Case]:
    """The cases of gcc.c-torture/`suite` below a folder gcc/testsuite."""
    top = testsuite / "gcc.c-torture" / suite
    folders = [top] if suite == "compile" else [top, top / "ieee", top / "builtins"]
    cases = []
    for folder in folders:
        for path in sorted(folder.glob("*.[cS]")):
            if not (folder.name == "builtins" and path.stem.endswith("-lib")):
                name = str(path.relative_to(testsuite / "gcc.c-torture" / suite))
                cases.append(_case(name, path, runs=suite == "execute", machine=machine))
    return cases


def _case(name: str, path: Path, *, runs: bool, machine: Machine) -> Case:
    case = Case(name, [path], runs, options=list(_QUIET))
    if path.parent.name == "builtins":
        case.sources += [path.with_name(f"{path.stem}-lib.c"), path.parent / "lib" / "main.c"]
        case.options += _BUILTINS.split()
    elif path.parent.name == "ieee":
        case.options += ["-fno-inline"]
    script = path.with_suffix(".x")
    if script.exists():
        found = _FLAGS.findall(script.read_text())
        case.options += [flag for flags in found for flag in flags.replace('"', "").split()]
    chosen: list[str] | None = None
    more: list[str] = []
    for directive in directives_of(path.read_text(encoding="latin-1")):
        match directive.name:
            case "options" if _applies(directive, machine):
                chosen = _flags(directive)
            case "additional-options" if _applies(directive, machine):
                more += _flags(directive)
            case "additional-sources":
                case.sources += [path.parent / word for word in _flags(directive)]
            case _:
                _read(directive, case, machine)
    case.options = [*(case.options if chosen is None else [*case.options[1:], *chosen]), *more]
    return case


def _read(directive: Directive, case: Case, machine: Machine) -> None:
    """A directive that says whether and how the case is done."""
    match directive.name:
        case "do":
            case.runs = directive.words[0] == "run"
            case.assembles = directive.words[0] != "compile"
            if not _applies(directive, machine):
                case.reason = "for other targets"
        case "require-effective-target":
            if not machine.matches(directive.words[0]):
                case.reason = f"needs {directive.words[0]}"
            elif len(directive.words) > 1 and not machine.matches(directive.words[1]):
                return
        case "require-profiling" | "require-stack-check" | "require-dll":
            case.reason = f"needs {directive.name.removeprefix('require-')}"
        case "skip-if" | "xfail-run-if" | "xfail-if":
            case.skips.append(directive)
        case "error" if _applies(directive, machine):
            case.expects_errors = True


def _flags(directive: Directive) -> list[str]:
    word = directive.words[0]
    return word.split() if isinstance(word, str) else [flag for part in word for flag in str(part).split()]


def _applies(directive: Directive, machine: Machine) -> bool:
    """Its `{ target ... }`, when there is one."""
    selectors = [w for w in directive.words if isinstance(w, list) and w and w[0] == "target"]
    return all(machine.matches(selector) for selector in selectors)


def _hits(skip: Directive, machine: Machine, flags: list[str]) -> bool:
    """dg-skip-if "why" { targets } { with these flags } { and none of these }."""
    defaults: list[Word] = [["*-*-*"], ["*"], [""]]
    words = [*skip.words[1:], *defaults[len(skip.words) - 1 :]]
    targets, included, excluded = words[:3]
    return machine.matches(targets) and _given(included, flags) and not _given(excluded, flags)


def _given(patterns: Word, flags: list[str]) -> bool:
    """Is one of the patterns, each some flags that come together, among the flags?"""
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        if pattern == "*" or (pattern and set(str(pattern).split()) <= set(flags)):
            return True
    return False
