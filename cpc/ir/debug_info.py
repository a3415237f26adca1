"""What debuggers are told of the source program (-g): types and variables, as the IR carries them.

Without -g none of this exists: `Module.types` is empty and the `debug` fields are None.  With -g the front end fills
it in (frontend/build/debug.py), passes that move variables keep it true (spill's boxes and split's halves, in
passes/variables.py), and backend/debug.py writes it as LLVM's metadata.  Nothing else looks at it, and it never
changes code.

* A type is a number, its index in `Module.types`; VOID is no type at all, as in `void *`.
* Scope 0 of a function is the function itself; scope n is `scopes[n - 1]`, a block that declares variables.  The
  position of an op (`Loc.scope`) says which block it is in.

Rejected: the front end's own types in the IR (they hold syntax trees, and would tie the IR to C's front end).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cpc.ir.ops import NO_LOC, Loc, LocalAddr, Reg

VOID = -1

# kind: what `of` is, and which other fields count.
KINDS = {
    "base": "nothing; name, size, encoding",
    "pointer": "the target",
    "const": "what is qualified",
    "volatile": "what is qualified",
    "restrict": "what is qualified",
    "atomic": "what is qualified",
    "typedef": "what is named; name",
    "array": "the element; count, -1 when it is not known; or length, for a variable one",
    "vector": "the lane; size, count",
    "struct": "nothing; name, size, members",
    "union": "nothing; name, size, members",
    "declared_struct": "nothing: it is incomplete; name",
    "declared_union": "nothing: it is incomplete; name",
    "enum": "the integer type; name, members (value)",
    "function": "the result; members are the parameters, a last one of type VOID stands for `...` or `()`",
}


@dataclass(frozen=True, slots=True)
class DebugMember:
    """A member of a struct or union: `value` is its offset in bits, `bits` its width when it is a bit-field.  Or an
    enumerator and its value; or a parameter, of which only the type counts."""

    name: str = ""
    type: int = VOID
    value: int = 0
    bits: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class DebugType:
    """One type; KINDS says which fields count.  `encoding`: signed unsigned signed_char unsigned_char boolean float
    complex_float complex_int.  `length` is the local of the declaring function that holds a VLA's length."""

    kind: str
    name: str = ""
    of: int = VOID
    size: int = 0
    encoding: str = ""
    count: int = -1
    length: str = ""
    members: tuple[DebugMember, ...] = ()
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class DebugScope:
    """A block with variables of its own; `parent` is the scope around it."""

    parent: int
    loc: Loc


@dataclass(frozen=True, slots=True)
class DebugVariable:
    """A variable is the bytes at `home` (a local, or the memory a register points to) plus `offset`; `indirect`: the
    address of the variable is stored there (a VLA).  Without a home it exists, but its value is not to be had.
    `arg` numbers parameters from 1."""

    name: str
    type: int
    home: LocalAddr | Reg | None
    offset: int = 0
    indirect: bool = False
    arg: int = 0
    scope: int = 0
    loc: Loc = NO_LOC


@dataclass(slots=True)
class DebugFunction:
    """The function's name in C and its type; its blocks and variables."""

    name: str
    type: int
    scopes: list[DebugScope] = field(default_factory=list)
    variables: list[DebugVariable] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DebugGlobal:
    """A global's name in C and its type; `function` is the assembler name of the function that a static variable was
    declared in, '' when it is known in the whole file."""

    name: str
    type: int
    function: str = ""
