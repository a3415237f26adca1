"""tcc's tests/tests2: programs with the output they must have, most of them also in the c-testsuite."""

from __future__ import annotations

from collections.abc import Iterator

from tests.sources import source
from tests.suites.case import Case

# What speaks of tcc alone: its diagnostics, its bounds checker, its own assembler, other machines.
_TCC_ONLY = {
    "60_errors_and_warnings", "73_arm64", "96_nodata_wanted", "98_al_ax_extend", "99_fastcall", "112_backtrace",
    "113_btdll", "114_bound_signal", "115_bound_setjmp", "116_bound_setjmp2", "117_gcc_test", "34_array_assignment",
    "104+_inline", "95_bitfields_ms", "120_alias", "46_grep",
}  # fmt: skip
_ARGUMENTS = {"31_args": ("arg1", "arg2", "arg3", "arg4", "arg5")}
_OPTIONS = {"76_dollars_in_identifiers": ("-fdollars-in-identifiers",), "106_pthread": ("-pthread",)}


def cases() -> Iterator[Case]:
    folder = source("tcc") / "tests/tests2"
    for path in sorted(folder.glob("*_*.c")):
        if path.stem in _TCC_ONLY:
            continue
        sources = [path]
        if path.stem == "104_inline":
            sources.append(folder / "104+_inline.c")
        options = ("-w", "-std=gnu99", *_OPTIONS.get(path.stem, ()))
        yield Case("tcc", path.stem, tuple(sources), options=options, arguments=_ARGUMENTS.get(path.stem, ()))
