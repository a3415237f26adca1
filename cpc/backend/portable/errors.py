"""What ends the making of portable C: a construct that no C compiler has a word for."""

from __future__ import annotations

from cpc.loc import NO_LOC, Loc


class NotPortable(Exception):
    """`message` names the construct."""

    def __init__(self, message: str, loc: Loc = NO_LOC) -> None:
        super().__init__(message)
        self.message = message
        self.loc = loc
