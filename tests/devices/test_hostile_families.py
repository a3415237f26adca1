"""A hostile front end: every family of bad input, for each device that `vmm serve` has, on split and packed rings.

After each attack the daemon has refused a message, hung up, or signalled the ring's error descriptor (REJECT), or it
does not mind (PASS); either way the next connection gets a device that works.  The same as a guest program, on both
transports, is tests/guest/test_hostile_families.py, whose families these are.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cpc.runtime_library import build_vmm
from tests.devices.fake_driver import INDIRECT, MIB, NEXT, WRITE, Desc, PackedQueue, Queue
from tests.devices.front_end import (
    GET_CONFIG,
    GET_VRING_BASE,
    RESET_DEVICE,
    SET_CONFIG,
    SET_FEATURES,
    SET_PROTOCOL_FEATURES,
    SET_VRING_ADDR,
    SET_VRING_BASE,
    SET_VRING_ENABLE,
    SET_VRING_ERR,
    SET_VRING_KICK,
    SET_VRING_NUM,
    UVA,
    Daemon,
    FrontEnd,
)
from tests.guest.test_hostile_families import families_of

Buffer = tuple[int, int, int]  # gpa, size, flags
HEADER, STATUS, DATA, TABLE = 0x80000, 0x80100, 0x81000, 0x90000
RING_OF = {"blk": 0, "rng": 0, "console": 1, "net": 2}  # the ring that answers without anybody's help
GOOD: dict[str, list[Buffer]] = {
    "blk": [(HEADER, 16, 0), (DATA, 512, WRITE), (STATUS, 1, WRITE)],
    "rng": [(DATA, 16, WRITE)],
    "console": [(DATA, 6, 0)],
    "net": [(HEADER, 3, 0), (STATUS, 1, WRITE)],
}
PATIENCE = 0.1  # seconds after which an attack had no effect


class Victim:
    """A connection with the ring in question running, and what attacks do with it."""

    def __init__(self, daemon: Daemon) -> None:
        self.device = daemon.device
        self.front = FrontEnd(daemon)
        self.front.negotiate()
        self.front.share_memory()
        self.error = os.eventfd(0)
        self.number = RING_OF[self.device]
        self.refused = False
        self.message(SET_VRING_ERR, struct.pack("<Q", self.number), self.error)
        self.queue = self.front.ring(self.number)
        self.front.put(HEADER, struct.pack("<IIQ", 0, 0, 0) if self.device == "blk" else b"\0\0\1")
        self.good = list(GOOD[self.device])

    def close(self) -> None:
        self.front.close()
        os.close(self.error)

    def message(self, request: int, payload: bytes = b"", *fds: int) -> None:
        try:
            self.refused |= not self.front.accepted(request, payload, fds)
        except OSError:
            self.refused = True

    def send(self, buffers: list[Buffer], head: int = 0, advance: int = 1, ring: Queue | None = None) -> None:
        queue = ring or self.queue
        queue.chain(0, buffers)
        if isinstance(queue, PackedQueue):
            queue.offer(head)
        else:
            queue.offer(head, advance=advance)
        queue.kick()

    def answer(self) -> tuple[int, int] | None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and not self.broken():
            try:
                if (used := self.queue.take_used()) is not None:
                    return used
            except KeyError:  # a packed ring's ID that nobody offered: the driver wrote it itself
                return None
            time.sleep(0.0005)
        return None

    def broken(self) -> bool:
        return bool(select.select([self.error], [], [], 0)[0])

    def works(self) -> bool:
        self.send(self.good)
        head, size = self.front.wait_used(self.queue)
        fits = {"blk": size == 513, "rng": 0 < size <= 16, "console": size == 0, "net": size == 1}
        return head == 0 and fits[self.device]


Attack = Callable[[Victim], None]


def changed(part: int, **what: int) -> Attack:
    """The good chain with a field of one descriptor changed."""

    def attack(victim: Victim) -> None:
        gpa, size, flags = victim.good[part]
        victim.good[part] = (what.get("gpa", gpa), what.get("size", size), flags ^ what.get("flip", 0))
        victim.send(victim.good)

    return attack


def only(*buffers: Buffer, ring: int | None = None) -> Attack:
    def attack(victim: Victim) -> None:
        queue = None if ring in (None, victim.number) else victim.front.ring(ring or 0)
        victim.send(list(buffers), ring=queue)

    return attack


def linked(next: int) -> Attack:
    """The last descriptor goes on; in a packed ring the chain is as long as the ring."""

    def attack(victim: Victim) -> None:
        if isinstance(victim.queue, PackedQueue):
            victim.queue.offer_slots([(DATA, 1, 0, NEXT)] * 64)
        else:
            victim.queue.chain(0, victim.good)
            gpa, size, flags = victim.good[-1]
            victim.queue.write_desc(len(victim.good) - 1, Desc(gpa, size, flags | NEXT, next))
            victim.queue.offer(0)
        victim.queue.kick()

    return attack


def indirect(size: int | None = None, gpa: int = TABLE, flags: int = 0, inner: int | None = None) -> Attack:
    def attack(victim: Victim) -> None:
        entries = victim.good if inner is None else [(TABLE, 16, inner)]
        packed = isinstance(victim.queue, PackedQueue)
        for i, (at, length, flag) in enumerate(entries):
            more = NEXT if i + 1 < len(entries) and not packed else 0
            third, last = (0, flag) if packed else (flag | more, i + 1)
            victim.front.put(TABLE + 16 * i, struct.pack("<QIHH", at, length, third, last))
        victim.send([(gpa, 16 * len(entries) if size is None else size, INDIRECT | flags)])

    return attack


def offered(head: int = 0, advance: int = 1, times: int = 1) -> Attack:
    def attack(victim: Victim) -> None:
        for _ in range(times):
            victim.queue.chain(0, victim.good)
            if isinstance(victim.queue, PackedQueue):
                victim.queue.offer(head)
            else:
                victim.queue.offer(head, advance=advance)
        victim.queue.kick()

    return attack


def says(request: int, format: str, *values: int) -> Attack:
    return lambda victim: victim.message(request, struct.pack("<" + format, *values))


def stopped_then(request: int, format: str, *values: int) -> Attack:
    """The ring is stopped, one thing about it is wrong, and it is started again."""

    def attack(victim: Victim) -> None:
        victim.front.call(GET_VRING_BASE, struct.pack("<II", victim.number, 0))
        victim.message(request, struct.pack("<" + format, *(victim.number if v == RING else v for v in values)))
        if not victim.refused:
            victim.message(SET_VRING_KICK, struct.pack("<Q", victim.number), os.eventfd(0))

    return attack


RING = -1  # in the values of stopped_then: the victim's ring


def kicks_while_stopped(victim: Victim) -> None:
    victim.message(SET_VRING_ENABLE, struct.pack("<II", victim.number, 0))
    for _ in range(20):
        victim.queue.kick()
    victim.message(SET_VRING_ENABLE, struct.pack("<II", victim.number, 1))


def kicks_for_nothing(victim: Victim) -> None:
    for _ in range(100):
        victim.queue.kick()


def kicks_after_reset(victim: Victim) -> None:
    victim.message(RESET_DEVICE)
    victim.queue.kick()


def changes_after_kick(victim: Victim) -> None:
    victim.send(victim.good)
    victim.front.put(victim.queue.desc, b"\xff" * 64)
    victim.front.put(HEADER, b"\xff" * 16)


def the_same_fault(victim: Victim) -> None:
    changed(0, gpa=2**64 - 1)(victim)
    for _ in range(50):
        victim.queue.kick()
    offered(head=63)(victim)


def own(device: str) -> dict[str, Attack]:
    """Families 11 and 13: requests of the device's own."""

    def ask(kind: int, sector: int, size: int = 512, flags: int = WRITE, header: int = 16) -> Attack:
        def attack(victim: Victim) -> None:
            victim.front.put(HEADER, struct.pack("<IIQ", kind, 0, sector))
            victim.send([(HEADER, header, 0), (DATA, size, flags), (STATUS, 1, WRITE)])

        return attack

    def command(data: bytes, ring: int, answer: bool = True) -> Attack:
        def attack(victim: Victim) -> None:
            victim.front.put(DATA, data)
            only((DATA, len(data), 0), *[(STATUS, 1, WRITE)] * answer, ring=ring)(victim)

        return attack

    match device:
        case "blk":
            return {
                "sector at the end": ask(0, MIB // 512), "sector wraps": ask(0, 2**64 - 1, 1024),
                "bytes wrap": ask(1, 2**55, 512, 0), "unknown type": ask(2**32 - 1, 0), "SCSI": ask(2, 0),
                "uneven": ask(0, 0, 511), "short header": ask(0, 0, header=7), "short ID": ask(8, 0, 1),
                "half a range": ask(11, 0, 8, 0), "too many ranges": ask(13, 0, 17 * 16, 0),
            }  # fmt: skip
        case "rng":
            return {"room that overlaps": only(*[(0, MIB, WRITE)] * 40), "no room": only((DATA, 16, 0))}
        case "console":
            return {
                "short message": command(b"\0", 3, False), "nonsense": command(b"\xff" * 8, 3, False),
                "long message": command(b"\x01" * 4096, 3, False), "ready": command(bytes(6) + b"\1\0", 3, False),
                "answer without room": only((DATA, 1, WRITE), ring=2),
            }  # fmt: skip
        case _:
            return {
                "half a command": command(b"\1", 2), "table too long": command(b"\1\0\xff\xff\xff\xff\1\2\3", 2),
                "second table": command(b"\1\0\0\0\0\0\xab\xaa\xaa\x2a", 2), "pairs": command(b"\4\0\xff\xff", 2),
                "unknown": command(b"\xff\xff\0", 2), "no answer": command(b"\0\0\1", 2, False),
                "short packet": command(bytes(11), 1, False), "header alone": command(bytes(12), 1, False),
                "header lies": command(b"\1\xff" + b"\xff" * 100, 1, False),
                "too long": only(*[(0, MIB, 0)] * 3, ring=1), "received into a byte": only((DATA, 1, WRITE), ring=0),
            }  # fmt: skip


def attacks(device: str, packed: bool) -> Iterator[tuple[int, str, Attack]]:
    base = 0x10000 * (RING_OF[device] + 1)
    last = len(GOOD[device]) - 1
    split = not packed
    links = {"itself": last, "first": 0, "next out of range": 64, "far": 0xFFFF} if split else {"as the ring": 0}
    yield from ((1, name, linked(next)) for name, next in links.items())
    places = {
        "0": 0, "past memory": MIB, "hole": 0xC0000000, "end": MIB - 1, "last": 2**64 - 1, "descriptors": base,
        "available": base + 0x4000, "used": base + 0x6000, "the front end's": UVA,
    }  # fmt: skip
    for part in {0, last}:
        yield from ((2, f"{name}, part {part}", changed(part, gpa=gpa)) for name, gpa in places.items())
        sizes = {"0": 0, "2^32 - 1": 2**32 - 1, "beyond": MIB}
        yield from ((3, f"{name}, part {part}", changed(part, size=size)) for name, size in sizes.items())
        yield 3, f"wraps, part {part}", changed(part, gpa=2**64 - 16, size=32)
        yield 4, f"part {part} flipped", changed(part, flip=WRITE)
    yield 3, "sum", only(*[(0, MIB, WRITE)] * 60)
    yield 4, "writable first", only((DATA, 16, WRITE), (HEADER, 16, 0))
    yield 4, "first alone", only(*GOOD[device][:1])
    yield 4, "last alone", only(*GOOD[device][-1:])
    tables = {
        "as it should be": indirect(), "0": indirect(0), "uneven": indirect(17), "huge": indirect(2**32 - 16),
        "1025": indirect(16 * 1025), "off memory": indirect(gpa=0xD0000000), "end": indirect(32, gpa=MIB - 16),
        "misaligned": indirect(gpa=TABLE + 1), "next": indirect(flags=NEXT), "nested": indirect(inner=INDIRECT),
        "loop": indirect(inner=NEXT), "the ring": indirect(256, gpa=base),
    }  # fmt: skip
    yield from ((5, name, attack) for name, attack in tables.items())
    jumps = {"jump": offered(advance=65), "back": offered(advance=-1), "all": offered(advance=64)} if split else {}
    heads = {"head": offered(64), "far head": offered(0xFFFF), "twice": offered(times=2)}
    yield from ((6, name, attack) for name, attack in (heads | jumps).items())
    yield 7, "stopped", kicks_while_stopped
    yield 7, "for nothing", kicks_for_nothing
    yield 7, "after a reset", kicks_after_reset
    yield 8, "unknown features", says(SET_FEATURES, "Q", 2**63)
    yield 8, "other features while it runs", says(SET_FEATURES, "Q", 1 << 32)
    yield 8, "protocol features", says(SET_PROTOCOL_FEATURES, "Q", 2**64 - 1)
    for num in (0, 63, 512, 2**32 - 1):
        yield 9, f"size {num}", stopped_then(SET_VRING_NUM, "II", RING, num)
    rings = {"misaligned": (8, 0x6000, 0x4000), "overlap": (0, 0, 0), "outside": (MIB, 0x6000, 0x4000)}
    for name, offsets in (rings | {"end": (MIB - base - 16, 0x6000, 0x4000)}).items():
        yield 9, name, stopped_then(SET_VRING_ADDR, "IIQQQQ", RING, 0, *(UVA + base + offset for offset in offsets), 0)
    yield 9, "base", stopped_then(SET_VRING_BASE, "II", RING, 0xFFFFFFFF if split else 0x80418041)
    yield 9, "size while it runs", says(SET_VRING_NUM, "II", RING_OF[device], 32)
    yield 9, "moved while it runs", says(SET_VRING_ADDR, "IIQQQQ", RING_OF[device], 0, UVA, UVA + 4096, UVA + 8192, 0)
    yield 10, "after the kick", changes_after_kick
    yield from ((13 if device == "net" else 11, name, attack) for name, attack in own(device).items())
    for offset, size in ((0, 257), (250, 8), (2**32 - 4, 8), (1, 3)):
        yield 12, f"{size} bytes at {offset}", says(GET_CONFIG, f"III{size}x", offset, size, 0)
        yield 12, f"{size} bytes to {offset}", says(SET_CONFIG, f"III{size}x", offset, size, 0)
    yield 12, "no such ring", says(SET_VRING_ENABLE, "II", 77, 1)
    yield 12, "no such message", says(99, "Q", 0)
    yield 16, "the same fault", the_same_fault


@pytest.fixture
def daemon(tmp_path: Path, device: str, packed: bool) -> Iterator[Daemon]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    options = {"console": ["--port0", f"file:{tmp_path / 'text'}"], "net": ["--fd", str(theirs.fileno())]}
    words = [*options.get(device, []), *["--packed"] * packed]
    fds = [theirs.fileno()] if device == "net" else []
    made = Daemon([str(build_vmm()), "serve"], tmp_path, words, device=device, pass_fds=fds)
    yield made
    made.close()
    ours.close()
    theirs.close()


@pytest.mark.parametrize("packed", [False, pytest.param(True, marks=pytest.mark.lab)])
@pytest.mark.parametrize("device", list(GOOD))
def test_every_family_ends_in_pass_or_reject(daemon: Daemon, device: str, packed: bool) -> None:
    verdicts: dict[int, set[str]] = {}
    victim = Victim(daemon)
    assert victim.works()
    for family, name, attack in attacks(device, packed):
        try:
            attack(victim)
            victim.answer()
            rejected = victim.refused or victim.broken()
        except (OSError, AssertionError):  # it hung up, or refused to set up another ring
            rejected = True
        victim.close()
        assert daemon.process.poll() is None, f"{name}: the daemon is dead\n{daemon.log()[-2000:]}"
        victim = Victim(daemon)
        assert victim.works(), f"FAIL: family {family}, {name}"
        verdicts.setdefault(family, set()).add("REJECT" if rejected else "PASS")
    victim.close()
    for family, seen in sorted(verdicts.items()):
        print("verdict", device, "vhost-user", "packed" if packed else "split", family, max(seen))
    assert set(verdicts) == families_of(device)
