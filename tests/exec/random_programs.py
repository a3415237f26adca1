"""Random programs from csmith: the checksum that gcc -O0 computes is the one that cpc -O0 and -O2 compute.

    python -m tests.exec.random_programs --count 100 --seed 1 [--keep DIR]

Programs that gcc itself does not end in time on are skipped.  A program is named by its seed, so that a fault can be
seen again; --keep writes faulty programs to a folder.  Each seed also decides which language features csmith uses.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.exec.compare import Settings, Verdict, compare

HEADERS = "/usr/include/csmith"
SETTINGS = Settings(options=("-I", HEADERS))
_CHOICES = (
    ("--float", ""),
    ("--no-bitfields", "", ""),
    ("--no-volatiles", ""),
    ("--max-funcs 4", "--max-funcs 10", ""),
    ("--max-block-depth 3", ""),
    ("--max-pointer-depth 3", ""),
    ("--inline-function", ""),
    ("--no-packed-struct", "", ""),
    ("--max-array-len-per-dim 5", ""),
    ("--max-expr-complexity 20", "", ""),
)


def missing() -> str:
    """Why no program can be made here; empty when one can."""
    if shutil.which("csmith") is None or not Path(HEADERS, "csmith.h").exists():
        return "csmith and libcsmith-dev are not installed: .ci/setup-system.sh installs them"
    return ""


def write_program(seed: int, path: Path) -> None:
    """Writes the program of this seed; csmith leaves a file of its own beside it."""
    rng = random.Random(seed)
    options = " ".join(rng.choice(choice) for choice in _CHOICES).split()
    command = ["csmith", "--seed", str(seed), *options, "--output", str(path)]
    subprocess.run(command, check=True, timeout=60, cwd=path.parent)


def check(seed: int, keep: Path | None = None) -> Verdict:
    """The verdict on the program of this seed; what cpc refuses counts as wrong, since csmith writes plain C."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, f"random{seed}.c")
        try:
            write_program(seed, source)
        except subprocess.TimeoutExpired:
            return Verdict("skipped", "csmith does not end")
        verdict = compare(source, SETTINGS)
        if verdict.kind in ("wrong", "refused"):
            verdict = Verdict("wrong", f"csmith seed {seed}: {verdict.text}")
            if keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, keep)
        return verdict


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    if reason := missing():
        print(reason, file=sys.stderr)
        return 2
    kinds: Counter[str] = Counter()
    for seed in range(arguments.seed, arguments.seed + arguments.count):
        verdict = check(seed, arguments.keep)
        kinds[verdict.kind] += 1
        if verdict.kind != "same":
            print(f"{seed}: {verdict.kind}: {verdict.text}", flush=True)
    print(", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    return 1 if kinds["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
