"""cpc/backend/abi.py and runtime/co.h state one ABI: gcc's offsets of the C structs are the Python constants."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cpc.backend import abi

RUNTIME = Path(__file__).parents[2] / "runtime"
EXPECTED = {
    "offsetof(struct Coroutine, core)": 0,
    "offsetof(struct co_core, top)": abi.CORE_TOP,
    "offsetof(struct co_core, sp)": abi.CORE_SP,
    "offsetof(struct co_core, end)": abi.CORE_END,
    "offsetof(struct co_core, base)": abi.CORE_BASE,
    "offsetof(struct co_core, mark)": abi.CORE_MARK,
    "sizeof(struct co_core)": abi.CORE_SIZE,
    "offsetof(struct co_frame, resume)": abi.FRAME_RESUME,
    "offsetof(struct co_frame, parent)": abi.FRAME_PARENT,
    "sizeof(struct co_frame)": abi.FRAME_HEADER,
    "offsetof(struct co_base_frame, sp)": abi.FRAME_SP,
    "sizeof(struct co_base_frame)": abi.FRAME_HEADER + abi.FRAME_RECORD,
    "CO_BATCH_END": abi.BATCH_TAG,
    "sizeof(struct co_function)": abi.DESCRIPTOR_HEADER,
    "offsetof(struct co_function, points)": abi.DESCRIPTOR_HEADER,
    "sizeof(struct co_point)": abi.DESCRIPTOR_POINT,
    "sizeof(struct co_inlined)": abi.DESCRIPTOR_CALL,
    "offsetof(struct Coroutine, area) % 8": 0,
    "sizeof(struct co_ret)": 16,
    "offsetof(struct co_ret, tail)": 8,
}


def test_c_and_python_agree(tmp_path: Path) -> None:
    prints = "\n".join(f'    printf("%s %zu\\n", "{what}", (size_t)({what}));' for what in EXPECTED)
    source = tmp_path / "offsets.c"
    source.write_text(f'#include "co.h"\n#include <stddef.h>\nint main(void)\n{{\n{prints}\n}}\n')
    program = tmp_path / "offsets"
    subprocess.run(["gcc", f"-I{RUNTIME}", "-isystem", RUNTIME / "include", source, "-o", program], check=True)
    lines = subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines()
    assert {line.rsplit(" ", 1)[0]: int(line.rsplit(" ", 1)[1]) for line in lines} == EXPECTED
