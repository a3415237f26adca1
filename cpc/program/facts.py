"""The facts of one translation unit: the interface between what reads C and everything that asks about programs.

    source --collect.py--> UnitFacts (one a unit; plain data, pickled in the cache) --program.py--> Program
                                                                                          |
                                       rules (cpc/program/rules), --fix, --infer, queries, graphs, language server

Facts say what the text says, never what follows from other units: whether a call suspends is for the Program to know.

Names.  A *function id* is the C name of a function with external linkage, or `FILE:NAME` for one of internal linkage,
FILE being the file that declares it; so a static inline function of a header is one function in all units.
A *slot* is a place that holds pointers to functions, by name and not by instance:

    member BlockDriver.bdrv_co_flush    a member of struct BlockDriver (its typedef or place when it has no tag)
    variable ID                         a variable at file scope, or an array of pointers; ID as for functions
    local FUNCTION NAME                 a variable in a function
    parameter FUNCTION INDEX            a parameter; FUNCTION may be a slot, for a call through that
    result FUNCTION                     what it returns; FUNCTION may be a slot
    target SLOT                         what a pointer to pointers points to
    typedef FILE:NAME                   no place, but the annotation of all places that are declared by this type

Colors are the annotations as they are spelled: '' (none), 'coroutine_fn', 'no_coroutine_fn', 'coroutine_mixed_fn'.
Guards say where control is: 'coroutine' where qemu_in_coroutine() is known to hold, 'plain' where it is known not
to, '' where nothing is known.

Rejected: facts from the IR of the compiler.  Building it takes ten times as long, since it needs every declaration of
every header that a unit names, and its slots have lost their names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from cpc.diag import Diagnostic
from cpc.loc import NO_LOC, Loc

COROUTINE, BLOCKING, MIXED = "coroutine_fn", "no_coroutine_fn", "coroutine_mixed_fn"
COLORS = (COROUTINE, BLOCKING, MIXED)

FACTS_VERSION = 9  # of the pickled form


class Parameter(NamedTuple):
    """One that is declared as a pointer to a function, with its annotation; `name` is '' where it has none."""

    number: int
    name: str
    color: str
    loc: Loc


@dataclass(frozen=True, slots=True)
class Declaration:
    """One declaration of a function.  `loc` is that of its name; `start` is where its text begins; `type`: the id of
    the typedef that it is made with, which has its annotation (`Handler on_read;`)."""

    loc: Loc
    color: str
    defined: bool
    start: Loc = NO_LOC
    type: str = ""
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for pointers to functions; `color` is that of its declared type, `words` names it in messages.  `type` is
    the id of the typedef that has the annotation, or would have it; '' where it stands in the declaration itself."""

    id: str
    color: str
    loc: Loc
    words: str
    type: str = ""


class Source(NamedTuple):
    """Where the value of a pointer comes from: a function (`kind` 'function') or a slot.  `cast`: an explicit cast to
    another type is in between."""

    kind: str
    id: str
    cast: bool = False


class Flow(NamedTuple):
    """A pointer to a function gets into `slot`.  how: 'assignment', 'initialiser', 'argument', 'return'.  `typed` is
    False where the slot is no pointer to a function (void *), so that its color says nothing."""

    slot: str
    source: Source
    how: str
    loc: Loc
    function: str = ""  # the id of the function it is written in, '' at file scope
    typed: bool = True


class Call(NamedTuple):
    """A call in a function.  Exactly one of `callee` (a function id) and `slot` is set; both are '' for a call of what
    cannot be named, and then `color` is all that is known of it.  `args` are the arguments as text, '' where
    they are not simple; `used`: the result is; `hidden`: made by the cleanup attribute.  `when`: the call is made only
    where these parameters of the function are true ('2'), or false ('!2').  `ends`: behind it the process ends (abort,
    exit), on every way."""

    callee: str
    slot: str
    loc: Loc
    guard: str = ""
    used: bool = True
    args: tuple[str, ...] = ()
    color: str = ""  # of the pointer's type, for calls through pointers
    hidden: bool = False
    when: tuple[str, ...] = ()
    ends: bool = False


class Event(NamedTuple):
    """Something that a function does, in order of evaluation.  kind and what:

    call        the number of the call in `FunctionFacts.calls`
    read        an object reached through a pointer or global: 's->in_flight', 'bs->drv.x'; also its address ('address')
    write       the same, changed
    set         'v = s->in_flight s->flags': local v was set from these objects (the part behind ' = ' may be empty);
                '&t' is the address of a thread-local variable
    use         a local variable that some `set` names is read
    test        the same as read, in a condition
    held        'v = Record.member s->member': local v was set from this pointer of an object, or points into its memory
    tested      'Record.member s->member': a condition asks whether this pointer is null
    point       'v = x:12': v, a local variable or a path, is the address of x, an object of a block of the
                function, declared in line 12 (':12:5': a compound literal), or what is said in parentheses;
                'v = ' is anything else, for a path
    end         'x:12': control leaves the block
    through     the object that local v points to is accessed by an index
    known       'v:0+': what holds in the block of the sign of a local variable that is written once (signs.py)"""

    kind: str
    what: int | str
    line: int
    column: int


class Change(NamedTuple):
    """A pointer is changed in the object that `path` leads to: `member` is 'Record.member', 'Record.member[]' for one
    of an array, or the id of a global.  how: 'write', 'null' where it becomes null, or 'free' where what it points
    to is freed.  Objects that the function made itself do not count."""

    member: str
    path: str
    how: str
    line: int
    column: int


class Block(NamedTuple):
    """A straight piece of a function: its events, then control goes to one of `successors` (numbers of blocks)."""

    events: tuple[Event, ...]
    successors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FunctionFacts:
    """A function defined in the unit.  `blocks[0]` is the entry; a block without successors returns or never ends.
    `returning` are the blocks that return."""

    id: str
    name: str
    loc: Loc
    color: str
    internal: bool
    inline: bool
    calls: tuple[Call, ...] = ()
    blocks: tuple[Block, ...] = ()
    returning: frozenset[int] = frozenset()
    result: str = "void"  # the type as text, for what is said about unused results
    statics: frozenset[str] = frozenset()  # local variables that are static
    thread_locals: frozenset[str] = frozenset()  # names in the paths of events that are thread-local
    changes: tuple[Change, ...] = ()
    records: frozenset[str] = frozenset()  # the tags of structures that are variables of it
    asserted: bool = False  # it returns only where qemu_in_coroutine() holds


@dataclass(slots=True)
class UnitFacts:
    """All that is known of one unit.  `faults`: errors of the text, with which the rest may be incomplete."""

    source: str
    functions: list[FunctionFacts] = field(default_factory=list)
    declarations: dict[str, list[Declaration]] = field(default_factory=dict)  # of functions named here, by id
    slots: dict[str, Slot] = field(default_factory=dict)  # declared ones that are mentioned
    flows: list[Flow] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)  # alias -> target, ids
    noreturn: set[str] = field(default_factory=set)  # function ids
    must_check: set[str] = field(default_factory=set)  # warn_unused_result
    faults: list[Diagnostic] = field(default_factory=list)
