"""`cpc lint`: the rules of coroutine_fn, without compiling further.

Exit status: 0 nothing found, 1 findings, 2 wrong usage or C that cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

from cpc.cc_options import UsageError
from cpc.deep import run_deep
from cpc.diag import Diagnostic, Diagnostics, render
from cpc.driver import Options, build_module, reporting_internal_errors
from cpc.frontend.preprocess import preprocess
from cpc.project import terminal_progress
from cpc.sources import CommandFinder, add_source_arguments, find_sources

_EPILOG = """\
examples:
  cpc lint devices/                             every C file of a folder
  cpc lint -I include block/io.c                one file
  cpc lint -p build/compile_commands.json block/    with the options of the project's own build

Rules (cpc explain CODE tells more):
  E0101  a plain function calls a coroutine_fn
  E0102  a pointer to a plain function is used for a coroutine_fn, or the other way round
  E0103  a coroutine_fn calls a no_coroutine_fn

Exit status: 0 nothing found, 1 findings, 2 wrong usage or C that cannot be read.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "lint",
        help="check the rules of coroutine_fn",
        description="Check that calls and pointers respect coroutine_fn and no_coroutine_fn.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_source_arguments(parser)


@dataclass(frozen=True, slots=True)
class _Unit:
    source: str
    options: Options


def run(args: argparse.Namespace) -> int:
    try:
        finder = CommandFinder(args)
        units = [_Unit(s, finder.command(s).options()) for s in find_sources(args.paths)]
    except UsageError as error:
        print(f"cpc lint: {error}", file=sys.stderr)
        return 2
    progress = terminal_progress("checking")
    diags = Diagnostics()
    for number, unit in enumerate(units):
        diags.extend(_check(unit))
        if progress is not None:
            progress(number + 1, len(units), unit.source)
    found = diags.sorted()
    print(render(found, color=sys.stdout.isatty()), end="")
    return exit_status(found)


def exit_status(found: list[Diagnostic]) -> int:
    """Faults other than the rules' mean that the rules could not be checked everywhere."""
    if any(d.severity == "error" and not d.code.startswith("E01") for d in found):
        return 2
    return 1 if found else 0


def _check(unit: _Unit) -> list[Diagnostic]:
    def work() -> list[Diagnostic]:
        diags = Diagnostics()
        text = preprocess(unit.source, unit.options.preprocessor, diags)
        if text is not None:
            with reporting_internal_errors(unit.source, diags):
                build_module(text, unit.source, unit.options, diags)
        return diags.items

    return run_deep(work)
