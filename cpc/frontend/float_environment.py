"""Does a unit look at the floating-point environment (C11 7.6), so that its arithmetic has effects?

    ""         no: operations may be folded, moved and left out
    "traps"    it calls a function of <fenv.h> that reads or changes exceptions or the rounding mode
    "dynamic"  it says so: `#pragma STDC FENV_ACCESS ON`; then no inexact result is worked out by the compiler either

gcc never moves an operation that raises an exception (-ftrapping-math is its default), and ignores the pragma.  LLVM
does only where it is told to, which costs its optimisations; so the units that cannot tell keep them.
"""

from __future__ import annotations

import re

_ON = re.compile(r"^[ \t]*#[ \t]*pragma[ \t]+STDC[ \t]+FENV_ACCESS[ \t]+ON\b", re.MULTILINE)
_NAMES = (
    "feclearexcept", "feraiseexcept", "fetestexcept", "fesetexcept", "feholdexcept", "feenableexcept",
    "fedisableexcept", "fetestsetexcept", "fesetexceptflag", "fesetround", "fesetenv", "feupdateenv", "_mm_setcsr",
    "_mm_getcsr", "__builtin_ia32_ldmxcsr", "__builtin_ia32_stmxcsr", "fnstsw", "stmxcsr", "ldmxcsr", "fldcw",
)  # fmt: skip
_USED = re.compile(rf"\b(?:{'|'.join(_NAMES)})\b")
_MARKER = re.compile(r'# \d+ "[^"\n]*"([ \d]*)')


def environment_of(text: str, asked: str = "") -> str:
    """What the preprocessed `text` wants; `asked` is what the command line says: one of the above, or "none"."""
    if asked == "dynamic" or ("FENV_ACCESS" in text and _ON.search(text)):
        return "dynamic"
    if asked == "none":
        return ""
    return "traps" if asked or _is_used(text) else ""


def _is_used(text: str) -> bool:
    """Names are looked for first, as most units have none, and the expression takes ten times longer."""
    if not any(name in text for name in _NAMES):
        return False
    return any(not _in_header(text, found.start()) for found in _USED.finditer(text))


def _in_header(text: str, at: int) -> bool:
    """Whether a place belongs to a system header: the flags of the line marker before it have a 3."""
    marker = _MARKER.match(text, text.rfind("\n# ", 0, at) + 1)
    return marker is not None and "3" in marker[1].split()
