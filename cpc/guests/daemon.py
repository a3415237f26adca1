"""Device daemons of this project, started for a guest: one `vmm serve` process for each disk."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cpc.guests.debian import GuestError
from cpc.processes import end_with_parent

_START_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk image (or block device) on the host."""

    path: Path
    read_only: bool = False

    @classmethod
    def parse(cls, text: str) -> Disk:
        """`FILE` or `FILE,ro`."""
        name, comma, option = text.rpartition(",")
        if comma and option == "ro":
            return cls(Path(name), read_only=True)
        return cls(Path(text))


@contextlib.contextmanager
def served_disks(vmm: Path, disks: list[Disk], folder: Path, queues: int = 1) -> Iterator[list[Path]]:
    """The sockets of the disks' daemons, in `folder`; the daemons end with the block."""
    processes: list[subprocess.Popen[bytes]] = []
    sockets = [folder / f"disk{number}.sock" for number in range(len(disks))]
    try:
        for disk, socket in zip(disks, sockets, strict=True):
            command = [str(vmm), "serve", "blk", "--socket", str(socket), "--disk", str(disk.path)]
            command += ["--queues", str(queues)]
            if disk.read_only:
                command.append("--read-only")
            processes.append(subprocess.Popen(command, preexec_fn=end_with_parent))
        for process, socket in zip(processes, sockets, strict=True):
            _wait_for_socket(process, socket)
        yield sockets
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for_socket(process: subprocess.Popen[bytes], socket: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not socket.exists():
        if process.poll() is not None:
            raise GuestError(f"the disk's daemon ended with status {process.returncode} before it served anything")
        if time.monotonic() > deadline:
            raise GuestError(f"the disk's daemon did not open '{socket}' in {_START_SECONDS:.0f} s")
        time.sleep(0.01)
