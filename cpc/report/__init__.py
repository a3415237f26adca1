"""Diagnostics for machines: `write(FORMAT, ...)` gives the same findings as JSON, SARIF or GitHub's annotations."""

from __future__ import annotations

from collections.abc import Sequence

from cpc.diag import Diagnostic, SourceLines, render
from cpc.report import github, json_lines, sarif

FORMATS = ("text", "json", "sarif", "github")


def write(format_: str, diagnostics: Sequence[Diagnostic], *, color: bool = False) -> str:
    """The text of a report; it ends with a newline unless it is empty."""
    sources = SourceLines()
    match format_:
        case "json":
            return json_lines.write(diagnostics, sources)
        case "sarif":
            return sarif.write(diagnostics, sources)
        case "github":
            return github.write(diagnostics, sources)
        case _:
            return render(diagnostics, sources, color=color)
