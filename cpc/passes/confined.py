"""setjmp in a coroutine function: only where no suspension can lie between it and its longjmp (E0312).

    { jmp_buf env;                              good: env ends before the coroutine waits
      if (!setjmp(env)) parse(text, env); }
    qemu_coroutine_yield();

    if (!setjmp(self->env)) parse(text, self);  bad: who knows when parse's friends jump
    qemu_coroutine_yield();

longjmp goes back into a native activation, and one that was suspended is gone.  After a setjmp a suspension is allowed
when the buffer is a local variable of the function that, on every way from the setjmp to the suspension, has ended
(its block was left), or that nobody but setjmp and longjmp here was given and that is not used any more.

A function with a setjmp has edges that no terminator shows, from every call to behind the setjmp.  None of them
crosses a suspension; the analyses that look at what happened since a resume, or before an escape, ask
`returns_twice` (analysis/cfg.py) and then assume the worst.

Requires: CPS_FORM.  Establishes: nothing; the IR is only read.
"""

from __future__ import annotations

from cpc.analysis import cfg
from cpc.analysis.accesses import Kind, Pointers, pointers
from cpc.analysis.dataflow import NOTHING, Names, Transfer, solve_may
from cpc.analysis.liveness import live_across
from cpc.diag import Diagnostics, Note
from cpc.ir.ops import Block, Call, Function, Intrinsic, Module, Op
from cpc.passes.base import coroutine_bodies


def run(module: Module, diags: Diagnostics) -> None:
    for fn in coroutine_bodies(module):
        if cfg.returns_twice(fn) and cfg.suspension_points(fn):
            _check(fn, diags)


def _check(fn: Function, diags: Diagnostics) -> None:
    """Facts are the places of setjmp calls that a longjmp may still go to, as `label#index`."""
    known = pointers(fn)
    given = _given_away(fn, known)
    sites: dict[str, tuple[Call, str | None]] = {}
    for block in fn.blocks.values():
        for index, op in enumerate(block.ops):
            if isinstance(op, Call) and "returns_twice" in op.attrs:
                sites[f"{block.label}#{index}"] = op, known.local(op.args[0]) if op.args else None
    buffers = {site: buffer for site, (_, buffer) in sites.items()}
    transfers = {block.label: _transfer(block, known, buffers) for block in fn.blocks.values()}
    after = solve_may(transfers, cfg.predecessors(fn)).after
    live = live_across(fn)
    for site, (call, buffer) in sites.items():
        for block, point in cfg.suspension_points(fn):
            lasts = buffer is None or buffer in given or f"&{buffer}" in live[block.label]
            if lasts and site in after[block.label]:
                diags.error(
                    "E0312",
                    call.loc,
                    f"coroutine_fn '{fn.name}' may be suspended between this setjmp and its longjmp",
                    help="end the block of the jmp_buf before the coroutine waits",
                    notes=(Note(point.loc, "it may be suspended here"),),
                )
                break


def _given_away(fn: Function, known: Pointers) -> Names:
    """The locals whose address goes anywhere but to setjmp and longjmp."""
    accesses = [a for block in fn.blocks.values() for op in block.ops for a in known.in_op(op)]
    accesses += [a for block in fn.blocks.values() for a in known.in_terminator(block.term)]
    return frozenset(access.local for access in accesses if access.kind is Kind.ESCAPE)


def _transfer(block: Block, known: Pointers, buffers: dict[str, str | None]) -> Transfer:
    transfer = Transfer()
    for index, op in enumerate(block.ops):
        site = f"{block.label}#{index}"
        if site in buffers:
            transfer = transfer.then(frozenset({site}), NOTHING)
        elif (ended := _ended(op, known)) is not None:
            transfer = transfer.then(NOTHING, frozenset(s for s, buffer in buffers.items() if buffer == ended))
    return transfer


def _ended(op: Op, known: Pointers) -> str | None:
    return known.local(op.args[0]) if isinstance(op, Intrinsic) and op.name == "lifetime_end" else None
