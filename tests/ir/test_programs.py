"""Real coroutine programs (tests/exec/coroutines): the text form loses nothing in any phase, and the interpreter
prints the same after every pass.  That the output is right is tested there, against gcc."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpc.diag import Diagnostics
from cpc.driver import Options, build_module
from cpc.frontend.preprocess import Preprocessor, preprocess
from cpc.ir import ops as o
from cpc.ir.interp import run_module
from cpc.ir.printer import print_module
from cpc.ir.reader import read_module
from cpc.passes import PIPELINE, Pass, run_passes

FOLDER = Path(__file__).parent.parent / "exec" / "coroutines"
# These enter thousands of coroutines or activations: minutes here.
LARGE = {"many", "recursion", "frames"}
ASSEMBLY = {"asm_goto"}  # which the interpreter does not run
PROGRAMS = [path for path in sorted(FOLDER.glob("*.c")) if path.stem not in LARGE | ASSEMBLY]


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_every_phase(path: Path) -> None:
    diags = Diagnostics()
    options = Options(preprocessor=Preprocessor(("-I", str(FOLDER))))
    text = preprocess(str(path), options.preprocessor, diags)
    assert text is not None
    module = build_module(text, str(path), options, diags)
    assert module is not None, [d.message for d in diags.items]
    wanted = run_module(module).output
    assert wanted
    reached = []

    def observe(step: Pass, now: o.Module) -> None:
        reached.append(step.establishes)
        if step.name in ("cps_form", "spill", "split"):
            again = read_module(print_module(now))
            assert again == now, step.name
        if step.name != "frame_layout":  # spill has not used the layout yet
            assert run_module(now).output == wanted, step.name

    assert run_passes(module, diags, PIPELINE, [observe])
    assert reached[-1] == o.Phase.SPLIT
