"""Findings, repairs and places in the words of the Language Server Protocol 3.17.

Lines and columns count from 0 there, and columns count UTF-16 code units.  Findings and repairs are of what is on the
disk, edits of what the editor shows: they move with the lines around them, and those of lines that were changed and not
saved are not offered.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lsprotocol import types as lsp

from cpc.diag import SourceLines
from cpc.loc import Loc
from cpc.lsp.state import State
from cpc.program.repair import changes, lines_of
from cpc.program.rules import Finding, Repair
from cpc.report.places import place_of

_SEVERITIES = {"error": lsp.DiagnosticSeverity.Error, "warning": lsp.DiagnosticSeverity.Warning}


def uri_of(path: str) -> str:
    return Path(path).absolute().as_uri()


def path_of(uri: str) -> str:
    """The path of a file: URI; '' for others."""
    parts = urlsplit(uri)
    return unquote(parts.path) if parts.scheme == "file" else ""


def diagnostics(state: State) -> dict[str, list[lsp.Diagnostic]]:
    """URI -> the findings in it."""
    sources = SourceLines()
    found: dict[str, list[lsp.Diagnostic]] = {}
    for finding in state.findings:
        found.setdefault(uri_of(finding.diagnostic.loc.file), []).append(diagnostic(finding, sources))
    return found


def diagnostic(finding: Finding, sources: SourceLines) -> lsp.Diagnostic:
    found = finding.diagnostic
    related = [
        lsp.DiagnosticRelatedInformation(
            lsp.Location(uri_of(note.loc.file), range_of(note.loc, note.message, sources)), note.message
        )
        for note in found.notes
        if note.loc.line
    ]
    return lsp.Diagnostic(
        range=range_of(found.loc, found.message, sources),
        message=f"{found.message}\n{found.help}" if found.help else found.message,
        severity=_SEVERITIES[found.severity],
        code=found.code,
        source="cpc",
        related_information=related,
    )


def range_of(loc: Loc, message: str, sources: SourceLines) -> lsp.Range:
    """What the text form underlines; the file's beginning for a finding about all of it."""
    place = place_of(loc, message, sources)
    if not place.line:
        return lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))
    line = sources.line(loc) or ""
    start, end = (_units(line[: column - 1]) for column in (place.column, place.end))
    return lsp.Range(lsp.Position(place.line - 1, start), lsp.Position(place.line - 1, end))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def actions(state: State, path: str, where: lsp.Range, shown: Mapping[str, str]) -> Iterator[lsp.CodeAction]:
    """The repairs of the findings that touch a range of lines, and one for all annotations of the program.  `shown`:
    path -> the text of the files that are open."""
    sources = SourceLines()
    offered: set[Repair] = set()
    moves = _Moves(_lines_on_disk(path), shown[path]) if path in shown else None
    for finding in state.in_file(path):
        found = diagnostic(finding, sources)
        moved = moves.of(found.range.start.line, found.range.end.line + 1) if moves is not None else 0
        if moved is None or finding.repair is None or finding.repair in offered:
            continue
        found.range.start.line += moved
        found.range.end.line += moved
        if found.range.start.line > where.end.line or where.start.line > found.range.end.line:
            continue
        offered.add(finding.repair)
        slot = finding.repair.slot
        name = state.program.slot_words(slot) if slot else state.program.name(finding.repair.function)
        color = finding.repair.color
        title = f"mark '{name}' {color}" if color else f"take the annotation of '{name}' away"
        edit = _edit(state, [finding.repair], shown)
        if edit is not None:
            yield lsp.CodeAction(title, lsp.CodeActionKind.QuickFix, [found], is_preferred=True, edit=edit)
    if offered and len(state.inferred.repairs) > 1:
        edit = _edit(state, [repair for repair, _ in state.inferred.repairs.values()], shown)
        if edit is not None:
            title = f"repair all annotations of the program ({len(state.inferred.repairs)} functions)"
            yield lsp.CodeAction(title, lsp.CodeActionKind.QuickFix, edit=edit)


def _edit(state: State, repairs: list[Repair], shown: Mapping[str, str]) -> lsp.WorkspaceEdit | None:
    made = changes(state.program, repairs, state.spelled())
    found: dict[str, list[lsp.TextEdit]] = {}
    for path, (old, new) in made.texts.items():
        edits = _edits(old, new, shown.get(path, old))
        if edits is None:
            return None
        found[uri_of(path)] = edits
    return lsp.WorkspaceEdit(found) if found else None


def _edits(old: str, new: str, shown: str) -> list[lsp.TextEdit] | None:
    """Whole lines that differ, where they are in the text that is shown; None where one of them was changed there."""
    before, after = lines_of(old), lines_of(new)
    moves = _Moves(before, shown)
    found: list[lsp.TextEdit] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        moved = moves.of(i, j)
        if moved is None:
            return None
        where = lsp.Range(lsp.Position(i + moved, 0), lsp.Position(j + moved, 0))
        found.append(lsp.TextEdit(where, "".join(after[k:m])))
    return found


def _lines_on_disk(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as stream:
            return lines_of(stream.read())
    except OSError:
        return []


class _Moves:
    """Where the lines of a file are in the text that an editor shows of it."""

    def __init__(self, disk: list[str], shown: str) -> None:
        lines = lines_of(shown)
        same = lines == disk
        self._blocks = (
            [(0, 0, len(disk))]
            if same
            else difflib.SequenceMatcher(None, disk, lines, autojunk=False).get_matching_blocks()
        )

    def of(self, first: int, end: int) -> int | None:
        """By how much lines of the file have moved; None when they are not there as they were."""
        return next((b - a for a, b, size in self._blocks if a <= first and end <= a + size), None)
