"""A module in Phase.SPLIT -> one file of C11 with GNU extensions: `cpc compile --emit c`, `cpc cc --via-c=COMPILER`.

The C says what the LLVM text says (backend/llvm.py), so it is a second opinion on everything behind the IR, and lets a
project use coroutines with a compiler of its own.  It needs one header, runtime/include/cpc_portable.h, and nothing of
the system's.  It is deterministic, and says with #line where each statement comes from.

What the target decides is decided already: sizes, layouts, conventions, values of macros.  So the file is for the
target that was compiled for, with any compiler for it: gcc 9, clang 11 or newer; tcc where the program needs no
coroutines, atomics, vectors, 128-bit integers or thread-local variables.

    what the IR has            in C
    memory without types       loads and stores through types that may alias any other, at the alignment known
    wrapping integers          unsigned arithmetic; signed only where the machine operation is
    a coroutine's tail call    musttail where the compiler has it (clang, gcc 15), else the frame that goes on is left
                               in core.top and enter calls it: {value, 2}, see backend/abi.py; the stack is bounded
                               at -O0 too
    preserve_most              clang's attribute, or gcc's no_caller_saved_registers on x86-64; callers need none
    the descriptor for         a table that a constructor registers with the runtime (co_describe), since C cannot put
    co_dump                    data in front of a function
    exact floats               hexadecimal constants; bits where there is none (infinities, NaN)

Objects made this way and objects made by LLVM can be linked together, in both directions.  A runtime made by a compiler
that has neither of the two attributes (gcc for aarch64) serves only units that it made as well.  clang before 18 passes
an __int128 that is on the stack at an alignment of its own.

Rejected: C types regained for memory (a second front end's worth of decisions to disagree about), and the prefix data
of LLVM's resume functions by file-scope asm (its place before the function is no compiler's promise).

Requires: a verified module with no CoCall, CoYield, Suspend or FrameAddr left.  Raises NotPortable for what
C cannot say.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cpc.backend import abi
from cpc.backend.portable.data import Variable, attributes, label_owner, linkage_words
from cpc.backend.portable.errors import NotPortable
from cpc.backend.portable.expressions import UNARY, Text
from cpc.backend.portable.function import Body, FunctionWriter, Statement
from cpc.backend.portable.inline_asm import at_file_scope
from cpc.backend.portable.names import Scope, string, usable
from cpc.backend.portable.names import symbol as quoted
from cpc.backend.portable.signatures import CSignature, Signatures
from cpc.backend.portable.types import Types
from cpc.ir import ops as o

_WIDTH = 100
_LAST = 65535
_ATTRIBUTES = {"noreturn": "noreturn", "noinline": "noinline", "cold": "cold", "hot": "hot", "naked": "naked",
               "returns_twice": "returns_twice", "used": "used", "stackrealign": "force_align_arg_pointer"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PortableOptions:
    """`calls` is the calling convention, as in Target; `lines` asks for #line."""

    calls: str = "sysv"
    lines: bool = True


def emit_c(module: o.Module, options: PortableOptions | None = None) -> str:
    return Unit(module, options or PortableOptions()).run()


@dataclass(slots=True)
class Unit:
    module: o.Module
    options: PortableOptions
    types: Types = field(default_factory=Types)
    scope: Scope = field(default_factory=Scope)
    names: dict[str, str] = field(default_factory=dict)  # assembler names -> identifiers
    owners: dict[str, str] = field(default_factory=dict)  # variables that live inside a function
    signatures: Signatures = field(init=False)
    declared: dict[str, CSignature] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.signatures = Signatures(self.options.calls, self.types)
        module = self.module
        everything = [*module.functions, *module.globals, *module.aliases]
        for name in everything:
            if usable(name):
                self.names[name] = self.scope.reserve(name)
        for name in everything:
            if not usable(name):
                self.names[name] = self.scope.fresh(name)
        self.scope.close()
        for fn in module.functions.values():
            self.declared[fn.name] = self.signatures.of(fn.sig)
        for a in module.aliases.values():
            if a.is_function and (found := self.module.behind(a)) in self.declared:
                self.declared[a.name] = self.declared[found]
        for g in module.globals.values():
            if owner := label_owner(g):
                self.owners[g.name] = owner

    @property
    def target_calls(self) -> str:
        return self.options.calls

    # -- names --

    def asm_label(self, name: str) -> str:
        """The assembler name, where the identifier does not say it; statics are free to be called anything."""
        if self.names[name] == name or self._is_local(name):
            return ""
        return f" __asm__({quoted(name)})"

    def _is_local(self, name: str) -> bool:
        tables = (self.module.functions, self.module.globals, self.module.aliases)
        thing = next(table[name] for table in tables if name in table)
        return thing.linkage == "internal" and "." in name

    def function_type(self, name: str) -> CSignature | None:
        return self.declared.get(name)

    def address(self, name: str, function: str) -> Text:
        """The address of a global as a `char *`, in `function`."""
        owner = self.owners.get(name)
        if owner is not None and owner != function:
            raise NotPortable(f"the labels of '{owner}' are used in another function", self.module.globals[name].loc)
        if name in abi.COLD or name == abi.CURRENT:
            return Text(f"(char *)&{name}", UNARY)
        return Text(f"(char *)&{self.names[name]}" if self._is_object(name) else f"(char *){self.names[name]}", UNARY)

    def _is_object(self, name: str) -> bool:
        if name in self.module.aliases:
            return not self.module.aliases[name].is_function
        return name in self.module.globals

    # -- the file --

    def run(self) -> str:
        module = self.module
        everywhere = [Variable(self, g) for g in module.globals.values()]
        variables = [v for v in everywhere if v.g.name not in self.owners]
        bodies = [(fn, self._body(fn)) for fn in module.functions.values() if not fn.is_declaration]
        parts = [
            [f"/* Made by cpc from {_comment(module.name)}. */"],
            self._header(),
            [at_file_scope(text) for text in module.asm],
            [],  # types, when all are known
            [text for v in everywhere if (text := v.struct())],
            [text for v in variables if (text := v.declaration())],
            [self._prototype(fn) for fn in module.functions.values() if fn.name not in abi.COLD],
            [self._alias(a) for a in module.aliases.values()],
            [text for v in variables if (text := v.definition())],
            *([*self._head(fn), *self._laid_out(fn, body)] for fn, body in bodies if body is not None),
            self._described(),
        ]
        parts[3] = self.types.declared
        return "\n\n".join("\n".join(part) for part in parts if part) + "\n"

    def _header(self) -> list[str]:
        used = any(fn.color != "plain" for fn in self.module.functions.values()) or self._mentions_core()
        lines = ["#define CPC_COROUTINES"] if used else []
        if any(not fn.is_declaration for name, fn in self.module.functions.items() if name in abi.COLD):
            lines.append("#define CPC_DEFINES_COLD")
        return [*lines, "#include <cpc_portable.h>"]

    def _mentions_core(self) -> bool:
        return abi.CURRENT in self.module.globals or any(name in self.module.functions for name in abi.COLD)

    def _body(self, fn: o.Function) -> Body | None:
        if "win64" in fn.attrs:
            raise NotPortable("an ms_abi function in portable C", fn.loc)
        writer = FunctionWriter(self, fn, self.declared[fn.name])
        body = writer.body()
        for name, owner in self.owners.items():
            if owner == fn.name:
                body.variables.append(Variable(self, self.module.globals[name]).inside_function(writer.labels))
        return body

    def _storage(self, fn: o.Function) -> str:
        inline = "inline " if "alwaysinline" in fn.attrs and fn.linkage == "internal" else ""
        if fn.linkage == "available_externally":
            return "extern inline __attribute__((gnu_inline)) "
        return "static " + inline if fn.linkage == "internal" else ""

    def _prototype(self, fn: o.Function) -> str:
        words = [*linkage_words(fn), *(_ATTRIBUTES[word] for word in sorted(fn.attrs & _ATTRIBUTES.keys()))]
        if fn.is_declaration:
            words = [word for word in words if word not in ("used", "naked")]
        else:
            words += self._definition_words(fn)
        signature = self.declared[fn.name]
        text = signature.declare(self.names[fn.name])
        return f"{self._storage(fn)}{text}{self.asm_label(fn.name)}{attributes(words)};"

    def _definition_words(self, fn: o.Function) -> list[str]:
        words = []
        for word in ("constructor", "destructor"):
            if word in fn.attrs:
                words.append(word if fn.priority == _LAST else f"{word}({fn.priority})")
        if fn.section:
            words.append(f"section({string(fn.section.encode())})")
        if fn.align:
            words.append(f"aligned({fn.align})")
        if "optnone" in fn.attrs:
            words.append("CPC_OPTNONE")
        return words

    def _head(self, fn: o.Function) -> list[str]:
        return [f'#line {max(1, fn.loc.line)} "{_escaped(fn.loc.file)}"'] if self.options.lines and fn.loc.file else []

    def _laid_out(self, fn: o.Function, body: Body) -> list[str]:
        text = self.declared[fn.name].declare(self.names[fn.name], body.params)
        inside = _Lines(fn.loc, self.options.lines).lay_out(body.statements)
        return [f"{self._storage(fn)}{text}", "{", *(f"    {line}" for line in body.variables), *inside, "}"]

    def _size_of(self, a: o.Alias) -> int:
        target = self.module.behind(a)
        return max(1, self.module.globals[target].size if target in self.module.globals else 1)

    def _alias(self, a: o.Alias) -> str:
        symbol = a.target if self.asm_label(a.target) else self.names[a.target]
        words = [*linkage_words(a), f"{'ifunc' if a.ifunc else 'alias'}({quoted(symbol)})"]
        name = self.names[a.name]
        declared = self.declared.get(a.name)
        text = declared.declare(name) if declared is not None else f"char {name}[{self._size_of(a)}]"
        storage = "static " if a.linkage == "internal" else "extern "
        return f"{storage}{text}{self.asm_label(a.name)}{attributes(words)};"

    def _described(self) -> list[str]:
        """The resume functions and what describes them, registered with the runtime."""
        described = [fn for fn in self.module.functions.values() if fn.descriptor]
        if not described:
            return []
        lines = ["static const struct cpc_described cpc_described[] = {"]
        for fn in described:
            lines.append(f"    {{ {self.names[fn.name]}, &{self.names[fn.descriptor]} }},")
        return [*lines, "};", "CPC_DESCRIBE(cpc_described)"]


class _Lines:
    """Puts statements on lines, with #line where the compiler would think of another one."""

    def __init__(self, start: o.Loc, wanted: bool) -> None:
        self.file = start.file
        self.line = -1  # of the line written next, as the compiler counts; -1 when that is not known
        self.wanted = wanted
        self.out: list[str] = []

    def lay_out(self, statements: list[Statement]) -> list[str]:
        held, place = "", o.NO_LOC
        for statement in statements:
            label = statement.text.endswith(":;")
            loc = statement.loc if statement.loc.line else place
            joins = self.wanted and not label and (loc.line, loc.file) == (place.line, place.file)
            if held and joins and len(held) + len(statement.text) < _WIDTH:
                held += " " + statement.text
                continue
            if held:
                self._write(held, place)
                held = ""
            if label:
                self.out.append(statement.text)
                self.line += self.line >= 0
            else:
                held, place = statement.text, loc
        if held:
            self._write(held, place)
        return self.out

    def _write(self, text: str, loc: o.Loc) -> None:
        if self.wanted and loc.line and (loc.line != self.line or loc.file != self.file):
            name = f' "{_escaped(loc.file)}"' if loc.file != self.file else ""
            self.out.append(f"#line {loc.line}{name}")
            self.line, self.file = loc.line, loc.file
        self.out.append(f"    {text}")
        self.line += self.line >= 0


def _escaped(path: str) -> str:
    return path.replace("\\", "\\\\").replace('"', '\\"')


def _comment(text: str) -> str:
    return text.replace("*/", "* /")
