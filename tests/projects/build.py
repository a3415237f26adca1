"""One build of a project by one compiler: a copy of its source, and commands whose failure is the project's."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

_MOST_SECONDS = 1800


class Failed(Exception):
    """A command failed; the message has the end of its output."""


@dataclass(slots=True)
class Build:
    """`cc` is the compiler's command, `folder` the copy that it works in."""

    cc: Sequence[str]
    folder: Path

    def run(self, *words: str | Path, folder: str = "", given: bytes = b"") -> str:
        """Runs a command in a folder of the build; its output, both streams."""
        where = self.folder / folder
        environment = {**os.environ, "CC": " ".join(self.cc), "CFLAGS": "-O2", "LC_ALL": "C"}
        try:
            done = subprocess.run(
                [str(word) for word in words],
                cwd=where,
                env=environment,
                input=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=_MOST_SECONDS,
            )
        except subprocess.TimeoutExpired as late:
            raise Failed(f"{words[0]} does not end") from late
        output = done.stdout.decode("utf-8", "replace")
        if done.returncode != 0:
            raise Failed(f"{' '.join(map(str, words))[:200]}: status {done.returncode}\n{output[-3000:]}")
        return output

    def make(self, *words: str, folder: str = "") -> str:
        """make with this compiler, on all cores."""
        return self.run("make", f"-j{os.cpu_count()}", f"CC={' '.join(self.cc)}", *words, folder=folder)

    def compile(self, sources: Sequence[str], options: Sequence[str]) -> list[str]:
        """Objects of these files, beside them."""

        def one(source: str) -> str:
            target = str(Path(source).with_suffix(".o"))
            self.run(*self.cc, "-O2", *options, "-c", source, "-o", target)
            return target

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(one, sources))

    def link(self, target: str, objects: Sequence[str], options: Sequence[str] = ()) -> None:
        self.run(*self.cc, *objects, "-o", target, *options)

    def sources(self, pattern: str, *, without: Sequence[str] = ()) -> list[str]:
        """Files of the build by pattern, in order, by their paths inside it."""
        found = sorted(str(path.relative_to(self.folder)) for path in self.folder.glob(pattern))
        return [path for path in found if Path(path).name not in without]


class Stopwatch:
    """The CPU time of all programs that end meanwhile: wall time measures the machine's other users as well."""

    def __init__(self) -> None:
        self._start = _cpu_of_children()

    def seconds(self) -> float:
        return _cpu_of_children() - self._start


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
