"""`Policy`: what the -W words of a command line say about each warning.

    -Wall -Wno-unused -Werror=format   ->   Policy   ->   apply(diags): drops, keeps, or makes an error

As in gcc an option that names a warning beats a group option, wherever it stands; of two options of one kind the later
wins.  -Werror=NAME also turns NAME on.  A warning without an option of its own is on unless -w.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from cpc.diag import Diagnostic, Diagnostics
from cpc.loc import Loc
from cpc.warnings.table import (
    BROAD,
    CODES_ON_BY_DEFAULT,
    GROUPS,
    KNOWN,
    MINE,
    ON_BY_DEFAULT,
    OPTION_OF,
    SAID_BY,
    TOGETHER,
)

_NONE: Mapping[str, int] = MappingProxyType({})
_ALIASES = {"implicit-fallthrough=0": "no-implicit-fallthrough", "format=0": "no-format"}


@dataclass(frozen=True, slots=True)
class Policy:
    """`shown` and `fatal` are the explicit decisions by option name; `groups` the group options in force, in order of
    their first mention; `fatal_all` is -Werror; `silent` is -w."""

    shown: tuple[tuple[str, bool], ...] = ()
    fatal: tuple[tuple[str, bool], ...] = ()
    groups: tuple[tuple[str, bool], ...] = ()
    fatal_all: bool = False
    silent: bool = False

    def wants(self, option: str, default: bool) -> bool:
        """Whether warnings with this option are shown; `default` holds when the command line says nothing."""
        named = dict(self.shown).get(option)
        if named is not None:
            return named
        if option in TOGETHER:
            return all(self._group_on(group) for group in TOGETHER[option])
        result = default
        for group, on in sorted(self.groups, key=lambda pair: pair[0] not in BROAD):
            if option in _members(group):
                result = on
        return result

    def _group_on(self, group: str) -> bool:
        named = dict(self.groups)
        if group in named:
            return named[group]
        return any(on and group in GROUPS[outer] for outer, on in self.groups)

    def is_fatal(self, option: str) -> bool:
        named = dict(self.fatal).get(option)
        return self.fatal_all if named is None else named

    def settle(self, diagnostic: Diagnostic) -> Diagnostic | None:
        """The diagnostic as this policy wants it: gone, kept, or an error.  Errors stay as they are."""
        if diagnostic.severity == "error" or diagnostic.option:
            return diagnostic
        option = OPTION_OF.get(diagnostic.code, "")
        default = option in ON_BY_DEFAULT or diagnostic.code in CODES_ON_BY_DEFAULT
        if self.silent or (option and not self.wants(option, default)):
            return None
        if self.is_fatal(option):
            return replace(diagnostic, severity="error", option=f"-Werror={option}" if option else "-Werror")
        return replace(diagnostic, option=f"-W{option}" if option else "")


def _members(group: str) -> set[str]:
    """All that a group option turns on, groups in groups too."""
    found: set[str] = {group}
    for name in GROUPS.get(group, ()):
        found |= _members(name)
    return found


@dataclass(slots=True)
class PolicyReader:
    """Reads -W words one by one; `unknown` are those that neither gcc nor cpc knows."""

    policy: Policy = field(default_factory=Policy)
    unknown: list[str] = field(default_factory=list)

    def read(self, word: str) -> None:
        """`word` is -w, -pedantic, -pedantic-errors, -W or -W..."""
        if word == "-w":
            self.policy = replace(self.policy, silent=True)
            return
        name = "extra" if word == "-W" else word[2:] if word.startswith("-W") else "pedantic"
        if word == "-pedantic-errors":
            name = "error=pedantic"
        name = _ALIASES.get(name, name)
        if name in ("error", "no-error"):
            self.policy = replace(self.policy, fatal_all=name == "error")
        elif name.startswith(("error=", "no-error=")):
            head, _, rest = name.partition("=")
            self._make_fatal(_stem(rest), head == "error", word)
        elif name == "error-implicit-function-declaration":
            self._make_fatal("implicit-function-declaration", True, word)
        else:
            on = not name.startswith("no-")
            self._show(_stem(name if on else name[3:]), on, word)

    def _make_fatal(self, name: str, on: bool, word: str) -> None:
        if not self._known(name, on, word):
            return
        for member in _members(name):
            self.policy = replace(self.policy, fatal=_set(self.policy.fatal, member, on))
        if on:
            self._show(name, True, word)

    def _show(self, name: str, on: bool, word: str) -> None:
        if not self._known(name, on, word):
            return
        if name in GROUPS:
            self.policy = replace(self.policy, groups=_set(self.policy.groups, name, on))
        if name in OPTION_OF.values() or name in TOGETHER:
            self.policy = replace(self.policy, shown=_set(self.policy.shown, name, on))

    def _known(self, name: str, on: bool, word: str) -> bool:
        if name in MINE:
            return True
        if on and name not in KNOWN:  # an unknown -Wno-... asks for nothing, as in gcc
            self.unknown.append(word)
        return False


def _stem(name: str) -> str:
    """`format=2` -> `format`."""
    return name.partition("=")[0]


def _set(pairs: tuple[tuple[str, bool], ...], name: str, on: bool) -> tuple[tuple[str, bool], ...]:
    return (*(pair for pair in pairs if pair[0] != name), (name, on))


def read_policy(words: Sequence[str]) -> Policy:
    """The policy of these -W words alone."""
    reader = PolicyReader()
    for word in words:
        reader.read(word)
    return reader.policy


# ---- a unit -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pragma:
    """`#pragma GCC diagnostic ACTION "-Wname"` at `loc`; `word` is '' for push and pop."""

    loc: Loc
    action: str  # 'push', 'pop', 'ignored', 'warning', 'error'
    word: str = ""


def settle_all(
    diags: Diagnostics, policy: Policy, pragmas: Sequence[Pragma] = (), system_lines: Mapping[str, int] = _NONE
) -> None:
    """Settles the warnings of a unit: those about system headers (from which line on, by file) go, the rest as `policy`
    and the pragmas before them in their file say."""
    local = _PragmaStates(policy, pragmas)
    kept: list[Diagnostic] = []
    told: set[tuple[str, Loc]] = set()
    for diagnostic in diags.items:
        first = system_lines.get(diagnostic.loc.file)
        if diagnostic.severity == "warning" and first is not None and diagnostic.loc.line >= first:
            continue
        settled = local.at(diagnostic.loc).settle(diagnostic)
        if settled is None or any((code, settled.loc) in told for code in SAID_BY.get(settled.code, ())):
            continue
        told.add((settled.code, settled.loc))
        kept.append(settled)
    diags.items = kept


class _PragmaStates:
    """Which policy holds at a place, from the pragmas of its file alone: a header restores what it changed."""

    def __init__(self, policy: Policy, pragmas: Sequence[Pragma]) -> None:
        self._base = policy
        self._files: dict[str, list[tuple[int, Policy]]] = {}
        stacks: dict[str, list[Policy]] = {}
        for pragma in pragmas:
            states = self._files.setdefault(pragma.loc.file, [(0, policy)])
            stack = stacks.setdefault(pragma.loc.file, [])
            current = states[-1][1]
            if pragma.action == "push":
                stack.append(current)
            elif pragma.action == "pop":
                states.append((pragma.loc.line, stack.pop() if stack else policy))
            else:
                states.append((pragma.loc.line, _changed(current, pragma)))

    def at(self, loc: Loc) -> Policy:
        found = self._base
        for line, policy in self._files.get(loc.file, ()):
            if line <= loc.line:
                found = policy
        return found


def _changed(policy: Policy, pragma: Pragma) -> Policy:
    reader = PolicyReader(policy)
    name = pragma.word.removeprefix("-W")
    match pragma.action:
        case "ignored":
            reader.read(f"-Wno-{name}")
        case "warning":
            reader.read(f"-Wno-error={name}")
            reader.read(f"-W{name}")
        case _:
            reader.read(f"-Werror={name}")
    return reader.policy
