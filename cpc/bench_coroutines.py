"""`cpc bench coroutines`: one workload on every way to have coroutines in C and its neighbours.

Each system of tests/bench/coroutines is built into a program of its own: the same work (bench.h says which), in the
system's own style, driven by the same main.c, which times short batches and prints the fastest and a sum over the work
done.  A system that prints another sum than the first is no figure.  The programs run in turns on one processor, before
everything else there if the system permits it (SCHED_FIFO); a figure is the median over the rounds.

The yardsticks are plain C, and lazy capture written by hand: what a compiler's output should look like.  Both are
compiled by gcc and by clang, and the faster of the two counts, row by row.

Memory is what a suspended coroutine of call depth 3 takes resident, with a million of them alive (20,000 for those
with stacks: the kernel's limit of mappings is near).  Compile time is that of a function with a thousand yields.

A system whose compiler is missing has no figures; `missing` says why.  Rejected: all systems in one process, whose
shared libraries would change how thread-local variables are reached, and instruction counts, which say little where
returns are mispredicted.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cpc.backend import objfile
from cpc.bench_blk import BenchError, describe_processor

SOURCES = Path(__file__).resolve().parents[1] / "tests" / "bench" / "coroutines"
YARDSTICKS = ("plain gcc", "plain clang", "lazy gcc", "lazy clang")
YIELDS = 1000  # of the function whose compilation is timed
_SECONDS = 600
_CXX = ("-std=c++20", "-O2")
_CLANGXX = (*_CXX, "-fcoroutines-ts", "-D__cpp_impl_coroutine=201902L")  # clang 14 with libstdc++'s <coroutine>


@dataclass(frozen=True, slots=True)
class System:
    """`build` are commands run in SOURCES; `{out}` is the program, `{main}` main.c's object, `{dir}` a folder.
    `stackful`: no million of them.  `compiles` translates `many.SUFFIX`, the function with many yields."""

    name: str
    source: str
    build: tuple[tuple[str, ...], ...]
    suspends: bool = True
    stackful: bool = False
    compiles: tuple[str, ...] = ()


_CPC = (sys.executable, "-m", "cpc", "cc", "-O2")
SYSTEMS = (
    System("plain gcc", "plain.c", (("gcc", "-O2", "plain.c", "{main}", "-o", "{out}"),), suspends=False),
    System("plain clang", "plain.c", (("clang", "-O2", "plain.c", "{main}", "-o", "{out}"),), suspends=False),
    System("lazy gcc", "lazy.c", (("gcc", "-O2", "lazy.c", "{main}", "-o", "{out}"),)),
    System("lazy clang", "lazy.c", (("clang", "-O2", "lazy.c", "{main}", "-o", "{out}"),)),
    System("cpc", "cpc.c", ((*_CPC, "cpc.c", "{main}", "-o", "{out}"),), compiles=(*_CPC, "-c", "{dir}/many.c")),
    System("ucontext", "ucontext.c", (("gcc", "-O2", "ucontext.c", "{main}", "-o", "{out}"),), stackful=True),
    System("asm switch", "asm_switch.c", (("gcc", "-O2", "asm_switch.c", "{main}", "-o", "{out}"),), stackful=True),
    System(
        "C++20 g++", "cxx20.cc", (("g++", *_CXX, "cxx20.cc", "{main}", "-o", "{out}"),),
        compiles=("g++", *_CXX, "-c", "{dir}/many.cc"),
    ),
    System(
        "C++20 clang", "cxx20.cc", (("clang++", *_CLANGXX, "cxx20.cc", "{main}", "-o", "{out}"),),
        compiles=("clang++", *_CLANGXX, "-c", "{dir}/many.cc"),
    ),
    System(
        "Rust async", "async.rs",
        (
            ("rustc", "--edition", "2021", "-C", "opt-level=3", "-C", "panic=abort", "--crate-type", "staticlib",
             "async.rs", "-o", "{dir}/libasync.a"),
            ("gcc", "{main}", "{dir}/libasync.a", "-o", "{out}", "-lpthread", "-ldl", "-lm"),
        ),
        compiles=("rustc", "--edition", "2021", "-C", "opt-level=3", "--crate-type", "lib", "--emit", "obj",
                  "{dir}/many.rs"),
    ),
)  # fmt: skip

# Operations in one batch: about a tenth of a millisecond of the fastest system.
_CHAINS = {"1": 20_000, "3": 20_000, "8": 10_000, "32": 4_000}
ROWS: Mapping[str, int] = {
    "lifecycle": 15_000, "cost": 8_000, "nesting": 1_000, "yield": 20_000, "deep-yield-32": 20_000,
    **{f"call-{depth}": ops for depth, ops in _CHAINS.items()},
    **{f"suspend-{depth}": ops // 2 for depth, ops in _CHAINS.items()},
    **{f"separate-call-{depth}": ops for depth, ops in _CHAINS.items()},
    **{f"separate-suspend-{depth}": ops // 2 for depth, ops in _CHAINS.items()},
    "hot-loop": 2_000,
    "buffer-call": 15_000, "buffer-suspend": 8_000,
    "separate-buffer-call": 15_000, "separate-buffer-suspend": 8_000,
    "live-call": 10_000, "live-suspend": 6_000,
}  # fmt: skip
_OF_PLAIN = ("call-", "separate-call-", "hot-loop", "buffer-call", "separate-buffer-call", "live-call")
_BATCHES = 15


@dataclass(slots=True)
class Report:
    """`rows`: nanoseconds, `memory`: bytes, both by row and system; `compile`: seconds of processor time."""

    machine: str
    rounds: int
    rows: dict[str, dict[str, float]] = field(default_factory=dict)
    memory: dict[str, dict[str, float]] = field(default_factory=dict)
    compile: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def measure(rounds: int, names: Sequence[str], progress: Callable[[str], None]) -> Report:
    """`names`: the rows to measure, or none for all, memory and compile time included."""
    if unknown := [name for name in names if name not in ROWS]:
        raise BenchError(f"no row '{unknown[0]}'; there are {', '.join(ROWS)}")
    report = Report(_describe_machine(), rounds)
    with tempfile.TemporaryDirectory(prefix="cpc-bench.") as folder:
        programs = dict(_build_all(Path(folder), report, progress))
        with _one_processor():
            _measure_rows(programs, list(names or ROWS), report, progress)
            if not names:
                _measure_memory(programs, report, progress)
        if not names:
            _measure_compiling(Path(folder), report, progress)
    return report


# ---- building and running -----------------------------------------------------------------------------------


def _build_all(folder: Path, report: Report, progress: Callable[[str], None]) -> Iterator[tuple[System, Path]]:
    main = folder / "main.o"
    _command(["gcc", "-O2", "-c", "main.c", "-o", str(main)], SOURCES)
    for system in SYSTEMS:
        if not shutil.which(system.build[0][0]):
            report.missing[system.name] = f"{system.build[0][0]} is not installed"
            continue
        progress(f"building {system.name}")
        out = folder / system.name.replace(" ", "-")
        for words in system.build:
            _command([word.format(out=out, main=main, dir=folder) for word in words], SOURCES)
        yield system, out


def _command(argv: Sequence[str], folder: Path) -> str:
    path = os.pathsep.join([str(SOURCES.parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        argv, capture_output=True, text=True, check=False, timeout=_SECONDS, cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    if done.returncode != 0:
        raise BenchError(f"'{' '.join(argv)}' failed: {done.stderr.strip()[-2000:]}")
    return done.stdout


@contextmanager
def _one_processor() -> Iterator[None]:
    """Programs that are started here stay on the last processor, and other work does not interrupt them."""
    before, policy, priority = os.sched_getaffinity(0), os.sched_getscheduler(0), os.sched_getparam(0)
    os.sched_setaffinity(0, {max(before)})
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(os.sched_get_priority_min(os.SCHED_FIFO)))
    try:
        yield
    finally:
        with suppress(PermissionError):
            os.sched_setscheduler(0, policy, priority)
        os.sched_setaffinity(0, before)


def _measure_rows(
    programs: Mapping[System, Path], names: Sequence[str], report: Report, progress: Callable[[str], None]
) -> None:
    times: dict[str, dict[str, list[float]]] = {name: {} for name in names}
    sums: dict[str, str] = {}
    for number in range(report.rounds):
        progress(f"round {number + 1} of {report.rounds}")
        for system, program in programs.items():
            wanted = [name for name in names if _has_row(system, name)]
            for name, taken, total in _run(program, [f"{name}:{ROWS[name]}:{_BATCHES}" for name in wanted]):
                if sums.setdefault(name, total) != total:
                    raise BenchError(f"{system.name} does other work than the first in '{name}'")
                times[name].setdefault(system.name, []).append(taken)
    report.rows = {
        name: {system: round(statistics.median(values), 3) for system, values in by_system.items()}
        for name, by_system in times.items()
    }


def _has_row(system: System, name: str) -> bool:
    return system.suspends or name == "lifecycle" or name.startswith(_OF_PLAIN)


def _run(program: Path, arguments: Sequence[str]) -> Iterator[tuple[str, float, str]]:
    for line in _command([str(program), *arguments], program.parent).splitlines():
        name, taken, total = line.split()
        yield name, float(taken), total


# ---- memory and compile time --------------------------------------------------------------------------------


def _measure_memory(programs: Mapping[System, Path], report: Report, progress: Callable[[str], None]) -> None:
    for system, program in programs.items():
        if system.suspends:
            progress(f"memory of {system.name}")
            count = 20_000 if system.stackful else 1_000_000
            for row in ("memory", "separate-memory"):
                [(_, taken, _)] = _run(program, [f"{row}:{count}"])
                report.memory.setdefault(row, {})[system.name] = taken


def _measure_compiling(folder: Path, report: Report, progress: Callable[[str], None]) -> None:
    for suffix, text in _many_yields().items():
        (folder / f"many.{suffix}").write_text(text)
    for system in SYSTEMS:
        if system.compiles and system.name not in report.missing:
            progress(f"{YIELDS} yields compiled by {system.name}")
            before = os.times()
            _command([word.format(dir=folder) for word in system.compiles], folder)
            after = os.times()
            taken = after.children_user + after.children_system - before.children_user - before.children_system
            report.compile[system.name] = round(taken, 2)


def _many_yields() -> dict[str, str]:
    """A function with YIELDS yields, and a variable that each changes, in each language."""
    cxx = (SOURCES / "cxx20.cc").read_text().partition("/* ---- the work")[0]

    def steps(step: str) -> str:
        return "".join(f"    x += *p;\n    {step};\n" for _ in range(YIELDS))

    return {
        "c": "#include <qemu/coroutine.h>\nlong coroutine_fn many(long *p)\n{\n    long x = 0;\n"
        f"{steps('qemu_coroutine_yield()')}    return x;\n}}\n",
        "cc": cxx.replace('"bench.h"', f'"{SOURCES / "bench.h"}"')
        + f"}}\ntask many(long *p)\n{{\n    long x = 0;\n{steps('co_await yield()')}    co_return x;\n}}\n",
        "rs": "pub struct Yield(pub bool);\nimpl std::future::Future for Yield {\n    type Output = ();\n"
        "    fn poll(mut self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<()> {\n"
        "        if self.0 { return std::task::Poll::Ready(()); }\n        self.0 = true;\n"
        "        std::task::Poll::Pending\n    }\n}\n"
        "async fn steps(p: &std::cell::Cell<i64>) -> i64 {\n    let mut x = 0i64;\n"
        + steps("Yield(false).await").replace("*p", "p.get()")
        + "    x\n}\npub fn many(p: &'static std::cell::Cell<i64>)"
        " -> std::pin::Pin<Box<dyn std::future::Future<Output = i64>>> {\n    Box::pin(steps(p))\n}\n",
    }


# ---- the table ----------------------------------------------------------------------------------------------


def _describe_machine() -> str:
    names = [name for name in ("gcc", "clang", "rustc") if shutil.which(name)]
    versions = [_command([name, "--version"], SOURCES).partition("\n")[0] for name in names]
    return "\n".join([describe_processor(), *versions, f"cpc with LLVM {objfile.llvm_version()}"])


def ratios(figures: Mapping[str, float]) -> dict[str, float]:
    """cpc's figure divided by plain C's, by lazy capture's (the better of two compilers) and by the best of the
    others."""
    groups = {
        "plain": [value for name, value in figures.items() if name.startswith("plain")],
        "lazy": [value for name, value in figures.items() if name.startswith("lazy")],
        "others": [value for name, value in figures.items() if name not in (*YARDSTICKS, "cpc")],
    }
    return {name: figures["cpc"] / min(values) for name, values in groups.items() if values and "cpc" in figures}


def render_table(report: Report) -> str:
    names = [system.name for system in SYSTEMS if system.name not in report.missing]
    lines = [f"{'ns':>23} " + " ".join(f"{name:>11}" for name in names) + " |  /plain   /lazy /others"]
    everything = {**report.rows, **report.memory, "1000 yields, s": report.compile}
    for row, figures in everything.items():
        if figures:
            cells = " ".join(f"{figures[name]:11.2f}" if name in figures else f"{'-':>11}" for name in names)
            found = ratios(figures)
            shares = "".join(f"{found[to]:8.2f}" if to in found else f"{'-':>8}" for to in ("plain", "lazy", "others"))
            lines.append(f"{row:>23} {cells} |{shares}")
    lines += [f"no {name}: {why}" for name, why in report.missing.items()]
    return "\n".join(lines)
