"""-fexceptions: what passes through C functions runs the cleanups of their variables, as under gcc."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cc.conftest import Cpc

SOURCE = Path(__file__).parent / "exceptions.c"
WAYS = range(7)


def outputs(program: str) -> list[str]:
    return [subprocess.run([program, str(way)], capture_output=True, text=True).stdout for way in WAYS]


@pytest.mark.parametrize("words", [("-O0",), ("-O2",), ("-O1", "-g")], ids=" ".join)
def test_cleanups_run(cpc: Cpc, words: tuple[str, ...]) -> None:
    gcc = ["gcc", "-w", "-fexceptions", "-pthread", str(SOURCE), "-o", "reference"]
    subprocess.run(gcc, check=True)
    expected = outputs("./reference")
    assert all(expected)
    assert cpc("cc", "-w", "-fexceptions", "-pthread", *words, str(SOURCE), "-o", "p").status == 0
    assert outputs("./p") == expected


def test_without_the_option_nothing_is_there(cpc: Cpc) -> None:
    text = "void f(int *); void g(void); void h(void) { int x __attribute__((cleanup(f))) = 0; g(); }\n"
    Path("m.c").write_text(text)
    assert cpc("cc", "-S", "-emit-llvm", "m.c").status == 0
    plain = Path("m.ll").read_text()
    assert "invoke" not in plain and "nounwind" in plain
    assert cpc("cc", "-S", "-emit-llvm", "-fexceptions", "m.c").status == 0
    assert "invoke" in Path("m.ll").read_text()


def test_refused(cpc: Cpc) -> None:
    Path("m.c").write_text(
        "void g(void);\nint h(void)\n{\n    int n = 0;\n    void f(int *p) { n += *p; }\n"
        "    { int x __attribute__((cleanup(f))) = 2; g(); }\n    return n;\n}\n"
    )
    assert cpc("cc", "-c", "m.c").status == 0
    done = cpc("cc", "-c", "-fexceptions", "m.c")
    assert done.status != 0 and "m.c:6" in done.err and "E0340" in done.err
