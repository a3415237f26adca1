"""Builds the fuzzers: devices, virtio and harness as C that cpc converted, compiled by clang with libFuzzer's coverage,
AddressSanitizer and UBSan; the coroutine runtime as LLVM made it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from cpc.diag import Diagnostics
from cpc.runtime_library import libraries, runtime_archive
from tests.devices.conftest import ROOT, RUNTIME, VHOST, VIRTIO

HERE = Path(__file__).parent
_CLANG = "clang -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all"
_FLAGS = (
    "-O1",
    "-g",
    "-std=gnu11",
    "-D_GNU_SOURCE",
    "-w",
    f"-I{RUNTIME}",
    f"-I{HERE}",
    f"-isystem{RUNTIME / 'include'}",
)
_LINK = ("-fsanitize=fuzzer,address,undefined", "-Wl,--wrap=log_message", "-Wl,--wrap=net_link_offloads")


class FuzzerNotBuilt(Exception):
    """The compiler's own words."""


def build(folder: Path) -> Path:
    """The fuzzer of all targets, in `folder`."""
    sources = [*sorted(HERE.glob("*.c")), HERE.parent / "fake_bus.c", *sorted((ROOT / "devices").glob("*.c"))]
    sources += [RUNTIME / f"{name}.c" for name in VIRTIO + VHOST]
    target = folder / "fuzz"
    objects = folder / "objects"
    objects.mkdir(exist_ok=True)
    _run([sys.executable, "-m", "cpc", "cc", *_FLAGS, f"--via-c={_CLANG}", "-c", *sources], objects)
    archive = runtime_archive(Diagnostics())
    assert archive is not None
    _run(["clang", *_LINK, *sorted(objects.glob("*.o")), archive, *libraries(), "-o", target], folder)
    return target


def _run(command: list[object], folder: Path) -> None:
    done = subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise FuzzerNotBuilt(done.stderr[-5000:])
