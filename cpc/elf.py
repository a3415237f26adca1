"""Symbols of ELF objects and archives: just enough to know what a link still needs.

Bounded reading of files that anybody may have made: every offset is checked by slicing, a malformed file has no
symbols.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_SYMTAB = 2
_BINDING_LOCAL = 0


@dataclass(slots=True)
class Symbols:
    """Names with external linkage."""

    defined: set[str] = field(default_factory=set)
    undefined: set[str] = field(default_factory=set)


def symbols_of(path: Path) -> Symbols:
    """Of an object file, or of all members of an archive; empty for anything else."""
    symbols = Symbols()
    try:
        data = path.read_bytes()
    except OSError:
        return symbols  # the linker will say so
    members = _members(data) if data.startswith(b"!<arch>\n") else iter([data])
    for member in members:
        try:
            _add_object(member, symbols)
        except (struct.error, IndexError, OverflowError):
            continue
    return symbols


def _members(data: bytes) -> Iterator[bytes]:
    """The files in an `ar` archive."""
    position = 8
    while position + 60 <= len(data):
        header = data[position : position + 60]
        size_text = header[48:58].strip()
        if not size_text.isdigit():
            return
        size = int(size_text)
        yield data[position + 60 : position + 60 + size]
        position += 60 + size + size % 2


def _add_object(data: bytes, symbols: Symbols) -> None:
    """Adds the symbols of one 64-bit little-endian relocatable object."""
    if data[:6] != b"\x7fELF\x02\x01" or struct.unpack_from("<H", data, 16)[0] != 1:
        return
    section_table = struct.unpack_from("<Q", data, 40)[0]
    entry_size, count = struct.unpack_from("<HH", data, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, section_table + i * entry_size) for i in range(count)]
    for section in sections:
        if section[1] != _SYMTAB:
            continue
        start, size = section[4], section[5]
        names = sections[section[6]]
        strings = data[names[4] : names[4] + names[5]]
        for offset in range(start, min(start + size, len(data)) - 23, 24):
            name, info, _, index = struct.unpack_from("<IBBH", data, offset)
            if info >> 4 == _BINDING_LOCAL or name >= len(strings):
                continue
            end = strings.find(b"\0", name)
            text = strings[name : end if end >= 0 else len(strings)]
            if text:
                target = symbols.undefined if index == 0 else symbols.defined
                target.add(text.decode("utf-8", "replace"))
