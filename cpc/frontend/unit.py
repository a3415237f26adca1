"""`Unit`: one parsed translation unit, the parser's product and all that later stages see of it.

pycparser's nodes have no room for attributes, so they are in side tables keyed by the node itself (nodes compare
by identity).  What `attributes_of(node)` returns, for a node of type

* `Decl`, `Typedef`: every attribute written in the declaration: in its specifiers, before, inside or behind its
  declarator, but not those of its parameters, of a struct body in it, or of an inner pointer when they speak of
  that pointer's own layout (`aligned`, `vector_size`, `mode`);
* `Typename`: the same for a type name (cast, sizeof, unnamed parameter);
* `PtrDecl`: those after its `*`, and those before the `*` within parentheses: `int (ATTR *f)(void)`.  They are
  also in the list of the declaration around it;
* `Struct`, `Union`, `Enum`: between the keyword and the name, and behind the closing brace;
* `Enumerator`; `Label`; and statements: `EmptyStatement` for `__attribute__((fallthrough));`.

`FuncDef` has none of its own: ask for `node.decl`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pycparser import c_ast

from cpc.loc import NO_LOC, Loc
from cpc.warnings.policy import Pragma


@dataclass(frozen=True, slots=True)
class Attribute:
    """`__attribute__((name(args)))` or `[[prefix::name(args)]]`.

    `name` has no underscores around it (`__packed__` -> `packed`).  Arguments: a `str` for a string literal (decoded
    of quotes and simple escapes), `c_ast.ID` for an identifier alone, `c_ast.Typename` for a type, else an
    expression.  `[[cpc::coroutine_fn]]`, `[[cpc::no_coroutine_fn]]` ... come as `annotate` with that string."""

    name: str
    args: tuple[str | c_ast.Node, ...] = ()
    loc: Loc = NO_LOC


@dataclass(slots=True)
class Unit:
    """`ast` is never changed after parsing.  `c23` says that C23's meanings hold (`f()` is a prototype, ...),
    `gnu_inline` that `inline` has its meaning from before C99."""

    filename: str
    ast: c_ast.FileAST
    c23: bool = False
    gnu_inline: bool = False
    attributes: dict[c_ast.Node, list[Attribute]] = field(default_factory=dict)
    asm_labels: dict[c_ast.Node, str] = field(default_factory=dict)
    asm_names: dict[str, str] = field(default_factory=dict)  # of functions and objects with linkage; see note_asm_names
    packs: dict[c_ast.Node, int] = field(default_factory=dict)
    parenthesized: set[c_ast.Node] = field(default_factory=set)  # operators and ({ }) in parentheses
    untyped: set[c_ast.Node] = field(default_factory=set)  # FuncDefs without specifiers: `f() {...}`
    forward: dict[c_ast.Node, list[c_ast.Node]] = field(default_factory=dict)  # of ParamLists: `int f(int n; int a[n])`
    ends: dict[c_ast.Node, Loc] = field(default_factory=dict)  # the closing brace of each FuncDef
    pragmas: list[Pragma] = field(default_factory=list)  # #pragma GCC diagnostic
    # Headers, and from which line on their warnings are nobody's business here.
    system_lines: dict[str, int] = field(default_factory=dict)

    def attributes_of(self, node: c_ast.Node) -> list[Attribute]:
        """The attributes of `node`, in source order; see the list above."""
        return self.attributes.get(node, [])

    def note_asm_names(self) -> None:
        """Finds the unit's assembler names: one that a later declaration gives holds from the first (gcc)."""
        for node in self.ast.ext:
            if node in self.asm_labels and "register" not in node.storage:
                self.asm_names[node.name] = self.asm_labels[node]

    def asm_name_of(self, decl: c_ast.Decl) -> str:
        """The assembler name of a function or an object with linkage."""
        return self.asm_label_of(decl) or self.asm_names.get(decl.name, "") or str(decl.name)

    def asm_label_of(self, decl: c_ast.Node) -> str:
        """The assembler name or register of `int f(void) asm("name")`, or ''."""
        return self.asm_labels.get(decl, "")

    def pack_of(self, record: c_ast.Node) -> int:
        """The #pragma pack in force at the end of a struct or union body; 0 when there is none."""
        return self.packs.get(record, 0)

    def loc(self, node: c_ast.Node | None) -> Loc:
        """Where `node` begins (pycparser gives abstract declarators no place: then NO_LOC)."""
        return loc_of(node)


def loc_of(node: c_ast.Node | None) -> Loc:
    """`node.coord` as a Loc."""
    coord = getattr(node, "coord", None)
    if coord is None:
        return NO_LOC
    return Loc(coord.file or "", coord.line or 0, coord.column or 0)
