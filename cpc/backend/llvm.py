"""IR -> LLVM IR as text: a Module whose coroutine functions are in Phase.SPLIT, op by op, without decisions.

Text, not llvmlite.ir: printing and parsing text is 30 times faster than building llvmlite's objects, and llvmlite.ir
has no x86_fp80, no comdat, no attributes on parameters of our kind.  Requires: a verified module with no CoCall,
CoYield, Suspend or FrameAddr left.  Establishes: a complete LLVM module, with the capture helpers (abi.py) that it
calls, constructors in .init_array, and, with `debug`, what debuggers want to know (debug.py).

What is decided here after all, since LLVM wants it said: definitions are `dso_local` unless the code is for a shared
library (as gcc without -fPIC); functions are nounwind and have unwind tables (as gcc compiles C).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cpc import x86_features
from cpc.backend import abi, strict_float
from cpc.backend.debug import DebugInfo
from cpc.backend.llvm_ops import RESULT_EXTENSIONS, Context, FunctionEmitter, convention_word, parameter
from cpc.backend.llvm_values import (
    difference32,
    global_name,
    initialiser,
    local_name,
    reg_name,
    result_type,
    string,
    type_text,
)
from cpc.ir import ops as o

X86_64 = "x86_64-unknown-linux-gnu"
X86_64_LAYOUT = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"

_LINKAGES = {"external": "", "internal": "internal ", "weak": "weak ", "linkonce": "linkonce ",
             "available_externally": "available_externally ", "common": "common "}  # fmt: skip
_TLS = {"": "", "generaldynamic": "thread_local ", "localdynamic": "thread_local(localdynamic) ",
        "initialexec": "thread_local(initialexec) ", "localexec": "thread_local(localexec) "}  # fmt: skip
_PERSONALITY = "__gcc_personality_v0"  # libgcc's for C: it runs cleanups
_LAST = 65535  # the priority of a constructor that has none
_CACHE_LINE = 64  # resume functions are reached by jumps from afar, and mostly leave soon: a tenth of a yield's time
_FUNCTION_WORDS = {"noreturn", "noinline", "alwaysinline", "cold", "hot", "naked", "noimplicitfloat", "returns_twice",
                   "strictfp"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class EmitOptions:
    """What the command line says about code.  `pic`: 'pic' (shared library), 'pie' or 'static'."""

    triple: str = X86_64
    data_layout: str = X86_64_LAYOUT
    pic: str = "pie"
    debug: bool = False
    dwarf: int = 4
    directory: str = ""  # the compilation directory, for debug information
    optimised: bool = False
    for_size: bool = False
    function_sections: bool = False
    data_sections: bool = False
    frame_pointer: bool = False
    stack_protector: str = ""  # the attribute: ssp, sspstrong, sspreq; or explicit
    stack_clash: bool = False
    stackrealign: bool = False  # every function aligns its own
    branch_protection: bool = False
    null_valid: bool = False  # address 0 may be accessed
    builtins: bool = True  # False: -ffreestanding or -fno-builtin
    no_builtins: frozenset[str] = frozenset()  # -fno-builtin-NAME
    features: str = ""  # of the processor, as for LLVM's target machine
    exceptions: bool = False  # functions may be left by them
    inline_blocks: bool = False  # copy and clear small objects without memcpy, as -O0 would not


def emit_module(module: o.Module, options: EmitOptions | None = None) -> str:
    return _ModuleEmitter(module, options or EmitOptions()).run()


class _ModuleEmitter:
    def __init__(self, module: o.Module, options: EmitOptions) -> None:
        self.module = module
        self.options = options
        self.debug = DebugInfo(module, options.directory, options.optimised) if options.debug else None
        functions = module.functions.values()
        preserve_most = frozenset(f.name for f in functions if "preserve_most" in f.attrs)
        self.kept: list[str] = []
        self.unwinds = False  # some function has landing pads
        variadic = {f.name: tuple(spec.type for spec in f.sig.params) for f in functions if f.sig.variadic}
        self.context = Context(preserve_most, self.debug, variadic, inline_blocks=options.inline_blocks)

    def run(self) -> str:
        module = self.module
        parts = [
            f"source_filename = {string(module.name)}",
            f'target datalayout = "{self.options.data_layout}"',
            f'target triple = "{self.options.triple}"',
            *(f"module asm {string(line)}" for text in module.asm for line in text.split("\n")),
            *(self._global(g) for g in module.globals.values()),
            *(self._alias(a) for a in module.aliases.values()),
            *self._constructors(),
            *self._used(),
        ]
        functions = [self._function(fn) for fn in module.functions.values() if fn.name not in abi.HELPERS]
        if self.unwinds and _PERSONALITY not in module.functions:
            functions.append(f"declare i32 @{_PERSONALITY}(...)")
        present = {*module.functions, *module.globals, *module.aliases}
        prelude = abi.prelude(self.context.helpers, present - abi.HELPERS.keys(), self.options.pic == "pic")
        parts += [prelude, *functions, *self._attribute_groups(), *self._metadata()]
        return "\n".join(parts) + "\n"

    # -- variables --

    def _linkage(self, thing: o.Global | o.Alias | o.Function, defined: bool) -> str:
        words = _LINKAGES[thing.linkage]
        if not defined:
            words = "extern_weak " if thing.linkage == "weak" else "external "
        if defined and self.options.pic != "pic" and thing.linkage not in ("internal", "available_externally"):
            words += "dso_local "
        if thing.visibility != "default" and thing.linkage != "internal":
            words += f"{thing.visibility} "
        return words

    def _global(self, g: o.Global) -> str:
        linkage = self._linkage(g, g.init is not None)
        if g.unnamed and g.linkage == "internal":
            linkage = "private "
        kind, value = (f"[{g.size} x i8]", "") if g.init is None else initialiser(g.init)
        if g.init is not None and all(isinstance(piece, o.DataZero) for piece in g.init):
            kind, value = f"[{g.size} x i8]", "zeroinitializer"
        word = ("unnamed_addr " if g.unnamed else "") + ("constant" if g.constant else "global")
        section = g.section or self._data_section(g, value)
        tail = f", section {string(section)}" if section else ""
        debug = self.debug.global_(g) if self.debug else ""
        return f"{global_name(g.name)} = {linkage}{_TLS[g.tls]}{word} {kind} {value}{tail}, align {g.align}{debug}"

    def _data_section(self, g: o.Global, value: str) -> str:
        """-fdata-sections, by name: the parts of the names that linkers know.  Variables that start as zero stay in
        .bss: LLVM may give them another initialiser (it runs constructors), and then `.bss.x` is a fatal error."""
        if not self.options.data_sections or g.init is None or g.unnamed or value == "zeroinitializer":
            return ""
        if g.tls:
            return f".tdata.{g.name}"
        if g.constant:
            relocated = any(isinstance(piece, o.DataAddr | o.DataLabel) for piece in g.init)
            return f".data.rel.ro.{g.name}" if relocated and self.options.pic != "static" else f".rodata.{g.name}"
        return f".data.{g.name}"

    def _alias(self, a: o.Alias) -> str:
        """Of what is behind the chain, as with clang: LLVM has no alias of a weak alias."""
        kind = "void ()" if a.is_function else "i8"
        word = "ifunc" if a.ifunc else "alias"
        target = global_name(self.module.behind(a))
        return f"{global_name(a.name)} = {self._linkage(a, True)}{word} {kind}, ptr {target}"

    def _constructors(self) -> list[str]:
        """`constructor` and `destructor` functions: a pointer in .init_array or .fini_array, as gcc names them.
        LLVM's own llvm.global_ctors would go to .ctors, since llvmlite cannot ask for .init_array."""
        lines = []
        for fn in self.module.functions.values():
            for word, section in (("constructor", ".init_array"), ("destructor", ".fini_array")):
                if word in fn.attrs and not fn.is_declaration:
                    entry = global_name(f"{fn.name}.{word}")
                    place = section if fn.priority == _LAST else f"{section}.{fn.priority:05}"
                    value = f"[1 x ptr] [ptr {global_name(fn.name)}]"
                    lines.append(f"{entry} = internal global {value}, section {string(place)}, align 8")
                    self.kept.append(entry)
        return lines

    def _used(self) -> list[str]:
        """What is kept though nothing in this unit refers to it: `used`, and the entries of constructors."""
        names = [*self.kept]
        names += [global_name(g.name) for g in self.module.globals.values() if g.used and g.init is not None]
        functions = (fn for fn in self.module.functions.values() if not fn.is_declaration)
        names += [global_name(fn.name) for fn in functions if "used" in fn.attrs]
        if not names:
            return []
        entries = ", ".join(f"ptr {text}" for text in names)
        return [f'@llvm.compiler.used = appending global [{len(names)} x ptr] [{entries}], section "llvm.metadata"']

    # -- functions --

    def _function(self, fn: o.Function) -> str:
        convention = convention_word(fn.attrs)
        result = RESULT_EXTENSIONS[fn.sig.ret_ext] + result_type(fn.sig.rets)
        words = "".join(f" {word}" for word in sorted(fn.attrs & _FUNCTION_WORDS))
        if "optnone" in fn.attrs and not self.options.for_size:  # LLVM has no such function in code for size
            words += " optnone" + ("" if "noinline" in fn.attrs else " noinline")
        words += self._protection(fn)
        words += ' "disable-tail-calls"="true"' if "no_tail_calls" in fn.attrs else ""
        words += ' "stackrealign"' if self.options.stackrealign or "stackrealign" in fn.attrs else ""
        if features := sorted(x86_features.of_flags(fn.attrs)):
            all_ = ",".join(filter(None, (self.options.features, *(f"+{name}" for name in features))))
            words += f' "target-features"="{all_}"'
        dots = ["..."] if fn.sig.variadic else []
        if fn.is_declaration:
            params = ", ".join([parameter(spec) for spec in fn.sig.params] + dots)
            linkage = "extern_weak " if fn.linkage == "weak" else ""
            visibility = f"{fn.visibility} " if fn.visibility != "default" else ""
            words += " nobuiltin" if self._half_known(fn.name) else ""
            words += "" if self.options.exceptions else " nounwind"
            return f"declare {linkage}{visibility}{convention}{result} {global_name(fn.name)}({params}){words}"
        named = zip(fn.sig.params, fn.params, strict=True)
        params = ", ".join([f"{parameter(spec)} {reg_name(reg.name)}" for spec, reg in named] + dots)
        group = int("frame_pointer" in fn.attrs)
        head = f"define {self._linkage(fn, True)}{convention}{result} {global_name(fn.name)}({params}) #{group}{words}"
        return head + self._placement(fn) + " {\n" + self._body(fn) + "\n}\n"

    def _protection(self, fn: o.Function) -> str:
        """The stack protector that the options ask for, where the function does not say itself what it wants."""
        wanted = self.options.stack_protector
        if not wanted or fn.is_declaration or "no_stack_protector" in fn.attrs:
            return ""
        if "stack_protect" in fn.attrs:
            return " sspreq"
        return "" if wanted == "explicit" else f" {wanted}"

    def _half_known(self, name: str) -> bool:
        """A function that LLVM would replace by __memcpy_chk, and crash where it may not call that."""
        may_call = self.options.builtins and "__memcpy_chk" not in self.options.no_builtins
        return name in ("__strcpy_chk", "__stpcpy_chk") and not may_call

    def _placement(self, fn: o.Function) -> str:
        text = ""
        if section := fn.section or (f".text.{fn.name}" if self.options.function_sections else ""):
            text += f" section {string(section)}"
        align = fn.align
        if fn.descriptor and self.options.optimised and not self.options.for_size:
            align = max(align, _CACHE_LINE)
        if align:
            text += f" align {align}"
        if fn.descriptor:
            # 16 bytes, so that the function stays aligned; the last four are the way to the descriptor (abi.py).
            way = f"i32 {difference32(fn.descriptor, fn.name)}"
            text += f" prefix <{{ [12 x i8], i32 }}> <{{ [12 x i8] zeroinitializer, {way} }}>"
        if any(isinstance(op, o.Call) and op.unwind for block in fn.blocks.values() for op in block.ops):
            self.unwinds = True
            text += f" personality ptr @{_PERSONALITY}"
        if self.debug:
            text += f" !dbg {self.debug.subprogram(fn)}"
        return text

    def _body(self, fn: o.Function) -> str:
        emitter = FunctionEmitter(fn, self.context)
        labels = iter(fn.blocks)
        entry = next(labels)
        lines = [emitter.label(entry)]
        for local in fn.locals.values():
            kind = f"[{local.size} x i8]" if local.type is None else type_text(local.type)
            align = max(local.align, 16) if local.type is None and local.size >= 16 else local.align
            lines.append(f"  {local_name(local.name)} = alloca {kind}, align {align}")
        if self.debug:
            declared = self.debug.declarations(fn)
            lines += declared.entry
            emitter.after = declared.after
        lines += emitter.block(fn.blocks[entry])
        for label in labels:
            lines.append(emitter.label(label))
            lines += emitter.block(fn.blocks[label])
        lines += emitter.landing_pads()
        return "\n".join(lines)

    # -- the rest --

    def _attribute_groups(self) -> Iterable[str]:
        """What all functions have; those of the second group always keep a frame pointer."""
        yield self._attribute_group(0, self.options.frame_pointer)
        if any("frame_pointer" in fn.attrs for fn in self.module.functions.values()):
            yield self._attribute_group(1, True)

    def _attribute_group(self, number: int, frame_pointer: bool) -> str:
        options = self.options
        no_traps = str(not strict_float.is_in(self.module)).lower()
        words = ["uwtable", f'"no-trapping-math"="{no_traps}"', '"tune-cpu"="generic"']
        words.append(f'"frame-pointer"="{"all" if frame_pointer else "none"}"')
        if not options.exceptions:
            words.insert(0, "nounwind")
        if options.for_size:
            words.append("optsize")
        if options.stack_protector:
            words.append('"stack-protector-buffer-size"="8"')
        if options.stack_clash:
            words.append('"probe-stack"="inline-asm"')
        if options.null_valid:
            words.append("null_pointer_is_valid")
        if not options.builtins:
            words.append('"no-builtins"')
        words += [f'"no-builtin-{name}"' for name in sorted(options.no_builtins)]
        return f"attributes #{number} = {{ {' '.join(words)} }}"

    def _metadata(self) -> Iterable[str]:
        flags = ['!{i32 7, !"uwtable", i32 2}']
        if self.options.pic != "static":
            flags.append('!{i32 8, !"PIC Level", i32 2}')
        if self.options.pic == "pie":
            flags.append('!{i32 7, !"PIE Level", i32 2}')
        if self.options.branch_protection:
            flags += ['!{i32 8, !"cf-protection-branch", i32 1}', '!{i32 8, !"cf-protection-return", i32 1}']
        if self.debug:
            flags.append(f'!{{i32 7, !"Dwarf Version", i32 {self.options.dwarf}}}')
            flags.append('!{i32 2, !"Debug Info Version", i32 3}')
        nodes = list(self.debug.nodes()) if self.debug else []
        first = len(nodes)
        nodes += [f"!{first + i} = {flag}" for i, flag in enumerate(flags)]
        nodes.append("!llvm.module.flags = !{" + ", ".join(f"!{first + i}" for i in range(len(flags))) + "}")
        nodes.append(f"!llvm.ident = !{{!{first + len(flags)}}}")
        nodes.append(f'!{first + len(flags)} = !{{!"cpc"}}')
        if self.debug:
            nodes.append("!llvm.dbg.cu = !{!0}")
        return nodes + self.context.alias_nodes()
