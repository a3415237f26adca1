"""The runtime on stackful coroutines, compiled by gcc: the reference that cpc's output is compared with."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from pathlib import Path

from cpc.cache import cache_root, cached

ROOT = Path(__file__).resolve().parent.parent.parent
FLAGS = ["-std=gnu11", "-O1", "-g", "-D_GNU_SOURCE"]
INCLUDES = ["-I", "runtime", "-isystem", "runtime/include", "-I", "tests/stackful"]
LIBRARIES = ["-l:liburing.a", "-pthread"]

# co_frame.c is cpc's own half; co_stackful.c takes its place.
_PATTERNS = ("co*.c", "loop*.c", "log.c", "thread.c")


def stackful_archive() -> Path:
    """An archive with what a program that includes <qemu/coroutine.h> links against."""
    sources = [path for pattern in _PATTERNS for path in sorted((ROOT / "runtime").glob(pattern))]
    sources = [path for path in sources if path.name != "co_frame.c"] + [ROOT / "tests/stackful/co_stackful.c"]
    headers = sorted([*(ROOT / "runtime").rglob("*.h"), *(ROOT / "tests/stackful").glob("*.h")])
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in (*sources, *headers))).hexdigest()[:16]
    return cached(cache_root() / "stackful" / f"{digest}.a", lambda out: _build(sources, out))


def _build(sources: list[Path], out: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        objects = [Path(folder) / f"{path.stem}.o" for path in sources]
        for source, target in zip(sources, objects, strict=True):
            subprocess.run(["gcc", *FLAGS, *INCLUDES, "-c", source, "-o", target], cwd=ROOT, check=True)
        subprocess.run(["ar", "rcs", out, *objects], check=True)
