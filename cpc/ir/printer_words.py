"""Names and strings in the IR's text form; reader_words.py has the inverses."""

from __future__ import annotations

import re

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.$]+\Z")


def quote(text: str) -> str:
    """`text` in double quotes on one line; the reader's `unquote` is the inverse."""
    out = []
    for char in text:
        code = ord(char)
        if char in '"\\':
            out.append("\\" + char)
        elif char in "\n\t":
            out.append("\\n" if char == "\n" else "\\t")
        elif code < 0x20 or 0x7F <= code < 0xA0 or code in (0x2028, 0x2029, 0x85) or 0xD800 <= code < 0xE000:
            out.append(f"\\u{{{code:x}}}")
        else:
            out.append(char)
    return '"' + "".join(out) + '"'


def quote_bytes(data: bytes) -> str:
    """Printable ASCII as it is, the rest as \\xx."""
    return '"' + "".join(chr(b) if 0x20 <= b < 0x7F and b not in b'"\\' else f"\\{b:02x}" for b in data) + '"'


def name_text(name: str) -> str:
    return name if _PLAIN_NAME.match(name) else quote(name)
