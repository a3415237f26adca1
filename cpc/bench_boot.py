"""`cpc bench boot`: from exec to init beside QEMU's microvm, in one run of the nested lab.

Both boot the same packaged kernel with the same initial RAM disk, command line and raw disk, in turns, so that
whatever else the machine does hits both.  The clock starts before fork and stops when the guest's line is read;
what came back to user space is counted by KVM's own trace point (tests/bench/boot/boot_timer.c).  The marks:

    init   the first line of the guest's init
    disk   its modules are loaded, the disk is mounted, and a file of it was read
    end    the guest has powered off, and the monitor's process is gone

QEMU is Debian's qemu-system-x86_64-microvm, its smallest, with what its manual advises: no legacy timers and
interrupt controller, no options ROM of its own command line.  Rejected: times on the host's clock around the whole
lab, which measure the emulator's start.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cpc.bench_blk import BenchError, describe_processor
from cpc.guests import nested
from cpc.guests.debian import GuestError
from cpc.guests.initrd import DISK_MODULES, base_initrd, job_archive, with_libraries
from cpc.guests.kernels import CLOUD_6_1, debian_kernel

MARKS = ("init", "disk", "end")
PEER = "QEMU microvm"
_TIMER = Path(__file__).resolve().parents[1] / "tests" / "bench" / "boot" / "boot_timer.c"
_DATA = Path("/usr/share/qemu")
_ROMS = ("bios-microvm.bin", "linuxboot_dma.bin", "pvh.bin", "kvmvapic.bin")
_ARGUMENTS = "console=ttyS0 panic=-1 quiet rdinit=/first"
_FIRST = b"#!/bin/busybox sh\necho bench: init\nexec /init\n"
_JOB = """mount -o ro /dev/vda /mnt && cat /mnt/file > /dev/null && echo bench: disk
echo "bench: line $(cat /proc/cmdline)"
"""
_EXIT_REASONS = {2: "port", 5: "HLT", 6: "MMIO", 8: "shutdown", 10: "signal", 24: "system event"}


@dataclass(frozen=True, slots=True)
class Boot:
    """One machine's medians: milliseconds and exits to user space, by mark; `reasons` are those of the last mark."""

    name: str
    milliseconds: Mapping[str, float]
    exits: Mapping[str, float]
    reasons: Mapping[str, float]


def machines(memory: int) -> dict[str, str]:
    """The command line of each, in the lab."""
    ours = f"/vmm run --memory {memory} --kernel /kernel --initrd /initrd --disk /disk"
    append = _ARGUMENTS.removeprefix("console=ttyS0 panic=-1 ")  # which our VMM says by itself
    peer = (
        f"/sbin/qemu-system-x86_64-microvm -accel kvm -cpu host -m {memory} -smp 1 -nodefaults -no-user-config "
        "-display none -no-reboot -serial stdio -L /qemu -drive id=d,if=none,format=raw,file=/disk "
        "-device virtio-blk-device,drive=d -kernel /kernel -initrd /initrd "
        f"-append '{_ARGUMENTS}' -M microvm,acpi=on,rtc=on,pit=off,pic=off,auto-kernel-cmdline=off"
    )
    return {
        "cpc, mmio": f"{ours} --transport mmio --append '{append}'",
        "cpc, pci": f"{ours} --transport pci --append '{append}'",
        PEER: peer,
    }


def measure(vmm: Path, rounds: int, memory: int, progress: Callable[[str], None]) -> list[Boot]:
    """Boots each machine `rounds` times, in turns, after one boot each that does not count."""
    commands = machines(memory)
    with tempfile.TemporaryDirectory(prefix="cpc-bench.") as name:
        files = _files(vmm, Path(name))
        script = "mount -t tracefs tracefs /sys/kernel/tracing\n"
        for turn in range(rounds + 1):
            for machine, command in commands.items():
                script += f"echo 'bench: {turn} {machine}'; /boot_timer 'bench: init' 'bench: disk' -- {command}\n"
        progress(f"{rounds} rounds of {len(commands)} boots, about {8 * (rounds + 1) * len(commands)} s")
        outcome = nested.run(script, files, timeout=120 + 60 * (rounds + 1) * len(commands), echo=False)
    return _medians(outcome.text, commands, rounds)


def _files(vmm: Path, folder: Path) -> list[tuple[str, Path]]:
    kernel = debian_kernel(CLOUD_6_1)
    timer, initrd, disk, first = (folder / name for name in ("boot_timer", "initrd", "disk", "first"))
    subprocess.run(["gcc", "-O2", "-static", "-o", str(timer), str(_TIMER)], check=True)
    first.write_bytes(_FIRST)
    first.chmod(0o755)
    initrd.write_bytes(base_initrd(kernel, (*DISK_MODULES, "button"), ()) + job_archive(_JOB, [("/first", first)]))
    (folder / "tree").mkdir()
    (folder / "tree" / "file").write_bytes(bytes(range(256)) * 4096)
    command = ["mke2fs", "-q", "-t", "ext4", "-d", str(folder / "tree"), str(disk), "32M"]
    subprocess.run(command, check=True, capture_output=True, env={"PATH": "/sbin:/usr/sbin:/bin:/usr/bin"})
    files = [("/vmm", vmm), ("/kernel", kernel.image), ("/initrd", initrd), ("/disk", disk), ("/boot_timer", timer)]
    return files + _peer_files()


def _peer_files() -> list[tuple[str, Path]]:
    try:
        program = with_libraries("qemu-system-x86_64-microvm")
    except GuestError as error:
        raise BenchError(str(error)) from error
    roms = [(f"/qemu/{rom}", _DATA / rom) for rom in _ROMS]
    if missing := [str(path) for _, path in roms if not path.exists()]:
        raise BenchError(f"'{missing[0]}' is not on this machine; .ci/setup-system.sh installs it")
    return [*program, *roms]


def _medians(console: str, commands: Mapping[str, str], rounds: int) -> list[Boot]:
    parts = re.split(r"^bench: (\d+) (.+)$", console, flags=re.MULTILINE)
    runs = [(int(turn), name, text) for turn, name, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)]
    lines = {line for _, _, text in runs for line in re.findall(r"^bench: line (.*)$", text, re.MULTILINE)}
    if len(runs) != (rounds + 1) * len(commands) or len(lines) != 1:
        raise BenchError(f"not every guest booted with the same command line:\n{console[-2000:]}")
    return [_median(name, [text for turn, other, text in runs if other == name and turn > 0]) for name in commands]


def _median(name: str, texts: list[str]) -> Boot:
    seen = [_read_marks(name, text) for text in texts]
    times = {mark: statistics.median(one[mark][0] for one in seen) for mark in MARKS}
    exits = {mark: float(statistics.median(one[mark][1] for one in seen)) for mark in MARKS}
    counts = [one["end"][2] for one in seen]
    by_reason = {
        _EXIT_REASONS.get(reason, f"reason {reason}"): float(statistics.median(one.get(reason, 0) for one in counts))
        for reason in sorted({reason for one in counts for reason in one})
    }
    return Boot(name, times, exits, by_reason)


def _read_marks(name: str, text: str) -> dict[str, tuple[float, int, dict[int, int]]]:
    found = {}
    for mark, time, exits, rest in re.findall(r"^timer: (?:bench: )?(\w+) (\S+) (\d+)(.*)$", text, re.MULTILINE):
        pairs = (word.split(":") for word in rest.split())
        found[mark] = (float(time), int(exits), {int(reason): int(count) for reason, count in pairs})
    if set(found) != set(MARKS):
        raise BenchError(f"a guest on {name} did not get from init to its end:\n{text[-2000:]}")
    return found


def describe_machine() -> str:
    return f"{describe_processor()}; the lab is QEMU's TCG with an emulated SVM, so only ratios mean something"


def ratios(boots: list[Boot]) -> dict[str, dict[str, float]]:
    """Ours by the peer's, time until each mark."""
    [peer] = [boot for boot in boots if boot.name == PEER]
    return {
        boot.name: {mark: boot.milliseconds[mark] / peer.milliseconds[mark] for mark in MARKS}
        for boot in boots
        if boot is not peer
    }


def render_table(boots: list[Boot]) -> str:
    found = ratios(boots)
    lines = [
        f"{'':14}{'init ms':>10}{'disk ms':>10}{'end ms':>10}{'exits: init':>13}{'disk':>8}{'end':>8}   init ratio"
    ]
    for boot in boots:
        times = "".join(f"{boot.milliseconds[mark]:10.0f}" for mark in MARKS)
        exits = f"{boot.exits['init']:13.0f}{boot.exits['disk']:8.0f}{boot.exits['end']:8.0f}"
        ratio = f"{found[boot.name]['init']:13.2f}" if boot.name in found else ""
        lines.append(f"{boot.name:14}{times}{exits}{ratio}")
        lines.append("    " + ", ".join(f"{reason} {count:.0f}" for reason, count in boot.reasons.items()))
    return "\n".join(lines)
