"""`cpc lint` without its command line: which units to read, and which findings are shown.

    Selection --program_of--> Program --findings--> shown

The language server and the output formats use this too.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from cpc.diag import Diagnostic, SourceLines
from cpc.loc import Loc
from cpc.program.collect import MACROS, FactsJob, Progress, collect
from cpc.program.config import Configuration, allowed, matches
from cpc.program.program import Program, linked
from cpc.program.rules import Finding, Settings, findings
from cpc.program.unread import Unread
from cpc.report.places import relative
from cpc.sources import CommandFinder, EntryError

_SYSTEM = ("/usr/include/", "/usr/lib/", "/usr/local/include/")


@dataclass(slots=True)
class Selection:
    """The sources of a run and where their options come from.  `annotations`: macros beside the usual ones."""

    sources: Sequence[str]
    finder: CommandFinder
    configuration: Configuration = field(default_factory=Configuration)
    annotations: dict[str, str] = field(default_factory=dict)
    exclude: Sequence[str] = ()
    workers: int = 0
    refused: list[Diagnostic] = field(default_factory=list)

    def jobs(self) -> list[FactsJob]:
        """The units to read; `refused` tells of those whose entry in compile_commands.json is at fault.  Raises
        UsageError."""
        sources = [s for s in self.sources if not self.configuration.excluded(s) and not matches(s, self.exclude)]
        macros = {**MACROS, **self.configuration.annotations(_a_file_of_each_folder(sources)), **self.annotations}
        spelled = tuple(sorted(macros.items()))
        self.refused, jobs = [], []
        for source in sources:
            try:
                jobs.append(FactsJob(source, self.finder.preprocessor(source), spelled))
            except EntryError as error:
                self.refused.append(Diagnostic("error", "E0003", Loc(source, 0, 0), str(error)))
        return jobs

    def others(self, jobs: Iterable[FactsJob]) -> tuple[str, ...]:
        """The units of the database that are not read."""
        read = {os.path.realpath(job.source) for job in jobs}
        return tuple(s for s in self.finder.known or () if s.endswith(".c") and s not in read)

    def settings(self) -> Settings:
        return Settings(self.configuration.blocking(_a_file_of_each_folder(self.sources)))


@dataclass(frozen=True, slots=True)
class Shown:
    """`found`: what is to be shown, by place; `hidden`: how many findings comments and cpc.toml hold back."""

    found: tuple[Finding, ...]
    hidden: int = 0

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return [finding.diagnostic for finding in self.found]


def program_of(selection: Selection, progress: Progress | None = None) -> Program:
    """Reads and links the units.  Raises UsageError."""
    jobs = selection.jobs()
    others = Unread(selection.others(jobs))
    program = linked(collect(jobs, progress, selection.workers, others.read))
    program.others = others
    program.faults += selection.refused
    return program


def check(
    program: Program,
    selection: Selection,
    *,
    patterns: Sequence[str] = (),
    system_headers: bool = False,
) -> Shown:
    """The findings of all rules and the faults of the units, without what is to be held back.  With `patterns`
    only those in files that match; those in system headers only when asked for."""
    found = findings(program, selection.settings())
    if not system_headers:
        found = [f for f in found if not f.diagnostic.loc.file.startswith(_SYSTEM)]
    if patterns:
        found = [f for f in found if matches(relative(f.diagnostic.loc.file), patterns)]
    kept, hidden = _allowed(found, selection.configuration)
    faults = [Finding(fault) for fault in dict.fromkeys(program.faults)]
    return Shown((*faults, *kept), hidden)


def _allowed(found: Iterable[Finding], configuration: Configuration) -> tuple[list[Finding], int]:
    sources = SourceLines()
    kept: list[Finding] = []
    hidden = 0
    for finding in found:
        diagnostic = finding.diagnostic
        how = allowed(diagnostic.code, diagnostic.loc, sources)
        if how == "allowed" or diagnostic.code in configuration.disabled(diagnostic.loc.file):
            hidden += 1
        elif how:
            advice = "the comment that allows this must say why: allow CODE: reason"
            kept.append(replace(finding, diagnostic=replace(diagnostic, help=advice)))
        else:
            kept.append(finding)
    return kept, hidden


def _a_file_of_each_folder(sources: Iterable[str]) -> list[str]:
    """Enough to find all cpc.toml files."""
    return list({os.path.dirname(os.path.abspath(s)): s for s in sources}.values())
