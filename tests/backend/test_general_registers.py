"""-mgeneral-regs-only: integer code stays clear of SSE, and floating point is refused where it stands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

COPY = """
#include <stddef.h>
struct big { long words[32]; };
void copy(struct big *to, const struct big *from) { *to = *from; }
void clear(struct big *to) { *to = (struct big){0}; }
"""
SUMS = """
int whole(int x) { return x / 2; }
double half(double x) { return x / 2; }
int hidden(int x) { return (int)(x * 1.5); }
"""


def compile_only(source: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    path = folder / "unit.c"
    path.write_text(source)
    command = [sys.executable, "-m", "cpc", "cc", "-O2", *options, "-S", str(path), "-o", str(folder / "unit.s")]
    return subprocess.run(command, capture_output=True, text=True)


def test_no_vector_register_is_used(tmp_path: Path) -> None:
    assert compile_only(COPY, tmp_path).returncode == 0
    assert "xmm" in (tmp_path / "unit.s").read_text()
    assert compile_only(COPY, tmp_path, "-mgeneral-regs-only").returncode == 0
    assert "xmm" not in (tmp_path / "unit.s").read_text()


def test_floating_point_is_refused_where_it_stands(tmp_path: Path) -> None:
    done = compile_only(SUMS, tmp_path, "-mgeneral-regs-only")
    assert done.returncode != 0
    assert "unit.c:3:8: error[E0317]: 'half' uses floating point" in done.stderr
    assert "unit.c:4:" in done.stderr and "'hidden'" in done.stderr
    assert "'whole'" not in done.stderr
