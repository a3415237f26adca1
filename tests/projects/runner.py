"""Builds real projects with gcc and with cpc, runs their tests and compares what they print.

    python -m tests.projects [NAME...]

Sources are Debian's (sources.py), downloaded and unpacked in the cache; builds are made in a folder that goes away.
The table says for each project whether it was built, whether its tests passed, and the CPU time beside gcc's.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.projects.build import Build, Failed, Stopwatch
from tests.projects.recipes import PROJECTS, Project
from tests.sources import SourceError, source
from tests.tools import ROOT

COMPILERS = {"gcc": ("gcc",), "cpc": (str(ROOT / ".venv/bin/cpc"), "cc")}


@dataclass(slots=True)
class Report:
    """How a project went; `fault` is empty when all is well."""

    name: str
    built: bool = False
    passed: bool = False
    gcc_seconds: float = 0
    cpc_seconds: float = 0
    lines: int = 0  # of the transcript that was compared
    fault: str = ""

    def row(self) -> str:
        times = f"{self.cpc_seconds:8.1f} {self.gcc_seconds:8.1f}"
        ratio = f"{self.cpc_seconds / self.gcc_seconds:6.1f}" if self.gcc_seconds and self.cpc_seconds else "     -"
        answers = [("no", "yes")[self.built], ("no", "yes")[self.passed]]
        return f"{self.name:10} {answers[0]:6} {answers[1]:7} {self.lines:6} {times} {ratio}"


HEADLINE = f"{'project':10} {'built':6} {'passed':7} {'lines':>6} {'cpc s':>8} {'gcc s':>8} {'ratio':>6}"


def run_project(project: Project) -> Report:
    """Builds and checks with both compilers."""
    report = Report(project.name)
    missing = [program for program in project.needs if shutil.which(program) is None]
    if missing:
        report.fault = f"needs {', '.join(missing)}, which is not on this machine"
        return report
    try:
        with tempfile.TemporaryDirectory(prefix="cpc-project.") as folder:
            _run(project, Path(folder), report)
    except (Failed, SourceError) as fault:
        report.fault = str(fault)
    return report


def _run(project: Project, folder: Path, report: Report) -> None:
    prepared = folder / "prepared"
    shutil.copytree(source(project.name), prepared, symlinks=True)
    project.prepare(Build(COMPILERS["gcc"], prepared))
    transcripts = {}
    for name in ("gcc", "cpc"):
        work = folder / "work"  # the same path for both: it may be in what they print
        shutil.copytree(prepared, work, symlinks=True)
        build = Build(COMPILERS[name], work)
        watch = Stopwatch()
        project.build(build)
        setattr(report, f"{name}_seconds", watch.seconds())
        report.built = name == "cpc"
        transcripts[name] = project.check(build)
        shutil.rmtree(work)
    report.lines = transcripts["gcc"].count("\n")
    if transcripts["gcc"] != transcripts["cpc"]:
        raise Failed("prints other things than with gcc:\n" + _first_difference(*transcripts.values()))
    report.passed = True


def _first_difference(expected: str, found: str) -> str:
    pairs = zip([*expected.splitlines(), "(end)"], [*found.splitlines(), "(end)"], strict=False)
    return next((f"line {n}\ngcc: {a}\ncpc: {b}" for n, (a, b) in enumerate(pairs, 1) if a != b), "white space")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.projects", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(p.name for p in PROJECTS))
    wanted = parser.parse_args().names
    unknown = set(wanted) - {p.name for p in PROJECTS}
    if unknown:
        parser.error(f"no project is called {', '.join(sorted(unknown))}")
    print(HEADLINE, flush=True)
    good = True
    for project in PROJECTS:
        if wanted and project.name not in wanted:
            continue
        report = run_project(project)
        print(report.row(), flush=True)
        if report.fault:
            good = False
            print(report.fault, file=sys.stderr, flush=True)
    return 0 if good else 1
