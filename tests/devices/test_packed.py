"""Packed rings: requests, wrap counters, event suppression, hostile descriptors, over every transport."""

from __future__ import annotations

import os
import random
import select
import struct
import time
from collections.abc import Callable

import pytest

from tests.devices.checks import Bystander, still_works, until
from tests.devices.conftest import StartDaemon, StartHost
from tests.devices.fake_driver import (
    EVENT_DISABLE,
    EVENT_ENABLE,
    EVENT_POSITION,
    F_EVENT_IDX,
    F_RING_PACKED,
    F_VERSION_1,
    HIGH,
    HIGH_SIZE,
    INDIRECT,
    MIB,
    NEXT,
    OK,
    PACKED_AVAIL,
    PACKED_USED,
    QUEUE_RESET,
    QUEUE_SEL,
    STATUS,
    T_FLUSH,
    T_IN,
    WRITE,
    Device,
    Disk,
    Host,
    PackedQueue,
    Queue,
)
from tests.devices.front_end import (
    GET_FEATURES,
    GET_PROTOCOL_FEATURES,
    GET_VRING_BASE,
    SET_VRING_BASE,
    SET_VRING_ENABLE,
    SET_VRING_KICK,
    FrontEnd,
)

DATA = bytes(range(256)) * 2


@pytest.fixture
def host(start_host: StartHost) -> Host:
    return start_host(packed=True)


def start(device: Device, num: int = 64, *, features: int = 0, **more: int) -> PackedQueue:
    wanted = features or device.offered() & ~(1 << F_EVENT_IDX)
    assert wanted >> F_RING_PACKED & 1
    queue = device.start(features=wanted, num=num, **more)[0]
    assert isinstance(queue, PackedQueue)
    return queue


# ---- requests ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["mmio", "pci"])
@pytest.mark.parametrize("num", [3, 4, 64, 200])
def test_blocks_are_written_and_read_round_after_round(transport: str, disk: Disk, num: int) -> None:
    """Sizes need not be powers of two; a chain may cross the end of the ring."""
    queue = start(disk, num)
    for sector in range(100 if num < 64 else 150):
        data = struct.pack("<Q", sector) * 64
        assert disk.write_blocks(queue, sector, data) == OK
        assert disk.read_blocks(queue, sector, 512) == (OK, data)
    assert not disk.broken


def test_an_indirect_table_takes_one_descriptor(disk: Disk) -> None:
    queue = start(disk, 5)
    for sector in range(12):
        disk.put_header(T_IN, sector)
        buffers = ((disk.HEADER, 16, 0), (disk.DATA, 512, WRITE), (disk.STATUS_BYTE, 1, WRITE))
        table = b"".join(struct.pack("<QIHH", gpa, size, 99, flags) for gpa, size, flags in buffers)
        disk.host.put(0x90000, table)
        queue.offer_slots([(0x90000, len(table), 3, INDIRECT)])
        queue.kick()
        assert disk.wait() and queue.take_used() == (3, 513)


def test_many_requests_are_taken_at_once_and_come_back(host: Host) -> None:
    gate = Device(host, 2)
    queue = start(gate, 8)
    host.ask("g")
    for number in (7, 2, 5):
        queue.offer_slots([(0x80000 + 16 * number, 2, number, WRITE), (0x80002 + 16 * number, 2, number, WRITE)])
    queue.kick()
    gate.settle(5)
    assert queue.take_used() is None
    host.ask("u 0")
    used: list[tuple[int, int]] = []

    def finished() -> bool:
        while (one := queue.take_used()) is not None:
            used.append(one)
        return len(used) == 3

    until(gate, finished)
    assert sorted(used) == [(2, 4), (5, 4), (7, 4)]
    assert all(host.get(0x80000 + 16 * number, 4) == b"gate" for number in (7, 2, 5))


@pytest.mark.parametrize("transport", ["mmio", "pci"])
def test_resets_of_queue_and_device_start_the_ring_anew(transport: str, disk: Disk) -> None:
    queue = start(disk)
    assert disk.write_blocks(queue, 3, DATA) == OK
    disk.write(QUEUE_SEL, 0)
    disk.write(QUEUE_RESET, 1)
    again = PackedQueue(disk, 0, 10, 0x20000)
    disk.program(again)
    assert disk.read_blocks(again, 3, 512) == (OK, DATA)
    disk.reset()
    assert disk.read_blocks(start(disk, 6), 3, 512) == (OK, DATA)


def test_a_driver_may_still_choose_split_rings(disk: Disk) -> None:
    assert disk.negotiate(disk.offered() & ~(1 << F_RING_PACKED | 1 << F_EVENT_IDX))
    queue = Queue(disk, 0, 64, 0x10000)
    disk.program(queue)
    disk.driver_ok()
    assert disk.write_blocks(queue, 3, DATA) == OK and not disk.broken


# ---- event suppression -------------------------------------------------------------------------------------------


def flush(disk: Disk, queue: PackedQueue) -> None:
    disk.put_header(T_FLUSH, 0)
    queue.offer_slots([(disk.HEADER, 16, 1, 0), (disk.STATUS_BYTE, 1, 1, WRITE)])
    queue.kick()
    until(disk, lambda: queue.take_used() == (1, 1))
    disk.settle(5)


def test_signals_only_when_the_driver_wants_them(disk: Disk) -> None:
    queue = start(disk, 16)
    for flags, expected in ((EVENT_DISABLE, 0), (EVENT_ENABLE, 1), (EVENT_DISABLE, 1), (3, 2)):
        queue.want_signals(flags)
        flush(disk, queue)
        assert disk.interrupts == expected


def test_signals_at_a_position(disk: Disk) -> None:
    queue = start(disk, 16, features=disk.offered())
    flush(disk, queue)  # the first is always signalled
    assert disk.interrupts == 1
    queue.want_signals(EVENT_POSITION, 0x8000 | 6)
    for expected in (1, 1, 2, 2):  # slots 2-3, 4-5, 6-7, 8-9
        flush(disk, queue)
        assert disk.interrupts == expected
    queue.want_signals(EVENT_POSITION, 4)  # in the next round
    for expected in (2, 2, 3):  # 10-11, 12-13, 14-15: a wrap is signalled
        flush(disk, queue)
        assert disk.interrupts == expected


@pytest.mark.parametrize("event_idx", [False, True])
def test_the_device_says_whether_it_wants_kicks(disk: Disk, event_idx: bool) -> None:
    queue = start(disk, 16, features=disk.offered() if event_idx else 0)
    for _ in range(10):
        flush(disk, queue)
        position, flags = queue.kicks_wanted()
        assert flags == (EVENT_POSITION if event_idx else EVENT_ENABLE) and (position == queue.next or not event_idx)


# ---- hostile drivers ----------------------------------------------------------------------------------------------

Attack = Callable[[Disk, PackedQueue], None]


def slots(*chain: tuple[int, int, int, int]) -> Attack:
    return lambda disk, queue: queue.offer_slots(chain)


def buffer_at(gpa: int, size: int) -> Attack:
    def attack(disk: Disk, queue: PackedQueue) -> None:
        disk.put_header(T_IN, 0)
        queue.offer_slots([(disk.HEADER, 16, 0, 0), (gpa, size, 0, WRITE), (disk.STATUS_BYTE, 1, 0, WRITE)])

    return attack


def endless(disk: Disk, queue: PackedQueue) -> None:
    for i in range(queue.num):
        queue.write_slot(i, disk.HEADER, 16, 0, NEXT | PACKED_AVAIL)


def same_buffer_twice(disk: Disk, queue: PackedQueue) -> None:
    """[CVE-2016-5403]"""
    disk.put_header(T_FLUSH, 0)
    for _ in range(2):
        queue.offer_slots([(disk.HEADER, 16, 4, 0), (disk.STATUS_BYTE, 1, 4, WRITE)])


def indirect(size: int, *, gpa: int = 0x90000, flags: int = 0, inner: int = 0, before: int = 0) -> Attack:
    def attack(disk: Disk, queue: PackedQueue) -> None:
        if gpa == 0x90000:
            disk.host.put(gpa, struct.pack("<QIHH", disk.HEADER, 16, 0, inner) * 2)
        first = [(disk.HEADER, 16, 0, 0)] * before
        after = [(disk.STATUS_BYTE, 1, 0, WRITE)] if flags else []
        queue.offer_slots([*first, (gpa, size, 0, INDIRECT), *after])

    return attack


def four_gibibytes(disk: Disk, queue: PackedQueue) -> None:
    disk.host.put(HIGH + 0x10000, struct.pack("<QIHH", HIGH, HIGH_SIZE, 0, WRITE) * 1024)
    queue.offer_slots([(HIGH + 0x10000, 1024 * 16, 0, INDIRECT)])


ATTACKS: dict[str, tuple[Attack, str]] = {
    "endless": (endless, "looped descriptor"),
    "buffer-id": (slots((0x80000, 16, 64, 0)), "buffer 64 is available"),
    "buffer-id-max": (slots((0x80000, 16, 0xFFFF, 0)), "buffer 65535 is available"),
    "twice": (same_buffer_twice, "buffer 4 made available twice"),
    "zero-length": (buffer_at(0x80000, 0), "zero sized buffers"),
    "order": (slots((0x80000, 1, 0, WRITE), (0x80100, 1, 0, 0)), "incorrect order"),
    "past-ram": (buffer_at(2 * MIB, 512), "outside guest memory"),
    "in-hole": (buffer_at(0xC0000000, 512), "outside guest memory"),
    "crosses-top": (buffer_at(HIGH + HIGH_SIZE - 256, 512), "outside guest memory"),
    "address-wraps": (buffer_at(2**64 - 256, 512), "outside guest memory"),
    "length-all-ones": (buffer_at(0x1000, 2**32 - 1), "outside guest memory"),
    "sum-wraps": (four_gibibytes, "more than 4 GiB"),
    "indirect-0": (indirect(0), "invalid size 0"),
    "indirect-uneven": (indirect(17), "invalid size 17"),
    "indirect-huge": (indirect(2**32 - 16), "invalid size"),
    "indirect-1025": (indirect(16 * 1025), "invalid size"),
    "indirect-next": (indirect(16, flags=NEXT), "with NEXT"),
    "indirect-nested": (indirect(16, inner=INDIRECT), "nested"),
    "indirect-behind": (indirect(16, before=1), "behind others"),
    "indirect-off-ram": (indirect(32, gpa=2 * MIB), "indirect table at 0x200000 is outside"),
    "indirect-crosses-end": (indirect(32, gpa=2 * MIB - 16), "is outside"),
    "indirect-misaligned": (indirect(32, gpa=0x90001), "misaligned"),
}


@pytest.mark.parametrize("transport", ["pci"])
def test_every_broken_rule_breaks_the_device_and_nothing_else(transport: str, host: Host) -> None:
    disk, bystander = Disk(host, 0), Bystander(host)
    for name, (attack, _) in ATTACKS.items():
        queue = start(disk)
        attack(disk, queue)
        queue.kick()
        disk.settle(5)
        assert disk.broken, name
        queue.kick()
        bystander.check(name.encode())
        disk.reset()
        still_works(disk)
        disk.reset()


@pytest.mark.parametrize("name", ATTACKS)
def test_a_broken_rule_is_logged_once(disk: Disk, name: str) -> None:
    attack, reason = ATTACKS[name]
    queue = start(disk)
    attack(disk, queue)
    queue.kick()
    disk.settle(5)
    queue.kick()
    disk.settle(5)
    assert disk.broken and reason in disk.host.log() and disk.host.complaints() == 1


def test_more_in_flight_than_the_ring_has(host: Host) -> None:
    """Buffer IDs are new ones, but the descriptors were taken already."""
    gate = Device(host, 2)
    queue = start(gate, 8)
    host.ask("g")
    for number in range(2):
        queue.offer_slots([(0x80000 + i, 1, number, WRITE) for i in range(4)])
    queue.kick()
    gate.settle(5)
    queue.offer_slots([(0x80000, 4, 5, WRITE)])
    queue.kick()
    gate.settle(5)
    assert gate.broken and "more descriptors in flight" in host.log()
    host.ask("u 0")
    gate.reset()


def test_descriptors_that_are_not_available(disk: Disk) -> None:
    queue = start(disk)
    for flags in (0, PACKED_AVAIL | PACKED_USED, PACKED_USED):
        queue.write_slot(0, disk.HEADER, 16, 0, flags)
        queue.kick()
        disk.settle(5)
    assert not disk.broken and disk.write_blocks(queue, 3, DATA) == OK


def test_indirect_needs_the_feature(disk: Disk) -> None:
    queue = start(disk, features=1 << F_VERSION_1 | 1 << F_RING_PACKED)
    indirect(16)(disk, queue)
    queue.kick()
    disk.settle(5)
    assert disk.broken and "without the feature" in disk.host.log()


@pytest.mark.parametrize(
    ("num", "desc", "driver", "device"),
    [
        (0, 0x10000, 0x14000, 0x16000),
        (257, 0x10000, 0x14000, 0x16000),
        (0x8000, 0x10000, 0x14000, 0x16000),
        (64, 2 * MIB, 0x14000, 0x16000),
        (64, 0x10000, 2 * MIB - 2, 0x16000),
        (64, 0x10000, 0x14000, HIGH + HIGH_SIZE - 2),
        (64, 0x10008, 0x14000, 0x16000),
        (64, 0x10000, 0x14002, 0x16000),
        (64, 0x10000, 0x14000, 0x16002),
        (64, 0x10000, 0x14000, 0x14000),
        (64, 0x10000, 0x103FC, 0x16000),
        (64, 2**64 - 16, 0x14000, 0x16000),
    ],
)
def test_bad_rings(disk: Disk, num: int, desc: int, driver: int, device: int) -> None:
    assert disk.negotiate(disk.offered())
    queue = PackedQueue(disk, 0, 64, 0x10000)
    queue.desc, queue.avail, queue.used = desc, driver, device
    disk.program(queue, num=num)
    disk.driver_ok()
    assert disk.broken and disk.host.complaints() == 1
    still_works(disk)


@pytest.mark.parametrize("seed", range(4))
def test_random_descriptors(host: Host, seed: int) -> None:
    rng = random.Random(seed)
    disk, bystander = Disk(host, 0), Bystander(host)
    queue = start(disk, features=disk.offered())
    for step in range(250):
        disk.put_header(rng.choice([0, 1, 4, 8, 11]), rng.choice([0, 0, 1, 2047, 2**63]))
        number = rng.choice([step % 64, step % 64, 0, 63, 64, 0xFFFF])
        chain = [
            (disk.HEADER, 16, number, 0),
            (disk.DATA, 512, number, rng.choice([0, WRITE])),
            (disk.STATUS_BYTE, 1, number, WRITE),
        ]
        if rng.random() < 0.2:
            at = rng.randrange(3)
            gpa = rng.choice([0, MIB - 100, 2 * MIB, HIGH, 2**64 - 1])
            chain[at] = (gpa, rng.choice([0, 1, 17, 4096, 2**32 - 1]), number, rng.choice([0, WRITE, INDIRECT, 0x10]))
        queue.offer_slots(chain)
        if rng.random() < 0.1:
            queue.write_slot(rng.randrange(64), disk.HEADER, 16, rng.randrange(70), rng.randrange(65536))
        queue.want_signals(rng.randrange(4), rng.randrange(65536))
        queue.kick()
        disk.settle(0 if step % 8 else 2)
        if disk.broken or step % 20 == 19:
            disk.reset()
            queue = start(disk, features=disk.offered())
    disk.settle()
    bystander.check(b"after")
    still_works(disk)
    assert disk.read(STATUS)


# ---- vhost-user --------------------------------------------------------------------------------------------------


def test_packed_rings_over_vhost_user(start_daemon: StartDaemon) -> None:
    """The base has both positions with their wrap counters; there is no in-flight record for packed rings."""
    front = FrontEnd(start_daemon("--packed"))
    front.negotiate()
    front.share_memory()
    queue = front.ring(num=7)
    for sector in range(9):
        assert front.request(queue, 1, sector, DATA)[0] == OK
        assert front.request(queue, 0, sector, 512) == (OK, DATA)
    assert isinstance(queue, PackedQueue)
    base = front.call(GET_VRING_BASE, struct.pack("<II", 0, 0))
    assert base == struct.pack("<IHH", 0, queue.next, queue.next)
    assert not front.accepted(SET_VRING_BASE, struct.pack("<II", 0, 0x80028003))  # something in flight
    front.close()


def test_a_packed_ring_goes_on_where_it_was(start_daemon: StartDaemon) -> None:
    front = FrontEnd(start_daemon("--packed"))
    front.negotiate()
    front.share_memory()
    queue = front.ring(num=8)
    for _ in range(5):
        assert front.request(queue, 1, 3, DATA)[0] == OK
        for enable in (0, 1):
            assert front.accepted(SET_VRING_ENABLE, struct.pack("<II", 0, enable))
    front.close()


def test_a_position_outside_the_ring_is_refused(start_daemon: StartDaemon) -> None:
    front = FrontEnd(start_daemon("--packed"))
    front.negotiate()
    front.share_memory()
    front.ring(num=7)
    front.call(GET_VRING_BASE, struct.pack("<II", 0, 0))
    assert front.accepted(SET_VRING_BASE, struct.pack("<II", 0, 0x80078007))
    kick = os.eventfd(0)
    assert not front.accepted(SET_VRING_KICK, struct.pack("<Q", 0), [kick])
    os.close(kick)
    front.close()


def test_broken_rules_over_vhost_user_are_repaired_by_stopping_the_ring(start_daemon: StartDaemon) -> None:
    front = FrontEnd(start_daemon("--packed"))
    front.negotiate()
    front.share_memory()
    disk = Disk(front, 0)  # type: ignore[arg-type]
    for name, (attack, _) in ATTACKS.items():
        if name == "sum-wraps":
            continue  # needs more memory than a front end has here
        queue = front.ring()
        assert isinstance(queue, PackedQueue)
        attack(disk, queue)
        queue.kick()
        while select.select([front.kicks[0]], [], [], 0)[0]:
            time.sleep(0.001)  # until the daemon has taken the kick
        front.call(GET_VRING_BASE, struct.pack("<II", 0, 0))
        assert front.request(front.ring(), 1, 3, DATA)[0] == OK, name
        front.call(GET_VRING_BASE, struct.pack("<II", 0, 0))
    assert "the driver broke the rules" in front.daemon.log()
    front.close()


def test_a_daemon_offers_packed_rings_only_when_it_is_told_to(start_daemon: StartDaemon) -> None:
    front = FrontEnd(start_daemon())
    assert not front.u64(GET_FEATURES) >> F_RING_PACKED & 1
    assert front.u64(GET_PROTOCOL_FEATURES) >> 12 & 1  # the in-flight record, which is for split rings
    front.close()
