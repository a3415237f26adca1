"""cpio archives in the "newc" format, the one that Linux unpacks as initial RAM disk (buffer-format.rst).

Archives may follow each other in one RAM disk: a cached base and a small one with what is special about a run.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass, field


@dataclass(slots=True)
class Archive:
    """Entries are added in order; a folder must come before what is in it, which `add` sees to."""

    _out: bytearray = field(default_factory=bytearray)
    _folders: set[str] = field(default_factory=set)
    _inode: int = 0

    def add(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """A regular file at `path` (relative to the root)."""
        self._parents(path)
        self._entry(path, stat.S_IFREG | mode, data)

    def link(self, path: str, target: str) -> None:
        """A symbolic link at `path`."""
        self._parents(path)
        self._entry(path, stat.S_IFLNK | 0o777, target.encode())

    def folder(self, path: str) -> None:
        if path in self._folders:
            return
        self._parents(path)
        self._folders.add(path)
        self._entry(path, stat.S_IFDIR | 0o755, b"")

    def finish(self) -> bytes:
        """The archive, closed by its trailer and padded to 512 bytes."""
        self._entry("TRAILER!!!", 0, b"")
        self._out += bytes(-len(self._out) % 512)
        return bytes(self._out)

    def _parents(self, path: str) -> None:
        parent = path.rpartition("/")[0]
        if parent:
            self.folder(parent)

    def _entry(self, path: str, mode: int, data: bytes) -> None:
        self._inode += 1
        name = path.encode() + b"\0"
        # ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
        fields = (self._inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
        self._out += b"070701" + b"".join(b"%08X" % value for value in fields) + name
        self._out += bytes(-len(self._out) % 4)
        self._out += data
        self._out += bytes(-len(self._out) % 4)
