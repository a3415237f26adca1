"""Dominators and live registers of one function: what the verifier must know about the flow of control.

Requires: every label names a block, the entry has no predecessors.  Results are computed anew at each call.
"""

from __future__ import annotations

from cpc.ir import ops as o
from cpc.ir.walk import operands, results, successors


def live_registers(fn: o.Function) -> dict[str, set[str]]:
    """The registers read in a block or after it before they are assigned."""
    live: dict[str, set[str]] = {label: set() for label in fn.blocks}
    changed = True
    while changed:
        changed = False
        for block in reversed(fn.blocks.values()):
            now: set[str] = set().union(*(live[label] for label in successors(block.term)))
            for op in (block.term, *reversed(block.ops)):
                now.difference_update(dst.name for dst in results(op))
                now.update(x.name for x in operands(op) if isinstance(x, o.Reg))
            if now != live[block.label]:
                live[block.label] = now
                changed = True
    return live


class Dominators:
    """Immediate dominators by Cooper, Harvey and Kennedy's iteration."""

    def __init__(self, fn: o.Function, order: list[str]) -> None:
        self.number = {label: i for i, label in enumerate(order)}
        before: list[list[int]] = [[] for _ in order]
        for label in order:
            for successor in successors(fn.blocks[label].term):
                before[self.number[successor]].append(self.number[label])
        self.idom = [0] * len(order)
        known = [i == 0 for i in range(len(order))]
        changed = True
        while changed:
            changed = False
            for node in range(1, len(order)):
                new = -1
                for p in before[node]:
                    if known[p]:
                        new = p if new < 0 else self._meet(p, new)
                if not known[node] or self.idom[node] != new:
                    self.idom[node], known[node], changed = new, True, True
        self._number_subtrees()

    def _number_subtrees(self) -> None:
        """The place of each node in a preorder of the dominator tree, and how many nodes are below it."""
        nodes = range(1, len(self.idom))
        self.below = [1] * len(self.idom)
        for node in reversed(nodes):
            self.below[self.idom[node]] += self.below[node]
        self.place = [0] * len(self.idom)
        free = [1] * len(self.idom)
        for node in nodes:
            above = self.idom[node]
            self.place[node] = free[above]
            free[above] += self.below[node]
            free[node] = self.place[node] + 1

    def _meet(self, a: int, b: int) -> int:
        while a != b:
            if a > b:
                a = self.idom[a]
            else:
                b = self.idom[b]
        return a

    def dominates(self, upper: str, lower: str) -> bool:
        """`upper` is on every path from the entry to `lower`; both reachable, else False."""
        if upper not in self.number:
            return False
        above, node = self.number[upper], self.number[lower]
        return self.place[above] <= self.place[node] < self.place[above] + self.below[above]
