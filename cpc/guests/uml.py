"""User-mode Linux: a real Linux kernel as an ordinary process, with devices over vhost-user.  No privileges needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cpc.guests.daemon import Served
from cpc.guests.debian import GuestError
from cpc.guests.kernels import Kernel

MODULES = ("virtio_blk", "crc32c_generic", "ext4")

# The kernel maps its memory from a file here and needs it executable, which /tmp often is not.
ENVIRONMENT = {"TMPDIR": "/dev/shm"}

# Of the virtio specification, section 5, by the name of our class; the driver is told which it is.
_DEVICE_IDS = {"net": 1, "blk": 2, "console": 3, "rng": 4}


def command(
    kernel: Kernel,
    initrd: Path,
    devices: Sequence[Served],
    *,
    memory: int = 256,
    interactive: bool = False,
    append: str = "",
) -> list[str]:
    """The command line; `memory` is in MiB.  The console is on standard output."""
    console = ["con=null", "con0=fd:0,fd:1"] if interactive else ["con=null", "con0=null,fd:1"]
    return [
        str(kernel.image),
        f"mem={memory}M",
        f"initrd={initrd}",
        "quiet",
        "loglevel=3",
        *console,
        "ssl=null",
        *[f"virtio_uml.device={served.socket}:{_device_id(served.device.kind)}" for served in devices],
        *append.split(),
    ]


def _device_id(kind: str) -> int:
    if kind not in _DEVICE_IDS:
        raise GuestError(f"User-mode Linux has no driver for a {kind} device over vhost-user")
    return _DEVICE_IDS[kind]
