"""`cpc bench coroutines` on the systems that need gcc only: figures are those of programs that did the same work."""

from __future__ import annotations

import pytest

from cpc import bench_coroutines
from cpc.bench_blk import BenchError
from cpc.bench_coroutines import SYSTEMS, Report, System

_GCC = [system for system in SYSTEMS if system.name in ("plain gcc", "lazy gcc", "asm switch")]
_WRONG = (
    ("sh", "-c", "sed 's/a [*] 3 + d/a * 5 + d/' lazy.c > {dir}/wrong.c && gcc -O2 -I. {dir}/wrong.c {main} -o {out}"),
)


def test_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_coroutines, "SYSTEMS", (*_GCC, System("Rust async", "", (("no-such-rustc",),))))
    report = bench_coroutines.measure(1, ["call-3", "suspend-3"], lambda text: None)
    assert list(report.rows["call-3"]) == ["plain gcc", "lazy gcc", "asm switch"]
    assert list(report.rows["suspend-3"]) == ["lazy gcc", "asm switch"]
    assert all(0.1 < value < 10_000 for row in report.rows.values() for value in row.values())
    assert report.missing == {"Rust async": "no-such-rustc is not installed"}
    assert "no Rust async: no-such-rustc is not installed" in bench_coroutines.render_table(report)


def test_other_work_is_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_coroutines, "SYSTEMS", (*_GCC[1:2], System("wrong", "lazy.c", _WRONG)))
    with pytest.raises(BenchError, match="wrong does other work than the first in 'suspend-3'"):
        bench_coroutines.measure(1, ["suspend-3"], lambda text: None)


def test_unknown_row() -> None:
    with pytest.raises(BenchError, match="no row 'suspend-4'; there are lifecycle, "):
        bench_coroutines.measure(1, ["suspend-4"], lambda text: None)


def test_ratios() -> None:
    figures = {"plain gcc": 4.0, "plain clang": 2.0, "lazy gcc": 3.0, "cpc": 3.0, "ucontext": 6.0, "Rust async": 5.0}
    assert bench_coroutines.ratios(figures) == {"plain": 1.5, "lazy": 1.0, "others": 0.6}
    table = bench_coroutines.render_table(Report("", 1, {"call-1": figures}))
    assert table.splitlines()[1].split()[-3:] == ["1.50", "1.00", "0.60"]
