"""Real Linux guests on the compiled devices over vhost-user: User-mode Linux and QEMU's emulator."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cpc.guests import tcg, uml
from cpc.guests.console import run_job, started
from cpc.guests.daemon import Device, Disk, Served, served_devices
from cpc.guests.initrd import base_initrd, job_archive
from cpc.guests.kernels import CLOUD_6_12, debian_kernel, uml_kernel
from cpc.guests.runner import Request, run
from tests.guest import jobs

pytestmark = pytest.mark.guest

MakeDisk = Callable[[int], Path]


def machine(accel: str, folder: Path, devices: list[Served], job: str) -> list[str]:
    """The command that boots a guest of this accelerator with the job."""
    initrd = folder / "initrd"
    if accel == "uml":
        kernel = uml_kernel()
        initrd.write_bytes(uml.base(kernel, {"blk"}) + job_archive(job))
        return uml.command(kernel, initrd, devices)
    kernel = debian_kernel(CLOUD_6_12)
    initrd.write_bytes(base_initrd(kernel) + job_archive(job))
    return tcg.command(kernel, initrd, devices)


@pytest.mark.parametrize(("accel", "cpus", "queues"), [("uml", 1, 1), ("tcg", 2, 2)])
def test_ext4_is_written_and_read_back(vmm: Path, make_disk: MakeDisk, accel: str, cpus: int, queues: int) -> None:
    request = Request(
        accel=accel, disks=[Disk(make_disk(128))], cpus=cpus, queues=queues, script=jobs.EXT4, timeout=120
    )
    assert run(request, vmm) == 0


@pytest.mark.parametrize("text", ["blk", "blk,disk=/a,read-only", "net,forward=tcp::80,,udp::53,mtu=1500"])
def test_a_device_reads_back_as_it_was_written(text: str) -> None:
    assert Device.parse(text).spec() == text


def test_the_options_of_a_device_are_its_daemons() -> None:
    device = Device.parse("blk,disk=a,,b=c,read-only,queues=2")
    assert device.arguments() == ["blk", "--disk", "a,b=c", "--read-only", "--queues", "2"]


def test_read_only_disk_refuses_writes(vmm: Path, make_disk: MakeDisk) -> None:
    disk = make_disk(16)
    job = "cat /sys/block/vda/ro; dd if=/dev/zero of=/dev/vda bs=4k count=1 conv=fsync && exit 1; exit 0"
    assert run(Request(accel="uml", disks=[Disk(disk, read_only=True)], script=job, timeout=60), vmm) == 0


@pytest.mark.parametrize("accel", ["uml", "tcg"])
def test_guest_killed_in_mid_write_leaves_a_sound_file_system(
    vmm: Path, make_disk: MakeDisk, tmp_path: Path, accel: str
) -> None:
    disk = Disk(make_disk(128))
    with served_devices(vmm, [disk.device()], tmp_path) as devices:
        command = machine(accel, tmp_path, devices, jobs.WRITE_FOR_EVER)
        with started(command, uml.ENVIRONMENT) as process:
            count = wait_for_synced(process, 12)
        checker = machine(accel, tmp_path, devices, jobs.verify(count))
        assert run_job(checker, timeout=120, env=uml.ENVIRONMENT).status == 0


def test_daemon_killed_and_restarted_loses_nothing(vmm: Path, make_disk: MakeDisk, tmp_path: Path) -> None:
    """QEMU reconnects to the daemon's socket and the guest goes on writing as if nothing had happened."""
    disk, socket = Disk(make_disk(128)), tmp_path / "disk0.sock"
    command = machine("tcg", tmp_path, [Served(disk.device(), socket)], jobs.write(40) + jobs.verify(40))
    with daemon(vmm, disk, socket) as first, started(command) as process:
        wait_for_synced(process, 10)
        first.send_signal(signal.SIGKILL)
        first.wait()
        with daemon(vmm, disk, socket):
            assert process.stdout is not None
            rest = process.stdout.read().decode(errors="replace")
    print(rest)
    assert "synced 40" in rest
    assert re.search(r"^cpc-guest: exit 0\r?$", rest, re.MULTILINE)


def wait_for_synced(process: subprocess.Popen[bytes], count: int) -> int:
    """Reads the console until the guest said that `count` files are on the disk."""
    assert process.stdout is not None
    seen = b""
    for line in process.stdout:
        seen += line
        if (found := re.match(rb"synced (\d+)", line)) and int(found[1]) >= count:
            return int(found[1])
    raise AssertionError(f"the guest ended early:\n{seen.decode(errors='replace')}")


@contextmanager
def daemon(vmm: Path, disk: Disk, socket: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A disk daemon that the test may kill; its socket file is left over by the dead one before it."""
    process = subprocess.Popen([vmm, "serve", "blk", "--socket", socket, "--disk", disk.path])
    try:
        deadline = time.monotonic() + 10
        while not socket.is_socket() and time.monotonic() < deadline:
            time.sleep(0.01)
        yield process
    finally:
        process.kill()
        process.wait()
