"""Findings, repairs and places in the words of the Language Server Protocol 3.17.

Lines and columns count from 0 there, and columns count UTF-16 code units.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lsprotocol import types as lsp

from cpc.diag import SourceLines
from cpc.loc import Loc
from cpc.lsp.state import State
from cpc.program.repair import changes
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


def actions(state: State, path: str, where: lsp.Range) -> Iterator[lsp.CodeAction]:
    """The repairs of the findings that touch a range of lines, and one for all annotations of the program."""
    sources = SourceLines()
    offered: set[Repair] = set()
    for finding in state.in_file(path):
        shown = diagnostic(finding, sources)
        touches = shown.range.start.line <= where.end.line and where.start.line <= shown.range.end.line
        if not touches or finding.repair is None or finding.repair in offered:
            continue
        offered.add(finding.repair)
        slot = finding.repair.slot
        name = state.program.slot_words(slot) if slot else state.program.name(finding.repair.function)
        color = finding.repair.color
        title = f"mark '{name}' {color}" if color else f"take the annotation of '{name}' away"
        edit = _edit(state, [finding.repair])
        if edit is not None:
            yield lsp.CodeAction(title, lsp.CodeActionKind.QuickFix, [shown], is_preferred=True, edit=edit)
    if offered and len(state.inferred.repairs) > 1:
        edit = _edit(state, [repair for repair, _ in state.inferred.repairs.values()])
        if edit is not None:
            title = f"repair all annotations of the program ({len(state.inferred.repairs)} functions)"
            yield lsp.CodeAction(title, lsp.CodeActionKind.QuickFix, edit=edit)


def _edit(state: State, repairs: list[Repair]) -> lsp.WorkspaceEdit | None:
    made = changes(state.program, repairs, state.spelled())
    if not made.texts:
        return None
    return lsp.WorkspaceEdit({uri_of(path): _edits(old, new) for path, (old, new) in made.texts.items()})


def _edits(old: str, new: str) -> list[lsp.TextEdit]:
    """Whole lines that differ."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return [
        lsp.TextEdit(lsp.Range(lsp.Position(i, 0), lsp.Position(j, 0)), "".join(after[k:m]))
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal"
    ]
