"""Every header of the system that gcc accepts alone goes through the whole front end: parser, sema, build and lints.

The packages are those that systems code includes.  One that is not installed is unpacked in the cache, by the lab test
only.  All headers are checked in one process, so that a state that outlives a unit would show.  The quick test takes a
sample of 60, the lab test all (about 1,400, and 275 of GLib).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from cpc.deep import run_deep
from cpc.diag import Diagnostics, render
from cpc.driver import Options, build_module, reporting_internal_errors
from cpc.frontend.preprocess import Preprocessor, preprocess
from cpc.guests.debian import unpacked

SYSTEM = ("libc6-dev", "linux-libc-dev", "liburing-dev", "zlib1g-dev")
GLIB = "libglib2.0-dev"
SAMPLE = 60


@dataclass(frozen=True, slots=True)
class Header:
    path: str
    options: tuple[str, ...] = ("-D_GNU_SOURCE",)


def listed(package: str) -> list[str]:
    """The headers of an installed package."""
    done = subprocess.run(["dpkg", "-L", package], capture_output=True, text=True, check=False)
    return sorted(line for line in done.stdout.split("\n") if line.endswith(".h") and "/include/" in line)


def system_headers() -> list[Header]:
    return [Header(path) for package in SYSTEM for path in listed(package) if Path(path).is_file()]


def glib_headers(root: Path) -> list[Header]:
    """Those of GLib under `root`; the macros let each of them be included without <glib.h> around it."""
    folders = [root / "usr/include/glib-2.0", root / "usr/lib/x86_64-linux-gnu/glib-2.0/include"]
    folders.append(root / "usr/include/gio-unix-2.0")
    options = tuple(f"-I{folder}" for folder in folders)
    options += tuple(f"-D{part}_COMPILATION" for part in ("GLIB", "GOBJECT", "GIO", "GMODULE"))
    return [Header(str(path), options) for folder in folders for path in sorted(folder.rglob("*.h"))]


def accepted(headers: list[Header]) -> Iterator[Header]:
    """Those that gcc accepts alone."""

    def ask(header: Header) -> bool:
        command = ["gcc", "-w", "-fsyntax-only", *header.options, "-x", "c", header.path]
        return subprocess.run(command, capture_output=True).returncode == 0

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from (header for header, good in zip(headers, pool.map(ask, headers), strict=True) if good)


def fault(header: Header) -> str:
    """What cpc says against the header; empty when it accepts it."""
    diags = Diagnostics()
    options = Options(Preprocessor((*header.options, "-w")))
    text = preprocess(header.path, options.preprocessor, diags)
    if text is not None:
        with reporting_internal_errors(header.path, diags):
            build_module(text, header.path, options, diags)
    diags.drop_warnings()
    return render(diags.sorted())


def sweep(headers: list[Header]) -> int:
    """Checks the headers that gcc accepts; returns how many they are."""
    good = list(accepted(headers))
    faults = [text for header in good if (text := run_deep(lambda header=header: fault(header)))]
    assert not faults, f"{len(faults)} of {len(good)} headers are refused:\n" + "\n".join(faults)
    return len(good)


def test_sample() -> None:
    headers = system_headers()
    assert sweep(headers[7 :: len(headers) // SAMPLE]) > SAMPLE // 2


@pytest.mark.lab
@pytest.mark.timeout(3600)
def test_all_system_headers() -> None:
    assert sweep(system_headers()) > 1000


@pytest.mark.lab
@pytest.mark.timeout(3600)
def test_all_glib_headers() -> None:
    assert sweep(glib_headers(unpacked(GLIB))) > 200
