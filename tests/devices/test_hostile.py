"""Hostile drivers: every malformed ring, chain and register access ends in a broken device or an error status.

After each attack the disk is repaired by a reset and works again, the other disk was never disturbed, and the log has
exactly one line that says why.  The names in brackets are the families and CVEs that an attack comes from.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

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
    NEEDS_RESET,
    NEXT,
    OK,
    QUEUE_DESC,
    QUEUE_NOTIFY,
    QUEUE_NUM,
    QUEUE_NUM_MAX,
    QUEUE_READY,
    QUEUE_SEL,
    STATUS,
    T_FLUSH,
    T_IN,
    T_OUT,
    VERSION,
    WRITE,
    Desc,
    Device,
    Disk,
    Host,
    Queue,
)

Attack = Callable[[Disk, Queue], None]


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


def send(queue: Queue, head: int = 0, *, advance: int = 1) -> None:
    queue.offer(head, advance=advance)
    queue.kick()


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


@pytest.mark.parametrize("bit", [0, 7, 24, 33, 34, 40, 63])
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


# ---- time: resets, memory and configuration while requests are in flight ------------------------------------------


def start_gate(host: Host, milliseconds: int) -> tuple[Device, Queue]:
    """The device whose requests take that long, with one of them in flight: its buffer is at 0x80000."""
    gate = Device(host, 2)
    [queue] = gate.start()
    assert host.ask(f"g {milliseconds}") == "ok"
    queue.chain(0, [(0x80000, 4, WRITE)])
    send(queue)
    gate.settle(5)
    assert queue.take_used() is None
    return gate, queue


def test_reset_waits_for_requests_in_flight(host: Host) -> None:
    gate, _ = start_gate(host, 150)
    gate.reset()
    assert host.get(0x80000, 4) == b"gate"  # nothing touches memory after the reset
    host.put(0x80000, bytes(4))
    gate.settle(200)
    assert host.get(0x80000, 4) == bytes(4)
    gate, queue = start_gate(host, 10)
    gate.settle(100)
    assert queue.take_used() == (0, 4)


def test_stopping_a_queue_waits_too(host: Host) -> None:
    gate, queue = start_gate(host, 100)
    gate.write(QUEUE_SEL, 0)
    gate.write(QUEUE_READY, 0)
    assert queue.take_used() == (0, 4) and gate.read(QUEUE_READY) == 0
    send(queue)
    gate.settle(150)
    assert queue.take_used() is None


def test_same_head_while_it_is_in_flight(host: Host) -> None:
    gate, queue = start_gate(host, 100)
    send(queue)
    gate.settle(5)
    assert gate.broken
    gate.reset()
    assert host.complaints() == 1


def test_more_requests_than_the_ring_holds(host: Host) -> None:
    """[CVE-2016-5403] Never more in flight than heads, however often the driver kicks."""
    gate, queue = start_gate(host, 100)
    for head in range(1, 64):
        queue.chain(head, [(0x80000 + 8 * head, 4, WRITE)])
        send(queue, head)
    gate.settle(5)
    assert not gate.broken
    gate.settle(250)
    assert sorted(queue.take_used() or (0, 0) for _ in range(64)) == [(head, 4) for head in range(64)]


def test_memory_replaced_while_a_request_is_in_flight(host: Host) -> None:
    gate = Device(host, 2)
    [queue] = gate.start(at=HIGH)
    assert host.ask("g 80") == "ok"
    queue.chain(0, [(HIGH + 0x20000, 4, WRITE)])
    send(queue)
    gate.settle(5)
    assert host.ask("m") == "ok"
    gate.settle(150)
    assert queue.take_used() == (0, 4) and host.get(HIGH + 0x20000, 4) == b"gate"
    send(queue)
    gate.settle(150)
    assert queue.take_used() == (0, 4) and not gate.broken


def test_rings_lose_their_memory(host: Host) -> None:
    gate = Device(host, 2)
    [queue] = gate.start(at=HIGH)
    assert host.ask("g 50") == "ok"
    queue.chain(0, [(HIGH + 0x20000, 4, WRITE)])
    send(queue)
    gate.settle(5)
    assert host.ask("d") == "ok"
    assert gate.broken and host.complaints() == 1
    gate.settle(100)
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


# ---- at random ----------------------------------------------------------------------------------------------------


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
