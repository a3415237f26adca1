"""Code with inline assembly for targets whose assembler llvmlite has not: clang generates it from the LLVM text.

LLVM needs the target's assembly parser for an `asm` with instructions, and llvmlite's library has only that of the
machine it runs on.  Everything else that is compiled for such a target takes objfile.py.  Requires: clang 14 or newer
on the path (the newest clang-N is taken), and text as llvm.py prints it.  An old clang does not know everything that
LLVM 22 does: it gets declarations of the intrinsics, and no places of variables for debuggers.  Raises
AssemblerRejects for a faulty asm, BackendError for the rest.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from cpc.backend.guarded import AssemblerRejects
from cpc.backend.objfile import BackendError, CodeOptions

_NEWEST = 40  # the release up to which clang-N is looked for
_OUTPUTS = {
    "obj": ["-c"], "asm": ["-S", "-fno-integrated-as"], "llvm": ["-S", "-emit-llvm"], "bitcode": ["-c", "-emit-llvm"],
}  # fmt: skip
_PIC = {"pic": "-fPIC", "pie": "-fPIE", "static": "-fno-pic"}
_FIRST_WITH_POINTERS = 15  # whose `ptr` needs no option
_FIRST_TO_DECLARE = 17  # that knows intrinsics without declarations
_FIRST_TO_LEAVE_ASM = 17  # by a label, with results
_FIRST_WITH_STACKS = 18  # whose pointers have an address space in the intrinsics' names
_FIRST_WITH_RECORDS = 19  # of debug information that are not calls


def generate_by_clang(text: str, kind: str, options: CodeOptions) -> bytes:
    """As objfile.generate."""
    if _version() < _FIRST_TO_LEAVE_ASM and re.search(r"^ +(%\S+ = )?callbr ", text, re.M):
        needed = f"{_FIRST_TO_LEAVE_ASM} or newer is needed for 'asm goto'"
        raise AssemblerRejects(f"{_clang()} is version {_version()}, {needed}", "")
    with tempfile.TemporaryDirectory(prefix="cpc-") as folder:
        source, product = Path(folder, "unit.ll"), Path(folder, "product")
        source.write_text(_for_version(text, _version()), encoding="utf-8", errors="surrogateescape")
        command = [_clang(), *_words(options), *_OUTPUTS[kind], "-x", "ir", str(source), "-o", str(product)]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except OSError as error:
            raise AssemblerRejects(f"cannot run '{_clang()}', which assembles it: {error.strerror}", "") from None
        if done.returncode == 0:
            return product.read_bytes()
        raise _fault(done.stderr.decode("utf-8", "replace"))


def _for_version(text: str, version: int) -> str:
    """`text` without what clang of this version cannot read."""
    if version < _FIRST_WITH_RECORDS:
        text = re.sub(r"^  #dbg_.*\n", "", text, flags=re.M)
    if version < _FIRST_WITH_STACKS:
        text = re.sub(r"@llvm\.(stacksave|stackrestore)\.p0\b", r"@llvm.\1", text)
    if version < _FIRST_TO_DECLARE:
        calls = re.findall(r"call ([^@\n]+) @(llvm\.[\w.]+)\((.*)\)", text)
        declared = {name: f"declare {result} @{name}({_types(args)})" for result, name, args in calls}
        text = text.replace("= !{i32 8, ", "= !{i32 7, ")  # a module flag's behaviour: min is newer than max
        text += "\n".join(declared[name] for name in sorted(declared)) + "\n"
    return text


def _types(arguments: str) -> str:
    """The types of a call's arguments: what stands first in each."""
    found = re.findall(r"(?:^|, )(<[^>]+>|\w+)(?= )", arguments)
    return ", ".join(found)


def _words(options: CodeOptions) -> list[str]:
    words = [f"--target={options.triple}", f"-O{options.level}", _PIC[options.pic], f"-mcpu={options.cpu}", "-w"]
    for feature in filter(None, options.features.split(",")):
        words += ["-Xclang", "-target-feature", "-Xclang", feature]
    return words + (["-mllvm", "-opaque-pointers"] if _version() < _FIRST_WITH_POINTERS else [])


@functools.cache
def _clang() -> str:
    """The newest clang there is: the optimiser of an old one crashes on some of what LLVM writes today."""
    names = (f"clang-{release}" for release in range(_NEWEST, _FIRST_WITH_POINTERS, -1))
    return next((name for name in names if shutil.which(name)), "clang")


@functools.cache
def _version() -> int:
    try:
        done = subprocess.run([_clang(), "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return _FIRST_WITH_POINTERS
    found = re.search(r"clang version (\d+)", done.stdout)
    return int(found[1]) if found else _FIRST_WITH_POINTERS


def _fault(messages: str) -> AssemblerRejects | BackendError:
    found = re.search(r"<inline asm>:\d+:\d+: error: (.*)\n(.*)", messages)
    if found is None:
        found = re.search(r"error: ((?:couldn't allocate|invalid operand|unknown asm).*)()", messages)
    if found is not None:
        return AssemblerRejects(found[1], found[2].strip())
    return BackendError("clang", messages.strip()[:2000], "", "")
