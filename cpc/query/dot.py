"""A call graph in Graphviz' language: coroutine functions are filled, blocking ones octagons, mixed ones dashed.

An edge by an address only is dotted, one through a pointer dashed.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpc.program.facts import BLOCKING, COROUTINE, MIXED
from cpc.query.graph import POINTER, REF, CallGraph, Wanted
from cpc.report.places import relative

_STYLES = {
    COROUTINE: ', style=filled, fillcolor="#cfe8d5"',
    MIXED: ', style="filled,dashed", fillcolor="#fdf3d0"',
    BLOCKING: ', shape=octagon, style=filled, fillcolor="#f6d5d0"',
}
_EDGE_STYLES = {POINTER: " [style=dashed]", REF: " [style=dotted]"}


def dot(graph: CallGraph, wanted: Wanted, *, files: bool = False) -> Iterator[str]:
    """The lines of a digraph of what the filter shows; with `files` in a box for each source file."""
    shown = [id_ for id_ in graph.nodes if graph.shows(id_, wanted)]
    yield "digraph callgraph {"
    yield "  node [shape=box, fontname=sans];"
    for number, (file, ids) in enumerate(sorted(_by_file(graph, shown, files).items())):
        inside = "  "
        if file:
            yield f"  subgraph cluster_{number} {{"
            yield f"    label = {_quoted(file)};"
            inside = "    "
        for id_ in ids:
            yield f"{inside}{_quoted(id_)} [label={_quoted(graph.program.name(id_))}{_style(graph, id_)}];"
        if file:
            yield "  }"
    for id_ in shown:
        for callee in graph.calls_of(id_, wanted):
            yield f"  {_quoted(id_)} -> {_quoted(callee)}{_EDGE_STYLES.get(graph.callees[id_][callee], '')};"
    yield "}"


def _by_file(graph: CallGraph, ids: list[str], files: bool) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for id_ in ids:
        fn = graph.program.defined(id_)
        found.setdefault(relative(fn.loc.file) if files and fn is not None else "", []).append(id_)
    return found


def _style(graph: CallGraph, id_: str) -> str:
    return _STYLES.get(graph.program.color(id_), "")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
