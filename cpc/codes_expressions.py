"""Codes of expressions, statements and calls: E0250 to E0276, W0251 to W0255, and what C is not supported, E0300 to
E0312.  Entries are (code, title, long text) for the table in codes.py."""

from __future__ import annotations

EXPRESSIONS = (
    (
        "E0250",
        "incomplete type",
        """\
The size of the type is not known here: a struct that was only declared, an array without length.
Its value cannot be read, and sizeof, arithmetic and definitions need the size. Include the header
that defines it, or keep to pointers.
""",
    ),
    (
        "E0251",
        "a void expression has no value",
        """\
A call of a void function (or a cast to void) stands where a value is needed.

    int n = free(p);                    bad
    free(p);                            good
""",
    ),
    (
        "E0252",
        "conversion that does not exist",
        """\
No cast leads from the one type to the other: structs convert to nothing else, floating types and
pointers not to each other, vectors only to vectors of the same size.
""",
    ),
    (
        "E0253",
        "incompatible types",
        """\
The value cannot be assigned, passed, or returned as this type. Pointers and integers only cause a
warning (W0252, W0253); this is about structs, arrays and the like.
""",
    ),
    (
        "E0254",
        "invalid operands",
        """\
The operator does not take operands of these types: `&` of floating numbers, `+` of two pointers,
`%` of doubles, `<` of complex numbers.
""",
    ),
    (
        "E0255",
        "bad variable length array",
        """\
The length of the array is no integer, or the array stands outside of a function, where nothing can
compute it.
""",
    ),
    (
        "E0256",
        "not an expression here",
        """\
A braced list stands where an expression is needed, or a construct that needs a function body (a
statement expression, alloca) stands outside of one.
""",
    ),
    (
        "E0257",
        "scalar expected",
        """\
A condition, a switch or a builtin needs a number or a pointer, and got a struct, a vector or an
array of something else.
""",
    ),
    (
        "E0258",
        "the sides of '?:' do not fit",
        """\
Both sides of a conditional expression must have a common type: two numbers, two pointers to
compatible types, a pointer and a null pointer constant, the same struct, or both void.
""",
    ),
    (
        "E0259",
        "bad constant",
        """\
The number, character or string constant is malformed, or its value fits no type.
""",
    ),
    (
        "E0260",
        "not an lvalue",
        """\
The expression is a value, not an object, so it cannot be assigned to, incremented, or have its
address taken.

    f() = 3;      a + b = c;            bad
""",
    ),
    (
        "E0261",
        "undeclared name",
        """\
No declaration of this name is in sight. A header may be missing, or the name is misspelled.
""",
    ),
    (
        "E0262",
        "not a pointer",
        """\
`*e`, `e[i]` and `goto *e` need a pointer (or an array, for a subscript also an integer).
""",
    ),
    (
        "E0263",
        "no address",
        """\
Bit-fields and register variables have no address; sizeof and offsetof do not apply to bit-fields.
""",
    ),
    (
        "E0264",
        "no such member",
        """\
The left side is no struct or union (use `->` for a pointer to one, `.` for the thing itself), or it
has no member of this name.
""",
    ),
    (
        "E0265",
        "assignment to a read-only object",
        """\
The object, or the object around it, is const.
""",
    ),
    (
        "E0266",
        "no association of _Generic fits",
        """\
The type of the controlling expression (after decay and without qualifiers) is not in the list, and
there is no `default:`.
""",
    ),
    (
        "E0267",
        "call of something that is no function",
        """\
What stands before the parentheses is neither a function nor a pointer to one.
""",
    ),
    (
        "E0268",
        "wrong number of arguments",
        """\
The call passes more or fewer arguments than the prototype has parameters.
""",
    ),
    (
        "E0269",
        "bad cleanup function",
        """\
__attribute__((cleanup(f))) needs the name of a function that takes a pointer to the variable.
""",
    ),
    (
        "E0270",
        "jump without a target",
        """\
`break` needs a loop or switch around it, `continue` a loop, `case` and `default` a switch.
""",
    ),
    (
        "E0271",
        "duplicate case",
        """\
Two labels of one switch stand for the same value, or there are two `default:`.
""",
    ),
    (
        "E0272",
        "constant expected",
        """\
A case label, or an argument that the compiler itself needs to know, must be an integer constant
expression.
""",
    ),
    (
        "E0273",
        "bad label",
        """\
The label is used and not defined in this function, defined twice, or its address is taken outside
of a function.
""",
    ),
    (
        "E0274",
        "bad use of variable arguments",
        """\
va_start needs a function whose parameters end in `...`; va_arg and the others need a va_list.
""",
    ),
    (
        "E0275",
        "bad asm operand",
        """\
The template names an operand that does not exist, or an operand that must be a constant ("i") is
not one.
""",
    ),
    (
        "E0276",
        "bad atomic operand",
        """\
Atomic builtins work through a pointer to an integer or a pointer; the generic forms (__atomic_load,
__atomic_store, __atomic_exchange, __atomic_compare_exchange) through a pointer to any object, and
their other pointers lead to objects of the same size.
""",
    ),
    (
        "E0277",
        "alias of nothing",
        """\
__attribute__((alias("f"))) is another name of a function or variable that the same file defines; f
is not defined there, or only as an alias of itself.  The function that ifunc names must return a
pointer: the address to call.
""",
    ),
    (
        "E0278",
        "use of what is unavailable",
        """\
The declaration says __attribute__((unavailable)): it is there to be named in an error message,
which says what to use instead.
""",
    ),
)

UNSUPPORTED = (
    (
        "E0300",
        "unsupported expression",
        """\
cpc does not know this kind of expression or operator.
""",
    ),
    (
        "E0302",
        "unsupported number type",
        """\
The suffix of the constant asks for a type that cpc has not: decimal floating point, _Float16.
""",
    ),
    (
        "E0304",
        "nested function",
        """\
GNU C's functions inside functions are supported in plain functions. Not supported: nested functions
in and of coroutine functions, and, on other machines than x86-64, pointers to them, which need code
on the stack, and jumps out of them. Make it a static function, pass what it uses, and return a
value that says where to go on.
""",
    ),
    (
        "E0307",
        "asm operand too large",
        """\
A struct can be an asm operand in a register only when it has 1, 2, 4 or 8 bytes; use an "m"
constraint.
""",
    ),
    (
        "E0308",
        "unsupported builtin",
        """\
The compiler builtin is not one that cpc knows. Of the intrinsic headers (<immintrin.h>) there are
SSE to SSE4.2, AVX, AVX2, FMA, F16C, BMI, AES, PCLMUL and SHA; MMX and AVX-512 are missing.
""",
    ),
    (
        "E0312",
        "suspension between setjmp and longjmp",
        """\
longjmp goes back to the native stack frame that called setjmp, and a coroutine_fn has none after it
was suspended. So between setjmp and its longjmp there must be no coroutine call: the jmp_buf is a
local variable, and its block ends before the coroutine waits.

    {
        jmp_buf env;
        if (setjmp(env) == 0) {
            parse(text, env);               good: whoever has env cannot use it any more
        }
    }
    qemu_coroutine_yield();
""",
    ),
)

ADVICE = (
    (
        "W0251",
        "qualifiers discarded",
        """\
The pointer's target is const or volatile, and the new type forgets it. A cast says it is meant.
""",
    ),
    (
        "W0252",
        "pointer and integer mixed",
        """\
A pointer becomes an integer, or the other way round, without a cast.
""",
    ),
    (
        "W0253",
        "incompatible pointer types",
        """\
The pointers' targets have different types. Access through the wrong type is undefined behaviour.
""",
    ),
    (
        "W0254",
        "division by zero",
        """\
The divisor is the constant 0.
""",
    ),
    (
        "W0255",
        "return with a value in a void function",
        """\
The function returns void; the value is computed and dropped.
""",
    ),
)
