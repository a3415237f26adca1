"""User-mode Linux: a real Linux kernel as an ordinary process, with devices over vhost-user.  No privileges needed."""

from __future__ import annotations

from collections.abc import Sequence, Set
from pathlib import Path

from cpc.guests.daemon import Served
from cpc.guests.debian import GuestError
from cpc.guests.initrd import DEVICE_MODULES, base_initrd
from cpc.guests.kernels import Kernel

_DISK_MODULES = ("virtio_blk", "crc32c_generic", "ext4")
# Without disks nothing needs RAID 6, whose choice of the fastest routine takes most of the kernel's boot: 0.9 s.
_NO_DISKS = "initcall_blacklist=raid6_select_algo"

# The kernel maps its memory from a file here and needs it executable, which /tmp often is not.
ENVIRONMENT = {"TMPDIR": "/dev/shm"}

# Of the virtio specification, section 5, by the name of our class; the driver is told which it is.
_DEVICE_IDS = {"net": 1, "blk": 2, "console": 3, "rng": 4}


def base(kernel: Kernel, kinds: Set[str]) -> bytes:
    """What every initial RAM disk for devices of these kinds has: a guest without disks starts sooner."""
    modules = [name for kind in sorted(kinds) for name in DEVICE_MODULES.get(kind, ())]
    if "blk" in kinds:
        return base_initrd(kernel, [*_DISK_MODULES, *modules])
    return base_initrd(kernel, modules, ())


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
        *([] if any(served.device.kind == "blk" for served in devices) else [_NO_DISKS]),
        *append.split(),
    ]


def _device_id(kind: str) -> int:
    if kind not in _DEVICE_IDS:
        raise GuestError(f"User-mode Linux has no driver for a {kind} device over vhost-user")
    return _DEVICE_IDS[kind]
