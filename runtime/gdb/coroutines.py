"""gdb's view of coroutines: `cpc gdb PROGRAM` loads this file, or `source coroutines.py` in gdb.

    co list              every live coroutine: where it waits and for whom, or that it runs
    co bt [CO] [full]    logical backtraces of one coroutine (any expression) or of all; full: with the variables
    print *CO            a Coroutine is shown with its state

A suspended coroutine has no stack: its frames are on the heap, innermost first (runtime/co.h).  Each begins with its
resume function, in front of which lies the way to a description of the suspension points.  The variables in a frame
are those of the debug type NAME.frame.STATE.LEVEL (cpc/passes/frame_types.py), if the function was compiled with -g.
Coroutines that run are on the stack of the thread that entered them, where `bt` shows them.

Only memory is read, so core files work.  Whatever is read may be damaged: every walk is bounded.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import gdb
import gdb.printing

MAX_FRAMES = 100_000
BATCH_END = 1
_FUNCTION_SIZE, _INLINED_SIZE = 32, 32
_RUNTIME_FILE = re.compile(r"/runtime/(co|loop)(_\w+)?\.c$")  # where everybody's waits end


@dataclass(frozen=True)
class Call:
    """One function of a logical backtrace: `fields` are the variables that the frame holds for it."""

    name: str
    file: str
    line: int
    frame: int
    fields: tuple[Any, ...]


def _pointer(name: str) -> Any:
    return gdb.lookup_type(name).pointer()


def _static(name: str, file: str) -> Any:
    """The value of a static variable of the runtime; None when the program has no such file."""
    for symbol in gdb.lookup_static_symbols(name):
        if symbol.symtab.filename.rpartition("/")[2] == file:
            return symbol.value()
    return None


# ---- coroutines


def coroutines() -> Iterator[Any]:
    """Every live Coroutine, as a pointer."""
    slab = _static("slabs", "co_pool.c")
    if slab is None:
        raise gdb.GdbError("this program has no coroutines (or its runtime no debug information)")
    while slab:
        for i in range(int(slab["n_cut"])):
            co = slab["objects"][i]
            if co["core"]["sp"]:
                yield co.address
        slab = slab["next"]


def state(co: Any) -> str:
    """In a few words, as co_dump has them."""
    if not co["core"]["sp"]:
        return "ended"
    if co["caller"]:
        return "running"
    if is_fresh(co):
        return f"not started, {_symbol(co['entry'])}"
    return f"suspended in {co['scheduled'].string()}" if co["scheduled"] else "suspended"


def _symbol(function: Any) -> str:
    block = gdb.block_for_pc(int(function.cast(gdb.lookup_type("unsigned long"))))
    return block.function.name if block is not None and block.function is not None else str(function)


def is_fresh(co: Any) -> bool:
    """Whether it was never entered, so that it has an entry and an argument."""
    return bool(co["core"]["sp"]) and not (co["caller"] or co["core"]["top"] or co["core"]["base"])


def is_suspended(co: Any) -> bool:
    return bool(co["core"]["sp"]) and not co["caller"] and bool(co["core"]["top"])


# ---- frames


def backtrace(co: Any) -> Iterator[Call]:
    """The functions that a suspended coroutine is in, innermost first."""
    frame, bottom = int(co["core"]["top"]), int(gdb.parse_and_eval("(unsigned long)&co_bottom"))
    for _ in range(MAX_FRAMES):
        if not frame or frame == bottom:
            return
        resume, parent = _read(frame, "QQ")
        yield from _calls(frame, resume)
        frame = parent & ~BATCH_END


def _calls(frame: int, resume: int) -> Iterator[Call]:
    """What one frame stands for: its function, and before that those whose bodies are part of it.  The layouts are
    those of struct co_function and struct co_inlined in runtime/co.h, of which the program may have no types."""
    function = _description(resume)
    name_at, file_at, _, state_offset, n_points, inlined = _read(function, "QQIIII")
    name, file = _string(name_at), _string(file_at)
    (number,) = _read(frame + state_offset, "I") if state_offset else (1,)
    if not 1 <= number <= n_points:
        yield Call(name, file, 0, frame, ())
        return
    line, _ = _read(function + _FUNCTION_SIZE + 8 * (number - 1), "II")
    numbers = function + inlined
    level, (at,) = 0, _read(numbers + 4 * (number - 1), "I") if inlined else (0,)
    while at and level < MAX_FRAMES:
        call = numbers + (n_points * 4 + 7) // 8 * 8 + _INLINED_SIZE * (at - 1)
        callee_at, callee_file_at, call_line, _, at, _ = _read(call, "QQIIII")
        fields = _fields(name, number, level, resume)
        yield Call(_string(callee_at), _string(callee_file_at), line, frame, fields)
        line, level = call_line, level + 1
    yield Call(name, file, line, frame, _fields(name, number, level, resume))


def _description(resume: int) -> int:
    """The address of the struct co_function of a resume function."""
    unit = _static("units", "co_unit.c")
    while unit is not None and unit:
        for i in range(int(unit["n_functions"])):
            if int(unit["functions"][i]["resume"]) == resume:
                return int(unit["functions"][i]["function"])
        unit = unit["next"]
    (distance,) = _read(resume - 4, "i")
    return resume + int(distance)


def _read(address: int, layout: str) -> tuple[int, ...]:
    memory = gdb.selected_inferior().read_memory(address, struct.calcsize(f"={layout}"))
    return struct.unpack(f"={layout}", memory)


def _string(address: int) -> str:
    text: str = gdb.Value(address).cast(_pointer("char")).string("utf-8", "replace")
    return text


def _fields(name: str, number: int, level: int, resume: int) -> tuple[Any, ...]:
    """The variables of one function of a frame."""
    try:
        block = gdb.block_for_pc(resume)
        type_ = gdb.lookup_type(f"struct {name}.frame.{number}.{level}", *([block] if block else []))
        return tuple(type_.fields())
    except gdb.error:  # compiled without -g
        return ()


def variables(call: Call) -> Iterator[tuple[str, Any]]:
    for field in call.fields:
        address = gdb.Value(call.frame + field.bitpos // 8)
        yield field.name, address.cast(field.type.pointer()).dereference()


# ---- commands


class CoCommand(gdb.Command):
    """Coroutines: `co list`, `co bt [CO] [full]`."""

    def __init__(self) -> None:
        super().__init__("co", gdb.COMMAND_STACK, gdb.COMPLETE_NONE, True)


class ListCommand(gdb.Command):
    """List every live coroutine with its state and the innermost function."""

    def __init__(self) -> None:
        super().__init__("co list", gdb.COMMAND_STACK)

    def invoke(self, argument: str, from_tty: bool) -> None:
        count = 0
        for co in coroutines():
            count += 1
            print(f"{_title(co)}{_where(co)}")
        print(f"{count} live coroutines")


class BacktraceCommand(gdb.Command):
    """Show logical backtraces: co bt [CO] [full].
    CO is an expression for a Coroutine *, by default all are shown; full adds the variables in the frames."""

    def __init__(self) -> None:
        super().__init__("co bt", gdb.COMMAND_STACK, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument: str, from_tty: bool) -> None:
        words = argument.split()
        full = bool(words) and words[-1] in ("full", "-full")
        expression = " ".join(words[:-1] if full else words)
        if expression:
            value = gdb.parse_and_eval(expression).cast(_pointer("struct Coroutine"))
            _show(value, full)
            return
        for co in coroutines():
            _show(co, full)


def _title(co: Any) -> str:
    return f"coroutine {int(co):#x}: {state(co)}"


def _where(co: Any) -> str:
    """The innermost function, and whose wait it is when that one is the runtime's."""
    calls = list(islice(backtrace(co), 64)) if is_suspended(co) else []
    if not calls:
        return ""
    first = calls[0]
    caller = next((call for call in calls if not _RUNTIME_FILE.search(call.file)), first)
    text = f" at {first.name} {first.file}:{first.line}"
    return text if caller is first else f"{text}, for {caller.name} {caller.file}:{caller.line}"


def _show(co: Any, full: bool) -> None:
    print(_title(co))
    if not is_suspended(co):
        return
    try:
        for i, call in enumerate(backtrace(co)):
            print(f"  #{i} {call.name} at {call.file}:{call.line}")
            for name, value in variables(call) if full else ():
                print(f"        {name} = {value.format_string(max_depth=3)}")
    except gdb.MemoryError as error:
        print(f"  (its frames are damaged: {error})")


# ---- pretty printer


class CoroutinePrinter:
    """A Coroutine in one line, then its fields."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def to_string(self) -> str:
        return f"{state(self.value)}{_where(self.value.address) if self.value.address is not None else ''}"

    def children(self) -> Iterator[tuple[str, Any]]:
        made_with = ("entry", "arg") if is_fresh(self.value) else ()
        for name in (*made_with, "caller", "ctx", "locks_held"):
            yield name, self.value[name]
        yield "n_yields", self.value["core"]["n_yields"]


def _register() -> None:
    printers = gdb.printing.RegexpCollectionPrettyPrinter("cpc")
    printers.add_printer("Coroutine", "^Coroutine$", CoroutinePrinter)
    gdb.printing.register_pretty_printer(gdb.current_objfile(), printers, replace=True)
    for command in (CoCommand, ListCommand, BacktraceCommand):
        command()


_register()
