"""Every header of the system that gcc accepts alone goes through the whole front end, parser, sema, build and lints:
once with all that it includes, once without what it does not reach (frontend/needed.py).

The packages are those that systems code includes.  One that is not installed is unpacked in the cache, by the lab test
only.  One process checks many headers, so that a state that outlives a unit would show.  The quick test takes a sample
of 60, the lab test all (about 1,400, and 275 of GLib).
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from cpc.deep import run_deep
from cpc.diag import Diagnostics, render
from cpc.driver import Options, build_module, reporting_internal_errors
from cpc.frontend.included import headers_of
from cpc.frontend.needed import needed_text
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


def accepted_by_gcc(header: Header) -> bool:
    command = ["gcc", "-w", "-fsyntax-only", *header.options, "-x", "c", header.path]
    return subprocess.run(command, capture_output=True).returncode == 0


def faults(header: Header) -> list[str] | None:
    """What cpc says against the header, parsed whole and with the selection; None when gcc does not accept it."""
    if not accepted_by_gcc(header):
        return None
    diags = Diagnostics()
    text = preprocess(header.path, Preprocessor((*header.options, "-w")), diags)
    if text is None:
        return [render(diags.sorted())]
    texts = {"whole": text, "selected": needed_text(text, headers_of(text), len(text))}
    found = {name: _fault(each, header.path) for name, each in texts.items() if each is not None}
    return [f"{name}: {fault}" for name, fault in found.items() if fault]


def _fault(text: str, path: str) -> str:
    diags = Diagnostics()
    with reporting_internal_errors(path, diags):
        run_deep(lambda: build_module(text, path, Options(whole_headers=True), diags))
    diags.drop_warnings()
    return render(diags.sorted())


def sweep(headers: list[Header]) -> int:
    """Checks the headers that gcc accepts; returns how many they are."""
    spawn = multiprocessing.get_context("spawn")  # the tests' own process may have threads
    with ProcessPoolExecutor(os.cpu_count(), spawn) as pool:
        found = [each for each in pool.map(faults, headers, chunksize=10) if each is not None]
    bad = [text for each in found for text in each]
    assert not bad, f"{len(bad)} faults in {len(found)} headers:\n" + "\n".join(bad)
    return len(found)


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
