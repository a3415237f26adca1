"""The lexer of GNU C and C23, and the token stream that takes attributes out of the grammar.

GnuLexer replaces pycparser's scanner by one regular expression (2.7 times as fast) that knows preprocessing numbers,
GNU suffixes, digraphs and universal names.  Alternate keywords (`__inline__`, `__const`) come with the token type and
the value of the plain keyword, so that later stages see one spelling only.

GnuTokenStream is what the parser reads.  `__attribute__((...))`, `[[...]]` and `__extension__` may stand almost
anywhere in GNU C, so they are not in the grammar: the stream lifts them out and remembers before which token each
stood; a declaration claims what stood inside its own range of tokens (gnu_parser.py).  `#pragma pack` is tracked in
the same way and `#pragma weak` collected; other pragmas say nothing that changes the program, and are dropped here.

Requires: the output of `cc -E`, line markers kept.  Any fault is a SyntaxFault with its place; the lexer is then past
the fault, so that the parser can look for the next declaration.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

from pycparser import c_lexer
from pycparser.c_lexer import CLexer, Token
from pycparser.c_parser import Coord, ParseError, _TokenStream

from cpc.loc import Loc
from cpc.warnings.policy import Pragma


class SyntaxFault(ParseError):  # type: ignore[misc]  # pycparser has no annotations
    """A syntax error with its place; `code` is another one for what cpc knows but does not support."""

    def __init__(self, loc: Loc, message: str, code: str = "E0001") -> None:
        super().__init__(f"{loc.file}:{loc.line}:{loc.column}: {message}")
        self.loc = loc
        self.message = message
        self.code = code


# token type -> "spelling" or "spelling=value the parser sees"
_GNU_KEYWORDS = {
    "INLINE": "__inline=inline __inline__=inline",
    "RESTRICT": "__restrict=restrict __restrict__=restrict",
    "CONST": "__const=const __const__=const",
    "VOLATILE": "__volatile=volatile __volatile__=volatile",
    "SIGNED": "__signed=signed __signed__=signed",
    "_THREAD_LOCAL": "__thread=_Thread_local",
    "_ALIGNOF": "__alignof=_Alignof __alignof__=_Alignof",
    "TYPEOF": "typeof __typeof=typeof __typeof__=typeof",
    "_COMPLEX": "__complex__=_Complex __complex=_Complex",
    "OFFSETOF": "__builtin_offsetof",
    "INT": "__auto_type",
    "DOUBLE": "_Float16 _Float32 _Float64 _Float128 _Float32x _Float64x __float80 __float128=_Float128 __bf16",
    "_BITINT": "_BitInt",
    "_DECIMAL32": "_Decimal32",
    "_DECIMAL64": "_Decimal64",
    "_DECIMAL128": "_Decimal128",
    "GNU_ASM": "asm __asm=asm __asm__=asm",
    "GNU_LABEL": "__label__",
    "GNU_PART": "__real=__real__ __real__ __imag=__imag__ __imag__",
    "GNU_TYPES_COMPATIBLE": "__builtin_types_compatible_p",
    "GNU_CONVERT_VECTOR": "__builtin_convertvector",
    "GNU_ATTRIBUTE": "__attribute __attribute__",
    "GNU_EXTENSION": "__extension__",
}
_C23_KEYWORDS = {
    "_ALIGNAS": "alignas=_Alignas",
    "_ALIGNOF": "alignof=_Alignof",
    "_BOOL": "bool=_Bool",
    "_STATIC_ASSERT": "static_assert=_Static_assert",
    "_THREAD_LOCAL": "thread_local=_Thread_local",
    "BOOL_CONST": "true false",
    "NULLPTR": "nullptr",
    "CONSTEXPR": "constexpr",
    "TYPEOF_UNQUAL": "typeof_unqual",
}


@cache
def _keywords(c23: bool, free: frozenset[str]) -> dict[str, tuple[str, str]]:
    """Spelling -> (token type, value); those in `free` are names."""
    table = {name: (kind, name) for name, kind in c_lexer._keyword_map.items()}
    del table["offsetof"]  # the macro of <stddef.h> becomes __builtin_offsetof; without it the word is free
    for group in (_GNU_KEYWORDS, _C23_KEYWORDS if c23 else {}):
        for kind, words in group.items():
            for word in words.split():
                spelling, _, value = word.partition("=")
                table[spelling] = (kind, value or spelling)
    return {word: token for word, token in table.items() if word not in free}


_OPERATORS = {t.literal: (t.tok_type, t.literal) for t in c_lexer._fixed_tokens} | {
    "<:": ("LBRACKET", "["),
    ":>": ("RBRACKET", "]"),
    "<%": ("LBRACE", "{"),
    "%>": ("RBRACE", "}"),
}
_UCN = r"\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}"
_UNIVERSAL_NAME = re.compile(_UCN)
_TOKEN = re.compile(
    r"[ \t\f\v\r]*(?:"
    r"(?P<STRING>(?:u8|[LuU])?\"[^\"\\\n]*(?:\\.[^\"\\\n]*)*\")"
    r"|(?P<CHAR>(?:u8|[LuU])?'(?:[^'\\\n]|\\.)+')"
    rf"|(?P<ID>(?:[^\W\d]|\$|{_UCN})(?:[\w$]|{_UCN})*)"
    r"|(?P<NUMBER>\.?[0-9](?:'\w|[eEpP][+-]|[\w.])*)"
    r"|(?P<OP>" + "|".join(re.escape(op) for op in sorted(_OPERATORS, key=len, reverse=True)) + ")"
    r"|(?P<NEWLINE>\n)"
    r"|(?P<HASH>\#[^\n]*)"
    r"|(?P<END>\Z))"
)
_INTEGER = re.compile(
    r"(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)"
    r"(?:[uU](?:ll|LL|[lL]|wb|WB)?|(?:ll|LL|[lL]|wb|WB)[uU]?)?[iIjJ]?"
)
_FORMAT_SUFFIX = r"(?:[fF](?:16|32x?|64x?|128x?)?|[dDlLqQwW]|df|dd|dl|DF|DD|DL)?"
_FLOAT_SUFFIX = rf"(?:{_FORMAT_SUFFIX}[iIjJ]?|[iIjJ]{_FORMAT_SUFFIX})"
_FLOAT = re.compile(
    r"(?:(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+"
    r"|0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+)" + _FLOAT_SUFFIX
)
_LINE_MARKER = re.compile(r"#[ \t]*(?:line[ \t]+)?([0-9]+)(?:[ \t]+\"((?:[^\"\\]|\\.)*)\"([ \t0-9]*))?[ \t]*\r?$")
_PRAGMA_PACK = re.compile(r"#[ \t]*pragma[ \t]+pack[ \t]*\(([^)]*)\)")
_PRAGMA_WEAK = re.compile(r"#[ \t]*pragma[ \t]+weak[ \t]+([\w$]+)[ \t]*(?:=[ \t]*([\w$]+))?")
_PRAGMA_DIAGNOSTIC = re.compile(
    r"#[ \t]*pragma[ \t]+(?:GCC|clang)[ \t]+diagnostic[ \t]+(push|pop|ignored|warning|error)(?:[ \t]+\"(-W[^\"]*)\")?"
)
_PRAGMA_TARGET = re.compile(r"#[ \t]*pragma[ \t]+GCC[ \t]+(?:(push|pop|reset)_options\b|target[ \t]*(.*))")
# Their meaning would be lost in silence.
_PRAGMA_REFUSED = re.compile(r"#[ \t]*pragma[ \t]+(redefine_extname|scalar_storage_order)\b")
_STRING_TYPES = {
    '"': "STRING_LITERAL",
    "L": "WSTRING_LITERAL",
    "u": "U16STRING_LITERAL",
    "U": "U32STRING_LITERAL",
}


def _character(universal: re.Match[str]) -> str:
    """What a universal character name stands for (6.4.3): the preprocessor spells letters beyond ASCII so, the
    assembler's names have the letters.  One that is no character stays."""
    code = int(universal.group()[2:], 16)
    return universal.group() if code > 0x10FFFF or 0xD800 <= code < 0xE000 else chr(code)


class GnuLexer(CLexer):  # type: ignore[misc]
    """Yields pycparser's tokens; `pack` is the #pragma pack in force at the last token read, `machine` what #pragma GCC
    target says there, `system_lines` the headers that line markers call the system's and from which line on,
    `weak_names` what `#pragma weak` names, with its target, `diagnostic_pragmas` what changes the warnings."""

    def __init__(self, error_func: Callable[[str, int, int], None], *, dialect: str = "c23") -> None:
        super().__init__(error_func, dialect=dialect)
        self.c23, self.free_words = False, frozenset[str]()
        self._pos = 0

    def input(self, text: str, filename: str = "") -> None:
        super().input(text, filename)
        self.system_lines: dict[str, int] = {}
        self.weak_names: dict[str, str] = {}
        self.diagnostic_pragmas: list[Pragma] = []
        self.pack = 0
        self._pack_stack: list[tuple[str, int]] = []
        self.machine = ""
        self._machine_stack: list[str] = []
        self._words = _keywords(self.c23, self.free_words)

    def token(self) -> Token | None:
        text, scan = self._lexdata, _TOKEN.match
        while True:
            found = scan(text, self._pos)
            if found is None:
                self._no_token()
            kind = found.lastgroup or ""
            value = found.group(kind)
            start = found.end() - len(value)
            self._pos = found.end()
            match kind:
                case "ID":
                    if "\\" in value:
                        value = _UNIVERSAL_NAME.sub(_character, value)
                    type_, value = self._words.get(value, ("ID", value))
                case "OP":
                    type_, value = _OPERATORS[value]
                case "STRING":
                    type_ = "U8STRING_LITERAL" if value.startswith("u8") else _STRING_TYPES[value[0]]
                case "CHAR":
                    type_ = "CHAR_CONST"
                case "NUMBER":
                    type_, value = self._number(value, start)
                case "NEWLINE":
                    self._lineno += 1
                    self._line_start = self._pos
                    continue
                case "HASH":
                    self._directive(value, start)
                    continue
                case _:
                    return None
            return Token(type_, value, self._lineno, start - self._line_start + 1, self._filename)

    def _number(self, text: str, start: int) -> tuple[str, str]:
        """Classifies a preprocessing number; digit separators are dropped."""
        value = text.replace("'", "") if "'" in text else text
        if _INTEGER.fullmatch(value):
            return "INT_CONST_DEC", value
        if _FLOAT.fullmatch(value):
            return "FLOAT_CONST", value
        self.fail(f"'{text}' is not a number", start)

    def _directive(self, line: str, start: int) -> None:
        """A line marker or a pragma; anything else must not be left after preprocessing."""
        if found := _LINE_MARKER.match(line):
            self._lineno = int(found.group(1)) - 1  # the newline behind the marker counts
            if found.group(2) is not None:
                self._filename = re.sub(r"\\(.)", r"\1", found.group(2))
                self._mark_system(int(found.group(1)), set(found.group(3)))
        elif found := _PRAGMA_PACK.match(line):
            self._pragma_pack([word.strip() for word in found.group(1).split(",")], start)
        elif found := _PRAGMA_TARGET.match(line):
            self._pragma_target(found.group(1) or "", re.findall(r'"([^"]*)"', found.group(2) or ""))
        elif found := _PRAGMA_WEAK.match(line):
            self.weak_names[found.group(1)] = found.group(2) or self.weak_names.get(found.group(1), "")
        elif found := _PRAGMA_DIAGNOSTIC.match(line):
            place = Loc(self._filename, self._lineno, 1)
            self.diagnostic_pragmas.append(Pragma(place, found.group(1), found.group(2) or ""))
        elif found := _PRAGMA_REFUSED.match(line):
            self.fail(f"'{found.group().lstrip('# ')}' is not supported", start, "E0330")
        elif not re.match(r"#[ \t]*(?:pragma\b|ident\b|sccs\b|$)", line):
            self.fail("a preprocessor directive is left: the text was not preprocessed", start)

    def _mark_system(self, line: int, flags: set[str]) -> None:
        """3 is where a system header is entered, what follows #pragma GCC system_header, which lasts to the end of its
        file, and the expansion of a system's macro, after which a marker without it comes."""
        if "3" in flags:
            first = 0 if "1" in flags else line
            self.system_lines[self._filename] = min(first, self.system_lines.get(self._filename, first))
        elif self.system_lines.get(self._filename):
            del self.system_lines[self._filename]

    def _pragma_pack(self, words: list[str], start: int) -> None:
        """`()`, `(n)`, `(push)`, `(push, n)`, `(push, id, n)`, `(pop)`, `(pop, id)`, `(pop, n)`."""
        number = next((int(w) for w in words if w.isdigit()), None)
        name = next((w for w in words[1:] if not w.isdigit()), "")
        if number not in (None, 0, 1, 2, 4, 8, 16) or (words[0] not in ("", "push", "pop") and number is None):
            self.fail("#pragma pack takes 1, 2, 4, 8 or 16, push or pop", start)
        if words[0] == "push":
            self._pack_stack.append((name, self.pack))
        elif words[0] == "pop":
            while self._pack_stack:
                entry, self.pack = self._pack_stack.pop()
                if not name or entry == name:
                    break
        if number is not None:
            self.pack = number
        elif words[0] == "":
            self.pack = 0

    def _pragma_target(self, word: str, texts: list[str]) -> None:
        """`push_options`, `pop_options`, `reset_options`, `target("avx2", ...)`: each adds to what was said before."""
        if word == "push":
            self._machine_stack.append(self.machine)
        elif word == "pop":
            self.machine = self._machine_stack.pop() if self._machine_stack else self.machine
        elif word == "reset":
            self.machine = ""
        else:
            self.machine = ",".join(filter(None, (self.machine, *texts)))

    def _no_token(self) -> NoReturn:
        """Names what stands where no token starts, and steps over it."""
        text = self._lexdata
        start = self._pos + len(text[self._pos :]) - len(text[self._pos :].lstrip(" \t\f\v\r"))
        bad = text[start]
        if bad in "\"'":
            end = text.find("\n", start)
            self._pos = len(text) if end < 0 else end
            empty = text.startswith("''", start)
            self.fail("empty character constant" if empty else f"missing terminating {bad} character", start)
        self._pos = start + 1
        shown = f"'{bad}'" if bad.isprintable() else f"byte 0x{ord(bad) & 0xFF:02x}"
        self.fail(f"stray {shown} in the program", start)

    def fail(self, message: str, start: int, code: str = "E0001") -> NoReturn:
        raise SyntaxFault(Loc(self._filename, self._lineno, start - self._line_start + 1), message, code)


@dataclass(slots=True)
class PendingAttribute:
    """The tokens of one attribute list, not yet claimed: what is inside `((` `))` or `[[` `]]`.
    `index` is the number of the token that follows it in the stream."""

    index: int
    tokens: list[Token]
    standard: bool


class GnuTokenStream(_TokenStream):  # type: ignore[misc]
    """Tokens without attributes and `__extension__`; both lexer and lookahead keep their numbers."""

    def __init__(self, lexer: GnuLexer) -> None:
        super().__init__(self._read)
        self._lexer = lexer
        self._ahead: Token | None = None
        self.pending: list[PendingAttribute] = []
        self._pragmas_from: list[int] = [0]
        self._pragmas: list[tuple[int, str]] = [(0, "")]

    def _read(self) -> Any:
        while True:
            token = self._next()
            kind = token.type if token is not None else ""
            if kind == "GNU_ATTRIBUTE":
                self._lift(token, "LPAREN", standard=False)
            elif kind == "LBRACKET" and self._peek_is_bracket():
                self._lift(token, "LBRACKET", standard=True)
            elif kind != "GNU_EXTENSION":
                state = (self._lexer.pack, self._lexer.machine)
                if state != self._pragmas[-1]:
                    self._pragmas_from.append(len(self._buffer))
                    self._pragmas.append(state)
                return token

    def _next(self) -> Any:
        token, self._ahead = self._ahead, None
        return token if token is not None else self._lexer.token()

    def _peek_is_bracket(self) -> bool:
        """In C two opening brackets in a row can only begin an attribute."""
        self._ahead = self._lexer.token()
        return self._ahead is not None and self._ahead.type == "LBRACKET"

    def _lift(self, start: Any, bracket: str, *, standard: bool) -> None:
        """Collects the balanced tokens of one attribute list."""
        closing = []
        tokens: list[Token] = []
        pairs = {"LPAREN": "RPAREN", "LBRACKET": "RBRACKET", "LBRACE": "RBRACE"}
        if standard:
            closing.append("RBRACKET")
        while True:
            token = self._next()
            if token is None:
                raise SyntaxFault(Loc(start.filename, start.lineno, start.column), "unterminated attribute")
            if token.type in pairs:
                closing.append(pairs[token.type])
            elif token.type in ("RPAREN", "RBRACKET", "RBRACE"):
                if not closing or closing.pop() != token.type:
                    raise SyntaxFault(_loc(token), f"unbalanced '{token.value}' in an attribute")
            elif len(closing) < 2:
                open_, close = ("((", "))") if bracket == "LPAREN" else ("[[", "]]")
                missing = close if len(tokens) > 1 else open_
                raise SyntaxFault(_loc(token), f"expected '{missing}' of an attribute before '{token.value}'")
            tokens.append(token)
            if not closing:
                break
        inner = tokens[1:-2] if standard else tokens[2:-2]
        if [t.type for t in tokens[-2:]] != [pairs[bracket]] * 2:
            raise SyntaxFault(_loc(tokens[-1]), "an attribute list ends with two brackets")
        self.pending.append(PendingAttribute(len(self._buffer), inner, standard))

    def take(self, first: int, last: int) -> list[PendingAttribute]:
        """Claims the attributes that stand before the tokens numbered `first` to `last`."""
        pending = self.pending
        if not pending or pending[-1].index < first:
            return []
        taken = [p for p in pending if first <= p.index <= last]
        if taken:
            self.pending = [p for p in pending if not first <= p.index <= last]
        return taken

    def pack_at(self, index: int) -> int:
        """The #pragma pack in force at token number `index`."""
        return self._pragmas[bisect_right(self._pragmas_from, index) - 1][0]

    def machine_at(self, index: int) -> str:
        """What #pragma GCC target says at token number `index`."""
        return self._pragmas[bisect_right(self._pragmas_from, index) - 1][1]


class ListStream(_TokenStream):  # type: ignore[misc]
    """A stream over tokens at hand: the inside of an attribute."""

    def __init__(self, tokens: list[Token]) -> None:
        super().__init__(lambda: None)
        self._buffer = [*tokens, None]
        self.pending: list[PendingAttribute] = []

    def take(self, first: int, last: int) -> list[PendingAttribute]:
        return []

    def pack_at(self, index: int) -> int:
        return 0


def _loc(token: Any) -> Loc:
    return Loc(token.filename, token.lineno, token.column)


def token_coord(token: Any) -> Coord:
    return Coord(token.filename, token.lineno, token.column)
