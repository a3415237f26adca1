"""The first inputs of each target.

An input is a program of steps, whose bytes mean nothing outside fuzz.h; so seeds are random bytes with few of the
large values that make something wrong, in several lengths: mostly valid traffic from the first second on.
"""

from __future__ import annotations

import random
from pathlib import Path

from tests.devices.fuzz.run import TARGETS

LENGTHS = (40, 120, 300, 700, 1400)
_RARE = 0xF8  # bytes from here on make something wrong, where that is asked


def write(folder: Path) -> None:
    """Seeds of all targets, as folder/TARGET/NUMBER; the same ones every time."""
    for target in TARGETS:
        (folder / target).mkdir(parents=True, exist_ok=True)
        for number, text in enumerate(inputs(target)):
            (folder / target / str(number)).write_bytes(text)


def inputs(target: str, count: int = 60) -> list[bytes]:
    source = random.Random(target)
    return [_input(source, LENGTHS[number % len(LENGTHS)], number % 3) for number in range(count)]


def _input(source: random.Random, length: int, wrong: int) -> bytes:
    """A program with nothing wrong, a little, or as much as by chance."""
    limit = 256 if wrong == 2 else _RARE
    text = bytearray(source.randrange(limit) for _ in range(length))
    if wrong == 1:
        for _ in range(1 + length // 200):
            text[source.randrange(length)] = 0xFF
    return bytes(text)
