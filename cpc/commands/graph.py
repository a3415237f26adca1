"""`cpc graph`: draws the call graph of a program, as an HTML page to search in or for Graphviz.

Exit status: 0 done, 2 wrong usage or C that cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cpc.cc_options import UsageError
from cpc.commands.lint import add_program_arguments, selection_of
from cpc.diag import render
from cpc.program.lint import check, program_of
from cpc.project import terminal_progress
from cpc.query.dot import dot
from cpc.query.graph import CallGraph, Wanted
from cpc.query.language import QueryError, functions
from cpc.query.page import page

_EPILOG = """\
examples:
  cpc graph -p build -o graph.html                         all of a project, with what cpc lint finds
  cpc graph devices runtime --only '[coroutine_fn]' -o coroutines.dot
  dot -Tsvg coroutines.dot -o coroutines.svg

The page needs no network and nothing beside it. `cpc query --help` says how functions are chosen.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "graph",
        help="draw the call graph of a program",
        description="Draw who calls whom: a page to search in (.html), or a graph for Graphviz (.dot).",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_program_arguments(parser)
    add = parser.add_argument
    add("-o", dest="output", metavar="FILE", required=True, type=Path, help="where to write: FILE.html or FILE.dot")
    add("--only", metavar="FUNCTIONS", help="draw these functions only")
    add("--include-external", action="store_true", help="draw functions that are not defined here too")
    add("--files", action="store_true", help="a box for each source file (.dot)")


def run(args: argparse.Namespace) -> int:
    wanted = Wanted(refs=True, external=args.include_external)
    try:
        if args.output.suffix not in (".html", ".dot"):
            raise UsageError(f"'{args.output}' should end in .html or .dot")
        selection = selection_of(args)
        program = program_of(selection, terminal_progress("reading"))
        graph = CallGraph(program, pointers=True)
        if args.only is not None:
            graph.keep(functions(graph, args.only), callers=False, callees=False)
            graph.filter.by_default = False
        if args.output.suffix == ".html":
            text = page(graph, check(program, selection).found, wanted)
        else:
            text = "".join(f"{line}\n" for line in dot(graph, wanted, files=args.files))
        args.output.write_text(text, encoding="utf-8")
    except (UsageError, QueryError) as error:
        print(f"cpc graph: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"cpc graph: cannot write '{args.output}': {error.strerror}", file=sys.stderr)
        return 2
    print(render(dict.fromkeys(program.faults)), end="", file=sys.stderr)
    return 2 if program.faults else 0
