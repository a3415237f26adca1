"""Record layout against gcc: sizes, alignments, offsets, and the very bits of bit-fields, of hand-picked and of random
structs.  gcc sees all of them in one program, which prints what it did; cpc must have done the same."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpc.frontend import layout
from cpc.frontend.c_types import RecordT
from tests.frontend.sema.fake import analyse, record

PRELUDE = """
typedef int loose_int __attribute__((aligned(2)));
typedef int wide_int __attribute__((aligned(16)));
typedef struct { char a; int b; } inner_t;
typedef struct { char a; int b; } __attribute__((packed)) packed_t;
typedef struct {} empty_t;
typedef float v4 __attribute__((vector_size(16)));
typedef char v8c __attribute__((vector_size(8)));
enum small { S0, S1 } ;
enum negative { N0 = -1, N1 };
enum large { L0 = 0x100000000 };
enum tiny { T0, T1 = 200 } __attribute__((packed));
"""

BODIES = [
    "{ char a; int b; }",
    "{ int a; char b; }",
    "{ char a; short b; char c; long d; char e; }",
    "{ char a; long double b; char c; }",
    "{ char a; __int128 b; }",
    "{ char a; _Complex double b; }",
    "{ _Bool a; float b; double c; void *d; }",
    "{ }",
    "{ empty_t e; int a; }",
    "{ int a; empty_t e; }",
    "{ char a; int b[]; }",
    "{ char a; int b[0]; }",
    "{ long a; char b[]; }",
    "{ char a; struct { int x; char y; }; char b; }",
    "{ char a; union { int x; char y; long z; }; char b; }",
    "{ char a; struct { char p; union { short q; struct { char r, s; }; }; }; int b; }",
    "{ char a; inner_t b; char c; }",
    "{ char a; packed_t b; char c; }",
    "{ char a; inner_t b[3]; }",
    "{ char a; packed_t b[3]; int c; }",
    "{ char a; loose_int b; }",
    "{ char a; wide_int b; }",
    "{ char a; wide_int b; char c; }",
    "{ char a; v4 b; }",
    "{ char a; v8c b; char c; }",
    "{ char a; enum small b; enum tiny c; enum large d; enum negative e; }",
    "{ char a; _Alignas(8) char b; char c; }",
    "{ char a; int b __attribute__((aligned(8))); char c; }",
    "{ char a; int b __attribute__((packed)); char c; }",
    "{ char a; int b __attribute__((packed, aligned(2))); char c; }",
    "{ char a; int b __attribute__((aligned(1))); }",
    "{ char a; int b; } __attribute__((packed))",
    "{ char a; int b; } __attribute__((packed, aligned(4)))",
    "{ char a; int b; } __attribute__((aligned(16)))",
    "{ char a; int b; } __attribute__((aligned))",
    "{ char a; inner_t b; wide_int c; loose_int d; } __attribute__((packed))",
    "{ char a; int b __attribute__((aligned(4))); char c; } __attribute__((packed))",
    "{ int a : 1; int b : 2; int c : 29; int d : 1; }",
    "{ int a : 31; int b : 2; }",
    "{ unsigned a : 5; unsigned : 0; unsigned b : 5; }",
    "{ char a; int b : 4; }",
    "{ char a; int b : 28; }",
    "{ char a; int b : 24; char c; }",
    "{ char a : 4; int b : 28; char c : 1; }",
    "{ short a : 9; char b : 7; int c : 3; }",
    "{ long a : 33; int b : 31; int c : 2; }",
    "{ long a : 33; long b : 31; char c; }",
    "{ unsigned long long a : 64; int b : 1; }",
    "{ char a; unsigned long long b : 60; }",
    "{ _Bool a : 1; _Bool b : 1; char c : 6; char d : 1; }",
    "{ _Bool a : 1; int b : 7; _Bool c; }",
    "{ enum small a : 2; enum tiny b : 8; enum large c : 33; }",
    "{ char a; int : 0; char b; }",
    "{ char a; long : 0; char b; }",
    "{ char a; char : 0; char b; }",
    "{ char a; int : 5; char b; }",
    "{ int : 5; }",
    "{ int : 0; }",
    "{ char a : 1; int : 0; }",
    "{ char a : 1; long : 0; char b : 1; }",
    "{ int a : 3; short b; int c : 3; }",
    "{ short a; int b : 17; }",
    "{ char a[3]; int b : 9; int c : 9; }",
    "{ int a : 12; struct { int b : 12; }; int c : 12; }",
    "{ int a : 3 __attribute__((aligned(8))); int b : 3; }",
    "{ char x; int a : 3 __attribute__((packed)); int b : 30; }",
    "{ char x; int a : 30 __attribute__((packed)); int b : 30; }",
    "{ char x; int a : 3 __attribute__((packed, aligned(2))); int b : 30; }",
    "{ char x; int : 3 __attribute__((aligned(4))); char y; }",
    "{ loose_int a : 3; loose_int b : 30; }",
    "{ char x; wide_int a : 3; int b; }",
    "{ int a : 3; int b : 30; int c : 31; } __attribute__((packed))",
    "{ char a; int b : 9; int : 0; int c : 3; } __attribute__((packed))",
    "{ char a : 3; char b : 7; char c : 7; } __attribute__((packed))",
    "{ long a : 40; int b : 30; short c; int d : 1; } __attribute__((packed))",
    "{ char a : 3; long : 0; char b; } __attribute__((packed))",
    "{ int a : 3; int b : 30; } __attribute__((packed, aligned(2)))",
    "{ __int128 a : 100; int b; }",
    "{ char a; __int128 b : 70; }",
    "{ v4 a; int b : 3; v8c c; }",
]


def hand_picked() -> Iterator[tuple[str, str]]:
    """(tag, source) of every body as struct and union, and of some under #pragma pack."""
    for i, body in enumerate(BODIES):
        yield f"s{i}", _tagged("struct", f"s{i}", body)
        if "[]" not in body:
            yield f"u{i}", _tagged("union", f"u{i}", body)
        for pack in (1, 2, 4):
            if i % 3 == pack % 3 or ":" in body:
                tag = f"p{pack}_{i}"
                yield tag, f"#pragma pack(push, {pack})\n{_tagged('struct', tag, body)}\n#pragma pack(pop)"


def _tagged(kind: str, tag: str, body: str) -> str:
    return f"{kind} {tag} {body};"


_SCALARS = ["char", "short", "int", "long", "unsigned", "float", "double", "long double", "_Bool", "void *", "inner_t"]
_SCALARS += ["packed_t", "loose_int", "wide_int", "enum small", "enum tiny", "__int128", "v8c"]
_BITS = [("_Bool", 1), ("char", 8), ("unsigned char", 8), ("short", 16), ("unsigned short", 16), ("int", 32)]
_BITS += [("unsigned", 32), ("long", 64), ("unsigned long", 64), ("enum small", 32), ("enum tiny", 8)]
_BITS += [("loose_int", 32)]


def random_struct(rng: random.Random, tag: str) -> str:
    """A struct or union of up to twelve members."""
    counter = iter(range(1000))
    body = " ".join(_random_member(rng, counter, 0) for _ in range(rng.randint(1, 12)))
    attributes = rng.choice(["", "", "", "__attribute__((packed))", "__attribute__((aligned(8)))"])
    if rng.random() < 0.1:
        attributes = "__attribute__((packed, aligned(2)))"
    text = f"{rng.choice(['struct', 'struct', 'struct', 'union'])} {tag} {{ {body} }} {attributes};"
    if rng.random() < 0.25:
        return f"#pragma pack(push, {rng.choice([1, 2, 4, 8])})\n{text}\n#pragma pack(pop)"
    return text


def _random_member(rng: random.Random, counter: Iterator[int], depth: int) -> str:
    name, roll = f"m{next(counter)}", rng.random()
    attribute = rng.choice([""] * 8 + ["__attribute__((aligned(4)))", "__attribute__((packed))"])
    if roll < 0.55:
        type_, bits = rng.choice(_BITS)
        if rng.random() < 0.15:
            return f"{type_} : {rng.choice([0, rng.randint(1, bits)])};"
        return f"{type_} {name} : {rng.randint(1, bits)} {attribute};"
    if roll < 0.65 and depth < 2:
        inner = " ".join(_random_member(rng, counter, depth + 1) for _ in range(rng.randint(1, 4)))
        return f"{rng.choice(['struct', 'union'])} {{ {inner} }};"
    type_ = rng.choice(_SCALARS)
    dimension = f"[{rng.randint(0, 3)}]" if rng.random() < 0.2 and type_ != "wide_int" else ""
    return f"{type_} {name}{dimension} {attribute};"


def _random_structs() -> list[tuple[str, str]]:
    rng = random.Random(20240607)
    return [(f"r{i}", random_struct(rng, f"r{i}")) for i in range(250)]


def describe(found: RecordT) -> list[str]:
    """What cpc says about a record, in the form in which the C program prints what gcc says."""
    lines = [f"{found.kind} {found.tag} {found.size} {found.align}"]
    for name in _names(found):
        member = layout.find_member(found, name)
        assert member is not None
        if member.bit_width is None:
            lines.append(f"{found.tag}.{name} at {member.offset}")
        else:
            lines.append(f"{found.tag}.{name} bits {member.bit_offset} {member.bit_width}")
    return lines


def _names(found: RecordT) -> Iterator[str]:
    for member in found.members or []:
        if member.name:
            yield member.name
        elif member.bit_width is None and isinstance(member.type.type, RecordT):
            yield from _names(member.type.type)


def probes(found: RecordT) -> str:
    """C statements that print gcc's layout of a record."""
    type_ = f"{found.kind} {found.tag}"
    out = [f'printf("{type_} %zu %zu\\n", sizeof({type_}), _Alignof({type_}));']
    for name in _names(found):
        member = layout.find_member(found, name)
        assert member is not None
        if member.bit_width is None:
            out.append(f'printf("{found.tag}.{name} at %zu\\n", __builtin_offsetof({type_}, {name}));')
        else:
            out.append(f'{{ BITS({type_}, {name}); show("{found.tag}.{name}", &u, sizeof u); }}')
    return "\n    ".join(out)


PROGRAM = r"""
#include <stdio.h>
#include <string.h>
#define BITS(type, name) union { type s; unsigned char bytes[sizeof(type) + 1]; } u; \
    memset(&u, 0, sizeof u); u.s.name = (__typeof__(u.s.name + 0))-1
static void show(const char *name, void *object, size_t size)
{
    const unsigned char *bytes = object;
    long first = -1, count = 0;
    for (size_t i = 0; i < 8 * size; i++)
        if (bytes[i / 8] >> i % 8 & 1) {
            if (first < 0)
                first = (long)i;
            count++;
        }
    printf("%s bits %ld %ld\n", name, first, count);
}
"""


def test_layout_is_gccs(tmp_path: Path) -> None:
    sources = [*hand_picked(), *_random_structs()]
    text = PRELUDE + "\n".join(source for _, source in sources)
    sema, diags = analyse(text)
    assert not diags.has_errors, [d.message for d in diags.items]
    records = [record(sema, tag) for tag, _ in sources]
    program = PROGRAM + text
    for r in records:
        program += f"\nstatic void probe_{r.tag}(void)\n{{\n    {probes(r)}\n}}\n"
    calls = " ".join(f"probe_{r.tag}();" for r in records)
    (tmp_path / "p.c").write_text(f"{program}\nint main(void) {{ {calls} return 0; }}\n")
    subprocess.run(["gcc", "-w", "-O0", "-o", tmp_path / "p", tmp_path / "p.c"], check=True, timeout=120)
    said = subprocess.run([tmp_path / "p"], check=True, capture_output=True, text=True, timeout=20).stdout.splitlines()
    ours = [line for r in records for line in describe(r)]
    by_tag = dict(sources)
    wrong = [f"{a}   gcc: {b}   in {by_tag[_tag_of(a)]}" for a, b in zip(ours, said, strict=True) if a != b]
    assert not wrong, "\n".join(wrong[:20])
    assert len(records) > 400


def _tag_of(line: str) -> str:
    word = line.split()[0]
    return line.split()[1] if word in ("struct", "union") else word.split(".")[0]


@pytest.mark.parametrize(
    ("type_", "size", "align"),
    [("int *", 8, 8), ("char[3]", 3, 1), ("_Complex float", 8, 4), ("_Atomic(long)", 8, 8), ("v4", 16, 16)],
)
def test_sizes_of_other_types(type_: str, size: int, align: int) -> None:
    _, diags = analyse(
        f'{PRELUDE} _Static_assert(sizeof({type_}) == {size}, ""); _Static_assert(_Alignof({type_}) == {align}, "");'
    )
    assert not diags.items
