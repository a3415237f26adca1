"""`Loc`: a place in a source file.  It has a file of its own because everything needs it, and the representation
(ir/ops.py), where it is at home, takes a tenth of a second to load."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loc:
    """A source position; line 0 means that the compiler made the op.  `scope` is the block of the function that it
    is in (debug_info.py), always 0 without -g; `inlined` is 1 + the index of the call in `Function.inlined` whose body
    it comes from, or 0."""

    file: str = ""
    line: int = 0
    column: int = 0
    scope: int = 0
    inlined: int = 0

    def __reduce__(self) -> tuple[type[Loc], tuple[str, int, int, int, int]]:
        """Facts hold thousands: unpickling by the constructor takes half of the time that a frozen dataclass does."""
        return Loc, (self.file, self.line, self.column, self.scope, self.inlined)


NO_LOC = Loc()
