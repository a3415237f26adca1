"""QEMU's own tests of coroutines, as Debian's source packages of 7.2 and 10.0 have them, on our runtime: compiled
unchanged, with the headers of runtime/include for QEMU's and glib for the harness."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cpc.guests.debian import unpacked
from tests.sources import source_file

pytestmark = pytest.mark.lab

NAMES = [
    *(f"/basic/{name}" for name in ("no-dangling-access", "lifecycle", "yield", "nesting", "self", "entered")),
    *(f"/basic/{name}" for name in ("in_coroutine", "order")),
    *(f"/locking/{name}" for name in ("co-mutex", "co-mutex/lockable", "co-rwlock/upgrade", "co-rwlock/downgrade")),
]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("release", ["", "bookworm-backports"], ids=["7.2", "10.0"])
@pytest.mark.parametrize("options", [["-O0"], ["-O2"], ["-O2", "--via-c=gcc"], ["-O2", "--via-c=clang"]], ids=" ".join)
def test_coroutine(options: list[str], release: str, tmp_path: Path) -> None:
    original = source_file("qemu", "tests/unit/test-coroutine.c", release)
    unit = tmp_path / "test-coroutine.c"
    shutil.copy(original, unit)
    glib, machine = unpacked("libglib2.0-dev") / "usr", "lib/x86_64-linux-gnu"
    library = unpacked("libglib2.0-0") / "usr" / machine / "libglib-2.0.so.0"
    words = [*options, "-std=gnu11", f"-I{glib}/include/glib-2.0", f"-I{glib}/{machine}/glib-2.0/include"]
    program = tmp_path / "test-coroutine"
    subprocess.run([sys.executable, "-m", "cpc", "cc", *words, unit, library, "-o", program], check=True)
    environment = os.environ | {"LD_LIBRARY_PATH": str(library.parent)}
    done = subprocess.run([program], capture_output=True, text=True, timeout=300, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"^ok \d+ (\S+)", done.stdout, re.MULTILINE) == NAMES
