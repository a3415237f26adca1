"""Linking: the system's linker through `cc`, with the coroutine runtime added when a program uses it.

Whether it does is read from the symbol tables of what is linked: some object needs a name of the runtime (`co_*`,
`qemu_co*`, ...) that none of them defines.

A shared library gets a runtime of its own, so that any program can load it; its symbols stay open to interposition. A
program exports its runtime, also to what it loads by dlopen.  So there is one runtime in a process whose program has
one: the program's, which the dynamic linker finds first.  Rejected: libraries that leave the runtime undefined (a host
that was not linked by cpc could not load them), and a shared libco.so (a file to install beside every program).
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from cpc.diag import Diagnostics
from cpc.elf import Symbols, symbols_of
from cpc.frontend.target import X86_64, Target
from cpc.loc import NO_LOC

_RUNTIME_PREFIXES = ("co_", "qemu_co", "qemu_in_coroutine", "qemu_init_main_loop", "aio_", "iothread_", "loop_")


def link(
    words: Sequence[str],
    output: str,
    diags: Diagnostics,
    target: Target = X86_64,
    *,
    relocatable: bool = False,
    by: Sequence[str] = (),
) -> bool:
    """Runs `cc WORDS -o OUTPUT` (`by`: the command to run instead of cc); the linker's messages become one
    diagnostic."""
    command = link_command(words, output, diags, target, relocatable=relocatable, by=by)
    return command is not None and run_tool(command, "E0006", diags)


def link_command(
    words: Sequence[str],
    output: str,
    diags: Diagnostics,
    target: Target = X86_64,
    *,
    relocatable: bool = False,
    by: Sequence[str] = (),
) -> list[str] | None:
    """The whole command; None when the runtime could not be built."""
    extra: list[str] = []
    if not relocatable and uses_runtime(words):
        from cpc.runtime_library import libraries, runtime_archive  # the compiler, which other links do not need

        shared = "-shared" in words
        archive = runtime_archive(diags, target, shared=shared)
        if archive is None:
            return None
        extra = [str(archive), *libraries(target)]
        if not shared and "-static" not in words:
            extra += [f"-Wl,--export-dynamic-symbol={prefix}*" for prefix in _RUNTIME_PREFIXES]
    return [*(by or [target.cc]), *words, *extra, "-o", output]


def uses_runtime(words: Sequence[str]) -> bool:
    """Whether the objects and archives among `words` need the coroutine runtime."""
    total = Symbols()
    for word in words:
        if not word.startswith("-") and Path(word).suffix in (".o", ".a"):
            found = symbols_of(Path(word))
            total.defined |= found.defined
            total.undefined |= found.undefined
    return any(name.startswith(_RUNTIME_PREFIXES) for name in total.undefined - total.defined)


def run_tool(command: Sequence[str], code: str, diags: Diagnostics) -> bool:
    """Runs a tool of the system; when it fails its messages are one diagnostic."""
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        diags.error(code, NO_LOC, f"cannot run '{command[0]}': {error.strerror}", help="install gcc or clang")
        return False
    messages = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode != 0:
        diags.error(code, NO_LOC, messages or f"'{command[0]}' failed without a message")
    return done.returncode == 0
