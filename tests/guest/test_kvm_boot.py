"""The kernel loader with files that lie: no KVM is needed, and gcc's sanitizers watch every access."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from cpc.runtime_library import VMM_LIBRARIES
from tests.guest import bzimage, programs

_RUNTIME = programs.FOLDER.parents[1] / "runtime"
_SOURCES = ("boot.c", "elf_image.c", "bzimage.c", "unpack.c", "machine.c", "guestmem.c", "log.c")
_SEED = "20261122"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutants")


@pytest.fixture(scope="module")
def mutants(folder: Path) -> Path:
    program = folder / "kernel_mutants"
    sanitizers = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    include = ["-D_GNU_SOURCE", f"-I{_RUNTIME}", "-isystem", str(_RUNTIME / "include")]
    sources = [str(programs.FOLDER / "kernel_mutants.c"), *(str(_RUNTIME / name) for name in _SOURCES)]
    command = ["gcc", "-std=gnu11", *sanitizers, *include, *sources, *VMM_LIBRARIES, "-pthread", "-o", str(program)]
    subprocess.run(command, check=True)
    return program


@pytest.fixture(scope="module")
def program(folder: Path) -> Path:
    return programs.build("ends", folder, "gcc")


def assert_refused_or_loaded(mutants: Path, file: Path, count: int, *ranges: tuple[int, int]) -> None:
    """Some of the mutants of `file` load, and there is one sentence for each that is refused."""
    words = [str(place) for pair in ranges for place in pair]
    done = subprocess.run([mutants, file, _SEED, str(count), *words], capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-2000:]
    loaded = int(done.stdout.split()[0])
    assert 0 < loaded < count
    assert len(done.stderr.splitlines()) == count - loaded


def test_mutated_elf_files_never_lead_outside(mutants: Path, program: Path) -> None:
    headers = 64 + 56 * program.read_bytes()[56] + 512
    assert_refused_or_loaded(mutants, program, 10000, (0, headers))


def test_mutated_elf_files_in_the_guests_memory_never_lead_outside(mutants: Path, program: Path, folder: Path) -> None:
    """The headers of what a bzImage unpacks to lie, where it unpacks into the memory that it is to be moved in."""
    elf, chosen, loaded = program.read_bytes(), random.Random(_SEED), 0
    for _ in range(60):
        image = bytearray(elf)
        for _ in range(chosen.randint(1, 3)):
            at = chosen.randrange(64, 64 + 56 * elf[56])
            image[at] = chosen.choice((0, 1, 0x10, 0x80, 0xFF))
        (file := folder / "mutant").write_bytes(bzimage.make(bytes(image), "gzip", preferred=bzimage.IN_GUEST))
        done = subprocess.run([mutants, file, _SEED, "1", "0", "1"], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr[-2000:]
        loaded += int(done.stdout.split()[0])
    assert 0 < loaded < 60


@pytest.mark.parametrize(
    ("format", "preferred"),
    [*((format, bzimage.OWN_MEMORY) for format in bzimage.PACKERS), ("lz4", bzimage.IN_GUEST)],
)
def test_mutated_bzimages_never_lead_outside(
    mutants: Path, program: Path, folder: Path, format: str, preferred: int
) -> None:
    file = folder / format
    file.write_bytes(image := bzimage.make(program.read_bytes(), format, preferred=preferred))
    assert_refused_or_loaded(mutants, file, 600, bzimage.HEADER, (bzimage.PAYLOAD, len(image)))
