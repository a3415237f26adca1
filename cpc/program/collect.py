"""The facts of many units: in parallel, and only of those that changed.

A unit's facts are kept in the cache folder under a hash of its preprocessed text.  One whose files are as they were
is found by their times alone (cpc/unchanged.py); then not even the preprocessor runs.
"""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from cpc.cache import cache_root, prune
from cpc.deep import run_deep
from cpc.diag import Diagnostics
from cpc.frontend.preprocess import Preprocessor, preprocess
from cpc.loc import Loc
from cpc.processes import end_with_parent
from cpc.program.facts import COLORS, FACTS_VERSION, UnitFacts
from cpc.program.marks import Marks
from cpc.program.stretches import joined, stretches
from cpc.unchanged import Notes, compiler_stamp, write_whole

if TYPE_CHECKING:
    from concurrent.futures import Future

# The parts of cpc that decide what the facts are: a change of any other leaves them as they are.
MAKERS_LIST = """
    codes_asked.py deep.py diag.py loc.py unchanged.py frontend ir/ops.py ir/types.py warnings
    program/calls.py program/chunks.py program/collect.py program/environment.py program/extract.py program/facts.py
    program/graph.py program/kept_headers.py program/marks.py program/recorder.py program/signs.py program/stretches.py
    program/types.py program/unit.py program/values.py
"""
MAKERS = tuple(MAKERS_LIST.split())
_PLACE = "facts"
MACROS: Mapping[str, str] = {color: color for color in COLORS}
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class FactsJob:
    """A unit to read.  `macros`: names of annotations that may expand to nothing -> color."""

    source: str
    preprocessor: Preprocessor
    macros: tuple[tuple[str, str], ...] = tuple(MACROS.items())


def collect(
    jobs: Sequence[FactsJob],
    progress: Progress | None = None,
    workers: int = 0,
    meanwhile: Callable[[], None] = lambda: None,
) -> Iterator[UnitFacts]:
    """The facts of each job, as they come: in no order.  The caller keeps what it needs of them.  What changed is
    read by workers while what is known is loaded; with `workers` 1 one after the other, in this process.  `meanwhile`
    is called when all that is left is to wait for workers."""
    notes = Notes(MAKERS)
    known: list[tuple[FactsJob, str]] = []
    rest: list[FactsJob] = []
    for job in jobs:
        name = notes.product(_unit(job), job.preprocessor)
        if name is None:
            rest.append(job)
        else:
            known.append((job, name))
    count = workers or os.cpu_count() or 1
    served = len(rest) == 1 and "cpc.program.unit" in sys.modules  # a server: what it read before is at hand here
    with _Workers(rest, 0 if count == 1 or len(jobs) == 1 or served else min(count, len(rest))) as started:
        for done, (job, data) in enumerate(chain(_kept(known), started.results(meanwhile)), 1):
            yield _loaded(data)
            if progress:
                progress(done, len(jobs), job.source)
    if rest:
        prune()


def _kept(known: Sequence[tuple[FactsJob, str]]) -> Iterator[tuple[FactsJob, bytes]]:
    for job, name in known:
        data = _load(name)
        yield job, data if data is not None else read_job(job, Notes(MAKERS))  # somebody emptied the cache


def _loaded(data: bytes) -> UnitFacts:
    """Without the collector, which would look at all that was loaded before again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        facts = pickle.loads(data)
    finally:
        if collecting:
            gc.enable()
    assert isinstance(facts, UnitFacts)
    return facts


class _Workers:
    """Processes that read `jobs`, from when the context is entered; without any it is done here, when asked."""

    def __init__(self, jobs: Sequence[FactsJob], count: int) -> None:
        self._jobs = jobs
        self._count = count
        self._futures: dict[Future[bytes], FactsJob] = {}

    def __enter__(self) -> _Workers:
        if self._count:
            from concurrent.futures import ProcessPoolExecutor

            if len(self._jobs) > 1:
                import cpc.program.unit  # noqa: F401  # once, before the workers are forked

            gc.freeze()
            self._pool = ProcessPoolExecutor(self._count, initializer=_start_worker)
            self._futures = {self._pool.submit(_work, job): job for job in self._jobs}
        return self

    def __exit__(self, *_: object) -> None:
        if self._count:
            self._pool.shutdown(cancel_futures=True)

    def results(self, meanwhile: Callable[[], None]) -> Iterator[tuple[FactsJob, bytes]]:
        """As they come; `meanwhile` is called before there is anything to wait for."""
        if not self._count:
            notes = Notes(MAKERS)
            yield from ((job, read_job(job, notes)) for job in self._jobs)
            if self._jobs:
                _save_headers()
            return
        from concurrent.futures import as_completed

        meanwhile()
        for future in as_completed(list(self._futures)):
            job = self._futures.pop(future)
            yield job, _result(future, job)


def _start_worker() -> None:
    """Ctrl-C is the business of the parent.  Nothing here makes cycles that are worth the collector's time."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    gc.disable()
    from multiprocessing.util import Finalize

    Finalize(None, _save_headers, exitpriority=1)
    Thread(target=import_module, args=("cpc.program.unit",)).start()  # while the preprocessor runs


def _save_headers() -> None:
    """At the end of a worker, and of a run without any."""
    if "cpc.program.unit" in sys.modules:
        from cpc.program.unit import save_headers

        save_headers()


_NOTES = Notes(MAKERS)  # of a worker


def _work(job: FactsJob) -> bytes:
    return read_job(job, _NOTES)


def _result(future: Future[bytes], job: FactsJob) -> bytes:
    from concurrent.futures.process import BrokenProcessPool

    try:
        return future.result()
    except BrokenProcessPool:
        return _failed(job, "E0007", "internal error: a process died while this file was read")


def _failed(job: FactsJob, code: str, message: str) -> bytes:
    diags = Diagnostics()
    diags.error(code, Loc(job.source), message)
    return pickle.dumps(UnitFacts(job.source, faults=diags.items), pickle.HIGHEST_PROTOCOL)


def read_job(job: FactsJob, notes: Notes) -> bytes:
    """The pickled facts of a unit, from the cache when its text is known."""
    diags = Diagnostics()
    started = time.time_ns()
    text = preprocess(job.source, job.preprocessor, diags)
    if text is None:
        return pickle.dumps(UnitFacts(job.source, faults=diags.items), pickle.HIGHEST_PROTOCOL)
    parts = _marks(job.macros).restore(stretches(text))
    name = hashlib.sha256(f"{_stamp(job)}\0{joined(parts)}".encode("utf-8", "surrogateescape")).hexdigest()
    data = _load(name)
    if data is None:
        from cpc.program.unit import facts_of, keep_headers

        keep_headers(f"{FACTS_VERSION} {compiler_stamp('cc', MAKERS)}")
        try:
            facts = run_deep(lambda: facts_of(parts, job.source, c23=job.preprocessor.c23))
        except RecursionError:
            return _failed(job, "E0004", "nesting is too deep")
        except Exception as error:  # one unit must not end the run over thousands
            return _failed(job, "E0007", f"internal error: {type(error).__name__}: {error}")
        data = pickle.dumps(facts, pickle.HIGHEST_PROTOCOL)
        if facts.faults:
            return data
        write_whole(_place(name), data)
    notes.keep(_unit(job), job.source, job.preprocessor, text, started, name)
    return data


_MARKS: dict[tuple[tuple[str, str], ...], Marks] = {}


def _marks(macros: tuple[tuple[str, str], ...]) -> Marks:
    return _MARKS.setdefault(macros, Marks(dict(macros)))


def _stamp(job: FactsJob) -> str:
    stamp = compiler_stamp(job.preprocessor.command[0], MAKERS)
    return f"facts {FACTS_VERSION} {stamp} {job.source} {job.preprocessor.c23}"


def _unit(job: FactsJob) -> str:
    return f"facts {FACTS_VERSION} {job}"


def forget(job: FactsJob, root: Path) -> None:
    """Removes what the cache folder `root` knows about a unit, so that it is read again."""
    name = Notes(MAKERS).forget(_unit(job), job.preprocessor, root)
    if name is not None:
        (root / _PLACE / name[:2] / name[2:]).unlink(missing_ok=True)


def _place(name: str) -> Path:
    return cache_root() / _PLACE / name[:2] / name[2:]


def _load(name: str) -> bytes | None:
    path = _place(name)
    try:
        data = path.read_bytes()
        os.utime(path)  # used: the last to be pruned
    except OSError:
        return None
    return data
