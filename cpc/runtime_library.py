"""The C of this repository as cpc compiles it: the coroutine runtime as an archive, and the VMM.

Both are built at first use and kept in the cache folder, under a hash of the sources, the compiler and the options;
so a change of either builds them again.
"""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cpc.cache import cache_root, cached
from cpc.diag import Diagnostics
from cpc.frontend.preprocess import Preprocessor
from cpc.loc import NO_LOC
from cpc.options import Options
from cpc.project import Job, compile_all, fingerprint, terminal_progress

ROOT = Path(__file__).resolve().parents[1]
RUNTIME = ROOT / "runtime"
DEVICES = ROOT / "devices"
LIBRARIES = ("-l:liburing.a", "-pthread")  # the shared liburing 2.3 does not export all that liburing.h declares
_COROUTINE_SOURCES = ("co.c", "co_*.c", "loop.c", "loop_*.c", "thread.c", "log.c")


class BuildFailed(Exception):
    """Our own C did not compile; `diags` says why."""

    def __init__(self, diags: Diagnostics) -> None:
        super().__init__("the runtime does not compile")
        self.diags = diags


def runtime_archive(diags: Diagnostics, *, shared: bool = False) -> Path | None:
    """The archive with the coroutine runtime, or (`shared`) the one for shared libraries; None, with the reasons in
    `diags`, when it does not compile."""
    sources = sorted({path for pattern in _COROUTINE_SOURCES for path in RUNTIME.glob(pattern)})
    if not sources:
        diags.error("E0006", NO_LOC, f"the coroutine runtime is missing in '{RUNTIME}'")
        return None

    def make(target: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            objects = _compile(sources, Path(folder), "the coroutine runtime:", shared=shared)
            subprocess.run(["ar", "rcs", str(target), *objects], check=True, capture_output=True)

    try:
        return cached(_entry("libco-shared" if shared else "libco", sources, ".a"), make)
    except BuildFailed as failure:
        diags.extend(failure.diags.items)
    except (OSError, subprocess.CalledProcessError) as error:
        diags.error("E0006", NO_LOC, f"cannot make the runtime archive: {error}")
    return None


def build_vmm() -> Path:
    """The VMM with all devices as one executable.  Raises BuildFailed."""
    sources = [*sorted(RUNTIME.glob("*.c")), *sorted(DEVICES.glob("*.c"))]

    def make(target: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            objects = _compile(sources, Path(folder), "the VMM:")
            done = subprocess.run(
                ["cc", "-static", *objects, *LIBRARIES, "-o", str(target)], check=False, capture_output=True, text=True
            )
        if done.returncode != 0:
            diags = Diagnostics()
            diags.error("E0006", NO_LOC, done.stderr.strip())
            raise BuildFailed(diags)

    return cached(_entry("vmm", sources, ""), make)


def runtime_options() -> Options:
    """How the C of this repository is compiled."""
    folders = (f"-I{RUNTIME}", f"-I{ROOT}")
    return Options(preprocessor=Preprocessor(("-std=gnu11", "-O2", "-D_GNU_SOURCE", *folders)), level="2", debug=True)


def _compile(sources: Sequence[Path], folder: Path, verb: str, *, shared: bool = False) -> list[str]:
    """Objects of `sources` in `folder`."""
    options = replace(runtime_options(), pic="pic" if shared else "pie")
    products = compile_all([Job(str(path), "obj", options) for path in sources], terminal_progress(verb))
    diags = Diagnostics()
    objects: list[str] = []
    for path, product in zip(sources, products, strict=True):
        diags.extend(product.diagnostics)
        if product.data is not None:
            target = folder / f"{path.parent.name}-{path.stem}.o"
            target.write_bytes(product.data)
            objects.append(str(target))
    if len(objects) < len(sources):
        raise BuildFailed(diags)
    return objects


def _entry(name: str, sources: Sequence[Path], suffix: str) -> Path:
    """The cache entry that belongs to these sources, their headers and this compiler."""
    digest = hashlib.sha256(f"{fingerprint()} {runtime_options()}".encode())
    for path in [*sources, *sorted(RUNTIME.rglob("*.h")), *sorted(DEVICES.rglob("*.h"))]:
        digest.update(f"\0{path}\0".encode() + path.read_bytes())
    return cache_root() / "runtime" / f"{name}-{digest.hexdigest()[:20]}{suffix}"
