"""virtio-pci and its bus: configuration space both ways, capabilities, BARs that move, MSI-X, INTx, queue reset."""

from __future__ import annotations

import random
import struct

import pytest

from tests.devices.checks import Bystander, still_works, until
from tests.devices.fake_driver import (
    BAR_ISR,
    BAR_KICK,
    BAR_MSIX,
    BAR_PENDING,
    BAR_SIZE,
    CONFIG_VECTOR,
    F_VERSION_1,
    MIB,
    OK,
    QUEUE_NUM,
    QUEUE_NUM_MAX,
    QUEUE_READY,
    QUEUE_RESET,
    QUEUE_SEL,
    QUEUE_VECTOR,
    STATUS,
    T_IN,
    WRITE,
    Device,
    Host,
    Queue,
)
from tests.devices.pci_driver import (
    BAR0,
    CAPABILITIES,
    COMMAND,
    LINE,
    MASTER,
    MEMORY,
    MSIX,
    MSIX_ENABLE,
    MSIX_MASK,
    NO_INTX,
    NO_VECTOR,
    PIN,
    STATUS_INTX,
    STATUS_REGISTER,
    VENDOR,
    VENDOR_CAPABILITY,
    WINDOW,
    WINDOW_SIZE,
    Bus,
    PciDisk,
)
from tests.devices.test_hostile import ATTACKS

F_RING_RESET = 40
COMMON, KICK, ISR, DEVICE, PCI_ACCESS = 1, 2, 3, 4, 5


@pytest.fixture
def transport() -> str:
    return "pci"


@pytest.fixture
def bus(host: Host) -> Bus:
    return Bus(host)


@pytest.fixture
def disk(host: Host) -> PciDisk:
    disk = PciDisk(host)
    disk.enable()
    return disk


def offer_read(disk: PciDisk, queue: Queue, sector: int = 0) -> None:
    disk.put_header(T_IN, sector)
    queue.offer(queue.chain(0, [(disk.HEADER, 16, 0), (disk.DATA, 512, WRITE), (disk.STATUS_BYTE, 1, WRITE)]))
    disk.kick(queue)


def finish(disk: PciDisk, queue: Queue) -> None:
    """Until the read is back, and a signal has been sent if there is one to send."""
    until(disk, lambda: queue.take_used() == (0, 513))
    disk.settle(5)


# ---- configuration space -----------------------------------------------------------------------------------------


def test_a_walk_finds_the_bridge_and_three_functions(bus: Bus) -> None:
    found = {slot: bus.config(slot, VENDOR, 4) for slot in range(32)}
    assert {slot: ids for slot, ids in found.items() if ids != 0xFFFFFFFF} == {
        0: 0x00081B36,
        1: 0x10421AF4,
        2: 0x10421AF4,
        3: 0x106A1AF4,
    }
    assert bus.config(0, 0x08, 4) >> 8 == 0x060000 and bus.config(1, 0x08, 4) == 0x01000001
    assert bus.config(1, 0x0E, 1) == 0 and bus.config(1, PIN, 1) == 1  # one function, pin A
    assert bus.config(1, 0x2C, 4) == 0x10421AF4


def test_mechanism_1_reads_and_writes_the_same(bus: Bus) -> None:
    bus.set_port(0, 4, 1 << 31 | 1 << 11 | LINE)
    assert bus.port(0, 4) == 1 << 31 | 1 << 11 | LINE
    bus.set_port(4, 1, 0x5A)
    assert bus.config(1, LINE, 1) == bus.port(4, 1) == 0x5A
    assert bus.port(5, 1) == 1 and bus.port(4, 4) == 0x0000015A
    assert bus.port(6, 2) == 0 and bus.port(5, 2) == 1
    for address in (1 << 11, 1 << 31 | 1 << 16 | 1 << 11, 1 << 31 | 1 << 8, 1 << 31 | 9 << 11):
        bus.set_port(0, 4, address)  # not enabled, another bus, another function, no device
        assert bus.port(4, 4) == 0xFFFFFFFF
        bus.set_port(4, 4, 0)
    bus.set_port(0, 4, 0xFFFFFFFF)
    assert bus.port(0, 4) == 0x80FFFFFC  # reserved bits stay clear


@pytest.mark.parametrize(("offset", "size"), [(0, 1), (0, 2), (1, 1), (2, 2), (3, 1), (0, 8), (6, 4), (7, 2)])
def test_odd_accesses_of_the_ports_mean_nothing(bus: Bus, offset: int, size: int) -> None:
    bus.set_port(0, 4, 1 << 31 | 1 << 11 | COMMAND)
    bus.set_port(offset, size, 2**63 - 1)
    assert bus.port(offset, size) == (1 << 8 * size) - 1
    assert bus.port(0, 4) == 1 << 31 | 1 << 11 | COMMAND and bus.config(1, COMMAND, 2) == 0


def test_configuration_accesses_of_any_size_and_place(bus: Bus) -> None:
    for where in (0x100, 0xFFC, 0xFFF, 1 << 12, 0xFE, 4 << 15, 31 << 15, (1 << 20) - 1, 1 << 20, 1 << 40, 2**63):
        for size in (1, 2, 4, 8):
            if where != 0xFE or size > 2:
                assert bus.access("e", where, size) == (1 << 8 * size) - 1, (where, size)
                bus.access("E", where, size, 2**63 - 1)
    for offset, size in ((3, 2), (1, 4), (2, 4), (0, 8)):
        assert bus.access("e", 1 << 15 | offset, size) == (1 << 8 * size) - 1
    assert bus.config(1, 1, 2) == 0x421A and bus.config(1, 0, 1) == 0xF4


def test_only_what_is_writable_changes(bus: Bus) -> None:
    before = [bus.config(1, at, 4) for at in range(0, 256, 4)]
    for at in range(0, 256, 4):
        bus.set_config(1, at, 4, 0xFFFFFFFF)
    after = [bus.config(1, at, 4) for at in range(0, 256, 4)]
    changed = {4 * i: after[i] for i in range(64) if after[i] != before[i]}
    window, msix = (PciDisk(bus.host).capability(*which).place for which in ((VENDOR_CAPABILITY, PCI_ACCESS), (MSIX,)))
    assert changed == {
        COMMAND: 0x00100406,
        BAR0: 0xFFFF8004,
        BAR0 + 4: 0xFFFFFFFF,
        LINE: 0x000001FF,
        window + 4: 0xFF,
        window + 8: 0xFFFFFFFF,
        window + 12: 0xFFFFFFFF,
        msix: before[msix // 4] | 0xC0000000,
    }
    assert bus.config(0, COMMAND, 2) == 0 and bus.config(0, BAR0, 4) == 0


def test_the_capabilities_of_virtio(disk: PciDisk) -> None:
    assert disk.config(STATUS_REGISTER, 2) & 0x10 and disk.config(CAPABILITIES, 1) == 0x40
    regions = {}
    for capability in disk.capabilities():
        if capability.kind == VENDOR_CAPABILITY:
            length, kind, bar, _, offset, size = struct.unpack("<BBBB2xII", capability.body[:14])
            assert bar == 0 and length == (20 if kind in (KICK, PCI_ACCESS) else 16)
            regions[kind] = (offset, size)
    assert regions == {
        COMMON: (0, 0x3C),
        KICK: (BAR_KICK, 4),
        ISR: (BAR_ISR, 1),
        DEVICE: (0x2000, 60),
        PCI_ACCESS: (0, 0),
    }
    assert struct.unpack("<I", disk.capability(VENDOR_CAPABILITY, KICK).body[14:18]) == (4,)
    assert struct.unpack("<HII", disk.capability(MSIX).body[:10]) == (1, BAR_MSIX, BAR_PENDING)


# ---- BAR 0 -------------------------------------------------------------------------------------------------------


def test_the_bar_is_decoded_while_memory_is_on_and_moves(disk: PciDisk) -> None:
    first = disk.bar
    assert first % BAR_SIZE == 0 and WINDOW <= first < WINDOW + WINDOW_SIZE
    assert disk.bar_read(0x12, 2) == 1 and disk.bus.kicks(first + BAR_KICK) == 1
    disk.enable(0)
    assert disk.bar_read(0x12, 2) == 0xFFFF and disk.bus.kicks(first + BAR_KICK) == 0
    disk.set_config(BAR0, 4, 0xFFFFFFFF)
    assert disk.config(BAR0, 4) == 0xFFFF8004  # its size, 64 bits, not prefetchable
    moved = WINDOW + WINDOW_SIZE - BAR_SIZE
    disk.set_config(BAR0, 4, moved | 0x7FFF)  # the low bits are not address
    assert disk.bar == moved
    disk.enable()
    assert disk.bar_read(0x12, 2) == 1 and disk.bus.kicks(moved + BAR_KICK) == 1
    assert disk.bus.memory(first + 0x12, 2) == 0xFFFF
    [queue] = disk.start()
    offer_read(disk, queue)
    finish(disk, queue)


@pytest.mark.parametrize(
    "gpa",
    [0, 0x80000000, WINDOW - BAR_SIZE, WINDOW + WINDOW_SIZE, 0xFEC00000, 0xFEE00000, 1 << 32, WINDOW + (1 << 32)],
)
def test_a_bar_outside_the_window_is_not_decoded(disk: PciDisk, gpa: int) -> None:
    home = disk.bar
    disk.set_config(BAR0 + 4, 4, gpa >> 32)
    disk.set_config(BAR0, 4, gpa & 0xFFFFFFFF)
    assert disk.bar == gpa and disk.bus.kicks(gpa + BAR_KICK) == 0
    assert disk.bus.memory(home, 4) == 0xFFFFFFFF
    disk.set_config(BAR0, 4, home)
    disk.set_config(BAR0 + 4, 4, 0)
    assert disk.bar_read(0x12, 2) == 1 and disk.bus.kicks(home + BAR_KICK) == 1


def test_two_bars_in_one_place_are_only_the_drivers_problem(host: Host, disk: PciDisk) -> None:
    other = PciDisk(host, 1)
    other.enable()
    other.set_config(BAR0, 4, disk.bar)
    assert disk.bar_read(0x12, 2) == 1 and disk.bus.kicks(disk.bar + BAR_KICK) == 2
    disk.enable(0)
    assert other.bar_read(0x12, 2) == 1 and disk.bus.kicks(disk.bar + BAR_KICK) == 1
    assert not disk.broken and not other.broken


def test_accesses_at_the_edges_of_the_bar(disk: PciDisk) -> None:
    for offset, size in ((BAR_SIZE - 1, 2), (BAR_SIZE - 4, 8), (BAR_SIZE, 4), (-1, 2)):
        assert disk.bar_read(offset, size) == (1 << 8 * size) - 1
        disk.bar_write(offset, size, 0)
    assert disk.bar_read(BAR_SIZE - 8, 8) == 0


def test_registers_have_one_width(disk: PciDisk) -> None:
    """[CHV #8506] Anything else reads as 0 and changes nothing."""
    disk.start()
    for offset in (*range(0x48), *range(BAR_ISR, BAR_ISR + 4), 0x20FC, 0x2FFF, 0x3001, 0x3002, 0x3FFC, 0x6000, 0x7FF8):
        for size in (1, 2, 4, 8):
            fits = (offset < 0x10 or 0x20 <= offset < 0x38) and size == 4 and offset % 4 == 0
            fits |= 0x10 <= offset < 0x3C and size == 2 and offset % 2 == 0 and offset not in (0x14, 0x20)
            fits |= offset in (0x14, 0x15) and size == 1
            if not fits or size == 8:
                assert disk.bar_read(offset, size) == 0 or offset == BAR_ISR or 0x20 <= offset < 0x38
                disk.bar_write(offset, size, (1 << 8 * size) - 1)
    assert not disk.broken
    still_works(disk)


def test_the_window_in_configuration_space(disk: PciDisk) -> None:
    place = disk.capability(VENDOR_CAPABILITY, PCI_ACCESS).place

    def aim(offset: int, length: int, bar: int = 0) -> None:
        disk.set_config(place + 4, 1, bar)
        disk.set_config(place + 8, 4, offset)
        disk.set_config(place + 12, 4, length)

    disk.enable(0)  # it works without decoding
    aim(0x12, 2)
    assert disk.config(place + 16, 2) == disk.config(place + 16, 4) & 0xFFFF or disk.config(place + 16, 2) == 1
    aim(0x2000, 4)
    assert disk.config(place + 16, 4) == MIB // 512 and disk.config(place + 17, 1) == MIB // 512 >> 8
    aim(0x14, 1)
    disk.set_config(place + 16, 1, 1)
    assert disk.read(STATUS) == 1
    for offset, length, bar in ((0x14, 1, 1), (0x14, 0, 0), (0x14, 3, 0), (0x14, 8, 0), (0x14, 2**31, 0), (0x15, 2, 0)):
        aim(offset, length, bar)
        assert disk.config(place + 16, 4) == 0 or length == 2
        disk.set_config(place + 16, 4, 0)
    for offset in (BAR_SIZE, 2**31, 2**32 - 4):
        aim(offset, 4)
        assert disk.config(place + 16, 4) == 0
        disk.set_config(place + 16, 4, 0xFFFFFFFF)
    assert disk.read(STATUS) == 1


# ---- interrupts --------------------------------------------------------------------------------------------------


def started_with_vectors(disk: PciDisk) -> Queue:
    disk.set_vector(0, 10)
    disk.set_vector(1, 11)
    disk.msix_control(MSIX_ENABLE)
    disk.use_vectors(0, 1)
    [queue] = disk.start()
    return queue


def test_each_vector_sends_its_message(disk: PciDisk) -> None:
    queue = started_with_vectors(disk)
    offer_read(disk, queue)
    finish(disk, queue)
    assert (disk.bus.sent(10), disk.bus.sent(11), disk.bus.line(1)) == (0, 1, 0)
    queue.offer(0xFFFF)
    disk.kick(queue)
    disk.settle()
    assert disk.broken and disk.bus.sent(10) == 1  # DEVICE_NEEDS_RESET is a change of configuration
    assert disk.bar_read(BAR_ISR, 1) == 0


@pytest.mark.parametrize("how", ["vector", "function"])
def test_a_masked_vector_is_pending_and_sent_once(disk: PciDisk, how: str) -> None:
    queue = started_with_vectors(disk)
    if how == "vector":
        disk.mask(1, True)
    else:
        disk.msix_control(MSIX_ENABLE | MSIX_MASK)
    for _ in range(3):
        offer_read(disk, queue)
        finish(disk, queue)
    assert disk.bus.sent(11) == 0 and disk.bar_read(BAR_PENDING, 8) == 2 and disk.bar_read(BAR_PENDING + 4, 4) == 0
    disk.bar_write(BAR_PENDING, 8, 0)  # read-only
    disk.set_vector(1, 12, masked=how == "vector")  # it may be moved meanwhile
    if how == "vector":
        disk.mask(1, False)
    else:
        disk.msix_control(MSIX_ENABLE)
    disk.settle(5)
    assert (disk.bus.sent(11), disk.bus.sent(12)) == (0, 1) and disk.bar_read(BAR_PENDING, 8) == 0


def test_vectors_that_are_none(disk: PciDisk) -> None:
    """[CVE-2024-4693, CHV #7918]"""
    disk.msix_control(MSIX_ENABLE)
    for vector in (2, 255, 256, 0xFFFE, NO_VECTOR):
        disk.use_vectors(vector, vector)
        assert disk.bar_read(CONFIG_VECTOR, 2) == NO_VECTOR and disk.bar_read(QUEUE_VECTOR, 2) == NO_VECTOR
    disk.write(QUEUE_SEL, 0xFFFF)
    disk.bar_write(QUEUE_VECTOR, 2, 0)
    assert disk.bar_read(QUEUE_VECTOR, 2) == NO_VECTOR
    [queue] = disk.start()
    offer_read(disk, queue)
    finish(disk, queue)
    assert disk.interrupts == 0 and disk.bus.line(1) == 0


def test_the_table_takes_words_and_nothing_else(disk: PciDisk) -> None:
    disk.set_vector(0, 10, masked=True)
    assert disk.bar_read(BAR_MSIX, 8) == 0xFEE00000 and disk.bar_read(BAR_MSIX + 8, 8) == 1 << 32 | 10
    for offset, size in ((0, 1), (0, 2), (2, 2), (2, 4), (4, 8), (12, 8), (32, 4), (32, 8), (0xFFC, 4)):
        disk.bar_write(BAR_MSIX + offset, size, (1 << 8 * size) - 1)
        assert disk.bar_read(BAR_MSIX + offset, size) == 0
    assert disk.bar_read(BAR_MSIX, 8) == 0xFEE00000 and disk.bar_read(BAR_MSIX + 8, 8) == 1 << 32 | 10
    disk.bar_write(BAR_MSIX + 12, 4, 0xFFFFFFFF)
    assert disk.bar_read(BAR_MSIX + 12, 4) == 1


def test_a_reset_forgets_vectors_and_keeps_the_table(disk: PciDisk) -> None:
    started_with_vectors(disk)
    disk.reset()
    assert disk.bar_read(CONFIG_VECTOR, 2) == NO_VECTOR and disk.bar_read(QUEUE_VECTOR, 2) == NO_VECTOR
    assert disk.bar_read(BAR_MSIX + 24, 4) == 11
    disk.use_vectors(0, 1)
    [queue] = disk.start()
    offer_read(disk, queue)
    finish(disk, queue)
    assert disk.bus.sent(11) == 1


def test_the_line_is_raised_until_the_isr_is_read(disk: PciDisk) -> None:
    [queue] = disk.start()
    offer_read(disk, queue)
    finish(disk, queue)
    assert disk.bus.line(1) == 1 and disk.config(STATUS_REGISTER, 2) & STATUS_INTX
    assert disk.bar_read(BAR_ISR, 1) == 1
    assert disk.bus.line(1) == 0 and not disk.config(STATUS_REGISTER, 2) & STATUS_INTX
    assert disk.bar_read(BAR_ISR, 1) == 0
    disk.enable(MEMORY | MASTER | NO_INTX)
    offer_read(disk, queue)
    finish(disk, queue)
    assert disk.bus.line(1) == 0 and disk.config(STATUS_REGISTER, 2) & STATUS_INTX
    disk.enable()
    assert disk.bus.line(1) == 1
    disk.msix_control(MSIX_ENABLE)
    assert disk.bus.line(1) == 0
    disk.msix_control(0)
    assert disk.bus.line(1) == 1
    disk.reset()
    assert disk.bus.line(1) == 0


def test_configuration_changes_are_told(host: Host) -> None:
    gate = Device(host, 2)
    gate.start()
    generation = gate.read(0xFC)
    gate.write(0x100, 77, 8)
    assert gate.read(0xFC) != generation and gate.read(0x100, 8) == 77
    assert gate.read(0x60) == 2  # the ISR's configuration bit


# ---- queues ------------------------------------------------------------------------------------------------------


def reset_queue(device: Device) -> None:
    device.write(QUEUE_SEL, 0)
    device.write(QUEUE_RESET, 1)
    assert device.read(QUEUE_RESET) == 0 and device.read(QUEUE_READY) == 0


@pytest.mark.parametrize("transport", ["mmio", "pci"])
def test_a_queue_is_reset_alone_and_starts_anew(transport: str, host: Host) -> None:
    disk = PciDisk(host)
    [queue] = disk.start()
    data = bytes(range(256)) * 2
    assert disk.write_blocks(queue, 3, data) == OK
    reset_queue(disk)
    assert disk.read(QUEUE_NUM_MAX) == 256
    queue.offer(0)
    queue.kick()
    disk.settle(5)
    assert queue.used_idx() == 1
    again = Queue(disk, 0, 16, 0x20000)
    disk.program(again)
    assert disk.read_blocks(again, 3, 512) == (OK, data) and not disk.broken


@pytest.mark.parametrize("transport", ["mmio", "pci"])
def test_a_queue_reset_waits_for_requests_in_flight(transport: str, host: Host) -> None:
    gate = Device(host, 2)
    queue, other = gate.start(queues=2)
    host.ask("g")
    for one in (queue, other):
        one.offer(one.chain(0, [(0x80000 + 16 * one.index, 4, WRITE)]))
        one.kick()
    gate.settle(5)
    host.ask("u 30")
    reset_queue(gate)
    assert host.get(0x80000, 4) == b"gate"
    host.put(0x80000, bytes(4))
    until(gate, lambda: other.take_used() == (0, 4))
    assert host.get(0x80000, 4) == bytes(4)


@pytest.mark.parametrize("transport", ["mmio", "pci"])
def test_a_queue_reset_needs_the_feature(transport: str, host: Host) -> None:
    disk = PciDisk(host)
    assert disk.offered() >> F_RING_RESET & 1
    [queue] = disk.start(features=1 << F_VERSION_1)
    disk.write(QUEUE_SEL, 0)
    disk.write(QUEUE_RESET, 1)
    assert disk.read(QUEUE_READY) == 1
    assert disk.write_blocks(queue, 3, bytes(512)) == OK


def test_writes_of_the_ready_register_are_one_way(disk: PciDisk) -> None:
    [queue] = disk.start()
    disk.write(QUEUE_SEL, 0)
    for value in (0, 2, 0xFFFF):
        disk.write(QUEUE_READY, value)
    assert disk.read(QUEUE_READY) == 1 and disk.write_blocks(queue, 3, bytes(512)) == OK
    disk.write(QUEUE_NUM, 128)
    assert disk.broken


def test_every_broken_rule_breaks_the_device_as_over_mmio(host: Host, disk: PciDisk) -> None:
    bystander = Bystander(host)
    for name, (attack, reason) in ATTACKS.items():
        if name == "status-wide":
            continue  # the status is one byte here
        [queue] = disk.start()
        attack(disk, queue)
        disk.settle(5)
        assert disk.broken, f"{name}: {reason}"
        queue.kick()
        bystander.check(name.encode())
        still_works(disk)
        disk.reset()


# ---- anything at all -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_random_accesses(host: Host, disk: PciDisk, seed: int) -> None:
    rng = random.Random(seed)
    other = PciDisk(host, 1)
    other.enable()
    bystander = Bystander(host)
    home = disk.bar
    values = [0, 1, 2, 3, 4, 6, 7, 0xB, 0xF, 0x40, 0xFF, 0x100, 0x8000, 0xC000, 0xFFFF, home, 2**31, 2**32 - 1]
    for _ in range(700):
        size, value = rng.choice([1, 2, 4, 4, 4, 8]), rng.choice(values)
        match rng.choice(["config", "port", "bar", "bar", "bar"]):
            case "config":
                register = rng.choice([COMMAND, BAR0, BAR0 + 4, LINE, *range(0x40, 0xB0, 2)])
                disk.set_config(register, rng.choice([1, 2, 4]), value)
                disk.config(register, 4)
            case "port":
                disk.bus.set_port(0, 4, 1 << 31 | 1 << 11 | rng.randrange(256))
                disk.bus.set_port(rng.randrange(4, 8), rng.choice([1, 2, 4]), value)
            case _:
                page = rng.choice([0, 0, 0, BAR_ISR, 0x2000, BAR_KICK, BAR_MSIX, BAR_PENDING])
                offset = page + rng.randrange(64) // rng.choice([1, 2, 4]) * rng.choice([1, 2, 4])
                disk.bus.set_memory(home + offset, size, value)
                disk.bus.memory(home + offset, size)
        if rng.random() < 0.05:
            disk.set_config(BAR0, 4, home)
            disk.set_config(BAR0 + 4, 4, 0)
            disk.enable()
    disk.settle()
    disk.msix_control(0)
    bystander.check(b"after")
    still_works(disk)
