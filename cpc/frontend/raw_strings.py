"""Raw string literals (GNU C since gnu99, as in C++11) become ordinary ones, before anything else reads the text.

    R"x(a\\b
    "c")x" + 1      ->      "a\\\\b\\n\\"c\\""
                            + 1

Lines keep their numbers: as many line ends follow the literal as were in it.
"""

from __future__ import annotations

import re

_LITERAL = re.compile(
    r"""(?<![A-Za-z0-9_])(?P<prefix>u8|[uUL]?)R"(?P<mark>[^ ()\\\t\v\f\n]{0,16})\((?P<text>.*?)\)(?P=mark)"
      | "(?:[^"\\\n]|\\.)*"
      | '(?:[^'\\\n]|\\.)*'""",
    re.DOTALL | re.VERBOSE,
)
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def as_ordinary(text: str) -> str:
    """`text` is preprocessed: comments are gone."""
    return _LITERAL.sub(_ordinary, text) if 'R"' in text else text


def _ordinary(found: re.Match[str]) -> str:
    if found["text"] is None:
        return found[0]
    return f'{found["prefix"]}"{found["text"].translate(_ESCAPES)}"' + "\n" * found["text"].count("\n")
