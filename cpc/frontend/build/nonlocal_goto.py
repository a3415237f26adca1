"""GNU C's jumps out of nested functions, to labels that a function around them has in `__label__` (gcc manual 6.3).

    int find(int n)                                 entry:  %1 = eh_sjlj_setjmp(&goto.found)
    {                                                       branch %1 != 0 ? found : the body
        __label__ found;
        void check(int i) { if (i == n) goto found; }       eh_sjlj_longjmp(*(%chain + 8))
        each(check);
        return 0;
    found:
        return 1;
    }

Each such label has a buffer, filled at entry, which the nested function finds by its static chain.  What the function
has taken of the stack meanwhile (variable length arrays, alloca) is written to the buffers as well, so that it is still
there after the jump.  Variables stay in memory, as around __builtin_setjmp; cleanups of the functions that the jump
leaves do not run, as in gcc.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cpc.frontend.build import nested
from cpc.frontend.build.emitter import Emitter
from cpc.frontend.build.machine_builtins import BUFFER_STACK, fill_buffer, jump_to_buffer
from cpc.frontend.build.state import FunctionState
from cpc.ir import ops as ir
from cpc.ir.types import I64, PTR

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_BUFFER_SIZE, _BUFFER_ALIGN = 40, 16


def owner_of(b: Builder, name: str) -> FunctionState | None:
    """The function around this one that a goto to `name` leads to; None: it is a label of this function."""
    state = b.function
    if state is None or name in state.labels or _declares(state, name):
        return None
    while state.outer is not None:
        state = state.outer
        if _declares(state, name):
            return state
    return None


def _declares(state: FunctionState, name: str) -> bool:
    return any(local.name == name for local in state.local_labels)


def goto(b: Builder, owner: FunctionState, block: str, node: Any) -> None:
    """Leaves this function, and those between, for a block of `owner`."""
    if b.target.calls != "sysv":
        b.unsupported("E0304", node, f"a jump out of a nested function, to label '{node.name}', on this target")
    if block not in owner.entered_by_jump:
        owner.entered_by_jump[block] = owner.em.local(f"goto.{node.name}", _BUFFER_SIZE, _BUFFER_ALIGN)
    jump_to_buffer(b, nested.captured(b, owner, ("goto", block), owner.entered_by_jump[block]))


def arm(b: Builder, state: FunctionState) -> None:
    """At the end of a function: blocks before its entry that fill the buffers, and come back by the jumps."""
    if not state.entered_by_jump:
        return
    em, body = state.em, dict(state.em.fn.blocks)
    em.fn.attrs = (em.fn.attrs - {"alwaysinline"}) | {"optnone"}
    for block in body.values():
        block.ops = [new for op in block.ops for new in (op, *_followed(em, state, op))]
    em.loc = em.fn.loc
    em.detach(em.new_label("entry"))
    for block_name, buffer in state.entered_by_jump.items():
        following = em.new_label("armed")
        em.branch(em.is_nonzero(fill_buffer(em, buffer)), block_name, following)
        em.start(following)
    em.jump(next(iter(body)))
    added = {name: block for name, block in em.fn.blocks.items() if name not in body}
    em.fn.blocks.clear()
    em.fn.blocks.update(added | body)


def _followed(em: Emitter, state: FunctionState, op: ir.Op) -> list[ir.Op]:
    """After an op that moves the stack: the new stack in each buffer."""
    if not (isinstance(op, ir.Alloca) or (isinstance(op, ir.Intrinsic) and op.name == "stackrestore")):
        return []
    stack = em.reg(PTR)
    ops: list[ir.Op] = [ir.Intrinsic((stack,), "stackpointer", (), op.loc)]
    for buffer in state.entered_by_jump.values():
        place = em.reg(PTR)
        ops.append(ir.PtrAdd(place, buffer, ir.Const(I64, BUFFER_STACK), loc=op.loc))
        ops.append(ir.Store(place, stack, 8, loc=op.loc))
    return ops
