"""The projects: how each is built and checked.

`prepare` makes what no compiler under test is asked for (generated sources), once.  `build` is what is timed.  `check`
runs the project's own tests, or ours where Debian's source has none, and returns a transcript, which must be the
same for gcc and cpc; it raises Failed when a test fails.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cpc.guests.debian import unpacked
from tests.projects.build import Build, Failed
from tests.projects.sql import statements

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Project:
    name: str  # of Debian's source package
    build: Callable[[Build], None]
    check: Callable[[Build], str]
    prepare: Callable[[Build], None] = lambda build: None
    needs: tuple[str, ...] = ()  # programs that prepare uses


def _count(output: str, pattern: str, least: int) -> str:
    """How often the pattern occurs: a test that prints success prints it."""
    found = len(re.findall(pattern, output))
    if found < least:
        raise Failed(f"{found} of {least} times '{pattern}' in:\n{output[-3000:]}")
    return f"{found} {pattern}\n"


def _hash(b: Build, name: str) -> str:
    """A line with the hash of a file of the build."""
    return f"{name} {hashlib.sha256((b.folder / name).read_bytes()).hexdigest()}\n"


# ---- zlib ---------------------------------------------------------------------------------------------------


def _build_zlib(b: Build) -> None:
    b.run("./configure", "--static")
    b.make("libz.a", "example", "minigzip", "example64", "minigzip64")
    b.link("infcover", b.compile(["test/infcover.c"], ["-I."]), ["libz.a"])


def _check_zlib(b: Build) -> str:
    transcript = _count(b.make("test"), r"zlib (64-bit )?test OK", 2) + b.run("./infcover")
    for level in range(1, 10):
        b.run("sh", "-c", f"cat *.c | ./minigzip -{level} > packed && ./minigzip -d < packed | cmp - all.txt")
        transcript += f"{level} {_hash(b, 'packed')}"
    return transcript


def _prepare_zlib(b: Build) -> None:
    b.run("sh", "-c", "cat *.c > all.txt")


# ---- bzip2 --------------------------------------------------------------------------------------------------


def _build_bzip2(b: Build) -> None:
    b.make("CFLAGS=-O2 -Wall -D_FILE_OFFSET_BITS=64", "bzip2", "bzip2recover")


def _check_bzip2(b: Build) -> str:
    b.make("test")  # it compares six files and stops at a difference
    for source in b.sources("sample?.ref"):
        for level in range(1, 10):
            b.run("sh", "-c", f"./bzip2 -{level} < {source} > packed && ./bzip2 -d < packed | cmp - {source}")
    return "".join(_hash(b, name) for name in b.sources("*.tst"))


# ---- Lua ----------------------------------------------------------------------------------------------------


def _build_lua(b: Build) -> None:
    b.make(
        "lua", "luac", "LIBS=-Wl,-E -lm -ldl", "CFLAGS=-O2 -std=gnu99 -DLUA_COMPAT_5_3 -DLUA_USE_LINUX", folder="src"
    )


def _check_lua(b: Build) -> str:
    """Debian's source has no tests: a script of ours, run from source and from bytecode."""
    script = HERE / "checks.lua"
    transcript = b.run("src/lua", script)
    b.run("src/luac", "-o", "checks.luac", script)
    if b.run("src/lua", "checks.luac") != transcript:
        raise Failed("bytecode and source print different things")
    return transcript


# ---- SQLite -------------------------------------------------------------------------------------------------

_SQLITE = ["-DSQLITE_ENABLE_FTS5", "-DSQLITE_ENABLE_RTREE", "-DSQLITE_ENABLE_MATH_FUNCTIONS", "-DSQLITE_THREADSAFE=1"]


def _prepare_sqlite(b: Build) -> None:
    b.run("./configure", "--disable-tcl", "--disable-readline")
    b.run("make", "sqlite3.c", "shell.c")


def _build_sqlite(b: Build) -> None:
    b.link("sqlite", b.compile(["sqlite3.c", "shell.c"], _SQLITE), ["-lm", "-lpthread", "-ldl"])


def _check_sqlite(b: Build) -> str:
    # The shell's status is 1 when a statement failed, which some do: it belongs to the transcript.
    transcript = b.run("sh", "-c", "./sqlite -batch :memory:; echo status $?", given=statements(4000).encode())
    b.run("sh", "-c", "./sqlite -batch kept.db; echo status $?", given=statements(1000).encode())
    return transcript + b.run("./sqlite", "kept.db", "PRAGMA integrity_check; SELECT count(*), sum(a) FROM t1;")


# ---- jq -----------------------------------------------------------------------------------------------------

_MATH = (
    "acos acosh asin asinh atan2 atan atanh cbrt ceil copysign cos cosh drem erf exp10 exp2 exp expm1 fabs fdim floor"
    " fma fmax fmin fmod frexp gamma hypot j0 j1 ldexp lgamma log10 log1p log2 log logb modf lgamma_r nearbyint"
    " nextafter nexttoward pow remainder rint round scalb scalbln significand sin sinh sqrt tan tanh tgamma trunc y0 y1"
)
_HAVE = (
    "MEMMEM MKSTEMP ISATTY STRPTIME STRFTIME TIMEGM GMTIME_R GMTIME LOCALTIME_R LOCALTIME GETTIMEOFDAY TM_TM_GMT_OFF"
    " PTHREAD_ONCE PTHREAD_KEY_CREATE ATEXIT __THREAD"
)


def _prepare_jq(b: Build) -> None:
    """What its Makefile generates: autoconf, which would write that, is not needed for two files."""
    text = (b.folder / "src/builtin.jq").read_text()
    lines = [line.replace("\\", "\\\\").replace('"', '\\"') for line in text.splitlines()]
    (b.folder / "src/builtin.inc").write_text("".join(f'"{line}\\n"\n' for line in lines))
    (b.folder / "src/version.h").write_text('#define JQ_VERSION "1.6"\n')


def _build_jq(b: Build) -> None:
    words = [f"-DHAVE_{name.upper()}" for name in (*_MATH.split(), *_HAVE.split())]
    objects = b.compile(
        b.sources("src/*.c", without=["inject_errors.c"]), ["-D_GNU_SOURCE", "-DIEEE_8087", "-I.", "-Isrc", *words]
    )
    b.link("jq", objects, ["-lm", "-lpthread"])


def _check_jq(b: Build) -> str:
    output = b.run("./jq", "-L", "tests/modules", "--run-tests", "tests/jq.test")
    output += b.run("./jq", "-L", "tests/modules", "--run-tests", "tests/base64.test")
    return _count(output, r"(\d+) of \1 tests passed \(0 malformed\)", 2) + output


# ---- liburing -----------------------------------------------------------------------------------------------

# Of its 130 tests those that end at once and need neither root nor a device.
_URING_TESTS = (
    "accept-test cq-full cq-peek-batch cq-ready defer double-poll-crash eventfd eventfd-disable fallocate fsync"
    " hardlink link link_drain madvise mkdir multicqes_drain nop nop-all-sizes open-close personality pipe-eof poll"
    " poll-many read-write register-restrictions rename ring-leak2 sendmsg_fs_cve shutdown socket splice sq-full"
    " sq-space_left stdout symlink tee timeout timeout-overflow unlink xattr"
)


def _build_liburing(b: Build) -> None:
    b.run("./configure", f"--cc={' '.join(b.cc)}")
    b.make(folder="src")
    options = ["-D_GNU_SOURCE", "-D__SANE_USERSPACE_TYPES__", "-Isrc/include", "-include", "config-host.h"]
    names = [name for name in (*_URING_TESTS.split(), "helpers") if (b.folder / f"test/{name}.c").exists()]
    b.compile([f"test/{name}.c" for name in names], options)
    for name in names[:-1]:
        b.link(f"test/{name}.t", [f"test/{name}.o", "test/helpers.o"], ["src/liburing.a", "-lpthread"])


def _check_liburing(b: Build) -> str:
    """Status 77 is 'skipped', as the kernel lacks a feature; a kernel without io_uring skips all."""
    transcript = ""
    for test in b.sources("test/*.t"):
        status = b.run("sh", "-c", f"timeout 60 ./{test} >/dev/null 2>&1; echo $?").strip()
        transcript += f"{test} {status}\n"
    return transcript


# ---- libslirp -----------------------------------------------------------------------------------------------


def _prepare_libslirp(b: Build) -> None:
    """What meson would write."""
    text = (b.folder / "src/libslirp-version.h.in").read_text()
    text = re.sub(r"@SLIRP_VERSION_STRING@", '"4.7.0"', text)
    numbers = {"MAJOR": "4", "MINOR": "7", "MICRO": "0"}
    text = re.sub(r"@SLIRP_(M\w+)_VERSION@", lambda found: numbers[found[1]], text)
    (b.folder / "src/libslirp-version.h").write_text(text)


def _build_libslirp(b: Build) -> None:
    glib, machine = unpacked("libglib2.0-dev") / "usr", "lib/x86_64-linux-gnu"
    options = ["-std=gnu99", "-Isrc", f"-I{glib}/include/glib-2.0", f"-I{glib}/{machine}/glib-2.0/include"]
    objects = b.compile([*b.sources("src/*.c"), "test/pingtest.c"], [*options, '-DG_LOG_DOMAIN="Slirp"'])
    library = unpacked("libglib2.0-0") / "usr" / machine / "libglib-2.0.so.0"
    b.link("pingtest", objects, [str(library)])


def _check_libslirp(b: Build) -> str:
    library = unpacked("libglib2.0-0") / "usr/lib/x86_64-linux-gnu"
    b.run("env", f"LD_LIBRARY_PATH={library}", "./pingtest")
    return "pingtest\n"


# ---- tcc ----------------------------------------------------------------------------------------------------


def _build_tcc(b: Build) -> None:
    b.run("./configure", f"--cc={' '.join(b.cc)}")
    b.make("tcc", "libtcc1.a")


def _check_tcc(b: Build) -> str:
    """Its hundred programs; then it compiles itself, which must come out alike whoever compiled it."""
    transcript = _count(b.make("all", folder="tests/tests2"), r"Test: ", 100)
    itself = ["-B.", "-I.", "-DONE_SOURCE=1", '-DCONFIG_TRIPLET="x86_64-linux-gnu"']
    b.run("./tcc", *itself, "-c", "tcc.c", "-o", "itself.o")
    b.run("./tcc", *itself, "tcc.c", "-o", "second", "-lm", "-ldl", "-lpthread")
    b.run("./second", *itself, "-c", "tcc.c", "-o", "again.o")
    return transcript + "".join(_hash(b, name) for name in ("itself.o", "again.o"))


# ---- vector units: xxhash chooses by the processor when it runs, zstd uses what every x86-64 has -------------


def _prepare_text(b: Build) -> None:
    b.run("sh", "-c", "find . -name '*.[ch]' | sort | xargs cat > all.txt")


def _build_xxhash(b: Build) -> None:
    b.make("xxhsum", "DISPATCH=1", "CPPFLAGS=-DXXH_DISPATCH_AVX512=0")  # cpc has no AVX-512


def _check_xxhash(b: Build) -> str:
    """Every kind of hash, of every length to 2,000 bytes and of all the source."""
    (b.folder / "long").write_bytes((b.folder / "all.txt").read_bytes() * 7)
    for length in range(2000):
        (b.folder / f"short{length:04}").write_bytes((b.folder / "all.txt").read_bytes()[:length])
    names = [*b.sources("short*"), "all.txt", "long"]
    return "".join(b.run("./xxhsum", f"-H{kind}", *names) for kind in (0, 1, 2, 3))


def _build_zstd(b: Build) -> None:
    b.make("zstd-release", "HAVE_LZMA=0", "HAVE_LZ4=0", "HAVE_ZLIB=0", folder="programs")


def _check_zstd(b: Build) -> str:
    """What each level makes of the source, packed alike and unpacked again."""
    for level in range(1, 20, 2):
        pack = f"programs/zstd -q -T1 -{level} < all.txt > packed{level}"
        b.run("sh", "-c", f"{pack} && programs/zstd -q -d < packed{level} | cmp - all.txt")
    return "".join(_hash(b, name) for name in b.sources("packed*"))


# ---- libffi: its hand-written assembler calls what the compiler compiled, and is called by it -----------------


def _prepare_libffi(b: Build) -> None:
    b.run("./configure", "--disable-shared")


def _build_libffi(b: Build) -> None:
    b.run("make", "-e", folder="x86_64-pc-linux-gnu")  # its Makefile forgets what the command line says of CC


def _check_libffi(b: Build) -> str:
    """Its testsuite's programs, each with the status that it ends with."""
    built = "x86_64-pc-linux-gnu"
    options = ["-w", f"-I{built}/include", "-Iinclude", f"-I{built}", "-Itestsuite", "-Itestsuite/libffi.call"]
    options += ["-DABI_NUM=FFI_DEFAULT_ABI", "-DABI_ATTR=", "-DDGTEST=1"]
    tests = b.sources("testsuite/libffi.c*/*.c")
    for test, made in zip(tests, b.compile(tests, options), strict=True):
        b.link(test.removesuffix(".c"), [made], [f"{built}/.libs/libffi.a", "-lm", "-lpthread"])
        b.run(test.removesuffix(".c"))
    return f"{len(tests)} programs\n"


# ---- libsodium: functions for other processors by `#pragma GCC target`, __int128, inline and outline assembler ----

_SODIUM = (
    "CONFIGURED NATIVE_LITTLE_ENDIAN CPU_UNALIGNED_ACCESS ASM_HIDE_SYMBOL=.hidden HAVE_AMD64_ASM HAVE_ATOMIC_OPS"
    " HAVE_AVX2INTRIN_H HAVE_AVXINTRIN_H HAVE_AVX_ASM HAVE_CPUID HAVE_EMMINTRIN_H HAVE_INLINE_ASM HAVE_MMINTRIN_H"
    " HAVE_PMMINTRIN_H HAVE_PTHREAD HAVE_RDRAND HAVE_SMMINTRIN_H HAVE_SYS_MMAN_H HAVE_TI_MODE HAVE_TMMINTRIN_H"
    " HAVE_WEAK_SYMBOLS HAVE_WMMINTRIN_H"
)


def _prepare_libsodium(b: Build) -> None:
    """What its configure, which Debian's source has not, would write."""
    folder = b.folder / "src/libsodium/include/sodium"
    text = (folder / "version.h.in").read_text()
    for name, value in {"VERSION@": "1", "VERSION_MAJOR@": "1", "VERSION_MINOR@": "0", "MINIMAL_DEF@": ""}.items():
        text = re.sub(rf"@(SODIUM_LIBRARY_)?{name}", value, text)
    (folder / "version.h").write_text(text)


def _build_libsodium(b: Build) -> None:
    library, tests = "src/libsodium", b.sources("test/default/*.c")
    words = [f"-D{word}" if "=" in word else f"-D{word}=1" for word in _SODIUM.split()]
    options = [*words, f"-I{library}/include", f"-I{library}/include/sodium", "-Itest/quirks"]
    sources = [*b.sources(f"{library}/**/*.c"), *b.sources(f"{library}/**/*.S")]
    objects = b.compile(sources, options)
    b.run("ar", "rcs", "libsodium.a", *objects)
    for test, made in zip(tests, b.compile(tests, [*options, '-DTEST_SRCDIR="."']), strict=True):
        b.link(test.removesuffix(".c"), [made], ["libsodium.a", "-lpthread"])


def _check_libsodium(b: Build) -> str:
    """Its tests compare what they print with what is in files."""
    tests = b.sources("test/default/*.c")
    for test in tests:
        b.run(f"./{Path(test).stem}", folder="test/default")
    return "".join(f"{test}\n" for test in tests)


# ---- Jim Tcl ------------------------------------------------------------------------------------------------


def _build_jimtcl(b: Build) -> None:
    b.run("./configure")
    b.run("make")  # its Makefile adds options to CC


def _check_jimtcl(b: Build) -> str:
    """Its five thousand tests; make stops when one fails."""
    output = b.run("make", "test")
    return "".join(f"{line.strip()}\n" for line in output.splitlines() if "Total" in line or "skipped" in line)


# ---- gawk ---------------------------------------------------------------------------------------------------


def _prepare_gawk(b: Build) -> None:
    b.run("./configure")


def _build_gawk(b: Build) -> None:
    b.make(folder="support")
    b.make("gawk")
    b.make(folder="extension")


def _check_gawk(b: Build) -> str:
    """Its testsuite leaves the output of each test that fails, for want of a locale for example.  Those of pipes that
    are closed on one side wait for a message of a child that ends meanwhile: they fail now and then, under gcc too."""
    b.run("sh", "-c", "make -C test -k check || true")
    failed = [name for name in b.sources("test/_*") if "/_clos1way" not in name]
    if len(failed) > 20:
        raise Failed(f"{len(failed)} tests fail: {', '.join(failed)[:500]}")
    return "".join(f"{name}\n" for name in failed)


PROJECTS = (
    Project("zlib", _build_zlib, _check_zlib, _prepare_zlib),
    Project("bzip2", _build_bzip2, _check_bzip2),
    Project("lua5.4", _build_lua, _check_lua),
    Project("sqlite3", _build_sqlite, _check_sqlite, _prepare_sqlite, needs=("tclsh",)),
    Project("jq", _build_jq, _check_jq, _prepare_jq),
    Project("liburing", _build_liburing, _check_liburing),
    Project("tcc", _build_tcc, _check_tcc),
    Project("xxhash", _build_xxhash, _check_xxhash, _prepare_text),
    Project("libzstd", _build_zstd, _check_zstd, _prepare_text),
    Project("libffi", _build_libffi, _check_libffi, _prepare_libffi),
    Project("libsodium", _build_libsodium, _check_libsodium, _prepare_libsodium),
    Project("jimtcl", _build_jimtcl, _check_jimtcl),
    Project("gawk", _build_gawk, _check_gawk, _prepare_gawk),
    Project("libslirp", _build_libslirp, _check_libslirp, _prepare_libslirp),
)
