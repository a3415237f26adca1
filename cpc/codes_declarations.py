"""The long texts of the codes about declarations, types and initialisers (E0200 to E0249, E0340 to E0349, W0230 to
W0249): (code, title, text) for codes.py, which explains the form.  Apart so that neither file grows too long."""

from __future__ import annotations

DECLARATIONS = (
    (
        "E0201",
        "redefinition",
        """\
A name, tag, member or enumerator is declared twice in one scope in a way that makes two entities,
or a function or variable has two definitions. The note shows the first one. Rename one of them,
or make all but one of the declarations `extern`.
""",
    ),
    (
        "E0202",
        "conflicting types",
        """\
Two declarations of one function, variable or typedef give it types that are not compatible. The
note shows the earlier one. Often a header was changed and the definition was not, or `f()` in C11
is followed by a prototype with a `char`, `short` or `float` parameter.
""",
    ),
    (
        "E0203",
        "tag of another kind",
        """\
struct, union and enum tags share one name space. Here a tag that names one kind of type is used
as another kind.

    struct item;
    union item *next;           bad: 'item' is a struct
""",
    ),
    (
        "E0204",
        "declarations disagree about coroutine_fn",
        """\
A coroutine_fn is called with its own convention, so every declaration of a function must say it,
beginning with the first. Calls that were compiled after a declaration without it would be wrong.

    int work(void);
    int coroutine_fn work(void) { ... }         bad: annotate the declaration too
""",
    ),
    (
        "E0205",
        "variable length array with static storage",
        """\
The size of a variable or typedef at file scope, and of a static or extern variable, must be known
when the program is compiled. Use a constant size or allocate the memory.
""",
    ),
    (
        "E0206",
        "wrong storage class or function specifier",
        """\
The storage class (extern, static, auto, register, thread-local) or specifier (inline, _Noreturn)
does not fit here, or contradicts an earlier declaration, as in a static declaration after a non-
static one.
""",
    ),
    (
        "E0207",
        "incomplete type",
        """\
An object, member, array element, parameter or function result needs a type whose size is known.
`void`, a struct that is only declared, and an array without length have none. Include the header
that defines the struct, or use a pointer.
""",
    ),
    (
        "E0208",
        "this declaration cannot have an initialiser or body",
        """\
Functions have bodies and variables have initialisers, never the other way round; an `extern`
variable inside a block has neither. A function's body needs a parameter list in the declarator
itself.
""",
    ),
    (
        "E0209",
        "initialised variable length array",
        """\
A variable length array cannot have an initialiser (C11 6.7.9p3). Assign the elements, or use
memset.
""",
    ),
    (
        "E0210",
        "not an integer constant expression",
        """\
Array sizes outside functions, enumerators, bit-field widths, case labels, alignments, designators
and static assertions need a value that is known when the program is compiled. A `const` variable
is not constant in C; use an enumerator or a macro.
""",
    ),
    (
        "E0211",
        "negative array size",
        """\
The size of an array is negative. Macros that check a condition at compile time use this on
purpose: then the condition of that macro is false.
""",
    ),
    (
        "E0212",
        "type is too large",
        """\
An array or a struct is larger than what an address space can hold, or the variables of a function
are together larger than 2 GiB of stack: allocate large arrays with malloc, or make them static.
""",
    ),
    (
        "E0213",
        "wrong bit-field",
        """\
A bit-field has an integer type, a constant width from 1 to the number of bits of that type, or
width 0 and no name.

    unsigned flags : 33;        bad: unsigned int has 32 bits
    unsigned : 0;               good: ends the unit
""",
    ),
    (
        "E0214",
        "flexible array member is not last",
        """\
An array member without length takes the space behind the struct, so it must be the last member.
""",
    ),
    (
        "E0215",
        "enumerator does not fit",
        """\
The value of an enumerator does not fit the enum's underlying type (C23 `enum e : type`), or any
integer type; or the underlying type is no integer type.
""",
    ),
    (
        "E0220",
        "unknown type name",
        """\
A type is needed here, and the name is not declared as one. Most often a header is missing.
""",
    ),
    (
        "E0221",
        "no initialiser to infer a type from",
        """\
`__auto_type` and C23's `auto` take the type of the initialiser, so they need one, and it must be
an expression without braces.
""",
    ),
    (
        "E0222",
        "specifiers are no type",
        """\
The words do not make a type together, as in `short double` or `unsigned float`.
""",
    ),
    (
        "E0223",
        "function or array where it cannot stand",
        """\
There are no arrays of functions, no functions that return functions or arrays, and no members
that are functions. A pointer to one is meant.
""",
    ),
    (
        "E0224",
        "wrong parameter list",
        """\
`void` stands alone in a parameter list and means that there are no parameters; an old-style
definition lists names first and declares only those.
""",
    ),
    (
        "E0225",
        "wrong vector or machine mode",
        """\
vector_size needs an integer or floating element type and a power of two of bytes that the
element's size divides; mode(...) must be of the same kind as the type it changes.
""",
    ),
    (
        "E0226",
        "array elements aligned more than their size",
        """\
Elements of an array lie one behind the other, so their size must be a multiple of their
alignment. An aligned attribute on a typedef raises the alignment only; put it on the struct
instead, which pads its size.
""",
    ),
    (
        "E0230",
        "array not initialised by braces or string",
        """\
An array is initialised by a list in braces, or, when its elements are characters, by a string
literal of the same character width.
""",
    ),
    (
        "E0231",
        "wrong designator",
        """\
`.name` designates a member of a struct or union, `[n]` an element of an array. Here the object
has no such part.
""",
    ),
    (
        "E0232",
        "wrong argument of an attribute",
        """\
The attribute is known, but its argument is missing, of the wrong kind, or out of range.
""",
    ),
    (
        "E0233",
        "wrong alignment",
        """\
An alignment is a power of two, at most 2^28.
""",
    ),
    (
        "E0234",
        "coroutine annotation in the wrong place",
        """\
coroutine_fn, coroutine_mixed_fn and no_coroutine_fn speak of functions: they stand on a function,
on a pointer to one, or on a typedef of either, and exclude each other.
""",
    ),
    (
        "E0235",
        "static initialiser is not constant",
        """\
Variables that live for the whole program are initialised before it starts: with numbers, and with
addresses of other such variables or functions plus a constant. Assign anything else at run time.

    static int n = read_config();       bad
    static int *p = &table[3];          good
""",
    ),
    (
        "E0236",
        "initialiser is too large",
        """\
The initialiser has millions of elements, usually through nested ranges `[0 ... n]`. Fill the
object at run time.
""",
    ),
    (
        "E0237",
        "initialised flexible array member",
        """\
Only a static variable can initialise its flexible array member, because only then its size is
known in time; and only when the struct is not inside another object.
""",
    ),
    (
        "E0238",
        "initialiser of an element that is not there",
        """\
`[n] =` names an element that the array does not have, a range `[a ... b] =` ends before it begins,
or a list in braces stands behind the last member.
""",
    ),
    (
        "E0240",
        "static assertion failed",
        """\
The condition of a _Static_assert is false. Its message says what the author of the code relied
on.
""",
    ),
    (
        "E0241",
        "wrong constant",
        """\
A number or character constant is too large for every type, has a suffix or digit that does not
exist, or an escape sequence that is out of range.
""",
    ),
    (
        "E0340",
        "unsupported attribute",
        """\
This attribute changes what the program does, and cpc does not implement it; ignoring it would
make a wrong program. Compile this file with another compiler; objects link together.
""",
    ),
    (
        "E0341",
        "unsupported type",
        """\
cpc has the types of C11, __int128, _Float128, complex and vector types. Decimal floating types,
_Float16, _BitInt, imaginary types, and vectors of long double or of one __int128 are missing.
""",
    ),
    (
        "E0342",
        "struct with a member of variable length",
        """\
GNU C lets a struct in a function have a member that is a variable length array. cpc does not:
allocate the array separately.
""",
    ),
    (
        "E0343",
        "global register variable",
        """\
A file-scope variable in a fixed register would have to be kept through all code, also the
libraries'. cpc does not support it; register variables inside a function for asm operands are
supported, and so are variables of either kind in the stack pointer that are only read:

    register unsigned long current_stack_pointer asm("rsp");
""",
    ),
    (
        "E0349",
        "the processor is not known to have this",
        """\
An intrinsic, or an always_inline function, needs instructions that not every processor has, and the
function that uses it is compiled for every processor. Say what the processor has, for the unit with
-mavx2 (or -msse4.2, -march=haswell, ...) or for one function:

    __attribute__((target("avx2"))) static int sum(const int *p) { ... }

Call such a function only where __builtin_cpu_supports, or cpuid, says that the machine has it.
""",
    ),
    (
        "W0230",
        "implicit declaration of a function",
        """\
The function is called before it is declared, so C90's rule applies: it is taken to return int and
to take what the call passes. Include its header; with a pointer result the program is wrong.
""",
    ),
    (
        "W0231",
        "unknown attribute",
        """\
cpc does not know this attribute and ignores it.
""",
    ),
    (
        "W0232",
        "tag declared inside a parameter list",
        """\
The struct, union or enum is new here and its scope ends with the prototype, so no caller can pass
the right type. Declare it before the function.
""",
    ),
    (
        "W0233",
        "declaration declares nothing",
        """\
A struct member without a name declares nothing, unless it is a struct or union without a tag;
neither does `int;`.
""",
    ),
    (
        "W0234",
        "array of unknown length",
        """\
At the end of the unit the array still has no length, so it has one element (C11 6.9.2p2).
""",
    ),
    (
        "W0235",
        "excess elements in initialiser",
        """\
The braces hold more values than the object has places; the rest is ignored.
""",
    ),
    (
        "W0236",
        "string is cut",
        """\
The string literal has more characters than the array has elements; what does not fit is left out.
""",
    ),
    (
        "W0237",
        "specifier without a meaning",
        """\
`inline` and `_Noreturn` are said of functions (C11 6.7.4p1); of a variable they mean nothing.
""",
    ),
    (
        "W0238",
        "escape sequence out of range",
        """\
The number of an octal or hexadecimal escape is larger than a character of this string; as in gcc
its low bits are taken. '\\400' is one such, and so is "\\x41e", whose 'e' is a third digit: write
"\\x41" "e".
""",
    ),
)
