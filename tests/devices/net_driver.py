"""The driver's side of a net device for tests, and the other end of its cable."""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence

from tests.devices.conftest import StartHost
from tests.devices.fake_driver import F_EVENT_IDX, WRITE, Device, Host, Queue

F_CSUM, F_GUEST_CSUM, F_CTRL_OFFLOADS, F_MTU, F_MAC = 0, 1, 2, 3, 5
F_GUEST_TSO4, F_HOST_TSO4, F_MRG, F_STATUS, F_CTRL, F_CTRL_RX, F_ANNOUNCE, F_MQ, F_CTRL_MAC = (
    7, 11, 15, 16, 17, 18, 21, 22, 23,
)  # fmt: skip
HEADER = 12
MAC = "52:54:00:12:34:56"
OK, ERR = 0, 1

RECEIVE, SEND, CONTROL = 0x80000, 0xC0000, 0x70000  # where buffers are


def packet(size: int, mark: int = 0) -> bytes:
    """An Ethernet frame of that many bytes, unlike those with another mark."""
    head = b"\xff" * 6 + bytes.fromhex(MAC.replace(":", "")) + b"\x88\xb5" + struct.pack("<H", mark)
    return (head + bytes((i * 7 + mark) & 0xFF for i in range(max(0, size - 16))))[:size]


class Net(Device):
    """A started net device: `rx`, `tx` and `control` are its queues."""

    rx: Queue
    tx: Queue
    control: Queue

    def up(self, *, without: int = 0, pairs: int = 1, num: int = 64) -> Net:
        """Negotiates all that is offered, but EVENT_IDX and the bits in `without`; starts all queues."""
        features = self.offered() & ~(1 << F_EVENT_IDX) & ~without
        self.queues = self.start(features=features, num=num, queues=2 * pairs + 1)
        self.rx, self.tx, self.control = self.queues[0], self.queues[1], self.queues[-1]
        return self

    def offer_buffers(self, sizes: Sequence[int], *, first: int = 0, rx: Queue | None = None) -> None:
        """One chain each, at RECEIVE + 2048 * head."""
        queue = rx or self.rx
        for head, size in enumerate(sizes, first):
            queue.chain(head, [(self.buffer(head), size, WRITE)])
            queue.offer(head)
        queue.kick()

    @staticmethod
    def buffer(head: int) -> int:
        return RECEIVE + 2048 * head

    def received(self, rx: Queue | None = None) -> tuple[bytes, bytes]:
        """Header and content of the next packet, put together from as many chains as it says."""
        queue = rx or self.rx
        data, left = b"", 1
        while left:
            used = self.used(queue)
            data += self.host.get(self.buffer(used[0]), used[1])
            left = left - 1 if len(data) > used[1] else int(struct.unpack_from("<H", data, 10)[0]) - 1
        return data[:HEADER], data[HEADER:]

    def send(self, content: bytes, *, header: bytes = bytes(HEADER), head: int = 0, tx: Queue | None = None) -> None:
        """Header and content in one chain of two descriptors; comes back when the device gave the chain back."""
        queue = tx or self.tx
        self.host.put(SEND, header + content)
        buffers = [(SEND, len(header), 0), (SEND + len(header), len(content), 0)]
        queue.offer(queue.chain(head, [buffer for buffer in buffers if buffer[1]]))
        queue.kick()
        assert self.used(queue) == (head, 0)

    def command(self, kind: int, command: int, data: bytes = b"") -> int:
        """A control command's acknowledgement."""
        self.host.put(CONTROL, bytes([kind, command]) + data + b"\xee")
        size = 2 + len(data)
        self.control.offer(self.control.chain(0, [(CONTROL, size, 0), (CONTROL + size, 1, WRITE)]))
        self.control.kick()
        assert self.used(self.control) == (0, 1)
        return self.host.get(CONTROL + size, 1)[0]


class Cable:
    """A net device on one end of a socket pair; `far` is the other end."""

    def __init__(self, start_host: StartHost, kind: int = socket.SOCK_SEQPACKET, options: str = "") -> None:
        self.far, near = socket.socketpair(socket.AF_UNIX, kind)
        self.far.settimeout(5)
        with near:
            spec = f"net,fd={near.fileno()},mac={MAC}{options}"
            self.host: Host = start_host(spec, pass_fds=[near.fileno()])
        self.net = Net(self.host, 3)

    def arrived(self) -> bytes:
        """What the device sent; nothing is left to do for it."""
        self.net.settle(5)
        return self.far.recv(1 << 17)


def framed(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content
