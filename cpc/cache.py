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


def cache_root() -> Path:
    """The cache folder, made when it is missing."""
    root = os.environ.get("CPC_CACHE")
    if root is None:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        root = str(Path(base) / "cpc")
    path = Path(root)
    path.mkdir(parents=True, exist_ok=True)
    return path


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
