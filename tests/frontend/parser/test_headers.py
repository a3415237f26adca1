"""The system's headers parse as they are: every header of libc and Linux that gcc accepts alone.

The quick test takes each twelfth of them, the lab test all (25 s of CPU).
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cpc.diag import Diagnostics, render
from cpc.frontend.gnu_parser import parse_unit

PACKAGES = ("libc6-dev", "linux-libc-dev", "liburing-dev")
IMPORTANT = (
    "stdio.h stdlib.h string.h math.h complex.h tgmath.h pthread.h setjmp.h signal.h stdatomic.h threads.h sys/socket.h"
    " sys/epoll.h sys/uio.h linux/kvm.h linux/vhost.h linux/virtio_ring.h linux/io_uring.h liburing.h"
)


def headers() -> list[str]:
    listed: list[str] = []
    for package in PACKAGES:
        done = subprocess.run(["dpkg", "-L", package], capture_output=True, text=True, check=False)
        listed += [line for line in done.stdout.split("\n") if line.endswith(".h") and "/include/" in line]
    return sorted(listed)


def check(header: str) -> None:
    command = ["cc", "-D_GNU_SOURCE", "-w", "-x", "c", header]
    if not Path(header).is_file() or subprocess.run([*command, "-fsyntax-only"], capture_output=True).returncode != 0:
        return  # not meant to be included alone
    text = subprocess.run([*command, "-E"], capture_output=True, check=True).stdout.decode("utf-8", "surrogateescape")
    diags = Diagnostics()
    unit = parse_unit(text, header, diags)
    assert unit is not None and not diags.items, render(diags.sorted())


@pytest.mark.parametrize("name", IMPORTANT.split())
def test_important_header(name: str, tmp_path: Path) -> None:
    source = tmp_path / "t.h"
    source.write_text(f"#include <{name}>\n")
    if subprocess.run(["cc", "-E", str(source)], capture_output=True).returncode != 0:
        pytest.skip(f"{name} is not installed")
    check(str(source))


def test_each_twelfth_header() -> None:
    for header in headers()[::12]:
        check(header)


@pytest.mark.lab
def test_all_headers() -> None:
    for header in headers():
        check(header)
