"""One annotation removed from, or added to, a correct program (ours): cpc lint finds it, and --fix puts it right.

CPC_MUTATIONS is how many are tried (default 30)."""

from __future__ import annotations

import os
import random
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from cpc.frontend.preprocess import Preprocessor
from cpc.program.collect import FactsJob, collect
from cpc.program.facts import COROUTINE
from cpc.program.infer import infer
from cpc.program.program import Program, linked
from cpc.program.repair import changes
from cpc.program.rules import findings

pytestmark = pytest.mark.lab

ROOT = Path(__file__).resolve().parents[2]
NUMBER = int(os.environ.get("CPC_MUTATIONS", "30"))
MARK = re.compile(r"^(?!\s*(?:#|/?\*|//)).*?\b(coroutine_fn )", re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """A place in a text: an annotation to remove, or where one is to be added."""

    path: Path
    at: int
    add: bool


def read(folder: Path) -> Program:
    options = Preprocessor(("-D_GNU_SOURCE", f"-I{folder}/runtime", f"-I{folder}/runtime/include"))
    sources = sorted(str(p) for name in ("runtime", "devices") for p in (folder / name).rglob("*.c"))
    return linked(collect([FactsJob(source, options) for source in sources]))


def removable(folder: Path) -> list[Place]:
    """Annotations of functions and of pointers, in code."""
    places: list[Place] = []
    for path in sorted([*folder.rglob("*.c"), *folder.rglob("*.h")]):
        if "include" not in path.relative_to(folder).parts:
            places += [Place(path, found.start(1), False) for found in MARK.finditer(path.read_text())]
    return places


def addable(program: Program, folder: Path) -> list[Place]:
    """Plain functions that are called or used, at their definition."""
    places: list[Place] = []
    for fn in program.functions.values():
        used = program.incoming.get(fn.id) or program.flows_of.get(fn.id) or len(program.declarations[fn.id]) > 1
        path = Path(fn.loc.file)
        if program.color(fn.id) or not used or not path.is_relative_to(folder):
            continue
        lines = path.read_text().split("\n")
        text = lines[fn.loc.line - 1]
        found = re.search(rf"(?<=\s){fn.name}\(", text)
        if found is not None and "*" not in text[: found.start()]:
            before = sum(len(line) + 1 for line in lines[: fn.loc.line - 1])
            places.append(Place(path, before + found.start(), True))
    return places


@pytest.mark.timeout(7200)
def test_mutations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPC_CACHE", str(tmp_path / "cache"))
    for name in ("runtime", "devices"):
        shutil.copytree(ROOT / name, tmp_path / "tree" / name, ignore=shutil.ignore_patterns("*.o"))
    folder = tmp_path / "tree"
    program = read(folder)
    assert not program.faults and not findings(program)
    rng = random.Random(1)
    pools = removable(folder), addable(program, folder)
    tried, missed, wrong = 0, [], []
    while tried < NUMBER:
        place = rng.choice(pools[tried % 2])
        before = place.path.read_text()
        added = before[: place.at] + f"{COROUTINE} " + before[place.at :]
        place.path.write_text(added if place.add else before[: place.at] + before[place.at + len(COROUTINE) + 1 :])
        mutant = read(folder)
        name = f"{place.path.name}:{before.count(chr(10), 0, place.at) + 1} {'added' if place.add else 'removed'}"
        if not mutant.faults:  # else no header gives the word: every compiler finds that
            tried += 1
            if not findings(mutant):
                missed.append(name)
            elif not restored(mutant, place, before):
                wrong.append(name)
        place.path.write_text(before)
    print(f"{tried} mutations, missed {missed}, repaired otherwise {wrong}")
    assert len(missed) * 100 <= tried, missed
    assert len(wrong) * 10 <= tried, wrong


def restored(mutant: Program, place: Place, before: str) -> bool:
    """Whether the repairs give the text back that was there before, and change no other."""
    made = changes(mutant, [repair for repair, _ in infer(mutant).repairs.values()])
    made.write()
    same = place.path.read_text() == before and made.texts.keys() <= {str(place.path)}
    made.undo()
    return same
