"""gcc's torture tests under cpc: how many pass, and what each of the others says.

    python -m tests.torture [--suite execute|compile] [--compare clang-19] [--tree FOLDER] [PATTERN...]

The tests are those of Debian's gcc source package (tests/gcc_testsuite.py), or of a folder gcc/testsuite.  A verdict
is one of VERDICTS; a compiler does well when all are pass, unsupported (nothing but E03xx) or not applicable.  `not
folded`: the program is right, but asks under __OPTIMIZE__ for a transformation of gcc's (a call that must be gone).
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import shlex
import tempfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

from tests.gcc_testsuite import gcc_testsuite
from tests.torture.cases import Case, find_cases
from tests.torture.compilers import Ended, load_cpc, run_cpc, run_limited, run_program
from tests.torture.directives import Machine

VERDICTS = ("pass", "unsupported", "not folded", "error", "wrong", "crash", "timeout", "n/a")
GOOD = ("pass", "unsupported", "not folded", "n/a")
LEVELS = ("-O0", "-O2")
RUN_SECONDS = 30
_WARNED = (
    *("implicit-function-declaration", "implicit-int", "int-conversion", "incompatible-pointer-types"),
    *("incompatible-function-pointer-types", "return-type", "return-mismatch", "visibility"),
)
TOLERANT = tuple(f"-Wno-error={name}" for name in _WARNED)  # what clang refuses by now, and gcc 12 only warns of
_GCC_ONLY = re.compile(  # options that only choose among optimisations, and stop other compilers
    r"-f(?:no-)?(?:tree-|ipa-|ira-|early-inlining|tracer|dce|gcse|ivopts|web|code-hoisting|split|rounding|fat-lto).*|-mpc64"
    r"|-fsched.*|-fselective.*|-fmodulo-sched|-fno-trapping-math|-fsave-optimization-record|-fnon-call-exceptions"
)
_CODE = re.compile(r"error\[(E\d+)\]")


@dataclass(frozen=True, slots=True)
class Setting:
    """What is measured: the compiler's command ("cpc", or a program) and the machine it compiles for."""

    compiler: tuple[str, ...] = ("cpc",)
    machine: Machine = Machine("x86_64-pc-linux-gnu")  # noqa: RUF009
    emulator: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return Path(self.compiler[0]).name

    def compile(self, words: list[str], folder: Path) -> Ended:
        if self.compiler[0] == "cpc":
            return run_cpc([*self.compiler[1:], *words], folder)
        return run_program(self.compiler)([word for word in words if not _GCC_ONLY.fullmatch(word)], folder)


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    level: str
    verdict: str
    detail: str = ""

    def row(self) -> str:
        return f"{self.verdict:12} {self.level} {self.name:28} {self.detail}"


def judge(task: tuple[Case, str], setting: Setting) -> Result:
    """Compiles one case at one level, runs it, and says how it went."""
    case, level = task
    result = _judge(case, level, (), setting)
    if result.verdict in ("error", "wrong") and case.runs and level != "-O0":
        plain = _judge(case, level, ("-U__OPTIMIZE__",), setting)
        if plain.verdict == "pass":
            return Result(case.name, level, "not folded", result.detail)
    return result


def _judge(case: Case, level: str, more: tuple[str, ...], setting: Setting) -> Result:
    result = partial(Result, case.name, level)
    if case.reason:
        return result("n/a", case.reason)
    if case.skipped_at(setting.machine, level):
        return result("n/a", "skipped or expected to fail here")
    with tempfile.TemporaryDirectory(prefix="cpc-torture.") as name:
        folder = Path(name)
        product = folder / "case"
        mode = ["-o", str(product), "-lm"] if case.runs else ["-c" if case.assembles else "-S"]
        ended = setting.compile([level, *case.options, *more, *map(str, case.sources), *mode], folder)
        if ended.status != 0 or case.expects_errors:
            return result(*_refused(ended, case))
        if not case.runs:
            return result("pass")
        ran = run_limited([*setting.emulator, str(product)], folder, RUN_SECONDS)
        if ran.status is None:
            return result("timeout", "the program runs on")
        return result("pass") if ran.status == 0 else result("wrong", f"the program's status is {ran.status}")


def _refused(ended: Ended, case: Case) -> tuple[str, str]:
    """Verdict and detail of a compilation that failed, or that should have."""
    lines = ended.errors.strip().splitlines()
    if ended.status is None:
        return "timeout", "the compiler runs on"
    if ended.status == 2 and re.search(r"^cpc cc: '-.*' is not supported", ended.errors, re.M):
        return "unsupported", lines[0][:150]
    if ended.status not in (0, 1) or "Traceback" in ended.errors or "error[E0007]" in ended.errors:
        return "crash", f"status {ended.status}: {lines[-1][:150] if lines else ''}"
    if case.expects_errors:
        return ("error", "accepted, though it is wrong") if ended.status == 0 else ("pass", "")
    codes = _CODE.findall(ended.errors)
    first = next((line for line in lines if "error" in line), lines[0] if lines else "")
    shown = re.sub(r"^\S*/", "", first)[:150]
    if codes and all(code.startswith("E03") for code in codes):
        return "unsupported", shown + (f" (and {len(codes) - 1} more)" if len(codes) > 1 else "")
    return "error", shown


def measure(
    setting: Setting, cases: Iterable[Case], levels: Iterable[str], jobs: int, show: bool = False
) -> list[Result]:
    """All cases at all levels; shows at once what is not a pass."""
    tasks = [(case, level) for case in cases for level in levels]
    fork = multiprocessing.get_context("fork")  # a worker is forked before it has threads
    start = load_cpc if setting.compiler[0] == "cpc" else None
    with ProcessPoolExecutor(jobs, mp_context=fork, initializer=start) as pool:
        results = []
        for result in pool.map(partial(judge, setting=setting), tasks, chunksize=4):
            results.append(result)
            if show and result.verdict not in ("pass", "n/a"):
                print(result.row(), flush=True)
        return results


def table(measured: dict[str, list[Result]]) -> str:
    """A line for every compiler and level."""
    lines = [f"{'compiler':12} {'level':5}" + "".join(f"{v:>12}" for v in VERDICTS) + f"{'% pass':>9}"]
    for name, results in measured.items():
        for level in dict.fromkeys(r.level for r in results):
            counts = Counter(r.verdict for r in results if r.level == level)
            applicable = counts.total() - counts["n/a"]
            share = f"{100 * counts['pass'] / applicable:8.1f}" if applicable else "       -"
            lines.append(f"{name:12} {level:5}" + "".join(f"{counts[v]:12}" for v in VERDICTS) + f" {share}")
    return "\n".join(lines)


def only_with(other: list[Result], ours: list[Result]) -> list[Result]:
    """Our results where the other compiler passes and we do not."""
    passing = {(r.name, r.level) for r in other if r.verdict == "pass"}
    return [r for r in ours if r.verdict not in ("pass", "n/a") and (r.name, r.level) in passing]


def main() -> int:
    options = _arguments()
    testsuite = options.tree or gcc_testsuite(options.release)
    if options.target:
        cpu = options.target.split("-")[0]
        setting = Setting(("cpc", f"--target={options.target}"), Machine(f"{cpu}-unknown-linux-gnu"), _emulator(cpu))
    else:
        setting = Setting()
    cases = find_cases(testsuite, options.suite, setting.machine)
    if options.patterns:
        cases = [case for case in cases if any(fnmatch(case.name, pattern) for pattern in options.patterns)]
    levels = options.level or LEVELS
    ours = measure(setting, cases, levels, options.jobs, show=True)
    measured = {"cpc": ours}
    for command in options.compare:
        other = Setting(tuple(shlex.split(command)) + (TOLERANT if "clang" in command else ()))
        measured[other.name] = measure(other, cases, levels, options.jobs)
    for name, theirs in list(measured.items())[1:]:
        print(f"\npass with {name}, not with cpc:")
        print("\n".join(result.row() for result in only_with(theirs, ours)))
    print("\n" + table(measured))
    return 0 if all(result.verdict in GOOD for result in ours) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__.splitlines()[0])
    parser.add_argument("patterns", nargs="*", metavar="PATTERN", help="names of cases, such as 'pr7*.c'; all of them")
    parser.add_argument("--suite", choices=("execute", "compile"), default="execute")
    parser.add_argument("--compare", action="append", default=[], metavar="PROGRAM", help="another compiler, clang-19")
    parser.add_argument("--tree", type=Path, metavar="FOLDER", help="an unpacked gcc/testsuite")
    parser.add_argument("--release", type=int, help="of gcc, whose tests are fetched; the one that is installed")
    parser.add_argument("--level", action="append", help="-O0, -O2, ...; both of these")
    parser.add_argument("--target", metavar="TRIPLE", help="compile for it, and run the programs under qemu-user")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def _emulator(cpu: str) -> tuple[str, ...]:
    return (f"qemu-{cpu}-static", "-L", f"/usr/{cpu}-linux-gnu")
