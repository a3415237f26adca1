"""Debian kernels as packaged: the image that a boot loader takes, and the modules with what they need."""

from __future__ import annotations

import lzma
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cpc.guests.debian import GuestError, dependency, newest, unpacked

CLOUD_6_1 = "linux-image-cloud-amd64"  # Debian 12's own cloud kernel
CLOUD_6_12 = r"^linux-image-6\.12\..*-cloud-amd64$"  # the newer one, by pattern
GENERIC_6_1 = "linux-image-amd64"


@dataclass(frozen=True, slots=True)
class Kernel:
    """`image` is what a boot loader takes, `modules` the folder with the .ko files."""

    release: str
    image: Path
    modules: Path


def debian_kernel(package: str) -> Kernel:
    """The kernel of a Debian package: a meta package, a real one, or a pattern (`^...$`) for the newest match."""
    if package.startswith("^"):
        package = newest(package)
    elif not re.match(r"linux-image-\d", package):
        package = dependency(package, r"linux-image-\d\S*")
    root = unpacked(package)
    images = sorted((root / "boot").glob("vmlinuz-*"))
    if len(images) != 1:
        raise GuestError(f"Debian package '{package}' holds no kernel")
    release = images[0].name.removeprefix("vmlinuz-")
    return Kernel(release, images[0], root / "lib" / "modules" / release)


def uml_kernel() -> Kernel:
    """Debian's User-mode Linux."""
    root = unpacked("user-mode-linux") / "usr"
    modules = next((root / "lib" / "uml" / "modules").iterdir())
    return Kernel(f"uml-{modules.name}", root / "bin" / "linux.uml", modules)


def modules_in_load_order(kernel: Kernel, names: Iterable[str]) -> list[tuple[str, bytes]]:
    """(name, unpacked .ko) of each named module and those it needs, in the order to load them; a name without a
    file is built in, and left out."""
    files = {_plain(path.name): path for path in kernel.modules.rglob("*.ko*")}
    order: dict[str, bytes] = {}

    def add(name: str) -> None:
        path = files.get(name)
        if path is None or name in order:
            return
        data = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
        needed = re.search(rb"(?:^|\0)depends=([^\0]*)\0", data)
        for other in needed[1].decode().split(",") if needed else []:
            add(other.replace("-", "_"))
        order[name] = data

    for name in names:
        add(name.replace("-", "_"))
    return list(order.items())


def _plain(filename: str) -> str:
    return filename.partition(".ko")[0].replace("-", "_")
