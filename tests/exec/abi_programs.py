"""Random calls across compilers: a caller and a callee in two units, compiled by gcc and by cpc crosswise.

    python -m tests.exec.abi_programs --count 50 --seed 1 [--keep DIR]

Each seed draws struct and union types (arrays, floats, bit-fields, packed, over-aligned, nested, complex, __int128)
and functions that take and return them, with variable arguments too.  Objects are filled member by member with
pseudo-random values; whoever receives one prints its members, so that padding is never looked at.  All four
combinations of objects must print what gcc alone prints.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.exec.compare import Settings, Verdict, compile_forked

_INTEGERS = (
    "char", "signed char", "unsigned char", "short", "unsigned short", "int", "unsigned", "long", "unsigned long",
    "long long", "_Bool",
)  # fmt: skip
_FLOATS = ("float", "double", "long double")
_COMPLEX = ("_Complex float", "_Complex double", "_Complex long double")
_PROMOTED = {"char", "signed char", "unsigned char", "short", "unsigned short", "_Bool", "float"}
_FIELD_BITS = {"char": 8, "unsigned char": 8, "short": 16, "unsigned short": 16, "int": 32, "unsigned": 32,
               "long": 64, "unsigned long": 64}  # fmt: skip
GCC = ("gcc", "-w", "-O1", "-Wno-psabi", "-c")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One scalar of an object: where it is, and its type ('' for a pointer)."""

    path: str
    type: str
    bits: int = 0


@dataclass(frozen=True, slots=True)
class Type:
    name: str
    leaves: tuple[Leaf, ...]
    declaration: str = ""


def _scalar(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.5:
        return rng.choice(_INTEGERS)
    if kind < 0.85:
        return rng.choice(_FLOATS)
    return rng.choice((*_COMPLEX, "__int128", "unsigned __int128", "char *"))


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
    attributes = rng.choice(("",) * 8 + (" __attribute__((packed))", " __attribute__((aligned(16)))"))
    name = f"{keyword} t{number}"
    return Type(name, tuple(leaves), f"{name} {{ {' '.join(lines)} }}{attributes};")


def _member(rng: random.Random, name: str, known: list[Type]) -> tuple[list[Leaf], str]:
    choice = rng.random()
    if choice < 0.15:
        type_ = rng.choice(tuple(_FIELD_BITS))
        bits = rng.randint(1, _FIELD_BITS[type_])
        return [Leaf(f".{name}", type_, bits)], f"{type_} {name} : {bits};"
    if choice < 0.3 and known:
        inner = rng.choice(known)
        return [Leaf(f".{name}{leaf.path}", leaf.type, leaf.bits) for leaf in inner.leaves], f"{inner.name} {name};"
    type_ = _scalar(rng)
    if choice < 0.5:
        count = rng.randint(1, 4)
        return [Leaf(f".{name}[{k}]", type_) for k in range(count)], f"{type_} {name}[{count}];"
    return [Leaf(f".{name}", type_)], f"{type_} {name};"


def _value(rng: random.Random, leaf: Leaf) -> str:
    number = rng.randint(-(1 << 40), 1 << 40) if rng.random() < 0.5 else rng.randint(-100, 100)
    if leaf.type == "char *":
        return f'"{number & 0xFF}"'
    if "_Complex" in leaf.type:
        return f"{number % 1000}.25 + {rng.randint(0, 99)}.5i"
    if leaf.type in _FLOATS:
        return f"{number % 4096}.5"
    return f"({leaf.type})({number}LL)"


def _show(leaf: Leaf, expression: str) -> str:
    """A statement that prints one scalar; `p` prints integers, `f` floats."""
    if leaf.type == "char *":
        return f"s({expression});"
    if "_Complex" in leaf.type:
        return f"f(__real__ {expression}); f(__imag__ {expression});"
    if leaf.type in _FLOATS:
        return f"f({expression});"
    if "128" in leaf.type:
        return f"p({expression}); p({expression} >> 64);"
    return f"p({expression});"


@dataclass(frozen=True, slots=True)
class Signature:
    """`variadic` counts the last parameters that travel behind the dots."""

    name: str
    result: Type
    params: tuple[Type, ...]
    variadic: int

    def prototype(self) -> str:
        fixed = [f"{t.name} a{i}" for i, t in enumerate(self.params[: len(self.params) - self.variadic])]
        return f"{self.result.name} {self.name}({', '.join(fixed + ['...'] * bool(self.variadic)) or 'void'})"


def _signature(rng: random.Random, number: int, types: list[Type]) -> Signature:
    def draw() -> Type:
        if rng.random() < 0.6:
            return rng.choice(types)
        name = _scalar(rng)
        return Type(name, (Leaf("", name),))

    params = [draw() for _ in range(rng.choice((1, 2, 3, 4, 6, 9, 14)))]
    variadic = rng.randint(0, len(params) - 1) if rng.random() < 0.4 else 0
    for i in range(len(params) - variadic - 1, len(params)):
        while variadic and params[i].name in _PROMOTED:
            params[i] = draw()
    return Signature(f"call{number}", draw(), tuple(params), variadic)


def _fill(rng: random.Random, type_: Type, variable: str) -> str:
    return " ".join(f"{variable}{leaf.path} = {_value(rng, leaf)};" for leaf in type_.leaves)


def _callee(rng: random.Random, signature: Signature) -> str:
    fixed = len(signature.params) - signature.variadic
    body: list[str] = []
    if signature.variadic:
        body.append(f"__builtin_va_list ap; __builtin_va_start(ap, a{fixed - 1});")
    for i, type_ in enumerate(signature.params):
        if i >= fixed:
            body.append(f"{type_.name} a{i} = __builtin_va_arg(ap, {type_.name});")
        body += [_show(leaf, f"a{i}{leaf.path}") for leaf in type_.leaves]
    result = f"{signature.result.name} r; {_fill(rng, signature.result, 'r')} return r;"
    return f"{signature.prototype()}\n{{\n    " + "\n    ".join([*body, result]) + "\n}\n"


def _caller(rng: random.Random, signature: Signature, number: int) -> str:
    lines = []
    for i, type_ in enumerate(signature.params):
        lines.append(f"{type_.name} a{i}; {_fill(rng, type_, f'a{i}')}")
    arguments = ", ".join(f"a{i}" for i in range(len(signature.params)))
    how = rng.choice((signature.name, f"(*pointers.call{number})"))
    lines.append(f"n({number}); {signature.result.name} r = {how}({arguments});")
    lines += [_show(leaf, f"r{leaf.path}") for leaf in signature.result.leaves]
    return f"static void test{number}(void)\n{{\n    " + "\n    ".join(lines) + "\n}\n"


_PRINTERS = """void n(int test); void p(long v); void f(long double v); void s(const char *v);
"""
_PRINTER_BODIES = """extern int printf(const char *, ...);
void n(int test) { printf("\\n%d:", test); }
void p(long v) { printf(" %ld", v); }
void f(long double v) { printf(" %.20Lg", v); }
void s(const char *v) { printf(" %s", v); }
"""


def generate(seed: int) -> tuple[str, str, str]:
    """(caller, callee, printers): three units."""
    rng = random.Random(seed)
    types: list[Type] = []
    for i in range(8):
        types.append(_record(rng, i, types))
    signatures = [_signature(rng, i, types) for i in range(8)]
    head = _PRINTERS + "".join(f"{t.declaration}\n" for t in types)
    head += "".join(f"{s.prototype()};\n" for s in signatures)
    table = " ".join(f"__typeof__(&{s.name}) {s.name};" for s in signatures)
    values = ", ".join(s.name for s in signatures)
    caller = f"{head}static struct {{ {table} }} pointers = {{{values}}};\n"
    caller += "".join(_caller(rng, s, i) for i, s in enumerate(signatures))
    calls = "".join(f"    test{i}();\n" for i in range(len(signatures)))
    caller += f"int main(void)\n{{\n{calls}    return 0;\n}}\n"
    return caller, head + "".join(_callee(rng, s) for s in signatures), _PRINTER_BODIES


def check(seed: int, keep: Path | None = None) -> Verdict:
    """'same' when every combination prints what gcc alone prints."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        objects: dict[tuple[str, str], Path] = {}
        for unit, text in zip(("caller", "callee", "printers"), generate(seed), strict=True):
            source = folder / f"{unit}.c"
            source.write_text(text, encoding="ascii")
            if keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"abi{seed}_{unit}.c").write_text(text, encoding="ascii")
            objects["gcc", unit] = folder / f"gcc_{unit}.o"
            subprocess.run([*GCC, source, "-o", objects["gcc", unit]], check=True)
            made = compile_forked(source, Settings()) if unit != "printers" else None
            if made is not None and not made.objects:
                return Verdict("wrong", f"abi seed {seed}: {made.traceback}{made.diagnostics}")
            for level, data in (made.objects if made is not None else {}).items():
                objects[level, unit] = folder / f"cpc{level}_{unit}.o"
                objects[level, unit].write_bytes(data)
        expected = _run(folder, objects, "gcc", "gcc")
        for caller, callee in (("gcc", "0"), ("0", "gcc"), ("0", "0"), ("gcc", "2"), ("2", "gcc"), ("2", "2")):
            found = _run(folder, objects, caller, callee)
            if found != expected:
                pairs = zip(expected.splitlines(), found.splitlines(), strict=False)
                lines = [f"gcc {a}\ngot {b}" for a, b in pairs if a != b][:4]
                return Verdict("wrong", f"abi seed {seed}, {caller} calls {callee}:\n" + "\n".join(lines))
        return Verdict("same")


def _run(folder: Path, objects: dict[tuple[str, str], Path], caller: str, callee: str) -> str:
    program = folder / "program"
    units = [objects[caller, "caller"], objects[callee, "callee"], objects["gcc", "printers"]]
    subprocess.run(["gcc", *units, "-o", program], check=True)
    done = subprocess.run([program], capture_output=True, text=True, check=False, timeout=60)
    return f"{done.stdout}\nstatus {done.returncode}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    kinds: Counter[str] = Counter()
    for seed in range(arguments.seed, arguments.seed + arguments.count):
        verdict = check(seed, arguments.keep)
        kinds[verdict.kind] += 1
        if verdict.kind != "same":
            print(verdict.text, flush=True)
    print(", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    return 1 if kinds["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
