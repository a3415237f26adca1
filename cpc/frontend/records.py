"""struct, union and enum specifiers: tags, members, enumerators (C11 6.7.2.1 to 6.7.2.3, GNU and C23 additions).

Before: a Struct, Union or Enum node.  After: its RecordT or EnumT, in the scope where the tag belongs, completed in
place and laid out when the node has a body; enumerators are declared.  A body that has faults still gives a complete
type where that is possible, so that one mistake is one message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.diag import Note
from cpc.frontend import (
    attribute_meaning,
    c_types,
    constants,
    conversions,
    declarators,
    layout,
    placement,
    type_attributes,
)
from cpc.frontend.build.describe import describe
from cpc.frontend.c_types import (
    INT,
    ArrayT,
    EnumT,
    FunctionT,
    IntT,
    Member,
    QType,
    RecordT,
)
from cpc.frontend.symbols import Kind, ScopeKind, Symbol
from cpc.loc import Loc

if TYPE_CHECKING:
    from cpc.frontend.sema import Sema


# ---- tags ---------------------------------------------------------------------------------------------------


def _find_tag(sema: Sema, tag: str, kind: str, loc: Loc, here_only: bool) -> RecordT | EnumT | None:
    """The type a tag names already, E0203 when it names one of another kind."""
    found = sema.scope.tags.get(tag) if here_only else sema.scope.lookup_tag(tag)
    if found is None:
        return None
    other = found.kind if isinstance(found, RecordT) else "enum"
    if other != kind:
        notes = [Note(found.loc, f"'{other} {tag}' is declared here")]
        sema.diags.abort("E0203", loc, f"'{kind} {tag}' was declared as '{other} {tag}'", notes=notes)
    return found


def _known_body(sema: Sema, node: Any) -> RecordT | EnumT | None:
    """The type that this very node defined before.  The declarators of one declaration share its specifiers:
    `struct s {...} a, *b;`; and a statement expression that is looked at twice has one type.  The tag and the
    enumerators are entered again, since the scope may be another."""
    known = sema.bodies.get(node)
    if known is None:
        return None
    type_, enumerators = known
    if type_.tag:
        sema.scope.tags.setdefault(type_.tag, type_)
    for symbol in enumerators:
        sema.scope.names.setdefault(symbol.name, symbol)
    return type_


def record_type(sema: Sema, node: Any, alone: bool) -> RecordT:
    """The type of `struct tag`, `struct tag {...}` or `struct {...}`."""
    known = _known_body(sema, node)
    if known is not None:
        assert isinstance(known, RecordT)
        return known
    kind = "struct" if isinstance(node, c_ast.Struct) else "union"
    loc, tag = sema.unit.loc(node), node.name or ""
    defines = node.decls is not None
    found = _find_tag(sema, tag, kind, loc, defines or alone) if tag else None
    if found is None:
        found = RecordT(kind, tag, loc=loc)
        if tag:
            sema.scope.tags[tag] = found
            if sema.scope.kind is ScopeKind.PROTOTYPE:
                sema.diags.warning("W0232", loc, f"'{kind} {tag}' is declared inside a parameter list")
    assert isinstance(found, RecordT)
    if defines:
        if found.members is not None or found in sema.unfinished:
            notes = [Note(found.loc, "the first definition is here")]
            nested = "nested " if found.members is None else ""
            sema.diags.abort("E0201", loc, f"{nested}redefinition of '{kind} {tag}'", notes=notes)
        sema.bodies[node] = found, ()
        sema.unfinished.add(found)
        try:
            _define_record(sema, node, found)
        finally:
            sema.unfinished.discard(found)
    return found


def _define_record(sema: Sema, node: Any, record: RecordT) -> None:
    meaning = attribute_meaning.read(sema, sema.unit.attributes_of(node))
    record.loc = sema.unit.loc(node)
    record.packed, record.transparent, record.may_alias = meaning.packed, meaning.transparent, meaning.may_alias
    members: list[Member] = []
    for declaration in node.decls:
        if isinstance(declaration, c_ast.Decl):
            member = _member(sema, declaration, record)
            if member is not None:
                members.append(member)
        elif isinstance(declaration, c_ast.StaticAssert):
            check_static_assert(sema, declaration)
    _check_names(sema, members)
    _check_flexible(sema, record, members)
    record.members = members
    unnamed = sema.target.unnamed_bits_align
    pack = sema.unit.pack_of(node) or sema.dialect.pack
    layout.lay_out_record(record, pack=pack, align=meaning.align, unnamed_align=unnamed)
    if record.size > layout.MAX_SIZE:
        sema.diags.error("E0212", record.loc, f"'{record.kind} {record.tag}' is too large")


# ---- members ------------------------------------------------------------------------------------------------


def _member(sema: Sema, node: Any, record: RecordT) -> Member | None:
    loc = sema.unit.loc(node)
    type_, meaning = declarators.declared_type(sema, node, alone=node.name is None and node.bitsize is None)
    asked = alignas(sema, node)
    align = max(meaning.align, asked)
    name = node.name or ""
    if node.bitsize is not None:
        placement.bit_field(sema, node, f"bit-field '{name}'" if name else "an unnamed bit-field")
        width = _bit_width(sema, node, type_, name)
        if sema.dialect.unsigned_bit_fields and not declarators.explicitly_signed(sema, node):
            type_ = conversions.made_unsigned(type_)
        return Member(name, type_, bit_width=width, align=align, packed=meaning.packed, loc=loc)
    if not name and not _is_anonymous(sema, type_):
        if isinstance(type_.type, RecordT) and type_.type.members is not None and _is_ms_anonymous(node):
            sema.diags.warning("W0233", loc, "a declaration without a name declares no member")
        return None
    _check_member_type(sema, type_, name, record, loc)
    placement.alignment(sema, node, asked, type_)
    return Member(name, type_, align=align, packed=meaning.packed, loc=loc)


def _is_anonymous(sema: Sema, type_: QType) -> bool:
    """A record without a tag; with -fms-extensions any complete one."""
    record = type_.type
    if not isinstance(record, RecordT):
        return False
    return not record.tag or (sema.dialect.ms_extensions and record.members is not None)


def _is_ms_anonymous(node: Any) -> bool:
    """`struct { struct named; }` is a member only with -fms-extensions."""
    return isinstance(node.type, c_ast.Struct | c_ast.Union | c_ast.IdentifierType)


def _check_member_type(sema: Sema, type_: QType, name: str, record: RecordT, loc: Loc) -> None:
    if isinstance(type_.type, FunctionT):
        sema.diags.abort("E0223", loc, f"member '{name}' is declared as a function")
    if layout.is_vla(type_):
        sema.diags.abort("E0342", loc, f"member '{name}' has variable length, which structs cannot have here")
    flexible = isinstance(type_.type, ArrayT) and type_.type.length is None
    if not flexible and not layout.is_complete(type_):
        inside = f" of '{record.kind} {record.tag}'" if record.tag else ""
        sema.diags.abort("E0207", loc, f"member '{name}'{inside} has an incomplete type")


def _bit_width(sema: Sema, node: Any, type_: QType, name: str) -> int:
    """The checked width of a bit-field (6.7.2.1p4)."""
    loc = sema.unit.loc(node)
    if not loc.line:
        loc = sema.unit.loc(node.bitsize)
    shown = f"bit-field '{name}'" if name else "unnamed bit-field"
    if not conversions.is_integer(type_):
        sema.diags.abort("E0213", loc, f"{shown} does not have an integer type")
    if not layout.is_complete(type_):
        sema.diags.abort("E0207", loc, f"{shown} has an incomplete type")
    if type_.atomic:
        sema.diags.abort("E0213", loc, f"{shown} is atomic")
    width = constants.required(sema, node.bitsize, f"the width of {shown}", loc)
    integer = conversions.integer_of(type_)
    limit = 1 if integer is c_types.BOOL else 8 * integer.size
    if width < 0:
        sema.diags.abort("E0213", loc, f"{shown} has negative width {width}")
    if width > limit:
        sema.diags.abort("E0213", loc, f"width {width} of {shown} exceeds its type's {limit} bits")
    if width == 0 and name:
        sema.diags.abort("E0213", loc, f"{shown} has a name but no bits")
    return width


def _check_names(sema: Sema, members: list[Member]) -> None:
    """No name twice, anonymous members' names included."""
    seen: dict[str, Member] = {}
    pending = list(reversed(members))
    while pending:
        member = pending.pop()
        if member.name:
            first = seen.setdefault(member.name, member)
            if first is not member:
                notes = [Note(first.loc, "the first one is here")]
                sema.diags.error("E0201", member.loc, f"duplicate member '{member.name}'", notes=notes)
        elif member.bit_width is None and isinstance(member.type.type, RecordT):
            pending.extend(reversed(member.type.type.members or []))


def _check_flexible(sema: Sema, record: RecordT, members: list[Member]) -> None:
    """`T x[]` stands at the end of a struct (6.7.2.1p18); gcc and C2y also let it stand in a union."""
    for member in members[:-1]:
        if _is_flexible(member) and record.kind == "struct":
            sema.diags.error("E0214", member.loc, f"flexible array member '{member.name}' is not the last member")
            member.type = QType(ArrayT(_element(member), 0))


def _is_flexible(member: Member) -> bool:
    array = member.type.type
    return isinstance(array, ArrayT) and array.length is None


def _element(member: Member) -> QType:
    assert isinstance(member.type.type, ArrayT)
    return member.type.type.elem


def alignas(sema: Sema, node: Any) -> int:
    """The strictest _Alignas of a declaration, 0 without one."""
    strictest = 0
    for item in getattr(node, "align", None) or []:
        loc = sema.unit.loc(item)
        if isinstance(item.alignment, c_ast.Typename):
            type_ = declarators.type_name(sema, item.alignment)
            if not layout.is_complete(type_):
                sema.diags.abort("E0207", loc, f"alignment of incomplete type '{describe(type_)}'")
            align = layout.align_of(type_)
        else:
            align = constants.required(sema, item.alignment, "the alignment", loc)
        if align != 0 and not attribute_meaning.valid_align(align):
            sema.diags.error("E0233", loc, f"requested alignment {align} is not a power of two that fits")
            continue
        strictest = max(strictest, align)
    return strictest


# ---- enumerations -------------------------------------------------------------------------------------------


def enum_type(sema: Sema, node: Any) -> EnumT:
    """The type of `enum tag`, `enum tag {...}`, `enum tag : type {...}`."""
    known = _known_body(sema, node)
    if known is not None:
        assert isinstance(known, EnumT)
        return known
    loc, tag = sema.unit.loc(node), node.name or ""
    fixed = _fixed_underlying(sema, node)
    found = _find_tag(sema, tag, "enum", loc, node.values is not None) if tag else None
    if found is None:
        found = EnumT(tag, fixed, loc)
        if tag:
            sema.scope.tags[tag] = found
    assert isinstance(found, EnumT)
    if node.values is not None:
        if found.underlying is not None and fixed is None:
            notes = [Note(found.loc, "the first definition is here")]
            sema.diags.abort("E0201", loc, f"redefinition of 'enum {tag}'", notes=notes)
        found.loc = loc
        _define_enum(sema, node, found, fixed)
    return found


def _fixed_underlying(sema: Sema, node: Any) -> IntT | None:
    if node.underlying_type is None:
        return None
    type_ = declarators.type_name(sema, node.underlying_type)
    if not conversions.is_integer(type_):
        sema.diags.abort("E0215", sema.unit.loc(node), "the underlying type of an enum must be an integer type")
    return conversions.integer_of(type_)


def _define_enum(sema: Sema, node: Any, enum: EnumT, fixed: IntT | None) -> None:
    meaning = attribute_meaning.read(sema, sema.unit.attributes_of(node))
    symbols: list[Symbol] = []
    value = -1
    for item in node.values.enumerators:
        if not isinstance(item, c_ast.Enumerator):
            continue  # a pragma
        value = _enumerator_value(sema, item, value, fixed)
        symbols.append(_declare_enumerator(sema, item, value, fixed))
    enum.underlying = fixed or _smallest(symbols, meaning.packed or sema.dialect.short_enums)
    if meaning.mode:
        other = type_attributes.with_mode(sema, enum.underlying, meaning.mode, sema.unit.loc(node))
        enum.underlying = other if isinstance(other, IntT) else enum.underlying
        for symbol in symbols:
            if not _fits(symbol.value, enum.underlying):
                message = f"enumerator '{symbol.name}' = {symbol.value} does not fit the machine mode of its type"
                sema.diags.error("E0215", symbol.loc, message)
    sema.bodies[node] = enum, tuple(symbols)
    if fixed is not None:
        return
    for symbol in symbols:
        # Until here the type was the value's own; C11 makes it int where that holds the value, gcc the enum's else.
        symbol.type = QType(INT) if _fits(symbol.value, INT) else QType(enum)


def _enumerator_value(sema: Sema, item: Any, last: int, fixed: IntT | None) -> int:
    loc = sema.unit.loc(item)
    value = last + 1
    if item.value is None and last == (1 << 63) - 1 and fixed is None:
        sema.diags.abort("E0215", loc, f"enumerator '{item.name}' overflows the type of the one before it")
    if item.value is not None:
        value = constants.required(sema, item.value, f"the value of enumerator '{item.name}'", loc)
    if fixed is not None and not _fits(value, fixed):
        sema.diags.abort("E0215", loc, f"enumerator '{item.name}' = {value} does not fit '{fixed.name}'")
    if not (_fits(value, c_types.LONG) or _fits(value, c_types.ULONG)):
        sema.diags.abort("E0215", loc, f"enumerator '{item.name}' = {value} does not fit any integer type")
    return value


def _declare_enumerator(sema: Sema, item: Any, value: int, fixed: IntT | None) -> Symbol:
    loc = sema.unit.loc(item)
    type_ = fixed or next(t for t in (INT, c_types.UINT, c_types.LONG, c_types.ULONG) if _fits(value, t))
    symbol = Symbol(item.name, Kind.ENUM_CONST, QType(type_), loc, value=value, defined=True)
    first = sema.scope.names.get(item.name)
    if first is not None:
        notes = [Note(first.loc, f"'{item.name}' is declared here")]
        sema.diags.error("E0201", loc, f"redefinition of '{item.name}'", notes=notes)
    sema.scope.names[item.name] = symbol
    return symbol


def _smallest(symbols: list[Symbol], packed: bool) -> IntT:
    """The type gcc chooses: unsigned int or int where that is enough, the smallest one when packed."""
    low = min((s.value for s in symbols), default=0)
    high = max((s.value for s in symbols), default=0)
    ladder: tuple[IntT, ...] = (INT, c_types.LONG) if low < 0 else (c_types.UINT, c_types.ULONG)
    if packed:
        small = (c_types.SCHAR, c_types.SHORT) if low < 0 else (c_types.UCHAR, c_types.USHORT)
        ladder = small + ladder
    for type_ in ladder:
        if _fits(low, type_) and _fits(high, type_):
            return type_
    return c_types.LONG


def _fits(value: int, type_: IntT) -> bool:
    bits = 8 * type_.size - (1 if type_.signed else 0)
    return (-(1 << bits) if type_.signed else 0) <= value < 1 << bits


# ---- static assertions --------------------------------------------------------------------------------------


def check_static_assert(sema: Sema, node: Any) -> None:
    """_Static_assert(cond, "message")."""
    loc = sema.unit.loc(node)
    if not loc.line:
        loc = sema.unit.loc(node.cond)
    if constants.required(sema, node.cond, "the condition of a static assertion", loc) == 0:
        message = f": {node.message.value}" if node.message is not None else ""
        sema.diags.error("E0240", loc, f"static assertion failed{message}")
