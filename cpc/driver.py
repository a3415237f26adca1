"""The life of one compilation, on one screen: `compile_file`.

    preprocess -> parse -> build -> lints -> passes -> LLVM text -> object
                                                    -> portable C (-> object, by another compiler)

Each step either gives the next its input or has recorded why not.  Observers look at the module between passes
(--dump-after, --time-passes); the steps do not know them.  Linking is in link.py, many files at once in project.py.

A fault of cpc itself (IRError: the verifier or LLVM refused what a step made) is reported as E0007 with the pass and
the function, never as a traceback.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from cpc import clean_headers
from cpc.backend import general_registers, objfile, strict_float, verbatim_asm
from cpc.backend.clang_objects import generate_by_clang
from cpc.backend.guarded import AssemblerRejects, generate_guarded, place_of, uses_asm
from cpc.backend.llvm import emit_module
from cpc.backend.portable.compiler import CompilerRejects, compile_c
from cpc.backend.portable.errors import NotPortable
from cpc.backend.portable.unit import PortableOptions, emit_c
from cpc.deep import run_deep
from cpc.diag import Abort, Diagnostics
from cpc.frontend.build.unit import build_unit
from cpc.frontend.columns import in_source
from cpc.frontend.float_environment import environment_of
from cpc.frontend.gnu_parser import parse_unit
from cpc.frontend.included import Headers
from cpc.frontend.needed import needed_text
from cpc.frontend.preprocess import preprocess
from cpc.ir.errors import IRError
from cpc.ir.ops import Loc, Module
from cpc.ir.printer import print_function, print_module
from cpc.lints import run_lints
from cpc.options import Dumps, Options
from cpc.passes import PIPELINE, Pass, run_passes
from cpc.warnings.policy import settle_all

_DOUBTED = ("W0230",)  # an implicit declaration: of a short text the whole one is asked
KINDS = ("obj", "asm", "llvm", "bitcode", "ir", "c")

__all__ = ["KINDS", "Dumps", "Options", "build_module", "compile_file", "compile_text", "reporting_internal_errors"]


def compile_file(source: str, kind: str, options: Options, diags: Diagnostics) -> bytes | None:
    """Compiles the C file `source` to `kind` (KINDS); None when there were errors, which are in `diags`."""

    def work() -> bytes | None:
        text = preprocess(source, options.preprocessor, diags)
        return None if text is None else compile_text(text, source, kind, options, diags)

    return run_deep(work)


def check_file(source: str, options: Options, diags: Diagnostics) -> None:
    """Only what can be said about the C file `source`: nothing is compiled."""

    def work() -> None:
        text = preprocess(source, options.preprocessor, diags)
        with reporting_internal_errors(source, diags):
            if text is not None:
                build_module(text, source, options, diags)

    run_deep(work)


def compile_text(text: str, source: str, kind: str, options: Options, diags: Diagnostics) -> bytes | None:
    """As compile_file, from preprocessed text."""
    watch = Stopwatch(options.dumps)
    with reporting_internal_errors(source, diags):
        module = build_module(text, source, options, diags, watch)
        if module is None or not lower(module, options, diags, watch):
            return None
        if kind == "ir" or options.dumps.stop_after:
            return print_module(module).encode("utf-8", "surrogateescape")
        if kind == "c" or options.via_c:
            return _portable(module, kind, options, diags, watch)
        llvm = emit_module(module, options.emit_options())
        watch.step("llvm")
        data = _generate(module, llvm, kind, options, diags)
        watch.step("object")
        return data
    return None


def _portable(module: Module, kind: str, options: Options, diags: Diagnostics, watch: Stopwatch) -> bytes | None:
    """The module as C, or what the compiler of `via_c` makes of that."""
    try:
        text = emit_c(module, PortableOptions(options.target.calls))
        watch.step("c")
        if kind == "c":
            return text.encode("utf-8", "surrogateescape")
        command = (*options.via_c, *(("-frounding-math",) if strict_float.is_in(module) else ()))
        data = compile_c(text, kind, command, options.level, options.emit_options())
        watch.step("object")
        return data
    except NotPortable as fault:
        diags.error("E0331", fault.loc if fault.loc.file else Loc(module.name), fault.message)
    except CompilerRejects as fault:
        diags.error("E0009", Loc(module.name), fault.message)
    return None


def _generate(module: Module, llvm: str, kind: str, options: Options, diags: Diagnostics) -> bytes | None:
    if not uses_asm(module):
        return objfile.generate(llvm, kind, options.code_options())
    try:
        generator = generate_guarded if objfile.can_assemble(options.target.triple) else generate_by_clang
        return generator(llvm, kind, options.code_options())
    except AssemblerRejects as fault:
        if objfile.can_assemble(options.target.triple):
            emit = partial(emit_module, options=options.emit_options())
            if (data := verbatim_asm.generate(module, emit, kind, options.code_options())) is not None:
                return data
        place = place_of(fault.line, module) or Loc(module.name)
        diags.error("E0008", place, f"the assembler rejects this asm: {fault.message}")
        return None


def build_module(
    text: str, source: str, options: Options, diags: Diagnostics, watch: Stopwatch | None = None
) -> Module | None:
    """The front end and the lints: a module in Phase.BUILT, or None when there were errors.  What headers declare and
    nothing uses is left out once it was found free of faults; the whole text is the judge of a unit with errors."""
    watch = watch or Stopwatch(Dumps())
    headers = Headers() if options.whole_headers else clean_headers.read_headers(text, options)
    known = clean_headers.known_end(headers)
    short = needed_text(text, headers, known) if known else None
    watch.step("select")
    module, found = None, Diagnostics()
    if short is not None:
        module = _build_module(short, source, options, found, watch)
    if module is None or any(item.code in _DOUBTED for item in found.items):
        found = Diagnostics()
        module = _build_module(text, source, options, found, watch)
    diags.extend(in_source(found.items, text, source))
    if module is not None:
        clean_headers.remember(headers, text, found.items, known)
        watch.step("remember")
    return module


def _build_module(text: str, source: str, options: Options, diags: Diagnostics, watch: Stopwatch) -> Module | None:
    dialect = options.preprocessor
    words = dialect.free_words
    unit = parse_unit(text, source, diags, c23=dialect.c23, gnu_inline=dialect.gnu_inline, free_words=words)
    watch.step("parse")
    if unit is None:
        settle_all(diags, options.policy)
        return None
    environment = environment_of(text, options.float_environment)
    module = build_unit(unit, diags, replace(options.build_options(), float_environment=environment))
    watch.step("build")
    settle_all(diags, options.policy, unit.pragmas, unit.system_lines)
    if diags.leave_no_module:
        return None  # E0102 is found while building, and leaves a module that the other rules can read
    if options.general_regs:
        general_registers.refuse_other_registers(module, diags)
    run_lints(module, diags)
    watch.step("lints")
    return None if diags.has_errors else module


def lower(module: Module, options: Options, diags: Diagnostics, watch: Stopwatch) -> bool:
    """The passes, up to --stop-after, with the observers that `options.dumps` asks for."""
    dumps = options.dumps
    dumper = Dumper(dumps)
    dumper.show("build", module)
    if dumps.stop_after == "build":
        return True

    def observe(step: Pass, seen: Module) -> None:
        watch.step(step.name)
        dumper.show(step.name, seen)

    passes = [step for step in PIPELINE if not step.optimises or options.optimises]
    return run_passes(module, diags, passes, [observe], dumps.stop_after)


@contextmanager
def reporting_internal_errors(source: str, diags: Diagnostics) -> Iterator[None]:
    """Turns faults of cpc and of nesting into diagnostics."""
    try:
        yield
    except RecursionError:
        diags.error("E0004", Loc(source), "nesting is too deep")
    except IRError as error:
        diags.error("E0007", Loc(source), f"internal error: {error}")
    except Abort:
        assert diags.has_errors  # an abort outside any declaration: it is recorded already


@dataclass(slots=True)
class Dumper:
    """Prints modules between passes; files are numbered in the order of the passes, `03-spill.ir`."""

    dumps: Dumps
    count: int = 0

    def show(self, name: str, module: Module) -> None:
        number, self.count = self.count, self.count + 1
        if name not in self.dumps.after and "all" not in self.dumps.after:
            return
        text = self._text(module)
        if self.dumps.folder is None:
            print(f"; after {name}\n{text}", file=sys.stderr)
            return
        self.dumps.folder.mkdir(parents=True, exist_ok=True)
        path = self.dumps.folder / f"{number:02}-{name}.ir"
        path.write_text(text, encoding="utf-8", errors="surrogateescape")

    def _text(self, module: Module) -> str:
        wanted = self.dumps.function
        if not wanted:
            return print_module(module)
        names = (wanted, f"{wanted}.resume")
        return "\n".join(print_function(fn) for fn in module.functions.values() if fn.name in names)


class Stopwatch:
    """--time-passes and -ftime-report: prints what each step took."""

    def __init__(self, dumps: Dumps) -> None:
        self._shown = dumps.times
        self._last = time.perf_counter()

    def step(self, name: str) -> None:
        now = time.perf_counter()
        if self._shown:
            print(f"{1000 * (now - self._last):9.1f} ms  {name}", file=sys.stderr)
        self._last = time.perf_counter()
