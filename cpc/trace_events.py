"""Trace points from a `trace-events` file in QEMU's format: C inline functions that cost one predictable branch.

before (runtime/trace-events)                     after (runtime/trace_events.h)

    vcpu_exit(unsigned vcpu, uint32_t reason)     static inline void trace_vcpu_exit(unsigned vcpu, uint32_t reason)
        "vcpu %u exit %u"                         {
                                                      if (__builtin_expect(trace_on, 0)) {
                                                          const uint64_t numbers[] = {...};
                                                          trace_record(TRACE_VCPU_EXIT, NULL, numbers, 2);
                                                      }
                                                  }

The header is in the repository, so that any compiler builds the runtime; the build of the VMM writes it anew when it
is not what trace-events says (`python -m cpc.trace_events` does the same).  The format string is not compiled into the
program; it must have one conversion for each parameter, as in QEMU.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

RUNTIME = Path(__file__).resolve().parents[1] / "runtime"
_MOST_NUMBERS = 4  # TRACE_NUMBERS of runtime/trace.h
_UNSIGNED = {"unsigned", "bool", "size_t", "uint8_t", "uint16_t", "uint32_t", "uint64_t", "uintptr_t"}
_SIGNED = {"int", "long", "short", "signed", "char", "int8_t", "int16_t", "int32_t", "int64_t", "ssize_t", "off_t"}
_CONVERSION = re.compile(r"%[-+ #0]*\d*(?:\.\d+)?(?:hh|h|ll|l|z|j|t)?[a-zA-Z]")
_PRI = re.compile(r"PRI[diouxX](8|16|32|64|PTR)$")


class TraceEventsError(Exception):
    """The file is wrong; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """`kind`: u unsigned, d signed, p address, s text."""

    type: str
    name: str
    kind: str

    def declaration(self) -> str:
        return f"{self.type}{self.name}" if self.type.endswith("*") else f"{self.type} {self.name}"


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    parameters: tuple[Parameter, ...]
    disabled: bool

    @property
    def text(self) -> Parameter | None:
        return next((p for p in self.parameters if p.kind == "s"), None)

    @property
    def numbers(self) -> list[Parameter]:
        return [p for p in self.parameters if p.kind != "s"]

    @property
    def phase(self) -> str:
        return "b" if self.name.endswith("_begin") else "e" if self.name.endswith("_end") else "i"


def parse(text: str, path: str = "trace-events") -> list[Event]:
    """The points of a file, in its order.  Raises TraceEventsError."""
    grammar = Lark.open("trace_events.lark", rel_to=__file__, parser="lalr", propagate_positions=True)
    try:
        tree = grammar.parse(text + "\n")
    except UnexpectedInput as error:
        raise TraceEventsError(f"{path}:{error.line}:{error.column}: this is no trace event") from None
    events: list[Event] = []
    for child in tree.children:
        assert isinstance(child, Tree)
        event = _event(child, f"{path}:{child.meta.line}")
        if any(event.name == other.name for other in events):
            raise TraceEventsError(f"{path}:{child.meta.line}: '{event.name}' is there twice")
        events.append(event)
    return events


def _event(tree: Tree[Token], place: str) -> Event:
    tokens = {child.type: str(child) for child in tree.children if isinstance(child, Token)}
    parts = [child for child in tree.children if isinstance(child, Tree)]
    parameters = tuple(_parameter(part, place) for part in parts if part.data == "parameter")
    event = Event(tokens["NAME"], parameters, "DISABLE" in tokens)
    if len(event.numbers) > _MOST_NUMBERS or len(parameters) - len(event.numbers) > 1:
        raise TraceEventsError(f"{place}: '{event.name}' has more than {_MOST_NUMBERS} numbers and one text")
    conversions = _conversions(next(part for part in parts if part.data == "format"), place)
    if conversions != len(parameters):
        raise TraceEventsError(f"{place}: the format has {conversions} conversions for {len(parameters)} parameters")
    return event


def _parameter(tree: Tree[Token], place: str) -> Parameter:
    words = [str(part.children[0]) for part in tree.children if isinstance(part, Tree) and part.data == "word"]
    stars = sum(isinstance(part, Tree) and part.data == "pointer" for part in tree.children)
    name = str(tree.children[-1])
    type_name = " ".join(words) + (" " + "*" * stars if stars else "")
    plain = [word for word in words if word not in ("const", "volatile")]
    if stars == 1 and plain == ["char"]:
        return Parameter(type_name, name, "s")
    if stars:
        return Parameter(type_name, name, "p")
    if any(word in _UNSIGNED for word in plain):
        return Parameter(type_name, name, "u")
    if plain and all(word in _SIGNED for word in plain):
        return Parameter(type_name, name, "d")
    raise TraceEventsError(f"{place}: '{type_name}' is no type that a trace point can have")


def _conversions(tree: Tree[Token], place: str) -> int:
    text = ""
    for token in tree.children:
        assert isinstance(token, Token)
        if token.type == "STRING":
            text += str(token)[1:-1]
        elif _PRI.match(str(token)):
            text += "d"
        else:
            raise TraceEventsError(f"{place}: '{token}' is no part of a format")
    return len(_CONVERSION.findall(text.replace("%%", "")))


def header(events: list[Event]) -> str:
    """The C header with a function for each point, and the table of what they are called."""
    enabled = [event for event in events if not event.disabled]
    lines = [
        "/* Made from trace-events by cpc/trace_events.py: do not edit. */",
        "#ifndef CPC_TRACE_EVENTS_H",
        "#define CPC_TRACE_EVENTS_H",
        "",
        "#include <stddef.h>",
        "#include <stdint.h>",
        "",
        '#include "trace.h"',
        "",
        "enum {",
        *[f"    {_constant(event)}," for event in enabled],
        "};",
        "",
        "#ifdef TRACE_DESCRIPTIONS",
        "static const struct trace_description trace_descriptions[] = {",
        *[_description(event) for event in enabled],
        "};",
        "#endif",
        "",
    ]
    for event in events:
        lines += [*_function(event), ""]
    return "\n".join([*lines, "#endif", ""])


def _constant(event: Event) -> str:
    return f"TRACE_{event.name.upper()}"


def _description(event: Event) -> str:
    names = ", ".join(f'"{p.name}"' for p in event.numbers) or "NULL"
    text = f'"{event.text.name}"' if event.text else "NULL"
    kinds = "".join(p.kind for p in event.numbers)
    return f'    {{"{event.name}", "{event.phase}", {text}, {{{names}}}, "{kinds}"}},'


def _function(event: Event) -> list[str]:
    parameters = [parameter.declaration() for parameter in event.parameters] or ["void"]
    lines = [f"static inline void trace_{event.name}({', '.join(parameters)})"]
    if len(lines[0]) > 100:
        lines = [f"static inline void trace_{event.name}("]
        lines += [f"    {declaration}{',' if declaration != parameters[-1] else ')'}" for declaration in parameters]
    if event.disabled:
        return [*lines, "{", *[f"    (void){p.name};" for p in event.parameters], "}"]
    values = [f"(uint64_t){'(uintptr_t)' if p.kind == 'p' else ''}{p.name}" for p in event.numbers] or ["0"]
    text = event.text.name if event.text else "NULL"
    return [
        *lines,
        "{",
        "    if (__builtin_expect(trace_on, 0)) {",
        f"        const uint64_t numbers[] = {{{', '.join(values)}}};",
        "",
        f"        trace_record({_constant(event)}, {text}, numbers, {len(event.numbers)});",
        "    }",
        "}",
    ]


def update(folder: Path = RUNTIME) -> Path:
    """Writes `folder`/trace_events.h if it is not what `folder`/trace-events says.  Raises TraceEventsError."""
    source, made = folder / "trace-events", folder / "trace_events.h"
    text = header(parse(source.read_text(), str(source)))
    if not made.exists() or made.read_text() != text:
        made.write_text(text)
    return made


if __name__ == "__main__":
    try:
        print(update())
    except TraceEventsError as error:
        sys.exit(str(error))
