"""`cpc bench code`: programs of plain C, compiled by gcc -O2, clang -O2 and cpc -O2, run in one session.

Each program of tests/bench/code is compiled by every compiler that is there and run in turns, so that whatever else
the machine does hits all of them; a figure is the median over the rounds of the process's user time.  Every run must
print what the first one printed: a wrong program is no figure.

The compiler `clang+cpc` is clang's front end with cpc's back end: clang's LLVM IR, before any optimisation, goes
through cpc's own optimiser.  The ratio to it says what cpc's front end costs, whatever versions of LLVM the two have.
Rejected: wall time, which measures the machine's other users, and instruction counts, which the container hides.
"""

from __future__ import annotations

import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cpc.backend import objfile
from cpc.bench_blk import BenchError, describe_processor
from cpc.ir.errors import IRError

PROGRAMS = Path(__file__).resolve().parents[1] / "tests" / "bench" / "code"
_SECONDS = 120
_CLANG_IR = ("-S", "-emit-llvm", "-Xclang", "-disable-llvm-passes", "-Xclang", "-opaque-pointers")


@dataclass(frozen=True, slots=True)
class Compiler:
    """`build` makes `program` from `source` at `level`; raises BenchError."""

    name: str
    build: Callable[[Path, Path, str], None]


@dataclass(frozen=True, slots=True)
class Row:
    """The median seconds of user time of one program, by compiler."""

    program: str
    seconds: Mapping[str, float]


def compilers() -> list[Compiler]:
    """Those of this machine; cpc comes last."""
    found = [Compiler(name, _command_build((name,))) for name in ("gcc", "clang") if shutil.which(name)]
    if any(compiler.name == "clang" for compiler in found):
        found.append(Compiler("clang+cpc", _build_from_clang_ir))
    return [*found, Compiler("cpc", _command_build((sys.executable, "-m", "cpc", "cc")))]


def programs(names: Sequence[str]) -> list[Path]:
    """The named programs, or all."""
    found = {path.stem: path for path in sorted(PROGRAMS.glob("*.c"))}
    if unknown := [name for name in names if name not in found]:
        raise BenchError(f"no program '{unknown[0]}' in {PROGRAMS}; there are {', '.join(found)}")
    return [found[name] for name in names] if names else list(found.values())


def measure(sources: Sequence[Path], level: str, rounds: int, progress: Callable[[str], None]) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="cpc-bench.") as name:
        return [_measure_program(source, Path(name), level, rounds, progress) for source in sources]


def _measure_program(source: Path, folder: Path, level: str, rounds: int, progress: Callable[[str], None]) -> Row:
    built = {}
    for compiler in compilers():
        built[compiler.name] = folder / f"{source.stem}.{compiler.name}"
        compiler.build(source, built[compiler.name], level)
    progress(f"{source.stem}: {rounds} rounds")
    times: dict[str, list[float]] = {name: [] for name in built}
    expected: bytes | None = None
    for _ in range(rounds):
        for name, program in built.items():
            output, seconds = _run(program)
            expected = output if expected is None else expected
            if output != expected:
                raise BenchError(f"{source.stem} built by {name} prints something else than built by the first")
            times[name].append(seconds)
    return Row(source.stem, {name: statistics.median(values) for name, values in times.items()})


def _run(program: Path) -> tuple[bytes, float]:
    """The output and the user time of one run."""
    with subprocess.Popen([str(program)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise BenchError(f"{program.name} ended with {process.returncode}")
    return output, usage.ru_utime


# ---- building -----------------------------------------------------------------------------------------------


def _command_build(command: tuple[str, ...]) -> Callable[[Path, Path, str], None]:
    def build(source: Path, program: Path, level: str) -> None:
        _compile([*command, f"-O{level}", str(source), "-o", str(program), "-lm"])

    return build


def _build_from_clang_ir(source: Path, program: Path, level: str) -> None:
    text, unit = program.with_suffix(".ll"), program.with_suffix(".o")
    _compile(["clang", f"-O{level}", *_CLANG_IR, str(source), "-o", str(text)])
    try:
        unit.write_bytes(objfile.generate(text.read_text(), "obj", objfile.CodeOptions(level)))
    except IRError as error:
        raise BenchError(f"clang's IR of {source.stem} is not for cpc's LLVM: {error}") from None
    _compile(["cc", str(unit), "-o", str(program), "-lm"])


def _compile(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
    if done.returncode != 0:
        raise BenchError(f"'{' '.join(command)}' failed: {done.stderr.strip()}")


# ---- the table ----------------------------------------------------------------------------------------------


def describe_machine() -> str:
    versions = [_first_line([name, "--version"]) for name in ("gcc", "clang") if shutil.which(name)]
    return "\n".join([describe_processor(), *versions, f"cpc with LLVM {objfile.llvm_version()}"])


def _first_line(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
    return done.stdout.partition("\n")[0]


def ratios(rows: Sequence[Row]) -> dict[str, float]:
    """The geometric means of cpc's time divided by each other compiler's."""
    names = [name for name in rows[0].seconds if name != "cpc"] if rows else []
    return {
        name: math.exp(statistics.fmean(math.log(row.seconds["cpc"] / row.seconds[name]) for row in rows))
        for name in names
    }


def render_table(rows: Sequence[Row]) -> str:
    names = list(rows[0].seconds)
    others = [name for name in names if name != "cpc"]
    head = f"{'program':>12} " + " ".join(f"{name + ' s':>11}" for name in names)
    lines = [head + " |" + "".join(f" {'cpc/' + name:>13}" for name in others)]
    for row in rows:
        times = " ".join(f"{row.seconds[name]:11.3f}" for name in names)
        shares = "".join(f" {row.seconds['cpc'] / row.seconds[name]:13.2f}" for name in others)
        lines.append(f"{row.program:>12} {times} |{shares}")
    means = "".join(f" {value:13.3f}" for value in ratios(rows).values())
    lines.append(f"{'geom. mean':>12} {' ' * (12 * len(names) - 1)} |{means}")
    return "\n".join(lines)
