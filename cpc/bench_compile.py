"""`cpc bench compile`: how long compiling takes, beside `gcc -O2` in the same session.

The unit is a thousand lines of the event loop and its coroutines over glibc's and liburing's headers.  cpc compiles it
with an empty cache folder (cold: not even the bytecode of the compiler is there) and again (warm).  The project is the
runtime and the devices, copied: built, built again with nothing changed, and with one function changed.

Compilers run in turns, so that whatever else the machine does hits both; a figure is the median over the rounds.  CPU
time is user and system time of the whole process tree and makes the ratios, since wall time measures the machine's
other users as well; memory is that of the largest process.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cpc.bench_blk import BenchError, describe_processor
from cpc.runtime_library import DEVICES, ROOT, RUNTIME

_PARTS = ("loop", "loop_uring", "loop_watch", "loop_timer", "co_io", "co_lock")  # of the unit
_OPTIONS = ("-O2", "-std=gnu11", "-D_GNU_SOURCE")
_CPC = (sys.executable, "-m", "cpc")
_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run, or the median run, took."""

    wall: float
    cpu: float
    memory_mib: float


@dataclass(frozen=True, slots=True)
class Row:
    """`gcc` is None where gcc has nothing comparable."""

    name: str
    cpc: Cost
    gcc: Cost | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """C files to build with `options`; `changed` is the one that is changed."""

    sources: Sequence[Path]
    options: Sequence[str]
    changed: Path


def measure_unit(rounds: int, progress: Callable[[str], None]) -> list[Row]:
    """gcc beside cpc with an empty cache folder, and with a used one."""
    cold, warm, gcc = [], [], []
    with tempfile.TemporaryDirectory(prefix="cpc-bench.") as name:
        folder = Path(name)
        unit = folder / "unit.c"
        unit.write_text("".join(f'#include "{RUNTIME / part}.c"\n' for part in _PARTS))
        words = [*_OPTIONS, "-w", f"-I{RUNTIME}", f"-I{ROOT}", "-c", str(unit), "-o", str(folder / "unit.o")]
        for number in range(rounds):
            progress(f"one unit, round {number + 1} of {rounds}")
            cache = folder / f"cache{number}"
            gcc.append(_run(["gcc", *words, "-isystem", str(RUNTIME / "include")], cache))
            cold.append(_run([*_CPC, "cc", *words], cache))
            warm.append(_run([*_CPC, "cc", *words], cache))
    return [Row("unit, cold", _median(cold), _median(gcc)), Row("unit, warm", _median(warm), _median(gcc))]


def measure_project(project: Project, rounds: int, progress: Callable[[str], None]) -> list[Row]:
    """A build from nothing, one with nothing changed and one with one function changed."""
    whole, nothing, one = [], [], []
    with tempfile.TemporaryDirectory(prefix="cpc-bench.") as name:
        words = [*_CPC, "compile", *(str(path) for path in project.sources), *project.options]
        words += ["-O", "2", "--emit", "obj", "-o", f"{name}/out"]
        for number in range(rounds):
            progress(f"{len(project.sources)} files, round {number + 1} of {rounds}")
            cache = Path(name) / f"cache{number}"
            whole.append(_run(words, cache))
            nothing.append(_run(words, cache))
            with project.changed.open("a") as stream:
                stream.write(f"int bench_changed_{number}(int x);\nint bench_changed_{number}(int x) {{ return x; }}\n")
            one.append(_run(words, cache))
    names = ("build, from nothing", "build, nothing changed", "build, one file changed")
    return [Row(name, _median(costs)) for name, costs in zip(names, (whole, nothing, one), strict=True)]


def own_project(folder: Path) -> Project:
    """A copy of the runtime and the devices in `folder`."""
    for part in (RUNTIME, DEVICES):
        shutil.copytree(part, folder / part.name)
    sources = [*sorted((folder / RUNTIME.name).glob("*.c")), *sorted((folder / DEVICES.name).glob("*.c"))]
    options = ("-D_GNU_SOURCE", f"-I{folder / RUNTIME.name}", f"-I{folder}")
    return Project(sources, options, folder / RUNTIME.name / "virtqueue.c")


def _run(command: Sequence[str], cache: Path) -> Cost:
    """Runs a command to its end.  Raises BenchError."""
    environment = {**os.environ, "CPC_CACHE": str(cache)}
    path = os.pathsep.join(filter(None, (str(ROOT), environment.get("PYTHONPATH"))))
    environment |= {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}  # bytecode goes to the cache folder only
    started = time.perf_counter()
    with tempfile.TemporaryFile() as words, subprocess.Popen(command, stderr=words, env=environment) as process:
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        words.seek(0)
        if process.returncode != 0:
            message = words.read().decode("utf-8", "replace").strip()
            raise BenchError(f"'{' '.join(command)[:200]}' failed: {message[:2000]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
        max(cost.memory_mib for cost in costs),
    )


def describe_machine() -> str:
    version = subprocess.run(["gcc", "--version"], capture_output=True, text=True, check=False).stdout
    lines = sum(len((RUNTIME / f"{part}.c").read_bytes().splitlines()) for part in _PARTS)
    return f"{describe_processor()}\n{version.partition(chr(10))[0]}\nthe unit has {lines} own lines"


def ratios(rows: Sequence[Row]) -> Mapping[str, float]:
    """cpc's CPU time divided by gcc's."""
    return {row.name: row.cpc.cpu / row.gcc.cpu for row in rows if row.gcc is not None}


def render_table(rows: Sequence[Row]) -> str:
    lines = [f"{'':>24} {'cpc wall':>9} {'cpc CPU':>9} {'memory':>9} {'gcc wall':>9} {'gcc CPU':>9} {'CPU ratio':>10}"]
    for row in rows:
        line = f"{row.name:>24} {row.cpc.wall:7.2f} s {row.cpc.cpu:7.2f} s {row.cpc.memory_mib:5.0f} MiB"
        if row.gcc is not None:
            line += f" {row.gcc.wall:7.2f} s {row.gcc.cpu:7.2f} s {row.cpc.cpu / row.gcc.cpu:10.2f}"
        lines.append(line)
    return "\n".join(lines)
