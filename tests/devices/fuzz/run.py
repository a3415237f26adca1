"""Runs the fuzzer of one target, for a while or on given inputs."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TARGETS = ("vhost", "pci", "net-stream", "net", "console", "blk", "split", "packed", "rng", "registers")
_LONGEST = 1500  # bytes of an input: some 150 steps
_HANGS = 30  # seconds that one input may take


@dataclass(frozen=True, slots=True)
class Outcome:
    failed: bool
    executions: int
    coverage: int  # edges of the instrumented code
    output: str


def fuzz(program: Path, target: str, corpora: Sequence[Path], seconds: int) -> Outcome:
    """Fuzzes for that long; new inputs go to the first corpus."""
    for corpus in corpora:
        corpus.mkdir(parents=True, exist_ok=True)
    limits = [f"-max_total_time={seconds}", f"-max_len={_LONGEST}", "-len_control=20", f"-timeout={_HANGS}"]
    findings = f"-artifact_prefix={corpora[0].parent.parent}/{target}-"
    return _run(program, target, [*limits, findings, *map(str, corpora)], seconds + 300)


def replay(program: Path, target: str, inputs: Sequence[Path]) -> Outcome:
    """Runs each input once."""
    return _run(program, target, [f"-timeout={_HANGS}", *map(str, inputs)], 240)


def _run(program: Path, target: str, arguments: Sequence[str], seconds: float) -> Outcome:
    # fork= would need a second process; the symbolizer's pipes must not come and go between inputs
    command = [str(program.resolve()), "-print_funcs=0", "-print_final_stats=1", *arguments]
    done = subprocess.run(
        command,
        env=os.environ | {"FUZZ_TARGET": target},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds,
        check=False,
    )
    executed = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    covered = re.findall(r"cov: (\d+)", done.stderr)
    return Outcome(
        done.returncode != 0,
        int(executed[1]) if executed else 0,
        int(covered[-1]) if covered else 0,
        done.stderr,
    )
