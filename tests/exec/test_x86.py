"""The builtins behind x86's intrinsic headers compute what gcc's do, and wide vectors travel as gcc passes them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from cpc import x86_features
from tests.exec.compare import Settings, compare
from tests.exec.x86_programs import features, program, system_program

_FLAGS = {"bmi": "bmi1", "crc32": "sse4_2", "lzcnt": "abm", "pclmul": "pclmulqdq", "rdrnd": "rdrand", "sha": "sha_ni",
          "sse3": "pni"}  # fmt: skip
_WIDE = """
#include <immintrin.h>
#include <stdio.h>
struct one { __m256 v; };
__m256 twice(__m256 x, int n, __m256d y, struct one z);
struct one last(__m256 a, __m256 b, __m256 c, __m256 d, __m256 e, __m256 f, __m256 g, __m256 h, struct one i);
"""
_CALLEE = """
__m256 twice(__m256 x, int n, __m256d y, struct one z)
{
    return _mm256_add_ps(_mm256_mul_ps(x, _mm256_set1_ps(n)), _mm256_add_ps(z.v, _mm256_castpd_ps(y)));
}
struct one last(__m256 a, __m256 b, __m256 c, __m256 d, __m256 e, __m256 f, __m256 g, __m256 h, struct one i)
{
    return (struct one){ _mm256_sub_ps(i.v, h) };
}
"""
_CALLER = """
int main(void)
{
    __m256 x = _mm256_setr_ps(1, 2, 3, 4, 5, 6, 7, 8), y = _mm256_set1_ps(1.5);
    struct one z = { y }, w = last(x, x, x, x, x, x, x, y, (struct one){ x });
    float out[8];
    _mm256_storeu_ps(out, _mm256_add_ps(twice(x, 3, _mm256_setzero_pd(), z), w.v));
    for (int i = 0; i < 8; i++)
        printf("%g ", out[i]);
}
"""


def _needs(feature: str) -> None:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    line = next((text for text in lines if text.startswith("flags")), "")
    if _FLAGS.get(feature, feature).replace(".", "_") not in line.split():
        pytest.skip(f"this machine's processor has no {feature}")


@pytest.mark.parametrize("feature", features())
def test_every_builtin_equals_gcc(feature: str, tmp_path: Path) -> None:
    _needs(feature)
    source = tmp_path / "builtins.c"
    source.write_text(program(feature, 1))
    verdict = compare(source, Settings(options=(f"-m{feature}",)))
    assert verdict.kind == "same", verdict.text


@pytest.mark.parametrize("callee", ["gcc", "cpc"])
def test_wide_vectors_travel_as_in_gcc(callee: str, tmp_path: Path) -> None:
    _needs("avx")
    compilers = {"gcc": ["gcc"], "cpc": [sys.executable, "-m", "cpc", "cc"]}
    for name, text, compiler in (("callee", _CALLEE, callee), ("caller", _CALLER, "cpc" if callee == "gcc" else "gcc")):
        (tmp_path / f"{name}.c").write_text(_WIDE + text)
        subprocess.run([*compilers[compiler], "-O2", "-mavx", "-c", f"{name}.c"], cwd=tmp_path, check=True)
    subprocess.run(["gcc", "callee.o", "caller.o", "-o", "program"], cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "program"], capture_output=True, text=True, check=True)
    assert done.stdout == "4 8 12 16 20 24 28 32 "


def test_features_imply_others() -> None:
    assert x86_features.of_attribute("fma , arch=unknown,tune=haswell") >= {"fma", "avx", "sse4.2", "popcnt", "sse"}
    assert x86_features.of_attribute("no-avx") == frozenset()


def test_what_options_say_is_what_the_macros_say() -> None:
    assert x86_features.of_command(("cc",), ("-O2", "-m64")) == x86_features.PLAIN
    assert "avx2" in x86_features.of_command(("cc",), ("-march=haswell",))
    assert "avx2" not in x86_features.of_command(("cc",), ("-march=haswell", "-mno-avx"))
    assert not x86_features.of_command(("cc",), ("-mgeneral-regs-only",))


_OURS = re.compile(
    r"(?!movdir)(?:mov|xor|lea|push|pop|ret|sh[lr]|or$|set|neg|sbb|sal|cmov|add|nop|j|test|and|endbr|data16|cs$|xchg)"
)


def _instructions(command: Sequence[str], source: Path) -> dict[str, list[str]]:
    """The instructions of each function that are not there to move its operands."""
    made = source.with_suffix(".o")
    subprocess.run([*command, "-O1", "-c", source, "-o", made], check=True)
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", made], capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = {}
    for line in text.stdout.splitlines():
        if start := re.match(r"[0-9a-f]+ <(\w+)>:", line):
            found[start[1]] = []
        elif found and (word := re.match(r"\s+[0-9a-f]+:\t(\w+)", line)) and not _OURS.match(word[1]):
            list(found.values())[-1].append(word[1])
    return found


def test_system_instructions_are_those_of_gcc(tmp_path: Path) -> None:
    features = (
        "xsave xsaveopt xsavec xsaves fxsr fsgsbase rdpid clflushopt clwb cldemote clzero wbnoinvd serialize rtm sse3"
        " waitpkg movdiri movdir64b enqcmd ptwrite shstk pku mwaitx tsxldtrk"
    )
    source = tmp_path / "system.c"
    source.write_text(system_program())
    gcc, ours = (
        _instructions([*command, *(f"-m{name}" for name in features.split())], source)
        for command in (["gcc"], [sys.executable, "-m", "cpc", "cc"])
    )
    assert ours == gcc
