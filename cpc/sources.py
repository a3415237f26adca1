"""What PATH arguments of `cpc compile` and `cpc lint` mean: C files, folders of them, and the options that follow."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from cpc.cc_options import CompilerCommand, UsageError, expand_files, read_command
from cpc.frontend.preprocess import Preprocessor

_QUOTES = re.compile(r"[\"'\\]")


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


class EntryError(UsageError):
    """An entry of compile_commands.json that says nothing about its source; those of others may."""


class CommandFinder:
    """The options of each source: from the command line, and from compile_commands.json when there is one."""

    def __init__(self, args: argparse.Namespace) -> None:
        words = [f"-I{d}" for d in args.include] + [f"-D{d}" for d in args.define] + [f"-U{d}" for d in args.undefine]
        words += [f"-std={args.std}"] if args.std else []
        words += [f"--target={args.target}"] if args.target else []
        self._words = words
        self._database = _read_database(args.database) if args.database else {}
        self._own: dict[tuple[Path, tuple[str, ...]], list[str]] = {}
        self._preprocessors: dict[tuple[str, ...], Preprocessor] = {}

    def command(self, source: str, words: Sequence[str] = ()) -> CompilerCommand:
        """Options from the database come first, so that the command line has the last word.  Raises UsageError, or
        EntryError for a fault of the database."""
        return read_command([*self._of(source), *self._words, *words])

    def preprocessor(self, source: str) -> Preprocessor:
        """What `command` says about preprocessing; worked out once for all sources with the same options."""
        own = tuple(self._of(source))
        known = self._preprocessors.get(own)
        if known is None:
            known = self._preprocessors[own] = self.command(source).options().preprocessor
        return known

    def _of(self, source: str) -> list[str]:
        """The options of a source's entry in the database, without the names of files that it reads and writes."""
        entry = self._database.get(os.path.realpath(source))
        if entry is None:
            return []
        key = entry.folder, _shared_words(entry)
        if key not in self._own:
            try:
                self._own[key] = _for_the_source(entry, list(key[1]))
            except UsageError as error:
                raise _about(entry, error) from None
        return self._own[key]

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
    """Source, as a real path -> its entry; of several the last one."""
    path = Path(name) / "compile_commands.json" if Path(name).is_dir() else Path(name)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read '{path}': {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"'{path}' is not JSON in UTF-8") from None
    if not isinstance(found, list):
        raise UsageError(f"'{path}' is not a compilation database: it is no list of entries")
    table: dict[str, _Entry] = {}
    folders: dict[str, str] = {}
    for number, item in enumerate(found, 1):
        try:
            entry = _entry(path.parent, item)
            table[_real(os.path.join(entry.folder, entry.source), folders)] = entry
        except ValueError as error:
            raise UsageError(f"'{path}' is not a compilation database: entry {number} {error}") from None
    return table


def _entry(beside: Path, item: object) -> _Entry:
    """An entry, as JSON has it; its folder may be relative to that of the database.  Raises ValueError."""
    if not isinstance(item, dict):
        raise ValueError("is no object")
    for name in ("directory", "file"):
        if not isinstance(item.get(name), str):
            raise ValueError(f"has no text '{name}'")
        if "\0" in item[name]:
            raise ValueError(f"has a null character in '{name}'")
    command = item.get("arguments", item.get("command"))
    if "arguments" in item:
        if not isinstance(command, list) or not command or not all(isinstance(word, str) for word in command):
            raise ValueError("has no list of words 'arguments'")
    elif not isinstance(command, str) or not command.strip():
        raise ValueError("has neither a text 'command' nor 'arguments'")
    return _Entry(command, item["file"], beside / item["directory"])


def _real(path: str, folders: dict[str, str]) -> str:
    """os.path.realpath(path), which looks at each folder once: `folders` are those known."""
    folder, name = os.path.split(path)
    if folder not in folders:
        folders[folder] = os.path.realpath(folder)
    path = os.path.join(folders[folder], name)
    return os.path.realpath(path) if os.path.islink(path) or name in ("", ".", "..") else path


_OF_ONE_FILE = ("-o", "-MF", "-MT", "-MQ")  # and the word behind


def _shared_words(entry: _Entry) -> tuple[str, ...]:
    """The words of a command without those that no two sources share."""
    words = iter(_command_words(entry)[1:])
    shared: list[str] = []
    for word in words:
        if word in _OF_ONE_FILE:
            next(words, None)
        elif word not in ("-c", entry.source):
            shared.append(word)
    return tuple(shared)


def _command_words(entry: _Entry) -> list[str]:
    if isinstance(entry.command, list):
        return entry.command
    if not _QUOTES.search(entry.command):
        return entry.command.split()  # shlex takes a millisecond for a command of QEMU's
    try:
        return shlex.split(entry.command)
    except ValueError as error:
        raise _about(entry, error) from None


def _about(entry: _Entry, error: Exception) -> EntryError:
    return EntryError(f"the command of '{entry.source}' in the compilation database: {error}")


_PATHS = ("-I", "-isystem", "-iquote", "-idirafter", "-include", "-imacros")


def _for_the_source(entry: _Entry, words: list[str]) -> list[str]:
    """The options of one entry that decide what the source says, with the folders in them made absolute."""
    command = read_command(expand_files(words, entry.folder), tolerant=True)
    kept: list[str] = []
    before = ""
    for word in command.preprocessor:
        option = next((o for o in _PATHS if word.startswith(o)), "")
        if before in _PATHS:
            word = _from(entry.folder, before, word)
            before = ""
        elif option and word != option:
            word = option + _from(entry.folder, option, word.removeprefix(option))
        else:
            before = word
        kept.append(word)
    return kept


def _from(folder: Path, option: str, path: str) -> str:
    """`path` seen from another folder.  A file to include first is looked for in all folders when it is not there."""
    found = folder / path
    return path if option in ("-include", "-imacros") and not found.exists() else str(found)
