"""devices/blk.c through a queue: every request type, what is refused, and how a request may be laid out."""

from __future__ import annotations

import struct
import tempfile

import pytest

from tests.devices.conftest import StartHost
from tests.devices.fake_driver import (
    CONFIG,
    F_CONFIG_WCE,
    F_DISCARD,
    F_EVENT_IDX,
    F_FLUSH,
    F_INDIRECT,
    F_MQ,
    F_RO,
    F_VERSION_1,
    F_WRITE_ZEROES,
    HIGH,
    INDIRECT,
    IOERR,
    MIB,
    NEXT,
    OK,
    T_DISCARD,
    T_FLUSH,
    T_GET_ID,
    T_IN,
    T_OUT,
    T_WRITE_ZEROES,
    UNSUPP,
    WRITE,
    Desc,
    Disk,
    Host,
)

SECTORS = MIB // 512
PATTERN = bytes(range(256)) * 16


def ranges(*items: tuple[int, int, int]) -> bytes:
    return b"".join(struct.pack("<QII", *item) for item in items)


def test_configuration_space_describes_the_disk(disk: Disk) -> None:
    disk.start()
    assert disk.read(CONFIG) == SECTORS and disk.read(CONFIG + 4) == 0
    assert disk.read(CONFIG, 8) == SECTORS
    assert disk.read(CONFIG + 20) == 512  # blk_size
    assert disk.read(CONFIG + 12) == 254  # seg_max
    assert disk.read(CONFIG + 32, 1) == 1  # writeback
    assert disk.read(CONFIG + 34, 2) == 1  # num_queues
    assert disk.read(CONFIG + 60) == 0 and disk.read(CONFIG + 0xE00, 8) == 0


def test_offers_what_it_can_do(disk: Disk) -> None:
    bits = disk.offered()
    wanted = (F_FLUSH, F_MQ, F_DISCARD, F_WRITE_ZEROES, F_CONFIG_WCE, F_INDIRECT, F_EVENT_IDX, F_VERSION_1)
    assert all(bits >> bit & 1 for bit in wanted)
    assert not bits >> F_RO & 1


def test_writes_are_in_the_file_and_read_back(disk: Disk) -> None:
    [queue] = disk.start()
    assert disk.write_blocks(queue, 8, PATTERN) == OK
    assert disk.host.disks[0].read_bytes()[4096:8192] == PATTERN
    assert disk.read_blocks(queue, 8, 4096) == (OK, PATTERN)
    assert disk.read_blocks(queue, SECTORS - 1, 512) == (OK, bytes(512))


def test_used_length_counts_data_and_status(disk: Disk) -> None:
    [queue] = disk.start()
    disk.put_header(T_IN, 0)
    queue.chain(0, [(disk.HEADER, 16, 0), (disk.DATA, 1024, WRITE), (disk.STATUS_BYTE, 1, WRITE)])
    queue.offer(0)
    queue.kick()
    assert disk.wait() and queue.take_used() == (0, 1025)


def test_requests_split_any_way(disk: Disk) -> None:
    """The header over two descriptors, data over many, status and data in one descriptor."""
    [queue] = disk.start()
    disk.host.put(disk.DATA, PATTERN)
    disk.put_header(T_OUT, 16)
    pieces = [(disk.HEADER, 5, 0), (disk.HEADER + 5, 11, 0), (disk.DATA, 1, 0), (disk.DATA + 1, 4095, 0)]
    assert disk.run(queue, queue.chain(0, [*pieces, (disk.STATUS_BYTE, 1, WRITE)])) == OK
    assert disk.host.disks[0].read_bytes()[8192:12288] == PATTERN

    at = 0x90000  # header and data in one descriptor
    disk.host.put(at, struct.pack("<IIQ", T_OUT, 0, 0) + PATTERN[:512])
    assert disk.run(queue, queue.chain(0, [(at, 528, 0), (disk.STATUS_BYTE, 1, WRITE)])) == OK
    assert disk.host.disks[0].read_bytes()[:512] == PATTERN[:512]
    disk.put_header(T_IN, 16)
    head = queue.chain(0, [(disk.HEADER, 16, 0), (disk.DATA + 8192, 4097, WRITE)])
    queue.offer(head)
    queue.kick()
    assert disk.wait()
    assert disk.host.get(disk.DATA + 8192, 4097) == PATTERN + b"\0"


def test_indirect_descriptors(disk: Disk) -> None:
    [queue] = disk.start()
    assert disk.write_blocks(queue, 0, PATTERN) == OK
    disk.put_header(T_IN, 0)
    table, answer = 0x90000, 0x91000
    chain = [Desc(disk.HEADER, 16, NEXT, 2), Desc(disk.STATUS_BYTE, 1, WRITE), Desc(answer, 4096, NEXT | WRITE, 1)]
    disk.host.put(table, b"".join(desc.packed() for desc in chain))
    queue.write_desc(5, Desc(table, 48, INDIRECT))
    assert disk.run(queue, 5) == OK
    assert disk.host.get(answer, 4096) == PATTERN


def test_direct_descriptors_before_an_indirect_one(disk: Disk) -> None:
    """Virtio 1.2, 2.7.5.3.2: a device must take normal descriptors followed by one indirect."""
    [queue] = disk.start()
    disk.put_header(T_IN, 0)
    table = 0x90000
    disk.host.put(table, Desc(disk.DATA, 512, NEXT | WRITE, 1).packed() + Desc(disk.STATUS_BYTE, 1, WRITE).packed())
    queue.write_desc(0, Desc(disk.HEADER, 16, NEXT, 9))
    queue.write_desc(9, Desc(table, 32, INDIRECT))
    assert disk.run(queue, 0) == OK


def test_buffers_across_touching_regions_and_above_the_hole(disk: Disk) -> None:
    [queue] = disk.start()
    disk.host.put(MIB - 700, PATTERN)
    assert disk.request(queue, T_OUT, 0, [(MIB - 700, 4096, 0)]) == OK
    assert disk.host.disks[0].read_bytes()[:4096] == PATTERN
    assert disk.request(queue, T_IN, 0, [(HIGH + 100, 4096, WRITE)]) == OK
    assert disk.host.get(HIGH + 100, 4096) == PATTERN


def test_flush_and_get_id(disk: Disk) -> None:
    [queue] = disk.start()
    assert disk.request(queue, T_FLUSH, 0, []) == OK
    disk.host.put(disk.DATA, b"\xaa" * 20)
    assert disk.request(queue, T_GET_ID, 0, [(disk.DATA, 20, WRITE)]) == OK
    assert disk.host.get(disk.DATA, 20) == b"serial-0".ljust(20, b"\0")
    disk.host.put(disk.DATA, b"\xaa" * 20)
    assert disk.request(queue, T_GET_ID, 0, [(disk.DATA, 6, WRITE)]) == OK
    assert disk.host.get(disk.DATA, 8) == b"serial\xaa\xaa"


@pytest.mark.parametrize("kind", [T_DISCARD, T_WRITE_ZEROES])
@pytest.mark.parametrize("flags", [0, 1])
def test_clearing_ranges(disk: Disk, kind: int, flags: int) -> None:
    [queue] = disk.start()
    for sector in range(0, 64, 8):
        assert disk.write_blocks(queue, sector, PATTERN) == OK
    data = ranges((8, 8, flags), (24, 16, flags))
    disk.host.put(disk.DATA, data)
    status = disk.request(queue, kind, 0, [(disk.DATA, len(data), 0)])
    content = disk.host.disks[0].read_bytes()
    if kind == T_DISCARD and flags:
        assert status == UNSUPP and content[4096:8192] == PATTERN  # the bit is reserved there
        return
    assert status == OK
    assert content[4096:8192] == bytes(4096) and content[12288:20480] == bytes(8192)
    assert content[:4096] == content[8192:12288] == content[20480:24576] == PATTERN
    assert len(content) == MIB


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (ranges((SECTORS - 1, 2, 0)), IOERR),
        (ranges((SECTORS, 1, 0)), IOERR),
        (ranges((2**64 - 1, 2, 0)), IOERR),
        (ranges((2**55, 1, 0)), IOERR),
        (ranges((0, 2**32 - 1, 0)), IOERR),
        (ranges((0, 8, 2)), UNSUPP),
        (ranges((0, 8, 0))[:15], IOERR),
        (ranges((0, 8, 0)) + b"\0", IOERR),
        (ranges(*[(0, 1, 0)] * 17), IOERR),
        (b"", IOERR),
        (ranges((0, 8, 0), (SECTORS, 8, 0)), IOERR),
    ],
    ids=["over-end", "at-end", "wraps", "bytes-wrap", "long", "flags", "short", "uneven", "many", "none", "second"],
)
@pytest.mark.parametrize("kind", [T_DISCARD, T_WRITE_ZEROES])
def test_bad_ranges_touch_nothing(disk: Disk, kind: int, data: bytes, status: int) -> None:
    [queue] = disk.start()
    assert disk.write_blocks(queue, 0, PATTERN) == OK
    disk.host.put(disk.DATA, data)
    buffers = [(disk.DATA, len(data), 0)] if data else []
    assert disk.request(queue, kind, 0, buffers) == status
    assert disk.host.disks[0].read_bytes()[:4096] == PATTERN


def test_a_reset_does_not_wait_for_all_the_zeroes(start_host: StartHost) -> None:
    """A file system that cannot zero a range leaves it to us: 16 ranges of 16 MiB here, of 2 GiB if a driver likes."""
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as file:
        file.truncate(16 * MIB)
        host = start_host(f"blk,disk={file.name}")
        disk = Disk(host, 3)
        [queue] = disk.start()
        host.put(disk.DATA, ranges(*[(0, 16 * MIB // 512, 0)] * 16))
        disk.put_header(T_WRITE_ZEROES, 0)
        queue.offer(queue.chain(0, [(disk.HEADER, 16, 0), (disk.DATA, 256, 0), (disk.STATUS_BYTE, 1, WRITE)]))
        queue.kick()
        disk.settle(1)
        disk.reset()
        assert host.get(disk.STATUS_BYTE, 1) == bytes([IOERR])


def test_ranges_need_their_feature(disk: Disk) -> None:
    [queue] = disk.start(features=1 << F_VERSION_1 | 1 << F_FLUSH)
    disk.host.put(disk.DATA, ranges((0, 8, 0)))
    for kind in (T_DISCARD, T_WRITE_ZEROES):
        assert disk.request(queue, kind, 0, [(disk.DATA, 16, 0)]) == UNSUPP


@pytest.mark.parametrize(
    ("sector", "size"),
    [
        (SECTORS, 512),
        (SECTORS - 1, 1024),
        (2**64 - 1, 512),
        (2**64 - 1, 1024),
        (2**55, 512),
        (2**63, 4096),
        (0, 511),
        (0, 513),
    ],
)
def test_out_of_range_or_uneven(disk: Disk, sector: int, size: int) -> None:
    [queue] = disk.start()
    disk.host.put(disk.DATA, b"\xaa" * 4096)
    assert disk.request(queue, T_OUT, sector, [(disk.DATA, size, 0)]) == IOERR
    assert disk.read_blocks(queue, sector, size) == (IOERR, b"\xaa" * size)
    assert disk.host.disks[0].read_bytes() == bytes(MIB)
    assert not disk.broken


def test_directions_and_missing_parts(disk: Disk) -> None:
    [queue] = disk.start()
    assert disk.request(queue, T_OUT, 0, [(disk.DATA, 512, WRITE)]) == IOERR  # data in the wrong direction
    assert disk.request(queue, T_IN, 0, [(disk.DATA, 512, 0)]) == IOERR
    assert disk.request(queue, T_IN, 0, []) == IOERR
    assert disk.request(queue, T_OUT, 0, []) == IOERR
    disk.put_header(T_IN, 0)
    assert disk.run(queue, queue.chain(0, [(disk.HEADER, 15, 0), (disk.STATUS_BYTE, 1, WRITE)])) == IOERR
    assert disk.run(queue, queue.chain(0, [(disk.STATUS_BYTE, 1, WRITE)])) == IOERR  # no header at all
    assert not disk.broken


def test_without_a_status_byte_the_chain_comes_back_empty(disk: Disk) -> None:
    [queue] = disk.start()
    disk.put_header(T_OUT, 0)
    disk.host.put(disk.DATA, PATTERN)
    queue.offer(queue.chain(0, [(disk.HEADER, 16, 0), (disk.DATA, 4096, 0)]))
    queue.kick()
    assert disk.wait() and queue.take_used() == (0, 0)
    assert disk.host.disks[0].read_bytes() == bytes(MIB)


@pytest.mark.parametrize("kind", [2, 3, 9, 10, 14, 16, 2**32 - 1])
def test_unknown_types(disk: Disk, kind: int) -> None:
    [queue] = disk.start()
    assert disk.request(queue, kind, 0, [(disk.DATA, 512, WRITE)]) == UNSUPP


def test_read_only_refuses_every_change(start_host: StartHost) -> None:
    disk = Disk(start_host(read_only=True), 0)
    assert disk.offered() >> F_RO & 1 and not disk.offered() >> F_DISCARD & 1
    [queue] = disk.start()
    assert disk.write_blocks(queue, 0, PATTERN) == IOERR
    disk.host.put(disk.DATA, ranges((0, 8, 0)))
    assert disk.request(queue, T_WRITE_ZEROES, 0, [(disk.DATA, 16, 0)]) == UNSUPP
    assert disk.read_blocks(queue, 0, 512) == (OK, bytes(512))
    assert disk.request(queue, T_FLUSH, 0, []) == OK


def test_write_cache_can_be_switched_only_when_agreed(disk: Disk) -> None:
    disk.start(features=1 << F_VERSION_1 | 1 << F_FLUSH)
    disk.write(CONFIG + 32, 0, 1)
    assert disk.read(CONFIG + 32, 1) == 1
    disk.reset()
    [queue] = disk.start()
    disk.write(CONFIG + 32, 0, 1)
    assert disk.read(CONFIG + 32, 1) == 0
    assert disk.write_blocks(queue, 0, PATTERN) == OK
    disk.write(CONFIG, 0)  # the capacity is not the driver's
    assert disk.read(CONFIG, 8) == SECTORS
    disk.reset()
    assert disk.read(CONFIG + 32, 1) == 1


def test_every_queue_and_a_full_ring(start_host: StartHost) -> None:
    host: Host = start_host(queues=4)
    disk = Disk(host, 0)
    assert disk.read(CONFIG + 34, 2) == 4
    queues = disk.start(queues=4)
    for queue in queues:
        for i in range(21):  # 63 of 64 descriptors
            at = 0x80000 + 0x10000 * queue.index + 0x800 * i
            sector = queue.index * 64 + i
            host.put(at, struct.pack("<IIQ", T_OUT, 0, sector) + bytes([sector & 0xFF, i]) * 256)
            queue.chain(3 * i, [(at, 16, 0), (at + 16, 512, 0), (at + 1024, 1, WRITE)])
            queue.offer(3 * i)
        queue.kick()
    disk.settle(300)
    for queue in queues:
        heads = [queue.take_used() for _ in range(21)]
        assert sorted(filter(None, heads)) == [(3 * i, 1) for i in range(21)] and queue.take_used() is None
        for i in range(21):
            sector = queue.index * 64 + i
            content = host.disks[0].read_bytes()[sector * 512 : sector * 512 + 512]
            assert content == bytes([sector & 0xFF, i]) * 256


def test_event_idx_suppresses_and_requests_interrupts(disk: Disk) -> None:
    [queue] = disk.start(features=disk.offered())
    used_event = queue.avail + 4 + 2 * queue.num
    disk.host.put(used_event, struct.pack("<H", 0))
    assert disk.read_blocks(queue, 0, 512)[0] == OK  # interrupt at used 0 -> 1
    disk.host.put(used_event, struct.pack("<H", 5))
    disk.put_header(T_FLUSH, 0)
    queue.chain(0, [(disk.HEADER, 16, 0), (disk.STATUS_BYTE, 1, WRITE)])
    queue.offer(0)
    queue.kick()
    assert not disk.wait(60) and queue.take_used() == (0, 1)  # 2 is not past 5
    avail_event = struct.unpack("<H", disk.host.get(queue.used + 4 + 8 * queue.num, 2))[0]
    assert avail_event == queue.avail_idx  # the device asks for the very next kick
    disk.host.put(used_event, struct.pack("<H", 2))
    queue.offer(0)
    queue.kick()
    assert disk.wait()


def test_no_interrupt_when_the_driver_says_so(disk: Disk) -> None:
    [queue] = disk.start()
    disk.host.put(queue.avail, struct.pack("<H", 1))
    disk.put_header(T_FLUSH, 0)
    queue.offer(queue.chain(0, [(disk.HEADER, 16, 0), (disk.STATUS_BYTE, 1, WRITE)]))
    queue.kick()
    assert not disk.wait(60) and queue.take_used() == (0, 1)
