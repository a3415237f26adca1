"""gcc's own testsuite, from Debian's source package of the gcc that is installed (or of `release`).

The package holds gcc's archive inside its own; only `gcc/testsuite` is unpacked, into the cache, as a folder with
gcc.c-torture, gcc.dg, c-c++-common and the others in it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
from pathlib import Path, PurePosixPath

from cpc.cache import cache_root, cached
from tests.sources import SourceError, downloaded


def gcc_testsuite(release: int | None = None) -> Path:
    """The folder gcc/testsuite of gcc `release`."""
    name = f"gcc-{release or installed_release()}"
    return cached(cache_root() / "sources" / f"{name}-testsuite", lambda target: _fetch(name, target))


def installed_release() -> int:
    answer = subprocess.run(["gcc", "-dumpversion"], capture_output=True, text=True, check=True).stdout
    found = re.match(r"\d+", answer)
    if found is None:
        raise SourceError(f"gcc -dumpversion answers {answer.strip()!r}")
    return int(found[0])


def _fetch(package: str, target: Path) -> None:
    with downloaded(package) as described:
        outer = next(described.parent.glob(f"{package}_*.orig.tar.*"), None)
        if outer is None:
            raise SourceError(f"the source package {package} has no archive of gcc's")
        with tarfile.open(outer) as archive:
            inner = next((m for m in archive if re.search(r"/gcc-[\d.]+(-dfsg)?\.tar\.\w+$", m.name)), None)
            stream = archive.extractfile(inner) if inner is not None else None
            if stream is None:
                raise SourceError(f"no archive of gcc's is in {outer.name}")
            with tarfile.open(fileobj=stream) as sources:
                _unpack(sources, target)


def _unpack(sources: tarfile.TarFile, target: Path) -> None:
    """Regular files below gcc/testsuite, by parts of names that cannot lead out of `target`."""
    for member in sources:
        parts = PurePosixPath(member.name).parts[1:]
        if parts[:2] != ("gcc", "testsuite") or ".." in parts or not member.isreg():
            continue
        path = target.joinpath(*parts[2:])
        path.parent.mkdir(parents=True, exist_ok=True)
        data = sources.extractfile(member)
        assert data is not None  # it is a regular file
        with open(path, "wb") as out:
            shutil.copyfileobj(data, out)
