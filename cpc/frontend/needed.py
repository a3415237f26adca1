"""Leaves out the declarations of headers that a unit cannot reach, before anything is parsed.

A unit of 300 lines brings 4,000 lines of headers, of which it uses a few dozen; parsing and declaring the others is
three quarters of the work of the front end.  Here the text is cut into external declarations by a scan for brackets
and semicolons; each declaration of a header gets the names it may declare and the words in it; what the words
of the program reach, from name to declaration to the words in that, stays.  The rest of the text keeps its lines.

Why the result is the same: a declaration depends on others only through words in it.  All that may declare a word is
kept when the word is, in order, so a kept declaration sees every typedef, tag, constant and redeclaration that it
would have seen.  Names are over-estimated, never under-estimated (tags and identifiers are one set, so are strings,
for asm labels); what has an effect of its own (definitions, file-scope asm, pragmas, `weak`, `constructor`, ...) and
every form not recognised stays, and so does everything outside headers.  The driver leaves out only what was found
free of faults before (clean_headers.py), and takes the result only when it came without an error; else the whole text
is the judge.

Requires: the output of `cc -E` with line markers.  Establishes: text for the parser, or None when there is nothing to
gain or something here that the scan is not sure of.

Rejected: keeping parsed declarations on disk.  Reading a pickle of a syntax tree takes a third of the time of
parsing it, and the meaning of every declaration would still be worked out in every unit.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass, field
from functools import lru_cache

from cpc.frontend.included import Headers

# Functions that cpc calls without any word in the program that names them.
_CALLED_BY_ITSELF = ("memcpy", "memmove", "memset", "memcmp", "strlen")

_EVENT = re.compile(r"^[ \t]*#[^\n]*\n?|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[;(){}\[\]]", re.M)
_MARKER = re.compile(r"[ \t]*#[ \t]*(?:line[ \t]+)?(\d+)(?:[ \t]+(\"(?:[^\"\\]|\\.)*\")([ \t0-9]*))?")
_FILE_MARKER = re.compile(r"^# \d+ (\"(?:[^\"\\\n]|\\.)*\")", re.M)
_LINE_END = re.compile(r"[ \t\r]*(?:\n|\Z)")
_NOT_BLANK = re.compile(r"\S")
_WORD = re.compile(r"[^\W\d]\w*")
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"")
_HASH_LINE = re.compile(r"^[ \t]*#[^\n]*", re.M)
_DIGRAPH = re.compile(r"<%|%>|<:|:>")
_ASM = re.compile(r"\s*(?:asm|__asm|__asm__)\b")

_GROUP = r"\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)"
_ATTRIBUTE = re.compile(
    r"\b(?:__attribute__|__attribute|__asm__|__asm|asm|__typeof__|__typeof|typeof|_Alignas)\s*" + _GROUP
)
_EFFECT = re.compile(r"\b_*(?:constructor|destructor|used|retain|alias|weak|weakref|ifunc|section)_*\b")
_TAG = re.compile(r"\b(?:struct|union|enum)\s+([^\W\d]\w*)")
_PROTOTYPE = re.compile(r"([\w\s*]*[\s*])([^\W\d]\w*)\s*\(([^(){};]*)\)\s*;\s*\Z")
_OBJECT = re.compile(r"\s*(?:typedef|extern)\b[\w\s*]*[\s*]([^\W\d]\w*)\s*(?:\[[^\[\]]*\]\s*)*;\s*\Z")
_ONLY_TAG = re.compile(r"\s*(?:(?:const|volatile)\s+)?(?:struct|union|enum)\b(?:\s+[^\W\d]\w*)?\s*;?\s*\Z")
_INLINE_OR_STATIC = re.compile(r"\b(?:static|inline|__inline|__inline__)\b")
_PARAMETERS = re.compile(r"\(\s*(?:[^\W\d]\w*[\s*]|(?:void)?\s*\))")
_IN_BRACES = re.compile(r"\{[^{}]*\}")
_IN_BRACKETS = re.compile(r"\[[^\[\]]*\]")
_KEYWORD_LIST = (
    "auto break case char const continue default do double else enum extern float for goto if inline int long"
    " register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while"
    " __const __restrict __inline __inline__ __extension__ __signed__ __volatile__ _Bool _Complex _Float128"
)
_NOT_TYPE_LIST = "auto const register restrict volatile _Noreturn _Thread_local __thread __const __volatile__"
_NOT_TYPES = frozenset(_NOT_TYPE_LIST.split())
_KEYWORDS = frozenset(_KEYWORD_LIST.split())


@dataclass(slots=True)
class _Piece:
    """Whole lines with one external declaration or several: text[start:end].  `marker` is the number of the line
    marker in force at its start; `ends` are the ends of the declarations in it; `included`: all is from headers."""

    start: int
    end: int
    marker: int
    ends: tuple[int, ...]
    included: bool


@dataclass(slots=True)
class _Cut:
    """The text in pieces.  `marks` are the directives between pieces and inside them, as (start, end) in the text."""

    pieces: list[_Piece] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)


class _Unsure(Exception):
    """The text has a form that the scan does not understand."""


def needed_text(text: str, headers: Headers, end: int) -> str | None:
    """`text` without the declarations of its headers that end before offset `end` and that nothing reaches."""
    if not headers.files or _DIGRAPH.search(text):
        return None
    try:
        cut = _cut(text, headers.files)
        kept = _reached(text, cut, end)
    except _Unsure:
        return None
    return None if all(kept) else _without(text, cut, kept)


def _cut(text: str, headers: Set[str]) -> _Cut:
    """Cuts the text behind declarations that end a line."""
    cut = _Cut()
    closing: list[str] = []
    pairs = {"(": ")", "[": "]", "{": "}"}
    start = head = 0  # of the piece, and of the declaration in it
    first_marker = -1
    ends: list[int] = []
    inside = False  # whether all of the piece comes from headers
    now = False  # whether the text at hand does
    for found in _EVENT.finditer(text):
        event = found.group()
        kind = event.lstrip(" \t")[0]
        at = found.end()
        if kind == "#":
            marker = _MARKER.match(event)
            if marker is not None:
                if marker[2] is None:
                    raise _Unsure
                now = marker[2] in headers
            cut.marks.append((found.start(), at))
            if _NOT_BLANK.search(text, start, found.start()) is None:  # between declarations
                start = head = at
                first_marker = len(cut.marks) - 1
                inside = now and marker is not None
            else:
                inside = inside and now and marker is not None
        elif kind in pairs:
            closing.append(pairs[kind])
        elif kind in ")]}":
            if not closing or closing.pop() != kind:
                raise _Unsure
            if kind == "}" and not closing and _is_function(text[head:at]):
                ends.append(at)
                head = at
        elif kind == ";" and not closing:
            ends.append(at)
            head = at
        if head == at and ends and (line_end := _LINE_END.match(text, at)):
            cut.pieces.append(_Piece(start, line_end.end(), first_marker, tuple(ends), inside))
            start = head = line_end.end()
            ends = []
            inside = now
            first_marker = len(cut.marks) - 1
    if closing or _NOT_BLANK.search(text, start):
        raise _Unsure
    return cut


def _is_function(declaration: str) -> bool:
    """Whether the brace that closes here closed the body of a function."""
    opening = declaration.find("{")
    head = _ATTRIBUTE.sub(" ", _STRING.sub('""', _HASH_LINE.sub(" ", declaration[:opening]))).rstrip()
    if not head:  # the parameters of a K&R definition were taken for declarations
        raise _Unsure
    return head.endswith(")") and "=" not in head


def _reached(text: str, cut: _Cut, end: int) -> list[bool]:
    """For each piece whether it is needed; those that do not end before `end` are."""
    kept: list[bool] = []
    declaring: dict[str, list[int]] = {}
    roots: list[str] = [text[a:b] for a, b in cut.marks if "pragma" in text[a:b]]
    for number, piece in enumerate(cut.pieces):
        body = text[piece.start : piece.end]
        free = piece.included and piece.end <= end
        known = _summary(body, tuple(e - piece.start for e in piece.ends)) if free else None
        kept.append(known is None)
        if known is None:
            if any(_ASM.match(text, start) for start in (piece.start, *piece.ends)):
                raise _Unsure  # it may name anything
            roots.append(body)
        else:
            for name in known:
                declaring.setdefault(name, []).append(number)
    waiting = list({*_CALLED_BY_ITSELF, *_words("\n".join(roots))})
    seen = set(waiting)
    while waiting:
        for number in declaring.get(waiting.pop(), ()):
            if not kept[number]:
                kept[number] = True
                piece = cut.pieces[number]
                new = _words(text[piece.start : piece.end]) - seen
                seen |= new
                waiting += new
    return kept


def _words(text: str) -> set[str]:
    """The words of a text; `__builtin_NAME` also stands for NAME."""
    words = set(_WORD.findall(_HASH_LINE.sub("", text)))
    words |= {word[10:] for word in words if word.startswith("__builtin_")}
    return words


@lru_cache(maxsize=1 << 15)
def _summary(text: str, ends: tuple[int, ...]) -> frozenset[str] | None:
    """What a piece of a header may declare; None for one that must stay."""
    names: set[str] = set()
    start = 0
    for end in ends:
        declared = _declared(text[start:end])
        if declared is None:
            return None
        names |= declared
        start = end
    return frozenset(names)


def _declared(declaration: str) -> set[str] | None:
    """The names that one declaration may declare."""
    plain = _HASH_LINE.sub(" ", declaration)
    if "\\" in plain or "$" in plain or _EFFECT.search(plain):
        return None
    names: set[str] = set()
    if '"' in plain:  # asm labels
        names.update(_WORD.findall(" ".join(_STRING.findall(plain))))
        plain = _STRING.sub('""', plain)
    gnu_inline = "gnu_inline" in plain
    plain = _ATTRIBUTE.sub(" ", plain).replace("__extension__", " ")
    if found := _PROTOTYPE.match(plain):
        if _INLINE_OR_STATIC.search(found[1]):  # to be defined by the unit: gcc warns when it is not
            return None
        if _is_prototype(found[1], found[3]):
            alone = {found[3].strip()} - _KEYWORDS  # `extern T (x)` declares x
            return names | alone | {found[2], *_TAG.findall(found[1])}
    elif found := _OBJECT.match(plain):
        return names | {found[1], *_TAG.findall(plain)}
    if plain.rstrip().endswith("}"):
        head = plain[: plain.index("{")]
        words = set(_WORD.findall(head))
        inline = words & {"inline", "__inline", "__inline__"}
        if not inline or not ("static" in words or ("extern" in words and gnu_inline)):
            return None
        return names | set(_TAG.findall(_outside(head))) | _declarators(head)
    return _other(plain, names)


def _is_prototype(head: str, parameters: str) -> bool:
    """Whether `head NAME(parameters)` declares a function NAME: `const T (x)` defines x."""
    words = set(_WORD.findall(head))
    return bool(words) and ("extern" in words or not words <= _NOT_TYPES or _WORD.fullmatch(parameters.strip()) is None)


def _other(plain: str, names: set[str]) -> set[str] | None:
    """Declarations with bodies, several declarators or declarators in parentheses."""
    names.update(_TAG.findall(plain))
    if "{" in plain:
        if "enum" in plain:
            names.update(_WORD.findall(plain[plain.index("{") : plain.rindex("}")]))
        plain = _replaced(plain, _IN_BRACES)
    words = set(_WORD.findall(plain))
    if "=" in plain or "_Static_assert" in words or "static_assert" in words:
        return None
    if _ONLY_TAG.match(plain):
        return names - _KEYWORDS
    if "typedef" not in words and "extern" not in words:
        return None
    return (names | _declarators(plain)) - _KEYWORDS


def _declarators(plain: str) -> set[str]:
    """The names that declarators may give: the last word before the parameters, and any word in parentheses that
    may hold a declarator themselves."""
    names: set[str] = set()
    plain = _replaced(plain, _IN_BRACKETS)
    groups = re.findall(_GROUP, plain)
    for part in _outside(plain, mark="()").rstrip(" \t\n;").split(","):
        count = part.count("()")
        mine, groups = groups[:count], groups[count:]
        names.update(_WORD.findall(part.split("(")[0])[-1:])
        if count > 1 or (mine and not _PARAMETERS.match(mine[0])):
            names.update(_WORD.findall(mine[0]))
    return names - _KEYWORDS


def _outside(plain: str, mark: str = " ") -> str:
    """The text with its groups in parentheses replaced by `mark`."""
    return re.sub(_GROUP, mark, plain)


def _replaced(plain: str, innermost: re.Pattern[str]) -> str:
    """The text without groups, from the inside outward."""
    while True:
        shorter = innermost.sub(" ", plain)
        if shorter == plain:
            return plain
        plain = shorter


def _without(text: str, cut: _Cut, kept: list[bool]) -> str:
    """The directives and the pieces that are kept; a marker puts a piece behind a gap back on its line."""
    out: list[str] = []
    marks = cut.marks
    done = 0  # marks
    gap = False
    for piece, keep in zip(cut.pieces, kept, strict=True):
        while done <= piece.marker:
            out.append(_line(text, marks[done]))
            gap = gap and not _is_marker(text, marks[done])
            done += 1
        if keep and gap:
            out.append(_marker_at(text, marks[: piece.marker + 1], piece.start))
        if keep:
            out.append(text[piece.start : piece.end])
        while done < len(marks) and marks[done][0] < piece.end:
            if not keep:
                out.append(_line(text, marks[done]))
            done += 1
        gap = not keep
    out += [_line(text, mark) for mark in marks[done:]]
    return "".join(out)


def _line(text: str, mark: tuple[int, int]) -> str:
    line = text[mark[0] : mark[1]]
    return line if line.endswith("\n") else line + "\n"


def _is_marker(text: str, mark: tuple[int, int]) -> bool:
    return _MARKER.match(text, mark[0]) is not None


def _marker_at(text: str, marks: list[tuple[int, int]], start: int) -> str:
    """A line marker for offset `start`, counted from the last marker among `marks`."""
    begin, end = next(mark for mark in reversed(marks) if _is_marker(text, mark))
    found = _MARKER.match(text, begin)
    assert found is not None
    system = " 3" if "3" in (found[3] or "") else ""
    return f"# {int(found[1]) + text.count(chr(10), end, start)} {found[2]}{system}\n"
