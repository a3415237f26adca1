"""Where a project writes its annotations, learned from those that stand in its text.

    static int coroutine_fn GRAPH_RDLOCK f(int fd)          after the type, before other macros
    static coroutine_fn GRAPH_RDLOCK int f(int fd)          before the type, and before macros that stand beside marks
    static struct s *coroutine_fn f(int fd)                 close to the star

A new annotation is written as the nearest ones in its file are (as all of the project's where the file has none), or
as another declaration of the same function that has the same words.  A macro is known by where it stands: a word
that is neither a keyword nor the first name of a type.

`Head`: what stands before the name of a declaration, comments left out.  Offsets are those of the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

_NOT_CODE = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)+'|^[ \t]*#[^\n]*(?:\\\n[^\n]*)*", re.S | re.M
)
_TOKEN = re.compile(r"\*|[A-Za-z_]\w*(?:\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?|\[\[[^\]]*\]\]|\S")
_OPENING = re.compile(r"\([\s*]*$")  # of (*name)
_STORAGE = frozenset(
    ["static", "extern", "inline", "__inline", "__inline__", "typedef", "register", "_Noreturn", "__extension__"]
)
_QUALIFIERS = frozenset(["const", "volatile", "restrict", "__restrict", "_Atomic"])
_TAGS = frozenset(["struct", "union", "enum"])
_BASIC_LIST = "void char short int long float double signed unsigned _Bool bool __int128 _Complex"
_BASIC = frozenset(_BASIC_LIST.split())
_NEAREST = 5


class _Token(NamedTuple):
    """kind: 'storage', 'type' (stars and qualifiers too), 'macro' or 'mark'."""

    kind: str
    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Head:
    """`end`: where the name begins, or the parenthesis of `(*name)`."""

    tokens: tuple[_Token, ...]
    end: int

    def words(self) -> tuple[str, ...]:
        """Without annotations, by which declarations of one function are compared."""
        return tuple(token.word for token in self.tokens if token.kind != "mark")


@dataclass(frozen=True, slots=True)
class Habit:
    """How one annotation is written.  `place`: 'before' or 'after' the type, or 'last', behind macros.  `tight`: close
    to a star before it; `below`: at the start of the line of the name rather than at the end of the one before.  The
    last two are None where they could not be seen.  `macro` is the word behind it."""

    at: int
    place: str
    tight: bool | None
    below: bool | None
    macro: str = ""


def blanked(text: str) -> str:
    """The text with spaces for comments, strings and directives."""
    return _NOT_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


@dataclass(slots=True)
class HouseStyle:
    """`marks`: the words that are annotations.  `files`: those that have some, read when no nearer one is known."""

    marks: Set[str]
    files: Iterable[str] = ()
    _habits: dict[str, list[Habit]] = field(default_factory=dict)
    _project: list[Habit] | None = None

    def insert(self, text: str, at: int, word: str, others: Sequence[tuple[str, int]] = ()) -> str:
        """The text with an annotation of what is named at `at`.  `others`: (text, offset of the name) of declarations
        of the same function that have the annotation."""
        code = blanked(text)
        habits = self._of_text(code)
        macros = {habit.macro for habit in chain(habits, self._all()) if habit.macro}
        head = self.head(code, at, macros)
        types = [token for token in head.tokens if token.kind == "type"]
        if not types:
            return f"{text[:at]}{word} {text[at:]}"
        like = self._like_others(head, others, macros)
        place = like.place if like is not None else self._place(habits, head)
        first = next(token for token in head.tokens if token.kind in ("macro", "type"))
        if place == "before" or (first.kind == "macro" and first.word in macros):
            return f"{text[: first.start]}{word} {text[first.start :]}"
        last = head.tokens[-1] if place == "last" else types[-1]
        return self._put(text, code, last, head.end, word, [like] if like is not None else [], habits)

    def _put(
        self, text: str, code: str, last: _Token, end: int, word: str, like: list[Habit], habits: list[Habit]
    ) -> str:
        """Behind a token; the habits that are asked first are in `like`."""
        at = last.end
        gap = len(code[at:end]) - len(code[at:end].lstrip())
        newline = "\n" in code[at : at + gap]
        if newline and at + gap == end and self._most((like, habits), lambda habit: habit.below):
            return f"{text[: at + gap]}{word} {text[at + gap :]}"
        tight = last.word == "*" and (not gap or (newline and self._most((like, habits), lambda habit: habit.tight)))
        return f"{text[:at]}{'' if tight else ' '}{word}{'' if gap else ' '}{text[at:]}"

    # ---- what is learned ----

    def _like_others(self, head: Head, others: Iterable[tuple[str, int]], macros: Set[str]) -> Habit | None:
        for text, at in others:
            code = blanked(text)
            other = self.head(code, at, macros)
            if other.words() == head.words():
                marks = (token for token in other.tokens if token.kind == "mark")
                habit = next((h for token in marks if (h := self._habit(code, token.start)) is not None), None)
                if habit is not None:
                    return habit
        return None

    def _place(self, habits: list[Habit], head: Head) -> str:
        nearest = sorted(habits, key=lambda habit: abs(habit.at - head.end))[:_NEAREST]
        counts = Counter(habit.place for habit in nearest or self._all())
        return counts.most_common(1)[0][0] if counts else "after"

    def _most(self, groups: Iterable[Sequence[Habit]], what: Callable[[Habit], bool | None]) -> bool:
        """What most of the first of these groups do, or of all in the project, where it can be seen."""
        for group in groups:
            seen = [said for habit in group if (said := what(habit)) is not None]
            if seen:
                return sum(seen) * 2 > len(seen)
        return sum(what(habit) is True for habit in self._all()) > sum(what(habit) is False for habit in self._all())

    def _all(self) -> list[Habit]:
        if self._project is None:
            self._project = []
            for path in dict.fromkeys(self.files):
                with suppress(OSError), open(path, encoding="utf-8", errors="surrogateescape") as stream:
                    self._project += self._of_text(blanked(stream.read()))
        return self._project

    def _of_text(self, code: str) -> list[Habit]:
        if code not in self._habits:
            uses = re.finditer(rf"\b(?:{'|'.join(map(re.escape, sorted(self.marks)))})\b", code)
            self._habits[code] = [h for use in uses if (h := self._habit(code, use.start())) is not None]
        return self._habits[code]

    def _habit(self, code: str, at: int) -> Habit | None:
        """That of the annotation at `at`; None where no type is with it."""
        ends = re.compile(r"[;({=,]").search(code, at)
        tokens = self._tokens(code, _start(code, at), ends.start() if ends is not None else len(code))
        number = next((n for n, token in enumerate(tokens) if token.start == at), 0)
        before, mark, behind = tokens[:number], tokens[number], tokens[number + 1 :]
        if not any(token.kind == "type" for token in before):
            return Habit(at, "before", None, None) if any(t.kind == "type" for t in behind[:-1]) else None
        last = before[-1]
        below = "\n" in code[last.end : at]
        seen_below = below or "\n" in code[mark.end : behind[0].start if len(behind) == 1 else mark.end]
        return Habit(
            at,
            "last" if last.kind == "macro" else "after",
            last.end == at if last.word == "*" else None,
            below if seen_below else None,
            behind[0].word if len(behind) > 1 else "",
        )

    # ---- heads ----

    def head(self, code: str, at: int, macros: Set[str] = frozenset()) -> Head:
        """What stands before the name at `at`.  `macros`: words that are known for one."""
        opening = _OPENING.search(code, max(0, at - 80), at)
        end = opening.start() if opening is not None else at
        return Head(tuple(self._tokens(code, _start(code, end), end, macros)), end)

    def _tokens(self, code: str, start: int, end: int, macros: Set[str] = frozenset()) -> list[_Token]:
        found = [(use.group(), use.start(), use.end()) for use in _TOKEN.finditer(code, start, end)]
        tokens: list[_Token] = []
        typed = tagged = False
        for number, (word, first, past) in enumerate(found):
            known = word in macros or typed or any(_is_basic(w) for w, *_ in found[number + 1 :])
            kind = self._kind(word, known)
            kind = "type" if tagged and kind != "mark" else kind
            tagged = word in _TAGS
            typed = typed or (kind == "type" and word not in _QUALIFIERS)
            tokens.append(_Token(kind, word, first, past))
        return tokens

    def _kind(self, word: str, is_macro: bool) -> str:
        """`is_macro`: if it is a name."""
        if word in self.marks:
            return "mark"
        if word in _STORAGE:
            return "storage"
        if word == "*" or word in _QUALIFIERS or _is_basic(word):
            return "type"
        return "macro" if is_macro or "(" in word or not word[0].isidentifier() else "type"


def _is_basic(word: str) -> bool:
    """Whether a word begins a type, whatever stands before it."""
    return word in _BASIC or word in _TAGS or word.startswith(("typeof", "__typeof"))


def _start(code: str, end: int) -> int:
    """Where a declaration begins whose name is at `end`: after what ends another, an open parenthesis, or an empty
    line."""
    depth = 0
    for at in range(end, 0, -1):
        char = code[at - 1]
        if char == "(" and not depth:
            return at
        depth += (char == ")") - (char == "(")
        if not depth and (char in ";{},:=" or (char == "\n" and not _line_before(code, at - 1).strip())):
            return at
    return 0


def _line_before(code: str, newline: int) -> str:
    return code[code.rfind("\n", 0, newline) + 1 : newline]
