"""The static description of a resume function's states, for co_dump and debuggers (layout: backend/abi.py).

Requires: a function in FRAMED with a frame and at least one state.  Adds constant globals to the module: the record,
the function's name, and each file name once.
"""

from __future__ import annotations

import struct

from cpc.analysis import cfg
from cpc.backend.abi import DESCRIPTOR_HEADER, DESCRIPTOR_POINT, RESUME_SUFFIX
from cpc.ir.ops import DataAddr, DataBytes, DataPiece, Function, Global, Module


def describe(module: Module, fn: Function) -> str:
    """Adds the record of `fn` and returns its name."""
    frame = fn.frame
    assert frame is not None, fn.name
    points = sorted((point.state, point.loc) for _, point in cfg.suspension_points(fn) if point.state)
    record = b"".join(struct.pack("<II", loc.line, loc.column) for _, loc in points)
    head = struct.pack("<IIII", frame.size, frame.state_offset, len(points), 0)
    assert 16 + len(head) == DESCRIPTOR_HEADER
    assert len(record) == len(points) * DESCRIPTOR_POINT
    name = f"{fn.name}{RESUME_SUFFIX}.points"
    pieces: list[DataPiece] = [
        DataAddr(_text(module, f"{fn.name}{RESUME_SUFFIX}.name", fn.name)),
        DataAddr(_file(module, fn.loc.file)),
        DataBytes(head + record),
    ]
    size = DESCRIPTOR_HEADER + len(record)
    module.globals[name] = Global(name, size, 8, pieces, linkage="internal", constant=True)
    return name


def _file(module: Module, path: str) -> str:
    """The text `path`, shared by all functions of the module that come from this file."""
    data = path.encode(errors="replace") + b"\0"
    number = 0
    while f"co.file.{number}" in module.globals:
        name = f"co.file.{number}"
        if module.globals[name].init == [DataBytes(data)]:
            return name
        number += 1
    return _text(module, f"co.file.{number}", path)


def _text(module: Module, name: str, text: str) -> str:
    data = text.encode(errors="replace") + b"\0"
    module.globals[name] = Global(
        name, len(data), 1, [DataBytes(data)], linkage="internal", constant=True, unnamed=True
    )
    return name
