"""Code generation of modules with inline assembly, in a child process.

LLVM checks the text of an asm statement only while it emits code, and answers a fault by ending the process.  So such
a module is emitted by a child: when it dies, its last words become AssemblerRejects.  Modules without asm, that is
nearly all, do not pay for it.  The child only computes and leaves by `_exit`: nothing of the parent is run twice.
"""

from __future__ import annotations

import os
import re
import tempfile
from typing import IO

from cpc.backend.objfile import CodeOptions, generate
from cpc.ir.errors import IRError
from cpc.ir.ops import Asm, AsmGoto, Loc, Module


class AssemblerRejects(Exception):
    """LLVM refused the text of an asm; `line` is the text of the line, when LLVM quotes it."""

    def __init__(self, message: str, line: str) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def uses_asm(module: Module) -> bool:
    return bool(module.asm or _asm_ops(module))


def generate_guarded(text: str, kind: str, options: CodeOptions) -> bytes:
    """As objfile.generate; raises AssemblerRejects as well."""
    with tempfile.TemporaryFile() as product, tempfile.TemporaryFile() as words:
        child = os.fork()
        if child == 0:
            _work(text, kind, options, product, words)
        _, status = os.waitpid(child, 0)
        product.seek(0)
        words.seek(0)
        message = words.read().decode("utf-8", "replace")
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
            return product.read()
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == _FAULT_OF_CPC:
            raise IRError(message)
        raise _rejection(message)


_FAULT_OF_CPC = 3


def _work(text: str, kind: str, options: CodeOptions, product: IO[bytes], words: IO[bytes]) -> None:
    """The child: never returns."""
    status = 1
    try:
        os.dup2(words.fileno(), 2)
        product.write(generate(text, kind, options))
        product.flush()
        status = 0
    except IRError as error:
        os.write(2, str(error).encode("utf-8", "replace"))
        status = _FAULT_OF_CPC
    finally:
        os._exit(status)


def _rejection(message: str) -> AssemblerRejects:
    """LLVM says `error: <inline asm>:LINE:COLUMN: what`, then the line and a caret."""
    found = re.search(r"error: (?:<inline asm>:\d+:\d+: )?(.*)(?:\n(.*))?", message)
    if found is None:
        return AssemblerRejects(message.strip() or "the code generator died", "")
    return AssemblerRejects(found.group(1), (found.group(2) or "").strip())


def place_of(line: str, module: Module) -> Loc | None:
    """Where the asm that holds `line` stands; None when that is not known."""
    wanted = line.split()[:1]
    ops = list(_asm_ops(module))
    matching = [op for op in ops if wanted and wanted[0] in op.template]
    if not matching and len(ops) == 1 and not module.asm:
        matching = ops
    return matching[0].loc if matching else None


def _asm_ops(module: Module) -> list[Asm | AsmGoto]:
    blocks = (block for fn in module.functions.values() for block in fn.blocks.values())
    return [op for block in blocks for op in (*block.ops, block.term) if isinstance(op, Asm | AsmGoto)]
