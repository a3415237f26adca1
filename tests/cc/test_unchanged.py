"""Units that did not change are found without the preprocessor; everything that could change one is noticed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cpc import cache, project, unchanged
from cpc.diag import Diagnostics
from cpc.frontend.preprocess import Preprocessor
from cpc.options import Options
from cpc.project import Job, compile_all

Build = Callable[[], bytes]


class _Preprocessed(Exception):
    """The preprocessor was asked."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose unit takes a.h from inc/, behind the empty folder first/."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CPC_CACHE", str(tmp_path / "cache"))
    for name in ("first", "inc"):
        Path(name).mkdir()
    _write("inc/a.h", "#define A 1\n")
    _write("t.c", '#include <stddef.h>\n#include "a.h"\nint f(void) { return A; }\n')
    return tmp_path


def _write(path: str, text: str) -> None:
    """Files that have been there for an hour: one that is as new as the compilation is not trusted."""
    Path(path).write_text(text)
    old = time.time() - 3600
    os.utime(path, (old, old))
    time.sleep(0.03)  # the time of the change of the inode cannot be set


def _job(*words: str) -> Job:
    return Job("t.c", "llvm", Options(Preprocessor(("-Ifirst", "-Iinc", *words))))


def _build(*words: str) -> bytes:
    product = compile_all([_job(*words)])[0]
    assert product.data is not None, product.diagnostics
    return product.data


def _sure(monkeypatch: pytest.MonkeyPatch, *words: str) -> bool:
    """Whether a build does without the preprocessor."""

    def refuse(path: str, preprocessor: Preprocessor, diags: Diagnostics) -> str:
        raise _Preprocessed

    with monkeypatch.context() as patch:
        patch.setattr(project, "preprocess", refuse)
        try:
            compile_all([_job(*words)])
        except _Preprocessed:
            return False
        return True


def test_nothing_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _build()
    assert _sure(monkeypatch)
    assert compile_all([_job()])[0] == project.Product(first, fresh=False)
    assert not _sure(monkeypatch, "-DB")


@pytest.mark.parametrize(
    ("path", "text", "result"),
    [
        ("t.c", "int f(void) { return 5; }\n", b"5"),
        ("inc/a.h", "#define A 6\n", b"6"),
        ("first/a.h", "#define A 7\n", b"7"),  # appears where it is found first
        ("a.h", "#define A 8\n", b"8"),  # beside the source, which comes before all
    ],
)
def test_changes_are_noticed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, path: str, text: str, result: bytes
) -> None:
    assert b"ret i32 1" in _build()
    _write(path, text)
    assert not _sure(monkeypatch)
    assert b"ret i32 " + result in _build()
    assert _sure(monkeypatch)


def test_same_time_and_size_is_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _build()
    status = os.stat("inc/a.h")
    Path("inc/a.h").write_text("#define A 2\n")
    os.utime("inc/a.h", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert not _sure(monkeypatch)
    assert b"ret i32 2" in _build()


def test_a_file_that_was_only_touched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _build()
    _write("inc/a.h", "#define A 1\n")
    assert _sure(monkeypatch)
    _write("inc/a.h", "#define A 9\n")
    assert not _sure(monkeypatch)
    assert b"ret i32 9" in _build()


def test_files_that_are_only_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A generator's #line names a file that need not exist."""
    _write("t.c", '#include "a.h"\n#line 3 "gone/trace-events"\nint f(void) { return A; }\n')
    assert b"ret i32 1" in _build()
    assert _sure(monkeypatch)
    Path("gone").mkdir()
    _write("gone/trace-events", "what the tool lint would look for marks in\n")
    assert not _sure(monkeypatch)


def test_preprocessed_sources(folder: Path) -> None:
    for value in (b"3", b"4"):
        _write("t.i", f"int f(void) {{ return {value.decode()}; }}\n")
        product = compile_all([Job("t.i", "llvm", Options())])[0]
        assert product.data is not None and b"ret i32 " + value in product.data


def test_temporary_files_of_editors(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _build()
    for name in (".a.h.swp", "inc/a.h~", "first/#a.h#"):
        _write(name, "")
    assert _sure(monkeypatch)


def test_new_files_that_no_include_means(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _build()
    for name in ("notes.txt", "first/other.h", "inc/t.o"):
        _write(name, "")
    Path("first/empty").mkdir()
    assert _sure(monkeypatch)
    _write("first/a.h", "#define A 7\n")
    assert not _sure(monkeypatch)


def test_headers_beside_a_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("inc/deep").mkdir()
    Path("first/.hidden").mkdir()
    _write("t.c", "#include <../a.h>\nint f(void) { return A; }\n")
    words = ("-Ifirst/.hidden", "-Iinc/deep")
    assert b"ret i32 1" in _build(*words) and _sure(monkeypatch, *words)
    _write("first/a.h", "#define A 5\n")
    assert not _sure(monkeypatch, *words)
    assert b"ret i32 5" in _build(*words)


@pytest.mark.parametrize("path", ["first/b.h", "inc/sub/c.h"])
def test_headers_that_are_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    asks = '#if __has_include(<b.h>) || defined(__has_include) && __has_include ( "sub/c.h" )\n# define A 5\n#else\n'
    _write("t.c", f"{asks}# define A 4\n#endif\nint f(void) {{ return A; }}\n")
    assert b"ret i32 4" in _build()
    _write("first/other.h", "")
    assert _sure(monkeypatch)
    Path("inc/sub").mkdir()
    _write(path, "")
    assert not _sure(monkeypatch)
    assert b"ret i32 5" in _build()


def test_headers_that_a_macro_asks_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write("t.c", "#define B <b.h>\n#if __has_include(B)\nint x;\n#endif\nint f(void) { return 1; }\n")
    _build()
    assert _sure(monkeypatch)
    _write("first/b.h", "")
    assert not _sure(monkeypatch)


def test_headers_in_folders_below(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("inc/sub").mkdir()
    _write("inc/sub/b.h", "#define A 3\n")
    _write("t.c", '#include "sub/b.h"\nint f(void) { return A; }\n')
    assert b"ret i32 3" in _build() and _sure(monkeypatch)
    Path("first/sub").mkdir()
    _write("first/sub/b.h", "#define A 4\n")
    assert not _sure(monkeypatch)
    assert b"ret i32 4" in _build()


def test_the_time_is_never_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write("t.c", "const char *f(void) { return __TIME__; }\n")
    _build()
    assert not _sure(monkeypatch)


def test_a_file_as_new_as_the_build_is_not_trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note = unchanged.Notes()
    text = '# 1 "t.c"\n'
    note.keep("u", "t.c", Preprocessor(), text, time.time_ns() - 3_600_000_000_000, "product")
    assert unchanged.Notes().product("u", Preprocessor()) is None
    note.keep("u", "t.c", Preprocessor(), text, time.time_ns() + 1_000_000_000, "product")
    assert unchanged.Notes().product("u", Preprocessor()) == "product"


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"product": 3, "files": {}, "folders": {}}', b"\xff"])
def test_damaged_notes_and_products(folder: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes) -> None:
    good = _build()
    for path in (folder / "cache" / "units").glob("*/*"):
        path.write_bytes(damage)
    assert not _sure(monkeypatch) and _build() == good
    for path in (folder / "cache" / "objects").glob("*/*"):
        path.write_bytes(path.read_bytes()[:-1] + damage)
    assert _build() == good
    assert _sure(monkeypatch)


def test_the_cache_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_MOST_BYTES", 1)
    _build()
    assert not [path for path in (folder / "cache").glob("*/*/*") if path.is_file()]
