"""A call graph as one HTML page that needs nothing else: search a function, see its callers and callees by color, and
walk the ways that findings are about.  page.html has the script and says what the data are.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cpc.loc import Loc
from cpc.program.facts import BLOCKING, COROUTINE, MIXED
from cpc.program.rules import Finding
from cpc.query.graph import CALL, POINTER, REF, CallGraph, Wanted
from cpc.report.places import relative

_COLORS = ("", COROUTINE, MIXED, BLOCKING)
_KINDS = (CALL, POINTER, REF)


def page(graph: CallGraph, findings: Iterable[Finding], wanted: Wanted) -> str:
    """The text of the page.  Of what the filter of `graph` shows; findings in functions that are hidden stay listed."""
    data = json.dumps(_data(graph, findings, wanted), separators=(",", ":"), ensure_ascii=False)
    template = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    return template.replace("@DATA@", data.replace("<", "\\u003c"))  # nothing in it can end the script


def _data(graph: CallGraph, findings: Iterable[Finding], wanted: Wanted) -> dict[str, Any]:
    shown = [id_ for id_ in graph.nodes if graph.shows(id_, wanted)]
    numbers = {id_: number for number, id_ in enumerate(shown)}
    files: dict[str, int] = {}
    functions = []
    for id_ in shown:
        fn = graph.program.defined(id_)
        file, line = (relative(fn.loc.file), fn.loc.line) if fn is not None else ("", 0)
        number = files.setdefault(file, len(files)) if file else -1
        functions.append([graph.program.name(id_), number, line, _COLORS.index(graph.program.color(id_))])
    edges = [
        [numbers[id_], numbers[callee], _KINDS.index(graph.callees[id_][callee])]
        for id_ in shown
        for callee in graph.calls_of(id_, wanted)
    ]
    where = _Places(graph)
    return {
        "files": list(files),
        "functions": functions,
        "edges": edges,
        "findings": [_finding(finding, where, numbers) for finding in findings],
    }


class _Places:
    """Which function a place is in: that which is declared there, or the last one of its file that begins before."""

    def __init__(self, graph: CallGraph) -> None:
        self._starts: dict[str, list[tuple[int, str]]] = {}
        for fn in graph.program.functions.values():
            self._starts.setdefault(fn.loc.file, []).append((fn.loc.line, fn.id))
        for starts in self._starts.values():
            starts.sort()
        self._declared = {d.loc: id_ for id_, known in graph.program.declarations.items() for d in known}

    def function(self, loc: Loc) -> str | None:
        if loc in self._declared:
            return self._declared[loc]
        starts = self._starts.get(loc.file, [])
        index = bisect_right(starts, loc.line, key=lambda start: start[0])
        return starts[index - 1][1] if index else None


def _finding(finding: Finding, where: _Places, numbers: dict[str, int]) -> dict[str, Any]:
    diagnostic = finding.diagnostic
    places = [where.function(loc) for loc in (diagnostic.loc, *(note.loc for note in diagnostic.notes))]
    path: list[int] = []
    for id_ in (finding.function, *places):
        number = numbers.get(id_ or "")
        if number is not None and number not in path:
            path.append(number)
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "file": relative(diagnostic.loc.file),
        "line": diagnostic.loc.line,
        "steps": [[note.message, relative(note.loc.file), note.loc.line] for note in diagnostic.notes],
        "path": path,
    }
