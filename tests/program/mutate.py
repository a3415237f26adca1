"""Mutations of a correct program: one annotation removed or added at a random place.  Does `cpc lint` find it, and does
`--fix` put the text back?

    python -m tests.program.mutate -n 500 runtime devices -D_GNU_SOURCE
    python -m tests.program.mutate -n 500 -p BUILD --repair SOURCE...   a copy of QEMU, mended first

The program stays in memory: after a change only the units are read again whose text names what is declared there.
Files are changed on disk, and changed back.  A mutant counts as detected when it has a finding that the program had
not.  Neither mutants that no compiler would take (the word is not defined there) are counted, nor places that no unit
compiles (#ifdef __FreeBSD__).

Removed are coroutine_fn, at one declaration or at all of a function ('everywhere'), and its relatives, at one of
several: what has none of them may do what they say.  Added is coroutine_fn, before the name or before the type, to
functions, used or not, and to pointers, called or not.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from cpc.deep import run_deep
from cpc.diag import Diagnostics
from cpc.frontend.preprocess import preprocess
from cpc.loc import Loc
from cpc.program.collect import FactsJob
from cpc.program.facts import COLORS, COROUTINE, UnitFacts
from cpc.program.infer import Inferred, infer
from cpc.program.lint import Selection
from cpc.program.marks import Marks
from cpc.program.program import Program, linked
from cpc.program.repair import changes
from cpc.program.rules import findings
from cpc.program.stretches import joined, stretches
from cpc.program.unit import facts_of
from cpc.program.unread import Unread
from cpc.sources import CommandFinder, add_source_arguments, find_sources

_MARK = re.compile(rf"^(?!\s*(?:#|/?\*|//))[^\n\"]*?\b((?:{'|'.join(COLORS)})[ \n])", re.M)
_MARKER = re.compile(r"^# (\d+) \"([^\"]*)\"[^\n]*\n", re.M)
_NAME = re.compile(
    r"(?:[\s*(]|[A-Z_]\w*\s*\([^()*]*\)\s+|\w+\s+(?=[\w*])|\w+\s+(?=\(\s*\*))*([A-Za-z_]\w*)\s*[)(]"
)  # behind other macros, some of them with arguments
_FINDING = tuple[str, str, str, str]


@dataclass(frozen=True)
class Place:
    """Where a word is removed, or added; `name` is what is declared there; `kind`: 'definition', 'declaration',
    'pointer'."""

    path: Path
    at: int
    add: bool
    name: str
    kind: str
    word: str = COROUTINE

    def __str__(self) -> str:
        line = self.path.read_text().count("\n", 0, self.at) + 1
        return f"{self.path.name}:{line} {self.name}"

    def mutated(self, text: str) -> str:
        if self.add:
            return f"{text[: self.at]}{self.word} {text[self.at :]}"
        end = self.at + len(self.word)
        if text[end] == "\n":
            return text[: self.at].rstrip(" ") + text[end:]
        return text[: self.at] + text[end + 1 :]


@dataclass(frozen=True)
class Mutation:
    """The change of one place, or the same one of all declarations of a function."""

    places: tuple[Place, ...]

    @property
    def name(self) -> str:
        return self.places[0].name

    @property
    def kind(self) -> str:
        first = self.places[0]
        words = "everywhere" if len(self.places) > 1 else first.kind
        what = "" if first.word == COROUTINE else f", {first.word}"
        return f"{words} {'added' if first.add else 'removed'}{what}"

    def __str__(self) -> str:
        return f"{', '.join(map(str, self.places))} ({self.kind})"

    def texts(self) -> dict[Path, tuple[str, str]]:
        """File -> its text before and after."""
        found: dict[Path, tuple[str, str]] = {}
        for place in sorted(self.places, key=lambda p: p.at, reverse=True):
            before, after = found.get(place.path) or (place.path.read_text(),) * 2
            found[place.path] = before, place.mutated(after)
        return found


@dataclass
class _Unit:
    job: FactsJob
    raw: str = ""
    text: str = ""
    facts: UnitFacts = field(default_factory=lambda: UnitFacts(""))


class Tree:
    """A program and the texts that it was read from."""

    def __init__(self, selection: Selection) -> None:
        self._units = [_Unit(job) for job in selection.jobs()]
        self._others = Unread(selection.others([unit.job for unit in self._units]))
        self._marks: dict[tuple[tuple[str, str], ...], Marks] = {}
        for unit in self._units:
            self._read(unit)

    def program(self) -> Program:
        program = linked(unit.facts for unit in self._units)
        program.others = self._others
        return program

    def files(self, folders: Sequence[Path]) -> list[Path]:
        """The files in these folders that the units are made of."""
        found = {
            Path(name).resolve() for unit in self._units for name in re.findall(r'^# \d+ "([^"<]+)"', unit.raw, re.M)
        }
        return sorted(f for f in found if any(f.is_relative_to(folder) for folder in folders) and f.is_file())

    def compiled(self, paths: Iterable[Path]) -> dict[Path, set[int]]:
        """The lines of these files that some unit has a word of: the preprocessor leaves nothing of the others."""
        found: dict[str, set[int]] = {str(path): set() for path in paths}
        resolved: dict[str, str] = {}
        seen: set[tuple[str, str]] = set()
        for unit in self._units:
            markers = [*_MARKER.finditer(unit.raw)]
            ends = [marker.start() for marker in markers[1:]] + [len(unit.raw)]
            for marker, end in zip(markers, ends, strict=True):
                key = marker.group(), unit.raw[marker.end() : end]
                name = resolved.setdefault(marker[2], "") or os.path.realpath(marker[2])
                resolved[marker[2]] = name
                if name in found and key not in seen:
                    seen.add(key)
                    lines = enumerate(key[1].split("\n"), int(marker[1]))
                    found[name].update(number for number, line in lines if line.strip())
        return {Path(path): lines for path, lines in found.items()}

    @contextmanager
    def changed(self, mutation: Mutation) -> Iterator[Program]:
        """The program with one change."""
        texts = mutation.texts()
        kept = {id(unit): (unit.raw, unit.text, unit.facts) for unit in self._units}
        try:
            for path, (_, after) in texts.items():
                path.write_text(after)
            for unit in self._units:
                if any(self._names(unit, place) for place in mutation.places):
                    self._read(unit, again="annotate" not in unit.raw)
            yield self.program()
        finally:
            for path, (before, _) in texts.items():
                path.write_text(before)
            for unit in self._units:
                unit.raw, unit.text, unit.facts = kept[id(unit)]

    def _names(self, unit: _Unit, place: Place) -> bool:
        """Whether a unit says anything else about the name than what stands at the place."""
        if Path(unit.job.source).resolve() == place.path:
            return True
        return f'/{place.path.name}"' in unit.raw and len(re.findall(rf"\b{place.name}\b", unit.raw)) > 1

    def _read(self, unit: _Unit, *, again: bool = False) -> None:
        """`again`: what the preprocessor says is known to be the same."""
        diags = Diagnostics()
        if not again:
            unit.raw = preprocess(unit.job.source, unit.job.preprocessor, diags) or ""
        marks = self._marks.setdefault(unit.job.macros, Marks(dict(unit.job.macros)))
        parts = marks.restore(stretches(unit.raw))
        text = joined(parts)
        if text != unit.text:
            unit.text = text
            unit.facts = run_deep(lambda: facts_of(parts, unit.job.source, c23=unit.job.preprocessor.c23))
            unit.facts.faults += [d for d in diags.items if d.severity == "error"]


def removable(compiled: Mapping[Path, Set[int]]) -> list[Mutation]:
    """Annotations in the lines of files that are compiled."""
    places: list[Place] = []
    for path, lines in compiled.items():
        text = path.read_text()
        for found in _MARK.finditer(text):
            name = _NAME.match(text, found.end(1))
            if name is not None and text.count("\n", 0, name.start(1)) + 1 in lines:
                place = Place(path, found.start(1), False, name[1], _kind(text, name), found[1].strip())
                places.append(place)
    marks = Counter((place.name, place.word) for place in places)
    single = [place for place in places if place.word == COROUTINE or marks[place.name, place.word] > 1]
    return [*(Mutation((place,)) for place in single), *_everywhere(places)]


def _everywhere(places: Iterable[Place]) -> list[Mutation]:
    """All declarations of one function, where there are several."""
    by_name: dict[str, list[Place]] = {}
    for place in places:
        if place.kind != "pointer" and place.word == COROUTINE:
            by_name.setdefault(place.name, []).append(place)
    return [
        Mutation(tuple(group)) for group in by_name.values()
        if len(group) > 1 and sum(place.kind == "definition" for place in group) == 1
    ]  # fmt: skip


def _kind(text: str, name: re.Match[str]) -> str:
    if "(*" in re.sub(r"\s", "", text[name.start() : name.end()]) or re.search(
        r"\btypedef\b", _line(text, name.start())
    ):
        return "pointer"
    end = re.compile(r"[;{]").search(text, name.end())
    return "definition" if end is not None and end.group() == "{" else "declaration"


def _line(text: str, at: int) -> str:
    return text[text.rfind("\n", 0, at) + 1 : at]


def addable(program: Program, paths: Sequence[Path]) -> list[Mutation]:
    """Plain functions, at each of their declarations and at all, and pointers to functions."""
    texts = {str(path): path.read_text() for path in paths}
    found: list[Mutation] = []
    for id_, slot in program.slots.items():
        name = re.search(r"'(\w+)'", slot.words)
        if not slot.color and program.annotated_at(id_) == id_ and name is not None and slot.loc.file in texts:
            function = rf"|(?<=[\w*] )\b{name[1]}\(" if id_.startswith("typedef ") else ""
            pattern = rf"\(\*{name[1]}\)\({function}"
            places = _at(texts[slot.loc.file], slot.loc, pattern, name[1], "pointer")
            found += [Mutation((place,)) for place in places]
    for fn, declarations in program.declarations.items():
        name_ = program.name(fn)
        if program.color(fn) or not declarations[0].loc.file:
            continue
        by_name: list[Place] = []
        for d in declarations:
            if d.loc.file in texts and not d.type:
                kind = "definition" if d.defined else "declaration"
                by_name += _at(texts[d.loc.file], d.loc, rf"(?<=[\s*]){name_}\(|^{name_}\(", name_, kind)
        found += [Mutation((place,)) for place in by_name] + _everywhere(by_name)
        found += [Mutation((place,)) for place in _before_type(texts, by_name)]
    return found


def _at(text: str, loc: Loc, pattern: str, name: str, kind: str) -> list[Place]:
    """The place in a line where a name is declared."""
    start = 0
    for _ in range(loc.line - 1):
        start = text.index("\n", start) + 1
    end = text.find("\n", start)
    found = re.search(pattern, text[start : end if end >= 0 else len(text)])
    return [Place(Path(loc.file), start + found.start(), True, name, kind)] if found is not None else []


def _before_type(texts: Mapping[str, str], places: Iterable[Place]) -> Iterator[Place]:
    """The other place for a mark of functions whose declarations have their type in the same line."""
    for place in places:
        line = _line(texts[str(place.path)], place.at)
        head = re.match(r"(?:(?:static|extern|inline)\s+)*(?=\w)", line)
        if head is not None and re.fullmatch(r"(?:\w+\s+)*\w+[\s*]*", line[head.end() :]):
            yield replace(place, at=place.at - len(line) + head.end())


def known(program: Program) -> Counter[_FINDING]:
    """The findings, without their places."""
    return Counter(
        (f.diagnostic.code, f.diagnostic.loc.file, f.diagnostic.message, f.function) for f in findings(program)
    )


@dataclass
class Result:
    """What came of the mutations, which are named: `respelled` has the annotations of before, but not the text."""

    tried: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    respelled: list[str] = field(default_factory=list)
    otherwise: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        number, missed = sum(self.tried.values()), len(self.missed)
        restored = number - missed - len(self.otherwise)
        lines = [
            f"{number} mutations, {number - missed} detected, {restored} restored,"
            f" {restored - len(self.respelled)} of them to the letter"
        ]
        lines += [f"  {count:4} {kind}" for kind, count in sorted(self.tried.items())]
        named = {"missed": self.missed, "respelled": self.respelled, "repaired otherwise": self.otherwise}
        return "\n".join(lines + [f"  {how}: {name}" for how, names in named.items() for name in names])


def mutate(tree: Tree, paths: Sequence[Path], number: int, seed: int = 1) -> Result:
    """Tries `number` mutations, half of them removals, of what the program has no error about, nor a finding that --fix
    would mend: there it is not correct."""
    program = tree.program()
    before, inferred = known(program), infer(program)
    standing = set(inferred.repairs)
    wrong = {program.name(subject) for subject in standing}
    wrong |= {program.name(f.function) for f in findings(program) if f.diagnostic.severity == "error"}
    rng = random.Random(seed)
    pools = [
        [mutation for mutation in pool if mutation.name not in wrong]
        for pool in (removable(tree.compiled(paths)), addable(program, paths))
    ]  # fmt: skip
    result = Result()
    while sum(result.tried.values()) < number:
        mutation = rng.choice(pools[sum(result.tried.values()) % 2])
        texts = mutation.texts()
        with tree.changed(mutation) as mutant:
            if mutant.faults:
                continue
            result.tried[mutation.kind] += 1
            if not known(mutant) - before:
                result.missed.append(str(mutation))
                continue
            mended = infer(mutant)
            if _annotations(mended.program) != _annotations(inferred.program):
                result.otherwise.append(str(mutation))
            elif not _restored(mended, mutant, {str(path): old for path, (old, _) in texts.items()}, standing):
                result.respelled.append(str(mutation))
    return result


def _annotations(program: Program) -> dict[tuple[str, str, int], str]:
    """Of each declaration, parameter and slot."""
    slots = {(slot.id, slot.loc.file, slot.loc.line): slot.color for slot in program.slots.values() if slot.color}
    parameters = {
        (id_, p.loc.file, p.loc.line): p.color
        for id_, declarations in program.declarations.items() for d in declarations for p in d.parameters if p.color
    }  # fmt: skip
    return slots | parameters | {
        (id_, d.loc.file, d.loc.line): d.color
        for id_, declarations in program.declarations.items() for d in declarations if d.color
    }  # fmt: skip


def _restored(mended: Inferred, mutant: Program, before: Mapping[str, str], standing: Set[str]) -> bool:
    """Whether the repairs give the texts back that were there before, and change no other."""
    made = changes(mutant, [repair for subject, (repair, _) in mended.repairs.items() if subject not in standing])
    return {path: new for path, (_, new) in made.texts.items()} == before


def repair(tree: Tree) -> None:
    """Makes the program correct, as far as --fix does."""
    program = tree.program()
    changes(program, [r for r, _ in infer(program).repairs.values()]).write()


def selection_of(words: Sequence[str]) -> Selection:
    """PATH... -p DATABASE and options, as `cpc lint` has them."""
    parser = argparse.ArgumentParser()
    add_source_arguments(parser, optional=True)
    args = parser.parse_args(words)
    finder = CommandFinder(args)
    return Selection(find_sources([os.path.realpath(p) for p in args.paths], finder.known), finder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", dest="number", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repair", action="store_true")
    parser.add_argument("--root", type=Path, action="append", help="change files in this folder (default: PATHs)")
    args, words = parser.parse_known_args()
    started = time.process_time()
    tree = Tree(selection_of(words))
    if args.repair:
        repair(tree)
        tree = Tree(selection_of(words))
    folders = [p.resolve() for p in args.root or [Path(w) for w in words if Path(w).is_dir()]]
    read = time.process_time()
    result = mutate(tree, tree.files(folders), args.number, args.seed)
    print(result)
    spent = time.process_time() - read
    print(f"{read - started:.0f} s of CPU to read, {spent / max(1, args.number):.2f} s a mutation")
    return 1 if result.missed or result.otherwise or result.respelled else 0


if __name__ == "__main__":
    sys.exit(main())
