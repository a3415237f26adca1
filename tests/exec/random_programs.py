"""Random programs from csmith: the checksum that gcc -O0 computes is the one that cpc -O0 and -O2 compute.

    python -m tests.exec.random_programs --count 100 --seed 1 [--keep DIR] [--log FILE] [--size small|medium|large]

A program is named by its seed, which also decides its size and the features of the language that csmith uses: most
are small, since many small programs meet more of a compiler than a few large ones in the same time.  Programs that
gcc's own code does not end soon on are skipped, and so are those that differ and that gcc's sanitizers object to: a
float beyond all integers, converted to one.  --log gets a line for each seed, and a run goes on after the last one;
--keep gets faulty programs, and what reduce_program.py leaves of them.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.exec.compare import Settings, Verdict, compare
from tests.exec.reduce_program import reduced, undefined

HEADERS = "/usr/include/csmith"
SETTINGS = Settings(seconds=1, front_end_once=True)
_HELPER = re.compile(r"^static \w+\n\((safe_\w+)\)\([^)]*\)\n\{\n.*?^\}\n", re.M | re.S)
SIZES = {
    "small": "--max-funcs 2 --max-block-size 3 --max-block-depth 3 --max-expr-complexity 6 --max-array-dim 2",
    "medium": "--max-funcs 5 --max-block-size 4 --max-block-depth 4",
    "large": "--max-funcs 12",
}
_SHARES = ("small",) * 14 + ("medium",) * 4 + ("large",)
_CHOICES = (
    ("--float", ""),
    ("--builtins --disable-builtin-kinds x86", ""),
    ("--no-bitfields", "", ""),
    ("--no-volatiles", ""),
    ("--max-pointer-depth 3", ""),
    ("--inline-function", ""),
    ("--no-packed-struct", "", ""),
    ("--max-array-len-per-dim 5", ""),
    ("--max-struct-fields 4", ""),
    ("--random-random", "", ""),
)


def missing() -> str:
    """Why no program can be made here; empty when one can."""
    if shutil.which("csmith") is None or not Path(HEADERS, "csmith.h").exists():
        return "csmith and libcsmith-dev are not installed: .ci/setup-system.sh installs them"
    return ""


def write_program(seed: int, path: Path, size: str = "") -> None:
    """Writes the program of this seed, preprocessed and without the helpers of csmith's headers that it does not call:
    they would be most of the work.  The folder gets other files, too."""
    rng = random.Random(seed)
    drawn = rng.choice(_SHARES)
    options = " ".join([*(rng.choice(choice) for choice in _CHOICES), SIZES[size or drawn]]).split()
    name = "program.c"  # the same for all, so that cpc knows the headers of the first in all others
    command = ["prlimit", "--cpu=3", "csmith", "--seed", str(seed), "--quiet", "--concise", *options, "--output", name]
    subprocess.run(command, check=True, timeout=60, cwd=path.parent)
    own = set(re.findall(r"\bsafe_\w+", path.with_name(name).read_text(encoding="utf-8")))
    command = ["gcc", "-E", "-I", HEADERS, name]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=path.parent)
    path.write_text(_HELPER.sub(lambda helper: helper[0] if helper[1] in own else "", done.stdout), encoding="utf-8")


def check(seed: int, keep: Path | None = None, size: str = "") -> Verdict:
    """The verdict on the program of this seed; what cpc refuses counts as wrong, since csmith writes plain C."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, f"random{seed}.i")
        try:
            write_program(seed, source, size)
        except subprocess.SubprocessError as fault:
            return Verdict("skipped", f"csmith fails: {fault}")
        verdict = compare(source, SETTINGS)
        if "differs" in verdict.text and (behaviour := undefined(source)):
            return Verdict("skipped", f"undefined: {behaviour}")
        if verdict.kind in ("wrong", "refused"):
            verdict = Verdict("wrong", f"csmith seed {seed}: {verdict.text}")
            if keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, keep)
                (keep / f"reduced{seed}.i").write_text(reduced(source, SETTINGS), encoding="utf-8")
        return verdict


def _logged(log: Path | None) -> Counter[str]:
    """The kinds of the seeds in the log."""
    if log is None or not log.exists():
        return Counter()
    return Counter(line.split()[1] for line in log.read_text(encoding="utf-8").splitlines())


def run(seeds: range, keep: Path | None, log: Path | None, size: str) -> Counter[str]:
    """Checks the seeds that the log does not have yet; returns the kinds of all."""
    kinds = _logged(log)
    for seed in seeds[kinds.total() :]:
        verdict = check(seed, keep, size)
        kinds[verdict.kind] += 1
        if log is not None:
            with log.open("a", encoding="utf-8") as stream:
                stream.write(f"{seed} {verdict.kind}\n")
        if verdict.kind != "same":
            text = verdict.text if verdict.kind == "wrong" else verdict.text.partition("\n")[0]
            print(f"{seed}: {verdict.kind}: {text}", flush=True)
    return kinds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for faulty programs")
    parser.add_argument("--log", type=Path, help="a file of the seeds that were checked: the run goes on after them")
    parser.add_argument("--size", choices=SIZES, default="", help="one size for all instead of the seed's choice")
    arguments = parser.parse_args()
    if reason := missing():
        print(reason, file=sys.stderr)
        return 2
    started = time.monotonic()
    seeds = range(arguments.seed, arguments.seed + arguments.count)
    kinds = run(seeds, arguments.keep, arguments.log, arguments.size)
    shown = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    print(f"{shown}; {time.monotonic() - started:.0f} s")
    return 1 if kinds["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
