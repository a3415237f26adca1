"""What a pass is, and running a list of them: verify after each, then show the module to the observers.

A pass changes the module in place; `run_passes` raises every function to the phase the pass establishes and verifies,
always: the whole module before the first pass and after the last, and in between the coroutine functions, which are
all that a pass may change (verifying a large plain module seven times would take longer than compiling it).  A pass
that finds C it cannot handle records an error and leaves valid IR; the passes after it are then not run.  Dumping,
timing and interpreting are observers: they look, the passes do not know them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from cpc.diag import Diagnostics
from cpc.ir.ops import Function, Module, Phase
from cpc.ir.verify import verify_function, verify_module


@dataclass(frozen=True, slots=True)
class Pass:
    """`name` is what --dump-after takes; a pipeline has each once."""

    name: str
    run: Callable[[Module, Diagnostics], None]
    establishes: Phase
    optimises: bool = False  # not needed, and left out of code that is for debuggers (-O0)


Observer = Callable[[Pass, Module], None]


def run_passes(
    module: Module,
    diags: Diagnostics,
    passes: Sequence[Pass],
    observers: Iterable[Observer] = (),
    stop_after: str = "",
) -> bool:
    """Runs `passes` in order; False when one of them recorded an error.  `stop_after` names the last to run."""
    verify_module(module)
    changes = any(fn.color != "plain" for fn in module.functions.values())
    for step in passes:
        step.run(module, diags)
        for fn in module.functions.values():
            fn.phase = step.establishes
        _verify_changed(module)
        for observe in observers:
            observe(step, module)
        if diags.has_errors:
            return False
        if step.name == stop_after:
            break
    if changes:
        _verify_plain(module)  # the others were verified behind the last pass
    return True


def _verify_changed(module: Module) -> None:
    names = {*module.functions, *module.globals, *module.aliases}
    for fn in module.functions.values():
        if fn.color != "plain":
            verify_function(fn, names)


def _verify_plain(module: Module) -> None:
    names = {*module.functions, *module.globals, *module.aliases}
    for fn in module.functions.values():
        if fn.color == "plain":
            verify_function(fn, names)


def coroutine_bodies(module: Module) -> Iterator[Function]:
    """The coroutine functions that are defined here, in source order."""
    return (fn for fn in module.functions.values() if fn.color == "coroutine" and not fn.is_declaration)
