"""The command line of the suites, and their report: a table by suite, and every case that does not pass."""

from __future__ import annotations

import argparse
import fnmatch
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.suites import gcc_dg, sdcc, tcc
from tests.suites.case import Case
from tests.suites.runner import Verdict, judge
from tests.torture.compilers import load_cpc

SUITES: dict[str, Callable[[], Iterable[Case]]] = {"tcc": tcc.cases, "sdcc": sdcc.cases, "gcc": gcc_dg.cases}


def selected(wanted: list[str]) -> Iterator[Case]:
    for name, cases in SUITES.items():
        patterns = [w.partition("/")[2] or "*" for w in wanted if w.partition("/")[0] == name]
        if wanted and not patterns:
            continue
        for case in cases():
            if not patterns or any(fnmatch.fnmatchcase(case.name, pattern) for pattern in patterns):
                yield case


def _work(job: tuple[Case, str, bool]) -> Verdict | None:
    return judge(job[0], job[1], beside=job[2])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.suites", description=__doc__.splitlines()[0])
    parser.add_argument("wanted", nargs="*", metavar="SUITE[/PATTERN]", help=", ".join(SUITES))
    parser.add_argument("-j", type=int, default=2, metavar="N", help="processes")
    parser.add_argument("--level", action="append", help="levels of -O (default: 0 and 2)")
    parser.add_argument("--kind", action="append", help="only cases of this kind: run, accept, survive")
    parser.add_argument("--no-clang", action="store_true", help="do not ask clang about what fails")
    parser.add_argument("--report", type=Path, help="write what does not pass there, with the messages")
    args = parser.parse_args()
    chosen = [case for case in selected(args.wanted) if not args.kind or case.kind in args.kind]
    jobs = [
        (case, level, not args.no_clang)
        for case in chosen
        for level in (args.level or ["0", "2"] if case.kind == "run" else ["0"])
    ]
    counts: dict[tuple[str, str], Counter[str]] = {}
    began = time.monotonic()
    report = args.report.open("w") if args.report else None
    with multiprocessing.get_context("fork").Pool(args.j, load_cpc, maxtasksperchild=400) as pool:
        for verdict in pool.imap_unordered(_work, jobs, chunksize=4):
            if verdict is None:
                continue
            counts.setdefault((verdict.suite, verdict.level), Counter())[verdict.kind] += 1
            if verdict.kind == "passed":
                continue
            line = f"{verdict.kind:9} -O{verdict.level} {verdict.suite}/{verdict.name} (clang: {verdict.clang})"
            print(line, flush=True)
            if report:
                report.write(f"=== {line}\n{verdict.text[:1500]}\n")
                report.flush()
    for (suite, level), found in sorted(counts.items()):
        print(f"{suite} -O{level}: " + ", ".join(f"{n} {kind}" for kind, n in sorted(found.items())))
    print(f"{time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
