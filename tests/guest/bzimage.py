"""Small bzImages with any ELF file as payload, packed as Linux' build does it: the packed bytes, then the size."""

from __future__ import annotations

import gzip
import lzma
import struct
import subprocess
from collections.abc import Callable

HEADER = (0x1F1, 0x264)  # the setup header, up to init_size
PAYLOAD = 5 * 512  # where the packed bytes begin
# Addresses that a header asks for: only below the second is room for what comes before the file's first segment.
OWN_MEMORY, IN_GUEST = 1 << 20, 3 << 20


def _by(*command: str) -> Callable[[bytes], bytes]:
    return lambda data: subprocess.run(command, input=data, capture_output=True, check=True).stdout


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "lz4": _by("lz4", "-l", "-9", "-c"),
    "zstd": _by("zstd", "-19", "-c"),
    "xz": lambda data: lzma.compress(data, check=lzma.CHECK_CRC32),
    "lzma": _by("xz", "--format=lzma", "-c"),
    "gzip": lambda data: gzip.compress(data, 9, mtime=0),
}


def make(
    elf: bytes,
    format: str,
    *,
    version: int = 0x20F,
    init_size: int = 4 << 20,
    size: int | None = None,
    preferred: int = OWN_MEMORY,
) -> bytes:
    """A bzImage; `size` is the unpacked size that it names, if not the true one (gzip has it in its own trailer)."""
    packed = PACKERS[format](elf)
    trailer = struct.pack("<I", len(elf) if size is None else size)
    return wrap(packed[:-4] + trailer if format == "gzip" else packed + trailer, version, init_size, preferred)


def wrap(payload: bytes, version: int = 0x20F, init_size: int = 4 << 20, preferred: int = OWN_MEMORY) -> bytes:
    """A bzImage around a packed payload; `preferred` is the address that its header asks for."""
    image = bytearray(PAYLOAD)
    image[0x1F1] = 4
    image[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", image, 0x206, version)
    struct.pack_into("<II", image, 0x248, 0, len(payload))
    struct.pack_into("<QI", image, 0x258, preferred, init_size)
    return bytes(image) + payload
