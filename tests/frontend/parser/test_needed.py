"""The selection of needed declarations: what must stay, what goes, and that nobody can tell the difference."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pycparser import c_ast

from cpc import driver
from cpc.backend.llvm import emit_module
from cpc.diag import Diagnostic, Diagnostics
from cpc.driver import Options, Stopwatch, build_module, lower
from cpc.frontend.gnu_parser import parse_unit
from cpc.frontend.included import headers_of
from cpc.frontend.needed import needed_text
from cpc.frontend.preprocess import Preprocessor, preprocess
from cpc.loc import Loc
from cpc.options import Dumps
from cpc.warnings.policy import read_policy

_HEADERS = (
    *("stdio", "stdlib", "string", "math", "time", "fcntl", "signal"),
    *("pthread", "errno", "sys/stat", "sys/socket", "netinet/in", "poll"),
)
_USES = {
    "stdio": 'int u0(FILE *f) { return fprintf(f, "%d", getc(stdin)); }',
    "stdlib": "long u1(char *s) { div_t d = div(7, 2); return strtol(s, 0, 10) + d.quot; }",
    "string": "unsigned long u2(char *s) { return strlen(s) + (memchr(s, 3, 4) != 0); }",
    "math": "double u3(double x) { return sin(x) + (isnan(x) ? 1 : fabs(x)); }",
    "time": "long u4(struct tm *t) { struct timespec s = {1, 2}; nanosleep(&s, 0); return mktime(t); }",
    "fcntl": "int u5(char *s) { struct flock l = {.l_type = F_RDLCK}; return fcntl(open(s, O_RDONLY), F_SETLK, &l); }",
    "signal": "int u6(void) { struct sigaction a = {.sa_handler = SIG_IGN}; return sigaction(SIGPIPE, &a, 0); }",
    "pthread": "pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER; int u7(void) { return pthread_mutex_lock(&m); }",
    "errno": "int u8(void) { return errno == EINVAL; }",
    "sys/stat": "long u9(int fd) { struct stat s; fstat(fd, &s); return s.st_mtim.tv_nsec; }",
    "sys/socket": "long u10(int s, struct msghdr *m) { return recvmsg(s, m, MSG_DONTWAIT); }",
    "netinet/in": "int u11(struct sockaddr_in6 *a) { return IN6_IS_ADDR_LOOPBACK(&a->sin6_addr) + htons(3); }",
    "poll": "int u12(struct pollfd *p, nfds_t n) { return poll(p, n, -1); }",
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CPC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def _short(text: str) -> str | None:
    """With all headers known to be free of faults."""
    return needed_text(text, headers_of(text), len(text))


def _llvm(text: str, *, whole: bool) -> str:
    diags = Diagnostics()
    options = Options(whole_headers=whole)
    module = build_module(text, "t.c", options, diags)
    assert module is not None and not diags.items
    assert lower(module, options, diags, Stopwatch(Dumps()))
    return emit_module(module, options.emit_options())


def _preprocessed(source: str, folder: Path) -> str:
    path = folder / "t.c"
    path.write_text(source)
    text = preprocess(str(path), Preprocessor(("-D_GNU_SOURCE", "-O2")), Diagnostics())
    assert text is not None
    return text


@pytest.mark.parametrize("seed", range(3))
def test_llvm_text_is_the_same(tmp_path: Path, seed: int) -> None:
    chosen = random.Random(seed).sample(_HEADERS, 6)
    source = "".join(f"#include <{name}.h>\n" for name in chosen) + "\n".join(_USES[name] for name in chosen) + "\n"
    text = _preprocessed(source, tmp_path)
    short = _short(text)
    assert short is not None and short.count(";") < text.count(";") / 3
    assert _llvm(short, whole=True) == _llvm(text, whole=True)
    assert _llvm(text, whole=False) == _llvm(text, whole=True)  # all is checked, and remembered
    assert _llvm(text, whole=False) == _llvm(text, whole=True)


def _declarations(text: str) -> list[tuple[str, str, int, int]]:
    diags = Diagnostics()
    unit = parse_unit(text, "t.c", diags)
    assert unit is not None and not diags.items
    places = [(n.decl if isinstance(n, c_ast.FuncDef) else n) for n in unit.ast.ext]
    return [(str(getattr(n, "name", "")), *_place(unit.loc(n))) for n in places]


def _place(loc: Loc) -> tuple[str, int, int]:
    return loc.file, loc.line, loc.column


def test_places_stay(tmp_path: Path) -> None:
    source = "".join(f"#include <{name}.h>\n" for name in _HEADERS) + "\n".join(_USES.values()) + "\n"
    text = _preprocessed(source, tmp_path)
    short = _short(text)
    assert short is not None
    whole, kept = _declarations(text), _declarations(short)
    assert len(kept) < len(whole) / 2
    rest = iter(whole)
    assert all(item in rest for item in kept)  # the same ones, at the same places, in the same order


def _kept(header: str, program: str) -> str:
    text = f'# 1 "t.c"\n# 1 "/usr/include/h.h" 1 3 4\n{header}\n# 2 "t.c" 2\n{program}\n'
    short = _short(text)
    return text if short is None else short


@pytest.mark.parametrize(
    ("header", "program"),
    [
        ("typedef int a;\ntypedef a b;", "b x;"),
        ("enum e { A, B };", "int x = B;"),
        ("struct s { struct t { int i; } u; };", "struct t x;"),
        ("extern int (*fp)(int);", "int f(void) { return fp(1); }"),
        ("extern void (*set(int n, void (*f)(int)))(int);", "void f(void) { set(1, 0); }"),
        ("extern int (f)(int);", "int g(void) { return f(1); }"),
        ("typedef struct { int x; } *p, q[3];", "p a; q b;"),
        ("extern int f(int), g;", "int h(void) { return g; }"),
        ('extern int f(int) __asm__("name");', "int name(int x) { return x; }"),
        ("static inline int f(void) { return 1; }", "int g(void) { return f(); }"),
        ("extern void *memcpy(void *, const void *, unsigned long);", "void f(void *p) { __builtin_memcpy(p, p, 9); }"),
        ("extern int a(void); extern int b(void);", "int c(void) { return b(); }"),
        ("void f(int);\nvoid f(int) __attribute__((weak));", "int x;"),
        ("int tentative;", "int x;"),
        ("static const int value = 3;", "int x;"),
        ("inline int f(void) { return 1; }", "extern int x;"),
        ("static void start(void) __attribute__((constructor));", "int x;"),
        ("int old(a) int a; { return a; }", "int x;"),
        ('__asm__(".globl x");\nextern int f(void);', "int x;"),
        ("_Static_assert(sizeof(int) == 2, \"\");", "int x;"),
        ("#pragma pack(push, 1)\nstruct s { char c; int i; };\n#pragma pack(pop)", "int x;"),
        ("typedef int T;\nconst T (x);", "int y;"),
        ("typedef int T;\nextern T (x);", "int f(void) { return x; }"),
        ("extern int first\n# 7 \"/usr/include/h.h\"\n(void);", "int f(void) { return first(); }"),
        ("extern int f(void);", "\nasm(\"call f\");"),
        ("union u;\nextern int f(union u *);\nunion u { int i; };", "int g(union u *p) { return f(p); }"),
    ],
)  # fmt: skip
def test_what_stays(header: str, program: str) -> None:
    short = _kept(header, program)
    assert all(line in short for line in header.splitlines() if not line.startswith("#")), short


def test_what_goes() -> None:
    header = "typedef int gone;\nextern int f(gone x);\nstruct s { gone y; };\nenum { A };\nextern int kept(void);"
    short = _kept(header, "int g(void) { return kept(); }")
    assert "gone" not in short and "enum" not in short and '# 5 "/usr/include/h.h" 3\nextern int kept' in short
    assert "gone" not in _kept("int gone(void);\nchar *gone(int);\nT gone(T);", "int x;")
    assert "static" not in _kept("static inline int f(void) { return 1; }", "int x;")


def test_what_a_header_leaves_to_the_unit_stays() -> None:
    """gcc warns about them when the unit does not define them."""
    for declaration in ("static int f(void);", "inline int f(void);", "int unused;", "static int table[3];"):
        assert declaration in _kept(declaration, "int x;")


def test_the_unit_itself_stays() -> None:
    assert _short('# 1 "t.c"\n# 1 "own.h" 1\nextern int f(void);\n# 2 "t.c" 2\nint x;\n') is not None
    assert _short('# 1 "t.c"\nextern int f(void);\n# 2 "t.c"\nint x;\n') is None
    assert _short('# 1 "t.c"\n# 1 "t.c" 1\nextern int f(void);\n# 2 "t.c" 2\nint x;\n') is None  # it includes itself
    named = '# 1 "t.c"\n# 1 "h.h" 1\n# 1 "parse.y"\nextern int f(void);\n# 2 "t.c" 2\nint x;\n'
    assert _short(named) is None  # a #line in a header
    assert _short('# 1 "t.c"\n# 2 "t.c" 2\nextern int f(void);\n# 1 "h.h" 1\nextern int g(void);\n') is None


def test_what_is_not_known_stays() -> None:
    text = '# 1 "t.c"\n# 1 "a.h" 1\nint a(void);\n# 2 "t.c" 2\n# 1 "b.h" 1\nint b(void);\n# 3 "t.c" 2\nint x;\n'
    headers = headers_of(text)
    short = needed_text(text, headers, headers.beginnings[0].end)
    assert short is not None and "int a(void)" not in short and "int b(void)" in short


def _faults(text: str, *, whole: bool, words: tuple[str, ...] = ()) -> list[Diagnostic]:
    diags = Diagnostics()
    build_module(text, "t.c", Options(whole_headers=whole, policy=read_policy(words)), diags)
    return diags.items


def test_faults_are_those_of_the_whole_text(tmp_path: Path) -> None:
    text = _preprocessed("#include <stdio.h>\nint f(void) { return puts(3, 4); }\n", tmp_path)
    _llvm(_preprocessed("#include <stdio.h>\nint x;\n", tmp_path), whole=False)
    found = _faults(text, whole=False)
    assert found and found == _faults(text, whole=True)


def test_warnings_about_headers_of_the_program_come_every_time(tmp_path: Path) -> None:
    (tmp_path / "own.h").write_text("#include <stdio.h>\nstatic int f(int x) { return 0; }\n")
    for name in ("one", "two"):
        text = _preprocessed(f'#include <string.h>\n#include "own.h"\nint {name}(int y) {{ return f(1); }}\n', tmp_path)
        assert _faults(text, whole=False) == []  # nobody asked
        for _ in range(2):
            found = _faults(text, whole=False, words=("-Wextra", "-Wunused"))
            assert [(item.loc.file.rpartition("/")[2], item.code) for item in found] == [
                ("own.h", "W0263"),
                ("t.c", "W0263"),
            ]


def test_units_with_warnings_are_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Warnings about the unit itself say nothing against its headers."""
    sizes = []
    for _ in range(2):
        text = _preprocessed("#include <stdio.h>\nint f(void) { char *p = 3; return puts(p); }\n", tmp_path)
        with _parses(monkeypatch) as parsed:
            assert [item.code for item in _faults(text, whole=False)] == ["W0252"]
        sizes.append(parsed)
    assert sizes[0] == [_code(text)] and len(sizes[1]) == 1 and sizes[1][0] < _code(text) / 5


@pytest.mark.parametrize(
    "text", ["", "}", "(", "int x", "# 1", '# 1 "h" 1 3\n{', '# 1 "h" 1 3\nint f( {;\n"', "\x00\\"]
)
def test_any_text_is_taken(text: str) -> None:
    assert _short(text) is None


def _code(text: str) -> int:
    """The characters of `text` outside of its line markers, whose share depends on where the files are."""
    return sum(len(line) for line in text.splitlines() if not line.startswith("#"))


@contextmanager
def _parses(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How much code (see `_code`) all texts have that are parsed meanwhile."""
    sizes: list[int] = []

    def parse(shown: str, *rest: Any, **options: Any) -> Any:
        sizes.append(_code(shown))
        return parse_unit(shown, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(driver, "parse_unit", parse)
        yield sizes


def _parsed(text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """How much code of `text` the compilation of it parses."""
    with _parses(monkeypatch) as sizes:
        _llvm(text, whole=False)
    assert len(sizes) == 1
    return sizes[0]


def test_new_headers_are_checked_once(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _preprocessed('#include <stdio.h>\nint f(void) { return puts(""); }\n', tmp_path)
    second = _preprocessed("#include <stdio.h>\nint g(void) { return getchar(); }\n", tmp_path)
    assert _parsed(first, monkeypatch) == _code(first)
    assert _parsed(second, monkeypatch) < _code(second) / 5
    assert _parsed(_preprocessed("int own;\n#include <stdio.h>\n", tmp_path), monkeypatch) > _code(first) / 2
    for path in (cache / "headers").iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    assert _parsed(second, monkeypatch) == _code(second)  # a damaged entry is none


def test_units_that_begin_alike_share_what_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever their names, comments and line numbers are, and whatever comes behind."""
    (tmp_path / "own.h").write_text("#include <errno.h>\nstruct own { int a; };\nint own(struct own *);\n")
    first = _preprocessed('#include <stdio.h>\n#include "own.h"\n#include <poll.h>\nint x;\n', tmp_path)
    assert _parsed(first, monkeypatch) == _code(first)
    (tmp_path / "u.c").write_text('/* A file.\n\n\n */\n\n#include <stdio.h>\n\n#include "own.h"\nint y;\n')
    second = preprocess(str(tmp_path / "u.c"), Preprocessor(("-D_GNU_SOURCE", "-O2")), Diagnostics())
    assert second is not None and _parsed(second, monkeypatch) < _code(second) / 2
    (tmp_path / "own.h").write_text("#include <errno.h>\nstruct own { long a; };\n")
    third = _preprocessed('#include <stdio.h>\n#include "own.h"\nint y;\n', tmp_path)
    size = _parsed(third, monkeypatch)
    assert "struct own" in third and size < _code(third) / 2  # only what is new is parsed whole
    assert _parsed(third, monkeypatch) < size


def test_a_header_that_does_not_compile_never_does(tmp_path: Path) -> None:
    """What configure scripts ask."""
    (tmp_path / "bad.h").write_text("struct s { struct missing m; };\n")
    (tmp_path / "t.c").write_text("#include <stdio.h>\n#include <bad.h>\nint x;\n")
    text = preprocess(str(tmp_path / "t.c"), Preprocessor(("-isystem", str(tmp_path))), Diagnostics())
    assert text is not None and _short(text) is not None
    for _ in range(2):
        diags = Diagnostics()
        assert build_module(text, "t.c", Options(), diags) is None and diags.has_errors
