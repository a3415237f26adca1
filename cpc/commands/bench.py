"""`cpc bench`: the project's measurements."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from cpc import bench_boot, bench_code, bench_compile, bench_coroutines, bench_lint
from cpc.bench_blk import BenchError, Case, Plan, describe_machine, measure, render_table
from cpc.cc_options import UsageError
from cpc.commands.lint import add_program_arguments, program_words, selection_of
from cpc.diag import render
from cpc.guests.debian import GuestError
from cpc.runtime_library import BuildFailed, build_vmm

_EPILOG = """\
examples:
  cpc bench blk                                   the usual depths, 3 rounds of 3 s each: about two minutes
  cpc bench blk --depths 128 --queues 4 --seconds 60 --rounds 1
  cpc bench blk --dir /dev/shm --json result.json
"""
_CODE_EPILOG = """\
examples:
  cpc bench code                                  all programs, 5 rounds: about a minute
  cpc bench code sha256 nbody --rounds 15
  cpc bench code -O3 --json result.json
"""
_COMPILE_EPILOG = """\
examples:
  cpc bench compile                               3 rounds: about two minutes
  cpc bench compile --rounds 5 --json result.json
  cpc bench compile --only unit
"""
_COROUTINES_EPILOG = """\
examples:
  cpc bench coroutines                            all rows, 11 rounds: about two minutes
  cpc bench coroutines yield suspend-8 --rounds 31
  cpc bench coroutines --json result.json
"""
_LINT_EPILOG = """\
examples:
  cpc bench lint devices runtime                  our own C
  cpc bench lint -p build --name "all of it"      a project of any kind, by its compile_commands.json
  cpc bench lint -p build block nbd --json result.json
"""
_BOOT_EPILOG = """\
examples:
  cpc bench boot                                  5 rounds of 3 boots: about three minutes
  cpc bench boot --rounds 9 --json result.json
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("bench", help="measure", description="Measure against the software people use.")
    what = parser.add_subparsers(dest="what", metavar="WHAT", title="measurements", required=True)
    blk = _benchmark(
        what,
        "blk",
        _blk,
        help="our vhost-user disk beside qemu-storage-daemon",
        description="Put a verified load on `cpc serve blk` and on qemu-storage-daemon, on the same file, in turns.",
        epilog=_EPILOG,
    )
    blk.add_argument("--depths", metavar="N,...", default="1,32,128", help="requests in flight on each queue")
    blk.add_argument("--queues", metavar="N,...", default="1,4", help="numbers of queues (default 1,4)")
    blk.add_argument("--seconds", type=float, default=3.0, help="length of one load (default 3)")
    blk.add_argument("--rounds", type=int, default=3, help="loads per figure, of which the median counts (default 3)")
    blk.add_argument("--size", metavar="MIB", type=int, default=256, help="size of the disk file (default 256)")
    blk.add_argument("--read-percent", metavar="P", type=int, default=70, help="share of reads (default 70)")
    blk.add_argument("--poll", action="store_true", help="the load polls its rings instead of waiting for events")
    blk.add_argument("--dir", metavar="DIR", type=Path, default=Path(tempfile.gettempdir()), help="where the disk lies")
    blk.add_argument("--aio", choices=("threads", "io_uring"), default="threads", help="how the peer does its I/O")
    blk.add_argument("--vmm", metavar="FILE", type=Path, help="measure this build of the VMM")
    blk.add_argument("--json", metavar="FILE", type=Path, help="also write the figures there")
    code = _benchmark(
        what,
        "code",
        _code,
        help="the speed of compiled programs beside gcc's and clang's",
        description="Compile plain C programs with gcc, clang and cpc, run them in turns, and compare the times.",
        epilog=_CODE_EPILOG,
    )
    code.add_argument("programs", metavar="PROGRAM", nargs="*", help="programs of tests/bench/code (default: all)")
    code.add_argument("-O", dest="level", choices=("0", "1", "2", "3", "s"), default="2", help="level (default 2)")
    code.add_argument("--rounds", type=int, default=5, help="runs of each, of which the median counts (default 5)")
    code.add_argument("--json", metavar="FILE", type=Path, help="also write the figures there")
    compile_ = _benchmark(
        what,
        "compile",
        _compile,
        help="the speed of compiling beside gcc's",
        description="Compile a unit of a thousand lines with gcc -O2 and cpc in turns; build our own C.",
        epilog=_COMPILE_EPILOG,
    )
    compile_.add_argument("--only", choices=("unit", "project"), help="measure only this")
    compile_.add_argument("--rounds", type=int, default=3, help="runs of each, of which the median counts (default 3)")
    compile_.add_argument("--json", metavar="FILE", type=Path, help="also write the figures there")
    coroutines = _benchmark(
        what,
        "coroutines",
        _coroutines,
        help="coroutines beside stacks, C++20, Rust and lazy capture by hand",
        description="Run one workload on every way to have coroutines, in turns, and compare the times.",
        epilog=_COROUTINES_EPILOG,
    )
    coroutines.add_argument("rows", metavar="ROW", nargs="*", help="rows to measure (default: all)")
    coroutines.add_argument("--rounds", type=int, default=11, help="runs of each, of which the median counts")
    coroutines.add_argument("--json", metavar="FILE", type=Path, help="also write the figures there")
    lint = _benchmark(
        what,
        "lint",
        _lint,
        help="what checking a project costs, and how much it finds",
        description="Run `cpc lint` cold, with nothing changed and with one file changed; count the findings by rule.",
        epilog=_LINT_EPILOG,
    )
    add_program_arguments(lint)
    lint.add_argument("--name", default="program", help="of the program in the report")
    lint.add_argument("--json", metavar="FILE", type=Path, help="also write the figures there, beside other programs'")
    boot = _benchmark(
        what,
        "boot",
        _boot,
        help="from exec to init beside QEMU's microvm",
        description="Boot one Linux on our VMM and on QEMU's microvm, in turns, on KVM in an emulated machine.",
        epilog=_BOOT_EPILOG,
    )
    boot.add_argument("--rounds", type=int, default=5, help="boots of each, of which the median counts (default 5)")
    boot.add_argument("--memory", metavar="MIB", type=int, default=256, help="memory of the guests (default 256)")
    boot.add_argument("--vmm", metavar="FILE", type=Path, help="measure this build of the VMM")
    boot.add_argument("--json", metavar="FILE", type=Path, help="also write the figures there")


def _benchmark(
    what: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    measure: Callable[[argparse.Namespace], int],
    *,
    help: str,
    description: str,
    epilog: str,
) -> argparse.ArgumentParser:
    """The parser of one benchmark, which `measure` runs."""
    parser = what.add_parser(
        name,
        help=help,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(measure=measure)
    return parser


def run(args: argparse.Namespace) -> int:
    try:
        status: int = args.measure(args)
        return status
    except (BenchError, OSError) as error:
        print(f"cpc bench: {error}", file=sys.stderr)
        return 1


def _blk(args: argparse.Namespace) -> int:
    plan = _plan(args)
    try:
        vmm = args.vmm or build_vmm()
    except BuildFailed as failure:
        print(render(failure.diags.sorted()), end="", file=sys.stderr)
        return 1
    machine = describe_machine(plan.folder)
    rows = measure(plan, vmm, _progress)
    print(machine)
    print(render_table(plan, rows))
    _write(args.json, {"machine": machine, "rows": [asdict(row) for row in rows]})
    return 0


def _boot(args: argparse.Namespace) -> int:
    _check_rounds(args.rounds)
    try:
        vmm = args.vmm or build_vmm()
        machine = bench_boot.describe_machine()
        boots = bench_boot.measure(vmm, args.rounds, args.memory, _progress)
    except BuildFailed as failure:
        print(render(failure.diags.sorted()), end="", file=sys.stderr)
        return 1
    except GuestError as error:
        raise BenchError(str(error)) from error
    print(machine)
    print(bench_boot.render_table(boots))
    found = {"machine": machine, "rounds": args.rounds, "boots": [asdict(boot) for boot in boots]}
    _write(args.json, {**found, "to_peer": bench_boot.ratios(boots)})
    return 0


def _code(args: argparse.Namespace) -> int:
    _check_rounds(args.rounds)
    sources = bench_code.programs(args.programs)
    machine = bench_code.describe_machine()
    rows = bench_code.measure(sources, args.level, args.rounds, _progress)
    print(machine)
    print(bench_code.render_table(rows))
    found = {"machine": machine, "level": args.level, "rounds": args.rounds}
    _write(args.json, {**found, "rows": [asdict(row) for row in rows], "cpc_to": bench_code.ratios(rows)})
    return 0


def _compile(args: argparse.Namespace) -> int:
    _check_rounds(args.rounds)
    machine = bench_compile.describe_machine()
    rows: list[bench_compile.Row] = []
    if args.only != "project":
        rows += bench_compile.measure_unit(args.rounds, _progress)
    if args.only != "unit":
        with tempfile.TemporaryDirectory(prefix="cpc-bench.") as name:
            project = bench_compile.own_project(Path(name))
            rows += bench_compile.measure_project(project, args.rounds, _progress)
    print(machine)
    print(bench_compile.render_table(rows))
    found = {"machine": machine, "rounds": args.rounds, "rows": [asdict(row) for row in rows]}
    _write(args.json, {**found, "cpu_to_gcc": bench_compile.ratios(rows)})
    return 0


def _coroutines(args: argparse.Namespace) -> int:
    _check_rounds(args.rounds)
    report = bench_coroutines.measure(args.rounds, args.rows, _progress)
    print(report.machine)
    print(bench_coroutines.render_table(report))
    _write(args.json, asdict(report))
    return 0


def _lint(args: argparse.Namespace) -> int:
    try:
        jobs = selection_of(args).jobs()
        before = json.loads(args.json.read_text()) if args.json and args.json.exists() else {}
    except UsageError as error:
        raise BenchError(str(error)) from None
    except ValueError:
        before = None
    if not isinstance(before, dict):
        raise BenchError(f"'{args.json}' is no report")
    machine = bench_lint.describe_machine()
    program = bench_lint.measure(args.name, program_words(args), jobs, _progress)
    print(machine)
    print(bench_lint.render_table(program))
    _write(args.json, bench_lint.merged(before, machine, program))
    return 0


def _check_rounds(rounds: int) -> None:
    if rounds < 1:
        raise BenchError("--rounds must be at least 1")


def _write(file: Path | None, report: dict[str, object]) -> None:
    """The figures as JSON, where --json says."""
    if file:
        file.write_text(json.dumps(report, indent=2) + "\n")


def _progress(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def _plan(args: argparse.Namespace) -> Plan:
    depths, queues = _numbers(args.depths, 128), _numbers(args.queues, 16)
    if args.rounds < 1 or args.seconds <= 0 or args.size < 16 or not 0 <= args.read_percent <= 100:
        raise BenchError("--rounds, --seconds and --read-percent must make sense, --size be at least 16")
    cases = [Case(q, d, args.poll, args.read_percent) for q in queues for d in depths]
    return Plan(cases, args.rounds, args.seconds, args.size, args.dir, args.aio)


def _numbers(text: str, high: int) -> list[int]:
    words = text.split(",")
    if not all(word.isdecimal() and 1 <= int(word) <= high for word in words):
        raise BenchError(f"'{text}' is not a list of numbers from 1 to {high}")
    return [int(word) for word in words]
