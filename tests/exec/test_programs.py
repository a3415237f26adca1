"""Plain C programs: byte for byte the same output and exit code from gcc and from cpc, at -O0 and -O2.

One program for each area of the language; `abi` and `ms_abi` are split in two units that gcc and cpc compile crosswise,
so that every struct class travels between the two compilers in both directions.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.tools import cpc_cc

HERE = Path(__file__).parent
PROGRAMS = sorted((HERE / "programs").glob("*.c"))
LIBRARIES = ["-lm", "-pthread", "-latomic"]
GCC = ["gcc", "-w", "-O0", "-Wno-psabi"]


def run(program: Path) -> tuple[int, bytes]:
    done = subprocess.run([program], capture_output=True, timeout=60)
    assert done.stdout, f"{program.name} printed nothing: {done.stderr.decode()}"
    return done.returncode, done.stdout


@pytest.mark.parametrize("source", PROGRAMS, ids=lambda path: path.stem)
def test_output_equals_gcc(source: Path, tmp_path: Path) -> None:
    reference = tmp_path / "reference"
    subprocess.run([*GCC, source, "-o", reference, *LIBRARIES], check=True)
    expected = run(reference)
    for level in ("-O0", "-O2"):
        program = tmp_path / f"cpc{level}"
        cpc_cc(["-w", level, str(source), "-o", str(program), "-lm", "-pthread"])
        assert run(program) == expected, level


@pytest.mark.parametrize("folder", ["abi", "ms_abi"])
@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_calls_between_gcc_and_cpc(level: str, folder: str, tmp_path: Path) -> None:
    objects = {}
    for name in ("callee", "caller"):
        source = HERE / folder / f"{name}.c"
        objects["gcc", name] = tmp_path / f"gcc_{name}.o"
        subprocess.run([*GCC, "-c", source, "-o", objects["gcc", name]], check=True)
        objects["cpc", name] = tmp_path / f"cpc_{name}.o"
        cpc_cc(["-w", level, "-c", str(source), "-o", str(objects["cpc", name])])
    outputs = []
    for caller, callee in (("gcc", "gcc"), ("gcc", "cpc"), ("cpc", "gcc"), ("cpc", "cpc")):
        program = tmp_path / f"{caller}_{callee}"
        subprocess.run(["gcc", objects[caller, "caller"], objects[callee, "callee"], "-o", program], check=True)
        outputs.append(run(program))
    assert outputs == [outputs[0]] * 4
