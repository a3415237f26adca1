"""--target=aarch64-linux-gnu: the same programs as for x86-64, and those about aarch64, byte for byte like gcc's.

They run in qemu's user mode emulation.  Calls are checked crosswise: each half of a program by gcc and by cpc.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.tools import ROOT, cpc, cpc_cc

HERE = Path(__file__).parent
EXEC = ROOT / "tests/exec"
TARGET = "--target=aarch64-linux-gnu"
GCC = ["aarch64-linux-gnu-gcc", "-w", "-O0", "-Wno-psabi"]
LIBRARIES = ["-lm", "-pthread", "-latomic"]
OWN = sorted((HERE / "c").glob("*.c"))
# What cpc refuses for this target; programs that gcc refuses, since they are about x86, say so when they are run.
REFUSED = {"nested_pointers", "nested_jumps", "jump_buffer_copied"}
FOLDERS = (EXEC / "programs", EXEC / "c")
PROGRAMS = [p for folder in FOLDERS for p in sorted(folder.glob("*.c")) if p.stem not in REFUSED]
COROUTINES = sorted((EXEC / "coroutines").glob("*.c"))
QUICK = {"variable_arguments", "structs", "bit_fields", "vectors"}  # the others belong to the lab
QUICK_COROUTINES = {"frames", "nesting", "values"}


def selected(paths: list[Path], quick: set[str]) -> list[object]:
    return [pytest.param(p, id=p.stem, marks=[] if p.stem in quick else pytest.mark.lab) for p in paths]


def emulated(program: Path) -> tuple[int, bytes]:
    """The exit code and the output of an aarch64 program."""
    command: list[str | Path] = ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu", program]
    done = subprocess.run(command, capture_output=True, timeout=120)
    assert done.stdout, f"{program.name} printed nothing: {done.stderr.decode()}"
    return done.returncode, done.stdout


def check_program(source: Path, folder: Path) -> None:
    reference = folder / "reference"
    done = subprocess.run([*GCC, source, "-o", reference, *LIBRARIES], capture_output=True, text=True)
    if done.returncode != 0:
        reason = next(line for line in done.stderr.splitlines() if "rror:" in line)
        pytest.skip(f"{source.name} is not for aarch64, says gcc: {reason.partition('rror: ')[2]}")
    expected = emulated(reference)
    for level in ("-O0", "-O2"):
        program = folder / f"cpc{level}"
        cpc_cc([TARGET, "-w", level, str(source), "-o", str(program), *LIBRARIES])
        assert emulated(program) == expected, level


@pytest.mark.parametrize("source", OWN, ids=lambda path: path.stem)
def test_programs_about_aarch64(source: Path, tmp_path: Path) -> None:
    check_program(source, tmp_path)


@pytest.mark.parametrize("source", selected(PROGRAMS, QUICK))
def test_output_equals_gcc(source: Path, tmp_path: Path) -> None:
    check_program(source, tmp_path)


@pytest.mark.parametrize("folder", [HERE / "abi", EXEC / "abi"], ids=["corners", "types"])
@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_calls_between_gcc_and_cpc(folder: Path, level: str, tmp_path: Path) -> None:
    objects = {}
    for name in ("callee", "caller"):
        source = folder / f"{name}.c"
        objects["gcc", name] = tmp_path / f"gcc_{name}.o"
        subprocess.run([*GCC, "-c", source, "-o", objects["gcc", name]], check=True)
        objects["cpc", name] = tmp_path / f"cpc_{name}.o"
        cpc_cc([TARGET, "-w", level, "-c", str(source), "-o", str(objects["cpc", name])])
    outputs = []
    for caller, callee in (("gcc", "gcc"), ("gcc", "cpc"), ("cpc", "gcc"), ("cpc", "cpc")):
        program = tmp_path / f"{caller}_{callee}"
        subprocess.run([GCC[0], objects[caller, "caller"], objects[callee, "callee"], "-o", program], check=True)
        outputs.append(emulated(program))
    assert outputs == [outputs[0]] * 4


@pytest.mark.parametrize("source", selected(COROUTINES, QUICK_COROUTINES))
def test_coroutines_as_on_x86(source: Path, tmp_path: Path) -> None:
    """The reference is cpc's own code for x86-64, which test_coroutines.py compares with stackful coroutines."""
    native, foreign = tmp_path / "native", tmp_path / "foreign"
    cpc_cc(["-O2", str(source), "-o", str(native)])
    cpc_cc([TARGET, "-O2", str(source), "-o", str(foreign)])
    expected = subprocess.run([native], capture_output=True, timeout=60, check=True)
    assert emulated(foreign) == (0, expected.stdout)


def test_faulty_asm_is_a_diagnostic(tmp_path: Path) -> None:
    source = tmp_path / "bad.c"
    source.write_text('void f(void) { asm("cpuid"); }\n')
    done = cpc(["cc", TARGET, "-c", str(source), "-o", str(tmp_path / "bad.o")])
    assert done.returncode == 1
    assert "E0008" in done.stderr


def test_unknown_target() -> None:
    done = cpc(["cc", "--target=sparc-linux-gnu", "-c", "x.c"])
    assert done.returncode == 2
    assert "unknown target 'sparc-linux-gnu'" in done.stderr


@pytest.mark.parametrize(("options", "expected"), [([], -1), (["-funsigned-char"], 255)])
def test_char_signedness_is_an_option(options: list[str], expected: int, tmp_path: Path) -> None:
    source, program = tmp_path / "char.c", tmp_path / "char"
    source.write_text("#include <stdio.h>\nint main(void) { char c = '\\xff'; printf(\"%d\\n\", c); return 0; }\n")
    cpc_cc([*options, str(source), "-o", str(program)])
    assert subprocess.run([program], capture_output=True, check=True).stdout == b"%d\n" % expected
