"""The driver's side of virtio for tests: a process with devices (fake_host.c), and its guest memory mapped here.

Registers have the names and offsets of virtio-mmio; over PCI they are found in BAR 0 by the same names.

Nothing is checked on the way: a test may write whatever a hostile guest could.  The host is a process of its own, so
that a crash is a failed test and not the end of pytest, and so that every build of it can be tested the same way.
"""

from __future__ import annotations

import mmap
import struct
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20
HIGH, HIGH_SIZE = 1 << 32, 8 * MIB  # the third region

NEXT, WRITE, INDIRECT = 1, 2, 4
ACK, DRIVER, DRIVER_OK, FEATURES_OK, NEEDS_RESET, FAILED = 1, 2, 4, 8, 64, 128

F_RO, F_FLUSH, F_CONFIG_WCE, F_MQ, F_DISCARD, F_WRITE_ZEROES = 5, 9, 11, 12, 13, 14
F_INDIRECT, F_EVENT_IDX, F_VERSION_1, F_RING_PACKED = 28, 29, 32, 34

T_IN, T_OUT, T_FLUSH, T_GET_ID, T_DISCARD, T_WRITE_ZEROES = 0, 1, 4, 8, 11, 13
OK, IOERR, UNSUPP = 0, 1, 2

# Registers of virtio-mmio.
MAGIC, VERSION, DEVICE_ID = 0x00, 0x04, 0x08
DEVICE_FEATURES, DEVICE_FEATURES_SEL, DRIVER_FEATURES, DRIVER_FEATURES_SEL = 0x10, 0x14, 0x20, 0x24
QUEUE_SEL, QUEUE_NUM_MAX, QUEUE_NUM, QUEUE_READY, QUEUE_NOTIFY = 0x30, 0x34, 0x38, 0x44, 0x50
INTERRUPT_STATUS, INTERRUPT_ACK, STATUS = 0x60, 0x64, 0x70
QUEUE_DESC, QUEUE_DRIVER, QUEUE_DEVICE, QUEUE_RESET, GENERATION, CONFIG = 0x80, 0x90, 0xA0, 0xC0, 0xFC, 0x100

# BAR 0 of virtio-pci, and where it has those registers: offset and width.
BAR_ISR, BAR_CONFIG, BAR_KICK, BAR_MSIX, BAR_PENDING, BAR_SIZE = 0x1000, 0x2000, 0x3000, 0x4000, 0x5000, 0x8000
CONFIG_VECTOR, QUEUE_VECTOR = 0x10, 0x1A
IN_BAR = {
    DEVICE_FEATURES_SEL: (0x00, 4), DEVICE_FEATURES: (0x04, 4), DRIVER_FEATURES_SEL: (0x08, 4),
    DRIVER_FEATURES: (0x0C, 4), QUEUE_SEL: (0x16, 2), QUEUE_NUM_MAX: (0x18, 2), QUEUE_NUM: (0x18, 2),
    QUEUE_READY: (0x1C, 2), STATUS: (0x14, 1), GENERATION: (0x15, 1), QUEUE_RESET: (0x3A, 2),
    QUEUE_DESC: (0x20, 4), QUEUE_DESC + 4: (0x24, 4), QUEUE_DRIVER: (0x28, 4), QUEUE_DRIVER + 4: (0x2C, 4),
    QUEUE_DEVICE: (0x30, 4), QUEUE_DEVICE + 4: (0x34, 4), QUEUE_NOTIFY: (BAR_KICK, 2), INTERRUPT_STATUS: (BAR_ISR, 1),
}  # fmt: skip


class HostDied(AssertionError):
    """The process under test ended: it crashed, or a sanitizer stopped it."""


class Host:
    """The process with the devices.  Memory is addressed by guest address, whatever region it is in."""

    def __init__(
        self,
        program: Path,
        folder: Path,
        *,
        queues: int = 1,
        read_only: bool = False,
        packed: bool = False,
        devices: Sequence[str] = (),
        pass_fds: Sequence[int] = (),
        transport: str = "mmio",
        within: Sequence[str] = (),
    ) -> None:
        self.transport = transport
        self.ram_file = folder / "ram"
        self.disks = [folder / "disk0", folder / "disk1"]
        with open(self.ram_file, "wb") as file:
            file.truncate(2 * MIB + HIGH_SIZE)
        for disk in self.disks:
            disk.write_bytes(bytes(MIB))
        with open(self.ram_file, "r+b") as shared:
            self.ram = mmap.mmap(shared.fileno(), 2 * MIB + HIGH_SIZE)
        self.log_file = folder / "log"
        self.packed = packed
        options = "packed" if packed else "ro" if read_only else "-"
        files = [str(path) for path in (program, self.ram_file, *self.disks)]
        command = [*within, *files, str(queues), options, transport, *devices]
        with open(self.log_file, "wb") as log:
            self.process: subprocess.Popen[str] = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                bufsize=1,
                pass_fds=pass_fds,
            )
        assert self._answer() == "ready"

    def close(self) -> None:
        """Ends the process and insists that it ends well: no crash, no leak that a sanitizer sees."""
        if self.process.poll() is None:
            assert self.ask("q") == "bye"
        assert self.process.wait(30) == 0, self.log()

    def ask(self, command: str) -> str:
        assert self.process.stdin
        try:
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise HostDied(self.log()) from None
        return self._answer()

    def _answer(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise HostDied(f"status {self.process.wait(30)}\n{self.log()}")
        return line.strip()

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def complaints(self) -> int:
        """How often a device was marked broken."""
        return self.log().count("broke the rules")

    @staticmethod
    def _at(gpa: int) -> int:
        return gpa - HIGH + 2 * MIB if gpa >= HIGH else gpa

    def put(self, gpa: int, data: bytes) -> None:
        self.ram[self._at(gpa) : self._at(gpa) + len(data)] = data

    def get(self, gpa: int, size: int) -> bytes:
        return self.ram[self._at(gpa) : self._at(gpa) + size]


@dataclass(frozen=True, slots=True)
class Desc:
    gpa: int
    size: int
    flags: int = 0
    next: int = 0

    def packed(self) -> bytes:
        return struct.pack("<QIHH", self.gpa, self.size, self.flags, self.next)


class Queue:
    """A split ring in guest memory; the methods write it, well-formed or not."""

    def __init__(self, device: Device, index: int, num: int, at: int) -> None:
        self.device, self.index, self.num = device, index, num
        self.desc, self.avail, self.used = at, at + 0x4000, at + 0x6000
        self.avail_idx = self.used_seen = 0
        device.host.put(at, bytes(0xA000))

    def write_desc(self, i: int, desc: Desc) -> None:
        self.device.host.put(self.desc + 16 * i, desc.packed())

    def chain(self, first: int, buffers: Sequence[tuple[int, int, int]]) -> int:
        """Descriptors from `first` on for (gpa, size, WRITE or 0), linked."""
        for i, (gpa, size, flags) in enumerate(buffers):
            more = NEXT if i + 1 < len(buffers) else 0
            self.write_desc(first + i, Desc(gpa, size, flags | more, first + i + 1))
        return first

    def offer(self, head: int, *, advance: int = 1) -> None:
        self.device.host.put(self.avail + 4 + 2 * (self.avail_idx % self.num), struct.pack("<H", head))
        self.avail_idx = (self.avail_idx + advance) & 0xFFFF
        self.device.host.put(self.avail + 2, struct.pack("<H", self.avail_idx))

    def kick(self) -> None:
        self.device.host.ask(f"k {self.device.number} {self.index}")

    def used_idx(self) -> int:
        (idx,) = struct.unpack("<H", self.device.host.get(self.used + 2, 2))
        return int(idx)

    def take_used(self) -> tuple[int, int] | None:
        """(head, length) of the next used entry, or None."""
        if self.used_idx() == self.used_seen:
            return None
        at = self.used + 4 + 8 * (self.used_seen % self.num)
        self.used_seen = (self.used_seen + 1) & 0xFFFF
        head, size = struct.unpack("<II", self.device.host.get(at, 8))
        return head, size


PACKED_AVAIL, PACKED_USED = 1 << 7, 1 << 15
EVENT_ENABLE, EVENT_DISABLE, EVENT_POSITION = 0, 1, 2


class PackedQueue(Queue):
    """A packed ring: `avail` and `used` are the event suppression of the driver and of the device."""

    def __init__(self, device: Device, index: int, num: int, at: int) -> None:
        super().__init__(device, index, num, at)
        self.next, self.next_used = 0x8000, 0x8000  # index, and the wrap counter in bit 15
        self.pending: Sequence[tuple[int, int, int]] = ()
        self.slots: dict[int, int] = {}

    def moved(self, position: int, count: int) -> int:
        index, wrap = (position & 0x7FFF) + count, position & 0x8000
        return index | wrap if index < self.num else (index - self.num) | (wrap ^ 0x8000)

    def write_slot(self, position: int, gpa: int, size: int, number: int, flags: int) -> None:
        """A descriptor as it is; `flags` with AVAIL and USED."""
        at = self.desc + 16 * (position & 0x7FFF)
        self.device.host.put(at, struct.pack("<QIHH", gpa, size, number, flags))

    def available(self, position: int) -> int:
        return PACKED_AVAIL if position & 0x8000 else PACKED_USED

    def chain(self, first: int, buffers: Sequence[tuple[int, int, int]]) -> int:
        """Remembers the buffers of the chain that is offered next, with `first` as its ID."""
        self.pending = buffers
        return first

    def offer(self, head: int, *, advance: int = 1) -> None:
        self.offer_slots([(gpa, size, head, flags) for gpa, size, flags in self.pending])

    def offer_slots(self, slots: Sequence[tuple[int, int, int, int]]) -> None:
        """A chain of (gpa, size, ID, flags), linked, the first one written last."""
        written = []
        for i, (gpa, size, number, flags) in enumerate(slots):
            position = self.moved(self.next, i)
            more = NEXT if i + 1 < len(slots) else 0
            written.append((position, gpa, size, number, flags | more | self.available(position)))
        for slot in reversed(written):
            self.write_slot(*slot)
        self.slots[slots[-1][2]] = len(slots)
        self.next = self.moved(self.next, len(slots))

    def take_used(self) -> tuple[int, int] | None:
        data = self.device.host.get(self.desc + 16 * (self.next_used & 0x7FFF), 16)
        _, size, number, flags = struct.unpack("<QIHH", data)
        wrap = bool(self.next_used & 0x8000)
        if bool(flags & PACKED_AVAIL) != wrap or bool(flags & PACKED_USED) != wrap:
            return None
        self.next_used = self.moved(self.next_used, self.slots.pop(number))
        return number, size

    def want_signals(self, flags: int, position: int = 0) -> None:
        self.device.host.put(self.avail, struct.pack("<HH", position, flags))

    def kicks_wanted(self) -> tuple[int, int]:
        """Position and flags."""
        position, flags = struct.unpack("<HH", self.device.host.get(self.used, 4))
        return position, flags


class Device:
    """A device behind its registers."""

    def __init__(self, host: Host, number: int) -> None:
        self.host, self.number = host, number
        self.interrupts = 0

    def read(self, offset: int, size: int = 4) -> int:
        offset, size = self._place(offset, size)
        return int(self.host.ask(f"r {self.number} {offset} {size}"))

    def write(self, offset: int, value: int, size: int = 4) -> None:
        offset, size = self._place(offset, size)
        assert self.host.ask(f"w {self.number} {offset} {size} {value}") == "ok"

    def _place(self, offset: int, size: int) -> tuple[int, int]:
        if self.host.transport == "mmio":
            return offset, size
        return (BAR_CONFIG + offset - CONFIG, size) if offset >= CONFIG else IN_BAR[offset]

    def wait(self, milliseconds: int = 5000) -> bool:
        """Until one more interrupt has come.  False: none came."""
        count = int(self.host.ask(f"p {self.number} {self.interrupts + 1} {milliseconds}"))
        arrived, self.interrupts = count > self.interrupts, count
        if self.host.transport == "pci":
            self.read(INTERRUPT_STATUS)  # lowers the line
        return arrived

    def settle(self, milliseconds: int = 20) -> None:
        """Lets the loop run for a while, whatever happens."""
        self.interrupts = int(self.host.ask(f"p {self.number} {1 << 40} {milliseconds}"))

    def used(self, queue: Queue, seconds: float = 10) -> tuple[int, int]:
        """The queue's next used entry, with the loop running until it is there."""
        deadline = time.monotonic() + seconds
        while (entry := queue.take_used()) is None:
            assert time.monotonic() < deadline, f"nothing came; broken: {self.broken}\n{self.host.log()}"
            self.settle(2)
        return entry

    def offered(self) -> int:
        bits = 0
        for half in (0, 1):
            self.write(DEVICE_FEATURES_SEL, half)
            bits |= self.read(DEVICE_FEATURES) << (32 * half)
        return bits

    def negotiate(self, features: int) -> bool:
        """Up to FEATURES_OK; False when the device refused."""
        self.write(STATUS, ACK)
        self.write(STATUS, ACK | DRIVER)
        for half in (0, 1):
            self.write(DRIVER_FEATURES_SEL, half)
            self.write(DRIVER_FEATURES, features >> (32 * half) & 0xFFFFFFFF)
        self.write(STATUS, ACK | DRIVER | FEATURES_OK)
        return bool(self.read(STATUS) & FEATURES_OK)

    def program(self, queue: Queue, *, num: int | None = None, ready: bool = True) -> None:
        self.write(QUEUE_SEL, queue.index)
        self.write(QUEUE_NUM, queue.num if num is None else num)
        for register, gpa in ((QUEUE_DESC, queue.desc), (QUEUE_DRIVER, queue.avail), (QUEUE_DEVICE, queue.used)):
            self.write(register, gpa & 0xFFFFFFFF)
            self.write(register + 4, gpa >> 32)
        if ready:
            self.write(QUEUE_READY, 1)

    def driver_ok(self) -> None:
        self.write(STATUS, ACK | DRIVER | FEATURES_OK | DRIVER_OK)

    def reset(self) -> None:
        self.write(STATUS, 0)
        self.interrupts = int(self.host.ask(f"p {self.number} 0 0"))

    def start(self, *, features: int | None = None, num: int = 64, at: int = 0x10000, queues: int = 1) -> list[Queue]:
        """A working device: negotiated, `queues` queues from `at` on, DRIVER_OK."""
        assert self.negotiate(self.offered() & ~(1 << F_EVENT_IDX) if features is None else features)
        kind = PackedQueue if self.host.packed else Queue
        made = [kind(self, i, num, at + 0x10000 * i) for i in range(queues)]
        for queue in made:
            self.program(queue)
        self.driver_ok()
        return made

    @property
    def broken(self) -> bool:
        return bool(self.read(STATUS) & NEEDS_RESET)


class Disk(Device):
    """A blk device with a request area at 0x80000: header, data, status."""

    HEADER, STATUS_BYTE, DATA = 0x80000, 0x80100, 0x81000

    def put_header(self, kind: int, sector: int) -> None:
        self.host.put(self.HEADER, struct.pack("<IIQ", kind, 0, sector))
        self.host.put(self.STATUS_BYTE, b"\xee")

    def request(self, queue: Queue, kind: int, sector: int, buffers: Sequence[tuple[int, int, int]]) -> int:
        """One request with these data buffers; its status."""
        self.put_header(kind, sector)
        head = queue.chain(0, [(self.HEADER, 16, 0), *buffers, (self.STATUS_BYTE, 1, WRITE)])
        return self.run(queue, head)

    def run(self, queue: Queue, head: int) -> int:
        queue.offer(head)
        queue.kick()
        assert self.wait(), f"no answer; broken: {self.broken}\n{self.host.log()}"
        used = queue.take_used()
        assert used and used[0] == head
        return self.host.get(self.STATUS_BYTE, 1)[0]

    def write_blocks(self, queue: Queue, sector: int, data: bytes) -> int:
        self.host.put(self.DATA, data)
        return self.request(queue, T_OUT, sector, [(self.DATA, len(data), 0)])

    def read_blocks(self, queue: Queue, sector: int, size: int) -> tuple[int, bytes]:
        self.host.put(self.DATA, b"\xaa" * size)
        status = self.request(queue, T_IN, sector, [(self.DATA, size, WRITE)])
        return status, self.host.get(self.DATA, size)
