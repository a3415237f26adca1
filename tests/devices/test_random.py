"""Random chains and registers with fixed seeds: whatever a driver writes, nothing crashes, hangs or spreads."""

from __future__ import annotations

import random

import pytest

from tests.devices.checks import Bystander, send, still_works
from tests.devices.fake_driver import (
    HIGH,
    HIGH_SIZE,
    INDIRECT,
    MIB,
    NEEDS_RESET,
    NEXT,
    STATUS,
    T_FLUSH,
    T_IN,
    T_OUT,
    WRITE,
    Desc,
    Disk,
    Queue,
)


def random_chain(disk: Disk, queue: Queue, rng: random.Random) -> None:
    """Descriptors that are nearly right: good and bad addresses, sizes, flags and links in every mixture."""
    addresses = [
        disk.HEADER,
        disk.DATA,
        disk.STATUS_BYTE,
        0,
        MIB - 8,
        2 * MIB - 1,
        HIGH,
        HIGH + HIGH_SIZE - 16,
        2**64 - 8,
    ]
    sizes = [1, 1, 8, 16, 16, 512, 512, 4096, 0, 15, 511, 65536, 2**31, 2**32 - 1]
    disk.put_header(rng.choice([T_IN, T_OUT, T_FLUSH, 8, 11, 13, 2**31]), rng.choice([0, 1, 2047, 2048, 2**64 - 1]))
    table = 0x90000
    for i in range(rng.randrange(1, 12)):
        flags = rng.choice([0, NEXT, NEXT, NEXT | WRITE, NEXT | WRITE, WRITE, INDIRECT, INDIRECT | NEXT, 0xFFFF])
        desc = Desc(
            rng.choice(addresses), rng.choice(sizes), flags, rng.choice([i + 1, i + 1, i + 1, i, 0, 63, 64, 65535])
        )
        if flags & INDIRECT:
            inner = [
                Desc(rng.choice(addresses), rng.choice(sizes), rng.choice([0, 1, 2, 3, 3, 4]), k + 1) for k in range(4)
            ]
            disk.host.put(table, b"".join(one.packed() for one in inner))
            desc = Desc(table, rng.choice([16, 32, 48, 64, 64, 17, 0, 65536]), flags, desc.next)
        queue.write_desc(i, desc)
    queue.offer(rng.choice([0, 0, 0, 0, 1, 63, 64]), advance=rng.choice([1, 1, 1, 1, 2, 63, 65]))


@pytest.mark.parametrize("seed", range(8))
def test_random_chains(disk: Disk, seed: int) -> None:
    rng = random.Random(seed)
    bystander = Bystander(disk.host)
    [queue] = disk.start()
    for step in range(300):
        random_chain(disk, queue, rng)
        queue.kick()
        disk.settle(0 if step % 8 else 2)
        if disk.broken:
            disk.reset()
            [queue] = disk.start()
    disk.settle()
    bystander.check(b"after")
    still_works(disk)


@pytest.mark.parametrize("seed", range(4))
def test_random_registers(disk: Disk, seed: int) -> None:
    rng = random.Random(seed)
    bystander = Bystander(disk.host)
    registers = [
        0x10,
        0x14,
        0x20,
        0x24,
        0x30,
        0x34,
        0x38,
        0x44,
        0x50,
        0x60,
        0x64,
        0x70,
        0x80,
        0x84,
        0x90,
        0x94,
        0xA0,
        0xA4,
    ]
    values = [0, 1, 2, 3, 4, 7, 8, 11, 15, 16, 64, 128, 255, 256, 4096, 0x10000, 2**31, 2**32 - 1]
    for _ in range(1500):
        if rng.random() < 0.7:
            disk.write(
                rng.choice([*registers, rng.randrange(0, 0x200)]), rng.choice(values), rng.choice([4, 4, 4, 1, 2, 8])
            )
        else:
            disk.read(rng.randrange(0, 0x200), rng.choice([1, 2, 4, 4, 8]))
    disk.settle()
    bystander.check(b"after")
    still_works(disk)


def test_a_driver_that_never_stops_breaking_its_device_does_not_flood_the_log(disk: Disk) -> None:
    for _ in range(200):
        [queue] = disk.start()
        send(queue, 0xFFFF)
        disk.settle(1)
        assert disk.read(STATUS) & NEEDS_RESET
        disk.reset()
    assert 1 <= disk.host.complaints() < 60
