"""The nested lab: the standard kvm and kvm_amd modules inside an emulated machine, where /dev/kvm is the real thing.

A Debian kernel (level 1) boots under QEMU's TCG with an emulated AMD CPU, loads kvm_amd, and runs a job that may use
/dev/kvm: the VMM then boots an unmodified kernel as level 2.  Slow in cycles (an exit costs about 60 us) but quick
to start (4 s), so that tests of KVM guests need no hardware.  The job sees busybox and the files given.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from cpc.guests import tcg
from cpc.guests.console import Outcome, run_job
from cpc.guests.initrd import base_initrd, job_archive
from cpc.guests.kernels import CLOUD_6_1, debian_kernel

_MODULES = ("crc32c_generic", "kvm_amd", "tun", "dummy")
_DISK_MODULES = ("virtio_pci", "virtio_blk")
# The root of an initial RAM disk cannot be left by pivot_root, which passt confines itself with.
_IN_A_ROOT_THAT_IS_MOUNTED = """mkdir /root-mount; mount -o rbind / /root-mount
cd /root-mount; mount -o move . /; exec chroot . sh /lab-job
"""


def run(
    job: str,
    files: Sequence[tuple[str, Path]] = (),
    *,
    timeout: float = 300,
    memory: int = 2048,
    cpus: int = 2,
    echo: bool = True,
    append: str = "",
    disks: Sequence[Path] = (),
) -> Outcome:
    """Run the shell script `job` on level 1 with `files` ((path there, host file)) in place; memory in MiB.  The
    disks are raw images, /dev/vda and so on there; what is written to them is gone afterwards."""
    kernel = debian_kernel(CLOUD_6_1)
    with tempfile.TemporaryDirectory(prefix="cpc-nested.") as folder:
        initrd = Path(folder) / "initrd"
        modules = (*_MODULES, *(_DISK_MODULES if disks else ()))
        (job_file := Path(folder) / "job").write_text(job)
        archive = job_archive(_IN_A_ROOT_THAT_IS_MOUNTED, [*files, ("/lab-job", job_file)])
        initrd.write_bytes(base_initrd(kernel, modules, tools=()) + archive)
        line = tcg.emulator(
            kernel, initrd, memory=memory, cpus=cpus, cpu="max,+svm", append=f"mitigations=off {append}".strip()
        )
        for disk in disks:
            line += ["-drive", f"if=virtio,format=raw,snapshot=on,file={str(disk).replace(',', ',,')}"]
        return run_job(
            [*line, "-serial", "stdio"], timeout=timeout, ready_timeout=min(90, timeout / 2), attempts=3, echo=echo
        )
