"""`cpc bench blk`: our vhost-user-blk daemon beside qemu-storage-daemon, on the same file, in one run.

Both daemons get the same verified load (tests/bench/vublk_load.c) one after the other, in turns, so that whatever else
the machine does hits both; a figure is the median over the rounds.  CPU time is the daemon's own, user and system, from
/proc, and includes the kernel's io_uring workers.  Rejected: fio in a guest, which measures the guest.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_LOAD = Path(__file__).resolve().parents[1] / "tests" / "bench"
_START_SECONDS = 10.0
_PEER = "qemu-storage-daemon"


class BenchError(Exception):
    """What is missing or went wrong, in one sentence."""


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table."""

    queues: int
    depth: int
    poll: bool
    read_percent: int = 70

    def __str__(self) -> str:
        return f"{self.queues} x {self.depth} {'poll' if self.poll else 'event'}"


@dataclass(frozen=True, slots=True)
class Figures:
    """What one load reported; times in microseconds."""

    iops: float
    p50_us: float
    p99_us: float
    cpu_us: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure.  `folder` is where the disk file lies."""

    cases: Sequence[Case]
    rounds: int
    seconds: float
    megabytes: int
    folder: Path
    aio: str


@dataclass(frozen=True, slots=True)
class Row:
    case: Case
    ours: Figures
    peer: Figures | None


@dataclass(frozen=True, slots=True)
class _Daemon:
    name: str
    command: Callable[[Path, Path, int], list[str]]  # socket, disk, queues


def measure(plan: Plan, vmm: Path, progress: Callable[[str], None]) -> list[Row]:
    """Runs every case on both daemons.  Raises BenchError when a daemon or a load fails: a wrong byte is no figure."""
    daemons = [_Daemon("cpc", lambda socket, disk, queues: _our_command(vmm, socket, disk, queues))]
    if shutil.which(_PEER):
        daemons.append(_Daemon(_PEER, lambda socket, disk, queues: _peer_command(plan.aio, socket, disk, queues)))
    with tempfile.TemporaryDirectory(prefix="cpc-bench.", dir=plan.folder) as name:
        folder = Path(name)
        load = _build_load(folder)
        disk = folder / "disk.raw"
        with open(disk, "wb") as image:
            image.truncate(plan.megabytes << 20)
        return [_measure_case(plan, case, daemons, load, disk, progress) for case in plan.cases]


def _measure_case(
    plan: Plan, case: Case, daemons: list[_Daemon], load: Path, disk: Path, progress: Callable[[str], None]
) -> Row:
    results: dict[str, list[Figures]] = {daemon.name: [] for daemon in daemons}
    for number in range(plan.rounds):
        for daemon in daemons:
            progress(f"{case}: round {number + 1} of {plan.rounds}, {daemon.name}")
            results[daemon.name].append(_run_load(plan, case, daemon, load, disk))
    medians = {name: _median(figures) for name, figures in results.items()}
    return Row(case, medians["cpc"], medians.get(_PEER))


def _median(figures: list[Figures]) -> Figures:
    columns = zip(*(asdict(one).values() for one in figures), strict=True)
    return Figures(*(statistics.median(column) for column in columns))


def _our_command(vmm: Path, socket: Path, disk: Path, queues: int) -> list[str]:
    return [str(vmm), "serve", "blk", "--socket", str(socket), "--disk", str(disk), "--queues", str(queues)]


def _peer_command(aio: str, socket: Path, disk: Path, queues: int) -> list[str]:
    export = f"type=vhost-user-blk,id=e0,node-name=n0,addr.type=unix,addr.path={socket},writable=on,num-queues={queues}"
    file = f"file,node-name=f0,filename={disk},aio={aio}"
    return [_PEER, "--blockdev", file, "--blockdev", "raw,node-name=n0,file=f0", "--export", export]


def _build_load(folder: Path) -> Path:
    program = folder / "vublk_load"
    sources = [str(_LOAD / "vublk_load.c"), str(_LOAD / "vublk_client.c")]
    done = subprocess.run(
        ["cc", "-O2", "-D_GNU_SOURCE", *sources, "-o", str(program)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BenchError(f"the load generator does not compile: {done.stderr.strip()}")
    return program


@contextlib.contextmanager
def _running(command: list[str], socket: Path) -> Iterator[int]:
    """The process id of the daemon, which listens on `socket`; it ends with the block."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + _START_SECONDS
            while not socket.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise BenchError(f"{command[0]} does not serve: {log.read().decode(errors='replace').strip()}")
                time.sleep(0.01)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _run_load(plan: Plan, case: Case, daemon: _Daemon, load: Path, disk: Path) -> Figures:
    with tempfile.TemporaryDirectory(prefix="cpc-bench.") as name:  # not the disk's folder: sockets have short paths
        socket = Path(name, "daemon.sock")
        with _running(daemon.command(socket, disk, case.queues), socket) as pid:
            done = _load_daemon(plan, case, load, socket, pid)
    if done.returncode != 0:
        raise BenchError(f"{case} on {daemon.name} failed: {done.stderr.strip()}")
    report = json.loads(done.stdout)
    return Figures(report["iops"], report["p50_us"], report["p99_us"], report["cpu_us"])


def _load_daemon(plan: Plan, case: Case, load: Path, socket: Path, pid: int) -> subprocess.CompletedProcess[str]:
    command = [str(load), "--socket", str(socket), "--queues", str(case.queues), "--depth", str(case.depth)]
    command += ["--seconds", str(plan.seconds), "--read-percent", str(case.read_percent), "--pid", str(pid)]
    command += ["--blocks", str(plan.megabytes << 8), *(["--poll"] if case.poll else [])]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=plan.seconds + 300)


def describe_processor() -> str:
    """Processor, memory, kernel and load, for the head of a table."""
    model = "unknown processor"
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as lines:
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    load = f"load {os.getloadavg()[0]:.2f}"
    return f"{model}, {os.cpu_count()} CPUs, {memory} MiB; Linux {platform.release()}; {load}"


def describe_machine(folder: Path) -> str:
    """The processor, and where the disk file lies."""
    return f"{describe_processor()}; disk file on {_file_system(folder)}"


def _file_system(folder: Path) -> str:
    """The type of the file system that holds `folder`."""
    best, kind = "", "an unknown file system"
    path = str(folder.resolve())
    with contextlib.suppress(OSError), open("/proc/mounts") as mounts:
        for line in mounts:
            point, name = line.split()[1:3]
            inside = path == point or path.startswith(point.rstrip("/") + "/")
            if inside and len(point) >= len(best):
                best, kind = point, name
    return kind


def render_table(plan: Plan, rows: list[Row]) -> str:
    """The table a person reads: medians, and ours divided by the peer's."""
    head = f"{'queues x depth':>16} {'IOPS':>9} {'p50 us':>8} {'p99 us':>8} {'CPU us':>7}"
    peer = any(row.peer for row in rows)
    lines = [
        f"4 KiB at random, {plan.cases[0].read_percent} % reads, contents verified; medians of {plan.rounds} rounds of "
        f"{plan.seconds:g} s; CPU us is the daemon's time per request",
    ]
    if peer:
        head += f" | {'peer IOPS':>9} {'p50 us':>8} {'p99 us':>8} {'CPU us':>7} | {'IOPS':>6} {'p50':>6} {'CPU':>6}"
        lines.append(f"peer: {_PEER} (aio={plan.aio}); the last columns are ours divided by the peer's")
    lines.append(head)
    for row in rows:
        text = f"{row.case!s:>16} {_columns(row.ours)}"
        if row.peer:
            text += f" | {_columns(row.peer)} | {_ratios(row.ours, row.peer)}"
        lines.append(text)
    if not peer:
        lines.append(f"{_PEER} is not installed, so there is nothing to compare with (Debian: qemu-system-common)")
    return "\n".join(lines)


def _columns(one: Figures) -> str:
    return f"{one.iops:9.0f} {one.p50_us:8.1f} {one.p99_us:8.1f} {one.cpu_us:7.2f}"


def _ratios(ours: Figures, peer: Figures) -> str:
    pairs = ((ours.iops, peer.iops), (ours.p50_us, peer.p50_us), (ours.cpu_us, peer.cpu_us))
    return " ".join(f"{(a / b if b else float('nan')):6.2f}" for a, b in pairs)
