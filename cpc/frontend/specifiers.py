"""The words of type specifiers: which sets of them are types (C11 6.7.2p2, with GNU's and C23's spellings).

Tables only.  `SIMPLE` is the short way for one word; `TYPES` is keyed by the sorted words, after `SPELLINGS` has
replaced alternate ones.
"""

from __future__ import annotations

from cpc.frontend import c_types
from cpc.frontend.c_types import ComplexT, CType, FloatT, IntT, QType

SPELLINGS = {
    "__signed": "signed",
    "__signed__": "signed",
    "__complex__": "_Complex",
    "__complex": "_Complex",
    "bool": "_Bool",
    "__float80": "long double",
    "__float128": "_Float128",
}


def _builtin_types() -> dict[tuple[str, ...], CType]:
    """Every legal set of type specifiers, as a sorted tuple of words."""
    table: dict[tuple[str, ...], CType] = {
        ("void",): c_types.VOID,
        ("_Bool",): c_types.BOOL,
        ("float",): c_types.FLOAT,
        ("double",): c_types.DOUBLE,
        ("double", "long"): c_types.LDOUBLE,
        **{(t.name,): t for t in (c_types.FLOAT32, c_types.FLOAT32X, c_types.FLOAT64, c_types.FLOAT64X)},
        ("_Float128",): c_types.FLOAT128,
        ("char",): c_types.CHAR,
        ("char", "signed"): c_types.SCHAR,
        ("char", "unsigned"): c_types.UCHAR,
    }
    pairs: tuple[tuple[tuple[str, ...], IntT, IntT], ...] = (
        ((), c_types.INT, c_types.UINT),
        (("short",), c_types.SHORT, c_types.USHORT),
        (("long",), c_types.LONG, c_types.ULONG),
        (("long", "long"), c_types.LLONG, c_types.ULLONG),
    )
    for words, signed, unsigned in pairs:
        for extra in ((), ("int",)):
            if words or extra:
                table[tuple(sorted((*words, *extra)))] = signed
            table[tuple(sorted((*words, *extra, "signed")))] = signed
            table[tuple(sorted((*words, *extra, "unsigned")))] = unsigned
    table[("__int128",)] = table[("__int128", "signed")] = c_types.INT128
    table[("__int128", "unsigned")] = c_types.UINT128
    for key, type_ in list(table.items()):
        if isinstance(type_, FloatT | IntT) and type_ is not c_types.BOOL:
            table[tuple(sorted(("_Complex", *key)))] = ComplexT(type_)
    table[("_Complex",)] = ComplexT(c_types.DOUBLE)
    return table


TYPES = _builtin_types()
SIMPLE = {words[0]: QType(type_) for words, type_ in TYPES.items() if len(words) == 1}
UNSUPPORTED = frozenset(("_Float16", "__bf16", "_Decimal32", "_Decimal64", "_Decimal128", "_Imaginary"))
QUALIFIERS = {
    "const": "const",
    "__const": "const",
    "__const__": "const",
    "volatile": "volatile",
    "__volatile": "volatile",
    "__volatile__": "volatile",
    "restrict": "restrict",
    "__restrict": "restrict",
    "__restrict__": "restrict",
    "_Atomic": "atomic",
}
