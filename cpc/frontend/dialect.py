"""`Dialect`: what the command line says about the language, besides which words are keywords.

A value that travels with the options; sema and build look at it where C90 and C17 differ, or where gcc has an option.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """`c90`: -std=c90 and the like.  `unsigned_bit_fields`: a plain `int x : 3` has no sign.  `short_enums`: an
    enumeration takes the smallest type.  `pack`: the packing in force from the start, in bytes.  `ms_extensions`:
    `struct s;` inside a struct is a member.  `common`: tentative definitions may meet others in the linker.  `trapv`:
    signed overflow ends the program."""

    c90: bool = False
    unsigned_bit_fields: bool = False
    short_enums: bool = False
    pack: int = 0
    ms_extensions: bool = False
    common: bool = False
    trapv: bool = False


PLAIN = Dialect()  # gnu17
