"""What processors of x86 can do beyond the plain one, by the names of -m options and __attribute__((target)).

`closed` adds what a feature implies.  What a command line asks for is what the preprocessor's macros say (__AVX2__
and its like), so that programs and compiler never disagree; -march=native is gcc's opinion of this machine.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from functools import cache

FLAG = "cpu."  # in front of a feature, among a function's attributes
PLAIN = frozenset({"sse", "sse2"})
_IMPLIED = {
    "sse2": "sse",
    "sse3": "sse2",
    "ssse3": "sse3",
    "sse4.1": "ssse3",
    "sse4.2": "sse4.1 crc32 popcnt",
    "avx": "sse4.2",
    "avx2": "avx",
    "fma": "avx",
    "f16c": "avx",
    "aes": "sse2",
    "pclmul": "sse2",
    "sha": "sse2",
}
_ALONE = ("bmi", "bmi2", "crc32", "lzcnt", "popcnt", "rdrnd", "rdseed", "sse")
FEATURES = frozenset((*_IMPLIED, *_ALONE))
_ALIASES = {"sse4": "sse4.2", "abm": "lzcnt"}
_LEVELS = {
    "x86-64": "sse2",
    "x86-64-v2": "sse4.2",
    "x86-64-v3": "avx2 bmi bmi2 f16c fma lzcnt",
    "x86-64-v4": "avx2 bmi bmi2 f16c fma lzcnt",
    "core2": "ssse3",
    "nehalem": "sse4.2",
    "westmere": "sse4.2 pclmul",
    "sandybridge": "avx pclmul",
    "ivybridge": "avx pclmul f16c rdrnd",
    "haswell": "avx2 pclmul f16c rdrnd bmi bmi2 fma lzcnt",
    "skylake": "avx2 aes pclmul f16c rdrnd rdseed bmi bmi2 fma lzcnt",
}
_MACROS = {
    "__RDRND__": "rdrnd",
    "__RDSEED__": "rdseed",
    "__PCLMUL__": "pclmul",
    "__CRC32__": "crc32",
    "__SSE4_1__": "sse4.1",
    "__SSE4_2__": "sse4.2",
}
_SAYS_NOTHING = re.compile(r"-m(?:64|cmodel=.*|tune=.*|no-red-zone|generic|(?:no-)?(?:cx16|omit-leaf-frame-pointer))")


def closed(names: Iterable[str]) -> frozenset[str]:
    """The features among `names`, with what they imply."""
    found: set[str] = set()
    work = [_ALIASES.get(name, name) for name in names]
    while work:
        name = work.pop()
        if name in FEATURES and name not in found:
            found.add(name)
            work += _IMPLIED.get(name, "").split()
    return frozenset(found)


def of_attribute(text: str) -> frozenset[str]:
    """What __attribute__((target("avx2,no-fma,arch=haswell"))) adds.  A processor that is not known adds nothing:
    its functions must do with what everyone has."""
    words: list[str] = []
    for word in text.split(","):
        word = word.strip()
        words += _LEVELS.get(word[5:], "").split() if word.startswith("arch=") else [word]
    return closed(words)


def of_flags(flags: Iterable[str]) -> frozenset[str]:
    """The features among a function's attributes."""
    return frozenset(flag.removeprefix(FLAG) for flag in flags if flag.startswith(FLAG))


def of_command(command: tuple[str, ...], options: Iterable[str]) -> frozenset[str]:
    """What the options of a compilation give all functions; `command` is the compiler that preprocesses."""
    machine = tuple(o for o in options if o.startswith("-m") and not _SAYS_NOTHING.fullmatch(o))
    return _asked(command, machine) if machine else PLAIN


@cache
def _asked(command: tuple[str, ...], machine: tuple[str, ...]) -> frozenset[str]:
    run = subprocess.run(
        [*command, *machine, "-dM", "-E", "-x", "c", "/dev/null"], capture_output=True, text=True, check=False
    )
    if run.returncode:
        return PLAIN  # the preprocessor will say what is wrong
    defined = re.findall(r"^#define (__\w+__) 1$", run.stdout, re.M)
    return closed(_MACROS.get(macro, macro.strip("_").lower()) for macro in defined)
