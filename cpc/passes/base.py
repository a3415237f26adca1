"""What a pass is, and running a list of them: verify after each, then show the module to the observers.

A pass changes the module in place; `run_passes` raises every function to the phase the pass establishes and
verifies the whole module, always.  A pass that finds C it cannot handle records an error and leaves valid IR; the
passes after it are then not run.  Dumping, timing and interpreting are observers: they look, the passes do not know
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from cpc.diag import Diagnostics
from cpc.ir.ops import Function, Module, Phase
from cpc.ir.verify import verify_module


@dataclass(frozen=True, slots=True)
class Pass:
    """`name` is what --dump-after takes; a pipeline has each once."""

    name: str
    run: Callable[[Module, Diagnostics], None]
    establishes: Phase


Observer = Callable[[Pass, Module], None]


def run_passes(
    module: Module,
    diags: Diagnostics,
    passes: Sequence[Pass],
    observers: Iterable[Observer] = (),
    stop_after: str = "",
) -> bool:
    """Runs `passes` in order; False when one of them recorded an error.  `stop_after` names the last to run."""
    for step in passes:
        step.run(module, diags)
        for fn in module.functions.values():
            fn.phase = step.establishes
        verify_module(module)
        for observe in observers:
            observe(step, module)
        if diags.has_errors:
            return False
        if step.name == stop_after:
            break
    return True


def coroutine_bodies(module: Module) -> Iterator[Function]:
    """The coroutine functions that are defined here, in source order."""
    return (fn for fn in module.functions.values() if fn.color == "coroutine" and not fn.is_declaration)
