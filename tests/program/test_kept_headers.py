"""What one process learned of headers serves the next one, and says what reading them anew would."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpc.frontend.preprocess import Preprocessor
from cpc.program import chunks, unit
from cpc.program.collect import FactsJob, collect
from cpc.program.environment import LazyParser
from cpc.program.facts import UnitFacts

HEADER = (
    """\
typedef struct Child Child;
struct Child { int reads; struct { int a; } in; Child *next; int (*call)(Child *, int); };
int read_it(Child *child);
int elsewhere(Child *child);
static inline int both(Child *child) { return read_it(child) + child->call(child, 1); }
static inline int outside(Child *child) { __auto_type c = child; return elsewhere(c); }
"""
    + "/* longer than what is not worth a file */\nextern int padding;\n" * 40
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPC_CACHE", str(tmp_path / "cache"))
    (tmp_path / "h.h").write_text(HEADER)
    _process(monkeypatch)


def _process(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """As if another process began; the texts that it parses."""
    monkeypatch.setattr(unit, "_CHUNKS", chunks.Chunks())
    monkeypatch.setattr(unit, "_kept", None)
    parsed: list[str] = []
    real = LazyParser.parse_text

    def parse_text(self: LazyParser, text: str, name: str) -> object:
        parsed.append(text)
        return real(self, text, name)

    monkeypatch.setattr(LazyParser, "parse_text", parse_text)
    return parsed


def _facts(path: Path, text: str) -> UnitFacts:
    path.write_text(f'#include "h.h"\n{text}')
    (found,) = collect([FactsJob(str(path), Preprocessor())], workers=1)
    return found


def test_headers_are_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "int f(Child *c) { return both(c) + outside(c); }\n"
    first = _facts(tmp_path / "a.c", text)
    parsed = _process(monkeypatch)
    again = _facts(tmp_path / "a.c", f"{text}int x;\n")
    assert len(parsed) == 1 and "int f(" in parsed[0]
    assert again == first
    assert {fn.name for fn in again.functions} == {"f", "both", "outside"}


def test_what_another_unit_asks_for_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _facts(tmp_path / "a.c", "int f(Child *c) { return both(c); }\n")
    assert len(_process(monkeypatch)) == 0
    found = _facts(tmp_path / "b.c", "int g(Child *c) { return outside(c); }\n")
    parsed = _process(monkeypatch)
    assert _facts(tmp_path / "b.c", "int g(Child *c) { return outside(c); }\nint x;\n") == found
    assert len(parsed) == 1


def test_what_a_unit_defines_itself_stays_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`both` names a function that a.c defines: other units are not told where."""
    _facts(tmp_path / "a.c", "int read_it(Child *c) { return both(c); }\n")
    _process(monkeypatch)
    found = _facts(tmp_path / "b.c", "int g(Child *c) { return both(c); }\n")
    assert [d.loc.file for d in found.declarations["read_it"]] == [str(tmp_path / "h.h")]


def test_a_faulty_header_is_told_of_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "h.h").write_text(HEADER.replace("return elsewhere(c)", "return elsewhere(c"))
    for _ in range(2):
        found = _facts(tmp_path / "a.c", "int f(Child *c) { return both(c) + outside(c); }\n")
        assert [fault.code for fault in found.faults] == ["E0001"]
        _process(monkeypatch)


def test_damaged_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "int f(Child *c) { return both(c); }\n"
    first = _facts(tmp_path / "a.c", text)
    kept = list((tmp_path / "cache" / "headers").glob("*/*"))
    assert kept
    for damage in (b"", b"\x80\x05.", b"(I1\nI2\n.", b"garbage"):
        for path in kept:
            path.write_bytes(damage)
        _process(monkeypatch)
        assert _facts(tmp_path / "a.c", text + f"int x{len(damage)};\n") == first
