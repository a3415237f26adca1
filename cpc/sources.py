"""What PATH arguments of `cpc compile` and `cpc lint` mean: C files, folders of them, and the options that follow."""

from __future__ import annotations

import argparse
import json
import os
import shlex
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from cpc.cc_options import CompilerCommand, UsageError, read_command


def add_source_arguments(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """PATH... and the options that decide what the sources say.  `optional`: without PATH all of -p is meant."""
    add = parser.add_argument
    add("paths", nargs="*" if optional else "+", metavar="PATH", help="C files, or folders whose *.c files are meant")
    add("-I", dest="include", action="append", default=[], metavar="DIR", help="look for headers in DIR")
    add("-D", dest="define", action="append", default=[], metavar="NAME[=V]", help="define a macro")
    add("-U", dest="undefine", action="append", default=[], metavar="NAME", help="undefine a macro")
    add("--target", metavar="NAME", help="compile for x86_64-linux-gnu (default) or aarch64-linux-gnu")
    add("-std", metavar="STANDARD", help="language standard, as for gcc (default gnu17)")
    add("-p", dest="database", metavar="FILE", help="compile_commands.json (or its folder): each file's own options")


def find_sources(paths: Sequence[str], known: Set[str] | None = None) -> list[str]:
    """The C files meant by `paths`, each once, folders sorted; in folders only those that are `known` (real paths),
    when that is given.  Raises UsageError."""
    found: dict[str, None] = {}
    for path in paths:
        if Path(path).is_dir():
            files = sorted(str(p) for p in Path(path).rglob("*.c") if p.is_file())
            files = [f for f in files if known is None or os.path.realpath(f) in known]
            if not files:
                raise UsageError(f"there is no C file in '{path}'")
            found.update(dict.fromkeys(files))
        else:
            found[path] = None
    return list(found)


class CommandFinder:
    """The options of each source: from the command line, and from compile_commands.json when there is one."""

    def __init__(self, args: argparse.Namespace) -> None:
        words = [f"-I{d}" for d in args.include] + [f"-D{d}" for d in args.define] + [f"-U{d}" for d in args.undefine]
        words += [f"-std={args.std}"] if args.std else []
        words += [f"--target={args.target}"] if args.target else []
        self._words = words
        self._database = _read_database(args.database) if args.database else {}

    def command(self, source: str, words: Sequence[str] = ()) -> CompilerCommand:
        """Options from the database come first, so that the command line has the last word."""
        entry = self._database.get(os.path.realpath(source))
        own = _for_the_source(entry) if entry is not None else []
        return read_command([*own, *self._words, *words])

    @property
    def known(self) -> Set[str] | None:
        """The sources of the database as real paths; None when there is none."""
        return self._database.keys() or None

    def sources(self) -> list[str]:
        """All C files of the database."""
        return [path for path in self._database if path.endswith(".c")]


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a compilation database.  It is taken apart when its source is asked for: most never are."""

    command: str | list[str]
    source: str
    folder: Path


def _read_database(name: str) -> dict[str, _Entry]:
    """Source, as a real path -> its entry."""
    path = Path(name) / "compile_commands.json" if Path(name).is_dir() else Path(name)
    try:
        table: dict[str, _Entry] = {}
        for entry in json.loads(path.read_text(encoding="utf-8")):
            folder, source = entry["directory"], entry["file"]
            command = entry["arguments"] if "arguments" in entry else entry["command"]
            if not isinstance(command, list if "arguments" in entry else str) or not command:
                raise ValueError
            table[os.path.realpath(os.path.join(folder, source))] = _Entry(command, source, Path(folder))
        return table
    except OSError as error:
        raise UsageError(f"cannot read '{path}': {error.strerror}") from None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise UsageError(f"'{path}' is not a compilation database") from None


def _for_the_source(entry: _Entry) -> list[str]:
    """The options of one entry that decide what the source says, with the folders in them made absolute."""
    try:
        words = entry.command if isinstance(entry.command, list) else shlex.split(entry.command)
    except ValueError as error:
        raise UsageError(f"the command of '{entry.source}' in the compilation database: {error}") from None
    command = read_command([w for w in _in_folder(words[1:], entry.folder) if w not in ("-c", entry.source)])
    kept: list[str] = []
    is_path = False
    for word in command.preprocessor:
        if is_path or (word.startswith("-I") and len(word) > 2):
            prefix = "" if is_path else "-I"
            word = prefix + str(entry.folder / word.removeprefix(prefix))
        is_path = word in ("-I", "-isystem", "-iquote", "-idirafter", "-include", "-imacros")
        kept.append(word)
    return kept


def _in_folder(words: Sequence[str], folder: Path) -> list[str]:
    """Response files (@FILE) are named relative to the folder."""
    return [f"@{folder / word[1:]}" if word.startswith("@") else word for word in words]
