"""Knows that a unit is unchanged without running the preprocessor: a note per unit says what its product came from.

A note holds the stamp (times and size) of every file that the preprocessor opened, and the names in every folder where
a header of the same name could appear and be found first.  When all of them are as they were, and the command, the
compiler and the environment are the same (they are in the note's name), so is the product.  Anything else means that
the unit is preprocessed again; then its text decides (project.py).

A unit whose files were changed while it was compiled gets no note, nor does one that asks for the date or the time.
A note that cannot be read is none.  Rejected: times of folders (every editor's temporary file changes them).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from cpc.cache import cache_root
from cpc.frontend.preprocess import Preprocessor

_PACKAGE = Path(__file__).resolve().parent
_TICK_NS = 20_000_000  # times of files are no finer than the kernel's clock
_ENVIRONMENT = ("CPATH", "C_INCLUDE_PATH", "GCC_EXEC_PREFIX", "COMPILER_PATH", "SOURCE_DATE_EPOCH", "LC_ALL", "LANG")
_SEARCHED_FIRST = "/usr/local/include"
_MARKER = re.compile(r"^# \d+ \"((?:[^\"\\\n]|\\.)+)\"", re.M)
_CLOCK = re.compile(rb"__(?:DATE|TIME|TIMESTAMP)__")
_FOLDER_OPTIONS = ("-I", "-isystem", "-iquote", "-idirafter")
_UNSEEN = ("-imacros", "--sysroot", "-isysroot")  # files that leave no marker; folders that are not on the command line

Stamp = list[int] | str | None


@dataclass(slots=True)
class Notes:
    """The notes as one run sees them: each file and folder is looked at once."""

    _files: dict[str, Stamp] = field(default_factory=dict)
    _folders: dict[str, Stamp] = field(default_factory=dict)

    def product(self, unit: str, preprocessor: Preprocessor) -> str | None:
        """The name of the product of `unit` (all that decides it but files), if that is sure."""
        try:
            note = json.loads(self._place(unit, preprocessor).read_bytes())
            product, files, folders = note["product"], note["files"], note["folders"]
            same = all(self._file(path) == stamp for path, stamp in files.items())
            same = same and all(self._folder(path) == stamp for path, stamp in folders.items())
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return product if same and isinstance(product, str) else None

    def keep(self, unit: str, preprocessor: Preprocessor, text: str, started_ns: int, product: str) -> None:
        """Notes that `text`, preprocessed after `started_ns`, gave `product`."""
        if any(word.startswith(_UNSEEN) for word in preprocessor.options):
            return
        files = {re.sub(r"\\(.)", r"\1", name) for name in _MARKER.findall(text)}
        files = {name for name in files if not name.startswith("<") and not name.endswith("//")}
        stamps = {path: self._file(path) for path in sorted(files)}
        if not all(_settled(path, stamp, started_ns) for path, stamp in stamps.items()):
            return
        folders = {path: self._folder(path) for path in _folders(files, preprocessor)}
        note = {"product": product, "files": stamps, "folders": folders}
        write_whole(self._place(unit, preprocessor), json.dumps(note).encode())

    def _place(self, unit: str, preprocessor: Preprocessor) -> Path:
        surroundings = [os.getcwd(), *(os.environ.get(name, "") for name in _ENVIRONMENT)]
        key = "\0".join([compiler_stamp(preprocessor.command[0]), unit, *surroundings])
        name = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        return cache_root() / "units" / name[:2] / name[2:]

    def _file(self, path: str) -> Stamp:
        if path not in self._files:
            self._files[path] = stamp_of(path)
        return self._files[path]

    def _folder(self, path: str) -> Stamp:
        if path not in self._folders:
            self._folders[path] = _names_in(path)
        return self._folders[path]


def stamp_of(path: str) -> Stamp:
    """What changes when the file does; None when there is no file."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return [status.st_mtime_ns, status.st_ctime_ns, status.st_size]


def write_whole(path: Path, data: bytes) -> None:
    """Writes a cache entry whole or not at all; a full disk is no reason to fail."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)


def _settled(path: str, stamp: Stamp, started_ns: int) -> bool:
    """Whether the file was there before the preprocessor ran, is so still, and says the same at any time."""
    if not isinstance(stamp, list) or max(stamp[:2]) > started_ns - _TICK_NS:
        return False
    try:
        return _CLOCK.search(Path(path).read_bytes()) is None
    except OSError:
        return False


def _folders(files: Iterable[str], preprocessor: Preprocessor) -> list[str]:
    """The folders where a new header could be found before one of `files`: with a header a/b.h in use, the folders
    a of all folders that are searched."""
    used = {os.path.dirname(path) or "." for path in files}
    searched = {*used, *_named_folders(preprocessor.options), _SEARCHED_FIRST}
    below = {part for folder in used for root in searched for part in _parts_below(folder, root)}
    return sorted({*searched, *(f"{root}/{part}" for root in searched for part in below)})


def _named_folders(options: Iterable[str]) -> Iterator[str]:
    words = iter(options)
    for word in words:
        for option in _FOLDER_OPTIONS:
            if word == option:
                yield next(words, ".")
            elif word.startswith(option):
                yield word[len(option) :]


def _parts_below(folder: str, root: str) -> Iterator[str]:
    """For a/b/c below a: b and b/c."""
    if folder.startswith(f"{root}/"):
        parts = folder[len(root) + 1 :].split("/")
        yield from ("/".join(parts[: i + 1]) for i in range(len(parts)))


def _names_in(path: str) -> Stamp:
    """The names in a folder, as a hash."""
    try:
        names = sorted(os.listdir(path))
    except (OSError, ValueError):
        return None
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()


@cache
def compiler_stamp(command: str) -> str:
    """What tells this compiler, its libraries and its preprocessor from others."""
    parts: list[Stamp] = [sys.version, os.path.realpath(shutil.which(command) or command)]
    parts.append(stamp_of(str(parts[1])))
    for name in ("llvmlite", "pycparser"):
        spec = find_spec(name)
        parts.append(stamp_of(spec.origin) if spec is not None and spec.origin else None)
    for folder, inner, names in os.walk(_PACKAGE):
        inner[:] = sorted(name for name in inner if name != "__pycache__")
        for name in sorted(names):
            if name.endswith((".py", ".lark")):
                parts += [name, stamp_of(os.path.join(folder, name))]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
