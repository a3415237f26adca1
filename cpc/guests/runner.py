"""`cpc run`: picks an accelerator, prepares kernel, initial RAM disk and devices, boots, and returns the status.

| accelerator | machine | kernel by default | devices |
|---|---|---|---|
| kvm | our VMM on /dev/kvm | Debian's 6.1 cloud kernel | virtio-pci or virtio-mmio in the VMM itself |
| uml | User-mode Linux | Debian's user-mode-linux | vhost-user, one daemon each |
| tcg | qemu-system-x86_64 | Debian's 6.12 cloud kernel | vhost-user, one daemon each, virtio-pci |
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cpc.guests import tcg, uml
from cpc.guests.choice import choose
from cpc.guests.console import NO_VERDICT, TIMED_OUT, run_job
from cpc.guests.daemon import Device, Disk, served_devices
from cpc.guests.debian import GuestError
from cpc.guests.initrd import BUTTON_MODULES, DEVICE_MODULES, DISK_MODULES, base_initrd, job_archive
from cpc.guests.kernels import CLOUD_6_1, CLOUD_6_12, Kernel, debian_kernel, uml_kernel
from cpc.processes import run_in_foreground

ACCELERATORS = ("auto", "kvm", "uml", "tcg")
TRANSPORTS = ("pci", "mmio")
MAX_CPUS = 16
_POWER_DOWN_SECONDS = 12.0  # the VMM ends a guest that does not power down before


@dataclass(slots=True)
class Request:
    """What the user asked for.  `script` runs in the guest as its job; without one there is a shell."""

    accel: str = "auto"
    disks: list[Disk] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)  # besides the disks
    memory: int = 256  # MiB
    cpus: int = 1
    queues: int = 1
    kernel: Path | None = None
    initrd: Path | None = None
    append: str = ""
    script: str | None = None
    timeout: float = 3600.0
    vmm_options: list[str] = field(default_factory=list)  # of our own VMM: kvm only

    def all_devices(self) -> list[Device]:
        return [disk.device(self.queues) for disk in self.disks] + self.devices

    def kinds(self) -> set[str]:
        """The classes of the devices."""
        return {device.kind for device in self.all_devices()}


def run(request: Request, vmm: Path) -> int:
    """Boot the guest and wait for its end.  Returns the script's exit status, or the machine's without a script."""
    _check(request)
    accel = request.accel if request.accel != "auto" else _choose(request, vmm)
    if request.vmm_options and accel != "kvm":
        raise GuestError(f"{request.vmm_options[0]} is an option of our own VMM and needs --accel kvm")
    match accel:
        case "kvm":
            return _run_kvm(request, vmm)
        case "uml":
            return _run_uml(request, vmm)
        case _:
            return _run_tcg(request, vmm)


def _check(request: Request) -> None:
    for disk in request.disks:
        if not disk.path.exists():
            raise GuestError(f"disk '{disk.path}' does not exist; 'truncate -s 1G {disk.path}' makes an empty one")
    if not 1 <= request.cpus <= MAX_CPUS:
        raise GuestError(f"a guest has 1 to {MAX_CPUS} CPUs, not {request.cpus}")
    for what, path in (("kernel", request.kernel), ("initrd", request.initrd)):
        if path is not None and not path.is_file():
            raise GuestError(f"{what} '{path}' does not exist")


def _choose(request: Request, vmm: Path) -> str:
    accel, why = choose(vmm, cpus=request.cpus, queues=request.queues, own_kernel=request.kernel is not None)
    if why:
        print(f"cpc: {why}", file=sys.stderr)
    return accel


def _run_kvm(request: Request, vmm: Path) -> int:
    with tempfile.TemporaryDirectory(prefix="cpc-run.") as folder:
        line = [str(vmm), "run", "--memory", str(request.memory), "--cpus", str(request.cpus)]
        for device in request.all_devices():
            line += ["--device", device.spec()]
        if request.kernel is not None:
            line += ["--kernel", str(request.kernel)]
            if request.initrd is not None:
                line += ["--initrd", str(request.initrd)]
        else:
            kernel = debian_kernel(CLOUD_6_1)
            modules = [name for kind in sorted(request.kinds()) for name in DEVICE_MODULES.get(kind, ())]
            base = base_initrd(kernel, (*DISK_MODULES, *BUTTON_MODULES, "pvpanic-mmio", *modules))
            initrd = _initrd(Path(folder), base, request)
            line += ["--kernel", str(kernel.image), "--initrd", str(initrd)]
        line += ["--append", request.append, *request.vmm_options]
        return _boot(line, request, grace=_POWER_DOWN_SECONDS)


def _run_uml(request: Request, vmm: Path) -> int:
    if request.kernel is not None:
        raise GuestError("--kernel needs --accel kvm or tcg: User-mode Linux is its own kernel")
    if request.queues > 1 or request.cpus > 1:
        raise GuestError("User-mode Linux has one CPU and one queue; use --accel kvm or tcg")
    kernel = uml_kernel()
    with tempfile.TemporaryDirectory(prefix="cpc-run.") as name:
        folder = Path(name)
        initrd = _initrd(folder, uml.base(kernel, request.kinds()), request)
        with served_devices(vmm, request.all_devices(), folder) as devices:
            line = uml.command(
                kernel,
                initrd,
                devices,
                memory=request.memory,
                interactive=request.script is None,
                append=request.append,
            )
            return _boot(line, request, uml.ENVIRONMENT)


def _run_tcg(request: Request, vmm: Path) -> int:
    with tempfile.TemporaryDirectory(prefix="cpc-run.") as name:
        folder = Path(name)
        if request.kernel is not None:
            kernel, initrd = Kernel(request.kernel.name, request.kernel, folder), request.initrd
        else:
            kernel = debian_kernel(CLOUD_6_12)
            initrd = _initrd(folder, base_initrd(kernel), request)
        with served_devices(vmm, request.all_devices(), folder) as devices:
            line = tcg.command(
                kernel,
                initrd,
                devices,
                memory=request.memory,
                cpus=request.cpus,
                interactive=request.script is None,
                append=request.append,
            )
            return _boot(line, request)


def _initrd(folder: Path, base: bytes, request: Request) -> Path:
    path = folder / "initrd"
    path.write_bytes(base + job_archive(request.script))
    return path


def _boot(line: list[str], request: Request, env: Mapping[str, str] | None = None, *, grace: float = 0.0) -> int:
    if request.script is None or request.kernel is not None:
        return run_in_foreground(line, env, grace)
    outcome = run_job(line, timeout=request.timeout, env=env)
    if outcome.status == TIMED_OUT:
        print(f"cpc: the guest did not end in {request.timeout:.0f} s and was stopped", file=sys.stderr)
    elif outcome.status == NO_VERDICT:
        print(f"cpc: the guest ended (status {outcome.machine}) before its script did", file=sys.stderr)
    return outcome.status
