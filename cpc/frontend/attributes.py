"""Parsing the inside of `__attribute__((...))` and `[[...]]` into Attribute records.

Arguments are parsed by the C parser itself, in the scope where the attribute stands, so `aligned(sizeof(T))` works.
An attribute whose arguments are not C expressions (Clang's `availability(macos, introduced=10.15)`) keeps no
arguments unless cpc gives it a meaning: then it is an error.  Namespaces: `gnu::`, `clang::` and `cpc::` are read,
attributes of any other namespace are none of ours and dropped, as C23 6.7.13.1 allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycparser import c_ast
from pycparser.c_lexer import Token

from cpc.frontend.lexer import ListStream, PendingAttribute, SyntaxFault, token_coord
from cpc.frontend.literals import string_text
from cpc.frontend.unit import Attribute
from cpc.loc import Loc

if TYPE_CHECKING:
    from cpc.frontend.gnu_parser import GnuParser

MEANINGFUL = frozenset(
    {
        *("alias", "aligned", "annotate", "cleanup", "constructor", "destructor"),
        *("mode", "packed", "section", "tls_model", "vector_size", "visibility"),
    }
)
_COLORS = frozenset({"coroutine_fn", "no_coroutine_fn", "coroutine_mixed_fn", "blocking_fn", "co_yield"})


def parse_attributes(parser: GnuParser, pending: PendingAttribute) -> list[Attribute]:
    """The attributes of one list, in order."""
    found: list[Attribute] = []
    for tokens in _split(pending.tokens):
        attribute = _parse_one(parser, tokens)
        if attribute is not None:
            found.append(attribute)
    return found


def _split(tokens: list[Token]) -> list[list[Token]]:
    """The tokens of each attribute: commas outside parentheses separate them."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += token.type in ("LPAREN", "LBRACKET", "LBRACE")
        depth -= token.type in ("RPAREN", "RBRACKET", "RBRACE")
        if token.type == "COMMA" and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _parse_one(parser: GnuParser, tokens: list[Token]) -> Attribute | None:
    first = tokens[0]
    loc = Loc(first.filename, first.lineno, first.column)
    namespace, name = "", _normal(first.value)
    rest = tokens[1:]
    if len(rest) >= 2 and rest[0].type == "COLONCOLON":
        if rest[1].type == "GNU_ATTRIBUTE":  # [[cpc::coroutine_fn]] where coroutine_fn is also a macro
            return _parse_one(parser, rest[4:-2]) if len(rest) > 6 else None
        namespace, name, rest = name, _normal(rest[1].value), rest[2:]
    if not name.isidentifier() or (rest and rest[0].type != "LPAREN"):
        raise SyntaxFault(loc, f"'{first.value}' does not begin an attribute")
    if namespace == "cpc" and name in _COLORS:
        return Attribute("annotate", (name,), loc)
    if namespace not in ("", "gnu", "clang", "cpc"):
        return None
    try:
        return Attribute(name, _arguments(parser, rest), loc)
    except SyntaxFault:
        if name in MEANINGFUL:
            raise
        return Attribute(name, (), loc)


def _normal(name: str) -> str:
    """`__packed__` -> `packed`, `_Noreturn` -> `noreturn`."""
    if len(name) > 4 and name.startswith("__") and name.endswith("__"):
        return name[2:-2]
    return "noreturn" if name == "_Noreturn" else name


def _arguments(parser: GnuParser, tokens: list[Token]) -> tuple[str | c_ast.Node, ...]:
    """Parses `( argument, ... )`; `tokens` is empty when there are no parentheses."""
    if not tokens:
        return ()
    last = tokens[-1]
    outer = parser.swap_stream(ListStream(tokens[1:-1]))
    try:
        arguments: list[str | c_ast.Node] = []
        while parser.peek_token() is not None:
            arguments.append(_argument(parser))
            separator = parser.peek_token()
            if separator is not None and parser.next_token().type != "COMMA":
                raise SyntaxFault(
                    Loc(separator.filename, separator.lineno, separator.column),
                    f"expected ',' before '{separator.value}' in an attribute",
                )
        return tuple(arguments)
    except SyntaxFault as fault:
        if fault.loc.line == 0:  # ran out of tokens: the place is the closing parenthesis
            raise SyntaxFault(Loc(last.filename, last.lineno, last.column), fault.message) from None
        raise
    finally:
        parser.swap_stream(outer)


def _argument(parser: GnuParser) -> Any:
    """One argument: a string, an identifier alone, a type, or an expression."""
    token = parser.peek_token()
    alone = parser.peek_token(2) is None or parser.peek_token(2).type == "COMMA"
    if alone and token.value.isidentifier():
        parser.next_token()
        return c_ast.ID(token.value, token_coord(token))
    expression = parser.parse_argument()
    if isinstance(expression, c_ast.Constant) and expression.type == "string":
        return string_text(expression.value)
    return expression
