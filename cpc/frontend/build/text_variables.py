"""How long the string can be that a pointer points to, where only string literals were ever put into it.

    const char *l = "abc";
    while (more()) { l = "de"; }
    strcpy(buf, l);                      at most 3 characters

gcc sees this in its SSA form, through joins that LLVM gives up at; here it is read off the function's syntax tree,
whatever the order of the assignments.  A variable whose address is taken or that is computed with is of unknown
length; so is a parameter, and any where there is an asm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from cpc.frontend import nodes
from cpc.frontend.build import constants
from cpc.frontend.build.values import is_pointer
from cpc.frontend.symbols import Symbol

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_CHANGES = ("&", "++", "--", "p++", "p--")


def longest(b: Builder, node: Any) -> int | None:
    """The most characters that the string `node` can have; None is not known."""
    symbol = b.sema.lookup(node.name) if isinstance(node, c_ast.ID) else None
    if symbol is None or b.function is None or not _is_plain_variable(symbol):
        return None
    if symbol.build is None or symbol.build.owner is not b.function:  # of the function around this one
        return None
    known: dict[str, int | None] = b.function.text_lengths
    if symbol.name not in known:
        known[symbol.name] = _longest_assigned(b.function.body, symbol.name)
    return known[symbol.name]


def _is_plain_variable(symbol: Symbol) -> bool:
    private = symbol.automatic and not symbol.param and not symbol.attrs.cleanup
    return private and is_pointer(symbol.type) and not symbol.type.volatile


def _longest_assigned(body: Any, name: str) -> int | None:
    """Over all variables of this name in the function, shadowed ones too."""
    lengths: list[int | None] = []
    work = [body]
    while work:
        node = work.pop()
        match node:
            case c_ast.Decl() if node.name == name and node.init is not None:
                lengths.append(_literal_length(node.init))
            case c_ast.Assignment(lvalue=c_ast.ID(name=target)) if target == name:
                lengths.append(_literal_length(node.rvalue) if node.op == "=" else None)
            case c_ast.UnaryOp(expr=c_ast.ID(name=target)) if target == name and node.op in _CHANGES:
                return None
            case nodes.Asm():
                return None
        work.extend(node)
    known = [length for length in lengths if length is not None]
    return max(known) if known and len(known) == len(lengths) else None


def _literal_length(node: Any) -> int | None:
    match node:
        case c_ast.Constant(type="string") if node.value.startswith('"'):
            return constants.string_bytes(node.value).index(0)
        case c_ast.TernaryOp():
            sides = _literal_length(node.iftrue), _literal_length(node.iffalse)
            return None if sides[0] is None or sides[1] is None else max(sides[0], sides[1])
        case _:
            return None
