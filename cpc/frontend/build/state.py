"""The data that statements share while one function is built: variables, pending cleanups, jump targets, labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cpc.frontend.build.convention import Lowered
from cpc.frontend.build.emitter import Emitter
from cpc.frontend.build.values import Place
from cpc.frontend.c_types import QType
from cpc.frontend.symbols import Symbol
from cpc.ir import ops as ir


@dataclass(slots=True)
class Variable:
    """Where an automatic object of the function `owner` is: at `addr`, or (`indirect`) at the address stored there (a
    VLA)."""

    addr: ir.Operand
    indirect: bool = False
    owner: FunctionState | None = None


@dataclass(eq=False, slots=True)
class Cleanup:
    """What leaving a block must do: call `function` with `place`'s address, restore the stack saved at `stack`, or say
    that the variable `end` is dead now."""

    function: Symbol | None = None
    place: Place | None = None
    armed: bool = True  # False while the variable is initialised
    stack: ir.LocalAddr | None = None
    end: ir.LocalAddr | None = None


@dataclass(eq=False, slots=True)
class Barrier:
    """What no jump may lead into from outside: the scope of a variably modified type, a statement expression."""

    inside: str


@dataclass(slots=True)
class Jumps:
    """Where `break` and `continue` go, and how many cleanups were pending there.  A switch has no continue."""

    break_to: str
    continue_to: str | None
    depth: int


@dataclass(slots=True)
class SwitchCases:
    """The switch statement being built: its promoted type, and what its `case` labels added."""

    type: QType
    depth: int  # how many barriers there are around the switch
    ranges: list[tuple[int, int, str]] = field(default_factory=list)  # first, last, label
    default: str | None = None
    places: list[tuple[int, int, ir.Loc]] = field(default_factory=list)  # first, last, and where it is written
    last: Any = None  # the statement that ended last
    falling: Any = None  # a statement that falls into the labels of the one that comes next


class Goto(NamedTuple):
    """A goto that came before its label: the block that it jumped to, and what was around it."""

    block: str
    scopes: tuple[Cleanup, ...]
    barriers: tuple[Barrier, ...]
    node: Any


@dataclass(slots=True)
class Label:
    """A C label: its block, and the cleanups pending where it stands (None before it was met)."""

    block: str
    loc: ir.Loc
    scopes: tuple[Cleanup, ...] | None = None
    barriers: tuple[Barrier, ...] = ()
    used: bool = False
    silent: bool = False  # attribute unused
    forward: list[Goto] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LocalLabel:
    """A name that `__label__` gives to the block at `depth`, and the label that it hides there."""

    name: str
    depth: int
    outer: Label | None


@dataclass(slots=True)
class Chain:
    """What nested functions use of the function around them (nested.py): the local that holds the addresses, and the
    offset in it of each thing."""

    local: ir.LocalAddr
    slots: dict[Any, int] = field(default_factory=dict)


@dataclass(slots=True)
class FunctionState:
    """What is known only inside a function body."""

    symbol: Symbol
    lowered: Lowered
    result: QType
    em: Emitter
    body: Any = None  # its syntax tree
    sret: ir.Operand | None = None
    in_coroutine: bool | None = None  # of a version of a mixed function: which
    arguments: ir.Operand | None = None  # of a variadic coroutine function: the block with the unnamed ones
    last_param: Symbol | None = None
    jumps: list[Jumps] = field(default_factory=list)
    switches: list[SwitchCases] = field(default_factory=list)
    cleanups: list[Cleanup] = field(default_factory=list)
    barriers: list[Barrier] = field(default_factory=list)  # around what is built
    unwinding: list[Cleanup] | None = None  # those that an exception runs, where not all: while others run
    depth: int = 0  # of nested blocks; the function's outermost block is 0
    labels: dict[str, Label] = field(default_factory=dict)
    local_labels: list[LocalLabel] = field(default_factory=list)
    address_taken: list[str] = field(default_factory=list)  # blocks, in order of first `&&`
    falls_off: str = ""  # the block that the closing brace ends without a value, if any
    own_values: set[str] = field(default_factory=set)  # locals initialised with themselves: `int x = x;`
    vla_lengths: dict[int, ir.LocalAddr] = field(default_factory=dict)  # by id of the length expression
    kept_stacks: set[str] = field(default_factory=set)  # locals with the stack before a VLA that is not given back
    text_lengths: dict[str, int | None] = field(default_factory=dict)  # text_variables.py, by name
    outer: FunctionState | None = None  # of a nested function: the function around it
    static_chain: ir.Reg | None = None  # and its chain
    chain: Chain | None = None
    nested: list[Symbol] = field(default_factory=list)
    entered_by_jump: dict[str, ir.LocalAddr] = field(default_factory=dict)  # nonlocal_goto.py: a buffer for each block

    @property
    def is_coroutine(self) -> bool:
        return self.em.fn.color == "coroutine"
