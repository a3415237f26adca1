"""Runs the system's preprocessor: `cc -E` with the real system headers; line markers stay in the output.

Establishes: text that the lexer takes, __CPC__ defined, and the folders with cpc's own headers
(<qemu/coroutine.h>, "virtio.h") behind the user's folders.  Predefined macros stay the compiler's own (__GNUC__,
__x86_64__, ...): glibc's headers choose what gcc would see, and the parser takes what they choose.  Only macros that
promise what cpc has not are taken back (_UNDEFINED).

Rejected: a preprocessor in Python (pcpp): 30 times as slow, and a second opinion on every system header.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cpc.diag import Diagnostic, Diagnostics
from cpc.frontend.raw_strings import as_ordinary
from cpc.loc import Loc

RUNTIME = Path(__file__).resolve().parents[2] / "runtime"
HEADERS = RUNTIME / "include"  # <qemu/coroutine.h> and its like

# Promises of the host compiler that cpc does not keep: outputs in condition codes of asm, and intrinsics of vector
# units that it does not know.  Programs that ask for them have portable code beside them.
_VECTOR_UNITS = (
    "MMX SSE4A AVX512F AVX512BW AVX512DQ AVX512VL AVX512CD AVX512VNNI AVX512IFMA AVX512VBMI AVX512VBMI2 AVX512BITALG"
    " AVX512VPOPCNTDQ AVX512FP16 AVX512BF16 AVXVNNI FMA4 XOP VAES VPCLMULQDQ GFNI ARM_NEON"
)
_UNDEFINED = ("__GCC_ASM_FLAG_OUTPUTS__", *(f"__{unit}__" for unit in _VECTOR_UNITS.split()))

# Options of a compiler command that change what the headers say.  Those of the first table take a value, joined to
# them or in the next word.
WITH_VALUE = ("-I", "-D", "-U", "-include", "-imacros", "-isystem", "-iquote", "-idirafter", "--sysroot", "-isysroot")
FLAGS = re.compile(
    r"-(?:std=.*|ansi|f(?:no-)?asm|O[0-9]*|O[sgz]|Ofast|nostdinc|undef|pthread|trigraphs|m(?:arch|cpu)=.*|m[a-z0-9.=+-]+|-sysroot=.*"
    r"|f(?:no-)?(?:freestanding|hosted|gnu89-inline|unsigned-char|signed-char|PIC|pic|PIE|pie|fast-math"
    r"|finite-math-only|math-errno|associative-math|reciprocal-math|rounding-math|signed-zeros|trapping-math"
    r"|unsafe-math-optimizations|exceptions|stack-protector.*|cf-protection.*|input-charset=.*|builtin.*"
    r"|(?:macro|file)-prefix-map=.*))"
)

_MOST_OUTPUT = 128 << 20  # bytes
_BEFORE_C99 = ("c89", "c90", "gnu89", "gnu90", "iso9899:1990", "iso9899:199409")
_WARNING = re.compile(r"^([^:\n]+):(\d+):(?:(\d+):)? warning: (.*?)(?: \[(-W[^]]+)\])?$", re.M)
_ERROR = re.compile(r"^(?P<file>[^:\n]+):(?P<line>\d+):(?:(?P<column>\d+):)? (?:fatal )?error: (?P<text>.*)$", re.M)


@dataclass(frozen=True, slots=True)
class Preprocessor:
    """`command` is the compiler driver; `options` are as on a gcc command line, in order."""

    options: tuple[str, ...] = ()
    command: tuple[str, ...] = ("cc",)

    def argv(self, path: str, *, language: str = "c") -> list[str]:
        """The whole command.  `language` is 'c' or 'assembler-with-cpp'."""
        own = ["-D__CPC__=1", *(f"-U{name}" for name in _UNDEFINED), "-isystem", str(HEADERS)]
        own += ["-idirafter", str(RUNTIME)]  # "virtio.h" for devices
        name = f"./{path}" if path.startswith("-") and path != "-" else path  # gcc has no `--`
        return [*self.command, "-E", *self.options, *own, "-x", language, name]

    @property
    def standard(self) -> str:
        """What -std= says, or '' for the default."""
        found = ["c90" if o == "-ansi" else o[5:] for o in self.options if o.startswith("-std=") or o == "-ansi"]
        return found[-1] if found else ""

    @property
    def c23(self) -> bool:
        return self.standard in ("c2x", "c23", "gnu2x", "gnu23", "c2y", "gnu2y")

    @property
    def c90(self) -> bool:
        return self.standard in ("c89", "c90", "gnu89", "gnu90", "iso9899:1990", "iso9899:199409")

    @property
    def free_words(self) -> frozenset[str]:
        """Words of C99 and GNU C that this dialect leaves to programs: `int asm;` under -std=c99."""
        asked = [o for o in self.options if o in ("-fasm", "-fno-asm")]
        iso = bool(self.standard) and not self.standard.startswith("gnu")
        free = {"restrict"} if self.c90 else set()
        if asked[-1] == "-fno-asm" if asked else iso:
            free |= {"asm"} if self.c23 else {"asm", "typeof"}
            free |= {"inline"} if self.c90 else set()
        return frozenset(free)

    @property
    def names_a_processor(self) -> bool:
        """Whether an option does; only the preprocessor knows if there is such a one."""
        return any(o.startswith(("-march=", "-mcpu=")) for o in self.options)

    @property
    def gnu_inline(self) -> bool:
        """Whether `inline` means what it meant before C99."""
        for option in reversed(self.options):
            if option in ("-fgnu89-inline", "-fno-gnu89-inline"):
                return option == "-fgnu89-inline"
        standards = [o[5:] for o in self.options if o.startswith("-std=")]
        ansi = "-ansi" in self.options
        return standards[-1] in _BEFORE_C99 if standards else ansi


def preprocess(path: str, preprocessor: Preprocessor, diags: Diagnostics) -> str | None:
    """The preprocessed text of the C file `path` ('-' is standard input); None when there were errors."""
    if path != "-" and not readable(path, diags):
        return None
    done_before = path.endswith(".i")
    if done_before and not preprocessor.names_a_processor:
        return _decode(Path(path).read_bytes())
    try:
        done = _run(preprocessor.argv(os.devnull if done_before else path))
    except OSError as error:
        command = preprocessor.command[0]
        diags.error("E0002", Loc(path), f"cannot run '{command}': {error.strerror}", help="install gcc or clang")
        return None
    if len(done.stdout) > _MOST_OUTPUT:
        diags.error("E0002", Loc(path), f"macros and headers make more than {_MOST_OUTPUT >> 20} MiB of this file")
        return None
    if done.returncode != 0:
        _report(done.stderr.decode("utf-8", "replace"), path, diags)
        return None
    _report_warnings(done.stderr.decode("utf-8", "replace"), diags)
    return _decode(Path(path).read_bytes() if done_before else done.stdout)


def _run(argv: list[str]) -> subprocess.CompletedProcess[bytes]:
    """The command's output, and little more than _MOST_OUTPUT of it: a few lines of macros can stand for anything."""
    chunks, size = [], 0
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(argv, bufsize=0, stdout=subprocess.PIPE, stderr=errors) as process:
            assert process.stdout is not None
            while size <= _MOST_OUTPUT and (chunk := process.stdout.read(1 << 20)):
                chunks.append(chunk)
                size += len(chunk)
            if size > _MOST_OUTPUT:
                process.kill()
        errors.seek(0)
        return subprocess.CompletedProcess(argv, process.returncode, b"".join(chunks), errors.read())


def readable(path: str, diags: Diagnostics) -> bool:
    """Whether `path` is a file that can be read; if not, says why."""
    try:
        with open(path, "rb"):
            return True
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a file name"
        diags.error("E0003", Loc(path), f"cannot read this file: {reason.lower()}")
        return False


def _decode(data: bytes) -> str:
    """Bytes that are not UTF-8 survive as surrogates, so that string constants keep them; raw strings are no more."""
    return as_ordinary(data.decode("utf-8", "surrogateescape"))


def _report_warnings(stderr: str, diags: Diagnostics) -> None:
    """Its warnings (#warning, -Wundef ...) were settled by its own options: they are shown as they are."""
    for file, line, column, text, option in _WARNING.findall(stderr):
        loc = Loc(file, int(line), int(column or 0))
        diags.extend([Diagnostic("warning", "W0295", loc, text, option=option or "-Wcpp")])


def _report(stderr: str, path: str, diags: Diagnostics) -> None:
    """One diagnostic per error of the preprocessor; a message of a form not known is shown whole."""
    found = list(_ERROR.finditer(stderr))
    for match in found:
        loc = Loc(match["file"], int(match["line"]), int(match["column"] or 0))
        diags.error("E0002", loc, match["text"])
    if not found:
        lines = [line for line in stderr.strip().splitlines() if line.strip()]
        diags.error("E0002", Loc(path), lines[0] if lines else "the preprocessor failed without a message")
