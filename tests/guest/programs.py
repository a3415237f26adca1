"""The freestanding guest programs of this folder, compiled: integer code without a C library, at 1 MiB."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parent
COMPILERS = {"cpc": [sys.executable, "-m", "cpc", "cc"], "gcc": ["gcc"]}
_FLAGS = [
    "-O2",
    "-std=gnu11",
    "-ffreestanding",
    "-fno-pic",
    "-mgeneral-regs-only",
    "-fno-stack-protector",
    "-fcf-protection=none",
    "-fno-asynchronous-unwind-tables",
]
_LINK = [
    "-nostdlib",
    "-static",
    "-no-pie",
    "-Wl,-Ttext-segment=0x100000",
    "-Wl,-e,guest_start",
    "-Wl,-z,max-page-size=4096",
    "-Wl,--build-id=none",
]


def build(name: str, folder: Path, compiler: str = "cpc", more: Sequence[str] = ()) -> Path:
    """Compiles tests/guest/`name`.c, and `more`, with what all programs share; the ELF file is in `folder`."""
    out = folder / f"{name}-{compiler}.elf"
    sources = [str(FOLDER / f"{part}.c") for part in (name, *more, "freestanding", "virtio_blk")]
    subprocess.run([*COMPILERS[compiler], *_FLAGS, *sources, *_LINK, "-o", str(out)], check=True)
    return out
