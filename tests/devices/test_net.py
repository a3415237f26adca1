"""devices/net.c through its queues: packets in both directions, the control queue, and what hostile drivers send."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.devices.checks import Bystander, refusal
from tests.devices.conftest import StartHost
from tests.devices.fake_driver import CONFIG, DEVICE_ID, INTERRUPT_STATUS, NEXT, STATUS, WRITE, Desc
from tests.devices.net_driver import (
    CONTROL,
    ERR,
    F_ANNOUNCE,
    F_CSUM,
    F_CTRL,
    F_CTRL_MAC,
    F_CTRL_RX,
    F_GUEST_TSO4,
    F_HOST_TSO4,
    F_MAC,
    F_MQ,
    F_MRG,
    F_MTU,
    F_STATUS,
    HEADER,
    MAC,
    OK,
    SEND,
    Cable,
    Net,
    framed,
    packet,
)

ONE_BUFFER = struct.pack("<10xH", 1)


@pytest.fixture
def cable(start_host: StartHost) -> Iterator[Cable]:
    made = Cable(start_host)
    yield made
    made.far.close()


@pytest.fixture
def stream(start_host: StartHost) -> Iterator[Cable]:
    made = Cable(start_host, socket.SOCK_STREAM)
    yield made
    made.far.close()


def check_works(cable: Cable) -> None:
    """A reset repairs everything: a packet goes each way."""
    net = cable.net
    left = True
    while left:
        net.reset()
        assert net.read(STATUS) == 0
        net.up()
        net.offer_buffers([2000] * 60)
        net.settle()
        left = net.rx.used_idx() > 0
    net.send(packet(60, 77))
    while cable.arrived() != packet(60, 77):  # others are what a former life left on the way
        pass
    cable.far.send(packet(70, 78))
    assert net.received() == (ONE_BUFFER, packet(70, 78))


# ---- what it says of itself ---------------------------------------------------------------------------------------


def test_features_and_configuration(start_host: StartHost) -> None:
    net = Cable(start_host, options=",mtu=9000").net
    assert net.read(DEVICE_ID) == 1
    bits = net.offered()
    assert all(bits >> bit & 1 for bit in (F_MAC, F_MTU, F_MRG, F_STATUS, F_CTRL, F_CTRL_RX, F_ANNOUNCE, F_CTRL_MAC))
    assert not any(bits >> bit & 1 for bit in (F_CSUM, F_GUEST_TSO4, F_HOST_TSO4, F_MQ))  # nothing does them
    net.up()
    assert bytes(net.read(CONFIG + i, 1) for i in range(6)).hex(":") == MAC
    assert net.read(CONFIG + 6, 2) == 1 and net.read(CONFIG + 8, 2) == 1 and net.read(CONFIG + 10, 2) == 9000


def test_addresses_of_our_own_making_differ(start_host: StartHost) -> None:
    ends = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2)]
    fds = [near.fileno() for _, near in ends]
    host = start_host(*(f"net,fd={fd}" for fd in fds), pass_fds=fds)
    first, second = (bytes(Net(host, n).read(CONFIG + i, 1) for i in range(6)) for n in (3, 4))
    assert first != second and first[:3] == second[:3] == bytes.fromhex("525400")
    for pair in ends:
        for end in pair:
            end.close()


# ---- packets ------------------------------------------------------------------------------------------------------


def test_packets_arrive_in_order_each_in_a_chain(cable: Cable) -> None:
    net = cable.net.up()
    for mark in range(3):
        cable.far.send(packet(60 + mark, mark))  # before there are buffers
    net.offer_buffers([2000] * 5)
    for mark in range(3):
        assert net.received() == (ONE_BUFFER, packet(60 + mark, mark))
    cable.far.send(packet(1514, 9))
    assert net.received() == (ONE_BUFFER, packet(1514, 9))
    assert net.read(INTERRUPT_STATUS) & 1


@pytest.mark.parametrize("transport", ["mmio", "pci"])
def test_a_packet_over_several_chains(transport: str, cable: Cable) -> None:
    net = cable.net.up()
    net.offer_buffers([1024] * 3)
    cable.far.send(packet(4000, 1))
    net.settle()
    assert net.rx.take_used() is None  # 12 + 4000 bytes need a fourth, and nothing is shown before
    net.offer_buffers([2048] * 2, first=3)
    assert net.received() == (struct.pack("<10xH", 4), packet(4000, 1))
    cable.far.send(packet(1000, 2))
    assert net.received() == (ONE_BUFFER, packet(1000, 2))


def test_the_header_over_several_chains(cable: Cable) -> None:
    net = cable.net.up()
    net.offer_buffers([5, 6, 2000])
    cable.far.send(packet(60, 1))
    assert [net.used(net.rx) for _ in range(3)] == [(0, 5), (1, 6), (2, 61)]
    assert net.host.get(net.buffer(0), 5) + net.host.get(net.buffer(1), 6) == struct.pack("<10xH", 3)[:11]
    assert net.host.get(net.buffer(2), 61) == b"\0" + packet(60, 1)


def test_without_mergeable_buffers_what_does_not_fit_is_dropped(cable: Cable) -> None:
    net = cable.net.up(without=1 << F_MRG)
    net.offer_buffers([200, 200])
    cable.far.send(packet(500, 1))
    cable.far.send(packet(188, 2))
    assert net.received() == (ONE_BUFFER, packet(188, 2))
    assert "longer than the driver's receive buffers" in net.host.log()
    cable.far.send(packet(60, 3))
    assert net.received() == (ONE_BUFFER, packet(60, 3))


def test_sent_packets_keep_their_order_and_any_split(cable: Cable) -> None:
    net = cable.net.up()
    net.host.put(SEND, bytes(HEADER) + packet(300, 5))
    pieces = [(SEND, 3, 0), (SEND + 3, 9, 0), (SEND + 12, 1, 0), (SEND + 13, 299, 0)]
    net.tx.offer(net.tx.chain(0, pieces))
    net.tx.kick()
    assert net.used(net.tx) == (0, 0) and cable.arrived() == packet(300, 5)
    for head in range(32):
        net.host.put(SEND + 256 * head, bytes(HEADER) + packet(100, head))
        net.tx.offer(net.tx.chain(head, [(SEND + 256 * head, HEADER + 100, 0)]))
    net.tx.kick()
    assert [net.used(net.tx)[0] for _ in range(32)] == list(range(32))
    assert [cable.arrived() for _ in range(32)] == [packet(100, head) for head in range(32)]


def test_a_full_socket_holds_the_driver_up_and_loses_nothing(stream: Cable) -> None:
    net = stream.net.up()
    big = packet(16000, 3)
    net.host.put(SEND, bytes(HEADER) + big)
    sent = 0
    for head in range(60):
        net.tx.offer(net.tx.chain(head, [(SEND, HEADER + len(big), 0)]))
        net.tx.kick()
        net.settle(3)
        sent += net.tx.take_used() is not None
    assert 2 < sent < 59
    data = b""
    while len(data) < 60 * (4 + len(big)):
        net.settle(1)
        data += stream.far.recv(1 << 20)
    assert data == framed(big) * 60
    assert len([net.used(net.tx) for _ in range(60 - sent)]) == 60 - sent


@pytest.mark.parametrize("transport", ["mmio", "pci"])
def test_a_reset_does_not_wait_for_a_full_socket(transport: str, stream: Cable) -> None:
    net = stream.net.up()
    big = packet(60000, 3)
    net.host.put(SEND, bytes(HEADER) + big)
    for head in range(20):
        net.tx.offer(net.tx.chain(head, [(SEND, HEADER + len(big), 0)]))
    net.tx.kick()
    net.settle()
    net.reset()
    net.up()
    net.offer_buffers([2000] * 4)
    data = b""
    net.tx.offer(net.tx.chain(0, [(SEND, HEADER + 60, 0)]))
    net.tx.kick()
    while not data.endswith(framed(big[:60])):
        net.settle(1)
        data += stream.far.recv(1 << 20)
    whole, rest = divmod(len(data) - 64, len(big) + 4)  # what was begun before the reset was finished after it
    assert rest == 0 and data == framed(big) * whole + framed(big[:60])


def test_a_stream_in_pieces(stream: Cable) -> None:
    net = stream.net.up()
    net.offer_buffers([2000] * 40)
    data = framed(packet(60, 1)) + framed(packet(1514, 2)) + framed(packet(14, 3))
    for at in range(0, len(data), 100):
        stream.far.send(data[at : at + 100])
        net.settle(1)
    assert [net.received()[1] for _ in range(3)] == [packet(60, 1), packet(1514, 2), packet(14, 3)]
    stream.far.send(b"".join(framed(packet(200, mark)) for mark in range(20)))
    assert [net.received()[1] for _ in range(20)] == [packet(200, mark) for mark in range(20)]


def test_the_longest_packet_both_ways(stream: Cable) -> None:
    net = stream.net.up(num=256)
    longest = packet(65553, 4)
    net.offer_buffers([1530] * 60)
    stream.far.send(framed(longest))
    header, content = net.received()
    assert content == longest and struct.unpack_from("<H", header, 10)[0] == 43
    net.host.put(SEND, bytes(HEADER) + longest)
    net.tx.offer(net.tx.chain(0, [(SEND, HEADER + len(longest), 0)]))
    net.tx.kick()
    data = b""
    while len(data) < len(longest) + 4:
        net.settle(1)
        data += stream.far.recv(1 << 20)
    assert data == framed(longest)


@pytest.mark.parametrize("wrong", [0, 13, 65554, 2**31, 2**32 - 1])
def test_a_peer_that_breaks_the_stream_is_cut_off(stream: Cable, wrong: int) -> None:
    net = stream.net.up()
    net.offer_buffers([2000] * 4)
    stream.far.send(framed(packet(60, 1)) + struct.pack(">I", wrong) + bytes(100))
    assert net.received()[1] == packet(60, 1)
    net.settle()
    assert net.read(CONFIG + 6, 2) == 0  # the link is down
    assert net.read(INTERRUPT_STATUS) & 2 and "the cable is cut: Protocol error" in net.host.log()
    net.send(packet(60, 2))  # goes nowhere, and comes back
    net.reset()
    net.up()
    assert net.read(CONFIG + 6, 2) == 0 and not net.broken


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_SEQPACKET])
def test_a_peer_that_leaves(start_host: StartHost, kind: int) -> None:
    cable = Cable(start_host, kind)
    net = cable.net.up()
    net.offer_buffers([2000] * 4)
    cable.far.close()
    net.settle()
    assert net.read(CONFIG + 6, 2) == 0 and "the other end is gone" in net.host.log()
    net.send(packet(60, 2))
    net.reset()


# ---- the control queue --------------------------------------------------------------------------------------------


def test_receive_modes_and_tables_are_accepted(cable: Cable) -> None:
    net = cable.net.up()
    assert [net.command(0, command, b"\1") for command in range(7)] == [OK] * 6 + [ERR]
    table = struct.pack("<I", 2) + bytes(12) + struct.pack("<I", 100) + bytes(600)
    assert net.command(1, 0, table) == OK
    assert net.command(1, 0, struct.pack("<II", 0, 0)) == OK
    cable.far.send(packet(60, 1))
    net.offer_buffers([200])
    assert net.received()[1] == packet(60, 1)


def test_the_driver_sets_its_address_until_a_reset(cable: Cable) -> None:
    net = cable.net.up()
    assert net.command(1, 1, bytes(range(2, 8))) == OK
    assert bytes(net.read(CONFIG + i, 1) for i in range(6)) == bytes(range(2, 8))
    net.reset()
    assert bytes(net.read(CONFIG + i, 1) for i in range(6)).hex(":") == MAC


@pytest.mark.parametrize(
    ("kind", "command", "data"),
    [
        (0, 0, b""),
        (1, 0, struct.pack("<I", 1)),
        (1, 0, struct.pack("<I", 2**32 - 1) + bytes(30)),
        (1, 0, struct.pack("<I", 0)),
        (1, 1, bytes(5)),
        (1, 1, bytes(7)),
        (1, 2, bytes(6)),
        (2, 0, bytes(2)),
        (3, 1, b""),
        (4, 0, struct.pack("<H", 1)),  # F_MQ was not offered
        (5, 0, bytes(8)),
        (255, 255, bytes(64)),
    ],
)
def test_commands_that_are_refused(cable: Cable, kind: int, command: int, data: bytes) -> None:
    """[family 13]"""
    net = cable.net.up()
    assert net.command(kind, command, data) == ERR
    assert net.command(3, 0) == OK and not net.broken


def test_commands_need_the_features(cable: Cable) -> None:
    net = cable.net.up(without=1 << F_CTRL_RX | 1 << F_CTRL_MAC | 1 << F_ANNOUNCE)
    assert net.command(0, 0, b"\1") == net.command(1, 0, bytes(8)) == net.command(1, 1, bytes(6)) == ERR
    assert net.command(3, 0) == ERR
    net.reset()
    net.up(without=1 << F_CTRL)
    net.host.put(CONTROL, b"\0\0\1\xee")
    net.control.offer(net.control.chain(0, [(CONTROL, 3, 0), (CONTROL + 3, 1, WRITE)]))
    net.control.kick()
    assert net.used(net.control) == (0, 0) and net.host.get(CONTROL + 3, 1) == b"\xee"


def test_malformed_commands(cable: Cable) -> None:
    net = cable.net.up()
    for buffers in ([(CONTROL, 1, 0), (CONTROL + 8, 1, WRITE)], [(CONTROL, 3, 0)], [(CONTROL + 8, 1, WRITE)]):
        net.host.put(CONTROL, bytes(16))
        net.control.offer(net.control.chain(0, buffers))
        net.control.kick()
        assert net.used(net.control)[0] == 0
    assert net.command(0, 0, b"\1") == OK and not net.broken


# ---- hostile drivers ----------------------------------------------------------------------------------------------


def header(flags: int = 0, gso: int = 0, length: int = 0, size: int = 0, start: int = 0, offset: int = 0) -> bytes:
    return struct.pack("<BBHHHHH", flags, gso, length, size, start, offset, 0xFFFF)


@pytest.mark.parametrize(
    ("head", "content"),
    [
        (bytes(HEADER), b""),
        (bytes(HEADER - 1), b""),
        (b"\0", b""),
        (bytes(HEADER), packet(13)),
        (bytes(HEADER), packet(65554)),
        (header(flags=1, start=14, offset=16), packet(100)),
        (header(flags=1, start=0xFFFF, offset=0xFFFF), packet(100)),
        (header(gso=1, size=1000), packet(3000)),
        (header(flags=1, gso=0x81, size=1, length=0xFFFF), packet(100)),
        (header(gso=3, size=1), packet(100)),
        (header(gso=255, size=1), packet(100)),
    ],
    ids=[
        "no-packet", "short-header", "one-byte", "short-packet", "long-packet", "csum", "csum-wild", "tso", "tso-ecn",
        "ufo", "gso-wild",
    ],
)  # fmt: skip
def test_what_is_not_a_packet_is_dropped(cable: Cable, head: bytes, content: bytes) -> None:
    """[CVE-2023-6693 and family 13] Nothing of it was agreed on, or its lengths cannot be."""
    net = cable.net.up()
    net.send(content, header=head)
    net.send(packet(60, 1), header=header(length=0xFFFF))  # hdr_len and num_buffers mean nothing here
    assert cable.arrived() == packet(60, 1)
    assert "is not a packet (1 packets dropped" in net.host.log() and not net.broken


def test_a_chain_of_the_wrong_direction_on_each_queue(cable: Cable) -> None:
    net = cable.net.up()
    net.rx.offer(net.rx.chain(0, [(SEND, 100, 0)]))  # nothing can be written to it
    net.tx.offer(net.tx.chain(0, [(SEND, 100, WRITE)]))
    for queue in (net.rx, net.tx):
        queue.kick()
    assert net.used(net.tx) == (0, 0)
    net.offer_buffers([200], first=1)
    cable.far.send(packet(60, 1))
    assert [net.used(net.rx) for _ in range(2)] == [(0, 0), (1, 72)] and not net.broken


def test_receive_buffers_of_one_byte(cable: Cable) -> None:
    """[CVE-2021-3748] They are never enough for the packet; a reset gets all of them back."""
    net = cable.net.up(num=256)
    bystander = Bystander(net.host)
    net.offer_buffers([1] * 200)
    for mark in range(10):
        cable.far.send(packet(100, mark))
    net.settle()
    assert net.rx.take_used() is None and not net.broken
    bystander.check(b"after")
    check_works(cable)


@pytest.mark.parametrize("queue", [0, 1, 2])
@pytest.mark.parametrize("transport", ["mmio", "pci"])
def test_a_broken_ring_ends_the_traffic_until_a_reset(transport: str, cable: Cable, queue: int) -> None:
    net = cable.net.up()
    net.offer_buffers([200] * 4, first=8)
    broken = net.queues[queue]
    broken.write_desc(0, Desc(SEND, 100, NEXT | (WRITE if queue == 0 else 0), 0))
    broken.offer(0)
    broken.kick()
    for mark in range(10):  # the receiver reaches the bad chain only when it needs one
        cable.far.send(packet(100, mark))
    net.settle()
    assert net.broken and net.host.complaints() == 1 and "looped descriptor" in net.host.log()
    check_works(cable)


@pytest.mark.parametrize("transport", ["mmio", "pci"])
def test_resets_in_the_middle_of_everything(transport: str, cable: Cable) -> None:
    net = cable.net
    cable.far.setblocking(False)
    for turn in range(25):
        net.up()
        net.offer_buffers([600] * (turn % 7))
        for mark in range(turn % 5 + 1):
            with contextlib.suppress(BlockingIOError):
                cable.far.send(packet(2000, mark))  # waits for chains, holding some
            net.host.put(SEND, bytes(HEADER) + packet(100, mark))
            net.tx.offer(net.tx.chain(mark, [(SEND, HEADER + 100, 0)]))
        net.tx.kick()
        net.settle(turn % 3)
        net.reset()
    cable.far.settimeout(5)
    check_works(cable)


def test_queues_that_are_not_of_this_device(cable: Cable) -> None:
    """Queue 2 is the control queue whether or not the others run."""
    net = cable.net
    assert net.read(0x34) == 256
    net.write(0x30, 3)
    assert net.read(0x34) == 0
    net.up()
    assert net.command(0, 0, b"\1") == OK


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("", "needs one of tap, passt, socket and fd"),
        (",passt,tap=x", "needs one of tap, passt, socket and fd"),
        (",fd=0,tcp-ports=80", "need passt"),
        (",fd=0", "'0' is not the number of an open socket"),
        (",fd=99999", "'99999' is not the number of an open socket"),
        (",fd=0,queues=2", "only a tap has more"),
        (",socket=/nowhere/s", "cannot connect to '/nowhere/s': No such file"),
        (",tap=", "'' is not the name of an interface"),
        (",tap=an-interface-name-too-long", "is not the name of an interface"),
        (",passt,mac=1:2:3:4:5", "is not the MAC address of an interface"),
        (",passt,mac=01:00:00:00:00:00", "is not the MAC address of an interface"),
        (",passt,mac=52:54:00:12:34:56x", "is not the MAC address of an interface"),
        (",passt,mtu=67", "not a possible MTU (68 to 65535): '67'"),
        (",passt,mtu=65536", "not a possible MTU"),
        (",passt,queues=17", "1 to 16 queues"),
    ],
)
def test_options_that_cannot_be(program: Path, tmp_path: Path, options: str, says: str) -> None:
    assert says in refusal(program, tmp_path, "net" + options)
