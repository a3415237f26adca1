"""`cpc query`: asks the call graph of a program.

Exit status: 0 done, 1 a query was wrong, 2 wrong usage or C that cannot be read.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import sys
from collections.abc import Iterator

from cpc.cc_options import UsageError
from cpc.commands.lint import add_program_arguments, selection_of
from cpc.diag import render
from cpc.program.lint import program_of
from cpc.program.program import Program
from cpc.project import terminal_progress
from cpc.query.graph import CallGraph
from cpc.query.language import QueryError
from cpc.query.session import HELP, Session

_EPILOG = f"""\
examples:
  cpc query devices runtime -e 'callers qemu_coroutine_yield'
  cpc query -p build -e 'paths main ... [coroutine_fn]'     may a coroutine_fn be called from main directly?
  cpc query -p build                                        asks for queries: one a line

Without --pointers a call is one by name, as in the source.

queries:
{HELP}"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "query",
        help="ask the call graph of a program",
        description="Ask who calls whom in a program, and by which ways.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_program_arguments(parser)
    add = parser.add_argument
    add("-e", dest="queries", action="append", metavar="QUERY", help="a query; without -e they are read from stdin")
    add("--pointers", action="store_true", help="calls through pointers reach what may be assigned to them")


def run(args: argparse.Namespace) -> int:
    try:
        program = read_program(args)
    except UsageError as error:
        print(f"cpc query: {error}", file=sys.stderr)
        return 2
    session = Session(CallGraph(program, pointers=args.pointers))
    wrong = 0
    for line in args.queries if args.queries is not None else _typed():
        try:
            for text in session.run(line):
                print(text)
        except QueryError as error:
            print(f"cpc query: {error}", file=sys.stderr)
            wrong += 1
        _tell_unknown(session.graph)
    return 2 if program.faults else 1 if wrong else 0


def _tell_unknown(graph: CallGraph) -> None:
    """The names in a query that mean nothing: its answer may be empty for no other reason."""
    for name in dict.fromkeys(graph.unknown):
        near = difflib.get_close_matches(name, graph.program.by_name, n=1)
        advice = f"; is '{near[0]}' meant?" if near else ""
        print(f"cpc query: there is no function '{name}'{advice}", file=sys.stderr)
    graph.unknown.clear()


def read_program(args: argparse.Namespace) -> Program:
    """The program that the arguments name; faults in its text are said on stderr.  Raises UsageError."""
    program = program_of(selection_of(args), terminal_progress("reading"))
    print(render(dict.fromkeys(program.faults)), end="", file=sys.stderr)
    return program


def _typed() -> Iterator[str]:
    """The lines of stdin that are not empty; a person gets a prompt, and editing."""
    if not sys.stdin.isatty():
        yield from (line for line in sys.stdin if line.strip() and not line.startswith("#"))
        return
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  # makes input() edit and remember lines
    while True:
        try:
            line = input("query> ")
        except EOFError:
            print()
            return
        if line.strip():
            yield line
