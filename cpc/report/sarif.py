"""SARIF 2.1.0 (OASIS), the format of code scanning services: one run, a rule for each code that occurs.

Files below the current folder are relative to the base SRCROOT, which consumers may map elsewhere; others are absolute
URIs.  `partialFingerprints` do not contain line numbers, so that a finding stays the same one when lines above it
change.  Columns count characters.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import cpc
from cpc.codes import CODES
from cpc.diag import Diagnostic, SourceLines
from cpc.report.places import Place, place_of

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "SRCROOT"


def write(diagnostics: Sequence[Diagnostic], sources: SourceLines) -> str:
    codes = sorted({d.code for d in diagnostics if d.code})
    seen: Counter[str] = Counter()
    run = {
        "tool": {
            "driver": {
                "name": "cpc",
                "semanticVersion": cpc.__version__,
                "rules": [_rule(code) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"uri": Path.cwd().as_uri() + "/"}},
        "results": [_result(d, codes, sources, seen) for d in diagnostics],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(name: str) -> dict[str, Any]:
    code = CODES.get(name)
    title, text = (code.title, code.text) if code is not None else (name, name)
    return {
        "id": name,
        "shortDescription": {"text": title},
        "fullDescription": {"text": text.split("\n\n")[0].replace("\n", " ")},
        "help": {"text": text},
        "defaultConfiguration": {"level": "warning" if name.startswith("W") else "error"},
    }


def _result(diagnostic: Diagnostic, codes: list[str], sources: SourceLines, seen: Counter[str]) -> dict[str, Any]:
    text = diagnostic.message + (f"\n{diagnostic.help}" if diagnostic.help else "")
    place = place_of(diagnostic.loc, diagnostic.message, sources)
    found: dict[str, Any] = {"level": diagnostic.severity, "message": {"text": text}}
    if diagnostic.code:
        found |= {"ruleId": diagnostic.code, "ruleIndex": codes.index(diagnostic.code)}
    if place.file:
        found["locations"] = [_location(place)]
    if diagnostic.notes:
        found["relatedLocations"] = [
            _location(place_of(note.loc, note.message, sources), number, note.message)
            for number, note in enumerate(diagnostic.notes, 1)
        ]
    found["partialFingerprints"] = {"finding/v1": _fingerprint(diagnostic, place, seen)}
    return found


def _location(place: Place, number: int | None = None, message: str = "") -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(place.file)}
    if place.line:
        physical["region"] = {"startLine": place.line, "startColumn": place.column, "endColumn": place.end}
    found: dict[str, Any] = {"physicalLocation": physical} if place.file else {}
    if number is not None:
        found |= {"id": number, "message": {"text": message}}
    return found


def _artifact(file: str) -> dict[str, str]:
    path = Path(file)
    return {"uri": path.as_uri()} if path.is_absolute() else {"uri": quote(path.as_posix()), "uriBaseId": _ROOT}


def _fingerprint(diagnostic: Diagnostic, place: Place, seen: Counter[str]) -> str:
    """By code, file and message; the same once more in one file is told apart by its number."""
    key = f"{diagnostic.code}\0{place.file}\0{diagnostic.message}"
    seen[key] += 1
    return hashlib.sha256(f"{key}\0{seen[key]}".encode("utf-8", "surrogateescape")).hexdigest()[:32]
