"""The vhost-user back end: what front ends do, what hostile ones do, and what happens when either side dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.devices.conftest import ROOT, StartDaemon
from tests.devices.fake_driver import IOERR, MIB, OK, T_FLUSH, T_GET_ID, T_IN, T_OUT, WRITE, Queue
from tests.devices.front_end import (
    ADD_MEM_REG,
    DISK_BYTES,
    F_PROTOCOL,
    GET_CONFIG,
    GET_FEATURES,
    GET_INFLIGHT_FD,
    GET_MAX_MEM_SLOTS,
    GET_PROTOCOL_FEATURES,
    GET_QUEUE_NUM,
    GET_VRING_BASE,
    NO_FD,
    P_CONFIG,
    P_INFLIGHT,
    P_REPLY_ACK,
    REM_MEM_REG,
    RESET_DEVICE,
    SET_BACKEND_FD,
    SET_CONFIG,
    SET_FEATURES,
    SET_INFLIGHT_FD,
    SET_MEM_TABLE,
    SET_OWNER,
    SET_PROTOCOL_FEATURES,
    SET_VRING_ADDR,
    SET_VRING_BASE,
    SET_VRING_CALL,
    SET_VRING_ENABLE,
    SET_VRING_KICK,
    SET_VRING_NUM,
    UVA,
    Daemon,
    FrontEnd,
)

DATA = bytes(range(256)) * 2


@pytest.fixture
def front(daemon: Daemon) -> Iterator[FrontEnd]:
    client = FrontEnd(daemon)
    yield client
    client.close()


def check_disk_works(daemon: Daemon) -> None:
    """A new client gets a working disk."""
    client = FrontEnd(daemon)
    client.negotiate()
    client.share_memory()
    queue = client.ring()
    assert client.request(queue, T_OUT, 5, DATA)[0] == OK
    assert client.request(queue, T_IN, 5, 512) == (OK, DATA)
    client.close()


# ---- as front ends do ---------------------------------------------------------------------------------------------


def test_features_queues_and_configuration(start_daemon: StartDaemon) -> None:
    client = FrontEnd(start_daemon("--queues", "3"))
    client.send(SET_OWNER)
    assert client.u64(GET_FEATURES) >> F_PROTOCOL & 1
    protocol = client.u64(GET_PROTOCOL_FEATURES)
    assert all(protocol >> bit & 1 for bit in (0, P_REPLY_ACK, 5, P_CONFIG, 12, 13, 15))
    assert client.u64(GET_QUEUE_NUM) == 3 and client.u64(GET_MAX_MEM_SLOTS) == 32
    for size in (8, 36, 57, 60):  # User-mode Linux and QEMU ask for different lengths
        config = client.call(GET_CONFIG, struct.pack("<III", 0, size, 0) + bytes(size))
        assert config[12:20] == struct.pack("<Q", DISK_BYTES // 512) and len(config) == 12 + size
    client.close()


def test_the_reply_to_the_message_that_agrees_on_replies(front: FrontEnd) -> None:
    """User-mode Linux waits for it."""
    assert front.accepted(SET_PROTOCOL_FEATURES, struct.pack("<Q", 1 << P_REPLY_ACK | 1 << P_CONFIG | 1 << 5))


def test_disk_over_a_ring(front: FrontEnd) -> None:
    front.negotiate()
    front.share_memory()
    queue = front.ring()
    assert front.request(queue, T_OUT, 7, DATA)[0] == OK
    assert front.request(queue, T_FLUSH, 0)[0] == OK
    assert front.request(queue, T_IN, 7, 512) == (OK, DATA)
    assert front.request(queue, T_IN, DISK_BYTES // 512, 512)[0] == IOERR
    assert front.daemon.disk.read_bytes()[7 * 512 : 8 * 512] == DATA
    assert select.select([front.calls[0]], [], [], 5)[0]
    assert front.call(GET_VRING_BASE, struct.pack("<II", 0, 0)) == struct.pack("<II", 0, 4)


def test_as_user_mode_linux_does_it(front: FrontEnd) -> None:
    """Pipes for calls, a memory table with room for two regions, features again without bit 30, and no ENABLE."""
    front.negotiate()
    table = front.mem_table((0, MIB, UVA, 0), (0, 0, 0, 0))
    assert front.accepted(SET_MEM_TABLE, struct.pack("<I", 1) + table[4:], [front.memory])
    assert front.accepted(SET_FEATURES, struct.pack("<Q", front.u64(GET_FEATURES) & ~(1 << F_PROTOCOL | 1 << 29)))
    ours, theirs = os.pipe()
    assert front.accepted(SET_BACKEND_FD, b"", [theirs])
    queue = front.ring(enable=False, pipes=True)
    assert front.request(queue, T_OUT, 1, DATA)[0] == OK
    assert select.select([front.calls[0]], [], [], 5)[0]
    os.close(theirs)
    assert not select.select([ours], [], [], 0.1)[0]  # the daemon keeps its end open
    os.close(ours)


def test_memory_by_slots(front: FrontEnd) -> None:
    front.negotiate()
    region = struct.pack("<QQQQQ", 0, 0, MIB // 2, UVA, 0)
    more = struct.pack("<QQQQQ", 0, MIB // 2, MIB // 2, UVA + MIB // 2, MIB // 2)
    assert front.accepted(ADD_MEM_REG, region, [front.memory])
    assert not front.accepted(ADD_MEM_REG, region, [front.memory])
    assert front.accepted(ADD_MEM_REG, more, [front.memory])
    queue = front.ring()
    assert front.request(queue, T_OUT, 1, DATA)[0] == OK
    assert front.accepted(REM_MEM_REG, more)
    assert not front.accepted(REM_MEM_REG, more)
    assert front.accepted(ADD_MEM_REG, more, [front.memory])
    assert front.request(queue, T_IN, 1, 512) == (OK, DATA)


def test_disabled_rings_wait_and_go_on(front: FrontEnd) -> None:
    front.negotiate()
    front.share_memory()
    queue = front.ring(enable=False)
    queue.offer(queue.chain(0, [(0x80000, 16, 0), (0x80100, 1, WRITE)]))
    queue.kick()
    time.sleep(0.05)
    assert queue.take_used() is None
    for enable in (1, 0, 1):
        assert front.accepted(SET_VRING_ENABLE, struct.pack("<II", 0, enable))
    assert front.wait_used(queue) == (0, 1)  # what was offered while it was disabled
    assert front.request(queue, T_OUT, 3, DATA)[0] == OK
    assert front.request(queue, T_IN, 3, 512) == (OK, DATA)


def test_reset_device_and_start_again(front: FrontEnd) -> None:
    front.negotiate()
    front.share_memory()
    front.ring()
    assert front.accepted(RESET_DEVICE)
    front.negotiate()
    queue = front.ring()
    assert front.request(queue, T_OUT, 3, DATA)[0] == OK


def test_a_broken_driver_is_repaired_when_its_rings_are_stopped(front: FrontEnd) -> None:
    """SeaBIOS fails, Linux comes: the front end only stops and starts the rings."""
    front.negotiate()
    front.share_memory()
    queue = front.ring()
    queue.offer(0xFFFF)
    queue.kick()
    deadline = time.monotonic() + 10
    while "broke the rules" not in front.daemon.log() and time.monotonic() < deadline:
        time.sleep(0.01)
    front.call(GET_VRING_BASE, struct.pack("<II", 0, 0))
    queue = front.ring()
    assert front.request(queue, T_OUT, 3, DATA)[0] == OK
    assert front.daemon.log().count("broke the rules") == 1


def test_a_second_client_waits_for_the_first(daemon: Daemon) -> None:
    first, second = FrontEnd(daemon), FrontEnd(daemon)
    assert first.alive()
    second.send(GET_QUEUE_NUM)
    assert not select.select([second.channel], [], [], 0.1)[0]
    first.close()
    assert second.reply()[0] == struct.pack("<Q", 1)
    second.close()
    check_disk_works(daemon)


# ---- as hostile ones do -------------------------------------------------------------------------------------------

Hostile = Callable[[FrontEnd], bool]


def says(request: int, payload: bytes = b"", *, memory: int = 0) -> Hostile:
    """The message, with the front end's memory file attached so many times; true when the daemon took it."""
    return lambda front: front.accepted(request, payload, [front.memory] * memory)


def table(*regions: tuple[int, int, int, int], fds: int | None = None) -> Hostile:
    return lambda front: front.accepted(
        SET_MEM_TABLE, front.mem_table(*regions), [front.memory] * (len(regions) if fds is None else fds)
    )


def agreed(hostile: Hostile) -> Hostile:
    """The same by a front end that has agreed on all that is offered."""

    def after(front: FrontEnd) -> bool:
        front.negotiate()
        return hostile(front)

    return after


def raw(data: bytes) -> Hostile:
    def send(front: FrontEnd) -> bool:
        front.channel.sendall(data)
        return front.alive()

    return send


REFUSED: dict[str, Hostile] = {
    "no-such-message": says(99),
    "message-0": says(0),
    "message-max": says(2**32 - 1),
    "version-0": raw(struct.pack("<III", GET_FEATURES, 0, 0)),
    "version-3": raw(struct.pack("<III", GET_FEATURES, 3, 0)),
    "size-huge": raw(struct.pack("<III", SET_FEATURES, 1, 2**32 - 1)),
    "size-513": raw(struct.pack("<III", SET_FEATURES, 1, 513) + bytes(513)),
    "short": says(SET_FEATURES, bytes(7)),
    "fds-unwanted": says(SET_FEATURES, bytes(8), memory=1),
    "fds-9": says(SET_MEM_TABLE, bytes(8), memory=9),
    "fds-32": says(SET_MEM_TABLE, bytes(8), memory=32),
    "features": says(SET_FEATURES, struct.pack("<Q", 2**63)),
    "packed-rings": says(SET_FEATURES, struct.pack("<Q", 1 << 34 | 1 << 32)),
    "protocol-features": says(SET_PROTOCOL_FEATURES, struct.pack("<Q", 1 << 1)),
    "memory-none": table(),
    "memory-9": says(SET_MEM_TABLE, struct.pack("<II", 9, 0) + bytes(9 * 32), memory=8),
    "memory-count-max": says(SET_MEM_TABLE, struct.pack("<II", 2**32 - 1, 0) + bytes(64), memory=1),
    "memory-no-fd": table((0, MIB, UVA, 0), fds=0),
    "memory-fds": table((0, MIB, UVA, 0), fds=2),
    "memory-short": says(SET_MEM_TABLE, struct.pack("<II", 2, 0) + bytes(32), memory=2),
    "memory-empty": table((0, 0, UVA, 0)),
    "memory-beyond-file": table((0, MIB + 4096, UVA, 0)),
    "memory-offset-beyond": table((0, MIB, UVA, 4096)),
    "memory-offset-wraps": table((0, 4096, UVA, 2**64 - 4096)),
    "memory-offset-uneven": table((0, 4096, UVA, 100)),
    "memory-gpa-wraps": table((2**64 - 4096, 8192, UVA, 0)),
    "memory-uva-wraps": table((0, 8192, 2**64 - 4096, 0)),
    "memory-overlaps": table((0, 8192, UVA, 0), (4096, 8192, 2 * UVA, 0)),
    "memory-uva-overlaps": table((0, 8192, UVA, 0), (8192, 8192, UVA + 4096, 0)),
    "slot-no-fd": says(ADD_MEM_REG, struct.pack("<QQQQQ", 0, 0, MIB, UVA, 0)),
    "slot-unknown": says(REM_MEM_REG, struct.pack("<QQQQQ", 0, 0, MIB, UVA, 0)),
    "ring-num-0": says(SET_VRING_NUM, struct.pack("<II", 0, 0)),
    "ring-num-512": says(SET_VRING_NUM, struct.pack("<II", 0, 512)),
    "ring-num-max": says(SET_VRING_NUM, struct.pack("<II", 0, 2**32 - 1)),
    "ring-1": says(SET_VRING_NUM, struct.pack("<II", 1, 64)),
    "ring-max": says(SET_VRING_NUM, struct.pack("<II", 2**32 - 1, 64)),
    "ring-address": says(SET_VRING_ADDR, struct.pack("<II", 9, 0) + bytes(32)),
    "ring-base": says(SET_VRING_BASE, struct.pack("<II", 0, 65536)),
    "ring-base-of": says(GET_VRING_BASE, struct.pack("<II", 4, 0)),
    "ring-enable": says(SET_VRING_ENABLE, struct.pack("<II", 0, 2)),
    "ring-enable-of": says(SET_VRING_ENABLE, struct.pack("<II", 255, 1)),
    "kick-none": says(SET_VRING_KICK, struct.pack("<Q", NO_FD)),
    "kick-missing": says(SET_VRING_KICK, struct.pack("<Q", 0)),
    "kick-of": says(SET_VRING_KICK, struct.pack("<Q", 3), memory=1),
    "kick-bits": says(SET_VRING_KICK, struct.pack("<Q", 1 << 40), memory=1),
    "call-both": says(SET_VRING_CALL, struct.pack("<Q", NO_FD), memory=1),
    "config-size": says(GET_CONFIG, struct.pack("<III", 0, 257, 0) + bytes(257)),
    "config-offset": says(GET_CONFIG, struct.pack("<III", 250, 8, 0) + bytes(8)),
    "config-wraps": says(GET_CONFIG, struct.pack("<III", 2**32 - 4, 8, 0) + bytes(8)),
    "config-lies": says(GET_CONFIG, struct.pack("<III", 0, 60, 0) + bytes(8)),
    "config-write": says(SET_CONFIG, struct.pack("<III", 58, 4, 0) + bytes(4)),
    "inflight-unasked": says(GET_INFLIGHT_FD, struct.pack("<QQHHI", 0, 0, 1, 64, 0)),
    "inflight-0": agreed(says(GET_INFLIGHT_FD, struct.pack("<QQHHI", 0, 0, 0, 64, 0))),
    "inflight-queues": agreed(says(GET_INFLIGHT_FD, struct.pack("<QQHHI", 0, 0, 2, 64, 0))),
    "inflight-num": agreed(says(GET_INFLIGHT_FD, struct.pack("<QQHHI", 0, 0, 1, 2048, 0))),
    "inflight-small": agreed(says(SET_INFLIGHT_FD, struct.pack("<QQHHI", 64, 0, 1, 64, 0), memory=1)),
    "inflight-beyond": agreed(says(SET_INFLIGHT_FD, struct.pack("<QQHHI", 2 * MIB, 0, 1, 64, 0), memory=1)),
    "inflight-no-fd": agreed(says(SET_INFLIGHT_FD, struct.pack("<QQHHI", 4096, 0, 1, 64, 0))),
}


@pytest.mark.parametrize("hostile", REFUSED.values(), ids=REFUSED.keys())
def test_refused_and_the_next_client_is_served(daemon: Daemon, hostile: Hostile) -> None:
    client = FrontEnd(daemon)
    assert not hostile(client)
    client.close()
    check_disk_works(daemon)


def test_packed_rings_have_no_in_flight_record(start_daemon: StartDaemon) -> None:
    """It is not offered; to ask for it all the same is refused in words."""
    daemon = start_daemon("--packed")
    for request, memory in ((GET_INFLIGHT_FD, []), (SET_INFLIGHT_FD, [os.memfd_create("record")])):
        client = FrontEnd(daemon)
        assert not client.u64(GET_PROTOCOL_FEATURES) >> P_INFLIGHT & 1
        client.negotiate()
        assert not client.accepted(request, struct.pack("<QQHHI", 4096, 0, 1, 64, 0), memory)
        client.close()
    assert daemon.log().count("there is none where packed rings are offered") == 2
    check_disk_works(daemon)


def test_half_a_message_and_gone(daemon: Daemon) -> None:
    for data in (b"\1", struct.pack("<III", SET_FEATURES, 1, 8), struct.pack("<III", SET_FEATURES, 1, 8) + b"abc"):
        client = FrontEnd(daemon)
        client.channel.sendall(data)
        client.close()
    check_disk_works(daemon)


def test_descriptors_that_are_no_eventfds(front: FrontEnd) -> None:
    """A file, or a pipe whose writer is gone, must not keep the loop busy or stop it."""
    front.negotiate()
    front.share_memory()
    front.ring()
    ours, theirs = os.pipe()
    os.close(theirs)
    front.accepted(SET_VRING_KICK, struct.pack("<Q", 0), [ours])
    os.close(ours)
    time.sleep(0.05)
    before = cpu_seconds(front.daemon)
    time.sleep(0.3)
    assert cpu_seconds(front.daemon) - before < 0.15
    front.accepted(SET_VRING_KICK, struct.pack("<Q", 0), [front.memory])
    assert front.daemon.process.poll() is None


def test_descriptors_that_block_after_all(front: FrontEnd) -> None:
    """O_NONBLOCK is shared with the front end, which takes it back: a full call and stolen kicks must not stop us."""
    front.negotiate()
    front.share_memory()
    queue = front.ring()
    kick, call = front.kicks[0], front.calls[0]
    for _ in range(300):
        fcntl.fcntl(kick, fcntl.F_SETFL, os.O_RDWR)
        os.write(kick, struct.pack("<Q", 1))
        fcntl.fcntl(kick, fcntl.F_SETFL, os.O_RDWR | os.O_NONBLOCK)
        with contextlib.suppress(BlockingIOError):  # it was faster
            os.read(kick, 8)
    with contextlib.suppress(BlockingIOError):
        os.read(call, 8)
    os.write(call, struct.pack("<Q", 2**64 - 2))
    fcntl.fcntl(call, fcntl.F_SETFL, os.O_RDWR)
    assert front.request(queue, T_OUT, 3, DATA)[0] == OK
    assert front.alive()


def cpu_seconds(daemon: Daemon) -> float:
    fields = Path(f"/proc/{daemon.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_rings_outside_memory_or_without_any(front: FrontEnd) -> None:
    front.negotiate()
    with pytest.raises(AssertionError):
        front.ring()  # no memory yet: the ring cannot start
    front.share_memory()
    assert front.alive()


def test_set_up_again_while_it_runs(front: FrontEnd) -> None:
    front.negotiate()
    front.share_memory()
    queue = front.ring()
    assert not front.accepted(SET_VRING_NUM, struct.pack("<II", 0, 128))
    assert not front.accepted(SET_VRING_BASE, struct.pack("<II", 0, 9))
    assert not front.accepted(SET_VRING_ADDR, struct.pack("<IIQQQQ", 0, 0, UVA, UVA, UVA, 0))
    assert not front.accepted(SET_FEATURES, struct.pack("<Q", 1 << 32))
    assert front.request(queue, T_OUT, 3, DATA)[0] == OK


def test_memory_taken_away_from_a_running_ring(front: FrontEnd) -> None:
    front.negotiate()
    front.share_memory()
    front.ring()
    other = os.memfd_create("other")
    os.ftruncate(other, 8192)
    front.accepted(SET_MEM_TABLE, front.mem_table((0, 8192, UVA, 0)), [other])
    os.close(other)
    assert front.alive() and "outside guest memory" in front.daemon.log()


def test_memory_file_truncated_under_a_running_ring(front: FrontEnd) -> None:
    front.negotiate()
    front.share_memory()
    queue = front.ring()
    assert front.request(queue, T_OUT, 3, DATA)[0] == OK
    os.ftruncate(front.memory, 0)
    queue.kick()
    time.sleep(0.1)
    assert front.alive()
    front.channel.close()
    check_disk_works(front.daemon)


# ---- the command and its socket -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["blk"], "missing option '--socket'"),
        (["blk", "--socket", "S"], "missing option '--disk'"),
        (["blk", "--socket", "S", "--disk", "/nowhere/x"], "cannot open '/nowhere/x': No such file"),
        (["blk", "--socket", "S", "--disk", "/dev/null"], "neither a file nor a block device"),
        (["blk", "--socket", "S", "--disk", "/etc/hostname", "--queues", "0"], "not a possible number of queues: '0'"),
        (["blk", "--socket", "S", "--disk", "/etc/hostname", "--queues", "65"], "number of queues: '65'"),
        (["blk", "--socket", "S", "--queues"], "a value is missing after '--queues'"),
        (["blk", "--sockets", "S"], "unknown option '--sockets'"),
        (["blk", "x"], "unexpected argument 'x'"),
        (["floppy"], "no device 'floppy'"),
    ],
)
def test_wrong_use_is_one_sentence(daemon_command: list[str], arguments: list[str], sentence: str) -> None:
    done = subprocess.run([*daemon_command, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode in (1, 2) and sentence in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_bad_place_for_the_socket(daemon_command: list[str], tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.write_bytes(bytes(4096))
    for path in (tmp_path / "no" / "s", tmp_path / ("long" * 40), disk):
        command = [*daemon_command, "blk", "--socket", str(path), "--disk", str(disk)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 1 and done.stderr.count("\n") == 1 and str(path) in done.stderr
    assert disk.read_bytes() == bytes(4096)  # a file in the way is not removed


def test_one_daemon_per_socket_and_per_disk(daemon: Daemon) -> None:
    for options in (["--socket", str(daemon.socket)], ["--socket", f"{daemon.socket}2"]):
        disk = f"{daemon.disk}2" if options[1] == str(daemon.socket) else str(daemon.disk)
        Path(f"{daemon.disk}2").write_bytes(bytes(4096))
        command = daemon.command[: daemon.command.index("blk") + 1]
        done = subprocess.run([*command, *options, "--disk", disk], capture_output=True, text=True, timeout=60)
        assert done.returncode == 1 and ("in use" in done.stderr), done.stderr
    check_disk_works(daemon)


def test_sigusr1_prints_the_coroutines(daemon: Daemon) -> None:
    daemon.process.send_signal(signal.SIGUSR1)
    deadline = time.monotonic() + 10
    while "coroutine" not in daemon.log() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "coroutine" in daemon.log()
    check_disk_works(daemon)


# ---- death of either side -----------------------------------------------------------------------------------------


def test_a_killed_daemon_leaves_a_socket_that_the_next_replaces(daemon: Daemon) -> None:
    check_disk_works(daemon)
    daemon.kill()
    assert daemon.socket.exists()
    daemon.start()
    check_disk_works(daemon)


def test_requests_of_a_dead_daemon_are_done_again_oldest_first(front: FrontEnd) -> None:
    """The record says: 8 and 16 in flight, 16 older; 0 is marked too, but the used ring has it already."""
    front.negotiate()
    front.share_memory()
    front.send(GET_INFLIGHT_FD, struct.pack("<QQHHI", 0, 0, 1, 64, 0))
    layout, [record] = front.reply()
    os.pwrite(record, struct.pack("<QHHHH", 0, 1, 64, 0, 1), 0)
    for head, counter in ((0, 3), (8, 9), (16, 7)):
        os.pwrite(record, struct.pack("<B5xHQ", 1, 0, counter), 16 + 16 * head)
    assert front.accepted(SET_INFLIGHT_FD, layout, [record])

    def as_left_behind(queue: Queue) -> None:
        front.put(queue.used + 2, struct.pack("<H", 2))
        queue.avail_idx = 4
        front.put(queue.avail + 2, struct.pack("<H", 4))
        for head in (8, 16):
            at = 0x80000 + 0x100 * head
            front.put(at, struct.pack("<IIQ", T_GET_ID, 0, 0))
            queue.chain(head, [(at, 16, 0), (at + 32, 20, WRITE), (at + 64, 1, WRITE)])
        queue.used_seen = 2

    queue = front.ring(prepare=as_left_behind)
    assert [front.wait_used(queue), front.wait_used(queue)] == [(16, 21), (8, 21)]
    assert front.request(queue, T_OUT, 3, DATA)[0] == OK  # and it goes on at entry 4
    assert queue.used_idx() == 5
    states = [os.pread(record, 1, 16 + 16 * head) for head in range(64)]
    assert states == [b"\0"] * 64
    os.close(record)


@pytest.fixture(scope="session")
def load(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("load") / "vublk_load"
    sources = [ROOT / "tests" / "bench" / f"{name}.c" for name in ("vublk_load", "vublk_client")]
    command = ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", *map(str, sources), "-o", str(target)]
    subprocess.run(command, check=True, timeout=120)
    return target


@pytest.mark.parametrize(("queues", "depth"), [(1, 1), (1, 128), (4, 32)])
def test_verified_load(start_daemon: StartDaemon, load: Path, tmp_path: Path, queues: int, depth: int) -> None:
    (tmp_path / "disk").write_bytes(bytes(16 * MIB))
    daemon = start_daemon("--queues", str(queues))
    command = [str(load), "--socket", str(daemon.socket), "--queues", str(queues), "--depth", str(depth)]
    done = subprocess.run(
        [*command, "--seconds", "1", "--flush-every", "50"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert '"errors": 0' in done.stdout


def test_nothing_is_lost_when_the_daemon_is_killed(start_daemon: StartDaemon, load: Path, tmp_path: Path) -> None:
    """kill -9 four times under load: the client reconnects, and every block has the version it was told."""
    (tmp_path / "disk").write_bytes(bytes(16 * MIB))
    daemon = start_daemon("--queues", "2")
    command = [str(load), "--socket", str(daemon.socket), "--queues", "2", "--depth", "32", "--seconds", "3"]
    process = subprocess.Popen([*command, "--reconnect"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(4):
        time.sleep(0.6)
        daemon.kill()
        daemon.start()
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors + output
    assert '"errors": 0' in output and '"reconnects": 4' in output
