"""Builds fake_host.c, and the vhost-user daemon, with the virtio runtime and the devices, three ways; starts them.

`gcc`: stackful coroutines; `asan`: the same under AddressSanitizer and UBSan; `cpc`: our compiler, real coroutines.
In the lab also by way of portable C: `portable` by gcc, the coroutine runtime included, and `portable-asan` under
AddressSanitizer and UBSan, with overflow checked, on the runtime that LLVM made.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cpc.runtime_library import build_vmm
from tests.devices.fake_driver import Disk, Host
from tests.devices.front_end import Daemon
from tests.stackful.build import stackful_archive

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RUNTIME = ROOT / "runtime"
COMPILERS = (
    "gcc", "asan", "cpc", pytest.param("portable", marks=pytest.mark.lab),
    pytest.param("portable-asan", marks=pytest.mark.lab),
)  # fmt: skip
VIRTIO = (
    "guestmem", "virtqueue", "virtqueue_split", "virtqueue_packed", "vq_inflight", "virtio", "virtio_queue",
    "virtio_traffic", "virtio_chain", "virtio_regs", "virtio_mmio", "virtio_pci", "virtio_pci_common", "pci", "msix",
    "devices", "device_spec", "net_link", "net_open", "char_stream", "trace",
)  # fmt: skip
VHOST = ("vhost_wire", "vhost_ring", "vhost_session", "vhost_user")
SERVE = ("serve", "sandbox")
STACKLESS = ("co.c", "co_*.c", "loop.c", "loop_*.c", "thread.c", "log.c")
FRAMES = {"co_area.c", "co_frame.c"}  # what coroutines on stacks do without
FLAGS = ("-std=gnu11", "-g", "-D_GNU_SOURCE", f"-I{RUNTIME}", f"-isystem{RUNTIME / 'include'}")
LIBRARIES = ("-l:liburing.a", "-l:libseccomp.a", "-pthread")
SANITIZE = ("-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")

StartHost = Callable[..., Host]
StartDaemon = Callable[..., Daemon]


@pytest.fixture(scope="session", params=COMPILERS)
def compiler(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def program(compiler: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build(compiler, tmp_path_factory.mktemp(f"devices-{compiler}") / "fake_host", VIRTIO)


@pytest.fixture(scope="session")
def daemon_command(compiler: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What stands before the device's name on the daemon's command line."""
    if compiler == "cpc":
        return [str(build_vmm()), "serve"]
    return [str(_build(compiler, tmp_path_factory.mktemp(f"serve-{compiler}") / "serve_host", VIRTIO + VHOST + SERVE))]


def _stackless() -> list[Path]:
    return [path for pattern in STACKLESS for path in sorted(RUNTIME.glob(pattern))]


def _build(compiler: str, target: Path, names: tuple[str, ...]) -> Path:
    sources = [HERE / f"{target.name}.c", HERE / "fake_bus.c", *(RUNTIME / f"{name}.c" for name in names)]
    sources += sorted((ROOT / "devices").glob("*.c"))
    match compiler:
        case "gcc":
            command = ["gcc", "-O2", *FLAGS, *sources, stackful_archive(), *LIBRARIES]
        case "asan":
            core = [path for path in _stackless() if path.name not in FRAMES]
            core += sorted((ROOT / "tests" / "stackful").glob("*.c"))
            stackful = f"-I{ROOT / 'tests' / 'stackful'}"
            command = ["gcc", *SANITIZE, *FLAGS, stackful, *sources, *dict.fromkeys(core), *LIBRARIES]
        case "portable" | "portable-asan":
            if compiler == "portable":
                sources += _stackless()
            via = " ".join(("gcc", *(SANITIZE if compiler == "portable-asan" else ())))
            command = [sys.executable, "-m", "cpc", "cc", "-O2", *FLAGS, f"--via-c={via}"]
            command += [*dict.fromkeys(sources), *LIBRARIES]
            command += ["-fsanitize=address,undefined"] if compiler == "portable-asan" else []
        case _:
            command = [sys.executable, "-m", "cpc", "cc", "-O2", *FLAGS, *sources]
    seconds = 900 if compiler.startswith("portable") else 280
    done = subprocess.run([*map(str, command), "-o", str(target)], capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def transport() -> str:
    """What the host's devices are behind; a test that runs on both parametrizes it."""
    return "mmio"


@pytest.fixture
def start_host(program: Path, tmp_path: Path, transport: str) -> Iterator[StartHost]:
    """Starts the host with more devices and keyword options of `Host`; it must end well after the test."""
    hosts: list[Host] = []

    def start(*devices: str, **options: Any) -> Host:
        hosts.append(Host(program, tmp_path, devices=devices, transport=transport, **options))
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


@pytest.fixture
def start_daemon(daemon_command: list[str], tmp_path: Path) -> Iterator[StartDaemon]:
    """Starts `serve blk` with more options, or with keywords of `Daemon`; it must end well after the test."""
    daemons: list[Daemon] = []

    def start(*options: str, **keywords: Any) -> Daemon:
        daemons.append(Daemon(daemon_command, tmp_path, options, **keywords))
        return daemons[-1]

    yield start
    for daemon in daemons:
        daemon.close()


@pytest.fixture
def daemon(start_daemon: StartDaemon) -> Daemon:
    return start_daemon()
