"""Portable C -> object file or assembly, by another C compiler: `cpc cc --via-c=gcc`.

The compiler is a command with options of its own (`--via-c="clang -fsanitize=address"`); what cpc cc was told about
code, cpc says again in gcc's words.  Overflow is checked when a sanitizer for it is asked for.  Raises CompilerRejects
with the compiler's messages; their places are those of the source that cpc was given, by #line.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cpc.backend.llvm import EmitOptions

HEADERS = Path(__file__).resolve().parents[3] / "runtime" / "include"
_LEVELS = {"fast": "3", "z": "s"}
_PIC = {"pic": "-fPIC", "pie": "-fPIE", "static": "-fno-pic"}


class CompilerRejects(Exception):
    """The compiler failed; `message` is what it said."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def compile_c(text: str, kind: str, command: Sequence[str], level: str, options: EmitOptions) -> bytes:
    """The object ('obj') or the assembly ('asm') that `command` makes of `text`."""
    with tempfile.TemporaryDirectory(prefix="cpc-") as folder:
        source, product = Path(folder, "unit.c"), Path(folder, "product")
        source.write_text(text, encoding="utf-8", errors="surrogateescape")
        mode = "-S" if kind == "asm" else "-c"
        argv = [*command, *arguments(command, level, options), mode, str(source), "-o", str(product)]
        try:
            done = subprocess.run(argv, capture_output=True, check=False)
        except OSError as error:
            raise CompilerRejects(f"cannot run '{command[0]}': {error.strerror}") from None
        if done.returncode != 0:
            raise CompilerRejects(done.stderr.decode("utf-8", "replace").strip() or f"'{command[0]}' failed")
        return product.read_bytes()


def arguments(command: Sequence[str], level: str, options: EmitOptions) -> list[str]:
    """What cpc was told about code, in gcc's words."""
    words = [f"-O{_LEVELS.get(level, level)}", "-w", _PIC[options.pic], "-ffp-contract=off", f"-isystem{HEADERS}"]
    choices = (
        (options.debug, "-g"),
        (options.function_sections, "-ffunction-sections"),
        (options.data_sections, "-fdata-sections"),
        (options.frame_pointer, "-fno-omit-frame-pointer"),
        (not options.builtins, "-ffreestanding"),
        (any(w.startswith("-fsanitize=") and "undefined" in w for w in command), "-DCPC_CHECK_OVERFLOW"),
    )
    return words + [word for wanted, word in choices if wanted]
