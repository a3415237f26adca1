"""What the parser says about faults, and where it goes on behind one.

The first fault of an external declaration is reported, in words that name what was expected and what stands there;
the parser goes on behind that declaration.

Requires: a subclass that parses external declarations and checks that their attributes are claimed (gnu_parser.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from pycparser.c_parser import Coord, ParseError

from cpc.diag import Diagnostics
from cpc.frontend.gnu_statements import GnuStatements
from cpc.frontend.lexer import ListStream, SyntaxFault
from cpc.frontend.literals import BadLiteral
from cpc.frontend.unit import Unit
from cpc.loc import Loc

_MOST_ERRORS = 20
_SPELLING = {
    "SEMI": ";", "COMMA": ",", "LPAREN": "(", "RPAREN": ")", "LBRACE": "{", "RBRACE": "}", "LBRACKET": "[",
    "RBRACKET": "]", "COLON": ":", "EQUALS": "=", "WHILE": "while",
}  # fmt: skip
_REWORDED = {
    "Invalid expression": "expected an expression",
    "Invalid declarator": "expected a name",
    "Invalid abstract declarator": "expected a type name",
    "Invalid struct/union declaration": "expected a tag or '{'",
    "Invalid specifier list": "expected a type",
    "Invalid declaration": "expected a declaration",
    "Invalid struct reference": "expected a member name",
    "Invalid string literal": "expected a string",
    "Expected identifier": "expected a name",
}


class GnuFaults(GnuStatements):
    diags: Diagnostics
    unit: Unit
    _in_old_parameters: bool

    if TYPE_CHECKING:

        def _check_claimed(self) -> None: ...  # the subclass's

    def _parse_error(self, msg: str, coord: Coord | str | None) -> NoReturn:
        token = self._tokens.peek(1)
        message = _REWORDED.get(msg, msg[:1].lower() + msg[1:])
        if isinstance(coord, Coord):
            loc = Loc(coord.file, coord.line, coord.column or 0)
        elif token is not None:
            loc = Loc(token.filename, token.lineno, token.column)
        else:
            loc = Loc(self.clex.filename if not isinstance(self._tokens, ListStream) else "", self._last_line(), 0)
        if msg == "At end of input" or (msg in _REWORDED and token is None):
            message = f"unexpected end of the {'attribute' if isinstance(self._tokens, ListStream) else 'input'}"
        elif msg == "Invalid specifier list" and token.type == "ID":
            message = f"unknown type name '{token.value}'"
        elif msg in _REWORDED and not isinstance(coord, Coord):
            message += f" before '{token.value}'"
        raise SyntaxFault(loc, message)

    def _last_line(self) -> int:
        return 0 if isinstance(self._tokens, ListStream) else max(1, self.clex._lineno)

    def _expect(self, token_type: str) -> Any:
        token = self._advance()
        if token.type == token_type:
            return token
        stream = self._tokens
        before = stream._buffer[stream.mark() - 2] if stream.mark() >= 2 else None
        loc = Loc(token.filename, token.lineno, token.column)
        if token.type == "ID" and before is not None and before.type == "ID" and before.lineno == token.lineno:
            raise SyntaxFault(Loc(before.filename, before.lineno, before.column), f"unknown type name '{before.value}'")
        wanted = f"'{_SPELLING[token_type]}'" if token_type in _SPELLING else "a name"
        raise SyntaxFault(loc, f"expected {wanted} before '{token.value}'")

    def _build_parameter_declaration(self, spec: Any, decl: Any, spec_coord: Coord | None) -> Any:
        """A parameter without a name, whose node has no place for a storage class."""
        for word in spec["storage"]:
            if word != "register":
                self._parse_error(f"a parameter is declared '{word}'", spec_coord)
        return super()._build_parameter_declaration(spec, decl, spec_coord)

    def _parse_translation_unit(self) -> list[Any]:
        nodes: list[Any] = []
        faults = 0
        while True:
            start = self._mark()
            depth = len(self._scope_stack)
            try:
                if self._peek() is None:
                    return nodes
                nodes.extend(self._parse_external_declaration())
                self._check_claimed()
            except (ParseError, BadLiteral, ValueError) as fault:
                faults += 1
                self._report(fault)
                del self._scope_stack[depth:]
                self._in_old_parameters = False
                if faults == _MOST_ERRORS or not self._skip_declaration(start):
                    return nodes

    def _report(self, fault: Exception) -> None:
        if isinstance(fault, SyntaxFault):
            self.diags.error(fault.code, fault.loc, fault.message)
            return
        token = self._tokens.peek(1)  # pycparser's own ValueError has no place: the token at hand is near
        loc = Loc(token.filename, token.lineno, token.column) if token is not None else Loc(self.unit.filename, 1, 1)
        self.diags.error("E0001", loc, str(fault))

    def _skip_declaration(self, start: int) -> bool:
        """Goes behind the external declaration that begins at token `start`; False at the end of the input."""
        self._reset(start)
        self._typedef_checked_token = None
        self._tokens.pending = []
        depth = 0
        while True:
            try:
                token = self._tokens.next()
                following = self._tokens.peek(1)
            except SyntaxFault:  # one report per declaration is enough
                continue
            if token is None or following is None:
                return False
            depth += (token.type == "LBRACE") - (token.type == "RBRACE")
            ends_body = token.type == "RBRACE" and following.type not in ("SEMI", "COMMA", "ID", "EQUALS", "TIMES")
            at_margin = token.column == 1  # where people put the last brace of a function, even when one is missing
            if (depth <= 0 and token.type == "SEMI") or (ends_body and (depth <= 0 or at_margin)):
                return True
