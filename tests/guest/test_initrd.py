"""The archives that guests boot from, read back by the system's own cpio reader in busybox."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

import pytest

from cpc.guests import uml
from cpc.guests.cpio import Archive
from cpc.guests.initrd import job_archive
from cpc.guests.kernels import uml_kernel


def unpack(archive: bytes, folder: Path) -> None:
    subprocess.run(["busybox", "cpio", "-idm"], input=archive, cwd=folder, check=True, capture_output=True)


def test_archive_keeps_contents_modes_and_links(tmp_path: Path) -> None:
    archive = Archive()
    archive.add("deep/er/file", b"odd", 0o640)
    archive.add("deep/er/other", b"", 0o755)
    archive.link("link", "/deep/er/file")
    unpack(archive.finish(), tmp_path)
    assert (tmp_path / "deep/er/file").read_bytes() == b"odd"
    assert (tmp_path / "deep/er/file").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "deep/er/other").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "link").readlink() == Path("/deep/er/file")


def test_archive_ends_where_linux_looks_for_the_next(tmp_path: Path) -> None:
    assert len(job_archive("echo 1")) % 4 == 0
    assert job_archive(None) == b""


def test_job_archive_puts_files_at_their_guest_paths(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"#!x")
    program.chmod(0o755)
    out = tmp_path / "out"
    out.mkdir()
    unpack(job_archive("exit 3", [("/opt/program", program)]), out)
    assert (out / "job").read_text() == "exit 3"
    assert (out / "opt/program").stat().st_mode & 0o111


@pytest.mark.guest
@pytest.mark.parametrize(
    ("kinds", "last", "tools"),
    [
        (set(), [], False),
        ({"net"}, ["virtio_net"], False),
        ({"blk", "console"}, ["virtio_blk", "virtio_console"], True),
    ],
)
def test_what_the_devices_need_is_there_and_no_more(
    tmp_path: Path, kinds: set[str], last: list[str], tools: bool
) -> None:
    unpack(gzip.decompress(uml.base(uml_kernel(), kinds)), tmp_path)
    order = (tmp_path / "modules/order").read_text().split()
    assert order[-1:] == last[-1:] and set(last) <= set(order)
    assert all((tmp_path / f"modules/{name}.ko").is_file() for name in order)
    assert (tmp_path / "sbin/mke2fs").exists() == tools
