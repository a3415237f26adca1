"""One generated program under every implementation: gcc on stackful coroutines, cpc at -O0 and -O2."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from tests.generate.coroutine_programs import generate
from tests.stackful.build import INCLUDES, LIBRARIES, ROOT, stackful_archive
from tests.tools import cpc

LEVELS = ("-O0", "-O2")


def compare(seed: int) -> str:
    """What is wrong with the program of `seed`, or ''."""
    with tempfile.TemporaryDirectory() as folder:
        return _compare(seed, Path(folder))


def _compare(seed: int, folder: Path) -> str:
    source = folder / "program.c"
    source.write_text(generate(seed))
    reference = folder / "reference"
    # -fwrapv: the programs avoid signed overflow, but gcc may see it in code that never runs and warn.
    gcc = ["gcc", "-std=gnu11", "-O1", "-w", "-fwrapv", *INCLUDES, source, stackful_archive(), *LIBRARIES]
    subprocess.run([*gcc, "-o", reference], cwd=ROOT, check=True)
    expected = _run(reference)
    if not expected.startswith("0 "):
        return f"the reference ended with {expected[:200]}"
    for level in LEVELS:
        program = folder / f"cpc{level}"
        done = cpc(["cc", level, str(source), "-o", str(program)])
        if done.returncode != 0:
            return f"cpc {level} refuses it: {done.stderr[:2000]}"
        found = _run(program)
        if found != expected:
            return f"cpc {level}: {_difference(expected, found)}"
    return ""


def _run(program: Path) -> str:
    try:
        done = subprocess.run([program], capture_output=True, timeout=20, check=False)
    except subprocess.TimeoutExpired:
        return "timeout"
    return f"{done.returncode} {done.stderr.decode()[:500]}\n{done.stdout.decode()}"


def _difference(expected: str, found: str) -> str:
    pairs = zip(expected.splitlines(), found.splitlines(), strict=False)
    for number, (wanted, got) in enumerate(pairs):
        if wanted != got:
            return f"line {number}: expected '{wanted}', found '{got}'"
    return f"{len(expected.splitlines())} lines expected, {len(found.splitlines())} found"
