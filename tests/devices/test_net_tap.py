"""devices/net.c on a tap, in a network namespace of its own: what the kernel at the other end makes of its packets."""

from __future__ import annotations

import os
import socket
import struct

import pytest

from tests.devices.conftest import StartHost
from tests.devices.fake_driver import CONFIG
from tests.devices.net_driver import (
    ERR,
    F_CSUM,
    F_CTRL_OFFLOADS,
    F_GUEST_CSUM,
    F_GUEST_TSO4,
    F_HOST_TSO4,
    F_MQ,
    MAC,
    OK,
    Net,
    packet,
)

pytestmark = pytest.mark.skipif(
    not os.access("/dev/net/tun", os.R_OK | os.W_OK), reason="/dev/net/tun is missing or not for this user"
)

OURS, THEIRS, THEIR_MAC = "10.0.2.15", "10.0.2.2", "52:54:00:00:00:01"
OUR_BYTES, THEIR_BYTES = bytes.fromhex(MAC.replace(":", "")), bytes.fromhex(THEIR_MAC.replace(":", ""))
NEEDS_CSUM, TSO4, ECN = 1, 1, 0x80


def start_tap(start_host: StartHost, pairs: int = 1) -> Net:
    queues = "multi_queue" if pairs > 1 else ""
    script = f"""set -e; ip tuntap add tap0 mode tap {queues}; ip link set tap0 address {THEIR_MAC}
sysctl -qw net.ipv6.conf.tap0.disable_ipv6=1 2>/dev/null || echo 1 > /proc/sys/net/ipv6/conf/tap0/disable_ipv6
ip addr add {THEIRS}/24 dev tap0; ip link set tap0 up
ip neigh add {OURS} lladdr {MAC} dev tap0; exec "$@" """
    within = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", script, "sh"]
    return Net(start_host(f"net,tap=tap0,mac={MAC},queues={pairs}", within=within), 3)


def checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total >> 16) + (total & 0xFFFF)
    return ~total & 0xFFFF


def echo_request(number: int, *, whole: bool = True, content: bytes = bytes(range(56))) -> bytes:
    """An ICMP echo request as a frame; without its checksum unless `whole`."""
    icmp = struct.pack(">BBHHH", 8, 0, 0, 7, number) + content
    if whole:
        icmp = icmp[:2] + struct.pack(">H", checksum(icmp)) + icmp[4:]
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(icmp), 1, 0, 64, 1, 0)
    head += socket.inet_aton(OURS) + socket.inet_aton(THEIRS)
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    return THEIR_BYTES + OUR_BYTES + b"\x08\x00" + head + icmp


def answered(net: Net, number: int) -> bool:
    """The next packet is the reply to that request."""
    header, content = net.received()
    assert content[:14] == OUR_BYTES + THEIR_BYTES + b"\x08\x00" and header[:2] == b"\0\0"
    return content[34:36] == b"\0\0" and struct.unpack(">H", content[40:42])[0] == number


def test_features_follow_the_kernel(start_host: StartHost) -> None:
    net = start_tap(start_host)
    bits = net.offered()
    for bit in (F_CSUM, F_GUEST_CSUM, F_CTRL_OFFLOADS, F_GUEST_TSO4, F_HOST_TSO4):
        assert bits >> bit & 1
    assert not bits >> F_MQ & 1
    net.up()
    assert net.command(5, 0, struct.pack("<Q", 1 << F_GUEST_CSUM)) == OK
    assert net.command(5, 0, struct.pack("<Q", 1 << F_GUEST_CSUM | 1 << F_HOST_TSO4)) == ERR
    assert net.command(5, 0, b"\0") == ERR


def test_the_kernel_answers_also_what_has_only_part_of_a_checksum(start_host: StartHost) -> None:
    net = start_tap(start_host).up()
    net.offer_buffers([2000] * 8)
    net.send(echo_request(1))
    assert answered(net, 1)
    partial = struct.pack("<BBHHHHH", NEEDS_CSUM, 0, 0, 0, 34, 2, 0)
    net.send(echo_request(2, whole=False), header=partial)
    assert answered(net, 2)
    net.offer_buffers([500] * 4, first=8)
    for number in range(3, 10):  # the last ones over several buffers
        net.send(echo_request(number, content=bytes(1400)))
        assert answered(net, number)


HOSTILE = {
    "csum-end": struct.pack("<BBHHHHH", NEEDS_CSUM, 0, 0, 0, 97, 2, 0),
    "csum-wraps": struct.pack("<BBHHHHH", NEEDS_CSUM, 0, 0, 0, 0xFFFF, 0xFFFF, 0),
    "tso-no-csum": struct.pack("<BBHHHHH", 0, TSO4, 54, 1000, 0, 0, 0),
    "tso-no-size": struct.pack("<BBHHHHH", NEEDS_CSUM, TSO4, 54, 0, 34, 16, 0),
    "gso-unknown": struct.pack("<BBHHHHH", NEEDS_CSUM, 2, 54, 1000, 34, 16, 0),
    "gso-wild": struct.pack("<BBHHHHH", 0xFF, 0xFF, 0xFFFF, 0xFFFF, 34, 16, 0xFFFF),
    "ecn-alone-and-wild": struct.pack("<BBHHHHH", 0, ECN, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF),
    "tso-of-nothing": struct.pack("<BBHHHHH", NEEDS_CSUM, TSO4 | ECN, 0xFFFF, 1, 34, 16, 0xFFFF),
}


@pytest.mark.parametrize("header", HOSTILE.values(), ids=HOSTILE.keys())
def test_headers_that_lie_do_no_harm(start_host: StartHost, header: bytes) -> None:
    """[CVE-2023-6693 and family 13] Refused by us, or by the kernel's own checks; the interface goes on."""
    net = start_tap(start_host).up()
    net.offer_buffers([2000] * 8)
    net.send(packet(100, 1), header=header)
    net.send(echo_request(4), header=struct.pack("<BBHHHHH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF))
    assert answered(net, 4) and not net.broken


def test_two_pairs_of_queues(start_host: StartHost) -> None:
    net = start_tap(start_host, pairs=2)
    assert net.offered() >> F_MQ & 1 and net.read(CONFIG + 8, 2) == 2
    net.up(pairs=2)
    assert [net.command(4, 0, struct.pack("<H", n)) for n in (0, 3, 0xFFFF)] == [ERR] * 3
    assert net.command(4, 0, struct.pack("<H", 2)) == OK
    net.offer_buffers([2000] * 4)
    net.offer_buffers([2000] * 4, first=8, rx=net.queues[2])
    for number, tx in enumerate((net.queues[1], net.queues[3]), 1):
        net.send(echo_request(number), tx=tx)
    seen: list[int] = []
    while len(seen) < 2:  # the kernel chooses a queue by the flow, which it saw come in by both
        net.settle(2)
        seen += [queue.index for queue in (net.queues[0], net.queues[2]) if queue.take_used()]
    assert net.command(4, 0, struct.pack("<H", 1)) == OK
    net.reset()
    net.up(pairs=2)  # one pair until the driver asks for more
    net.offer_buffers([2000] * 4)
    net.send(echo_request(5))
    assert answered(net, 5)
    net.send(echo_request(6), tx=net.queues[3])  # not of a pair in use: dropped
    net.settle()
    assert net.rx.take_used() is None
