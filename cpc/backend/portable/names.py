"""Identifiers of C for the names of a module.

An assembler name that is an identifier stays as it is, so that the C reads like its source; any other (`f.resume`,
`int`, names that the portable header uses) gets an identifier near it and an asm label.  `main` gets one too: compilers
want its type to be what the standard says.  Registers and locals have names that no global of the module has, so
nothing is ever shadowed.  The same module always gets the same names.
"""

from __future__ import annotations

import re

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*\Z", re.ASCII)
_OTHER = re.compile(r"\W+", re.ASCII)
_KEYWORDS = frozenset(
    """
auto break case char const continue default do double else enum extern float for goto if inline int long register
restrict return short signed sizeof static struct switch typedef union unsigned void volatile while _Alignas _Alignof
_Atomic _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert _Thread_local asm typeof typeof_unqual bool true
false nullptr constexpr thread_local alignas alignof static_assert main linux unix
""".split()  # noqa: SIM905
)
_RESERVED = re.compile(
    r"cpc_|CPC_|__(?:builtin|atomic|sync|asm|attribute|typeof|inline|thread|int128|float128)|u?int\w*_t\Z"
)


def _sanitised(name: str) -> str:
    plain = _OTHER.sub("_", name).strip("_") or "x"
    return f"x{plain}" if plain[0].isdigit() else plain


def usable(name: str) -> bool:
    """Whether an assembler name can be written as it is."""
    return bool(_IDENTIFIER.match(name)) and name not in _KEYWORDS and not _RESERVED.match(name)


class Scope:
    """Distinct identifiers: those of the module, or, with `outer`, those of one function beside them."""

    def __init__(self, outer: Scope | None = None) -> None:
        self._taken: set[str] = set() if outer is None else outer._taken
        self._own: set[str] = set()
        self._next: dict[str, int] = {}

    def reserve(self, name: str) -> str:
        self._own.add(name)
        return name

    def fresh(self, wanted: str) -> str:
        """An identifier like `wanted` that nothing else has."""
        stem = _sanitised(wanted)
        name, number = stem, self._next.get(stem, 1)
        while not usable(name) or name in self._own or name in self._taken:
            number += 1
            name = f"{stem}_{number}"
        self._next[stem] = number
        return self.reserve(name)

    def close(self) -> None:
        """From here on functions see what was reserved as taken."""
        self._taken |= self._own


def string(data: bytes) -> str:
    """A string literal with exactly these bytes."""
    return '"' + "".join(_CHARS[b] for b in data).replace("??", '?""?') + '"'


def symbol(name: str) -> str:
    """An assembler name as a string literal.  Letters beyond ASCII stand as they are: gcc takes no escapes there."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _char(b: int) -> str:
    named = {0x0A: "\\n", 0x09: "\\t", 0x22: '\\"', 0x5C: "\\\\"}
    return named.get(b) or (chr(b) if 0x20 <= b < 0x7F else f"\\{b:03o}")


_CHARS = [_char(b) for b in range(256)]
