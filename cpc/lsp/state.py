"""What the server knows: the program as it was last saved, its findings, and the inferred colors.

`check` reads what changed on the disk (facts of the other units come from the cache) and gives a new `State`, which
nobody changes: answers may go on with the old one meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from cpc.program.infer import Inferred, infer
from cpc.program.lint import Selection, check, program_of
from cpc.program.program import Program
from cpc.program.rules import Finding
from cpc.program.rules.base import YIELD


@dataclass
class State:
    """`selection` decides what is read; `program` and `findings` are what that gave."""

    selection: Selection
    program: Program
    findings: tuple[Finding, ...]

    @cached_property
    def inferred(self) -> Inferred:
        """The repairs that make the program consistent."""
        return infer(self.program, self.selection.settings())

    def spelled(self) -> dict[str, str]:
        """Color -> the macro that the project writes for it."""
        return {color: macro for macro, color in self.selection.annotations.items()}

    def in_file(self, path: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.diagnostic.loc.file == path]

    def about(self, name: str, path: str) -> str:
        """What a person wants to know of a function, in Markdown; '' when `name` is none.  Of several functions with
        this name the one that `path` means."""
        ids = self.program.by_name.get(name, [])
        own = [id_ for id_ in ids if id_.startswith(f"{path}:")]
        return "\n\n---\n\n".join(self._about(id_) for id_ in own or ids)

    def _about(self, id_: str) -> str:
        program = self.program
        name, color = program.name(id_), program.color(id_)
        lines = [f"`{color} {name}`" if color else f"`{name}`: a plain function"]
        repair = self.inferred.repairs.get(id_)
        if repair is not None:
            wanted, why = repair
            lines.append(f"Should be **{wanted.color or 'plain'}**: {why.diagnostic.message}")
        way = program.path(id_, lambda other: program.name(other) == YIELD)
        if way is not None:
            lines.append("May suspend: " + " → ".join(f"`{program.name(e.callee)}`" for e in way))
        elif program.defined(id_) is not None and color:
            lines.append("Never reaches a yield in what was read.")
        callers = program.callers(id_)
        if callers:
            shown = ", ".join(f"`{program.name(caller)}`" for caller in callers[:8])
            lines.append(f"Called by {shown}" + (f" and {len(callers) - 8} more" if len(callers) > 8 else ""))
        return "\n\n".join(lines)


def check_program(selection: Selection, progress: Callable[[int, int, str], None] | None = None) -> State:
    """Reads, links and checks.  Raises UsageError."""
    program = program_of(selection, progress)
    return State(selection, program, check(program, selection).found)
