"""The coroutine ABI: frames, the running coroutine's bump area, and the helpers that compiled code calls.

This is the one statement of the ABI in Python; runtime/co.h is the one in C, and a test compares the offsets.

A coroutine function `T f(A)` is its *ramp* `{i64, ptr} f(A)`: T as 64 bits (integers extended, pointers as integers,
floats by their bits, void 0) and null; or, when the coroutine was suspended inside, {sp, tail}: where the area is free
from now on, and the address of the parent field of the frame captured last.  When a callee says so, the ramp
*captures*: it stores what is live in a frame at sp, stores the frame's address to *tail, and returns {sp, tail} of its
own.  So one capture waits for no store of the one before.
`f.resume(frame, value)` goes on at the frame's state and ends in a tail call of its parent's resume function, or it is
suspended again and returns {0, not null}.  Made by a compiler without tail calls (backend/portable) it stores the
parent in core.top and returns {value, 2}: enter, which makes the only calls of resume functions that are not tail
calls, resumes core.top with that value.
`T f(A, ...)` takes one more pointer, to the variable arguments in the caller's frame (frontend/build/co_variadic.py).

    frame    0 resume   8 parent (bit 0: leaves a batch)   [16 sp]   [u32 state, with two or more]   slots...
    core     0 end  16 mark  24 top  32 sp  40 base                                      (first in struct Coroutine)

The area is a stack that grows upwards; `sp` is always a multiple of 8, and so is every frame size.  A frame aligned
to more (16, 32, 64) takes the `_aligned` helpers, which round sp up first.  When the area is full `co_more` opens a
chunk whose first object, aligned as asked, is `base`; the chunk remembers sp, end and base before it.

    first enter             resumed frame b calls x, x calls y, y yields
    +---+---+---+           +---+---+---+---+---+
    | c | b | a |           | c | b | a | y | x |
    +---+---+---+           +---+---+---+---+---+
    ^           ^ sp, mark              ^       ^ sp, mark
    c -> b -> a -> co_bottom            b.sp    y -> x -> (b | 1): the tag says "sp is what b has noted"

All frames that one enter captured (innermost first) are a *batch*.  The frame that the batch hangs on, which was
resumed and called what suspended, notes where the batch begins: only frames that can do so have the field sp.  It is
at a fixed place, and what a batch needs to be left is not found through the batch: so the next one need not wait until
the processor has computed where this one ended.  A place is in the innermost chunk when it is not below base and not
above end; base is 0 while none is open.

Invariants
* `co_current` is the core of the running coroutine in this thread; a native activation never changes thread, so it
  is the same whenever one activation reads it.  Outside coroutines it is `co_none`, whose area is empty (sp = end =
  base = 0): only `co_more` can be reached there, and it aborts with a message.
* mark = sp whenever a frame starts to run: set when a suspension has moved sp (after the first one by enter, then by
  `recapture_call` and `hand_over`), and by `leave`.  An untagged return to the parent needs no update,
  since sp is then where it was: every ramp called in between has popped its boxed frame and every batch was left.
  (Rounding for alignment may leave dead bytes above mark; they belong to the next batch.)
* While a ramp runs that no resumed frame has called, mark is the start of the area.
* While a ramp runs, everything above its boxed frame belongs to activations it called that have ended, so its
  frame is on top of the area when it returns without suspension, and box_leave is `sp = frame`; if the frame is `base`
  it opened its chunk and `co_chunk_pop()` closes it: sp, end and base become what they were.
* A ramp that suspends never pops: its boxed frame belongs to the batch now, whether it was linked or handed over.
* Enter runs nested: co_current is saved and restored around it, and another coroutine has another core.
* While ramps return {sp, tail}, core.sp is not up to date (`co_more` wants it so): who gets them last stores it, the
  resumed frame whose callee suspended, or enter.
* After the first enter that suspended, the runtime sets `*tail = &co_bottom` (untagged; its resume function returns
  {value, null} and with that ends the coroutine).
* Resumed frame m yields: `top = m`, nothing else: m is linked already.  A callee of resumed frame m suspends:
  m.sp = mark and `*tail = m | 1`.  When x returns to m, `leave` sets sp to m.sp, and the batch is gone.  When the batch
  has reached into another chunk, m.sp is not in the innermost: `leave` answers with the frame co_dropping then, having
  put m into `mark`, and its resume function closes the chunks and goes on with m.
* Chunks are not opened and closed again and again: one that is opened when sp == mark becomes the *ground*, that is
  mark lies in it (behind its first bytes, so that no frame there is `base`); and when a batch has reached into new
  chunks, co_settle makes the last one the ground before it is noted.  The ground stays open until an outer batch is
  left or the coroutine ends.  Whoever closes a chunk that mark lies in moves mark to where the chunk was opened.
* `return co_f(...)`: the activation hands its continuation over.  In a ramp {sp, tail} are returned as they are, and in
  a resumed frame m `*tail = m->parent` (tag included).  No frame is linked; memory that the
  callee took stays until the enclosing batch is left, as does m's own frame, to which the callee may hold pointers.

Arrays of variable length that live across a suspension are bumped in the area as well (runtime/co_area.c).

Cold functions in runtime/co_frame.c, called with preserve_most so that hot paths keep their registers:
    void *co_more(struct co_core *, size_t size, size_t align)   opens a chunk, sp behind the object at base
    void co_chunk_pop(void)                                      closes the innermost chunk of co_current
    void co_settle(void)                                         mark is in an outer chunk: it is the ground now
The last two take no arguments: LLVM would keep what they displace in callee-saved registers, pushed on the hot path.
co_dropping is not called but returned, so that a function that calls nothing else has no stack frame at all.
The helpers themselves have names with a dot, which no C function can have.

Descriptor, for co_dump: the 4 bytes before a resume function hold (descriptor - resume) as i32; n_points lines follow
struct co_function { const char *name, *file; u32 frame_size, state_offset, n_points, inlined; {u32 line, column}[] };
state s is points[s - 1]; with state_offset 0 there is no state field, and one point.  When other functions' bodies
are part of this one, `inlined` is the offset of what says so, else 0: for each point a u32, the number of the call that
its place belongs to (0: this function), padded to 8 bytes, then the calls, of which the first has number 1:
struct co_inlined { const char *name, *file; u32 line, column, caller, unused }: the function called, and the place of
the call in the call number `caller`.
A unit of portable C registers a table {resume, descriptor} by co_describe instead, which co_dump searches first.

Rejected: frames from a free list (each free costs more than a whole batch); an address of the core held in a register
or parameter (a suspended frame may go on in another thread); a record of its own for each batch, at its start (a batch
that boxed frames open does not know yet whether it will be one) or at its end (measured: each turn of a loop waits for
the sum of all frame sizes of the one before, 1.5 ns a frame).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cpc.ir.ops import ParamSpec, Sig
from cpc.ir.types import I64, PTR, Type

FRAME_RESUME = 0
FRAME_PARENT = 8
FRAME_HEADER = 16
FRAME_SP = 16  # in frames that batches can hang on
FRAME_RECORD = 8  # its size
FRAME_ALIGN = 8  # of sp, of frame sizes, and of frames that do not ask for more
BATCH_TAG = 1

CORE_END = 0
CORE_MARK = 16
CORE_TOP = 24
CORE_SP = 32
CORE_BASE = 40
CORE_SIZE = 48

DESCRIPTOR_HEADER = 32
DESCRIPTOR_POINT = 8
DESCRIPTOR_CALL = 32

CURRENT = "co_current"
RESUME_SUFFIX = ".resume"
MIXED_SUFFIX = ".coroutine"  # of a coroutine_mixed_fn's version for coroutines (frontend/build/mixed.py)

RETS: tuple[Type, ...] = (I64, PTR)
RESUME_SIG = Sig((ParamSpec(PTR), ParamSpec(I64)), RETS)


@dataclass(frozen=True, slots=True)
class Helper:
    """A function that SPLIT code calls by name: its signature, its LLVM text, and the names the text needs."""

    sig: Sig
    text: str
    needs: tuple[str, ...] = ()


def _sig(params: tuple[Type, ...], *rets: Type) -> Sig:
    return Sig(tuple(ParamSpec(type_) for type_ in params), rets)


CAPTURE_FIRST = "co.capture_first"  # (size, resume) -> frame: this activation yields
CAPTURE = "co.capture"  # (size, resume, sp, tail) -> frame: a callee of this activation suspended and returned these
BOX_ENTER = "co.box_enter"  # (size) -> frame, at the entry of a ramp with boxed variables
BOX_LEAVE = "co.box_leave"  # (frame): such a ramp returns and has never suspended
LINK_FIRST = "co.link_first"  # (frame, resume) -> sp: capture_first of a frame that exists
LINK = "co.link"  # (frame, resume, tail): capture of a frame that exists
RECAPTURE_YIELD = "co.recapture_yield"  # (frame): a resumed activation yields
RECAPTURE_CALL = "co.recapture_call"  # (frame, sp, tail): a callee of a resumed activation suspended
HAND_OVER = "co.hand_over"  # (frame, sp, tail): the callee of a `return` in a resumed activation suspended
LEAVE = "co.leave"  # (frame, size) -> parent frame: a resumed activation ends
ALIGNED = "_aligned"  # suffix of CAPTURE_FIRST, CAPTURE and BOX_ENTER; one more i64, the alignment

COLD = {
    "co_more": "declare preserve_mostcc ptr @co_more(ptr, i64, i64) cold nounwind",
    "co_chunk_pop": "declare preserve_mostcc void @co_chunk_pop() cold nounwind",
    "co_settle": "declare preserve_mostcc void @co_settle() cold nounwind",
    "co_dropping": "@co_dropping = external global ptr",
}
_CURRENT_DECLARATION = "@co_current = external thread_local({}) global ptr"
_ATTRIBUTES = "alwaysinline nounwind"
_EVEN = '!prof !{!"branch_weights", i32 1, i32 1}'
_LIKELY = '!prof !{!"branch_weights", i32 2000, i32 1}'  # the first successor is the hot path


def _field(name: str, base: str, offset: int) -> str:
    return f"  %{name} = getelementptr inbounds i8, ptr %{base}, i64 {offset}"


def _get(name: str, base: str, offset: int) -> str:
    """Loads the pointer at `offset` of %base into %name."""
    return f"{_field(name + '.at', base, offset)}\n  %{name} = load ptr, ptr %{name}.at, align 8"


def _get_alone(name: str, base: str, offset: int) -> str:
    """The same, never joined with a load of the field beside it: that would wait for the stores of both."""
    return f"{_field(name + '.at', base, offset)}\n  %{name} = load atomic ptr, ptr %{name}.at unordered, align 8"


def _set(value: str, base: str, offset: int, at: str) -> str:
    """Stores the pointer %value at `offset` of %base; %`at` is the field's address."""
    return f"{_field(at, base, offset)}\n  store ptr %{value}, ptr %{at}, align 8"


_GET_CORE = "  %core = load ptr, ptr @co_current, align 8"
_GET_CORE_AND_SET_SP = (
    _GET_CORE,
    "  %sp = inttoptr i64 %sp.int to ptr",
    _set("sp", "core", CORE_SP, "core.sp"),
)


def _define(result: str, name: str, params: str, *lines: str) -> str:
    body = "\n".join(lines)
    return f"define internal {result} @{name}({params}) {_ATTRIBUTES} {{\n{body}\n}}\n"


_ROUND_UP = (
    "  %sp.number = ptrtoint ptr %sp to i64",
    "  %negative = sub i64 0, %sp.number",
    "  %less = sub i64 %align, 1",
    "  %pad = and i64 %negative, %less",
    "  %start = getelementptr i8, ptr %sp, i64 %pad",
)
_AS_IT_IS = (_field("start", "sp", 0),)


def _room(aligned: bool) -> tuple[str, ...]:
    """Goes to %fast with %size bytes free at %start, which is %sp or above, else to %slow."""
    return (
        *(_ROUND_UP if aligned else _AS_IT_IS),
        _get("end", "core", CORE_END),
        "  %end.int = ptrtoint ptr %end to i64",
        "  %start.int = ptrtoint ptr %start to i64",
        "  %room = sub i64 %end.int, %start.int",
        "  %fits = icmp sge i64 %room, %size",
        f"  br i1 %fits, label %fast, label %slow, {_LIKELY}",
    )


def _more(aligned: bool) -> str:
    align = "%align" if aligned else str(FRAME_ALIGN)
    return f"  %more = call preserve_mostcc ptr @co_more(ptr %core, i64 %size, i64 {align})"


def _box_enter(name: str, params: str, aligned: bool) -> str:
    """sp += size, or the out-of-line co_more."""
    return _define(
        "ptr", name, params,
        _GET_CORE,
        _get("sp", "core", CORE_SP),
        *_room(aligned),
        "fast:",
        "  %next = getelementptr inbounds i8, ptr %start, i64 %size",
        "  store ptr %next, ptr %sp.at, align 8",
        "  ret ptr %start",
        "slow:",
        _more(aligned),
        "  ret ptr %more",
    )  # fmt: skip


def _link(first: bool) -> str:
    """What is done to the frame %f that was captured before."""
    return _set("f", "core", CORE_TOP, "top") if first else "  store ptr %f, ptr %tail, align 8"


def _capture(name: str, params: str, first: bool, aligned: bool) -> str:
    """A frame at sp, which the first finds in the core; it is linked into the chain."""
    where = [_get("sp", "core", CORE_SP)] if first else ["  %sp = inttoptr i64 %sp.int to ptr"]
    return _define(
        "ptr", name, params,
        _GET_CORE,
        *where,
        *_room(aligned),
        "slow:",
        *([] if first else [_set("sp", "core", CORE_SP, "sp.at")]),
        _more(aligned),
        "  br label %fast",
        "fast:",
        "  %f = phi ptr [ %start, %0 ], [ %more, %slow ]",
        "  store ptr %resume, ptr %f, align 8",
        _link(first),
        "  ret ptr %f",
    )  # fmt: skip


def _capture_helpers() -> dict[str, Helper]:
    helpers: dict[str, Helper] = {}
    for name, first in ((CAPTURE_FIRST, True), (CAPTURE, False)):
        params = "i64 %size, ptr %resume" + ("" if first else ", i64 %sp.int, ptr %tail")
        types: tuple[Type, ...] = (I64, PTR) if first else (I64, PTR, I64, PTR)
        helpers[name] = Helper(_sig(types, PTR), _capture(name, params, first, aligned=False), ("co_more",))
        aligned, params, types = name + ALIGNED, params + ", i64 %align", (*types, I64)
        helpers[aligned] = Helper(_sig(types, PTR), _capture(aligned, params, first, aligned=True), ("co_more",))
    resume = "  store ptr %resume, ptr %f, align 8"
    first_link = _define(
        "i64", LINK_FIRST, "ptr %f, ptr %resume",
        _GET_CORE,
        resume,
        _link(first=True),
        _get("sp", "core", CORE_SP),
        "  %sp.int = ptrtoint ptr %sp to i64",
        "  ret i64 %sp.int",
    )  # fmt: skip
    link = _define("void", LINK, "ptr %f, ptr %resume, ptr %tail", resume, _link(first=False), "  ret void")
    helpers[LINK_FIRST] = Helper(_sig((PTR, PTR), I64), first_link)
    helpers[LINK] = Helper(_sig((PTR, PTR, PTR)), link)
    return helpers


def _box_helpers() -> dict[str, Helper]:
    # The frame's bytes are the next one's, of other types: no access may cross this on the strength of alias tags.
    leave = _define(
        "void", BOX_LEAVE, "ptr %f",
        '  fence syncscope("singlethread") seq_cst',
        _GET_CORE,
        _set("f", "core", CORE_SP, "sp"),
        _get("base", "core", CORE_BASE),
        "  %other = icmp ne ptr %base, %f",
        f"  br i1 %other, label %done, label %pop, {_LIKELY}",
        "pop:",
        "  call preserve_mostcc void @co_chunk_pop()",
        "  ret void",
        "done:",
        "  ret void",
    )  # fmt: skip
    enter = _box_enter(BOX_ENTER, "i64 %size", aligned=False)
    aligned = _box_enter(BOX_ENTER + ALIGNED, "i64 %size, i64 %align", aligned=True)
    return {
        BOX_ENTER: Helper(_sig((I64,), PTR), enter, ("co_more",)),
        BOX_ENTER + ALIGNED: Helper(_sig((I64, I64), PTR), aligned, ("co_more",)),
        BOX_LEAVE: Helper(_sig((PTR,)), leave, ("co_chunk_pop",)),
    }


def _resumed_helpers() -> dict[str, Helper]:
    again = _define("void", RECAPTURE_YIELD, "ptr %f", _GET_CORE, _set("f", "core", CORE_TOP, "top"), "  ret void")
    call = _define(
        "void", RECAPTURE_CALL, "ptr %f, i64 %sp.int, ptr %tail",
        *_GET_CORE_AND_SET_SP,
        _get_alone("mark", "core", CORE_MARK),
        *_is_innermost("mark"),
        f"  br i1 %innermost, label %link, label %grown, {_LIKELY}",
        "grown:",
        "  call preserve_mostcc void @co_settle()",
        "  %ground = load ptr, ptr %mark.at, align 8",
        "  br label %link",
        "link:",
        "  %f.sp = phi ptr [ %mark, %0 ], [ %ground, %grown ]",
        _set("f.sp", "f", FRAME_SP, "f.sp.at"),
        "  store ptr %sp, ptr %mark.at, align 8",
        _field("tagged", "f", BATCH_TAG),
        "  store ptr %tagged, ptr %tail, align 8",
        "  ret void",
    )  # fmt: skip
    over = _define(
        "void", HAND_OVER, "ptr %f, i64 %sp.int, ptr %tail",
        *_GET_CORE_AND_SET_SP,
        _get("parent", "f", FRAME_PARENT),
        "  store ptr %parent, ptr %tail, align 8",
        _set("sp", "core", CORE_MARK, "mark"),
        "  ret void",
    )  # fmt: skip
    return {
        RECAPTURE_YIELD: Helper(_sig((PTR,)), again),
        RECAPTURE_CALL: Helper(_sig((PTR, I64, PTR)), call, ("co_settle",)),
        HAND_OVER: Helper(_sig((PTR, I64, PTR)), over),
        LEAVE: Helper(_sig((PTR, I64), PTR), _leave(), ("co_dropping",)),
    }


def _is_innermost(place: str) -> tuple[str, ...]:
    """%innermost: whether %`place` is in the innermost chunk.  Two places in different chunks are never equal: a chunk
    begins with what its opener keeps in front of base."""
    return (
        _get_alone("base", "core", CORE_BASE),
        _get_alone("end", "core", CORE_END),
        "  %base.int = ptrtoint ptr %base to i64",
        "  %end.int = ptrtoint ptr %end to i64",
        f"  %place.int = ptrtoint ptr %{place} to i64",
        "  %above = sub i64 %place.int, %base.int",
        "  %length = sub i64 %end.int, %base.int",
        "  %innermost = icmp ule i64 %above, %length",
    )


def _leave() -> str:
    """The frame that goes on when a resumed one has finished; behind a tagged link the batch is given back first.

    The frame captured next lies behind this one, mostly: then its address is computed and the link only compared with
    it, so that a processor that predicts branches need not wait, level by level, for a pointer from memory."""
    return _define(
        "ptr", LEAVE, "ptr %f, i64 %size",
        _get("parent", "f", FRAME_PARENT),
        "  %parent.int = ptrtoint ptr %parent to i64",
        "  %behind = getelementptr inbounds i8, ptr %f, i64 %size",
        "  %behind.int = ptrtoint ptr %behind to i64",
        "  %found = icmp eq i64 %parent.int, %behind.int",
        f"  br i1 %found, label %next, label %elsewhere, {_EVEN}",
        "next:",
        "  ret ptr %behind",
        "elsewhere:",
        "  %tagged = trunc i64 %parent.int to i1",
        "  br i1 %tagged, label %batch, label %same",
        "same:",
        "  ret ptr %parent",
        "batch:",
        _GET_CORE,
        _field("noted", "parent", -BATCH_TAG),
        _get_alone("sp", "noted", FRAME_SP),
        *_is_innermost("sp"),
        f"  br i1 %innermost, label %pop, label %drop, {_LIKELY}",
        "pop:",
        _set("sp", "core", CORE_SP, "core.sp"),
        _set("sp", "core", CORE_MARK, "core.mark"),
        "  ret ptr %noted",
        "drop:",
        _field("core.left", "core", CORE_MARK),
        "  store atomic ptr %noted, ptr %core.left unordered, align 8",  # not made one with the store above
        "  ret ptr @co_dropping",
    )  # fmt: skip


HELPERS: dict[str, Helper] = {
    **_capture_helpers(), **_box_helpers(), **_resumed_helpers()
}  # fmt: skip

AREA_SAVE = "area_save"  # (token) -> token
AREA_ALLOC = "area_alloc"  # (size, align) -> memory
AREA_RESTORE = "area_restore"  # (token)
AREA: dict[str, tuple[str, Sig]] = {
    AREA_SAVE: ("co_area_save", _sig((PTR,), PTR)),
    AREA_ALLOC: ("co_area_alloc", _sig((I64, I64, I64), PTR)),
    AREA_RESTORE: ("co_area_restore", _sig((PTR, I64))),
}
"""Intrinsics of pass `area` -> the functions of runtime/co_area.c that split makes of them; their last argument more is
0 in a ramp and 1 in a resume function."""


def prelude(used: Iterable[str], defined: Iterable[str], shared: bool = False) -> str:
    """LLVM text that a module needs to call the helpers `used`: definitions, and declarations of what is not in
    `defined` (the names of the module's own globals and functions, as in the runtime's own co.c).  `shared`: the module
    may become part of a shared library.  A program's runtime is part of the program (cpc/link.py), so that its code
    knows where co_current is from the thread pointer."""
    wanted: list[str] = []
    pending = sorted(set(used), reverse=True)
    while pending:
        name = pending.pop()
        if name not in wanted:
            wanted.append(name)
            pending.extend(HELPERS[name].needs if name in HELPERS else ())
    if not wanted:
        return ""
    present = set(defined)
    current = _CURRENT_DECLARATION.format("initialexec" if shared else "localexec")
    lines = [] if CURRENT in present else [current]
    lines += [COLD[name] for name in wanted if name in COLD and name not in present]
    lines += [HELPERS[name].text for name in wanted if name in HELPERS]
    return "\n".join(lines) + "\n"
