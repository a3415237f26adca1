"""The LLVM text of a few modules, and that LLVM takes every op."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cpc.backend.llvm import EmitOptions, emit_module
from cpc.backend.llvm_values import constant
from cpc.backend.objfile import BackendError, CodeOptions, generate
from cpc.ir.reader import read_module
from cpc.ir.types import F32, F64, F80, F128, I1, I8, PTR, Type, VecType
from cpc.ir.verify import verify_module
from tests.golden import Golden, cases

HERE = Path(__file__).parent


@pytest.mark.parametrize("path", cases(HERE / "llvm", "*.ir"))
def test_text(path: Path, golden: Golden) -> None:
    module = read_module(path.read_text(encoding="utf-8"), str(path))
    verify_module(module)
    options = EmitOptions(debug=path.stem == "positions", directory="/src")
    text = emit_module(module, options)
    golden.compare(path.with_suffix(".ll"), text)
    generate(text, "llvm", CodeOptions(level="0"))


def test_llvm_takes_every_op() -> None:
    text = (HERE.parent / "ir" / "every_op.ir").read_text(encoding="utf-8")
    module = read_module(text)
    for name in ("built", "framed", "both"):
        del module.functions[name]
    llvm = emit_module(module)
    assert llvm.count("define ") == 2
    generate(llvm, "llvm", CodeOptions(level="0"))


@pytest.mark.parametrize(
    ("type_", "value", "text"),
    [
        (I1, 1, "true"),
        (I8, 255, "255"),
        (PTR, 0, "null"),
        (PTR, 4096, "inttoptr (i64 4096 to ptr)"),
        (F32, 0x3FC00000, "0x3FF8000000000000"),
        (F32, 0x00000001, "0x36A0000000000000"),
        (F32, 0x7F800000, "0x7FF0000000000000"),
        (F32, 0xFFC00000, "0xFFF8000000000000"),
        (F64, 0x3FF8 << 48, "0x3FF8000000000000"),
        (F80, 0x3FFF8000000000000000, "0xK3FFF8000000000000000"),
        (F128, 0x3FFF << 112 | 5, "0xL00000000000000053FFF000000000000"),
        (VecType(I8, 2), 0x0201, "<i8 1, i8 2>"),
    ],
)
def test_constants(type_: Type, value: int, text: str) -> None:
    assert constant(type_, value) == text


def test_options() -> None:
    module = read_module('module "m"\nglobal @g: 4 align 4 = [bytes "abcd"]\nfn @f() {\nentry:\n  ret\n}\n')
    plain = emit_module(module)
    assert "define dso_local void @f() #0 {" in plain
    shared = emit_module(module, EmitOptions(pic="pic", function_sections=True, data_sections=True))
    assert 'define void @f() #0 section ".text.f" {' in shared
    assert '@g = global [4 x i8] c"abcd", section ".data.g", align 4' in shared
    assert '"frame-pointer"="all"' in emit_module(module, EmitOptions(frame_pointer=True))
    assert '"no-builtins"' in emit_module(module, EmitOptions(builtins=False))
    assert "optsize" in emit_module(module, EmitOptions(for_size=True))


def test_helpers_come_with_their_users() -> None:
    module = read_module('module "m"\nfn @f(%p: ptr) {\nentry:\n  %q = call ptr @co.leave(ptr %p)\n  ret\n}\n')
    text = emit_module(module)
    assert "define internal ptr @co.leave" in text
    assert "@co_dropping = external global ptr" in text
    assert "@co.capture_first" not in text
    generate(text, "obj")


def test_a_module_that_llvm_rejects_names_the_function() -> None:
    text = emit_module(read_module('module "m"\nfn @fine() {\nentry:\n  ret\n}\nfn @bad() {\nentry:\n  ret\n}\n'))
    broken = re.sub(r"(@bad\(\) #0 \{\n.*\n)  ret void", r"\1  ret i32 5", text)
    with pytest.raises(BackendError) as caught:
        generate(broken, "obj")
    assert caught.value.function == "bad"
    assert "ret i32 5" in caught.value.dump
    assert "@fine" not in caught.value.dump
    with pytest.raises(BackendError) as caught:
        generate(text.replace("ret void", "rat void", 1), "obj")
    assert (caught.value.step, caught.value.function) == ("parse", "fine")
