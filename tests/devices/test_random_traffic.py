"""Random chains, packets, keys and resets with fixed seeds on net, console and rng: nothing crashes or hangs."""

from __future__ import annotations

import contextlib
import random
import socket
import struct

import pytest

from tests.devices.checks import Bystander
from tests.devices.conftest import StartHost
from tests.devices.fake_driver import (
    F_EVENT_IDX,
    HIGH,
    HIGH_SIZE,
    INDIRECT,
    MIB,
    NEXT,
    STATUS,
    WRITE,
    Desc,
    Device,
    Queue,
)
from tests.devices.net_driver import packet

BUFFERS = 0x80000


def contents(rng: random.Random) -> bytes:
    """What may mean something to a device: a header and a packet, a control command, a console's message."""
    match rng.randrange(4):
        case 0:
            head = [rng.choice([0, 0, 1, 2, 255]), rng.choice([0, 0, 1, 3, 4, 0x81, 255])]
            lies = [rng.choice([0, 0, 14, 54, 1000, 0xFFFF]) for _ in range(5)]
            return struct.pack("<BBHHHHH", *head, *lies) + packet(rng.choice([13, 14, 60, 1514, 4000]))
        case 1:
            return bytes([rng.randrange(6), rng.randrange(6)]) + rng.randbytes(rng.choice([0, 1, 2, 6, 8, 20]))
        case 2:
            return struct.pack("<IHH", rng.choice([0, 1, 2, 2**32 - 1]), rng.randrange(9), rng.choice([0, 1, 1, 7]))
        case _:
            return rng.randbytes(rng.choice([1, 64, 4096]))


def random_chain(device: Device, queue: Queue, rng: random.Random, *, ours: bool) -> None:
    """Mostly a valid chain in the direction of the queue, and now and then something else."""
    host, head = device.host, rng.randrange(16)
    data = contents(rng)
    at = BUFFERS + 0x2000 * head
    host.put(at, data)
    wild = rng.random() < 0.15
    flags = WRITE if ours else 0
    cut = rng.randrange(1, len(data) + 1)
    queue.write_desc(2 * head, Desc(at, cut, flags | NEXT, 2 * head + 1))
    queue.write_desc(2 * head + 1, Desc(at + cut, rng.choice([1, 16, 2000]), rng.choice([flags, flags, WRITE])))
    if wild:
        gpa = rng.choice([0, MIB - 8, 2 * MIB - 1, HIGH, HIGH + HIGH_SIZE - 16, 2**64 - 8])
        size = rng.choice([0, 1, 15, 65536, HIGH_SIZE, 2**31, 2**32 - 1])
        bits = rng.choice([0, WRITE, NEXT | WRITE, INDIRECT, 0xFFFF])
        queue.write_desc(2 * head + rng.randrange(2), Desc(gpa, size, bits, rng.choice([0, 2 * head, 63, 65535])))
    queue.offer(2 * head if rng.random() < 0.98 else rng.randrange(70), advance=1 if rng.random() < 0.99 else 65)


def run(device: Device, far: list[socket.socket], n_queues: int, seed: int) -> None:
    rng = random.Random(seed)
    bystander = Bystander(device.host)
    queues: list[Queue] = []
    for step in range(250):
        if not queues or device.broken or rng.random() < 0.02:
            device.reset()
            assert device.read(STATUS) == 0
            left_out = sum(1 << bit for bit in range(24) if rng.random() < 0.1)
            features = device.offered() & ~(1 << F_EVENT_IDX) & ~left_out
            queues = device.start(features=features, queues=n_queues, at=0x10000 if n_queues < 4 else 0x110000)
        queue = rng.choice(queues)
        random_chain(device, queue, rng, ours=queue.index % 2 == 0)
        queue.kick()
        for end in far:
            with contextlib.suppress(BlockingIOError):
                if rng.random() < 0.3:
                    end.send(packet(rng.choice([14, 60, 1514, 3000])))
                end.recv(1 << 17)
        device.settle(0 if step % 8 else 1)
    device.settle()
    bystander.check(b"after")
    device.reset()
    device.start(features=device.offered(), queues=n_queues, at=0x10000 if n_queues < 4 else 0x110000)
    assert not device.broken


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("name", "n_queues"), [("net", 3), ("console", 6), ("rng", 1)])
def test_random_chains_and_traffic(start_host: StartHost, name: str, n_queues: int, seed: int) -> None:
    kind = socket.SOCK_SEQPACKET if name == "net" else socket.SOCK_STREAM
    pairs = [socket.socketpair(socket.AF_UNIX, kind) for _ in range({"net": 1, "console": 2, "rng": 0}[name])]
    fds = [near.fileno() for _, near in pairs]
    spec = {
        "net": "net,fd={}",
        "console": "console,port0=fd:{},port1=a.name=fd:{}",
        "rng": "rng,max-bytes=100000,period=10",
    }[name].format(*fds)
    device = Device(start_host(spec, pass_fds=fds), 3)
    for far, near in pairs:
        far.setblocking(False)
        near.close()
    run(device, [far for far, _ in pairs], n_queues, seed)
    for far, _ in pairs:
        far.close()
