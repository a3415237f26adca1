"""perf sees real call stacks in coroutines: nothing switches stacks, so its unwinders need to know nothing.

A resumed function has the runtime for its caller, and what it calls anew above it; who waits for it is not on the
stack, as co_dump and gdb's `co bt` show.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tools import ROOT, cpc_cc

SOURCE = ROOT / "tests/runtime/perf.c"
STACKS = {
    "work leaf middle entry",
    "work leaf.resume",
    "work middle.resume",
    "work leaf middle.resume",
    "work entry.resume",
}


def stacks(program: Path, unwinder: str, folder: Path) -> set[str]:
    """The call stacks that were seen in `work`, innermost first, without what is not of the program."""
    data = folder / "perf.data"
    command: list[str | Path] = ["perf", "record", "-q", "-e", "cpu-clock", "-F", "300"]
    command += ["--call-graph", unwinder, "-o", data, program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode != 0:
        pytest.skip(f"perf cannot record here: {(done.stderr.strip().splitlines() or ['no reason given'])[0]}")
    shown = subprocess.run(
        ["perf", "script", "-i", data, "-F", "ip,sym"], capture_output=True, text=True, check=True
    ).stdout
    seen = set()
    for sample in shown.split("\n\n"):
        names = re.findall(r"^\s*[0-9a-f]+ ([\w.]+)", sample, re.MULTILINE)
        if "work" in names:
            own = [name for name in names if re.match(r"(work|leaf|middle|entry)(\.|$)", name)]
            assert any(name.startswith(("qemu_coroutine_enter", "co_core")) for name in names), names
            seen.add(" ".join(own))
    return seen


@pytest.mark.lab
@pytest.mark.skipif(shutil.which("perf") is None, reason="perf is not installed")
@pytest.mark.parametrize(
    ("options", "unwinder"),
    [("-O0", "fp"), ("-O0", "dwarf"), ("-O2", "dwarf"), ("-O2 -fno-omit-frame-pointer", "fp")],
)
def test_call_stacks(options: str, unwinder: str, tmp_path: Path) -> None:
    program = tmp_path / "program"
    cpc_cc(["-g", *options.split(), str(SOURCE), "-o", str(program)])
    assert stacks(program, unwinder, tmp_path) == STACKS
