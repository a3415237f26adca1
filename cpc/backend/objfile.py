"""LLVM IR text -> optimised module -> object file or assembly, by llvmlite.binding.

Requires: text as llvm.py prints it.  LLVM never sees a user's error: what it rejects is a fault of cpc, raised as
BackendError with LLVM's message, the function concerned and its text.  By default code is for plain x86-64, so that it
runs on every machine and emulator, and in the small code model.  Objects are linked, never run in a JIT: thread-local
variables abort LLVM's.

Rejected: one context for all modules (it only grows, and is not safe when units compile in parallel threads).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import llvmlite.binding as llvm

from cpc.backend.llvm import X86_64
from cpc.ir.errors import IRError

PLAIN_CPU = "x86-64"
LEVELS = {"0": (0, 0), "1": (1, 0), "2": (2, 0), "3": (3, 0), "s": (2, 1), "z": (2, 2), "g": (1, 0), "fast": (3, 0)}


class BackendError(IRError):
    """A module that LLVM rejects: `step` is 'parse', 'verify' or 'emit', `dump` the LLVM text of `function`."""

    def __init__(self, step: str, message: str, function: str, dump: str) -> None:
        place = f", function '{function}'" if function else ""
        super().__init__(message, f"LLVM rejects the module in step '{step}'{place}", dump)
        self.step = step
        self.function = function


@dataclass(frozen=True, slots=True)
class CodeOptions:
    """`level` is what follows -O; `pic` as in EmitOptions."""

    level: str = "2"
    pic: str = "pie"
    cpu: str = PLAIN_CPU
    features: str = ""
    triple: str = X86_64


def generate(text: str, kind: str, options: CodeOptions | None = None) -> bytes:
    """`text` as 'obj', 'asm', 'llvm' (optimised text) or 'bitcode'."""
    work = _Compilation(text, options or CodeOptions())
    # Closed here, the module first: left to the collector, which may find both in one cycle (an exception's traceback
    # makes one), the context would sometimes go first and the process crash.
    with llvm.create_context() as context, work.parsed(context) as module:
        work.optimise(module)
        match kind:
            case "llvm":
                return str(module).encode("utf-8", "surrogateescape")
            case "bitcode":
                return bytes(module.as_bitcode())
        return work.emit(module, assembly=kind == "asm")


def llvm_version() -> str:
    return ".".join(str(part) for part in llvm.llvm_version_info)


def can_assemble(triple: str) -> bool:
    """Whether inline assembly can be generated: llvmlite has the native assembly parser only."""
    return triple == X86_64


@cache
def _initialise(triple: str) -> None:
    """Makes LLVM know one target: all targets take ten times as long as the machine's own."""
    if triple == X86_64:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        llvm.initialize_native_asmparser()
    else:
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()


class _Compilation:
    def __init__(self, text: str, options: CodeOptions) -> None:
        _initialise(options.triple)
        self.text = text
        speed, self.size = LEVELS[options.level]
        self.speed = speed
        reloc = "static" if options.pic == "static" else "pic"
        target = llvm.Target.from_triple(options.triple)
        cpu = llvm.get_host_cpu_name() if options.cpu == "native" else options.cpu
        self.machine = target.create_target_machine(
            cpu=cpu, features=options.features, opt=speed, reloc=reloc, codemodel="default"
        )

    def emit(self, module: llvm.ModuleRef, assembly: bool) -> bytes:
        try:
            if assembly:
                return str(self.machine.emit_assembly(module)).encode("utf-8", "surrogateescape")
            return bytes(self.machine.emit_object(module))
        except RuntimeError as error:
            raise self._error("emit", str(error)) from None

    def optimise(self, module: llvm.ModuleRef) -> None:
        tuning = llvm.create_pipeline_tuning_options(speed_level=self.speed)
        tuning.loop_vectorization = self.speed >= 2 and not self.size
        tuning.slp_vectorization = self.speed >= 2 and not self.size
        if self.size:
            tuning.inlining_threshold = 75 if self.size == 1 else 25
        builder = llvm.create_pass_builder(self.machine, tuning)
        builder.getModulePassManager().run(module, builder)

    def parsed(self, context: llvm.ContextRef) -> llvm.ModuleRef:
        try:
            module = llvm.parse_assembly(self.text, context)
        except RuntimeError as error:
            raise self._error("parse", str(error)) from None
        try:
            module.verify()
        except RuntimeError as error:
            module.close()
            raise self._error("verify", str(error)) from None
        return module

    def _error(self, step: str, message: str) -> BackendError:
        """Finds the function that LLVM's message is about: by its line when it names one, else by the instruction
        it quotes."""
        lines = self.text.split("\n")
        at = -1
        if place := re.search(r"<string>:(\d+):\d+", message):
            at = int(place[1]) - 1
        else:
            quoted = [line.strip() for line in message.split("\n")[1:] if line.startswith("  ")]
            at = next((i for i, line in enumerate(lines) if quoted and line.strip().startswith(quoted[0])), -1)
        if not 0 <= at < len(lines):
            return BackendError(step, message, "", "")
        first = next((i for i in range(at, -1, -1) if lines[i].startswith("define ")), -1)
        if first < 0:
            return BackendError(step, message, "", lines[at])
        last = next((i for i in range(first, len(lines)) if lines[i] == "}"), len(lines) - 1)
        match = re.search(r'@("(?:[^"]*)"|[-\w.$]+)\(', lines[first])
        return BackendError(step, message, match[1] if match else "", "\n".join(lines[first : last + 1]))
