"""AST nodes for GNU C that pycparser has not.

They are c_ast nodes in all that consumers use (`children`, `coord`, `__iter__`, `show`), so that generic walks see
through them.  What GNU C writes with nodes that exist already:

* `a ?: b` is `TernaryOp(cond=a, iftrue=None, iffalse=b)`;
* `({ ... })` is a `Compound` in an expression;
* `__builtin_va_arg`, `__builtin_offsetof`, `__builtin_types_compatible_p` are `FuncCall`s whose arguments hold
  `Typename`s;
* `__alignof__ e`, `__real__ e`, `__imag__ e` are `UnaryOp`s with the operator as it was spelled;
* a nested function is a `FuncDef` among the items of a `Compound`;
* `__auto_type` is the `IdentifierType(['__auto_type'])`;
* a constant's `type` says the suffix's type; `value` is the source text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pycparser import c_ast


class GnuNode(c_ast.Node):  # type: ignore[misc]  # pycparser has no annotations
    """Base of the nodes below: `fields` in constructor order, `links` those of them that hold nodes."""

    __slots__ = ()
    fields: ClassVar[tuple[str, ...]] = ()
    links: ClassVar[tuple[str, ...]] = ()
    attr_names: ClassVar[tuple[str, ...]] = ()
    coord: Any

    def children(self) -> tuple[tuple[str, Any], ...]:
        found: list[tuple[str, Any]] = []
        for name in self.links:
            value = getattr(self, name)
            if isinstance(value, list):
                found += [(f"{name}[{i}]", item) for i, item in enumerate(value)]
            elif value is not None:
                found.append((name, value))
        return tuple(found)

    def __iter__(self) -> Iterator[Any]:
        return (child for _, child in self.children())


class Range(GnuNode):
    """`low ... high`: the expression of a `Case`, or an element designator in an initialiser."""

    __slots__ = ("__weakref__", "coord", "high", "low")
    fields = links = ("low", "high")

    def __init__(self, low: Any, high: Any, coord: Any = None) -> None:
        self.low = low
        self.high = high
        self.coord = coord


class LabelAddr(GnuNode):
    """`&&name`."""

    __slots__ = ("__weakref__", "coord", "name")
    fields = attr_names = ("name",)

    def __init__(self, name: str, coord: Any = None) -> None:
        self.name = name
        self.coord = coord


class ComputedGoto(GnuNode):
    """`goto *expr;`."""

    __slots__ = ("__weakref__", "coord", "expr")
    fields = links = ("expr",)

    def __init__(self, expr: Any, coord: Any = None) -> None:
        self.expr = expr
        self.coord = coord


class LocalLabels(GnuNode):
    """`__label__ a, b;` at the head of a block: these labels belong to the block."""

    __slots__ = ("__weakref__", "coord", "names")
    fields = attr_names = ("names",)

    def __init__(self, names: list[str], coord: Any = None) -> None:
        self.names = names
        self.coord = coord


class AsmOperand(GnuNode):
    """`[name] "constraint" (expr)`; `name` is '' when there is none; `constraint` is decoded text."""

    __slots__ = ("__weakref__", "constraint", "coord", "expr", "name")
    fields = ("name", "constraint", "expr")
    links = ("expr",)
    attr_names = ("name", "constraint")

    def __init__(self, name: str, constraint: str, expr: Any, coord: Any = None) -> None:
        self.name = name
        self.constraint = constraint
        self.expr = expr
        self.coord = coord


class Asm(GnuNode):
    """`asm quals (template : outputs : inputs : clobbers : labels);` as a statement, or at file scope.

    `template` and `clobbers` are decoded text.  `extended` is False for the form without any colon, where `%` is
    an ordinary character."""

    __slots__ = (
        "__weakref__", "clobbers", "coord", "extended", "inputs", "labels", "outputs", "quals", "template",
    )  # fmt: skip
    fields = ("quals", "template", "outputs", "inputs", "clobbers", "labels", "extended")
    links = ("outputs", "inputs")
    attr_names = ("quals", "template", "clobbers", "labels", "extended")

    def __init__(self, quals: list[str], template: str, coord: Any = None) -> None:
        self.quals = quals
        self.template = template
        self.outputs: list[AsmOperand] = []
        self.inputs: list[AsmOperand] = []
        self.clobbers: list[str] = []
        self.labels: list[str] = []
        self.extended = False
        self.coord = coord


class ImaginaryConstant(GnuNode):
    """An imaginary constant `2.5i`: `part` is the Constant without the suffix."""

    __slots__ = ("__weakref__", "coord", "part")
    fields = links = ("part",)

    def __init__(self, part: Any, coord: Any = None) -> None:
        self.part = part
        self.coord = coord
