"""`cpc cc`: a C compiler driver with gcc's options; the system's tools preprocess, assemble and link.

Exit status 0 when everything was made, 1 when the program is wrong, 2 when the command line is.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import cpc
from cpc.cc_options import CompilerCommand, Input, UsageError, read_command, target_of
from cpc.diag import MOST_SHOWN, Diagnostics, render
from cpc.frontend.preprocess import HEADERS, Preprocessor, readable
from cpc.link import link, link_command, run_tool
from cpc.loc import NO_LOC, Loc
from cpc.warnings.policy import Policy, settle_all

_HELP = """\
usage: cpc cc [gcc's options] FILE...

Compiles C with coroutine_fn, a drop-in for gcc:

  cpc cc -O2 hello.c -o hello          compile and link
  cpc cc -c -O2 -g -I include a.c      one object
  cpc cc a.o b.o -o prog -lm           link; the coroutine runtime is added when it is used
  CC="cpc cc" make                     build a project

  -c -S -E -emit-llvm   end after compiling, with assembly, with preprocessing; LLVM instead of machine code
  -o FILE               where the output goes
  -O0 -O1 -O2 -O3 -Os   optimise (default -O0)        -g            tell debuggers all they ask
  -I -D -U -include -isystem -std=                    as for gcc
  -MD -MMD -MF -MT -MQ -MP -M -MM                     dependency files for make
  -shared -pthread -static -l -L -Wl,...              for the linker
  --emit c              print C for any compiler, with coroutines converted    --via-c=gcc   compile by way of that
  --target=aarch64-linux-gnu            compile for another machine (needs gcc-aarch64-linux-gnu)
  -x c|assembler|none   language of the next files    @FILE         more words from FILE
  -###                  show the commands             -v            show them and run them

Warnings have gcc's names (-Wall -Wextra -Werror=NAME -w). -f options that cpc does not know are ignored.
#include <qemu/coroutine.h> is found without an option. 'cpc explain CODE' explains a diagnostic.
"""
_STOPPING = (signal.SIGTERM, signal.SIGHUP)
_ANSWERS = ("-dumpmachine", "-dumpversion", "-dumpfullversion", "-print-", "--print-")
_SUFFIX = {"obj": ".o", "asm": ".s", "llvm": ".ll", "bitcode": ".bc", "c": ".cpc.c"}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    subparsers.add_parser("cc", help="compile and link C files: a drop-in for gcc", add_help=False)


def run(args: argparse.Namespace) -> int:
    words: list[str] = args.words
    if not words or words[0] in ("--help", "-h"):
        print(_HELP, end="", file=sys.stdout if words else sys.stderr)
        return 0 if words else 2
    if words == ["--version"]:
        print(f"cpc {cpc.__version__} (C compiler with stackless coroutines, x86_64-linux-gnu)")
        return 0
    if any(word.startswith(_ANSWERS) for word in words):  # configure scripts ask; the system's tools are the answer
        return _answer(words)
    try:
        command = read_command(words)
        _check(command)
    except UsageError as error:
        print(f"cpc cc: {error}\nTry 'cpc cc --help'.", file=sys.stderr)
        return 2
    if command.verbose and not command.inputs:
        print(f"cpc version {cpc.__version__}", file=sys.stderr)
        return 0
    with _temporary_folder() as folder:
        return _Work(command, folder).run()


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    """A folder that is gone afterwards, also when make stops cpc by a signal."""
    old = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)  # none comes before the folder has its owner
    if threading.current_thread() is threading.main_thread():
        for number in _STOPPING:
            signal.signal(number, _stop)
    folder = tempfile.mkdtemp(prefix="cpc-")
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, old)
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stop(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def _answer(words: list[str]) -> int:
    try:
        cc = target_of(words).cc
        rest = [word for word in words if not word.startswith("--target=")]
        return subprocess.run([cc, *rest], check=False).returncode
    except UsageError as error:
        print(f"cpc cc: {error}", file=sys.stderr)
    except OSError as error:
        print(f"cpc cc: cannot run '{cc}': {error.strerror}", file=sys.stderr)
    return 2


def _check(command: CompilerCommand) -> None:
    """What can only be said about the whole command line."""
    sources = [i for i in command.inputs if i.language != "link"]
    if not command.inputs and not command.verbose:
        raise UsageError("no input files")
    if command.output and command.mode in ("object", "assembly") and len(sources) > 1:
        raise UsageError("-o with several inputs needs linking")
    compiles = command.mode in ("object", "assembly", "link")
    has_c = any(i.language in ("c", "cpp-output") for i in command.inputs)
    if compiles and command.sanitizers and not command.via_c and has_c:
        raise UsageError(f"'{command.sanitizers[0]}' needs --via-c=COMPILER: cpc does not instrument code")
    if command.emit_llvm and command.mode == "link":
        raise UsageError("-emit-llvm needs -c or -S")
    if command.emit_llvm and (command.via_c or command.emit_c):
        raise UsageError("-emit-llvm is for LLVM's code, not for C")


@dataclass(slots=True)
class _Work:
    """One run: every input in order, then the link.  `folder` holds objects that only the link needs."""

    command: CompilerCommand
    folder: Path
    diags: Diagnostics = field(default_factory=Diagnostics)

    def run(self) -> int:
        self._unknown_warnings()
        for message in self.command.advice:
            self.diags.warning("W0296", NO_LOC, message)
        linked = [self._input(number, item) for number, item in enumerate(self.command.inputs)]
        if self.command.mode == "link" and not self.diags.has_errors:
            self._link([word for words in linked for word in words])
        print(render(self.diags.sorted(), color=sys.stderr.isatty(), limit=MOST_SHOWN), end="", file=sys.stderr)
        return 1 if self.diags.has_errors else 0

    def _unknown_warnings(self) -> None:
        """As clang: advice that -Werror or -Werror=unknown-warning-option makes an error, since configure scripts ask
        so what a compiler knows."""
        for word in self.command.unknown_warnings:
            self.diags.warning("W0294", NO_LOC, f"unknown warning option '{word}'")
        settle_all(self.diags, self.command.code.get("policy", Policy()))

    def _input(self, number: int, item: Input) -> list[str]:
        """Does what one input needs; returns the words it gives to the link."""
        if item.language == "link":
            if not item.word.startswith("-") and not Path(item.word).exists():
                self.diags.error("E0003", Loc(item.word), "cannot read this file: no such file or directory")
            return [item.word]
        if item.word != "-" and not readable(item.word, self.diags):
            return []
        if self.command.mode in ("preprocess", "dependencies"):
            self._preprocess(item)
            return []
        if item.language.startswith("assembler"):
            return self._assemble(number, item)
        return self._compile(number, item)

    def _preprocess(self, item: Input) -> None:
        """-E, -M, -MM: all done by cc."""
        command = self.command
        language = "c" if item.language == "cpp-output" else item.language
        options = (*command.preprocessor, *command.only_preprocess, *command.dependencies)
        argv = command.preprocessing(options).argv(item.word, language=language)
        self._run([*argv, *(["-o", command.output] if command.output else [])], "E0002", show_output=True)

    def _assemble(self, number: int, item: Input) -> list[str]:
        command = self.command
        if command.mode == "assembly":
            return []
        target = self._target(number, item, ".o")
        options = [*command.preprocessor, *command.dependencies] if item.language.endswith("cpp") else []
        assemble = [command.target.cc, "-c", *options, *command.assembler]
        self._run([*assemble, "-x", item.language, item.word, "-o", target], "E0002")
        return [target]

    def _compile(self, number: int, item: Input) -> list[str]:
        command = self.command
        if command.syntax_only:
            return self._check_only(item)
        if command.emit_c:
            kind = "c"
        elif command.mode == "assembly":
            kind = "llvm" if command.emit_llvm else "asm"
        else:
            kind = "bitcode" if command.emit_llvm else "obj"
        target = self._target(number, item, _SUFFIX[kind])
        options = command.options()
        options = replace(options, preprocessor=self._preprocessor(item, target, options.preprocessor))
        if command.show or command.verbose:
            self._show([*options.preprocessor.argv(item.word), "|", "cpc", f"-O{options.level}", "-o", target])
        if command.show:
            return [target]
        from cpc.driver import compile_file  # here: other uses start in half the time without the compiler

        diags = Diagnostics()  # its own: the faults of one file do not keep the next from being compiled
        data = compile_file(item.word, kind, options, diags)
        self.diags.extend(diags.items)
        if data is not None:
            self._write(target, data)
        return [target]

    def _check_only(self, item: Input) -> list[str]:
        """-fsyntax-only: the front end and the rules of coroutine_fn, and no output."""
        options = self.command.options()
        if self.command.show:
            return []
        from cpc.driver import check_file

        diags = Diagnostics()
        check_file(item.word, options, diags)
        self.diags.extend(diags.items)
        return []

    def _preprocessor(self, item: Input, target: str, plain: Preprocessor) -> Preprocessor:
        """With -MD and the like the preprocessor writes the dependency file beside its own work."""
        wanted = list(self.command.dependencies)
        if "-MD" not in wanted and "-MMD" not in wanted:
            return plain
        stem, output = Path(item.word).stem, self.command.output
        if self.command.mode == "link":  # gcc's names, for what make never sees
            file, made = (str(Path(output).with_suffix(".d")), output) if output else (f"a-{stem}.d", f"{stem}.o")
        else:
            file, made = str(Path(target).with_suffix(".d")), output or f"{stem}.o"
        if "-MF" not in wanted:
            wanted += ["-MF", file]
        if "-MT" not in wanted and "-MQ" not in wanted:
            wanted += ["-MQ", made]
        return replace(plain, options=(*plain.options, *wanted))

    def _target(self, number: int, item: Input, suffix: str) -> str:
        """Where the product of one input goes."""
        if self.command.mode == "link":
            return str(self.folder / f"{number}-{Path(item.word).stem}{suffix}")
        if self.command.emit_c and not self.command.output:
            return "-"
        return self.command.output or f"{Path(item.word).stem}{suffix}"

    def _write(self, target: str, data: bytes) -> None:
        try:
            if target == "-":
                sys.stdout.buffer.write(data)
            else:
                Path(target).write_bytes(data)
        except OSError as error:
            self.diags.error("E0003", Loc(target), f"cannot write this file: {(error.strerror or '').lower()}")

    def _link(self, words: list[str]) -> None:
        command, target = self.command, self.command.target
        output = command.output or "a.out"
        words = [*command.linker, *command.sanitizers, *(["-g"] if command.code.get("debug") else []), *words]
        relocatable = "-r" in command.linker
        if command.show or command.verbose:
            shown: list[str] | None = [target.cc, *words, "-o", output]
            if not command.show:
                shown = link_command(words, output, self.diags, target, relocatable=relocatable)
            self._show(shown or [])
        if not command.show:
            # A sanitizer's library belongs to the compiler that instrumented.
            by = command.via_c if command.sanitizers else ()
            link(words, output, self.diags, target, relocatable=relocatable, by=by)

    def _run(self, argv: list[str], code: str, *, show_output: bool = False) -> None:
        if self.command.show or self.command.verbose:
            self._show(argv)
        if self.command.show:
            return
        if show_output:
            sys.stdout.flush()
            status = subprocess.run(argv, check=False).returncode  # its messages are for the user as they are
            if status != 0:
                self.diags.error(code, Loc(argv[-1] if os.path.exists(argv[-1]) else ""), "the preprocessor failed")
        else:
            run_tool(argv, code, self.diags)

    def _show(self, argv: list[str]) -> None:
        print(" " + shlex.join(argv), file=sys.stderr)


__all__ = ["HEADERS", "add_parser", "run"]
