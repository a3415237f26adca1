"""One program of a suite: how it is compiled, and what it has to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Case:
    """`kind` is 'run' (compile, link, run and compare), 'accept' (must compile) or 'survive' (may be refused, but the
    compiler must end by itself, with diagnostics and nothing else).

    A program that runs must exit as gcc's does and print the same.  `expected` holds what it must print where the suite
    says so; gcc's output is the reference otherwise.  `levels` are the -O levels it is meant for.
    """

    suite: str
    name: str
    sources: tuple[Path, ...]
    kind: str = "run"
    options: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    expected: bytes | None = None
    libraries: tuple[str, ...] = ("-lm",)
