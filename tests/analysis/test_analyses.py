"""The analyses on functions of a few lines: each answer is one that a pass depends on."""

from __future__ import annotations

import pytest

from cpc.analysis import cfg
from cpc.analysis.accesses import Kind, pointers
from cpc.analysis.callgraph import call_graph
from cpc.analysis.dataflow import Transfer, solve_may, solve_must
from cpc.analysis.escape import escaping_across
from cpc.analysis.liveness import live_across, live_in
from cpc.analysis.unchanged import unchanged_since_resume
from cpc.ir.ops import Function, Module
from cpc.ir.reader import read_module

HEAD = """module "t"
fn @use(ptr) phase CPS_FORM
fn @result(ptr sret(16, 8)) phase CPS_FORM
fn @copy(ptr byval(16, 8)) phase CPS_FORM
cofn @g(ptr) phase CPS_FORM
cofn @yes() -> i1 phase CPS_FORM
"""


def module(text: str) -> Module:
    return read_module(HEAD + text, "test")


def function(body: str, locals_: str = "", params: str = "", phase: str = "CPS_FORM") -> Function:
    lines = "".join(f"  local &{name}\n" for name in locals_.split(", ") if name)
    return module(f"cofn @f({params}) phase {phase} {{\n{lines}{body}\n}}\n").functions["f"]


DIAMOND = """entry:
  branch %c, a, b
a:
  jump join
b:
  coyield -> join, state 1
join:
  ret
lost:
  jump join"""


def test_predecessors_and_reachability() -> None:
    fn = function(DIAMOND, params="%c: i1")
    assert cfg.predecessors(fn)["join"] == ("a", "b", "lost")
    assert cfg.reachable(fn, ["entry"]) == {"entry", "a", "b", "join"}
    assert cfg.reachable_at_once(fn, ["b"]) == {"b"}


def test_a_must_problem_keeps_what_every_path_has() -> None:
    transfers = {"top": Transfer(frozenset("x")), "left": Transfer(kill=frozenset("x")), "end": Transfer()}
    before = {"top": (), "left": ("top",), "end": ("top", "left")}
    roots = {"top": frozenset[str]()}
    assert solve_must(transfers, before, roots, frozenset("xy")).before["end"] == frozenset()
    assert solve_may(transfers, before).before["end"] == {"x"}


def test_steps_of_a_transfer_apply_in_order() -> None:
    both = Transfer().then(frozenset("x"), frozenset()).then(frozenset("y"), frozenset("x"))
    assert both(frozenset("xz")) == {"y", "z"}


LOOP = """entry:
  store i32 0, &x, align 4
  jump loop
loop:
  %1 = load i32, &x, align 4
  coyield -> next, state 1
next:
  store i32 7, &x, align 4
  coyield -> loop, state 2"""


def test_a_write_of_the_whole_local_ends_its_value() -> None:
    live = live_across(function(LOOP, "x: i32 align 4"))
    assert live["loop"] == frozenset()
    assert live["next"] == {"&x"}


def test_a_partial_write_does_not_end_it_and_does_not_read_it() -> None:
    body = """entry:
  store i64 1, &s, align 8
  coyield -> next, state 1
next:
  %1 = ptradd &s, 8
  store i64 2, %1, align 8
  coyield -> last, state 2
last:
  %2 = load i64, &s, align 8
  ret"""
    fn = function(body, "s: 16 align 8")
    assert live_in(fn)["next"] == {"&s"}
    assert live_across(fn)["entry"] == {"&s"}


def test_what_nothing_has_written_yet_is_not_live_across() -> None:
    body = "entry:\n  coyield -> next, state 1\nnext:\n  call void @use(ptr &x)\n  ret"
    fn = function(body, "x: i32 align 4")
    assert live_in(fn)["next"] == {"&x"}
    assert live_across(fn)["entry"] == frozenset()


def test_the_result_of_the_call_is_not_live_across_it() -> None:
    body = """entry:
  %1 = cocall i1 @yes() -> next, state 1
next:
  branch %1, other, last
other:
  jump last
last:
  ret"""
    assert live_across(function(body))["entry"] == frozenset()


@pytest.mark.parametrize(
    ("op", "kinds"),
    [
        ("%1 = load i64, &s, align 8", [Kind.READ]),
        ("store i64 1, &s, align 8", [Kind.PART]),
        ("store ptr &s, %p, align 8", [Kind.ESCAPE]),
        ("memcpy &s, %p, 16, align 8 8", [Kind.WHOLE]),
        ("memcpy %p, &s, 16, align 8 8", [Kind.READ]),
        ("memset &s, 0, 8, align 8", [Kind.PART]),
        ("%1 = ptradd &s, 8", []),
        ("call void @use(ptr &s)", [Kind.ESCAPE]),
        ("call void @result(ptr sret(16, 8) &s)", [Kind.WHOLE]),
        ("call void @copy(ptr byval(16, 8) &s)", [Kind.READ]),
        ("%1 = ptrtoint ptr &s to i64", [Kind.ESCAPE]),
        ("%1 = atomicrmw add i64 &s, 1, seq_cst", [Kind.ESCAPE]),
        ("intrinsic void va_end(ptr &s)", [Kind.WHOLE]),
    ],
)
def test_accesses(op: str, kinds: list[Kind]) -> None:
    fn = function(f"entry:\n  {op}\n  ret", "s: 16 align 8", "%p: ptr")
    assert [access.kind for access in pointers(fn).in_op(cfg.entry(fn).ops[0])] == kinds


def test_derived_pointers_stand_for_their_local() -> None:
    body = "entry:\n  %1 = ptradd &s, 4\n  %2 = ptradd %1, 4\n  %3 = load i64, %2, align 8\n  ret"
    assert pointers(function(body, "s: 16 align 8")).local_of == {"1": "s", "2": "s"}


def escapes(body: str, locals_: str = "x: i32 align 4") -> list[str]:
    return list(escaping_across(function(body, locals_, "%c: i1")))


def test_an_address_given_to_the_suspending_call_escapes_across_it() -> None:
    assert escapes("entry:\n  cocall void @g(ptr &x) -> next, state 1\nnext:\n  ret") == ["x"]


def test_an_escape_after_the_last_suspension_does_not_count() -> None:
    assert escapes("entry:\n  coyield -> next, state 1\nnext:\n  call void @use(ptr &x)\n  ret") == []


def test_an_escape_in_a_loop_reaches_the_suspension_of_the_next_round() -> None:
    body = "entry:\n  jump loop\nloop:\n  coyield -> next, state 1\nnext:\n  call void @use(ptr &x)\n  jump loop"
    assert escapes(body) == ["x"]


def test_an_escape_on_another_path_does_not_count() -> None:
    body = (
        "entry:\n  branch %c, a, b\na:\n  call void @use(ptr &x)\n  ret\nb:\n  coyield -> last, state 1\nlast:\n  ret"
    )
    assert escapes(body) == []


def test_va_end_takes_the_escape_back() -> None:
    body = """entry:
  intrinsic void va_start(ptr &ap)
  call void @use(ptr &ap)
  intrinsic void va_end(ptr &ap)
  coyield -> last, state 1
last:
  ret"""
    assert escapes(body, "ap: 24 align 8") == []


def test_unchanged_since_resume() -> None:
    body = """entry:
  coyield -> a, state 1, saves [&x @24, &y @28]
a:
  store i32 1, &x, align 4
  coyield -> b, state 2, saves [&x @24, &y @28]
b:
  branch %c, a, last
last:
  coyield -> entry.1, state 3, saves [&x @24]
entry.1:
  ret"""
    frame = "  frame 32 align 8 state 16 { &x @24 size 4, &y @28 size 4 }\n"
    locals_ = "  local &x: i32 align 4\n  local &y: i32 align 4\n"
    text = f"cofn @f(%c: i1) phase FRAMED {{\n{frame}{locals_}{body}\n}}\n"
    fn = module(text).functions["f"]
    unchanged = unchanged_since_resume(fn)
    assert unchanged["a"] == {"y"}  # from state 1 or 2: the number differs, x is written
    assert unchanged["last"] == {"x", "y", "#2"}
    assert "entry" not in unchanged


def test_call_graph() -> None:
    text = """global @table: 8 align 8 = [addr @h]
cofn @h() phase BUILT {
entry:
  ret
}
cofn @k(%f: ptr) phase BUILT {
entry:
  cocall void @h()
  cocall void %f()
  call void @use(ptr @k)
  ret
}
"""
    graph = call_graph(read_module(HEAD.replace("CPS_FORM", "BUILT") + text, "test"))
    assert [(site.caller, site.suspends) for site in graph.sites["h"]] == [("k", True)]
    assert [site.caller for site in graph.sites["use"]] == ["k"]
    assert graph.address_taken == {"h", "k"}
