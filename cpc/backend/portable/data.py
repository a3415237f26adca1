"""Variables: declarations, and initialisers of bytes, addresses and zeros.

    global @table: 24 = [addr @a, addr @b+4, bytes "x\\00..."]

    static struct { char *p0; char *p1; char p2[8]; } __attribute__((packed, aligned(8))) table = {
        (char *)&a, (char *)&b + 4, "x" };

Every variable is declared before any is defined, since initialisers may refer to each other.  One that holds addresses
of labels is defined inside the function that has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpc.backend.abi import CURRENT
from cpc.backend.portable.errors import NotPortable
from cpc.backend.portable.names import string
from cpc.ir import ops as o

if TYPE_CHECKING:
    from cpc.backend.portable.unit import Unit

_TLS = {"generaldynamic": "global-dynamic", "localdynamic": "local-dynamic", "initialexec": "initial-exec",
        "localexec": "local-exec"}  # fmt: skip


def label_owner(g: o.Global) -> str:
    """The function whose labels' addresses the variable holds, or ''."""
    owners = {piece.function for piece in g.init or () if isinstance(piece, o.DataLabel)}
    if len(owners) > 1:
        raise NotPortable("a variable with labels of two functions has no portable C", g.loc)
    return next(iter(owners), "")


def attributes(words: list[str]) -> str:
    return f" __attribute__(({', '.join(words)}))" if words else ""


def linkage_words(thing: o.Global | o.Function | o.Alias) -> list[str]:
    words = ["weak"] if thing.linkage in ("weak", "linkonce") else []
    if thing.visibility != "default" and thing.linkage != "internal":
        words.append(f'visibility("{thing.visibility}")')
    return words


class Variable:
    """The text of one global."""

    def __init__(self, unit: Unit, g: o.Global) -> None:
        self.unit = unit
        self.g = g
        self.name = unit.names[g.name]
        self.label = unit.asm_label(g.name)

    def declaration(self) -> str:
        """Makes the name known; for a static one it is a tentative definition, which needs the complete type."""
        g = self.g
        if g.name == CURRENT:
            return ""  # in the header
        if g.init is None:
            return f"extern {self._thread()}char {self.name}[]{self.label}{self._attributes()};"
        storage = "static " if g.linkage == "internal" else "extern "
        return f"{storage}{self._thread()}{self._constant()}{self._declarator()}{self.label}{self._attributes()};"

    def definition(self) -> str:
        g = self.g
        if g.init is None:
            return ""
        storage = "static " if g.linkage == "internal" else ""
        initialiser = self._initialiser()
        head = f"{storage}{self._thread()}{self._constant()}{self._declarator()}"
        # The attributes and the assembler name are known from the declaration.
        if initialiser is None:
            return "" if g.linkage == "internal" else f"{head};"
        return f"{head} = {initialiser};"

    def inside_function(self, labels: dict[str, str]) -> str:
        """The definition inside the function that owns the labels."""
        words = attributes([f"aligned({self.g.align})"])
        return f"static {self._constant()}{self._declarator()}{words} = {self._initialiser(labels)};"

    def _thread(self) -> str:
        return "__thread " if self.g.tls else ""

    def _constant(self) -> str:
        return "const " if self.g.constant else ""

    def _attributes(self) -> str:
        g = self.g
        words = linkage_words(g)
        if g.init is not None or g.align > 1:
            words.append(f"aligned({g.align})")
        if g.linkage == "common":
            words.append("common")
        if g.section:
            words.append(f"section({string(g.section.encode())})")
        if g.used and g.init is not None:
            words.append("used")
        if g.tls and g.tls != "generaldynamic":
            words.append(f'tls_model("{_TLS[g.tls]}")')
        return attributes(words)

    def _pieces(self) -> list[o.DataPiece]:
        pieces = [piece for piece in self.g.init or () if not (isinstance(piece, o.DataZero) and not piece.size)]
        merged: list[o.DataPiece] = []
        for piece in pieces:  # small zeros become bytes, and bytes are joined
            if isinstance(piece, o.DataZero) and piece.size <= 64 and len(pieces) > 1:
                piece = o.DataBytes(bytes(piece.size))
            if isinstance(piece, o.DataBytes) and merged and isinstance(merged[-1], o.DataBytes):
                piece = o.DataBytes(merged.pop().data + piece.data)  # type: ignore[union-attr]
            merged.append(piece)
        return [piece for piece in merged if not (isinstance(piece, o.DataBytes) and not piece.data)]

    def _declarator(self) -> str:
        pieces = self._pieces()
        if all(isinstance(piece, o.DataZero | o.DataBytes) for piece in pieces) and len(pieces) <= 1:
            return f"char {self.name}[{self.g.size}]"
        if all(isinstance(piece, o.DataAddr) for piece in pieces):
            const = " const " if self.g.constant else ""
            text = f"char *{const}{self.name}" + (f"[{len(pieces)}]" if len(pieces) > 1 else "")
            return text
        return f"struct cpc_data_{self.name} {self.name}"

    def struct(self) -> str:
        """The definition of the struct type, or ''."""
        if self.g.init is None or not self._declarator().startswith("struct "):
            return ""
        fields = []
        for i, piece in enumerate(self._pieces()):
            match piece:
                case o.DataBytes(data):
                    fields.append(f"char p{i}[{len(data)}];")
                case o.DataZero(size):
                    fields.append(f"char p{i}[{size}];")
                case o.DataAddr():
                    fields.append(f"char *p{i};")
                case o.DataLabel(minus=minus, size=size):
                    fields.append(f"uint{8 * size}_t p{i};" if minus else f"char *p{i};")
        return f"struct cpc_data_{self.name} {{ {' '.join(fields)} }} __attribute__((packed));"

    def _initialiser(self, labels: dict[str, str] | None = None) -> str | None:
        """None for zeros."""
        pieces = self._pieces()
        if not pieces or all(isinstance(piece, o.DataZero) for piece in pieces):
            return "{ 0 }" if self.g.constant and self.g.size else None
        texts = [self._value(piece, labels or {}) for piece in pieces]
        if len(texts) == 1 and not self._declarator().startswith("struct "):
            return texts[0]
        return "{ " + ", ".join(texts) + " }"

    def _value(self, piece: o.DataPiece, labels: dict[str, str]) -> str:
        match piece:
            case o.DataBytes(data):
                return string(data) if any(data) else "{ 0 }"
            case o.DataZero():
                return "{ 0 }"
            case o.DataAddr(symbol, addend):
                address = self.unit.address(symbol, "").text
                return f"{address} {'-' if addend < 0 else '+'} {abs(addend)}" if addend else address
            case o.DataLabel(_, label, minus):
                return f"&&{labels[label]} - &&{labels[minus]}" if minus else f"(char *)&&{labels[label]}"
