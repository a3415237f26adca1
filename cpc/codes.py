"""Every diagnostic code: a title and the long text that `cpc explain CODE` prints.

Ranges: E00xx syntax and input, E01xx coroutine rules, E02xx types and semantics, E03xx unsupported C, W02xx and
W04xx advice, W05xx advice on coroutines.  A number is never used for a second meaning.  The text says what is wrong,
why the rule exists, and shows a bad and a good example where an example helps.  Stages append to the table of their
range; a test checks that every code used in cpc/ is registered here.
"""

from __future__ import annotations

from dataclasses import dataclass

from cpc.codes_asked import ASKED
from cpc.codes_declarations import DECLARATIONS
from cpc.codes_expressions import ADVICE, EXPRESSIONS, UNSUPPORTED
from cpc.codes_program import PROGRAM
from cpc.codes_warnings import WARNINGS


@dataclass(frozen=True, slots=True)
class Code:
    """`text` is shown as it stands; lines are at most 100 columns wide."""

    code: str
    title: str
    text: str


_SYNTAX = (
    Code(
        "E0001",
        "syntax error",
        """\
The text is not C as cpc reads it: C11 with the GNU extensions that gcc accepts, and C23 spellings.
The message names the first token that does not fit. The real fault is often just before it: a
missing semicolon, a missing brace, or a type name that no header declared.

    uint32_t n;         bad when <stdint.h> is not included: 'uint32_t' is not a type yet
""",
    ),
    Code(
        "E0002",
        "the preprocessor failed",
        """\
cpc runs `cc -E` to expand includes and macros. It reported an error, which is shown as it came:
usually a header that is not found (add -I DIR), or an #error directive.
""",
    ),
    Code(
        "E0003",
        "file cannot be used",
        """\
The file does not exist, is a folder, cannot be read, or has a suffix that cpc does not know.
C sources end in .c (or .i when already preprocessed); .s, .S, .o, .a, .so go to the system tools.
""",
    ),
    Code(
        "E0004",
        "nesting is too deep",
        """\
Parentheses, blocks, declarators or initialisers are nested so deeply that the compiler would run
out of stack. Split the expression or the block; programs that generate C should use temporaries.
""",
    ),
    Code(
        "E0005",
        "attribute does not belong here",
        """\
An __attribute__ or [[...]] stands where no declaration, type, label or statement can take it, or
its arguments are not what this attribute takes.
""",
    ),
    Code(
        "E0006",
        "the linker failed",
        """\
All units were compiled, but `cc` could not link the objects; its message is shown as it came.
Often a library is missing (-lNAME) or a function is declared and never defined.
""",
    ),
    Code(
        "E0007",
        "internal error",
        """\
cpc itself has a fault: a check between two passes failed. The message names the pass and the
function. The program you compile may be right; please report it with the preprocessed source
(`cpc cc -E`).
""",
    ),
    Code(
        "E0009",
        "the C compiler of --via-c failed",
        """\
With --via-c=COMPILER cpc prints the program as C and lets that compiler make the object. It is
missing, or it refuses the text; its messages are shown as they came, with the places of your
source. gcc 9, clang 11 or newer are needed, for the target that is compiled for.
""",
    ),
    Code(
        "E0008",
        "the assembler rejects an asm",
        """\
The text of an asm statement is not an instruction of the machine, or an operand does not fit its
constraint. cpc takes gcc's syntax: AT&T order, %0 for operands, %% for a register's percent sign.

    asm("mov %0, %%eax" : : "r"(x) : "eax");
""",
    ),
)

_COROUTINES = (
    Code(
        "E0101",
        "plain function calls a coroutine_fn",
        """\
A coroutine_fn may suspend: its live variables move to a frame and its caller returns too. A plain
function cannot do that, so it may not call one. It can create a coroutine instead.

    static void plain(void)
    {
        co_fdatasync(fd);                   bad: 'plain' cannot suspend
    }

    static void coroutine_fn flush(void)
    {
        co_fdatasync(fd);                   good: may suspend with its callee
    }

Inside a coroutine mark the caller coroutine_fn. Outside, start one:

    qemu_coroutine_enter(qemu_coroutine_create(entry, opaque));
""",
    ),
    Code(
        "E0102",
        "function pointers differ in coroutine_fn",
        """\
A coroutine_fn has its own calling convention: it returns a value and whether it suspended. A
pointer to it must say so in its type, else the call through the pointer would take the flag for
something else.

    void (*f)(void) = co_work;                      bad, co_work is coroutine_fn
    void coroutine_fn (*f)(void) = co_work;         good
""",
    ),
    Code(
        "E0103",
        "coroutine_fn calls a no_coroutine_fn",
        """\
A no_coroutine_fn blocks its thread, or enters the event loop again, so it must not run inside a
coroutine: every other coroutine of this thread would stop. Call the coroutine version, or hand
the work to the thread pool.
""",
    ),
    Code(
        "E0104",
        "coroutine_mixed_fn calls a coroutine_fn anywhere",
        """\
A coroutine_mixed_fn runs inside and outside coroutines. cpc compiles it twice: once for plain
callers, where qemu_in_coroutine() is false, and once for coroutines, where it is true. In the
first one no coroutine_fn can be called, so such a call must stand where qemu_in_coroutine() says
that there is a coroutine.

    int coroutine_mixed_fn f(void)
    {
        return co_f();                                      bad: co_f could not suspend
    }

    int coroutine_mixed_fn f(void)
    {
        return qemu_in_coroutine() ? co_f() : plain_f();    good
    }

The test must be in the condition itself, or in a variable that is set once.
""",
    ),
)

_SEMANTICS = tuple(Code(*entry) for entry in (*DECLARATIONS, *EXPRESSIONS))

_UNSUPPORTED = (
    *(Code(*entry) for entry in UNSUPPORTED),
    Code(
        "E0330",
        "unsupported pragma",
        """\
This pragma gives a symbol another name or a record another layout, which cpc does not do. Ignoring
it would compile a different program. `#pragma weak` and `#pragma pack` are supported; for another
assembler name declare the function with asm("name"). Pragmas that only advise the compiler are
ignored.
""",
    ),
)

_COROUTINE_LIMITS = (
    Code(
        "E0331",
        "no portable C for this",
        """\
--emit c and --via-c print the program as C11 with the extensions that gcc and clang share. What the
message names has no form there: a vector whose length is not a power of two, an integer of an odd
number of bits, labels of one function used in another. Compile the file without these options.
""",
    ),
    Code(
        "E0317",
        "floating point with -mgeneral-regs-only",
        """\
-mgeneral-regs-only promises code without SSE, MMX and x87 registers, as kernels and freestanding
programs need it. A float, a double or a vector has no place to be then, and no way to be passed to
a function. Use integers, or compile the file without the option.
""",
    ),
)

_ASKED = tuple(Code(code, title, f"{text} (-W{option})\n") for code, option, title, text in ASKED)
_PROGRAM = tuple(Code(*entry) for entry in PROGRAM)
_ADVICE = (*(Code(*entry) for entry in (*ADVICE, *WARNINGS)), *_ASKED)

_ALL = (*_SYNTAX, *_COROUTINES, *_SEMANTICS, *_UNSUPPORTED, *_COROUTINE_LIMITS, *_ADVICE, *_PROGRAM)
CODES: dict[str, Code] = {code.code: code for code in _ALL}
