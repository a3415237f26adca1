"""What must hold after any attack: a reset repairs the device, and another device never noticed."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.devices.fake_driver import OK, STATUS, Device, Disk, Host, HostDied, Queue


def still_works(disk: Disk) -> None:
    """A reset repairs the device completely."""
    disk.reset()
    assert disk.read(STATUS) == 0
    [queue] = disk.start()
    data = bytes(random.Random(7).randbytes(4096))
    assert disk.write_blocks(queue, 40, data) == OK
    assert disk.read_blocks(queue, 40, 4096) == (OK, data)
    assert not disk.broken


class Bystander:
    """The other disk: set up before the attack, used again after it, without a reset between."""

    def __init__(self, host: Host) -> None:
        self.disk = Disk(host, 1)
        [self.queue] = self.disk.start(at=0x40000)
        self.check(b"before")

    def check(self, text: bytes) -> None:
        data = text.ljust(512, b".")
        assert self.disk.write_blocks(self.queue, 9, data) == OK
        assert self.disk.read_blocks(self.queue, 9, 512) == (OK, data)
        assert not self.disk.broken


def refusal(program: Path, folder: Path, device: str) -> str:
    """What the host says when it cannot make the device."""
    with pytest.raises(HostDied) as caught:
        Host(program, folder, devices=[device])
    return str(caught.value)


def until(device: Device, condition: Callable[[], object]) -> None:
    """Lets the loop run until the condition holds."""
    for _ in range(1000):
        if condition():
            return
        device.settle(5)
    raise AssertionError(f"it never became true\n{device.host.log()}")


def send(queue: Queue, head: int = 0, *, advance: int = 1) -> None:
    queue.offer(head, advance=advance)
    queue.kick()
