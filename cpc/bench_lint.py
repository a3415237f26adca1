"""`cpc bench lint`: what checking a whole project costs, and how much it finds, by rule.

Three runs of `cpc lint` over the same units, with a cache folder of its own: cold (nothing is known), warm (nothing
changed) and with one file changed: what is known of the unit with the most text of its own is forgotten, so that it
is read as if it had been edited.  Wall time; CPU time of the whole process tree; memory is the peak of the sum over all
processes, each page shared by N of them counted as 1/N (PSS), looked at every quarter of a second.

A report holds many programs by name, so that runs over several projects come together in one table.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cpc.bench_blk import BenchError, describe_processor
from cpc.program.collect import FactsJob, forget

_CPC = (sys.executable, "-m", "cpc", "lint", "--format", "json")
_PERIOD = 0.25


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took.  Seconds, MiB; the load of the machine before it."""

    wall: float
    cpu: float
    memory_mib: float
    load: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One program.  `refused`: units that could not be read; `findings`: code -> how many."""

    name: str
    units: int
    lines: int
    refused: int
    runs: dict[str, Cost] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)


def measure(name: str, words: Sequence[str], jobs: Sequence[FactsJob], progress: Callable[[str], None]) -> Measured:
    """Runs `cpc lint WORDS`, which reads `jobs`.  Raises BenchError."""
    if not jobs:
        raise BenchError("there is no unit to read")
    largest = max(jobs, key=lambda job: (_size(job.source), job.source))
    runs: dict[str, Cost] = {}
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="cpc-bench.") as cache:
        for run in ("cold", "nothing changed", "one file changed"):
            progress(f"{name}, {run}")
            if run == "one file changed":
                forget(largest, Path(cache))
            runs[run], found = _run([*_CPC, *words], cache)
    refused = {item["file"] for item in found if item["code"].startswith("E00")}
    codes = Counter(item["code"] for item in found if not item["code"].startswith("E00"))
    lines = sum(_lines(job.source) for job in jobs)
    return Measured(name, len(jobs), lines, len(refused), runs, dict(sorted(codes.items())))


def _run(command: Sequence[str], cache: str) -> tuple[Cost, list[dict[str, Any]]]:
    load = os.getloadavg()[0]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        environment = {**os.environ, "CPC_CACHE": cache}
        with subprocess.Popen(command, stdout=out, stderr=err, env=environment) as process:
            peak, status, usage = _wait(process.pid)
            wall = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1, 2):
            raise BenchError(f"'{' '.join(command)[:200]}' ended with {process.returncode}")
        err.seek(0)
        out.seek(0)
        try:
            found = json.load(out)
        except ValueError:
            raise BenchError(f"cpc lint failed: {err.read().decode(errors='replace').strip()[:2000]}") from None
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak, load), found


def _wait(pid: int) -> tuple[float, int, Any]:
    """(peak in MiB, status, usage) of a child, at its end."""
    peak = 0.0
    while True:
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            return max(peak, usage.ru_maxrss / 1024), status, usage  # it may have ended between two samples
        peak = max(peak, sum(_memory(each) for each in _tree(pid)) / 1024)
        time.sleep(_PERIOD)


def _tree(root: int) -> Iterator[int]:
    """A process and all below it."""
    waiting = [root]
    for pid in waiting:
        yield pid
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                waiting += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
        except OSError:  # it ended
            continue


def _memory(pid: int) -> int:
    """The KiB of a process; 0 when it ended."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _lines(path: str) -> int:
    try:
        return Path(path).read_bytes().count(b"\n")
    except OSError:
        return 0


def describe_machine() -> str:
    version = subprocess.run(["cc", "--version"], capture_output=True, text=True, check=False).stdout
    return f"{describe_processor()}\n{version.partition(chr(10))[0]}"


def merged(before: dict[str, Any], machine: str, program: Measured) -> dict[str, Any]:
    """A report with `program` added, or in the place of the one of its name."""
    programs = [each for each in before.get("programs", []) if each["name"] != program.name]
    return {"machine": machine, "programs": [*programs, asdict(program)]}


def render_table(program: Measured) -> str:
    lines = [f"{program.name}: {program.units} units, {program.lines:,} lines, {program.refused} refused"]
    lines += [
        f"{run:>18} {cost.wall:8.2f} s {cost.cpu:8.2f} s of CPU {cost.memory_mib:6.0f} MiB (load {cost.load:.1f})"
        for run, cost in program.runs.items()
    ]
    lines += [f"{code:>18} {count:6}" for code, count in program.findings.items()]
    return "\n".join(lines)
