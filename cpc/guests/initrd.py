"""The initial RAM disk of a guest: busybox, the modules in load order, the ext4 tools, and a job.

The guest's /init mounts the kernel's file systems, loads the modules, and runs /job if there is one; else it goes on
with the system on the disk that root= names, or else with a shell.
What the job printed and its exit status come back over the console: the last line is `cpc-guest: exit N`.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from cpc.cache import cache_root, cached
from cpc.guests.cpio import Archive
from cpc.guests.debian import GuestError
from cpc.guests.kernels import Kernel, modules_in_load_order

READY_MARK = "cpc-guest: ready"
EXIT_MARK = "cpc-guest: exit"

DISK_MODULES = ("virtio_pci", "virtio_mmio", "virtio_blk", "crc32c_generic", "ext4")
DEVICE_MODULES = {"net": ("virtio_net",), "rng": ("virtio_rng",), "console": ("virtio_console",)}
BUTTON_MODULES = ("button", "evdev")  # the power button, which acpid waits for
DISK_TOOLS = ("mke2fs", "e2fsck")

_FOLDERS = ("proc", "sys", "dev", "tmp", "mnt", "root", "etc", "sbin", "usr/bin", "usr/sbin", "run")

_INIT = f"""#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root TERM=linux
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm; mount -t devpts pts /dev/pts; mount -t tmpfs shm /dev/shm; mount -t tmpfs tmp /tmp
ln -sf /proc/self/fd /dev/fd
ip link set lo up
read -r cmdline < /proc/cmdline
while read -r module; do
  options=; for word in $cmdline; do case $word in "$module".*) options="$options ${{word#*.}}";; esac; done
  insmod /modules/$module.ko $options || echo "cpc-guest: cannot load module $module"
done < /modules/order
root=; for word in $cmdline; do case $word in root=*) root=${{word#root=}};; esac; done
if [ -n "$root" ] && [ ! -e /job ]; then
  for try in 1 2 3 4 5; do [ -e "$root" ] && break; sleep 0.2; done
  if mount "$root" /mnt && [ -x /mnt/sbin/init -o -h /mnt/sbin/init ]; then
    umount /tmp; for folder in proc sys dev; do mount -o move /$folder /mnt/$folder; done
    exec switch_root /mnt /sbin/init
  fi
  echo "cpc-guest: no root file system at $root; here is a shell instead"
fi
[ -e /dev/input/event0 ] && acpid -l /dev/null -p /run/acpid.pid
echo "{READY_MARK}"
if [ -e /job ]; then
  sh /job; status=$?
else
  echo "cpc-guest: a busybox shell; 'poweroff -f' ends the guest"
  setsid cttyhack sh; status=$?
fi
echo "{EXIT_MARK} $status"
sync
[ -e /dev/ttyS0 ] && stty -F /dev/ttyS0 >/dev/null 2>&1 && sleep 0.1
poweroff -f
"""


def base_initrd(kernel: Kernel, modules: Iterable[str] = DISK_MODULES, tools: Iterable[str] = DISK_TOOLS) -> bytes:
    """The part that every run with this kernel shares; kept in the cache, keyed by all that goes into it."""
    modules, tools = tuple(modules), tuple(tools)
    key = hashlib.sha256(repr((kernel.release, modules, tools, _INIT)).encode()).hexdigest()[:16]
    path = cache_root() / "initrd" / f"{kernel.release}-{key}"
    return cached(path, lambda out: _write_base(kernel, modules, tools, out)).read_bytes()


def job_archive(job: str | None, files: Sequence[tuple[str, Path]] = ()) -> bytes:
    """A second archive to append to the base: the job (a shell script) and host files at their paths in the guest.
    Empty when there is nothing to add."""
    if job is None and not files:
        return b""
    archive = Archive()
    if job is not None:
        archive.add("job", job.encode(), 0o755)
    for path, source in files:
        mode = 0o755 if os.access(source, os.X_OK) else 0o644
        archive.add(path.lstrip("/"), source.read_bytes(), mode)
    return archive.finish()


def with_libraries(program: str) -> list[tuple[str, Path]]:
    """(path in the guest, host file) of a program and of every shared library that it loads."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/sbin:/usr/sbin")
    if found is None:
        raise GuestError(f"'{program}' is not on this machine; .ci/setup-system.sh installs it")
    listed = subprocess.run(["ldd", found], capture_output=True, text=True).stdout
    libraries = re.findall(r"(/\S+) \(0x", listed)
    return [(f"/sbin/{Path(found).name}", Path(found)), *((name, Path(name)) for name in libraries)]


def _write_base(kernel: Kernel, modules: Sequence[str], tools: Sequence[str], out: Path) -> None:
    archive = Archive()
    for folder in _FOLDERS:
        archive.folder(folder)
    archive.add("bin/busybox", _busybox().read_bytes(), 0o755)
    archive.add("init", _INIT.encode(), 0o755)
    archive.add("etc/acpi/PWRF/00000080", b"#!/bin/sh\nsync; poweroff -f\n", 0o755)  # acpid: the power button
    loaded = modules_in_load_order(kernel, modules)
    for name, data in loaded:
        archive.add(f"modules/{name}.ko", data)
    archive.add("modules/order", "".join(f"{name}\n" for name, _ in loaded).encode())
    files = {path: source for tool in tools for path, source in with_libraries(tool)}
    for path, source in files.items():
        archive.add(path.lstrip("/"), source.read_bytes(), 0o755)
    archive.link("sbin/mkfs.ext4", "/sbin/mke2fs")
    packed = gzip.compress(archive.finish(), 1, mtime=0)
    out.write_bytes(packed + bytes(-len(packed) % 4))  # Linux looks for a following archive at multiples of four


def _busybox() -> Path:
    found = shutil.which("busybox")
    if found is None or "statically linked" not in _file_kind(found):
        raise GuestError("a static busybox is needed for guests; .ci/setup-system.sh installs it")
    return Path(found)


def _file_kind(path: str) -> str:
    """'statically linked' when the ELF file at `path` names no interpreter."""
    listed = subprocess.run(["ldd", path], capture_output=True, text=True)
    return "statically linked" if "not a dynamic" in listed.stderr + listed.stdout else listed.stdout
