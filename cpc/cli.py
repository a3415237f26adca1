"""The command line: which commands there are, and nothing of what they do.

A command is a module with `add_parser(subparsers)` and `run(args) -> exit status`.  Only the module of the command
that is asked for is imported, so `cpc cc` starts quickly and a command whose requirements are missing hurts nobody
else.  Exit statuses: 0 done, 1 the program or the check failed, 2 wrong usage or bad input; `cpc run` has its own.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import sys
from typing import Any, NoReturn

import cpc
from cpc.cache import cache_root

# name -> what it does; the module is cpc.commands.NAME
COMMANDS = {
    "cc": "compile and link C files: a drop-in for gcc",
    "compile": "compile the C of a project, in parallel, and only what changed",
    "lint": "check the rules of coroutine_fn",
    "query": "ask the call graph of a program: who calls whom, by which ways",
    "graph": "draw the call graph: a page to search in, or DOT",
    "lsp": "a language server for editors: findings, repairs, what may suspend",
    "gdb": "debug a program, with its coroutines",
    "explain": "explain a diagnostic (E0101), or a function's states and frame (FILE:FUNC)",
    "run": "boot a guest on the VMM",
    "control": "command a running guest",
    "image": "make a guest's disk image from Debian packages",
    "serve": "serve one device over vhost-user",
    "bench": "measure",
}

_DESCRIPTION = """\
A C compiler with stackless coroutines, and the virtual machine monitor built with it.

A function marked coroutine_fn may wait (for a disk, a timer, another coroutine) without a stack of
its own: cpc splits it where it waits and keeps what it needs in a small frame.
"""

_EPILOG = """\
examples:
  cpc cc -O2 hello.c -o hello      compile and link; the coroutine runtime is added when it is used
  cpc lint devices/                does every call respect coroutine_fn?
  cpc explain E0101                what a diagnostic means

`cpc COMMAND --help` explains a command.
"""


def main(argv: list[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    arguments = sys.argv[1:] if argv is None else argv
    gc.set_threshold(100_000, 20, 100)  # compiling makes many objects and few cycles: a tenth of the time
    _keep_bytecode()
    parser = _Parser(
        prog="cpc",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"cpc {cpc.__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    chosen = next((word for word in arguments if not word.startswith("-")), "")
    for name, summary in COMMANDS.items():
        if name == chosen:
            _module(name).add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=summary)
    if chosen == "cc" and arguments[0] == "cc":  # its options are gcc's, not argparse's
        return _guard(argparse.Namespace(command="cc", words=arguments[1:]))
    args = parser.parse_args(arguments)
    if args.command is None:
        parser.print_help()
        return 2
    return _guard(args)


def _keep_bytecode() -> None:
    """Where Python is told to write no bytecode beside its sources, cpc's goes to the cache folder: translating the
    compiler anew takes as long as compiling a small file."""
    if sys.dont_write_bytecode and not sys.pycache_prefix:
        try:
            sys.pycache_prefix = str(cache_root() / "bytecode")
        except OSError:  # no place for a cache
            return
        sys.dont_write_bytecode = False


def _guard(args: argparse.Namespace) -> int:
    """Runs the command; an interrupt and a reader that went away end it quietly."""
    try:
        status: int = _module(args.command).run(args)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing more can be said there
        return 1


def _module(name: str) -> Any:
    """The module of a command; what it needs and is not installed is named, without a traceback."""
    try:
        return importlib.import_module(f"cpc.commands.{name}")
    except ModuleNotFoundError as error:
        print(f"cpc {name}: the Python module '{error.name}' is not installed", file=sys.stderr)
        sys.exit(1)


class _Parser(argparse.ArgumentParser):
    """Says how to get help when the usage is wrong."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\nTry '{self.prog} --help'.\n")
