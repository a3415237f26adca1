"""What each attribute means to cpc: applied, or ignored knowingly, or warned about (W0231).

Before: `Attribute`s of one node.  After: one `Meaning` that declarations, records and types take their parts from.
The tables below are the whole policy; `__attribute__((frobnicate))` in none of them is a warning, because code that
depends on an attribute the compiler does not know may be wrong without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pycparser import c_ast

from cpc import x86_features
from cpc.frontend import attribute_arguments, constants
from cpc.frontend.symbols import Attrs, Kind
from cpc.frontend.unit import Attribute

if TYPE_CHECKING:
    from cpc.frontend.sema import Sema


@dataclass(slots=True)
class Meaning:
    """`attrs` goes to the Symbol; the rest to types and layout."""

    attrs: Attrs = field(default_factory=Attrs)
    align: int = 0
    packed: bool = False
    transparent: bool = False
    may_alias: bool = False
    color: str = ""
    noreturn: bool = False
    ms_abi: bool = False
    vector_size: int = 0
    mode: str = ""


NOTHING = Meaning()  # shared by all nodes without attributes; nobody changes a Meaning after `read`

# Attributes without argument that become a flag of `Attrs`.
FLAGS = {
    "noreturn": "noreturn",
    "noinline": "noinline",
    "noclone": "noinline",
    "noipa": "noinline",
    "always_inline": "alwaysinline",
    "cold": "cold",
    "hot": "hot",
    "naked": "naked",
    "force_align_arg_pointer": "stackrealign",
    "returns_twice": "returns_twice",
    "used": "used",
    "retain": "used",
    "preserve_most": "preserve_most",
    "optnone": "optnone",
    "stack_protect": "stack_protect",
    "no_stack_protector": "no_stack_protector",
    "weak": "weak",
    "gnu_inline": "gnu_inline",
    "unused": "unused",
    "maybe_unused": "unused",
    "pure": "pure",
    "const": "const",
    "nocommon": "nocommon",
    "common": "common",
    "leaf": "leaf",
    "nothrow": "nothrow",
    "artificial": "artificial",
    "no_instrument_function": "no_instrument",
    "warn_unused_result": "warn_unused",
    "nodiscard": "nodiscard",
}

# Hints for optimisation and warnings, and properties that hold anyway: the program means the same without them.
IGNORED = frozenset(
    """
    access acquire_capability alloc_align alloc_size assert_capability assume assume_aligned availability
    bounded btf_decl_tag btf_type_tag capability cf_check counted_by counted_by_or_null designated_init
    diagnose_if disable_sanitizer_instrumentation element_count enum_extensibility error externally_visible
    fallthrough fd_arg fd_arg_read fd_arg_write flag_enum flatten format_arg gcc_struct guarded_by
    guarded_var hardbool lifetimebound likely locks_excluded malloc no_address_safety_analysis no_icf
    no_reorder no_profile_instrument_function no_sanitize no_sanitize_address no_sanitize_memory
    no_sanitize_thread no_sanitize_undefined no_split_stack no_stack_limit
    no_thread_safety_analysis nocf_check nodebug noescape nomerge nonallocating nonblocking nonnull nonstring
    noplt not_tail_called null_terminated_string_arg objc_root_class overloadable
    patchable_function_entry pt_guarded_by release_capability reproducible requires_capability returns_nonnull
    sentinel simd speculative_load_hardening strict_flex_array sysv_abi
    try_acquire_capability type_visibility uninitialized unlikely unsequenced warn_if_not_aligned
    warning zero_call_used_regs
    """.split()  # noqa: SIM905  # a list of a hundred quoted words is harder to read
)

# Attributes that change the program and that cpc does not implement: an error, never a silent difference.
REFUSED = frozenset((
    "interrupt", "ms_struct", "preserve_all", "regcall", "scalar_storage_order", "target_clones",
    "vectorcall",
))  # fmt: skip

_MODES = {
    "QI": "char", "byte": "char", "HI": "short", "SI": "int", "DI": "long", "TI": "__int128", "word": "long",
    "pointer": "long", "SF": "float", "DF": "double", "XF": "long double", "TF": "_Float128", "unwind_word": "long",
    "libgcc_cmp_return": "long", "libgcc_shift_count": "long", "SC": "_Complex float", "DC": "_Complex double",
    "XC": "_Complex long double", "TC": "_Complex _Float128",
}  # fmt: skip
_VECTOR_MODE = re.compile(r"V(2|4|8|16|32|64)(QI|HI|SI|DI|SF|DF)")
_MODE_SIZES = {"QI": 1, "HI": 2, "SI": 4, "DI": 8, "SF": 4, "DF": 8}
_LARGEST_VECTOR = 1024
_VISIBILITIES = {"default": "default", "hidden": "hidden", "protected": "protected", "internal": "hidden"}
_TLS_MODELS = {
    "global-dynamic": "generaldynamic",
    "local-dynamic": "localdynamic",
    "initial-exec": "initialexec",
    "local-exec": "localexec",
}
_COLORS = {
    "coroutine_fn": "coroutine",
    "coroutine_mixed_fn": "mixed",
    "no_coroutine_fn": "blocking",
    "blocking_fn": "blocking",
    "co_yield": "coroutine",
}
DEFAULT_PRIORITY = 65535
MAX_ALIGN = 1 << 28


def read(sema: Sema, attributes: Iterable[Attribute], meaning: Meaning | None = None) -> Meaning:
    """The meaning of a list of attributes, added to `meaning` when given."""
    for attribute in attributes:
        if meaning is None:
            meaning = Meaning()
        _read_one(sema, attribute, meaning)
    return meaning or NOTHING


def _read_one(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    name = attribute.name
    if not attribute_arguments.check(sema, attribute):
        return
    flag = FLAGS.get(name)
    if flag is not None:
        meaning.attrs.flags.add(flag)
        meaning.noreturn |= flag == "noreturn"
        return
    handler = _HANDLERS.get(name)
    if handler is not None:
        handler(sema, attribute, meaning)
    elif name in REFUSED:
        sema.diags.error("E0340", attribute.loc, f"attribute '{name}' is not supported")
    elif name not in IGNORED and "::" not in name:
        sema.diags.warning("W0231", attribute.loc, f"unknown attribute '{name}' is ignored")


# ---- arguments ----------------------------------------------------------------------------------------------


def _string(sema: Sema, attribute: Attribute, index: int = 0) -> str:
    argument = attribute.args[index] if index < len(attribute.args) else None
    if not isinstance(argument, str):
        sema.diags.error("E0232", attribute.loc, f"attribute '{attribute.name}' needs a string")
        return ""
    return argument


def _number(sema: Sema, attribute: Attribute, default: int) -> int:
    if not attribute.args:
        return default
    argument = attribute.args[0]
    if isinstance(argument, str | c_ast.Typename):
        sema.diags.error("E0232", attribute.loc, f"attribute '{attribute.name}' needs an integer constant")
        return default
    return constants.required(sema, argument, f"the argument of attribute '{attribute.name}'", attribute.loc)


def _choice(sema: Sema, attribute: Attribute, choices: dict[str, str]) -> str:
    word = _string(sema, attribute)
    if word and word not in choices:
        sema.diags.error("E0232", attribute.loc, f"attribute '{attribute.name}' has no choice '{word}'")
    return choices.get(word, "")


# ---- handlers -----------------------------------------------------------------------------------------------


def _aligned(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    align = _number(sema, attribute, 16)  # without argument: the largest any type needs, 16 on x86-64
    if align == 0:
        sema.diags.warning("W0231", attribute.loc, "alignment 0 is ignored")
    elif not valid_align(align):
        sema.diags.error("E0233", attribute.loc, f"requested alignment {align} is not a power of two that fits")
        return
    meaning.align = max(meaning.align, align)


def valid_align(align: int) -> bool:
    """Powers of two, as large as object files carry them."""
    return 0 < align <= MAX_ALIGN and align & (align - 1) == 0


def _packed(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    meaning.packed = True


def _ms_abi(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    if sema.target.calls != "sysv":
        sema.diags.error("E0340", attribute.loc, "attribute 'ms_abi' is not supported on this target")
    meaning.ms_abi = True


def _transparent(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    meaning.transparent = True


def _may_alias(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    meaning.may_alias = True


def _annotate(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    word = attribute.args[0] if attribute.args else ""
    color = _COLORS.get(word) if isinstance(word, str) else None
    if color is None:
        return  # other tools' annotations
    if meaning.color and meaning.color != color:
        sema.diags.error("E0234", attribute.loc, f"'{word}' contradicts another coroutine annotation here")
    meaning.color = color
    if word == "co_yield":
        meaning.attrs.flags.add("co_yield")


def _section(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    meaning.attrs.section = _string(sema, attribute)


def _visibility(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    meaning.attrs.visibility = _choice(sema, attribute, _VISIBILITIES)


def _alias(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    meaning.attrs.alias = _string(sema, attribute)


def _weakref(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    meaning.attrs.flags |= {"weak", "weakref"}
    if attribute.args:
        meaning.attrs.alias = _string(sema, attribute)


def _ifunc(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    meaning.attrs.flags.add("ifunc")
    meaning.attrs.alias = _string(sema, attribute)


def _symver(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    for index in range(max(1, len(attribute.args))):
        version = _string(sema, attribute, index)
        if version and not re.fullmatch(r"[\w.$]+@{1,3}[\w.]+", version):
            sema.diags.error("E0232", attribute.loc, f'attribute \'symver\' needs "name@version", not "{version}"')
        elif version:
            meaning.attrs.versions += (version,)


def _tls_model(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    meaning.attrs.tls_model = _choice(sema, attribute, _TLS_MODELS)


def _cleanup(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    argument = attribute.args[0] if attribute.args else None
    if not isinstance(argument, c_ast.ID):
        sema.diags.error("E0232", attribute.loc, "attribute 'cleanup' needs the name of a function")
        return
    meaning.attrs.cleanup = argument.name


def _constructor(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    priority = _number(sema, attribute, DEFAULT_PRIORITY)
    if not 0 <= priority <= DEFAULT_PRIORITY:
        sema.diags.error("E0232", attribute.loc, f"priority {priority} is not between 0 and 65535")
        return
    if attribute.name == "constructor":
        meaning.attrs.constructor = priority
    else:
        meaning.attrs.destructor = priority


def _format(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    """Only for warnings (cpc/warnings/formats.py): kinds other than printf's and scanf's are not checked."""
    kind = attribute.args[0] if attribute.args else None
    numbers = [constants.integer(sema, a) for a in attribute.args[1:] if not isinstance(a, str)]
    if not isinstance(kind, c_ast.ID) or len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        return
    name = kind.name.strip("_").removeprefix("gnu_")
    if name in ("printf", "scanf"):
        meaning.attrs.formats += ((name, numbers[0][0], numbers[1][0]),)


def _deprecated(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    word = attribute.args[0] if attribute.args else ""
    meaning.attrs.deprecated = word if isinstance(word, str) else ""


def _unavailable(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    meaning.attrs.flags.add("unavailable")
    _deprecated(sema, attribute, meaning)


def _copy(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    """Of a function it copies optimisation and warnings; of a type, and of an aligned object, the layout."""
    source = attribute.args[0] if attribute.args else None
    symbol = sema.lookup(source.name) if isinstance(source, c_ast.ID) else None
    plain = symbol is not None and symbol.kind is Kind.OBJECT and not symbol.type.align
    if not plain and (symbol is None or symbol.kind is not Kind.FUNCTION):
        sema.diags.error("E0340", attribute.loc, "attribute 'copy' of a type or of an aligned object is not supported")


def _vector_size(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    size = _number(sema, attribute, 0)
    if not valid_align(size) or size > _LARGEST_VECTOR:
        sema.diags.error("E0232", attribute.loc, f"vector size {size} is not a power of two up to {_LARGEST_VECTOR}")
        return
    meaning.vector_size = size


def _mode(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    argument = attribute.args[0] if attribute.args else None
    word = argument.name.strip("_") if isinstance(argument, c_ast.ID) else ""
    if vector := _VECTOR_MODE.fullmatch(word):
        word = vector[2]
        meaning.vector_size = int(vector[1]) * _MODE_SIZES[word]
    if word not in _MODES:
        sema.diags.error("E0340", attribute.loc, f"machine mode '{word}' is not supported")
        return
    meaning.mode = _MODES[word]


def _optimize(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    """Of optimize("...") only what makes undefined programs defined; the rest chooses among right code."""
    given = ",".join(arg for arg in attribute.args if isinstance(arg, str))
    words = {word.strip().removeprefix("-f") for word in given.split(",")}
    if "no-strict-aliasing" in words:
        meaning.attrs.flags.add("any_alias")
    if words & {"wrapv", "no-strict-overflow"}:
        meaning.attrs.flags.add("wrapv")


def _target(sema: Sema, attribute: Attribute, meaning: Meaning) -> None:
    """Of target("...") what the function may use of the processor; the rest chooses among right code."""
    if sema.target.calls != "sysv":
        return
    for index in range(len(attribute.args)):
        found = x86_features.of_attribute(_string(sema, attribute, index))
        meaning.attrs.flags |= {x86_features.FLAG + feature for feature in found}


_HANDLERS: dict[str, Callable[[Sema, Attribute, Meaning], None]] = {
    "aligned": _aligned,
    "packed": _packed,
    "transparent_union": _transparent,
    "may_alias": _may_alias,
    "annotate": _annotate,
    "section": _section,
    "visibility": _visibility,
    "alias": _alias,
    "weakref": _weakref,
    "ifunc": _ifunc,
    "symver": _symver,
    "tls_model": _tls_model,
    "cleanup": _cleanup,
    "constructor": _constructor,
    "destructor": _constructor,
    "deprecated": _deprecated,
    "unavailable": _unavailable,
    "copy": _copy,
    "format": _format,
    "vector_size": _vector_size,
    "mode": _mode,
    "ms_abi": _ms_abi,
    "optimize": _optimize,
    "target": _target,
}


def merge(into: Attrs, new: Attrs) -> None:
    """A further declaration's attributes: they add up."""
    into.flags |= new.flags
    into.section = new.section or into.section
    into.visibility = new.visibility or into.visibility
    into.alias = new.alias or into.alias
    into.tls_model = new.tls_model or into.tls_model
    into.cleanup = new.cleanup or into.cleanup
    into.constructor = new.constructor if new.constructor is not None else into.constructor
    into.destructor = new.destructor if new.destructor is not None else into.destructor
    into.deprecated = new.deprecated if new.deprecated is not None else into.deprecated
    into.formats += tuple(f for f in new.formats if f not in into.formats)
    into.versions += tuple(v for v in new.versions if v not in into.versions)
    into.align = max(into.align, new.align)
