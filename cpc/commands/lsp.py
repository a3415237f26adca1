"""`cpc lsp`: a language server on standard input and output."""

from __future__ import annotations

import argparse
import copy
import os
import sys
from pathlib import Path

from cpc.commands.lint import add_program_arguments, selection_of
from cpc.program.lint import Selection

_EPILOG = """\
An editor starts this: give it the command `cpc lsp`. It shows what `cpc lint` finds whenever a file is saved, offers
the repairs, and says of a function whether it may suspend, and why.

Which program: -p and PATH as for `cpc lint`; else the compile_commands.json of the folder that the editor has open
(there or in a folder just below), else all C files in it.

  Neovim   vim.lsp.start({ name = 'cpc', cmd = { 'cpc', 'lsp' }, root_dir = vim.fn.getcwd() })
  Emacs    (add-to-list 'eglot-server-programs '(c-mode . ("cpc" "lsp")))
  Helix    [language-server.cpc] command = "cpc", args = ["lsp"]
"""
_DATABASE = "compile_commands.json"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "lsp",
        help="a language server for editors",
        description="Serve what `cpc lint` knows to an editor, over standard input and output.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_program_arguments(parser)


def run(args: argparse.Namespace) -> int:
    from cpc.lsp.server import Server

    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr  # nothing else may come between the messages
    Server(lambda root: _selection(args, root)).protocol.start_io(stdout=answers)
    return 0


def _selection(args: argparse.Namespace, root: str) -> Selection:
    """What the arguments name, else what the root folder holds.  Raises UsageError."""
    chosen = copy.copy(args)
    if not chosen.paths and not chosen.database and root:
        database = find_database(Path(root))
        if database is not None:
            chosen.database = str(database)
        else:
            chosen.paths = [root]
    return selection_of(chosen)


def find_database(root: Path) -> Path | None:
    """The compilation database of a folder: in it, in build/, or in another folder just below."""
    near = [root / _DATABASE, root / "build" / _DATABASE, *sorted(root.glob(f"*/{_DATABASE}"))]
    return next((path for path in near if path.is_file()), None)
