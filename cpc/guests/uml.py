"""User-mode Linux: a real Linux kernel as an ordinary process, with devices over vhost-user.  No privileges needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cpc.guests.kernels import Kernel

MODULES = ("virtio_blk", "crc32c_generic", "ext4")

# The kernel maps its memory from a file here and needs it executable, which /tmp often is not.
ENVIRONMENT = {"TMPDIR": "/dev/shm"}

_VIRTIO_ID_BLOCK = 2


def command(
    kernel: Kernel,
    initrd: Path,
    disks: Sequence[Path],
    *,
    memory: int = 256,
    interactive: bool = False,
    append: str = "",
) -> list[str]:
    """The command line; `disks` are vhost-user sockets, `memory` is in MiB.  The console is on standard output."""
    console = ["con=null", "con0=fd:0,fd:1"] if interactive else ["con=null", "con0=null,fd:1"]
    return [
        str(kernel.image),
        f"mem={memory}M",
        f"initrd={initrd}",
        "quiet",
        "loglevel=3",
        *console,
        "ssl=null",
        *[f"virtio_uml.device={socket}:{_VIRTIO_ID_BLOCK}" for socket in disks],
        *append.split(),
    ]
