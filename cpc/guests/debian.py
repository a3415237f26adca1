"""Debian packages, downloaded by apt (which checks the signatures) and unpacked in the cache, not installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from cpc.cache import cache_root, cached


class GuestError(Exception):
    """A guest cannot be made or started; the message is one sentence for the user."""


def unpacked(package: str) -> Path:
    """The folder that holds the files of `package`; downloaded at first use."""
    return cached(cache_root() / "debian" / package, lambda target: _fetch(package, target))


def dependency(package: str, pattern: str) -> str:
    """The first direct dependency of `package` that matches `pattern`: what a meta package stands for."""
    found = re.search(rf"^\s*Depends: ({pattern})\s*$", _apt_cache("depends", package), re.MULTILINE)
    if found is None:
        raise GuestError(f"Debian package '{package}' has no dependency like '{pattern}'")
    return found[1]


def newest(pattern: str) -> str:
    """The package whose name matches the regular expression `pattern` and has the highest version in its name."""
    names = [line.split()[0] for line in _apt_cache("search", "--names-only", pattern).splitlines() if line]
    if not names:
        raise GuestError(f"no Debian package matches '{pattern}'; try 'apt-get update'")
    return max(names, key=lambda name: [int(n) for n in re.findall(r"\d+", name)])


def _apt_cache(*arguments: str) -> str:
    if shutil.which("apt-cache") is None:
        raise GuestError("guests are made from Debian packages, but 'apt-cache' is not on this machine")
    done = subprocess.run(["apt-cache", *arguments], capture_output=True, text=True)
    return done.stdout


def _fetch(package: str, target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="cpc-deb.") as folder:
        command = ["apt-get", "-qq", "download", package]
        if os.geteuid() == 0:  # root downloads as itself: apt's sandbox user cannot write to the folder
            command[1:1] = ["-o", "APT::Sandbox::User=root"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        files = list(Path(folder).glob("*.deb"))
        if done.returncode != 0 or len(files) != 1:
            reason = (done.stderr.strip().splitlines() or ["no file came"])[-1]
            raise GuestError(f"cannot download Debian package '{package}': {reason}")
        subprocess.run(["dpkg-deb", "-x", files[0], target], check=True)
