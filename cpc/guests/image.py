"""Root file systems from Debian packages, without root: mmdebstrap makes the tree, mke2fs the image.

mmdebstrap unpacks the packages (apt checks their signatures) as root or, for a user, in a user namespace with the
user's range of subordinate ids; the tree travels as a tar, which the cache keeps under a hash of the recipe.  The tar
is unpacked on a tmpfs in a namespace of its own, where mke2fs copies it with its owners into the image: nothing is
mounted where others see it, and nothing is left.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cpc.cache import cache_root, cached
from cpc.guests.debian import GuestError

SUITES = {"debian-12": "bookworm"}
_MIRROR = "http://deb.debian.org/debian"
# A system that boots, logs in, and installs more.
_PACKAGES = ("systemd-sysv", "udev", "dbus", "login", "passwd", "mount", "e2fsprogs", "iproute2", "kmod", "procps")
_LEFT_OUT = ("/usr/share/man/*", "/usr/share/locale/*", "/usr/share/doc/*", "/usr/share/info/*")
_NEEDED = {"mmdebstrap": "mmdebstrap", "unshare": "util-linux", "mke2fs": "e2fsprogs", "tar": "tar"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is in the image.  `password` is root's; without one root logs in without."""

    system: str
    packages: tuple[str, ...] = ()
    hostname: str = "debian"
    password: str | None = None


def build(recipe: Recipe, size: str, out: Path) -> None:
    """Makes `out` an ext4 image of `size` (mke2fs's: 512M, 4G).  Raises GuestError."""
    for tool, package in _NEEDED.items():
        if shutil.which(tool, path=f"{os.environ.get('PATH', '')}:/sbin:/usr/sbin") is None:
            raise GuestError(f"'{tool}' is not on this machine: install the Debian package {package}")
    if recipe.system not in SUITES:
        raise GuestError(f"there is no recipe for '{recipe.system}'; there are: {', '.join(SUITES)}")
    key = hashlib.sha256(repr((recipe, _PACKAGES, _LEFT_OUT)).encode()).hexdigest()[:16]
    tree = cached(cache_root() / "trees" / f"{recipe.system}-{key}.tar", lambda target: _make_tree(recipe, target))
    with tempfile.TemporaryDirectory(prefix=".cpc-image.", dir=out.absolute().parent) as folder:
        image = Path(folder) / "image"
        _make_image(tree, size, image)
        image.replace(out)


def _make_tree(recipe: Recipe, target: Path) -> None:
    root = 'chroot "$1"'
    secret = f"root:{recipe.password}" if recipe.password is not None else ""
    hooks = [
        f'echo {recipe.hostname} > "$1/etc/hostname"',
        f'printf "127.0.0.1 localhost\\n127.0.1.1 {recipe.hostname}\\n" > "$1/etc/hosts"',
        'echo "/dev/vda / ext4 defaults 0 1" > "$1/etc/fstab"',
        f'printf %s "$CPC_SECRET" | {root} chpasswd' if secret else f"{root} passwd -d root",
    ]
    command = [
        "mmdebstrap", "--quiet", f"--mode={'root' if os.geteuid() == 0 else 'unshare'}", "--variant=apt",
        f"--include={','.join((*_PACKAGES, *recipe.packages))}",
        *[f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT],
        *[f"--customize-hook={hook}" for hook in hooks],
        "--format=tar", SUITES[recipe.system], str(target), _MIRROR,
    ]  # fmt: skip
    _run(command, "make the file system's tree", CPC_SECRET=secret)


def _make_image(tree: Path, size: str, image: Path) -> None:
    namespace = ["unshare", "--mount", "--pid", "--fork"]
    if os.geteuid() != 0:
        namespace += ["--map-root-user", "--map-auto"]
    script = (
        "mount -t tmpfs none /mnt && tar -C /mnt --numeric-owner --exclude=./dev/* -xf - && "
        'mke2fs -q -t ext4 -L root -m 0 -d /mnt "$1" "$2"'
    )
    with open(tree, "rb") as tar:
        _run([*namespace, "sh", "-c", script, "sh", str(image), size], "make the image", stdin=tar.fileno())


def _run(command: list[str], what: str, stdin: int = subprocess.DEVNULL, **environment: str) -> None:
    path = f"{os.environ.get('PATH', '')}:/sbin:/usr/sbin"
    done = subprocess.run(
        command, stdin=stdin, capture_output=True, text=True, env={**os.environ, "PATH": path, **environment}
    )
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise GuestError(f"cannot {what}: {reason}")
