"""Hostile drivers: every malformed ring, chain and register access ends in a broken device or an error status.

After each attack the disk is repaired by a reset and works again, the other disk was never disturbed, and the log has
exactly one line that says why.  The names in brackets are the families and CVEs that an attack comes from.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.devices.checks import Bystander, send, still_works
from tests.devices.fake_driver import (
    ACK,
    CONFIG,
    DEVICE_FEATURES,
    DEVICE_FEATURES_SEL,
    DEVICE_ID,
    DRIVER,
    DRIVER_FEATURES,
    DRIVER_FEATURES_SEL,
    DRIVER_OK,
    F_VERSION_1,
    FEATURES_OK,
    HIGH,
    HIGH_SIZE,
    INDIRECT,
    MAGIC,
    MIB,
    NEXT,
    QUEUE_DESC,
    QUEUE_NOTIFY,
    QUEUE_NUM,
    QUEUE_NUM_MAX,
    QUEUE_READY,
    QUEUE_SEL,
    STATUS,
    T_FLUSH,
    T_IN,
    VERSION,
    WRITE,
    Desc,
    Disk,
    Queue,
)

Attack = Callable[[Disk, Queue], None]


# ---- chains: each breaks the device ---------------------------------------------------------------------------


def chain_loops(disk: Disk, queue: Queue) -> None:
    queue.write_desc(0, Desc(disk.HEADER, 16, NEXT, 1))
    queue.write_desc(1, Desc(disk.DATA, 16, NEXT, 0))
    send(queue)


def chain_loops_on_itself(disk: Disk, queue: Queue) -> None:
    queue.write_desc(0, Desc(disk.HEADER, 16, NEXT, 0))
    send(queue)


def next_out_of_range(disk: Disk, queue: Queue) -> None:
    queue.write_desc(0, Desc(disk.HEADER, 16, NEXT, 64))
    send(queue)


def next_far_out_of_range(disk: Disk, queue: Queue) -> None:
    queue.write_desc(0, Desc(disk.HEADER, 16, NEXT, 0xFFFF))
    send(queue)


def head_out_of_range(disk: Disk, queue: Queue) -> None:
    send(queue, 64)


def head_far_out_of_range(disk: Disk, queue: Queue) -> None:
    send(queue, 0xFFFF)


def buffer_at(gpa: int, size: int) -> Attack:
    def attack(disk: Disk, queue: Queue) -> None:
        disk.put_header(T_IN, 0)
        queue.chain(0, [(disk.HEADER, 16, 0), (gpa, size, WRITE), (disk.STATUS_BYTE, 1, WRITE)])
        send(queue)

    return attack


def zero_length(disk: Disk, queue: Queue) -> None:
    """[CVE-2016-6490]"""
    queue.chain(0, [(disk.HEADER, 16, 0), (disk.DATA, 0, 0), (disk.STATUS_BYTE, 1, WRITE)])
    send(queue)


def many_buffers(gpa: int, size: int) -> Attack:
    """1024 buffers in an indirect table: too much in sum, or too many pieces where regions meet."""

    def attack(disk: Disk, queue: Queue) -> None:
        at = HIGH + 0x10000
        disk.host.put(at, b"".join(Desc(gpa, size, NEXT | WRITE, i + 1).packed() for i in range(1024)))
        queue.write_desc(0, Desc(at, 1024 * 16, INDIRECT))
        send(queue)

    return attack


def write_before_read(disk: Disk, queue: Queue) -> None:
    queue.chain(0, [(disk.STATUS_BYTE, 1, WRITE), (disk.HEADER, 16, 0)])
    send(queue)


def indirect(size: int, *, gpa: int = 0x90000, flags: int = 0, inner: Desc | None = None) -> Attack:
    def attack(disk: Disk, queue: Queue) -> None:
        disk.put_header(T_IN, 0)
        if gpa == 0x90000:
            disk.host.put(gpa, (inner or Desc(disk.HEADER, 16, 0, 0)).packed())
        queue.write_desc(0, Desc(gpa, size, INDIRECT | flags, 1))
        queue.write_desc(1, Desc(disk.STATUS_BYTE, 1, WRITE))
        send(queue)

    return attack


def index_jumps(disk: Disk, queue: Queue) -> None:
    send(queue, advance=65)


def index_goes_back(disk: Disk, queue: Queue) -> None:
    send(queue, advance=-1)


def same_head_twice(disk: Disk, queue: Queue) -> None:
    """[CVE-2016-5403] Both are read in one go, so the first is still in flight when the second comes."""
    disk.put_header(T_FLUSH, 0)
    queue.chain(0, [(disk.HEADER, 16, 0), (disk.STATUS_BYTE, 1, WRITE)])
    for _ in range(2):
        queue.offer(0)
    queue.kick()


# ---- registers: each breaks the device --------------------------------------------------------------------------


def reprogrammed_live(register: int, value: int) -> Attack:
    """[CVE-2026-5747]"""

    def attack(disk: Disk, queue: Queue) -> None:
        disk.write(QUEUE_SEL, 0)
        disk.write(register, value)

    return attack


def features_after_ok(disk: Disk, queue: Queue) -> None:
    disk.write(DRIVER_FEATURES, 0xFFFFFFFF)


def status_bits_cleared(disk: Disk, queue: Queue) -> None:
    disk.write(STATUS, ACK | DRIVER)


def status_wider_than_a_byte(disk: Disk, queue: Queue) -> None:
    disk.write(STATUS, 0x1000F)


ATTACKS: dict[str, tuple[Attack, str]] = {
    "loop": (chain_loops, "looped descriptor"),
    "self-loop": (chain_loops_on_itself, "looped descriptor"),
    "next": (next_out_of_range, "desc next is 64"),
    "next-far": (next_far_out_of_range, "desc next is 65535"),
    "head": (head_out_of_range, "index 64 is available"),
    "head-far": (head_far_out_of_range, "index 65535 is available"),
    "past-ram": (buffer_at(2 * MIB, 512), "outside guest memory"),
    "in-hole": (buffer_at(0xC0000000, 512), "outside guest memory"),
    "crosses-into-hole": (buffer_at(2 * MIB - 256, 512), "outside guest memory"),
    "crosses-top": (buffer_at(HIGH + HIGH_SIZE - 256, 512), "outside guest memory"),
    "before-high": (buffer_at(HIGH - 256, 512), "outside guest memory"),
    "address-wraps": (buffer_at(2**64 - 256, 512), "outside guest memory"),
    "address-last": (buffer_at(2**64 - 1, 1), "outside guest memory"),
    "length-all-ones": (buffer_at(0x1000, 2**32 - 1), "outside guest memory"),
    "zero-length": (zero_length, "zero sized buffers"),
    "zero-length-wild": (buffer_at(2**63, 0), "zero sized buffers"),
    "sum-wraps": (many_buffers(HIGH, HIGH_SIZE), "more than 4 GiB"),
    "too-many-pieces": (many_buffers(MIB - 1, 2), "outside guest memory"),
    "order": (write_before_read, "incorrect order"),
    "indirect-0": (indirect(0), "invalid size 0"),
    "indirect-uneven": (indirect(17), "invalid size 17"),
    "indirect-huge": (indirect(2**32 - 16), "invalid size"),
    "indirect-1025": (indirect(16 * 1025), "invalid size"),
    "indirect-next": (indirect(16, flags=NEXT), "with NEXT"),
    "indirect-nested": (indirect(16, inner=Desc(0x90000, 16, INDIRECT)), "nested"),
    "indirect-self-loop": (indirect(16, inner=Desc(0x80000, 16, NEXT, 0)), "looped descriptor"),
    "indirect-next-out": (indirect(32, inner=Desc(0x80000, 16, NEXT, 2)), "desc next is 2"),
    "indirect-off-ram": (indirect(32, gpa=2 * MIB), "indirect table at 0x200000 is outside"),
    "indirect-crosses-end": (indirect(32, gpa=2 * MIB - 16), "indirect table at 0x1ffff0 is outside"),
    "indirect-misaligned": (indirect(32, gpa=0x90001), "misaligned"),
    "index-jump": (index_jumps, "moved available index from 0 to 65"),
    "index-back": (index_goes_back, "moved available index from 0 to 65535"),
    "twice": (same_head_twice, "head 0 made available twice"),
    "live-size": (reprogrammed_live(QUEUE_NUM, 128), "re-programmed"),
    "live-ring": (reprogrammed_live(QUEUE_DESC, 0x1000), "re-programmed"),
    "live-ring-high": (reprogrammed_live(QUEUE_DESC + 4, 1), "re-programmed"),
    "features-after-ok": (features_after_ok, "after FEATURES_OK"),
    "status-cleared": (status_bits_cleared, "status bits 0xc cleared"),
    "status-wide": (status_wider_than_a_byte, "status 0x1000f"),
}


@pytest.mark.parametrize(("attack", "reason"), ATTACKS.values(), ids=ATTACKS.keys())
def test_breaks_the_device_once_and_nothing_else(disk: Disk, attack: Attack, reason: str) -> None:
    bystander = Bystander(disk.host)
    [queue] = disk.start()
    attack(disk, queue)
    disk.settle()
    assert disk.broken, disk.host.log()
    assert disk.host.complaints() == 1 and reason in disk.host.log()
    queue.kick()  # the bad head is not parsed again
    disk.write(QUEUE_NOTIFY, 0)
    disk.settle()
    assert disk.host.complaints() == 1
    bystander.check(b"after")
    still_works(disk)


def test_indirect_needs_the_feature(disk: Disk) -> None:
    [queue] = disk.start(features=1 << F_VERSION_1)
    indirect(16)(disk, queue)
    disk.settle()
    assert disk.broken and disk.host.complaints() == 1
    still_works(disk)


@pytest.mark.parametrize("num", [0, 3, 63, 512, 1024, 0x8000, 0x10000, 0x10040, 2**32 - 1])
def test_bad_queue_sizes(disk: Disk, num: int) -> None:
    assert disk.negotiate(disk.offered())
    disk.program(Queue(disk, 0, 64, 0x10000), num=num)
    disk.driver_ok()
    assert disk.broken and disk.host.complaints() == 1
    still_works(disk)


@pytest.mark.parametrize(
    ("desc", "avail", "used"),
    [
        (2 * MIB, 0x14000, 0x16000),
        (0x10000, 2 * MIB - 16, 0x16000),
        (0x10000, 0x14000, HIGH + HIGH_SIZE - 8),
        (0x10000, 2**64 - 2, 0x16000),
        (2**64 - 16, 0x14000, 0x16000),
        (0x10008, 0x14000, 0x16000),
        (0x10000, 0x14001, 0x16000),
        (0x10000, 0x14000, 0x16002),
        (0x10000, 0x10010, 0x16000),
        (0x10000, 0x14000, 0x14000),
        (MIB - 512, 0x14000, 0x16000),
    ],
    ids=[
        "desc-out",
        "avail-end",
        "used-end",
        "avail-wraps",
        "desc-wraps",
        "desc-misaligned",
        "avail-misaligned",
        "used-misaligned",
        "overlap-desc",
        "overlap-used",
        "two-regions",
    ],
)
def test_bad_ring_addresses(disk: Disk, desc: int, avail: int, used: int) -> None:
    assert disk.negotiate(disk.offered())
    queue = Queue(disk, 0, 64, 0x10000)
    queue.desc, queue.avail, queue.used = desc, avail, used
    disk.program(queue)
    disk.driver_ok()
    assert disk.broken and disk.host.complaints() == 1
    still_works(disk)


# ---- the status machine -------------------------------------------------------------------------------------------


def test_kick_before_driver_ok_does_nothing_yet(disk: Disk) -> None:
    assert disk.negotiate(disk.offered() & ~(1 << 29))
    queue = Queue(disk, 0, 64, 0x10000)
    disk.program(queue)
    disk.put_header(T_IN, 0)
    queue.chain(0, [(disk.HEADER, 16, 0), (disk.DATA, 512, WRITE), (disk.STATUS_BYTE, 1, WRITE)])
    send(queue)
    disk.write(QUEUE_NOTIFY, 0)
    disk.settle()
    assert queue.take_used() is None
    disk.driver_ok()  # what was offered before is seen now
    disk.settle()
    assert queue.take_used() == (0, 513) and not disk.broken


def test_kicks_that_name_no_queue_or_come_after_reset(disk: Disk) -> None:
    [queue] = disk.start()
    for number in (1, 7, 64, 0xFFFF, 0x10000, 2**32 - 1):  # [CVE-2011-2512]
        disk.write(QUEUE_NOTIFY, number)
    queue.kick()  # spurious
    disk.settle()
    assert not disk.broken
    disk.reset()
    disk.write(QUEUE_NOTIFY, 0)
    queue.kick()
    disk.settle()
    assert disk.read(STATUS) == 0
    still_works(disk)


def test_driver_ok_without_features_ok(disk: Disk) -> None:
    disk.write(STATUS, ACK | DRIVER)
    disk.write(STATUS, ACK | DRIVER | DRIVER_OK)
    assert disk.broken
    still_works(disk)


@pytest.mark.parametrize("bit", [0, 7, 24, 33, 34, 41, 63])
def test_features_that_were_not_offered(disk: Disk, bit: int) -> None:
    assert not disk.offered() >> bit & 1
    assert not disk.negotiate(disk.offered() | 1 << bit)
    disk.write(STATUS, ACK | DRIVER | FEATURES_OK | DRIVER_OK)
    assert disk.read(STATUS) & FEATURES_OK == 0
    still_works(disk)


def test_version_1_is_required(disk: Disk) -> None:
    assert not disk.negotiate(disk.offered() & ~(1 << F_VERSION_1))
    still_works(disk)


def test_selectors_of_nothing(disk: Disk) -> None:
    disk.start()
    disk.write(DEVICE_FEATURES_SEL, 2)
    assert disk.read(DEVICE_FEATURES) == 0
    for number in (1, 64, 0xFFFF, 2**32 - 1):
        disk.write(QUEUE_SEL, number)
        assert disk.read(QUEUE_NUM_MAX) == 0 and disk.read(QUEUE_READY) == 0
        disk.write(QUEUE_NUM, 8)
        disk.write(QUEUE_DESC, 0x1000)
        disk.write(QUEUE_READY, 1)
    assert not disk.broken
    disk.reset()
    disk.write(STATUS, ACK | DRIVER)
    disk.write(DRIVER_FEATURES_SEL, 5)
    disk.write(DRIVER_FEATURES, 1)
    assert disk.broken


def test_register_access_of_any_size_and_place(disk: Disk) -> None:
    """[CHV #8506] Only aligned 4-byte accesses mean anything below the configuration space."""
    disk.start()
    for offset in (*range(0x110), 0xFFC, 0xFFF, 0x1000, 0x1001, 0x10000, 2**31, 2**40):
        for size in (0, 1, 2, 3, 4, 5, 8, 16):
            disk.read(offset, size)
            if offset % 4 or size != 4:
                disk.write(offset, 2**63 - 1, size)
    assert disk.read(MAGIC) == 0x74726976 and disk.read(VERSION) == 2 and disk.read(DEVICE_ID) == 2
    assert disk.read(MAGIC, 1) == 0 and disk.read(MAGIC + 1, 4) == 0 and disk.read(STATUS, 8) == 0
    assert not disk.broken
    still_works(disk)


def test_unaligned_and_wide_configuration_accesses(disk: Disk) -> None:
    disk.start()
    assert disk.read(CONFIG + 1, 2) == (MIB // 512) >> 8
    disk.write(CONFIG + 60, 1, 4)
    disk.write(CONFIG + 57, 1, 8)
    assert not disk.broken
