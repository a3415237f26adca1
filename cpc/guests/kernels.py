"""Debian kernels as packaged: the compressed image, the ELF inside it, and the modules with what they need."""

from __future__ import annotations

import gzip
import lzma
import re
import struct
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cpc.cache import cache_root, cached
from cpc.guests.debian import GuestError, dependency, newest, unpacked

CLOUD_6_1 = "linux-image-cloud-amd64"  # Debian 12's own cloud kernel
CLOUD_6_12 = r"^linux-image-6\.12\..*-cloud-amd64$"  # the newer one, by pattern
GENERIC_6_1 = "linux-image-amd64"

_DECOMPRESSORS = {b"\x28\xb5\x2f\xfd": ("zstd", "-dc"), b"\x02\x21\x4c\x18": ("lz4", "-dc")}


@dataclass(frozen=True, slots=True)
class Kernel:
    """`image` is what a boot loader takes, `modules` the folder with the .ko files."""

    release: str
    image: Path
    modules: Path

    def vmlinux(self) -> Path:
        """The ELF kernel inside a bzImage; unpacked at first use."""
        return cached(cache_root() / "vmlinux" / self.release, lambda out: _extract_vmlinux(self.image, out))


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


def _extract_vmlinux(image: Path, out: Path) -> None:
    """Unpack the payload of a bzImage (Linux's boot protocol: setup_sects, payload_offset, payload_length)."""
    data = image.read_bytes()
    if data[0x202:0x206] != b"HdrS":
        raise GuestError(f"'{image}' is not a bzImage")
    setup = (data[0x1F1] or 4) + 1
    offset, length = struct.unpack_from("<II", data, 0x248)
    payload = data[setup * 512 + offset : setup * 512 + offset + length]
    elf = _decompress(payload, image)
    if elf[:4] != b"\x7fELF":
        raise GuestError(f"the payload of '{image}' is not an ELF file")
    out.write_bytes(elf)


def _decompress(payload: bytes, image: Path) -> bytes:
    magic = payload[:4]
    if magic[:2] == b"\x1f\x8b":
        return gzip.decompress(payload)
    if magic == b"\xfd7zX":
        return lzma.LZMADecompressor().decompress(payload)
    if magic in _DECOMPRESSORS:
        # The last four bytes are the unpacked size, which the tools call trailing garbage: the output counts.
        done = subprocess.run(_DECOMPRESSORS[magic], input=payload, capture_output=True)
        return done.stdout
    raise GuestError(f"'{image}' is packed in a way that is not known here (magic {magic.hex()})")


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
