"""Coverage-guided fuzzing of virtqueues, transports, devices and vhost-user.

`python -m tests.devices.fuzz --minutes N`: the minutes are shared by the targets (all, or those named), one process at
a time, in rounds, so that a run that is stopped has tried them all.  Corpora live in --corpus and grow there; seeds.py
writes the first inputs.  A finding ends the run with status 1 and leaves its input, which `--replay FILE` runs again;
repaired, it becomes a file of tests/devices/fuzz/findings/TARGET, which `make test` replays.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from pathlib import Path

from tests.devices.fuzz import seeds
from tests.devices.fuzz.build import FuzzerNotBuilt, build
from tests.devices.fuzz.run import TARGETS, Outcome, fuzz, replay

ROUND = 60  # seconds of a target at a stretch


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.devices.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--target", action="append", choices=TARGETS, help="only this one (repeatable)")
    parser.add_argument("--corpus", type=Path, default=Path("build/fuzz"), help="where inputs and the fuzzer are kept")
    parser.add_argument("--replay", type=Path, nargs="+", metavar="FILE", help="run these inputs of one --target")
    options = parser.parse_args()
    targets = options.target or list(TARGETS)
    if options.replay and len(targets) != 1:
        parser.error("--replay needs one --target")
    corpus = options.corpus.resolve()
    corpus.mkdir(parents=True, exist_ok=True)
    try:
        program = build(corpus)
    except FuzzerNotBuilt as error:
        print(error, file=sys.stderr)
        return 2
    if options.replay:
        done = replay(program, targets[0], options.replay)
        print(done.output[-5000:])
        return int(done.failed)
    return _rounds(program, targets, corpus, 60 * options.minutes)


def _rounds(program: Path, targets: list[str], corpus: Path, seconds: float) -> int:
    executions = dict.fromkeys(targets, 0)
    coverage = dict.fromkeys(targets, 0)
    spent = dict.fromkeys(targets, 0.0)
    seeds.write(corpus / "seeds")
    stretch = min(ROUND, seconds / len(targets))
    while sum(spent.values()) < seconds:
        target = min(targets, key=spent.__getitem__)
        begin = time.monotonic()
        done = fuzz(program, target, [corpus / "inputs" / target, corpus / "seeds" / target], int(max(1, stretch)))
        spent[target] += time.monotonic() - begin
        executions[target] += done.executions
        coverage[target] = max(coverage[target], done.coverage)
        if done.failed:
            print(done.output[-8000:], f"finding in {target}: {_artifact(done)}", sep="\n")
            return 1
        print(f"{sum(spent.values()):6.0f} s  {target}: {done.executions} inputs, coverage {done.coverage}", flush=True)
    print("| target | minutes | inputs | edges covered |\n|---|---|---|---|")
    for target in targets:
        print(f"| {target} | {spent[target] / 60:.1f} | {executions[target]} | {coverage[target]} |")
    return 0


def _artifact(done: Outcome) -> str:
    found = re.search(r"Test unit written to (\S+)", done.output)
    return found[1] if found else "no input was written"


if __name__ == "__main__":
    sys.exit(main())
