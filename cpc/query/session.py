"""The commands of `cpc query`: each is one line of text, and gives lines of text.

    nodes [coroutine_fn]                    labels
    callers --include-ref bdrv_co_flush     label LABEL FUNCTIONS
    callees [coroutine_fn]                  omit | keep | only [--callers] [--callees] FUNCTIONS
    paths main ... qemu_coroutine_yield     reset [--filters] [--labels]
    dot --files                             help

A session keeps its labels and filters from one command to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from cpc.query.dot import dot
from cpc.query.graph import CallGraph, Filter, Wanted
from cpc.query.language import QueryError, functions, path
from cpc.query.paths import find_paths

HELP = """\
nodes FUNCTIONS                the functions that are meant
callers FUNCTIONS              who calls them          } --include-ref: also who takes their address
callees FUNCTIONS              whom they call          } --include-external: also what is not defined here
paths PATH                     ways from caller to callee; --limit N (default 1000)
labels                         the labels, and how many functions have them
label LABEL [FUNCTIONS]        gives a label, or says who has it
omit FUNCTIONS                 hides them; with --callers (--callees) instead all ways to (from) them
keep FUNCTIONS                 shows them again; with --callers (--callees) all callers (callees) too
only FUNCTIONS                 hides all others; also with --callers and --callees
reset                          undoes omit, keep, only (--filters) and label (--labels)
dot                            what is shown, as a graph for Graphviz; --files: by file

FUNCTIONS  name  "file.c:name"  /regular expression/  [coroutine_fn]  ![static]  [!coroutine_fn, /^bdrv_/ | inline]
           and behind each of these :callers :callees :all_callers :all_callees
PATH       FUNCTIONS one after the other; * behind one repeats it, ... skips any, ( | ) chooses:
           main ... [coroutine_fn]             ways from main to a coroutine_fn
           [coroutine_fn] ![coroutine_fn]* read ways from coroutines to read through plain functions only
"""

MOST_PATHS = 1000


@dataclass(frozen=True, slots=True)
class _Command:
    """`switches` are its options without a value, `values` those with a number."""

    run: Callable[[Session, _Line], Iterable[str]]
    switches: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    """The words of a command: options that were given, and what is behind them."""

    switches: frozenset[str]
    values: dict[str, int]
    rest: str

    @property
    def wanted(self) -> Wanted:
        return Wanted(refs="--include-ref" in self.switches, external="--include-external" in self.switches)


class Session:
    def __init__(self, graph: CallGraph) -> None:
        self.graph = graph
        self.own_labels: set[str] = set()

    def run(self, text: str) -> Iterator[str]:
        """The answer's lines.  Raises QueryError, before the first of them."""
        name, _, rest = text.strip().partition(" ")
        command = _COMMANDS.get(name)
        if command is None:
            raise QueryError(f"there is no command '{name}'; 'help' lists them")
        return iter(command.run(self, _line(name, command, rest.strip())))

    # ---- answers ----

    def nodes(self, line: _Line) -> Iterable[str]:
        found = functions(self.graph, _needed(line))
        return [self.graph.text(id_) for id_ in self.graph.sorted(found) if self.graph.filter.shows(id_)]

    def callers(self, line: _Line) -> Iterable[str]:
        meant = functions(self.graph, _needed(line))
        found: dict[str, list[str]] = {}
        for id_ in self.graph.sorted(meant):
            for caller in self.graph.callers_of(id_, Wanted(line.wanted.refs, external=True)):
                found.setdefault(caller, []).append(self.graph.text(id_))
        return [f"{self.graph.text(caller)} -> {', '.join(called)}" for caller, called in self._in_order(found)]

    def callees(self, line: _Line) -> Iterable[str]:
        meant = functions(self.graph, _needed(line))
        found: dict[str, list[str]] = {}
        for id_ in self.graph.sorted(meant):
            for callee in self.graph.calls_of(id_, line.wanted):
                found.setdefault(callee, []).append(self.graph.text(id_))
        return [f"{', '.join(calling)} -> {self.graph.text(callee)}" for callee, calling in self._in_order(found)]

    def _in_order(self, found: dict[str, list[str]]) -> list[tuple[str, list[str]]]:
        return [(id_, found[id_]) for id_ in self.graph.sorted(found)]

    def paths(self, line: _Line) -> Iterable[str]:
        automaton = path(self.graph, _needed(line))
        return self._paths(find_paths(self.graph, automaton, line.wanted), line.values.get("--limit", MOST_PATHS))

    def _paths(self, found: Iterator[tuple[str, ...]], limit: int) -> Iterator[str]:
        for way in islice(found, limit):
            yield " -> ".join(self.graph.text(id_) for id_ in way)
        if next(found, None) is not None:
            yield f"... and more: the first {limit} are shown (--limit)"

    def dot(self, line: _Line) -> Iterable[str]:
        if line.rest:
            raise QueryError(f"this does not fit: '{line.rest}'; 'only' chooses functions")
        return dot(self.graph, line.wanted, files="--files" in line.switches)

    def help(self, _: _Line) -> Iterable[str]:
        return HELP.splitlines()

    # ---- labels and filters ----

    def labels(self, _: _Line) -> Iterable[str]:
        return [f"{label}: {len(ids)}" for label, ids in sorted(self.graph.labels.items())]

    def label(self, line: _Line) -> Iterable[str]:
        name, _, rest = _needed(line).partition(" ")
        if not name.isidentifier():
            raise QueryError(f"'{name}' cannot be a label")
        if not rest.strip():
            return [self.graph.text(id_) for id_ in self.graph.sorted(self.graph.labels.get(name, ()))]
        if name in self.graph.labels and name not in self.own_labels:
            raise QueryError(f"'{name}' is what the source says; choose another label")
        found = functions(self.graph, rest)
        self.own_labels.add(name)
        self.graph.labels.setdefault(name, set()).update(found)
        return ()

    def omit(self, line: _Line) -> Iterable[str]:
        meant = functions(self.graph, _needed(line))
        self.graph.omit(meant, callers="--callers" in line.switches, callees="--callees" in line.switches)
        return ()

    def keep(self, line: _Line) -> Iterable[str]:
        meant = functions(self.graph, _needed(line))
        self.graph.keep(meant, callers="--callers" in line.switches, callees="--callees" in line.switches)
        return ()

    def only(self, line: _Line) -> Iterable[str]:
        self.keep(line)
        self.graph.filter.by_default = False
        return ()

    def reset(self, line: _Line) -> Iterable[str]:
        everything = not line.switches
        if everything or "--filters" in line.switches:
            self.graph.filter = Filter()
        if everything or "--labels" in line.switches:
            for label in self.own_labels:
                del self.graph.labels[label]
            self.own_labels.clear()
        return ()


_EDGES = ("--include-ref", "--include-external")
_WAYS = ("--callers", "--callees")
_COMMANDS = {
    "nodes": _Command(Session.nodes),
    "callers": _Command(Session.callers, ("--include-ref",)),
    "callees": _Command(Session.callees, _EDGES),
    "paths": _Command(Session.paths, _EDGES, ("--limit",)),
    "labels": _Command(Session.labels),
    "label": _Command(Session.label),
    "omit": _Command(Session.omit, _WAYS),
    "keep": _Command(Session.keep, _WAYS),
    "only": _Command(Session.only, _WAYS),
    "reset": _Command(Session.reset, ("--filters", "--labels")),
    "dot": _Command(Session.dot, (*_EDGES, "--files")),
    "help": _Command(Session.help),
}


def _line(name: str, command: _Command, text: str) -> _Line:
    switches: set[str] = set()
    values: dict[str, int] = {}
    while text.startswith("--"):
        option, _, text = text.partition(" ")
        option, has_value, value = option.partition("=")
        if option in command.values:
            if not has_value:
                value, _, text = text.strip().partition(" ")
            if not value.isdecimal() or int(value) < 1:
                raise QueryError(f"{option} wants a number from 1 on, not '{value}'")
            values[option] = int(value)
        elif option in command.switches and not has_value:
            switches.add(option)
        else:
            raise QueryError(f"'{name}' has no option '{option}'")
        text = text.strip()
    return _Line(frozenset(switches), values, text)


def _needed(line: _Line) -> str:
    if not line.rest:
        raise QueryError("say which functions; 'help' shows how")
    return line.rest
