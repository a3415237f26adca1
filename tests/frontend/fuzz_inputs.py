"""The inputs of fuzz.py: one text per seed, the same for every run.

    bytes     a real program with bytes flipped, dropped, doubled and made up
    tokens    a real program with tokens dropped, swapped and taken from other programs
    grammar   C whose syntax is right and whose meaning is random
    garbage   no C at all, or one construct repeated far beyond sense

Real programs are those under tests/, preprocessed, without the text of system headers: a prelude declares what they
use most, and the rest becomes implicit declarations and unknown types, which is one more thing to survive.
"""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
FOLDERS = ("exec/c", "exec/programs", "exec/coroutines", "exec/abi", "frontend/build/ir", "lints")
PRELUDE = """
typedef unsigned long size_t; typedef signed char int8_t; typedef unsigned char uint8_t; typedef short int16_t;
typedef unsigned short uint16_t; typedef int int32_t; typedef unsigned uint32_t; typedef long int64_t;
typedef unsigned long uint64_t; typedef long intptr_t; typedef unsigned long uintptr_t; typedef int wchar_t;
typedef __builtin_va_list va_list; typedef long ssize_t; typedef struct Coroutine Coroutine;
int printf(const char *, ...); void *malloc(size_t); void *memcpy(void *, const void *, size_t); void abort(void);
"""
_TOKEN = re.compile(
    r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|[A-Za-z_]\w*|\.?\d[\w.]*|\s+|->|[-+<>&|=!]{2}|.',
    re.S,
)
_LINE = re.compile(r'# \d+ "([^"]*)"')
WORDS = r"""
int char long unsigned float double _Complex _Bool __int128 void struct union enum typedef static extern
inline const volatile restrict _Atomic register auto _Thread_local _Alignas _Alignof _Static_assert _Generic
sizeof typeof if else for while do switch case default break continue return goto asm __attribute__
__extension__ __label__ __builtin_va_arg __builtin_offsetof __builtin_types_compatible_p
__builtin_choose_expr __builtin_constant_p __atomic_fetch_add __sync_fetch_and_add __builtin_memcpy
__builtin_add_overflow __builtin_shuffle __real__ __imag__ vector_size aligned packed mode cleanup alias
section weak annotate coroutine_fn ( ) [ ] { } , ; : ? = + - * / % & | ^ ~ ! < > << >> && || ... . -> ++ --
+= <<= # ## @ $ \ ' " 0 1 -1 0x 1e 1.5f 18446744073709551615 99999999999999999999 0x1p999999 1.0i 'a' '' "s"
L"w" u8"x" main x
""".split()  # noqa: SIM905


def make(seed: int) -> bytes:
    """The input of this seed."""
    rng = random.Random(seed)
    kinds: tuple[Callable[[random.Random], bytes], ...] = (_bytes, _tokens, _tokens, _grammar, _grammar, _garbage)
    return rng.choice(kinds)(rng)


@cache
def programs() -> tuple[str, ...]:
    """The real programs; one that is longer than 20,000 characters is cut at a line."""
    paths = sorted(path for folder in FOLDERS for path in (TESTS / folder).rglob("*.c"))
    return tuple(text for path in paths if len(text := _own_text(path)) > 100)


def _own_text(path: Path) -> str:
    """What the preprocessor makes of the file itself."""
    top = TESTS.parent
    command = ["cc", "-E", "-w", "-D__CPC__=1", f"-I{top}/runtime", f"-isystem{top}/runtime/include", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, errors="surrogateescape")
    lines, own = [], True
    for line in done.stdout.split("\n"):
        if marker := _LINE.match(line):
            own = marker[1] == str(path)
        elif own:
            lines.append(line)
    text = "\n".join(lines)
    return text if len(text) <= 20_000 else text[: text.rindex("\n", 0, 20_000)]


def _encode(text: str) -> bytes:
    return (PRELUDE + text).encode("utf-8", "surrogateescape")


def _bytes(rng: random.Random) -> bytes:
    data = bytearray(_encode(rng.choice(programs())))
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        at = rng.randrange(len(data))
        end = min(len(data), at + rng.choice((1, 1, 2, 8, 40, 400)))
        match rng.randrange(6):
            case 0:
                data[at] ^= 1 << rng.randrange(8)
            case 1:
                data[at] = rng.choice(b"\x00\xff\x80\xc3\"'\\(){}[];,:#@0x.")
            case 2:
                del data[at:end]
            case 3:
                data[at:at] = data[at:end] * rng.choice((1, 2, 50))
            case 4:
                data[at:at] = rng.randbytes(rng.choice((1, 3, 20)))
            case _:
                del data[at:]
        data = data or bytearray(b" ")
    return bytes(data)


def _tokens(rng: random.Random) -> bytes:
    tokens = _TOKEN.findall(rng.choice(programs()))
    other = _TOKEN.findall(rng.choice(programs()))
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8, 30))):
        at = rng.randrange(len(tokens))
        end = at + rng.choice((1, 1, 2, 5, 30))
        start = rng.randrange(len(other))
        match rng.randrange(7):
            case 0:
                del tokens[at:end]
            case 1:
                to = rng.randrange(len(tokens))
                tokens[at], tokens[to] = tokens[to], tokens[at]
            case 2:
                tokens[at] = rng.choice(WORDS)
            case 3:
                tokens[at:at] = [" ", rng.choice(WORDS), " "]
            case 4:
                tokens[at:at] = other[start : start + rng.choice((1, 2, 5, 20, 100))]
            case 5:
                tokens[at:at] = tokens[at:end] * rng.choice((1, 1, 3))
            case _:
                tokens[at] = rng.choice(tokens)
        tokens = tokens or [" "]
    return _encode("".join(tokens))


def _garbage(rng: random.Random) -> bytes:
    match rng.randrange(4):
        case 0:
            return rng.randbytes(rng.choice((0, 1, 10, 1000)))
        case 1:
            return " ".join(rng.choices(WORDS, k=rng.choice((3, 10, 100)))).encode()
        case 2:
            return bytes(rng.choices(b"(){}[];,*&=+-<>?:.'\"\\/ \n\tax01#", k=rng.choice((5, 50, 500))))
        case _:
            template = rng.choice(_REPEATED)
            count = rng.choice((10, 300, 5000, 40_000))
            head, unit, middle, close = (*template, "", "")[:4]
            return f"{head}{unit * count}{middle}{close * count};".encode()


# (before, repeated, between, repeated again); the last statement may lack its end
_REPEATED: tuple[tuple[str, ...], ...] = (
    ("int x = ", "(", "1", ")"),
    ("int x = ", "-", "1"),
    ("int x = ", "1 + ", "1"),
    ("int x = ", "1 ? 2 : ", "3"),
    ("int x = ", "sizeof ", "1"),
    ("int x = ", "(int)", "1"),
    ("int ", "*", "p"),
    ("int ", "(", "p", ")"),
    ("int a", "[2]"),
    ("int f", "(int)"),
    ("struct s ", "{ struct s ", "{ int x; }", "; }"),
    ("int a[] = ", "{", "1", "}"),
    ("int a[] = { ", "1, ", "}"),
    ("void f(void) ", "{", "", "}"),
    ("void f(void) { ", "if (1) ", "; }"),
    ("void f(int i) { ", "while (i) { i--; ", "", "}"),
    ("void f(int i) { ", "switch (i) { case 1: ", "", "}"),
    ("void f(int i) { i", "++", "; }"),
    ("void f(int *p) { int i = ", "*", "p; }"),
    ("int f(int i) { return ", "f(", "i", ")"),
    ("char *s = ", '"a" ', ""),
    ("int ", "abcdefgh", " = 1"),
    ("enum e { ", "A, ", "}"),
    ("int a = ", "9", ""),
    ("double d = ", "9", ".0"),
    ("", "typedef int t; "),
    ("", "int x; "),
    ("", "struct s; ", ""),
    ("", "{ ", ""),
    ("void f(void) { ", "({ 1; ", "", "})"),
    ("void f(void) { ", "typeof(", "int", ") x"),
    ("__attribute__((", "aligned(8), ", ")) int x"),
    ("", "__extension__ ", "int x"),
    ("_Static_assert(1", " + 1", ")"),
)


def _grammar(rng: random.Random) -> bytes:
    return _Grammar(rng).unit().encode()


class _Grammar:
    """Random C by the grammar; types and names are drawn without looking at what they mean."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.depth = 0

    def unit(self) -> str:
        return PRELUDE + "\n".join(self.external() for _ in range(self.rng.choice((1, 3, 8))))

    def one(self, *choices: str) -> str:
        return self.rng.choice(choices)

    def name(self) -> str:
        return self.rng.choice("abcdefghst")

    def number(self) -> str:
        sizes = ("0", "1", "3", "8", "-1", "63", "64", "1000", "1u", "1ll", "2147483648", "0xffffffffffffffffull")
        return self.one(*sizes, "1.5", "1e300", "2.f", "3.L", "1i", "'c'", '"str"', 'L"w"', "1099511627776", "1<<30")

    def type(self) -> str:
        base = ("int", "char", "unsigned long", "float", "double", "long double", "_Bool", "__int128", "void", "size_t")
        deep = self.depth > 3
        match 0 if deep else self.rng.randrange(12):
            case 0 | 1 | 2 | 3 | 4:
                return self.one(*base, "_Complex double", "uint8_t", "va_list", "int64_t", "_Float128", "_BitInt(7)")
            case 5:
                return f"{self.one('struct', 'union')} {self.name()}"
            case 6 | 7:
                return f"{self.one('struct', 'union')} {self.one('', self.name())} {{ {self.members()} }}"
            case 8:
                return f"enum {self.one('', self.name())} {{ {self.name()}1 = {self.expression()}, {self.name()}2 }}"
            case 9:
                return f"{self.one('const', 'volatile', '_Atomic', '_Alignas(16)', 'restrict')} {self.type()}"
            case 10:
                return f"typeof({self.one(self.type(), self.expression())})"
            case _:
                return f"{self.attribute()} {self.type()}"

    def members(self) -> str:
        self.depth += 1
        listed = []
        for _ in range(self.rng.randrange(5)):
            bits = self.one("", "", "", f" : {self.one('0', '1', '7', '33', '64', '-1', self.number())}")
            listed.append(f"{self.type()} {self.one(self.declarator(), self.declarator(), '')}{bits};")
        self.depth -= 1
        return " ".join(listed)

    def attribute(self) -> str:
        value = self.number()
        words = ["packed", f"aligned({value})", "aligned", f"vector_size({value})", "mode(DI)", "mode(TF)", "weak"]
        words += ['section("x")', f'alias("{self.name()}")', "noreturn", f"cleanup({self.name()})"]
        words.append('annotate("coroutine_fn")')
        words += ["transparent_union", "constructor", 'visibility("hidden")', "always_inline", "used", "nonsense(1, x)"]
        return f"__attribute__(({self.one(*words)}))"

    def declarator(self) -> str:
        self.depth += 1
        deep = self.depth > 4
        match 0 if deep else self.rng.randrange(9):
            case 0 | 1 | 2 | 3:
                text = self.name()
            case 4:
                text = f"*{self.one('', 'const ', 'restrict ')}{self.declarator()}"
            case 5 | 6:
                text = f"{self.declarator()}[{self.one('', '2', '0', self.expression(), 'static 3', '*')}]"
            case 7:
                text = f"(*{self.declarator()})({self.parameters()})"
            case _:
                text = f"{self.declarator()}({self.parameters()})"
        self.depth -= 1
        return text

    def parameters(self) -> str:
        listed = [f"{self.type()} {self.one(self.declarator(), '')}" for _ in range(self.rng.randrange(4))]
        return ", ".join(listed) + self.one("", "", ", ...") or self.one("void", "")

    def initializer(self) -> str:
        self.depth += 1
        if self.depth > 4 or self.rng.random() < 0.6:
            text = self.expression()
        else:
            member = f".{self.name()}"
            places = ("", "", "", f"{member} = ", f"[{self.number()}] = ", "[1 ... 5] = ", f"{member}[2].a = ")
            items = [self.one(*places) + self.initializer() for _ in range(self.rng.randrange(4))]
            text = "{ " + ", ".join(items) + " }"
        self.depth -= 1
        return text

    def declaration(self) -> str:
        words = ("", "", "", "static ", "extern ", "typedef ", "inline ", "_Thread_local ", "register ", "auto ")
        storage = self.one(*words)
        initial = self.one("", f" = {self.initializer()}")
        return f"{storage}{self.type()} {self.declarator()}{self.one('', self.attribute())}{initial};"

    def external(self) -> str:
        if self.rng.random() < 0.5:
            return self.declaration()
        head = self.one("", "", "static ", "inline ", 'extern __attribute__((annotate("coroutine_fn"))) ')
        return f"{head}{self.type()} {self.name()}({self.parameters()}) {self.block()}"

    def block(self) -> str:
        return "{ " + " ".join(self.statement() for _ in range(self.rng.randrange(6))) + " }"

    def statement(self) -> str:
        self.depth += 1
        x = self.expression
        deep = self.depth > 4
        match self.rng.randrange(3) if deep else self.rng.randrange(16):
            case 0 | 1 | 2:
                text = f"{x()};"
            case 3 | 4 | 5:
                text = self.declaration()
            case 6:
                text = f"if ({x()}) {self.statement()} else {self.statement()}"
            case 7:
                text = f"for ({self.one(self.declaration(), x() + ';', ';')} {x()}; {x()}) {self.statement()}"
            case 8:
                text = f"{self.one('while', 'switch')} ({x()}) {self.block()}"
            case 9:
                text = f"do {self.statement()} while ({x()});"
            case 10:
                text = f"case {x()}{self.one('', '', ' ... ' + x())}: {self.statement()}"
            case 11:
                jumps = ("break;", "continue;", "default: ;", "return;", f"return {x()};", f"goto {self.name()};")
                text = self.one(*jumps)
            case 12:
                text = f"{self.name()}: {self.statement()}"
            case 13:
                output = self.one("=r", "+m", "=&a", "=@ccz", "q", "")
                operands = f'"{output}"({x()}) : "{self.one("r", "0", "i", "n")}"({x()}) : "memory", "{self.name()}"'
                text = f'asm volatile("{self.one("nop", "mov %1, %0", "%[x]", "%z9")}" : {operands});'
            case 14:
                text = f"goto *{x()};"
            case _:
                text = self.block()
        self.depth -= 1
        return text

    def expression(self) -> str:
        self.depth += 1
        x = self.expression
        deep = self.depth > 5
        match self.rng.randrange(4) if deep else self.rng.randrange(22):
            case 0 | 1:
                text = self.number()
            case 2 | 3:
                text = self.name()
            case 4 | 5 | 6:
                text = f"({x()} {self.one(*'+-*/%&|^<>,', '<<', '>>', '==', '!=', '&&', '||', '<=')} {x()})"
            case 7 | 8:
                text = f"({x()} {self.one('=', '+=', '<<=', '/=', '|=')} {x()})"
            case 9:
                text = f"{self.one('-', '~', '!', '*', '&', '++', '--', '__real__ ', '__imag__ ', '&&')}{x()}"
            case 10:
                text = f"{x()}{self.one('++', '--', '.' + self.name(), '->' + self.name(), f'[{x()}]')}"
            case 11:
                text = f"({self.type()}{self.one('', ' *')})({x()})"
            case 12:
                text = f"({self.type()}{self.one('', ' *', '[]')}){{ {self.initializer()} }}"
            case 13:
                text = f"{x()}({', '.join(x() for _ in range(self.rng.randrange(4)))})"
            case 14:
                text = f"({x()} ? {self.one(x(), '')} : {x()})"
            case 15:
                text = f"{self.one('sizeof', '_Alignof')}({self.one(self.type(), x())})"
            case 16:
                text = f"({self.block()[:-2]} {x()}; }})"
            case 17:
                text = f"_Generic({x()}, {self.type()}: {x()}, default: {x()})"
            case 18:
                text = f"__builtin_offsetof({self.type()}, {self.name()}{self.one('', f'[{x()}]')})"
            case 19:
                text = f"__builtin_va_arg({self.name()}, {self.type()})"
            case _:
                text = f"{self.one(*_CALLED)}({', '.join(x() for _ in range(self.rng.randrange(5)))})"
        self.depth -= 1
        return text


_CALLED = """
__builtin_expect __builtin_clz __builtin_ctzll __builtin_popcount __builtin_bswap32 __builtin_memcpy
__builtin_memset __builtin_strlen __builtin_alloca __builtin_trap __builtin_unreachable __builtin_constant_p
__builtin_choose_expr __builtin_add_overflow __builtin_mul_overflow __builtin_object_size
__builtin_frame_address __builtin_prefetch __builtin_va_start __builtin_va_end __builtin_va_copy
__builtin_shuffle __builtin_isnan __builtin_inf __builtin_complex __builtin_assume_aligned
__builtin_convertvector __builtin_types_compatible_p __builtin_classify_type __atomic_load_n __atomic_store_n
__atomic_exchange __atomic_compare_exchange __atomic_fetch_add __atomic_add_fetch __atomic_thread_fence
__atomic_always_lock_free __sync_fetch_and_add __sync_bool_compare_and_swap __sync_synchronize printf malloc
memcpy abort a b f g
""".split()  # noqa: SIM905
