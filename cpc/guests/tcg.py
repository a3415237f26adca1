"""QEMU's emulator as machine: an independent VMM, with virtio-pci in front of our vhost-user devices.

Also the host of the nested lab (nested.py).  The memory is a shared memfd, since a vhost-user device maps it.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from cpc.guests.daemon import Device, Served
from cpc.guests.debian import GuestError
from cpc.guests.kernels import Kernel


def command(
    kernel: Kernel,
    initrd: Path | None,
    devices: Sequence[Served],
    *,
    memory: int = 512,
    cpus: int = 1,
    interactive: bool = False,
    append: str = "",
) -> list[str]:
    """The command line; `memory` is in MiB.  The console is on standard output."""
    line = [
        *emulator(kernel, initrd, memory=memory, cpus=cpus, cpu="max", append=append),
        "-object",
        f"memory-backend-memfd,id=mem,size={memory}M,share=on",
        "-machine",
        "memory-backend=mem",
        "-serial",
        "mon:stdio" if interactive else "stdio",
    ]
    for number, served in enumerate(devices):
        line += ["-chardev", f"socket,id=device{number},path={served.socket},reconnect=1"]
        line += ["-device", f"{_front_end(served.device)},chardev=device{number},disable-legacy=on"]
    return line


def _front_end(device: Device) -> str:
    """QEMU's device in front of ours."""
    match device.kind:
        case "blk":
            return f"vhost-user-blk-pci,num-queues={dict(device.options).get('queues', 1)}"
        case kind:
            raise GuestError(f"QEMU has no {kind} device over vhost-user")


def emulator(kernel: Kernel, initrd: Path | None, *, memory: int, cpus: int, cpu: str, append: str) -> list[str]:
    """A q35 machine under TCG with this kernel and nothing else; ends instead of rebooting."""
    program = shutil.which("qemu-system-x86_64")
    if program is None:
        raise GuestError("qemu-system-x86_64 is not on this machine; .ci/setup-system.sh installs it")
    arguments = f"console=ttyS0 quiet loglevel=3 no_timer_check panic=-1 {append}".strip()
    return [
        program,
        *["-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", cpu],
        *["-smp", str(cpus), "-m", f"{memory}M"],
        *["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"],
        *["-kernel", str(kernel.image), "-append", arguments],
        *(["-initrd", str(initrd)] if initrd is not None else []),
    ]
