"""Random uses of what random system headers declare compile to the same LLVM text with and without the selection."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from pycparser import c_ast

from cpc.backend.llvm import emit_module
from cpc.deep import run_deep
from cpc.diag import Diagnostics
from cpc.driver import Options, Stopwatch, build_module, lower
from cpc.frontend.gnu_parser import parse_unit
from cpc.frontend.preprocess import Preprocessor, preprocess
from cpc.options import Dumps

_INCLUDE = Path("/usr/include")
_FOLDERS = ("", "sys", "net", "netinet", "arpa", "linux")
_PREPROCESSOR = Preprocessor(("-D_GNU_SOURCE", "-O2"))


def _headers() -> list[str]:
    paths = [p for folder in _FOLDERS for base in (_INCLUDE, _INCLUDE / "x86_64-linux-gnu") for p in
             sorted((base / folder).glob("*.h"))]  # fmt: skip
    return [f"{p.parent.name}/{p.name}" if p.parent.name in _FOLDERS else p.name for p in paths]


def _text(path: Path, source: str) -> str | None:
    path.write_text(source)
    return preprocess(str(path), _PREPROCESSOR, Diagnostics())


def _uses(ast: c_ast.FileAST) -> Iterator[str]:
    """Initialisers of longs and pointers, one per declaration that can be named."""
    for node in ast.ext:
        match node:
            case c_ast.Typedef(name=name) if not isinstance(node.type, c_ast.FuncDecl):
                yield f"(void *)sizeof({name} *)"
            case c_ast.Decl(name=str(name)) if isinstance(node.type, c_ast.FuncDecl):
                yield f"(void *){name}"
            case c_ast.FuncDef(decl=decl):
                yield f"(void *){decl.name}"
            case c_ast.Decl(name=None, type=c_ast.Struct(name=str(tag), decls=list())):
                yield f"(void *)sizeof(struct {tag})"
            case c_ast.Decl(name=None, type=c_ast.Enum(values=c_ast.EnumeratorList(enumerators=[first, *_]))):
                yield f"(void *)(long){first.name}"


def _llvm(text: str, *, whole: bool) -> str | None:
    diags = Diagnostics()
    options = Options(whole_headers=whole)
    module = build_module(text, "t.c", options, diags)
    if module is None or diags.items or not lower(module, options, diags, Stopwatch(Dumps())):
        return None
    return emit_module(module, options.emit_options())


def compare(seed: int, folder: Path) -> bool:
    """Whether the text of this seed compiled; raises when it compiled to two different things."""
    draw = random.Random(seed)
    includes = "".join(f"#include <{name}>\n" for name in draw.sample(_headers(), draw.randint(1, 5)))
    text = _text(folder / "t.c", includes)
    unit = parse_unit(text, "t.c", Diagnostics()) if text is not None else None
    if unit is None:
        return False
    uses = list(_uses(unit.ast))
    chosen = draw.sample(uses, min(len(uses), draw.randint(1, 6)))
    body = "".join(f"void *u{i}(void) {{ return {use}; }}\n" for i, use in enumerate(chosen))
    text = _text(folder / "t.c", includes + body)
    assert text is not None
    whole = _llvm(text, whole=True)
    for _ in range(2):  # the headers are new, then known
        assert _llvm(text, whole=False) == whole, includes + body
    return whole is not None


@pytest.mark.lab
def test_sweep(tmp_path: Path) -> None:
    done = [run_deep(lambda seed=seed: compare(seed, tmp_path)) for seed in range(300)]  # type: ignore[misc]
    assert sum(done) > 150


def test_some(tmp_path: Path) -> None:
    assert sum(compare(seed, tmp_path) for seed in range(1000, 1006)) >= 2
