"""Knows that a unit is unchanged without running the preprocessor: a note per unit says what its product came from.

A note holds the stamp (times and size) of every file that the preprocessor opened and a hash of what is in it, and the
names in every folder where a header of the same name could appear and be found first.  When all of them are as they
were (a file that was only touched is read, and is; of new names those count that an #include or __has_include may
mean), and the command, the compiler and the environment are the same (they are in the note's name), so is the product.
Anything else means that the unit is preprocessed again; then its text decides (project.py).  Files that `#line` names
are not opened: a note holds that they are missing, too.

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
from typing import Any

from cpc.cache import cache_root
from cpc.frontend.preprocess import Preprocessor

_PACKAGE = Path(__file__).resolve().parent
_TICK_NS = 20_000_000  # times of files are no finer than the kernel's clock
_ENVIRONMENT = ("CPATH", "C_INCLUDE_PATH", "GCC_EXEC_PREFIX", "COMPILER_PATH", "SOURCE_DATE_EPOCH", "LC_ALL", "LANG")
_SEARCHED_FIRST = "/usr/local/include"
_MARKER = re.compile(r"\d+ \"((?:[^\"\\\n]|\\.)+)\"( 1)?")
_ASKS = re.compile(rb"__has_(?:include|embed)\w*\s*\(\s*(?:[<\"]([^>\"\n]+)|[^)\s])")
_ANY = "*"  # asked for in a way that only the preprocessor understands
_CLOCK = re.compile(rb"__(?:DATE|TIME|TIMESTAMP)__")
_FOLDER_OPTIONS = ("-I", "-isystem", "-iquote", "-idirafter")
_UNSEEN = ("-imacros", "--sysroot", "-isysroot")  # files that leave no marker; folders that are not on the command line

Stamp = list[int] | str | None
Names = frozenset[str] | None  # in a folder; None when there is none


@dataclass(slots=True)
class Notes:
    """The notes as one run sees them: each file and folder is looked at once.  One run in one process: a stamp that is
    older than the run's own reading of a file makes a note that never holds, not one that is wrong.  `makers` are the
    files and folders of cpc that the product depends on."""

    makers: tuple[str, ...] = ("",)
    _files: dict[str, Stamp] = field(default_factory=dict)
    _folders: dict[str, tuple[Stamp, Names]] = field(default_factory=dict)
    _contents: dict[str, str | None] = field(default_factory=dict)
    _asked: dict[str, frozenset[str]] = field(default_factory=dict)  # file -> the paths in its __has_include

    def product(self, unit: str, preprocessor: Preprocessor) -> str | None:
        """The name of the product of `unit` (all that decides it but files), if that is sure."""
        try:
            note = json.loads(self._place(unit, preprocessor).read_bytes())
            product, files, folders = note["product"], note["files"], note["folders"]
            same = all(self._same(path, stamp, content) for path, (stamp, content) in files.items())
            same = same and self._no_new_headers(files, folders, note)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return product if same and isinstance(product, str) else None

    def keep(
        self, unit: str, source: str, preprocessor: Preprocessor, text: str, started_ns: int, product: str
    ) -> None:
        """Notes that `text`, preprocessed from `source` after `started_ns`, gave `product`."""
        if any(word.startswith(_UNSEEN) for word in preprocessor.options):
            return
        opened, named = _files_in(text)
        opened.add(source)
        if any(_is_temporary(os.path.basename(path)) for path in opened):
            return
        stamps = {path: self._file(path) for path in sorted(opened | named)}
        missing = {path for path in named - opened if stamps[path] is None}
        if not all(path in missing or _settled(stamp, started_ns) for path, stamp in stamps.items()):
            return
        files = {path: (stamp, self._content(path)) for path, stamp in stamps.items()}
        if any(content is None for path, (_, content) in files.items() if path not in missing):
            return
        asked = sorted({path for file in opened for path in self._asked.get(file, ())})
        means = _components([*files, *asked])
        roots, parts = _searched(opened, asked, preprocessor)
        folders = {path: (self._folder(path)[0], self._meant(path, means)) for path in self._existing(roots, parts)}
        note = {"product": product, "files": files, "folders": folders, "roots": roots, "parts": parts, "asked": asked}
        write_whole(self._place(unit, preprocessor), json.dumps(note).encode())

    def forget(self, unit: str, preprocessor: Preprocessor, root: Path) -> str | None:
        """Removes the note of a unit from the cache folder `root`; returns its product's name, if it had one."""
        place = root / self._name(unit, preprocessor)
        try:
            product = json.loads(place.read_bytes())["product"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        place.unlink(missing_ok=True)
        return product if isinstance(product, str) else None

    def _no_new_headers(self, files: Iterable[str], folders: dict[str, tuple[Stamp, list[str]]], note: Any) -> bool:
        """Whether nothing came into the searched folders, nor went, that an include may mean."""
        searched = folders.keys() | set(self._existing(note["roots"], note["parts"]))
        missing: tuple[Stamp, list[str]] = (None, [])
        changed = [path for path in searched if self._folder(path)[0] != folders.get(path, missing)[0]]
        if changed and _ANY in note["asked"]:
            return False
        means = _components([*files, *note["asked"]]) if changed else frozenset()
        return all(self._meant(path, means) == folders.get(path, missing)[1] for path in changed)

    def _existing(self, roots: Iterable[str], parts: Iterable[str]) -> Iterator[str]:
        """Those of the folders ROOT and ROOT/PART that there are: a small part of the combinations."""
        below: dict[str, list[str]] = {}
        for part in parts:
            below.setdefault(part.partition("/")[0], []).append(part)
        dotted = {first for first in below if _is_temporary(first)}  # '..', and what listed names are without
        for root in roots:
            names = self._folder(root)[1]
            if names is not None:
                yield root
                firsts = (below.keys() & names) | dotted
                paths = (f"{root}/{part}" for first in firsts for part in below[first])
                yield from (path for path in paths if self._folder(path)[1] is not None)

    def _same(self, path: str, stamp: Stamp, content: str | None) -> bool:
        now = self._file(path)
        return now == stamp or (now is not None and content is not None and self._content(path) == content)

    def _place(self, unit: str, preprocessor: Preprocessor) -> Path:
        return cache_root() / self._name(unit, preprocessor)

    def _name(self, unit: str, preprocessor: Preprocessor) -> Path:
        surroundings = [os.getcwd(), *(os.environ.get(name, "") for name in _ENVIRONMENT)]
        key = "\0".join([compiler_stamp(preprocessor.command[0], self.makers), unit, *surroundings])
        name = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        return Path("units", name[:2], name[2:])

    def _file(self, path: str) -> Stamp:
        if path not in self._files:
            self._files[path] = stamp_of(path)
        return self._files[path]

    def _content(self, path: str) -> str | None:
        """A hash of a file; None for one that cannot be read, or that says another thing at another time."""
        if path not in self._contents:
            self._contents[path], self._asked[path] = _look_at(path)
        return self._contents[path]

    def _folder(self, path: str) -> tuple[Stamp, Names]:
        if path not in self._folders:
            self._folders[path] = _names_in(path)
        return self._folders[path]

    def _meant(self, path: str, means: frozenset[str]) -> list[str]:
        """The names in a folder that an include may mean."""
        return sorted((self._folder(path)[1] or frozenset()) & means)


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


def _files_in(text: str) -> tuple[set[str], set[str]]:
    """The files that the preprocessor opened, and those that are only named, by #line."""
    opened: set[str] = set()
    named: set[str] = set()
    for part in text.removeprefix("# ").split("\n# "):
        marker = _MARKER.match(part)
        if marker is not None:
            (opened if marker[2] else named).add(marker[1])
    opened = {re.sub(r"\\(.)", r"\1", name) for name in opened}
    named = {re.sub(r"\\(.)", r"\1", name) for name in named}
    return _real(opened), _real(named)


def _real(names: set[str]) -> set[str]:
    """Without <built-in>, and the folder that -g names."""
    return {name for name in names if not name.startswith("<") and not name.endswith("//")}


def _settled(stamp: Stamp, started_ns: int) -> bool:
    """Whether the file was there before the preprocessor ran, and is so still."""
    return isinstance(stamp, list) and max(stamp[:2]) <= started_ns - _TICK_NS


def _look_at(path: str) -> tuple[str | None, frozenset[str]]:
    """A hash of a file, None when that cannot be relied on, and the paths that it asks for."""
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError):
        return None, frozenset()
    asked = frozenset(os.fsdecode(found[1]) if found[1] else _ANY for found in _ASKS.finditer(data))
    return None if _CLOCK.search(data) else hashlib.sha256(data).hexdigest()[:32], asked


def _components(paths: Iterable[str]) -> frozenset[str]:
    """The names of files and folders in paths."""
    return frozenset(name for path in paths for name in path.split("/"))


def _searched(files: Iterable[str], asked: Iterable[str], preprocessor: Preprocessor) -> tuple[list[str], list[str]]:
    """(roots, parts): the folders ROOT and ROOT/PART where a new header could be found before one of `files`: with a
    header a/b.h in use, the folders a of all that are searched; and those where `asked` may be."""
    used = {os.path.dirname(path) or "." for path in files}
    searched = {*used, *_named_folders(preprocessor.options), _SEARCHED_FIRST}
    below = {part for folder in used for root in searched for part in _parts_below(folder, root)}
    below |= {os.path.dirname(path) for path in asked} - {""}
    return sorted(searched), sorted(below)


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


def _names_in(path: str) -> tuple[Stamp, Names]:
    """The names in a folder, and a hash of them; without those of editors' temporary files."""
    try:
        names = sorted(name for name in os.listdir(path) if not _is_temporary(name))
    except (OSError, ValueError):
        return None, None
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()[:32], frozenset(names)


def _is_temporary(name: str) -> bool:
    return name.startswith((".", "#")) or name.endswith("~")


@cache
def compiler_stamp(command: str, makers: tuple[str, ...] = ("",)) -> str:
    """What tells this compiler, its libraries and its preprocessor from others.  `makers` are the files and folders of
    cpc that count."""
    stamps: list[Stamp] = [sys.version, os.path.realpath(shutil.which(command) or command)]
    stamps.append(stamp_of(str(stamps[1])))
    for name in ("llvmlite", "pycparser"):
        spec = find_spec(name)
        stamps.append(stamp_of(spec.origin) if spec is not None and spec.origin else None)
    for path in sorted(path for maker in makers for path in _code(_PACKAGE / maker)):
        stamps += [os.path.relpath(path, _PACKAGE), stamp_of(path)]
    return hashlib.sha256(json.dumps(stamps).encode()).hexdigest()


def _code(place: Path) -> Iterator[str]:
    if place.is_file():
        yield str(place)
    for folder, _, names in os.walk(place):
        yield from (os.path.join(folder, name) for name in names if name.endswith((".py", ".lark")))
