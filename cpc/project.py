"""Compiles many files: in parallel, and only those whose preprocessed text, options or compiler changed.

The product of a unit is kept in the cache folder under a hash of everything that decides it.  A unit whose files are
the same as last time is found by their times alone (unchanged.py); else it is preprocessed, and the text decides.  A
unit with warnings is not kept, so that they are shown again.  An entry that is damaged is no entry.

Nothing here loads the compiler before a unit is to be compiled: finding that nothing changed takes a fraction of that.
"""

from __future__ import annotations

import functools
import hashlib
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from cpc.cache import cache_root, prune
from cpc.deep import run_deep
from cpc.diag import Diagnostic, Diagnostics
from cpc.frontend.preprocess import Preprocessor, preprocess
from cpc.loc import Loc
from cpc.options import Dumps, Options
from cpc.processes import end_with_parent
from cpc.unchanged import Notes, write_whole

if TYPE_CHECKING:
    from concurrent.futures import Future

_PACKAGE = Path(__file__).resolve().parent
_BAR = 24  # characters
_REDRAW = 0.05  # seconds between two drawings


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
    report = progress or (lambda done, total, source: None)
    notes = Notes()
    products: dict[int, Product] = {}
    for i, job in enumerate(jobs):
        if (data := _unchanged(job, notes)) is not None:
            products[i] = Product(data, fresh=False)
            report(len(products), len(jobs), job.source)
    rest = [i for i in range(len(jobs)) if i not in products]
    workers = min(len(rest), workers or os.cpu_count() or 1)
    if workers <= 1:
        for i in rest:
            products[i] = compile_job(jobs[i])
            report(len(products), len(jobs), jobs[i].source)
    else:
        _compile_parallel(jobs, rest, products, report, workers)
    if any(products[i].fresh for i in rest):
        prune()
    return [products[i] for i in range(len(jobs))]


def _compile_parallel(
    jobs: Sequence[Job], rest: Sequence[int], products: dict[int, Product], report: Progress, workers: int
) -> None:
    from concurrent.futures import ProcessPoolExecutor, as_completed

    import_module("cpc.driver")  # once, before the workers are forked
    with ProcessPoolExecutor(workers, initializer=_start_worker) as pool:
        places: dict[Future[Product], int] = {pool.submit(compile_job, jobs[i]): i for i in rest}
        try:
            for future in as_completed(places):
                products[places[future]] = _result(future, jobs[places[future]])
                report(len(products), len(jobs), jobs[places[future]].source)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _start_worker() -> None:
    """Ctrl-C is the business of the parent, without whom a worker would wait for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()


def _result(future: Future[Product], job: Job) -> Product:
    """What a worker made; when its process died (out of memory, LLVM aborted) that is the job's diagnostic."""
    from concurrent.futures.process import BrokenProcessPool

    try:
        return future.result()
    except BrokenProcessPool:
        diags = Diagnostics()
        diags.error("E0007", Loc(job.source), "internal error: a compiler process died while this file was compiled")
        return Product(None, tuple(diags.items))


def _compile(job: Job) -> Product:
    from cpc.driver import build_module, compile_text, reporting_internal_errors

    diags = Diagnostics()
    started = time.time_ns()
    text = preprocess(job.source, job.options.preprocessor, diags)
    if text is None:
        return Product(None, tuple(diags.items))
    if job.kind == CHECK:
        with reporting_internal_errors(job.source, diags):
            build_module(text, job.source, job.options, diags)
        return Product(None, tuple(diags.items))
    kept = _product_name(job, text) if _keepable(job) else None
    if kept is not None and (data := _load(kept)) is not None:
        _note(job, text, started, kept)
        return Product(data, fresh=False)
    made = compile_text(text, job.source, job.kind, job.options, diags)
    if kept is not None and made is not None and not diags.items:
        write_whole(_place(kept), hashlib.sha256(made).digest() + made)
        _note(job, text, started, kept)
    return Product(made, tuple(diags.items))


def _keepable(job: Job) -> bool:
    """What another compiler makes is not kept: nothing here knows when that one changes."""
    return job.kind != CHECK and not job.options.via_c and job.options.dumps == Dumps() and job.source != "-"


def _unchanged(job: Job, notes: Notes) -> bytes | None:
    """The product of a job none of whose files changed."""
    name = notes.product(_unit(job), job.options.preprocessor) if _keepable(job) else None
    return _load(name) if name is not None else None


def _note(job: Job, text: str, started_ns: int, name: str) -> None:
    Notes().keep(_unit(job), job.source, job.options.preprocessor, text, started_ns, name)


def _unit(job: Job) -> str:
    return f"{job.kind} {job.source} {job.options}"


def _product_name(job: Job, text: str) -> str:
    """The name of the product of this text: a hash of all that decides it."""
    options = replace(job.options, preprocessor=Preprocessor(), dumps=Dumps())  # the text has what they decide
    dialect = (job.options.preprocessor.c23, sorted(job.options.preprocessor.free_words))
    decisive = (job.kind, job.source, dialect, options)
    code = (options.emit_options(), options.code_options())
    key = f"{fingerprint()}\0{decisive}\0{code}\0".encode() + text.encode("utf-8", "surrogateescape")
    return hashlib.sha256(key).hexdigest()


def _place(name: str) -> Path:
    return cache_root() / "objects" / name[:2] / name[2:]


def _load(name: str) -> bytes | None:
    """A product that is kept, unless it is damaged."""
    path = _place(name)
    try:
        data = path.read_bytes()
        os.utime(path)  # used: the last to be pruned
    except OSError:
        return None
    return data[32:] if hashlib.sha256(data[32:]).digest() == data[:32] else None


@functools.cache
def fingerprint() -> str:
    """A hash of the compiler: its sources, without what only calls it or makes guests, and the versions of the
    libraries that make code."""
    from importlib.metadata import version

    digest = hashlib.sha256()
    for path in sorted([*_PACKAGE.rglob("*.py"), *_PACKAGE.rglob("*.lark")]):
        if path.relative_to(_PACKAGE).parts[0] in ("commands", "guests"):
            continue
        digest.update(str(path.relative_to(_PACKAGE)).encode() + b"\0" + path.read_bytes())
    digest.update(f"{version('llvmlite')} {version('pycparser')}".encode())
    return digest.hexdigest()


def terminal_progress(verb: str) -> Progress | None:
    """A progress bar on a terminal, None elsewhere.  It keeps to one line, whatever the terminal's width."""
    if not sys.stderr.isatty():
        return None
    width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
    shown_at = 0.0

    def show(done: int, total: int, source: str) -> None:
        nonlocal shown_at
        now = time.monotonic()
        if done < total and now - shown_at < _REDRAW:
            return
        shown_at = now
        full = _BAR * done // total
        line = f"[{'#' * full}{'.' * (_BAR - full)}] {done}/{total} {verb} {source}"[: width - 1]
        print(f"\r\x1b[K{line}", end="\n" if done == total else "", file=sys.stderr, flush=True)

    return show
