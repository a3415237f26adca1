"""The types of debug_info as LLVM metadata: one node per type that is used, made when it is first asked for.

A struct, union or enum has its number before its members are looked at, and these are written by `finish`, so that
types may be recursive and chains of records as long as the program likes.  The array of a VLA takes its length from
a local variable, which `length_of` hands out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cpc.backend.llvm_values import string
from cpc.ir.debug_info import VOID, DebugMember, DebugType
from cpc.ir.ops import Loc

_ENCODINGS = {
    "signed": "DW_ATE_signed",
    "unsigned": "DW_ATE_unsigned",
    "signed_char": "DW_ATE_signed_char",
    "unsigned_char": "DW_ATE_unsigned_char",
    "boolean": "DW_ATE_boolean",
    "float": "DW_ATE_float",
    "complex_float": "DW_ATE_complex_float",
    "complex_int": "128",
}  # fmt: skip; the last is gcc's extension
_RECORDS = {"struct": "structure", "union": "union", "declared_struct": "structure", "declared_union": "union"}
_WORD = 8
_WORDS = {"const", "volatile", "restrict", "atomic"}


class TypeNodes:
    """`nodes` is the module's list of metadata, which this appends to; `file` gives the node of a source file."""

    def __init__(
        self, types: list[DebugType], nodes: list[str], file: Callable[[str], str], length_of: Callable[[str], str]
    ) -> None:
        self._types = types
        self._nodes = nodes
        self._file = file
        self._length_of = length_of
        self._made: dict[int, str] = {}
        self._waiting: list[tuple[int, str]] = []
        self._lists: dict[str, str] = {}

    def type(self, number: int) -> str:
        """The node of a type; 'null' is void."""
        if number == VOID:
            return "null"
        found = self._made.get(number)
        if found is None:
            type_ = self._types[number]
            if type_.kind in ("struct", "union", "enum"):
                found = self._made[number] = self._add("")
                self._waiting.append((number, found))
            else:
                found = self._made[number] = self._add(self._text(type_))
        return found

    def coroutine(self, number: int) -> str:
        """The node of a coroutine function's type.  Its result comes as a word in rax: where C's convention puts it
        elsewhere, or in memory, a debugger is told not to look for it there."""
        function = self._types[number]
        if self._in_general_register(function.of):
            return self.type(number)
        key = -2 - number  # beside the plain function of this type
        if key not in self._made:
            self._made[key] = self._add(self._text(function).replace("(types:", "(cc: DW_CC_nocall, types:"))
        return self._made[key]

    def _in_general_register(self, number: int) -> bool:
        while number != VOID and self._types[number].kind in ("typedef", *_WORDS):
            number = self._types[number].of
        if number == VOID:
            return True
        type_ = self._types[number]
        scalar = type_.kind in ("pointer", "enum", "base") and "float" not in type_.encoding
        return scalar and type_.size <= _WORD

    def finish(self) -> None:
        """Writes the records and enums that were promised; they may need more."""
        while self._waiting:
            number, node = self._waiting.pop()
            self._nodes[int(node[1:])] = self._tagged(self._types[number], node)

    def list_(self, items: Iterable[str]) -> str:
        """A tuple node."""
        text = "!{" + ", ".join(items) + "}"
        if text not in self._lists:
            self._lists[text] = self._add(text)
        return self._lists[text]

    def _add(self, text: str) -> str:
        self._nodes.append(text)
        return f"!{len(self._nodes) - 1}"

    def _place(self, loc: Loc) -> str:
        return f", file: {self._file(loc.file)}, line: {loc.line}" if loc.file else ""

    # ---- one type

    def _text(self, type_: DebugType) -> str:
        match type_.kind:
            case "base":
                encoding = _ENCODINGS[type_.encoding]
                return f"!DIBasicType(name: {string(type_.name)}, size: {8 * type_.size}, encoding: {encoding})"
            case "pointer":
                return f"!DIDerivedType(tag: DW_TAG_pointer_type, baseType: {self.type(type_.of)}, size: 64)"
            case "typedef":
                name, of = string(type_.name), self.type(type_.of)
                return f"!DIDerivedType(tag: DW_TAG_typedef, name: {name}{self._place(type_.loc)}, baseType: {of})"
            case "array" | "vector":
                return self._array(type_)
            case "function":
                params = [self.type(member.type) for member in type_.members]
                return f"!DISubroutineType(types: {self.list_([self.type(type_.of), *params])})"
            case kind if kind in _WORDS:
                return f"!DIDerivedType(tag: DW_TAG_{kind}_type, baseType: {self.type(type_.of)})"
            case kind:
                tag, name = _RECORDS[kind], f", name: {string(type_.name)}" if type_.name else ""
                flags = ", flags: DIFlagFwdDecl"
                return f"!DICompositeType(tag: DW_TAG_{tag}_type{name}{self._place(type_.loc)}{flags})"

    def _array(self, type_: DebugType) -> str:
        """Dimensions of arrays of arrays are the subranges of one type, as gcc has them."""
        ranges, elem, size = [self._subrange(type_)], type_.of, max(0, 8 * self._size(type_))
        while type_.kind == "array" and elem != VOID and self._types[elem].kind == "array":
            ranges.append(self._subrange(self._types[elem]))
            elem = self._types[elem].of
        vector = ", flags: DIFlagVector" if type_.kind == "vector" else ""
        base, dimensions = self.type(elem), self.list_(ranges)
        return (
            f"!DICompositeType(tag: DW_TAG_array_type, baseType: {base}, size: {size}{vector}, elements: {dimensions})"
        )

    def _subrange(self, type_: DebugType) -> str:
        count = self._length_of(type_.length) if type_.length else str(type_.count)
        return self._add(f"!DISubrange(count: {count})")

    def _size(self, type_: DebugType) -> int:
        """In bytes; 0 when it is not known."""
        factor = 1
        while not type_.size and type_.of != VOID and type_.kind not in ("function", "pointer"):
            factor *= max(type_.count, 0) if type_.kind == "array" else 1
            type_ = self._types[type_.of]
        return factor * type_.size

    # ---- records and enums

    def _tagged(self, type_: DebugType, node: str) -> str:
        name = f", name: {string(type_.name)}" if type_.name else ""
        place, size = self._place(type_.loc), f", size: {8 * type_.size}"
        if type_.kind == "enum":
            unsigned = self._types[type_.of].encoding.startswith("unsigned")
            items = self.list_([self._enumerator(member, unsigned) for member in type_.members])
            base = self.type(type_.of)
            head = f"!DICompositeType(tag: DW_TAG_enumeration_type{name}{place}, baseType: {base}{size}"
            return f"{head}, elements: {items})"
        items = self.list_([self._member(member, node, type_.loc) for member in type_.members])
        tag = _RECORDS[type_.kind]
        return f"distinct !DICompositeType(tag: DW_TAG_{tag}_type{name}{place}{size}, elements: {items})"

    def _enumerator(self, member: DebugMember, unsigned: bool) -> str:
        word = ", isUnsigned: true" if unsigned else ""
        return self._add(f"!DIEnumerator(name: {string(member.name)}, value: {member.value}{word})")

    def _member(self, member: DebugMember, record: str, loc: Loc) -> str:
        name = f", name: {string(member.name)}" if member.name else ""
        file = f", file: {self._file(loc.file)}, line: {member.line}" if loc.file and member.line else ""
        size = member.bits or 8 * self._size(self._types[member.type])
        bits = ", flags: DIFlagBitField" if member.bits else ""
        return self._add(
            f"!DIDerivedType(tag: DW_TAG_member{name}, scope: {record}{file}, baseType: {self.type(member.type)}, "
            f"size: {size}, offset: {member.value}{bits})"
        )
