"""What is read from single units, and how units are linked."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import cpc
from cpc.diag import Diagnostics
from cpc.frontend.preprocess import Preprocessor, preprocess
from cpc.program import unit
from cpc.program.collect import MAKERS, FactsJob, collect, read_job
from cpc.program.facts import COROUTINE, UnitFacts
from cpc.program.marks import Marks
from cpc.program.program import Program, linked
from cpc.program.stretches import Stretch, joined, stretches
from cpc.unchanged import Notes


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPC_CACHE", str(tmp_path / "cache"))


def program(tmp_path: Path, **texts: str) -> Program:
    """The program of files NAME.c with these texts; NAME_h makes a header."""
    jobs = []
    for name, text in texts.items():
        path = tmp_path / (f"{name[:-2]}.h" if name.endswith("_h") else f"{name}.c")
        path.write_text(text)
        if path.suffix == ".c":
            jobs.append(FactsJob(str(path), Preprocessor()))
    found = linked(collect(jobs, workers=1))
    assert not found.faults
    return found


GUARDS = """
#include <assert.h>
#include <qemu/coroutine.h>
int coroutine_fn co(void);
int plain(void);
int branches(void) { if (qemu_in_coroutine()) { return co(); } else { return plain(); } }
int negated(void) { if (!qemu_in_coroutine()) return plain(); return co(); }
int asserted(void) { assert(qemu_in_coroutine()); return co(); }
int kept(int n) { bool in = qemu_in_coroutine(); if (in && n) return co(); return plain(); }
int expression(void) { return qemu_in_coroutine() ? co() : plain(); }
int loop(int n) { while (n--) if (!qemu_in_coroutine()) continue; else co(); return plain(); }
"""


def test_guards(tmp_path: Path) -> None:
    found = program(tmp_path, a=GUARDS)
    guards = {
        (fn.name, call.callee): call.guard
        for fn in found.functions.values()
        for call in fn.calls
        if call.callee in ("co", "plain")
    }
    both = {(name, callee): "coroutine" if callee == "co" else "plain"
            for name in ("branches", "negated", "expression") for callee in ("co", "plain")}  # fmt: skip
    assert guards == both | {
        ("asserted", "co"): "coroutine",
        ("kept", "co"): "coroutine",
        ("kept", "plain"): "",
        ("loop", "co"): "coroutine",
        ("loop", "plain"): "",
    }


POINTERS = """
#include <qemu/coroutine.h>
typedef int Handler(int);
struct ops { int (*first)(int); struct { Handler *second; }; int (*rows[2])(int); };
static int a(int x) { return x; }
static int b(int x) { return x; }
static int c(int x) { return x; }
static int d(int x) { return x; }
static struct ops table[] = { { a, .second = b, .rows = { [1] = c } } };
static Handler *pick(int x) { return x ? d : a; }
void set(struct ops *o, Handler *f) { o->first = f; }
int use(struct ops *o) { set(o, &c); *o = table[0]; return o->first(1) + o->second(2) + o->rows[0](3) + pick(1)(4); }
"""


def test_calls_through_pointers(tmp_path: Path) -> None:
    found = program(tmp_path, a=POINTERS)
    reached = {
        call.args[0]: {found.name(target) for target in found.targets(call)}
        for call in found.functions["use"].calls
        if call.slot
    }
    assert reached == {"1": {"a", "c"}, "2": {"b"}, "3": {"c"}, "4": {"a", "d"}}


def test_units_are_linked(tmp_path: Path) -> None:
    header = "static inline int shared(int x) { return x + 1; }\nint other(int);\n"
    found = program(
        tmp_path,
        a_h=header,
        b='#include "a.h"\nstatic int local(void) { return 2; }\nint other(int x) { return shared(x) + local(); }\n',
        c='#include "a.h"\nstatic int local(void) { return other(shared(3)); }\nint start(void) { return local(); }\n',
    )
    assert sorted(found.name(id_) for id_ in found.functions) == ["local", "local", "other", "shared", "start"]
    assert len(found.by_name["local"]) == 2
    assert len(found.callers(found.by_name["shared"][0])) == 2
    way = found.path("start", lambda id_: found.name(id_) == "shared")
    assert way is not None and [found.name(edge.callee) for edge in way] == ["local", "shared"]


def test_cleanup_is_a_call_at_every_exit(tmp_path: Path) -> None:
    text = """
void drop(int **p);
int f(int x) { __attribute__((cleanup(drop))) int *p = 0; if (x) return 1; while (x) { break; } return 2; }
"""
    found = program(tmp_path, a=text)
    assert [call.hidden for call in found.functions["f"].calls] == [True, True]


EMPTY = """
#define coroutine_fn
#define OTHER
#define ACQUIRE(x)
typedef void coroutine_fn Entry(void *);
struct ops { int coroutine_fn (*flush)(void *); int (*get)(void); };
int coroutine_fn OTHER with_macro(void);
int coroutine_fn ACQUIRE(lock) OTHER with_arguments(
    int x);
static int coroutine_fn
on_two_lines(int x) { return x; } /* coroutine_fn in a comment */
int plain(Entry *entry) { return on_two_lines(1); }
"""


def test_annotations_that_expand_to_nothing(tmp_path: Path) -> None:
    found = program(tmp_path, a=EMPTY + "int g(void) { return with_macro() + with_arguments(2); }")
    colors = {found.name(id_): found.color(id_) for id_ in found.declarations}
    marked = {"with_macro": COROUTINE, "with_arguments": COROUTINE, "on_two_lines": COROUTINE}
    assert colors == {**marked, "plain": "", "g": ""}
    assert found.slot_color("parameter plain 0") == COROUTINE
    (fn,) = [fn for fn in found.functions.values() if fn.name == "on_two_lines"]
    assert (fn.loc.line, fn.loc.column) == (11, 1)


def test_annotations_that_are_there_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.c"
    path.write_text("int coroutine_fn f(void);\n")
    text = f'# 1 "{path}"\nint __attribute__((annotate("coroutine_fn"))) f(void);\n'
    assert joined(Marks({"coroutine_fn": COROUTINE}).restore(stretches(text))) == text


def test_unchanged_units_are_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = program(tmp_path, a="int f(void) { return 1; }\n")
    monkeypatch.setattr("cpc.program.unit.facts_of", None)
    again = linked(collect([FactsJob(str(tmp_path / "a.c"), Preprocessor())], workers=1))
    assert first.functions == again.functions


def test_changes_of_a_source_and_of_a_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a change concerns is read again, and the answer is that of a first run."""
    header, sources = tmp_path / "h.h", [tmp_path / "a.c", tmp_path / "b.c"]
    read: list[str] = []
    real = unit.facts_of

    def facts_of(parts: list[Stretch], source: str, *, c23: bool) -> UnitFacts:
        read.append(Path(source).name)
        return real(parts, source, c23=c23)

    monkeypatch.setattr(unit, "facts_of", facts_of)

    def write(path: Path, text: str) -> None:
        path.write_text(text)
        os.utime(path, (time.time() - 3600,) * 2)  # the time of the inode is what tells
        time.sleep(0.03)

    def callees(name: str) -> list[str]:
        found = linked(collect([FactsJob(str(path), Preprocessor()) for path in sources], workers=1))
        return found.callees(name)

    write(header, "int one(void);\nint two(void);\n#define ONE one\n")
    for path in sources:
        write(path, f'#include "h.h"\nint f_{path.stem}(void) {{ return ONE(); }}\n')
    assert callees("f_a") == ["one"] and sorted(read) == ["a.c", "b.c"]
    header.touch()
    assert callees("f_b") == ["one"] and len(read) == 2
    write(sources[0], '#include "h.h"\nint f_a(void) { return two(); }\n')
    assert callees("f_a") == ["two"] and read[2:] == ["a.c"]
    write(header, "int one(void);\nint two(void);\n#define ONE two\n")
    assert callees("f_b") == ["two"] and read[3:] == ["b.c"]  # a.c says what it said before


def test_a_unit_leaves_nothing_behind(tmp_path: Path) -> None:
    """Workers read thousands of units without the collector."""
    (tmp_path / "h.h").write_text("static inline int h(int x) { return x; }\ntypedef int N;\nN g(N);\n")
    path = tmp_path / "a.c"
    path.write_text('#include "h.h"\nint f(void) { if (h(1)) { goto out; } out: return g(2); }\n')
    text = preprocess(str(path), Preprocessor(), Diagnostics())
    assert text is not None
    gc.collect()
    gc.disable()
    try:
        assert unit.facts_of(stretches(text), str(path)).functions
        left = gc.collect()
    finally:
        gc.enable()
    assert left < 10


def test_what_is_kept_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = program(tmp_path, a="int f(void) { return 1; }\n")
    monkeypatch.setattr("cpc.cache._MOST_BYTES", 1)
    again = program(tmp_path, a="int f(void) { return 1; }\n", b="int g(void) { return 1; }\n")
    assert first.functions["f"] == again.functions["f"]
    assert not [path for path in (tmp_path / "cache" / "facts").glob("*/*") if path.is_file()]


def test_faults_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.c"
    path.write_text("int f(void) { return 1 }\nint g(void) { return 2; }\n")
    found = linked(collect([FactsJob(str(path), Preprocessor())], workers=1))
    assert [fault.code for fault in found.faults] == ["E0001"]
    assert "g" in found.functions


def test_a_fault_of_cpc_itself_ends_one_unit_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("name")

    monkeypatch.setattr("cpc.program.unit.facts_of", broken)
    path = tmp_path / "a.c"
    path.write_text("int x;\n")
    found = linked(collect([FactsJob(str(path), Preprocessor())], workers=1))
    assert [(fault.code, fault.message) for fault in found.faults] == [("E0007", "internal error: KeyError: 'name'")]


def test_jumps_outside_of_functions(tmp_path: Path) -> None:
    """Wrong C, which the reader of facts takes nevertheless."""
    text = "int x = ({ goto f; f: 1; });\nint y = ({ return 3; case 4: continue; 1; });\nint g(void) { return x; }\n"
    assert list(program(tmp_path, a=text).functions) == ["g"]


def test_included_pieces_of_the_unit(tmp_path: Path) -> None:
    (tmp_path / "rest.c.inc").write_text("static N twice(N n) { return n + n; }\n")
    (tmp_path / "rows.inc").write_text("{ one },\n{ twice },\n")
    text = 'typedef int N;\nstatic N one(N n) { return n; }\n#include "rest.c.inc"\n'
    text += 'struct row { N (*f)(N); };\nstruct row rows[] = {\n#include "rows.inc"\n};\n'
    text += "N g(N n) { return rows[n].f(n); }\n"
    found = program(tmp_path, a=text)
    (call,) = found.functions["g"].calls
    assert {found.name(id_) for id_ in found.targets(call)} == {"one", "twice"}


def test_members_named_like_later_members(tmp_path: Path) -> None:
    """A header's struct has a member whose name is in a later one, which needs the first: C reads it in order."""
    (tmp_path / "h.h").write_text(
        "typedef struct First { int texture; int (*run)(int); } First;\n"
        "typedef struct Second { enum kind { A } kind; union { int texture; First *first; }; } Second;\n"
    )
    text = '#include "h.h"\nFirst one;\nint f(Second *s) { return s->first->run(1); }\n'
    found = program(tmp_path, a=text)
    assert [call.slot for call in found.functions["f"].calls] == ["member First.run"]


def test_long_operand_is_no_path(tmp_path: Path) -> None:
    """Each prefix of such an operand would be a name: a gigabyte for 40,000 of them."""
    chains = ("*" * 2000 + "p", "p" + "[0]" * 2000, "p" + "->m" * 2000)
    bodies = (f"int f{i}(struct s *p) {{ int v = {chain}; return v; }}\n" for i, chain in enumerate(chains))
    text = "struct s { struct s *m; };\n" + "".join(bodies)
    job = FactsJob(str(tmp_path / "long.c"), Preprocessor())
    Path(job.source).write_text(text, encoding="ascii")
    assert len(read_job(job, Notes())) < 1_000_000


def test_the_makers_of_facts_are_all_that_make_them() -> None:
    """What a cached fact depends on, but for what only finds and starts things."""
    script = "import sys, cpc.program.unit; print(*(m.__file__ for m in sys.modules.values() if 'cpc' in m.__name__))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    package = Path(cpc.__file__).parent
    used = {str(Path(path).relative_to(package)) for path in done.stdout.split() if package in Path(path).parents}
    assert len(used) > 20
    free = {"cache.py", "processes.py"}
    assert not {
        path
        for path in used - free
        if not path.endswith("__init__.py")
        and not any(path == maker or path.startswith(f"{maker}/") for maker in MAKERS)
    }
    assert all((package / maker).exists() for maker in MAKERS)


def test_a_struct_declared_again_among_its_initialisers(tmp_path: Path) -> None:
    text = "struct s { int a, b; } x = { sizeof(struct s { int b; }), 2 };\nint g(void) { return x.a; }\n"
    assert list(program(tmp_path, a=text).functions) == ["g"]


def test_objects_declared_with_their_own_types(tmp_path: Path) -> None:
    """Wrong C; and typeof of typeof is answered once each, not twice as often at each step."""
    chain = "".join(f"typeof((t{i}, t{i})) t{i + 1};\n" for i in range(40))
    text = f"typeof((s, s)) s;\ntypeof(v) u;\ntypeof(u) v;\nint t0;\n{chain}int g(void) {{ return s + u + t40; }}\n"
    assert list(program(tmp_path, a=text).functions) == ["g"]
