"""Random coroutine programs in C, and the comparison that they exist for.

`generate(seeds)` gives a complete program that prints a trace.  Each seed is a part of it, which `main` runs ROUNDS
times with other choices and `once` one time (`first_rounds` is what that prints).  The coroutines of a part call each
other, recurse, yield at random, and mix every kind of statement around suspension points with locals of all kinds:
integers of all sizes, floats, complex numbers and vectors, structs in registers and in memory, unions, bit-fields,
arrays of fixed and variable length, alloca, atomics, variables whose address is taken, pointers to and into them,
variables with a cleanup; with computed goto, setjmp, Duff's device, variadic and mixed functions, calls through
pointers.  What it prints is determined by C alone: arithmetic is unsigned, loops and recursion run on `fuel`, floats
are kept in range, and no expression has two calls, or a call and a variable that the call might change, unless C says
which comes first.  So any two correct compilers print the same.  (One grammar, read from top to bottom: hence the
length of this file.)

Parts are small, and nine of ten of their statements run: a fault of a compiler is found by many short functions sooner
than by few long ones whose later halves are seldom reached.

    python -m tests.generate.coroutine_programs --count 100 --seed 1        compare gcc and cpc; --show prints one
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

PRELUDE = """\
#include <qemu/coroutine.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef unsigned long u64;
struct small { int a; signed char b; };
struct pair { long x; double d; };
struct floats { float f, g, h; };
struct big { u64 v[5]; short s; double d; };
struct flags { unsigned a : 3; int b : 7; u64 c : 40; };
union number { u64 l; double d; unsigned char c[8]; };
struct extended { long double x; int n; };
typedef int vec4 __attribute__((vector_size(16)));
typedef __int128 wide;
typedef long double ldouble;
typedef _Complex double cdouble;

static u64 g0 = 3, g1 = 5, calls;
static __thread u64 own;
static unsigned choices;
static int fuel, ended, rounds;

static unsigned choose(void)
{
    choices = choices * 1103515245u + 12345u;
    return fuel < -40 ? 7 : choices >> 16 & 7; /* out of fuel: no yields, no loops */
}
static void trace(int id, u64 value) { printf("%d %lx\\n", id, value); }
static u64 bits(double d) { u64 u; memcpy(&u, &d, sizeof u); return u; }
static double norm(double d) { return d > 1e5 || d < -1e5 ? 1.25 : d; }
static void bump(u64 *p) { *p = *p * 3 + 1; }
static void drop(u64 *p) { trace(900, *p); }
static void thrower(jmp_buf env, u64 n) { if (n & 1) { longjmp(env, (int)(n & 6) + 1); } trace(902, n); }

static void coroutine_fn pause_(void) { if (choose() < 3) { qemu_coroutine_yield(); } }
static void coroutine_fn change(u64 *p, int n)
{
    for (int i = 0; i < n; i++) { *p += (u64)i; pause_(); *p ^= 0x55; }
}
static void coroutine_fn co_drop(u64 *p) { pause_(); trace(901, *p); }
static u64 coroutine_mixed_fn mix(u64 x)
{
    if (qemu_in_coroutine()) { pause_(); calls++; } else { calls += 100; }
    return x * 3 + calls;
}
static struct big coroutine_mixed_fn mix_big(struct pair p, ...)
{
    va_list ap;
    struct big b = { { (u64)p.x, 2 }, 3, p.d };
    va_start(ap, p);
    b.v[2] = mix(va_arg(ap, u64));
    b.v[3] = va_arg(ap, u64);
    va_end(ap);
    return b;
}
static u64 coroutine_fn many(const char *f, ...)
{
    va_list ap;
    u64 s = 1;
    va_start(ap, f);
    for (; *f; f++) {
        switch (*f) {
        case 'i': s = s * 7 + (u64)va_arg(ap, int); break;
        case 'l': s = s * 7 + va_arg(ap, u64); break;
        case 'd': s = s * 7 + bits(va_arg(ap, double)); break;
        case 'x': s = s * 7 + (u64)(long)va_arg(ap, ldouble); break;
        case 'w': s = s * 7 + (u64)(va_arg(ap, wide) >> 9); break;
        case 'p': { struct pair p = va_arg(ap, struct pair); s = s * 7 + (u64)p.x + bits(p.d); break; }
        case 'f': { struct floats p = va_arg(ap, struct floats); s = s * 7 + bits(p.f) + bits(p.h); break; }
        case 'b': { struct big p = va_arg(ap, struct big); s = s * 7 + p.v[3] + (u64)p.s; break; }
        }
        pause_();
    }
    va_end(ap);
    return s;
}
static u64 coroutine_fn sum(int n, ...)
{
    va_list ap;
    u64 s = 0;
    va_start(ap, n);
    for (int i = 0; i < n; i++) { s = s * 7 + va_arg(ap, unsigned) + (u64)va_arg(ap, double); }
    va_end(ap);
    pause_();
    return s;
}
"""

INTEGERS = ("signed char", "unsigned char", "short", "unsigned short", "int", "unsigned", "long", "u64", "_Bool")
FLOATS = ("float", "double", "ldouble")
STRUCTS = {
    "struct small": ("(u64)%s.a", "(u64)%s.b"),
    "struct pair": ("(u64)%s.x", "bits(%s.d)"),
    "struct floats": ("bits(%s.f)", "bits(%s.h)"),
    "struct big": ("%s.v[3]", "(u64)%s.s", "bits(%s.d)"),
    "struct flags": ("(u64)%s.a", "(u64)%s.b", "(u64)%s.c"),
    "union number": ("%s.l", "(u64)%s.c[5]"),
    "struct extended": ("(u64)(long)%s.x", "(u64)%s.n"),
    "vec4": ("(u64)%s[1]", "(u64)(%s[3] + 1)"),
    "wide": ("(u64)%s", "(u64)(%s >> 61)"),
    "cdouble": ("bits(__real__ %s)", "bits(__imag__ %s)"),
}
LINKAGES = ("static ",) * 3 + ("", "static inline ", "__attribute__((noinline)) ", "__attribute__((weak)) ")
ROUNDS = 3
TYPES = (*INTEGERS, *INTEGERS, *FLOATS, *STRUCTS, "u64 *")


@dataclass(frozen=True)
class Variable:
    """`shared`: its address is taken, so a call may change it."""

    name: str
    type: str
    shared: bool = False


@dataclass(frozen=True)
class Callee:
    """A coroutine function; the first parameter, the depth of recursion left, is not in `params`."""

    name: str
    result: str
    params: tuple[str, ...]


@dataclass
class Body:
    """One function while it is written."""

    rng: random.Random
    callees: list[Callee]
    own: Callee
    scopes: list[list[Variable]] = field(default_factory=lambda: [[]])
    lines: list[str] = field(default_factory=list)
    indent: int = 1
    names: int = 0
    loops: int = 0
    room: int = 8  # statements left

    # ---- pieces ----

    def line(self, text: str) -> None:
        self.lines.append("    " * self.indent + text)

    def fresh(self, stem: str) -> str:
        self.names += 1
        return f"{stem}{self.names}"

    def variables(self, type_: str | None = None, pure: bool = False) -> list[Variable]:
        every = [v for scope in self.scopes for v in scope]
        return [v for v in every if (type_ is None or v.type == type_) and not (pure and v.shared)]

    def word(self, pure: bool, depth: int = 2) -> str:
        """An expression of type u64 without calls of coroutines; `pure`: without what a call may change."""
        choice = self.rng.randrange(10)
        if choice == 0 or (depth == 0 and choice < 5):
            return f"{self.rng.randrange(1, 200)}ul"
        if depth == 0 or choice < 5:
            found = [v for v in self.variables(pure=pure) if not (pure and v.type == "u64 *")]
            return self.read(self.rng.choice(found)) if found else "(u64)depth"
        a, b = self.word(pure, depth - 1), self.word(pure, depth - 1)
        operator = self.rng.choice(["+", "-", "*", "&", "|", "^", "<", "==", ">>", "/", "?", "&&"])
        match operator:
            case ">>":
                return f"({a} >> {self.rng.randrange(1, 9)})"
            case "/":
                return f"({a} / ({b} | 1))"
            case "?":
                return f"({a} & 1 ? {b} : {self.word(pure, depth - 1)})"
            case "<" | "==" | "&&":
                return f"(u64)({a} {operator} {b})"
        return f"({a} {operator} {b})"

    def read(self, v: Variable) -> str:
        """The variable as a u64."""
        if v.type in STRUCTS:
            return self.rng.choice(STRUCTS[v.type]) % v.name
        if v.type in FLOATS:
            return f"bits({v.name})"
        if v.type == "u64 *":
            return f"*{v.name}"
        if v.type == "array":
            return f"{v.name}[{self.rng.randrange(4)}]"
        if v.type == "variable array":
            return f"{v.name}[{self.rng.randrange(9)} % (sizeof {v.name} / 8)]"
        return f"(u64){v.name}"

    def value(self, type_: str, pure: bool) -> str:
        """An expression of `type_` without calls of coroutines."""
        known = [v.name for v in self.variables(type_, pure)]
        if type_ == "u64 *":
            return self.rng.choice([*known, *(f"&{v.name}" for v in self.variables("u64") if v.shared), "&g0", "&g1"])
        if known and self.rng.randrange(3) == 0:
            return self.rng.choice(known)
        word = self.word(pure)
        match type_:
            case "float" | "double" | "ldouble":
                return f"({type_})norm((double)({word} % 1000) / 8 {self.rng.choice('+-*')} 2.5)"
            case "struct small":
                return f"(struct small){{ (int)({word} % 5000), (signed char)({word} % 100) }}"
            case "struct pair":
                return f"(struct pair){{ .d = (double)({word} % 77), .x = (long)({word} % 9999) }}"
            case "struct floats":
                return f"(struct floats){{ (float)({word} % 50), 0.5f, (float)({word} % 9) }}"
            case "struct flags":
                return f"(struct flags){{ {word} & 7, (int)({word} % 50), .c = {word} & 0xfffffffffful }}"
            case "union number":
                return f"(union number){{ {word} }}"
            case "struct extended":
                return f"(struct extended){{ (long double)({word} % 90) / 3, (int)({word} % 40) }}"
            case "vec4":
                return f"((vec4){{ (int)({word} % 1000), 2, 3, (int)({word} % 77) }} * 3)"
            case "wide":
                return f"((wide)({word}) * 0x123456789abl)"
            case "cdouble":
                return f"((double)({word} % 50) + (double)({word} % 9) * 1.0i)"
            case "struct big":
                return f"(struct big){{ .v = {{ {word}, 2, [3] = {word} }}, .s = (short)({word} % 99), .d = 1.5 }}"
        return f"({type_})({word} % 250)" if type_ == "signed char" else f"({type_})({word})"

    def call(self, result: str | None = None) -> tuple[str, str] | None:
        """(type, text) of a coroutine call; all its arguments are pure."""
        found = [c for c in self.callees if result is None or c.result == result]
        if not found:
            return None
        callee = self.rng.choice(found)
        args = ["depth - 1", *(self.value(type_, pure=True) for type_ in callee.params)]
        if self.rng.randrange(8) == 0:  # a call as the argument of a call
            words = [i for i, type_ in enumerate(callee.params, 1) if type_ in ("u64", "unsigned", "long", "_Bool")]
            if words:
                call = self.rng.choice(("mix(%s)", "sum(1, (unsigned)(%s), 0.5)"))
                args[self.rng.choice(words)] = call % self.word(pure=True)
        name = callee.name
        others = [c for c in self.callees if (c.result, c.params) == (callee.result, callee.params)]
        if self.rng.randrange(4) == 0:
            pointer = self.fresh("call")
            params = ", ".join(("int", *callee.params))
            second = self.rng.choice(others).name
            test = self.word(pure=True, depth=1)
            declared = f"{callee.result} coroutine_fn (*%s)({params})"
            if self.rng.randrange(2):
                self.line(f"{declared % pointer} = {test} & 1 ? {name} : {second};")
                name = pointer
            else:
                table = f"{{ {{ 1, {name} }}, {{ 2, {second} }} }}"
                self.line(f"struct {{ int n; {declared % 'f'}; }} {pointer}[2] = {table};")
                name = f"{pointer}[{test} & 1].f"
        return callee.result, f"{name}({', '.join(args)})"

    def call_word(self) -> str:
        """A coroutine call as a u64, with no other effect in the expression."""
        other = self.rng.randrange(12)
        if other == 0:
            return f"mix({self.word(pure=True)})"
        if other == 1:
            last = f"{self.word(pure=True)}, {self.word(pure=True)}"
            return f"mix_big({self.value('struct pair', True)}, {last}).v[{self.rng.randrange(2, 4)}]"
        if other == 2:
            return self.variadic()
        if other == 3:
            return f"({self.word(pure=True)} & 1 ? {self.call_word()} : {self.call_word()})"
        types = {c.result for c in self.callees if c.result in INTEGERS or c.result == "u64 *"}
        made = self.call(self.rng.choice(sorted(types))) if types else None
        if made is None:
            return f"sum(2, 3u, 1.5, (unsigned)({self.word(pure=True)}), 2.0)"
        return f"*{made[1]}" if made[0] == "u64 *" else f"(u64){made[1]}"

    def variadic(self) -> str:
        kinds = {"i": "int", "l": "u64", "d": "double", "x": "ldouble", "w": "wide", "p": "struct pair",
                 "f": "struct floats", "b": "struct big"}  # fmt: skip
        letters = self.rng.choices(list(kinds), k=self.rng.randrange(1, 9))
        args = ", ".join(self.value(kinds[letter], pure=True) for letter in letters)
        return f'many("{"".join(letters)}", {args})'

    # ---- statements ----

    def declare(self) -> None:
        others = ("array", "u64", "cleanup", "variable array", "alloca", "qualified", "literal", "inside")
        type_ = self.rng.choice((*TYPES, *others))
        name = self.fresh("v")
        if type_ == "variable array":
            self.line(f"u64 {name}[{self.word(False)} % {self.rng.choice((3, 6, 90))} + 1];")
            self.line(f"memset({name}, {self.rng.randrange(5)}, sizeof {name});")
            self.line(f"{name}[sizeof {name} / 8 - 1] = {self.word(False)};")
            self.scopes[-1].append(Variable(name, type_, shared=True))
            self.line(f"bump(&{name}[0]);")
        elif type_ == "alloca":
            self.line(f"u64 *{name} = __builtin_alloca(8 * ({self.word(False)} % 9 + 1));")
            self.line(f"*{name} = {self.word(False)};")
            self.scopes[-1].append(Variable(name, "u64 *", shared=True))
        elif type_ == "literal":
            self.line(f"u64 *{name} = (u64[]){{ {self.word(False)}, {self.word(False)} }} + 1;")
            self.scopes[-1].append(Variable(name, "u64 *", shared=True))
        elif type_ == "inside":
            self.line(f"struct big {name}b = {self.value('struct big', False)};")
            self.line(f"u64 *{name} = &{name}b.v[{self.rng.randrange(5)}];")
            self.scopes[-1] += [Variable(name, "u64 *", shared=True), Variable(f"{name}b", "struct big", shared=True)]
        elif type_ == "qualified":
            self.line(f"{self.rng.choice(('_Atomic', 'volatile'))} u64 {name} = {self.word(False)};")
            self.scopes[-1].append(Variable(name, "qualified"))
        elif type_ == "array":
            self.line(f"u64 {name}[4] = {{ {self.word(False)}, {self.word(False)} }};")
            if self.rng.randrange(2):
                self.line(f"bump(&{name}[1]);")
                self.scopes[-1].append(Variable(name, "array", shared=True))
            else:
                self.scopes[-1].append(Variable(name, "array"))
        elif type_ == "cleanup":
            function = self.rng.choice(("drop", "co_drop"))
            self.line(f"u64 __attribute__((cleanup({function}))) {name} = {self.word(False)};")
            self.scopes[-1].append(Variable(name, "u64", shared=True))
        else:
            self.line(f"{type_}{'' if type_.endswith('*') else ' '}{name} = {self.value(type_, pure=False)};")
            shared = type_ == "u64 *" or (type_ == "u64" and len(self.scopes) == 1 and self.rng.randrange(2) == 0)
            self.scopes[-1].append(Variable(name, type_, shared))

    def assign(self) -> None:
        found = [v for v in self.variables() if v.type != "u64 *" and not v.name.startswith("i")]
        if not found:
            return
        v = self.rng.choice(found)
        made = self.call(v.type) if self.rng.randrange(2) else None
        if made is not None:
            self.line(f"{v.name} = {made[1]};")
        elif v.type == "array":
            self.line(f"{v.name}[{self.word(True)} & 3] = {self.word(False)};")
        elif v.type == "variable array":
            index = f"{self.word(True)} % (sizeof {v.name} / 8)"
            self.line(f"{v.name}[{index}] = {self.rng.choice((self.word(False), self.call_word()))};")
        elif v.type == "qualified":
            self.line(f"{v.name} {self.rng.choice(('=', '+=', '^='))} {self.call_word()};")
        elif v.type == "vec4":
            self.line(f"{v.name}[{self.word(True)} & 3] ^= (int)({self.word(False)} % 5000);")
        elif v.type == "struct flags":
            self.line(f"{v.name}.{self.rng.choice('ac')} += (unsigned){self.call_word()} & 7;")
        elif v.type == "union number":
            self.line(f"{v.name}.c[{self.rng.randrange(8)}] = (unsigned char){self.call_word()};")
        elif v.type == "struct big":
            self.line(f"{v.name}.v[{self.rng.randrange(5)}] += {self.word(False)};")
        elif v.type in INTEGERS and not v.shared and v.type not in ("signed char", "short", "int", "long", "_Bool"):
            self.line(f"{v.name} {self.rng.choice(['+=', '^=', '-='])} ({v.type}){self.call_word()};")
        else:
            self.line(f"{v.name} = {self.value(v.type, pure=False)};")

    def simple(self) -> None:
        match self.rng.randrange(11):
            case 9:
                self.line(f"own = own * 3 + {self.word(False)};")
                self.line(f"pause_(); trace({self.rng.randrange(100)}, own);")
            case 10:
                self.line(f'asm volatile("" : : "r"({self.word(False)}) : "memory");')
            case 0:
                self.line("qemu_coroutine_yield();")
            case 1:
                self.line("pause_();")
            case 2:
                self.line(f"trace({self.rng.randrange(100)}, {self.word(False)});")
            case 3:
                shared = [v.name for v in self.variables("u64") if v.shared] or ["g0"]
                name = self.rng.choice(shared)
                self.line(self.rng.choice([f"bump(&{name});", f"change(&{name}, {self.rng.randrange(4)});"]))
            case 4:
                self.line(f"g{self.rng.randrange(2)} ^= {self.word(False)};")
            case 5:
                temporary = self.fresh("t")
                inside = f"u64 {temporary} = {self.call_word()}; {temporary} + 1;"
                self.line(f"trace({self.rng.randrange(100)}, ({{ {inside} }}));")
            case 6:
                made = self.call()
                if made is not None:
                    self.line(f"(void){made[1]};")
            case 7:
                temporary = self.fresh("t")  # not g0 += call: C does not say whether g0 is read before the call
                self.line(f"u64 {temporary} = {self.word(True)} & 1 ? {self.call_word()} : {self.word(True)};")
                self.line(f"g0 += {temporary};")
            case _:
                self.assign()

    def block(self, *before: str) -> None:
        """Statements in braces; the caller has written what stands before the brace."""
        self.indent += 1
        self.scopes.append([])
        for text in before:
            self.line(text)
        for _ in range(self.rng.randrange(1, 4)):
            self.statement()
        self.scopes.pop()
        self.indent -= 1

    def condition(self) -> str:
        call = self.call_word()
        pure = self.word(pure=True)
        return self.rng.choice([
            f"{pure} & 2", f"({call}) % 3 == 1", f"{pure} & 1 && ({call}) & 1", f"{pure} & 1 || ({call}) & 2",
            f"(pause_(), {pure} & 4)", f"!(({call}) & 1)",
        ])  # fmt: skip

    def branch(self) -> None:
        self.line(f"if ({self.condition()}) {{")
        self.block()
        if self.rng.randrange(2):
            self.line("} else {")
            self.block()
        self.line("}")

    def loop(self) -> None:
        i = self.fresh("i")
        rounds = self.rng.randrange(1, 5)
        self.loops += 1
        kind = self.rng.randrange(3)
        if kind == 0:
            self.line(f"for (int {i} = 0; {i} < {rounds} && fuel-- > 0; {i}++) {{")
            self.scopes.append([Variable(i, "int")])
            self.block(*(["if (choose() == 1) { continue; }"] if self.rng.randrange(3) == 0 else []))
            self.scopes.pop()
            self.line("}")
        elif kind == 1:
            self.line(f"while (fuel-- > 0 && ({self.condition()})) {{")
            self.block("if (choose() == 0) { break; }")
            self.line("}")
        else:
            self.line("do {")
            self.block()
            self.line(f"}} while (fuel-- > 0 && choose() < {rounds});")
        self.loops -= 1

    def switch(self) -> None:
        self.line(f"switch ({self.rng.choice([self.word(True), self.call_word()])} % 5) {{")
        for case in self.rng.choice((("0", "1", "3"), ("4", "2"), ("1 ... 3", "0"))):
            self.line(f"case {case}: {{")
            self.block()
            self.line("    }" + (" break;" if self.rng.randrange(2) else " __attribute__((fallthrough));"))
        self.line("default: {")
        self.block()
        self.line("    }")
        self.line("}")

    def backward(self) -> None:
        """A loop made of goto, with a jump forward out of it."""
        again, out = self.fresh("again"), self.fresh("out")
        self.line(f"{again}:;")
        self.simple()
        self.line(f"if (choose() == 2) {{ goto {out}; }}")
        self.simple_assignment()
        self.line(f"if (fuel-- > 0 && choose() < 3) {{ goto {again}; }}")
        self.line(f"{out}:;")

    def duff(self) -> None:
        """A switch into the middle of a loop."""
        self.line(f"switch ({self.rng.choice([self.word(True), self.call_word()])} % 4) {{")
        self.line("case 0: do {")
        for case in (1, 2, 3):
            self.simple()
            self.line(f"case {case}:;")
        self.simple()
        self.line("} while (fuel-- > 0 && choose() < 3);")
        self.line("}")

    def computed(self) -> None:
        """A jump to one of three labels in a row."""
        labels = [self.fresh("to") for _ in range(3)]
        table = self.fresh("table")
        self.line(f"static void *const {table}[] = {{ {', '.join(f'&&{label}' for label in labels)} }};")
        self.line(f"goto *{table}[{self.word(True)} % 3];")
        for label in labels:
            self.line(f"{label}:;")
            self.simple()

    def jump(self) -> None:
        """setjmp and longjmp between two suspensions."""
        env, seen = self.fresh("env"), self.fresh("seen")
        self.line("{")
        self.line(f"    jmp_buf {env}; volatile u64 {seen} = 0;")
        self.line(f"    if (setjmp({env}) == 0) {{ {seen} = {self.word(False)}; thrower({env}, {self.word(False)}); }}")
        self.line(f"    else {{ {seen} ^= 0xff; }}")
        self.line(f"    trace({self.rng.randrange(100)}, {seen});")
        self.line("}")

    def simple_assignment(self) -> None:
        self.line(f"g1 = g1 * 5 + {self.word(False)};")

    def returns(self) -> None:
        self.line(f"if (choose() == 5) {{ {self.return_()} }}")

    def return_(self) -> str:
        if self.own.result == "void":
            return "return;"
        tail = self.call(self.own.result) if self.rng.randrange(2) and self.indent == 1 else None
        result = tail[1] if tail else self.value(self.own.result, pure=False)
        if self.own.result == "u64 *":
            pointers = [v.name for v in self.scopes[0] if v.type == "u64 *" and v.name.startswith("p")]
            result = tail[1] if tail else self.rng.choice([*pointers, "&g0", "&g1"])
        return f"return {result};"

    def statement(self) -> None:
        self.room -= 1
        simple = self.room <= 0 or self.indent > 3
        choice = self.rng.randrange(4 if simple else 14)
        if choice == 0:
            self.declare()
        elif choice < 5:
            self.simple()
        else:
            [self.branch, self.loop, self.switch, self.backward, self.returns, self.loop, self.duff, self.computed,
             self.jump][choice - 5]()  # fmt: skip


def write_function(rng: random.Random, callees: list[Callee], own: Callee) -> list[str]:
    body = Body(rng, [*callees, own], own, room=rng.choice((1, 2, 3, 4, 5, 14)))
    params = [(type_, f"p{index}") for index, type_ in enumerate(own.params)]
    body.scopes[0] += [
        Variable(name, type_, shared=type_ == "u64 *" or (type_ == "u64" and rng.randrange(2) == 0))
        for type_, name in params
    ]
    declared = ", ".join(["int depth", *(f"{type_} {name}" for type_, name in params)])
    linkage = rng.choice(LINKAGES)
    head = f"{linkage}{own.result} coroutine_fn {own.name}({declared})"
    default = {"void": "return;", "u64 *": "return &g1;"}
    empty = f"return ({own.result}){{ 0 }};"
    body.line(f"if (depth <= 0 || fuel-- <= 0) {{ {default.get(own.result, empty)} }}")
    body.line(f"trace({600 + len(callees)}, (u64)depth);")
    for _ in range(rng.randrange(1, 4)):
        body.declare()
    for _ in range(rng.randrange(1, 4)):
        body.statement()
    body.line(body.return_())
    return [head, "{", *body.lines, "}", ""]


def generate(seeds: Iterable[int]) -> str:
    """The program with the parts of these seeds."""
    lines = [PRELUDE]
    for seed in seeds:
        lines += _part(random.Random(seed), seed)
    calls = " ".join(f"part{seed}();" for seed in seeds)
    lines += [f"static void run(void) {{ {calls} }}", f"int main(void) {{ rounds = {ROUNDS}; run(); return 0; }}"]
    lines += ["int once(void) { rounds = 1; run(); return 0; }", ""]
    return "\n".join(lines)


def first_rounds(trace: str) -> str:
    """What of `main`'s trace `once` prints too."""
    kept, first = [], True
    for line in trace.splitlines(keepends=True):
        if line.startswith(("seed ", "round ")):
            first = not line.startswith("round ") or line == "round 0\n"
        if first:
            kept.append(line)
    return "".join(kept)


def _part(rng: random.Random, seed: int) -> list[str]:
    lines: list[str] = []
    callees: list[Callee] = []
    for index in range(rng.choice((1, 1, 2, 2, 3, 4))):
        result = rng.choice((*TYPES, "void"))
        params = tuple(rng.choice(TYPES) for _ in range(rng.randrange(0, 5)))
        if callees and rng.randrange(3) == 0:  # a twin, for calls through pointers
            result, params = callees[-1].result, callees[-1].params
        own = Callee(f"f{seed}_{index}", result, params)
        lines += write_function(rng, callees, own)
        callees.append(own)
    return [*lines, *_run(rng, seed, callees)]


def _run(rng: random.Random, seed: int, callees: list[Callee]) -> list[str]:
    """Runs several coroutines in turn until all have ended, ROUNDS times with other choices; each function is called
    by one of them at least."""
    lines: list[str] = []
    count = rng.randrange(1, 4)
    for index in range(count):
        name = f"entry{seed}_{index}"
        lines += [f"static void coroutine_fn {name}(void *opaque)", "{", f"    int depth = {rng.randrange(2, 5)};"]
        body = Body(rng, [], Callee("", "void", ()))
        for callee in [*callees[::-1][index::count], rng.choice(callees)]:
            body.callees = [callee]
            if made := body.call():
                body.line(f"(void){made[1]};")
        lines += body.lines
        lines += [f"    trace({800 + index}, g0 ^ g1);", "    ended |= *(int *)opaque;", "}", ""]
    start = f"choices = {rng.randrange(1 << 30)}u + (unsigned)round;"
    lines += [
        f"static void part{seed}(void)",
        "{",
        "    int bit[] = { 1, 2, 4 };",
        f'    printf("seed {seed}\\n");',
        "    for (int round = 0; round < rounds; round++) {",
        f"        Coroutine *co[{count}];",
        "        g0 = 3, g1 = 5, own = calls = 0, fuel = 20, ended = 0;",
        f"        {start}",
        '        printf("round %d\\n", round);',
        *(f"        co[{i}] = qemu_coroutine_create(entry{seed}_{i}, &bit[{i}]);" for i in range(count)),
        f"        for (int n = 0; ended != {(1 << count) - 1}; n++) {{",
        f"            int i = n % {count};",
        "            fuel += n < 20 ? 1 : -8;",
        "            if (!(ended & bit[i])) { qemu_coroutine_enter(co[i]); trace(700 + i, g0); }",
        "        }",
        "    }",
        "}",
        "",
    ]
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description="compare random coroutine programs under gcc and cpc")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--together", type=int, default=25, help="how many make one program")
    parser.add_argument("--show", action="store_true", help="print the program of --seed and stop")
    options = parser.parse_args()
    if options.show:
        print(generate([options.seed]))
        return 0
    from tests.generate.compare import compare

    failed = 0
    seeds = range(options.seed, options.seed + options.count)
    for first in seeds[:: options.together]:
        batch = range(first, min(first + options.together, seeds.stop))
        if compare(batch):  # again one by one: which, and whether it is so alone
            for seed in batch:
                if fault := compare([seed]):
                    failed += 1
                    print(f"seed {seed}: {fault}", flush=True)
    print(f"{options.count - failed} of {options.count} programs agree")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
