"""Compiles many files: in parallel, and only those whose preprocessed text, options or compiler changed.

The product of a unit is kept in the cache folder under a hash of everything that decides it.  Preprocessing is always
done (it costs a hundredth of the rest and sees every header).  A unit with warnings is not kept, so that they are
shown again.
"""

from __future__ import annotations

import functools
import hashlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from cpc.cache import cache_root
from cpc.deep import run_deep
from cpc.diag import Diagnostic, Diagnostics
from cpc.driver import Dumps, Options, build_module, compile_text, reporting_internal_errors
from cpc.frontend.preprocess import preprocess
from cpc.ir.ops import Loc

_PACKAGE = Path(__file__).resolve().parent
_MOST_CACHED_BYTES = 1 << 30


CHECK = "check"


@dataclass(frozen=True, slots=True)
class Job:
    """One file to compile to `kind` (driver.KINDS), or only to check (CHECK: no data, diagnostics only)."""

    source: str
    kind: str
    options: Options


@dataclass(frozen=True, slots=True)
class Product:
    """`data` is None when there were errors; `fresh` says that it was compiled, not found."""

    data: bytes | None
    diagnostics: tuple[Diagnostic, ...] = ()
    fresh: bool = True


Progress = Callable[[int, int, str], None]


def compile_job(job: Job) -> Product:
    """Compiles one file, or finds what was made of the same text before."""
    return run_deep(lambda: _compile(job))


def compile_all(jobs: Sequence[Job], progress: Progress | None = None, workers: int = 0) -> list[Product]:
    """The products of `jobs`, in order.  `progress(done, total, source)` is called after each."""
    workers = min(len(jobs), workers or os.cpu_count() or 1)
    report = progress or (lambda done, total, source: None)
    products: dict[int, Product] = {}
    if workers <= 1:
        for i, job in enumerate(jobs):
            products[i] = compile_job(job)
            report(i + 1, len(jobs), job.source)
    else:
        with ProcessPoolExecutor(workers, initializer=_ignore_interrupt) as pool:
            places: dict[Future[Product], int] = {pool.submit(compile_job, job): i for i, job in enumerate(jobs)}
            try:
                for future in as_completed(places):
                    products[places[future]] = _result(future, jobs[places[future]])
                    report(len(products), len(jobs), jobs[places[future]].source)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    _prune()
    return [products[i] for i in range(len(jobs))]


def _ignore_interrupt() -> None:
    """Ctrl-C is the parent's business; a child would answer it with a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _result(future: Future[Product], job: Job) -> Product:
    """What a worker made; when its process died (out of memory, LLVM aborted) that is the job's diagnostic."""
    try:
        return future.result()
    except BrokenProcessPool:
        diags = Diagnostics()
        diags.error("E0007", Loc(job.source), "internal error: a compiler process died while this file was compiled")
        return Product(None, tuple(diags.items))


def _compile(job: Job) -> Product:
    diags = Diagnostics()
    text = preprocess(job.source, job.options.preprocessor, diags)
    if text is None:
        return Product(None, tuple(diags.items))
    if job.kind == CHECK:
        with reporting_internal_errors(job.source, diags):
            build_module(text, job.source, job.options, diags)
        return Product(None, tuple(diags.items))
    kept = _place(job, text) if job.options.dumps == Dumps() else None
    if kept is not None:
        try:
            data = kept.read_bytes()
            os.utime(kept)  # used: the last to be pruned
            return Product(data, fresh=False)
        except OSError:
            pass
    made = compile_text(text, job.source, job.kind, job.options, diags)
    if kept is not None and made is not None and not diags.items:
        _keep(kept, made)
    return Product(made, tuple(diags.items))


def _place(job: Job, text: str) -> Path:
    """Where the product of this text is kept."""
    options = job.options
    decisive = (job.kind, job.source, options.preprocessor.c23, options.wrapv)
    code = (options.emit_options(), options.code_options())
    key = hashlib.sha256(f"{fingerprint()}\0{decisive}\0{code}\0".encode() + text.encode("utf-8", "surrogateescape"))
    name = key.hexdigest()
    return cache_root() / "objects" / name[:2] / name[2:]


def _keep(path: Path, data: bytes) -> None:
    """Writes a cache entry whole or not at all; a full disk is no reason to fail."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
            stream.write(data)
        os.replace(stream.name, path)
    except OSError:
        return


@functools.cache
def fingerprint() -> str:
    """A hash of the compiler: its sources and the versions of the libraries that make code."""
    digest = hashlib.sha256()
    for path in sorted([*_PACKAGE.rglob("*.py"), *_PACKAGE.rglob("*.lark")]):
        digest.update(str(path.relative_to(_PACKAGE)).encode() + b"\0" + path.read_bytes())
    digest.update(f"{version('llvmlite')} {version('pycparser')}".encode())
    return digest.hexdigest()


def _prune() -> None:
    """Removes the products used longest ago when the cache has grown too large."""
    entries = list(_entries(cache_root() / "objects"))
    total = sum(size for _, size, _ in entries)
    for _, size, path in sorted(entries):
        if total <= _MOST_CACHED_BYTES:
            break
        Path(path).unlink(missing_ok=True)
        total -= size


def _entries(folder: Path) -> Iterator[tuple[float, int, str]]:
    """(time of last use, size, path) of every product."""
    for path in folder.glob("??/*"):
        try:
            status = path.stat()
        except OSError:  # another run pruned it
            continue
        yield status.st_mtime, status.st_size, str(path)


def terminal_progress(verb: str) -> Progress | None:
    """A progress line on a terminal, None elsewhere."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int, source: str) -> None:
        end = "\n" if done == total else ""
        print(f"\r\x1b[K[{done}/{total}] {verb} {source}"[:200], end=end, file=sys.stderr, flush=True)

    return show
