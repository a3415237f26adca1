"""`cpc gdb`: gdb with the commands for coroutines (runtime/gdb/coroutines.py)."""

from __future__ import annotations

import argparse
import os
import shutil
import sys

from cpc.runtime_library import RUNTIME

_EPILOG = """\
in gdb:
  co list              every live coroutine, and where it waits
  co bt [CO] [full]    logical backtraces; full: with variables (compile with -g)
  print *CO            a Coroutine is shown with its state

examples:
  cpc gdb ./program arguments      as gdb --args
  cpc gdb -- -p 1234               gdb's own arguments
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "gdb",
        help="debug a program, with its coroutines",
        description="Run gdb with commands that show suspended coroutines.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="PROGRAM ...", help="what to debug")


def run(args: argparse.Namespace) -> int:
    gdb = shutil.which("gdb")
    if gdb is None:
        print("cpc gdb: gdb is not installed", file=sys.stderr)
        return 1
    own = args.words[:1] == ["--"]
    words = args.words[1:] if own else ["--args", *args.words] if args.words else []
    sys.stdout.flush()
    os.execv(gdb, ["gdb", "-x", str(RUNTIME / "gdb" / "coroutines.py"), *words])
