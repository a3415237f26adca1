"""What `--accel auto` means here: kvm where it can run Linux, else User-mode Linux, else QEMU's emulator."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from cpc.guests.debian import GuestError
from cpc.guests.kernels import uml_kernel


def choose(vmm: Path, *, cpus: int = 1, queues: int = 1, own_kernel: bool = False) -> tuple[str, str]:
    """(accelerator, why in one plain sentence; empty for kvm)."""
    probe = subprocess.run([vmm, "probe"], capture_output=True, text=True)
    if probe.returncode == 0:
        return "kvm", ""
    why = reason(probe.stderr)
    if own_kernel:
        return "tcg", f"{why}; booting the kernel in QEMU's emulator (--accel tcg)"
    if cpus > 1 or queues > 1:
        return "tcg", f"{why}, and User-mode Linux has one CPU and one queue; using QEMU's emulator (--accel tcg)"
    try:
        uml_kernel()
    except GuestError as error:
        return "tcg", f"{why}, and there is no User-mode Linux ({error}); using QEMU's emulator (--accel tcg)"
    return "uml", f"{why}; using User-mode Linux (--accel uml)"


def reason(log: str) -> str:
    """The last line of the VMM's log without its time and level, nor the advice to choose what is chosen anyway."""
    line = (log.strip().splitlines() or ["the VMM cannot use KVM"])[-1].rpartition(" vmm: ")[2]
    return re.sub(r"(;|, or) boot the guest with --accel uml or tcg$", "", line)
