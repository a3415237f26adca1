"""Coroutine programs: byte for byte the same output from gcc with stackful coroutines and from cpc, at -O0 and -O2.

One program for each family of constructs around suspension points; each runs with and without suspending.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.stackful.build import FLAGS, INCLUDES, LIBRARIES, stackful_archive
from tests.tools import ROOT, cpc_cc

PROGRAMS = sorted((Path(__file__).parent / "coroutines").glob("*.c"))
_KEEPING = ("cleanups", "frames", "loops", "scopes", "values")  # with -g -O0, where frames keep more


def output(program: Path) -> bytes:
    done = subprocess.run([program], capture_output=True, timeout=60)
    assert done.returncode == 0, f"{program.name} ended with {done.returncode}: {done.stderr.decode()}"
    assert done.stdout
    return done.stdout


@pytest.mark.parametrize("source", PROGRAMS, ids=lambda path: path.stem)
def test_output_equals_stackful_gcc(source: Path, tmp_path: Path) -> None:
    reference = tmp_path / "reference"
    gcc: list[str | Path] = ["gcc", *FLAGS, *INCLUDES, source, stackful_archive(), *LIBRARIES, "-o", reference]
    subprocess.run(gcc, cwd=ROOT, check=True)
    expected = output(reference)
    for words in (["-O0", *(["-g"] if source.stem in _KEEPING else [])], ["-O2"]):
        program = tmp_path / f"cpc{''.join(words)}"
        cpc_cc([*words, str(source), "-o", str(program)])
        assert output(program) == expected, words
