"""C types as people write them, for messages."""

from __future__ import annotations

from cpc.frontend.c_types import (
    ArrayT,
    ComplexT,
    CType,
    EnumT,
    FloatT,
    FunctionT,
    IntT,
    PointerT,
    QType,
    RecordT,
    VectorT,
    VoidT,
)

_MOST_FUNCTIONS = 50


def describe(type_: QType) -> str:
    """`const char *`, `struct s`, `int (*)(void)`: an abstract declaration of the type.  The functions in it behind
    the first 50 are `... (...)`: typedefs of functions that take each other are short, what they name is not."""
    return _Writer().declare(type_, "").strip()


def _qualifiers(type_: QType) -> str:
    words = (("const", type_.const), ("volatile", type_.volatile), ("restrict", type_.restrict))
    return "".join(f"{word} " for word, there in words if there) + ("_Atomic " if type_.atomic else "")


class _Writer:
    """One description."""

    def __init__(self) -> None:
        self.functions = 0  # so far

    def declare(self, type_: QType, inner: str) -> str:
        """`inner` is what has been said around the name so far."""
        match type_.type:
            case PointerT(target):
                pointer = "*" + _qualifiers(type_).rstrip() + inner
                if isinstance(target.type, ArrayT | FunctionT):
                    pointer = f"({pointer})"
                return self.declare(target, pointer)
            case ArrayT(elem, length):
                return self.declare(elem, f"{inner}[{'' if length is None else length}]")
            case FunctionT() as fn:
                return self._function(fn, inner)
            case other:
                return f"{_qualifiers(type_)}{_base(other)} {inner}"

    def _function(self, fn: FunctionT, inner: str) -> str:
        self.functions += 1
        if self.functions > _MOST_FUNCTIONS:
            return f"... {inner}(...)"
        params = [self.declare(p, "").strip() for p in fn.params] + (["..."] if fn.variadic else [])
        color = "coroutine_fn " if fn.color == "coroutine" else ""
        listed = ", ".join(params) or ("void" if fn.prototyped else "")
        return self.declare(fn.result, f"{color}{inner}({listed})")


def _base(ctype: CType) -> str:
    match ctype:
        case IntT(name=name) | FloatT(name=name):
            return name
        case VoidT():
            return "void"
        case RecordT(kind=kind, tag=tag):
            return f"{kind} {tag or '<anonymous>'}"
        case EnumT(tag=tag):
            return f"enum {tag or '<anonymous>'}"
        case ComplexT(part):
            return f"_Complex {part.name}"
        case VectorT(elem, count):
            return f"{elem.name} vector of {count}"
        case _:
            raise AssertionError(f"not a base type: {ctype}")
