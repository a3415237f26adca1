"""A hostile driver as a guest program: every family of bad input, each device, both transports, split and packed rings.

The program (families.c) gives the verdicts; here they must be all there, and each PASS or REJECT.  With `-s` the table
is printed.  The same over vhost-user is tests/devices/test_hostile_families.py.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from tests.guest import programs

pytestmark = [
    pytest.mark.guest,
    pytest.mark.skipif(not os.path.exists("/dev/kvm"), reason="this machine has no /dev/kvm"),
]

FAMILIES = {
    1: "loops and links", 2: "addresses", 3: "lengths", 4: "directions, missing parts", 5: "indirect tables",
    6: "available heads", 7: "kicks", 8: "status, features", 9: "rings", 10: "changes after the kick",
    11: "the device's requests", 12: "registers", 13: "packets, control queue", 16: "liveness",
}  # fmt: skip


def families_of(device: str) -> set[int]:
    return set(FAMILIES) - {11 if device == "net" else 13}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    more = ("virtio_any", "attacks_ring", "attacks_device", "attacks_request")
    return programs.build("families", tmp_path_factory.mktemp("families"), "cpc", more)


def drain(end: socket.socket) -> None:
    """Takes whatever the guest sends, until the VMM is gone."""
    while end.recv(1 << 17):
        pass


lab = pytest.mark.lab  # the other half of the table


@pytest.mark.parametrize(
    ("device", "transport"),
    [
        ("blk", "mmio"), ("rng", "pci"), ("console", "mmio"), ("net", "pci"),
        pytest.param("blk", "pci", marks=lab), pytest.param("rng", "mmio", marks=lab),
        pytest.param("console", "pci", marks=lab), pytest.param("net", "mmio", marks=lab),
    ],
)  # fmt: skip
def test_every_family_ends_in_pass_or_reject(
    vmm: Path, program: Path, tmp_path: Path, device: str, transport: str
) -> None:
    disk = tmp_path / "disk"
    disk.write_bytes(bytes(4 << 20))
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    reader = threading.Thread(target=drain, args=(ours,))
    reader.start()
    options = {"blk": f",disk={disk}", "rng": "", "console": f",port0=file:{tmp_path / 'text'}"}
    spec = f"{device}{options.get(device, f',fd={theirs.fileno()}')},packed"
    command = [str(vmm), "run", "--kernel", str(program), "--transport", transport, "--memory", "32", "--device", spec]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=250, pass_fds=[theirs.fileno()]
        )
    finally:
        theirs.close()
        reader.join(20)
        ours.close()
    print(done.stdout, done.stderr[-3000:], sep="")
    assert done.returncode == 0 and done.stdout.endswith("done\n")
    assert "FAIL" not in done.stdout and "WEDGED" not in done.stdout
    verdicts = re.findall(r"^verdict (\w+) (\w+) (\w+) (\d+) (PASS|REJECT) \d+$", done.stdout, re.MULTILINE)
    assert {(*words, int(family)) for *words, family, _ in verdicts} == {
        (device, transport, ring, family) for ring in ("split", "packed") for family in families_of(device)
    }
