"""The commands of a session: what they print, and what they remember."""

from __future__ import annotations

import pytest

from cpc.program.program import Program
from cpc.query.graph import CallGraph
from cpc.query.language import QueryError
from cpc.query.session import HELP, Session
from tests.query.test_language import program  # noqa: F401  # a fixture


@pytest.fixture
def session(program: Program) -> Session:  # noqa: F811
    return Session(CallGraph(program))


def told(session: Session, *lines: str) -> list[str]:
    """What the last of the lines prints; the others print nothing."""
    for line in lines[:-1]:
        assert list(session.run(line)) == []
    return list(session.run(lines[-1]))


def test_answers(session: Session) -> None:
    assert told(session, "nodes [coroutine_fn]") == ["a", "c"]
    assert told(session, "callers c d") == ["a -> c", "c -> d", "d -> c"]
    assert told(session, "callees [coroutine_fn]") == ["a -> b", "a -> c", "c -> d"]
    assert told(session, "callers r") == []
    assert told(session, "callers --include-ref r") == ["fill -> r"]
    assert told(session, "callees --include-external d:callees")[-1].endswith("-> outside")
    assert told(session, "paths a ... d") == ["a -> c -> d"]
    assert told(session, "help") == HELP.splitlines()


def test_a_limit_is_told(session: Session) -> None:
    assert told(session, "paths --limit 1 a []") == ["a -> b", "... and more: the first 1 are shown (--limit)"]
    assert told(session, "paths --limit=2 a []") == ["a -> b", "a -> c"]


def test_labels(session: Session) -> None:
    assert "coroutine_fn: 2" in told(session, "labels")
    assert told(session, "label mine a b", "nodes [mine, !coroutine_fn]") == ["b"]
    assert told(session, "label mine") == ["a", "b"]
    with pytest.raises(QueryError, match="no label"):
        told(session, "reset --labels", "nodes [mine]")
    with pytest.raises(QueryError, match="is what the source says"):
        told(session, "label static a")


def test_filters(session: Session) -> None:
    assert told(session, "omit c", "callees a") == ["a -> b"]
    assert told(session, "paths a ... d") == []
    assert told(session, "keep c", "callees a") == ["a -> b", "a -> c"]
    assert told(session, "reset", "only --callees d", "paths d [] ...")[0] == "d -> c"
    assert told(session, "nodes []") == told(session, "nodes d:all_callees")
    assert told(session, "reset --filters", "omit --callers b", "callers b") == []
    assert told(session, "callees a") == ["a -> c"]  # b had no other edge


def test_dot(session: Session) -> None:
    lines = told(session, "only a b", "dot --files")
    assert lines[0] == "digraph callgraph {" and lines[-1] == "}"
    assert any('label="a", style=filled' in line for line in lines)
    assert [line for line in lines if "->" in line] == [next(line for line in lines if line.startswith('  "a" -> '))]
    assert sum("subgraph" in line for line in lines) == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("frobnicate a", "no command 'frobnicate'"),
        ("callers", "say which functions"),
        ("nodes --include-ref a", "'nodes' has no option '--include-ref'"),
        ("paths --limit no a", "--limit wants a number from 1 on, not 'no'"),
        ("dot a", "this does not fit: 'a'"),
    ],
)
def test_wrong_use(session: Session, line: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        told(session, line)
