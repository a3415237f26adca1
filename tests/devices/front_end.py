"""The front end's side of vhost-user for tests: the daemon as a process, and a client that may send anything."""

from __future__ import annotations

import array
import os
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.devices.fake_driver import MIB, WRITE, PackedQueue, Queue

GET_FEATURES, SET_FEATURES, SET_OWNER, SET_MEM_TABLE = 1, 2, 3, 5
SET_VRING_NUM, SET_VRING_ADDR, SET_VRING_BASE, GET_VRING_BASE = 8, 9, 10, 11
SET_VRING_KICK, SET_VRING_CALL, SET_VRING_ERR = 12, 13, 14
GET_PROTOCOL_FEATURES, SET_PROTOCOL_FEATURES, GET_QUEUE_NUM, SET_VRING_ENABLE = 15, 16, 17, 18
SET_BACKEND_FD, GET_CONFIG, SET_CONFIG, GET_INFLIGHT_FD, SET_INFLIGHT_FD = 21, 24, 25, 31, 32
RESET_DEVICE, GET_MAX_MEM_SLOTS, ADD_MEM_REG, REM_MEM_REG = 34, 36, 37, 38

P_REPLY_ACK, P_CONFIG, P_INFLIGHT = 3, 9, 12
F_PROTOCOL = 30
NO_FD = 1 << 8

UVA = 0x7F0000000000  # where the front end says that its memory is
DISK_BYTES = MIB


class Daemon:
    """`serve blk` on a disk of zeroes, or another device, whose options are all given; it inherits `pass_fds`."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        options: Sequence[str] = (),
        *,
        device: str = "blk",
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.device, self.pass_fds = device, pass_fds
        self.socket = folder / "s.sock"
        self.disk = folder / "disk"
        self.log_file = folder / "daemon.log"
        if not self.disk.exists():
            self.disk.write_bytes(bytes(DISK_BYTES))
        options = ["--disk", str(self.disk), *options] if device == "blk" else options
        self.command = [*command, device, "--socket", str(self.socket), *options]
        self.start()

    def start(self) -> None:
        starts = self.starts()
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, pass_fds=self.pass_fds)
        deadline = time.monotonic() + 30
        while self.starts() == starts:
            assert self.process.poll() is None and time.monotonic() < deadline, self.log()
            time.sleep(0.01)

    def starts(self) -> int:
        """How often a daemon said that it serves.  Connecting would prove nothing: a dying one still answers."""
        return self.log().count(f"info serve: {self.device} with") if self.log_file.exists() else 0

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)

    def close(self) -> None:
        """SIGTERM: the daemon ends with 0 and takes its socket away."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0, self.log()
        assert not self.socket.exists()


class FrontEnd:
    """One connection.  `memory` is 1 MiB at guest address 0, known to the front end as UVA."""

    number = 0

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.host = self  # what Queue expects of a device
        self.packed = "--packed" in daemon.command
        self.channel = socket.socket(socket.AF_UNIX)
        self.channel.settimeout(20)
        self.channel.connect(str(daemon.socket))
        self.memory = os.memfd_create("front-end")
        os.ftruncate(self.memory, MIB)
        self.kicks: dict[int, int] = {}
        self.calls: dict[int, int] = {}

    def close(self) -> None:
        self.channel.close()
        for fd in (self.memory, *self.kicks.values(), *self.calls.values()):
            os.close(fd)

    # What Queue needs.

    def put(self, gpa: int, data: bytes) -> None:
        os.pwrite(self.memory, data, gpa)

    def get(self, gpa: int, size: int) -> bytes:
        return os.pread(self.memory, size, gpa)

    def ask(self, command: str) -> str:
        os.write(self.kicks[int(command.split()[2])], struct.pack("<Q", 1))
        return "ok"

    # Messages.

    def send(self, request: int, payload: bytes = b"", fds: Sequence[int] = (), *, flags: int = 1) -> None:
        control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        self.channel.sendmsg([struct.pack("<III", request, flags, len(payload)) + payload], control)

    def reply(self) -> tuple[bytes, list[int]]:
        """Payload and descriptors of the next reply; ConnectionError when the daemon hung up."""
        data, fds = b"", array.array("i")
        need = 12
        while len(data) < need:
            part, controls, _, _ = self.channel.recvmsg(need - len(data), socket.CMSG_LEN(32))
            if not part:
                raise ConnectionError("the daemon hung up")
            for _, _, content in controls:
                fds.frombytes(content)
            data += part
            if len(data) == 12:
                request, flags, size = struct.unpack("<III", data)
                assert flags == 5 and request
                need += size
        return data[12:], list(fds)

    def call(self, request: int, payload: bytes = b"") -> bytes:
        self.send(request, payload)
        return self.reply()[0]

    def u64(self, request: int) -> int:
        return int(struct.unpack("<Q", self.call(request))[0])

    def accepted(self, request: int, payload: bytes = b"", fds: Sequence[int] = ()) -> bool:
        """Sends with NEED_REPLY; what the daemon says.  A disconnection is a no, too."""
        try:
            self.send(request, payload, fds, flags=9)
            data, _ = self.reply()
        except (ConnectionError, BrokenPipeError):
            return False
        return data == bytes(8)

    def alive(self) -> bool:
        """The daemon still answers on this connection."""
        try:
            return self.u64(GET_QUEUE_NUM) > 0
        except (ConnectionError, BrokenPipeError):
            return False

    # A working device.

    def negotiate(self, features: int | None = None) -> None:
        offered = self.u64(GET_FEATURES)
        self.send(SET_PROTOCOL_FEATURES, struct.pack("<Q", self.u64(GET_PROTOCOL_FEATURES)))
        wanted = offered & ~(1 << 29) if features is None else features
        assert self.accepted(SET_FEATURES, struct.pack("<Q", wanted))

    def mem_table(self, *regions: tuple[int, int, int, int]) -> bytes:
        """(gpa, size, uva, offset) each."""
        return struct.pack("<II", len(regions), 0) + b"".join(struct.pack("<QQQQ", *region) for region in regions)

    def share_memory(self) -> None:
        assert self.accepted(SET_MEM_TABLE, self.mem_table((0, MIB, UVA, 0)), [self.memory])

    def ring(
        self,
        index: int = 0,
        *,
        num: int = 64,
        base: int | None = None,
        enable: bool = True,
        pipes: bool = False,
        prepare: Callable[[Queue], None] | None = None,
    ) -> Queue:
        """A running ring at 0x10000 * (index + 1); `prepare` fills its memory before the daemon sees it."""
        kind = PackedQueue if self.packed else Queue
        queue = kind(self, index, num, 0x10000 * (index + 1))  # type: ignore[arg-type]
        if prepare:
            prepare(queue)
        if base is None:
            base = 0x80008000 if self.packed else 0
        assert self.accepted(SET_VRING_NUM, struct.pack("<II", index, num))
        assert self.accepted(SET_VRING_BASE, struct.pack("<II", index, base))
        addresses = (UVA + queue.desc, UVA + queue.used, UVA + queue.avail, 0)
        assert self.accepted(SET_VRING_ADDR, struct.pack("<IIQQQQ", index, 0, *addresses))
        if pipes:  # as User-mode Linux does it
            call_read, call_write = os.pipe()
            kick_read, kick_write = os.pipe()
        else:
            call_read = call_write = os.eventfd(0)
            kick_read = kick_write = os.eventfd(0)
        assert self.accepted(SET_VRING_CALL, struct.pack("<Q", index), [call_write])
        assert self.accepted(SET_VRING_KICK, struct.pack("<Q", index), [kick_read])
        self.calls[index], self.kicks[index] = call_read, kick_write
        if enable:
            assert self.accepted(SET_VRING_ENABLE, struct.pack("<II", index, 1))
        return queue

    def request(self, queue: Queue, kind: int, sector: int, data: bytes | int = b"") -> tuple[int, bytes]:
        """A request with `data` to write, or room for that many bytes: status and what was read."""
        header, status, buffer = 0x80000, 0x80100, 0x81000
        size = data if isinstance(data, int) else len(data)
        if isinstance(data, bytes):
            self.put(buffer, data)
        self.put(header, struct.pack("<IIQ", kind, 0, sector))
        self.put(status, b"\xee")
        middle = [(buffer, size, WRITE if isinstance(data, int) else 0)] if size else []
        queue.offer(queue.chain(0, [(header, 16, 0), *middle, (status, 1, WRITE)]))
        queue.kick()
        assert self.wait_used(queue)[0] == 0
        return self.get(status, 1)[0], self.get(buffer, size)

    def wait_used(self, queue: Queue) -> tuple[int, int]:
        """The next used entry: head and length."""
        deadline = time.monotonic() + 20
        while (used := queue.take_used()) is None:
            assert time.monotonic() < deadline, self.daemon.log()
            time.sleep(0.001)
        return used
