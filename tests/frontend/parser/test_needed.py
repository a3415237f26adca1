"""The selection of needed declarations: what must stay, what goes, and that nobody can tell the difference."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from pycparser import c_ast

from cpc import driver
from cpc.backend.llvm import emit_module
from cpc.diag import Diagnostics
from cpc.driver import Options, Stopwatch, build_module, lower
from cpc.frontend.gnu_parser import parse_unit
from cpc.frontend.needed import needed_text
from cpc.frontend.preprocess import Preprocessor, preprocess
from cpc.options import Dumps

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
    short = needed_text(text)
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


def _place(loc: object) -> tuple[str, int, int]:
    return loc.file, loc.line, loc.column


def test_places_stay(tmp_path: Path) -> None:
    source = "".join(f"#include <{name}.h>\n" for name in _HEADERS) + "\n".join(_USES.values()) + "\n"
    text = _preprocessed(source, tmp_path)
    short = needed_text(text)
    assert short is not None
    whole, kept = _declarations(text), _declarations(short)
    assert len(kept) < len(whole) / 2
    rest = iter(whole)
    assert all(item in rest for item in kept)  # the same ones, at the same places, in the same order


def _kept(header: str, program: str) -> str:
    text = f'# 1 "t.c"\n# 1 "/usr/include/h.h" 1 3 4\n{header}\n# 2 "t.c" 2\n{program}\n'
    short = needed_text(text)
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
    assert "gone" not in short and "enum" not in short and '# 5 "/usr/include/h.h"\nextern int kept' in short
    assert "static" not in _kept("static inline int f(void) { return 1; }", "int x;")


def test_headers_of_the_program_stay() -> None:
    text = '# 1 "t.c"\n# 1 "own.h" 1\nextern int f(void);\n# 2 "t.c" 2\nint x;\n'
    assert needed_text(text) is None
    system = '# 1 "t.c"\n# 1 "h.h" 1 3\nextern int f(void);\n# 2 "t.c" 2\n'
    both = system + '# 1 "h.h" 1\nextern int g(void);\n# 3 "t.c" 2\nint x;\n'
    assert needed_text(both) is None  # entered as both: not the system's alone


def test_faults_are_those_of_the_whole_text(tmp_path: Path) -> None:
    text = _preprocessed("#include <stdio.h>\nint f(void) { return puts(3, 4); }\n", tmp_path)
    found = []
    _llvm(_preprocessed("#include <stdio.h>\nint x;\n", tmp_path), whole=False)
    for whole in (True, False):
        diags = Diagnostics()
        build_module(text, "t.c", Options(whole_headers=whole), diags)
        found.append(diags.items)
    assert found[0] and found[0] == found[1]


@pytest.mark.parametrize(
    "text", ["", "}", "(", "int x", "# 1", '# 1 "h" 1 3\n{', '# 1 "h" 1 3\nint f( {;\n"', "\x00\\"]
)
def test_any_text_is_taken(text: str) -> None:
    assert needed_text(text) is None


def _parsed(text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """How much of `text` the compilation of it parses, in characters."""
    sizes: list[int] = []

    def parse(shown: str, *rest: Any, **options: Any) -> Any:
        sizes.append(len(shown))
        return parse_unit(shown, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(driver, "parse_unit", parse)
        _llvm(text, whole=False)
    assert len(sizes) == 1
    return sizes[0]


def test_new_headers_are_checked_once(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _preprocessed('#include <stdio.h>\nint f(void) { return puts(""); }\n', tmp_path)
    second = _preprocessed("#include <stdio.h>\nint g(void) { return getchar(); }\n", tmp_path)
    assert _parsed(first, monkeypatch) == len(first)
    assert _parsed(second, monkeypatch) < len(second) / 3
    assert _parsed(_preprocessed("int own;\n#include <stdio.h>\n", tmp_path), monkeypatch) > len(first) / 2
    for path in (cache / "headers").iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    assert _parsed(second, monkeypatch) == len(second)  # a damaged entry is none


def test_a_header_that_does_not_compile_never_does(tmp_path: Path) -> None:
    """What configure scripts ask."""
    (tmp_path / "bad.h").write_text("struct s { struct missing m; };\n")
    (tmp_path / "t.c").write_text("#include <stdio.h>\n#include <bad.h>\nint x;\n")
    text = preprocess(str(tmp_path / "t.c"), Preprocessor(("-isystem", str(tmp_path))), Diagnostics())
    assert text is not None and needed_text(text) is not None
    for _ in range(2):
        diags = Diagnostics()
        assert build_module(text, "t.c", Options(), diags) is None and diags.has_errors
