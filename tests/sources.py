"""Debian's sources: apt-get source with lists of our own, unpacked in the cache.

The lists and apt's state are kept beside the sources, so that the machine's apt needs no deb-src line and is not
changed.  apt checks the signatures.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cpc.cache import cache_root, cached

MIRROR = "http://deb.debian.org/debian"


class SourceError(Exception):
    """The source of a project cannot be had; one sentence."""


def source(package: str) -> Path:
    """The folder with the upstream source of a Debian source package, without Debian's patches."""
    return cached(cache_root() / "sources" / package, lambda target: _fetch(package, target))


def source_file(package: str, path: str, suite: str = "") -> Path:
    """One file of the upstream source; of the machine's suite when none is named.  Nothing else is kept."""
    name = f"{package}.{suite or 'stable'}.{path.replace('/', '.')}"
    return cached(cache_root() / "sources" / name, lambda target: _fetch_file(package, path, suite, target))


def _fetch_file(package: str, path: str, suite: str, target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="cpc-source.") as name:
        apt_get(["source", "--download-only", "--tar-only", package], Path(name), suite)
        archive = next(Path(name).glob("*.orig.tar.*"))
        command: list[str | Path] = ["tar", "-xOf", archive, "--wildcards", f"*/{path}"]
        done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        raise SourceError(f"{package} has no {path}: {done.stderr.decode(errors='replace').strip()}")
    target.write_bytes(done.stdout)


def _fetch(package: str, target: Path) -> None:
    with downloaded(package) as described:
        unpack: list[str | Path] = ["dpkg-source", "--no-check", "--skip-patches", "-x", described, target]
        done = subprocess.run(unpack, capture_output=True, text=True)
        if done.returncode != 0:
            raise SourceError(f"dpkg-source cannot unpack {package}: {done.stderr.strip()}")


@contextmanager
def downloaded(package: str) -> Iterator[Path]:
    """The .dsc of a source package, with the archives it names beside it, in a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="cpc-source.") as name:
        folder = Path(name)
        apt_get(["source", "--download-only", package], folder)
        described = next(folder.glob("*.dsc"), None)
        if described is None:
            raise SourceError(f"apt-get source {package} brought no source")
        yield described


def apt_get(arguments: list[str], folder: Path, suite: str = "") -> None:
    """apt-get in `folder`, with lists that have deb-src."""
    done = subprocess.run(
        ["apt-get", "-qq", *arguments],
        cwd=folder,
        env={**os.environ, "APT_CONFIG": str(_apt(suite) / "apt.conf")},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise SourceError(f"apt-get {' '.join(arguments)}: {reason}")


def _apt(suite: str = "") -> Path:
    """apt's configuration and lists, fetched once."""
    name = f".apt.{suite}" if suite else ".apt"
    final = cache_root() / "sources" / name
    return cached(final, lambda folder: _make_apt(folder, final, suite or _suite()))


def _make_apt(folder: Path, final: Path, suite: str) -> None:
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True)
    (folder / "sources.list").write_text(f"deb {MIRROR} {suite} main\ndeb-src {MIRROR} {suite} main\n")
    (folder / "apt.conf").write_text(_configuration(folder))
    done = subprocess.run(
        ["apt-get", "-qq", "update"],
        env={**os.environ, "APT_CONFIG": str(folder / "apt.conf")},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise SourceError(f"apt-get update: {done.stderr.strip()}")
    (folder / "apt.conf").write_text(_configuration(final))  # it is renamed when it is whole


def _configuration(folder: Path) -> str:
    lines = {
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "root" if os.geteuid() == 0 else "_apt",
    }
    return "".join(f'{name} "{value}";\n' for name, value in lines.items())


def _suite() -> str:
    """The suite of this machine, or stable where it is no Debian."""
    words = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    return words.get("VERSION_CODENAME", "stable").strip('"') if words.get("ID") == "debian" else "stable"
