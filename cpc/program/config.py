"""What a project says about its own lint: cpc.toml files, comments in the source, and a baseline of accepted findings.

    [lint]
    disable = ["W0502"]                    # in this folder and below
    blocking = ["aio_poll"]                # functions of the project that block, like those of libc
    exclude = ["vendor/*"]                 # files that are not read
    [lint.annotations]
    CO_FN = "coroutine_fn"                 # macros that mean an annotation, and may expand to nothing

    f();  /* cpc-lint: allow E0101: the coroutine is entered by hand */

A comment allows codes on its own line, or, when it stands alone, on the next line; it must say why.  `disable` counts
for places in files of its folder and below; the other keys for the whole run, wherever a source of it lies.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cpc.cc_options import UsageError
from cpc.codes import CODES
from cpc.diag import Diagnostic, SourceLines
from cpc.loc import Loc
from cpc.program.facts import COLORS

NAME = "cpc.toml"
_ALLOW = re.compile(r"cpc-lint:\s*allow\s+([EW]\d{4}(?:\s*,\s*[EW]\d{4})*)(?:\s*:\s*(?!\*/)(\S[^*]*))?")
_ALONE = re.compile(r"\s*(?:/\*.*\*/|//.*)\s*\Z")
_TOML_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)\Z")
_KEYS = {"disable", "blocking", "exclude", "annotations"}


@dataclass(slots=True)
class Configuration:
    """The cpc.toml files above some files; each is read once.  Raises UsageError for what is wrong in them."""

    _tables: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def chain(self, path: str) -> list[tuple[str, Mapping[str, Any]]]:
        """(folder, its [lint] table) of all folders above a file, the nearest first."""
        folder = os.path.dirname(os.path.abspath(path))
        found: list[tuple[str, Mapping[str, Any]]] = []
        while True:
            if folder not in self._tables:
                self._tables[folder] = _read(Path(folder) / NAME)
            if self._tables[folder]:
                found.append((folder, self._tables[folder]))
            if folder == os.path.dirname(folder):
                return found
            folder = os.path.dirname(folder)

    def disabled(self, path: str) -> frozenset[str]:
        """The codes that are off in a file."""
        return frozenset(code for _, table in self.chain(path) for code in table.get("disable", ()))

    def blocking(self, paths: Iterable[str]) -> frozenset[str]:
        return frozenset(name for path in paths for _, table in self.chain(path) for name in table.get("blocking", ()))

    def annotations(self, paths: Iterable[str]) -> dict[str, str]:
        return {
            macro: color
            for path in paths
            for _, table in self.chain(path)
            for macro, color in table.get("annotations", {}).items()
        }

    def excluded(self, path: str) -> bool:
        """Whether a file is not to be read."""
        absolute = os.path.abspath(path)
        return any(
            matches(os.path.relpath(absolute, folder), (pattern,))
            for folder, table in self.chain(path)
            for pattern in table.get("exclude", ())
        )


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path, or a folder around it, is meant by a pattern."""
    from fnmatch import fnmatch

    whole = Path(path)
    candidates = [str(whole), whole.name, *(str(folder) for folder in whole.parents)]
    return any(fnmatch(candidate, p.rstrip("/")) for p in patterns for candidate in candidates)


def _read(path: Path) -> Mapping[str, Any]:
    """The [lint] table of a cpc.toml; empty when there is none."""
    try:
        whole = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        if not os.path.lexists(path):
            return {}
        raise UsageError(f"cannot read '{path}': {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        where, what = (
            (f":{place[1]}:{place[2]}", str(error)[: place.start()]) if place is not None else ("", str(error))
        )
        raise UsageError(f"{path}{where}: {what}") from None
    except ValueError:
        raise UsageError(f"'{path}' is not UTF-8") from None
    table = whole.pop("lint", {})
    if whole:
        raise UsageError(f"{path}: unknown key {next(iter(whole))}; all keys belong in [lint]")
    if not isinstance(table, dict) or table.keys() - _KEYS:
        wrong = ", ".join(sorted(table.keys() - _KEYS)) if isinstance(table, dict) else "lint"
        raise UsageError(f"{path}: unknown key in [lint]: {wrong}")
    for key in ("disable", "blocking", "exclude"):
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise UsageError(f"{path}: {key} must be a list of strings")
    unknown = next((code for code in table.get("disable", ()) if code not in CODES), None)
    if unknown is not None:
        raise UsageError(f"{path}: disable: there is no code '{unknown}' (cpc explain lists them)")
    odd = next((name for name in table.get("blocking", ()) if not name.isidentifier()), None)
    if odd is not None:
        raise UsageError(f"{path}: blocking: '{odd}' is no name of a function")
    check_annotations(table.get("annotations", {}), str(path))
    return table


def check_annotations(table: object, where: str) -> None:
    """Raises UsageError unless `table` maps macros to annotations."""
    if not isinstance(table, dict) or not all(color in COLORS for color in table.values()):
        raise UsageError(f"{where}: an annotation is MACRO = one of {', '.join(COLORS)}")
    odd = next((macro for macro in table if not str(macro).isidentifier()), None)
    if odd is not None:
        raise UsageError(f"{where}: '{odd}' is no name of a macro")


# ---- comments -----------------------------------------------------------------------------------------------


def allowed(code: str, loc: Loc, sources: SourceLines) -> str:
    """'' , or how a comment allows this code at this place: 'allowed', or 'no reason' when it does not say why."""
    for line in (loc.line, loc.line - 1):
        text = sources.line(Loc(loc.file, line)) if line > 0 else None
        found = _ALLOW.search(text) if text else None
        if found is None or text is None or (line != loc.line and not _ALONE.match(text)):
            continue
        if code in re.split(r"\s*,\s*", found[1]):
            return "allowed" if (found[2] or "").strip() else "no reason"
    return ""


# ---- baseline -----------------------------------------------------------------------------------------------


def fingerprint(diagnostic: Diagnostic, baseline: str) -> str:
    """What stays the same when lines move: the code, the file as seen from the folder of the baseline, the message."""
    folder = os.path.dirname(os.path.abspath(baseline))
    path = os.path.relpath(diagnostic.loc.file, folder) if diagnostic.loc.file else ""
    return f"{diagnostic.code} {path}: {diagnostic.message}"


def read_baseline(path: str) -> Counter[str]:
    """Fingerprint -> how often it is accepted.  Raises UsageError."""
    try:
        table = json.loads(Path(path).read_text(encoding="utf-8"))
        return Counter({str(key): int(value) for key, value in table["accepted"].items()})
    except OSError as error:
        raise UsageError(f"cannot read '{path}': {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(f"'{path}' is not a baseline of cpc lint") from None


def write_baseline(path: str, diagnostics: Iterable[Diagnostic]) -> None:
    """Accepts these findings from now on.  Raises UsageError."""
    accepted = Counter(fingerprint(d, path) for d in diagnostics)
    text = json.dumps({"accepted": dict(sorted(accepted.items()))}, indent=1) + "\n"
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write '{path}': {error.strerror}") from None
