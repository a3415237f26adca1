"""Traffic of a device's own over vhost-user: rings stop and go on, clients come and go, the daemon is killed."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator

import pytest

from tests.devices.conftest import StartDaemon
from tests.devices.fake_driver import WRITE, Queue
from tests.devices.front_end import (
    GET_INFLIGHT_FD,
    GET_VRING_BASE,
    SET_INFLIGHT_FD,
    SET_VRING_ENABLE,
    SET_VRING_KICK,
    Daemon,
    FrontEnd,
)
from tests.devices.net_driver import HEADER, packet

BUFFER = 0x80000


class Net:
    """A net device's daemon on one end of a socket pair, and a client of it with receive and transmit rings."""

    def __init__(self, start_daemon: StartDaemon) -> None:
        self.far, near = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.far.settimeout(10)
        self.daemon: Daemon = start_daemon("--fd", str(near.fileno()), device="net", pass_fds=[near.fileno()])
        self.near = near  # stays open here, for a daemon that is started again
        self.front = self.connect()
        self.rx, self.tx = self.front.ring(0), self.front.ring(1)

    def connect(self) -> FrontEnd:
        front = FrontEnd(self.daemon)
        front.negotiate()
        front.share_memory()
        return front

    def offer(self, *heads: int, size: int = 1024, queue: Queue | None = None) -> None:
        for head in heads:
            (queue or self.rx).offer((queue or self.rx).chain(head, [(BUFFER + 2048 * head, size, WRITE)]))
        (queue or self.rx).kick()

    def received(self, *, front: FrontEnd | None = None, queue: Queue | None = None) -> tuple[int, bytes]:
        """Head and content of a packet in one chain."""
        head, size = (front or self.front).wait_used(queue or self.rx)
        return head, (front or self.front).get(BUFFER + 2048 * head, size)[HEADER:]

    def send(self, content: bytes) -> None:
        self.front.put(0xF0000, bytes(HEADER) + content)
        self.tx.offer(self.tx.chain(0, [(0xF0000, HEADER + len(content), 0)]))
        self.tx.kick()
        assert self.front.wait_used(self.tx) == (0, 0)

    def stop(self, queue: Queue) -> int:
        """Where the ring was stopped."""
        answer = self.front.call(GET_VRING_BASE, struct.pack("<II", queue.index, 0))
        index, base = struct.unpack("<II", answer)
        assert index == queue.index
        return int(base)

    def go_on(self, queue: Queue) -> None:
        kick = os.eventfd(0)
        assert self.front.accepted(SET_VRING_KICK, struct.pack("<Q", queue.index), [kick])
        os.close(self.front.kicks[queue.index])
        self.front.kicks[queue.index] = kick


@pytest.fixture
def net(start_daemon: StartDaemon) -> Iterator[Net]:
    made = Net(start_daemon)
    yield made
    made.front.close()
    made.far.close()
    made.near.close()


def test_packets_over_rings(net: Net) -> None:
    net.offer(0, 1)
    net.far.send(packet(300, 1))
    assert net.received() == (0, packet(300, 1))
    net.send(packet(100, 2))
    assert net.far.recv(4096) == packet(100, 2)


def test_a_ring_that_waits_for_a_packet_stops_at_once_and_goes_on(net: Net) -> None:
    net.offer(0, 1, 2)
    net.far.send(packet(300, 1))
    assert net.received() == (0, packet(300, 1))
    assert net.stop(net.rx) == 1  # it holds none of the two that are left
    assert net.stop(net.tx) == 0
    net.go_on(net.rx)
    net.go_on(net.tx)
    net.far.send(packet(300, 2))
    assert net.received() == (1, packet(300, 2))
    net.send(packet(100, 3))
    assert net.far.recv(4096) == packet(100, 3)


def test_a_ring_that_holds_chains_gives_them_back_when_it_stops(net: Net) -> None:
    net.offer(0, 1)
    net.far.send(packet(3000, 1))  # a third chain is needed
    net.far.send(packet(300, 2))
    while net.stop(net.rx) == 0:  # it had not seen the packet yet
        net.go_on(net.rx)
        assert net.front.alive()
    assert net.rx.used_idx() == 2
    assert [net.rx.take_used() for _ in range(2)] == [(0, 0), (1, 0)]
    net.offer(2, 3, 4, 5)
    net.go_on(net.rx)
    contents = [net.received()[1]]
    while contents[-1] != packet(300, 2) and len(contents) < 5:
        contents.append(net.received()[1])
    assert contents[-1] == packet(300, 2)


def test_a_ring_is_disabled_and_enabled(net: Net) -> None:
    net.offer(0, 1)
    assert net.front.accepted(SET_VRING_ENABLE, struct.pack("<II", 0, 0))
    net.far.send(packet(300, 1))
    assert net.rx.take_used() is None
    assert net.front.accepted(SET_VRING_ENABLE, struct.pack("<II", 0, 1))
    assert net.received() == (0, packet(300, 1))


def test_a_client_leaves_in_the_middle_and_the_next_is_served(net: Net) -> None:
    net.offer(0)
    net.far.send(packet(3000, 1))
    net.front.close()
    net.front = net.connect()
    net.rx, net.tx = net.front.ring(0), net.front.ring(1)
    net.offer(0, 1, 2, 3, 4)
    net.far.send(packet(300, 2))
    while net.received()[1] != packet(300, 2):
        pass
    net.send(packet(100, 3))
    assert net.far.recv(4096) == packet(100, 3)


def test_chains_that_a_killed_daemon_held_are_used_by_the_next(net: Net) -> None:
    """The record of chains in flight: also those that several chains of one packet left, which were all done."""
    front = net.front
    front.send(GET_INFLIGHT_FD, struct.pack("<QQHHI", 0, 0, 1, 64, 0))
    layout, [record] = front.reply()
    net.stop(net.rx)
    net.stop(net.tx)
    assert front.accepted(SET_INFLIGHT_FD, layout, [record])
    net.go_on(net.rx)
    net.offer(0, 1, 2)
    net.far.send(packet(1500, 1))  # two chains, published together
    assert [front.wait_used(net.rx) for _ in range(2)] == [(0, 1024), (1, 488)]
    net.far.send(packet(3000, 2))  # takes the third, and waits with it
    for _ in range(200):
        if os.pread(record, 1, 16 + 16 * 2) == b"\1":
            break
        front.alive()
    else:
        raise AssertionError("the chain is not in the record")
    net.daemon.kill()
    net.daemon.start()

    again = FrontEnd(net.daemon)
    os.close(again.memory)
    again.memory = os.dup(front.memory)
    again.negotiate()
    again.share_memory()
    assert again.accepted(SET_INFLIGHT_FD, layout, [record])
    before = net.rx

    def as_left_behind(queue: Queue) -> None:
        queue.avail_idx, queue.used_seen = before.avail_idx, before.used_seen
        again.put(queue.desc, saved)

    saved = front.get(before.desc, 0xA000)
    queue = again.ring(0, prepare=as_left_behind)
    net.far.send(packet(300, 3))
    assert net.received(front=again, queue=queue) == (2, packet(300, 3))
    again.close()
    os.close(record)
