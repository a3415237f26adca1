"""Workflow commands of GitHub Actions, which shows them beside the changed lines:

    ::error file=a.c,line=3,endLine=3,col=5,endColumn=12,title=E0101%3A plain function ...::'f' calls ...

Line ends and '%' are escaped in values, and ',' and ':' in properties as well.
"""

from __future__ import annotations

from collections.abc import Sequence

from cpc.codes import CODES
from cpc.diag import Diagnostic, SourceLines
from cpc.report.places import Place, place_of


def write(diagnostics: Sequence[Diagnostic], sources: SourceLines) -> str:
    return "".join(_command(d, sources) for d in diagnostics)


def _command(diagnostic: Diagnostic, sources: SourceLines) -> str:
    place = place_of(diagnostic.loc, diagnostic.message, sources)
    code = CODES.get(diagnostic.code)
    title = f"{diagnostic.code}: {code.title}" if code is not None else diagnostic.code
    properties = {"file": place.file}
    if place.line:
        properties |= {"line": str(place.line), "endLine": str(place.line)}
        properties |= {"col": str(place.column), "endColumn": str(place.end)}
    properties["title"] = title
    text = diagnostic.message
    for note in diagnostic.notes:
        text += f"\n{_where(place_of(note.loc, note.message, sources))}{note.message}"
    text += f"\nhelp: {diagnostic.help}" if diagnostic.help else ""
    head = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{diagnostic.severity} {head}::{_value(text)}\n"


def _where(place: Place) -> str:
    return f"{place.file}:{place.line}: " if place.line else ""


def _value(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _value(text).replace(":", "%3A").replace(",", "%2C")
