"""Random calls across compilers: a caller and a callee in two units, compiled by gcc, clang and cpc crosswise.

    python -m tests.exec.abi_programs --count 50 --seed 1 [--keep DIR] [--machine aarch64]

Each seed draws struct and union types (arrays, floats, vectors, bit-fields, packed, over-aligned, empty, nested,
complex, __int128, function pointers) and functions that take and return them: fewer and more than registers hold,
with variable arguments, through pointers and without a prototype.  Objects are filled member by member with
pseudo-random values; whoever receives one prints its members, so that padding is never looked at.  All combinations of
objects must print what gcc alone prints; clang's count where clang and gcc pass things alike.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from cpc.frontend.target import AARCH64, X86_64, Target
from tests.exec.compare import Settings, Verdict, compile_forked

_INTEGERS = (
    "char", "signed char", "unsigned char", "short", "unsigned short", "int", "unsigned", "long", "unsigned long",
    "long long", "_Bool",
)  # fmt: skip
_FLOATS = ("float", "double", "long double")
_COMPLEX = ("_Complex float", "_Complex double", "_Complex long double")
_VECTORS = {"v2f": ("float", 2), "v4f": ("float", 4), "v2d": ("double", 2), "v2i": ("int", 2), "v4i": ("int", 4),
            "v8h": ("short", 8), "v16b": ("signed char", 16), "v2l": ("long", 2), "v1l": ("long", 1)}  # fmt: skip
_PROMOTED = {"char", "signed char", "unsigned char", "short", "unsigned short", "_Bool", "float", "enum tiny"}
_FIELD_BITS = {"char": 8, "unsigned char": 8, "short": 16, "unsigned short": 16, "int": 32, "unsigned": 32,
               "long": 64, "unsigned long": 64, "_Bool": 1, "enum colour": 3}  # fmt: skip
_COUNTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 14)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One scalar of an object: where it is, and its type."""

    path: str
    type: str
    bits: int = 0


@dataclass(frozen=True, slots=True)
class Type:
    name: str
    leaves: tuple[Leaf, ...]
    declaration: str = ""


def _plain(rng: random.Random) -> Type:
    """A type that is no record."""
    kind = rng.random()
    if kind < 0.45:
        name = rng.choice(_INTEGERS)
    elif kind < 0.75:
        name = rng.choice(_FLOATS)
    elif kind < 0.85:
        name = rng.choice(tuple(_VECTORS))
        element, count = _VECTORS[name]
        return Type(name, tuple(Leaf(f"[{k}]", element) for k in range(count)))
    else:
        others = ("__int128", "unsigned __int128", "char *", "function", "enum colour", "enum tiny", "odd_long")
        name = rng.choice((*_COMPLEX, *others))
    return Type(name, (Leaf("", name),))


def _record(rng: random.Random, number: int, known: list[Type]) -> Type:
    """A struct or union; of a union only the first member is looked at."""
    keyword = "union" if rng.random() < 0.15 else "struct"
    size = rng.choice((0, 1, 1, 2, 2, 2, 3, 3, 4, 6, 9))
    lines: list[str] = []
    leaves: list[Leaf] = []
    for i in range(size):
        found, line = _member(rng, f"m{i}", known)
        lines.append(line)
        if keyword == "struct" or i == 0:
            leaves += found
    aligned = rng.choice((2, 8, 16, 16, 32, 64))
    words = [*("",) * 8, " __attribute__((packed))", f" __attribute__((aligned({aligned})))"]
    words.append(f" __attribute__((packed, aligned({aligned})))")
    name = f"{keyword} t{number}"
    return Type(name, tuple(leaves), f"{name} {{ {' '.join(lines)} }}{rng.choice(words)};")


def _member(rng: random.Random, name: str, known: list[Type]) -> tuple[list[Leaf], str]:
    choice = rng.random()
    if choice < 0.17:
        field = rng.choice(tuple(_FIELD_BITS))
        bits = rng.randint(1, _FIELD_BITS[field])
        if rng.random() < 0.2:
            return [], f"{field} : {rng.choice((0, bits))};"
        return [Leaf(f".{name}", field, bits)], f"{field} {name} : {bits};"
    if choice < 0.22:
        inner = [_member(rng, f"{name}{k}", known) for k in range(rng.randint(1, 3))]
        return [leaf for found, _ in inner for leaf in found], f"struct {{ {' '.join(line for _, line in inner)} }};"
    type_ = rng.choice(known) if choice < 0.37 and known else _plain(rng)
    places, suffix = [""], ""
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2))):
        count = rng.randint(1, 3)
        places = [f"{place}[{k}]" for place in places for k in range(count)]
        suffix += f"[{count}]"
    found = [Leaf(f".{name}{place}{leaf.path}", leaf.type, leaf.bits) for place in places for leaf in type_.leaves]
    aligned = "_Alignas(64) " if rng.random() < 0.06 else ""  # _Alignas cannot make an alignment smaller
    return found, f"{aligned}{type_.name} {name}{suffix};"


def _value(rng: random.Random, leaf: Leaf) -> str:
    number = rng.randint(-(1 << 40), 1 << 40) if rng.random() < 0.5 else rng.randint(-100, 100)
    if leaf.type == "char *":
        return f'"{number & 0xFF}"'
    if leaf.type == "function":
        return rng.choice(("twice", "next"))
    if leaf.type.startswith("enum"):
        return f"({leaf.type}){number % min(4, 1 << (leaf.bits or 2))}"
    if "_Complex" in leaf.type:
        return f"{number % 1000}.25 + {rng.randint(0, 99)}.5i"
    if leaf.type in _FLOATS:
        return f"{number % 4096}.5"
    if "128" in leaf.type:
        return f"(({leaf.type}){number}LL << {rng.choice((0, 31, 64))}) + {rng.randint(0, 99)}"
    return f"({leaf.type})({number}LL)"


def _show(leaf: Leaf, expression: str) -> str:
    """A statement that prints one scalar; `p` prints integers, `f` floats."""
    if leaf.type == "char *":
        return f"s({expression});"
    if leaf.type == "function":
        return f"p({expression}(21));"
    if "_Complex" in leaf.type:
        return f"f(__real__ {expression}); f(__imag__ {expression});"
    if leaf.type in _FLOATS:
        return f"f({expression});"
    if "128" in leaf.type:
        return f"p({expression}); p({expression} >> 64);"
    return f"p({expression});"


@dataclass(frozen=True, slots=True)
class Signature:
    """`variadic` counts the last parameters that travel behind the dots; `bare` functions are declared `f()`."""

    name: str
    result: Type
    params: tuple[Type, ...]
    variadic: int
    bare: bool

    def prototype(self) -> str:
        fixed = [f"{t.name} a{i}" for i, t in enumerate(self.params[: len(self.params) - self.variadic])]
        return f"{self.result.name} {self.name}({', '.join(fixed + ['...'] * bool(self.variadic)) or 'void'})"

    def declaration(self) -> str:
        return f"{self.result.name} {self.name}();" if self.bare else f"{self.prototype()};"


def _signature(rng: random.Random, number: int, types: list[Type]) -> Signature:
    def draw() -> Type:
        return rng.choice(types) if rng.random() < 0.55 else _plain(rng)

    params = [draw() for _ in range(rng.choice(_COUNTS))]
    if rng.random() < 0.15:  # all registers of a kind and a little more
        kinds = rng.choice((("long", "int"), ("double", "float"), ("long", "double")))
        params = [Type(name, (Leaf("", name),)) for name in rng.choices(kinds, k=rng.choice((5, 7, 9, 12)))]
        params.insert(rng.randrange(len(params)), draw())
    variadic = rng.randint(0, len(params) - 1) if rng.random() < 0.4 else 0
    bare = not variadic and rng.random() < 0.15
    for i in range(0 if bare else len(params) - variadic - 1, len(params)):
        while (variadic or bare) and params[i].name in _PROMOTED:
            params[i] = draw()
    return Signature(f"call{number}", draw(), tuple(params), variadic, bare)


def _fill(rng: random.Random, type_: Type, variable: str) -> str:
    return " ".join(f"{variable}{leaf.path} = {_value(rng, leaf)};" for leaf in type_.leaves)


def _callee(rng: random.Random, signature: Signature) -> str:
    fixed = len(signature.params) - signature.variadic
    shown = [[_show(leaf, f"a{i}{leaf.path}") for leaf in t.leaves] for i, t in enumerate(signature.params)]
    rest = []
    for i, type_ in enumerate(signature.params[fixed:], fixed):
        rest += [f"{type_.name} a{i} = __builtin_va_arg(ap, {type_.name});", *shown[i]]
    body = [statement for statements in shown[:fixed] for statement in statements]
    helper = ""
    if signature.variadic:
        begin = f"__builtin_va_list ap; __builtin_va_start(ap, a{fixed - 1});"
        if rng.random() < 0.4:  # the list is handed on
            lines = "\n    ".join(rest)
            helper = f"static void rest_{signature.name}(__builtin_va_list ap)\n{{\n    {lines}\n}}\n"
            rest = [f"rest_{signature.name}(ap);"]
        body = [begin, *body, *rest, "__builtin_va_end(ap);"]
    result = f"{signature.result.name} r; {_fill(rng, signature.result, 'r')} return r;"
    return f"{helper}{signature.prototype()}\n{{\n    " + "\n    ".join([*body, result]) + "\n}\n"


def _caller(rng: random.Random, signature: Signature, number: int) -> str:
    lines = []
    for i, type_ in enumerate(signature.params):
        lines.append(f"{type_.name} a{i}; {_fill(rng, type_, f'a{i}')}")
    arguments = ", ".join(f"a{i}" for i in range(len(signature.params)))
    how = rng.choice((signature.name, f"(*pointers.call{number})"))
    lines.append(f"n({number}); {signature.result.name} r = {how}({arguments});")
    lines += [_show(leaf, f"r{leaf.path}") for leaf in signature.result.leaves]
    return f"static void test{number}(void)\n{{\n    " + "\n    ".join(lines) + "\n}\n"


_HEAD = (
    "void n(int test); void p(long v); void f(long double v); void s(const char *v); int twice(int); int next(int);\n"
    "typedef int (*function)(int); typedef long odd_long __attribute__((aligned(4)));\n"
    "enum colour { RED, GREEN, BLUE, GREY }; enum __attribute__((packed)) tiny { A, B, C, D };\n"
) + "".join(
    f"typedef {element} {name} __attribute__((vector_size({count} * sizeof({element}))));\n"
    for name, (element, count) in _VECTORS.items()
)
_PRINTERS = """extern int printf(const char *, ...);
void n(int test) { printf("\\n%d:", test); }
void p(long v) { printf(" %ld", v); }
void f(long double v) { printf(" %.20Lg", v); }
void s(const char *v) { printf(" %s", v); }
int twice(int v) { return 2 * v; }
int next(int v) { return v + 1; }
"""


def generate(seed: int) -> dict[str, str]:
    """The units `caller`, `callee` and `printers`."""
    rng = random.Random(seed)
    types: list[Type] = []
    for i in range(8):
        types.append(_record(rng, i, types))
    signatures = [_signature(rng, i, types) for i in range(8)]
    head = _HEAD + "".join(f"{t.declaration}\n" for t in types)
    declarations = "".join(f"{s.declaration()}\n" for s in signatures)
    table = " ".join(f"__typeof__(&{s.name}) {s.name};" for s in signatures)
    values = ", ".join(s.name for s in signatures)
    caller = f"{head}{declarations}static struct {{ {table} }} pointers = {{{values}}};\n"
    caller += "".join(_caller(rng, s, i) for i, s in enumerate(signatures))
    calls = "".join(f"    test{i}();\n" for i in range(len(signatures)))
    caller += f"int main(void)\n{{\n{calls}    return 0;\n}}\n"
    return {"caller": caller, "callee": head + "".join(_callee(rng, s) for s in signatures), "printers": _PRINTERS}


@dataclass(frozen=True, slots=True)
class Machine:
    """Where objects come from and how they run; the first compiler is the reference and links."""

    target: Target
    compilers: dict[str, tuple[str, ...]]
    runner: tuple[str, ...] = ()


_QUIET = ("-w", "-O1", "-Wno-psabi", "-c")
MACHINES = {
    "x86-64": Machine(X86_64, {"gcc": ("gcc", *_QUIET), "clang": ("clang", *_QUIET)}),
    "aarch64": Machine(
        AARCH64,
        {"gcc": ("aarch64-linux-gnu-gcc", *_QUIET), "clang": ("clang", "--target=aarch64-linux-gnu", *_QUIET)},
        ("qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"),
    ),
}
_PAIRS = (("gcc", "0"), ("0", "gcc"), ("0", "0"), ("gcc", "2"), ("2", "gcc"), ("2", "2"))
_PAIRS_WITH_CLANG = (("clang", "0"), ("2", "clang"))


def check(seed: int, keep: Path | None = None, machine: Machine = MACHINES["x86-64"]) -> Verdict:
    """'same' when every combination prints what the machine's gcc alone prints."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        objects: dict[tuple[str, str], Path] = {}
        for unit, text in generate(seed).items():
            source = folder / f"{unit}.c"
            source.write_text(text, encoding="ascii")
            if keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"abi{seed}_{unit}.c").write_text(text, encoding="ascii")
            for compiler, command in machine.compilers.items():
                objects[compiler, unit] = folder / f"{compiler}_{unit}.o"
                subprocess.run([*command, source, "-o", objects[compiler, unit]], check=True)
            settings = Settings(target=machine.target, front_end_once=True)
            made = compile_forked(source, settings) if unit != "printers" else None
            if made is not None and not made.objects:
                return Verdict("wrong", f"abi seed {seed}: {made.traceback}{made.diagnostics}")
            for level, data in (made.objects if made is not None else {}).items():
                objects[level, unit] = folder / f"cpc{level}_{unit}.o"
                objects[level, unit].write_bytes(data)
        return _compare(seed, folder, objects, machine, not _UNUSUAL.search(generate(seed)["caller"]))


# Unnamed bit-fields and empty records, which gcc and clang pass differently, if not on every stack.
_UNUSUAL = re.compile(r"\b(?!m\d+\b)\w+ : \d+;|\{ *\}")


def _compare(seed: int, folder: Path, objects: dict[tuple[str, str], Path], machine: Machine, usual: bool) -> Verdict:
    def output(caller: str, callee: str) -> str:
        program = folder / "program"
        units = [objects[caller, "caller"], objects[callee, "callee"], objects["gcc", "printers"]]
        subprocess.run([machine.compilers["gcc"][0], *units, "-o", program], check=True)
        done = subprocess.run([*machine.runner, program], capture_output=True, text=True, check=False, timeout=600)
        return f"{done.stdout}\nstatus {done.returncode}"

    expected = output("gcc", "gcc")
    if not expected.endswith("status 0"):
        return Verdict("skipped", f"abi seed {seed}: gcc's own code crashes")  # it loads some __int128 as if aligned
    alike = usual and output("gcc", "clang") == expected == output("clang", "gcc")
    for caller, callee in (*_PAIRS, *(_PAIRS_WITH_CLANG if alike else ())):
        found = output(caller, callee)
        if found != expected:
            pairs = zip(expected.splitlines(), found.splitlines(), strict=False)
            lines = [f"gcc {a}\ngot {b}" for a, b in pairs if a != b][:4]
            return Verdict("wrong", f"abi seed {seed}, {caller} calls {callee}:\n" + "\n".join(lines))
    return Verdict("same", "" if alike else "clang left out")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--machine", choices=MACHINES, default="x86-64")
    arguments = parser.parse_args()
    started = time.monotonic()
    kinds: Counter[str] = Counter()
    for seed in range(arguments.seed, arguments.seed + arguments.count):
        verdict = check(seed, arguments.keep, MACHINES[arguments.machine])
        kinds[verdict.kind] += 1
        kinds[verdict.text if verdict.kind == "same" else ""] += 1
        if verdict.kind != "same":
            print(verdict.text, flush=True)
    shown = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()) if kind)
    print(f"{shown}; {time.monotonic() - started:.0f} s")
    return 1 if kinds["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
