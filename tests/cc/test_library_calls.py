"""Which library functions are left to call, when optimising: those that gcc calls."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cc.conftest import Cpc

_HEADER = """\
#include <stdarg.h>
typedef __SIZE_TYPE__ Z;
struct file;
void bcopy(const void *, void *, Z);
int vsprintf(char *, const char *, va_list);
char *strncat(char *, const char *, Z);
char *strstr(const char *, const char *) __asm__("renamed_strstr");
int __printf_chk(int, const char *, ...);
int __fprintf_chk(struct file *, int, const char *, ...);
int __vprintf_chk(int, const char *, va_list);
extern char small[4], large[64], *unknown;
#define SIZED(f, d, ...) __builtin___##f##_chk(d, __VA_ARGS__, __builtin_object_size(d, 0))
"""
# The body of a function with these parameters: what it calls.
_PARAMETERS = "Z n, int c, const char *text, struct file *f, va_list ap"
_CALLS = {
    "bcopy(unknown, large, n);": "memmove",
    "strncat(large, \"\", n);": "",
    "vsprintf(large, \"none\", ap);": "",
    "SIZED(memcpy, large, text, n);": "__memcpy_chk",
    "SIZED(memcpy, large, text, n & 63);": "memcpy",
    "SIZED(memcpy, small, text, c ? 5 : 9);": "__memcpy_chk",
    "SIZED(memcpy, unknown, text, n);": "memcpy",
    "SIZED(mempcpy, large, text, n);": "__memcpy_chk",
    "unknown = SIZED(mempcpy, large, text, n);": "__mempcpy_chk",
    "SIZED(memset, small, c, c ? 3 : 4);": "memset",
    "SIZED(strcpy, small, c ? \"abc\" : \"de\");": "strcpy|memcpy",
    "SIZED(strcpy, small, \"abcd\");": "__strcpy_chk|__memcpy_chk",
    "SIZED(stpcpy, large, text);": "__strcpy_chk",
    "char *l = \"\"; while (*text++) l = \"abc\"; SIZED(strcpy, small, l);": "strcpy",
    "char *l = \"\"; while (*text++) l = \"abcd\"; SIZED(strcpy, small, l);": "__strcpy_chk",
    "char *l = \"\"; while (n--) l = \"abc\", l++; SIZED(strcpy, small, l);": "__strcpy_chk",
    "char *l = \"\", **p = &l; while (n--) *p = unknown; SIZED(strcpy, small, l);": "__strcpy_chk",
    "const char *s = \"hello\"; unknown = strstr(s + 1, \"lo\");": "",
    "unknown = strstr(text, \"lo\");": "renamed_strstr",
    "unknown = strstr(text, \"l\");": "strchr",
    "unknown = __builtin_strstr(text, \"\");": "",
    "SIZED(strcat, large, \"\");": "",
    "SIZED(strcat, large, \"x\");": "__strcat_chk",
    "SIZED(strncat, large, text, 0);": "",
    "SIZED(strncat, large, \"abc\", 3);": "__strcat_chk",
    "SIZED(strncpy, large, text, 64);": "strncpy",
    "SIZED(strncpy, large, text, 65);": "__strncpy_chk",
    "__builtin___sprintf_chk(small, 1, 4, \"abc\");": "",
    "__builtin___sprintf_chk(small, 1, 4, \"abcd\");": "__sprintf_chk",
    "__builtin___sprintf_chk(small, 1, 4, \"%d\", c);": "__sprintf_chk",
    "__builtin___sprintf_chk(unknown, 1, -1, \"%d\", c);": "__sprintf_chk",
    "__builtin___sprintf_chk(unknown, 0, -1, \"%d\", c);": "sprintf",
    "__builtin___snprintf_chk(large, n & 31, 0, 64, \"%d\", c);": "snprintf",
    "__builtin___snprintf_chk(large, n, 0, 64, \"%d\", c);": "__snprintf_chk",
    "__printf_chk(1, \"line\\n\");": "puts",
    "__printf_chk(1, \"text\");": "__printf_chk",
    "__printf_chk(1, \"%s\\n\", text);": "puts",
    "if (__printf_chk(1, \"line\\n\") < 0) c++; unknown = (char *)(Z)c;": "__printf_chk",
    "__fprintf_chk(f, 1, \"text\");": "fwrite",
    "__fprintf_chk(f, 1, \"%c\", c);": "fputc",
    "__fprintf_chk(f, 1, \"%s\\n\", text);": "__fprintf_chk",
    "__vprintf_chk(1, \"line\\n\", ap);": "puts",
}  # fmt: skip


def _called(cpc: Cpc, *options: str) -> list[str]:
    """The functions that each of the bodies above calls, without those for numbers of bytes that are copied inline."""
    bodies = "".join(f"void f{i}({_PARAMETERS})\n{{ {body} }}\n" for i, body in enumerate(_CALLS))
    Path("calls.c").write_text(_HEADER + bodies)
    assert cpc("cc", "-w", "-S", "-fno-pic", "-fno-pie", *options, "calls.c", "-o", "calls.s").status == 0
    code = Path("calls.s").read_text()
    functions = re.split(r"^f\d+:", code, flags=re.M)[1:]
    return ["|".join(re.findall(r"^\t(?:call|jmp)q?\t([a-z_]+)", text, re.M)) for text in functions]


def test_as_gcc_calls(cpc: Cpc) -> None:
    wrong = [
        f"{body} calls {called!r}, not {expected!r}"
        for (body, expected), called in zip(_CALLS.items(), _called(cpc, "-O2"), strict=True)
        if not set(called.split("|")) <= set(expected.split("|"))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("options", [("-O2", "-fno-builtin"), ("-O2", "-fno-builtin-bcopy"), ("-O0",)])
def test_not_against_the_options(cpc: Cpc, options: tuple[str, ...]) -> None:
    called = _called(cpc, *options)
    assert called[0] == "bcopy"
    assert (called[-1] == "__vprintf_chk") == (options[-1] != "-fno-builtin-bcopy")
