"""The cache folder: things that can always be made again (downloads, guest images, compiled runtime).

`$CPC_CACHE`, else `$XDG_CACHE_HOME/cpc`, else `~/.cache/cpc`.  An entry appears whole or not at all: it is made
under a temporary name by whoever holds its lock, then renamed, so that two runs at once and a killed run do no harm.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

_OF_UNITS = ("objects", "units", "facts", "headers")
_MOST_BYTES = 1 << 30


def cache_root() -> Path:
    """The cache folder, made when it is missing."""
    root = os.environ.get("CPC_CACHE")
    if root is None:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        root = str(Path(base) / "cpc")
    path = Path(root)
    path.mkdir(parents=True, exist_ok=True)
    return path


def prune() -> None:
    """Removes what was kept of single units and used longest ago when that has grown too large."""
    entries = [entry for name in _OF_UNITS for entry in _entries(cache_root() / name)]
    total = sum(size for _, size, _ in entries)
    for _, size, path in sorted(entries):
        if total <= _MOST_BYTES:
            break
        Path(path).unlink(missing_ok=True)
        total -= size


def _entries(folder: Path) -> Iterator[tuple[float, int, str]]:
    """(time of last use, size, path) of every entry."""
    for path in folder.glob("??/*"):
        try:
            status = path.stat()
        except OSError:  # another run pruned it
            continue
        yield status.st_mtime, status.st_size, str(path)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock that belongs to the cache entry `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.parent / f".{path.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def cached(path: Path, make: Callable[[Path], None]) -> Path:
    """`path`, which `make(temporary)` creates as a file or a folder when it does not exist yet."""
    if path.exists():
        return path
    with locked(path):
        if path.exists():
            return path
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            temporary = Path(folder) / "new"
            make(temporary)
            shutil.move(temporary, path)
    return path
