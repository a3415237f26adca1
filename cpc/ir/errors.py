"""The one exception of the IR's own tools: the reader, the verifier and the interpreter raise it.

It always means a fault of cpc or of a hand-written test, never of the user's program; whoever catches it prints
`str(error)`, which names the place and ends with the dump when there is one.
"""

from __future__ import annotations


class IRError(Exception):
    """`message` says what is wrong; `where` is 'file:line:column' (reader) or 'function, block: op' (verifier,
    interpreter); `dump` is the text of the function concerned, or ''."""

    def __init__(self, message: str, where: str = "", dump: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.dump = dump

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head}\n{self.dump}" if self.dump else head
