"""`cpc run`: what it chooses, what it says about it, and the prompt that it reaches without any argument."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cpc.guests import choice
from cpc.guests.debian import GuestError

pytestmark = pytest.mark.guest

_SECONDS = 120


def answering(folder: Path, status: int, log: str) -> Path:
    """A VMM whose probe says this."""
    path = folder / "vmm"
    path.write_text(f"#!/bin/sh\n[ \"$1\" = probe ] || exit 9\necho '{log}' >&2\nexit {status}\n")
    path.chmod(0o755)
    return path


REFUSED = (
    "2026-11-28T04:00:00.000Z error vmm: not permitted to open it: join the group,"
    " or boot the guest with --accel uml or tcg"
)


def test_kvm_is_taken_where_it_runs_linux(tmp_path: Path) -> None:
    assert choice.choose(answering(tmp_path, 0, "")) == ("kvm", "")


def test_the_reason_is_one_plain_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vmm = answering(tmp_path, 1, REFUSED)
    why = "not permitted to open it: join the group"
    monkeypatch.setattr(choice, "uml_kernel", lambda: None)
    assert choice.choose(vmm) == ("uml", f"{why}; using User-mode Linux (--accel uml)")
    assert choice.choose(vmm, cpus=2)[0] == "tcg"
    assert choice.choose(vmm, own_kernel=True)[0] == "tcg"

    def none() -> None:
        raise GuestError("no package")

    monkeypatch.setattr(choice, "uml_kernel", none)
    accel, said = choice.choose(vmm)
    assert accel == "tcg"
    assert said == f"{why}, and there is no User-mode Linux (no package); using QEMU's emulator (--accel tcg)"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--cpus", "17"], "a guest has 1 to 16 CPUs, not 17"),
        (["--cpus", "0"], "a guest has 1 to 16 CPUs, not 0"),
        (["--accel", "uml", "--transport", "mmio"], "--transport is an option of our own VMM and needs --accel kvm"),
        (["--accel", "tcg", "--iothreads"], "--iothreads is an option of our own VMM and needs --accel kvm"),
        (["--accel", "uml", "--cpus", "2"], "User-mode Linux has one CPU and one queue; use --accel kvm or tcg"),
    ],
)
def test_what_an_accelerator_cannot_do_is_refused(words: list[str], says: str) -> None:
    done = subprocess.run([sys.executable, "-m", "cpc", "run", *words], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, f"cpc run: {says}\n")


def test_run_without_arguments_reaches_a_prompt() -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-m", "cpc", "run"])
    shown = read_until(terminal, b"/ # ")
    os.write(terminal, b"echo $((6 * 7)) $(uname -s); exit 0\n")
    shown += read_until(terminal, b"42 Linux")
    with pytest.raises(OSError):  # the end of a terminal is an error
        while True:
            shown += os.read(terminal, 4096)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, shown.decode()


def test_a_root_file_system_is_gone_on_with(tmp_path: Path) -> None:
    """root= names the disk: its /sbin/init is process 1 with /proc, /sys and /dev in place."""
    tree, disk = tmp_path / "tree", tmp_path / "disk"
    for folder in ("bin", "sbin", "proc", "sys", "dev"):
        (tree / folder).mkdir(parents=True)
    shutil.copy(shutil.which("busybox") or "", tree / "bin/busybox")
    (tree / "sbin/init").write_text(
        "#!/bin/busybox sh\n/bin/busybox grep -E ' /(proc|sys|dev)? ' /proc/mounts; echo process $$\n"
        "/bin/busybox umount -r /; /bin/busybox poweroff -f\n"
    )
    (tree / "sbin/init").rename(tree / "bin/first")
    (tree / "bin/first").chmod(0o755)
    (tree / "sbin/init").symlink_to("/bin/first")  # as in Debian: absolute, so seen from the new root only
    mke2fs = shutil.which("mke2fs", path="/sbin:/usr/sbin") or ""
    subprocess.run([mke2fs, "-q", "-t", "ext4", "-d", tree, disk, "32M"], check=True)
    command = [sys.executable, "-m", "cpc", "run", "--accel", "uml", "--disk", disk, "--append", "root=/dev/vda"]
    done = subprocess.run(
        [str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS
    )
    shown = done.stdout.decode().replace("\r", "")
    assert done.returncode == 0
    assert {"/", "/proc", "/sys", "/dev"} <= set(re.findall(r"^\S+ (\S+) \S+ rw", shown, re.MULTILINE))
    assert "process 1\n" in shown


def read_until(terminal: int, words: bytes) -> bytes:
    shown = b""
    deadline = time.monotonic() + _SECONDS
    while words not in shown:
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"no {words!r} after {_SECONDS} s in {shown.decode(errors='replace')}"
        shown += os.read(terminal, 4096)
    return shown
