"""Real Linux guests on net, console and rng over vhost-user: User-mode Linux, or QEMU's emulator for rng."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import select
import socket
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpc.guests import tcg, uml
from cpc.guests.console import Outcome, run_job, started
from cpc.guests.initrd import base_initrd, job_archive
from cpc.guests.kernels import CLOUD_6_12, debian_kernel, uml_kernel
from cpc.processes import end_with_parent
from tests.guest.network import ADDRESS, GATEWAY, PEER, Namespace, digest, namespace

pytestmark = pytest.mark.guest

UML_NET, UML_CONSOLE = 1, 3  # device IDs


@contextlib.contextmanager
def served(vmm: Path, folder: Path, device: str, *options: object, inside: Namespace | None = None) -> Iterator[Path]:
    """The socket of the device's daemon."""
    path = folder / f"{device}.sock"
    command = [*(inside.enter if inside else []), vmm, "serve", device, "--socket", path, *options]
    process = subprocess.Popen([str(word) for word in command], preexec_fn=end_with_parent)
    try:
        deadline = time.monotonic() + 20
        while not path.is_socket():
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        yield path
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


def uml_command(folder: Path, module: str, device: int, path: Path, job: str) -> list[str]:
    kernel = uml_kernel()
    initrd = folder / "initrd"
    initrd.write_bytes(base_initrd(kernel, (module,), ()) + job_archive(job))
    return uml.command(kernel, initrd, [], append=f"virtio_uml.device={path}:{device}")


def uml_job(folder: Path, module: str, device: int, path: Path, job: str) -> Outcome:
    return run_job(uml_command(folder, module, device, path, job), timeout=60, env=uml.ENVIRONMENT)


# ---- net ----------------------------------------------------------------------------------------------------------

UP = f"ip link set eth0 up; ip addr add {ADDRESS}/24 dev eth0; ip route add default via {GATEWAY}\n"
DOWN = f"""{UP}ping -c 2 -W 5 {PEER}
wget -q -O /tmp/data http://{GATEWAY}:8000/data
echo "down $(sha256sum < /tmp/data)"
"""


# passt takes connections before the guest listens, and drops them then: the client tries until it is answered.
CLIENT = """
import socket, time
answer = b""
while not answer:
    time.sleep(0.1)
    try:
        with socket.create_connection(("127.0.0.1", 7000), 2) as guest:
            guest.sendall(b"knock\\n")
            answer = guest.recv(100)
    except OSError:
        pass
print(answer.decode(), end="", flush=True)
"""
LISTEN = "(echo 'who is there' | nc -l -p 7000 > /tmp/in) &\n"
HEARD = """for n in $(seq 100); do [ -s /tmp/in ] && break; sleep 0.1; done
echo "heard $(cat /tmp/in)"
"""


# The download fits into the socket's buffer in any case: what does not, passt drops (runtime/net_open.c).
UPLOADS = f"for n in 1 2 3 4 5 6 7 8; do cat /tmp/data /tmp/data; done | nc {GATEWAY} 9000\n"


def test_net_through_passt_in_both_directions(vmm: Path, tmp_path: Path) -> None:
    """Without root: the guest reaches servers of the host's, and a client of the host's reaches the guest."""
    data = os.urandom(100 << 10)
    (tmp_path / "data").write_bytes(data)
    with namespace() as net, served(vmm, tmp_path, "net", "--passt", "--tcp-ports", 7000, inside=net) as path:
        net.serve_files(tmp_path, 8000)
        sink = net.start_sink(9000)
        client = net.start([sys.executable, "-c", CLIENT])
        outcome = uml_job(tmp_path, "virtio_net", UML_NET, path, "set -e\n" + LISTEN + DOWN + UPLOADS + HEARD)
        assert outcome.status == 0
        assert client.stdout is not None and client.stdout.readline() == b"who is there\n"
        assert sink.stdout is not None
        assert sink.stdout.readline().decode().strip() == hashlib.sha256(16 * data).hexdigest()
    assert f"down {digest(tmp_path / 'data')}" in outcome.text and "2 packets received" in outcome.text
    assert "heard knock" in outcome.text


TAP = f"""ip tuntap add tap0 mode tap; ip link set tap0 up
ip addr add {GATEWAY}/24 dev tap0; ip addr add {PEER}/32 dev lo
"""


# httpd hands the whole file to TCP at once. (A program that writes a little at a time, such as nc, gets small
# segments on an idle machine, since each is sent before the next is there.) The second time nothing is left to the
# device: the driver is another, and its features are agreed on anew.
SERVE = f"""httpd -p 8080 -h /tmp; nc {GATEWAY} 9000 < /dev/null
rmmod virtio_net; insmod /modules/virtio_net.ko csum=0 gso=0
{UP}httpd -p 8081 -h /tmp; nc {GATEWAY} 9000 < /dev/null
"""
FRAME = 1514  # the largest that the MTU allows


def test_net_on_a_tap_with_offloads(vmm: Path, tmp_path: Path) -> None:
    """Segments larger than the MTU pass unsplit in both directions, where both sides agreed on it."""
    (tmp_path / "data").write_bytes(os.urandom(2 << 20))
    with namespace(TAP) as net, served(vmm, tmp_path, "net", "--tap", "tap0", inside=net) as path:
        net.serve_files(tmp_path, 8000)
        fetcher, watcher = net.start_fetcher(9000), net.watch("tap0")
        outcome = uml_job(tmp_path, "virtio_net", UML_NET, path, "set -e\n" + DOWN + SERVE)
        assert outcome.status == 0 and fetcher.stdout is not None
        assert [fetcher.stdout.readline().decode().strip() for _ in "12"] == [digest(tmp_path / "data")] * 2
        largest = net.largest(watcher)
    assert f"down {digest(tmp_path / 'data')}" in outcome.text and "2 packets received" in outcome.text
    assert largest[8000] > FRAME and largest[8080] > FRAME
    assert largest[8081] == FRAME


# ---- console ------------------------------------------------------------------------------------------------------

# Linux reads the end of the file from a port that the host has not opened yet, hence the loop.
CONSOLE_JOB = """set -e
cat /sys/class/virtio-ports/vport0p1/name
exec 3<>/dev/hvc0
echo "login:" >&3
read -r user <&3
echo "size $(stty -F /dev/hvc0 size)"
echo "welcome $user" >&3
read -r line <&3
echo "size $(stty -F /dev/hvc0 size)"
exec 4<>/dev/vport0p1
until read -r question <&4; do sleep 0.1; done
echo "answer to $question" >&4
sleep 0.2
"""


def set_size(fd: int, columns: int, rows: int) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("<HHHH", rows, columns, 0, 0))


def read_until(fd: int, text: bytes) -> bytes:
    seen, deadline = b"", time.monotonic() + 40
    while text not in seen and time.monotonic() < deadline:
        if select.select([fd], [], [], 1)[0]:
            seen += os.read(fd, 4096)
    assert text in seen, seen
    return seen


def test_console_with_a_login_a_resize_and_a_channel(vmm: Path, tmp_path: Path) -> None:
    ports = ("--port0", f"pty:{tmp_path}/terminal", "--port1", f"org.test=unix:{tmp_path}/channel")
    with served(vmm, tmp_path, "console", *ports) as path, contextlib.ExitStack() as stack:
        terminal = os.open(tmp_path / "terminal", os.O_RDWR | os.O_NOCTTY)
        stack.callback(os.close, terminal)
        set_size(terminal, 111, 33)
        command = uml_command(tmp_path, "virtio_console", UML_CONSOLE, path, CONSOLE_JOB)
        process = stack.enter_context(started(command, uml.ENVIRONMENT))
        read_until(terminal, b"login:")
        os.write(terminal, b"root\n")
        read_until(terminal, b"welcome root")
        set_size(terminal, 80, 25)
        os.write(terminal, b"and\n")
        with socket.socket(socket.AF_UNIX) as channel:
            channel.connect(str(tmp_path / "channel"))
            channel.settimeout(30)
            channel.send(b"everything\n")
            assert channel.recv(100) == b"answer to everything\n"
        assert process.stdout is not None
        text = process.stdout.read().decode(errors="replace")
    assert "org.test" in text and "size 33 111" in text and "size 25 80" in text
    assert "cpc-guest: exit 0" in text


# ---- rng ----------------------------------------------------------------------------------------------------------

RNG_JOB = """set -e
cat /sys/class/misc/hw_random/rng_current
dd if=/dev/hwrng of=/tmp/random bs=1k count=16 iflag=fullblock 2>/dev/null
[ $(gzip -c < /tmp/random | wc -c) -gt 16384 ]
"""


def test_rng_under_qemu(vmm: Path, tmp_path: Path) -> None:
    """QEMU negotiates EVENT_IDX and INDIRECT for this device whether they were offered or not."""
    kernel = debian_kernel(CLOUD_6_12)
    initrd = tmp_path / "initrd"
    initrd.write_bytes(base_initrd(kernel, ("virtio_pci", "virtio_rng"), ()) + job_archive(RNG_JOB))
    with served(vmm, tmp_path, "rng", "--max-bytes", 1 << 20, "--period", 1000) as path:
        command = tcg.command(kernel, initrd, [])
        command += ["-chardev", f"socket,id=rng,path={path}", "-device", "vhost-user-rng-pci,chardev=rng"]
        outcome = run_job(command, timeout=120, env=None)
    assert outcome.status == 0 and "virtio_rng" in outcome.text
