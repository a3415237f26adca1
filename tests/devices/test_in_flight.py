"""Resets, stopped queues, memory and configuration that change while requests are in flight."""

from __future__ import annotations

import struct

import pytest

from tests.devices.checks import send, until
from tests.devices.conftest import StartHost
from tests.devices.fake_driver import (
    CONFIG,
    HIGH,
    HIGH_SIZE,
    MIB,
    OK,
    QUEUE_NOTIFY,
    QUEUE_READY,
    QUEUE_SEL,
    STATUS,
    WRITE,
    Device,
    Disk,
    Host,
    Queue,
)


def start_gate(host: Host) -> tuple[Device, Queue]:
    """The gate, closed, with a request in flight: its buffer is at 0x80000."""
    gate = Device(host, 2)
    [queue] = gate.start()
    assert host.ask("g") == "ok"
    queue.chain(0, [(0x80000, 4, WRITE)])
    send(queue)
    gate.settle(5)
    assert queue.take_used() is None
    return gate, queue


@pytest.mark.parametrize(("transport", "packed"), [("mmio", False), ("pci", False), ("pci", True)])
def test_reset_waits_for_requests_in_flight(start_host: StartHost, transport: str, packed: bool) -> None:
    host = start_host(packed=packed)
    gate, _ = start_gate(host)
    host.ask("u 30")
    gate.reset()
    assert host.get(0x80000, 4) == b"gate"  # nothing touches memory after the reset
    host.put(0x80000, bytes(4))
    gate.settle(50)
    assert host.get(0x80000, 4) == bytes(4)
    gate, queue = start_gate(host)
    host.ask("u 0")
    until(gate, lambda: queue.take_used() == (0, 4))


def test_a_driver_that_always_offers_more_gets_a_ring_at_a_time(host: Host) -> None:
    """Another CPU fills the ring as fast as it is emptied: the loop comes back all the same."""
    gate = Device(host, 2)
    [queue] = gate.start()
    for head in range(64):
        queue.chain(head, [(0x80000, 4, WRITE)])
        host.put(queue.avail + 4 + 2 * head, struct.pack("<H", head))
    assert host.ask(f"a {queue.avail + 2} 1000") == "ok"
    host.put(queue.avail + 2, struct.pack("<H", 1))
    gate.write(QUEUE_NOTIFY, 0)
    assert queue.used_idx() == 64
    until(gate, lambda: queue.used_idx() == 1001)


def test_stopping_a_queue_waits_too(host: Host) -> None:
    gate, queue = start_gate(host)
    host.ask("u 30")
    gate.write(QUEUE_SEL, 0)
    gate.write(QUEUE_READY, 0)
    assert queue.take_used() == (0, 4) and gate.read(QUEUE_READY) == 0
    send(queue)
    gate.settle(50)
    assert queue.take_used() is None


def test_same_head_while_it_is_in_flight(host: Host) -> None:
    gate, queue = start_gate(host)
    send(queue)
    gate.settle(5)
    assert gate.broken
    host.ask("u 0")
    gate.reset()
    assert host.complaints() == 1


def test_more_requests_than_the_ring_holds(host: Host) -> None:
    """[CVE-2016-5403] Never more in flight than heads, however often the driver kicks."""
    gate, queue = start_gate(host)
    for head in range(1, 64):
        queue.chain(head, [(0x80000 + 8 * head, 4, WRITE)])
        send(queue, head)
    gate.settle(5)
    assert not gate.broken and queue.take_used() is None
    host.ask("u 0")
    until(gate, lambda: queue.used_idx() == 64)
    assert sorted(queue.take_used() or (0, 0) for _ in range(64)) == [(head, 4) for head in range(64)]


def test_memory_replaced_while_a_request_is_in_flight(host: Host) -> None:
    gate = Device(host, 2)
    [queue] = gate.start(at=HIGH)
    assert host.ask("g") == "ok"
    queue.chain(0, [(HIGH + 0x20000, 4, WRITE)])
    send(queue)
    gate.settle(5)
    assert host.ask("m") == "ok"
    host.ask("u 0")
    until(gate, lambda: queue.take_used() == (0, 4))
    assert host.get(HIGH + 0x20000, 4) == b"gate"
    send(queue)
    until(gate, lambda: queue.take_used() == (0, 4))
    assert not gate.broken


def test_rings_lose_their_memory(host: Host) -> None:
    gate = Device(host, 2)
    [queue] = gate.start(at=HIGH)
    assert host.ask("g") == "ok"
    queue.chain(0, [(HIGH + 0x20000, 4, WRITE)])
    send(queue)
    gate.settle(5)
    assert host.ask("d") == "ok"
    assert gate.broken and host.complaints() == 1
    host.ask("u 0")
    gate.reset()
    assert gate.read(STATUS) == 0


def test_memory_file_truncated(host: Host) -> None:
    """The owner of the memory takes pages away under our feet: a broken device, not SIGBUS."""
    disk = Disk(host, 0)
    [queue] = disk.start(at=HIGH)
    assert disk.write_blocks(queue, 0, bytes(512)) == OK
    with open(host.ram_file, "r+b") as file:
        file.truncate(2 * MIB)
    disk.write(QUEUE_NOTIFY, 0)
    disk.settle()
    with open(host.ram_file, "r+b") as file:
        file.truncate(2 * MIB + HIGH_SIZE)
    other = Disk(host, 1)
    other.start(at=0x40000)
    assert not other.broken


def test_configuration_generation(host: Host) -> None:
    gate = Device(host, 2)
    gate.start()
    before = gate.read(0xFC)
    gate.write(CONFIG, 77, 8)
    assert gate.read(CONFIG, 8) == 77 and gate.read(0xFC) != before
    assert gate.wait(100) and gate.read(0x60) & 2
