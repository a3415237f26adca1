"""Text -> IR, the inverse of printer.py, so that a pass is testable alone; ir.lark is the grammar.

Requires: text in the printer's form.  Hand-written text may leave out positions; a source position without a file
means the function's own file.  Establishes: a Module that prints the same text again; nothing is verified
(verify.py does), so that the verifier can be tested with text.  Raises IRError with file:line:column.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from cpc.ir import ops as o
from cpc.ir import reader_debug
from cpc.ir.errors import IRError
from cpc.ir.reader_function import FunctionReader
from cpc.ir.reader_words import add, global_addr, kids_of, link_word, loc_of, unquote, unquote_bytes


def read_module(text: str, filename: str = "<ir>") -> o.Module:
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise IRError(*_syntax_error(error, text, filename)) from None
    return _module(tree, filename)


@cache
def _parser() -> Lark:
    grammar = (Path(__file__).parent / "ir.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", maybe_placeholders=True)


def _syntax_error(error: UnexpectedInput, text: str, filename: str) -> tuple[str, str]:
    where = f"{filename}:{error.line}:{error.column}"
    match error:
        case UnexpectedToken():
            found = str(error.token) or "end of file"
            wanted = ", ".join(sorted(error.accepts or error.expected)[:12])
            return f"unexpected '{found}', expected {wanted}", where
        case UnexpectedCharacters():
            line = text.splitlines()[error.line - 1]
            return f"unexpected '{line[error.column - 1 :][:20]}'", where
    return "unexpected end of file", where


# ---- module level -------------------------------------------------------------------------------------------


def _module(tree: Tree[Token], filename: str) -> o.Module:
    name, *items = tree.children
    module = o.Module(unquote(str(name)))
    for item in items:
        assert isinstance(item, Tree)
        match item.data:
            case "asm_text":
                module.asm.append(unquote(str(item.children[0])))
            case "debug_type":
                module.types.append(reader_debug.debug_type(item))
            case "global":
                add(module.globals, g := _global(item, filename), g.name, item, filename)
            case "alias":
                add(module.aliases, a := _alias(item, filename), a.name, item, filename)
            case "function":
                fn = FunctionReader(filename).read(item)
                add(module.functions, fn, fn.name, item, filename)
    return module


def _global(tree: Tree[Token], filename: str) -> o.Global:
    name, size, align, *items, init, loc = tree.children
    pieces = None if init is None else [_piece(kid) for kid in kids_of(init)]  # type: ignore[arg-type]
    g = o.Global(global_addr(str(name)).name, int(size), int(align), pieces, loc=loc_of(loc, ""))  # type: ignore
    for item in items:
        assert isinstance(item, Tree)
        value = str(item.children[0])
        match item.data:
            case "item_tls":
                g.tls = value
            case "item_section":
                g.section = unquote(value)
            case "item_debug":
                g.debug = reader_debug.debug_global(item)
            case _ if value in ("constant", "unnamed", "used"):
                setattr(g, value, True)
            case _:
                link_word(g, value, item, filename)
    return g


def _piece(tree: Tree[Token]) -> o.DataPiece:
    kids = [None if kid is None else str(kid) for kid in tree.children]
    match tree.data, kids:
        case "piece_bytes", [str(text)]:
            return o.DataBytes(unquote_bytes(text))
        case "piece_zero", [str(text)]:
            return o.DataZero(int(text))
        case "piece_addr", [str(text)]:
            target = global_addr(text)
            return o.DataAddr(target.name, target.offset)
        case _, [str(function), str(label), minus, str(size)]:
            less = unquote(minus[2:]) if minus else ""
            return o.DataLabel(unquote(function[1:]), unquote(label[2:]), less, int(size))
    raise AssertionError(tree.data)


def _alias(tree: Tree[Token], filename: str) -> o.Alias:
    name, target, *words = tree.children
    alias = o.Alias(global_addr(str(name)).name, global_addr(str(target)).name)
    for word in words:
        assert isinstance(word, Token)
        if word == "object":
            alias.is_function = False
        elif word == "ifunc":
            alias.ifunc = True
        else:
            link_word(alias, str(word), word, filename)
    return alias
