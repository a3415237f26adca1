"""Debug information (-g) as LLVM metadata: lines, types (debug_types.py) and variables.

One DICompileUnit, a DIFile per source file, a DISubprogram per function, a DILexicalBlock per block with variables
and a DILocation per distinct position.  A resume function has the name of its source function, and its own as linkage
name; its parameters are those of the source, so that a backtrace shows them.  A variable that this half does not keep
is there without a value.  A static variable of a coroutine function is in both halves.
An op without a position gets line 0 of its function, since LLVM demands a location at calls that may be inlined.
What stands at the function's own position (the stores of its parameters) has none, since it belongs to the prologue:
a breakpoint on a function is the second place of its line table, where parameters must be in place.
What comes from a call whose callee's body is here (`Function.inlined`) is placed in a DISubprogram of the callee with
an inlinedAt, as LLVM's own inliner does; the callee has no other code, and both halves share its DISubprogram.
The types of coroutine frames (passes/frame_types.py) are kept though no variable has them.
A position in another file than its function's (a body that was included) goes through a DILexicalBlockFile.

Where a variable is:
* in a local: #dbg_declare of the alloca, which LLVM turns into values when it makes registers of it;
* in memory behind a register (a boxed variable in its frame): optimised code says #dbg_value with the offset, for as
  long as the register lives.  Code that is not optimised keeps the register in a stack slot of its own, since there
  registers are gone after their last use.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from cpc.backend import abi
from cpc.backend.debug_types import TypeNodes
from cpc.backend.llvm_values import local_name, name, reg_name, string
from cpc.ir import ops as o
from cpc.ir.debug_info import VOID, DebugFunction, DebugType, DebugVariable

_PRODUCER = "cpc"
_NO_FUNCTION = DebugType("function")
_SIZE_TYPE = '!DIBasicType(name: "sizetype", size: 64, encoding: DW_ATE_unsigned)'


@dataclass(slots=True)
class Declarations:
    """The lines that tell LLVM where a function's variables are: at its entry, and after a register is set."""

    entry: list[str] = field(default_factory=list)
    after: dict[str, list[str]] = field(default_factory=dict)


class DebugInfo:
    """Hands out metadata numbers; `nodes` are the lines to print at the end of the module.  Node 0 is the unit."""

    def __init__(self, module: o.Module, directory: str, optimised: bool) -> None:
        self.module = module
        self.directory = directory
        self.optimised = optimised
        self._nodes: list[str] = [""]
        self._files: dict[str, str] = {}
        self._locations: dict[tuple[str, o.Loc], str] = {}
        self._scopes: dict[tuple[str, str], str] = {}
        self._blocks: dict[tuple[str, int], str] = {}
        self._subprograms: dict[str, str] = {}
        self._variables: dict[str, list[str]] = {}  # of each function, as in its debug information
        self._globals: list[str] = []
        self._size_type = ""
        self._lengths: dict[str, dict[str, str]] = {}  # by function: a VLA's length's local -> its variable
        self._function: o.Function | None = None  # whose variables are being described
        self._calls: dict[tuple[str, int], str] = {}  # the places of inlined calls, by function and number
        self._unit_file = self._file(module.name)
        self._types = TypeNodes(module.types, self._nodes, self._file, self._length_of)
        self._no_type = self._add("!DISubroutineType(types: !{null})")

    def nodes(self) -> Iterable[str]:
        frames = [self._types.type(i) for i, type_ in enumerate(self.module.types) if "." in type_.name]
        self._types.finish()
        flag = "true" if self.optimised else "false"
        kept = f", retainedTypes: {self._types.list_(frames)}" if frames else ""
        variables = f", globals: {self._types.list_(self._globals)}" if self._globals else ""
        self._nodes[0] = (
            f"distinct !DICompileUnit(language: DW_LANG_C11, file: {self._unit_file}, producer: {string(_PRODUCER)}, "
            f"isOptimized: {flag}, runtimeVersion: 0, emissionKind: FullDebug{kept}{variables}, "
            "splitDebugInlining: false, nameTableKind: None)"
        )
        return (f"!{i} = {text}" for i, text in enumerate(self._nodes))

    def _add(self, text: str) -> str:
        self._nodes.append(text)
        return f"!{len(self._nodes) - 1}"

    def _file(self, path: str) -> str:
        if path not in self._files:
            directory = "/" if PurePosixPath(path).is_absolute() else self.directory
            self._files[path] = self._add(f"!DIFile(filename: {string(path)}, directory: {string(directory)})")
        return self._files[path]

    # ---- functions and positions

    def subprogram(self, fn: o.Function | o.InlinedCall) -> str:
        found = self._subprograms.get(fn.name)
        if found is None:
            found = self._subprograms[fn.name] = self._add("")
            self._nodes[int(found[1:])] = self._subprogram(fn)
        return found

    def _subprogram(self, fn: o.Function | o.InlinedCall) -> str:
        file = self._file(fn.loc.file) if fn.loc.file else self._unit_file
        flags = ["DISPFlagDefinition"]
        local = isinstance(fn, o.InlinedCall) or fn.linkage == "internal"
        flags += ["DISPFlagLocalToUnit"] if local else []
        flags += ["DISPFlagOptimized"] if self.optimised else []
        line = fn.loc.line
        source = fn.debug.name if fn.debug is not None else fn.name.removesuffix(abi.RESUME_SUFFIX)
        symbol = f"linkageName: {string(fn.name)}, " if source != fn.name else ""
        type_, more = self._no_type, ""
        if fn.debug is not None:
            called = isinstance(fn, o.Function) and fn.color != "plain"
            node = self._types.coroutine if called else self._types.type
            type_ = node(fn.debug.type) if fn.debug.type != VOID else self._no_type
            members = (self.module.types[fn.debug.type] if fn.debug.type != VOID else _NO_FUNCTION).members
            more = "" if len(members) == 1 and members[0].type == VOID else ", flags: DIFlagPrototyped"
            self._function = fn if isinstance(fn, o.Function) else None
            nodes = self._variables[fn.name] = [self._variable(variable, fn) for variable in fn.debug.variables]
            more += f", retainedNodes: {self._types.list_(nodes)}"
        return (
            f"distinct !DISubprogram(name: {string(source)}, {symbol}scope: {file}, file: {file}, line: {line}, "
            f"type: {type_}, scopeLine: {line}, spFlags: {' | '.join(flags)}, unit: !0{more})"
        )

    def location(self, fn: o.Function, loc: o.Loc) -> str:
        key = fn.name, loc
        found = self._locations.get(key)
        if found is None:
            found = self._locations[key] = self._add(f"!DILocation({self._place(fn, loc)})")
        return found

    def _place(self, fn: o.Function, loc: o.Loc) -> str:
        owner: o.Function | o.InlinedCall = fn.inlined[loc.inlined - 1] if loc.inlined else fn
        scope = self._scope(owner, loc.scope)
        if loc.line and loc.file != owner.loc.file:
            scope = self._other_file(loc.file, scope)
        at = f", inlinedAt: {self._call(fn, loc.inlined)}" if loc.inlined else ""
        return f"line: {loc.line}, column: {_column(loc)}, scope: {scope}{at}"

    def _call(self, fn: o.Function, number: int) -> str:
        """The place of an inlined call of `fn`."""
        key = fn.name, number
        if key not in self._calls:
            place = self._place(fn, fn.inlined[number - 1].call)
            self._calls[key] = self._add(f"distinct !DILocation({place})")
        return self._calls[key]

    def _scope(self, fn: o.Function | o.InlinedCall, scope: int) -> str:
        """A block of a function; the function itself for 0."""
        debug = fn.debug
        if debug is None or not 0 < scope <= len(debug.scopes):
            return self.subprogram(fn)
        key = fn.name, scope
        if key not in self._blocks:
            block = debug.scopes[scope - 1]
            parent = self._scope(fn, block.parent if block.parent < scope else 0)
            file = self._file(block.loc.file) if block.loc.file else self._unit_file
            place = f"file: {file}, line: {block.loc.line}, column: {_column(block.loc)}"
            self._blocks[key] = self._add(f"distinct !DILexicalBlock(scope: {parent}, {place})")
        return self._blocks[key]

    def _other_file(self, path: str, scope: str) -> str:
        key = path, scope
        if key not in self._scopes:
            text = f"!DILexicalBlockFile(scope: {scope}, file: {self._file(path)}, discriminator: 0)"
            self._scopes[key] = self._add(text)
        return self._scopes[key]

    # ---- variables

    def _variable(self, variable: DebugVariable, fn: o.Function | o.InlinedCall) -> str:
        shown = f"name: {string(variable.name)}, " if variable.name else ""
        arg = f"arg: {variable.arg}, " if variable.arg else ""
        file = self._file(variable.loc.file) if variable.loc.file else self._unit_file
        scope, type_ = self._scope(fn, variable.scope), self._types.type(variable.type)
        return self._add(
            f"!DILocalVariable({shown}{arg}scope: {scope}, file: {file}, line: {variable.loc.line}, type: {type_})"
        )

    def _length_of(self, local: str) -> str:
        """The variable without a name that a VLA takes its length from; -1, not known, in an inlined body."""
        fn = self._function
        if fn is None:
            return "-1"
        lengths = self._lengths.setdefault(fn.name, {})
        if local not in lengths:
            if not self._size_type:
                self._size_type = self._add(_SIZE_TYPE)
            scope = self.subprogram(fn)
            text = f"!DILocalVariable(scope: {scope}, type: {self._size_type}, flags: DIFlagArtificial)"
            lengths[local] = self._add(f"distinct {text}")
        return lengths[local]

    def declarations(self, fn: o.Function) -> Declarations:
        """Where the variables of a defined function are."""
        lines = Declarations()
        if fn.debug is None:
            return lines
        self._declare_all(fn, fn, fn.debug, 0, lines)
        for number, call in enumerate(fn.inlined, 1):
            if call.debug is not None:
                self._declare_all(fn, call, call.debug, number, lines)
        for local, node in self._lengths.get(fn.name, {}).items():
            if local in fn.locals:
                place = self.location(fn, o.Loc(fn.loc.file))
                lines.entry.append(_declare(local_name(local), node, "!DIExpression()", place))
        return lines

    def _declare_all(
        self, fn: o.Function, owner: o.Function | o.InlinedCall, debug: DebugFunction, number: int, lines: Declarations
    ) -> None:
        """The variables of `fn` itself (number 0), or of a call whose callee's body is in it."""
        self.subprogram(owner)
        for variable, node in zip(debug.variables, self._variables[owner.name], strict=True):
            place = self.location(fn, replace(variable.loc, scope=variable.scope, inlined=number))
            match variable.home:
                case o.LocalAddr(local) if local in fn.locals:
                    lines.entry.append(_declare(local_name(local), node, _expression(variable), place))
                case o.Reg(reg):
                    self._behind(reg, variable, node, place, fn, lines)

    def _behind(
        self, reg: str, variable: DebugVariable, node: str, place: str, fn: o.Function, lines: Declarations
    ) -> None:
        """A variable in memory that a register points to."""
        param = next((i for i, p in enumerate(fn.params) if p.name == reg), None)
        if param is not None and fn.sig.params[param].byval is not None:
            lines.entry.append(_declare(reg_name(reg), node, _expression(variable), place))
            return
        later = lines.entry if param is not None else lines.after.setdefault(reg, [])
        if self.optimised:
            expression = _expression(variable, "", "DW_OP_deref")
            later.append(f"  #dbg_value(ptr {reg_name(reg)}, {node}, {expression}, {place})")
            return
        slot = f"%{name('d.' + reg)}"
        if f"  {slot} = alloca ptr, align 8" not in lines.entry:
            lines.entry.insert(0, f"  {slot} = alloca ptr, align 8")
            store = f"  store ptr {reg_name(reg)}, ptr {slot}, align 8"
            later.insert(1 if later is lines.entry else 0, store)
        lines.entry.append(_declare(slot, node, _expression(variable, "DW_OP_deref"), place))

    def global_(self, g: o.Global) -> str:
        """What a variable's definition says: `, !dbg !N`, once per function that a static variable is seen in.  It is
        seen in all of the function, not only in its block: LLVM 22 drops blocks that have no automatic variables, and
        crashes when it looks for one afterwards (llvm-project pull request 193986)."""
        if g.debug is None or g.init is None:
            return ""
        functions = self.module.functions
        names = (g.debug.function, g.debug.function + abi.RESUME_SUFFIX)
        owners = [functions[owner] for owner in names if g.debug.function and owner in functions]
        calls = [call for fn in functions.values() for call in fn.inlined if call.name == g.debug.function]
        scopes = [self.subprogram(fn) for fn in owners if not fn.is_declaration]
        scopes += [self.subprogram(call) for call in calls[:1]]
        return "".join(f", !dbg {self._global(g, g.debug.name, g.debug.type, scope)}" for scope in scopes or ["!0"])

    def _global(self, g: o.Global, source: str, type_: int, scope: str) -> str:
        file = self._file(g.loc.file) if g.loc.file else self._unit_file
        local = "true" if g.linkage == "internal" else "false"
        variable = self._add(
            f"distinct !DIGlobalVariable(name: {string(source)}, scope: {scope}, file: {file}, "
            f"line: {g.loc.line}, type: {self._types.type(type_)}, isLocal: {local}, isDefinition: true)"
        )
        node = self._add(f"!DIGlobalVariableExpression(var: {variable}, expr: !DIExpression())")
        self._globals.append(node)
        return node


def _column(loc: o.Loc) -> int:
    """LLVM has 16 bits for it; lines that macros make may be longer."""
    return loc.column if loc.column < 1 << 16 else 0


def _declare(address: str, variable: str, expression: str, place: str) -> str:
    return f"  #dbg_declare(ptr {address}, {variable}, {expression}, {place})"


def _expression(variable: DebugVariable, before: str = "", after: str = "") -> str:
    """The way from the home to the variable: the offset, then what makes it indirect."""
    offset = f"DW_OP_plus_uconst, {variable.offset}" if variable.offset else ""
    steps = [before, offset, "DW_OP_deref" if variable.indirect else "", after]
    return f"!DIExpression({', '.join(step for step in steps if step)})"
