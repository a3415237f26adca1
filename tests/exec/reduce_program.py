"""Makes a program on which gcc and cpc differ smaller while they still differ in the same way.

    python -m tests.exec.reduce_program FAULTY.c [-I FOLDER] > SMALL.c

Lines go first, in halves, quarters and so on down to single ones, then statements, blocks' braces and operands inside
lines.  A smaller program counts only if gcc gives the same result at -O0 and -O2 and its sanitizers are silent, so
that reduction does not drift into undefined behaviour.  A fault of the compiler itself needs no run: its last line
(the assertion, the diagnostic) must stay the same.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.exec.compare import Settings, Verdict, compare

_SANITIZED = ("-w", "-O1", "-fsanitize=undefined,address,float-cast-overflow", "-fno-sanitize-recover=all")
_MOST_TRIALS = 3000
_CUT = re.compile(r"(?<=[;,{}])|(?=[{}])|(?<=\() (?=\()|(?<=\)) (?=[-+*/%&|^<>=?:])")


def reduced(source: Path, settings: Settings) -> str:
    """The text of a smaller program with the fault of `source`; its own text when nothing can go."""
    text = source.read_text(encoding="utf-8")
    wanted = _fault(compare(source, settings))
    if not wanted:
        return text
    trials = iter(range(_MOST_TRIALS))
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder, source.name)

        def shows(smaller: str) -> bool:
            if next(trials, None) is None:
                return False
            trial.write_text(smaller, encoding="utf-8")
            return _defined(trial, settings, wanted) and _fault(compare(trial, settings)) == wanted

        return smallest(text, shows)


def smallest(text: str, shows: Callable[[str], bool]) -> str:
    """`text` with all that can go gone, such that `shows` holds."""
    while True:
        lines = _without_parts(text.splitlines(keepends=True), lambda rest: shows("".join(rest)))
        groups = _without_parts(_pieces("".join(lines)), lambda rest: shows("".join(rest)))
        if "".join(groups) == text:
            return text
        text = "".join(groups)


def _without_parts(parts: Sequence[str], shows: Callable[[Sequence[str]], bool]) -> Sequence[str]:
    """Removes runs of parts: large ones first."""
    size = len(parts)
    while size:
        at = 0
        while at < len(parts):
            rest = [*parts[:at], *parts[at + size :]]
            if shows(rest):
                parts = rest
            else:
                at += size
        size //= 2
    return parts


def _pieces(text: str) -> list[str]:
    """`text` cut so that operands with their operators, arguments and blocks can go one by one."""
    return [piece for piece in _CUT.split(text) if piece]


def _fault(verdict: Verdict) -> str:
    """What must stay the same: nothing for a program without fault."""
    if verdict.kind not in ("wrong", "refused"):
        return ""
    if "differs" in verdict.text:
        return "differs"
    lines = verdict.text.strip().splitlines()
    return lines[-1] if "Traceback" in verdict.text else re.sub(r"^\S+: ", "", lines[0])


def _defined(program: Path, settings: Settings, wanted: str) -> bool:
    """Whether gcc gives the program one meaning."""
    if wanted != "differs":
        return True
    outcomes = set()
    for options in (("-w", "-O2"), _SANITIZED):
        built = program.with_suffix("")
        command = ["gcc", *options, *settings.options, program, "-o", built, "-lm"]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return False
        done = subprocess.run(["prlimit", "--cpu=4", built], capture_output=True, check=False, timeout=600)
        outcomes.add((done.returncode, done.stdout))
    return len(outcomes) == 1


def undefined(program: Path) -> str:
    """What gcc's sanitizers say about a preprocessed program, in a line; empty when nothing."""
    built = program.with_suffix(".sanitized")
    subprocess.run(["gcc", *_SANITIZED, program, "-o", built, "-lm"], capture_output=True, check=True)
    done = subprocess.run(["prlimit", "--cpu=30", built], capture_output=True, text=True, check=False, timeout=600)
    return next((line for line in done.stderr.splitlines() if "runtime error:" in line or "ERROR:" in line), "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("-I", dest="folders", action="append", default=[])
    arguments = parser.parse_args()
    options = tuple(word for folder in arguments.folders for word in ("-I", folder))
    sys.stdout.write(reduced(arguments.source, Settings(options=options, seconds=2, front_end_once=True)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
