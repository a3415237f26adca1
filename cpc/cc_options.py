"""Reads a gcc command line: words -> CompilerCommand.

What is taken: inputs of all kinds, -c -S -E -o -x, -O, -g, -std, -shared, everything for the preprocessor (-I -D -U
-include -isystem ... -M*), everything for the linker (-l -L -Wl, -shared -pthread -static ...), @file.  -W words go to
cpc/warnings; unknown -f options are ignored, as gcc's own drop-ins do.  Options that change what a program means, and
that cpc does not implement, are errors: ignoring them would compile a different program.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpc.frontend.dialect import Dialect
from cpc.frontend.preprocess import FLAGS, WITH_VALUE, Preprocessor
from cpc.frontend.target import X86_64, Target, target_named, target_names
from cpc.warnings.policy import PolicyReader
from cpc.warnings.table import PREPROCESSOR

if TYPE_CHECKING:
    from cpc.options import Options


class UsageError(Exception):
    """The command line is wrong; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input.  `language`: 'c', 'cpp-output', 'assembler', 'assembler-with-cpp', or 'link' for objects, archives
    and linker options, which go to the linker as they stand."""

    word: str
    language: str


@dataclass(slots=True)
class CompilerCommand:
    """`mode` is where the work ends: 'preprocess', 'dependencies' (-M), 'assembly', 'object' or 'link'."""

    target: Target = X86_64
    mode: str = "link"
    output: str = ""
    inputs: list[Input] = field(default_factory=list)
    preprocessor: list[str] = field(default_factory=list)
    dependencies: list[str] = field(default_factory=list)  # -MD -MF ...: done beside the compilation
    only_preprocess: list[str] = field(default_factory=list)  # -P -C -dM -M: only with -E
    linker: list[str] = field(default_factory=list)  # options of `cc` that say how to link
    assembler: list[str] = field(default_factory=list)
    code: dict[str, Any] = field(default_factory=lambda: {"level": "0"})  # fields of driver.Options
    dialect: dict[str, Any] = field(default_factory=dict)  # fields of Dialect
    emit_llvm: bool = False
    emit_c: bool = False
    unknown_warnings: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)  # options that are taken and do less than they say
    show: bool = False  # -###
    verbose: bool = False
    times: bool = False  # -ftime-report
    syntax_only: bool = False
    via_c: list[str] = field(default_factory=list)  # the command of the compiler that makes the code
    machine: list[str] = field(default_factory=list)  # -march, -mcpu, for that compiler
    sanitizers: list[str] = field(default_factory=list)  # only for linking what others instrumented

    def options(self) -> Options:
        from cpc.options import Dumps, Options  # here: preprocessing and linking alone do without

        dumps = Dumps(times=self.times)
        preprocessor = self.preprocessing(self.preprocessor)
        via_c = (*self.via_c, *self.machine, *self.sanitizers) if self.via_c else ()
        dialect = Dialect(**{"c90": preprocessor.c90, **self.dialect})
        return Options(
            preprocessor=preprocessor, target=self.target, dumps=dumps, dialect=dialect, via_c=via_c, **self.code
        )

    def preprocessing(self, options: Sequence[str]) -> Preprocessor:
        """The target's preprocessor."""
        return Preprocessor(tuple(options), (self.target.cc,))


_SUFFIXES = {".c": "c", ".h": "c", ".i": "cpp-output", ".s": "assembler", ".S": "assembler-with-cpp"}
_FOREIGN = {".cc", ".cpp", ".cxx", ".C", ".c++", ".m", ".mm", ".f", ".f90", ".go", ".rs"}
_LANGUAGES = {
    "c": "c",
    "c-header": "c",
    "cpp-output": "cpp-output",
    "assembler": "assembler",
    "assembler-with-cpp": "assembler-with-cpp",
    "none": "",
}
_LINK_FLAGS = re.compile(
    r"-(?:shared|static|static-pie|static-libgcc|pie|no-pie|rdynamic|nostdlib|nostartfiles|nodefaultlibs|nolibc|s|r"
    r"|pthread|fuse-ld=.*|B.*|-sysroot=.*|m64)"
)
_LINK_WITH_VALUE = ("-L", "-l", "-u", "-z", "-T", "-e", "-Xlinker", "-rpath")
# Their meaning would be lost in silence.
_REFUSED = re.compile(
    r"-(?:m32|mx32|m16|mbig-endian|mabi=ilp32|fshort-wchar"
    r"|mlong-double-(?:64|128)|mno-red-zone|mcmodel=(?:medium|large|kernel)|mabi=ms|msoft-float|mfpmath=(?!sse$).*"
    r"|fopenacc|fsplit-stack|fno-inline-atomics|mms-bitfields|fplan9-extensions"
    r"|f(?:wide-)?exec-charset=(?!(?i:utf-?8|utf-?32(?:le)?)$).*)"
)
# What would be asked for in vain, said as advice: the program means the same without it.
_ADVISED = {
    "-fopenmp": "OpenMP pragmas are ignored",
    "-fopenmp-simd": "OpenMP pragmas are ignored",
    "-pg": "the program writes no profile",
    "-fprofile-arcs": "the program counts nothing",
    "-fprofile-generate": "the program counts nothing",
    "--coverage": "the program counts nothing",
}
_CODE_FLAGS: dict[str, tuple[str, str | bool]] = {
    "-fPIC": ("pic", "pic"),
    "-fpic": ("pic", "pic"),
    "-fPIE": ("pic", "pie"),
    "-fpie": ("pic", "pie"),
    "-fno-pic": ("pic", "static"),
    "-fno-PIC": ("pic", "static"),
    "-fno-pie": ("pic", "static"),
    "-fno-PIE": ("pic", "static"),
    "-fwrapv": ("wrapv", True),
    "-fno-strict-overflow": ("wrapv", True),
    "-fno-wrapv": ("wrapv", False),
    "-fstrict-overflow": ("wrapv", False),
    "-fstrict-aliasing": ("strict_aliasing", True),
    "-fno-strict-aliasing": ("strict_aliasing", False),
    "-ffunction-sections": ("function_sections", True),
    "-fdata-sections": ("data_sections", True),
    "-fno-omit-frame-pointer": ("frame_pointer", True),
    "-fomit-frame-pointer": ("frame_pointer", False),
    "-ffreestanding": ("builtins", False),
    "-fno-builtin": ("builtins", False),
    "-fnon-call-exceptions": ("trapping", True),
    "-frounding-math": ("float_environment", "dynamic"),
    "-fno-rounding-math": ("float_environment", ""),
    "-ftrapping-math": ("float_environment", "traps"),
    "-fno-trapping-math": ("float_environment", "none"),
    "-ffast-math": ("float_environment", "none"),
    "-fexceptions": ("exceptions", True),
    "-fno-exceptions": ("exceptions", False),
    "-finstrument-functions": ("instrument", True),
    "-mgeneral-regs-only": ("general_regs", True),
    "-fstack-protector": ("stack_protector", "ssp"),
    "-fstack-protector-strong": ("stack_protector", "sspstrong"),
    "-fstack-protector-all": ("stack_protector", "sspreq"),
    "-fstack-protector-explicit": ("stack_protector", "explicit"),
    "-fno-stack-protector": ("stack_protector", ""),
    "-fstack-clash-protection": ("stack_clash", True),
    "-fno-stack-clash-protection": ("stack_clash", False),
    "-fcf-protection": ("branch_protection", True),
    "-fcf-protection=full": ("branch_protection", True),
    "-fcf-protection=branch": ("branch_protection", True),
    "-fcf-protection=none": ("branch_protection", False),
    "-fno-delete-null-pointer-checks": ("null_valid", True),
    "-fdelete-null-pointer-checks": ("null_valid", False),
    "-mstackrealign": ("stackrealign", True),
    "-mno-stackrealign": ("stackrealign", False),
    "-mcx16": ("cx16", True),
    "-mno-cx16": ("cx16", False),
    "-fwhole-headers": ("whole_headers", True),
    "-fno-whole-headers": ("whole_headers", False),
}
_DIALECT_FLAGS: dict[str, tuple[str, bool | int]] = {
    "-funsigned-bitfields": ("unsigned_bit_fields", True),
    "-fno-signed-bitfields": ("unsigned_bit_fields", True),
    "-fsigned-bitfields": ("unsigned_bit_fields", False),
    "-fno-unsigned-bitfields": ("unsigned_bit_fields", False),
    "-fshort-enums": ("short_enums", True),
    "-fno-short-enums": ("short_enums", False),
    "-fpack-struct": ("pack", 1),
    "-fno-pack-struct": ("pack", 0),
    **{f"-fpack-struct={n}": ("pack", n) for n in (1, 2, 4, 8, 16)},
    "-fms-extensions": ("ms_extensions", True),
    "-fno-ms-extensions": ("ms_extensions", False),
    "-fcommon": ("common", True),
    "-fno-common": ("common", False),
    "-ftrapv": ("trapv", True),
    "-fno-trapv": ("trapv", False),
}
_SANITIZERS = re.compile(r"-f(?:no-)?sanitize=.*")
_VISIBILITIES = ("default", "hidden", "protected", "internal")
_CHAR_FLAGS = {
    "-fsigned-char": True,
    "-fno-unsigned-char": True,
    "-funsigned-char": False,
    "-fno-signed-char": False,
}
_DEPENDENCY_FLAGS = ("-MD", "-MMD", "-MP", "-MG")
_DEPENDENCY_VALUES = ("-MF", "-MT", "-MQ")
_RANK = ("link", "object", "assembly", "preprocess", "dependencies")
_MODES = {"-c": "object", "-S": "assembly", "-E": "preprocess", "-M": "dependencies", "-MM": "dependencies"}
_IGNORED = re.compile(
    r"-(?:f.*|m.*|p|pg|pipe|ansi|no-canonical-prefixes|save-temps.*"
    r"|time|Q|-coverage|-param=.*|dumpbase.*|specs=.*)"
)
_FOREIGN_WITH_VALUE = ("-Xclang", "-mllvm", "-arch", "-MJ", "-Xanalyzer")  # clang's


def read_command(words: list[str], *, tolerant: bool = False) -> CompilerCommand:
    """`tolerant`: options that are not known, of another compiler, mean nothing.  Raises UsageError."""
    words, target = _take_target(expand_files(words))
    command = CompilerCommand(target)
    reader = _Reader(words, command, tolerant)
    while reader.words:
        reader.one()
    if any(not item.language for item in command.inputs):
        if command.mode not in ("preprocess", "dependencies"):
            raise UsageError("standard input needs -x c, as its language is not known")
        command.inputs = [replace(item, language=item.language or "c") for item in command.inputs]
    return command


def _take_target(words: list[str]) -> tuple[list[str], Target]:
    """The words without --target=NAME (or clang's -target NAME), which decides what the others mean."""
    rest: list[str] = []
    target: Target | None = X86_64
    left = iter(words)
    for word in left:
        if word == "-target" or word.startswith("--target="):
            name = next(left, "") if word == "-target" else word[9:]
            target = target_named(name)
            if target is None:
                raise UsageError(f"unknown target '{name}'; there are {' and '.join(target_names())}")
        else:
            rest.append(word)
    assert target is not None
    return rest, target


def target_of(words: list[str]) -> Target:
    """The target that a command line asks for."""
    return _take_target(expand_files(words))[1]


def expand_files(words: Sequence[str], folder: Path = Path(), depth: int = 0) -> list[str]:
    """Replaces each @FILE, relative to `folder`, by the words in that file."""
    if depth > 32:
        raise UsageError("@FILE includes itself")
    out: list[str] = []
    for word in words:
        if not word.startswith("@") or len(word) == 1:
            out.append(word)
            continue
        try:
            text = Path(folder, word[1:]).read_text(encoding="utf-8", errors="surrogateescape")
            if "\0" in text:
                raise UsageError(f"'{word[1:]}' has a null character, which no word can have")
            out += expand_files(shlex.split(text), folder, depth + 1)
        except OSError as error:
            raise UsageError(f"cannot read '{word[1:]}': {error.strerror}") from None
        except ValueError as error:  # an open quote
            raise UsageError(f"'{word[1:]}': {error}") from None
    return out


class _Reader:
    """Consumes words; one method per kind of option, the first that takes the word wins."""

    def __init__(self, words: list[str], command: CompilerCommand, tolerant: bool = False) -> None:
        self.words = words
        self.command = command
        self.tolerant = tolerant
        self.language = ""
        self.policy = PolicyReader(unknown=command.unknown_warnings)

    def one(self) -> None:
        word = self.words.pop(0)
        if self.tolerant and word in _FOREIGN_WITH_VALUE:
            self._value(word)
            return
        if word == "-" or not word.startswith("-"):
            self._input(word)
            return
        taken = (
            self._mode(word)
            or self._code(word)
            or self._dependency(word)
            or self._preprocessor(word)
            or self._linker(word)
            or self._warning(word)
            or bool(_IGNORED.fullmatch(word))
        )
        if word == "--param":
            taken = bool(self._value(word))
        if not taken and not self.tolerant:
            raise UsageError(f"unknown option '{word}'")

    def _value(self, option: str) -> str:
        if not self.words:
            raise UsageError(f"'{option}' needs a value")
        return self.words.pop(0)

    def _input(self, word: str) -> None:
        if not self.language and Path(word).suffix in _FOREIGN:
            raise UsageError(f"'{word}' is not C; cpc compiles C")
        language = self.language or ("" if word == "-" else _SUFFIXES.get(Path(word).suffix, "link"))
        self.command.inputs.append(Input(word, language))

    def _mode(self, word: str) -> bool:
        command = self.command
        if word in _MODES:
            command.mode = max(command.mode, _MODES[word], key=_RANK.index)
            if word in ("-M", "-MM"):
                command.only_preprocess.append(word)
        elif word.startswith("-o"):
            command.output = word[2:] or self._value(word)
        elif word.startswith("-x"):
            name = word[2:] or self._value(word)
            if name not in _LANGUAGES:
                raise UsageError(f"language '{name}' is not supported; cpc compiles C")
            self.language = _LANGUAGES[name]
        elif word == "-###":
            command.show = True
        elif word == "-v":
            command.verbose = True
        elif word == "-fsyntax-only":
            command.syntax_only = True
            command.mode = max(command.mode, "object", key=_RANK.index)
        elif word == "--emit" or word.startswith("--emit="):
            kind = word[7:] or self._value(word)
            if kind != "c":
                raise UsageError(f"'--emit {kind}': cpc cc knows '--emit c'; see also cpc compile --emit")
            command.emit_c = True
            command.mode = max(command.mode, "assembly", key=_RANK.index)
        elif word.startswith("--via-c="):
            command.via_c = shlex.split(word[8:])
            if not command.via_c:
                raise UsageError("'--via-c=' needs the name of a C compiler")
        elif word == "-ftime-report":
            command.times = True
        elif word in ("-P", "-C", "-CC", "-dM", "-dD", "-dN", "-dI", "-H"):
            command.only_preprocess.append(word)
        else:
            return False
        return True

    def _code(self, word: str) -> bool:
        """Options that say which code to make."""
        code = self.command.code
        if _REFUSED.fullmatch(word):
            raise UsageError(f"'{word}' is not supported: it would change what the program means")
        if word in _ADVISED:
            self.command.advice.append(f"'{word}': {_ADVISED[word]}")
        if word in _CODE_FLAGS:
            name, value = _CODE_FLAGS[word]
            code[name] = value
            return not FLAGS.fullmatch(word)
        if word in _DIALECT_FLAGS:
            name, number = _DIALECT_FLAGS[word]
            self.command.dialect[name] = number
            return True
        if word == "-fno-tree-loop-distribute-patterns":  # said where memcpy itself is compiled
            code["loop_idioms"] = False
            return True
        if word.startswith("-fno-builtin-"):
            code["no_builtins"] = code.get("no_builtins", frozenset()) | {word[13:]}
            return False
        if found := re.fullmatch(r"-O([0-9]+|[sgz]|fast)?", word):
            level = found.group(1) or "1"
            code["level"] = str(min(int(level), 3)) if level.isdigit() else level
            return False  # the preprocessor defines __OPTIMIZE__
        if re.fullmatch(r"-g(?:gdb|dwarf.*|[0-3]|split-dwarf|z.*|column-info|pubnames)?", word):
            code["debug"] = word != "-g0"
            if word in ("-gdwarf-4", "-gdwarf-5"):
                code["dwarf"] = int(word[-1])
        elif word in _CHAR_FLAGS:
            self.command.target = self.command.target.with_char(signed=_CHAR_FLAGS[word])
            return False
        elif word.startswith(("-march=", "-mcpu=")):
            self.command.machine.append(word)
            if word.startswith("-march=") or self.command.target.has_mcpu:
                code["cpu"] = word.partition("=")[2]
            return False
        elif word.startswith("-fvisibility="):
            if word[13:] not in _VISIBILITIES:
                raise UsageError(f"'{word}': the visibility is one of {', '.join(_VISIBILITIES)}")
            code["visibility"] = "hidden" if word[13:] == "internal" else word[13:]
        elif word == "-emit-llvm":
            self.command.emit_llvm = True
        else:
            return False
        return True

    def _dependency(self, word: str) -> bool:
        kept = self.command.dependencies
        if word in _DEPENDENCY_FLAGS:
            kept.append(word)
        elif word[:3] in _DEPENDENCY_VALUES:
            kept += [word[:3], word[3:] or self._value(word)]
        elif word.startswith("-Wp,"):
            parts = word[4:].split(",")
            if parts[0] in ("-MD", "-MMD") and len(parts) > 1:  # as the kernel's makefiles spell it
                kept += [parts[0], "-MF", parts[1]]
                parts = parts[2:]
            self.words = parts + self.words
        else:
            return False
        return True

    def _preprocessor(self, word: str) -> bool:
        kept = self.command.preprocessor
        if word == "-Xpreprocessor":
            kept.append(self._value(word))
        elif FLAGS.fullmatch(word):
            kept.append(word)
            self._linker(word)
        elif word in WITH_VALUE:
            kept += [word, self._value(word)]
        elif word.startswith(WITH_VALUE):
            kept.append(word)
        else:
            return False
        return True

    def _warning(self, word: str) -> bool:
        """-W...: the policy's, and the preprocessor's where it speaks of macros and comments."""
        if not re.fullmatch(r"-(?:W(?!l,|p,|a,).*|w|pedantic(?:-errors)?)", word):
            return False
        self.policy.read(word)
        self.command.code["policy"] = self.policy.policy
        name = word[2:].removeprefix("no-").removeprefix("error=").partition("=")[0]
        if word in ("-w", "-Werror", "-Wno-error") or name in PREPROCESSOR:
            self.command.preprocessor.append(word)
        return True

    def _linker(self, word: str) -> bool:
        command = self.command
        if _SANITIZERS.fullmatch(word):
            if word.startswith("-fsanitize="):
                command.sanitizers.append(word)
            return True
        if word in _LINK_WITH_VALUE:
            joined = word in ("-L", "-l")
            value = self._value(word)
            words = [word + value] if joined else [word, value]
            if word == "-Xlinker" and "," not in value:
                words = [f"-Wl,{value}"]
        elif word.startswith(("-L", "-l", "-Wl,", "-z")) or _LINK_FLAGS.fullmatch(word):
            words = [word]
        elif word.startswith("-Wa,"):
            command.assembler.append(word)
            return True
        else:
            return False
        ordered = word.startswith(("-l", "-Wl,", "-Xlinker"))
        if ordered:  # its place among the inputs counts
            command.inputs += [Input(w, "link") for w in words]
        else:
            command.linker += words
        return True
