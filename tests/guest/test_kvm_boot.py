"""The ELF loader with files that lie: no KVM is needed, and gcc's sanitizers watch every access."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.guest import programs

_RUNTIME = programs.FOLDER.parents[1] / "runtime"
_SOURCES = ("boot.c", "elf_image.c", "machine.c", "guestmem.c", "log.c")
_COUNT = 10000


def test_mutated_files_never_lead_outside(tmp_path: Path) -> None:
    program = tmp_path / "elf_mutants"
    sanitizers = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    include = ["-D_GNU_SOURCE", f"-I{_RUNTIME}", "-isystem", str(_RUNTIME / "include")]
    sources = [str(programs.FOLDER / "elf_mutants.c"), *(str(_RUNTIME / name) for name in _SOURCES)]
    subprocess.run(["gcc", "-std=gnu11", *sanitizers, *include, *sources, "-o", str(program)], check=True)
    good = programs.build("ends", tmp_path, "gcc")
    done = subprocess.run([program, good, "20261122", str(_COUNT)], capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-2000:]
    loaded = int(done.stdout.split()[0])
    assert 0 < loaded < _COUNT
    assert len(done.stderr.splitlines()) == _COUNT - loaded  # one sentence for each that was refused
