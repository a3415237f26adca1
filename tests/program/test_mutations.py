"""One annotation removed from, or added to, a correct program (ours): cpc lint finds it, and --fix puts it right."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.program.mutate import Tree, mutate, selection_of

ROOT = Path(__file__).resolve().parents[2]
NUMBER = int(os.environ.get("CPC_MUTATIONS", "500"))


def tried(folder: Path, number: int, seed: int) -> None:
    for name in ("runtime", "devices"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.o"))
    words = [str(folder / "runtime"), str(folder / "devices"), "-D_GNU_SOURCE"]
    words += [f"-I{folder}/runtime", f"-I{folder}/runtime/include"]
    tree = Tree(selection_of(words))
    result = mutate(tree, tree.files([folder.resolve()]), number, seed)
    print(result)
    assert len(result.missed) * 100 <= number, result
    assert len(result.otherwise) * 20 <= number, result


def test_mutations(tmp_path: Path) -> None:
    tried(tmp_path, 20, 1)


@pytest.mark.lab
@pytest.mark.timeout(7200)
def test_many_mutations(tmp_path: Path) -> None:
    """CPC_MUTATIONS: how many."""
    tried(tmp_path, NUMBER, 2)
