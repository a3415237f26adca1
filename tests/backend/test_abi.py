"""The ABI is written twice, in backend/abi.py and runtime/co.h: here they are compared.  And the helpers assemble."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import llvmlite.binding as llvm

from cpc.backend import abi

ROOT = Path(__file__).resolve().parent.parent.parent

FIELDS = {
    "offsetof(struct co_frame, resume)": abi.FRAME_RESUME,
    "offsetof(struct co_frame, parent)": abi.FRAME_PARENT,
    "sizeof(struct co_frame)": abi.FRAME_HEADER,
    "CO_BATCH_END": abi.BATCH_TAG,
    "offsetof(struct co_core, top)": abi.CORE_TOP,
    "offsetof(struct co_core, sp)": abi.CORE_SP,
    "offsetof(struct co_core, end)": abi.CORE_END,
    "offsetof(struct co_core, base)": abi.CORE_BASE,
    "offsetof(struct co_core, mark)": abi.CORE_MARK,
    "sizeof(struct co_core)": abi.CORE_SIZE,
    "offsetof(struct co_base_frame, sp)": abi.FRAME_SP,
    "sizeof(struct co_base_frame)": abi.FRAME_HEADER + abi.FRAME_RECORD,
    "sizeof(struct co_function)": abi.DESCRIPTOR_HEADER,
    "sizeof(struct co_point)": abi.DESCRIPTOR_POINT,
    "sizeof(struct co_inlined)": abi.DESCRIPTOR_CALL,
    "offsetof(struct Coroutine, core)": 0,
    "offsetof(struct co_ret, value)": 0,
    "offsetof(struct co_ret, tail)": 8,
}


def test_offsets_equal_those_of_the_runtime(tmp_path: Path) -> None:
    checks = "".join(f'_Static_assert({text} == {value}, "{text}");\n' for text, value in FIELDS.items())
    source = tmp_path / "offsets.c"
    source.write_text(f'#include <stddef.h>\n#include "co.h"\n{checks}')
    command = ["gcc", "-std=gnu11", "-fsyntax-only", "-I", "runtime", "-isystem", "runtime/include", str(source)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_all_helpers_assemble() -> None:
    llvm.parse_assembly(abi.prelude(abi.HELPERS, ())).verify()


def test_the_prelude_holds_what_is_used_and_no_more() -> None:
    text = abi.prelude([abi.RECAPTURE_YIELD], ())
    assert re.findall(r"^define .*@([\w.]+)", text, re.MULTILINE) == [abi.RECAPTURE_YIELD]
    assert "declare" not in text
    assert abi.prelude([], ()) == ""


def test_what_the_module_defines_itself_is_not_declared_again() -> None:
    text = abi.prelude([abi.CAPTURE], ["co_more", abi.CURRENT])
    assert "declare" not in text and "thread_local" not in text
