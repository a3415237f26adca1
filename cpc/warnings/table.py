"""Which code has which gcc option, and what the group options turn on (gcc 12's sets).

`KNOWN` has gcc's other options: cpc takes them in silence and never warns for them, so that a Makefile's -Wlogical-op
is no reason for a complaint.  What is in neither is reported by the driver.
"""

from __future__ import annotations

from cpc.codes_asked import ASKED

OPTION_OF = {
    **{code: option for code, option, _, _ in ASKED},
    "W0230": "implicit-function-declaration",
    "W0231": "attributes",
    "W0251": "discarded-qualifiers",
    "W0252": "int-conversion",
    "W0253": "incompatible-pointer-types",
    "W0254": "div-by-zero",
    "W0255": "return-type",
    "W0260": "pointer-sign",
    "W0261": "unused-variable",
    "W0262": "unused-but-set-variable",
    "W0263": "unused-parameter",
    "W0264": "unused-but-set-parameter",
    "W0265": "unused-function",
    "W0266": "unused-label",
    "W0267": "unused-value",
    "W0268": "unused-result",
    "W0269": "format",
    "W0270": "format-extra-args",
    "W0271": "implicit-int",
    "W0272": "sign-compare",
    "W0273": "parentheses",
    "W0274": "uninitialized",
    "W0275": "overflow",
    "W0276": "shift-count-overflow",
    "W0277": "shift-count-negative",
    "W0278": "deprecated-declarations",
    "W0279": "implicit-fallthrough",
    "W0280": "main",
    "W0281": "pointer-arith",
    "W0282": "switch",
    "W0283": "address",
    "W0284": "return-type",
    "W0286": "format-zero-length",
    "W0287": "unused-const-variable",
    "W0288": "maybe-uninitialized",
    "W0289": "dangling-else",
    "W0294": "unknown-warning-option",
}

_FORMAT = ("format-extra-args", "format-zero-length", "format-contains-nul", "nonnull")
_UNUSED = (
    "unused-variable", "unused-but-set-variable", "unused-function", "unused-label", "unused-value",
    "unused-const-variable", "unused-local-typedefs",
)  # fmt: skip

ON_BY_DEFAULT = frozenset({
    "implicit-function-declaration", "attributes", "discarded-qualifiers", "int-conversion",
    "incompatible-pointer-types", "div-by-zero", "unused-result", "implicit-int", "overflow", "shift-count-overflow",
    "shift-count-negative", "deprecated-declarations", "pointer-to-int-cast", "int-to-pointer-cast",
    "return-local-addr", "unknown-warning-option",
})  # fmt: skip
CODES_ON_BY_DEFAULT = frozenset({"W0255"})  # although the other warnings of their option are not
_ALL = (
    "pointer-sign", "unused", "format", "parentheses", "uninitialized", "main", "switch", "address", "return-type",
    "implicit", "char-subscripts",
)  # fmt: skip
_EXTRA = (
    "sign-compare", "implicit-fallthrough", "uninitialized", "type-limits", "empty-body", "ignored-qualifiers",
)  # fmt: skip
_PEDANTIC = ("pointer-arith", "main", "pointer-sign")

# A group turns on these, and an option of the same name if there is one.
GROUPS: dict[str, tuple[str, ...]] = {
    "all": _ALL,
    "extra": _EXTRA,
    "pedantic": _PEDANTIC,
    "unused": _UNUSED,
    "format": _FORMAT,
    "parentheses": ("dangling-else",),
    "implicit": ("implicit-int", "implicit-function-declaration"),
    "uninitialized": ("maybe-uninitialized",),
    "conversion": ("sign-conversion", "float-conversion"),
}
BROAD = ("all", "extra", "pedantic")  # any narrower group has the last word
# On when both options of the pair were given.
TOGETHER = {"unused-parameter": ("extra", "unused"), "unused-but-set-parameter": ("extra", "unused")}

# What is not said as well where one of these was.
SAID_BY = {
    "W0403": ("W0402",),
    "W0404": ("W0402", "W0403"),
    "W0429": ("W0428",),
}

KNOWN = frozenset(
    """
    NSObject-attribute abi absolute-value address-of-packed-member aggregate-return aggressive-loop-optimizations
    alloc-size-larger-than alloc-zero alloca alloca-larger-than arith-conversion array-bounds array-compare
    array-parameter attribute-alias attribute-warning bad-function-cast bidi-chars bool-compare bool-operation
    builtin-declaration-mismatch builtin-macro-redefined c++-compat c11-c2x-compat c90-c99-compat c99-c11-compat
    cannot-profile cast-align cast-function-type cast-qual char-subscripts clobbered comment comments conversion
    coverage-mismatch cpp dangling-pointer date-time declaration-after-statement deprecated designated-init
    disabled-optimization discarded-array-qualifiers double-promotion duplicate-decl-specifier duplicated-branches
    duplicated-cond empty-body endif-labels enum-compare enum-conversion enum-int-mismatch
    expansion-to-defined fatal-errors float-conversion float-equal format-nonliteral
    format-overflow format-security format-signedness format-truncation format-y2k frame-address frame-larger-than
    free-nonheap-object hsa if-not-aligned ignored-attributes ignored-qualifiers infinite-recursion init-self inline
    int-in-bool-context int-to-pointer-cast invalid-memory-model invalid-pch jump-misses-init larger-than
    logical-not-parentheses logical-op long-long lto-type-mismatch memset-elt-size memset-transposed-args
    misleading-indentation mismatched-dealloc missing-attributes missing-braces missing-declarations
    missing-field-initializers missing-format-attribute missing-include-dirs missing-noreturn missing-parameter-type
    missing-profile missing-prototypes missing-variable-declarations multichar multistatement-macros narrowing
    nested-externs nonnull-compare normalized null-dereference odr old-style-declaration
    old-style-definition openacc-parallelism openmp-simd overlength-strings override-init override-init-side-effects
    packed packed-bitfield-compat packed-not-aligned padded pointer-compare pointer-to-int-cast pragmas
    prio-ctor-dtor psabi redundant-decls restrict return-local-addr scalar-storage-order sequence-point shadow
    shadow-compatible-local shadow-local shift-negative-value shift-overflow sign-conversion sizeof-array-argument
    sizeof-array-div sizeof-pointer-div sizeof-pointer-memaccess stack-protector stack-usage strict-aliasing
    strict-overflow strict-prototypes string-compare stringop-overflow stringop-overread stringop-truncation
    suggest-attribute suggest-final-methods suggest-final-types switch-bool switch-default switch-enum
    switch-outside-range switch-unreachable sync-nand synth system-headers tautological-compare traditional
    traditional-conversion trampolines trigraphs trivial-auto-var-init tsan type-limits undef unknown-pragmas
    unreachable-code unsafe-loop-optimizations unsuffixed-float-constants unused-macros
    useless-cast varargs variadic-macros vector-operation-performance vla vla-larger-than vla-parameter
    volatile-register-var write-strings xor-used-as-pow zero-as-null-pointer-constant zero-length-bounds
    """.split()  # noqa: SIM905  # a list of two hundred quoted words is harder to read
)

# Those that speak of text before preprocessing: `cc -E` finds them.
PREPROCESSOR = frozenset({
    "comment", "comments", "trigraphs", "undef", "unused-macros", "cpp", "endif-labels", "date-time",
    "expansion-to-defined", "builtin-macro-redefined", "multichar", "variadic-macros", "missing-include-dirs",
    "all", "extra", "system-headers",
})  # fmt: skip

MINE = frozenset(OPTION_OF.values()) | frozenset(GROUPS) | frozenset(TOGETHER)
