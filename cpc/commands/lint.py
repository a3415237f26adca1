"""`cpc lint`: the rules of coroutine_fn, without compiling further.

Exit status: 0 nothing found, 1 findings, 2 wrong usage or C that cannot be read.
"""

from __future__ import annotations

import argparse
import sys

from cpc.cc_options import UsageError
from cpc.diag import Diagnostic, Diagnostics, render
from cpc.lints import RULES
from cpc.project import CHECK, Job, compile_all, terminal_progress
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


def run(args: argparse.Namespace) -> int:
    try:
        finder = CommandFinder(args)
        jobs = [Job(s, CHECK, finder.command(s).options()) for s in find_sources(args.paths)]
    except UsageError as error:
        print(f"cpc lint: {error}", file=sys.stderr)
        return 2
    diags = Diagnostics()
    for product in compile_all(jobs, terminal_progress("checking")):
        diags.extend(product.diagnostics)
    rules = {rule.code for rule in RULES}
    found = [d for d in diags.sorted() if d.severity == "error" or d.code in rules]  # advice on other things: cpc cc
    print(render(found, color=sys.stdout.isatty()), end="")
    return exit_status(found)


def exit_status(found: list[Diagnostic]) -> int:
    """Faults other than the rules' mean that the rules could not be checked everywhere."""
    if any(d.severity == "error" and not d.code.startswith("E01") for d in found):
        return 2
    return 1 if found else 0
