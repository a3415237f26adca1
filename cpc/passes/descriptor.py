"""The static description of a resume function's states, for co_dump and debuggers (layout: backend/abi.py).

Requires: a function in FRAMED with a frame and at least one state.  Adds constant globals to the module: the record,
the function's name, those of functions whose bodies are part of it, and each file name once.
"""

from __future__ import annotations

import struct

from cpc.analysis import cfg
from cpc.backend.abi import DESCRIPTOR_CALL, DESCRIPTOR_HEADER, DESCRIPTOR_POINT, RESUME_SUFFIX
from cpc.ir.ops import DataAddr, DataBytes, DataPiece, Function, Global, Loc, Module


def describe(module: Module, fn: Function) -> str:
    """Adds the record of `fn` and returns its name."""
    frame = fn.frame
    assert frame is not None, fn.name
    points = sorted((point.state, point.loc) for _, point in cfg.suspension_points(fn) if point.state)
    places = [loc for _, loc in points]
    record = b"".join(struct.pack("<II", loc.line, loc.column) for loc in places)
    calls, inlined = _inlined(module, fn, places)
    size = DESCRIPTOR_HEADER + len(record)
    head = struct.pack("<IIII", frame.size, frame.state_offset, len(points), size if calls else 0)
    assert 16 + len(head) == DESCRIPTOR_HEADER
    assert len(record) == len(points) * DESCRIPTOR_POINT
    name = f"{fn.name}{RESUME_SUFFIX}.points"
    pieces: list[DataPiece] = [
        DataAddr(_text(module, f"{fn.name}{RESUME_SUFFIX}.name", fn.name)),
        DataAddr(_file(module, fn.loc.file)),
        DataBytes(head + record + calls),
        *inlined,
    ]
    size += len(calls) + DESCRIPTOR_CALL * len(fn.inlined) * bool(calls)
    module.globals[name] = Global(name, size, 8, pieces, linkage="internal", constant=True)
    return name


def _inlined(module: Module, fn: Function, places: list[Loc]) -> tuple[bytes, list[DataPiece]]:
    """The calls that the places belong to, as the ABI has them; nothing when all are the function's own."""
    if not any(loc.inlined for loc in places):
        return b"", []
    numbers = b"".join(struct.pack("<I", loc.inlined) for loc in places)
    pieces: list[DataPiece] = []
    for number, call in enumerate(fn.inlined, 1):
        place = struct.pack("<IIII", call.call.line, call.call.column, call.call.inlined, 0)
        name = _text(module, f"{fn.name}{RESUME_SUFFIX}.name.{number}", call.name)
        pieces += [DataAddr(name), DataAddr(_file(module, call.loc.file)), DataBytes(place)]
    return numbers + bytes(-len(numbers) % 8), pieces


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
