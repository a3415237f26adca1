"""Programs that call every builtin of x86_builtins.txt with random arguments, for comparison with gcc.

Each call is a function of its own, so that arguments are not constants, and prints the bytes of its result.  What gcc
makes of pairs of NaNs (whose payload it takes) depends on the order of operands, so numbers are ordinary ones,
infinities, and NaNs of one kind only; denormals are not among them, as rcpps and its like differ between processors.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from cpc.frontend.build import x86_builtins, x86_system

TABLE = Path(x86_builtins.__file__).with_suffix(".txt")
CALLS = 4  # of each builtin, with other constants
_LANES = {"qi": "char", "hi": "short", "si": "int", "di": "long long", "sf": "float", "df": "double"}
_SIZES = {"qi": 1, "hi": 2, "si": 4, "di": 8, "sf": 4, "df": 8}
_PRELUDE = """
#include <stdio.h>
#include <string.h>
static unsigned char memory[64] __attribute__((aligned(64)));
static unsigned char lanes[8][64] __attribute__((aligned(64)));
static unsigned long long state = SEED;
static unsigned next(void) { state = state * 6364136223846793005ull + 1442695040888963407ull; return state >> 33; }
static void show(const char *name, const void *data, int size)
{
    printf("%s", name);
    for (int i = 0; i < size; i++)
        printf(" %02x", ((const unsigned char *)data)[i]);
    for (int i = 0, same = 1; i < 64; i++)
        if (memory[i] != (unsigned char)(i * 7) && same--)
            for (int j = 0; j < 64; j++)
                printf(".%02x", memory[j]);
    printf("\\n");
    for (int i = 0; i < 64; i++)
        memory[i] = i * 7;
}
static void fill_float(float *out) { for (int i = 0; i < 16; i++) { unsigned n = next();
    out[i] = n % 11 == 0 ? 0.0f : n % 13 == 0 ? -1.0f / 0.0f : n % 17 == 0 ? 3e9f : (int)(n % 4001 - 2000) / 8.0f; } }
static void fill_double(double *out) { for (int i = 0; i < 8; i++) { unsigned n = next();
    out[i] = n % 11 == 0 ? 0.0 : n % 13 == 0 ? 1.0 / 0.0 : n % 17 == 0 ? -1e19 : (int)(n % 40001 - 20000) / 16.0; } }
static void fill(unsigned char *out) { for (int i = 0; i < 64; i++) { unsigned n = next();
    out[i] = n % 7 == 0 ? 0xff : n % 5 == 0 ? 0x80 : n % 3 == 0 ? 0 : n; } }
"""


def features() -> list[str]:
    return [line[1:-1] for line in _lines() if line.startswith("[")]


def program(feature: str, seed: int) -> str:
    """Calls of all builtins of one feature."""
    random_ = random.Random(f"{feature} {seed}")
    current, functions, calls = "", [], []
    for line in _lines():
        if line.startswith("["):
            current = line[1:-1]
        elif line and not line.startswith("#") and current == feature:
            shape, _, recipe = line.partition("=")
            name, result, *params = shape.split()
            if _comparable(name, recipe):
                for number in range(CALLS if any("#" in p for p in params) else 1):
                    functions.append(_function(f"{name}_{number}", name, result, params, random_))
                    calls.append(f"    {name}_{number}();")
    body = "\n".join(calls)
    main = f'int main(void)\n{{\n    show("", memory, 0);\n    for (int i = 0; i < 8; i++) {{\n{body}\n    }}\n}}\n'
    return _PRELUDE.replace("SEED", str(seed)) + "\n".join(functions) + main


def system_program() -> str:
    """A function for each builtin of x86_system.py, to be looked at and not to be run."""
    functions = []
    for line in x86_system.TABLE.strip().splitlines():
        name, result, *params = line.partition("|")[0].split()
        types = ["void *" if p[0] == "p" else f"{_LANES[p[:2]]} " for p in params]
        given = ", ".join("7" if p.endswith(":i") else f"a{i}" for i, p in enumerate(params))
        declared = ", ".join(f"{type_}a{i}" for i, type_ in enumerate(types)) or "void"
        returns = "void" if result == "-" else _LANES[result[:2]]
        functions.append(f"{returns} f_{name}({declared}) {{ return __builtin_ia32_{name}({given}); }}")
    return "\n".join([*functions, "long long f_rdtscp(unsigned *p) { return __builtin_ia32_rdtscp(p); }", ""])


def _lines() -> Sequence[str]:
    return TABLE.read_text(encoding="utf-8").splitlines()


def _comparable(name: str, recipe: str) -> bool:
    """Random numbers, approximations, and what is anything by contract are not."""
    words = recipe.split()
    return words[0] not in ("random", "grow") and "rcp" not in name and "rsqrt" not in name and name != "vzeroall"


def _function(title: str, name: str, result: str, params: list[str], random_: random.Random) -> str:
    lines, arguments = [], []
    for i, param in enumerate(params):
        type_, _, allowed = param.partition("#")
        if allowed:
            arguments.append(str(_constant(name, allowed, random_)))
        elif type_ == "p":
            arguments.append("(void *)memory")
        else:
            kind = {"sf": "fill_float((float *)", "df": "fill_double((double *)"}.get(type_[-2:], "fill(")
            lines.append(f"{kind}lanes[{i}]);")
            if "gather" in name and i == 2:
                lines.append(_small_indices(type_, i))
            if name == "ldmxcsr":
                lines.append(f"*(int *)lanes[{i}] = 0x1f80;")
            lines.append(f"{_c_type(type_)} a{i}; memcpy(&a{i}, lanes[{i}], sizeof a{i});")
            arguments.append(f"a{i}")
    call = f"__builtin_ia32_{name}({', '.join(arguments)})"
    if result == "void":
        lines.append(f'{call}; show("{title}", memory, 0);')
    else:
        lines.append(f"{_c_type(result)} r = ({_c_type(result)}){call}; "
                     f'show("{title}", &r, sizeof r);')  # fmt: skip
    text = "\n    ".join(lines)
    return f"static __attribute__((noinline)) void {title}(void)\n{{\n    {text}\n}}"


def _small_indices(type_: str, index: int) -> str:
    """Offsets that stay in the memory, at a scale of 8."""
    lane = _LANES[type_[-2:]]
    return f"for (int i = 0; i < {type_[1:-2]}; i++) (({lane} *)lanes[{index}])[i] = next() % 7;"


def _constant(name: str, allowed: str, random_: random.Random) -> int:
    if "," in allowed:
        return random_.choice([int(word) for word in allowed.split(",")])
    if allowed == "2040":
        return 8 * random_.choice((0, 1, 4, 7, 15, 16, 17, 20, 31, 32, 40, 255))
    if allowed == "15" and "round" in name:
        return random_.randrange(12)
    return random_.randrange(int(allowed) + 1)


def _c_type(type_: str) -> str:
    if type_[0] != "v":
        return "unsigned char" if type_ == "qi" else _LANES[type_]
    lane = type_[-2:]
    return f"__typeof__({_LANES[lane]} __attribute__((vector_size({int(type_[1:-2]) * _SIZES[lane]}))))"
