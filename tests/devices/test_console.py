"""devices/console.c through its queues: ports, what is said about them, streams of every kind, and hostile drivers."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import socket
import struct
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.devices.checks import Bystander, refusal
from tests.devices.conftest import StartHost
from tests.devices.fake_driver import (
    CONFIG,
    DEVICE_ID,
    F_EVENT_IDX,
    HIGH,
    HIGH_SIZE,
    INTERRUPT_STATUS,
    NEXT,
    STATUS,
    WRITE,
    Desc,
    Device,
    Host,
    Queue,
)

F_SIZE, F_MULTIPORT, F_EMERGENCY = 0, 1, 2
DEVICE_READY, PORT_ADD, PORT_READY, CONSOLE_PORT, RESIZE, PORT_OPEN, PORT_NAME = 0, 1, 3, 4, 5, 6, 7
INPUT, OUTPUT = 0x80000, 0xC0000  # where buffers are


class Console(Device):
    """A console: queues by number, and what a driver does with them."""

    def __init__(self, host: Host) -> None:
        super().__init__(host, 3)

    def up(self, *, ports: int = 1, multiport: bool = True) -> Console:
        features = self.offered() & ~(1 << F_EVENT_IDX)
        if not multiport:
            features &= ~(1 << F_MULTIPORT)
        self.queues = self.start(features=features, num=16, queues=2 * ports + 2 if multiport else 2)
        return self

    def at(self, queue: Queue) -> int:
        """Where the buffer of the queue is."""
        return INPUT + 0x2000 * queue.index

    def offer(self, number: int, size: int = 256) -> None:
        queue = self.queues[number]
        queue.offer(queue.chain(0, [(self.at(queue), size, WRITE)]))
        queue.kick()

    def read_input(self, number: int = 0, size: int = 256) -> bytes:
        """Offers a buffer; what comes in it."""
        self.offer(number, size)
        return self.host.get(self.at(self.queues[number]), self.used(self.queues[number])[1])

    def message(self) -> tuple[int, int, int, bytes]:
        """The next control message: port, event, value, more."""
        data = self.read_input(2)
        return *struct.unpack_from("<IHH", data), data[8:]

    def say(self, port: int, event: int, value: int) -> None:
        self.write_output(struct.pack("<IHH", port, event, value), 3)

    def write_output(self, data: bytes, number: int = 1) -> None:
        queue = self.queues[number]
        self.host.put(OUTPUT, data)
        queue.offer(queue.chain(0, [(OUTPUT, len(data), 0)]))
        queue.kick()
        assert self.used(queue) == (0, 0)

    def no_message(self) -> bool:
        self.offer(2)
        self.settle()
        return self.queues[2].take_used() is None


class Far:
    """The far ends of ports that are inherited sockets."""

    def __init__(self, start_host: StartHost, names: tuple[str, ...] = ("",)) -> None:
        pairs = [socket.socketpair() for _ in names]
        self.ends = [far for far, _ in pairs]
        fds = [near.fileno() for _, near in pairs]
        ports = [f"port{n}={name}fd:{fd}" for n, (name, fd) in enumerate(zip(names, fds, strict=True))]
        self.console = Console(start_host(",".join(["console", *ports]), pass_fds=fds))
        for end, (_, near) in zip(self.ends, pairs, strict=True):
            end.settimeout(5)
            near.close()

    def receive(self, size: int, port: int = 0) -> bytes:
        data = b""
        while len(data) < size:
            self.console.settle(1)
            data += self.ends[port].recv(size - len(data))
        return data


@pytest.fixture
def far(start_host: StartHost) -> Iterator[Far]:
    made = Far(start_host)
    yield made
    for end in made.ends:
        end.close()


@pytest.fixture
def three(start_host: StartHost) -> Iterator[Far]:
    made = Far(start_host, ("", "org.test.agent=", ""))
    yield made
    for end in made.ends:
        end.close()


def open_terminal(path: str) -> int:
    return os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)


def set_size(fd: int, columns: int, rows: int) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("<HHHH", rows, columns, 0, 0))


def read_soon(console: Console, fd: int) -> bytes:
    for _ in range(200):
        console.settle(5)
        with contextlib.suppress(BlockingIOError):
            return os.read(fd, 4096)
    raise AssertionError("nothing came")


# ---- one port -----------------------------------------------------------------------------------------------------


def test_features_and_configuration(three: Far) -> None:
    console = three.console
    assert console.read(DEVICE_ID) == 3
    assert console.offered() & 7 == 1 << F_MULTIPORT | 1 << F_EMERGENCY  # a socket has no size
    assert console.read(CONFIG) == 0 and console.read(CONFIG + 4) == 3
    console.write(0x30, 8)
    assert console.read(0x34) == 0  # eight queues: 0 to 7
    console.write(0x30, 7)
    assert console.read(0x34) == 256


def test_without_multiport_there_is_one_port_and_it_is_open(far: Far) -> None:
    console = far.console.up(multiport=False)
    console.write_output(b"hello\n")
    assert far.receive(6) == b"hello\n"
    far.ends[0].send(b"keys")
    assert console.read_input() == b"keys"
    far.ends[0].send(b"more keys")
    assert console.read_input(size=4) == b"more" and console.read_input() == b" keys"


def test_long_output_keeps_its_order_and_waits_for_the_reader(three: Far) -> None:
    """On a channel: no byte is lost, however slow the reader."""
    console = three.console.up(ports=3)
    data = bytes(i * 31 % 251 for i in range(1 << 20))
    console.host.put(HIGH, data)
    queue = console.queues[5]
    for head in range(16):
        queue.offer(queue.chain(head, [(HIGH + 65536 * head, 65536, 0)]))
    queue.kick()
    console.settle(50)
    assert queue.used_idx() < 16
    assert three.receive(1 << 20, 1) == data
    console.settle()
    assert queue.used_idx() == 16


def test_a_console_that_nobody_reads_gives_up_after_a_while(far: Far) -> None:
    console = far.console.up()
    queue = console.queues[1]
    for head in range(16):
        queue.offer(queue.chain(head, [(HIGH, 65536, 0)]))
    queue.kick()
    for _ in range(16):
        console.used(queue)
    assert console.host.log().count("nobody reads port 0") == 1
    far.receive(100_000)  # somebody does again
    console.write_output(b"back")
    seen = b""
    while not seen.endswith(b"back"):
        console.settle(1)
        seen += far.ends[0].recv(1 << 16)


def test_emergency_output_needs_no_driver(far: Far) -> None:
    for byte in b"oops":
        far.console.write(CONFIG + 8, byte)
    assert far.receive(4) == b"oops" and far.console.read(CONFIG + 8) == 0
    far.console.up(multiport=False)
    far.console.write(CONFIG + 8, ord("!"))
    assert far.receive(1) == b"!"


# ---- several ports ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["mmio", "pci"])
def test_the_handshake_of_several_ports(transport: str, three: Far) -> None:
    console = three.console.up(ports=3)
    assert console.no_message()
    console.say(0xFFFFFFFF, DEVICE_READY, 1)
    first = console.host.get(console.at(console.queues[2]), console.used(console.queues[2])[1])
    assert first == struct.pack("<IHH", 0, PORT_ADD, 1)
    assert [console.message() for _ in range(2)] == [(1, PORT_ADD, 1, b""), (2, PORT_ADD, 1, b"")]
    console.say(0, PORT_READY, 1)
    assert [console.message() for _ in range(2)] == [(0, CONSOLE_PORT, 1, b""), (0, PORT_OPEN, 1, b"")]
    console.say(1, PORT_READY, 1)
    assert [console.message() for _ in range(2)] == [(1, PORT_NAME, 1, b"org.test.agent"), (1, PORT_OPEN, 1, b"")]
    console.say(2, PORT_READY, 1)
    assert [console.message() for _ in range(2)] == [(2, CONSOLE_PORT, 1, b""), (2, PORT_OPEN, 1, b"")]
    assert console.no_message()


def test_input_stays_with_the_host_until_the_guest_opens_the_port(three: Far) -> None:
    console = three.console.up(ports=3)
    three.ends[1].send(b"early")
    console.offer(4)
    console.settle()
    assert console.queues[4].take_used() is None
    console.say(1, PORT_OPEN, 1)
    assert console.host.get(console.at(console.queues[4]), console.used(console.queues[4])[1]) == b"early"
    console.say(1, PORT_OPEN, 0)
    three.ends[1].send(b"late")
    console.offer(4)
    console.settle()
    assert console.queues[4].take_used() is None
    console.reset()  # closes it, and what was not read is still there
    console.up(ports=3)
    console.say(1, PORT_OPEN, 1)
    assert console.read_input(4) == b"late"


def test_ports_do_not_mix(three: Far) -> None:
    console = three.console.up(ports=3)
    for port in range(3):
        console.say(port, PORT_OPEN, 1)
    for port, number in ((0, 1), (1, 5), (2, 7)):
        console.write_output(b"to port %d" % port, number)
    for port in (2, 0, 1):
        assert three.receive(9, port) == b"to port %d" % port
    for port in (1, 2, 0):
        three.ends[port].send(b"from %d" % port)
    assert [console.read_input(number) for number in (0, 4, 6)] == [b"from 0", b"from 1", b"from 2"]


def test_a_socket_takes_one_client_after_the_other(start_host: StartHost, tmp_path: Path) -> None:
    path = tmp_path / "port.sock"
    console = Console(start_host(f"console,port0=file:{tmp_path}/out,port1=agent=unix:{path}")).up(ports=2)
    console.say(1, PORT_READY, 1)
    assert [console.message() for _ in range(2)] == [(1, PORT_NAME, 1, b"agent"), (1, PORT_OPEN, 0, b"")]
    console.write_output(b"lost", 5)
    console.say(1, PORT_OPEN, 1)
    console.offer(4)
    for text in (b"first", b"second"):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.settimeout(5)
            assert console.message() == (1, PORT_OPEN, 1, b"")
            client.send(text)
            assert console.used(console.queues[4]) == (0, len(text))
            assert console.host.get(console.at(console.queues[4]), len(text)) == text
            console.write_output(text, 5)
            assert client.recv(100) == text
        console.offer(4)
        assert console.message() == (1, PORT_OPEN, 0, b"")
    console.host.close()
    assert not path.exists()


# ---- terminals and files ------------------------------------------------------------------------------------------


def test_a_pseudo_terminal_and_its_size(start_host: StartHost, tmp_path: Path) -> None:
    link = tmp_path / "terminal"
    console = Console(start_host(f"console,port0=pty:{link}"))
    terminal = open_terminal(str(link))
    set_size(terminal, 100, 30)
    assert console.offered() >> F_SIZE & 1
    console.up()
    console.say(0, PORT_OPEN, 1)
    os.write(terminal, b"a\r\x03\x04")  # raw: nothing is translated or a signal
    assert console.read_input() == b"a\r\x03\x04"
    assert (console.read(CONFIG, 2), console.read(CONFIG + 2, 2)) == (100, 30)
    assert console.read(INTERRUPT_STATUS) & 2
    console.write_output(b"one\ntwo")
    assert read_soon(console, terminal) == b"one\ntwo"
    console.say(0, PORT_READY, 1)
    assert [console.message()[1] for _ in range(2)] == [CONSOLE_PORT, PORT_OPEN]
    assert console.message() == (0, RESIZE, 1, struct.pack("<HH", 100, 30))
    set_size(terminal, 80, 25)
    os.write(terminal, b"b")
    assert console.read_input() == b"b"
    assert console.message() == (0, RESIZE, 1, struct.pack("<HH", 80, 25))
    os.close(terminal)
    console.write_output(b"still there")
    terminal = open_terminal(str(link))
    assert read_soon(console, terminal) == b"still there"
    os.close(terminal)
    console.host.close()
    assert not link.is_symlink()


def test_a_terminal_is_raw_meanwhile_and_put_back(start_host: StartHost) -> None:
    main, terminal = pty.openpty()
    before = termios.tcgetattr(terminal)
    host = start_host(f"console,port0=tty:{os.ttyname(terminal)}")
    assert not termios.tcgetattr(terminal)[3] & (termios.ICANON | termios.ECHO | termios.ISIG)
    console = Console(host).up(multiport=False)
    os.write(main, b"\x03")
    assert console.read_input() == b"\x03"
    console.write_output(b"x\n")
    assert os.read(main, 10) == b"x\n"
    host.close()
    assert termios.tcgetattr(terminal) == before
    os.close(main)
    os.close(terminal)


def test_output_to_a_file_is_appended(start_host: StartHost, tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"before\n")
    console = Console(start_host(f"console,port0=file:{path}")).up(multiport=False)
    console.write_output(b"after\n")
    console.offer(0)
    console.settle()
    assert console.queues[0].take_used() is None  # nothing comes from a file
    assert path.read_bytes() == b"before\nafter\n"


def test_the_end_of_input_is_not_the_end_of_output(far: Far) -> None:
    console = far.console.up(multiport=False)
    far.ends[0].shutdown(socket.SHUT_WR)
    console.offer(0)
    console.settle()
    assert console.queues[0].take_used() is None
    console.write_output(b"on")
    assert far.receive(2) == b"on"
    far.ends[0].close()
    console.write_output(b"nowhere")
    assert not console.broken


# ---- hostile drivers ----------------------------------------------------------------------------------------------


def test_control_messages_that_mean_nothing(three: Far) -> None:
    console = three.console.up(ports=3)
    for port, event, value in (
        (3, PORT_READY, 1),
        (2**32 - 1, PORT_OPEN, 1),
        (0, 8, 1),
        (0, 65535, 65535),
        (1, PORT_OPEN, 2),
        (0, DEVICE_READY, 0),
        (0, PORT_READY, 0),
        (0, 2, 1),
    ):
        console.say(port, event, value)
    console.write_output(b"\0" * 7, 3)  # shorter than a message
    console.write_output(b"\0", 3)
    assert console.no_message() and not console.broken
    assert "the driver says" in console.host.log()


def test_asking_for_ever_makes_nothing_grow(three: Far) -> None:
    console = three.console.up(ports=3)
    for _ in range(300):
        console.say(0, DEVICE_READY, 1)
        console.say(1, PORT_READY, 1)
    told = [console.message()[:2] for _ in range(5)]
    assert told == [(0, PORT_ADD), (1, PORT_ADD), (2, PORT_ADD), (1, PORT_NAME), (1, PORT_OPEN)]
    assert console.no_message()


@pytest.mark.parametrize("size", [1, 7, 8, 21])
def test_buffers_too_small_for_a_message(three: Far, size: int) -> None:
    console = three.console.up(ports=3)
    console.say(1, PORT_READY, 1)
    lengths = []
    for _ in range(2):
        console.offer(2, size)
        lengths.append(console.used(console.queues[2])[1])
    assert lengths == [0, 8 if size >= 8 else 0] and not console.broken  # the name has 14 bytes
    assert "too small" in console.host.log()


def test_chains_of_the_wrong_direction(far: Far) -> None:
    console = far.console.up()
    console.say(0, PORT_OPEN, 1)
    for number, flags in ((0, 0), (1, WRITE), (2, 0), (3, WRITE)):
        queue = console.queues[number]
        queue.offer(queue.chain(0, [(INPUT, 64, flags)]))
        queue.kick()
    assert console.used(console.queues[1]) == (0, 0) and console.used(console.queues[3]) == (0, 0)
    far.ends[0].send(b"keys")
    assert console.used(console.queues[0]) == (0, 0)
    assert console.read_input() == b"keys"
    console.say(0, DEVICE_READY, 1)
    assert console.used(console.queues[2]) == (0, 0) and not console.broken


def test_output_of_gigabytes_does_not_stop_the_others(start_host: StartHost, tmp_path: Path) -> None:
    """Descriptors overlap: 3.9 GiB of output in one chain."""
    console = Console(start_host("console,port0=file:/dev/null")).up(multiport=False)
    bystander = Bystander(console.host)
    table = HIGH + 0x10000
    many = [Desc(HIGH, HIGH_SIZE, NEXT, i + 1).packed() for i in range(499)]
    console.host.put(table, b"".join(many) + Desc(HIGH, 1, 0).packed())
    console.queues[1].write_desc(0, Desc(table, 500 * 16, 4))
    console.queues[1].offer(0)
    console.queues[1].kick()
    bystander.check(b"meanwhile")
    console.reset()  # and a reset does not wait for all of it
    assert console.read(STATUS) == 0


@pytest.mark.parametrize("number", [0, 1, 2, 3])
@pytest.mark.parametrize("transport", ["mmio", "pci"])
def test_a_broken_ring_on_each_queue(transport: str, far: Far, number: int) -> None:
    console = far.console.up()
    console.say(0, PORT_OPEN, 1)
    queue = console.queues[number]
    queue.write_desc(0, Desc(INPUT, 64, NEXT | (WRITE if number % 2 == 0 else 0), 0))
    queue.offer(0)
    queue.kick()
    far.ends[0].send(b"keys")
    if number == 2:
        console.say(0, DEVICE_READY, 1)
    console.settle()
    assert console.broken and console.host.complaints() == 1 and "looped descriptor" in console.host.log()
    console.reset()
    console.up(multiport=False)
    console.write_output(b"fine")
    assert far.receive(4) == b"fine" and console.read_input() == b"keys"


@pytest.mark.parametrize("transport", ["mmio", "pci"])
def test_resets_in_the_middle_of_everything(transport: str, three: Far) -> None:
    console = three.console
    for turn in range(20):
        console.up(ports=3, multiport=True)
        console.say(0, DEVICE_READY, 1)
        console.say(1, PORT_READY, 1)
        for port in range(3):
            console.say(port, PORT_OPEN, 1)
            three.ends[port].send(b"x" * turn)
        if turn % 2:
            console.offer(4, 16)
        queue = console.queues[5]
        for head in range(turn % 16):
            queue.offer(queue.chain(head, [(HIGH, 65536, 0)]))
        queue.kick()
        console.settle(turn % 3)
        console.reset()
    console.up(ports=3)
    console.write_output(b"fine", 7)
    assert three.receive(4, 2) == b"fine"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("", "needs the option 'port0=STREAM'"),
        (",port0=", "'' is none of stdio"),
        (",port0=nothing", "'nothing' is none of stdio, pty[:LINK], tty:PATH"),
        (",port0=stdio,port1=x=stdio", "another port is on stdio already"),
        (",port0=tty:", "'tty:' is none of"),
        (",port0=stdio:x", "'stdio:x' is none of"),
        (",port0=tty:/dev/null", "'/dev/null' is not a terminal"),
        (",port0=tty:/nowhere/tty", "cannot open '/nowhere/tty'"),
        (",port0=unix:/nowhere/s", "cannot listen on '/nowhere/s'"),
        (",port0=file:/nowhere/f", "cannot open '/nowhere/f'"),
        (",port0=pty:/nowhere/l", "cannot make the link '/nowhere/l'"),
        (",port0=fd:99", "'99' is not the number of an open descriptor"),
        (",port0=a=pty", "port 0 is a console and has no name"),
        (",port0=pty,port1==pty", "1 to 63 characters"),
        (",port0=pty,port2=pty", "port2 without a port1"),
    ],
)
def test_options_that_cannot_be(program: Path, tmp_path: Path, options: str, says: str) -> None:
    assert says in refusal(program, tmp_path, "console" + options)
