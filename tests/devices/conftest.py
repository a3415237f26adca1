"""Builds tests/devices/fake_host.c with the virtio runtime and the devices, three ways, and starts it.

`gcc`: stackful coroutines; `asan`: the same under AddressSanitizer and UBSan; `cpc`: our compiler, real coroutines.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.devices.fake_driver import Disk, Host
from tests.stackful.build import stackful_archive

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RUNTIME = ROOT / "runtime"
COMPILERS = ("gcc", "asan", "cpc")
SOURCES = ("guestmem", "virtqueue", "vq_inflight", "virtio", "virtio_chain", "virtio_mmio", "devices")
COROUTINES = ("co.c", "co_[!f]*.c", "loop.c", "loop_*.c", "thread.c", "log.c")  # all but the stackless core
FLAGS = ("-std=gnu11", "-g", "-D_GNU_SOURCE", f"-I{RUNTIME}", f"-isystem{RUNTIME / 'include'}")
SANITIZE = ("-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")

StartHost = Callable[..., Host]


@pytest.fixture(scope="session", params=COMPILERS)
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp(f"devices-{request.param}") / "fake_host"
    sources = [
        HERE / "fake_host.c",
        *(RUNTIME / f"{name}.c" for name in SOURCES),
        *sorted((ROOT / "devices").glob("*.c")),
    ]
    match request.param:
        case "gcc":
            command = ["gcc", "-O2", *FLAGS, *sources, stackful_archive(), "-l:liburing.a", "-pthread"]
        case "asan":
            core = [path for pattern in COROUTINES for path in sorted(RUNTIME.glob(pattern))]
            core += sorted((ROOT / "tests" / "stackful").glob("*.c"))
            stackful = f"-I{ROOT / 'tests' / 'stackful'}"
            command = ["gcc", *SANITIZE, *FLAGS, stackful, *sources, *dict.fromkeys(core), "-l:liburing.a", "-pthread"]
        case _:
            command = [sys.executable, "-m", "cpc", "cc", "-O2", *FLAGS, *sources]
    done = subprocess.run([*map(str, command), "-o", str(target)], capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def start_host(program: Path, tmp_path: Path) -> Iterator[StartHost]:
    """Starts the host with keyword options of `Host`; it must end well after the test."""
    hosts: list[Host] = []

    def start(**options: int) -> Host:
        hosts.append(Host(program, tmp_path, **options))
        return hosts[-1]

    yield start
    for host in hosts:
        host.close()


@pytest.fixture
def host(start_host: StartHost) -> Host:
    return start_host()


@pytest.fixture
def disk(host: Host) -> Disk:
    return Disk(host, 0)
