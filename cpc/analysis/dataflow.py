"""One solver for the data-flow problems of this package: sets of names, a gen and a kill set per block.

`may` problems join paths by union and start from nothing (liveness, escape), `must` problems join by intersection
and start from everything (what is unchanged since the resume).  A block's transfer is out = gen | (in - kill).
The order of work is the block order, so the number of steps is deterministic; the result does not depend on it.
A forward problem passes predecessors as `sources`, a backward one successors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Names = frozenset[str]
NOTHING: Names = frozenset()


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a block adds (`gen`, after its kills) and takes away."""

    gen: Names = NOTHING
    kill: Names = NOTHING

    def __call__(self, names: Names) -> Names:
        return self.gen | (names - self.kill)

    def then(self, gen: Names, kill: Names) -> Transfer:
        """This transfer followed by one more step."""
        return Transfer(gen | (self.gen - kill), self.kill | kill)


@dataclass(frozen=True, slots=True)
class Solution:
    """Per block the names where its transfer starts (`before`) and where it ends (`after`), in the problem's
    direction: for a backward problem `before` is at the block's end."""

    before: Mapping[str, Names]
    after: Mapping[str, Names]


def solve_may(transfers: Mapping[str, Transfer], sources: Mapping[str, Sequence[str]]) -> Solution:
    """The least solution of before(b) = union of after(s) for s in sources[b]."""

    def join(label: str, parts: list[Names]) -> Names:
        return NOTHING.union(*parts)

    return _solve(transfers, sources, NOTHING, join)


def solve_must(
    transfers: Mapping[str, Transfer], sources: Mapping[str, Sequence[str]], roots: Mapping[str, Names], all_: Names
) -> Solution:
    """The greatest solution of before(b) = intersection of after(s) for s in sources[b], and of roots[b] where
    control also enters from outside; `all_` holds every name that occurs."""

    def join(label: str, parts: list[Names]) -> Names:
        return roots.get(label, all_).intersection(*parts)

    return _solve(transfers, sources, all_, join)


def _solve(
    transfers: Mapping[str, Transfer],
    sources: Mapping[str, Sequence[str]],
    start: Names,
    join: Callable[[str, list[Names]], Names],
) -> Solution:
    before = dict.fromkeys(transfers, start)
    after = {label: transfer(start) for label, transfer in transfers.items()}
    users: dict[str, list[str]] = {label: [] for label in transfers}
    for label in transfers:
        for source in sources[label]:
            users[source].append(label)
    pending = dict.fromkeys(transfers)
    while pending:
        label = next(iter(pending))
        del pending[label]
        before[label] = join(label, [after[source] for source in sources[label]])
        result = transfers[label](before[label])
        if result != after[label]:
            after[label] = result
            pending.update(dict.fromkeys(users[label]))
    return Solution(before, after)
