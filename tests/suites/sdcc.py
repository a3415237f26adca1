"""sdcc's regression tests: templates whose first comment lists values for {names}; every combination is a program.

The generator follows support/regression/generate-cases.py: the functions `void test*(void)` of a file are called in
turn, and the harness of the "host" port prints a line for every check that fails.
"""

from __future__ import annotations

import itertools
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from cpc.cache import cache_root, cached
from tests.sources import source
from tests.suites.case import Case

_MOST_INSTANCES = 12  # of one template: the rest are the same code with other types
_HOST = ("-w", "-std=gnu11", "-DPORT_HOST=1", "-DREENTRANT=")
_HARNESS = ("fwk/lib/testfwk", "fwk/lib/extern1", "fwk/lib/extern2", "fwk/lib/statics", "ports/host/support")
_FUNCTION = re.compile(r"^(?:\W*void\W+)?\W*(test\w*)\W*\(\W*void\W*\)", re.MULTILINE)


def cases() -> Iterator[Case]:
    regression = source("sdcc") / "support/regression"
    made = cached(cache_root() / "sources/.sdcc-cases", lambda folder: _generate(regression, folder))
    options = (*_HOST, f"-I{regression / 'fwk/include'}", f"-I{regression / 'tests'}")
    for path in sorted(made.glob("*.c")):
        yield Case("sdcc", path.stem, (path,), options=options, libraries=(str(made / "harness.a"), "-lm"))


def _generate(regression: Path, folder: Path) -> None:
    folder.mkdir()
    _build_harness(regression, folder)
    for template in sorted((regression / "tests").glob("*.c")):
        text = template.read_text(encoding="latin-1")
        head, _, body = text.partition("*/")
        functions = _FUNCTION.findall(body)
        if not functions:
            continue
        values = {}
        for line in head.split("\n"):
            name, colon, listed = line.partition(":")
            if colon:
                values[name.strip()] = [value.strip() for value in listed.split(",")]
        used = [name for name in values if f"{{{name}}}" in body]
        instances = list(itertools.product(*(values[name] for name in used)))
        step = max(1, len(instances) // _MOST_INSTANCES)
        for number, chosen in enumerate(instances[::step]):
            name = f"{template.stem}_{number}" if len(instances) > 1 else template.stem
            filled = _fill(text, dict(zip(used, chosen, strict=True)))
            (folder / f"{name}.c").write_text(filled + _calls(functions, name), encoding="latin-1")


def _build_harness(regression: Path, folder: Path) -> None:
    sources = [regression / f"{name}.c" for name in _HARNESS]
    subprocess.run(["gcc", "-c", *_HOST, f"-I{regression / 'fwk/include'}", *sources], cwd=folder, check=True)
    subprocess.run(["ar", "rc", "harness.a", *(f"{path.stem}.o" for path in sources)], cwd=folder, check=True)


def _fill(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _calls(functions: list[str], name: str) -> str:
    calls = "".join(f'  __prints("Running {function}\\n");\n  {function}();\n' for function in functions)
    suite = f'const char *__getSuiteName(void)\n{{\n  return "{name}";\n}}\n'
    return f"\nvoid\n__runSuite(void)\n{{\n{calls}}}\n\nconst int __numCases = {len(functions)};\n{suite}"
