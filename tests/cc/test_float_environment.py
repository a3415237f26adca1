"""Which units have a floating-point environment, and that the compiler leaves to them what rounds and what raises."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cpc.frontend.float_environment import environment_of
from tests.cc.conftest import Cpc

_HEADER = '# 1 "/usr/include/fenv.h" 1 3 4\nextern int fesetround (int);\nextern int feclearexcept (int);\n'


@pytest.mark.parametrize(
    ("text", "asked", "environment"),
    [
        ("int f(void) { return 1; }\n", "", ""),
        ("int f(void) { return 1; }\n", "traps", "traps"),
        (_HEADER + '# 2 "x.c" 2\nint f(void) { return 1; }\n', "", ""),
        (_HEADER + '# 2 "x.c" 2\nint f(void) { return fesetround(0); }\n', "", "traps"),
        (_HEADER + '# 2 "x.c" 2\nint f(void) { return fesetround(0); }\n', "none", ""),
        ('# 1 "x.c"\nint mine_feclearexcept;\n', "", ""),
        ('# 1 "x.c"\n#pragma STDC FENV_ACCESS ON\nint f;\n', "", "dynamic"),
        ('# 1 "x.c"\n#pragma STDC FENV_ACCESS OFF\nint f;\n', "", ""),
        ("int f;\n", "dynamic", "dynamic"),
    ],
)
def test_environment_of(text: str, asked: str, environment: str) -> None:
    assert environment_of(text, asked) == environment


_ROUNDING = r"""
#include <fenv.h>
#include <stdio.h>
PRAGMA
static double near = 1.0 / 3.0;
int main(void)
{
    fesetround(FE_UPWARD);
    double up = 1.0 / 3.0, whole = 1.0 / 8.0;
    float tenth = 0.1, odd = 16777217;
    fesetround(FE_TONEAREST);
    feclearexcept(FE_ALL_EXCEPT);
    double two = 2.0 / 3.0;
    printf("%d %d %d %d %d %d", up > near, whole == 0.125, tenth > 0.1, odd > 16777217.0, two > near,
           !!fetestexcept(FE_INEXACT));
    return 0;
}
"""


@pytest.mark.parametrize("level", ["-O0", "-O2"])
@pytest.mark.parametrize(
    ("pragma", "words", "printed"),
    [
        ("#pragma STDC FENV_ACCESS ON", [], "1 1 1 1 1 1"),
        ("", ["-frounding-math"], "1 1 1 1 1 1"),
        ("", [], "0 1 1 0 1 0"),  # gcc's answer
    ],
)
def test_inexact_constants_round_when_asked(
    cpc: Cpc,
    pragma: str,
    words: list[str],
    printed: str,
    level: str,
) -> None:
    Path("m.c").write_text(_ROUNDING.replace("PRAGMA", pragma))
    assert cpc("cc", level, *words, "m.c", "-lm", "-o", "p").status == 0
    assert subprocess.run(["./p"], capture_output=True, text=True, check=True).stdout == printed
