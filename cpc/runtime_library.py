"""The C of this repository as cpc compiles it: the coroutine runtime as an archive, and the VMM.

The archive exists for each target; where the target has no liburing, a stand-in takes the place of the io_uring back
end.  Both are built at first use and kept in the cache folder, under a hash of the sources, the compiler and the
options; so a change of either builds them again.
"""

from __future__ import annotations

import functools
import hashlib
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cpc import trace_events
from cpc.cache import cache_root, cached
from cpc.diag import Diagnostics
from cpc.frontend.preprocess import Preprocessor
from cpc.frontend.target import X86_64, Target
from cpc.loc import NO_LOC
from cpc.options import Options
from cpc.project import Job, compile_all, fingerprint, terminal_progress

ROOT = Path(__file__).resolve().parents[1]
RUNTIME = ROOT / "runtime"
DEVICES = ROOT / "devices"
_LIBURING = "liburing.a"  # the shared liburing 2.3 does not export all that liburing.h declares
# The VMM is static: it runs where no library is, as in an initial RAM disk.
VMM_LIBRARIES = tuple(f"-l:lib{name}.a" for name in ("jansson", "lz4", "lzma", "seccomp", "zstd", "z"))
_COROUTINE_SOURCES = ("co.c", "co_*.c", "loop.c", "loop_*.c", "thread.c", "log.c")


class BuildFailed(Exception):
    """Our own C did not compile; `diags` says why."""

    def __init__(self, diags: Diagnostics) -> None:
        super().__init__("the runtime does not compile")
        self.diags = diags


@functools.cache
def has_liburing(target: Target) -> bool:
    """Whether the target's linker finds liburing: gcc prints a bare name back when it does not."""
    argv = [target.cc, f"-print-file-name={_LIBURING}"]
    try:
        done = subprocess.run(argv, check=False, capture_output=True, text=True)
    except OSError:
        return False
    return "/" in done.stdout


def libraries(target: Target = X86_64) -> tuple[str, ...]:
    """What programs with the runtime are linked with."""
    return (f"-l:{_LIBURING}", "-pthread") if has_liburing(target) else ("-pthread",)


def runtime_archive(diags: Diagnostics, target: Target = X86_64, *, shared: bool = False) -> Path | None:
    """The archive with the coroutine runtime, or (`shared`) the one for shared libraries; None, with the reasons in
    `diags`, when it does not compile."""
    sources = sorted({path for pattern in _COROUTINE_SOURCES for path in RUNTIME.glob(pattern)})
    if target != X86_64 and not has_liburing(target):
        sources = [RUNTIME / "portable" / path.name if path.name == "loop_uring.c" else path for path in sources]
    if not sources:
        diags.error("E0006", NO_LOC, f"the coroutine runtime is missing in '{RUNTIME}'")
        return None

    def make(archive: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            objects = _compile(sources, Path(folder), "the coroutine runtime:", target, shared=shared)
            subprocess.run([f"{target.tools}ar", "rcs", str(archive), *objects], check=True, capture_output=True)

    try:
        return cached(_entry("libco-shared" if shared else "libco", sources, ".a", target), make)
    except BuildFailed as failure:
        diags.extend(failure.diags.items)
    except (OSError, subprocess.CalledProcessError) as error:
        diags.error("E0006", NO_LOC, f"cannot make the runtime archive: {error}")
    return None


def build_vmm() -> Path:
    """The VMM with all devices as one executable, its trace points as trace-events has them.  Raises BuildFailed."""
    try:
        trace_events.update()
    except trace_events.TraceEventsError as error:
        diags = Diagnostics()
        diags.error("E0006", NO_LOC, str(error))
        raise BuildFailed(diags) from None
    sources = [*sorted(RUNTIME.glob("*.c")), *sorted(DEVICES.glob("*.c"))]

    def make(target: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            objects = _compile(sources, Path(folder), "the VMM:")
            argv = ["cc", "-static", *objects, *VMM_LIBRARIES, *libraries(), "-o", str(target)]
            done = subprocess.run(argv, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            diags = Diagnostics()
            diags.error("E0006", NO_LOC, done.stderr.strip())
            raise BuildFailed(diags)

    return cached(_entry("vmm", sources, ""), make)


def runtime_options(target: Target = X86_64) -> Options:
    """How the C of this repository is compiled."""
    words = ("-std=gnu11", "-O2", "-D_GNU_SOURCE", f"-I{RUNTIME}", f"-I{ROOT}")
    return Options(preprocessor=Preprocessor(words, (target.cc,)), target=target, level="2", debug=True)


def _compile(
    sources: Sequence[Path], folder: Path, verb: str, target: Target = X86_64, *, shared: bool = False
) -> list[str]:
    """Objects of `sources` in `folder`."""
    options = replace(runtime_options(target), pic="pic" if shared else "pie")
    products = compile_all([Job(str(path), "obj", options) for path in sources], terminal_progress(verb))
    diags = Diagnostics()
    objects: list[str] = []
    for path, product in zip(sources, products, strict=True):
        diags.extend(product.diagnostics)
        if product.data is not None:
            made = folder / f"{path.parent.name}-{path.stem}.o"
            made.write_bytes(product.data)
            objects.append(str(made))
    if len(objects) < len(sources):
        raise BuildFailed(diags)
    return objects


def _entry(name: str, sources: Sequence[Path], suffix: str, target: Target = X86_64) -> Path:
    """The cache entry that belongs to these sources, their headers and this compiler."""
    digest = hashlib.sha256(f"{fingerprint()} {runtime_options(target)}".encode())
    for path in [*sources, *sorted(RUNTIME.rglob("*.h")), *sorted(DEVICES.rglob("*.h"))]:
        digest.update(f"\0{path}\0".encode() + path.read_bytes())
    return cache_root() / "runtime" / f"{name}-{digest.hexdigest()[:20]}{suffix}"
