"""A network of the test's own: a namespace without root, with one interface that leads nowhere, and servers in it."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from cpc.processes import end_with_parent

ADDRESS, GATEWAY = "10.0.2.15", "10.0.2.2"  # passt gives the guest the first; behind the second is our loopback
PEER = "10.0.3.1"  # another address of the host's, which answers to ping

# passt wants a way out; the two ends of this cable are in the same namespace.
_OUTSIDE = f"""ip link add outside type veth peer name nowhere
ip addr add {ADDRESS}/24 dev outside; ip link set outside up
ip addr add {PEER}/24 dev nowhere; ip link set nowhere up
ip route add default via {GATEWAY}
echo "0 0" > /proc/sys/net/ipv4/ping_group_range
"""

# Keeps what it is sent by each of the clients, one after the other, until it is ended; prints the digests.
_SINK = """
import hashlib, socket, sys
server = socket.create_server(("0.0.0.0", int(sys.argv[1])))
print("ready", flush=True)
while True:
    client, _ = server.accept()
    digest = hashlib.sha256()
    while data := client.recv(1 << 16):
        digest.update(data)
    client.close()
    print(digest.hexdigest(), flush=True)
"""

# For each client that comes: gets its /data from its port 8080 + how many came before, prints the digest, hangs up.
_FETCHER = """
import hashlib, itertools, socket, sys, urllib.request
server = socket.create_server(("0.0.0.0", int(sys.argv[1])))
print("ready", flush=True)
for port in itertools.count(8080):
    client, (address, _) = server.accept()
    data = urllib.request.urlopen(f"http://{address}:{port}/data", timeout=30).read()
    print(hashlib.sha256(data).hexdigest(), flush=True)
    client.close()
"""

# Sees the packets of an interface; at its end prints "PORT SIZE": the largest from that TCP port, checksums and
# segmentation not done yet if they are left to the other side.
_WATCHER = """
import signal, socket, struct, sys
seen = {}
def end(*_):
    for port, size in seen.items():
        print(port, size)
    sys.exit()
packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))  # both directions
packets.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
packets.bind((sys.argv[1], 0))
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
while True:
    packet = packets.recv(1 << 17)
    if packet[12:14] == b"\\x08\\0" and packet[23] == socket.IPPROTO_TCP:
        port = struct.unpack_from("!H", packet, 34)[0]
        seen[port] = max(seen.get(port, 0), len(packet))
"""


class Namespace:
    """Processes that see the network of the namespace; all of them end with it."""

    def __init__(self, setup: str) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []
        script = f"set -e\nip link set lo up\n{setup}\necho ready\nexec sleep 1000"
        holder = self._started(["unshare", "--user", "--map-root-user", "--net", "sh", "-c", script])
        _wait_for_line(holder, b"ready")
        self.enter = ["nsenter", "-t", str(holder.pid), "--user", "--net", "--preserve-credentials"]

    def start(self, command: Sequence[object]) -> subprocess.Popen[bytes]:
        """Its standard output is a pipe."""
        return self._started([*self.enter, *map(str, command)])

    def run(self, command: Sequence[object], text: str = "") -> str:
        done = subprocess.run([*self.enter, *map(str, command)], input=text, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def serve_files(self, folder: Path, port: int) -> None:
        server = self.start([sys.executable, "-um", "http.server", port, "--directory", folder])
        _wait_for_line(server, b"Serving HTTP")

    def start_sink(self, port: int) -> subprocess.Popen[bytes]:
        sink = self.start([sys.executable, "-c", _SINK, port])
        _wait_for_line(sink, b"ready")
        return sink

    def start_fetcher(self, port: int) -> subprocess.Popen[bytes]:
        fetcher = self.start([sys.executable, "-c", _FETCHER, port])
        _wait_for_line(fetcher, b"ready")
        return fetcher

    def watch(self, interface: str) -> subprocess.Popen[bytes]:
        watcher = self.start([sys.executable, "-c", _WATCHER, interface])
        _wait_for_line(watcher, b"ready")
        return watcher

    @staticmethod
    def largest(watcher: subprocess.Popen[bytes]) -> dict[int, int]:
        """Ends the watcher; the size of the largest packet from each TCP port."""
        watcher.terminate()
        assert watcher.stdout is not None
        lines = [line.split() for line in watcher.stdout.read().splitlines()]
        return {int(port): int(size) for port, size in lines}

    def _started(self, command: list[str]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=end_with_parent)
        self.processes.append(process)
        return process


@contextlib.contextmanager
def namespace(setup: str = _OUTSIDE) -> Iterator[Namespace]:
    made = Namespace(setup)
    try:
        yield made
    finally:
        for process in reversed(made.processes):
            process.terminate()
            process.wait(20)
            assert process.stdout is not None
            process.stdout.close()


def _wait_for_line(process: subprocess.Popen[bytes], start: bytes) -> None:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith(start), line


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
