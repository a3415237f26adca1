"""Blocks that say nothing go.

    entry:                          entry:
      branch %c, a, b                 branch %c, done, b
    a:                              b:
      jump done                       call @f()
    b:                                jump done
      call @f()                     done:
      jump b.1                        ret
    b.1:
      jump done
    unused:
      ...

Unreachable blocks are removed, jumps through empty blocks go straight on, and a block is joined with its only
successor when it is that block's only predecessor.  A block whose address is taken stays.  Plain functions are left
alone: LLVM does this for them.

Requires: BUILT or SPLIT (no suspension point: a resume block has to remain the point's own).  Establishes: nothing.
"""

from __future__ import annotations

from cpc.analysis import cfg
from cpc.analysis.rewrite import with_targets
from cpc.diag import Diagnostics
from cpc.ir.ops import Function, Jump, Module
from cpc.passes.base import coroutine_bodies


def run(module: Module, diags: Diagnostics) -> None:
    used = cfg.labels_used_as_values(module)
    for fn in coroutine_bodies(module):
        pinned = used[fn.name] | {cfg.entry(fn).label}
        _skip_empty(fn, pinned)
        _remove_unreachable(fn, pinned)
        _join(fn, pinned)


def _skip_empty(fn: Function, pinned: frozenset[str]) -> None:
    """Jumps to an empty block become jumps to where it jumps; a loop of empty blocks stays a loop."""
    onward = {
        block.label: block.term.target
        for block in fn.blocks.values()
        if not block.ops and isinstance(block.term, Jump) and block.label not in pinned
    }
    final: dict[str, str] = {}
    for label in onward:
        seen = [label]
        while onward.get(seen[-1]) is not None and onward[seen[-1]] not in seen:
            seen.append(onward[seen[-1]])
        final[label] = seen[-1]
    for block in fn.blocks.values():
        block.term = with_targets(block.term, final)


def _remove_unreachable(fn: Function, pinned: frozenset[str]) -> None:
    kept = cfg.reachable(fn, pinned)
    fn.blocks = {label: block for label, block in fn.blocks.items() if label in kept}


def _join(fn: Function, pinned: frozenset[str]) -> None:
    before = cfg.predecessors(fn)
    for label in list(fn.blocks):
        block = fn.blocks.get(label)
        while block is not None and isinstance(block.term, Jump):
            target = block.term.target
            if target in pinned or target == block.label or len(before[target]) != 1:
                break
            following = fn.blocks.pop(target)
            block.ops.extend(following.ops)
            block.term = following.term
