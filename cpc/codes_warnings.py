"""Codes of the warnings of cpc/warnings, W0260 to W0299: (code, title, long text) for the table in codes.py.

Which gcc option each belongs to is in cpc/warnings/table.py."""

from __future__ import annotations

WARNINGS = (
    (
        "W0260",
        "pointed-to types differ in signedness",
        """\
The pointers' targets are integers of one size, one signed, the other not (-Wpointer-sign).
""",
    ),
    (
        "W0261",
        "unused variable",
        """\
Nobody mentions the variable. Remove it, or mark it __attribute__((unused)).
""",
    ),
    (
        "W0262",
        "variable set but not used",
        """\
The variable is assigned, and nobody reads what it holds.
""",
    ),
    (
        "W0263",
        "unused parameter",
        """\
The function does not use the parameter. `(void)name;` or __attribute__((unused)) says it is meant.
""",
    ),
    (
        "W0264",
        "parameter set but not used",
        """\
The parameter is assigned, and nobody reads what it holds.
""",
    ),
    (
        "W0265",
        "unused function",
        """\
A static function that nothing in its file calls; or one that is declared and never defined.
""",
    ),
    (
        "W0266",
        "unused label",
        """\
No goto leads here and nobody takes the label's address.
""",
    ),
    (
        "W0267",
        "computed value not used",
        """\
The statement has no effect. Often == was written for =, or a call lacks its parentheses.
""",
    ),
    (
        "W0268",
        "result ignored",
        """\
The function is declared with warn_unused_result or [[nodiscard]]: its
result says whether it failed.
""",
    ),
    (
        "W0269",
        "format and arguments disagree",
        """\
An argument of printf, scanf or their like does not have the type that the format names, is missing,
or the format has a conversion that does not exist. What happens then is undefined.
""",
    ),
    (
        "W0270",
        "too many arguments for the format",
        """\
The format takes fewer arguments than the call gives; the rest are evaluated and ignored.
""",
    ),
    (
        "W0271",
        "type defaults to int",
        """\
C89's implicit int. Later standards have no such rule; write the type.
""",
    ),
    (
        "W0272",
        "comparison of different signedness",
        """\
The signed operand is converted to unsigned: -1 becomes the largest value, so -1 < 1u is false.
""",
    ),
    (
        "W0273",
        "parentheses suggested",
        """\
The expression means what C's precedence says, and that is often not what was meant: a & b == c is
a & (b == c).
""",
    ),
    (
        "W0274",
        "variable used uninitialized",
        """\
Every way to this place leaves the variable without a value. Reading it is undefined behaviour.
""",
    ),
    (
        "W0275",
        "constant overflow",
        """\
A constant does not fit the type it is computed in or converted to, so its value changes.
""",
    ),
    (
        "W0276",
        "shift count too large",
        """\
A shift by the width of the type or more is undefined behaviour.
""",
    ),
    (
        "W0277",
        "negative shift count",
        """\
A shift by a negative count is undefined behaviour.
""",
    ),
    (
        "W0278",
        "deprecated name",
        """\
The declaration says that this name should not be used any more.
""",
    ),
    (
        "W0279",
        "implicit fall through",
        """\
Control runs from the statements of one case into the next. `__attribute__((fallthrough));`,
[[fallthrough]]; or a comment "fall through" says it is meant.
""",
    ),
    (
        "W0280",
        "type of main",
        """\
main returns int, and takes no parameters, or int and char **.
""",
    ),
    (
        "W0281",
        "arithmetic on void pointers",
        """\
GNU C steps void * and function pointers by one byte; standard C does not have such arithmetic.
""",
    ),
    (
        "W0282",
        "switch and enumeration disagree",
        """\
A switch on an enumeration has no default and does not name every enumerator, or has a case that no
enumerator is equal to.
""",
    ),
    (
        "W0283",
        "address never null",
        """\
The address of an object or function is compared with null or used as truth value: the answer is
always the same. A call was perhaps meant.
""",
    ),
    (
        "W0284",
        "function ends without a value",
        """\
The closing brace can be reached, and the caller may use a value that was never returned.
""",
    ),
    (
        "W0285",
        "comparison of unlike pointers",
        """\
The pointers' targets have different types.
""",
    ),
    (
        "W0286",
        "empty format",
        """\
The format string is empty: the call prints or reads nothing.
""",
    ),
    (
        "W0287",
        "unused constant",
        """\
A static const object that nothing in its file reads.
""",
    ),
    (
        "W0288",
        "variable uninitialized on a path",
        """\
Where this place is reached, no value was stored in the variable before.
""",
    ),
    (
        "W0289",
        "ambiguous else",
        """\
The else belongs to the inner if, whatever the indentation says. Braces make it clear.
""",
    ),
    (
        "W0291",
        "comparison of pointer and integer",
        """\
A pointer is compared with an integer other than the constant 0, without a cast.
""",
    ),
    (
        "W0292",
        "pointer and integer in ?:",
        """\
One side of the conditional is a pointer, the other an integer other than the constant 0.
""",
    ),
    (
        "W0293",
        "unlike pointers in ?:",
        """\
The pointers on the two sides of the conditional have different targets; the result is void *.
""",
    ),
    (
        "W0294",
        "unknown warning option",
        """\
Neither gcc 12 nor cpc has this -W option. -Wno-NAME is taken in silence for any NAME.
-Werror=unknown-warning-option (clang's name) makes it an error.
""",
    ),
    (
        "W0296",
        "an option does less than it says",
        """\
The option asks for something that cpc does not do and that no correct program depends on.
""",
    ),
    (
        "W0295",
        "the preprocessor warns",
        """\
What `cc -E` found: a #warning, a macro that is not defined (-Wundef), a comment in a comment.
""",
    ),
)
