"""How many arguments an attribute takes (gcc's numbers): checked before it is read, also of those that mean nothing.

A name that is in neither table takes what it is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpc.frontend.unit import Attribute

if TYPE_CHECKING:
    from cpc.frontend.sema import Sema

_NONE = frozenset(
    """
    always_inline artificial cold common const externally_visible fallthrough flatten force_align_arg_pointer gnu_inline
    hot leaf may_alias maybe_unused ms_abi naked no_instrument_function no_reorder no_stack_protector nocommon noclone
    noinline noipa nonstring noreturn nothrow packed pure retain returns_nonnull returns_twice sysv_abi stack_protect
    transparent_union unused used warn_unused_result weak
    """.split()  # noqa: SIM905  # easier to read than forty quoted words
)
_COUNTS = {
    "alias": (1, 1), "aligned": (0, 1), "alloc_align": (1, 1), "alloc_size": (1, 2), "assume_aligned": (1, 2),
    "cleanup": (1, 1), "constructor": (0, 1), "copy": (1, 1), "deprecated": (0, 1), "destructor": (0, 1),
    "error": (1, 1), "format": (3, 3), "format_arg": (1, 1), "ifunc": (1, 1), "malloc": (0, 2), "mode": (1, 1),
    "nodiscard": (0, 1), "section": (1, 1), "sentinel": (0, 1), "tls_model": (1, 1), "unavailable": (0, 1),
    "vector_size": (1, 1), "visibility": (1, 1), "warning": (1, 1), "weakref": (0, 1),
}  # fmt: skip


def check(sema: Sema, attribute: Attribute) -> bool:
    """Whether the number is right; E0232 where it is not."""
    least, most = (0, 0) if attribute.name in _NONE else _COUNTS.get(attribute.name, (0, len(attribute.args)))
    given = len(attribute.args)
    if least <= given <= most:
        return True
    wanted = str(least) if least == most else f"{least} or {most}" if most == least + 1 else f"{least} to {most}"
    plural = "" if wanted == "1" else "s"
    sema.diags.error(
        "E0232", attribute.loc, f"attribute '{attribute.name}' takes {wanted} argument{plural}, not {given}"
    )
    return False
