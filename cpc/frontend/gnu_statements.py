"""Expressions, initialisers and statements of GNU C: the part of the parser without declarations.

The base of GnuParser (gnu_parser.py), which adds declarations and attributes.  A switch keeps
the plain shape of C's grammar: `Case` and `Default` hold the one statement behind their colon, and what follows are
its siblings (pycparser would move them under the `Case`, which hides jumps into the middle of a block).
"""

from __future__ import annotations

import re
from typing import Any

from pycparser import c_ast
from pycparser.c_parser import CParser

from cpc.diag import Diagnostics
from cpc.frontend.lexer import SyntaxFault
from cpc.frontend.literals import string_text, too_large_escape
from cpc.frontend.nodes import Asm, AsmOperand, ComputedGoto, ImaginaryConstant, LabelAddr, LocalLabels, Range
from cpc.frontend.unit import loc_of
from cpc.loc import Loc

_STARTS_EXPRESSION = frozenset({"LAND", "GNU_PART", "GNU_TYPES_COMPATIBLE", "GNU_CONVERT_VECTOR"})
_STRINGS = frozenset({"STRING_LITERAL", *(f"{size}STRING_LITERAL" for size in ("W", "U8", "U16", "U32"))})
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F.]+(?:[pP][+-]?[0-9]+)?|[0-9.]+(?:[eE][+-]?[0-9]+)?)(\w*)")
_FLOAT_TYPES = {
    "": "double", "d": "double", "f": "float", "l": "long double", "q": "_Float128", "w": "__float80",
    "f16": "_Float16", "f32": "_Float32", "f64": "_Float64", "f128": "_Float128", "f32x": "_Float32x",
    "f64x": "_Float64x", "df": "_Decimal32", "dd": "_Decimal64", "dl": "_Decimal128",
}  # fmt: skip


class GnuStatements(CParser):  # type: ignore[misc]  # pycparser has no annotations
    """Grammar rules of GNU C below the level of declarations."""

    diags: Diagnostics

    # A type name in parentheses before `{`: (its first token, the token behind it, the parse result).
    _paren_type: tuple[int, int, Any] | None = None

    # ---- lookahead ----------------------------------------------------------------------------------------------

    def _peek_type(self, k: int = 1) -> str | None:
        """As the base, without its identifier classification for other tokens (a fifth of the parse time)."""
        stream = self._tokens
        position = stream._index + k - 1
        buffer = stream._buffer
        token = buffer[position] if position < len(buffer) else stream.peek(k)
        if token is None:
            return None
        kind: str = token.type
        if kind == "ID" or kind == "TYPEID":
            classified: str = self._peek(k).type
            return classified
        return kind

    def _starts_expression(self, tok: Any = None) -> bool:
        token = tok or self._peek()
        return token is not None and (token.type in _STARTS_EXPRESSION or super()._starts_expression(token))

    def _starts_statement(self) -> bool:
        return self._peek_type() == "GNU_ASM" or super()._starts_statement()

    # ---- expressions --------------------------------------------------------------------------------------------

    def _parse_conditional_expression(self) -> Any:
        condition = self._parse_binary_expression()
        if not self._accept("CONDOP"):
            return condition
        if self._accept("COLON"):
            return c_ast.TernaryOp(condition, None, self._parse_conditional_expression(), condition.coord)
        then = self._parse_expression()
        self._expect("COLON")
        return c_ast.TernaryOp(condition, then, self._parse_conditional_expression(), condition.coord)

    def _parse_constant_expression(self) -> Any:
        """One hook serves `case 1 ... 5:` and `[0 ... 4] =`."""
        low = super()._parse_constant_expression()
        if not self._accept("ELLIPSIS"):
            return low
        return Range(low, super()._parse_constant_expression(), low.coord)

    def _try_parse_paren_type_name(self) -> Any:
        """Remembers the type of a compound literal: the base parses it once as a cast and again as a literal, which
        takes exponential time when types nest (typeof of a statement expression)."""
        start = self._mark()
        if self._paren_type is not None and self._paren_type[0] == start:
            _, end, result = self._paren_type
            self._paren_type = None
            self._reset(end)
            return result
        result = super()._try_parse_paren_type_name()
        if result is not None and self._peek_type() == "LBRACE":
            self._paren_type = (start, self._mark(), result)
        return result

    def _parse_unary_expression(self) -> Any:
        kind = self._peek_type()
        if kind == "LAND":
            token = self._advance()
            return LabelAddr(self._parse_identifier_or_typeid().name, self._tok_coord(token))
        if kind == "GNU_PART":
            token = self._advance()
            return c_ast.UnaryOp(token.value, self._parse_cast_expression(), self._tok_coord(token))
        if kind == "_ALIGNOF":
            return self._parse_alignof()
        return super()._parse_unary_expression()

    def _parse_alignof(self) -> Any:
        """Of a type, or (GNU) of an expression."""
        token = self._advance()
        result = self._try_parse_paren_type_name()
        if result is not None and self._peek_type() != "LBRACE":
            return c_ast.UnaryOp(token.value, result[0], self._tok_coord(token))
        if result is not None:
            self._reset(result[1])
        return c_ast.UnaryOp(token.value, self._parse_unary_expression(), self._tok_coord(token))

    def _parse_primary_expression(self) -> Any:
        kind = self._peek_type()
        if kind == "LPAREN":
            inner = super()._parse_primary_expression()
            if isinstance(inner, (c_ast.BinaryOp, c_ast.Assignment, c_ast.UnaryOp, c_ast.Compound)):
                self.unit.parenthesized.add(inner)
            return inner
        if kind not in ("GNU_TYPES_COMPATIBLE", "GNU_CONVERT_VECTOR"):
            return super()._parse_primary_expression()
        token = self._advance()
        coord = self._tok_coord(token)
        self._expect("LPAREN")
        vector = kind == "GNU_CONVERT_VECTOR"
        first = self._parse_assignment_expression() if vector else self._parse_type_name()
        self._expect("COMMA")
        second = self._parse_type_name()
        self._expect("RPAREN")
        return c_ast.FuncCall(c_ast.ID(token.value, coord), c_ast.ExprList([first, second], coord), coord)

    def _parse_constant(self) -> Any:
        token = self._peek()
        if token.type not in ("INT_CONST_DEC", "FLOAT_CONST"):
            node = super()._parse_constant()
            if node.type == "char":
                self._check_escapes(node)
            return node
        self._advance()
        coord = self._tok_coord(token)
        found = _NUMBER.fullmatch(token.value)
        digits, suffix = found.groups() if found else (token.value, "")
        plain = suffix.replace("i", "").replace("j", "").replace("I", "").replace("J", "")
        spelling = digits if plain in ("d", "D") else digits + plain
        if token.type == "FLOAT_CONST":
            kind = _FLOAT_TYPES.get(plain.lower())
            if kind is None:  # letters on both sides of an 'i': `1.0fif`
                self._parse_error(f"'{token.value}' is not a number", coord)
            constant = c_ast.Constant(kind, spelling, coord)
        else:
            constant = c_ast.Constant(_integer_type(plain.lower()), spelling, coord)
        return constant if plain == suffix else ImaginaryConstant(constant, coord)

    # ---- initialisers -------------------------------------------------------------------------------------------

    def _parse_initializer_item(self) -> Any:
        """Also the old GNU designator `name: value`."""
        if self._peek_type() in ("ID", "TYPEID") and self._peek_type(2) == "COLON":
            name = self._parse_identifier_or_typeid()
            self._expect("COLON")
            return c_ast.NamedInitializer([name], self._parse_initializer(), name.coord)
        return super()._parse_initializer_item()

    def _parse_designation(self) -> Any:
        """Also the old GNU form `[1] value`, without '='."""
        designators = self._parse_designator_list()
        alone = len(designators) == 1 and isinstance(designators[0], c_ast.ArrayDesignator)
        if not (alone and self._peek_type() != "EQUALS"):
            self._expect("EQUALS")
        return designators

    # ---- statements ---------------------------------------------------------------------------------------------

    def _parse_statement(self) -> Any:
        kind = self._peek_type()
        attributes = self._take(self._mark(), self._mark())
        node = self._parse_gnu_statement(kind)
        if attributes:
            self.unit.attributes.setdefault(node, []).extend(attributes)
        return node

    def _parse_gnu_statement(self, kind: str | None) -> Any:
        second = self._peek_type(2) if kind in ("GOTO", "TYPEID") else None
        match kind:
            case "GNU_ASM":
                return self._parse_asm()
            case "TYPEID" if second == "COLON":  # a label spelled like a typedef
                return self._parse_labeled_statement()
            case "GOTO" if second == "TIMES":
                token = self._advance()
                self._advance()
                target = self._parse_expression()
                self._expect("SEMI")
                return ComputedGoto(target, self._tok_coord(token))
            case "GOTO" if second == "TYPEID":
                token = self._advance()
                name = self._parse_identifier_or_typeid().name
                self._expect("SEMI")
                return c_ast.Goto(name, self._tok_coord(token))
            case "SWITCH":
                return self._parse_switch()
            case _:
                return super()._parse_statement()

    def _parse_labeled_statement(self) -> Any:
        if self._peek_type() != "TYPEID":
            return super()._parse_labeled_statement()
        token = self._advance()
        coord = self._tok_coord(token)
        self._expect("COLON")
        starts = self._starts_statement()
        statement = self._parse_pragmacomp_or_statement() if starts else c_ast.EmptyStatement(coord)
        return c_ast.Label(token.value, statement, coord)

    def _parse_switch(self) -> Any:
        token = self._advance()
        self._expect("LPAREN")
        value = self._parse_expression()
        self._expect("RPAREN")
        return c_ast.Switch(value, self._parse_statement(), self._tok_coord(token))

    def _parse_block_item(self) -> Any:
        kind = self._peek_type()
        if kind == "GNU_LABEL":
            return self._parse_local_labels()
        if kind == "TYPEID" and self._peek_type(2) == "COLON":
            return self._parse_statement()
        if kind == "CASE":
            return self._parse_cases()
        return super()._parse_block_item()

    def _parse_cases(self) -> Any:
        """`case 1: case 2: s` in a block is as good as `case 1: ; case 2: s`: generated code has thousands in a row."""
        cases = []
        while self._peek_type() == "CASE" and not self._tokens.pending:
            token = self._advance()
            cases.append(c_ast.Case(self._parse_constant_expression(), [], self._tok_coord(token)))
            self._expect("COLON")
        if not cases:
            return self._parse_statement()
        if self._starts_statement():
            cases[-1].stmts = [self._parse_pragmacomp_or_statement()]
        return cases

    def _parse_local_labels(self) -> Any:
        token = self._advance()
        names = [self._parse_identifier_or_typeid().name]
        while self._accept("COMMA"):
            names.append(self._parse_identifier_or_typeid().name)
        self._expect("SEMI")
        return LocalLabels(names, self._tok_coord(token))

    # ---- asm ----------------------------------------------------------------------------------------------------

    def _parse_asm(self) -> Any:
        """`asm volatile goto ("text" : outputs : inputs : clobbers : labels);`"""
        token = self._advance()
        qualifiers = []
        while self._peek_type() in ("VOLATILE", "GOTO", "INLINE"):
            qualifiers.append(self._advance().value)
        self._expect("LPAREN")
        node = Asm(qualifiers, self._parse_string(), self._tok_coord(token))
        section = 0
        while not self._accept("RPAREN"):
            colon = self._advance()
            if colon.type not in ("COLON", "COLONCOLON"):
                self._fail_at(colon, f"expected ':' or ')' before '{colon.value}'")
            section += 2 if colon.type == "COLONCOLON" else 1
            node.extended = True
            self._parse_asm_section(node, section, colon)
        self._expect("SEMI")
        return node

    def _parse_asm_section(self, node: Asm, section: int, colon: Any) -> None:
        if section > 4:
            self._fail_at(colon, "asm has four sections at most")
        if self._peek_type() in ("COLON", "COLONCOLON", "RPAREN"):
            return
        while True:
            if section == 3:
                node.clobbers.append(self._parse_string())
            elif section == 4:
                node.labels.append(self._parse_identifier_or_typeid().name)
            else:
                (node.outputs if section == 1 else node.inputs).append(self._parse_asm_operand())
            if not self._accept("COMMA"):
                return

    def _parse_asm_operand(self) -> AsmOperand:
        coord = self._tok_coord(self._peek())
        name = ""
        if self._accept("LBRACKET"):
            name = self._parse_identifier_or_typeid().name
            self._expect("RBRACKET")
        constraint = self._parse_string()
        self._expect("LPAREN")
        expression = self._parse_expression()
        self._expect("RPAREN")
        return AsmOperand(name, constraint, expression, coord)

    def _parse_unified_string_literal(self) -> Any:
        """As the base, in linear time: a part of its own for each literal that an escape could run into."""
        token = self._advance()
        if token.type not in _STRINGS:
            self._parse_error("Invalid string literal", self._tok_coord(token))
        values = [token.value]
        while self._peek_type() in _STRINGS:
            values.append(self._advance().value)
        pieces = [value.split('"', 1) for value in values]
        prefix = next((piece[0] for piece in pieces if piece[0]), "")
        if any(piece[0] not in ("", prefix) for piece in pieces):
            self._parse_error("string literals of different kinds stand together", self._tok_coord(token))
        texts = [piece[1][:-1] for piece in pieces]
        if any("\\" in text for text in texts):
            joined = '" "'.join(texts)
        else:
            joined = "".join(texts)
        node = c_ast.Constant("string", f'{prefix}"{joined}"', self._tok_coord(token))
        self._check_escapes(node)
        return node

    def _check_escapes(self, node: Any) -> None:
        if "\\" in node.value and (escape := too_large_escape(node.value)):
            self.diags.warning("W0238", loc_of(node), f"escape sequence '{escape}' is out of range")

    def _parse_string(self) -> str:
        return string_text(self._parse_unified_string_literal().value)

    def _fail_at(self, token: Any, message: str) -> None:
        raise SyntaxFault(Loc(token.filename, token.lineno, token.column), message)


def _integer_type(suffix: str) -> str:
    """pycparser's name for the type that an integer suffix asks for."""
    if "wb" in suffix:
        return "unsigned _BitInt" if "u" in suffix else "_BitInt"
    return "unsigned " * suffix.count("u") + "long " * suffix.count("l") + "int"
