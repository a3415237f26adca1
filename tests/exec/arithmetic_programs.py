"""Random arithmetic: what gcc -O0 computes is what cpc -O0 and -O2 compute.

    python -m tests.exec.arithmetic_programs --count 100 --seed 1 [--keep DIR] [--show SEED]

csmith calls a helper for every operation that could be undefined, which hides plain operators from a compiler.  Here
operands are kept in range by what is around them instead (`(a >> 1) + (b >> 1)`, `c << (n & 31)`, `d | 1` below a
division), so that operators of all integer types, __int128 and bit-fields among them, meet each other and floats
directly.  Nothing is undefined: gcc's sanitizer is silent (--sanitize).  Functions have no effects but on a sum of all
that they saw, so the order of evaluation does not matter; loops have a fixed number of rounds.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.exec.compare import Settings, Verdict, compare
from tests.exec.reduce_program import reduced

SETTINGS = Settings(seconds=2, front_end_once=True)


@dataclass(frozen=True, slots=True)
class Type:
    """An arithmetic type; `bits` is 0 for floats."""

    name: str
    bits: int
    signed: bool = True

    @property
    def promoted(self) -> Type:
        return INT if self.bits and self.bits < 32 else self


BOOL = Type("_Bool", 1, False)
CHAR, UCHAR = Type("signed char", 8), Type("unsigned char", 8, False)
SHORT, USHORT = Type("short", 16), Type("unsigned short", 16, False)
INT, UINT = Type("int", 32), Type("unsigned", 32, False)
LONG, ULONG = Type("long", 64), Type("unsigned long", 64, False)
HUGE, UHUGE = Type("__int128", 128), Type("unsigned __int128", 128, False)
FLOAT, DOUBLE, LDOUBLE = Type("float", 0), Type("double", 0), Type("long double", 0)
INTEGERS = (BOOL, CHAR, UCHAR, SHORT, USHORT, INT, INT, UINT, UINT, LONG, LONG, ULONG, ULONG, HUGE, UHUGE)
FLOATS = (FLOAT, DOUBLE, DOUBLE, LDOUBLE)
UNSIGNED = {INT: UINT, LONG: ULONG, HUGE: UHUGE}


def finite(a: Value, b: Value) -> tuple[Value, Value]:
    """Operands of an operator, `float` and `unsigned __int128` apart: the largest of these become infinite (6.3.1.4p2
    leaves it undefined), and gcc takes no converted integer for infinite where it folds."""
    if {a.type, b.type} != {FLOAT, UHUGE}:
        return a, b
    first, second = (Value(f"((double){v.text})", DOUBLE) if v.type == UHUGE else v for v in (a, b))
    return first, second


def common(a: Type, b: Type) -> Type:
    """The type of `a + b` (6.3.1.8)."""
    a, b = a.promoted, b.promoted
    if not a.bits or not b.bits:
        return max((t for t in (a, b) if not t.bits), key=FLOATS.index)
    if a.bits != b.bits:
        return a if a.bits > b.bits else b
    return b if a.signed else a


@dataclass(frozen=True, slots=True)
class Value:
    text: str
    type: Type


PRELUDE = """extern int printf(const char *, ...);
struct fields { signed a : 3; unsigned b : 7; long c : 33; unsigned long d : 50; short e : 16; _Bool f : 1;
    int g : 31; };
struct __attribute__((packed)) tight { unsigned char a : 1; int b : 21; unsigned long c : 64; short d : 9; };
static unsigned long seen;
static void see(long v) { seen += (v ^ 0x5bd1e995) * 0x9e3779b97f4a7c15u; }
static void see_huge(__int128 v) { see((long)(v >> 64)); see((long)v ^ 77); }
static void see_float(long double v) { see(v != v ? 3 : v > 1e15 ? 5 : v < -1e15 ? 7 : (long)(v * 1000)); }
static void show(void) { printf("%lx\\n", seen); }
"""
FIELDS = {"a": Type("", 3), "b": Type("", 7, False), "c": Type("", 33), "d": Type("", 50, False), "e": Type("", 16),
          "f": Type("", 1, False), "g": Type("", 31)}  # fmt: skip
TIGHT = {"a": Type("", 1, False), "b": Type("", 21), "c": Type("", 64, False), "d": Type("", 9)}
_MATHS = {"__builtin_popcount": UINT, "__builtin_popcountl": ULONG, "__builtin_bswap32": UINT, "__builtin_ffsl": LONG,
          "__builtin_bswap64": ULONG, "__builtin_parity": UINT, "__builtin_bswap16": USHORT}  # fmt: skip
_RESULTS = {"__builtin_bswap32": UINT, "__builtin_bswap64": ULONG, "__builtin_bswap16": USHORT}


class Generator:
    """One program.  `variables` are those in scope; the names of `kept` ones are not assigned to."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.functions: list[tuple[str, Type, list[Type]]] = []
        self.variables: list[Value] = []
        self.kept: set[str] = set()
        self.names = 0
        self.rounds = 1

    def program(self) -> str:
        parts = [PRELUDE, *(self.global_() for _ in range(self.rng.randint(4, 10)))]
        parts += [self.function() for _ in range(self.rng.randint(2, 5))]
        calls = []
        for name, result, params in self.functions:
            for _ in range(3):
                calls.append(
                    self.shown(Value(f"{name}({', '.join(self.constant(p) for p in params)})", result)) + " show();"
                )
        return "\n".join([*parts, "int main(void) {", *calls, "return 0; }"]) + "\n"

    def name(self, stem: str) -> str:
        self.names += 1
        return f"{stem}{self.names}"

    def draw(self, *, floats: bool = True) -> Type:
        return self.rng.choice(FLOATS if floats and self.rng.random() < 0.2 else INTEGERS)

    # -- declarations --

    def global_(self) -> str:
        type_, name = self.draw(), self.name("g")
        words = self.rng.choice(("static ", "static const ", "static volatile ", ""))
        self.kept.add(name)  # functions have no effects
        if self.rng.random() < 0.25:
            self.variables += [Value(f"{name}[{k}]", type_) for k in range(4)]
            self.kept |= {f"{name}[{k}]" for k in range(4)}
            return f"{words}{type_.name} {name}[4] = {{ {', '.join(self.constant(type_) for _ in range(4))} }};"
        self.variables.append(Value(name, type_))
        return f"{words}{type_.name} {name} = {self.constant(type_)};"

    def constant(self, type_: Type) -> str:
        """A value of the type, often at its ends."""
        if not type_.bits:
            return self.rng.choice(("0.0", "-1.5", "3.25e9", "1e-3", "-7.0", "16777217.0", "1e30"))
        if type_.bits == 128:
            high, low = self.constant(LONG), self.constant(ULONG)
            return (
                f"((({type_.name}){high} << 32) ^ {low})" if type_.signed is False else f"({low} - ((__int128)1 << 90))"
            )
        least = -(1 << (type_.bits - 1)) if type_.signed else 0
        most = least + (1 << type_.bits) - 1
        number = self.rng.choice((least, most, 0, 1, most // 2, max(least, -1), self.rng.randint(least, most)))
        if number == -(1 << 63):
            return "(-9223372036854775807l - 1)"
        suffix = ("l" if type_.signed else "ul") if type_.bits == 64 else ""
        return f"({number}{suffix})" if number < 0 else f"{number}{suffix}"

    def function(self) -> str:
        outer, self.rounds = list(self.variables), 1
        name, result = self.name("f"), self.draw()
        params = [self.draw() for _ in range(self.rng.randint(1, 5))]
        named = [Value(self.name("p"), type_) for type_ in params]
        self.variables += named
        body = ["struct fields s = { 1, 2, 3, 4, 5, 1, 7 }; struct tight t = { 1, -2, 3, -4 };"]
        self.variables += [Value(f"s.{field}", type_) for field, type_ in FIELDS.items()]
        self.variables += [Value(f"t.{field}", type_) for field, type_ in TIGHT.items()]
        body += [self.statement(2) for _ in range(self.rng.randint(4, 12))]
        ends = [v for v in self.variables if v.text not in self.kept]
        body += [self.shown(v) for v in self.rng.sample(ends, min(8, len(ends)))]
        body.append(f"return {self.given(self.expression(3), result)};")
        listed = ", ".join(f"{v.type.name} {v.text}" for v in named)
        self.variables = outer
        self.functions.append((name, result, params))
        head = self.rng.choice(("static ", "", "static inline ", "__attribute__((noinline)) static "))
        return f"{head}{result.name} {name}({listed})\n{{\n    " + "\n    ".join(body) + "\n}"

    def shown(self, value: Value) -> str:
        how = "see_float" if not value.type.bits else "see_huge" if value.type.bits == 128 else "see"
        return f"{how}({value.text});"

    # -- statements --

    def statement(self, depth: int) -> str:
        match self.rng.randrange(10 if depth else 5):
            case 0 | 1:
                type_, name = self.draw(), self.name("v")
                text = f"{type_.name} {name} = {self.given(self.expression(3), type_)};"
                self.variables.append(Value(name, type_))
                return text
            case 2 | 3 | 4:
                return self.assignment()
            case 5 | 6:
                return f"if ({self.condition(2)}) {self.block(depth)} else {self.block(depth)}"
            case 7:
                return self.switch(depth)
            case _:
                return self.loop(depth)

    def block(self, depth: int) -> str:
        before = len(self.variables)
        text = " ".join(self.statement(depth - 1) for _ in range(self.rng.randint(1, 3)))
        del self.variables[before:]
        return f"{{ {text} }}"

    def loop(self, depth: int) -> str:
        rounds = self.rng.choice((1, 3, 8, 17))
        if self.rounds * rounds > 500:
            return self.assignment()
        outer, self.rounds = self.rounds, self.rounds * rounds
        type_, name = self.rng.choice((INT, UINT, LONG, UCHAR, SHORT)), self.name("i")
        self.variables.append(Value(name, type_))
        self.kept.add(name)
        body = self.block(depth)
        self.variables.remove(Value(name, type_))
        self.rounds = outer
        down = self.rng.random() < 0.3
        steps = f"{name} = {rounds}; {name} > 0; {name}--" if down else f"{name} = 0; {name} < {rounds}; {name}++"
        return f"for ({type_.name} {steps}) {body}"

    def switch(self, depth: int) -> str:
        labels = self.rng.sample(range(8), 3)
        cases = " ".join(f"case {k}: {self.block(depth)} {self.rng.choice(('break;', ''))}" for k in labels)
        return f"switch ({self.integer(2).text} & 7) {{ {cases} default: {self.block(depth)} }}"

    def assignment(self) -> str:
        targets = [v for v in self.variables if v.text not in self.kept]
        to = self.rng.choice(targets)
        value = self.expression(3)
        if not to.type.bits or self.rng.random() < 0.4:
            return f"{to.text} = {self.given(value, to.type)};"
        narrow = to.type.bits < 32
        if self.rng.random() < 0.2 and (narrow or not to.type.signed):
            return f"{to.text}{self.rng.choice(('++', '--'))};"  # a narrow one is promoted, then converted
        operator = self.rng.choice("&|^")
        right = self.integer(3)
        if not to.type.signed or narrow:
            operator = self.rng.choice(("&", "|", "^", "+", "-", "*", "<<", ">>", "/", "%"))
        if operator in ("<<", ">>"):
            limit = to.type.promoted.bits - 1 if operator == ">>" or not to.type.promoted.signed else 7
            if operator == "<<" and to.type.signed:
                operator = ">>"
            return f"{to.text} {operator}= ({right.text} & {limit});"
        if operator in "/%":
            # a signed divisor cannot be -1: a narrow dividend has no overflow, but a wide one might
            return f"{to.text} {operator}= (({right.text} & 1023) | 1);"
        if operator in "+-*" and common(to.type, right.type).signed:
            return f"{to.text} {operator}= ({right.text} & 255);" if narrow else f"{to.text} ^= {right.text};"
        return f"{to.text} {operator}= {right.text};"

    # -- expressions --

    def condition(self, depth: int) -> str:
        if depth and self.rng.random() < 0.3:
            return f"({self.condition(depth - 1)} {self.rng.choice(('&&', '||'))} {self.condition(depth - 1)})"
        left, right = self.expression(depth), self.expression(depth)
        return f"({left.text} {self.rng.choice(('<', '<=', '>', '>=', '==', '!='))} {right.text})"

    def integer(self, depth: int) -> Value:
        value = self.expression(depth)
        return value if value.type.bits else self.converted(value, self.draw(floats=False))

    def given(self, value: Value, type_: Type) -> str:
        """The value where C converts it to the type by itself."""
        if self.rng.random() < 0.7 and (value.type.bits or not type_.bits or type_ == BOOL):
            return value.text
        return self.converted(value, type_).text

    def converted(self, value: Value, type_: Type) -> Value:
        """The value as one of the type: floats that no integer can hold are replaced."""
        if value.type.bits or not type_.bits or type_ == BOOL:
            return Value(f"(({type_.name}){value.text})" if type_.name else value.text, type_)
        least, most = (-100, 100) if type_.signed and type_.bits >= 8 else (0, 100) if type_.bits >= 8 else (0, 1)
        inside = f"{value.text} >= {least} && {value.text} <= {most}"
        return Value(f"({inside} ? ({type_.name or 'int'}){value.text} : 1)", type_.promoted if type_.name else INT)

    def leaf(self) -> Value:
        if self.rng.random() < 0.3 or not self.variables:
            type_ = self.draw()
            return Value(f"(({type_.name}){self.constant(type_)})", type_)
        value = self.rng.choice(self.variables)
        # gcc gives a wide bit-field a type of its own width; the cast makes it the same for every compiler
        if not value.type.name and value.type.bits > 32:
            return Value(f"((long){value.text})", LONG)
        return value if value.type.name else Value(value.text, INT)

    def expression(self, depth: int) -> Value:
        if not depth or self.rng.random() < 0.15:
            return self.leaf()
        match self.rng.randrange(14):
            case 0 | 1 | 2:
                return self.sum(depth)
            case 3:
                return self.quotient(depth)
            case 4 | 5:
                left, right = self.integer(depth - 1), self.integer(depth - 1)
                operator = self.rng.choice("&|^")
                return Value(f"({left.text} {operator} {right.text})", common(left.type, right.type))
            case 6 | 7:
                return self.shift(depth)
            case 8:
                return Value(self.condition(depth - 1), INT)
            case 9:
                yes, no = self.expression(depth - 1), self.expression(depth - 1)
                return Value(f"({self.condition(depth - 1)} ? {yes.text} : {no.text})", common(yes.type, no.type))
            case 10:
                return self.converted_to_any(depth)
            case 11:
                return self.unary(depth)
            case 12:
                return self.builtin(depth)
            case _:
                return self.call(depth)

    def converted_to_any(self, depth: int) -> Value:
        type_ = self.draw()
        value = self.converted(self.expression(depth - 1), type_)
        return Value(f"(({type_.name}){value.text})", type_)

    def sum(self, depth: int) -> Value:
        left, right = finite(self.expression(depth - 1), self.expression(depth - 1))
        type_, operator = common(left.type, right.type), self.rng.choice("+-*")
        if not type_.bits:
            return Value(f"({left.text} {operator} {right.text})", type_)
        if not type_.signed:
            return Value(f"({left.text} {operator} {right.text})", type_)
        if self.rng.random() < 0.3:
            wide = UNSIGNED[type_].name
            return Value(f"(({type_.name})(({wide}){left.text} {operator} {right.text}))", type_)
        by = type_.bits // 2 if operator == "*" else 1
        cast = f"({type_.name})"  # or a narrower operand would be shifted by too much
        return Value(f"(({cast}{left.text} >> {by}) {operator} ({cast}{right.text} >> {by}))", type_)

    def quotient(self, depth: int) -> Value:
        left, right = finite(self.expression(depth - 1), self.expression(depth - 1))
        type_ = common(left.type, right.type)
        if not type_.bits:
            return Value(f"({left.text} / {right.text})", type_)
        operator = self.rng.choice("/%")
        if not type_.signed:
            return Value(f"({left.text} {operator} ({right.text} | 1))", type_)
        return Value(f"((({type_.name}){left.text} >> 1) {operator} ({right.text} | 1))", type_)

    def shift(self, depth: int) -> Value:
        left, right = self.integer(depth - 1), self.integer(depth - 1)
        type_ = left.type.promoted
        if type_.signed and self.rng.random() < 0.5:
            return Value(f"(({left.text} & 255) << ({right.text} & 7))", type_)
        operator = ">>" if type_.signed else self.rng.choice(("<<", ">>"))
        return Value(f"({left.text} {operator} ({right.text} & {type_.bits - 1}))", type_)

    def unary(self, depth: int) -> Value:
        value = self.expression(depth - 1)
        type_ = value.type.promoted
        if self.rng.random() < 0.2:
            return Value(f"(!{value.text})", INT)
        if not type_.bits:
            return Value(f"(-{value.text})", type_)
        if self.rng.random() < 0.5:
            return Value(f"(~{value.text})", type_)
        return Value(f"(-({value.text} >> 1))" if type_.signed else f"(-{value.text})", type_)

    def builtin(self, depth: int) -> Value:
        if self.rng.random() < 0.5:
            name = self.rng.choice(tuple(_MATHS))
            value = self.converted(self.integer(depth - 1), _MATHS[name])
            return Value(f"{name}({value.text})", _RESULTS.get(name, INT))
        if self.rng.random() < 0.3:
            name, type_ = self.rng.choice((("clz", UINT), ("ctz", UINT), ("clzl", ULONG), ("ctzl", ULONG)))
            return Value(f"__builtin_{name}(({type_.name}){self.integer(depth - 1).text} | 1)", INT)
        left, right = self.integer(depth - 1), self.integer(depth - 1)
        type_ = self.rng.choice([t for t in INTEGERS if t != BOOL])
        name = self.rng.choice(("add", "sub", "mul"))
        call = f"__builtin_{name}_overflow({left.text}, {right.text}, &r)"
        result = self.rng.choice((f"r ^ {call}", f"{call} ? 3 : r"))
        declared = "r; _Bool o = " + call + "; " + ("r ^ o" if result.startswith("r") else "o ? 3 : r")
        return Value(f"({{ {type_.name} {declared}; }})", type_.promoted)

    def call(self, depth: int) -> Value:
        if not self.functions or self.rounds > 20:
            return self.leaf()
        name, result, params = self.rng.choice(self.functions)
        self.rounds *= 20  # calls of calls in loops would take long
        arguments = ", ".join(self.given(self.expression(min(1, depth - 1)), p) for p in params)
        self.rounds //= 20
        return Value(f"{name}({arguments})", result)


def generate(seed: int) -> str:
    return Generator(seed).program()


def check(seed: int, keep: Path | None = None) -> Verdict:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "program.i")
        source.write_text(generate(seed), encoding="ascii")
        verdict = compare(source, SETTINGS)
        if verdict.kind in ("wrong", "refused"):
            verdict = Verdict("wrong", f"arithmetic seed {seed}: {verdict.text}")
            if keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"arithmetic{seed}.c").write_text(generate(seed), encoding="ascii")
                (keep / f"reduced{seed}.c").write_text(reduced(source, SETTINGS), encoding="ascii")
        return verdict


def sanitized(seed: int) -> Verdict:
    """'same' when gcc's sanitizer finds nothing undefined."""
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder, "program.c"), Path(folder, "program")
        source.write_text(generate(seed), encoding="ascii")
        command = ["gcc", "-w", "-fsanitize=undefined,float-cast-overflow", "-fno-sanitize-recover=all"]
        subprocess.run([*command, source, "-o", program], check=True)
        done = subprocess.run([program], capture_output=True, text=True, check=False)
        return Verdict("wrong", f"{seed}: {done.stderr}") if done.returncode else Verdict("same")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for faulty programs")
    parser.add_argument("--show", type=int, metavar="SEED", help="write the program of a seed and end")
    parser.add_argument("--sanitize", action="store_true", help="look for undefined behaviour instead")
    arguments = parser.parse_args()
    if arguments.show is not None:
        sys.stdout.write(generate(arguments.show))
        return 0
    started = time.monotonic()
    kinds: Counter[str] = Counter()
    for seed in range(arguments.seed, arguments.seed + arguments.count):
        verdict = sanitized(seed) if arguments.sanitize else check(seed, arguments.keep)
        kinds[verdict.kind] += 1
        if verdict.kind != "same":
            print(f"{seed}: {verdict.kind}: {verdict.text}", flush=True)
    shown = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    print(f"{shown}; {time.monotonic() - started:.0f} s")
    return 1 if kinds["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
