"""What PATH arguments of `cpc compile` and `cpc lint` mean: C files, folders of them, and the options that follow."""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Sequence
from pathlib import Path

from cpc.cc_options import CompilerCommand, UsageError, read_command


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """PATH... and the options that decide what the sources say."""
    add = parser.add_argument
    add("paths", nargs="+", metavar="PATH", help="C files, or folders whose *.c files are meant")
    add("-I", dest="include", action="append", default=[], metavar="DIR", help="look for headers in DIR")
    add("-D", dest="define", action="append", default=[], metavar="NAME[=V]", help="define a macro")
    add("-U", dest="undefine", action="append", default=[], metavar="NAME", help="undefine a macro")
    add("--target", metavar="NAME", help="compile for x86_64-linux-gnu (default) or aarch64-linux-gnu")
    add("-std", metavar="STANDARD", help="language standard, as for gcc (default gnu17)")
    add(
        "-p", dest="database", metavar="FILE", help="compile_commands.json (or its folder): each file's own options"
    )


def find_sources(paths: Sequence[str]) -> list[str]:
    """The C files meant by `paths`, each once, folders sorted.  Raises UsageError."""
    found: dict[str, None] = {}
    for path in paths:
        if Path(path).is_dir():
            files = sorted(str(p) for p in Path(path).rglob("*.c") if p.is_file())
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
        own = self._database.get(str(Path(source).resolve()), [])
        return read_command([*own, *self._words, *words])

    def sources(self) -> list[str]:
        """All C files of the database."""
        return [path for path in self._database if path.endswith(".c")]


def _read_database(name: str) -> dict[str, list[str]]:
    """Source -> options, with the folders in them made absolute."""
    path = Path(name) / "compile_commands.json" if Path(name).is_dir() else Path(name)
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        table: dict[str, list[str]] = {}
        for entry in entries:
            folder = Path(entry["directory"])
            words = entry["arguments"] if "arguments" in entry else shlex.split(entry["command"])
            table[str((folder / entry["file"]).resolve())] = _for_the_source(words[1:], entry["file"], folder)
        return table
    except OSError as error:
        raise UsageError(f"cannot read '{path}': {error.strerror}") from None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise UsageError(f"'{path}' is not a compilation database") from None


def _for_the_source(words: list[str], source: str, folder: Path) -> list[str]:
    """The options of one entry that decide what the source says."""
    command = read_command([w for w in words if w not in ("-c", source)])
    kept: list[str] = []
    is_path = False
    for word in command.preprocessor:
        if is_path or (word.startswith("-I") and len(word) > 2):
            prefix = "" if is_path else "-I"
            word = prefix + str(folder / word.removeprefix(prefix))
        is_path = word in ("-I", "-isystem", "-iquote", "-idirafter", "-include", "-imacros")
        kept.append(word)
    return kept
