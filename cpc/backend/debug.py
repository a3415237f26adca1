"""Line tables (-g): LLVM debug metadata that maps each op to its file, line and column.

One DICompileUnit, a DIFile per source file, a DISubprogram per function and a DILocation per distinct position.
A resume function has the name of its source function, and its own as linkage name.
An op without a position gets line 0 of its function, since LLVM demands a location at calls that may be inlined.
A position in another file than its function's (a body that was included) goes through a DILexicalBlockFile.
Variables are not described: the IR does not carry C types.  The emission kind is FullDebug all the same: with
LineTablesOnly there is no entry per function, and then gdb takes only one of the two places of a line that is both in
a ramp and in its resume function.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from cpc.backend import abi
from cpc.backend.llvm_values import string
from cpc.ir import ops as o

_PRODUCER = "cpc"


class DebugInfo:
    """Hands out metadata numbers; `nodes` are the lines to print at the end of the module.  Node 0 is the unit."""

    def __init__(self, module: o.Module, directory: str, optimised: bool) -> None:
        self.directory = directory
        self.optimised = optimised
        self._nodes: list[str] = [""]
        self._files: dict[str, str] = {}
        self._locations: dict[tuple[str, o.Loc], str] = {}
        self._scopes: dict[tuple[str, str], str] = {}
        self._subprograms: dict[str, str] = {}
        file = self._file(module.name)
        flag = "true" if optimised else "false"
        self._nodes[0] = (
            f"distinct !DICompileUnit(language: DW_LANG_C11, file: {file}, producer: {string(_PRODUCER)}, "
            f"isOptimized: {flag}, runtimeVersion: 0, emissionKind: FullDebug, splitDebugInlining: false, "
            "nameTableKind: None)"
        )
        self._type = self._add("!DISubroutineType(types: !{null})")

    def nodes(self) -> Iterable[str]:
        return (f"!{i} = {text}" for i, text in enumerate(self._nodes))

    def _add(self, text: str) -> str:
        self._nodes.append(text)
        return f"!{len(self._nodes) - 1}"

    def _file(self, path: str) -> str:
        if path not in self._files:
            directory = "/" if PurePosixPath(path).is_absolute() else self.directory
            self._files[path] = self._add(f"!DIFile(filename: {string(path)}, directory: {string(directory)})")
        return self._files[path]

    def subprogram(self, fn: o.Function) -> str:
        if fn.name not in self._subprograms:
            file = self._file(fn.loc.file) if fn.loc.file else next(iter(self._files.values()))
            flags = ["DISPFlagDefinition"]
            flags += ["DISPFlagLocalToUnit"] if fn.linkage == "internal" else []
            flags += ["DISPFlagOptimized"] if self.optimised else []
            line = fn.loc.line
            source = fn.name.removesuffix(abi.RESUME_SUFFIX)
            symbol = f"linkageName: {string(fn.name)}, " if source != fn.name else ""
            self._subprograms[fn.name] = self._add(
                f"distinct !DISubprogram(name: {string(source)}, {symbol}scope: {file}, file: {file}, line: {line}, "
                f"type: {self._type}, scopeLine: {line}, spFlags: {' | '.join(flags)}, unit: !0)"
            )
        return self._subprograms[fn.name]

    def location(self, fn: o.Function, loc: o.Loc) -> str:
        key = fn.name, loc
        found = self._locations.get(key)
        if found is None:
            scope = self.subprogram(fn)
            if loc.line and loc.file != fn.loc.file:
                scope = self._other_file(fn.name, loc.file, scope)
            found = self._add(f"!DILocation(line: {loc.line}, column: {loc.column}, scope: {scope})")
            self._locations[key] = found
        return found

    def _other_file(self, function: str, path: str, scope: str) -> str:
        key = function, path
        if key not in self._scopes:
            text = f"!DILexicalBlockFile(scope: {scope}, file: {self._file(path)}, discriminator: 0)"
            self._scopes[key] = self._add(text)
        return self._scopes[key]
