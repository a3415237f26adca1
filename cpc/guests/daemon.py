"""The devices of a guest, and daemons that serve them: one `vmm serve` process each."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cpc.guests.debian import GuestError
from cpc.processes import end_with_parent

_START_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Device:
    """A virtio device: the name of its class, and its options as (name, value), where a switch has the value None."""

    kind: str
    options: tuple[tuple[str, str | None], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Device:
        """`CLASS[,NAME=VALUE|,NAME]...`; two commas in a row stand for one in a value (runtime/device_spec.h)."""
        kind, *parts = (part.replace("\0", ",") for part in text.replace(",,", "\0").split(","))
        options = ((name, value if equals else None) for name, equals, value in (part.partition("=") for part in parts))
        return cls(kind, tuple(options))

    def spec(self) -> str:
        """The text that `parse` and `vmm run --device` read."""
        options = (name if value is None else f"{name}={value}" for name, value in self.options)
        return ",".join([self.kind, *(option.replace(",", ",,") for option in options)])

    def arguments(self) -> list[str]:
        """What `vmm serve` reads."""
        words = ([f"--{name}"] if value is None else [f"--{name}", value] for name, value in self.options)
        return [self.kind, *(word for pair in words for word in pair)]


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

    def device(self, queues: int = 1) -> Device:
        read_only: tuple[tuple[str, None], ...] = (("read-only", None),) if self.read_only else ()
        return Device("blk", (("disk", str(self.path)), ("queues", str(queues)), *read_only))


@dataclass(frozen=True, slots=True)
class Served:
    """A device that a daemon serves at a vhost-user socket."""

    device: Device
    socket: Path


@contextlib.contextmanager
def served_devices(vmm: Path, devices: Sequence[Device], folder: Path) -> Iterator[list[Served]]:
    """The devices, their sockets in `folder`; the daemons end with the block."""
    processes: list[subprocess.Popen[bytes]] = []
    served = [Served(device, folder / f"{device.kind}{number}.sock") for number, device in enumerate(devices)]
    try:
        for one in served:
            command = [str(vmm), "serve", *one.device.arguments(), "--socket", str(one.socket)]
            processes.append(subprocess.Popen(command, preexec_fn=end_with_parent))
        for process, one in zip(processes, served, strict=True):
            _wait_for_socket(process, one)
        yield served
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for_socket(process: subprocess.Popen[bytes], served: Served) -> None:
    kind, deadline = served.device.kind, time.monotonic() + _START_SECONDS
    while not served.socket.exists():
        if process.poll() is not None:
            raise GuestError(f"the {kind} daemon ended with status {process.returncode} before it served anything")
        if time.monotonic() > deadline:
            raise GuestError(f"the {kind} daemon did not open '{served.socket}' in {_START_SECONDS:.0f} s")
        time.sleep(0.01)
