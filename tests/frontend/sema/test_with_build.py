"""Sema under the real evaluator: the initialisers of test_static_data in a program that cpc compiles, as static and as
automatic objects, against the same program compiled by gcc."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from tests.frontend.sema.fake import analyse, record
from tests.frontend.sema.test_layout import PRELUDE as LAYOUT_PRELUDE
from tests.frontend.sema.test_layout import PROGRAM as LAYOUT_PROGRAM
from tests.frontend.sema.test_layout import probes, random_struct
from tests.frontend.sema.test_static_data import OBJECTS, PRELUDE, PROGRAM


def run_both(tmp_path: Path, source: str) -> tuple[list[str], list[str]]:
    """What the program prints when cpc, and when gcc, compiles it."""
    path = tmp_path / "p.c"
    path.write_text(source)
    outputs = []
    for name, command in (("cpc", [sys.executable, "-m", "cpc", "cc"]), ("gcc", ["gcc", "-w"])):
        program = tmp_path / name
        subprocess.run([*command, "-o", program, path], check=True, timeout=120)
        said = subprocess.run([program], check=True, capture_output=True, text=True, timeout=20)
        outputs.append(said.stdout.splitlines())
    return outputs[0], outputs[1]


def differences(ours: list[str], theirs: list[str], names: list[str]) -> str:
    assert len(ours) == len(theirs) == len(names)
    return "\n".join(f"{n}\n  cpc {a}\n  gcc {b}" for n, a, b in zip(names, ours, theirs, strict=True) if a != b)


def test_static_objects(tmp_path: Path) -> None:
    objects = "".join(f"static {o.replace('NAME', f'o{i}')};\n" for i, o in enumerate(OBJECTS))
    dumps = "".join(f"dump(&o{i}, sizeof o{i});\n" for i in range(len(OBJECTS)))
    ours, theirs = run_both(tmp_path, f"{PROGRAM}{PRELUDE}{objects}int main(void) {{ {dumps} return 0; }}\n")
    assert not differences(ours, theirs, OBJECTS)


def test_automatic_objects(tmp_path: Path) -> None:
    """The stack is dirtied first, so that what nothing initialises shows; padding is left out by packing."""
    left_out = ("flex", "s[]; }", "long double", "(int[])")  # not allowed in gcc, or with padding in the value
    chosen = [o for o in OBJECTS if not any(word in o for word in left_out)]
    functions = "".join(
        f"static void f{i}(void) {{ {o.replace('NAME', 'o')}; dump(&o, sizeof o); }}\n" for i, o in enumerate(chosen)
    )
    dirt = "__attribute__((noinline)) static void dirt(void) { volatile char a[8000];"
    dirt += " for (int i = 0; i < 8000; i++) a[i] = 0x5a; }\n"
    calls = "".join(f"dirt(); f{i}();\n" for i in range(len(chosen)))
    source = f"{PROGRAM}#pragma pack(push, 1)\n{PRELUDE}{dirt}{functions}#pragma pack(pop)\n"
    ours, theirs = run_both(tmp_path, f"{source}int main(void) {{ {calls} return 0; }}\n")
    assert not differences(ours, theirs, chosen)


def test_bit_fields_at_run_time(tmp_path: Path) -> None:
    """Where cpc's code stores bit-fields, and what sizeof and offsetof say, in random records."""
    rng = random.Random(99)
    sources = [(f"r{i}", random_struct(rng, f"r{i}")) for i in range(60)]
    text = LAYOUT_PRELUDE + "\n".join(source for _, source in sources)
    sema, _ = analyse(text)
    records = [record(sema, tag) for tag, _ in sources]
    functions = "".join(f"static void probe_{r.tag}(void)\n{{\n    {probes(r)}\n}}\n" for r in records)
    calls = " ".join(f"probe_{r.tag}();" for r in records)
    program = f"{LAYOUT_PROGRAM}{text}\n{functions}int main(void) {{ {calls} return 0; }}\n"
    ours, theirs = run_both(tmp_path, program)
    assert ours == theirs
    assert len(ours) > 300
