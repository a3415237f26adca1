"""Sets of functions and paths, on the graph of a small program."""

from __future__ import annotations

import pytest

from cpc.frontend.preprocess import Preprocessor
from cpc.program.collect import FactsJob, collect
from cpc.program.program import Program, linked
from cpc.query.graph import CallGraph, Wanted
from cpc.query.language import QueryError, functions, path
from cpc.query.paths import find_paths

TEXT = """
#include <qemu/coroutine.h>
void outside(void);
static void coroutine_fn c(void);
static void e(void) { outside(); }
static void d(void) { c(); e(); }
static void coroutine_fn c(void) { d(); }
static inline void b(void) { }
void coroutine_fn a(void) { b(); c(); }
typedef void Fn(void);
struct ops { Fn *run; };
static void r(void) { }
struct ops *fill(struct ops *o) { o->run = r; return o; }
void call(struct ops *o) { o->run(); }
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    folder = tmp_path_factory.mktemp("query")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CPC_CACHE", str(folder / "cache"))
        jobs = []
        for name, text in (("x.c", TEXT), ("y.c", "static void e(void) { }\nvoid y(void) { e(); }\n")):
            (folder / name).write_text(text)
            jobs.append(FactsJob(str(folder / name), Preprocessor()))
        return linked(collect(jobs, workers=1))


@pytest.fixture
def graph(program: Program) -> CallGraph:
    return CallGraph(program)


SETS = {
    "a": "a",
    "nobody": "",
    "a d": "a d",
    "/^[ab]$/": "a b",
    "[coroutine_fn]": "a c",
    "[external]": "outside",
    "[static, !coroutine_fn]": "b d e e r",
    "[coroutine_fn | /^b$/]": "a b c",
    "![static | external]": "a call fill y",
    "[!coroutine_fn, static, !inline]": "d e e r",
    "b:callers": "a",
    "d :callers": "c",
    '["b":callers]': "a",
    "d:all_callers": "a c d",
    "d:all_callees": "c d e outside",
    "[coroutine_fn:callees]": "b c d",
    "![coroutine_fn]:callees": "c e e",
    "[!coroutine_fn, coroutine_fn:callees, ![!coroutine_fn:callees]]": "b d",
    "a:callees:callees": "d",
    "r:callers": "",
}


@pytest.mark.parametrize("text", SETS)
def test_sets(graph: CallGraph, text: str) -> None:
    assert " ".join(sorted(graph.program.name(id_) for id_ in functions(graph, text))) == SETS[text]


def test_a_name_that_several_have(graph: CallGraph) -> None:
    both = functions(graph, "e")
    assert len(both) == 2 and all(graph.text(id_) == id_ and id_.endswith(":e") for id_ in both)
    one = functions(graph, f'"{sorted(both)[1]}"')
    assert one == {sorted(both)[1]}
    assert [graph.program.name(id_) for id_ in functions(graph, f'"{sorted(both)[1]}":callers')] == ["y"]


PATHS = {
    "a": ["a"],
    "a b": ["ab"],
    "a ... e": ["acde"],
    "a [] d": ["acd"],
    "a (b | c)": ["ab", "ac"],
    "a [coroutine_fn]* d": ["acd"],
    "a ![coroutine_fn]* e": [],
    "a (c d)* e": ["acde"],
    "[] e": ["de", "ye"],
    "c ... c": [],
    "b a": [],
}


@pytest.mark.parametrize("text", PATHS)
def test_paths(graph: CallGraph, text: str) -> None:
    found = ["".join(map(graph.program.name, way)) for way in find_paths(graph, path(graph, text), Wanted())]
    assert found == PATHS[text]


def test_paths_to_what_is_external(graph: CallGraph) -> None:
    ways = {
        (text, external): len(list(find_paths(graph, path(graph, text), Wanted(external=external))))
        for text in ("a ... outside", "a ... [external]")
        for external in (False, True)
    }
    assert ways == {
        ("a ... outside", False): 1,  # since it is named
        ("a ... outside", True): 1,
        ("a ... [external]", False): 0,
        ("a ... [external]", True): 1,
    }


def test_edges_through_pointers(program: Program) -> None:
    graph = CallGraph(program, pointers=True)
    assert [program.name(id_) for id_ in functions(graph, "r:callers")] == ["call"]
    without = CallGraph(program)
    (r,) = functions(without, "r")
    assert without.callers_of(r, Wanted(refs=True)) == ["fill"]


def test_many_paths_are_found_lazily_and_dead_ends_left_out() -> None:
    """2^40 ways to a dead end, and 2^40 to the goal: neither may be walked through."""
    from cpc.loc import Loc
    from cpc.program.facts import Call, FunctionFacts

    def fn(name: str, *callees: str) -> FunctionFacts:
        calls = tuple(Call(callee, "", Loc("x.c", 1, 1)) for callee in callees)
        return FunctionFacts(name, name, Loc("x.c", 1, 1), "", False, False, calls)

    steps = [fn(f"s{i}", f"l{i}", f"r{i}") for i in range(40)]
    sides = [fn(f"{side}{i}", f"s{i + 1}") for i in range(40) for side in "lr"]
    found = Program({f.id: f for f in (*steps, *sides, fn("s40", "goal"), fn("goal"), fn("dead"))})
    graph = CallGraph(found)
    assert list(find_paths(graph, path(graph, "s0 ... dead"), Wanted())) == []
    ways = find_paths(graph, path(graph, "s0 ... goal"), Wanted())
    assert len({next(ways) for _ in range(5)}) == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[coroutine_fn", "more is expected at the end"),
        ("a b)", "this does not fit: ')'"),
        ("[nonsense]", "there is no label 'nonsense'"),
        ("/(/", "'(' is not a regular expression"),
        ("a:calls", "this does not fit: ':calls'"),
    ],
)
def test_what_is_wrong_is_said(graph: CallGraph, text: str, message: str) -> None:
    with pytest.raises(QueryError) as error:
        functions(graph, text)
    assert message in str(error.value)
