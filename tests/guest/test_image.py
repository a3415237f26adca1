"""`cpc image build`: what it refuses, and (in the lab) a Debian system that boots on our VMM to its login prompt."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cpc.guests import image, nested
from cpc.guests.debian import GuestError
from cpc.guests.initrd import BUTTON_MODULES, DISK_MODULES, base_initrd
from cpc.guests.kernels import CLOUD_6_1, debian_kernel

_SESSION = r"""
mkfifo /in
wait_for() { for i in $(seq 1500); do grep -q "$1" /console 2>/dev/null && return; sleep 0.2; done; echo "no $1"; }
/vmm run --kernel /kernel --initrd /initrd --append 'quiet root=/dev/vda' --memory 512 --disk /dev/vda \
  < /in > /console & vmm=$!
exec 3> /in
wait_for 'debian login:'; echo root >&3
wait_for 'root@debian'; echo "apt-get --version | head -1" >&3
echo "fio --name=v --filename=/root/f --size=4M --rw=write --verify=crc32c | grep -q 'err= 0'; echo fio gave \$?" >&3
wait_for 'fio gave [0-9]'; echo reboot >&3
wait $vmm; echo "lab: status $?"; tail -n 30 /console
"""


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "cpc", "image", *words], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["build", "plan9", "-o", "x"], "plan9"),
        (["build", "debian-12"], "-o"),
        (["build", "debian-12", "-o", "x", "--size", "many"], "'many' is no size"),
        (["build", "debian-12", "-o", "x", "--install", "fio,$(reboot)"], "'$(reboot)' is no name of a package"),
        (["build", "debian-12", "-o", "x", "--hostname", "a; b"], "'a; b' is no host name"),
    ],
)
def test_wrong_use_is_refused(words: list[str], said: str) -> None:
    done = command(*words)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_missing_tool_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(GuestError, match="install the Debian package mmdebstrap"):
        image.build(image.Recipe("debian-12"), "1G", tmp_path / "x")


@pytest.mark.lab
@pytest.mark.guest
@pytest.mark.timeout(3600)
def test_debian_boots_to_its_login_prompt(vmm: Path, tmp_path: Path) -> None:
    disk, initrd, kernel = tmp_path / "disk", tmp_path / "initrd", debian_kernel(CLOUD_6_1)
    image.build(image.Recipe("debian-12", ("fio",)), "600M", disk)
    subprocess.run(["e2fsck", "-fn", disk], check=True, capture_output=True)
    initrd.write_bytes(base_initrd(kernel, (*DISK_MODULES, *BUTTON_MODULES)))
    files = [("/vmm", vmm), ("/kernel", kernel.image), ("/initrd", initrd)]
    text = nested.run(_SESSION, files, timeout=1800, disks=[disk]).text
    assert "apt 2." in text
    assert "fio gave 0" in text
    assert "lab: status 3" in text
