"""Asm text that LLVM's assembler does not know goes to the system's, as with gcc.

    asm("frobnicate %0" : : "r"(x));    in what LLVM reads:     asm "#cpc-asm: frobnicate $0", "r"
                                        in the assembly text:   frobnicate %edi

LLVM parses the text of an asm even where it only prints assembly.  So each line becomes a comment, in which LLVM
replaces the operands and which it prints as it is; what marks the comment is taken away again.  Only for code of the
machine's own target; the other way out of the same fault is clang_objects.py.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cpc.backend.guarded import AssemblerRejects, generate_guarded
from cpc.backend.objfile import CodeOptions
from cpc.ir.ops import Asm, AsmGoto, Module

_MARK = "#cpc-asm: "


def assembly_text(module: Module, emit: Callable[[Module], str], options: CodeOptions) -> bytes:
    """Assembly of `module`, whose asm texts are marked for it; `emit` makes LLVM's text.  Raises AssemblerRejects for
    what is not a matter of the text, such as constraints."""
    _mark(module)
    printed = generate_guarded(emit(module), "asm", options)
    return printed.replace(_MARK.encode(), b"")


def object_code(text: bytes) -> bytes | None:
    """What the system's assembler makes of it; None when it refuses, or is not there."""
    with tempfile.TemporaryDirectory(prefix="cpc-") as folder:
        source, product = Path(folder, "unit.s"), Path(folder, "unit.o")
        source.write_bytes(text)
        try:
            done = subprocess.run(["as", str(source), "-o", str(product)], capture_output=True, check=False)
        except OSError:
            return None
        return product.read_bytes() if done.returncode == 0 else None


def generate(module: Module, emit: Callable[[Module], str], kind: str, options: CodeOptions) -> bytes | None:
    """`module` as 'asm' or 'obj', past LLVM's assembler; None when that does not help."""
    if kind not in ("asm", "obj"):
        return None
    try:
        text = assembly_text(module, emit, options)
    except AssemblerRejects:
        return None
    return text if kind == "asm" else object_code(text)


def _mark(module: Module) -> None:
    module.asm = [_marked(text) for text in module.asm]
    for fn in module.functions.values():
        for block in fn.blocks.values():
            block.ops = [replace(op, template=_marked(op.template)) if isinstance(op, Asm) else op for op in block.ops]
            if isinstance(block.term, AsmGoto):
                block.term = replace(block.term, template=_marked(block.term.template))


def _marked(text: str) -> str:
    return "\n".join(_MARK + line if line.strip() else line for line in text.split("\n"))
