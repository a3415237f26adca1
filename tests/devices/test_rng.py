"""devices/rng.c through a queue: random bytes, how many of them, how fast, and what a hostile driver asks for."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.devices.checks import Bystander, refusal
from tests.devices.conftest import StartHost
from tests.devices.fake_driver import HIGH, HIGH_SIZE, STATUS, WRITE, Desc, Device, Queue

BUFFER, NEXT, INDIRECT = 0x80000, 1, 4
CAP = 64 * 1024


def start_rng(start_host: StartHost, options: str = "") -> Device:
    return Device(start_host("rng" + options), 3)


def ask(rng: Device, queue: Queue, *buffers: tuple[int, int]) -> int:
    """Requests bytes into writable buffers of (gpa, size); how many came."""
    queue.offer(queue.chain(0, [(gpa, size, WRITE) for gpa, size in buffers]))
    queue.kick()
    assert rng.wait(), rng.host.log()
    used = queue.take_used()
    assert used and used[0] == 0
    return used[1]


def test_fills_buffers_with_bytes_that_differ(start_host: StartHost) -> None:
    rng = start_rng(start_host)
    [queue] = rng.start()
    assert rng.read(0x08) == 4  # the device ID
    assert ask(rng, queue, (BUFFER, 4096), (BUFFER + 8192, 100)) == 4196
    first, second = rng.host.get(BUFFER, 4096), rng.host.get(BUFFER + 8192, 100)
    assert len(set(first)) > 200 and second not in first
    assert rng.host.get(BUFFER + 4096, 4096) == bytes(4096) and rng.host.get(BUFFER + 8292, 64) == bytes(64)
    assert ask(rng, queue, (BUFFER, 4096)) == 4096 and rng.host.get(BUFFER, 4096) != first


def test_a_file_is_a_source_and_its_end_is_said_once(start_host: StartHost, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(bytes(range(200)))
    rng = start_rng(start_host, f",source={source}")
    [queue] = rng.start()
    assert ask(rng, queue, (BUFFER, 150)) == 150 and rng.host.get(BUFFER, 150) == bytes(range(150))
    assert ask(rng, queue, (BUFFER, 150)) == 50
    assert ask(rng, queue, (BUFFER, 150)) == 0 and not rng.broken
    assert "it ended" in rng.host.log()


def test_a_pipe_is_waited_for_and_a_reset_ends_the_wait(start_host: StartHost, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = os.open(pipe, os.O_RDWR)
    rng = start_rng(start_host, f",source={pipe}")
    [queue] = rng.start()
    queue.offer(queue.chain(0, [(BUFFER, 8, WRITE)]))
    queue.kick()
    rng.settle()
    assert queue.take_used() is None
    os.write(writer, b"abcd")
    rng.settle()
    assert queue.take_used() is None and rng.host.get(BUFFER, 4) == b"abcd"
    os.write(writer, b"efgh")
    assert rng.wait() and queue.take_used() == (0, 8) and rng.host.get(BUFFER, 8) == b"abcdefgh"
    queue.offer(0)
    queue.kick()
    rng.settle()
    rng.reset()  # comes back at once, with nothing in flight
    [queue] = rng.start()
    os.write(writer, b"ijklmnop")
    assert ask(rng, queue, (BUFFER, 8)) == 8 and rng.host.get(BUFFER, 8) == b"ijklmnop"
    os.close(writer)


def test_the_limit_holds_over_many_requests(start_host: StartHost) -> None:
    rng = start_rng(start_host, ",max-bytes=1000,period=300")
    [queue] = rng.start()
    start = time.monotonic()
    assert ask(rng, queue, (BUFFER, 600)) == 600
    assert ask(rng, queue, (BUFFER, 600)) == 400  # what is left of the period
    assert ask(rng, queue, (BUFFER, 600)) == 600 and time.monotonic() - start >= 0.25  # the next one


@pytest.mark.parametrize("transport", ["mmio", "pci"])
def test_a_reset_does_not_wait_for_the_limit(transport: str, start_host: StartHost) -> None:
    rng = start_rng(start_host, ",max-bytes=1,period=3600000")
    [queue] = rng.start()
    assert ask(rng, queue, (BUFFER, 8)) == 1
    for head in range(20):
        queue.offer(queue.chain(head, [(BUFFER, 8, WRITE)]))
    queue.kick()
    rng.settle()
    assert queue.take_used() is None
    rng.reset()
    assert rng.read(STATUS) == 0
    rng.start()
    assert not rng.broken  # still nothing left of the hour's byte, but it works


@pytest.mark.parametrize("transport", ["mmio", "pci"])
def test_claims_of_any_size_cost_no_more_than_the_cap(transport: str, start_host: StartHost) -> None:
    """[QEMU #3983, FC #5762] Descriptors overlap, and claim 3.9 GiB in sum."""
    rng = start_rng(start_host)
    bystander = Bystander(rng.host)
    [queue] = rng.start()
    assert ask(rng, queue, (HIGH, HIGH_SIZE)) == CAP
    table = HIGH + 0x10000
    many = b"".join(Desc(HIGH + 0x100000, 7 << 20, WRITE | NEXT, i + 1).packed() for i in range(499))
    rng.host.put(table, many + Desc(HIGH + 0x100000, 1, WRITE).packed())
    queue.write_desc(0, Desc(table, 500 * 16, INDIRECT))
    queue.offer(0)
    queue.kick()
    assert rng.wait() and queue.take_used() == (0, CAP)
    bystander.check(b"after")


def test_requests_without_room(start_host: StartHost) -> None:
    rng = start_rng(start_host)
    [queue] = rng.start()
    queue.offer(queue.chain(0, [(BUFFER, 64, 0)]))
    queue.kick()
    assert rng.wait() and queue.take_used() == (0, 0) and not rng.broken
    queue.offer(queue.chain(0, [(BUFFER, 64, 0), (BUFFER + 64, 16, WRITE)]))
    queue.kick()
    assert rng.wait() and queue.take_used() == (0, 16)


def test_a_full_ring_of_requests(start_host: StartHost) -> None:
    rng = start_rng(start_host)
    [queue] = rng.start()
    for head in range(64):
        queue.offer(queue.chain(head, [(BUFFER + 64 * head, 32, WRITE)]))
    queue.kick()
    rng.settle(50)
    assert sorted(filter(None, (queue.take_used() for _ in range(64)))) == [(head, 32) for head in range(64)]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (",source=/nowhere/random", "cannot open '/nowhere/random'"),
        (",max-bytes=10", "belong together"),
        (",max-bytes=0,period=10", "not a possible max-bytes: '0'"),
        (",max-bytes=10,period=-1", "not a possible period (1 to 3600000 ms): '-1'"),
        (",max-bytes=10,period=9999999999999999999999", "not a possible period"),
        (",queues=2", "1 to 1 queues"),
    ],
)
def test_options_that_cannot_be(program: Path, tmp_path: Path, options: str, says: str) -> None:
    assert says in refusal(program, tmp_path, "rng" + options)
