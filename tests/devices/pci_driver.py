"""The driver's side of PCI for tests: the bus of fake_host.c, and a disk that is a function of it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from tests.devices.fake_driver import BAR_MSIX, CONFIG_VECTOR, QUEUE_SEL, QUEUE_VECTOR, Disk, Host, Queue

VENDOR, COMMAND, STATUS_REGISTER, BAR0, CAPABILITIES, LINE, PIN = 0x00, 0x04, 0x06, 0x10, 0x34, 0x3C, 0x3D
MEMORY, MASTER, NO_INTX = 2, 4, 0x400
STATUS_INTX, STATUS_CAPABILITIES = 8, 16
MSIX, VENDOR_CAPABILITY = 0x11, 0x09
MSIX_ENABLE, MSIX_MASK = 0x8000, 0x4000
NO_VECTOR = 0xFFFF
MESSAGE_ADDRESS = 0xFEE00000

WINDOW, WINDOW_SIZE = 0xC0000000, 0x20000000


class Bus:
    """Accesses as a guest makes them; what no device answers reads as all ones."""

    def __init__(self, host: Host) -> None:
        self.host = host

    def config(self, slot: int, register: int, size: int) -> int:
        return self.access("e", slot << 15 | register, size)

    def set_config(self, slot: int, register: int, size: int, value: int) -> None:
        self.access("E", slot << 15 | register, size, value)

    def port(self, offset: int, size: int) -> int:
        return self.access("i", offset, size)

    def set_port(self, offset: int, size: int, value: int) -> None:
        self.access("o", offset, size, value)

    def memory(self, gpa: int, size: int) -> int:
        return self.access("v", gpa - WINDOW, size)

    def set_memory(self, gpa: int, size: int, value: int) -> None:
        self.access("V", gpa - WINDOW, size, value)

    def access(self, command: str, offset: int, size: int, value: int = 0) -> int:
        """Cut to `size`, as a register of the CPU would be."""
        answer = int(self.host.ask(f"{command} {offset} {size} {value}"))
        return answer & ((1 << 8 * size) - 1)

    def sent(self, data: int) -> int:
        return int(self.host.ask(f"x {data}"))

    def line(self, number: int) -> int:
        return int(self.host.ask(f"l {number}"))

    def kicks(self, gpa: int) -> int:
        return int(self.host.ask(f"n {gpa}"))


@dataclass(frozen=True, slots=True)
class Capability:
    place: int
    kind: int
    body: bytes  # what follows the two bytes of the header, up to 18 bytes


class PciDisk(Disk):
    """Disk 0 or 1 as function `slot`."""

    def __init__(self, host: Host, number: int = 0) -> None:
        super().__init__(host, number)
        self.bus, self.slot = Bus(host), number + 1

    def config(self, register: int, size: int) -> int:
        return self.bus.config(self.slot, register, size)

    def set_config(self, register: int, size: int, value: int) -> None:
        self.bus.set_config(self.slot, register, size, value)

    def capabilities(self) -> Iterator[Capability]:
        place = self.config(CAPABILITIES, 1)
        while place:
            words = [self.config(place + at, 4) for at in range(0, 20, 4) if place + at < 256]
            data = b"".join(struct.pack("<I", word) for word in words)
            yield Capability(place, data[0], data[2:])
            place = data[1]

    def capability(self, kind: int, virtio_type: int | None = None) -> Capability:
        [found] = [
            c for c in self.capabilities() if c.kind == kind and (virtio_type is None or c.body[1] == virtio_type)
        ]
        return found

    @property
    def bar(self) -> int:
        return (self.config(BAR0, 4) & ~15) | self.config(BAR0 + 4, 4) << 32

    def enable(self, command: int = MEMORY | MASTER) -> None:
        self.set_config(COMMAND, 2, command)

    # ---- MSI-X

    def msix_control(self, value: int) -> None:
        self.set_config(self.capability(MSIX).place + 2, 2, value)

    def set_vector(self, vector: int, data: int, *, masked: bool = False, address: int = MESSAGE_ADDRESS) -> None:
        for at, value in ((0, address & 0xFFFFFFFF), (4, address >> 32), (8, data), (12, int(masked))):
            self.bar_write(BAR_MSIX + 16 * vector + at, 4, value)

    def mask(self, vector: int, masked: bool) -> None:
        self.bar_write(BAR_MSIX + 16 * vector + 12, 4, int(masked))

    def use_vectors(self, config: int, *queues: int) -> None:
        self.bar_write(CONFIG_VECTOR, 2, config)
        for index, vector in enumerate(queues):
            self.write(QUEUE_SEL, index)
            self.bar_write(QUEUE_VECTOR, 2, vector)

    # ---- BAR 0 through the window of the bus

    def bar_read(self, offset: int, size: int) -> int:
        return self.bus.memory(self.bar + offset, size)

    def bar_write(self, offset: int, size: int, value: int) -> None:
        self.bus.set_memory(self.bar + offset, size, value)

    def kick(self, queue: Queue) -> None:
        self.bar_write(0x3000 + 4 * queue.index, 2, queue.index)
