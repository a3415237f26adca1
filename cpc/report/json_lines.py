"""One JSON array, an object a finding:

    {"code": "E0101", "severity": "error", "title": ..., "file": "a.c", "line": 3, "column": 5, "end_column": 12,
     "message": ..., "help": ..., "option": ..., "notes": [{"file": ..., "line": ..., "column": ..., "message": ...}]}

`help` and `option` are absent when empty; `line` is 0 for a finding about a whole file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from cpc.codes import CODES
from cpc.diag import Diagnostic, SourceLines
from cpc.report.places import Place, place_of


def write(diagnostics: Sequence[Diagnostic], sources: SourceLines) -> str:
    return json.dumps([_object(d, sources) for d in diagnostics], indent=2, ensure_ascii=False) + "\n"


def _object(diagnostic: Diagnostic, sources: SourceLines) -> dict[str, Any]:
    place = place_of(diagnostic.loc, diagnostic.message, sources)
    code = CODES.get(diagnostic.code)
    found: dict[str, Any] = {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "title": code.title if code is not None else "",
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "end_column": place.end,
        "message": diagnostic.message,
    }
    if diagnostic.help:
        found["help"] = diagnostic.help
    if diagnostic.option:
        found["option"] = diagnostic.option
    found["notes"] = [_note(note.message, place_of(note.loc, note.message, sources)) for note in diagnostic.notes]
    return found


def _note(message: str, place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "column": place.column, "message": message}
